"""What a format is, and what loading gives."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, Literal, Protocol

import attrs

from msgkit.errors import InvalidMessageError, Issue, Path, describe, join_path
from msgkit.escaping import row_path
from msgkit.formats.common.capabilities import NONE, PART_ALIASES, Capabilities
from msgkit.jsontext.values import LIST, without_keys
from msgkit.model.base import NOTHING, PLAIN, Mark
from msgkit.model.messages import Author, Conversation, Message
from msgkit.model.parts import PARTS
from msgkit.structuring import MESSAGES, dump_value, load_value
from msgkit.structuring.wire import changed

NOBODY = Message(Author(""))  # stands for what is no message, so that indexes stay true


@attrs.frozen(eq=False, repr=False)
class Loaded:
    """
    A body as a conversation, with what was wrong with it.

    Args:
        conversation: The best value that could be built; complete and exact when there are no issues.

        issues: Every structural issue, with row-relative paths.

        places: For formats whose shape is not the values' own: the path of a value -> the path in the row, by prefix.

        branched: Of a row with several lists of messages: these as ``branches.find`` gives them.
    """

    conversation: Conversation
    issues: tuple[Issue, ...] = ()
    places: Mapping[Path, Path] = NOTHING  # type: ignore[assignment]
    branched: Any = None

    def place(self, path: Path) -> Path:
        """Translate the path of a value into the path in the row."""
        envelope = self.conversation.envelope
        return row_path(path, self.places, envelope.path if envelope is not None else ())


class FromChat(Protocol):
    """From Chat Completions to a format whose messages are Harmony's."""

    def __call__(self, conversation: Conversation, *, keep_system: bool = False) -> Conversation:
        """Return the conversation."""


def _never(_: object) -> bool:
    return False


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Format:
    """
    One JSON shape of a conversation, and everything that is known of it.

    ``dump(load(body, ()).conversation) == body`` for every body that loads without issues. A format is one file, or one
    folder, that ends in ``FORMAT = Format(...)``; nothing outside ``formats/`` knows its name.

    Args:
        name: The name that users give: ``openai``.

        title: One line that says what the shape is.

        source: The document that defines it.

        recognize: Tells from the keys alone whether a body has this shape; more special formats are asked earlier.

        load: Loads a body, which is at a path in its row; never raises for bad input.

        signs: Words, one of which each body of this shape has: a key of the body, of a message or of a part, a role,
            or the type of a part. Without any, *recognize* is asked of every body.

        own_keys: Keys of a body, beside those of its capabilities, that *recognize* asks for.

        dump: Returns the body; what the format has no place for must have been left out before.

        capabilities: What the format has a place for.

        usual: Returns a body that is written in another way of this format as conversions to it write one; the same
            for others. None when there is one way.

        target: Whose rules hold when no target is named; by default nobody's in particular.

        list_key: Where the list of messages stands.

        preference: Whose shape its rows with a better and a worse answer have: ``trl``, ``openai``,
            ``llamafactory``, or ``alpaca``, whose rows have no list of messages.

        to_chat: Returns a loaded conversation as Chat Completions has it; None when it is so already.

        from_chat: Returns a conversation of Chat Completions as this format needs it before it is dumped; None when
            nothing needs to change. Formats with it hold Harmony messages; *keep_system* leaves system prompts what
            they are.

        parts: The types of its content parts, or the keys that stand for them.

        parts_by_key: Whether a part is told by its keys, without a type.

        aliases: Part type of another format -> what it is called here.

        opaque_parts: Types of parts that the format defines and msgkit keeps as they are; keys with *parts_by_key*.

        opaque: Tells of other parts whether they are such ones.

        foreign_parts: Types of Chat Completions' parts that the format takes as they are written there.

        keys: Kind of object (``message``, ``part``, ``call``) -> keys that it defines beyond those of the values.

        item_keys: Kind of object -> all keys that its items have, where a message is made of items.

        reasoning_keys: Keys of messages under which reasoning is kept beside the field of that name.

        reasoning_in_parts: Whether reasoning is a part among others, so that a message may hold nothing else.

        pairs_by_order: Whether a call that can be answered has an id after loading, written or not.

        history_keys: Keys of the body that ask the server to go on with a history that it keeps.

        copies: Keys of the body that repeat what the messages say.

        media_in_columns: Whether media are in columns of the row, with placeholders in the text, and are counted
            when a row is loaded.

        media_in_place: Whether media are exchanged in the body itself, whose parts are those of the values.

        audio_format: Whether audio says its format beside the data.

        tool_names: Whether the names of tool messages follow the rule for functions' names.

        free_order: Tells of conversations that another trainer reads, so that the target's places of roles do not hold.

        tool_shape: Where the definition of a tool has its name: in an object named like its type (``nested``), in
            itself (``flat``), or in each of a list of declarations (``listed``).
    """

    name: str
    title: str
    source: str
    recognize: Callable[[Mapping[str, Any]], bool]
    load: Callable[[Mapping[str, Any], Path], Loaded]
    dump: Callable[[Conversation], dict[str, Any]]
    capabilities: Capabilities
    usual: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None
    target: str = "generic"
    signs: frozenset[str] = NONE
    own_keys: frozenset[str] = NONE
    list_key: str = "messages"
    preference: str = "trl"
    to_chat: Callable[[Conversation], Conversation] | None = None
    from_chat: FromChat | None = None
    parts: Collection[str] = tuple(PARTS)
    parts_by_key: bool = False
    aliases: Mapping[str, str] = PART_ALIASES
    opaque_parts: frozenset[str] = NONE
    opaque: Callable[[Mapping[str, Any]], bool] = _never
    foreign_parts: frozenset[str] = NONE
    keys: Mapping[str, Collection[str]] = NOTHING
    item_keys: Mapping[str, Collection[str]] = NOTHING
    reasoning_keys: frozenset[str] = NONE
    reasoning_in_parts: bool = False
    pairs_by_order: bool = False
    history_keys: Collection[str] = ()
    copies: Collection[str] = ()
    media_in_columns: bool = False
    media_in_place: bool = False
    audio_format: bool = True
    tool_names: bool = False
    free_order: Callable[[Conversation], bool] = _never
    tool_shape: Literal["nested", "flat", "listed"] = "nested"

    @property
    def is_harmony(self) -> bool:
        """Whether its messages are Harmony's: with channels and recipients, without ids."""
        return self.from_chat is not None

    def is_opaque(self, part: Mapping[str, Any]) -> bool:
        """Return whether *part* is one that the format defines, although msgkit keeps it as it is."""
        if self.parts_by_key:
            return not self.opaque_parts.isdisjoint(part)
        kind = part.get("type")
        return (isinstance(kind, str) and kind in self.opaque_parts) or self.opaque(part)


_EMPTY = Conversation()


def conversation_of(
    messages: tuple[Message, ...], extra: Mapping[str, Any] = NOTHING, form: frozenset[Mark] = PLAIN
) -> Conversation:
    """Return loaded messages as a conversation: in a third of the time that its ``__init__`` takes to look at them."""
    return changed(_EMPTY, messages=messages, extra=extra, form=form)


def load_messages(body: Mapping[str, Any], at: Path) -> Loaded:
    """Load ``{"messages": [...], ...}`` whose messages have the values' own shape."""
    at = (*at, "messages")
    listed = body.get("messages")
    extra = without_keys(body, "messages") or NOTHING
    if not isinstance(listed, LIST):
        got = describe(listed) if "messages" in body else "nothing"
        issue = Issue(join_path(at), "messages-missing", "error", f"expected a list of messages, got {got}")
        return Loaded(conversation_of((), extra), (issue,))
    issues: tuple[Issue, ...] = ()
    try:
        messages = load_value(listed, MESSAGES, at)
    except InvalidMessageError as error:
        messages, issues = tuple(message or NOBODY for message in error.partial), error.issues
    if not listed:
        issues = (Issue(join_path(at), "messages-empty", "error", "expected at least one message, got none"),)
    return Loaded(conversation_of(messages, extra), issues)


def dump_messages(conversation: Conversation) -> dict[str, Any]:
    """Return ``{"messages": [...]}`` and the other keys: the inverse of :func:`load_messages`."""
    return {"messages": dump_value(conversation.messages), **conversation.extra}
