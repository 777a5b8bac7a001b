"""Rows -> a page: one self-contained file, or numbered parts and an index when there is too much for one."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import IO, Self

import attrs
import msgspec

from msgkit.escaping import count
from msgkit.html import render
from msgkit.html.cards import IssueCard, MessageCard, RowCard
from msgkit.html.media import MediaCard
from msgkit.html.texts import visible

_MOST_WORDS = 120  # characters of the first words that the list shows


@attrs.frozen
class Figures:
    """What is counted of a row."""

    messages: int
    media: int
    calls: int
    errors: int
    warnings: int
    tokens: int | None
    format: str

    @classmethod
    def of(
        cls, row: RowCard, messages: Sequence[MessageCard], media: Sequence[MediaCard], issues: Sequence[IssueCard]
    ) -> Self:
        """Count what is in a row."""
        errors = sum(issue.severity == "error" for issue in issues)
        calls = sum(len(message.calls) for message in messages)
        return cls(len(messages), len(media), calls, errors, len(issues) - errors, row.tokens, row.format)

    def words(self) -> list[str]:
        """Return what is told of a row in its header."""
        words = [count(self.messages, "message")]
        words += [count(self.media, "medium", "media")] * bool(self.media)
        words += [count(self.calls, "call")] * bool(self.calls)
        words += [f"about {count(self.tokens, 'token')}"] if self.tokens is not None else []
        return words + [f"format {self.format}"] * bool(self.format)


class Index:
    """The figures of every row, as JSON values."""

    def __init__(self) -> None:
        self._combinations: dict[tuple[object, ...], int] = {}
        self._codes: dict[tuple[str, str], int] = {}
        self._rows: list[bytes] = []  # as JSON text: a tenth of what the values take
        self._issues: list[tuple[int, int, int, str]] = []

    def add(self, row: RowCard, messages: Sequence[MessageCard], figures: Figures) -> None:
        """Note a row."""
        own = (None, None, (), *_codes(row.issues))
        by_index = {card.index: self._number(_combination(card)) for card in messages}
        numbers = [self._number(own), *(by_index[i] for i in sorted(by_index))]
        kinds = sorted({card.kind for card in row.all_media()})
        facts = {"media": kinds or ["none"], "format": [row.format] if row.format else [], "verdict": row.verdicts}
        thumbnail = next((card.key for card in row.media() if card.kind == "image"), "")
        counts = (figures.messages, figures.media, figures.calls, figures.errors, figures.warnings, figures.tokens)
        values = [row.number, row.name[:80], _words(messages), thumbnail, *counts, row.size, facts, numbers]
        self._rows.append(msgspec.json.encode(values))
        for issue in row.all_issues():
            code = self._codes.setdefault((issue.code, issue.severity), len(self._codes))
            k = int(issue.id.rpartition("i")[2])
            self._issues.append((row.number, k, code, visible(issue.path)))

    def data(self) -> dict[str, object]:
        """Return it as JSON values."""
        return {
            "combinations": list(self._combinations),
            "rows": [msgspec.json.decode(values) for values in self._rows],
            "codes": list(self._codes),
            "issues": self._issues,
        }

    def _number(self, combination: tuple[object, ...]) -> int:
        return self._combinations.setdefault(combination, len(self._combinations))


def _combination(card: MessageCard) -> tuple[object, ...]:
    types = {part.type for part in card.parts} | ({"tool_call"} if card.calls else set())
    return card.role, card.channel or "", tuple(sorted(types)), *_codes(card.all_issues())


def _codes(issues: Sequence[IssueCard]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return tuple(sorted({issue.code for issue in issues})), tuple(sorted({issue.severity for issue in issues}))


def _words(messages: Sequence[MessageCard]) -> str:
    """Return the first words that a user says, or anybody if none does."""
    by_role = sorted(messages, key=lambda card: (card.role != "user", card.index))
    texts = (piece.text for card in by_role for part in card.parts if part.text for piece in part.text.head)
    words = " ".join(next((text for text in islice(texts, 50) if text.strip()), "").split())
    return visible(words[:_MOST_WORDS])


_EARLY = 20  # rows after which the page shows what it has
_PIECE = 30  # messages that are rendered at a time
_STYLES = ("palette.css", "messages.css", "page.css")
_SCRIPTS = ("stream.js", "list.js", "finding.js", "acting.js")
_START, _FINISH = "view.start();", "view.finish();"


@attrs.define(eq=False, repr=False)
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

    def add(self, number: int, figures: Figures) -> None:
        """Count a row."""
        self.rows += 1
        self.messages += figures.messages
        self.media += figures.media
        self.errors += figures.errors
        self.warnings += figures.warnings
        self.first = self.first or number
        self.last = number


class Page:
    """One page in the making; rows are written as they come."""

    def __init__(self, file: IO[bytes], title: str, about: str = "") -> None:
        self.tally = Tally()
        self._file = file
        self._seen: set[str] = set()
        self._index = Index()
        style, script = render.own(*_STYLES), render.own(*_SCRIPTS)
        policy = render.policy([style], [script, _START, _FINISH])
        self._write(render.template("start.html", title=title, about=about, policy=policy, style=style, script=script))

    def add(self, row: RowCard) -> None:
        """Write a row, and its media unless they are in the page."""
        media = list(row.media())
        for card in media:
            if card.key not in self._seen:
                self._seen.add(card.key)
                self._write(_data("text/plain", f"media-{card.key}", card.url))
        if row.packed:
            self._write(_data("text/plain", f"payload-{row.number}", row.packed))
        messages = list(row.all_messages())
        issues = list(row.all_issues())
        self.tally.failed += any(issue.code == "internal-error" for issue in issues)
        figures = Figures.of(row, messages, media, issues)
        self.tally.add(row.number, figures)
        for text, height in _pieces(row, figures):
            # inert where scripts run, and read as it is where they do not: nothing in it ends the element
            self._write(f'<noscript data-row="{row.number}" data-height="{height}">{text}</noscript>\n')
        if self.tally.rows == _EARLY:
            self._write(f"<script>{_START}</script>\n")  # the first rows do not wait for the others
        self._index.add(row, messages, figures)

    def finish(self, links: Sequence[tuple[str, str]] = ()) -> None:
        """Write what is behind the rows; *links* are labels and addresses of other parts."""
        index = render.as_data(self._index.data())
        self._write(render.template("end.html", index=index, finish=_FINISH, links=links))
        self._index, self._seen = Index(), set()  # other pages follow, and only the tally is asked for then

    def _write(self, text: str) -> None:
        data = text.encode("utf-8", "backslashreplace")
        self.tally.size += len(data)
        self._file.write(data)


def _data(kind: str, name: str, text: str) -> str:
    return f'<script type="{kind}" id="{name}">{text}</script>\n'


def _pieces(row: RowCard, figures: Figures) -> Iterator[tuple[str, int]]:
    """Yield the HTML of a row in pieces, and about how many pixels high each is."""
    before = render.piece("before", row, live=True).strip()
    starts = range(0, len(row.messages), _PIECE) or range(1)
    for k, start in enumerate(starts):
        some, is_last = row.messages[start : start + _PIECE], start == starts[-1]
        inner = f'<div class="before">{before}</div>' if before and not k else ""
        inner += "".join(render.piece("message", card, live=True) for card in some)
        inner += render.piece("branches", row.branches, live=True) if is_last and row.branches else ""
        text = render.template(
            "row.html", row=row, k=k, last=is_last, inner=render.safe(inner), counts=figures.words(), figures=figures
        )
        height = sum(map(_height, some)) + 30
        if not k:
            height += 40 + 90 * len(row.issues) + 200 * (row.raw is not None)
        if is_last:
            height += max((sum(map(_height, branch.messages)) for branch in row.branches), default=0)
        yield text, height


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
