"""Files that are one document or an archive: exports of ChatGPT and Claude, and logs of Inspect."""

import io
import json
import re
import struct
import zipfile
from collections.abc import Collection, Iterator, Mapping
from typing import IO, Any

from msgkit.errors import InvalidMessageError, Issue
from msgkit.jsontext.fast import MAX_ROW, loads
from msgkit.rows.sessions.chat import Chat, image_part, text_part
from msgkit.rows.sessions.lines import History, branch_of, object_at, objects_in, parsed, records

_LIST = re.compile(r"conversations(-\d+)?\.json")
_REASONING = frozenset(("thoughts", "reasoning_recap"))


def chatgpt(stream: IO[bytes], assets: Collection[str] = ()) -> Iterator[History]:
    """Yield the current branch of each conversation as Chat Completions."""
    for _, talk in records(stream):
        chat = Chat()
        for node in branch_of(talk.get("mapping"), talk.get("current_node"), "parent"):
            message = object_at(node.get("message"))
            if "author" in message:
                _say(chat, message, assets)
            elif message:
                _of_deepseek(chat, message)
        yield from chat.histories({"id": talk.get("conversation_id", talk.get("id"))})


def claude(stream: IO[bytes]) -> Iterator[History]:
    """Yield the messages of each conversation as Anthropic's."""
    for _, talk in records(stream):
        said = objects_in(talk.get("chat_messages"))
        parents = [one.get("parent_message_uuid") for one in said]
        if len(set(map(str, parents))) < len(parents) and None not in parents:  # it has branches
            by_name = {str(one.get("uuid")): one for one in said}
            said = branch_of(by_name, talk.get("current_leaf_message_uuid"), "parent_message_uuid")
        pairs = [(one, message) for one in said for message in _turn(one)]
        if pairs:
            head = {"id": talk["uuid"]} if isinstance(talk.get("uuid"), str) else {}
            origins = [_origin(one, "uuid") for one, _ in pairs]
            yield History({**head, "messages": [message for _, message in pairs]}, origins)


def _origin(message: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {"id": message[key]} if isinstance(message.get(key), str) else {}


def archive(stream: IO[bytes]) -> Iterator[History]:
    """Yield the conversations of the zip that either exports, or the samples of Inspect's log."""
    try:
        with zipfile.ZipFile(stream) as box:
            names = box.namelist()
            lists = [name for name in names if _LIST.fullmatch(name.rpartition("/")[2])]
            if not lists and any(map(_is_sample, names)):
                yield from _samples(box)
                return
            if not lists:
                text = "expected conversations.json, or samples of Inspect, in the archive"
                raise InvalidMessageError([Issue("", "file-invalid", "error", text)])
            for name in sorted(lists):
                with box.open(name) as file:
                    head = file.read(1 << 14)
                with box.open(name) as file:
                    yield from claude(file) if b'"chat_messages"' in head else chatgpt(file, names)
    except (zipfile.BadZipFile, NotImplementedError) as error:
        message = f"expected a zip archive: {error}"
        raise InvalidMessageError([Issue("", "file-invalid", "error", message)]) from error


def _say(chat: Chat, message: Mapping[str, Any], assets: Collection[str]) -> None:
    """Add a message of ChatGPT: what is said to a tool is a call, what a tool says its result."""
    author, content, metadata = (object_at(message.get(key)) for key in ("author", "content", "metadata"))
    role, kind, recipient = author.get("role"), str(content.get("content_type")), message.get("recipient") or "all"
    body = _content(content, assets)
    if not body or kind == "reasoning_recap" or metadata.get("is_visually_hidden_from_conversation"):
        return
    is_next = role != "assistant" or (chat.answer is not None and chat.answer["content"] is not None)
    answer = None if is_next else chat.answer
    chat.begin(message.get("id"))
    chat.answer = answer
    if role == "tool":
        chat.result(body, name=_NO_NAME.sub("_", str(author.get("name"))))
    elif role != "assistant":
        chat.add(role, body)
    elif kind in _REASONING:
        chat.think(str(body))
    elif recipient != "all":
        chat.call(_NO_NAME.sub("_", str(recipient)), _arguments(body, kind))
    else:
        chat.say(*(body if isinstance(body, list) else [text_part(body)]))


def _of_deepseek(chat: Chat, message: Mapping[str, Any]) -> None:
    """Add a message of DeepSeek: a question and its answer are in fragments; in older exports they take turns."""
    chat.begin()
    fragments = objects_in(message.get("fragments"))
    if not fragments:
        is_asked = not chat.messages or chat.messages[-1]["role"] == "assistant"
        told = {
            "REQUEST" if is_asked else "RESPONSE": message.get("content"),
            "THINK": message.get("reasoning_content"),
        }
        fragments = [{"type": kind, "content": text} for kind, text in sorted(told.items(), reverse=True) if text]
    for one in fragments:
        match one.get("type"):
            case "REQUEST":
                chat.add("user", str(one.get("content")))
            case "THINK":
                chat.think(str(one.get("content")))
            case "RESPONSE":
                chat.say(text_part(str(one.get("content"))))


_NO_NAME = re.compile(r"[^A-Za-z0-9_-]")  # what names of tools have not


def _arguments(body: Any, kind: Any) -> str:
    """Return what is said to a tool as the arguments of a call: an object."""
    if isinstance(parsed(body), dict):
        return str(body)
    return json.dumps({"code" if kind == "code" else "input": body}, ensure_ascii=False)


def _content(content: Mapping[str, Any], assets: Collection[str]) -> Any:
    """Return the text of a content, or its parts where there are images."""
    if content.get("content_type") == "thoughts":
        thoughts = objects_in(content.get("thoughts"))
        return "\n\n".join(str(one.get("content") or one.get("summary") or "") for one in thoughts)
    parts = content.get("parts")
    if not isinstance(parts, list):
        text = next((content[key] for key in ("text", "result", "user_instructions") if key in content), "")
        return text if isinstance(text, str) else ""
    loaded = [part for one in parts if (part := _part(one, assets)) is not None]
    if all(part["type"] == "text" for part in loaded):
        return "\n".join(part["text"] for part in loaded)
    return loaded


def _part(part: Any, assets: Collection[str]) -> dict[str, Any] | None:
    if isinstance(part, str):
        return text_part(part) if part else None
    if not isinstance(part, dict):
        return None
    kind, pointer = part.get("content_type"), part.get("asset_pointer")
    if kind == "real_time_user_audio_video_asset_pointer":
        return _part(part.get("audio_asset_pointer"), assets)
    if kind == "image_asset_pointer" and isinstance(pointer, str):
        return image_part(_asset(pointer, assets))
    if kind == "audio_asset_pointer" and isinstance(pointer, str):
        name = _asset(pointer, assets)
        suffix = name.rpartition(".")[2].lower()
        return {"type": "input_audio", "input_audio": {"data": name, "format": suffix if suffix == "mp3" else "wav"}}
    return {"type": "text", "text": part["text"]} if isinstance(part.get("text"), str) and part["text"] else None


def _asset(pointer: str, assets: Collection[str]) -> str:
    """Return the name of the file that a pointer means: it begins with the pointer's last part."""
    name = pointer.rpartition("/")[2].partition("#")[0]
    own = re.compile(rf"(?:.*/)?{re.escape(name)}(?:[-.].*)?")
    return next((one for one in assets if own.fullmatch(one)), name)


def _turn(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return one message of Claude's export: results of its tools go into a user message after the calls."""
    role = "user" if message.get("sender") == "human" else "assistant"
    files = objects_in(message.get("attachments"))
    texts = [one["extracted_content"] for one in files if isinstance(one.get("extracted_content"), str)]
    blocks = [{"type": "text", "text": text} for text in texts]
    blocks += [_block(one) for one in objects_in(message.get("content"))]
    if not blocks:
        return [{"role": role, "content": message["text"]}] if message.get("text") else []
    messages: list[dict[str, Any]] = []
    for block in blocks:
        side = "user" if block.get("type") == "tool_result" else role
        if not messages or messages[-1]["role"] != side:
            messages.append({"role": side, "content": []})
        messages[-1]["content"].append(block)
    return messages


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


# ---- logs of Inspect: samples, each a file of an archive or an entry of a document

_SAMPLE = re.compile(r"samples/[^/]+\.json")
_ZSTD = 93  # the method of compression that zipfile knows since Python 3.14
_HEADER = 30  # bytes of a local header before the name


def _is_sample(name: str) -> bool:
    """Return whether a file of an archive is a sample."""
    return _SAMPLE.fullmatch(name) is not None


def _samples(box: zipfile.ZipFile) -> Iterator[History]:
    """Yield each sample of an ``.eval`` file; of those of one name the last, as Inspect rewrites them."""
    members = {info.filename: info for info in box.infolist() if _is_sample(info.filename)}
    for info in members.values():
        yield _of_sample(loads(_read(box, info)))


def inspect(stream: IO[bytes]) -> Iterator[History]:
    """Yield each sample of a log in JSON."""
    text = stream.read(MAX_ROW + 1)
    if len(text) > MAX_ROW:
        message = f"expected a log of at most {MAX_ROW:,} bytes; convert it to an .eval file: inspect log convert"
        raise InvalidMessageError([Issue("", "row-too-long", "error", message)])
    log = loads(text)
    samples = log.get("samples") if isinstance(log, dict) else None
    yield from map(_of_sample, samples if isinstance(samples, list) else ())


def _of_sample(sample: Any) -> History:
    messages = sample.get("messages") if isinstance(sample, dict) else None
    if not isinstance(messages, list):
        raise InvalidMessageError([Issue("", "file-invalid", "error", "expected a sample with messages")])
    named = [message.get("id") if isinstance(message, dict) else None for message in messages]
    return History(sample, [{"id": name} if isinstance(name, str) else {} for name in named])


def _read(box: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """Return what a file of an archive holds; at most as much as a row may have."""
    if info.file_size > MAX_ROW:
        text = f"expected a sample of at most {MAX_ROW:,} bytes, got {info.file_size:,}"
        raise InvalidMessageError([Issue("", "row-too-long", "error", text)])
    if info.compress_type != _ZSTD:
        return box.read(info)
    from msgkit.rows.parquet import unpack_zstd

    file: Any = box.fp
    file.seek(info.header_offset)
    name, extra = struct.unpack("<HH", file.read(_HEADER)[-4:])
    file.seek(name + extra, io.SEEK_CUR)
    unpacked: bytes = unpack_zstd(io.BytesIO(file.read(info.compress_size))).read(info.file_size)
    return unpacked
