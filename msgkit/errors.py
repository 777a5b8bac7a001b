"""
What goes wrong, as values and as exceptions.

    MsgkitError(Exception)
      InvalidMessageError(ValueError)      .issues: every one, not the first
      LossError(ValueError)                .losses: what the target format cannot hold
      MediaError(ValueError)               .source .code: unreadable, wrong type, too big, outside the root
      UnknownNameError(LookupError)        .name .known
      MissingExtraError(ImportError)       .extra: the optional part of msgkit to install
"""

import difflib
import re
from collections.abc import Iterable, Sequence
from typing import Any, Literal, Self

import attrs

Severity = Literal["error", "warning"]
Path = tuple[str | int, ...]
"""Where a value stands in a row, as keys and 0-based indexes: ``("messages", 3, "role")``."""

SHOWN = 200  # characters of foreign text in one message
_PAYLOAD = re.compile(r"[A-Za-z0-9+/_=\s-]{64}")
_NAME = re.compile(r"[A-Za-z_$][A-Za-z0-9_$-]*\Z")


def join_path(path: Iterable[str | int]) -> str:
    """
    Write a path as users read it; a key that is no plain name stands quoted in brackets.

    >>> join_path(("messages", 3, "content", 1, "image_url", "url"))
    'messages[3].content[1].image_url.url'
    >>> join_path(("a b", 0))
    "['a b'][0]"
    """
    out = ""
    for step in path:
        if isinstance(step, int):
            out += f"[{step}]"
        elif _NAME.match(step):
            out += f".{step}" if out else step
        else:
            out += f"[{quote(step)}]"
    return out


def quote(value: object) -> str:
    """
    Show a value from input inside a message: escaped, at most 200 characters, never a base64 payload.

    >>> quote("usr")
    "'usr'"
    >>> quote(["a", "b"])
    'a list of 2'
    """
    if isinstance(value, str):
        return _quote_text(value)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int | float):
        text = (
            repr(value)
            if isinstance(value, float) or value.bit_length() < SHOWN
            else f"{value.bit_length()}-bit integer"
        )
        return text[:SHOWN]
    if isinstance(value, dict):
        return f"an object of {len(value)}"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    return f"a {type(value).__name__}"


def _quote_text(text: str) -> str:
    head = text[:SHOWN]
    if head.startswith("data:") and "," in head:
        head = head[: head.index(",") + 1]
    else:
        payload = _PAYLOAD.search(head)
        if payload:
            head = head[: payload.start() + 8]
    shown = repr(head)
    if len(shown) > SHOWN:
        shown = shown[: SHOWN - 1] + "…"
    return shown if len(head) == len(text) else f"{shown}… ({len(text):,} characters)"


def describe(value: object) -> str:
    """
    Name a value's JSON type, as in "expected string, got integer".

    >>> describe(5), describe(None), describe({})
    ('integer', 'null', 'object')
    """
    names = {
        bool: "boolean",
        int: "integer",
        float: "number",
        str: "string",
        dict: "object",
        list: "array",
        tuple: "array",
    }
    return "null" if value is None else names.get(type(value), type(value).__name__)


def nearest(name: str, known: Iterable[str]) -> str | None:
    """
    Return the known name that *name* most likely means, or None.

    >>> nearest("opnai", ["openai", "harmony"])
    'openai'
    """
    folded = {item.casefold(): item for item in known}
    found = difflib.get_close_matches(name[:SHOWN].casefold().strip(), folded, n=1, cutoff=0.6)
    return folded[found[0]] if found else None


@attrs.frozen
class Issue:
    """
    One fault of one row.

    Args:
        path: Where, row-relative: ``messages[3].content[1].image_url.url``; empty for the whole row.

        code: Stable kebab-case name of the rule.

        severity: ``error`` (it would be refused) or ``warning`` (it does harm).

        message: What was expected and what was found.

        hint: The remedy, when it is certain.

        source: The document that the rule comes from.

        fixable: True when ``msgkit check --fix`` mends it without changing the meaning.

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

    def __str__(self) -> str:
        return f"{self.path or '(row)'}: {self.code}: {self.message}"


@attrs.frozen
class Loss:
    """
    One thing that a conversion could not carry.

    Args:
        path: Where it stood in the source, row-relative.

        what: What is lost, in words.

        value: The JSON value that stood there.

        change: What to do at *path* to go back: ``set`` the value, ``insert`` it in a list, or ``delete`` what the way
            back would put there.

        form: True when only the writing changes and the meaning stays: an id renamed, messages joined, a null left
            out. Listed for the way back, and no reason to refuse.
    """

    path: Path
    what: str
    value: Any = None
    change: Literal["set", "insert", "delete"] = "set"
    form: bool = False

    def __str__(self) -> str:
        return f"{join_path(self.path) or '(row)'}: {self.what}: {quote(self.value)}"


class MsgkitError(Exception):
    """Everything that msgkit raises on purpose."""


class InvalidMessageError(MsgkitError, ValueError):
    """
    A payload is not what it must be.

    Args:
        issues: Every issue found, in the order of the payload.

        partial: What could be loaded all the same; for msgkit's own use.
    """

    def __init__(self, issues: Sequence[Issue], partial: Any = None) -> None:
        self.issues = tuple(issues)
        self.partial = partial
        shown = [str(issue) for issue in self.issues[:20]]
        if len(self.issues) > len(shown):
            shown.append(f"and {len(self.issues) - len(shown)} more")
        super().__init__("\n".join(shown))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.issues,)


class LossError(MsgkitError, ValueError):
    """
    A conversion would lose something.

    Args:
        losses: Each thing that the target format cannot hold, with its path and its value.
    """

    def __init__(self, losses: Sequence[Loss]) -> None:
        self.losses = tuple(losses)
        shown = [str(loss) for loss in self.losses[:20]]
        if len(self.losses) > len(shown):
            shown.append(f"and {len(self.losses) - len(shown)} more")
        super().__init__("\n".join(shown))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.losses,)


class MediaError(MsgkitError, ValueError):
    """
    Media cannot be read, are of the wrong type, too large, or lie outside the root.

    Args:
        message: What was expected and what was found.

        code: The code that ``check`` reports for it, such as ``media-invalid``.

        source: The name that the media were called by, or None for bytes.

        hint: The remedy, when it is certain.
    """

    def __init__(self, message: str, *, code: str, source: str | None = None, hint: str | None = None) -> None:
        self.message = message
        self.code = code
        self.source = source
        self.hint = hint
        super().__init__(message if source is None else f"{quote(source)}: {message}")

    def __reduce__(self) -> tuple[Any, ...]:
        return _media_error, (self.message, self.code, self.source, self.hint)

    def at(self, path: Path, rule: str | None = None) -> Issue:
        """Return the issue that this error is at *path*; *rule* names the document that the rule comes from."""
        return Issue(join_path(path), self.code, "error", str(self), self.hint, rule)

    def named(self, source: str) -> Self:
        """Return the same error, said of *source*."""
        return type(self)(self.message, code=self.code, source=source, hint=self.hint)


def _media_error(message: str, code: str, source: str | None, hint: str | None) -> MediaError:
    return MediaError(message, code=code, source=source, hint=hint)


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

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        self.kind = kind
        self.name = name
        self.known = tuple(known)
        near = nearest(name, self.known)
        remedy = f"did you mean {near!r}?" if near else f"there are: {', '.join(self.known)}"
        super().__init__(f"unknown {kind} {quote(name)}; {remedy}")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.kind, self.name, self.known)


class MissingExtraError(MsgkitError, ImportError):
    """
    An optional package is not installed.

    Args:
        package: The package that could not be imported.

        extra: The extra of msgkit that brings it.

        purpose: What it is needed for: ``to decode OGG``.

    >>> print(MissingExtraError("av", "audio", "to decode OGG"))
    av is needed to decode OGG: pip install 'msgkit[audio]'
    """

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        self.package = package
        self.extra = extra
        self.purpose = purpose
        super().__init__(f"{package} is needed {purpose}: pip install 'msgkit[{extra}]'")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.package, self.extra, self.purpose)
