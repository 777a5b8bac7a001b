"""
Conversations that LibreChat exports as JSON: the branch of the last message, as Chat Completions.

Messages that are errors are left out. Files are named by where the server keeps them; the export has none.

Source: LibreChat ``client/src/hooks/Conversations/useExportConversation.ts``,
``packages/data-provider/src/types/runs.ts`` and ``src/types/assistants.ts``.
"""

import json
from collections.abc import Iterator, Mapping
from typing import IO, Any

from msgkit.rows.sessions.chat import Chat, image_part, text_part
from msgkit.rows.sessions.lines import History, branch_of, object_at, objects_in, records

_PROMPTS = ("promptPrefix", "system", "instructions")  # of the options, by endpoint


def histories(stream: IO[bytes]) -> Iterator[History]:
    """Yield the messages of a conversation, its prompt first."""
    for _, talk in records(stream):
        nodes = list(_nodes(talk.get("messagesTree", talk.get("messages"))))
        by_name = {node["messageId"]: node for node in nodes if isinstance(node.get("messageId"), str)}
        branch = branch_of(by_name, nodes[-1].get("messageId") if nodes else None, "parentMessageId") or nodes
        options = object_at(talk, "options")
        told = [options[key] for key in _PROMPTS if isinstance(options.get(key), str) and options[key]]
        chat = Chat()
        for text in told[:1]:
            chat.add("system", text)
        for node in branch:
            chat.begin(node.get("messageId"))
            if not node.get("error"):
                _add(chat, node)
        yield from chat.histories({"id": talk.get("conversationId"), "model": options.get("model")}) if nodes else ()


def _nodes(listed: Any) -> Iterator[dict[str, Any]]:
    """Yield the messages of a list or a tree, each before those that follow it; the latest are last."""
    stack = objects_in(listed)[::-1]
    while stack:
        node = stack.pop()
        yield node
        stack += objects_in(node.get("children"))[::-1]


def _add(chat: Chat, node: Mapping[str, Any]) -> None:
    """Add the messages of a node: text after a result begins a message."""
    parts = objects_in(node.get("content"))
    if node.get("isCreatedByUser"):
        files = [part for one in objects_in(node.get("files")) for part in _file(one)]
        text = node.get("text") or "".join(map(_text, parts))
        chat.add("user", [text_part(text), *files] if files else text)
    elif not parts:
        chat.add("assistant", node.get("text"))
    for part in parts if not node.get("isCreatedByUser") else ():
        match part.get("type"):
            case "text" if _text(part):
                chat.say(text_part(_text(part)))
            case "think" if part.get("think"):
                chat.think(str(part["think"]))
            case "tool_call" if isinstance(part.get("tool_call"), dict):
                _call(chat, part["tool_call"])
            case "image_file" if isinstance(part.get("image_file"), dict):
                chat.say(*_file({"type": "image/", **part["image_file"]}))
            case "image_url":
                chat.say({"type": "image_url", "image_url": part.get("image_url")})


def _text(part: Mapping[str, Any]) -> str:
    text = part.get("text")
    text = text.get("value") if isinstance(text, dict) else text
    return text if isinstance(text, str) else ""


def _call(chat: Chat, call: Mapping[str, Any]) -> None:
    """Add a call and its result, which are one in the export."""
    own = call["function"] if isinstance(call.get("function"), dict) else call
    name = chat.call(own.get("name"), own.get("args", own.get("arguments")), str(call.get("id")), together=True)
    output = own.get("output", call.get("output"))
    chat.result(output if isinstance(output, str) else json.dumps(output, ensure_ascii=False) if output else "", name)


def _file(file: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    place = file.get("filepath")
    if isinstance(place, str) and str(file.get("type")).startswith("image/"):
        yield image_part(place.lstrip("/"))
    elif isinstance(file.get("file_id"), str):
        yield {"type": "file", "file": {key: file[key] for key in ("file_id", "filename") if key in file}}
