"""How text from input, paths and numbers are shown: text escaped, cut, and never a payload."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar, cast

import attrs

T = TypeVar("T")

Path = tuple[str | int, ...]
"""The place of a value in a row, as keys and 0-based indexes: ``("messages", 3, "role")``."""

SHOWN = 200  # characters of foreign text in one message
_PAYLOAD = re.compile(r"[A-Za-z0-9+/_=\s-]{64}")
_FILE_NAME = re.compile(r"[\w-]\.[A-Za-z0-9]{1,5}\Z")  # a name made of a hash is long, too, and no payload
_NAME = re.compile(r"[A-Za-z_$][A-Za-z0-9_$-]*\Z")


def join_path(path: Iterable[str | int]) -> str:
    """Write a path as users read it; a key that is not a plain name is quoted in brackets."""
    out = ""
    for step in path:
        if isinstance(step, int):
            out += f"[{step}]"
        elif _NAME.match(step):
            out += f".{step}" if out else step
        else:
            out += f"[{quote(step)}]"
    return out


def row_path(path: Path, places: Mapping[Path, Path], above: Path = ()) -> Path:
    """Translate the path of a value into the path in the row."""
    for end in range(len(path), 0, -1) if places else ():
        place = places.get(path[:end])
        if place is not None:
            return (*place, *path[end:])
    return (*above, *path)


def quote(value: object) -> str:
    """Show a value from input inside a message: escaped, at most 200 characters, never a base64 payload."""
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
    return a(type(value).__name__)


def a(noun: object) -> str:
    """Return a noun with its article."""
    return f"an {noun}" if str(noun).startswith(tuple("aeiou")) else f"a {noun}"


def _quote_text(text: str) -> str:
    head = text if len(text) <= SHOWN else text[:SHOWN]
    if head[:5].lower() == "data:" and "," in head:
        head = head[: head.index(",") + 1]
    else:
        payload = _PAYLOAD.search(head)
        if payload and not (head is text and _FILE_NAME.search(text)):
            head = head[: payload.start() + 8]
    shown = repr(head)
    if len(shown) > SHOWN:
        shown = shown[: SHOWN - 1] + "…"
    return shown if len(head) == len(text) else f"{shown}… ({len(text):,} characters)"


CONTENTS = ("content", "output", "parts")
"""Keys that hold lists of content parts."""
_BESIDE = frozenset((
    "text", "thoughtSignature", "thought_signature", "videoMetadata", "video_metadata", "mediaResolution",
    "media_resolution",
))  # fmt: skip


def name_of(entry: Any) -> str | None:
    """Return what an entry of a list is called: by its type or role, or by the key that says what it is."""
    if not isinstance(entry, Mapping):
        return None
    names = [entry.get(key) for key in ("type", "role", "from")]
    names += [key for key in entry if key not in _BESIDE] or list(entry)
    return next((name for name in names if isinstance(name, str) and name), None)


def name_at(path: Path, value: object) -> str:
    """Return what a value is called: by its key; an entry of a list, or the same parts of a content, by their own."""
    last = path[-1] if path else "row"
    if isinstance(last, str):
        names = set(map(name_of, value)) if last in CONTENTS and isinstance(value, list) else set()
        return (names.pop() if len(names) == 1 else None) or last
    return name_of(value) or next((step for step in reversed(path) if isinstance(step, str)), "row")


def quote_path(path: object) -> str:
    """Show the name of a file that the user gave, in full: long ones look like base64 to :func:`quote`."""
    return f"'{plain(str(path))}'"


def plain(text: str) -> str:
    r"""Return one line for a terminal."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)


def plain_lines(text: str) -> str:
    r"""Return the same for a text of several lines, which stay lines."""
    return "\n".join(map(plain, text.split("\n")))


def as_unicode(name: str) -> str:
    """Return the name of a file as JSON can hold it: bytes that are no UTF-8 are escaped."""
    return name.encode("utf-8", "backslashreplace").decode()


_LONGEST = 200  # characters of a string that is only shown


def shorten(value: Any) -> Any:
    """Return a JSON value with the long strings in it, such as base64, cut for showing."""
    if isinstance(value, str) and len(value) > _LONGEST:
        return f"{value[:40]}… ({len(value):,} characters)"
    if isinstance(value, Mapping):
        return {key: shorten(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [shorten(item) for item in value]
    return value


def describe(value: object) -> str:
    """Name a value's JSON type, as in "expected string, got integer"."""
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


def count(number: int, noun: str, plural: str | None = None) -> str:
    """Write a number and its noun."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def byte_size(number: float) -> str:
    """Write a number of bytes in the unit that reads best, 1 kB being 1,000 bytes."""
    value = float(number)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 999.5:  # noqa: PLR2004 (what rounds to a thousand)
            return f"{value:.1f} {unit}" if value < 10 and unit != "B" else f"{value:.0f} {unit}"  # noqa: PLR2004
        value /= 1000
    return f"{value:.1f} TB"


def duration(number: float) -> str:
    """Return a duration: seconds, or hours, minutes and seconds."""
    if number < 59.95:  # noqa: PLR2004 (what rounds to a minute)
        return f"{number:.1f} s"
    minutes, rest = divmod(round(number), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02} h" if hours else f"{minutes}:{rest:02} min"


def table(rows: Iterable[Sequence[str]], *, right: bool = False) -> str:
    """Return rows of cells as aligned columns; all but the first to the *right* where they are numbers."""
    cells = list(rows)
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    sides = ["<", *((">" if right else "<") * len(widths))]
    lines = [zip(row, sides, widths, strict=False) for row in cells]
    return "\n".join("  ".join(f"{cell:{side}{width}}" for cell, side, width in line).rstrip() for line in lines)


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that *name* most likely means, or None."""
    return _nearest(name[:SHOWN].casefold().strip(), tuple(known))


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return the end of a sentence that names what *name* most likely means; nothing where that is not known."""
    near = nearest(name, known)
    return f"; did you mean {near!r}?" if near else ""


@lru_cache(maxsize=256)  # rows of one file have the same wrong names
def _nearest(name: str, known: tuple[str, ...]) -> str | None:
    folded = {item.casefold(): item for item in known}
    import difflib  # for a name that is wrong

    near = difflib.get_close_matches(name, folded, n=1, cutoff=0.6)
    return folded[near[0]] if near else None


def among(*known: str) -> Callable[[object, Any, object], None]:
    """Return a validator of a field of an attrs class: one of the *known* words."""

    def check(_: object, field: Any, value: object) -> None:
        if value not in known:
            raise ValueError(f"expected {field.name} to be one of {', '.join(known)}, got {quote(value)}")

    return check


def built(cls: Callable[..., T], function: str, options: Mapping[str, object], **more: object) -> T:
    """Return an attrs class made of *options*; one that it does not have is an error of the *function* that took it."""
    known = attrs.fields_dict(cast(type[attrs.AttrsInstance], cls)) if options else {}
    for name in options:
        if name not in known:
            near = nearest(name, known)
            raise TypeError(f"{function}() has no option {name!r}" + (f"; did you mean {near!r}?" if near else ""))
    return cls(**more, **options)
