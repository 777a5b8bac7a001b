"""Text as a page sets it: Markdown, or pieces of prose and code as typed, folded when long."""

import re

import attrs

from msgkit.html import format_numbers, markdown
from msgkit.html.json_html import pretty

_FENCE = re.compile(r"^ {0,3}(```+|~~~+)[^\n`]*$", re.MULTILINE)


@attrs.frozen
class Piece:
    """A run of text; *code* is set in a fixed width."""

    text: str
    code: bool = False
    marks: tuple[tuple[str, bool], ...] = ()  # the same text in runs; True for those that only this branch has


@attrs.frozen
class TextCard:
    """One text."""

    head: tuple[Piece, ...]  # what is shown
    rest: tuple[Piece, ...] = ()  # what is folded
    folded: int = 0  # characters that are folded
    left: int = 0  # characters that are not in the page at all
    markdown: str = ""  # the same as HTML, when it is Markdown: what is shown
    markdown_rest: str = ""  # and what is folded

    @property
    def is_short(self) -> bool:
        """Whether it is shown whole and as typed."""
        return not (self.rest or self.left or self.markdown)

    @property
    def length(self) -> int:
        """Characters in all."""
        return sum(len(piece.text) for piece in (*self.head, *self.rest)) + self.left


def prose(text: str) -> TextCard:
    """Set prose: as Markdown, and as typed, where what is between fences of backticks or tildes is code."""
    card = _card(text, _fenced(text[: format_numbers.MOST]))
    rendered = markdown.render(text)
    return card if rendered is None else attrs.evolve(card, markdown=rendered[0], markdown_rest=rendered[1])


def code(text: str) -> TextCard:
    r"""Set text as code; JSON is indented."""
    text = pretty(text) or text
    return _card(text, [Piece(text[: format_numbers.MOST], code=True)])


def result(text: str) -> TextCard:
    """Set what a tool returned: JSON as code, anything else as prose."""
    json_text = pretty(text)
    return prose(text) if json_text is None else _card(json_text, [Piece(json_text[: format_numbers.MOST], code=True)])


def _card(text: str, pieces: list[Piece]) -> TextCard:
    head, rest, left = format_numbers.fold(text)
    if not rest:
        return TextCard(tuple(pieces), left=left)
    before, after = _divided(pieces, len(head))
    return TextCard(before, after, len(rest), left)


def _divided(pieces: list[Piece], at: int) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    before: list[Piece] = []
    after: list[Piece] = []
    for piece in pieces:
        if at > 0:
            before.append(attrs.evolve(piece, text=piece.text[:at]))
        if at < len(piece.text):
            after.append(attrs.evolve(piece, text=piece.text[max(0, at) :]))
        at -= len(piece.text)
    return tuple(before), tuple(after)


def _fenced(text: str) -> list[Piece]:
    if "```" not in text and "~~~" not in text:
        return [Piece(text)]
    pieces: list[Piece] = []
    start, opened, mark = 0, -1, ""
    for match in _FENCE.finditer(text):
        if opened < 0:
            opened, mark = match.start(), match[1]
        elif match[0].strip().startswith(mark) and not match[0].strip().strip(mark[0]):
            end = min(match.end() + 1, len(text))
            pieces += [Piece(text[start:opened]), Piece(text[opened:end], code=True)]
            start, opened = end, -1
    return [piece for piece in (*pieces, Piece(text[start:])) if piece.text]
