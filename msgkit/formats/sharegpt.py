"""
ShareGPT: ``{conversations: [{from, value}]}`` with columns of media, as LLaMA-Factory and others read it.

Source: LLaMA-Factory ``data/README.md`` and ``src/llamafactory/data/converter.py``. Its tags are taken, too: the list
under another name, role and content under other keys; the names that a row uses are kept.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from msgkit.errors import Path, quote
from msgkit.formats.base import Loaded
from msgkit.formats.common import calls, columns
from msgkit.formats.common.columns import COLUMNS
from msgkit.formats.common.drafts import Draft, mark, marks, noted
from msgkit.formats.common.holds import Holds
from msgkit.formats.common.keys import Key, dump_keys, dump_message_keys, load_keys, load_message_keys
from msgkit.messages import Conversation

NAME = "sharegpt"
TITLE = "ShareGPT: {conversations: [{from, value}], images, audios, videos, tools}, <image> placeholders"

HOLDS = Holds(
    parts={"text": (), "image_url": (), "input_audio": (), "audio_url": (), "video_url": ()},
    message=("tool_calls", "tool_call_id", "loss_weight", "weight"),
    body=("tools",),
    roles=("system", "user", "assistant", "tool"),
    open="all",
)

_LISTS = ("conversations", "conversation", "messages")
_ROLES: Mapping[str, Mapping[str, str]] = {
    "from": {"human": "user", "gpt": "assistant", "system": "system", "observation": "tool", "function_call": "call"},
    "role": {"user": "user", "assistant": "assistant", "system": "system", "tool": "tool", "function_call": "call"},
}
_ALIASES = {"user": "user", "assistant": "assistant", "tool": "tool", "human": "user", "gpt": "assistant", "observation": "tool"}
_ALIASES |= {"chatgpt": "assistant", "bard": "assistant", "bing": "assistant", "function_response": "tool"}
_COLUMN = "(column)"  # form: the system message stands under the key "system"
_TAG = "tag:"  # form of a conversation: a list, role or content key that is not the usual one
_FROM = "from:"  # form of a message: the role by another name


def recognize(body: Mapping[str, Any]) -> bool:
    """
    Tell whether *body* has a list of conversations, or messages with ``from`` and ``value``.

    >>> recognize({"conversations": []}), recognize({"messages": [{"from": "human", "value": "Hello"}]})
    (True, True)
    """
    if isinstance(body.get("conversations"), list | tuple) or isinstance(body.get("conversation"), list | tuple):
        return True
    messages = body.get("messages")
    first = messages[0] if isinstance(messages, list | tuple) and messages else None
    return isinstance(first, Mapping) and "from" in first and "value" in first and "role" not in first


@attrs.frozen
class _Tags:
    """The keys that a row uses."""

    messages: str = "conversations"
    role: str = "from"
    content: str = "value"

    def marks(self) -> frozenset[str]:
        """Return the marks of what is not usual."""
        usual = attrs.astuple(_Tags())
        found = zip(("messages", "role", "content"), attrs.astuple(self), usual, strict=True)
        return frozenset(f"{_TAG}{name}={key}" for name, key, default in found if key != default)


def _tags_of(form: frozenset[str]) -> _Tags:
    found = dict(name.removeprefix(_TAG).split("=", 1) for name in form if name.startswith(_TAG))
    return _Tags(**found)


def _tags_in(body: Mapping[str, Any]) -> _Tags:
    messages = next((key for key in _LISTS if isinstance(body.get(key), list | tuple)), "conversations")
    items = body.get(messages)
    first = next((item for item in items if isinstance(item, Mapping)), {}) if isinstance(items, list | tuple) else {}
    role = "role" if "role" in first and "from" not in first else "from"
    content = "content" if "content" in first and "value" not in first else "value"
    return _Tags(messages, role, content)


# in


def load(body: Mapping[str, Any], at: Path = ()) -> Loaded:
    """
    Load a row: placeholders become parts, calls get ids.

    >>> load({"conversations": [{"from": "human", "value": "<image>Who?"}], "images": ["a.png"]}).conversation.messages
    (Message(user, (ImagePart('a.png'), TextPart('Who?'))),)
    """
    draft, tags = Draft(at), _tags_in(body)
    items = body.get(tags.messages)
    if not isinstance(items, list | tuple):
        draft.wrong_list(tags.messages, items, present=tags.messages in body)
        items = ()
    media = {kind: body[name] for kind, name in COLUMNS.items() if isinstance(body.get(name), list | tuple) and body[name]}
    _check_columns(draft, media, items, tags)
    used = {COLUMNS[kind] for kind in media} | {tags.messages}
    if isinstance(body.get("system"), str):
        draft.add(mark({"role": "system", "content": body["system"]}, _COLUMN), ("system",), {("content",): ("system",)})
        used.add("system")
    _Reader(draft, tags, {kind: iter(entries) for kind, entries in media.items()} if not draft.issues else {}).read(items)
    loaded = draft.finish(load_keys(body, used, _KEYS, NAME), tags.messages)
    return attrs.evolve(loaded, conversation=attrs.evolve(loaded.conversation, form=tags.marks()))


def _check_columns(draft: Draft, media: Mapping[str, Any], items: Any, tags: _Tags) -> None:
    texts = [item.get(tags.content) for item in items if isinstance(item, Mapping)]
    for kind, entries in media.items():
        found = sum(columns.count(text, kind) for text in texts)
        if found != len(entries):
            message = f"expected as many <{kind}> placeholders as entries in {kind}s, got {found} and {len(entries)}"
            draft.fault((tags.messages,), "placeholder-count", message)
        for i, entry in enumerate(entries):
            if columns.entry_name(entry) is None:
                message = f"expected a path, a URL or an object with one, got {quote(entry)}"
                draft.fault((COLUMNS[kind], i), "type-mismatch", message)


@attrs.define
class _Reader:
    """Reads the items of a row, one after the other."""

    draft: Draft
    tags: _Tags
    entries: Mapping[str, Iterator[Any]]
    number: int = 0
    pending: list[str] = attrs.field(factory=list)
    used: dict[str, int] = attrs.field(factory=dict)

    def read(self, items: Any) -> None:
        """Add a message for each item; a call right after what the assistant said is part of that message."""
        for i, item in enumerate(items):
            place: Path = (self.tags.messages, i)
            if not isinstance(item, Mapping):
                self.draft.add(item, place)
                continue
            if isinstance(item.get(self.tags.content), list):
                self.draft.fault((*place, self.tags.content), "type-mismatch", "expected string, got array")
            message = self.message(item)
            before = self.draft.messages[-1] if self.draft.messages else None
            if _is_mere_call(message) and _takes_calls(before):
                before |= {key: message[key] for key in ("tool_calls", NAME) if key in message}
            else:
                self.draft.add(message, place, self.places(message, place))

    def places(self, message: Mapping[str, Any], place: Path) -> dict[Path, Path]:
        """Say where role, text and media of a message stand: media in their columns."""
        text: Path = (*place, self.tags.content)
        found: dict[Path, Path] = {("role",): (*place, self.tags.role), ("content",): text}
        for j, part in enumerate(message["content"] if isinstance(message.get("content"), list) else ()):
            kind = part.get("type") if isinstance(part, Mapping) else None
            found[("content", j)] = text
            if kind in HOLDS.parts and kind != "text":
                column = columns.COLUMNS["audio" if kind == "input_audio" else kind.removesuffix("_url")]
                self.used[column] = self.used.get(column, 0) + 1
                end = "data" if kind == "input_audio" else "url"
                found[("content", j, kind, end)] = (column, self.used[column] - 1)
        return found

    def message(self, item: Mapping[str, Any]) -> dict[str, Any]:
        """Return one item as a message."""
        known = (self.tags.role, self.tags.content)
        keys = load_message_keys({key: value for key, value in item.items() if key not in known}, NAME)
        name, value = item.get(self.tags.role), item.get(self.tags.content)
        role = _ROLES[self.tags.role].get(name) if isinstance(name, str) else None
        found = self.call(value) if role == "call" else None
        if found is not None:
            return {"role": "assistant", "content": None, "tool_calls": found[0], **keys, **found[1]}
        names = []
        if role in (None, "call") and isinstance(name, str):
            role = "assistant" if role == "call" else _ALIASES.get(name, name)
            names = [_FROM + name] if role != name or role in _ALIASES else []
        message = {**({"role": role or name} if self.tags.role in item else {}), **keys}
        if self.tags.content in item:
            message["content"] = columns.fill(value, self.entries, NAME) if isinstance(value, str) else value
        if role == "tool":
            message |= {"tool_call_id": self.pending.pop(0)} if self.pending else {}
        return mark(message, *names)

    def call(self, text: Any) -> tuple[list[Any], dict[str, Any]] | None:
        """Return the calls of a ``function_call`` and, when they would be written otherwise, the text under the format's name."""
        try:
            found = json.loads(text) if isinstance(text, str) else None
        except (ValueError, RecursionError):
            return None
        functions = found if isinstance(found, list) else [found]
        if not functions or not all(isinstance(one, dict) and one.keys() == {"name", "arguments"} for one in functions):
            return None
        if not all(isinstance(one["name"], str) and isinstance(one["arguments"], dict) for one in functions):
            return None
        made = []
        for one in functions:
            self.number += 1
            function = {"name": one["name"], "arguments": calls.to_text(one["arguments"])}
            made.append({"id": calls.minted(self.number), "type": "function", "function": function})
        self.pending = [call["id"] for call in made]
        return made, {} if _call_text(made) == text else {NAME: {"call": text}}


def _is_mere_call(message: dict[str, Any]) -> bool:
    return "tool_calls" in message and message.keys() <= {"role", "content", "tool_calls", NAME} and message.get(NAME, {}).keys() <= {"call"}


def _takes_calls(message: Any) -> bool:
    return (
        isinstance(message, dict)
        and message.get("role") == "assistant"
        and isinstance(message.get("content"), str | list)
        and "tool_calls" not in message
        and message.keys() <= {"role", "content"}
    )


# out


def dump(conversation: Conversation) -> dict[str, Any]:
    """
    Return the row: media as placeholders and columns, calls and results without ids.

    >>> dump(load({"conversations": [{"from": "human", "value": "<image>Who?"}], "images": ["a.png"]}).conversation)
    {'conversations': [{'from': 'human', 'value': '<image>Who?'}], 'images': ['a.png']}
    """
    tags = _tags_of(conversation.form)
    messages = noted(conversation)
    body: dict[str, Any] = {}
    if messages and _COLUMN in marks(messages[0]):
        body["system"] = messages.pop(0)["content"]
    media: dict[str, list[Any]] = {}
    body[tags.messages] = [item for message in messages for item in _items(message, tags, media)]
    body |= media
    return body | {key: value for key, value in dump_keys(conversation.extra, _KEYS, NAME).items() if key not in body}


def _items(message: dict[str, Any], tags: _Tags, media: dict[str, list[Any]]) -> Iterator[dict[str, Any]]:
    keys = dump_message_keys(message, NAME, ("role", "content", "tool_calls", "tool_call_id"))
    told = keys.pop("call", None) if "call" in message.get(NAME, {}) else None
    if message.get("content") is not None or not message.get("tool_calls"):
        role = {tags.role: _name(message, tags)} if "role" in message else {}
        value = {tags.content: columns.empty(message["content"], media, NAME)} if "content" in message else {}
        yield {**role, **value, **{key: found for key, found in keys.items() if key not in (tags.role, tags.content)}}
        keys = {}
    if message.get("tool_calls"):
        text = _call_text(message["tool_calls"])
        yield {**keys, tags.role: "function_call", tags.content: told if _is_same_call(told, text) else text}


def _name(message: Mapping[str, Any], tags: _Tags) -> Any:
    for name in marks(message):
        if name.startswith(_FROM):
            return name.removeprefix(_FROM)
    names = {role: name for name, role in _ROLES[tags.role].items()}
    return names.get(str(message["role"]), message["role"])


def _call_text(tool_calls: list[Any]) -> str:
    functions = [call["function"] for call in tool_calls]
    made = [{"name": one["name"], "arguments": calls.to_object(one["arguments"])} for one in functions]
    return calls.to_text(made[0] if len(made) == 1 else made)


def _is_same_call(told: str | None, text: str) -> bool:
    return told is not None and bool(json.loads(told) == json.loads(text))


def _load_tools(tools: Any) -> Any:
    if not isinstance(tools, str):
        return tools
    try:
        found = json.loads(tools)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, list) or not all(isinstance(tool, dict) for tool in found):
        return None
    return [tool if "function" in tool else {"type": "function", "function": tool} for tool in found]


def _dump_tools(tools: Any) -> Any:
    if not isinstance(tools, list | tuple):
        return tools
    return calls.to_text([tool.get("function", tool) if isinstance(tool, Mapping) else tool for tool in tools])


_KEYS = (Key("tools", "tools", _load_tools, _dump_tools),)
