"""What the list of rows, the filters and the list of issues work on: small beside the rows themselves."""

from collections.abc import Sequence
from itertools import islice
from typing import Self

import attrs
import msgspec

from msgkit.escaping import count
from msgkit.html import format_numbers
from msgkit.html.cards import IssueCard, MessageCard, RowCard
from msgkit.html.media import MediaCard

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
            self._issues.append((row.number, k, code, format_numbers.visible(issue.path)))

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
    return format_numbers.visible(words[:_MOST_WORDS])
