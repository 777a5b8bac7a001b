"""The table of codes: what ``check`` reports, each with its sentence, source and examples."""

from collections.abc import Mapping

from msgkit.rules.codes.base import Code
from msgkit.rules.codes.content import CHANNELS, CONTENT, TEXT
from msgkit.rules.codes.media import MEDIA, REFERENCES, REQUEST
from msgkit.rules.codes.structure import READING, ROLES, STRUCTURE
from msgkit.rules.codes.tools import TOOLS

__all__ = ["CODES", "FAMILIES", "Code"]

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
}

CODES: Mapping[str, Code] = {code.name: code for codes in _TABLE.values() for code in codes}

FAMILIES: Mapping[str, frozenset[str]] = {
    family: frozenset(code.name for code in codes) for family, codes in _TABLE.items()
}
