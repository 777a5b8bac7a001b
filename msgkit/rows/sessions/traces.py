"""Spans of OpenTelemetry as OTLP has them in JSON: those of one trace are one history."""

import json
from collections.abc import Iterator, Mapping
from typing import IO, Any

from msgkit.errors import InvalidMessageError
from msgkit.jsontext.fast import MAX_ROW, loads
from msgkit.rows.sessions.lines import History, objects

_INPUT, _OUTPUT, _SYSTEM = "gen_ai.input.messages", "gen_ai.output.messages", "gen_ai.system_instructions"
_KEPT = (_SYSTEM, "gen_ai.request.model", "gen_ai.tool.definitions")


def histories(stream: IO[bytes]) -> Iterator[History]:
    """Yield the messages of each trace: its spans in the order of time, what they repeat once."""
    traces: dict[str, list[tuple[int, dict[str, Any]]]] = {}
    for request in _requests(stream):
        for span in _spans(request):
            attributes = {one["key"]: _plain(one.get("value")) for one in _items(span, "attributes") if "key" in one}
            if {_INPUT, _OUTPUT} & attributes.keys():
                start = str(span.get("startTimeUnixNano", ""))
                found = traces.setdefault(str(span.get("traceId")), [])
                found.append((int(start) if start.isdigit() else 0, attributes))
    for name, spans in traces.items():
        yield History({"id": name, **_joined([attributes for _, attributes in sorted(spans, key=lambda one: one[0])])})


def _requests(stream: IO[bytes]) -> Iterator[Mapping[str, Any]]:
    """Yield the requests of an export, one a line, or the one that is the whole file."""
    try:
        loads(stream.readline(MAX_ROW))
        is_whole = False
    except InvalidMessageError:
        is_whole = True
    stream.seek(0)
    if is_whole:
        yield loads(stream.read(MAX_ROW))
    else:
        yield from (line.value for line in objects(stream))


def _spans(request: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for resource in _items(request, "resourceSpans"):
        for scope in _items(resource, "scopeSpans"):
            yield from _items(scope, "spans")


def _items(value: Mapping[str, Any], key: str) -> Iterator[Mapping[str, Any]]:
    found = value.get(key)
    return (one for one in (found if isinstance(found, list) else ()) if isinstance(one, dict))


def _plain(value: Any) -> Any:
    """Return an attribute's value without its type."""
    if not isinstance(value, dict) or len(value) != 1:
        return value
    kind, held = next(iter(value.items()))
    if kind == "arrayValue" and isinstance(held, dict):
        return [_plain(one) for one in held.get("values") or ()]
    if kind == "kvlistValue" and isinstance(held, dict):
        return {str(one.get("key")): _plain(one.get("value")) for one in _items(held, "values")}
    return held


def _joined(spans: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the attributes of one history: what a span repeats of those before it is once."""
    history: list[Any] = []
    head: dict[str, Any] = {}
    said: list[Any] = []
    for span in spans:
        said = _messages(span.get(_OUTPUT))
        whole = _messages(span.get(_INPUT)) + said
        keys, before = list(map(_key, whole)), list(map(_key, history))
        if keys != before[: len(keys)]:
            most = min(len(keys), len(before))
            known = next((k for k in range(most, 0, -1) if before[-k:] == keys[:k]), 0)
            history += whole[known:]
        head |= {key: span[key] for key in _KEPT if key in span}
    count = len(said) if said and list(map(_key, history[-len(said) :])) == list(map(_key, said)) else 0
    lists = {_INPUT: history[: len(history) - count], _OUTPUT: history[len(history) - count :]}
    return {**head, **{key: messages for key, messages in lists.items() if messages}}


def _key(message: Any) -> str:
    """Return what tells a message: its reason to finish is not repeated."""
    rest = {key: value for key, value in message.items() if key != "finish_reason"} if isinstance(message, dict) else 0
    return json.dumps(rest or message, sort_keys=True)


def _messages(value: Any) -> list[Any]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return []
    return value if isinstance(value, list) else []
