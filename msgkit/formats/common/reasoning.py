"""Reasoning as thinking blocks with their signatures, and as other servers have it: texts, details of OpenRouter."""

from collections.abc import Mapping
from typing import Any, Final

from msgkit.formats.common.builder import bare
from msgkit.formats.common.capabilities import THINKING_BLOCKS, Capabilities
from msgkit.jsontext.values import LIST
from msgkit.model.messages import Message

DETAILS: Final = "reasoning_details"
_ANTHROPIC: Final = "anthropic-claude-v1"  # format of details that Anthropic signed (OpenRouter docs, reasoning tokens)


def reasoning_of(blocks: list[Any]) -> dict[str, Any]:
    """Return the reasoning of thinking blocks, and the blocks themselves, whose signatures it goes back with."""
    text = "".join(block.get("thinking", "") for block in blocks)
    reasoning = {"reasoning": text} if any("thinking" in block for block in blocks) else {}
    return reasoning | ({THINKING_BLOCKS: blocks} if blocks else {})


def is_signed(message: Message) -> bool:
    """Return whether a message has its reasoning as blocks, each with the signature that its server gave it."""
    blocks = message.extra.get(THINKING_BLOCKS)
    return isinstance(blocks, LIST) and all(map(_has_signature, blocks))


def _has_signature(block: Any) -> bool:
    key = "data" if isinstance(block, Mapping) and block.get("type") == "redacted_thinking" else "signature"
    return isinstance(block, Mapping) and isinstance(block.get(key), str) and block[key] != ""


def thinking_block(text: Any, signature: Any) -> dict[str, Any] | None:
    """Return reasoning as a thinking block, signed if its signature is a text; None when it is no text."""
    if not isinstance(text, str):
        return None
    return {"type": "thinking", "thinking": text, **({"signature": signature} if isinstance(signature, str) else {})}


def thinking_of(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the reasoning of a noted message as thinking blocks: its own unless the text changed since."""
    blocks, text = message.get(THINKING_BLOCKS), message.get("reasoning")
    are_blocks = isinstance(blocks, list) and all(isinstance(block, Mapping) for block in blocks)
    if isinstance(blocks, list) and are_blocks and reasoning_of(blocks).get("reasoning") == text:
        return [bare(block) for block in blocks]
    return [] if text is None else [{"type": "thinking", "thinking": text, "signature": ""}]


def text_of_thought(value: Any) -> str | None:
    """Return reasoning that is a text, or a list of objects with texts."""
    if isinstance(value, str):
        return value
    if not isinstance(value, list | tuple):
        return None
    texts = [item.get("text", item.get("summary")) for item in value if isinstance(item, Mapping)]
    thoughts = [text for text in texts if isinstance(text, str)]
    return "".join(thoughts) if thoughts else None


def signed(extra: Mapping[str, Any], target: Capabilities) -> Mapping[str, Any]:
    """Return further keys with the reasoning that Anthropic signed as its blocks, or as OpenRouter's details."""
    is_anthropic = THINKING_BLOCKS in target.message
    old, new = (DETAILS, THINKING_BLOCKS) if is_anthropic else (THINKING_BLOCKS, DETAILS)
    items = extra.get(old)
    if new in extra or new not in target.message or not isinstance(items, list | tuple):
        return extra
    values = [_block(item) if is_anthropic else _detail(item, i) for i, item in enumerate(items)]
    return extra if None in values else {**{key: value for key, value in extra.items() if key != old}, new: values}


def _block(detail: Any) -> dict[str, Any] | None:
    """Return a detail of OpenRouter's as a block of Anthropic's, if it is one that Anthropic signed."""
    if not isinstance(detail, Mapping) or detail.get("format") != _ANTHROPIC:
        return None
    if detail.get("type") == "reasoning.encrypted":
        return {"type": "redacted_thinking", "data": detail.get("data")}
    return {"type": "thinking", "thinking": detail.get("text"), "signature": detail.get("signature")}


def _detail(block: Any, index: int) -> dict[str, Any] | None:
    """Return a block that Anthropic signed as a detail of OpenRouter's: the inverse of :func:`_block`."""
    if not isinstance(block, Mapping):
        return None
    if block.get("type") == "redacted_thinking":
        return {"type": "reasoning.encrypted", "data": block.get("data"), "format": _ANTHROPIC, "index": index}
    told = {"text": block.get("thinking"), "signature": block.get("signature")}
    return {"type": "reasoning.text", **told, "format": _ANTHROPIC, "index": index}


def google_signature(extra: Mapping[str, Any]) -> str | None:
    """Return the signature of a thought where Google's endpoint for Chat Completions has it, or LiteLLM."""
    content = extra.get("extra_content")
    google = content.get("google") if isinstance(content, Mapping) else extra.get("provider_specific_fields")
    signature = google.get("thought_signature") if isinstance(google, Mapping) else None
    return signature if isinstance(signature, str) else None
