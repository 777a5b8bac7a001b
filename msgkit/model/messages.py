"""Role, Author, Message, Conversation, and the functions that make messages."""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from pathlib import PurePath
from typing import Any, Self, SupportsIndex, overload

import attrs

from msgkit.errors import quote
from msgkit.model.base import NOTHING, Value
from msgkit.model.calls import AnyToolCall, FunctionCall
from msgkit.model.parts import ContentPart, TextPart


class Role(StrEnum):
    """
    Who speaks; ``function`` is the deprecated name of ``tool`` and only read.

    >>> Role("user") is Role.USER, Role.USER == "user"
    (True, True)
    """

    SYSTEM = "system"
    DEVELOPER = "developer"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"
    FUNCTION = "function"


_ROLES: Mapping[str, Role] = {role.value: role for role in Role}


def _role(name: str) -> Role:
    return _ROLES.get(name, name)  # type: ignore[arg-type]  # an unknown role is reported by check, with its path


@attrs.frozen(repr=False)
class Author(Value):
    """
    Who wrote a message.

    Args:
        role: The role.

        name: The participant's or the tool's name (``functions.get_weather`` in Harmony); None when not said.

    >>> Author(Role.TOOL, "functions.get_weather")
    tool 'functions.get_weather'
    """

    role: Role = attrs.field(converter=_role)
    name: str | None = None

    def __repr__(self) -> str:
        return str(self.role) if self.name is None else f"{self.role} {quote(self.name)}"


@attrs.frozen(repr=False)
class Message(Value):
    """
    One message of a conversation.

    Args:
        author: Role and name. On the wire they are next to the content or in an ``author`` object; the form is kept.

        content: A string, a tuple of content parts, or None; it keeps the form that it came in.

        channel: Harmony: ``analysis``, ``commentary`` or ``final``.

        recipient: Harmony: to whom the message goes, such as ``functions.get_weather``.

        content_type: Harmony: how the content is constrained, such as ``<|constrain|>json``.

        tool_calls: The calls that an assistant message makes.

        tool_call_id: The call that a tool message answers.

        refusal: What the assistant said instead of an answer.

        reasoning: What the model thought before (``reasoning`` or ``reasoning_content`` on the wire).

        audio: Chat Completions: ``{"id": ...}`` of an earlier spoken answer.

        function_call: Deprecated form of a single tool call.

    >>> Message(Author(Role.USER), "Hello").role
    <Role.USER: 'user'>
    """

    author: Author
    content: str | tuple[ContentPart, ...] | None = None
    channel: str | None = attrs.field(default=None, kw_only=True)
    recipient: str | None = attrs.field(default=None, kw_only=True)
    content_type: str | None = attrs.field(default=None, kw_only=True)
    tool_calls: tuple[AnyToolCall, ...] | None = attrs.field(default=None, kw_only=True)
    tool_call_id: str | None = attrs.field(default=None, kw_only=True)
    refusal: str | None = attrs.field(default=None, kw_only=True)
    reasoning: str | None = attrs.field(default=None, kw_only=True)
    audio: Mapping[str, Any] | None = attrs.field(default=None, kw_only=True, hash=False)
    function_call: FunctionCall | None = attrs.field(default=None, kw_only=True)

    @property
    def role(self) -> Role:
        """The author's role."""
        return self.author.role

    @property
    def parts(self) -> tuple[ContentPart, ...]:
        """The content as parts, whatever form it has."""
        if self.content is None:
            return ()
        return (TextPart(self.content),) if isinstance(self.content, str) else self.content

    @property
    def text(self) -> str:
        """The text of all text parts, joined."""
        return "".join(part.text for part in self.parts if isinstance(part, TextPart))


@attrs.frozen
class Branch:
    """One of several lists of messages in a row: a prompt, or an answer to it."""

    path: tuple[str, ...]  # where it is in the row
    count: int  # how many messages it has
    shape: str = "list"  # ``list``, ``json`` for its JSON text, ``message`` for one alone, ``text``, ``transcript``


@attrs.frozen
class Envelope:
    """The row that a conversation was loaded from, without its messages."""

    format: str  # the format that the row was in
    # the row without its body: the other keys of a Batch line; the whole row where it has branches
    row: Mapping[str, Any] = NOTHING
    path: tuple[str, ...] = ()  # the path from the row to its body: ``("body",)``, or ``()``
    bare: bool = False  # true when the body was the list of messages itself
    branches: tuple[Branch, ...] = ()  # the lists of a row with several; its messages are those of all, in this order
    # the conversation as it was loaded, to tell later whether it was edited; not part of equality
    loaded: "Conversation | None" = attrs.field(default=None, eq=False, repr=False)


def _in_order(messages: Any) -> tuple[Message, ...]:
    is_list = isinstance(messages, Iterable) and not isinstance(messages, Message | Mapping | str)
    ordered = tuple(messages) if is_list else (messages,)
    wrong = [one for one in ordered if not (is_list and isinstance(one, Message))]
    if wrong:
        raise TypeError(f"expected messages, got {quote(wrong[0])}; load() takes dicts and lists")
    return ordered


def _several(messages: Message | Iterable[Message]) -> Iterable[Message]:
    return (messages,) if isinstance(messages, Message) else messages


@attrs.frozen(repr=False)
class Conversation(Value):
    """
    The messages of a row, in order, and the other keys of its body.

    Args:
        messages: In order.

        extra: The other keys of the request body (``model``, ``tools``, ...), in the names of Chat Completions.

        envelope: The row that it was loaded from; None for a new conversation. Not part of equality.

    An index gives a message; a slice and ``+`` give a new conversation with the keys of this one.

    >>> talk = Conversation([system("Be brief."), user("Hello")])
    >>> talk[-1]
    Message(user, 'Hello')
    >>> talk[1:] + assistant("Hi.")
    Conversation(2 messages)
    """

    messages: tuple[Message, ...] = attrs.field(default=(), converter=_in_order)
    envelope: Envelope | None = attrs.field(default=None, eq=False, kw_only=True)

    def __iter__(self) -> Iterator[Message]:
        return iter(self.messages)

    def __len__(self) -> int:
        return len(self.messages)

    @overload
    def __getitem__(self, index: SupportsIndex) -> Message: ...

    @overload
    def __getitem__(self, index: slice) -> Self: ...

    def __getitem__(self, index: SupportsIndex | slice) -> Message | Self:
        chosen = self.messages[index]
        return self._with(chosen) if isinstance(chosen, tuple) else chosen

    def __add__(self, other: Message | Iterable[Message]) -> Self:
        return self._with((*self, *_several(other))) if isinstance(other, Message | Iterable) else NotImplemented

    def __radd__(self, other: Message | Iterable[Message]) -> Self:
        return self._with((*_several(other), *self)) if isinstance(other, Message | Iterable) else NotImplemented

    def _with(self, messages: tuple[Message, ...]) -> Self:
        """Return it with other messages: one list where the row had branches, whose ends are no longer known."""
        around = self.envelope
        envelope = Envelope(around.format) if around and around.branches else around
        return attrs.evolve(self, messages=messages, envelope=envelope)

    def __repr__(self) -> str:
        return f"Conversation({len(self.messages):,} message{'s' * (len(self.messages) != 1)})"


def _content(parts: tuple[str | ContentPart, ...]) -> str | tuple[ContentPart, ...] | None:
    if not parts:
        return None
    if len(parts) == 1 and isinstance(parts[0], str):
        return parts[0]
    return tuple(TextPart(part) if isinstance(part, str) else _part(part) for part in parts)


def _part(value: Any) -> ContentPart:
    if not isinstance(value, ContentPart):
        remedy = "image(), audio() and file() take paths" if isinstance(value, PurePath) else "from_dict() takes dicts"
        raise TypeError(f"expected text or a content part, got {quote(value)}; {remedy}")
    return value


def system(*parts: str | ContentPart, name: str | None = None) -> Message:
    """
    Return a system message: a single string stays a string, anything else becomes a tuple of parts.

    >>> system("Answer in one sentence.")
    Message(system, 'Answer in one sentence.')
    """
    return Message(Author(Role.SYSTEM, name), _content(parts))


def developer(*parts: str | ContentPart, name: str | None = None) -> Message:
    """
    Return a developer message.

    >>> developer("Answer in one sentence.").role
    <Role.DEVELOPER: 'developer'>
    """
    return Message(Author(Role.DEVELOPER, name), _content(parts))


def user(*parts: str | ContentPart, name: str | None = None) -> Message:
    """
    Return a user message.

    >>> user("What is this?", "And that?").content
    (TextPart('What is this?'), TextPart('And that?'))
    """
    return Message(Author(Role.USER, name), _content(parts))


def assistant(
    *parts: str | ContentPart,
    name: str | None = None,
    tool_calls: Iterable[AnyToolCall] | None = None,
    channel: str | None = None,
    recipient: str | None = None,
    content_type: str | None = None,
) -> Message:
    """
    Return an assistant message; with *tool_calls* it needs no content.

    >>> assistant("It is a cat.", channel="final")
    Message(assistant, 'It is a cat.', channel='final')
    """
    return Message(
        Author(Role.ASSISTANT, name),
        _content(parts),
        tool_calls=None if tool_calls is None else tuple(tool_calls),
        channel=channel,
        recipient=recipient,
        content_type=content_type,
    )


def tool(
    *parts: str | ContentPart,
    tool_call_id: str | None = None,
    name: str | None = None,
    channel: str | None = None,
    recipient: str | None = None,
) -> Message:
    """
    Return a tool message: by *tool_call_id* in Chat Completions, by *name* (``functions.NAME``) in Harmony.

    >>> tool("12 degrees", tool_call_id="call_1")
    Message(tool, '12 degrees', tool_call_id='call_1')
    """
    return Message(
        Author(Role.TOOL, name), _content(parts), tool_call_id=tool_call_id, channel=channel, recipient=recipient
    )
