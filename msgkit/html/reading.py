"""Rows -> their cards: what loads as a conversation, the rest as it stands in the file, with every issue."""

import pickle
from typing import ClassVar

import attrs

from msgkit.api import checking
from msgkit.errors import EXPECTED, InvalidMessageError, Issue, internal_error
from msgkit.html.cards import IssueCard, RowCard
from msgkit.html.json_html import Json, as_json, as_typed, split
from msgkit.html.load_any import Opened, by_place, open_row, whole
from msgkit.html.media import MediaCard, look
from msgkit.html.messages import Builder
from msgkit.html.rows import ENOUGH
from msgkit.inlining.media_refs import MediaRef
from msgkit.media.sources import Root
from msgkit.model.messages import Conversation
from msgkit.pipeline.steps import Outcome, Step
from msgkit.rows import Row, read_row
from msgkit.rules import told


@attrs.frozen
class Reader:
    """What rows are read with."""

    root: str | None = None  # the folder that references may name files in; without it they are named, and not opened
    target: str | None = None  # whose rules and limits hold; the target named like the format when None
    format: str | None = None  # the format of the rows; told from each row's shape when None

    def card(self, row: Row) -> RowCard:
        """Return the card of a row of a file; never raises for what stands in it."""
        try:
            return self._card(row)
        except EXPECTED:
            raise
        except Exception as error:  # noqa: BLE001 (whatever is raised costs its row alone)
            return RowCard(row.number, issues=_cards([told(internal_error("the page", error))], f"r{row.number}"))

    def _card(self, row: Row) -> RowCard:
        if row.issues:
            issues = _cards(row.issues, f"r{row.number}")
            return RowCard(row.number, raw=_raw(as_typed(row.raw)) if row.raw is not None else None, issues=issues)
        issues_found = checking.check(row.value, self.target, self.root, format=self.format)
        try:
            opened = open_row(row.value, self.format)
        except InvalidMessageError:
            return RowCard(row.number, raw=_raw(as_json(row.value)), issues=_cards(issues_found, f"r{row.number}"))
        return self._opened(row.number, opened, issues_found)

    def conversation(self, conversation: Conversation, issues: list[Issue]) -> RowCard:
        """Return the card of a conversation, with *issues* at their places."""
        return self._opened(0, whole(conversation), issues)

    def _opened(self, number: int, opened: Opened, issues: list[Issue]) -> RowCard:
        builder = Builder(opened, by_place(opened, issues), self._look, f"r{number}")
        on_row = builder.row_issues()
        conversation = opened.loaded.conversation
        envelope = conversation.envelope.row if conversation.envelope else {}
        rest = {**envelope, **conversation.extra}
        raw = None if conversation.messages else _raw(as_json(opened.row))
        tags, other = split(rest)
        return RowCard(number, builder.messages(), tags, other, raw, on_row)

    def _look(self, ref: MediaRef, changes: tuple[str, ...]) -> MediaCard:
        return look(ref, None if self.root is None else Root(self.root), changes=changes)


@attrs.frozen(kw_only=True)
class Cards(Step):
    """Rows as cards, which are the notes of the run."""

    takes_rows: ClassVar[bool] = True

    reader: Reader  # what rows are read with
    rows: tuple[int, int] | None = None  # the first and last number of the rows to show; all when None

    def apply_row(self, row: Row, max_row: int) -> Outcome:
        """Make the card of the row if it is to be shown."""
        if self.rows is not None and not self.rows[0] <= row.number <= self.rows[1]:
            return Outcome(None, line=b"", note=ENOUGH if row.number > self.rows[1] else b"")
        if row.raw is not None and row.value is None and not row.issues:
            row = read_row(row.number, row.raw, max_row, ended=row.ended)
        return Outcome(None, line=b"", note=pickle.dumps(self.reader.card(row)))


def _raw(source: str) -> Json:
    return Json("as it stands in the file", source, open=True)


def _cards(issues: tuple[Issue, ...] | list[Issue], anchor: str) -> tuple[IssueCard, ...]:
    return tuple(
        IssueCard(f"{anchor}i{k}", issue.path, issue.code, issue.severity, issue.message, issue.hint, issue.source)
        for k, issue in enumerate(issues, 1)
    )
