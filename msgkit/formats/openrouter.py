"""
OpenRouter: Chat Completions with what OpenRouter adds.

Found in: requests through OpenRouter, and logs of them.

- which models and providers may answer (``models``, ``provider``), ``plugins``, ``transforms``, ``reasoning``;
- reasoning comes back as ``reasoning_details``, which go back with the message.

Source: OpenRouter docs, API reference: parameters, provider routing, reasoning tokens.
"""

from collections.abc import Mapping
from typing import Any

import attrs

from msgkit.formats import openai
from msgkit.formats.common.capabilities import CHAT
from msgkit.jsontext.values import LIST, objects

NAME = "openrouter"
_KEYS = frozenset((
    "models", "plugins", "provider", "route", "transforms", "reasoning", "top_k", "top_a", "min_p",
    "repetition_penalty", "usage", "include_reasoning",
))  # fmt: skip


def recognize(body: Mapping[str, Any]) -> bool:
    """Return whether an answer in *body* has reasoning as only OpenRouter gives it; the body's keys tell nothing."""
    return any(isinstance(one.get("reasoning_details"), LIST) for one in objects(body.get("messages")))


FORMAT = attrs.evolve(
    openai.FORMAT,
    name=NAME,
    target=NAME,
    title="OpenRouter: Chat Completions with models, provider, plugins, transforms, reasoning_details",
    source="OpenRouter docs: API reference, parameters",
    recognize=recognize,
    signs=frozenset(("reasoning_details",)),
    capabilities=attrs.evolve(
        CHAT,
        body=CHAT.body | _KEYS,
        message=CHAT.message | {"reasoning_details", "annotations"},
        parts={**CHAT.parts, "video_url": ()},
        within={**CHAT.within, "tool": ("text", "image_url")},
    ),
)
