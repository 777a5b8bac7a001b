"""
xAI: Chat Completions with what xAI adds.

Found in: requests to xAI, and logs of them.

- live search: ``search_parameters``; completions that are fetched later: ``deferred``;
- reasoning comes back as ``reasoning_content``.

Source: xAI docs, REST API reference: chat completions.
"""

from collections.abc import Mapping
from typing import Any

import attrs

from msgkit.formats import openai
from msgkit.formats.common.capabilities import CHAT

NAME = "xai"


def recognize(body: Mapping[str, Any]) -> bool:
    """Return whether *body* has a key that only xAI has."""
    is_own = isinstance(body.get("search_parameters"), Mapping) or isinstance(body.get("deferred"), bool)
    return is_own and isinstance(body.get("messages"), list | tuple)


FORMAT = attrs.evolve(
    openai.FORMAT,
    name=NAME,
    target=NAME,
    title="xAI: Chat Completions with search_parameters, deferred",
    source="xAI docs: REST API reference, chat completions",
    recognize=recognize,
    signs=frozenset(("search_parameters", "deferred")),
    capabilities=attrs.evolve(
        CHAT,
        body=CHAT.body | {"search_parameters", "deferred"},
        parts={name: CHAT.parts[name] for name in ("text", "image_url", "refusal")},
        within={**CHAT.within, "tool": ("text", "image_url")},
    ),
)
