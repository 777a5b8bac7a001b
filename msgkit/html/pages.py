"""Rows -> a page: one self-contained file, or numbered parts and an index when there is too much for one."""

from collections.abc import Iterable, Iterator
from typing import IO

import attrs

from msgkit.escaping import count
from msgkit.html import format_numbers, render
from msgkit.html.cards import MessageCard, RowCard

BLOCK = 20
"""Rows that a browser lays out together, or leaves out together while they are far from the window."""

_PIECE = 50  # messages that are rendered at a time
_STYLES = ("palette.css", "messages.css", "page.css")
_SCRIPTS = ("rows.js", "finding.js")
_START, _FINISH = "view.start();", "view.finish();"


@attrs.define
class Tally:
    """What a page holds."""

    rows: int = 0  # how many
    messages: int = 0
    media: int = 0
    errors: int = 0
    warnings: int = 0
    failed: int = 0  # rows at which msgkit itself failed
    first: int = 0  # the numbers of its first and last row
    last: int = 0
    size: int = 0

    def add(self, row: RowCard, messages: int, media: int, severities: Iterable[str]) -> None:
        """Count a row."""
        self.rows += 1
        self.messages += messages
        self.media += media
        for severity in severities:
            if severity == "error":
                self.errors += 1
            else:
                self.warnings += 1
        self.first = self.first or row.number
        self.last = row.number


class Page:
    """One page in the making; rows are written as they come."""

    def __init__(self, file: IO[bytes], title: str, about: str = "") -> None:
        self.tally = Tally()
        self._file = file
        self._seen: set[str] = set()
        self._index = _Index()
        style, script = render.own(*_STYLES), render.own(*_SCRIPTS)
        policy = render.policy([style], [script, _START, _FINISH])
        self._write(render.template("start.html", title=title, about=about, policy=policy, style=style, script=script))

    def add(self, row: RowCard) -> None:
        """Write a row, and its media unless they are in the page."""
        media = list(row.media())
        for card in media:
            if card.key not in self._seen:
                self._seen.add(card.key)
                self._write(f'<script type="text/plain" id="media-{card.key}">{card.url}</script>\n')
        messages = list(row.all_messages())
        issues = list(row.all_issues())
        self.tally.failed += any(issue.code == "internal-error" for issue in issues)
        self.tally.add(row, len(messages), len(media), (issue.severity for issue in issues))
        before = '<div class="block">\n' if self.tally.rows % BLOCK == 1 else ""
        after = "</div>\n" if self.tally.rows % BLOCK == 0 else ""
        early = (
            f"<script>{_START}</script>\n" if self.tally.rows == BLOCK else ""
        )  # the first rows do not wait for the others
        self._write(f"{before}{_article(row, len(messages), len(media))}{after}{early}")
        self._index.add(row, messages)

    def finish(self) -> None:
        """Write what stands behind the rows."""
        if self.tally.rows % BLOCK:
            self._write("</div>\n")
        self._write(render.template("end.html", index=render.as_data(self._index.data()), finish=_FINISH))

    def _write(self, text: str) -> None:
        data = text.encode("utf-8", "backslashreplace")
        self.tally.size += len(data)
        self._file.write(data)


def _article(row: RowCard, messages: int, media: int) -> str:
    errors = sum(issue.severity == "error" for issue in row.all_issues())
    warnings = sum(1 for _ in row.all_issues()) - errors
    return render.template(
        "row.html",
        row=row,
        counts=[count(messages, "message")] + [count(media, "medium", "media")] * bool(media),
        errors=errors,
        warnings=warnings,
        pieces=[(render.as_data(text), height) for text, height in _pieces(row)],
    )


def _pieces(row: RowCard) -> Iterator[tuple[str, int]]:
    """Yield the HTML of a row in pieces, and about how many pixels high each is."""
    before = render.before(row, live=True)
    if before:
        yield f'<div class="before">{before}</div>', 60 + 90 * len(row.issues) + 200 * (row.raw is not None)
    for start in range(0, len(row.messages), _PIECE):
        some = row.messages[start : start + _PIECE]
        yield "".join(render.message(card, live=True) for card in some), sum(map(_height, some))


def _height(card: MessageCard) -> int:
    """Guess the height of a message: it only keeps the scroll bar honest until the message is seen."""
    height = 30 + 90 * len(card.issues) + 200 * (card.raw is not None) + 25 * (card.other is not None)
    for part in card.parts:
        shown = sum(len(piece.text) for piece in part.text.head) if part.text else 0
        height += 24 + 24 * (shown // 90) + 90 * len(part.issues)
        if part.media:
            height += min(352, part.media.height or 352) + 30 if part.media.kind == "image" else 80
    for call in card.calls:
        height += 90 + sum(map(_height, call.results))
    return height


class _Index:
    """What filters and the list of issues work on: small beside the rows themselves."""

    def __init__(self) -> None:
        self._combinations: dict[tuple[object, ...], int] = {}
        self._codes: dict[tuple[str, str], int] = {}
        self._rows: list[list[int]] = []
        self._issues: list[tuple[str, int, str]] = []

    def add(self, row: RowCard, messages: list[MessageCard]) -> None:
        """Note a row."""
        own = (None, None, (), tuple(sorted({issue.code for issue in row.issues})))
        by_index = {card.index: self._number(_combination(card)) for card in messages}
        self._rows.append([self._number(own), *(by_index[i] for i in sorted(by_index))])
        for issue in row.all_issues():
            code = self._codes.setdefault((issue.code, issue.severity), len(self._codes))
            self._issues.append((issue.id, code, format_numbers.visible(issue.path)))

    def data(self) -> dict[str, object]:
        """Return it as JSON values."""
        return {
            "combinations": list(self._combinations),
            "rows": self._rows,
            "codes": list(self._codes),
            "issues": self._issues,
        }

    def _number(self, combination: tuple[object, ...]) -> int:
        return self._combinations.setdefault(combination, len(self._combinations))


def _combination(card: MessageCard) -> tuple[object, ...]:
    types = {part.type for part in card.parts} | ({"tool_call"} if card.calls else set())
    return card.role, card.channel or "", tuple(sorted(types)), tuple(sorted(card.codes()))
