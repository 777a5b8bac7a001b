"""
What a target is: its limits as values, each with its source and as-of date.

Only data and lookups; reader.py fills these classes from TOML.
"""

import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

import attrs

from msgkit.targets.limits import (
    AudioLimits,
    BatchLimits,
    Channels,
    Fact,
    FileLimits,
    Items,
    Keys,
    MediaLimits,
    Names,
    Parts,
    RequestLimits,
    Roles,
    Setting,
    SeverityName,
    Text,
    Tools,
)
from msgkit.targets.tokens import Tokens


@attrs.frozen(eq=False, repr=False)
class Target:
    """Where a request goes: its rules and limits, for one of its models or for any."""

    name: str  # as in ``--target``
    title: str  # for people; names the model, too
    format: str  # the format in which requests go there
    roles: Roles
    parts: Parts
    images: MediaLimits
    audio: AudioLimits
    video: FileLimits
    files: FileLimits
    extends: str | None = None  # the target that a user's own file is built on
    also: tuple[str, ...] = ()  # other formats that are taken there as they are
    # of those, the ones of another API of the same receiver, and the target that says what it takes
    apis: Mapping[str, str] = attrs.field(factory=dict)
    # target -> models that go there where nobody is named, as shell patterns
    elsewhere: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict)
    names: Names = attrs.field(factory=Names)
    keys: Keys = attrs.field(factory=Keys)
    tools: Tools = attrs.field(factory=Tools)
    channels: Channels = attrs.field(factory=Channels)
    items: Items = attrs.field(factory=Items)
    text: Text = attrs.field(factory=Text)
    request: RequestLimits = attrs.field(factory=RequestLimits)
    batch: BatchLimits = attrs.field(factory=BatchLimits)
    tokens: Tokens = attrs.field(factory=Tokens)
    # what the body may have, by its path in the format's own words, such as ``reasoning.effort``
    settings: Mapping[str, Setting] = attrs.field(factory=dict)
    # severity by code, where it differs from the code's own; ``off`` where the rule does not hold
    severity: Mapping[str, Fact[SeverityName]] = attrs.field(factory=dict)
    models: tuple[str, ...] = ()  # the patterns of the models that are known
    model: str | None = None  # the pattern that the model matches; None for a target of no particular model
    # True when a model was named that no pattern matches: then the target's own values hold, and no token formula
    is_unknown_model: bool = False


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
