"""
Chats that programs keep on the user's machine, as Chat Completions: Goose, LM Studio and Aider.

- Goose: a line a message, after one about the session, or the session in JSON; what the model no longer sees after a
  compaction is left out;
- LM Studio: the selected version of each message;
- Aider: what the user and the model said, a row each time that it was started; its notes and commands are left out.

Source: goose ``crates/goose/src/conversation/message.rs`` and ``session/legacy.rs``; lmstudio-js
``packages/lms-shared-types/src/ChatHistoryData.ts``; aider ``aider/utils.py`` (split_chat_history_markdown).
"""

import re
from collections.abc import Iterator, Mapping
from typing import IO, Any

from msgkit.jsontext.fast import MAX_ROW
from msgkit.rows.sessions.chat import Chat, image_part, text_part
from msgkit.rows.sessions.lines import History, objects_in, records


def goose(stream: IO[bytes]) -> Iterator[History]:
    """Yield the messages of a session."""
    chat, head = Chat(), dict[str, Any]()
    for _, record in records(stream):
        head |= {"id": record["id"]} if "role" not in record and "id" in record else {}
        for message in [record] if "role" in record else objects_in(record.get("conversation")):
            add_of_goose(chat, message)
    yield from chat.histories(head)


def add_of_goose(chat: Chat, message: Mapping[str, Any]) -> None:
    """Add a message of Goose, unless the model does not see it."""
    metadata = message.get("metadata")
    if isinstance(metadata, dict) and metadata.get("agentVisible") is False:
        return
    chat.begin(message.get("id"))
    is_answer, said = message.get("role") == "assistant", list[dict[str, Any]]()
    for part in objects_in(message.get("content")):
        match part.get("type"):
            case "text" | "image" if is_answer:
                chat.say(*_shown([part]))
            case "text" | "image":
                said += _shown([part])
            case "thinking" | "reasoning":
                chat.think(str(part.get("thinking", part.get("text", ""))))
            case "toolRequest" if isinstance(made := _value(part.get("toolCall")), Mapping):
                chat.call(made.get("name"), made.get("arguments"), part.get("id"))
            case "toolResponse":
                value = _value(part.get("toolResult"))
                value = value.get("content") if isinstance(value, Mapping) else value
                chat.result(value if isinstance(value, str) else _texts(_shown(objects_in(value))), part.get("id"))
    if said:
        chat.add(message.get("role"), _texts(said))


def _value(result: Any) -> Any:
    """Return what a call or a result holds, or the error that it is instead."""
    return result.get("value", result.get("error", result)) if isinstance(result, Mapping) else result


def _shown(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    texts = [text_part(part["text"]) if isinstance(part.get("text"), str) else _image(part) for part in parts]
    return [part for part in texts if part]


def _image(part: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(part.get("data"), str):
        return {}
    return image_part(f"data:{part.get('mimeType')};base64,{part['data']}")


def _texts(parts: list[dict[str, Any]]) -> Any:
    """Return parts that are all text as one string, a line feed between them."""
    is_text = all(part["type"] == "text" for part in parts)
    return "\n".join(part["text"] for part in parts) if is_text else parts


def lm_studio(stream: IO[bytes]) -> Iterator[History]:
    """Yield the messages of a conversation."""
    for _, talk in records(stream):
        chat = Chat()
        if isinstance(talk.get("systemPrompt"), str) and talk["systemPrompt"]:
            chat.add("system", talk["systemPrompt"])
        for entry in objects_in(talk.get("messages")):
            versions, number = objects_in(entry.get("versions")), entry.get("currentlySelected")
            chat.begin()
            if isinstance(number, int) and 0 <= number < len(versions):
                _version(chat, versions[number])
        yield from chat.histories()


def _version(chat: Chat, version: Mapping[str, Any]) -> None:
    if version.get("role") != "assistant":
        chat.add(version.get("role"), _texts([_file(one) for one in objects_in(version.get("content"))]))
        return
    for block in objects_in(version.get("steps")) or [dict(version)]:
        style = block.get("style")
        is_thought = isinstance(style, dict) and style.get("type") == "thinking"
        for part in objects_in(block.get("content")):
            name = part.get("toolCallRequestId")
            match part.get("type"):
                case "text" if part.get("text"):
                    chat.think(str(part["text"])) if is_thought else chat.say(text_part(str(part["text"])))
                case "toolCallRequest":
                    chat.call(part.get("name"), part.get("parameters", part.get("arguments")), name)
                case "toolCallResult":
                    chat.result(str(part.get("content") or ""), name)


def _file(part: Mapping[str, Any]) -> dict[str, Any]:
    name = str(part.get("fileIdentifier", part.get("identifier")))
    if part.get("type") != "file":
        return text_part(str(part.get("text") or ""))
    is_image = part.get("fileType") == "image"
    return image_part(name) if is_image else {"type": "file", "file": {"file_id": name}}


_STARTED = re.compile(r"^# aider chat started at .*\n?", re.MULTILINE)
_ASKED = ("/ask ", "/code ", "/architect ")  # commands that are sent to the model


def aider(stream: IO[bytes]) -> Iterator[History]:
    """Yield what was said each time that Aider was started."""
    text = stream.read(MAX_ROW).decode("utf-8", "replace")
    for session in _STARTED.split(text)[1:]:
        chat = Chat()
        pieces = re.split(r"^((?:#### .*(?:\n|\Z))+|(?:> .*(?:\n|\Z))+)", session, flags=re.MULTILINE)
        for piece in pieces:
            if piece.startswith("#### "):
                asked = "\n".join(line.removeprefix("#### ") for line in piece.splitlines()).strip()
                asked = next((asked[len(name) :] for name in _ASKED if asked.startswith(name)), asked)
                if not asked.startswith("/"):
                    chat.add("user", asked)
            elif piece.strip() and not piece.startswith("> "):
                chat.say(text_part(piece.strip()))
        yield from chat.histories()
