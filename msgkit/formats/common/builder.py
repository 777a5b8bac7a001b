"""
Between a foreign shape and the values: messages as JSON in the values' own shape, with their notes.

A format turns its body into a Draft, which loads it strictly; for the way out it takes ``noted`` messages. Where a
translation would not come back the same, the original stays as it is, with the note RAW: so every body that loads
dumps equal, whatever strangers put in it.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any, Final

import attrs

from msgkit.errors import InvalidMessageError, Issue, Path, describe, join_path
from msgkit.escaping import row_path
from msgkit.formats.base import NOBODY, Loaded, conversation_of
from msgkit.jsontext.values import LIST, OBJECT, copy_json, same, type_of
from msgkit.model.base import NOTHING, PLAIN, Mark, null
from msgkit.model.messages import Conversation, Message, Role
from msgkit.model.parts import PARTS
from msgkit.structuring import MESSAGES, dump_value, load_value
from msgkit.structuring.wire import FORM

_SHARED: Final = "shared"

ORDER: Final = Mark(_SHARED, "order")
"""Of a message: its reasoning, parts and calls are in this order, one letter each."""

PHASE: Final = Mark(_SHARED, "phase")
"""Of an answer: what it is for, as Responses say it; Harmony's channel says the same."""

END: Final = Mark(_SHARED, "end")
"""Of a message: the token that ends it in Harmony's text."""

ORIGIN: Final = Mark(_SHARED, "origin")
"""Of a message: its number in the conversation that is being converted."""

NULL_CONTENT: Final = null("content")


def is_shared(mark: Mark) -> bool:
    """Return whether a mark stays with a value that goes to another format."""
    return mark.owner == _SHARED or mark == NULL_CONTENT


RAW = Mark("draft", "raw")  # form: is in the format's body exactly as in the value
APART = Mark("draft", "apart")  # form: not joined to the message before, although the roles would allow it
MESSAGE_FIELDS = frozenset(field.name for field in attrs.fields(Message)) - {"extra", "form"} | {"role", "name"}


def noted(conversation: Conversation) -> list[dict[str, Any]]:
    """Return the messages as JSON in the values' own shape, each object with its form under FORM."""
    messages: list[dict[str, Any]] = dump_value(conversation.messages, noted=True)
    return messages


_BESIDE = attrgetter(
    *(name for name in attrs.fields_dict(Message) if name not in ("author", "content", "extra", "form"))
)
_NONE = (None,) * (len(attrs.fields(Message)) - 4)


def is_text(message: Message) -> bool:
    """Fast check: True only if a message has only a role and a text that is not white space only."""
    author = message.author
    return (
        type(message.content) is str
        and not message.content.isspace()
        and message.extra is NOTHING
        and not message.form
        and author.name is None
        and author.extra is NOTHING
        and not author.form
        and _BESIDE(message) == _NONE
    )


def are_texts(messages: Sequence[Message], roles: Collection[Role]) -> bool:
    """Fast check: True only if all messages are texts of these *roles*, those of the system before the others."""
    role: Role | None = Role.SYSTEM
    for message in messages:
        before, role = role, message.author.role
        if not message.content or role not in roles or not is_text(message):
            return False
        if role is Role.SYSTEM and before is not Role.SYSTEM:
            return False
    return True


def are_same_texts(messages: Sequence[Message], others: Sequence[Message]) -> bool:
    """Fast check: True only if *others* are texts, too, and say the same as *messages*, which are."""
    return len(messages) == len(others) and all(
        one.author.role is two.author.role and one.content == two.content and is_text(two)
        for one, two in zip(messages, others, strict=True)
    )


def marks(value: Mapping[str, Any]) -> frozenset[Mark]:
    """Return the marks of a noted object."""
    form: frozenset[Mark] = value.get(FORM, frozenset())
    return form


def mark(value: Mapping[str, Any], *more: Mark) -> dict[str, Any]:
    """Return *value* with more marks."""
    return {**value, FORM: marks(value) | frozenset(more)} if more else dict(value)


def unusual(names: Any, kind: Mark) -> frozenset[Mark]:
    """Return the marks of the fields of *names* that are not the usual ones, each a key that a row uses."""
    fields = zip(attrs.fields_dict(type(names)), attrs.astuple(names), attrs.astuple(type(names)()), strict=True)
    return frozenset(kind.of(f"{name}={key}") for name, key, usual in fields if key != usual)


def told(form: frozenset[Mark], kind: Mark) -> dict[str, str]:
    """Return the fields that marks name: the inverse of :func:`unusual`."""
    return dict(mark.text.split("=", 1) for mark in form if kind.matches(mark))


def bare(value: Any) -> Any:
    """Return a noted value without its notes."""
    if isinstance(value, OBJECT):
        return {key: item if type(item) is str else bare(item) for key, item in value.items() if key is not FORM}
    return [bare(item) for item in value] if isinstance(value, LIST) else value


def raw(block: Any) -> Any:
    """Return a block of a foreign shape as a part that goes back out unchanged."""
    block_type = type_of(block)
    return mark(copy_json(block), RAW) if block_type in PARTS else block


def is_raw(part: Mapping[str, Any]) -> bool:
    """Return whether a noted part is in the body as it is."""
    return RAW in marks(part)


Inner = Mapping[Path, Path] | Callable[[], Mapping[Path, Path]]
"""Where what is in a message stands."""


def origin(form: frozenset[Mark]) -> frozenset[Mark]:
    """Return the marks of what a message was made of."""
    return frozenset(mark for mark in form if ORIGIN.matches(mark)) if form else PLAIN


@attrs.define(eq=False)
class Places(Mapping[Path, Path]):
    """The path of a value -> its path in the row, by prefix; made on demand, for most rows have no issue."""

    at: Path = ()  # where the body is in its row
    # for each message its number, where it is in the body, and where what is in it stands
    entries: Iterable[tuple[int, Path, Inner]] = ()
    _numbers: dict[str | int, list[tuple[Path, Inner]]] = attrs.field(init=False, factory=dict)  # the same by number
    _tables: dict[str | int, dict[Path, Path]] = attrs.field(init=False, factory=dict)  # of the messages asked for

    def _of_message(self, number: str | int) -> dict[Path, Path]:
        if number not in self._tables:
            table = self._tables[number] = {}
            for place, inner in self._by_number().get(number, ()):
                table["messages", number] = (*self.at, *place)
                inner_places = inner() if callable(inner) else inner
                table |= {("messages", number, *path): (*self.at, *there) for path, there in inner_places.items()}
        return self._tables[number]

    def _by_number(self) -> dict[str | int, list[tuple[Path, Inner]]]:
        if not self._numbers:
            for number, place, inner in self.entries:
                self._numbers.setdefault(number, []).append((place, inner))
        return self._numbers

    def __getitem__(self, path: Path) -> Path:
        return self._of_message(path[1] if len(path) > 1 else -1)[path]

    def get(self, path: Path, default: Any = None) -> Any:
        """Return the path in the row: what the class above does in four times the time."""
        return self._of_message(path[1] if len(path) > 1 else -1).get(path, default)

    def __bool__(self) -> bool:
        return bool(self.entries)

    def __iter__(self) -> Iterator[Path]:
        return (path for number in self._by_number() for path in self._of_message(number))

    def __len__(self) -> int:
        return sum(len(self._of_message(number)) for number in self._by_number())


@attrs.define(eq=False, repr=False)
class Draft:
    """Messages being made of a body."""

    at: Path = ()  # where the body is in its row
    messages: list[Any] = attrs.field(factory=list)  # in the values' own shape, noted
    entries: list[tuple[int, Path, Inner]] = attrs.field(factory=list)  # see Places
    # what is wrong with the body beyond what loading the messages tells
    issues: list[Issue] = attrs.field(factory=list)

    def add(self, message: Any, place: Path, inner: Inner = NOTHING) -> None:  # type: ignore[assignment]
        """Add a message that is at *place* in the body; *inner* says where what is in it stands, when it is asked."""
        self.entries.append((len(self.messages), place, inner))
        self.messages.append(message)

    def inside(self, inner: Inner) -> None:
        """Say of the last message where more of what is in it stands."""
        number, place, _ = self.entries[-1]
        self.entries.append((number, place, inner))

    def fault(self, place: Path, code: str, message: str, hint: str | None = None) -> None:
        """Note an error at *place* in the body."""
        self.issues.append(Issue(join_path((*self.at, *place)), code, "error", message, hint))

    def listed(self, body: Mapping[str, Any], key: str) -> Sequence[Any]:
        """Return the list of messages under *key*; note that it is missing where there is none."""
        items = body.get(key)
        if isinstance(items, LIST):
            return items
        self.wrong_list(key, items, present=key in body)
        return ()

    def wrong_list(self, key: str, value: Any, *, present: bool) -> None:
        """Note that the list of messages under *key* is missing."""
        got = describe(value) if present else "nothing"
        self.fault((key,), "messages-missing", f"expected a list of messages, got {got}")

    def place(self, path: Path) -> Path:
        """Translate the path of a value, from the list of messages, into the path in the row."""
        return row_path(("messages", *path), Places(self.at, self.entries))

    def finish(
        self, extra: Mapping[str, Any], key: str, *, may_be_empty: bool = False, form: frozenset[Mark] = PLAIN
    ) -> Loaded:
        """Load the messages strictly; *key* is where the body's list of them stands, *form* the conversation's."""
        issues: Sequence[Issue] = ()
        try:
            messages = load_value(self.messages, MESSAGES, self.place)
        except InvalidMessageError as error:
            messages, issues = tuple(message or NOBODY for message in error.partial), error.issues
        if not self.messages and not self.issues and not may_be_empty:
            self.fault((key,), "messages-empty", "expected at least one message, got none")
        places = Places(self.at, self.entries)
        conversation = conversation_of(messages, extra or NOTHING, form)
        return Loaded(conversation, (*self.issues, *issues), places)


def checked(original: Any, translated: Any, back: Any) -> bool:
    """Return whether a translation serves: it was made, and comes back as the *original*."""
    return translated is not None and same(original, back)
