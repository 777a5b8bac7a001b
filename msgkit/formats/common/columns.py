"""
Media columns of a row (``images``, ``image``, ``audios``, ...), and what stands for their entries in the messages.

``<image>`` in a text, or a part ``{"type": "image"}`` without a source, stands for the next entry. Where nothing in
messages of texts stands for a column, its entries belong before the first question. A column is a list, or one entry by
itself; null is a column without entries. An entry is a path, a URL, or an object ``{bytes, path}``.

Source: LLaMA-Factory ``data/README.md``; TRL ``docs/source/dataset_formats`` and ``prepare_multimodal_messages`` in
``trl/data_utils.py``; ms-swift ``_add_default_tags`` in ``swift/llm/template/base.py``; LLaVA
``docs/Finetune_Custom_Data.md``.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any, NamedTuple

from msgkit.errors import Issue, Path, join_path, quote
from msgkit.formats.common import media
from msgkit.jsontext.values import objects, type_of

KINDS = ("image", "audio", "video")
NAMES: Mapping[str, str] = {name: kind for kind in KINDS for name in (f"{kind}s", kind)}
"""Name of a column -> kind of media."""

SYSTEMS = ("system", "system_prompt")  # columns of a system prompt
SIGN = "--columns"  # among the words of a body: texts of it were named
MESSAGES = "messages"
TEXTS = ("system", "user", "assistant")
"""What a column that is named may be beside media: a list of messages, or the text of one role."""

_named: ContextVar[Mapping[str, str]] = ContextVar("media_columns", default=NAMES)
_texts: ContextVar[Mapping[str, str]] = ContextVar("text_columns", default=MappingProxyType({}))

_SOURCES = ("path", "url", "base64", "bytes", "data", "source", "array")  # keys of a part that name or hold media


class Column(NamedTuple):
    """The media of one kind beside the messages."""

    kind: str  # ``image``, ``audio`` or ``video``
    name: str
    entries: Sequence[Any] = ()  # one for each placeholder; empty for null
    single: bool = False  # whether the value is one entry, not a list

    def path(self, number: int) -> Path:
        """Where an entry is in the body."""
        return (self.name,) if self.single else (self.name, number)


def named(names: Iterable[str]) -> AbstractContextManager[None]:
    """Take further columns within the block, as ``--columns`` names them."""
    return _with(names) if names else _AS_THEY_ARE


_AS_THEY_ARE = nullcontext()


@contextmanager
def _with(names: Iterable[str]) -> Iterator[None]:
    told = names_of(names)
    token = _named.set({**NAMES, **{name: kind for name, kind in told.items() if kind in KINDS}})
    other = _texts.set({name: role for name, role in told.items() if role not in KINDS})
    try:
        yield
    finally:
        _named.reset(token)
        _texts.reset(other)


def names() -> Mapping[str, str]:
    """Return the names that media columns have, each with its kind."""
    return _named.get()


def named_as(role: str) -> tuple[str, ...]:
    """Return the further columns that were named as messages, or as the text of one role."""
    texts = _texts.get()
    usual = MESSAGES if role == MESSAGES else None  # which is what its name says
    return tuple(name for name, own in texts.items() if own == role and name != usual) if texts else ()


def further_names() -> set[str]:
    """Return all columns that were named."""
    return {*_texts.get(), *(_named.get().keys() - NAMES.keys())}


def find(body: Mapping[str, Any]) -> dict[str, Column]:
    """Return the media columns of *body* by kind; where a kind has two, the first with entries."""
    columns: dict[str, Column] = {}
    for name, kind in _named.get().items():
        if name in body and (kind not in columns or not columns[kind].entries):
            column = _column(name, kind, body[name])
            if column is not None and (column.entries or kind not in columns):
                columns[kind] = column
    return columns


def _column(name: str, kind: str, value: Any) -> Column | None:
    if isinstance(value, list | tuple):
        return Column(kind, name, () if all(entry is None for entry in value) else value)
    if value is None:
        return Column(kind, name)
    is_entry = isinstance(value, str) or (isinstance(value, Mapping) and not value.keys().isdisjoint(("path", "bytes")))
    return Column(kind, name, (value,), single=True) if is_entry or name == f"{kind}s" else None


def entry_name(entry: Any) -> str | None:
    """Return what an entry of a column names or holds: a string, or the path, URL or base64 of an object."""
    if isinstance(entry, str):
        return entry
    if not isinstance(entry, Mapping):
        return None
    data = entry.get("bytes")
    if data:
        return media.join(media.sniff(data) or "application/octet-stream", data) if isinstance(data, str) else None
    return next((entry[key] for key in ("path", "url") if isinstance(entry.get(key), str)), None)


def entry_key(entry: Any) -> tuple[str, ...]:
    """Return the keys under which the string of an entry stands."""
    if isinstance(entry, str):
        return ()
    return (
        ("bytes",) if entry.get("bytes") else (next(key for key in ("path", "url") if isinstance(entry.get(key), str)),)
    )


def stands_for(part: Any) -> str | None:
    """Return the kind of media that a part without a source stands for; None for other parts."""
    part_type = type_of(part)
    if part_type not in KINDS:
        return None
    return part_type if all(part.get(key) is None for key in (*_SOURCES, part_type, f"{part_type}_url")) else None


def count(text: Any, kind: str) -> int:
    """Count the placeholders of one kind."""
    return text.count(f"<{kind}>") if isinstance(text, str) else 0


def misfits(
    columns: Mapping[str, Column], contents: Sequence[Any], free: Collection[str], *, always: bool = False
) -> Iterator[tuple[Path, str, str]]:
    """Yield path, code and message of what does not fit between texts and parts and the columns; () is no column's."""
    if "image" not in columns and (columns or always):
        columns = {"image": Column("image", "images"), **columns}  # for <image>
    for column in columns.values():
        told = None if column.kind in free else _mismatch(column, contents)
        if told is not None:
            yield (), "placeholder-count", told
        for n, entry in enumerate(column.entries):
            if entry_name(entry) is None:
                told = f"expected a path, a URL or an object with one, got {quote(entry)}"
                yield column.path(n), "type-mismatch", told


def _mismatch(column: Column, contents: Sequence[Any]) -> str | None:
    """Return the message if what stands for the entries of *column* differs from them in number."""
    entries = len(column.entries)
    in_text = sum(count(item, column.kind) for item in contents)
    in_parts = sum(stands_for(item) == column.kind for item in contents)
    if in_text + in_parts == entries or (in_parts and in_parts == entries):
        return None
    what = f"<{column.kind}> placeholders" + (" and parts without a source" if in_parts else "")
    return f"expected as many {what} as entries in {column.name}, got {in_text + in_parts} and {entries}"


def unplaced(contents: Iterable[tuple[Any, Any]], columns: Mapping[str, Column]) -> dict[str, Column]:
    """Return the columns that nothing stands for, given the role and content of each message: trainers place those."""
    known = list(contents)
    first = next((text for role, text in known if role == "user"), None)
    if not isinstance(first, str) or not all(isinstance(text, str | None) for _, text in known):
        return {}
    free = {kind: column for kind, column in columns.items() if column.entries}
    return {kind: column for kind, column in free.items() if not any(count(text, kind) for _, text in known)}


def unplaced_in(messages: Any, columns: Mapping[str, Column]) -> dict[str, Column]:
    """Return the columns that nothing in a list of messages stands for."""
    items = [item for item in (messages if isinstance(messages, list | tuple) else ()) if isinstance(item, Mapping)]
    return unplaced([(item.get("role"), item.get("content")) for item in items], columns)


def issues(body: Mapping[str, Any], columns: Mapping[str, Column], at: Path = ()) -> Iterator[Issue]:
    """Yield what does not fit between the messages of *body* and its columns."""
    messages = body.get("messages")
    for path, code, told in misfits(columns, list(contents_of(messages)), unplaced_in(messages, columns)):
        yield Issue(join_path((*at, *(path or ("messages",)))), code, "error", told)


def contents_of(messages: Any) -> Iterator[Any]:
    """Yield the texts of all messages, and their parts that are no text."""
    for message in messages if isinstance(messages, list | tuple) else ():
        content = message.get("content") if isinstance(message, Mapping) else None
        for item in content if isinstance(content, list | tuple) else (content,):
            yield item.get("text") if isinstance(item, Mapping) and item.get("type") == "text" else item


def has_entries(body: Mapping[str, Any]) -> bool:
    """Return whether *body* has a media column, be it an empty one."""
    return not body.keys().isdisjoint(_named.get()) and bool(find(body))


def messages_in(value: Any) -> list[Any]:
    """Return the messages in a column, which may be JSON text; none where it holds something else."""
    if isinstance(value, str) and _LISTED.match(value):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return []
    items = objects(value)
    return items if items and len(items) == len(value) and all(map(_is_message, items)) else []


def _is_message(item: Mapping[str, Any]) -> bool:
    return any(map(item.keys().__ge__, _TALK)) or ("role" in item and not _CALLS.isdisjoint(item))


_TALK = (frozenset(("role", "content")), frozenset(("from", "value")))
_CALLS = frozenset(("tool_calls", "function_call"))
_LISTED = re.compile(r"\s*\[\s*\{")
_ONE_ANSWER = re.compile(r"(?:response|answer|completion|output|reply)_?(?:[0-9]|[a-z])")


def is_one_answer(key: Any) -> bool:
    """Return whether a column has one of several answers, by its name: ``response_0``, ``answer_b``."""
    return isinstance(key, str) and _ONE_ANSWER.fullmatch(key) is not None


def names_of(names: Iterable[str]) -> dict[str, str]:
    """Return names of further columns with what they are, as ``--columns`` takes them."""
    kinds_by_name: dict[str, str] = {}
    for text in names:
        name, _, kind = text.rpartition("=") if "=" in text else (text, "", "")
        told = [kind] if kind else [kind for kind in KINDS if kind in name.lower()]
        if len(told) != 1 or told[0] not in (*KINDS, MESSAGES, *TEXTS):
            raise ValueError(
                "expected a column whose name has image, audio or video in it, or NAME=WHAT, where WHAT is one of "
                f"{', '.join((*KINDS, MESSAGES, *TEXTS))}, got {text!r}"
            )
        kinds_by_name[name] = told[0]
    return kinds_by_name
