"""
Logs of calls: records of a request and what came back; the answer is appended to its request.

Source: LiteLLM docs, StandardLoggingPayload; Amazon Bedrock user guide, model invocation logging; Langfuse docs, blob
storage export; LangSmith docs, run data format; Helicone docs, export; Weave docs, Call schema.
"""

from collections.abc import Iterator, Mapping
from typing import IO, Any

import attrs

from msgkit.jsontext.values import type_of
from msgkit.rows.sessions.lines import History, parsed, records

_LISTS = ("messages", "contents", "input")


@attrs.frozen
class _Log:
    """Where the records of one log have what."""

    mark: tuple[str, ...]  # keys that its records have
    request: tuple[str, ...]
    answer: tuple[str, ...]
    sort: str = ""  # the key that says what a record is, and which of them are calls
    calls: tuple[str, ...] = ()
    any_function: bool = False  # whether records are calls of any function, those of models among them


_LOGS = (
    _Log(("schemaType", "modelId"), ("input", "inputBodyJson"), ("output", "outputBodyJson")),
    _Log(("run_type", "inputs"), ("inputs",), ("outputs",), "run_type", ("llm",)),
    _Log(("traceId", "type"), ("input",), ("output",), "type", ("GENERATION",)),
    _Log(("trace_id", "type"), ("input",), ("output",), "type", ("GENERATION",)),
    _Log(("op_name", "inputs"), ("inputs",), ("output",), any_function=True),
    _Log(("call_type", "response"), (), ("response",)),
    _Log(("request_body", "response_body"), ("request_body",), ("response_body",)),
    _Log(("request", "response"), ("request",), ("response",)),
)


def histories(stream: IO[bytes]) -> Iterator[History]:
    """Yield the request of each call with its answer; records of other things are left out."""
    for number, record in records(stream):
        log = next((one for one in _LOGS if all(key in record for key in one.mark)), None)
        if log is None or (log.sort and record.get(log.sort) not in log.calls):
            continue
        body, answer = _request(record, log), _answer(_value(record, log.answer))
        key = next((key for key in _LISTS if isinstance(body.get(key), list)), None)
        if log.any_function and (key is None or answer is None):
            continue
        if key is not None and answer is not None and (key == answer[0] or {key, answer[0]} == {"messages", "input"}):
            old, key = key, "input" if "input" in (key, answer[0]) else key
            whole = [*body[old], *answer[1]]
            body = {key if name == old else name: whole if name == old else one for name, one in body.items()}
        name = next(
            (record[key] for key in ("id", "request_id", "requestId") if isinstance(record.get(key), str)), None
        )
        origin = {"line": number, **({} if name is None else {"id": name})}
        yield History(body, [origin] * len(body[key]) if key is not None else ())


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
    if not log.request:  # the record is the request
        settings = record.get("model_parameters")
        value = {key: record[key] for key in ("model", *_LISTS) if key in record}
        value |= settings if isinstance(settings, dict) else {}
    if not isinstance(value, dict):
        return dict(record)  # which is refused: it is no body
    if log.any_function:
        value = {key: one for key, one in value.items() if key != "self"}
    messages = value.get("messages")
    if isinstance(messages, str):
        messages = [[{"role": "user", "content": messages}]]
    if isinstance(messages, list) and len(messages) == 1 and isinstance(messages[0], list):
        return {**value, "messages": messages[0]}  # a batch of one, as LangChain has it
    return dict(value)


def _answer(value: Any) -> tuple[str, list[Any]] | None:
    """Return the list that an answer belongs to, and what it adds; None where there is none."""
    if isinstance(value, str) and value:
        return "messages", [{"role": "assistant", "content": value}]
    if isinstance(value, list):
        inner = value[0] if len(value) == 1 else None
        types = {str(type_of(one)) for one in value}
        if types and types <= _ITEMS:
            return "input", value
        if types and types <= _BLOCKS:
            return "messages", [{"role": "assistant", "content": value}]
        return _answer(inner) if isinstance(inner, list | Mapping) else None
    if not isinstance(value, Mapping):
        return None
    for key, inner_key, name in (("choices", "message", "messages"), ("candidates", "content", "contents")):
        if isinstance(value.get(key), list) and value[key] and isinstance(value[key][0], Mapping):
            inner = value[key][0].get(inner_key)
            return (name, [inner]) if isinstance(inner, Mapping) else None
    if "lc" in value:
        return "messages", [value]
    if "content" not in value:
        return next((told for key in _INNER if (told := _answer(value.get(key))) is not None), None)
    kept = ("role", "content") if value.get("type") == "message" else tuple(value)  # Anthropic describes the response
    return "messages", [{key: value[key] for key in kept if key in value}]


_ITEMS = frozenset(("message", "reasoning", "function_call", "custom_tool_call", "web_search_call"))
_BLOCKS = frozenset(("text", "thinking", "tool_use"))
_INNER = ("output", "message", "messages", "generations", "completion")  # where an answer may be in what came back
