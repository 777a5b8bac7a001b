"""Messages -> items of Responses."""

from collections.abc import Mapping
from typing import Any

import attrs

from msgkit.formats.common.builder import bare, marks, noted
from msgkit.formats.common.item_media import ITEM
from msgkit.formats.common.marks import PHASE
from msgkit.formats.responses.items import (
    NAME,
    PHASES,
    dump_call,
    dump_output,
    dump_part,
    reasoning_item,
    reasoning_text,
)
from msgkit.formats.responses.reading import EMPTY, TYPED, answer_keys
from msgkit.model.messages import Conversation

_KNOWN = ("role", "content", "tool_calls", "reasoning", "refusal", "channel", NAME)


@attrs.define
class Writer:
    """Writes messages as items."""

    items: list[Any] = attrs.field(factory=list)
    kinds: dict[str, str] = attrs.field(factory=dict)

    def write(self, conversation: Conversation, *, as_text: bool, has_instructions: bool) -> tuple[str | None, Any]:
        """Return the instructions, None without them, and the items."""
        messages = noted(conversation)
        instructions = None
        if messages and has_instructions and _is_plain(messages[0], "system"):
            instructions = messages.pop(0)["content"]
        if as_text and len(messages) == 1 and _is_plain(messages[0], "user"):
            return instructions, messages[0]["content"]
        for message in messages:
            self._message(message)
        return instructions, self.items

    def _message(self, message: dict[str, Any]) -> None:
        content = message.get("content")
        if message.get("role") == "tool":
            self.items.append(dump_output(message, self.kinds))
        elif ITEM in marks(message) and message.get("role") == "assistant" and isinstance(content, list):
            self.items += [part[NAME] for part in content if part.get("type") == NAME]
        elif message.get("role") != "assistant":
            self._said(message, content)
        else:
            self._assistant(message, content)

    def _assistant(self, message: dict[str, Any], content: Any) -> None:
        calls = message.get("tool_calls") or ()
        silent = content is None or (content == "" and EMPTY not in marks(message))
        self._reasoning(message)
        refusal = [{"type": "refusal", "refusal": message["refusal"]}] if message.get("refusal") is not None else []
        if refusal:
            text = [{"type": "text", "text": content}] if isinstance(content, str) else content or []
            self._said(message, [*text, *refusal])
        elif not silent or not (calls or "reasoning" in message or NAME in message):
            self._said(message, "" if content is None else content)
        for call in calls:
            self.kinds[str(call.get("id"))] = str(call.get("type"))
            self.items.append(dump_call(call))

    def _reasoning(self, message: Mapping[str, Any]) -> None:
        told, text = message.get(NAME, {}).get("reasoning"), message.get("reasoning")
        if told is not None:
            said = [thought for item in told if (thought := reasoning_text(item)) is not None]
            if ("\n\n".join(said) if said else None) == text:
                self.items += told
                return
        if text is not None:
            self.items.append(reasoning_item(text, len(self.items)))

    def _said(self, message: dict[str, Any], content: Any) -> None:
        role = message.get("role")
        parts = [dump_part(part, str(role)) for part in content] if isinstance(content, list) else content or ""
        told = message.get(NAME, {}).get("item", {})
        if role == "assistant" and isinstance(content, list):
            rest = told if TYPED in marks(message) else answer_keys(len(self.items))
        else:
            rest = told or ({"type": "message"} if TYPED in marks(message) else {})
        more = {key: value for key, value in message.items() if key not in _KNOWN}
        self.items.append(bare({"role": role, "content": parts, **_phase(message), **rest, **more}))


def _phase(message: Mapping[str, Any]) -> dict[str, str]:
    phases = {channel: phase for phase, channel in PHASES.items()}
    if message.get("channel") in phases:
        return {"phase": phases[message["channel"]]}
    phase = PHASE.find(marks(message))
    return {} if phase is None else {"phase": phase}


def _is_plain(message: Mapping[str, Any], role: str) -> bool:
    """Return whether a message is only text of this role, so that it may be outside the items."""
    keys = {key for key in message if type(key) is str}
    is_text = isinstance(message.get("content"), str) and keys == {"role", "content"}
    return is_text and message["role"] == role and TYPED not in marks(message)
