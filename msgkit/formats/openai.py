"""
Chat Completions: the body of ``POST /chat/completions``, with what OpenAI-compatible servers add.

Source: openai-python ``src/openai/types/chat``; vLLM ``vllm/entrypoints/chat_utils.py``.
Servers that take Harmony messages in the same list are served too: a Harmony message loads and dumps in its own form.
"""

from collections.abc import Mapping
from typing import Any

from msgkit.errors import Path
from msgkit.formats.base import Loaded, dump_messages, load_messages
from msgkit.formats.common.capabilities import Holds
from msgkit.formats.common.channels import to_chat
from msgkit.formats.common.chat import BODY, MESSAGE, PARTS
from msgkit.model.messages import Conversation

__all__ = ["HOLDS", "NAME", "TITLE", "dump", "load", "recognize", "to_chat"]

NAME = "openai"
TITLE = "Chat Completions: {messages: [{role, content, tool_calls, ...}]}, Harmony messages among them"

HOLDS = Holds(
    parts=PARTS,
    message=MESSAGE,
    body=BODY,
    calls=("function", "custom"),
    roles=("system", "developer", "user", "assistant", "tool", "function"),
    open="own",
    call_id=r".{1,40}",
    within={
        **dict.fromkeys(("system", "developer", "tool", "function"), ("text",)),
        "assistant": ("text", "refusal", "thinking"),
    },
)


def recognize(body: Mapping[str, Any]) -> bool:
    """Tell whether *body* has a ``messages`` list."""
    return "messages" in body


def load(body: Mapping[str, Any], at: Path = ()) -> Loaded:
    """
    Load a request body.

    >>> load({"model": "m", "messages": [{"role": "user", "content": "Hello"}]}).conversation.messages
    (Message(user, 'Hello'),)
    """
    return load_messages(body, at)


def dump(conversation: Conversation) -> dict[str, Any]:
    """Return the request body; every value has a place in it."""
    return dump_messages(conversation)
