"""Regular expressions of targets, compiled once."""

import re
from functools import lru_cache


@lru_cache(maxsize=256)
def compiled(pattern: str) -> re.Pattern[str]:
    """Return *pattern* compiled."""
    return re.compile(pattern)


@lru_cache(maxsize=64)
def any_of(tokens: tuple[str, ...]) -> re.Pattern[str]:
    """Return a pattern that finds any of *tokens*, in time linear in the text."""
    return re.compile("|".join(re.escape(token) for token in sorted(tokens, key=len, reverse=True)))


@lru_cache(maxsize=64)
def shared_start(tokens: tuple[str, ...]) -> str:
    """Return what all *tokens* begin with: a quick way to see that a text holds none of them."""
    first, last = min(tokens), max(tokens)
    same = next((n for n, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    return first[:same]
