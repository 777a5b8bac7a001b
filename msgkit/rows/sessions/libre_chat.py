"""
Conversations that LibreChat exports as JSON: the branch of the last message, as Chat Completions.

Messages that are errors are left out. Files are named by where the server keeps them; the export has none.

Source: LibreChat ``client/src/hooks/Conversations/useExportConversation.ts``,
``packages/data-provider/src/types/runs.ts`` and ``src/types/assistants.ts``.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any

from msgkit.rows.sessions.lines import History, branch_of, documents, objects_in

_PROMPTS = ("promptPrefix", "system", "instructions")  # of the options, by endpoint


def histories(stream: IO[bytes]) -> Iterator[History]:
    """Yield the messages of a conversation, its prompt first."""
    for talk in documents(stream):
        nodes = list(_nodes(talk.get("messagesTree", talk.get("messages"))))
        by_name = {node["messageId"]: node for node in nodes if isinstance(node.get("messageId"), str)}
        branch = branch_of(by_name, nodes[-1].get("messageId") if nodes else None, "parentMessageId") or nodes
        options = talk["options"] if isinstance(talk.get("options"), dict) else {}
        told = [options[key] for key in _PROMPTS if isinstance(options.get(key), str) and options[key]]
        messages: list[dict[str, Any]] = [{"role": "system", "content": text} for text in told[:1]]
        origins: list[dict[str, Any]] = [{} for _ in messages]
        for node in branch:
            new = _messages(node)
            messages += new
            origins += [{"id": node["messageId"]} if "messageId" in node else {}] * len(new)
        if nodes:
            keys = (("id", talk.get("conversationId")), ("model", options.get("model")))
            head = {key: value for key, value in keys if isinstance(value, str)}
            yield History({**head, "messages": messages}, origins)


def _nodes(listed: Any) -> Iterator[dict[str, Any]]:
    """Yield the messages of a list or a tree, each before those that follow it; the latest are last."""
    stack = objects_in(listed)[::-1]
    while stack:
        node = stack.pop()
        yield node
        stack += objects_in(node.get("children"))[::-1]


def _messages(node: Mapping[str, Any]) -> list[dict[str, Any]]:
    if node.get("error"):
        return []
    parts = objects_in(node.get("content"))
    if node.get("isCreatedByUser"):
        files = [part for one in objects_in(node.get("files")) for part in _file(one)]
        text = node.get("text") or "".join(_text(part) for part in parts)
        return [{"role": "user", "content": [{"type": "text", "text": text}, *files] if files else text}]
    if not parts:
        return [{"role": "assistant", "content": node.get("text")}]
    return _answer(parts)


def _answer(parts: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return what the assistant did: text after a result begins a message."""
    messages: list[dict[str, Any]] = []
    for part in parts:
        made = _call(part) if part.get("type") == "tool_call" else None
        if made is None and not _said(part):
            continue
        last = messages[-1] if messages else None
        is_new = last is None or (last["role"] == "tool" and made is None)
        if last is not None and last["role"] == "tool" and made is not None:  # one more of the calls before it
            last = next(one for one in reversed(messages) if one["role"] == "assistant")
        if last is None or is_new:
            last = {"role": "assistant", "content": None}
            messages.append(last)
        if made is not None:
            call, output = made
            last.setdefault("tool_calls", []).append(call)
            messages.append({"role": "tool", "tool_call_id": call["id"], "content": output})
        elif part.get("type") == "think":
            last["reasoning"] = last.get("reasoning", "") + str(part.get("think") or "")
        else:
            last["content"] = [*(last["content"] or ()), *_said(part)]
    return [_plain(message) for message in messages]


def _said(part: Mapping[str, Any]) -> list[dict[str, Any]]:
    match part.get("type"):
        case "text":
            return [{"type": "text", "text": _text(part)}] if _text(part) else []
        case "think":
            return [{"type": "text", "text": str(part.get("think"))}] if part.get("think") else []
        case "image_file" if isinstance(part.get("image_file"), dict):
            return list(_file({"type": "image/", **part["image_file"]}))
        case "image_url":
            return [{"type": "image_url", "image_url": part.get("image_url")}]
    return []


def _plain(message: dict[str, Any]) -> dict[str, Any]:
    """Return a message whose only part is a text with it as a string."""
    content = message["content"]
    is_text = isinstance(content, list) and all(part["type"] == "text" for part in content)
    return {**message, "content": "".join(part["text"] for part in content)} if is_text else message


def _text(part: Mapping[str, Any]) -> str:
    text = part.get("text")
    text = text.get("value") if isinstance(text, dict) else text
    return text if isinstance(text, str) else ""


def _call(part: Mapping[str, Any]) -> tuple[dict[str, Any], str] | None:
    """Return a call and its result, which are one in the export."""
    call = part.get("tool_call")
    if not isinstance(call, dict):
        return None
    own = call["function"] if isinstance(call.get("function"), dict) else call
    arguments = own.get("args", own.get("arguments"))
    text = arguments if isinstance(arguments, str) else json.dumps(arguments or {}, ensure_ascii=False)
    output = own.get("output", call.get("output"))
    function = {"name": own.get("name"), "arguments": text}
    result = output if isinstance(output, str) else json.dumps(output, ensure_ascii=False) if output else ""
    return {"id": str(call.get("id")), "type": "function", "function": function}, result


def _file(file: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    place = file.get("filepath")
    if isinstance(place, str) and str(file.get("type")).startswith("image/"):
        yield {"type": "image_url", "image_url": {"url": place.lstrip("/")}}
    elif isinstance(file.get("file_id"), str):
        yield {"type": "file", "file": {key: file[key] for key in ("file_id", "filename") if key in file}}
