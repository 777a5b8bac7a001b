"""Text as a page sets it: Markdown, or pieces of prose and code as typed, folded when long."""

import re
from collections.abc import Callable, Sequence
from functools import cache
from html import escape
from importlib import import_module
from typing import Any

import attrs

from msgkit.html.json_html import pretty

LONG = 1_200
"""Characters of text that are shown before the rest is folded."""

MOST = 500_000
"""Characters of one text that a page holds at all."""

_LINES = 18  # lines that are shown before the rest is folded
_SLACK = 400  # text that is hardly longer than LONG is not folded
_CONTROLS = {code: 0x2400 + code for code in range(32) if code not in (9, 10)} | {127: 0x2421}
_HIDDEN = re.compile("[\u202a-\u202e\u2066-\u2069]")  # what turns the direction of the text behind it
_MOST_MARKDOWN = 40_000  # characters of one text that are read as Markdown; a longer one is shown as typed

_SYNTAX = re.compile(r"[*_`~#>|\[\]]|^ *(?:[-+]|\d+[.)])[ \t]|^ *[-=]{3}", re.MULTILINE)
_MARKS = re.compile(r"[*_`~\[\]()<>!|\\]")
_MOST_MARKS = 4_000  # what nests costs more than linear time
_PLAIN = frozenset(("paragraph_open", "paragraph_close", "inline", "text", "softbreak"))
_KINDS = {"Keyword": "k", "String": "s", "Comment": "c", "Number": "n", "Function": "f", "Class": "f"}
_MOST_CODE = 10_000  # characters of one block of code that are coloured


def render(text: str) -> tuple[str, str] | None:
    r"""Return the HTML of Markdown: what is shown, and what is folded; None for text that has no Markdown in it."""
    if len(text) > _MOST_MARKDOWN or not _SYNTAX.search(text) or len(_MARKS.findall(text)) > _MOST_MARKS:
        return None
    parser = _parser()
    if parser is None:
        return None
    tokens = parser.parse(visible(text))
    if all(one.type in _PLAIN for token in tokens for one in (token, *(token.children or ()))):
        return None
    at = _fold(tokens, len(text))
    head, rest = (parser.renderer.render(some, parser.options, {}) for some in (tokens[:at], tokens[at:]))
    return head, rest


def _fold(tokens: Sequence[Any], length: int) -> int:
    """Return the token before which the first blocks end that are enough to show at first."""
    if length <= LONG * 3 // 2:
        return len(tokens)
    shown = 0
    for at, token in enumerate(tokens):
        if token.level == 0 and token.nesting >= 0 and shown > LONG:
            return at
        shown += len(token.content)
    return len(tokens)


@cache
def _parser() -> Any:
    """The parser; None without the extra ``view``, where all text is shown as typed."""
    try:
        from markdown_it import MarkdownIt
    except ImportError:
        return None
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True, "xhtmlOut": False})
    parser.enable(["table", "strikethrough"])
    for name, rule in _RULES.items():
        parser.add_render_rule(name, rule)
    return parser


def _open(_: Any, tokens: Sequence[Any], at: int, *__: Any) -> str:
    return "" if tokens[at].hidden else f'<{tokens[at].tag} dir="auto">'


def _heading(_: Any, tokens: Sequence[Any], at: int, *__: Any) -> str:
    return f'<p class="heading {tokens[at].tag}" dir="auto">'


def _cell(_: Any, tokens: Sequence[Any], at: int, *__: Any) -> str:
    side = str(tokens[at].attrGet("style") or "").removeprefix("text-align:")
    return f'<{tokens[at].tag} class="{side if side in ("right", "center") else "left-side"}" dir="auto">'


def _link_end(_: Any, tokens: Sequence[Any], at: int, *__: Any) -> str:
    opened = next(one for one in reversed(tokens[:at]) if one.type == "link_open")
    return f"</span>{'' if opened.markup == 'autolink' else _url(opened.attrGet('href'))}"


def _image(_: Any, tokens: Sequence[Any], at: int, *__: Any) -> str:
    return f'<span class="link">image {escape(tokens[at].content)}</span>{_url(tokens[at].attrGet("src"))}'


def _url(url: object) -> str:
    return f' <span class="url">({escape(str(url))})</span>'


def _block_of_code(_: Any, tokens: Sequence[Any], at: int, *__: Any) -> str:
    text = tokens[at].content.removesuffix("\n")
    return f'<div class="code" dir="ltr">{_coloured(text, tokens[at].info.strip().partition(" ")[0])}</div>'


def _coloured(text: str, language: str) -> str:
    if not language or len(text) > _MOST_CODE:
        return escape(text)
    try:
        lexer = import_module("pygments.lexers").get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except (ImportError, ValueError):  # no package, or no such language
        return escape(text)
    return "".join(_token(kind, run) for kind, run in lexer.get_tokens(text))


def _token(classes: tuple[str, ...], text: str) -> str:
    name = next((_KINDS[one] for one in classes if one in _KINDS), "")
    return f'<span class="{name}">{escape(text)}</span>' if name else escape(text)


_RULES: dict[str, Callable[..., str]] = {
    "paragraph_open": _open,
    "heading_open": _heading,
    "heading_close": lambda *_: "</p>\n",
    "list_item_open": _open,
    "blockquote_open": _open,
    "th_open": _cell,
    "td_open": _cell,
    "link_open": lambda *_: '<span class="link">',
    "link_close": _link_end,
    "image": _image,
    "fence": _block_of_code,
    "code_block": _block_of_code,
}


_FENCE = re.compile(r"^ {0,3}(```+|~~~+)[^\n`]*$", re.MULTILINE)


@attrs.frozen(eq=False, repr=False)
class Piece:
    """A run of text; *code* is set in a fixed width."""

    text: str
    code: bool = False
    marks: tuple[tuple[str, bool], ...] = ()  # the same text in runs; True for those that only this branch has


@attrs.frozen(eq=False, repr=False)
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


def visible(text: str) -> str:
    r"""Show control characters as their control pictures, and what turns the direction of text by its number."""
    if text.isascii() and text.isprintable():
        return text
    text = text.replace("\r\n", "\n").translate(_CONTROLS)
    return _HIDDEN.sub(lambda match: f"⟨U+{ord(match[0]):04X}⟩", text)


def fold(text: str) -> tuple[str, str, int]:
    """Split long text in what is shown, what is folded, and the number of characters that are left out."""
    left = max(0, len(text) - MOST)
    text = text[:MOST]
    end = _end_of_line(text, _LINES)
    if end is None or end > LONG:
        if len(text) <= LONG + _SLACK and end is None:
            return text, "", left
        end = min(_good_cut(text), end or len(text))
    return text[:end], text[end:], left


def _end_of_line(text: str, number: int) -> int | None:
    """Return where the line *number* ends, None if the text has hardly more lines than that."""
    at = -1
    for _ in range(number):
        at = text.find("\n", at + 1)
        if at < 0:
            return None
    return at + 1 if text.count("\n", at + 1) > number // 3 else None


def _good_cut(text: str) -> int:
    for mark in ("\n", " "):
        at = text.rfind(mark, LONG // 2, LONG)
        if at > 0:
            return at + 1
    return min(LONG, len(text))


def prose(text: str) -> TextCard:
    """Set prose: as Markdown, and as typed, where what is between fences of backticks or tildes is code."""
    card = _card(text, _fenced(text[:MOST]))
    rendered = render(text)
    return card if rendered is None else attrs.evolve(card, markdown=rendered[0], markdown_rest=rendered[1])


def code(text: str) -> TextCard:
    r"""Set text as code; JSON is indented."""
    text = pretty(text) or text
    return _card(text, [Piece(text[:MOST], code=True)])


def result(text: str) -> TextCard:
    """Set what a tool returned: JSON as code, anything else as prose."""
    json_text = pretty(text)
    return prose(text) if json_text is None else _card(json_text, [Piece(json_text[:MOST], code=True)])


def _card(text: str, pieces: list[Piece]) -> TextCard:
    head, rest, left = fold(text)
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
