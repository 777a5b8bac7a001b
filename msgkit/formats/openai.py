"""
Chat Completions: the body of ``POST /chat/completions``, with what OpenAI-compatible servers add.

- The form that all others are described against: ``messages`` of role and content, calls under ``tool_calls``.
- Harmony messages that servers take in the same list load and dump in their own form.

Source: openai-python ``src/openai/types/chat``; vLLM ``vllm/entrypoints/chat_utils.py``.
"""

from collections.abc import Mapping
from typing import Any

import attrs

from msgkit.formats.base import Format, dump_messages, load_messages
from msgkit.formats.common.capabilities import CHAT, THINKING_BLOCKS
from msgkit.formats.common.channels import to_chat

NAME = "openai"


def recognize(body: Mapping[str, Any]) -> bool:
    """Return whether *body* has a ``messages`` list."""
    return "messages" in body


FORMAT = Format(
    name=NAME,
    target="openai",
    title="Chat Completions: {messages: [{role, content, tool_calls, ...}]}, Harmony messages among them",
    source="openai-python 3.54 src/openai/types/chat/*_param.py",
    recognize=recognize,
    load=load_messages,
    dump=dump_messages,
    preference="openai",
    capabilities=attrs.evolve(CHAT, files_of="openai"),
    to_chat=to_chat,
    reasoning_keys=frozenset((THINKING_BLOCKS, "reasoning_details")),
    media_in_place=True,
    tool_names=True,
)
