"""Rules about what messages hold."""

from collections.abc import Collection, Iterator, Mapping
from functools import partial
from typing import Any

from msgkit import data_url, formats
from msgkit.errors import Path, Severity, nearest, quote
from msgkit.escaping import a
from msgkit.formats.common.builder import RAW
from msgkit.formats.common.capabilities import PART_ALIASES
from msgkit.formats.common.media import ITEM
from msgkit.jsontext.edit import Steps, edit
from msgkit.model.base import UnknownPart
from msgkit.model.messages import Message, Role
from msgkit.model.parts import AudioPart, AudioUrlPart, ContentPart, FilePart, ImagePart, RefusalPart, TextPart
from msgkit.rules.base import CHAT_TYPES, Context, Finding, Rule
from msgkit.rules.empty_content import missing, no_text, refuses_empty
from msgkit.rules.examples import PDF, assistant, file, image, png, text, user
from msgkit.rules.prefilter import Sign
from msgkit.structuring.wire import STRING

_ERROR: Severity = "error"
_REFUSED_EVERYWHERE = ""  # the type of a part without one: a structural fault


def contents(context: Context) -> Iterator[Finding]:
    """Report content that is missing, empty, or not for this role."""
    for i, message in context.messages:
        if context.is_broken(i, "content"):
            if not isinstance(message.content, tuple):
                continue
        elif not message.content:
            yield from missing(context, i, message)
            continue
        if isinstance(message.content, tuple):
            for j, part in enumerate(message.content):
                yield from _part(context, ("messages", i, "content", j), message, part)
            yield from _refusals(context, i, message.content)
        elif isinstance(message.content, str) and refuses_empty(context, message) and not message.content.strip():
            yield no_text(context, ("messages", i, "content"), message, message.content)


def _part(context: Context, at: Path, message: Message, part: ContentPart | None) -> Iterator[Finding]:
    role = "tool" if message.author.role is Role.FUNCTION else message.author.role.value
    fact = context.target.parts.of(role)
    if part is None or fact is None or part.type == _REFUSED_EVERYWHERE:
        return
    if part.type not in fact.value and not _is_embedded(context, part, fact.value):
        if isinstance(part, UnknownPart):
            at = at[:2] if ITEM in message.form else at
            data = context.data_of(part)
            if context.target.name != context.format_target.name or not context.own.is_opaque(data):
                yield _unknown(context, at, data.get("type"), data)
        else:
            allowed = ", ".join(fact.value)
            text = f"{context.target.title} takes no {part.type} part in {a(role)} message; parts are {allowed}"
            users = context.target.parts.of("user")
            hint = "media belong in user messages" if users is not None and part.type in users.value else None
            yield Finding(_held(context, at, part), "part-not-allowed", text, hint, source=fact.source)
    elif RAW in getattr(part, "form", ()) and part.type not in context.own.foreign_parts:
        yield _unknown(context, at, part.type, {})
    elif isinstance(part, TextPart) and isinstance(part.text, str):
        text_of = part.text.strip() if refuses_empty(context, message) else part.text
        if not text_of:
            yield no_text(context, (*at, "text"), message, part.text)
    elif isinstance(part, ImagePart) and part.image_url:
        yield from _image(context, at, part)
    elif isinstance(part, FilePart) and part.file:
        yield from _file(context, at, part)


def _is_embedded(context: Context, part: ContentPart, allowed: Collection[str]) -> bool:
    """Return whether inlining makes an allowed part of a reference to audio."""
    if context.ready or not isinstance(part, AudioUrlPart) or "input_audio" not in allowed or not part.audio_url:
        return False
    return data_url.classify(part.audio_url.url) is data_url.Kind.REFERENCE


def _held(context: Context, at: Path, part: ContentPart) -> Path:
    """Return where a part stands, or, where parts are words in a text, what it holds: in a column beside the text."""
    if not context.own.media_in_columns or isinstance(part, TextPart | RefusalPart | UnknownPart):
        return at
    return (*at, part.type, "data" if isinstance(part, AudioPart) else "url")


def _unknown(context: Context, at: Path, part_type: object, data: Mapping[str, Any]) -> Finding:
    own = context.own
    refused = (context.target if context.format == context.target.format else context.format_target).parts.refused
    names, severity, source = own.parts, None, own.source
    is_sent = context.ready or context.is_request or own.name != formats.DEFAULT  # its histories go to many servers
    if (
        is_sent
        and refused is not None
        and not {part_type if isinstance(part_type, str) else None, *data}.isdisjoint(refused.value)
    ):
        severity, source = _ERROR, refused.source
    if own.parts_by_key:
        keys = [key for key in data if key not in names] or list(data)
        got, meant = f"one with {', '.join(map(quote, keys[:3]))}", nearest(keys[0], names) if keys else None
    elif not isinstance(part_type, str):
        got, meant = "one without a type", None
    elif part_type in names:
        got, meant = f"one of the type {quote(part_type)} that has another shape", None
    else:
        got = f"one of the type {quote(part_type)}"
        meant = own.aliases.get(part_type) or nearest(part_type, names)
    text = f"expected a part that the format {own.name} defines, got {got}"
    fixable = isinstance(part_type, str) and part_type in PART_ALIASES and meant == PART_ALIASES[part_type]
    hint = f"write {meant!r}" if meant else None
    return Finding(at, "part-unknown", text, hint, severity, source, fixable)


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
    if STRING in url.form:
        text = "expected an object with the key 'url', got a string"
        yield Finding((*at, "image_url"), "image-url-string", text)
    fact = context.target.images.details
    if url.detail is not None and fact is not None and url.detail not in fact.value:
        text = f"expected one of {', '.join(fact.value)}, got {quote(url.detail)}"
        near = nearest(url.detail, fact.value)
        hint = f"write {near!r}" if near else None
        yield Finding((*at, "image_url", "detail"), "detail-unknown", text, hint, source=fact.source)


def _file(context: Context, at: Path, part: FilePart) -> Iterator[Finding]:
    at = (*at, "file")
    data, name = part.file.file_data, part.file.file_id or part.file.extra.get("file_url")
    files = context.target.files
    if files.part is not None and context.format != context.target.format:
        text = f"{context.target.title} takes files in {files.part.value} parts only"
        yield Finding(at, "part-not-allowed", text, f"convert --to {context.target.format}", source=files.part.source)
    elif not files.media_types.value and "file_url" not in part.file.extra:
        text = f"{context.target.title} takes files by URL only"
        yield Finding(at, "part-not-allowed", text, source=files.media_types.source)
    elif data is None and name is None:
        yield Finding(at, "file-source", "expected file_data or file_id, got neither", severity="error")
    elif data is not None and name is not None:
        yield Finding(at, "file-source", "expected file_data or file_id, got both", severity="warning")
    elif data is not None and part.file.filename is None and context.own.capabilities.file_names:
        text = "expected a filename beside file_data"
        yield Finding(at, "file-source", text, "add a filename, such as 'document.pdf'", severity="error")


def _rename_part(body: Any, at: Steps) -> Any:
    def change(part: Any) -> Any:
        part_type = PART_ALIASES.get(part.get("type"))
        url = part.get("image_url")
        if part_type == "image_url" and not isinstance(url, str):
            return part
        if part_type != "image_url":
            return {**part, "type": part_type} if part_type and isinstance(part.get("text"), str) else part
        inner = {"url": url, "detail": part["detail"]} if part.get("detail") is not None else {"url": url}
        kept = {key: value for key, value in part.items() if key != "detail"}
        return {**kept, "type": part_type, "image_url": inner}

    return edit(body, at, change)


def _image_url(body: Any, at: Steps) -> Any:
    return edit(body, at, lambda old: {"url": old} if isinstance(old, str) else old)


_rule = partial(Rule, signs=Sign.CONTENT, check=contents)

STRUCTURE = (
    _rule(
        "part-unknown",
        "A content part of a type that the format does not define; it is kept.",
        CHAT_TYPES,
        severity="warning",
        at="messages[0].content[0]",
        bad=[user({"type": "input_text", "text": "Hello"})],
        good=[user(text("Hello"))],
        fix=_rename_part,
    ),
)

RULES = (
    _rule(
        "part-not-allowed",
        "The target does not take this kind of content in a message of this role.",
        "openai-python src/openai/types/chat/*_message_param.py; openai-node#1030",
        at="messages[1].content[0]",
        bad=[user("Hello"), assistant([image(png())])],
        good=[user(text("Hello"), image(png())), assistant("Hi.")],
    ),
    _rule(
        "content-missing",
        "The message has no content and nothing in its place: tool calls, a refusal, audio.",
        "openai-python chat_completion_assistant_message_param.py: required unless tool_calls or function_call",
        at="messages[1].content",
        bad=[user("Hello"), assistant(None)],
        good=[user("Hello"), assistant("Hi.")],
    ),
    _rule(
        "content-empty",
        "Empty text or an empty list: Anthropic and several compatible servers refuse it.",
        "Anthropic API: text content blocks must be non-empty",
        severity="warning",
        at="messages[0].content",
        bad=[user("")],
        good=[user("Hello")],
    ),
    _rule(
        "detail-unknown",
        "The target does not know this detail of an image.",
        "openai-python chat_completion_content_part_image_param.py",
        at="messages[0].content[0].image_url.detail",
        bad=[user(image(png(), detail="max"))],
        good=[user(image(png(), detail="high"))],
    ),
    _rule(
        "image-url-string",
        "image_url is a string; the API expects an object with the key url.",
        "openai-python chat_completion_content_part_image_param.py; vLLM takes the string, too",
        at="messages[0].content[0].image_url",
        bad=[user({"type": "image_url", "image_url": png()})],
        good=[user(image(png()))],
        hint="write {'url': ...}",
        fix=_image_url,
    ),
    _rule(
        "file-source",
        "A file part needs file_data with a filename, or a file_id; both at once is ambiguous (a warning).",
        "openai-python chat_completion_content_part_param.py, FileFile",
        at="messages[0].content[0].file",
        bad=[user(file(file_data=f"data:application/pdf;base64,{PDF}"))],
        good=[user(file(file_data=f"data:application/pdf;base64,{PDF}", filename="report.pdf"))],
    ),
)
