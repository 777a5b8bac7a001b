"""
What goes wrong, as values and as exceptions.

    MsgkitError(Exception)
      InvalidMessageError(ValueError)      .issues: every one, not the first
      LossError(ValueError)                .losses: what the target format cannot hold
      MediaError(ValueError)               .source .code: unreadable, wrong type, too big, outside the root
      UnknownNameError(LookupError)        .name .known
      MissingExtraError(ImportError)       .extra: the optional part of msgkit to install
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, ClassVar, Literal, Self

import attrs

from msgkit.escaping import Path, describe, join_path, name_at, nearest, quote

__all__ = [
    "EXPECTED", "InvalidMessageError", "Issue", "Kind", "Loss", "LossError", "MediaError", "MissingExtraError",
    "MsgkitError", "Path", "Severity", "UnknownNameError", "describe", "internal_error",
    "join_path", "nearest", "needing", "quote", "refusal",
]  # fmt: skip

Severity = Literal["error", "warning", "info"]
Kind = Literal["content", "setting", "form"]
_LISTED = 20  # issues or losses in the text of an exception


@attrs.frozen
class Issue:
    """
    One fault of one row.

    Args:
        path: Where, row-relative: ``messages[3].content[1].image_url.url``; empty for the whole row.

        code: Stable kebab-case name of the rule.

        severity: ``error`` (it would be refused), ``warning`` (it does harm) or ``info`` (it is worth knowing).

        message: What was expected and what was found.

        hint: The remedy, when it is certain.

        source: The document that the rule comes from.

        fixable: True when ``msgkit check --fix`` can fix it without changing the meaning.

        target: Whose rule it is, where a row is held against several targets or models.

    >>> print(Issue("messages[0].role", "role-unknown", "error", "expected a role, got 'usr'"))
    messages[0].role: role-unknown: expected a role, got 'usr'
    """

    path: str
    code: str
    severity: Severity
    message: str
    hint: str | None = None
    source: str | None = None
    fixable: bool = False
    target: str | None = None

    def __str__(self) -> str:
        return f"{self.path or '(row)'}: {self.code}: {self.message}"

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON values; without ``target`` where there is none."""
        return attrs.asdict(self, filter=lambda field, value: field.name != "target" or value is not None)


@attrs.frozen
class Loss:
    """
    One thing that a conversion cannot carry.

    Args:
        path: Where it was in the source, row-relative.

        what: What is lost, in words.

        value: The JSON value that was there.

        change: What to do at *path* to go back: ``set`` the value, ``insert`` it in a list, ``delete`` what the way
            back would put there, or put the results of calls in the ``order`` that the value gives, by number.

        kind: ``content``: what the model or a reader would miss. ``setting``: what steers the request, such as
            sampling, streaming or caching. ``form``: another spelling of the same, such as an id renamed, messages
            joined, a default written out.

    >>> Loss(("messages", 0, "name"), "anthropic has no name on a message", "Ann").name
    'name'
    """

    path: Path
    what: str
    value: Any = None
    change: Literal["set", "insert", "delete", "order"] = "set"
    kind: Kind = "content"

    @property
    def form(self) -> bool:
        """True when only the writing changes and the meaning stays: listed for the way back, never refused."""
        return self.kind == "form"

    @property
    def name(self) -> str:
        """What ``--allow-loss`` calls it: the key that is lost; of an entry of a list, its type, role or own key."""
        return name_at(self.path, self.value)

    def __str__(self) -> str:
        shown = "" if isinstance(self.value, Mapping | list) else f": {quote(self.value)}"
        return f"{join_path(self.path) or '(row)'}: {self.what}{shown}"

    def __repr__(self) -> str:
        return f"Loss({self})"


class MsgkitError(Exception):
    """
    Everything that msgkit raises on purpose.

    >>> issubclass(MediaError, MsgkitError)
    True
    """

    _fields: ClassVar[tuple[str, ...]] = ()  # the arguments of an error, so that it can be pickled

    def __reduce__(self) -> tuple[Any, ...]:
        if not self._fields:
            return type(self), self.args
        return partial(type(self), **{name: getattr(self, name) for name in self._fields}), ()


def _listed(items: Sequence[object], prefix: str = "") -> str:
    more = [f"and {len(items) - _LISTED} more"] if len(items) > _LISTED else []
    return "\n".join([*(f"{prefix}{item}" for item in items[:_LISTED]), *more])


class InvalidMessageError(MsgkitError, ValueError):
    """
    A payload is not what it must be.

    Args:
        issues: Every issue found, in the order of the payload.

        partial: The best value that could be built; for msgkit's own use.

        where: The file and the row, ``history.jsonl:17``; None for what was not read from a file.

    >>> print(InvalidMessageError([Issue("messages[0].role", "role-unknown", "error", "expected a role, got 'usr'")]))
    messages[0].role: role-unknown: expected a role, got 'usr'
    """

    _fields: ClassVar[tuple[str, ...]] = ("issues", "where")

    def __init__(self, issues: Sequence[Issue], partial: Any = None, *, where: str | None = None) -> None:
        self.issues = tuple(issues)
        self.partial = partial
        self.where = where
        super().__init__(_listed(self.issues, "" if where is None else f"{where}: "))


def refusal(code: str, message: str, path: str = "", hint: str | None = None) -> InvalidMessageError:
    """Return the exception for one fault."""
    return InvalidMessageError([Issue(path, code, "error", message, hint)])


class LossError(MsgkitError, ValueError):
    """
    A conversion would lose something.

    Args:
        losses: Each thing that the target format cannot hold, with its path and its value.

        remedy: What lets it go on without them.

    >>> print(LossError([Loss(("messages", 0, "name"), "anthropic has no name on a message", "Ann")]))
    messages[0].name: anthropic has no name on a message: 'Ann'
    """

    _fields = ("losses", "remedy")

    def __init__(self, losses: Sequence[Loss], remedy: str | None = None) -> None:
        self.losses = tuple(losses)
        self.remedy = remedy
        super().__init__(_listed(self.losses) + (f"\n{remedy}" if remedy else ""))


class MediaError(MsgkitError, ValueError):
    """
    Media cannot be read, are of the wrong type, too large, or are outside the root.

    Args:
        message: What was expected and what was found.

        code: The code that ``check`` reports for it, such as ``media-invalid``.

        source: The name that the media were called by, or None for bytes.

        hint: The remedy, when it is certain.

    >>> print(MediaError("no such file or directory", code="reference-not-found", source="cat.jpg"))
    'cat.jpg': no such file or directory
    """

    _fields = ("message", "code", "source", "hint")

    def __init__(self, message: str, *, code: str, source: str | None = None, hint: str | None = None) -> None:
        self.message = message
        self.code = code
        self.source = source
        self.hint = hint
        super().__init__(message if source is None else f"{quote(source)}: {message}")

    def at(self, path: Path, rule: str | None = None) -> Issue:
        """Return the issue that this error is at *path*; *rule* names the document that the rule comes from."""
        return Issue(join_path(path), self.code, "error", str(self), self.hint, rule)

    def named(self, source: str) -> Self:
        """Return the same error, said of *source*."""
        return type(self)(self.message, code=self.code, source=source, hint=self.hint)


EXPECTED = (MsgkitError, OSError, MemoryError)
"""What is raised on purpose or by the machine; anything else that a row brings about is an internal error."""


def internal_error(part: str, error: Exception) -> Issue:
    """
    Return the issue of a row at which a part of msgkit itself failed: what the row holds is not told again.

    >>> print(internal_error("the rule roles.order", KeyError("secret")))
    (row): internal-error: the rule roles.order failed with KeyError: a bug of msgkit
    """
    return Issue("", "internal-error", "error", f"{part} failed with {type(error).__name__}: a bug of msgkit")


class UnknownNameError(MsgkitError, LookupError):
    """
    A name that msgkit does not know: of a format, a target, a rule.

    Args:
        kind: What was looked for: ``format``.

        name: The name given.

        known: The names there are.

    >>> print(UnknownNameError("format", "opnai", ["openai", "harmony"]))
    unknown format 'opnai'; did you mean 'openai'?
    """

    _fields = ("kind", "name", "known")

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        self.kind = kind
        self.name = name
        self.known = tuple(known)
        near = nearest(name, self.known)
        more = f"{len(self.known) - _LISTED} more"
        some = self.known if len(self.known) <= _LISTED + 9 else (*self.known[:_LISTED], more)
        remedy = f"did you mean {near!r}?" if near else f"there are: {', '.join(some)}"
        super().__init__(f"unknown {kind} {quote(name)}; {remedy}")


class MissingExtraError(MsgkitError, ImportError):
    """
    An optional package is not installed.

    Args:
        package: The package that could not be imported.

        extra: The extra of msgkit that brings it.

        purpose: What it is needed for: ``to decode OGG``.

    >>> print(MissingExtraError("av", "audio", "to decode OGG"))
    av is needed to decode OGG: pip install 'msgkit-llm[audio]'
    """

    _fields = ("package", "extra", "purpose")

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        self.package = package
        self.extra = extra
        self.purpose = purpose
        super().__init__(f"{package} is needed {purpose}: pip install 'msgkit-llm[{extra}]'")


@contextmanager
def needing(package: str, extra: str, purpose: str) -> Iterator[None]:
    """Where an import in the block fails, say which extra of msgkit brings the package, and what it is needed for."""
    try:
        yield
    except ImportError as error:
        raise MissingExtraError(package, extra, purpose) from error
