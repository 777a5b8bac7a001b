"""
xAI: Chat Completions with what xAI adds.

Found in: requests to xAI, and logs of them.

- live search: ``search_parameters``; completions that are fetched later: ``deferred``;
- reasoning comes back as ``reasoning_content``.

Source: xAI docs, REST API reference: chat completions.
"""

from collections.abc import Mapping
from typing import Any

from msgkit.formats.base import Format, dump_messages, load_messages
from msgkit.formats.common.channels import to_chat
from msgkit.formats.common.chat import PARTS, chat_capabilities

NAME = "xai"


def recognize(body: Mapping[str, Any]) -> bool:
    """Return whether *body* has a key that only xAI has."""
    is_own = isinstance(body.get("search_parameters"), Mapping) or isinstance(body.get("deferred"), bool)
    return is_own and isinstance(body.get("messages"), list | tuple)


FORMAT = Format(
    name=NAME,
    target=NAME,
    title="xAI: Chat Completions with search_parameters, deferred",
    source="xAI docs: REST API reference, chat completions",
    recognize=recognize,
    load=load_messages,
    dump=dump_messages,
    preference="openai",
    capabilities=chat_capabilities(
        body=("search_parameters", "deferred"),
        parts={kind: keys for kind, keys in PARTS.items() if kind in ("text", "image_url", "refusal")},
        tool=("text", "image_url"),
    ),
    to_chat=to_chat,
    media_in_place=True,
    tool_names=True,
)
