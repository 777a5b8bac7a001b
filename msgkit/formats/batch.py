"""
Lines of the Batch files of five providers: requests, and the results that come back.

Source: OpenAI, Batch guide; Anthropic, batch processing; Gemini, Batch API; Mistral, batch inference; Amazon Bedrock,
batch inference (invocation type Converse).
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from msgkit.errors import quote

_OK = 200  # HTTP


class Provider(NamedTuple):
    """One Batch API."""

    name: str  # what users call it
    # format -> the endpoint that takes it, empty where a line names none; the first is the usual one
    endpoints: Mapping[str, str]
    id_key: str = "custom_id"  # the key of a request's id
    body_key: str = "body"  # the key of its body
    model_key: str | None = "model"  # where a body names its model; None where the job does
    one_model: bool = True  # whether a file has requests to one model alone
    id_pattern: str = r"(?s).+"  # what an id may be

    def line(self, name: str, body: Mapping[str, Any], endpoint: str) -> dict[str, Any]:
        """Return a request as a line of a file."""
        way = {"method": "POST", "url": endpoint} if endpoint else {}
        return {self.id_key: name, **way, self.body_key: body}

    def takes_id(self, name: str) -> bool:
        """Return whether the API takes this id."""
        return re.fullmatch(self.id_pattern, name) is not None


PROVIDERS: Mapping[str, Provider] = {
    one.name: one
    for one in (
        Provider("openai", {"openai": "/v1/chat/completions", "responses": "/v1/responses"}),
        Provider("anthropic", {"anthropic": ""}, body_key="params", one_model=False, id_pattern=r"[a-zA-Z0-9_-]{1,64}"),
        Provider("gemini", {"gemini": ""}, id_key="key", body_key="request", model_key=None),
        Provider("mistral", {"mistral": ""}),
        Provider("bedrock", {"bedrock": ""}, id_key="recordId", body_key="modelInput", model_key=None),
    )
}

MODEL_KEYS = ("model", "modelId")
ID_KEYS = ("custom_id", "key", "recordId")


def provider_of(format_name: str) -> Provider | None:
    """Return the provider whose Batch takes a format."""
    return next((one for one in PROVIDERS.values() if format_name in one.endpoints), None)


def format_in(body_key: str, around: Mapping[str, Any]) -> str | None:
    """Return the format of a body that looks like Chat Completions, where the keys of its line are one provider's."""
    takers = [one for one in PROVIDERS.values() if one.body_key == body_key and one.id_key in around]
    return next(iter(takers[0].endpoints)) if len(takers) == 1 else None


class ResultError(ValueError):
    """A line of results that no answer can be read from; the message says why."""


class Answer(NamedTuple):
    """What came back for a request."""

    name: str  # the id of the request
    format: str = ""  # the format of the answer
    body: Mapping[str, Any] | None = None  # the answer as a body of that format; None where the request failed
    failure: str = ""  # why, if it did


def read_result(line: Any, choice: int | None = None) -> Answer:
    """Read a line of results."""
    name = next((line[key] for key in ID_KEYS if key in line), None) if isinstance(line, Mapping) else None
    if not isinstance(name, str):
        raise ResultError("it names no request (custom_id, key or recordId)")
    try:
        return _read(name, line, choice)
    except ResultError as error:
        return Answer(name, failure=str(error))
    except (KeyError, TypeError, IndexError, AttributeError, ValueError) as error:
        return Answer(name, failure=f"the result holds no answer: {_fault(error)}")


def _fault(error: Exception) -> str:
    return f"it has no {error}" if isinstance(error, KeyError) else f"{type(error).__name__} {quote(str(error))}"


def _read(name: str, line: Mapping[str, Any], choice: int | None) -> Answer:
    if "result" in line:
        return _anthropic(name, line["result"])
    if line.get("error"):
        return Answer(name, failure=_reason(line["error"]))
    if "modelOutput" in line:
        output = line["modelOutput"]
        if "output" not in output:
            return Answer(name, "anthropic", {"messages": [_message(output)]})
        return Answer(name, "bedrock", {"messages": [output["output"]["message"]]})
    response = line["response"]
    if "candidates" in response or "promptFeedback" in response:
        return _gemini(name, response, choice)
    if response.get("status_code", _OK) != _OK:
        return Answer(name, failure=f"status {quote(response['status_code'])}: {_reason(response.get('body'))}")
    body = response["body"]
    if isinstance(body.get("output"), list):
        return Answer(name, "responses", {"input": body["output"]})
    return Answer(name, "openai", {"messages": [_chosen(body["choices"], choice)["message"]]})


def _gemini(name: str, response: Mapping[str, Any], choice: int | None) -> Answer:
    blocked = (response.get("promptFeedback") or {}).get("blockReason")
    if blocked:
        return Answer(name, failure=f"the prompt was blocked: {quote(blocked)}")
    chosen = _chosen(response["candidates"], choice)
    if "content" not in chosen:
        return Answer(name, failure=f"the answer has no content: {quote(chosen.get('finishReason'))}")
    return Answer(name, "gemini", {"contents": [chosen["content"]]})


def _anthropic(name: str, result: Mapping[str, Any]) -> Answer:
    if result["type"] == "succeeded":
        return Answer(name, "anthropic", {"messages": [_message(result["message"])]})
    why = f": {_reason(result['error'])}" if result.get("error") else ""
    return Answer(name, failure=f"{quote(result['type'])}{why}")


def _message(message: Mapping[str, Any]) -> dict[str, Any]:
    """Return a message of Anthropic's without what describes the response."""
    return {"role": message["role"], "content": message["content"]}


def _chosen(choices: list[Any], choice: int | None) -> Any:
    if not choices:
        raise ResultError("the result has no choice")
    if choice is None and len(choices) > 1:
        raise ResultError(f"the result has {len(choices)} choices; say which to append (--choice 0)")
    known = {one.get("index", number): one for number, one in enumerate(choices)}
    if (choice or 0) not in known and choice is not None:
        raise ResultError(f"the result has no choice {choice}")
    return choices[0] if choice is None else known[choice]


def _reason(error: Any) -> str:
    """Return what an error says, wherever its message stands."""
    while isinstance(error, Mapping) and isinstance(error.get("error"), Mapping):
        error = error["error"]
    keys = ("message", "errorMessage")
    told = next((error[key] for key in keys if key in error), error) if isinstance(error, Mapping) else error
    return quote(told)
