"""What a page shows, as values: rows, messages, parts, calls, issues; and answers with their differences marked."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Self

import attrs

from msgkit.errors import Issue
from msgkit.formats.branch_parts import ANSWERS, WORSE
from msgkit.html.json_html import Json
from msgkit.html.media import MediaCard
from msgkit.html.texts import Piece, TextCard
from msgkit.model.messages import Conversation


@attrs.frozen(eq=False, repr=False)
class IssueCard:
    """One issue at its place."""

    id: str  # its anchor in the page
    path: str  # as in :class:`msgkit.Issue`
    code: str
    severity: str
    message: str
    hint: str | None = None
    source: str | None = None

    @classmethod
    def of(cls, issue: Issue, anchor: str) -> Self:
        """Return the card of an issue."""
        return cls(anchor, issue.path, issue.code, issue.severity, issue.message, issue.hint, issue.source)


@attrs.frozen(eq=False, repr=False)
class PartCard:
    """One content part."""

    type: str  # as on the wire: ``text``, ``image_url``
    text: TextCard | None = None
    media: MediaCard | None = None
    note: str = ""  # a word above the text: ``refusal``
    dim: bool = False  # set back: what the model thought
    tags: tuple[str, ...] = ()  # keys that are not shown otherwise and have short values, in words: ``detail high``
    other: Json | None = None  # the other keys, or the whole part, as JSON
    issues: tuple[IssueCard, ...] = ()  # what is wrong with it


@attrs.frozen(eq=False, repr=False)
class CallCard:
    """One tool call beside its results."""

    name: str  # of the function or the tool
    call_id: str | None = None  # its id; None when it has none
    text: TextCard | None = None  # the arguments or the input
    other: Json | None = None  # a call of an unknown type, as JSON
    issues: tuple[IssueCard, ...] = ()  # what is wrong with it
    results: "tuple[MessageCard, ...]" = ()  # the tool messages that answer it


@attrs.frozen(eq=False, repr=False)
class MessageCard:
    """One message."""

    id: str  # its anchor in the page
    index: int  # 0-based
    role: str = ""  # as written; empty when there is none
    name: str | None = None  # the author's
    channel: str | None = None  # harmony's words about it
    recipient: str | None = None
    content_type: str | None = None
    reply_to: str | None = None  # the id of the call that it answers
    parts: tuple[PartCard, ...] = ()
    calls: tuple[CallCard, ...] = ()  # its tool calls
    tags: tuple[str, ...] = ()  # keys that are not shown otherwise and have short values, in words: ``weight 0``
    other: Json | None = None  # the other keys, as JSON
    raw: Json | None = None  # the message as it is in the row, as JSON, when it does not load
    issues: tuple[IssueCard, ...] = ()  # what is wrong with it as a whole
    trained: bool | None = None  # whether its mask lets it be trained on; None without a mask
    tokens: int | None = None  # what it costs, when a model is named

    @property
    def length(self) -> int:
        """Characters of its text."""
        return sum(part.text.length for part in self.parts if part.text)

    @property
    def groups(self) -> list[list[tuple[int, PartCard]]]:
        """Its parts with their indexes; what is to be looked at is together, to be shown as a grid."""
        runs = groupby(enumerate(self.parts), lambda pair: pair[1].media is not None)
        return [group for is_grid, pairs in runs for group in ([[*pairs]] if is_grid else [[pair] for pair in pairs])]

    @property
    def labels(self) -> list[tuple[str, str, str]]:
        """What its header says beside role and masks: a class of style, a word, and the value."""
        labels = [
            (" author", "name", self.name),
            (" channel", "channel", self.channel),
            ("", "to", self.recipient),
            ("", "as", self.content_type),
            ("", "answers", self.reply_to),
        ]
        return [(mark, label, value) for mark, label, value in labels if value]

    @property
    def is_analysis(self) -> bool:
        """Whether it is never shown to the user, so that it is set back and can be folded."""
        return self.channel == "analysis"

    def all_issues(self) -> list[IssueCard]:
        """Return its issues, those of its parts and calls among them, in the order of the page."""
        issues = [*self.issues]
        for part in self.parts:
            issues += part.issues
        for call in self.calls:
            issues += call.issues
        return issues


@attrs.frozen(eq=False, repr=False)
class BranchCard:
    """One of several answers to a prompt."""

    name: str  # its key: ``chosen``
    messages: tuple[MessageCard, ...]
    worse: bool = False


@attrs.frozen(eq=False, repr=False)
class RowCard:
    """One row."""

    number: int  # as in reports: the 1-based line or index
    messages: tuple[MessageCard, ...] = ()  # those that are no tool results shown beside their calls
    tags: tuple[str, ...] = ()  # what else the row holds, in words: ``model gpt-5``
    other: Json | None = None  # the rest of it, as JSON: ``tools``
    raw: Json | None = None  # the row as it is in the file, when nothing of it loads
    issues: tuple[IssueCard, ...] = ()  # what is wrong with the row as a whole
    branches: tuple[BranchCard, ...] = ()  # the answers of a preference row, behind the messages of its prompt
    name: str = ""  # its own id: ``custom_id``
    format: str = ""
    verdicts: tuple[str, ...] = ()  # of each target: ``anthropic: errors``
    tokens: int | None = None  # what it costs, when a model is named
    size: int = 0  # characters of its JSON, base64 cut
    payloads: tuple[str, ...] = ()  # what it can be shown as: ``JSON``
    packed: str = attrs.field(default="", repr=False)  # these, as a JSON object, deflated, in base64

    @property
    def id(self) -> str:
        """Its anchor in the page."""
        return f"r{self.number}"

    def all_messages(self) -> Iterator[MessageCard]:
        """Yield its messages, the results beside calls among them, in the order of the page."""
        yield from _walk(self.messages)
        for branch in self.branches:
            yield from _walk(branch.messages)

    def media(self) -> Iterator[MediaCard]:
        """Yield the media that are shown."""
        return (card for card in self.all_media() if card.key)

    def all_media(self) -> Iterator[MediaCard]:
        """Yield the media, also what is only named."""
        return (part.media for message in self.all_messages() for part in message.parts if part.media is not None)

    def all_issues(self) -> Iterator[IssueCard]:
        """Yield its issues in the order of the page."""
        yield from self.issues
        for message in self.all_messages():
            yield from message.all_issues()


def _walk(messages: tuple[MessageCard, ...]) -> Iterator[MessageCard]:
    for message in messages:
        yield message
        for call in message.calls:
            yield from _walk(call.results)


_WORD = re.compile(r"\s*\S+\s*|\s+")
_MOST_WORDS = 1_000  # of an answer that is compared: the comparison costs their square

Runs = list[tuple[str, bool]]


def split_answers(
    messages: tuple[MessageCard, ...], conversation: Conversation
) -> tuple[tuple[MessageCard, ...], tuple[BranchCard, ...]]:
    """Return the messages of the prompt, and the answers, their differences marked where there are two."""
    shared: list[MessageCard] = []
    answers: list[BranchCard] = []
    start = 0
    for branch in conversation.envelope.branches if conversation.envelope else ():
        cards = tuple(card for card in messages if start <= card.index < start + branch.count)
        name = str(branch.path[-1])
        if name in ANSWERS:
            answers.append(BranchCard(name, cards, name in WORSE))
        else:
            shared += cards
        start += branch.count
    if not answers:
        return messages, ()
    return tuple(shared), _compared(*answers) if len(answers) == 2 else tuple(answers)  # noqa: PLR2004 (one and another)


def _compared(one: BranchCard, two: BranchCard) -> tuple[BranchCard, ...]:
    words = [[_WORD.findall(piece.text) for piece in _pieces(branch)] for branch in (one, two)]
    first, second = ([word for piece in some for word in piece] for some in words)
    if not first or not second or max(len(first), len(second)) > _MOST_WORDS:
        return one, two
    from difflib import SequenceMatcher  # few rows have two answers

    matcher = SequenceMatcher(None, [*map(str.strip, first)], [*map(str.strip, second)], autojunk=False)
    own = [[True] * len(first), [True] * len(second)]
    for match in matcher.get_matching_blocks():
        own[0][match.a : match.a + match.size] = [False] * match.size
        own[1][match.b : match.b + match.size] = [False] * match.size
    return tuple(
        _marked(branch, _runs(pieces, iter(flags)))
        for branch, pieces, flags in zip((one, two), words, own, strict=True)
    )


def _pieces(branch: BranchCard) -> Iterator[Piece]:
    for message in branch.messages:
        for part in message.parts:
            if part.text is not None:
                yield from (*part.text.head, *part.text.rest)


def _runs(pieces: Sequence[Sequence[str]], flags: Iterator[bool]) -> Iterator[Runs]:
    """Yield each piece of text in runs of words that only this answer has, and runs that both have."""
    for words in pieces:
        runs: Runs = []
        for word in words:
            is_own = next(flags)
            if runs and runs[-1][1] == is_own:
                runs[-1] = (runs[-1][0] + word, is_own)
            else:
                runs.append((word, is_own))
        yield [run for text, is_own in runs for run in ((text.rstrip(), is_own), (text[len(text.rstrip()) :], False))]


def _marked(branch: BranchCard, runs: Iterator[Runs]) -> BranchCard:
    def text(card: TextCard) -> TextCard:
        head, rest = (
            tuple(attrs.evolve(piece, marks=tuple(next(runs))) for piece in some) for some in (card.head, card.rest)
        )
        return attrs.evolve(card, head=head, rest=rest, markdown="", markdown_rest="")

    def message(card: MessageCard) -> MessageCard:
        parts = (part if part.text is None else attrs.evolve(part, text=text(part.text)) for part in card.parts)
        return attrs.evolve(card, parts=tuple(parts))

    return attrs.evolve(branch, messages=tuple(map(message, branch.messages)))
