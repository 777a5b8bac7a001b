"""What all values share: unknown keys, the note of how they were written, and a short repr."""

from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

import attrs

from msgkit.errors import quote


class _Nothing(Mapping[str, Any]):
    """The empty mapping that every value without unknown keys shares."""

    __slots__ = ()

    def __getitem__(self, key: str) -> NoReturn:
        raise KeyError(key)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Mapping) and not other

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return "{}"

    def __reduce__(self) -> str:
        return "NOTHING"


NOTHING: Mapping[str, Any] = _Nothing()
PLAIN: frozenset[str] = frozenset()


@attrs.frozen(kw_only=True, repr=False)
class Value:
    """
    What all values share.

    Args:
        extra: Keys of the JSON object that the class does not know; they are written back.

        form: How the object was written where that has no meaning: the keys that were an explicit null,
            and spellings. Not part of equality; msgkit's own note.
    """

    extra: Mapping[str, Any] = attrs.field(default=NOTHING, hash=False)
    form: frozenset[str] = attrs.field(default=PLAIN, eq=False)

    def __repr__(self) -> str:
        shown = []
        for field in sorted(attrs.fields(type(self)), key=lambda field: field.name == "extra"):
            value = getattr(self, field.name)
            if value is None or field.name == "form" or (field.default is not attrs.NOTHING and value == field.default):
                continue
            text = quote(value) if isinstance(value, str | dict) else repr(value)
            plain = field.default is attrs.NOTHING or field.name == "content"
            shown.append(text if plain else f"{field.name}={text}")
        return f"{type(self).__name__}({', '.join(shown)})"


@attrs.frozen(repr=False)
class UnknownPart:
    """
    A part of a type that no class knows; it goes back out unchanged.

    Args:
        type: The type named.

        data: The whole JSON object.
    """

    type: str
    data: Mapping[str, Any] = attrs.field(hash=False)

    def __repr__(self) -> str:
        return f"UnknownPart({quote(self.type)}, {quote(self.data)})"
