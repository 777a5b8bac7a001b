"""Names of models: what is before the name proper, and which pattern a name matches."""

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase

_MOST = 200  # characters of a name that are looked at: names come from rows
_FINE_TUNED = re.compile(r"ft:([^:]+)")
_REGION = re.compile(r"(?:[a-z]{2,6}(?:-[a-z]{3})?\.)?(?:anthropic|amazon|cohere|google|meta|mistral|openai)\.(?=.)")


def bare(name: str) -> str:
    """Return the name of a model without what providers and gateways put before it."""
    name = name[:_MOST].strip().lower().rpartition("/")[2]
    tuned = _FINE_TUNED.match(name)
    if tuned:
        return tuned[1]
    region = _REGION.match(name)
    return name[region.end() :] if region else name


def match(name: str, patterns: Iterable[str]) -> str | None:
    """Return the longest of *patterns* that a model's name matches, None if none does."""
    name = bare(name)
    return max((pattern for pattern in patterns if fnmatchcase(name, pattern)), key=len, default=None)


def shown(pattern: str) -> str:
    """Return a pattern as people write the model."""
    return pattern.replace("[.-]", "-").rstrip("*")
