"""
Spans in JSON, as OTLP, OpenTelemetry's SDK and Phoenix write them: those of one trace are one history.

Messages are OpenTelemetry's, as attributes or as the events that they were before, OpenInference's
(``llm.input_messages``), or OpenLLMetry's (``gen_ai.prompt.0.role``), whose attributes are one a key, nested, or both.
The settings of a call (``llm.invocation_parameters``) are left out.

Source: semantic-conventions-genai; OpenInference ``spec/semantic_conventions.md``, ``spec/tool_calling.md`` and
``spec/multimodal_attributes.md``; OpenLLMetry ``opentelemetry-semantic-conventions-ai``; Phoenix, exporting spans.
"""

import json
from collections.abc import Iterator, Mapping
from typing import IO, Any

import attrs

from msgkit.rows.sessions.chat import with_ids
from msgkit.rows.sessions.lines import History, objects_in, parsed, records

_INPUT, _OUTPUT, _SYSTEM = "gen_ai.input.messages", "gen_ai.output.messages", "gen_ai.system_instructions"
_KEPT = (_SYSTEM, "gen_ai.request.model", "gen_ai.tool.definitions")


@attrs.frozen
class _Span:
    """What one call was asked, and what it said."""

    asked: list[Any]
    said: list[Any]
    head: Mapping[str, Any]  # keys of the body
    own: bool = False  # whether the messages are OpenTelemetry's


def histories(stream: IO[bytes]) -> Iterator[History]:
    """Yield the messages of each trace: its spans in the order of time, what they repeat once."""
    traces = _Traces()
    for _, request in records(stream):
        for span in _spans(request):
            start = str(span.get("startTimeUnixNano", ""))
            events = [{**one, "attributes": _attributes(one)} for one in _items(span, "events")]
            attributes = {"events": events, **_attributes(span)}
            traces.add(str(span.get("traceId")), int(start) if start.isdigit() else 0, attributes)
    yield from traces.histories()


def spans(stream: IO[bytes]) -> Iterator[History]:
    """Do the same with spans that are an object each, as the SDK and Phoenix write them, or a table of them."""
    traces = _Traces()
    for _, record in records(stream):
        outer = _nested({key: value for key, value in record.items() if key != "attributes"})
        context = outer.get("context")
        name = context.get("trace_id") if isinstance(context, Mapping) else None
        attributes = record.get("attributes", outer.get("attributes"))
        if isinstance(attributes, Mapping):
            events = {"events": record["events"]} if isinstance(record.get("events"), list) else {}
            traces.add(str(name), record.get("start_time"), {**events, **attributes})
    yield from traces.histories()


@attrs.define
class _Traces:
    """Spans of each trace, with what tells their order."""

    by_name: dict[str, list[tuple[Any, _Span]]] = attrs.field(factory=dict)

    def add(self, name: str, start: Any, attributes: Mapping[str, Any]) -> None:
        """Note a span, if it has messages."""
        span = _of_convention(attributes)
        if span is not None:
            spans = self.by_name.setdefault(name, [])
            spans.append((start if isinstance(start, int | float | str) else len(spans), span))

    def histories(self) -> Iterator[History]:
        """Yield what each trace says."""
        for name, spans in self.by_name.items():
            ordered = [span for _, span in sorted(spans, key=lambda one: (isinstance(one[0], str), one[0]))]
            own = [span for span in ordered if span.own]
            yield from (History({"id": name, **body}) for body in _joined(own or ordered))


def _spans(request: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for resource in _items(request, "resourceSpans"):
        for scope in _items(resource, "scopeSpans"):
            yield from _items(scope, "spans")


def _items(value: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    return objects_in(value.get(key))


def _attributes(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return attributes as an object."""
    known = [one for one in _items(value, "attributes") if isinstance(one.get("key"), str)]
    return {one["key"]: _plain(one.get("value")) for one in known}


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


@attrs.define
class _Talk:
    """What spans of one agent say: what a span repeats of those before it is once."""

    messages: list[Any] = attrs.field(factory=list)
    head: dict[str, Any] = attrs.field(factory=dict)
    said: list[Any] = attrs.field(factory=list)

    def goes_on(self, span: _Span) -> bool:
        """Return whether a span begins as the messages do."""
        pairs = zip(map(_key, self.messages), map(_key, span.asked + span.said), strict=False)
        return all(one == two for one, two in pairs)

    def add(self, span: _Span) -> None:
        """Add what a span says, which may end as the messages so far begin."""
        whole, self.said = span.asked + span.said, span.said
        keys, before = list(map(_key, whole)), list(map(_key, self.messages))
        if keys != before[: len(keys)]:
            most = min(len(keys), len(before))
            self.messages += whole[next((k for k in range(most, 0, -1) if before[-k:] == keys[:k]), 0) :]
        self.head |= span.head

    def body(self, *, own: bool) -> dict[str, Any]:
        """Return the messages as a body."""
        if not own:
            return {**self.head, "messages": with_ids(self.messages)}
        history, said = self.messages, self.said
        count = len(said) if said and list(map(_key, history[-len(said) :])) == list(map(_key, said)) else 0
        lists = {_INPUT: history[: len(history) - count], _OUTPUT: history[len(history) - count :]}
        return {**self.head, **{key: messages for key, messages in lists.items() if messages}}


def _joined(spans: list[_Span]) -> Iterator[dict[str, Any]]:
    """Yield the history of each agent of a trace: one that begins with another system prompt is another's."""
    talks: list[_Talk] = []
    for span in spans:
        talk = next((one for one in reversed(talks) if one.goes_on(span)), None)
        if talk is None and (not talks or _is_told(span, talks[-1])):
            talk = _Talk()
            talks.append(talk)
        (talk or talks[-1]).add(span)
    yield from (talk.body(own=spans[0].own) for talk in talks)


def _is_told(span: _Span, before: _Talk) -> bool:
    """Return whether a span has a system prompt that is not the one before."""
    prompt, other = (next(iter(messages), None) for messages in (span.asked, before.messages))
    is_prompt = isinstance(prompt, Mapping) and prompt.get("role") in ("system", "developer")
    told = span.head.get(_SYSTEM)
    return (is_prompt and _key(prompt) != _key(other)) or (told is not None and told != before.head.get(_SYSTEM, told))


def _key(message: Any) -> str:
    """Return what tells a message: its reason to finish is not repeated."""
    rest = {key: value for key, value in message.items() if key != "finish_reason"} if isinstance(message, dict) else 0
    return json.dumps(rest or message, sort_keys=True)


def _messages(value: Any) -> list[Any]:
    value = parsed(value)
    return value if isinstance(value, list) else []


# ---- messages of other conventions, as Chat Completions


def _of_convention(attributes: Mapping[str, Any]) -> _Span | None:
    """Return the messages of a span by the convention that its attributes follow; None where there are none."""
    if {_INPUT, _OUTPUT} & attributes.keys():
        head = {key: attributes[key] for key in _KEPT if key in attributes}
        return _Span(_messages(attributes.get(_INPUT)), _messages(attributes.get(_OUTPUT)), head, own=True)
    tree = _nested(attributes)
    model, gen_ai = (tree[key] if isinstance(tree.get(key), Mapping) else {} for key in ("llm", "gen_ai"))
    lists = [model.get(key) for key in ("input_messages", "output_messages")]
    tools = [parsed(tool.get("json_schema")) for tool in _unwrapped(model.get("tools"), "tool")]
    name = model.get("model_name")
    if not any(isinstance(one, list) for one in lists):
        lists = [gen_ai.get(key) for key in ("prompt", "completion")]
        request = gen_ai.get("request")
        name = request.get("model") if isinstance(request, Mapping) else None
    if not any(isinstance(one, list) for one in lists):
        lists = _of_events(attributes.get("events"))
    if not any(lists):
        return None
    asked, said = ([_message(one) for one in _unwrapped(some, "message")] for some in lists)
    head = {"model": name, "tools": [tool for tool in tools if isinstance(tool, dict)]}
    return _Span(asked, said, {key: value for key, value in head.items() if value})


def _of_events(events: Any) -> list[Any]:
    """Return what was asked and said by the events of older conventions, one a message."""
    asked, said = list[Any](), list[Any]()
    for event in objects_in(parsed(events)):
        own = event["attributes"] if isinstance(event.get("attributes"), Mapping) else event
        _, role, *rest = (*str(event.get("event.name", event.get("name"))).split("."), "")
        message = parsed(own.get("message"))
        if role == "choice" and isinstance(message, Mapping):
            said.append({"role": "assistant", **message})
        elif rest[:1] == ["message"]:
            told = {"role": role, **own, "tool_calls": parsed(own.get("tool_calls"))}
            asked.append(told | ({"tool_call_id": own.get("id")} if role == "tool" else {}))
    return [asked, said]


def _nested(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Return attributes with dotted keys as objects, and numbers among them as lists."""
    tree: dict[str, Any] = {}
    for key, value in attributes.items():
        *path, last = key.split(".")
        node = tree
        for step in path:
            node = node.setdefault(step, {}) if isinstance(node.setdefault(step, {}), dict) else {}
        inner = _inner(value)
        node[last] = {**node[last], **inner} if isinstance(node.get(last), dict) and isinstance(inner, dict) else inner
    return {key: _listed(value) for key, value in tree.items()}


def _inner(value: Any) -> Any:
    if isinstance(value, Mapping):
        return _nested(value)
    return [_inner(one) for one in value] if isinstance(value, list) else value


def _listed(value: Any) -> Any:
    """Return objects whose keys are all numbers as lists."""
    if not isinstance(value, dict):
        return value
    items = {key: _listed(one) for key, one in value.items()}
    return [items[key] for key in sorted(items, key=int)] if items and all(map(str.isdecimal, items)) else items


def _unwrapped(values: Any, name: str) -> list[Mapping[str, Any]]:
    """Return the objects of a list, each of which may be alone under the key *name*."""
    items = [one.get(name, one) for one in (values if isinstance(values, list) else ()) if isinstance(one, Mapping)]
    return [one for one in items if isinstance(one, Mapping)]


def _message(message: Mapping[str, Any]) -> dict[str, Any]:
    parts = [part for one in _unwrapped(message.get("contents"), "message_content") for part in _part(one)]
    content = parts or _parsed_parts(message.get("content"))
    calls = [_call(one) for one in _unwrapped(message.get("tool_calls"), "tool_call")]
    result = message.get("tool_call_id")
    role = "tool" if isinstance(result, str) else str(message.get("role") or "assistant").lower()
    thoughts = [part["text"] for part in parts if part["type"] in _THOUGHTS and isinstance(part["text"], str)]
    if thoughts and isinstance(content, list):
        content = [part for part in content if part["type"] not in _THOUGHTS] or None
    told = {"reasoning": "\n".join(thoughts) or None, "tool_calls": calls or None, "tool_call_id": result}
    name = {"name": message["name"]} if isinstance(message.get("name"), str) else {}
    return {"role": role, "content": content, **name, **{key: value for key, value in told.items() if value}}


_THOUGHTS = ("reasoning", "thinking")


def _parsed_parts(content: Any) -> Any:
    """Return a content, a JSON text of parts parsed: OpenLLMetry writes it so."""
    parts = parsed(content)
    are_parts = isinstance(parts, list) and parts and all(isinstance(one, dict) and "type" in one for one in parts)
    return parts if are_parts else content


def _part(part: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    kind = part.get("type")
    if kind in ("text", *_THOUGHTS):
        yield {"type": kind, "text": part.get("text")}
    for sort in ("image", "audio"):
        media = part.get(sort)
        media = media.get(sort, media) if isinstance(media, Mapping) else None
        if isinstance(media, Mapping) and isinstance(media.get("url"), str):
            yield {"type": f"{sort}_url", f"{sort}_url": {"url": media["url"]}}


def _call(call: Mapping[str, Any]) -> dict[str, Any]:
    own = call.get("function")
    own = own if isinstance(own, Mapping) else call
    arguments = own.get("arguments")
    text = arguments if isinstance(arguments, str) else json.dumps(arguments or {}, ensure_ascii=False)
    name = {"id": call["id"]} if isinstance(call.get("id"), str) else {}
    return {**name, "type": "function", "function": {"name": own.get("name"), "arguments": text}}
