"""The table of codes: all that is ever said of a row, each with its sentence, source and examples."""

from collections.abc import Mapping

import attrs

from msgkit.errors import Issue
from msgkit.rules.codes.base import Code
from msgkit.rules.codes.content import CHANNELS, CONTENT, TEXT
from msgkit.rules.codes.media import MEDIA, REFERENCES, REQUEST
from msgkit.rules.codes.running import BATCH, CONVERSION, EXTRACTION, RUNNING, TARGETS
from msgkit.rules.codes.structure import READING, ROLES, STRUCTURE
from msgkit.rules.codes.tools import TOOLS

__all__ = ["CODES", "FAMILIES", "Code", "told"]

_TABLE: Mapping[str, tuple[Code, ...]] = {
    "reading": READING,
    "structure": STRUCTURE,
    "roles": ROLES,
    "channels": CHANNELS,
    "content": CONTENT,
    "text": TEXT,
    "tools": TOOLS,
    "references": REFERENCES,
    "media": MEDIA,
    "request": REQUEST,
    "running": RUNNING,
    "conversion": CONVERSION,
    "extraction": EXTRACTION,
    "batch": BATCH,
    "targets": TARGETS,
}

CODES: Mapping[str, Code] = {code.name: code for codes in _TABLE.values() for code in codes}

FAMILIES: Mapping[str, frozenset[str]] = {
    family: frozenset(code.name for code in codes) for family, codes in _TABLE.items()
}


def told(issue: Issue) -> Issue:
    """
    Return *issue* with the source and the remedy that the table has for its code, where it tells none itself.

    >>> told(Issue("", "encoding-invalid", "error", "...")).hint
    'save the file as UTF-8'
    """
    code = CODES.get(issue.code)
    if code is None:
        return issue
    return attrs.evolve(issue, source=issue.source or code.source, hint=issue.hint or code.hint)
