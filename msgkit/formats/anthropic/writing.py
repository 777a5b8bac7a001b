"""Messages -> Anthropic's messages: each side's joined, the leading system messages beside them."""

from collections.abc import Mapping
from typing import Any

from msgkit.formats.anthropic.blocks import NAME, dump_call, dump_part, dump_result
from msgkit.formats.anthropic.reading import reasoning_of, thinking
from msgkit.formats.common.builder import bare
from msgkit.formats.common.interleaving import in_order
from msgkit.formats.common.keys import dump_message_keys
from msgkit.formats.common.merge_messages import groups, side, split_lead


def write(messages: list[dict[str, Any]]) -> dict[str, Any]:
    """Return ``system`` and ``messages`` of the body."""
    lead, rest = split_lead(messages)
    system = {"system": _joined(lead)} if any(message.get("content") is not None for message in lead) else {}
    return {**system, "messages": [_group(group) for group in groups(rest, _message_keys)]}


def _message_keys(message: Mapping[str, Any]) -> dict[str, Any]:
    """Return the further keys of a message, which are none of its blocks'."""
    if message.get("role") == "tool":
        return dict(message.get(NAME, {}))
    return dump_message_keys(message, NAME, _KNOWN)


_KNOWN = ("role", "content", "tool_calls", "reasoning", "thinking_blocks", "tool_call_id")


def _group(group: list[dict[str, Any]]) -> dict[str, Any]:
    first = group[0]
    head = {"role": side(first)} if "role" in first else {}
    if len(group) == 1 and not _has_blocks(first):
        return {**head, **({"content": first["content"]} if "content" in first else {}), **_message_keys(first)}
    return {**head, "content": [block for message in group for block in _dump_blocks(message)], **_message_keys(first)}


def _has_blocks(message: Mapping[str, Any]) -> bool:
    """Tell whether a message needs a list of blocks."""
    if isinstance(message.get("content"), list) or message.get("role") == "tool":
        return True
    return bool(message.get("tool_calls") or message.get("reasoning") is not None or message.get("thinking_blocks"))


def _joined(messages: list[dict[str, Any]]) -> Any:
    if len(messages) == 1 and isinstance(messages[0]["content"], str):
        return messages[0]["content"]
    return [block for message in messages for block in _dump_parts(message.get("content"))]


def _dump_parts(content: Any) -> list[Any]:
    if isinstance(content, str):
        return [{"type": "text", "text": content}] if content else []
    return [dump_part(part) for part in content or ()]


def _dump_blocks(message: dict[str, Any]) -> list[Any]:
    if message.get("role") == "tool":
        return [dump_result(message)]
    tool_calls = [dump_call(call) for call in message.get("tool_calls") or ()]
    return in_order(message, _dump_reasoning(message), _dump_parts(message.get("content")), tool_calls)


def _dump_reasoning(message: Mapping[str, Any]) -> Any:
    blocks, text = message.get("thinking_blocks"), message.get("reasoning")
    if isinstance(blocks, list) and all(isinstance(block, Mapping) for block in blocks):
        kept = reasoning_of(blocks).get("reasoning")
        if kept == text:
            return bare(blocks)
    return [] if text is None else [thinking(text)]
