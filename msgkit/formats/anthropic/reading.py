"""Anthropic's messages -> messages: tool results apart, the system prompt first."""

from collections.abc import Iterator, Mapping
from typing import Any

from msgkit.errors import Path
from msgkit.formats.anthropic.blocks import (
    NAME,
    dump_call,
    inner_places,
    load_block,
    load_call,
    load_content,
    load_result,
)
from msgkit.formats.common.builder import APART, Draft, checked, mark
from msgkit.formats.common.interleaving import order_mark
from msgkit.formats.common.keys import load_message_keys
from msgkit.formats.common.merge_messages import INLINE, text_or_parts


def load_message(draft: Draft, message: Any, place: Path, *, apart: bool) -> None:
    """Add what stands at *place* to the draft; *apart* from the message before, which is of the same role."""
    if not isinstance(message, Mapping):
        draft.add(message, place)
        return
    role, content = message.get("role"), message.get("content")
    if isinstance(role, str) and role in ("tool", "developer", "function"):
        draft.fault((*place, "role"), "role-unknown", f"expected user, assistant or system, got {role!r}")
    keys = load_message_keys({key: value for key, value in message.items() if key != "content"}, NAME, ("role",))
    names = [name for name, holds in ((APART, apart), (INLINE, role == "system")) if holds]
    if not isinstance(content, list | tuple):
        draft.add(mark(keys | ({"content": content} if "content" in message else {}), *names), place)
    elif role == "assistant":
        _load_assistant(draft, keys, content, place, names)
    else:
        _load_groups(draft, keys, content, place, names)


def _load_assistant(draft: Draft, keys: dict[str, Any], blocks: Any, place: Path, names: list[str]) -> None:
    letters: list[Any] = []
    found: dict[str, list[Any]] = {"r": [], "p": [], "c": []}
    places: dict[Path, Path] = {}
    for j, block in enumerate(blocks):
        letter, value = _load_assistant_block(block)
        field = {"r": "thinking_blocks", "p": "content", "c": "tool_calls"}[letter]
        for path, inner in (inner_places(value) if letter == "p" else {(): ()}).items():
            places[(field, len(found[letter]), *path)] = (*place, "content", j, *inner)
        letters.append(letter)
        found[letter].append(value)
    message = keys | reasoning_of(found["r"]) | {"content": _plain_content(found)}
    if found["c"]:
        message["tool_calls"] = found["c"]
    draft.add(mark(message, *names, *order_mark(letters)), place, places)


def _plain_content(found: Mapping[str, list[Any]]) -> Any:
    """Return the parts; a sole text beside reasoning or calls as a string."""
    beside = bool(found["r"] or found["c"])
    return text_or_parts(found["p"], beside=True) if beside else found["p"]


def reasoning_of(blocks: list[Any]) -> dict[str, Any]:
    """Return the reasoning of thinking blocks, and the blocks themselves, whose signatures it goes back with."""
    text = "".join(block.get("thinking", "") for block in blocks)
    reasoning = {"reasoning": text} if any("thinking" in block for block in blocks) else {}
    return reasoning | ({"thinking_blocks": blocks} if blocks else {})


def thinking(text: str) -> dict[str, Any]:
    """Return reasoning as a block without its signature, for the way back: the API takes no such block."""
    return {"type": "thinking", "thinking": text, "signature": ""}


def _load_assistant_block(block: Any) -> tuple[str, Any]:
    kind = block.get("type") if isinstance(block, Mapping) else None
    if kind == "redacted_thinking" or (kind == "thinking" and isinstance(block.get("thinking"), str)):
        return "r", block
    if kind == "tool_use":
        call = load_call(block)
        if call is not None and checked(block, call, dump_call(call)):
            return "c", call
    return "p", load_block(block)


def _load_groups(draft: Draft, keys: dict[str, Any], blocks: Any, place: Path, names: list[str]) -> None:
    """Add a message for each tool result, and one for each run of other blocks between them."""
    head, first_names = keys, names
    for start, found in _runs(blocks):
        if isinstance(found, dict):
            _add_result(draft, found, head, (*place, "content", start), first_names)
        else:
            parts, places = load_content(found, (*place, "content"), start)
            draft.add(mark({**head, "content": parts}, *first_names), place, places)
        head, first_names = {"role": keys.get("role")}, []


def _runs(blocks: Any) -> Iterator[tuple[int, Any]]:
    """Yield each tool result as a message, and the lists of other blocks between them, with their indexes."""
    run: list[Any] = []
    for j, block in enumerate(blocks):
        result = load_result(block)
        if result is None:
            run.append(block)
            continue
        if run:
            yield j - len(run), run
        yield j, result
        run = []
    if run or not blocks:
        yield len(blocks) - len(run), run


def _add_result(draft: Draft, result: dict[str, Any], keys: Mapping[str, Any], place: Path, names: list[str]) -> None:
    rest = {key: value for key, value in keys.items() if key not in ("role", NAME)} | dict(keys.get(NAME, {}))
    places: dict[Path, Path] = {(): (), ("tool_call_id",): ("tool_use_id",)}
    if isinstance(result.get("content"), list):
        for j, part in enumerate(result["content"]):
            places |= {("content", j, *path): ("content", j, *to) for path, to in inner_places(part).items()}
    message = result | ({NAME: rest} if rest else {})
    draft.add(mark(message, *names), place, {path: (*place, *to) for path, to in places.items()})
