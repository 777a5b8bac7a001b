"""Items of Responses <-> messages."""

from collections.abc import Mapping
from typing import Any

import attrs

from msgkit.errors import Path, describe
from msgkit.formats.common.builder import PHASE, Draft, bare, mark, marks, noted
from msgkit.formats.common.media import ITEM
from msgkit.formats.responses import items
from msgkit.formats.responses.items import NAME, PHASES
from msgkit.jsontext.values import LIST, OBJECT, without_keys
from msgkit.model.base import Mark
from msgkit.model.messages import Conversation

# form of a message: with the key "type"; of an answer in parts: without its id and status
TYPED = Mark("responses", "typed")
EMPTY = Mark("responses", "empty")  # form of an answer: an item that says nothing is before its calls


@attrs.define
class Reader:
    """Reads items into a draft."""

    draft: Draft  # where the messages go
    key: str  # where the items stand: ``input`` or ``output``
    open: dict[str, Any] | None = None
    stage: int = 0
    places: dict[Path, Path] = attrs.field(factory=dict)
    first: Path = ()
    kinds: dict[str, str] = attrs.field(factory=dict)

    def read(self, listed: Any) -> None:
        """Add a message for each item, or run of items, that makes one."""
        for i, item in enumerate(listed):
            place: Path = (self.key, i)
            if not isinstance(item, OBJECT):
                self.close()
                self.draft.add(item, place)
            elif item.get("type") == "reasoning":
                self._join(0, place)
                self._reasoning(item)
            elif (call := items.load_call(item)) is not None:
                self._join(2, place)
                self._call(call, place)
            elif (output := items.load_output(item, self.kinds)) is not None:
                self.close()
                inner = items.inner_places(output.get("content"), (*place, "output"))
                self.draft.add(output, place, {**inner, ("tool_call_id",): (*place, "call_id")})
            elif item.get("type", "message") == "message" and "role" in item:
                self._message(item, i)
            else:
                self.close()
                if not isinstance(item.get("type", ""), str):
                    self.draft.fault(
                        (*place, "type"), "type-mismatch", f"expected a string, got {describe(item['type'])}"
                    )
                part = {"type": NAME, NAME: item}
                self.draft.add(mark({"role": "assistant", "content": [part]}, ITEM), place)
        self.close()

    def close(self) -> None:
        """Add the message that is open."""
        if self.open is not None:
            self.draft.add(_settled(self.open), self.first, self.places)
        self.open, self.stage, self.places = None, 0, {}

    def _join(self, stage: int, place: Path) -> None:
        """Open a message unless one is open that may still take this: reasoning, then what is said, then calls."""
        if self.open is None or stage < self.stage or (stage == self.stage == 1):
            self.close()
            self.open, self.first = {"role": "assistant"}, place
        self.stage = stage

    def _reasoning(self, item: Mapping[str, Any]) -> None:
        message = self.open or {}
        kept = [*message.get(NAME, {}).get("reasoning", ()), item]
        text = "\n\n".join(text for one in kept if (text := items.reasoning_text(one)) is not None)
        message |= {"reasoning": text} if any(items.reasoning_text(one) is not None for one in kept) else {}
        message[NAME] = {"reasoning": kept}

    def _call(self, call: dict[str, Any], place: Path) -> None:
        message = self.open or {}
        message.setdefault("content", None)
        tool_calls = message.setdefault("tool_calls", [])
        self.places[("tool_calls", len(tool_calls))] = place
        self.places[("tool_calls", len(tool_calls), "id")] = (*place, "call_id")
        self.kinds[call["id"]] = call["type"]
        tool_calls.append(call)

    def _message(self, item: Mapping[str, Any], number: int) -> None:
        place: Path = (self.key, number)
        role = item["role"]
        assistant = role == "assistant"
        if not isinstance(item.get("content"), str | list | tuple):
            self.draft.fault((*place, "content"), "type-mismatch", "expected string or array")
        if assistant:
            self._join(1, place)
        else:
            self.close()
        if role in ("tool", "function"):
            self.draft.fault(
                (*place, "role"), "role-unknown", f"expected user, assistant, system or developer, got {role!r}"
            )
        message = _content(item, number, str(role))
        if not assistant:
            self.draft.add(message, place, items.inner_places(message.get("content"), (*place, "content")))
            return
        mine = self.open or {}
        told = {**mine.get(NAME, {}), **message.pop(NAME, {})}
        self.open = {**mine, **message, **({NAME: told} if told else {})}
        self.places |= items.inner_places(message.get("content"), (*place, "content"))


def _settled(message: dict[str, Any]) -> dict[str, Any]:
    """Return a message that is complete: its phase as a channel where that tells."""
    phase = PHASE.find(marks(message))
    usual = "commentary" if message.get("tool_calls") else "final"
    return message if phase is None or PHASES[phase] == usual else {**message, "channel": PHASES[phase]}


def _content(item: Mapping[str, Any], number: int, role: str) -> dict[str, Any]:
    """Return a message item as a message; what it says besides is under the format's name."""
    content = item.get("content")
    parts = [items.load_part(part, role) for part in content] if isinstance(content, LIST) else content
    rest = without_keys(item, "role", "content")
    form = []
    if role == "assistant" and isinstance(rest.get("phase"), str) and rest["phase"] in PHASES:
        form.append(PHASE.of(rest.pop("phase")))
    if role == "assistant" and parts == "":
        form.append(EMPTY)
    usual = answer_keys(number) if role == "assistant" and isinstance(parts, list) else {}
    if rest == usual:
        rest = {}
    elif usual or rest == {"type": "message"}:
        form.append(TYPED)
        rest = rest if usual else {}
    message = {"role": item["role"], "content": parts}
    if role == "assistant" and isinstance(parts, list) and len(parts) == 1 and _is_refusal(parts[0]):
        message = {"role": "assistant", "content": None, "refusal": parts[0]["refusal"]}
    return mark(message | ({NAME: {"item": rest}} if rest else {}), *form)


def _is_refusal(part: Any) -> bool:
    return isinstance(part, OBJECT) and part.keys() == {"type", "refusal"} and isinstance(part["refusal"], str)


def answer_keys(number: int) -> dict[str, Any]:
    """Return what an answer in parts must have besides: it is as the *number*-th item."""
    return {"type": "message", "id": f"msg_{number}", "status": "completed"}


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
            self.items.append(items.dump_output(message, self.kinds))
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
            self.items.append(items.dump_call(call))

    def _reasoning(self, message: Mapping[str, Any]) -> None:
        told, text = message.get(NAME, {}).get("reasoning"), message.get("reasoning")
        if told is not None:
            said = [thought for item in told if (thought := items.reasoning_text(item)) is not None]
            if ("\n\n".join(said) if said else None) == text:
                self.items += told
                return
        if text is not None:
            self.items.append(items.reasoning_item(text, len(self.items)))

    def _said(self, message: dict[str, Any], content: Any) -> None:
        role = message.get("role")
        parts = [items.dump_part(part, str(role)) for part in content] if isinstance(content, list) else content or ""
        told = message.get(NAME, {}).get("item", {})
        if role == "assistant" and isinstance(content, list):
            rest = told if TYPED in marks(message) else answer_keys(len(self.items))
        else:
            rest = told or ({"type": "message"} if TYPED in marks(message) else {})
        more = without_keys(message, *_KNOWN)
        self.items.append(bare({"role": role, "content": parts, **_phase(message), **rest, **more}))


def _phase(message: Mapping[str, Any]) -> dict[str, str]:
    phases = {channel: phase for phase, channel in PHASES.items()}
    phase = phases.get(message.get("channel", ""), PHASE.find(marks(message)))
    return {} if phase is None else {"phase": phase}


def _is_plain(message: Mapping[str, Any], role: str) -> bool:
    """Return whether a message is only text of this role, so that it may be outside the items."""
    keys = {key for key in message if type(key) is str}
    is_text = isinstance(message.get("content"), str) and keys == {"role", "content"}
    return is_text and message["role"] == role and TYPED not in marks(message)
