"""The steps that move media: into rows, and out of them."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar

import attrs
import msgspec

from msgkit.formats.common import columns
from msgkit.jsontext.blob_table import PLAIN as BASE64
from msgkit.jsontext.blob_table import Codec
from msgkit.media.options import InlineOptions
from msgkit.pipeline.steps.base import Outcome, Step


@attrs.frozen
class Inline(Step):
    """
    Local references -> base64 parts, as :func:`msgkit.inline`.

    Rows of Hugging Face's ``map`` keep their media columns, as nulls, and write every content as a list of parts, so
    that all rows have one type.

    Args:
        root: The folder that references may not leave.

        target: Whose limits hold.

        model: The model that the rows go to; each row's own when None.

        format: The format of the rows; detected from each row's shape when None.

        options: How to fit; see ``msgkit.media.Options``.

        report: Tell a pipeline's notes of each medium.

    >>> row = {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "cat.jpg"}}]}]}
    >>> Inline(root="examples/photos")(row)["messages"][0]["content"][0]["image_url"]["url"][:22]
    'data:image/jpeg;base64'
    """

    keeps_json: ClassVar[bool] = True
    numbered: ClassVar[bool] = True
    modules: ClassVar[tuple[str, ...]] = ("hashlib", "msgkit.media.cache", "msgkit.media.image.decoders")

    root: str | None = None
    target: str | None = None
    format: str | None = None
    model: str | None = attrs.field(default=None, kw_only=True)
    options: InlineOptions = attrs.field(factory=InlineOptions)
    report: bool = attrs.field(default=False, kw_only=True)

    @cached_property
    def _root(self) -> Any:
        from msgkit.media.sources import Root

        return None if self.root is None else Root(self.root)

    @cached_property
    def _options(self) -> Any:
        from msgkit.media.options import Options

        return Options(**self.options)

    def apply(self, row: Any) -> Outcome:
        """Bring the media in."""
        return self.apply_beside(row, BASE64)

    def apply_beside(self, row: Any, codec: Codec) -> Outcome:
        """Do the same, with tokens for what is brought in."""
        from msgkit.api import inlining

        new, moved = inlining.inline_counted(
            row,
            self._root,
            self.target,
            model=self.model,
            format=self.format,
            options=self._options,
            codec=codec,
        )
        new = new if isinstance(row, dict | list) else _as_table_row(row, new)
        counts = {"inlined": moved.media, "inlined_bytes": moved.size, "converted": len(moved.changes)}
        return Outcome(new, (), counts, note=_note(moved) if self.report else b"")


def _note(moved: Any) -> bytes:
    """Return what was moved, and what is left, as lines of JSON."""
    lines = [*(one.as_dict() for one in moved.done), *(issue.as_dict() for issue in moved.left)]
    return b"\n".join(msgspec.json.encode(line) for line in lines)


def _as_table_row(row: Any, new: Any) -> Any:
    """Return the new row for a table: ``map`` keeps columns that a row leaves out, and a column has one type."""
    emptied = [
        name for name in columns.names() if isinstance(row, Mapping) and name in row and isinstance(new, Mapping)
    ]
    if not emptied or not isinstance(new.get("messages"), list):
        return new
    return {**dict.fromkeys(emptied), **new, "messages": [_with_parts(message) for message in new["messages"]]}


def _with_parts(message: dict[str, Any]) -> dict[str, Any]:
    content = message.get("content")
    return {**message, "content": [{"type": "text", "text": content}]} if isinstance(content, str) else message


@attrs.frozen
class Extract(Step):
    """
    Base64 parts -> files named by content, references in their place, as :func:`msgkit.extract`.

    Args:
        folder: Where the files go; None for columns of the rows, as Hugging Face datasets hold media.

        relative_to: The folder that references are relative to; the one that *folder* is in when None.

        format: The format of the rows; detected from each row's shape when None.

    >>> Extract("data/media").relative_to is None
    True
    """

    keeps_json: ClassVar[bool] = True
    takes_tokens: ClassVar[bool] = True
    numbered: ClassVar[bool] = True

    folder: str | None = None
    relative_to: str | None = None
    format: str | None = None
    report: bool = attrs.field(default=False, kw_only=True)

    @cached_property
    def _store(self) -> Any:
        from msgkit.media.store import Store

        return None if self.folder is None else Store(self.folder)

    def apply(self, row: Any) -> Outcome:
        """Take the media out."""
        return self.apply_beside(row, BASE64)

    def apply_beside(self, row: Any, codec: Codec) -> Outcome:
        """Do the same to a row with tokens for what it holds."""
        from msgkit.api import inlining

        new, moved = inlining.extract_counted(
            row, self._store, relative_to=self.relative_to, format=self.format, codec=codec
        )
        counts = {"extracted": moved.media, "extracted_bytes": moved.size, "left": len(moved.left)}
        counts |= {"files": moved.files} if self.folder is not None and moved.media else {}
        note = _note(moved) if self.report or moved.left else b""
        return Outcome(new, (), counts, moved.left, note=note)

    def writes(self) -> bool:
        """Return whether it does."""
        return self.folder is not None

    def recount(self, since: int) -> Mapping[str, int]:
        """Count the files that are there since then: those of rows that are done again are new to the run."""
        return {} if self._store is None else {"files": self._store.count(since)}
