"""
Chats that Open WebUI exports, as Chat Completions: the current branch of each.

Calls and thoughts are items of Responses beside the text; in older chats they are in it, as HTML.

Source: open-webui ``backend/open_webui/utils/middleware.py`` and ``utils/misc.py`` (convert_output_to_messages).
"""

import html
import json
import re
from collections.abc import Iterator, Mapping
from typing import IO, Any

from msgkit.rows.sessions.chat import Chat, image_part, text_part
from msgkit.rows.sessions.lines import History, branch_of, object_at, objects_in, records


def histories(stream: IO[bytes]) -> Iterator[History]:
    """Yield the current branch of each chat as Chat Completions."""
    for _, talk in records(stream):
        chat, history = Chat(), object_at(talk, "chat", "history")
        prompt = object_at(talk, "chat", "params").get("system")
        if isinstance(prompt, str) and prompt:
            chat.add("system", prompt)
        for node in branch_of(history.get("messages"), history.get("currentId"), "parentId"):
            chat.begin(node.get("id"))
            _add(chat, node)
        yield from chat.histories({"id": talk.get("id")})


def _add(chat: Chat, node: Mapping[str, Any]) -> None:
    """Add the messages of a node of Open WebUI: what it shows of calls and thoughts is in the text, as HTML."""
    text, items = node.get("content"), objects_in(node.get("output"))
    if node.get("role") != "assistant" or not isinstance(text, str):
        chat.add(node.get("role"), _with_images(node))
        return
    for item in items:
        _item(chat, item)
    end = 0
    for match in _DETAILS.finditer(text) if not items else ():
        _words(chat, text[end : match.start()])
        _detail(chat, match[1], dict(_ATTRIBUTE.findall(match[2])), match[3])
        end = match.end()
    if not items and (end == 0 or text[end:].strip()) and not (node.get("error") and not text):
        chat.say(text_part(text[end:].lstrip("\n") if end else text))


_DETAILS = re.compile(r'<details type="(reasoning|tool_calls)"([^>]*)>\n?(.*?)\n?</details>\n?', re.DOTALL)
_ATTRIBUTE = re.compile(r'(\w+)="([^"]*)"')
_SUMMARY = re.compile(r"<summary>.*?</summary>\n?", re.DOTALL)


def _words(chat: Chat, text: str) -> None:
    if text.strip():
        chat.say(text_part(text.strip("\n")))


def _detail(chat: Chat, sort: str, attributes: Mapping[str, str], shown: str) -> None:
    inner = html.unescape(_SUMMARY.sub("", shown))
    if sort == "reasoning":
        chat.think("\n".join(line.removeprefix("> ").removeprefix(">") for line in inner.split("\n")))
        return
    values = {key: _text_of(html.unescape(value)) for key, value in attributes.items()}
    name = chat.call(values.get("name"), values.get("arguments"), attributes.get("id"), together=True)
    if attributes.get("done") == "true":
        chat.result(values["result"] if "result" in values else _text_of(inner), name)


def _text_of(text: str) -> str:
    """Return the text that a JSON string holds; any other text as it is."""
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    return value if isinstance(value, str) else text


def _item(chat: Chat, item: Mapping[str, Any]) -> None:
    """Add an item of Responses."""
    parts = [part for key in ("content", "summary") for part in objects_in(item.get(key))]
    text = "".join(str(part["text"]) for part in parts if isinstance(part.get("text"), str))
    match item.get("type"):
        case "message" if text:
            chat.say(text_part(text))
        case "reasoning" if text:
            chat.think(text)
        case "function_call":
            chat.call(item.get("name"), item.get("arguments"), item.get("call_id"))
        case "function_call_output":
            output = item.get("output")
            told = "".join(str(part.get("text", "")) for part in objects_in(output))
            chat.result(output if isinstance(output, str) else told, item.get("call_id"))


def _with_images(node: Mapping[str, Any]) -> Any:
    files = [one["url"] for one in objects_in(node.get("files")) if one.get("type") == "image" and "url" in one]
    images = [image_part(url) for url in files if isinstance(url, str)]
    return [text_part(str(node.get("content") or "")), *images] if images else node.get("content")
