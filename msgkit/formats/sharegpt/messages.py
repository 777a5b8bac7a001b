"""Items of a row <-> messages: placeholders and media columns, calls and observations, which have no ids."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import attrs

from msgkit.errors import Path
from msgkit.formats.common import calls, placeholders
from msgkit.formats.common.builder import APART, Draft, mark, marks
from msgkit.formats.common.keys import dump_message_keys, load_message_keys
from msgkit.formats.common.placeholders import Filling
from msgkit.formats.sharegpt.tags import (
    AFTER,
    ALIASES,
    BEFORE,
    FROM,
    NAME,
    NEMO,
    SYSTEM,
    Tags,
    is_function,
    split_tagged,
    text_of,
    unwrap,
    wrapped,
)
from msgkit.jsontext.values import without_keys
from msgkit.model.base import Mark


@attrs.define
class Reader:
    """Reads the items of a row, one after the other."""

    draft: Draft
    tags: Tags
    filling: Filling
    is_nemo: bool = False  # the row names the roles that it masks, in capitals
    number: int = 0
    pending: list[str] = attrs.field(factory=list)
    is_calling: bool = False

    def read(self, items: Any) -> None:
        """Add a message for each item; a call right after what the assistant said is part of that message."""
        for i, item in enumerate(items):
            place: Path = (self.tags.messages, i)
            if not isinstance(item, Mapping):
                self.draft.add(item, place)
                continue
            if isinstance(item.get(self.tags.content), list):
                self.draft.fault((*place, self.tags.content), "type-mismatch", "expected string, got array")
            texts = self._answers(item)
            if len(texts) > 1:
                for text in texts:
                    message = self.message({**item, self.tags.content: text})
                    self.draft.add(message, place, {("content",): (*place, self.tags.content)})
                continue
            message = self.message(item)
            before = self.draft.messages[-1] if self.draft.messages else None
            if message.get("role") == "tool" and isinstance(before, Mapping):
                message = mark(message, APART) if before.get("role") == "tool" else message
                asked = before.get("content") if "tool_call_id" not in message else None
                if isinstance(asked, str) and asked.lstrip().startswith("<tool_call>"):
                    told = "expected a call as JSON in <tool_call>: an object with name and arguments"
                    self.draft.fault((*place[:1], i - 1, self.tags.content), "tool-arguments-not-json", told)
            is_call = self.tags.roles().get(str(item.get(self.tags.role))) == "call"
            if is_call and "tool_calls" not in message and isinstance(item.get(self.tags.content), str):
                told = "expected a call as JSON: an object with name and arguments"
                self.draft.fault((*place, self.tags.content), "tool-arguments-not-json", told)
            if before is not None and _is_mere_call(message) and _takes_calls(before):
                before |= {key: message[key] for key in ("tool_calls", NAME) if key in message}
                self.draft.inside({("tool_calls",): (*place, self.tags.content)})
            elif before is not None and self._is_next_call(before, message):
                before["tool_calls"] = before["tool_calls"] + message["tool_calls"]
            else:
                self.draft.add(message, place, self.places(message, place))

    def read_pairs(self, items: Any, keys: Sequence[str]) -> None:
        """Add two messages for each item: a question and its answer, which keeps what is beside them."""
        for i, item in enumerate(items):
            beside = {key: item[key] for key in keys[2:]}
            if SYSTEM in item:
                at: Path = (self.tags.messages, i, SYSTEM)
                self.draft.add({"role": "system", "content": item[SYSTEM]}, at, {("content",): at})
            for key, role in zip(keys[:2], ("user", "assistant"), strict=True):
                place: Path = (self.tags.messages, i, key)
                first = self.filling.before if role == "user" and i == 0 else ""
                content = self.filling.fill(first + item[key])
                note = {NAME: {"beside": beside}} if beside and role == "assistant" else {}
                self.draft.add({"role": role, "content": content, **note}, place, self.filling.places(content, place))

    def _is_next_call(self, before: Any, message: Mapping[str, Any]) -> bool:
        """Return whether *message* is one more of the calls that are made together: ms-swift has an item for each."""
        calls = isinstance(before, dict) and "tool_calls" in before and "tool_calls" in message
        return calls and self.tags.is_swift and before.keys() <= _OF_CALL and message.keys() <= _OF_CALL

    def _answers(self, item: Mapping[str, Any]) -> list[str]:
        """Return the texts in one observation that answers several calls, as LLaMA-Factory joins them; else nothing."""
        text = item.get(self.tags.content)
        name = str(item.get(self.tags.role))
        role = self.tags.roles().get(name, ALIASES.get(name) if self.tags.style else None)
        if role != "tool" or not isinstance(text, str) or len(item) != len(("role", "content")):
            return []
        texts = text.split(BETWEEN_ANSWERS)
        return texts if len(texts) == len(self.pending) > 1 else []

    def places(self, message: Mapping[str, Any], place: Path) -> dict[Path, Path]:
        """Say where role, text and media of a message stand."""
        role: Path = (*place, self.tags.role)
        return {("role",): role, **self.filling.places(message.get("content"), (*place, self.tags.content))}

    def message(self, item: Mapping[str, Any]) -> dict[str, Any]:
        """Return one item as a message."""
        known = (self.tags.role, self.tags.content)
        keys = load_message_keys(without_keys(item, *known), NAME)
        name, value = item.get(self.tags.role), item.get(self.tags.content)
        role = self.tags.roles().get(name) if isinstance(name, str) else None
        call = self.call(value) if role == "call" else None
        self.is_calling = call is not None
        if call is not None:
            return {"role": "assistant", "content": None, "tool_calls": call[0], **keys, **call[1]}
        names = []
        if role in (None, "call") and isinstance(name, str):
            role = "assistant" if role == "call" else (ALIASES | NEMO if self.is_nemo else ALIASES).get(name, name)
            names = [FROM.of(name)] if role != name or role in ALIASES else []
        message = {**({"role": role or name} if self.tags.role in item else {}), **keys}
        if self.tags.content in item:
            message["content"] = self.filling.fill(value)
        tagged = split_tagged(value) if role == "assistant" and self.tags.style and isinstance(value, str) else None
        if tagged is not None:
            message |= {"content": tagged[0] or None, "tool_calls": self._made(tagged[1])}
            is_usual = text_of(tagged[0], [call["function"] for call in message["tool_calls"]]) == value
            message |= {} if is_usual else {NAME: {"tagged": value}}
            self.pending = [str(call["id"]) for call in message["tool_calls"]]
        if role == "tool":
            message |= {"tool_call_id": self.pending.pop(0)} if self.pending else {}
            names += unwrap(message) if self.tags.style else []
        return mark(message, *names)

    def call(self, text: Any) -> tuple[list[Any], dict[str, Any]] | None:
        """Return the calls of a ``function_call``; the text, too, when it would be written otherwise."""
        thought, _, value = split_thought(text) if isinstance(text, str) else (None, "", None)
        functions: list[Any] = value if isinstance(value, list) else [value]
        if not functions or not all(map(is_function, functions)):
            return None
        made = self._made(functions)
        waiting = self.pending if self.is_calling else []  # calls that follow each other are answered together
        self.pending = [*waiting, *(str(call["id"]) for call in made)]
        is_usual = call_text(made, thought) == text and not (self.tags.is_swift and len(made) > 1)
        told = {} if is_usual else {NAME: {"call": text}}
        return made, told | ({"reasoning": thought} if thought is not None else {})

    def _made(self, functions: Iterable[Mapping[str, Any]]) -> list[Any]:
        """Return calls with ids, which rows have not."""
        made: list[Any] = []
        for one in functions:
            self.number += 1
            arguments = one["arguments"]
            text = arguments if isinstance(arguments, str) else calls.to_text(arguments)
            made.append(calls.function_call(calls.minted(self.number), one["name"], text))
        return made


_OF_CALL = {"role", "content", "tool_calls"}


def _is_mere_call(message: dict[str, Any]) -> bool:
    return (
        "tool_calls" in message
        and message.keys() <= {"role", "content", "tool_calls", NAME}
        and message.get(NAME, {}).keys() <= {"call"}
    )


def _takes_calls(message: Any) -> bool:
    return (
        isinstance(message, dict)
        and message.get("role") == "assistant"
        and isinstance(message.get("content"), str | list)
        and message.keys().isdisjoint(("tool_calls", "tool_call_id", NAME))
    )


BETWEEN_ANSWERS = "\n</tool_response>\n<tool_response>\n"
"""What is between the results in one observation: LLaMA-Factory data/converter.py, OpenAIDatasetConverter."""

_THOUGHT = re.compile(r"\s*<think>(.*?)</think>\s*", re.DOTALL)


def items_of(message: dict[str, Any], tags: Tags, media: dict[str, list[Any]]) -> Iterator[dict[str, Any]]:
    """Yield the items of one noted message, its media appended to *media*: column -> entries."""
    keys = dump_message_keys(message, NAME, ("role", "content", "tool_calls", "tool_call_id", "reasoning"))
    told = keys.pop("call", None) if "call" in message.get(NAME, {}) else None
    tagged = keys.pop("tagged", None) if "tagged" in message.get(NAME, {}) else None
    if tags.style and message.get("tool_calls") and message.get("reasoning") is None:
        said = text_of(message.get("content") or "", [call["function"] for call in message["tool_calls"]])
        is_same = isinstance(tagged, str) and split_tagged(tagged) == split_tagged(said)
        yield {tags.role: _name(message, tags), tags.content: tagged if is_same else said, **keys}
        return
    thought = message.get("reasoning")
    if message.get("content") is not None or not message.get("tool_calls"):
        role = {tags.role: _name(message, tags)} if "role" in message else {}
        text = placeholders.empty(message["content"], media, NAME) if "content" in message else None
        if thought is not None and "</think>" not in thought and isinstance(text, str | None):
            text, thought = _before(thought) + (text or ""), None
        text = wrapped(text, marks(message)) if tags.style and message.get("role") == "tool" else text
        value = {tags.content: text} if "content" in message or text is not None else {}
        yield {**role, **value, **without_keys(keys, tags.role, tags.content)}
        keys = {}
    if message.get("tool_calls"):
        text = call_text(message["tool_calls"], thought)
        texts = [told if told is not None and _meant(told) == _meant(text) else text]
        if tags.is_swift and told is None and thought is None:
            texts = [call_text([one]) for one in message["tool_calls"]]
        yield from ({**keys, tags.role: tags.call, tags.content: one} for one in texts)


def _name(message: Mapping[str, Any], tags: Tags) -> Any:
    told = FROM.find(marks(message))
    if told is not None:
        return told
    names = {role: name for name, role in tags.roles().items()}
    return names.get(str(message["role"]), message["role"])


def joined(items: Iterable[tuple[dict[str, Any], Mapping[str, Any]]], tags: Tags) -> Iterator[dict[str, Any]]:
    """Yield the items, observations that follow each other as one: the trainer takes one for all calls before it."""
    last: dict[str, Any] | None = None
    for item, message in items:
        text = item.get(tags.content)
        is_result = message.get("role") == "tool" and isinstance(text, str) and len(item) == len(("role", "content"))
        if last is not None and is_result and APART not in marks(message) and not tags.is_swift:
            is_apart = last[tags.content].endswith(AFTER) and str(text).startswith(BEFORE)
            last[tags.content] += ("\n" if is_apart and tags.style else BETWEEN_ANSWERS) + str(text)
            continue
        if last is not None:
            yield last
        last = item if is_result else None
        if last is None:
            yield item
    if last is not None:
        yield last


def in_pairs(items: Sequence[dict[str, Any]], keys: Sequence[str], form: frozenset[Mark]) -> list[Any] | None:
    """Return questions and answers as pairs; None where the items are no such."""
    prompt = items[0]["value"] if items and items[0] == {"from": SYSTEM, "value": items[0].get("value")} else None
    items = items if prompt is None else items[1:]
    pairs = list(zip(items[::2], items[1::2], strict=False))
    if len(items) % 2 or any((one.get("from"), two.get("from")) != ("human", "gpt") for one, two in pairs):
        return None
    if any(one.keys() - {"from", "value"} or two.keys() - {"from", "value", "beside"} for one, two in pairs):
        return None
    made = [{keys[0]: one["value"], keys[1]: two["value"], **two.get("beside", {})} for one, two in pairs]
    if made:
        made[0][keys[0]] = placeholders.question(made[0][keys[0]], form)
        made[0] |= {} if prompt is None else {SYSTEM: prompt}
    return made


def split_thought(text: str) -> tuple[str | None, str, Any]:
    r"""Return the thought before a call, the text of the call, and its JSON value or None."""
    match = _THOUGHT.match(text)
    rest = text[match.end() :] if match else text
    try:
        value = json.loads(rest)
    except (ValueError, RecursionError):
        value = None
    return (match[1].strip() if match else None), rest, value


def call_text(tool_calls: list[Any], thought: str | None = None) -> str:
    """Return noted tool calls as the text of a ``function_call``: an object, or a list of several."""
    functions = [call["function"] for call in tool_calls]
    made = [{"name": one["name"], "arguments": calls.to_object(one["arguments"])} for one in functions]
    return _before(thought) + calls.to_text(made[0] if len(made) == 1 else made)


def _before(thought: str | None) -> str:
    return "" if thought is None else f"<think>\n{thought}\n</think>\n\n"


def _meant(text: str) -> tuple[str | None, list[Any]]:
    """Return the thought and the calls of a text, with arguments as objects."""
    thought, _, value = split_thought(text)
    functions: list[Any] = value if isinstance(value, list) else [value]
    are_texts = [is_function(one) and isinstance(one["arguments"], str) for one in functions]
    made = [
        one | {"arguments": calls.to_object(one["arguments"])} if is_text else one
        for one, is_text in zip(functions, are_texts, strict=True)
    ]
    return thought, made
