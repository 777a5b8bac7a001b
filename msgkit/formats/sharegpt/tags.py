"""The names that rows of this family give their list, keys and roles; those that are not the usual ones are noted."""

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from msgkit.formats.common.columns import Column
from msgkit.model.base import Mark

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
NEMO = {"User": "user", "Assistant": "assistant", "System": "system"}  # in rows that name the roles they mask
SWIFT = {"tool_call": "call", "tool_response": "tool"}  # roles of ms-swift, one item a call and a result
COLUMN = Mark(NAME, "column")  # form: the system message is under the key "system"
TAG = Mark(NAME, "tag")  # form of a conversation: a list, role or content key that is not the usual one
MEDIA = Mark(NAME, "media")  # form of a conversation: a media column that is not the usual one, or no list
_EMPTY = ("None", "[]")  # what a column without entries may be
FROM = Mark(NAME, "from")  # form of a message: the role by another name


@attrs.frozen
class Tags:
    """The keys that a row uses."""

    messages: str = "conversations"
    role: str = "from"
    content: str = "value"
    call: str = "function_call"  # what the role of calls is called

    @property
    def is_swift(self) -> bool:
        """Whether the row is ms-swift's."""
        return self.call in SWIFT

    def roles(self) -> Mapping[str, str]:
        """Return the role that each name means."""
        return ROLES[self.role] if not self.is_swift else {**ROLES[self.role], **SWIFT}

    def marks(self) -> frozenset[Mark]:
        """Return the marks of what is not usual."""
        usual = attrs.astuple(Tags())
        names = zip(attrs.fields_dict(Tags), attrs.astuple(self), usual, strict=True)
        return frozenset(TAG.of(f"{name}={key}") for name, key, default in names if key != default)


def tags_of(form: frozenset[Mark]) -> Tags:
    """Return the keys that the marks of a conversation name."""
    names = dict(mark.text.split("=", 1) for mark in form if TAG.matches(mark))
    return Tags(**names)


def tags_in(body: Mapping[str, Any]) -> Tags:
    """Return the keys that a row uses."""
    messages = next((key for key in LISTS if isinstance(body.get(key), list | tuple)), "conversations")
    items = body.get(messages)
    first = next((item for item in items if isinstance(item, Mapping)), {}) if isinstance(items, list | tuple) else {}
    role = "role" if "role" in first and "from" not in first else "from"
    content = "content" if "content" in first and "value" not in first else "value"
    call = "tool_call" if is_swift(items, role) else "function_call"
    return Tags(messages, role, content, call)


def is_swift(items: Any, role: str = "role") -> bool:
    """Return whether one of the items has a role that ms-swift alone has."""
    entries = items if isinstance(items, list | tuple) else ()
    names = (item.get(role) for item in entries if isinstance(item, Mapping))
    return any(isinstance(name, str) and name in SWIFT for name in names)


def column_marks(body: Mapping[str, Any], columns: Mapping[str, Column]) -> frozenset[Mark]:
    """Return the marks of media columns that are not usual: of another name, one entry by itself, null, or empty."""
    states = {
        name: "one" if one.single else "" if one.entries else str(body[one.name]) for name, one in columns.items()
    }
    return frozenset(
        MEDIA.of(f"{kind}={one.name}={states[kind]}")
        for kind, one in columns.items()
        if states[kind] or one.name != f"{kind}s"
    )


def in_columns(media: Mapping[str, Sequence[Any]], form: frozenset[Mark]) -> dict[str, Any]:
    """Return entries by kind as media columns, as the marks of a conversation say."""
    columns: dict[str, Any] = {}
    marked = {kind: (name, state) for kind, name, state in map(_parse, form) if kind}
    for kind, (name, state) in marked.items():
        if kind not in media and state in _EMPTY:
            columns[name] = None if state == "None" else []
    for kind, entries in media.items():
        name, state = marked.get(kind, (f"{kind}s", ""))
        columns[name] = entries[0] if state == "one" and len(entries) == 1 else entries
    return columns


def _parse(mark: Mark) -> tuple[str, str, str]:
    kind, name, state = mark.text.split("=", 2) if MEDIA.matches(mark) else ("", "", "")
    return kind, name, state
