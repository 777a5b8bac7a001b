"""What all steps share: how a row is refused, and how steps join."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Final, Literal

import attrs

from msgkit.errors import (
    EXPECTED,
    InvalidMessageError,
    Issue,
    Loss,
    LossError,
    MediaError,
    MissingExtraError,
    MsgkitError,
    internal_error,
    join_path,
)
from msgkit.escaping import among
from msgkit.formats.common.columns import named, names_of
from msgkit.jsontext.blob_table import PLAIN as BASE64
from msgkit.jsontext.blob_table import Codec
from msgkit.rows import Columns, Row, value_of

COLUMN: Final = "msgkit_issues"
"""Where a row's issues are under ``errors="column"``."""

Errors = Literal["raise", "column"]


@attrs.frozen(eq=False, repr=False)
class Outcome:
    """
    What a step made of a row.

    Args:
        row: The new row.

        losses: What a conversion could not carry.

        counts: What was done, for the summary: ``inlined``, ``inlined_bytes``, ``extracted``, ...

        issues: Warnings.

        line: The row as JSON where the step has it; empty if no row is to be written; None to write *row*.

        note: What a pipeline hands to whoever runs it, in the order of the rows.

        refused: Refuse the row, with these issues; the note is kept.

    >>> Outcome({"messages": []}, counts={"inlined": 2}).counts
    {'inlined': 2}
    """

    row: Any
    losses: tuple[Loss, ...] = ()
    counts: Mapping[str, int] = attrs.field(factory=dict)
    issues: tuple[Issue, ...] = ()
    line: bytes | None = None
    note: bytes = b""
    refused: tuple[Issue, ...] = ()


def _column_names(names: Iterable[str]) -> tuple[str, ...]:
    columns = tuple(names)
    names_of(columns)
    return columns


@attrs.frozen(kw_only=True, eq=False)
class Step:
    """
    What all steps share.

    Args:
        errors: ``raise``, or ``column``: give the row back as it was, its issues beside it.

        columns: Columns of other names: ``image_path``, ``clip=video``, ``chat=messages``, ``reply=assistant``.
    """

    keeps_json: ClassVar[bool] = False
    """Whether a row that is strict JSON comes out as such for certain, so that no one need look."""

    takes_tokens: ClassVar[bool] = False
    """Whether tokens may be in the rows that ``apply_beside`` gets."""

    takes_rows: ClassVar[bool] = False
    """Whether a pipeline calls ``apply_row``, with the row's number and its bytes."""

    numbered: ClassVar[bool] = False
    """Whether a pipeline puts the row's number and a tab before what the step notes."""

    in_order: ClassVar[bool] = False
    """Whether one process must do all rows, one after another."""

    modules: ClassVar[tuple[str, ...]] = ()
    """What rows with media need beyond others: imported once, before workers are copied."""

    errors: Errors = attrs.field(default="raise", validator=among("raise", "column"))
    columns: tuple[str, ...] = attrs.field(default=(), converter=_column_names)

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

    def apply_row(self, row: Row, max_row: int) -> Outcome:
        """
        Do the same for a pipeline, to a row as it was read; only if the step ``takes_rows``.

        Args:
            row: Perhaps with its bytes alone, or with what is wrong with it.

            max_row: Bytes that a row may have.

        Raises:
            MsgkitError: The row is refused.
        """
        return self.apply(value_of(row, max_row))

    def begin(self) -> "Step":
        """Return the step for a chunk of rows: one that gathers has an own state for each."""
        return self

    def end(self) -> bytes:
        """Return what was gathered since the last call, as a note; empty if nothing is."""
        return b""

    def writes(self) -> bool:
        """Return whether the step writes files of its own, which a run must wait for, too."""
        return False

    def columns_read(self, names: Sequence[str]) -> Sequence[str]:
        """Return which of a table's columns the step looks at: a pipeline does not read the others."""
        return names

    def recount(self, since: int) -> Mapping[str, int]:  # noqa: ARG002 (of a step that counts what is on the disk)
        """Return the counts of what is on the disk since a time in nanoseconds, for a run that did rows twice."""
        return {}

    def __call__(self, row: Any) -> Any:
        """Do the step to one row; see ``errors``."""
        if self.errors == "raise":
            return self._apply(row).row
        row = _columns(row)
        before = list(row.pop(COLUMN, None) or ())
        if any(issue["severity"] == "error" for issue in before):
            return {**row, COLUMN: before}
        try:
            outcome = self._apply(row)
        except MsgkitError as error:
            return {**row, COLUMN: before + [issue.as_dict() for issue in issues_of(error)]}
        return {**_columns(outcome.row), COLUMN: before + [issue.as_dict() for issue in outcome.issues]}

    def _apply(self, row: Any) -> Outcome:
        try:
            with named(self.columns):
                return self.apply(row)
        except EXPECTED:
            raise
        except Exception as error:  # noqa: BLE001 (whatever is raised costs its row alone)
            raise InvalidMessageError([internal_error(f"the step {type(self).__name__}", error)]) from None

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
            with named(step.columns):
                outcome = step.apply_beside(row, codec) if i == last else step.apply(row)
            row = outcome.row
            losses = _joined(losses, outcome.losses)
            issues += outcome.issues
            for name, count in outcome.counts.items():
                counts[name] = counts.get(name, 0) + count
        return Outcome(row, losses, counts, issues)

    def writes(self) -> bool:
        """Return whether one of the steps does."""
        return any(step.writes() for step in self.steps)


def _joined(before: tuple[Loss, ...], after: tuple[Loss, ...]) -> tuple[Loss, ...]:
    """Join losses; the ledger of the only conversion stays one, so that its shape is not lost."""
    if not before and type(before) is tuple:
        return after
    return before + after if after else before


def columns_of(step: Callable[[Any], Any]) -> Columns | None:
    """Return what says which columns of a table a step looks at; None for a function of the caller's: all."""
    return step.columns_read if isinstance(step, Step) else None


def own_options(step: Step) -> dict[str, Any]:
    """Return the fields that a step has beyond those of all steps, by name."""
    return {name: getattr(step, name) for name in attrs.fields_dict(type(step)) if name not in _SHARED}


_SHARED: Final = frozenset(attrs.fields_dict(Step))


def _columns(row: Any) -> dict[str, Any]:
    return dict(row) if isinstance(row, Mapping) else {"messages": row}


def _links(step: Step) -> tuple[Step, ...]:
    return step.steps if isinstance(step, Chain) else (step,)


def issues_of(error: MsgkitError) -> Iterable[Issue]:
    """
    Return what *error* says as issues of a row, each with the source of its rule.

    >>> [issue.code for issue in issues_of(MediaError("no data", code="media-empty"))]
    ['media-empty']
    """
    from msgkit.rules import told  # many, and rows that are not refused ask for none

    return [told(issue) for issue in _issues(error)]


def _said(loss: Loss) -> str:
    return f"{loss.what}; --allow-loss {loss.name} leaves it out"


def _issues(error: MsgkitError) -> Iterable[Issue]:
    if isinstance(error, InvalidMessageError):
        return error.issues
    if isinstance(error, LossError):
        return [Issue(join_path(loss.path), "conversion-loss", "error", _said(loss)) for loss in error.losses]
    if isinstance(error, MediaError):
        return [error.at(())]
    code = "extra-missing" if isinstance(error, MissingExtraError) else "row-refused"
    return [Issue("", code, "error", str(error))]
