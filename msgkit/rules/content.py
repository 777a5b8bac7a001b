"""Rules about what messages hold."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgkit.converters import STRING
from msgkit.errors import Path, nearest, quote
from msgkit.messages import Message, Role
from msgkit.parts import (
    PARTS,
    AudioPart,
    ContentPart,
    CustomToolCall,
    FilePart,
    ImagePart,
    RefusalPart,
    TextPart,
    ToolCall,
    UnknownPart,
    Value,
)
from msgkit.rules.base import Context, Finding, a, author_path

PART_ALIASES = {"input_text": "text", "output_text": "text", "input_image": "image_url"}
_REFUSED_EVERYWHERE = ""  # the type of a part without one: a structural fault


def contents(context: Context) -> Iterator[Finding]:
    """Report content that is missing, empty, or not for this role."""
    for i, message in context.messages():
        if context.is_broken(i, "content"):
            if not isinstance(message.content, tuple):
                continue
        elif not message.content:
            yield from _empty(context, i, message)
            continue
        if isinstance(message.content, tuple):
            for j, part in enumerate(message.content):
                yield from _part(context, ("messages", i, "content", j), message, part)
            yield from _refusals(context, i, message.content)
        elif isinstance(message.content, str) and _refuses_empty(context, message) and not message.content.strip():
            yield _no_text(context, ("messages", i, "content"), message, message.content)


def _empty(context: Context, i: int, message: Message) -> Iterator[Finding]:
    stands_in = message.tool_calls or message.function_call or message.refusal or message.audio
    if stands_in or context.is_broken(i, "tool_calls", "function_call", "refusal", "audio"):
        return
    at = ("messages", i, "content")
    if message.content is None:
        text = f"expected content in {a(message.author.role)} message"
        if message.author.role is Role.ASSISTANT:
            text = "expected content in an assistant message without tool_calls, refusal or audio"
        yield Finding(at, "content-missing", text)
    else:
        yield _no_text(context, at, message, message.content)


def _refuses_empty(context: Context, message: Message) -> bool:
    fact = context.target.text.empty_refused
    return fact is not None and fact.value and message.author.role is not Role.TOOL


def _no_text(context: Context, at: Path, message: Message, found: object) -> Finding:
    what = "an empty list" if found == () else "empty text" if not found else "white space only"
    text = f"expected text or other content, got {what}"
    if _refuses_empty(context, message) and context.target.text.empty_refused is not None:
        return Finding(at, "content-empty", text, severity="error", source=context.target.text.empty_refused.source)
    return Finding(at, "content-empty", text)


def _part(context: Context, at: Path, message: Message, part: ContentPart | None) -> Iterator[Finding]:
    role = "tool" if message.author.role is Role.FUNCTION else message.author.role.value
    fact = context.target.parts.of(role)
    if part is None or fact is None or part.type == _REFUSED_EVERYWHERE:
        return
    if part.type not in fact.value:
        if isinstance(part, UnknownPart):
            yield _unknown(at, part)
        else:
            allowed = ", ".join(fact.value)
            text = f"{context.target.title} takes no {part.type} part in {a(role)} message; parts are {allowed}"
            yield Finding(at, "part-not-allowed", text, source=fact.source)
    elif isinstance(part, TextPart) and isinstance(part.text, str):
        text_of = part.text.strip() if _refuses_empty(context, message) else part.text
        if not text_of:
            yield _no_text(context, (*at, "text"), message, part.text)
    elif isinstance(part, ImagePart):
        yield from _image(context, at, part)
    elif isinstance(part, FilePart):
        yield from _file(at, part)


def _unknown(at: Path, part: UnknownPart) -> Finding:
    meant = PART_ALIASES.get(part.type) or nearest(part.type, PARTS)
    text = f"a part of the type {quote(part.type)}, which this format does not define"
    return Finding(at, "part-unknown", text, f"write {meant!r}" if meant else None, fixable=part.type in PART_ALIASES)


def _refusals(context: Context, i: int, parts: tuple[ContentPart, ...]) -> Iterator[Finding]:
    fact = context.target.parts.single_refusal
    if fact is None or not fact.value or len(parts) == 1:
        return
    for j, part in enumerate(parts):
        if isinstance(part, RefusalPart):
            text = "a refusal part stands alone: expected one refusal, or text parts only"
            yield Finding(("messages", i, "content", j), "part-not-allowed", text, source=fact.source)


def _image(context: Context, at: Path, part: ImagePart) -> Iterator[Finding]:
    url = part.image_url
    if url is None:
        return
    if STRING in url.form:
        text = "expected an object with the key 'url', got a string"
        yield Finding((*at, "image_url"), "image-url-string", text)
    fact = context.target.images.details
    if url.detail is not None and fact is not None and url.detail not in fact.value:
        text = f"expected one of {', '.join(fact.value)}, got {quote(url.detail)}"
        near = nearest(url.detail, fact.value)
        hint = f"write {near!r}" if near else None
        yield Finding((*at, "image_url", "detail"), "detail-unknown", text, hint, source=fact.source)


def _file(at: Path, part: FilePart) -> Iterator[Finding]:
    at = (*at, "file")
    if part.file is None:
        return
    data, name = part.file.file_data, part.file.file_id
    if data is None and name is None:
        yield Finding(at, "file-source", "expected file_data or file_id, got neither", severity="error")
    elif data is not None and name is not None:
        yield Finding(at, "file-source", "expected file_data or file_id, got both", severity="warning")
    elif data is not None and part.file.filename is None:
        text = "expected a filename beside file_data"
        yield Finding(at, "file-source", text, "add a filename, such as 'document.pdf'", severity="error")


def keys(context: Context) -> Iterator[Finding]:
    """Report keys that the format does not define."""
    known = _Known(context)
    for i, message in enumerate(context.conversation.messages):
        at: Path = ("messages", i)
        if message.extra:
            yield from known.unknown(at, message.extra, "message")
        if message.author.extra:
            yield from known.unknown(author_path(i, message, "role")[:-1], message.author.extra, "message")
        for j, part in enumerate(message.content if isinstance(message.content, tuple) else ()):
            if isinstance(part, Value):
                yield from _part_keys(known, (*at, "content", j), part)
        for j, call in enumerate(message.tool_calls or ()):
            yield from _call_keys(known, (*at, "tool_calls", j), call)


def _part_keys(known: "_Known", at: Path, part: Value) -> Iterator[Finding]:
    if part.extra:
        yield from known.unknown(at, part.extra, "part")
    name = part.type if isinstance(part, ImagePart | AudioPart | FilePart) else None
    inner = getattr(part, name) if name else None
    if name and inner is not None and inner.extra:
        yield from known.unknown((*at, name), inner.extra, "part")


def _call_keys(known: "_Known", at: Path, call: object) -> Iterator[Finding]:
    if not isinstance(call, ToolCall | CustomToolCall):
        return
    if call.extra:
        yield from known.unknown(at, call.extra, "call")
    name = "function" if isinstance(call, ToolCall) else "custom"
    inner = getattr(call, name)
    if inner is not None and inner.extra:
        yield from known.unknown((*at, name), inner.extra, "call")


class _Known:
    """The keys that the row's format and the target define beyond those of the values."""

    def __init__(self, context: Context) -> None:
        targets = (context.format_target, context.target)
        self.title = context.format
        self.keys = {kind: {key for target in targets for key in _more(target.keys, kind)} for kind in ("message", "part", "call")}

    def unknown(self, at: Path, extra: Mapping[str, Any], kind: str) -> Iterator[Finding]:
        for key in extra:
            if key not in self.keys[kind]:
                near = nearest(key, _FIELDS[kind])
                remedy = f"; did you mean {near!r}?" if near else ""
                text = f"{quote(key)} is no key of a {kind} in the format {self.title}{remedy}"
                yield Finding((*at, key), "key-unknown", text)


def _more(known: object, kind: str) -> Iterable[str]:
    fact = getattr(known, kind)
    return () if fact is None else fact.value  # type: ignore[no-any-return]


_FIELDS: Mapping[str, tuple[str, ...]] = {
    "message": ("role", "name", "content", "channel", "recipient", "content_type", "tool_calls", "tool_call_id", "refusal", "author"),
    "part": ("type", "text", "image_url", "url", "detail", "input_audio", "data", "format", "file", "file_data", "file_id", "filename"),
    "call": ("id", "type", "function", "name", "arguments", "custom", "input"),
}

