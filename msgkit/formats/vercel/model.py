"""
The AI SDK's ModelMessages: what ``generateText`` takes.

Found in: ``response.messages`` of ``generateText``, as applications keep them.

What differs from Chat Completions:

- calls are parts ``{type: tool-call, toolCallId, toolName, input}`` among the content, reasoning is a part;
- a tool message holds the results of several calls, each with an ``output`` of a type;
- media are files: ``{type: file, data, mediaType}``, base64 or a URL.

CoreMessages of the AI SDK 4, with ``args``, ``result`` and ``mimeType``, are read and written back as they were.

Source: vercel/ai ``packages/provider-utils/src/types``, ``packages/ai/src/prompt/content-part.ts``.
"""

from collections.abc import Mapping
from typing import Any

import attrs

from msgkit.errors import Path
from msgkit.formats.base import Format, Loaded
from msgkit.formats.common import blocks, calls, media
from msgkit.formats.common.builder import APART, Draft, bare, mark, marks, noted
from msgkit.formats.common.calls import Pairing
from msgkit.formats.common.capabilities import AGENTS, THINKING_BLOCKS
from msgkit.formats.common.keys import dump_keys, load_keys
from msgkit.formats.common.passthrough import as_it_is, whole
from msgkit.formats.vercel import version4
from msgkit.formats.vercel.parts import OBJECT, Parts, load_input
from msgkit.jsontext.values import LIST, objects, same, type_of, without_keys
from msgkit.model.base import NOTHING, PLAIN, Mark
from msgkit.model.messages import Conversation

NAME = "vercel-model"
PARTS = Parts(NAME, "data", "providerOptions")
_CORE = Mark(NAME, "version-4")  # form of a conversation: its messages are CoreMessages
_LIST = Mark(NAME, "list")  # form of a message: its text is a list of one part
_TYPES = ("tool-call", "tool-result", "tool-approval-request", "tool-approval-response", "reasoning-file")
_MEDIA = {"file-data": "data", "image-data": "data", "file-url": "url", "image-url": "url"}


def recognize(body: Mapping[str, Any]) -> bool:
    """Return whether messages of *body* have parts that only the AI SDK's have."""
    return any(map(_is_own, _parts_in(body.get("messages"))))


def _parts_in(messages: Any) -> list[Mapping[str, Any]]:
    return [part for message in objects(messages) for part in objects(message.get("content"))]


def _is_own(part: Mapping[str, Any]) -> bool:
    part_type = type_of(part)
    is_media = part_type in ("file", "image") and "mediaType" in part
    return (part_type in _TYPES and ("toolCallId" in part or "approvalId" in part or "mediaType" in part)) or is_media


def load(body: Mapping[str, Any], at: Path = ()) -> Loaded:
    """Load a row: each result becomes a message."""
    draft, pairing = Draft(at), Pairing()
    messages = draft.listed(body, "messages")
    before, old = None, any(map(version4.is_core_call, _parts_in(messages)))
    for i, message in enumerate(messages):
        if not isinstance(message, Mapping):
            draft.add(message, ("messages", i))
            continue
        new = version4.in_parts(message, version4.up_core) if old else message
        values, role = _load_message(new, pairing), message.get("role")
        if not same(message, _dump_group([value for value, _ in values], pairing.copy(), old=old)):
            values = [(whole(message, NAME), {})]
        if role == before == "tool":
            values[0] = (mark(values[0][0], APART), values[0][1])
        before = role
        for value, inner in values:
            draft.add(value, ("messages", i), {path: ("messages", i, *to) for path, to in inner.items()})
            for call in value.get("tool_calls", ()) if isinstance(value, dict) else ():
                pairing.call(call["function"]["name"], call["id"])
    form = frozenset((_CORE,)) if old else PLAIN
    return draft.finish(load_keys(body, ("messages",), (), NAME), "messages", form=form)


_Values = list[tuple[dict[str, Any], dict[Path, Path]]]


def _load_message(message: Mapping[str, Any], pairing: Pairing) -> _Values:
    role, content = message.get("role"), message.get("content")
    rest = without_keys(message, "role", "content")
    own: dict[str, Any] = {"message": rest} if rest else {}
    if role == "tool" and isinstance(content, LIST):
        return _load_results(content, own, pairing)
    value: dict[str, Any] = {"role": role}
    form, inner = list[Mark](), dict[Path, Path]()
    if isinstance(content, LIST):
        values, inner, order = blocks.apart(content, ("content",), _load_block, PARTS.places)
        rests = [PARTS.untranslated(part) for part in content]
        own |= {"parts": rests} if any(rests) else {}
        value |= blocks.together(values, inner)
        form = [*order, _LIST]
    elif "content" in message:
        value["content"] = content
    return [(mark(value | ({NAME: own} if own else {}), *form), inner)]


def _load_block(part: Any) -> tuple[blocks.Letter, Any]:
    is_call = type_of(part) == "tool-call" and isinstance(part.get("toolName"), str)
    call = load_input(part, part["toolName"]) if is_call else None
    if call is not None:
        rest = without_keys(part, "type", "toolCallId", "toolName", "input")
        call |= {NAME: rest} if rest else {}
        if not rest.get("providerExecuted") and same(part, _dump_call(call)):
            return "c", call
    return PARTS.load_block(part)


def _dump_call(call: Mapping[str, Any]) -> Any:
    function = call.get("function")
    if not isinstance(function, Mapping):
        return bare(call)
    arguments = calls.to_object(str(function.get("arguments")))
    named = {"type": "tool-call", "toolCallId": call.get("id"), "toolName": function.get("name"), "input": arguments}
    return {**named, **bare(call.get(NAME, {}))}


def _load_results(content: Any, own: dict[str, Any], pairing: Pairing) -> _Values:
    """Return a message for each result."""
    values: _Values = []
    for j, part in enumerate(content):
        value = _load_result(part, pairing)
        place: Path = ("content", j)
        inner: dict[Path, Path] = {(): place}
        inner |= {} if value is None else {("tool_call_id",): (*place, "toolCallId")}
        value = {"role": "tool", "content": [{"type": NAME, NAME: part}]} if value is None else value
        kept = {**value.get(NAME, {}), **(own if j == 0 else {})}
        value = {**value, NAME: kept} if kept else value
        values.append((value, inner))
    return values


def _load_result(part: Any, pairing: Pairing) -> dict[str, Any] | None:
    output = part.get("output") if type_of(part) == "tool-result" else None
    name, call_id = (part.get("toolName"), part.get("toolCallId")) if isinstance(output, Mapping) else (None, None)
    if not isinstance(output, Mapping) or not isinstance(name, str) or not isinstance(call_id, str):
        return None
    rest = without_keys(part, "type", "toolCallId", "toolName", "output")
    own = without_keys(output, "type", "value")
    kept = {**({"part": rest} if rest else {}), **({"output": own} if own else {})}
    message: dict[str, Any] = {"role": "tool", "tool_call_id": call_id, **({NAME: kept} if kept else {})}
    message |= {} if name == pairing.names.get(call_id, "") else {"name": name}
    kind, value = output.get("type"), output.get("value")
    message |= {"is_error": True} if kind in ("error-text", "error-json") else {}
    if kind == "content" and isinstance(value, LIST):
        message["content"] = [_load_item(item) for item in value]
    elif kind in ("text", "error-text", "json", "error-json"):
        message["content"] = value if kind.endswith("text") else calls.to_text(value)
        message = mark(message, *[OBJECT] * kind.endswith("json"))
    return message if same(part, _dump_result(message, pairing)) else None


def _load_item(item: Any) -> dict[str, Any]:
    """Return one item of a result's content, whose media have types of their own."""
    item_type = type_of(item)
    key = _MEDIA.get(item_type)
    usual = "image/*" if item_type.startswith("image") else "application/pdf"
    file = {"type": "file", "data": item.get(key), "mediaType": item.get("mediaType", usual)} if key else item
    part = PARTS.load_part(file)
    return part if (key or item_type == "text") and same(item, _dump_item(part)) else {"type": NAME, NAME: item}


def _dump_item(part: Mapping[str, Any]) -> Any:
    item = PARTS.dump_part(part)
    if not isinstance(part, Mapping) or part.get("type") in ("text", NAME):
        return item
    sort = "image" if part.get("type") == "image_url" else "file"
    if media.of_part(part) is not None:
        return {**item, "type": f"{sort}-data"}
    return {"type": f"{sort}-url", "url": item.get("data")}


def dump(conversation: Conversation) -> dict[str, Any]:
    """Return the row: results that follow each other are one message."""
    groups, pairing = blocks.grouped(noted(conversation), blocks.joins_results), Pairing()
    messages = [_dump_group(group, pairing, old=_CORE in conversation.form) for group in groups]
    return {"messages": messages, **dump_keys(conversation.extra, (), NAME)}


def _dump_group(group: list[dict[str, Any]], pairing: Pairing, *, old: bool) -> Any:
    """Return a message, or the results that are one."""
    kept = as_it_is(group[0], NAME) if group else None
    if not group or kept is not None:
        return kept
    message = _dump_message(group, pairing)
    return version4.in_parts(message, version4.down_core) if old else message


def _dump_message(group: list[dict[str, Any]], pairing: Pairing) -> dict[str, Any]:
    first = group[0]
    own, content, role = first.get(NAME, {}), first.get("content"), first.get("role")
    if role == "tool":
        results: list[Any] = []
        for message in group:
            is_whole = "tool_call_id" not in message and isinstance(message.get("content"), list)
            results += map(PARTS.dump_part, message["content"]) if is_whole else [_dump_result(message, pairing)]
        return {"role": role, "content": results, **bare(own.get("message", {}))}
    for call in first.get("tool_calls") or ():
        if isinstance(call.get("function"), Mapping):
            pairing.call(str(call["function"].get("name")), call.get("id"))
    thinking = [PARTS.dump_thinking(block) for block in blocks.thinking_of(first)]
    tool_calls = [_dump_call(call) for call in first.get("tool_calls") or ()]
    out: dict[str, Any] = {"role": role} if role is not None else {}
    if isinstance(content, list) or thinking or tool_calls or _LIST in marks(first):
        said = blocks.content_parts(content) if content or not tool_calls else ()
        parts = blocks.with_rests(blocks.in_order(first, thinking, map(PARTS.dump_part, said), tool_calls), first, NAME)
        is_text_only = role == "system" and _LIST not in marks(first)
        out["content"] = "".join(str(part.get("text", "")) for part in parts) if is_text_only else bare(parts)
    elif "content" in first or role == "assistant":
        out["content"] = "" if content is None and NAME not in first and "content" not in first else content
    return {**out, **bare(own.get("message", {}))}


def _dump_result(message: Mapping[str, Any], pairing: Pairing) -> dict[str, Any]:
    own, content, call_id = message.get(NAME, {}), message.get("content"), message.get("tool_call_id")
    if message.get("is_error") is True:
        content = blocks.text_of(content) or content or ""
    kind, value = "text", content or ""
    if isinstance(content, list):
        kind, value = "content", [_dump_item(part) for part in content]
    elif OBJECT in marks(message):
        kind, value = "json", calls.parse(str(content))
    if message.get("is_error") is True and kind != "content":
        kind = f"error-{kind}"
    name = message.get("name", pairing.names.get(str(call_id), ""))
    output = {"type": kind, "value": value, **bare(own.get("output", {}))}
    named = {"type": "tool-result", "toolCallId": call_id, "toolName": name}
    return {**named, "output": output, **bare(own.get("part", {}))}


FORMAT = Format(
    name=NAME,
    title="AI SDK ModelMessage: {messages: [{role, content: [text, file, reasoning, tool-call, tool-result]}]}",
    source="npm ai 7.0 modelMessageSchema",
    recognize=recognize,
    signs=frozenset(("toolCallId", "approvalId", "mediaType")),
    load=load,
    dump=dump,
    capabilities=attrs.evolve(
        AGENTS,
        within={"system": ("text",), "tool": ("text", "image_url", "file")},
        empty_text=True,
        files_of=NAME,  # a file has a URL, never an id
    ),
    parts=("text", "file", "image", "reasoning", *_TYPES),
    aliases=NOTHING,
    opaque_parts=frozenset((*_TYPES, "custom", "execution-denied")),
    keys={"message": (NAME,), "part": ("file_url",)},
    reasoning_keys=frozenset((NAME, THINKING_BLOCKS)),
    reasoning_in_parts=True,
)  # fmt: skip
