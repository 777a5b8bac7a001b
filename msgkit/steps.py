"""
Steps: picklable callables, row -> row. Every engine maps them: ``map``, datasets, Ray Data, msgkit's own pipeline.

What a step needs is imported with its first row, so that steps are cheap to make and to send.
They raise only MsgkitError; with ``errors="column"`` they raise nothing and put a row's issues beside it, under
``msgkit_issues``.

>>> rows = [{"messages": [{"role": "user", "content": "Hello"}]}, {"messages": [{"role": "usr", "content": "Hello"}]}]
>>> [row["msgkit_issues"] for row in map(Check(errors="column"), rows)]
[[], [{'path': 'messages[0].role', ...}]]
"""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, ClassVar, Final, Literal

import attrs

from msgkit.errors import (
    InvalidMessageError,
    Issue,
    Loss,
    LossError,
    MediaError,
    MissingExtraError,
    MsgkitError,
    join_path,
)
from msgkit.shelf import PLAIN as BASE64
from msgkit.shelf import Codec

COLUMN: Final = "msgkit_issues"
"""Where a row's issues stand under ``errors="column"``."""

Errors = Literal["raise", "column"]


@attrs.frozen
class Outcome:
    """
    What a step made of a row.

    Args:
        row: The new row.

        losses: What a conversion could not carry.

        counts: What was done, for the summary: ``inlined``, ``inlined_bytes``, ``extracted``, ...

        issues: Warnings.
    """

    row: Any
    losses: tuple[Loss, ...] = ()
    counts: Mapping[str, int] = attrs.field(factory=dict)
    issues: tuple[Issue, ...] = ()


@attrs.frozen(kw_only=True)
class Step:
    """
    What all steps share.

    Args:
        errors: ``raise``, or ``column``: give the row back as it was, its issues beside it.
    """

    keeps_json: ClassVar[bool] = False
    """Whether a row that is strict JSON comes out as such for certain, so that no one need look."""

    takes_tokens: ClassVar[bool] = False
    """Whether tokens may stand in the rows that ``apply_beside`` gets."""

    errors: Errors = attrs.field(default="raise", validator=attrs.validators.in_(("raise", "column")))

    def apply(self, row: Any) -> Outcome:
        """
        Do the step to one row, whatever ``errors`` says, and tell what was done.

        Raises:
            MsgkitError: The row is refused.
        """
        raise NotImplementedError

    def apply_beside(self, row: Any, codec: Codec) -> Outcome:
        """
        Do the same for a pipeline that keeps media beside the row; steps that look into media never see a token.

        Args:
            row: The row, with tokens in place of long base64 if the step ``takes_tokens``.

            codec: What makes tokens of bytes, and bytes of tokens.

        Raises:
            MsgkitError: The row is refused.
        """
        del codec
        return self.apply(row)

    def __call__(self, row: Any) -> Any:
        """Do the step to one row; see ``errors``."""
        if self.errors == "raise":
            return self.apply(row).row
        row = _columns(row)
        before = list(row.pop(COLUMN, None) or ())
        if any(issue["severity"] == "error" for issue in before):
            return {**row, COLUMN: before}
        try:
            outcome = self.apply(row)
        except MsgkitError as error:
            return {**row, COLUMN: before + [attrs.asdict(issue) for issue in issues_of(error)]}
        return {**_columns(outcome.row), COLUMN: before + [attrs.asdict(issue) for issue in outcome.issues]}

    def __or__(self, after: "Step") -> "Chain":
        if not isinstance(after, Step):
            return NotImplemented
        column = "column" in (self.errors, after.errors)
        return Chain((*_links(self), *_links(after)), errors="column" if column else "raise")


@attrs.frozen
class Chain(Step):
    """
    Steps one after another: ``Inline(...) | Convert(...)``.

    Args:
        steps: In order.
    """

    steps: tuple[Step, ...]

    def apply(self, row: Any) -> Outcome:
        """Do each step to what the one before made."""
        return self.apply_beside(row, BASE64)

    def apply_beside(self, row: Any, codec: Codec) -> Outcome:
        """Do the same; the last step alone may put tokens into the row."""
        losses: tuple[Loss, ...] = ()
        issues: tuple[Issue, ...] = ()
        counts: dict[str, int] = {}
        last = len(self.steps) - 1
        for i, step in enumerate(self.steps):
            outcome = step.apply_beside(row, codec) if i == last else step.apply(row)
            row = outcome.row
            losses = _joined(losses, outcome.losses)
            issues += outcome.issues
            for name, count in outcome.counts.items():
                counts[name] = counts.get(name, 0) + count
        return Outcome(row, losses, counts, issues)


def _joined(before: tuple[Loss, ...], after: tuple[Loss, ...]) -> tuple[Loss, ...]:
    """Join losses; the ledger of the only conversion stays one, so that its shape is not lost."""
    if not before and type(before) is tuple:
        return after
    return before + after if after else before


def _columns(row: Any) -> dict[str, Any]:
    return dict(row) if isinstance(row, Mapping) else {"messages": row}


def _links(step: Step) -> tuple[Step, ...]:
    return step.steps if isinstance(step, Chain) else (step,)


@attrs.frozen
class Inline(Step):
    """
    Local references -> base64 parts, as :func:`msgkit.inline`.

    Args:
        root: The folder that references may not leave.

        target: Whose limits hold.

        format: The format of the rows; told from each row's shape when None.

        options: How to fit; see ``msgkit.media.Options``.

    >>> row = {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "cat.jpg"}}]}]}
    >>> Inline(root="examples/photos")(row)["messages"][0]["content"][0]["image_url"]["url"][:22]
    'data:image/jpeg;base64'
    """

    keeps_json: ClassVar[bool] = True

    root: str | None = None
    target: str | None = None
    format: str | None = None
    options: Mapping[str, Any] = attrs.field(factory=dict)

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
        from msgkit import api

        new, moved = api.inline_counted(
            row, self._root, self.target, format=self.format, options=self._options, codec=codec
        )
        return Outcome(new, (), {"inlined": moved.media, "inlined_bytes": moved.size, "converted": len(moved.changes)})


@attrs.frozen
class Extract(Step):
    """
    Base64 parts -> files named by content, references in their place, as :func:`msgkit.extract`.

    Args:
        folder: Where the files go.

        relative_to: The folder that references are relative to; the one that *folder* lies in when None.

        format: The format of the rows; told from each row's shape when None.
    """

    keeps_json: ClassVar[bool] = True
    takes_tokens: ClassVar[bool] = True

    folder: str
    relative_to: str | None = None
    format: str | None = None

    @cached_property
    def _store(self) -> Any:
        from msgkit.media.store import Store

        return Store(self.folder)

    def apply(self, row: Any) -> Outcome:
        """Take the media out."""
        return self.apply_beside(row, BASE64)

    def apply_beside(self, row: Any, codec: Codec) -> Outcome:
        """Do the same to a row with tokens for what it holds."""
        from msgkit import api

        new, moved = api.extract_counted(
            row, self._store, relative_to=self.relative_to, format=self.format, codec=codec
        )
        return Outcome(new, (), {"extracted": moved.media, "extracted_bytes": moved.size})


@attrs.frozen
class Check(Step):
    """
    Refuse rows that :func:`msgkit.check` finds errors in; a row without comes back as it is.

    Args:
        target: Whose rules and limits hold; the target named like the format when None.

        root: The folder that references may name files in; without it they are not opened.

        format: The format of the rows; told from each row's shape when None.

        select: Codes or families to report; all when None.

        ignore: Codes or families to leave out.

        ready: The rows are to be sent as they are, so local references are errors.

    >>> Check()([{"role": "usr", "content": "Hello"}])
    Traceback (most recent call last):
    msgkit.errors.InvalidMessageError: messages[0].role: role-unknown: ...
    """

    keeps_json: ClassVar[bool] = True

    target: str | None = None
    root: str | None = None
    format: str | None = None
    select: tuple[str, ...] | None = attrs.field(default=None, converter=attrs.converters.optional(tuple))
    ignore: tuple[str, ...] | None = attrs.field(default=None, converter=attrs.converters.optional(tuple))
    ready: bool = False

    def apply(self, row: Any) -> Outcome:
        """Check the row."""
        from msgkit import api

        issues = api.check(
            row, self.target, self.root, format=self.format, select=self.select, ignore=self.ignore, ready=self.ready
        )
        if any(issue.severity == "error" for issue in issues):
            raise InvalidMessageError(issues)
        return Outcome(row, (), {"warnings": len(issues)}, tuple(issues))


@attrs.frozen
class Convert(Step):
    """
    Another format, as :func:`msgkit.convert`.

    Args:
        to: The format to write.

        format: The format of the rows; told from each row's shape when None.

        on_loss: ``error`` refuses a row that would lose something; ``drop`` loses it.

    >>> Convert("anthropic", on_loss="drop")([{"role": "user", "content": "Hello", "name": "Ann"}])
    [{'role': 'user', 'content': 'Hello'}]
    """

    to: str
    format: str | None = None
    on_loss: Literal["error", "drop"] = attrs.field(default="error", validator=attrs.validators.in_(("error", "drop")))

    def apply(self, row: Any) -> Outcome:
        """Convert the row."""
        from msgkit import api

        result = api.convert(row, self.to, format=self.format, on_loss=self.on_loss)
        return Outcome(result.payload, result.losses, {"losses": len(result.losses)})


def issues_of(error: MsgkitError) -> Iterable[Issue]:
    """
    Return what *error* says as issues of a row.

    >>> [issue.code for issue in issues_of(MediaError("no data", code="media-empty"))]
    ['media-empty']
    """
    if isinstance(error, InvalidMessageError):
        return error.issues
    if isinstance(error, LossError):
        return [Issue(join_path(loss.path), "conversion-loss", "error", loss.what) for loss in error.losses]
    if isinstance(error, MediaError):
        return [error.at(())]
    code = "extra-missing" if isinstance(error, MissingExtraError) else "row-refused"
    return [Issue("", code, "error", str(error))]
