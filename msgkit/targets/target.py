"""
What a target is: its limits as values, each with its source and as-of date.

Only data and lookups; reader.py fills these classes from TOML.
"""

from collections.abc import Mapping

import attrs

from msgkit.targets.constraints import Channels, Keys, Names, Parts, Roles, Text, Tools
from msgkit.targets.limits import AudioLimits, Fact, FileLimits, MediaLimits, RequestLimits, SeverityName, Tokens


@attrs.frozen(eq=False)
class Target:
    """
    Where a request goes: its rules and limits.

    Args:
        name: As in ``--target``.

        title: For people.

        format: The format in which requests go there.

        extends: The target that a user's own file is built on.

        severity: Severity by code, where it differs from the code's own; ``off`` where the rule does not hold.
    """

    name: str
    title: str
    format: str
    roles: Roles
    parts: Parts
    images: MediaLimits
    audio: AudioLimits
    video: FileLimits
    files: FileLimits
    extends: str | None = None
    names: Names = attrs.field(factory=Names)
    keys: Keys = attrs.field(factory=Keys)
    tools: Tools = attrs.field(factory=Tools)
    channels: Channels = attrs.field(factory=Channels)
    text: Text = attrs.field(factory=Text)
    request: RequestLimits = attrs.field(factory=RequestLimits)
    tokens: Tokens = attrs.field(factory=Tokens)
    severity: Mapping[str, Fact[SeverityName]] = attrs.field(factory=dict)
