"""A conversation cut down to what a format has a place for."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any

import attrs

from msgkit.formats.common.blocks import DETAILS
from msgkit.formats.common.builder import is_shared
from msgkit.formats.common.capabilities import CHAT, FIELDS, THINKING_BLOCKS, Capabilities
from msgkit.formats.common.cut_values import ValueCut, with_usual_limit
from msgkit.formats.common.keys import eased
from msgkit.jsontext.values import LIST, without_keys
from msgkit.model.base import NOTHING, NULL, PLAIN, Mark
from msgkit.model.messages import Author, Conversation, Message, Role
from msgkit.model.parts import ContentPart, RefusalPart, TextPart
from msgkit.structuring.wire import changed

_NOT_EXTRA = frozenset(field.name for field in attrs.fields(Message)) | {"role", "name"}
_ROLES: Mapping[Role, Role] = {Role.DEVELOPER: Role.SYSTEM, Role.FUNCTION: Role.TOOL}
_SYSTEM = (Role.SYSTEM, Role.DEVELOPER)
_SHARED = CHAT.body | {"top_k", "search_parameters", "deferred"}  # keys of the body that mean the same in every format
_TYPES: Mapping[str, Any] = {
    **dict.fromkeys(("model", "user"), str),
    **dict.fromkeys(("temperature", "top_p", "seed", "n"), int | float),
    **dict.fromkeys(("tools", "functions"), LIST),
    "stop": str | list,
}
"""Key of a request -> the types that a column of data must have to be one."""
_OF_RESULTS = ("is_error", "cache_control")  # further keys that only results have, for in some formats they are parts


@lru_cache(maxsize=1024)
def cut(source: Capabilities, target: Capabilities, names: tuple[str, ...], back: bool) -> "Cut":  # noqa: FBT001
    """Return what cuts conversations for a pair of formats; made once for each."""
    return Cut(source, target, names, back)


@attrs.frozen(eq=False, repr=False)
class Cut(ValueCut):
    """Cuts conversations down to what *target* has a place for."""

    _roles: tuple[Role, ...] = attrs.field(init=False)
    _absent: Callable[[Message], Any] = attrs.field(init=False)
    _nothing: tuple[None, ...] = attrs.field(init=False)
    _named: bool = attrs.field(init=False)
    _names_results: bool = attrs.field(init=False)
    _blank: bool = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        """Note what the fast check asks of each message."""
        absent = {"reasoning", "function_call", *(name for name in FIELDS if not self._is_key_of_message(name))}
        values = {
            "roles": tuple(role for role in Role if role in self.target.roles),
            "absent": attrgetter(*absent),
            "nothing": (None,) * len(absent),
            "named": "name" in self.target.message,
            "names_results": self.back or self.target.named_results,
            "blank": self.back or self.target.blank_text,
            "id": re.compile(self.target.call_id or ""),
        }
        for name, value in values.items():
            object.__setattr__(self, f"_{name}", value)

    def conversation(self, conversation: Conversation) -> Conversation:
        """Return *conversation* with only what the target has a place for; messages of which nothing stays go."""
        messages = conversation.messages
        settled = messages if self._are_settled(messages) else self._settled(messages)
        cut = [one if self.stays(one) else self.reduced(one) for one in settled]
        messages = tuple([message for message in cut if message is not None])
        extra = self._body(with_usual_limit(conversation.extra, self.target.body)) if conversation.extra else {}
        return changed(conversation, messages=messages, extra=extra or NOTHING, form=PLAIN)

    def _are_settled(self, messages: tuple[Message, ...]) -> bool:
        """Fast check: True only if no message of the system is empty, or stands among others where it may not."""
        if self.back:
            return True
        lead = 0
        for i, message in enumerate(messages):
            role = message.author.role
            if role is Role.SYSTEM or role is Role.DEVELOPER:
                if not message.content or (i != lead and (not self.target.system_inside or self.target.system_after)):
                    return False
                lead += 1
        return True

    def _settled(self, messages: tuple[Message, ...]) -> Iterator[Message]:
        """Yield the messages, those of the system among others as the user's where it may be first only."""
        inside, after = self.back or self.target.system_inside, () if self.back else self.target.system_after
        first, before = True, ""
        for message in messages:
            last, before = before, message.role
            if message.role not in _SYSTEM:
                first = False
            elif not self.back and _is_empty(message):
                continue  # a system prompt without a word is none
            elif not first and (not inside or (after and last not in after)):
                before = Role.USER
                yield changed(message, author=changed(message.author, role=Role.USER))
                continue
            yield message

    def _body(self, extra: Mapping[str, Any]) -> dict[str, Any]:
        """Return the keys beside the messages that stay."""
        rows = self._keeps_columns
        kept = {
            key: value
            for key, value in extra.items()
            if (self._is_setting(key, value) or (rows and key not in self.names)) and (self.back or value is not None)
        }
        before = kept.pop("tools", None)
        tools = self.tools(before)
        if not self.back:  # a choice goes with what it chooses from
            gone = ["tool_choice", "parallel_tool_calls"] if before and not tools else []
            gone += ["function_call"] if "functions" in extra and "functions" not in kept else []
            kept = without_keys(kept, *gone) if gone else kept
        answer = kept.get("response_format")
        if self.target.strict_closed and not self.back and isinstance(answer, Mapping) and "json_schema" in answer:
            kept["response_format"] = {**answer, "json_schema": eased(answer["json_schema"], "schema")}
        return kept | ({"tools": tools} if tools else {})

    def _is_setting(self, key: str, value: Any) -> bool:
        """Return whether the target defines a key, and by that name means what the source means."""
        if key not in self.target.body:
            return False
        if self.source.open == "rows" and not self.back and not isinstance(value, _TYPES.get(key, object)):
            return False  # a column of that name
        return self.back or ((key in _SHARED or key in self.source.body) and (key != "metadata" or _is_texts(value)))

    def stays(self, message: Message) -> bool:
        """Fast check: True only if a message certainly stays as it is."""
        author, form = message.author, message.form
        return (
            message.extra is NOTHING
            and not isinstance(message.content, tuple)
            and (not _is_blank(message.content or "") or self._may_be_blank(message))
            and author.role in self._roles
            and (author.name is None or (self._named and (self._names_results or message.tool_call_id is None)))
            and not author.form
            and author.extra is NOTHING
            and self._absent(message) == self._nothing
            and (message.tool_call_id is None or self._is_usual_id(message.tool_call_id))
            and (not message.tool_calls or all(map(self._is_usual_call, message.tool_calls)))
            and (not form or all(map(self._is_kept, form)))
        )

    def _may_be_blank(self, message: Message) -> bool:
        return self._blank if message.content is not None else self.back or bool(message.tool_calls)

    def reduced(self, message: Message) -> Message | None:
        """Return the same, asking of each thing whether it stays."""
        message = self._without_blanks(self._with_refusal_apart(self._with_refusal_as_text(message)))
        changes: dict[str, Any] = {}
        author = self._author(message)
        if author is not message.author:
            changes["author"] = author
        for name in FIELDS:
            if getattr(message, name) is not None and not self._is_key_of_message(name):
                changes[name] = None
        if message.function_call is not None and not self.back and "function_call" not in self.target.message:
            changes["function_call"] = None
        if message.extra:
            extra = without_keys(message.extra, *_NOT_EXTRA)
            if author.role is not Role.TOOL and not self.back:
                extra = without_keys(extra, *_OF_RESULTS)
            changes["extra"] = self.keys(extra, self.target.message) or NOTHING
        if message.form:
            changes["form"] = frozenset(mark for mark in message.form if self._is_kept(mark))
        if isinstance(message.content, tuple):
            _put(changes, "content", message.content, list(self._parts(message.content, author.role)))
        if message.tool_calls and "tool_calls" not in changes:
            _put(changes, "tool_calls", message.tool_calls, [self.call(call) for call in message.tool_calls])
        if message.tool_call_id is not None and "tool_call_id" not in changes:
            changes["tool_call_id"] = self.call_id(message.tool_call_id)
            if changes["tool_call_id"] is message.tool_call_id:
                del changes["tool_call_id"]
        new = self._with_signed_reasoning(changed(message, **changes) if changes else message)
        if not self.back:
            new = self._filled(new, message)
        return None if self._is_gone(new, message) else new

    def _is_gone(self, new: Message, message: Message) -> bool:
        """Return whether nothing stays of a message that said something, or that may not say nothing."""
        if not _is_empty(new) or (new.role is Role.TOOL and new.content == ""):
            return False
        is_silent = new.role is Role.ASSISTANT and new.content != "" and not self.back
        return is_silent or not self._blank or (new is not message and not _is_empty(message))

    def _filled(self, new: Message, message: Message) -> Message:
        """Return what stays of a message with an empty text where it must have content."""
        if new.content == () and message.content and new.tool_calls:
            return changed(new, content=None)
        is_alone = _is_thought_alone(new) and self.target.empty_text  # a message has content or calls
        is_emptied = new.role is Role.TOOL and new.content == () and message.content  # its call stays, so it does
        return changed(new, content="") if is_alone or is_emptied else new

    def _parts(self, parts: tuple[ContentPart, ...], role: str) -> Iterator[ContentPart | None]:
        """Yield what stays of each part of a message."""
        if self.back:
            fitting: Collection[str] = (*self.target.parts, *self.target.read_parts)
        else:
            fitting = self.target.parts_of(role)
        keys = () if self.back or role != Role.ASSISTANT else self.target.asked_keys
        for part in parts:
            new = self.part(part, fitting)
            yield self.without(new, keys) if keys else new

    def _is_key_of_message(self, name: str) -> bool:
        return name in self.target.message or (self.back and name in self.target.read)

    def _without_blanks(self, message: Message) -> Message:
        """Return a message without texts that are empty or white space only, where the target refuses them."""
        content = message.content
        if self._blank or content is None or message.role is Role.TOOL:
            return message
        if isinstance(content, str):
            return changed(message, content=None) if _is_blank(content) else message
        parts = tuple(part for part in content if not (isinstance(part, TextPart) and _is_blank(part.text)))
        return message if len(parts) == len(content) else changed(message, content=parts)

    def _with_refusal_as_text(self, message: Message) -> Message:
        if "refusal" in self.target.message or message.refusal is None:
            return message
        content = (*message.parts, TextPart(message.refusal)) if message.content else message.refusal
        return changed(message, refusal=None, content=content)

    def _with_refusal_apart(self, message: Message) -> Message:
        """Move a refusal from among other parts into the message's own field."""
        parts = message.parts if self.target.refusal_alone and not self.back and message.refusal is None else ()
        refusals = [part.refusal for part in parts if isinstance(part, RefusalPart)]
        if not refusals or len(parts) == 1:
            return message
        others = tuple(part for part in parts if not isinstance(part, RefusalPart))
        return changed(message, content=others or None, refusal="\n".join(refusals))

    def _with_signed_reasoning(self, message: Message) -> Message:
        if message.reasoning is None and THINKING_BLOCKS not in message.extra:
            return message
        if self.back or self.target.signed is None or self.target.signed(message):
            return message
        extra = without_keys(message.extra, THINKING_BLOCKS)
        return changed(message, reasoning=None, extra=extra or NOTHING)

    def _is_kept(self, mark: Mark) -> bool:
        if is_shared(mark):
            return True
        return self.back and mark.owner == NULL and mark.name in self.target.message

    def _author(self, message: Message) -> Author:
        author = message.author
        role = author.role if author.role in self.target.roles else _ROLES.get(author.role, author.role)
        named = "name" in self.target.message
        if message.tool_call_id is not None and not self.back:
            named = named and self.target.named_results
        name = author.name if named else None
        is_same = (role, name) == (author.role, author.name) and not (author.form or author.extra)
        return author if is_same else Author(role, name)


def _is_texts(metadata: Any) -> bool:
    """Return whether metadata may be a request's, which are texts by name; those of a row of data may be anything."""
    return isinstance(metadata, Mapping) and all(isinstance(value, str) for value in metadata.values())


def _is_blank(text: str) -> bool:
    return not text or text.isspace()


def _put(changes: dict[str, Any], name: str, before: tuple[Any, ...], after: Sequence[Any]) -> None:
    """Note the entries that stay, unless all of them stay as they are."""
    kept = tuple(item for item in after if item is not None)
    if len(kept) != len(before) or any(new is not old for new, old in zip(kept, before, strict=True)):
        changes[name] = kept


def _is_thought_alone(message: Message) -> bool:
    said = message.content is not None or message.tool_calls or message.refusal is not None or message.audio
    has_thought = bool(message.reasoning) or DETAILS in message.extra
    return has_thought and not said and message.function_call is None


def _is_empty(message: Message) -> bool:
    return not (
        message.content
        or message.tool_calls
        or message.refusal
        or message.reasoning
        or message.tool_call_id
        or message.audio
        or message.function_call
        or message.extra
    )
