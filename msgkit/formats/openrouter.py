"""
OpenRouter: Chat Completions with what OpenRouter adds.

Found in: requests through OpenRouter, and logs of them.

- which models and providers may answer (``models``, ``provider``), ``plugins``, ``transforms``, ``reasoning``;
- reasoning comes back as ``reasoning_details``, which go back with the message.

Source: OpenRouter docs, API reference: parameters, provider routing, reasoning tokens.
"""

import attrs

from msgkit.formats import openai
from msgkit.formats.common.capabilities import CHAT
from msgkit.formats.common.sniff import by_keys
from msgkit.jsontext.values import LIST

NAME = "openrouter"
_KEYS = frozenset((
    "models", "plugins", "provider", "route", "transforms", "reasoning", "top_k", "top_a", "min_p",
    "repetition_penalty", "usage", "include_reasoning",
))  # fmt: skip


FORMAT = attrs.evolve(
    openai.FORMAT,
    name=NAME,
    target=NAME,
    title="OpenRouter: Chat Completions with models, provider, plugins, transforms, reasoning_details",
    source="OpenRouter docs: API reference, parameters",
    # an answer has reasoning as only OpenRouter gives it; the body's keys tell nothing
    recognize=by_keys((), lambda message: isinstance(message.get("reasoning_details"), LIST)),
    signs=frozenset(("reasoning_details",)),
    capabilities=attrs.evolve(
        CHAT,
        body=CHAT.body | _KEYS,
        message=CHAT.message | {"reasoning_details", "annotations"},
        parts={**CHAT.parts, "video_url": ()},
        within={**CHAT.within, "tool": ("text", "image_url")},
    ),
)
