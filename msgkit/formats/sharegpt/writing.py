"""Messages -> items of a row: media into columns, calls and observations without ids."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgkit.formats.common import calls, placeholders
from msgkit.formats.common.builder import APART, marks
from msgkit.formats.common.keys import dump_message_keys
from msgkit.formats.sharegpt.tags import FROM, NAME, Tags

BETWEEN_ANSWERS = "\n</tool_response>\n<tool_response>\n"
"""What is between the results in one observation: LLaMA-Factory data/converter.py, OpenAIDatasetConverter."""

_THOUGHT = re.compile(r"\s*<think>(.*?)</think>\s*", re.DOTALL)


def items_of(message: dict[str, Any], tags: Tags, media: dict[str, list[Any]]) -> Iterator[dict[str, Any]]:
    """Yield the items of one noted message, its media appended to *media*: column -> entries."""
    keys = dump_message_keys(message, NAME, ("role", "content", "tool_calls", "tool_call_id", "reasoning"))
    told = keys.pop("call", None) if "call" in message.get(NAME, {}) else None
    if message.get("content") is not None or not message.get("tool_calls"):
        role = {tags.role: _name(message, tags)} if "role" in message else {}
        value = {tags.content: placeholders.empty(message["content"], media, NAME)} if "content" in message else {}
        yield {**role, **value, **{key: found for key, found in keys.items() if key not in (tags.role, tags.content)}}
        keys = {}
    if message.get("tool_calls"):
        text = call_text(message["tool_calls"], message.get("reasoning"))
        texts = [told if _is_same_call(told, text) else text]
        if tags.is_swift and told is None and message.get("reasoning") is None:
            texts = [call_text([one]) for one in message["tool_calls"]]
        yield from ({**keys, tags.role: tags.call, tags.content: one} for one in texts)


def _name(message: Mapping[str, Any], tags: Tags) -> Any:
    told = FROM.find(marks(message))
    if told is not None:
        return told
    names = {role: name for name, role in tags.roles().items()}
    return names.get(str(message["role"]), message["role"])


def joined(items: Iterable[tuple[dict[str, Any], Mapping[str, Any]]], tags: Tags) -> Iterator[dict[str, Any]]:
    """Yield the items, observations that follow each other as one: the trainer takes one for all calls before it."""
    last: dict[str, Any] | None = None
    for item, message in items:
        text = item.get(tags.content)
        is_result = message.get("role") == "tool" and isinstance(text, str) and len(item) == len(("role", "content"))
        if last is not None and is_result and APART not in marks(message) and not tags.is_swift:
            last[tags.content] += BETWEEN_ANSWERS + str(text)
            continue
        if last is not None:
            yield last
        last = item if is_result else None
        if last is None:
            yield item
    if last is not None:
        yield last


def split_thought(text: str) -> tuple[str | None, str, Any]:
    r"""Return the thought before a call, the text of the call, and its JSON value or None."""
    match = _THOUGHT.match(text)
    rest = text[match.end() :] if match else text
    try:
        value = json.loads(rest)
    except (ValueError, RecursionError):
        value = None
    return (match[1].strip() if match else None), rest, value


def call_text(tool_calls: list[Any], thought: str | None = None) -> str:
    """Return noted tool calls as the text of a ``function_call``: an object, or a list of several."""
    functions = [call["function"] for call in tool_calls]
    made = [{"name": one["name"], "arguments": calls.to_object(one["arguments"])} for one in functions]
    before = "" if thought is None else f"<think>\n{thought}\n</think>\n\n"
    return before + calls.to_text(made[0] if len(made) == 1 else made)


def _is_same_call(told: str | None, text: str) -> bool:
    return told is not None and split_thought(told)[::2] == split_thought(text)[::2]
