"""Messages -> items of a row: media into columns, calls and observations without ids."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from msgkit.formats.common import calls, placeholders
from msgkit.formats.common.builder import marks
from msgkit.formats.common.keys import dump_message_keys
from msgkit.formats.sharegpt.tags import FROM, NAME, ROLES, Tags


def items_of(message: dict[str, Any], tags: Tags, media: dict[str, list[Any]]) -> Iterator[dict[str, Any]]:
    """Yield the items of one noted message, its media appended to *media*: column -> entries."""
    keys = dump_message_keys(message, NAME, ("role", "content", "tool_calls", "tool_call_id"))
    told = keys.pop("call", None) if "call" in message.get(NAME, {}) else None
    if message.get("content") is not None or not message.get("tool_calls"):
        role = {tags.role: _name(message, tags)} if "role" in message else {}
        value = {tags.content: placeholders.empty(message["content"], media, NAME)} if "content" in message else {}
        yield {**role, **value, **{key: found for key, found in keys.items() if key not in (tags.role, tags.content)}}
        keys = {}
    if message.get("tool_calls"):
        text = call_text(message["tool_calls"])
        yield {**keys, tags.role: "function_call", tags.content: told if _is_same_call(told, text) else text}


def _name(message: Mapping[str, Any], tags: Tags) -> Any:
    for name in marks(message):
        if name.startswith(FROM):
            return name.removeprefix(FROM)
    names = {role: name for name, role in ROLES[tags.role].items()}
    return names.get(str(message["role"]), message["role"])


def call_text(tool_calls: list[Any]) -> str:
    """Return noted tool calls as the text of a ``function_call``: an object, or a list of several."""
    functions = [call["function"] for call in tool_calls]
    made = [{"name": one["name"], "arguments": calls.to_object(one["arguments"])} for one in functions]
    return calls.to_text(made[0] if len(made) == 1 else made)


def _is_same_call(told: str | None, text: str) -> bool:
    return told is not None and bool(json.loads(told) == json.loads(text))
