"""
OpenRouter: Chat Completions with what OpenRouter adds.

Found in: requests through OpenRouter, and logs of them.

- which models and providers may answer (``models``, ``provider``), ``plugins``, ``transforms``, ``reasoning``;
- reasoning comes back as ``reasoning_details``, which go back with the message.

Source: OpenRouter docs, API reference: parameters, provider routing, reasoning tokens.
"""

from collections.abc import Mapping
from typing import Any

from msgkit.formats.base import Format, dump_messages, load_messages
from msgkit.formats.common.channels import to_chat
from msgkit.formats.common.chat import PARTS, chat_capabilities

NAME = "openrouter"
_KEYS = (
    "models",
    "plugins",
    "provider",
    "route",
    "transforms",
    "reasoning",
    "top_k",
    "top_a",
    "min_p",
    "repetition_penalty",
    "usage",
    "include_reasoning",
)


def recognize(body: Mapping[str, Any]) -> bool:
    """Return whether an answer in *body* has reasoning as only OpenRouter gives it; the body's keys tell nothing."""
    messages = body.get("messages")
    items = messages if isinstance(messages, list | tuple) else ()
    return any(isinstance(one, Mapping) and isinstance(one.get("reasoning_details"), list | tuple) for one in items)


FORMAT = Format(
    name=NAME,
    target=NAME,
    title="OpenRouter: Chat Completions with models, provider, plugins, transforms, reasoning_details",
    source="OpenRouter docs: API reference, parameters",
    recognize=recognize,
    signs=frozenset(("reasoning_details",)),
    load=load_messages,
    dump=dump_messages,
    preference="openai",
    capabilities=chat_capabilities(
        body=_KEYS,
        message=("reasoning_details", "annotations"),
        parts={**PARTS, "video_url": ()},
        tool=("text", "image_url"),
    ),
    to_chat=to_chat,
    reasoning_keys=frozenset(("reasoning_details",)),
    media_in_place=True,
    tool_names=True,
)
