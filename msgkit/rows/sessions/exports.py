"""Exports of ChatGPT and Claude: a list of conversations, ChatGPT's as trees."""

import zipfile
from collections.abc import Iterator, Mapping
from typing import IO, Any

from msgkit.errors import InvalidMessageError, Issue
from msgkit.jsontext.fast import MAX_ROW
from msgkit.rows.document import Document

_LIST = "conversations.json"
_REASONING = frozenset(("thoughts", "reasoning_recap"))


def chatgpt(stream: IO[bytes]) -> Iterator[dict[str, Any]]:
    """Yield the current branch of each conversation as Harmony messages; images are named by their asset."""
    for talk in _conversations(stream):
        messages = [found for node in _branch(talk) if (found := _message(node)) is not None]
        if messages:
            name = talk.get("conversation_id", talk.get("id"))
            yield {**({"id": name} if isinstance(name, str) else {}), "messages": messages}


def claude(stream: IO[bytes]) -> Iterator[dict[str, Any]]:
    """Yield the messages of each conversation as Anthropic's."""
    for talk in _conversations(stream):
        messages = [found for one in talk.get("chat_messages") or () for found in _turn(one)]
        if messages:
            yield {**({"id": talk["uuid"]} if isinstance(talk.get("uuid"), str) else {}), "messages": messages}


def archive(stream: IO[bytes]) -> Iterator[dict[str, Any]]:
    """Yield the conversations of the zip that either exports; media in it are not taken out."""
    try:
        with zipfile.ZipFile(stream) as box:
            name = next((name for name in box.namelist() if name.rpartition("/")[2] == _LIST), None)
            if name is None:
                raise InvalidMessageError([Issue("", "file-invalid", "error", f"expected {_LIST} in the archive")])
            with box.open(name) as file:
                head = file.read(1 << 14)
            with box.open(name) as file:
                yield from (claude if b'"chat_messages"' in head else chatgpt)(file)
    except (zipfile.BadZipFile, NotImplementedError) as error:
        message = f"expected a zip archive: {error}"
        raise InvalidMessageError([Issue("", "file-invalid", "error", message)]) from error


def _conversations(stream: IO[bytes]) -> Iterator[Mapping[str, Any]]:
    for row in Document(stream, MAX_ROW):
        if row.issues:
            raise InvalidMessageError(row.issues)
        if isinstance(row.value, dict):
            yield row.value


def _branch(talk: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the messages from the root of the tree to its current node."""
    nodes, name = talk.get("mapping"), talk.get("current_node")
    found: list[Mapping[str, Any]] = []
    seen: set[str] = set()
    while isinstance(nodes, dict) and isinstance(name, str) and name not in seen:
        seen.add(name)
        node = nodes.get(name)
        if not isinstance(node, dict):
            break
        if isinstance(node.get("message"), dict):
            found.append(node["message"])
        name = node.get("parent")
    return found[::-1]


def _message(message: Mapping[str, Any]) -> dict[str, Any] | None:
    author, content, metadata = (message.get(key) or {} for key in ("author", "content", "metadata"))
    role, kind = author.get("role"), content.get("content_type")
    body = _content(content)
    if not body or kind == "reasoning_recap" or metadata.get("is_visually_hidden_from_conversation"):
        return None
    recipient = message.get("recipient", "all")
    called = {"channel": "commentary", "recipient": recipient} if recipient != "all" and role == "assistant" else {}
    if kind in _REASONING:
        called = {"channel": "analysis"}
    name = {"name": author["name"]} if role == "tool" and isinstance(author.get("name"), str) else {}
    return {"role": role, **name, **called, "content": body}


def _content(content: Mapping[str, Any]) -> Any:
    """Return the text of a content, or its parts where there are images."""
    if content.get("content_type") == "thoughts":
        thoughts = [one for one in content.get("thoughts") or () if isinstance(one, dict)]
        return "\n\n".join(str(one.get("content") or one.get("summary") or "") for one in thoughts)
    parts = content.get("parts")
    if not isinstance(parts, list):
        text = next((content[key] for key in ("text", "result", "user_instructions") if key in content), "")
        return text if isinstance(text, str) else ""
    found = [part for one in parts if (part := _part(one)) is not None]
    if all(part["type"] == "text" for part in found):
        return "\n".join(part["text"] for part in found)
    return found


def _part(part: Any) -> dict[str, Any] | None:
    if isinstance(part, str):
        return {"type": "text", "text": part} if part else None
    if not isinstance(part, dict):
        return None
    place = part.get("asset_pointer")
    if part.get("content_type") == "image_asset_pointer" and isinstance(place, str):
        return {"type": "image_url", "image_url": {"url": place.rpartition("/")[2]}}
    return {"type": "text", "text": part["text"]} if isinstance(part.get("text"), str) and part["text"] else None


def _turn(message: Any) -> list[dict[str, Any]]:
    """Return one message of Claude's export: results of its tools go into a user message after the calls."""
    if not isinstance(message, dict):
        return []
    role = "user" if message.get("sender") == "human" else "assistant"
    files = [one for one in message.get("attachments") or () if isinstance(one, dict)]
    texts = [one["extracted_content"] for one in files if isinstance(one.get("extracted_content"), str)]
    blocks = [{"type": "text", "text": text} for text in texts]
    blocks += [_block(one) for one in message.get("content") or () if isinstance(one, dict)]
    if not blocks:
        return [{"role": role, "content": message["text"]}] if message.get("text") else []
    found: list[dict[str, Any]] = []
    for block in blocks:
        side = "user" if block.get("type") == "tool_result" else role
        if not found or found[-1]["role"] != side:
            found.append({"role": side, "content": []})
        found[-1]["content"].append(block)
    return found


_KEPT: Mapping[str, tuple[str, ...]] = {
    "text": ("type", "text"),
    "thinking": ("type", "thinking", "signature"),
    "tool_use": ("type", "id", "name", "input"),
    "tool_result": ("type", "tool_use_id", "content", "is_error"),
}


def _block(block: Mapping[str, Any]) -> dict[str, Any]:
    """Return a block with what a request may have of it: the export adds times and summaries."""
    kept = _KEPT.get(str(block.get("type")))
    return {key: block[key] for key in kept if block.get(key) is not None} if kept else dict(block)
