"""The names that rows of this family give their list, keys and roles; those that are not the usual ones are noted."""

from collections.abc import Mapping
from typing import Any

import attrs

NAME = "sharegpt"
LISTS = ("conversations", "conversation", "messages")
ROLES: Mapping[str, Mapping[str, str]] = {
    "from": {"human": "user", "gpt": "assistant", "system": "system", "observation": "tool", "function_call": "call"},
    "role": {"user": "user", "assistant": "assistant", "system": "system", "tool": "tool", "function_call": "call"},
}
ALIASES = {
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
    "human": "user",
    "gpt": "assistant",
    "observation": "tool",
}
ALIASES |= {"chatgpt": "assistant", "bard": "assistant", "bing": "assistant", "function_response": "tool"}
COLUMN = "(column)"  # form: the system message stands under the key "system"
TAG = "tag:"  # form of a conversation: a list, role or content key that is not the usual one
FROM = "from:"  # form of a message: the role by another name


@attrs.frozen
class Tags:
    """The keys that a row uses."""

    messages: str = "conversations"
    role: str = "from"
    content: str = "value"

    def marks(self) -> frozenset[str]:
        """Return the marks of what is not usual."""
        usual = attrs.astuple(Tags())
        found = zip(("messages", "role", "content"), attrs.astuple(self), usual, strict=True)
        return frozenset(f"{TAG}{name}={key}" for name, key, default in found if key != default)


def tags_of(form: frozenset[str]) -> Tags:
    """Return the keys that the marks of a conversation name."""
    found = dict(name.removeprefix(TAG).split("=", 1) for name in form if name.startswith(TAG))
    return Tags(**found)


def tags_in(body: Mapping[str, Any]) -> Tags:
    """Return the keys that a row uses."""
    messages = next((key for key in LISTS if isinstance(body.get(key), list | tuple)), "conversations")
    items = body.get(messages)
    first = next((item for item in items if isinstance(item, Mapping)), {}) if isinstance(items, list | tuple) else {}
    role = "role" if "role" in first and "from" not in first else "from"
    content = "content" if "content" in first and "value" not in first else "value"
    return Tags(messages, role, content)
