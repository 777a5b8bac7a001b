"""
The AI SDK's UIMessages: what ``useChat`` keeps.

Found in: the databases of applications that keep what ``useChat`` shows.

What differs from Chat Completions:

- a message is a list of parts; an answer with all its calls, their results and what follows is one message, its steps
  apart by ``step-start``;
- a call and its result are one part ``tool-NAME``, told by its ``state``: ``input-available``, ``output-available``,
  ``output-error``;
- media are files: ``{type: file, url, mediaType}``, a data URL or another one;
- each message has an ``id``.

Messages of the AI SDK 4, with ``content``, ``toolInvocations`` and ``experimental_attachments``, are read and written
back as they were.

Source: vercel/ai ``packages/ai/src/ui/ui-messages.ts``, ``validate-ui-messages.ts``, ``convert-to-model-messages.ts``.
"""

from collections.abc import Collection, Mapping
from typing import Any

import attrs

from msgkit.errors import Path
from msgkit.formats.base import Format, Loaded
from msgkit.formats.common import blocks
from msgkit.formats.common.builder import APART, Draft, bare, mark, marks, noted
from msgkit.formats.common.capabilities import AGENTS, THINKING_BLOCKS
from msgkit.formats.common.keys import dump_keys, load_keys
from msgkit.formats.common.passthrough import as_it_is, whole
from msgkit.formats.vercel import version4
from msgkit.formats.vercel.parts import DYNAMIC, NAME, PARTS, dump_call, load_call, load_result
from msgkit.jsontext.values import LIST, objects, same, type_of, without_keys
from msgkit.model.base import NOTHING, PLAIN, Mark
from msgkit.model.messages import Conversation

_EMPTY = Mark(NAME, "empty")  # form of a message: without parts
_OWN = ("dynamic-tool", "source-document", "source-url", "step-start", "source", "steering-message")


def recognize(body: Mapping[str, Any]) -> bool:
    """Return whether the messages of *body* are lists of the AI SDK's parts."""
    messages = body.get("messages")
    if not isinstance(messages, LIST) or not all(isinstance(one, Mapping) for one in messages):
        return False
    if version4.recognize(messages):
        return True
    lists = [one.get("parts") for one in messages if "content" not in one or isinstance(one.get("content"), str)]
    is_whole = len(lists) == len(messages) and all(isinstance(items, LIST) for items in lists)
    return is_whole and any(_is_own(part) for items in lists for part in objects(items))


def _is_own(part: Mapping[str, Any]) -> bool:
    part_type = type_of(part)
    has_own = "toolCallId" in part or "mediaType" in part or (part_type in ("text", "reasoning") and "text" in part)
    return bool(part_type) and (has_own or part_type in _OWN or part_type.startswith("data-"))


def load(body: Mapping[str, Any], at: Path = ()) -> Loaded:
    """Load a row: each step of an answer, and each result in it, becomes a message."""
    draft = Draft(at)
    messages = draft.listed(body, "messages")
    before, old = None, version4.marks_of(messages)
    for i, message in enumerate(messages):
        if not isinstance(message, Mapping):
            draft.add(message, ("messages", i))
            continue
        values, role = _load_any(message, i, old), message.get("role")
        groups = blocks.grouped([value for value, _ in values], _joins)
        if len(groups) != 1 or not same(message, _dump_group(groups[0], i, old)):
            values = [(whole(message, NAME), {})]
        if role == before == "assistant":
            values[0] = (mark(values[0][0], APART), values[0][1])
        before = role
        for value, inner in values:
            draft.add(value, ("messages", i), {path: ("messages", i, *to) for path, to in inner.items()})
    calls = [call for message in objects(draft.messages) for call in objects(message.get("tool_calls"))]
    dynamic = [DYNAMIC in marks(call) for call in calls]
    form = old | (frozenset((DYNAMIC,)) if dynamic and all(dynamic) else PLAIN)
    return draft.finish(load_keys(body, ("messages",), (), NAME), "messages", form=form)


_Values = list[tuple[dict[str, Any], dict[Path, Path]]]


def _load_any(message: Mapping[str, Any], number: int, old: Collection[Mark]) -> _Values:
    """Return the same for a message of any version."""
    if not old:
        return _load_message(message, number)
    parts = message.get("parts", ())
    if not isinstance(parts, LIST) or not all(isinstance(part, Mapping) for part in parts):
        return [(whole(message, NAME), {})]
    new, origins = version4.upgrade(message, old)
    values = _load_message(new, number)
    return [(value, {path: version4.place(to, origins) for path, to in inner.items()}) for value, inner in values]


def _load_message(message: Mapping[str, Any], number: int) -> _Values:
    """Return a message for each step and result; none when there is no list of parts."""
    parts, role = message.get("parts"), message.get("role")
    if not isinstance(parts, LIST):
        return []
    rest = without_keys(message, "role", "parts")
    if rest.get("id") == _minted(number):
        del rest["id"]
    elif "id" not in rest:
        rest["id"] = None
    values: _Values = []
    steps = _steps(parts) if role == "assistant" else [(0, list(parts))]
    for start, step in steps:
        if step or len(steps) == 1:
            values += _load_step(role, step, start, first=not values)
    if not values:
        values = [(mark({"role": role, "content": []}, _EMPTY), {})]
    sizes = [len(step) for _, step in steps]
    own = {**({"message": rest} if rest else {}), **({} if sizes == _usual(sizes) else {"steps": sizes})}
    first, inner = values[0]
    values[0] = ({**first, NAME: {**first.get(NAME, {}), **own}} if own else first, inner)
    return values


def _steps(parts: Any) -> list[tuple[int, list[Any]]]:
    """Return the parts between the starts of steps, with the index of the first."""
    groups: list[tuple[int, list[Any]]] = [(0, [])]
    for j, part in enumerate(parts):
        if part == version4.START:
            groups.append((j + 1, []))
        else:
            groups[-1][1].append(part)
    return groups


def _usual(sizes: list[int]) -> list[int]:
    """Return how many parts are before, between and after the starts of steps in new messages."""
    filled = [size for size in sizes if size]
    return [0, *filled] if len(filled) > 1 else filled or [0]


def _load_step(role: Any, parts: list[Any], start: int, *, first: bool) -> _Values:
    results: _Values = []

    def load_block(part: Any) -> tuple[blocks.Letter, Any]:
        call = load_call(part)
        if call is None:
            return PARTS.load_block(part) if role == "assistant" else ("p", PARTS.load_part(part))
        j = next(j for j, one in enumerate(parts) if one is part)
        results.extend((value, {(): ("parts", start + j)}) for value in load_result(part))
        return "c", call

    values, inner, order = blocks.apart(parts, ("parts",), load_block, PARTS.places)
    inner = {path: (*to[:1], int(to[1]) + start, *to[2:]) for path, to in inner.items()}
    rests = [PARTS.untranslated(part) for part in parts]
    value = {"role": role, **blocks.together(values, inner), **({NAME: {"parts": rests}} if any(rests) else {})}
    return [(mark(value, *order, *[blocks.TOGETHER] * (not first)), inner), *results]


def dump(conversation: Conversation) -> dict[str, Any]:
    """Return the row: an answer, the results of its calls and what the assistant says then are one message."""
    dumped = noted(conversation)
    if DYNAMIC in conversation.form:
        for message in dumped:
            message |= {"tool_calls": [mark(call, DYNAMIC) for call in message.get("tool_calls") or ()]}
    groups = [
        group for group in blocks.grouped(dumped, _joins) if not _is_result(group[0])
    ]  # one that follows no answer
    messages = [_dump_group(group, i, conversation.form) for i, group in enumerate(groups)]
    return {"messages": messages, **dump_keys(conversation.extra, (), NAME)}


def _joins(group: list[dict[str, Any]], message: dict[str, Any]) -> bool:
    """Return whether a message is in one with those before it: results join their answer, and so do next steps."""
    first, last = group[0].get("role"), group[-1].get("role")
    if message.get("role") == "assistant" and APART not in marks(message):
        return (last == "tool" and first == "assistant") or (last == "assistant" and blocks.TOGETHER in marks(message))
    return _is_result(message) and last in ("assistant", "tool")


def _is_result(message: Mapping[str, Any]) -> bool:
    """Return whether a message is the result of a call, which no message of the format is by itself."""
    return message.get("role") == "tool" and "tool_call_id" in message


def _minted(number: int) -> str:
    return f"msg{number + 1:05d}"


def _dump_group(group: list[dict[str, Any]], number: int, form: Collection[Mark]) -> dict[str, Any]:
    first = group[0]
    kept = as_it_is(first, NAME)
    if kept is not None:
        return kept
    results = {str(one.get("tool_call_id")): one for one in reversed(group) if one.get("role") == "tool"}
    steps = [_dump_step(one, results) for one in group if one.get("role") != "tool" and _EMPTY not in marks(one)]
    own, role = first.get(NAME, {}), first.get("role")
    sizes = own.get("steps", _usual([len(step) for step in steps]) if role == "assistant" else ())
    parts = [part for step in steps for part in step]
    if sum(sizes) == len(parts) and role == "assistant":
        flat, parts = iter(parts), []
        for k, size in enumerate(sizes):
            parts += [version4.START] * (k > 0)
            parts += [next(flat) for _ in range(size)]
    rest = {"id": _minted(number), **bare(own.get("message", {}))}
    head = {key: value for key, value in rest.items() if value is not None or key != "id"}
    message = {**head, **({"role": role} if role is not None else {}), "parts": parts}
    return version4.downgrade(message, form) if version4.MARK in form else message


def _dump_step(message: dict[str, Any], results: Mapping[str, Any]) -> list[Any]:
    content = message.get("content")
    thinking = map(PARTS.dump_thinking, blocks.thinking_of(message))
    said = blocks.content_parts(content) if content or not message.get("tool_calls") else ()
    tool_calls = [dump_call(call, results.get(str(call.get("id")))) for call in message.get("tool_calls") or ()]
    parts = blocks.in_order(message, thinking, map(PARTS.dump_part, said), tool_calls)
    return [bare(part) for part in blocks.with_rests(parts, message, NAME)]


FORMAT = Format(
    name=NAME,
    title="AI SDK UIMessage: {messages: [{id, role, parts: [text, file, reasoning, tool-NAME, step-start]}]}",
    source="npm ai 7.0 validateUIMessages, convertToModelMessages",
    recognize=recognize,
    signs=frozenset(version4.LISTS),
    load=load,
    dump=dump,
    capabilities=attrs.evolve(
        AGENTS,
        within=dict.fromkeys(("system", "tool"), ("text",)),
        files_of=NAME,  # a file has a URL, never an id
    ),
    parts=("text", "file", "reasoning", "dynamic-tool", *_OWN),
    aliases=NOTHING,
    opaque=lambda part: str(part.get("type")).startswith(("tool-", "data-")) or part.get("type") in _OWN,
    keys={"message": (NAME,), "part": ("file_url",)},
    reasoning_keys=frozenset((NAME, THINKING_BLOCKS)),
    reasoning_in_parts=True,
)  # fmt: skip
