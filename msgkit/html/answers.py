"""Answers of a preference row: which messages are whose, and which words only one of two has."""

import re
from collections.abc import Iterator, Sequence

import attrs

from msgkit.formats.branch_parts import ANSWERS, WORSE
from msgkit.html.cards import BranchCard, MessageCard
from msgkit.html.texts import Piece, TextCard
from msgkit.model.messages import Conversation

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
