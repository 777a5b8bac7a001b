"""
Marks: what a value remembers of how it was written, where that has no meaning.

A value has them in ``form``, and its own format reads them when it writes the value back. A format declares its marks
where it reads and writes them. Only the marks in SHARED stay with a value that goes to another format: more than one
format can write what they say.
"""

from collections.abc import Collection
from functools import lru_cache
from typing import Final, TypeVar

import attrs

T = TypeVar("T")


@attrs.frozen
class TextMark:
    """A mark that holds a text."""

    name: str

    def of(self, text: str) -> str:
        """Return the mark with a text."""
        return f"{self.name}:{text}"

    def find(self, form: Collection[str], default: T | None = None) -> str | T | None:
        """Return the text of the mark in *form*, *default* when it is not there."""
        if not form:
            return default
        prefix = f"{self.name}:"
        return next((mark.removeprefix(prefix) for mark in form if mark.startswith(prefix)), default)

    def is_in(self, mark: str) -> bool:
        """Return whether *mark* is this one, with any text."""
        return mark.startswith(f"{self.name}:")


ORDER: Final = TextMark("order")
"""Of a message: its reasoning, parts and calls are in this order, one letter each."""

PHASE: Final = TextMark("phase")
"""Of an answer: what it is for, as Responses say it; Harmony's channel says the same."""

END: Final = TextMark("end")
"""Of a message: the token that ends it in Harmony's text."""

ORIGIN: Final = TextMark("origin")
"""Of a message: its number in the conversation that is being converted."""

NULL_CONTENT: Final = "content"
"""Of a message: its content is null, not left out."""

SHARED: Final = (ORDER, PHASE, END, ORIGIN)


@lru_cache(maxsize=256)
def is_shared(mark: str) -> bool:
    """Return whether a mark stays with a value that goes to another format."""
    return mark == NULL_CONTENT or any(shared.is_in(mark) for shared in SHARED)
