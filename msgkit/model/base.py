"""What all values share: unknown keys, the note of how they were written, and a short repr."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final, NamedTuple, NoReturn, TypeVar

import attrs

from msgkit.errors import quote


class _Nothing(dict[str, Any]):
    """The empty object that every value without unknown keys shares; a dict, for these are looked into fastest."""

    __slots__ = ()

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("expected a dict of its own to change, got the one that all values without unknown keys share")

    __setitem__ = __delitem__ = __ior__ = clear = pop = popitem = setdefault = update = _refuse

    def __reduce__(self) -> str:
        return "NOTHING"


NOTHING: Mapping[str, Any] = _Nothing()
T = TypeVar("T")


class Mark(NamedTuple):
    """
    A note of how a value was written where that has no meaning, so that it can be written back as it was.

    A format declares its marks where it reads and writes them, and no other reads them; what it says beside being there
    is its text: ``Mark("sharegpt", "from").of("human")``.
    """

    owner: str  # the format whose mark it is
    name: str
    text: str = ""

    def of(self, text: str) -> "Mark":
        """Return the mark with a text."""
        return Mark(self.owner, self.name, text)

    def matches(self, mark: "Mark") -> bool:
        """Return whether *mark* is this one, with any text."""
        return self[:2] == mark[:2]

    def find(self, form: "Collection[Mark]", default: T | None = None) -> str | T | None:
        """Return the text of the mark in *form*, *default* when it is not there."""
        return next((mark.text for mark in form if self.matches(mark)), default) if form else default


NULL: Final = "null"  # owner of the marks of fields that were an explicit null


def null(field: str) -> Mark:
    """Return the mark of a field that was an explicit null."""
    return Mark(NULL, field)


PLAIN: frozenset[Mark] = frozenset()


class NotebookRepr:
    """A value that notebooks show as HTML: messages, images, players, issues."""

    __slots__ = ()

    def _repr_html_(self) -> str | None:
        """Return HTML for a notebook; None without jinja2 (``msgkit-llm[view]``), so that the plain text is shown."""
        from msgkit import html  # the one import that points up: asked only when a notebook asks

        shown: str | None = html.html(self)
        return shown


@attrs.frozen(kw_only=True, repr=False)
class Value(NotebookRepr):
    """What all values share."""

    # keys of the JSON object that the class does not know; they are written back
    extra: Mapping[str, Any] = attrs.field(default=NOTHING, hash=False)
    # how the object was written where that has no meaning: see Mark. Not part of equality
    form: frozenset[Mark] = attrs.field(default=PLAIN, eq=False)

    def __repr__(self) -> str:
        shown = [f"{name}={_text(value)}" if name else _text(value) for name, value in self._set_fields()]
        return f"{type(self).__name__}({', '.join(shown)})"

    def __rich_repr__(self) -> Iterator[Any]:
        """Yield the fields for ``rich``; strings from input are escaped and cut, and base64 is never shown."""
        for name, value in self._set_fields():
            shown = Words(quote(value)) if isinstance(value, str | dict) else value
            shown = list(shown) if isinstance(shown, tuple) else shown  # rich takes a tuple for a name and a value
            yield (name, shown) if name else shown

    def _set_fields(self) -> Iterator[tuple[str, Any]]:
        """Yield each field that is not its default, with its name unless the place says what it is."""
        for field in sorted(attrs.fields(type(self)), key=lambda field: field.name == "extra"):
            value = getattr(self, field.name)
            if value is None or field.name == "form" or (field.default is not attrs.NOTHING and value == field.default):
                continue
            yield ("" if field.default is attrs.NOTHING or field.name == "content" else field.name), value


def _text(value: Any) -> str:
    return quote(value) if isinstance(value, str | dict) else repr(value)


class Words(str):
    """Text whose repr is the text itself."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


@attrs.frozen(repr=False)
class UnknownPart(NotebookRepr):
    """
    A part of a type that no class knows; it goes back out unchanged.

    Args:
        type: The type named.

        data: The whole JSON object.

    >>> UnknownPart("poll", {"type": "poll", "options": 2}).data["options"]
    2
    """

    type: str
    data: Mapping[str, Any] = attrs.field(hash=False)

    def __repr__(self) -> str:
        return f"UnknownPart({quote(self.type)}, {quote(self.data)})"
