"""
The marks that more than one format writes; a format declares its own where it reads and writes them.

They stay with a value that goes to another format; the marks of its own format do not.
"""

from typing import Final

from msgkit.model.base import Mark, null

_SHARED: Final = "shared"

ORDER: Final = Mark(_SHARED, "order")
"""Of a message: its reasoning, parts and calls are in this order, one letter each."""

PHASE: Final = Mark(_SHARED, "phase")
"""Of an answer: what it is for, as Responses say it; Harmony's channel says the same."""

END: Final = Mark(_SHARED, "end")
"""Of a message: the token that ends it in Harmony's text."""

ORIGIN: Final = Mark(_SHARED, "origin")
"""Of a message: its number in the conversation that is being converted."""

NULL_CONTENT: Final = null("content")


def is_shared(mark: Mark) -> bool:
    """Return whether a mark stays with a value that goes to another format."""
    return mark.owner == _SHARED or mark == NULL_CONTENT
