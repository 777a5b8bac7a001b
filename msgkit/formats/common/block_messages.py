"""
Messages whose content is a list of blocks: calls and reasoning among the assistant's, tool results among the user's.

Each format says how one block is translated; how blocks make messages, and messages blocks, is the same for all.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import attrs

from msgkit.errors import Path
from msgkit.formats.common.blocks import (
    INLINE,
    Letter,
    block_places,
    content_places,
    groups,
    in_order,
    order_mark,
    reasoning_of,
    runs,
    side,
    sorted_blocks,
    split_lead,
    text_or_parts,
    thinking_of,
)
from msgkit.formats.common.builder import APART, Draft, mark, marks
from msgkit.formats.common.capabilities import THINKING_BLOCKS
from msgkit.formats.common.keys import dump_message_keys, load_message_keys
from msgkit.jsontext.values import LIST, OBJECT, without_keys
from msgkit.model.base import Mark

AS_IT_IS = Mark("blocks", "string-content")  # form: a string where the format wants a list of blocks
_KNOWN = ("role", "content", "tool_calls", "reasoning", THINKING_BLOCKS, "tool_call_id")


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Blocks:
    """How one format writes its blocks."""

    name: str  # of the format; what has no place in a value is under it
    load_part: Callable[[Any], Any]  # block -> content part; what would not come back the same stays as it is
    dump_part: Callable[[Any], Any]  # the way back; None for a part that has no place
    load_call: Callable[[Any], dict[str, Any] | None]  # block -> tool call; None for what would not come back
    dump_call: Callable[[Mapping[str, Any]], Any]  # the way back
    load_result: Callable[[Any], dict[str, Any] | None]  # block -> tool message; None for any other block
    dump_result: Callable[[Mapping[str, Any]], Any]  # the way back
    # block -> ``{"type": "thinking", "thinking", "signature"}`` or ``{"type": "redacted_thinking", "data"}``; None for
    # any other block
    load_thinking: Callable[[Any], Mapping[str, Any] | None]
    dump_thinking: Callable[[Mapping[str, Any]], Any]  # the way back
    text: Callable[[str], dict[str, Any]]  # text -> its block
    places: Callable[[Any], Mapping[Path, Path]]  # part -> where what it holds is in its block
    result_id: Path  # the key of a result that names its call
    result_content: Path = ("content",)  # where the content of a result is in its block
    strings: bool = True  # whether the content of a message may be a string; else its sole text is one block

    def load_content(self, content: Any) -> Any:
        """Translate a list of blocks; what is no list stays as it is."""
        return [self.load_part(block) for block in content] if isinstance(content, LIST) else content

    # ---- reading

    def load_messages(self, draft: Draft, body: Mapping[str, Any], *, system: bool) -> None:
        """Add the system prompt of a body, if it is to be read, and its messages to the draft."""
        if system:
            parts, place = self.load_content(body["system"]), ("system",)
            inner = {} if isinstance(parts, str) else content_places(parts, place, self.places)
            draft.add({"role": "system", "content": parts}, place, {("content",): place} | inner)
        before = None
        for i, message in enumerate(draft.listed(body, "messages")):
            role = message.get("role") if isinstance(message, OBJECT) else None
            self._load_message(draft, message, ("messages", i), apart=role is not None and role == before)
            before = role

    def _load_message(self, draft: Draft, message: Any, place: Path, *, apart: bool) -> None:
        """Add what is at *place* to the draft; *apart* from the message before, which is of the same role."""
        if not isinstance(message, OBJECT):
            draft.add(message, place)
            return
        role, content = message.get("role"), message.get("content")
        if isinstance(role, str) and role in ("tool", "developer", "function"):
            draft.fault((*place, "role"), "role-unknown", f"expected user, assistant or system, got {role!r}")
        keys = without_keys(message, "content")
        if len(keys) > ("role" in keys):
            keys = load_message_keys(keys, self.name, ("role",))
        names = [APART] if apart else []
        if role == "system":
            names.append(INLINE)
        if not isinstance(content, LIST):
            names += [] if self.strings else [AS_IT_IS]
            draft.add(mark(keys | ({"content": content} if "content" in message else {}), *names), place)
        elif role == "assistant":
            self._load_assistant(draft, keys, content, place, names)
        else:
            self._load_user(draft, keys, content, place, names)

    def _load_assistant(self, draft: Draft, keys: dict[str, Any], blocks: Any, place: Path, names: list[Mark]) -> None:
        values, letters = sorted_blocks(blocks, self._load_block)
        beside = bool(values["r"] or values["c"])
        content = _text_or_parts(values["p"], beside=beside) if beside or not self.strings else values["p"]

        def places() -> dict[Path, Path]:
            inner = block_places(letters, values, (*place, "content"), self.places)
            return inner | ({("content",): (*inner["content", 0], "text")} if isinstance(content, str) else {})

        message = keys | reasoning_of(values["r"]) | {"content": content}
        if values["c"]:
            message["tool_calls"] = values["c"]
        draft.add(mark(message, *names, *order_mark(letters)), place, places)

    def _load_block(self, block: Any) -> tuple[Letter, Any]:
        thinking = self.load_thinking(block)
        if thinking is not None:
            return "r", thinking
        call = self.load_call(block)
        return ("p", self.load_part(block)) if call is None else ("c", call)

    def _load_user(self, draft: Draft, keys: dict[str, Any], blocks: Any, place: Path, names: list[Mark]) -> None:
        """Add a message for each tool result, and one for each run of other blocks between them."""
        head, first_names = keys, names
        for start, run in runs(blocks, self.load_result):
            if isinstance(run, dict):
                self._add_result(draft, run, head, (*place, "content", start), first_names)
            else:
                parts = self.load_content(run)
                if not self.strings:
                    parts = _text_or_parts(parts, beside=False)
                inner = partial(content_places, parts, (*place, "content"), self.places, start)
                draft.add(mark({**head, "content": parts}, *first_names), place, inner)
            head, first_names = {"role": keys.get("role")}, []

    def _add_result(
        self, draft: Draft, result: dict[str, Any], keys: Mapping[str, Any], place: Path, names: list[Mark]
    ) -> None:
        rest = without_keys(keys, "role", self.name)
        rest |= dict(keys.get(self.name, {}))
        message = result | ({self.name: rest} if rest else {})
        draft.add(mark(message, *names), place, partial(self._result_places, result, place))

    def _result_places(self, result: Mapping[str, Any], place: Path) -> dict[Path, Path]:
        content, at = result.get("content"), (*place, *self.result_content)
        inner = content_places(content, at, self.places) if isinstance(content, list) else {}
        return {(): place, ("tool_call_id",): (*place, *self.result_id), **inner}

    # ---- writing

    def write(self, messages: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Return the leading system messages as they are, and the others as the body's messages."""
        lead, rest = split_lead(messages)
        return lead, [self._group(group) for group in groups(rest, self._message_keys)]

    def dump_parts(self, content: Any) -> list[Any]:
        """Return a content as blocks."""
        if isinstance(content, str):
            return [self.text(content)] if content else []
        return [block for part in content or () if (block := self.dump_part(part)) is not None]

    def _message_keys(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """Return the further keys of a message, which are none of its blocks'."""
        if message.get("role") == "tool":
            return dict(message.get(self.name, {}))
        return dump_message_keys(message, self.name, _KNOWN)

    def _group(self, group: list[dict[str, Any]]) -> dict[str, Any]:
        first = group[0]
        head = {"role": side(first)} if "role" in first else {}
        if len(group) == 1 and not self._has_blocks(first):
            content = {"content": first["content"]} if "content" in first else {}
            return {**head, **content, **self._message_keys(first)}
        blocks = [block for message in group for block in self._dump_blocks(message)]
        return {**head, "content": blocks, **self._message_keys(first)}

    def _has_blocks(self, message: Mapping[str, Any]) -> bool:
        """Return whether a message needs a list of blocks."""
        content = message.get("content")
        if isinstance(content, list) or message.get("role") == "tool":
            return True
        if isinstance(content, str) and not self.strings and AS_IT_IS not in marks(message):
            return True
        return bool(message.get("tool_calls") or message.get("reasoning") is not None or message.get(THINKING_BLOCKS))

    def _dump_blocks(self, message: dict[str, Any]) -> list[Any]:
        if message.get("role") == "tool":
            return [self.dump_result(message)]
        calls = [self.dump_call(call) for call in message.get("tool_calls") or ()]
        thinking = map(self.dump_thinking, thinking_of(message))
        return in_order(message, thinking, self.dump_parts(message.get("content")), calls)


def _text_or_parts(parts: list[Any], *, beside: bool) -> Any:
    """Do as text_or_parts, but keep an empty text in its block: alone, it would be written as none."""
    return text_or_parts(parts, beside=beside) or (parts if parts or not beside else None)
