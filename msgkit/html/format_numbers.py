"""Seconds, pixels and text as people read them."""

import re

LONG = 1_200
"""Characters of text that are shown before the rest is folded."""

MOST = 500_000
"""Characters of one text that a page holds at all."""

_LINES = 18  # lines that are shown before the rest is folded
_SLACK = 400  # text that is hardly longer than LONG is not folded
_CONTROLS = {code: 0x2400 + code for code in range(32) if code not in (9, 10)} | {127: 0x2421}
_HIDDEN = re.compile("[\u202a-\u202e\u2066-\u2069]")  # what turns the direction of the text behind it


def seconds(number: float) -> str:
    """Return a duration: seconds, or hours, minutes and seconds."""
    if number < 59.95:  # noqa: PLR2004 (what rounds to a minute)
        return f"{number:.1f} s"
    minutes, rest = divmod(round(number), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02} h" if hours else f"{minutes}:{rest:02} min"


def pixels(width: int, height: int) -> str:
    r"""Return the size of an image."""
    return f"{width:,} \N{MULTIPLICATION SIGN} {height:,}"


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
