"""What Harmony's system and developer messages hold: identity, instructions, channels, tools."""

from collections.abc import Mapping
from typing import Any, ClassVar

import attrs

from msgkit.model.base import Value


@attrs.frozen(repr=False)
class ToolDescription(Value):
    """One tool of a Harmony namespace; *parameters* is a JSON schema."""

    name: str
    description: str | None = None
    parameters: Mapping[str, Any] | None = attrs.field(default=None, hash=False)


@attrs.frozen(repr=False)
class ToolNamespace(Value):
    """A Harmony namespace of tools: ``functions``, ``browser``, ``python``."""

    name: str
    description: str | None = None
    tools: tuple[ToolDescription, ...] | None = None


@attrs.frozen(repr=False)
class ChannelConfig(Value):
    """The channels that a Harmony system message declares, and whether each message must name one."""

    valid_channels: tuple[str, ...]
    channel_required: bool | None = None


@attrs.frozen(repr=False)
class SystemContentPart(Value):
    """
    ``{"type": "system_content", ...}``: what a Harmony system message holds.

    >>> SystemContentPart(reasoning_effort="low")
    SystemContentPart(reasoning_effort='low')
    """

    type: ClassVar[str] = "system_content"
    model_identity: str | None = None
    reasoning_effort: str | None = None
    conversation_start_date: str | None = None
    knowledge_cutoff: str | None = None
    channel_config: ChannelConfig | None = None
    tools: Mapping[str, ToolNamespace] | None = attrs.field(default=None, hash=False)


@attrs.frozen(repr=False)
class DeveloperContentPart(Value):
    """
    ``{"type": "developer_content", ...}``: what a Harmony developer message holds.

    >>> DeveloperContentPart("Be brief.")
    DeveloperContentPart(instructions='Be brief.')
    """

    type: ClassVar[str] = "developer_content"
    instructions: str | None = None
    tools: Mapping[str, ToolNamespace] | None = attrs.field(default=None, hash=False)
