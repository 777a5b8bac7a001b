"""What rules are given, and what they give back."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from functools import cached_property
from typing import Protocol

import attrs

from msgkit import formats
from msgkit.errors import Issue, Path, Severity
from msgkit.formats import Format
from msgkit.headers import Window
from msgkit.model.messages import Conversation, Message, Role
from msgkit.rules.media_probe import Inspection, inspect_all
from msgkit.structuring import NESTED
from msgkit.targets import Target

Opener = Callable[[str], AbstractContextManager[Window]]
Grammar = Callable[[str], object]


class Bounds(Protocol):
    """msgkit's own bounds, whatever a target would take; ``media.limits.Limits`` has them."""

    @property
    def image_pixels(self) -> int:
        """Width x height x frames."""

    @property
    def image_side(self) -> int:
        """Pixels of the longer side."""

    @property
    def audio_seconds(self) -> float:
        """Seconds of one sound."""


class Loaded(Protocol):
    """What formats hand over: ``formats.Loaded`` has these names."""

    @property
    def conversation(self) -> Conversation:
        """The best value that could be built."""

    @property
    def issues(self) -> tuple[Issue, ...]:
        """The structural issues."""

    @property
    def places(self) -> Mapping[Path, Path]:
        """The path of a value -> the path in the row, by prefix; empty when they are the same."""

    def place(self, path: Path) -> Path:
        """Translate the path of a value into the path in the row."""


@attrs.frozen
class Finding:
    """
    A fault, as a rule tells it.

    Args:
        path: Where in the conversation: ``("messages", 3, "content", 1, "image_url", "url")``.

        code: One of the table's.

        message: What was expected and what was found.

        hint: The remedy, when it is certain; the code's own when None.

        severity: Where one code has two; the code's own when None.

        source: The document that a limit comes from; the code's own when None.

        fixable: Where it depends on the values; the code's own when None.
    """

    path: Path
    code: str
    message: str
    hint: str | None = None
    severity: Severity | None = None
    source: str | None = None
    fixable: bool | None = None


@attrs.frozen(slots=False)
class Context:
    """
    What every rule is given.

    Args:
        conversation: Perhaps only the best that could be built of a row with structural faults.

        target: Whose rules and limits hold.

        format: The format of the row.

        format_target: The target named like that format, whose keys are no news in the row.

        ready: The row is to be sent as it is.

        broken: Message index -> its fields with structural faults; ``""`` stands for the whole message.

        opener: Opens a reference, None without a root.

        grammar: Raises MediaError for a string that cannot be a reference.

        bounds: msgkit's own bounds.
    """

    conversation: Conversation
    target: Target
    format: str
    format_target: Target
    ready: bool = False
    broken: Mapping[int, frozenset[str]] = attrs.field(factory=dict)
    opener: Opener | None = None
    grammar: Grammar | None = None
    bounds: Bounds | None = None

    @cached_property
    def own(self) -> Format:
        """The format of the row, with what is known of it."""
        return formats.get(self.format)

    @cached_property
    def media(self) -> tuple[Inspection, ...]:
        """Every media part, its header read once."""
        return tuple(inspect_all(self.conversation, self.opener, self.grammar, ready=self.ready))

    @cached_property
    def messages(self) -> tuple[tuple[int, Message], ...]:
        """Index and message of every message whose role is known."""
        found = enumerate(self.conversation.messages)
        return tuple((i, message) for i, message in found if self.has_role(i, message))

    def has_role(self, index: int, message: Message) -> bool:
        """Tell whether the role of a message is one, and without a structural fault."""
        return type(message.author.role) is Role and "role" not in self.broken.get(index, ())

    def is_broken(self, index: int, *fields: str) -> bool:
        """Tell whether one of these fields of a message, or the message itself, has a structural fault."""
        found = self.broken.get(index)
        return found is not None and ("" in found or not found.isdisjoint(fields))


Rule = Callable[[Context], Iterator[Finding]]


def author_path(index: int, message: Message, field: str) -> Path:
    """Return where a message's role or name stands: beside the content, or in an ``author`` object."""
    return ("messages", index, "author", field) if NESTED in message.form else ("messages", index, field)


def is_harmony(message: Message) -> bool:
    """Tell whether a message is written as Harmony has it, without call ids."""
    return (
        message.channel is not None
        or message.recipient is not None
        or message.content_type is not None
        or NESTED in message.form
        or (message.author.name or "").startswith("functions.")
    )


def a(role: object) -> str:
    """
    Return *role* with its article.

    >>> a("user"), a("assistant")
    ('a user', 'an assistant')
    """
    return f"an {role}" if str(role).startswith("a") else f"a {role}"


def source_name(name: str) -> str:
    """
    Return the nearest author name that ``[a-zA-Z0-9_-]{1,64}`` takes: other characters become ``_``.

    >>> source_name("Ann Lee (sales)")
    'Ann_Lee_sales'
    """
    return re.sub(r"[^a-zA-Z0-9_-]+", "_", name[:1024]).strip("_")[:64]
