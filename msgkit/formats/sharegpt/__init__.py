"""
ShareGPT: ``{conversations: [{from, value}]}`` with columns of media, as LLaMA-Factory and others read it.

What differs from Chat Completions:

- ``from`` and ``value`` for role and content; ``human`` and ``gpt`` for user and assistant;
- media are in columns of the row, placeholders such as ``<image>`` in the text;
- calls and results are items of their own, without ids; the system prompt and tools are columns;
- pairs of a question and its answer are read, too: ms-swift's, and those under ``texts`` that nanoVLM reads;
- calls and results in the tags of Hermes are read where they are JSON, and written so again;
- the tags of LLaMA-Factory's dataset files are taken, too: the list under another name, role and content under other
  keys; the names that a row uses are kept.

Source: LLaMA-Factory ``data/README.md`` and ``src/llamafactory/data/converter.py``; nanoVLM ``data/datasets.py``.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from msgkit.errors import Path
from msgkit.formats.base import Format, Loaded, conversation_of
from msgkit.formats.common import calls, columns
from msgkit.formats.common.builder import Draft, Places, bare, is_text, mark, marks, noted, unusual
from msgkit.formats.common.capabilities import LLAMA_FACTORY
from msgkit.formats.common.columns import SYSTEMS
from msgkit.formats.common.keys import MASKED_ROLES, Key, dump_keys, load_keys
from msgkit.formats.common.placeholders import Filling, in_columns
from msgkit.formats.sharegpt.messages import Reader, in_pairs, items_of, joined
from msgkit.formats.sharegpt.tags import (
    CHATBOT,
    COLUMN,
    NAME,
    PAIRED,
    SWIFT,
    TAG,
    is_chatbot,
    is_swift,
    pair_in,
    tags_in,
    tags_of,
)
from msgkit.jsontext.values import LIST, without_keys
from msgkit.model.base import NOTHING, Mark
from msgkit.model.messages import Conversation, Role
from msgkit.structuring import load_messages


def recognize(body: Mapping[str, Any]) -> bool:
    """Return whether *body* has a list of conversations, or messages with ``from`` and ``value``."""
    if isinstance(body.get("conversations"), LIST) or isinstance(body.get("conversation"), LIST):
        return True
    messages = body.get("messages")
    first = messages[0] if isinstance(messages, LIST) and messages else None
    if isinstance(first, Mapping) and "from" in first and "value" in first and "role" not in first:
        return True
    return is_swift(messages) or is_chatbot(messages) or any(map(pair_in, (messages, body.get("texts"))))


def load(body: Mapping[str, Any], at: Path = ()) -> Loaded:
    """Load a row: placeholders become parts, calls get ids."""
    return load_plain(body, at) or load_any(body, at)


_PLAIN = {"human": "user", "gpt": "assistant", "system": "system"}
_PLAIN_NAMES = {Role(role): name for name, role in _PLAIN.items()}
_COLUMNS = frozenset((*SYSTEMS, "conversation", *columns.NAMES))
_PROMPT = Mark(NAME, "prompt")  # form of a conversation: the column of its system message, if not "system"


def load_plain(body: Mapping[str, Any], at: Path = ()) -> Loaded | None:
    """Load a row of texts without media, tools and calls in one walk; None if :func:`load_any` must decide."""
    items = body.get("conversations")
    if type(items) is not list or not items or not _COLUMNS.isdisjoint(body) or columns.has_entries(body):
        return None
    texts = []
    for item in items:
        if type(item) is not dict or len(item) != len(("from", "value")):
            return None
        name, text = item.get("from"), item.get("value")
        if type(text) is not str or "<" in text or type(name) is not str or name not in _PLAIN:
            return None
        texts.append({"role": _PLAIN[name], "content": text})
    extra = load_keys(body, ("conversations",), _KEYS, NAME) if len(body) > 1 else NOTHING
    messages = load_messages(texts)
    return None if messages is None else Loaded(conversation_of(messages, extra), (), Places(at, _places(items)))


def _places(items: list[Any]) -> Iterator[tuple[int, Path, Mapping[Path, Path]]]:
    for i in range(len(items)):
        place: Path = ("conversations", i)
        yield i, place, {("role",): (*place, "from"), ("content",): (*place, "value")}


def dump_plain(conversation: Conversation) -> dict[str, Any] | None:
    """Return a row of texts in one walk; None if :func:`dump_any` must decide."""
    if conversation.form:
        return None
    items = []
    for message in conversation.messages:
        name = _PLAIN_NAMES.get(message.author.role)
        if name is None or not is_text(message):
            return None
        items.append({"from": name, "value": message.content})
    rest = dump_keys(conversation.extra, _KEYS, NAME) if conversation.extra else {}
    return {"conversations": items, **rest} if rest.keys().isdisjoint(("conversations", *SYSTEMS)) else None


def load_any(body: Mapping[str, Any], at: Path) -> Loaded:
    """Load a row with whatever it holds."""
    draft, tags = Draft(at), tags_in(body)
    items = draft.listed(body, tags.messages)
    pairs = tags.pair.split(PAIRED) if tags.pair else ()
    texts = [item.get(key) for item in items if isinstance(item, Mapping) for key in pairs or (tags.content,)]
    roles = ("user", "assistant") * len(items) if pairs else ()
    filling = Filling.of(body, draft, texts, tags.messages, NAME, roles)
    used = {tags.messages, *filling.names}  # what is in no part is looked at as it is
    name = next((name for name in SYSTEMS if isinstance(body.get(name), str)), None)
    if name is not None:
        at = (name,)
        draft.add(mark({"role": "system", "content": body[name]}, COLUMN), at, {("content",): at})
        used.add(name)
    reader = Reader(draft, tags, filling, isinstance(body.get(MASKED_ROLES), str) or is_chatbot(items))
    if pairs:
        reader.read_pairs(items, pairs)
    else:
        reader.read(items)
    prompt = () if name is None else (COLUMN, *([_PROMPT.of(name)] if name != SYSTEMS[0] else []))
    form = unusual(tags, TAG) | frozenset(prompt) | filling.marks(body)
    return draft.finish(load_keys(body, used, _KEYS, NAME), tags.messages, form=form)


def dump(conversation: Conversation) -> dict[str, Any]:
    """Return the row: media as placeholders and columns, calls and results without ids."""
    return dump_plain(conversation) or dump_any(conversation)


def dump_any(conversation: Conversation) -> dict[str, Any]:
    """Return a row with whatever it holds."""
    tags = tags_of(conversation.form)
    messages = noted(conversation)
    body: dict[str, Any] = {}
    prompt = _text_of(messages[0]) if messages and COLUMN in conversation.form | marks(messages[0]) else None
    if prompt is not None:
        body[_PROMPT.find(conversation.form, SYSTEMS[0]) or ""] = prompt
        messages = messages[1:]
    media: dict[str, list[Any]] = {}
    items = ((item, message) for message in messages for item in items_of(message, tags, media))
    made = list(joined(items, tags))
    body[tags.messages] = (in_pairs(made, tags.pair.split(PAIRED), conversation.form) if tags.pair else None) or made
    body |= in_columns(media, conversation.form)
    rest = without_keys(dump_keys(conversation.extra, _KEYS, NAME), *body)
    said = () if prompt is not None else (name for name in SYSTEMS if isinstance(rest.get(name), str))
    return body | without_keys(rest, *said)


def _text_of(message: Mapping[str, Any]) -> str | None:
    """Return the text of a system message that has nothing else."""
    if {key for key in message if type(key) is str} != {"role", "content"} or message["role"] != "system":
        return None
    content = message["content"]
    if isinstance(content, list) and len(content) == 1 and bare(content[0]).keys() == {"type", "text"}:
        content = content[0]["text"]
    return content if isinstance(content, str) else None


def _load_tools(tools: Any) -> Any:
    if not isinstance(tools, str):
        return tools
    loaded = calls.tools_of_text(tools)
    if loaded is None:
        return None
    return [tool if "function" in tool else {"type": "function", "function": tool} for tool in loaded]


def _dump_tools(tools: Any) -> Any:
    if not isinstance(tools, LIST):
        return tools
    return calls.to_text([tool.get("function", tool) if isinstance(tool, Mapping) else tool for tool in tools])


_KEYS = (Key("tools", "tools", _load_tools, _dump_tools),)


FORMAT = Format(
    name=NAME,
    target="sharegpt",
    title="ShareGPT: {conversations: [{from, value}], images, audios, videos, tools}, <image> placeholders",
    source="LLaMA-Factory data/README.md",
    recognize=recognize,
    own_keys=frozenset(("conversation",)),
    signs=frozenset(("conversations", "conversation", "from", "human", "texts", CHATBOT, *SWIFT)),
    load=load,
    dump=dump,
    preference="llamafactory",
    capabilities=attrs.evolve(
        LLAMA_FACTORY,
        message=("tool_calls", "tool_call_id", "reasoning", "loss_weight", "weight"),
        body=("tools",),
    ),
    list_key="conversations",
    aliases=NOTHING,
    keys={"message": ("loss_weight", "weight", "label")},  # the last is NeMo's
    media_in_columns=True,
    free_order=lambda conversation: tags_of(conversation.form).is_others,
)
