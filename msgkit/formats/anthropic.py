"""
Anthropic Messages: the body of ``POST /v1/messages``.

Source: anthropic-sdk-python ``src/anthropic/types``. System messages at the beginning stand beside the messages; tool
results stand in user messages; consecutive messages of one side are one message.
"""

import base64
from collections.abc import Iterator, Mapping
from itertools import takewhile
from typing import Any

from msgkit.data_url import Kind, classify
from msgkit.errors import Path
from msgkit.formats.base import Loaded
from msgkit.formats.common import calls, media
from msgkit.formats.common.drafts import APART, Draft, bare, checked, is_raw, mark, marks, noted, raw
from msgkit.formats.common.holds import Holds
from msgkit.formats.common.keys import Key, dump_keys, dump_message_keys, load_keys, load_message_keys
from msgkit.formats.common.order import in_order, order_mark
from msgkit.messages import Conversation

NAME = "anthropic"
TITLE = "Anthropic Messages: {system, messages: [{role, content: [text, image, tool_use, tool_result, ...]}]}"

HOLDS = Holds(
    parts={
        "text": ("cache_control", "citations"),
        "image_url": ("cache_control", "transformations"),
        "file": ("cache_control", "citations", "context", "file_url"),
    },
    message=("tool_calls", "tool_call_id", "reasoning", "thinking_blocks", "is_error", "cache_control"),
    body=("model", "max_tokens", "temperature", "top_p", "top_k", "stop", "stream", "tools", "tool_choice", "thinking"),
    call=("cache_control",),
    roles=("system", "user", "assistant", "tool"),
    call_id=r"[a-zA-Z0-9_-]+",
)

_OWN_KEYS = frozenset(("system", "stop_sequences", "mcp_servers", "container"))
_COLUMNS = frozenset(("images", "audios", "videos"))  # of rows whose system prompt stands in a column, too
_OWN_BLOCKS = frozenset(("tool_use", "tool_result", "document", "redacted_thinking", "server_tool_use", "search_result"))
_INLINE = "(inline)"  # form: a system message that stands among the messages


def recognize(body: Mapping[str, Any]) -> bool:
    """
    Tell whether *body* has a key, a block or a tool that only Anthropic's Messages have.

    >>> recognize({"system": "Be brief.", "messages": []}), recognize({"messages": [{"role": "user", "content": "Hello"}]})
    (True, False)
    """
    messages = body.get("messages")
    if not isinstance(messages, list | tuple):
        return False
    tools = body.get("tools")
    tools = tools if isinstance(tools, list | tuple) else ()
    if (_OWN_KEYS & body.keys() and not _COLUMNS & body.keys()) or any(isinstance(tool, Mapping) and "input_schema" in tool for tool in tools):
        return True
    return any(_is_own(block) for message in messages for block in _blocks_in(message))


def _blocks_in(message: Any) -> tuple[Any, ...]:
    content = message.get("content") if isinstance(message, Mapping) else None
    return tuple(content) if isinstance(content, list | tuple) else ()


def _is_own(block: Any) -> bool:
    if not isinstance(block, Mapping):
        return False
    kind = block.get("type")
    return (isinstance(kind, str) and kind in _OWN_BLOCKS) or ("source" in block) or ("signature" in block)


# in


def load(body: Mapping[str, Any], at: Path = ()) -> Loaded:
    """
    Load a request body: system becomes the first message, each tool result a message of its own.

    >>> load({"system": "Be brief.", "messages": [{"role": "user", "content": "Hello"}]}).conversation.messages
    (Message(system, 'Be brief.'), Message(user, 'Hello'))
    """
    draft = Draft(at)
    messages = body.get("messages")
    if body.get("system") is not None:
        system, places = _load_content(body["system"], ("system",))
        draft.add({"role": "system", "content": system}, ("system",), {("content",): ("system",)} | places)
    if not isinstance(messages, list | tuple):
        draft.wrong_list("messages", messages, present="messages" in body)
        messages = ()
    before = None
    for i, message in enumerate(messages):
        role = message.get("role") if isinstance(message, Mapping) else None
        _load_message(draft, message, ("messages", i), apart=role is not None and role == before)
        before = role
    skip = ("messages",) if body.get("system", 0) is None else ("messages", "system")
    return draft.finish(load_keys(body, skip, _KEYS, NAME), "messages")


def _load_message(draft: Draft, message: Any, place: Path, *, apart: bool) -> None:
    if not isinstance(message, Mapping):
        draft.add(message, place)
        return
    role, content = message.get("role"), message.get("content")
    if isinstance(role, str) and role in ("tool", "developer", "function"):
        draft.fault((*place, "role"), "role-unknown", f"expected user, assistant or system, got {role!r}")
    keys = load_message_keys({key: value for key, value in message.items() if key != "content"}, NAME, ("role",))
    names = [name for name, holds in ((APART, apart), (_INLINE, role == "system")) if holds]
    if not isinstance(content, list | tuple):
        draft.add(mark(keys | ({"content": content} if "content" in message else {}), *names), place)
    elif role == "assistant":
        _load_assistant(draft, keys, content, place, names)
    else:
        _load_groups(draft, keys, content, place, names)


def _load_content(content: Any, place: Path, start: int = 0) -> tuple[Any, dict[Path, Path]]:
    """Translate the blocks of a content, *start* being the first one's index; what is no list stays as it is."""
    if not isinstance(content, list | tuple):
        return content, {}
    parts = [_load_block(block) for block in content]
    places: dict[Path, Path] = {}
    for j, part in enumerate(parts):
        places |= {("content", j, *path): (*place, start + j, *found) for path, found in _inner_places(part).items()}
    return parts, places


def _inner_places(part: Any) -> dict[Path, Path]:
    """Say where what a part holds stands in its block."""
    kind = part.get("type") if isinstance(part, Mapping) and not is_raw(part) else None
    if kind == "image_url":
        return {(): (), ("image_url", "url"): ("source",)}
    if kind == "file":
        return {(): (), ("file",): ("source",), ("file", "file_data"): ("source",)}
    return {(): ()}


def _load_assistant(draft: Draft, keys: dict[str, Any], blocks: Any, place: Path, names: list[str]) -> None:
    letters: list[Any] = []
    found: dict[str, list[Any]] = {"r": [], "p": [], "c": []}
    places: dict[Path, Path] = {}
    for j, block in enumerate(blocks):
        letter, value = _load_assistant_block(block)
        field = {"r": "thinking_blocks", "p": "content", "c": "tool_calls"}[letter]
        for path, inner in (_inner_places(value) if letter == "p" else {(): ()}).items():
            places[(field, len(found[letter]), *path)] = (*place, "content", j, *inner)
        letters.append(letter)
        found[letter].append(value)
    message = keys | _reasoning(found["r"]) | {"content": _plain_content(found)}
    if found["c"]:
        message["tool_calls"] = found["c"]
    draft.add(mark(message, *names, *order_mark(letters)), place, places)


def _plain_content(found: Mapping[str, list[Any]]) -> Any:
    """Return the parts; a sole text beside reasoning or calls as a string, none at all beside them as null."""
    beside, parts = bool(found["r"] or found["c"]), found["p"]
    if beside and len(parts) == 1 and isinstance(parts[0], Mapping) and parts[0].keys() == {"type", "text"}:
        return parts[0]["text"]
    return None if beside and not parts else parts


def _reasoning(blocks: list[Any]) -> dict[str, Any]:
    """Return the reasoning of thinking blocks; the blocks themselves, too, when they say more than the text."""
    text = "".join(block.get("thinking", "") for block in blocks)
    reasoning = {"reasoning": text} if any("thinking" in block for block in blocks) else {}
    return reasoning | ({} if not blocks or blocks == [_thinking(text)] else {"thinking_blocks": blocks})


def _thinking(text: str) -> dict[str, Any]:
    return {"type": "thinking", "thinking": text, "signature": ""}


def _load_assistant_block(block: Any) -> tuple[str, Any]:
    kind = block.get("type") if isinstance(block, Mapping) else None
    if kind == "redacted_thinking" or (kind == "thinking" and isinstance(block.get("thinking"), str)):
        return "r", block
    if kind == "tool_use":
        call = _load_call(block)
        if call is not None and checked(block, call, _dump_call(call)):
            return "c", call
    return "p", _load_block(block)


def _load_call(block: Mapping[str, Any]) -> dict[str, Any] | None:
    arguments = calls.from_object(block.get("input"))
    if arguments is None or not isinstance(block.get("id"), str) or not isinstance(block.get("name"), str):
        return None
    extra = {key: value for key, value in block.items() if key not in ("type", "id", "name", "input")}
    function = {"name": block["name"], "arguments": arguments}
    return {"id": block["id"], "type": "function", "function": function, **extra}


def _load_groups(draft: Draft, keys: dict[str, Any], blocks: Any, place: Path, names: list[str]) -> None:
    """Add a message for each tool result, and one for each run of other blocks between them."""
    head, first_names = keys, names
    for start, found in _runs(blocks):
        if isinstance(found, dict):
            _add_result(draft, found, head, (*place, "content", start), first_names)
        else:
            parts, places = _load_content(found, (*place, "content"), start)
            draft.add(mark({**head, "content": parts}, *first_names), place, places)
        head, first_names = {"role": keys.get("role")}, []


def _runs(blocks: Any) -> Iterator[tuple[int, Any]]:
    """Yield each tool result as a message, and the lists of other blocks between them, with their indexes."""
    run: list[Any] = []
    for j, block in enumerate(blocks):
        result = _load_result(block)
        if result is None:
            run.append(block)
            continue
        if run:
            yield j - len(run), run
        yield j, result
        run = []
    if run or not blocks:
        yield len(blocks) - len(run), run


def _add_result(draft: Draft, result: dict[str, Any], keys: Mapping[str, Any], place: Path, names: list[str]) -> None:
    rest = {key: value for key, value in keys.items() if key not in ("role", NAME)} | dict(keys.get(NAME, {}))
    places: dict[Path, Path] = {(): (), ("tool_call_id",): ("tool_use_id",)}
    if isinstance(result.get("content"), list):
        for j, part in enumerate(result["content"]):
            places |= {("content", j, *path): ("content", j, *to) for path, to in _inner_places(part).items()}
    message = result | ({NAME: rest} if rest else {})
    draft.add(mark(message, *names), place, {path: (*place, *to) for path, to in places.items()})


def _load_result(block: Any) -> dict[str, Any] | None:
    if not isinstance(block, Mapping) or block.get("type") != "tool_result" or not isinstance(block.get("tool_use_id"), str):
        return None
    extra = {key: value for key, value in block.items() if key not in ("type", "tool_use_id", "content")}
    message = {**extra, "role": "tool", "tool_call_id": block["tool_use_id"]}
    if "content" in block:
        message["content"] = _load_content(block["content"], ())[0]
    if load_message_keys(extra, NAME) != extra or not checked(block, message, _dump_result(message)):
        return None
    return message


def _load_block(block: Any) -> Any:
    kind = block.get("type") if isinstance(block, Mapping) else None
    if kind == "text":
        return block
    part = _LOAD[kind](block) if isinstance(kind, str) and kind in _LOAD else None
    return part if part is not None and checked(block, part, _dump_part(part)) else raw(block)


def _load_image(block: Mapping[str, Any]) -> dict[str, Any] | None:
    source = block.get("source")
    url = _source_url(source) if isinstance(source, Mapping) else None
    extra = {key: value for key, value in block.items() if key not in ("type", "source")}
    return None if url is None else {"type": "image_url", "image_url": {"url": url}, **extra}


def _load_document(block: Mapping[str, Any]) -> dict[str, Any] | None:
    source = block.get("source")
    if not isinstance(source, Mapping):
        return None
    file: dict[str, Any] = {}
    if source.get("type") == "file":
        file["file_id"] = source.get("file_id")
    elif source.get("type") == "url":
        file["file_url"] = source.get("url")
    elif source.get("type") == "text" and isinstance(source.get("data"), str):
        file["file_data"] = media.join("text/plain", base64.b64encode(source["data"].encode("utf-8", "replace")).decode())
    else:
        file["file_data"] = _source_url(source)
    if isinstance(block.get("title"), str):
        file["filename"] = block["title"]
    extra = {key: value for key, value in block.items() if key not in ("type", "source", "title")}
    return {"type": "file", "file": file, **extra}


_LOAD = {"image": _load_image, "document": _load_document}


def _source_url(source: Mapping[str, Any]) -> str | None:
    kind, data, media_type, url = (source.get(key) for key in ("type", "data", "media_type", "url"))
    if kind == "base64" and isinstance(data, str) and isinstance(media_type, str):
        return media.join(media_type, data)
    return url if kind == "url" and isinstance(url, str) else None


# out


def dump(conversation: Conversation) -> dict[str, Any]:
    """
    Return the request body: leading system messages beside the messages, each side's messages joined.

    >>> dump(load({"system": "Be brief.", "messages": [{"role": "user", "content": "Hello"}]}).conversation)
    {'system': 'Be brief.', 'messages': [{'role': 'user', 'content': 'Hello'}]}
    """
    messages = noted(conversation)
    lead = list(takewhile(lambda message: _side(message) == "system" and _INLINE not in marks(message), messages))
    system = {"system": _joined_content(lead)} if any(message.get("content") is not None for message in lead) else {}
    groups = [_dump_group(group) for group in _groups(messages[len(lead) :])]
    return {**system, "messages": groups, **dump_keys(conversation.extra, _KEYS, NAME)}


def _side(message: Mapping[str, Any]) -> str:
    role = message.get("role")
    return {"tool": "user", "function": "user", "developer": "system"}.get(str(role), str(role))


def _groups(messages: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    group: list[dict[str, Any]] = []
    for message in messages:
        joins = group and _side(group[0]) == _side(message) != "system" and APART not in marks(message)
        if not joins or _message_keys(message):
            if group:
                yield group
            group = []
        group.append(message)
    if group:
        yield group


def _message_keys(message: Mapping[str, Any]) -> dict[str, Any]:
    """Return the further keys of a message, which are none of its blocks'."""
    if message.get("role") == "tool":
        return dict(message.get(NAME, {}))
    return dump_message_keys(message, NAME, _KNOWN)


_KNOWN = ("role", "content", "tool_calls", "reasoning", "thinking_blocks", "tool_call_id")


def _dump_group(group: list[dict[str, Any]]) -> dict[str, Any]:
    first = group[0]
    head = {"role": _side(first)} if "role" in first else {}
    if len(group) == 1 and not isinstance(first.get("content"), list) and first.get("role") != "tool" and not _has_blocks(first):
        return {**head, **({"content": first["content"]} if "content" in first else {}), **_message_keys(first)}
    return {**head, "content": [block for message in group for block in _dump_blocks(message)], **_message_keys(first)}


def _has_blocks(message: Mapping[str, Any]) -> bool:
    return bool(message.get("tool_calls") or message.get("reasoning") is not None or message.get("thinking_blocks"))


def _joined_content(messages: list[dict[str, Any]]) -> Any:
    if len(messages) == 1 and isinstance(messages[0]["content"], str):
        return messages[0]["content"]
    return [block for message in messages for block in _dump_parts(message.get("content"))]


def _dump_parts(content: Any) -> list[Any]:
    if isinstance(content, str):
        return [{"type": "text", "text": content}] if content else []
    return [_dump_part(part) for part in content or ()]


def _dump_blocks(message: dict[str, Any]) -> list[Any]:
    if message.get("role") == "tool":
        return [_dump_result(message)]
    tool_calls = [_dump_call(call) if call.get("type") == "function" else bare(call) for call in message.get("tool_calls") or ()]
    return in_order(message, _dump_reasoning(message), _dump_parts(message.get("content")), tool_calls)


def _dump_reasoning(message: Mapping[str, Any]) -> list[Any]:
    blocks, text = message.get("thinking_blocks"), message.get("reasoning")
    if isinstance(blocks, list) and all(isinstance(block, Mapping) for block in blocks):
        kept = _reasoning(blocks).get("reasoning")
        if kept == text:
            return bare(blocks)  # type: ignore[no-any-return]
    return [] if text is None else [_thinking(text)]


def _dump_call(call: Mapping[str, Any]) -> dict[str, Any]:
    function = call["function"]
    extra = {key: value for key, value in call.items() if key not in ("type", "id", "function")}
    return bare({"type": "tool_use", "id": call.get("id"), "name": function["name"], "input": calls.to_object(function["arguments"]), **extra})  # type: ignore[no-any-return]


def _dump_result(message: Mapping[str, Any]) -> dict[str, Any]:
    content = message.get("content")
    block: dict[str, Any] = {"type": "tool_result", "tool_use_id": message.get("tool_call_id")}
    if "content" in message:
        block["content"] = [_dump_part(part) for part in content] if isinstance(content, list) else content
    extra = {key: value for key, value in message.items() if key not in ("role", "tool_call_id", "content", NAME)}
    return block | bare(extra)  # type: ignore[no-any-return]


def _dump_part(part: Any) -> Any:
    kind = part.get("type") if isinstance(part, Mapping) and not is_raw(part) else None
    translate = {"image_url": _dump_image, "file": _dump_document}.get(str(kind))
    return bare(translate(part) if translate else part)


def _dump_image(part: Mapping[str, Any]) -> dict[str, Any]:
    extra = {key: value for key, value in part.items() if key not in ("type", "image_url")}
    url = part["image_url"]["url"]
    return {"type": "image", "source": _base64_source(url) or {"type": "url", "url": url}, **extra}


def _base64_source(url: str) -> dict[str, Any] | None:
    found = media.split(url)
    return {"type": "base64", "media_type": found[0], "data": found[1]} if found else None


def _dump_document(part: Mapping[str, Any]) -> dict[str, Any]:
    file = part["file"]
    title = {"title": file["filename"]} if "filename" in file else {}
    extra = {key: value for key, value in part.items() if key not in ("type", "file")}
    return {"type": "document", "source": _document_source(file), **title, **extra}


def _document_source(file: Mapping[str, Any]) -> dict[str, Any]:
    data, url = file.get("file_data"), file.get("file_url")
    if data is None:
        return {"type": "url", "url": url} if url is not None else {"type": "file", "file_id": file.get("file_id")}
    found = media.split(data)
    if found is None and classify(data, bare_base64=True) is Kind.BASE64:
        found = (media.sniff(data) or "application/pdf", data)
    if found is None:
        return {"type": "url", "url": data}
    if found[0] == "text/plain":
        text = _text_of(found[1])
        if text is not None:
            return {"type": "text", "media_type": "text/plain", "data": text}
    return {"type": "base64", "media_type": found[0], "data": found[1]}


def _text_of(data: str) -> str | None:
    try:
        return base64.b64decode(data, validate=True).decode()
    except ValueError:
        return None


# the keys beside the messages


def _load_tools(tools: Any) -> Any:
    return [_load_tool(tool) for tool in tools] if isinstance(tools, list | tuple) else tools


def _load_tool(tool: Any) -> Any:
    if not isinstance(tool, Mapping) or "input_schema" not in tool or tool.keys() & {"function", "parameters"} or "type" in tool:
        return tool
    names = {"name": "name", "description": "description", "input_schema": "parameters", "strict": "strict"}
    function = {names[key]: value for key, value in tool.items() if key in names}
    return {"type": "function", "function": function, **{key: value for key, value in tool.items() if key not in names}}


def _dump_tools(tools: Any) -> Any:
    return [_dump_tool(tool) for tool in tools] if isinstance(tools, list | tuple) else tools


def _dump_tool(tool: Any) -> Any:
    function = tool.get("function") if isinstance(tool, Mapping) and tool.get("type") == "function" else None
    if not isinstance(function, Mapping):
        return tool
    schema = {"input_schema": function.get("parameters", {"type": "object", "properties": {}})}
    named = {key: function[key] for key in ("name", "description", "strict") if key in function}
    return named | schema | {key: value for key, value in tool.items() if key not in ("type", "function")}


_CHOICES = {"auto": "auto", "any": "required", "none": "none"}


def _load_choice(choice: Any) -> Any:
    if not isinstance(choice, Mapping):
        return choice
    if choice.keys() == {"type"} and choice["type"] in _CHOICES:
        return _CHOICES[choice["type"]]
    if choice.keys() == {"type", "name"} and choice["type"] == "tool":
        return {"type": "function", "function": {"name": choice["name"]}}
    return choice


def _dump_choice(choice: Any) -> Any:
    for own, hub in _CHOICES.items():
        if choice == hub:
            return {"type": own}
    function = choice.get("function") if isinstance(choice, Mapping) else None
    return {"type": "tool", "name": function.get("name")} if isinstance(function, Mapping) else choice


_KEYS = (
    Key("stop_sequences", "stop"),
    Key("tools", "tools", _load_tools, _dump_tools),
    Key("tool_choice", "tool_choice", _load_choice, _dump_choice),
)
