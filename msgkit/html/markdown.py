"""Markdown -> HTML of this package's own tags: nothing of the text becomes markup, a link or an image that loads."""

import re
from collections.abc import Callable, Sequence
from functools import cache
from html import escape
from importlib import import_module
from typing import Any

from msgkit.html import format_numbers

MOST = 40_000
"""Characters of one text that are read as Markdown; a longer one is shown as typed."""

_SYNTAX = re.compile(r"[*_`~#>|\[\]]|^ *(?:[-+]|\d+[.)])[ \t]|^ *[-=]{3}", re.MULTILINE)
_MARKS = re.compile(r"[*_`~\[\]()<>!|\\]")
_MOST_MARKS = 4_000  # what nests costs more than linear time
_PLAIN = frozenset(("paragraph_open", "paragraph_close", "inline", "text", "softbreak"))
_KINDS = {"Keyword": "k", "String": "s", "Comment": "c", "Number": "n", "Function": "f", "Class": "f"}
_MOST_CODE = 10_000  # characters of one block of code that are coloured


def render(text: str) -> tuple[str, str] | None:
    r"""Return the HTML of Markdown: what is shown, and what is folded; None for text that has no Markdown in it."""
    if len(text) > MOST or not _SYNTAX.search(text) or len(_MARKS.findall(text)) > _MOST_MARKS:
        return None
    parser = _parser()
    if parser is None:
        return None
    tokens = parser.parse(format_numbers.visible(text))
    if not _is_marked(tokens):
        return None
    at = _fold(tokens, len(text))
    head, rest = (parser.renderer.render(some, parser.options, {}) for some in (tokens[:at], tokens[at:]))
    return head, rest


def _is_marked(tokens: Sequence[Any]) -> bool:
    return any(one.type not in _PLAIN for token in tokens for one in (token, *(token.children or ())))


def _fold(tokens: Sequence[Any], length: int) -> int:
    """Return the token before which the first blocks end that are enough to show at first."""
    if length <= format_numbers.LONG * 3 // 2:
        return len(tokens)
    shown = 0
    for at, token in enumerate(tokens):
        if token.level == 0 and token.nesting >= 0 and shown > format_numbers.LONG:
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


def _token(kind: tuple[str, ...], text: str) -> str:
    name = next((_KINDS[one] for one in kind if one in _KINDS), "")
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
