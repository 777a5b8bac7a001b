"""
Logs of calls: records of a request and what came back; the answer is appended to its request.

A call that has several answers is a row for each.

Source: LiteLLM docs, StandardLoggingPayload; Amazon Bedrock user guide, model invocation logging; Langfuse docs, blob
storage export; LangSmith docs, run data format; Helicone docs, export; Weave docs, Call schema; Braintrust docs,
export; MLflow ``mlflow/entities/trace.py`` and ``mlflow/tracing/constant.py``; DSPy ``dspy/clients/base_lm.py``.
"""

from collections.abc import Iterator, Mapping
from typing import IO, Any

import attrs

from msgkit.jsontext.values import type_of
from msgkit.rows.sessions.lines import History, objects_in, parsed, records

_LISTS = ("messages", "contents", "input")


@attrs.frozen
class _Log:
    """Where the records of one log have what."""

    mark: tuple[str, ...]  # keys that its records have
    request: tuple[str, ...]
    answer: tuple[str, ...]
    sort: tuple[str, ...] = ()  # where a record says what it is, and which of them are calls
    calls: tuple[str, ...] = ()
    settings: str = ""  # the key of what is beside the messages, where the record is the request
    any_function: bool = False  # whether records are calls of any function, those of models among them


_LOGS = (
    _Log(("schemaType", "modelId"), ("input", "inputBodyJson"), ("output", "outputBodyJson")),
    _Log(("run_type", "inputs"), ("inputs",), ("outputs",), ("run_type",), ("llm",)),
    _Log(("traceId", "type"), ("input",), ("output",), ("type",), ("GENERATION",)),
    _Log(("trace_id", "type"), ("input",), ("output",), ("type",), ("GENERATION",)),
    _Log(("span_attributes", "input"), ("input",), ("output",), ("span_attributes", "type"), ("llm",)),
    _Log(
        ("attributes", "name"),
        ("attributes", "mlflow.spanInputs"),
        ("attributes", "mlflow.spanOutputs"),
        ("attributes", "mlflow.spanType"),
        ("CHAT_MODEL", "LLM", '"CHAT_MODEL"', '"LLM"'),
    ),
    _Log(("op_name", "inputs"), ("inputs",), ("output",), any_function=True),
    _Log(("call_type", "response"), (), ("response",), settings="model_parameters"),
    _Log(("request_body", "response_body"), ("request_body",), ("response_body",)),
    _Log(("request", "response"), ("request",), ("response",)),
    _Log(("inputs", "outputs"), ("inputs",), ("outputs",)),
    _Log(("messages", "response"), (), ("response",), settings="kwargs"),
)
_NESTED = (("observations",), ("data", "spans"))  # where a record has those of its calls


def histories(stream: IO[bytes]) -> Iterator[History]:
    """Yield the request of each call with its answer; records of other things are left out."""
    for number, outer in records(stream):
        for record in _records(outer):
            log = next((one for one in _LOGS if all(key in record for key in one.mark)), None)
            if log is None or (log.sort and _value(record, log.sort) not in log.calls):
                continue
            told = _value(record, log.answer)
            told = record["outputs"] if isinstance(told, str) and log.settings and "outputs" in record else told
            body, answers = _request(record, log), list(_answers(told))
            key = next((key for key in _LISTS if isinstance(body.get(key), list)), None)
            if log.any_function and (key is None or not answers):
                continue
            if key is None and answers:
                yield History(dict(record))  # which is refused: there is nothing that the answer could follow
                continue
            name = next((record[one] for one in _IDS if isinstance(record.get(one), str)), None)
            origin = {"line": number, **({} if name is None else {"id": name})}
            for name, said in answers or [("", [])]:
                whole, key = _joined(body, key, name, said)
                yield History(whole, [origin] * len(whole[key]) if key is not None else ())


_IDS = ("id", "request_id", "requestId", "span_id")


def _records(record: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the records of the calls in one that holds them, in the order of their time."""
    known = next((inner for path in _NESTED if (inner := objects_in(_value(record, path)))), [record])
    return sorted(known, key=lambda one: str(one.get("startTime", one.get("start_time_unix_nano", ""))))


def _joined(body: dict[str, Any], key: str | None, name: str, said: list[Any]) -> tuple[dict[str, Any], str | None]:
    """Return a request with its answer at the end of its list, and the key of the list."""
    if key is None or not (key == name or {key, name} == {"messages", "input"}):
        return body, key
    new = "input" if "input" in (key, name) else key
    is_whole = said[: len(body[key])] == body[key]  # what came back begins with what was asked
    whole = said if is_whole else [*body[key], *said]
    return {new if one == key else one: whole if one == key else value for one, value in body.items()}, new


def _value(record: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    """Return what stands at a path, a JSON text parsed."""
    value: Any = record
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return parsed(value)


def _request(record: Mapping[str, Any], log: _Log) -> dict[str, Any]:
    value = _value(record, log.request)
    if isinstance(value, list):
        value = {"messages": value}
    if log.settings:  # the record is the request
        settings = record.get(log.settings)
        value = {key: record[key] for key in ("model", *_LISTS) if record.get(key) is not None}
        value |= settings if isinstance(settings, dict) else {}
    if not isinstance(value, dict):
        return dict(record)  # which is refused: it is no body
    inner = parsed(value.get("body"))
    if isinstance(inner, dict):  # a request as it was sent, with its URL
        value = inner
    if log.any_function:
        value = {key: one for key, one in value.items() if key != "self"}
    messages = value.get("messages")
    if isinstance(messages, str):
        messages = [[{"role": "user", "content": messages}]]
    if isinstance(messages, list) and len(messages) == 1 and isinstance(messages[0], list):
        return {**value, "messages": messages[0]}  # a batch of one, as LangChain has it
    return dict(value)


def _answers(value: Any) -> Iterator[tuple[str, list[Any]]]:
    """Yield the list that an answer belongs to, and what it adds, for each of the answers to choose from."""
    if isinstance(value, str) and value:
        yield "messages", [{"role": "assistant", "content": value}]
    elif isinstance(value, list):
        yield from _of_list(value)
    elif isinstance(value, Mapping):
        yield from _of_object(value)


def _of_list(value: list[Any]) -> Iterator[tuple[str, list[Any]]]:
    types = {str(type_of(one)) for one in value}
    if types and types <= _ITEMS:
        yield "input", value
    elif types and types <= _BLOCKS:
        yield "messages", [{"role": "assistant", "content": value}]
    elif any(one.get("role", one.get("type")) not in _SAID for one in objects_in(value) if not _CHOICE & one.keys()):
        yield "messages", value  # one after the other
    else:
        for inner in value:
            one = inner.get("message", inner) if isinstance(inner, Mapping) else inner  # a choice
            yield from _answers(one)


def _of_object(value: Mapping[str, Any]) -> Iterator[tuple[str, list[Any]]]:
    inner = parsed(value.get("body"))
    if isinstance(inner, Mapping):
        yield from _of_object(inner)
        return
    for key, inner_key, name in (("choices", "message", "messages"), ("candidates", "content", "contents")):
        if objects_in(value.get(key)):
            said = [one.get(inner_key) for one in objects_in(value[key])]
            yield from ((name, [one]) for one in said if isinstance(one, Mapping))
            return
    if "lc" in value:
        yield "messages", [value]
    elif "content" not in value:
        yield from next((told for key in _INNER if (told := list(_answers(value.get(key))))), [])
    else:
        kept = (
            ("role", "content") if value.get("type") == "message" else tuple(value)
        )  # Anthropic describes the response
        yield "messages", [{key: value[key] for key in kept if key in value}]


_SAID = ("assistant", "model", "ai", None)
_CHOICE = frozenset(("message", "text", "lc"))
_ITEMS = frozenset(("message", "reasoning", "function_call", "custom_tool_call", "web_search_call"))
_BLOCKS = frozenset(("text", "thinking", "tool_use"))
_INNER = ("output", "message", "messages", "generations", "completion")  # where an answer may be in what came back
