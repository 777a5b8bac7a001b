"""What rules are given, what they give back, and what is kept of it: rows of a file often have the same tools."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from functools import lru_cache
from typing import Any, Generic, NamedTuple, TypeVar

import attrs
import msgspec

from msgkit import formats
from msgkit.errors import Path, Severity
from msgkit.formats import Format
from msgkit.formats.branch_parts import Branches
from msgkit.formats.envelopes import list_body
from msgkit.headers import Window
from msgkit.jsontext.edit import Steps, edit, find, without
from msgkit.jsontext.values import LIST, OBJECT
from msgkit.model.base import UnknownPart
from msgkit.model.messages import Conversation, Message, Role
from msgkit.rules.media_probe import Inspection, inspect_all
from msgkit.structuring.wire import NESTED
from msgkit.targets import Target

ANSWERS: Mapping[str, str] = {"response_format": "json_schema", "text": "format"}
"""Key of a body that holds the schema of the answer -> the key in it."""

CHAT_TYPES = "openai-python src/openai/types/chat/*_param.py; openai/harmony src/chat.rs"

Opener = Callable[[str], AbstractContextManager[Window]]
Grammar = Callable[[str], object]


class Finding(NamedTuple):
    """A fault, as a rule tells it."""

    path: Path  # where in the conversation: ``("messages", 3, "content", 1, "image_url", "url")``
    code: str  # one of the table's
    message: str  # what was expected and what was found
    hint: str | None = None  # the remedy, when it is certain; the code's own when None
    severity: Severity | None = None  # where one code has two; the code's own when None
    source: str | None = None  # the document that a limit comes from; the code's own when None
    fixable: bool | None = None  # where it depends on the values; the code's own when None
    in_body: bool = False  # whether *path* is that in the row's own body, not in the conversation
    in_row: bool = False  # whether it is that in the row around the body


@attrs.define(eq=False)
class Context:
    """What every rule is given."""

    conversation: Conversation  # perhaps only the best that could be built of a row with structural faults
    target: Target  # whose rules and limits hold
    format: str  # the format of the row
    format_target: Target  # the target named like that format, whose keys are no news in the row
    ready: bool = False  # the row is to be sent as it is
    warnings: bool = True  # whether warnings are asked for, too, so that what finds only these must look
    # message index -> its fields with structural faults; ``""`` stands for the whole message
    broken: Mapping[int, frozenset[str]] = attrs.field(factory=dict)
    opener: Opener | None = None  # opens a reference, None without a root
    grammar: Grammar | None = None  # raises MediaError for a string that cannot be a reference
    branched: Branches | None = None  # the answers of a row that has several, where they are known
    row: object = None  # the row itself; None where it is not at hand, then it is Chat Completions
    places: Callable[[Path], Path] = lambda path: path  # translates the path of a value into the path in the row

    own: Format = attrs.field(init=False)  # the format of the row, with what is known of it
    body: Mapping[str, Any] = attrs.field(init=False)  # the body as it is in the row, in the row's own words
    # index and message of every message whose role is known
    messages: tuple[tuple[int, Message], ...] = attrs.field(init=False)
    _media: tuple[Inspection, ...] | None = attrs.field(init=False, default=None)
    _tools: list[bytes | None] = attrs.field(init=False, factory=list)

    def __attrs_post_init__(self) -> None:
        self.own = formats.get(self.format)
        envelope = self.conversation.envelope
        value = find(self.row, envelope.path) if envelope is not None and self.row is not None else self.row
        if isinstance(value, LIST):
            self.body = list_body(value, self.own.list_key)
        else:
            self.body = value if isinstance(value, OBJECT) else self.conversation.extra
        known = [(i, one) for i, one in enumerate(self.conversation.messages) if type(one.author.role) is Role]
        self.messages = tuple([pair for pair in known if self.has_role(*pair)] if self.broken else known)

    @property
    def is_for_target(self) -> bool:
        """Whether the keys of the body are those of the target's format."""
        wanted = formats.get(self.target.format)
        return self.own is wanted or (self.format == formats.DEFAULT and self.own.list_key == wanted.list_key)

    @property
    def is_request(self) -> bool:
        """Whether the body is a whole request: it names a model, or is to be sent and more than a list of messages."""
        names_model = "model" in self.body or "modelId" in self.body
        if not self.ready:
            return names_model and "id" not in self.body  # a record, such as a session of an agent, has an id
        envelope = self.conversation.envelope
        return names_model or (envelope is not None and not envelope.bare)

    def place(self, index: int) -> Path:
        """Return where the element of the row's list stands that a message comes from."""
        path, envelope = self.places(("messages", index)), self.conversation.envelope
        above = () if envelope is None else envelope.path
        return path[len(above) :] if path[: len(above)] == above else path

    def item(self, index: int) -> tuple[Path, object]:
        """Return the same, and the element."""
        path = self.place(index)
        return path, find(self.body, path)

    def data_of(self, part: UnknownPart) -> Mapping[str, Any]:
        """Return a part of an unknown type as it is in the row: the row's format may keep it under its own name."""
        own = part.data.get(self.format) if part.type == self.format else None
        return own if isinstance(own, OBJECT) else part.data

    def in_body(self, path: Path) -> Path:
        """Return where in the row is what has a path in its body."""
        envelope = self.conversation.envelope
        return path if envelope is None else (*envelope.path, *path)

    @property
    def remembers(self) -> bool:
        """Whether the server is asked to go on with a history that it keeps: calls and questions may be there."""
        extra = self.conversation.extra
        return any(extra.get(key) is not None for key in self.own.history_keys)

    @property
    def media(self) -> tuple[Inspection, ...]:
        """Every media part, its header read once."""
        if self._media is None:
            pages = self.target.files.max_pages is not None or self.target.request.max_pages is not None
            inspections = inspect_all(self.conversation, self.opener, self.grammar, ready=self.ready, pages=pages)
            self._media = tuple(inspections)
        return self._media

    @property
    def encoded_tools(self) -> bytes | None:
        """The tools of the body, and the schemas of its answer, as JSON text by which verdicts are kept."""
        if not self._tools:
            self._tools.append(encoded_json([self.body.get(key) for key in ("tools", *ANSWERS)]))
        return self._tools[0]

    def has_role(self, index: int, message: Message) -> bool:
        """Return whether the role of a message is one, and without a structural fault."""
        return type(message.author.role) is Role and "role" not in self.broken.get(index, ())

    def is_broken(self, index: int, *fields: str) -> bool:
        """Return whether one of these fields of a message, or the message itself, has a structural fault."""
        keys = self.broken.get(index)
        return keys is not None and ("" in keys or not keys.isdisjoint(fields))


Check = Callable[[Context], Iterator[Finding]]
Fix = Callable[[Any, Steps], Any]
Upright = Callable[[bytes], bytes]
MediaFix = Callable[[Any, Steps, Upright], Any]
Applies = Callable[[Conversation, Target], bool]
NOTHING: Mapping[str, Any] = {}


@attrs.frozen(eq=False, repr=False)
class Rule:
    """One code: what it says, when it applies, how it is found and how it is fixed."""

    code: str  # stable kebab-case name
    sentence: str  # what is wrong, in one sentence
    source: str  # the document that the rule comes from
    # ``error`` (it would be refused) or ``warning`` (it does harm); a target may differ
    severity: Severity = attrs.field(default="error", kw_only=True)
    # a row with this issue and no other; for the codes of reading, a line of a file as text or bytes; None where no
    # row shows it
    bad: Any = None
    good: Any = None  # the same row, fixed
    at: str = ""  # where in the failing row the issue is; empty for the whole row
    hint: str | None = None  # the remedy, when it is certain
    signs: int = 0  # what a row must show for *check* to find anything, as bits of ``prefilter.Sign``
    # a quick look for what no sign tells, True when *check* must run; None where the signs say it all
    applies: Applies | None = None
    # what a target must say, one of these, for the rule to find anything; empty for every target
    facts: tuple[str, ...] = ()
    check: Check | None = None  # finds it, perhaps with other codes; None where structuring or another room reports it
    fix: Fix | None = None  # returns the row with the one place changed; None where nothing safe can be done
    fix_media: MediaFix | None = None  # the same for what needs the image turned
    target: str = "openai"  # the target that the examples are checked against
    limits: Mapping[str, int | float] = NOTHING  # limits of that target made small, so that an example need not be huge
    ready: bool = False  # True when the examples are checked as rows to be sent as they are
    # files below the root that the examples are checked with, name -> bytes; None for no root
    files: Mapping[str, bytes] | None = None
    command: str = "msgkit check"  # who reports it, for the codes that are not check's

    @property
    def fixable(self) -> bool:
        """Whether ``check --fix`` fixes it, at least where the values allow."""
        return self.fix is not None or self.fix_media is not None


def left_out(body: Any, at: Steps) -> Any:
    """Leave out the key where the issue is."""
    return edit(body, at[:-1], without(str(at[-1])))


def always(_: Conversation, __: Target) -> bool:
    """Look at every row, of a target with the rule's facts."""
    return True


def author_path(index: int, message: Message, field: str) -> Path:
    """Return where a message's role or name stands: beside the content, or in an ``author`` object."""
    return ("messages", index, "author", field) if NESTED in message.form else ("messages", index, field)


def shows_harmony(message: Message) -> bool:
    """Return whether a message has a key or a name that only Harmony gives."""
    return (
        message.channel is not None
        or message.recipient is not None
        or message.content_type is not None
        or NESTED in message.form
        or (message.author.name or "").startswith("functions.")
    )


def source_name(name: str) -> str:
    """Return the nearest author name that ``[a-zA-Z0-9_-]{1,64}`` takes: other characters become ``_``."""
    return re.sub(r"[^a-zA-Z0-9_-]+", "_", name[:1024]).strip("_")[:64]


T = TypeVar("T")
_LONGEST_KEPT = 1 << 18  # bytes of a value whose verdict is kept
_MOST_KEPT = 512
_MOST_BYTES = 4 << 20
_encode = msgspec.json.Encoder().encode


def encoded_json(value: object) -> bytes | None:
    """Return a value as JSON text, by which the verdict on it is kept; None where that is not worth it."""
    try:
        encoded = _encode(value)
    except (TypeError, ValueError, RecursionError):  # tuples are lists in JSON, other types are none
        return None
    return encoded if len(encoded) <= _LONGEST_KEPT else None


class Verdicts(Generic[T]):
    """Verdicts by the exact JSON text of what they are about."""

    def __init__(self) -> None:
        self._kept: dict[tuple[object, ...], T] = {}
        self._size = 0

    def of(self, encoded: bytes | None, about: tuple[object, ...], judge: Callable[[], T]) -> T:
        """Return the verdict on *encoded*, and on what else it is *about*; made by *judge* where it is not kept."""
        if encoded is None:
            return judge()
        key = (encoded, *about)
        verdict = self._kept.get(key)
        if verdict is None:
            verdict = judge()
            if len(self._kept) >= _MOST_KEPT or self._size >= _MOST_BYTES:
                self._kept, self._size = {}, 0  # anew, for another thread may read the old one
            self._kept[key] = verdict
            self._size += len(encoded)
        return verdict


@lru_cache(maxsize=256)
def compiled(pattern: str) -> re.Pattern[str]:
    """Return a regular expression of a target compiled."""
    return re.compile(pattern)
