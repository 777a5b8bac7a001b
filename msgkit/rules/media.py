"""Rules about media: what the bytes say, against what is said of them and what the target takes."""

from collections.abc import Iterator
from functools import partial

from msgkit import headers
from msgkit.data_url import Kind
from msgkit.errors import quote
from msgkit.headers import ALIASES, AUDIO_FORMATS, AUDIO_TYPES, by_extension, canonical, kind
from msgkit.model.parts import AudioPart, FilePart
from msgkit.rules import media_probe
from msgkit.rules.base import Context, Finding, Rule
from msgkit.rules.examples import AT_AUDIO, AT_IMAGE, PDF, PNG, WAV, audio, file, image, png, user
from msgkit.rules.media_probe import Inspection, limits_of
from msgkit.rules.prefilter import Sign
from msgkit.targets import Target

_MARKUP = frozenset(("SVG", "HTML"))  # told by its text, not by a signature
_READ = frozenset(("image", "audio"))  # kinds whose headers are read
_PARTS = {"image": {"image_url"}, "audio": {"input_audio", "audio_url"}, "video": {"video_url"}, "file": {"file"}}


def media(context: Context) -> Iterator[Finding]:
    """Report how media are written, and bytes that are not what is said of them or what the target takes."""
    for inspection in context.media:
        if inspection.use.part is None:
            yield from _entry(context.target, inspection)
        if inspection.grammar in (Kind.DATA, Kind.BASE64):
            yield from _written(context, inspection)
        if (fault := inspection.fault) is not None:
            if inspection.grammar is not Kind.REFERENCE:
                yield Finding(inspection.use.path, fault.code, fault.message, fault.hint)
        elif inspection.size is not None:
            yield from _declared(context.target, inspection)
            yield from _extension(inspection)
            yield from _taken(context.target, inspection)


def _entry(target: Target, inspection: Inspection) -> Iterator[Finding]:
    """An entry of a media column becomes a part of a user message."""
    fact = target.parts.of("user")
    if fact is not None and not _may_hold(target, inspection):
        text = f"{target.title} takes no {inspection.use.kind} in a user message; parts are {', '.join(fact.value)}"
        yield Finding(inspection.use.path, "part-not-allowed", text, source=fact.source)


def _may_hold(target: Target, inspection: Inspection) -> bool:
    """Return whether the target takes this kind of media at all."""
    fact = target.parts.of("user")
    return fact is None or not _PARTS[inspection.use.kind].isdisjoint(fact.value)


def _written(context: Context, inspection: Inspection) -> Iterator[Finding]:
    """How inline media are written, whatever they are."""
    part, at = inspection.use.part, inspection.use.path
    if isinstance(part, AudioPart):
        if inspection.grammar is Kind.DATA:
            yield Finding(at, "audio-data-url", "expected bare base64, got a data URL")
        yield from _format(context, inspection, part)
    elif isinstance(part, FilePart) and inspection.grammar is Kind.BASE64:
        fixable = inspection.media_type is not None
        text = "expected a data URL, got bare base64"
        hint = f"write 'data:{inspection.media_type};base64,' before it" if fixable else None
        yield Finding(at, "file-data-bare", text, hint, fixable=fixable)


def _format(context: Context, inspection: Inspection, part: AudioPart) -> Iterator[Finding]:
    fact = context.target.audio.formats
    name = part.input_audio.format
    at = (*inspection.use.path[:-1], "format")
    if name is None and not context.own.audio_format:
        return
    if name is None:
        yield Finding(at, "key-missing", "expected a key 'format' beside base64", severity="error")
    elif fact is not None and fact.value and name not in fact.value:
        meant = AUDIO_FORMATS.get(inspection.media_type or canonical(name if "/" in name else f"audio/{name}"))
        fixable = meant is not None and meant in fact.value
        text = f"expected one of {', '.join(fact.value)}, got {quote(name)}"
        hint = f"write {meant!r}" if fixable else None
        yield Finding(at, "audio-format-unknown", text, hint, source=fact.source, fixable=fixable)


def _declared(target: Target, inspection: Inspection) -> Iterator[Finding]:
    actual, part = inspection.media_type, inspection.use.part
    if actual is None:
        if _is_broken(inspection) and _may_hold(target, inspection):
            text = f"named as {_claimed(inspection)}, but the bytes have no signature of it"
            yield Finding(inspection.use.path, "media-invalid", text)
        return
    if isinstance(part, AudioPart):
        name = part.input_audio.format or ""
        claimed = AUDIO_TYPES.get(name)
        if claimed is not None and inspection.grammar is not Kind.REFERENCE and claimed != actual:
            yield _differ(target, inspection, f"format says {name}, the bytes are {actual}")
    elif inspection.declared is not None and canonical(inspection.declared) != actual:
        text = f"the data URL declares {inspection.declared or 'no type'}, the bytes are {actual}"
        yield _differ(target, inspection, text)
    elif inspection.declared in ALIASES:
        text = f"expected {actual}, got its alias {quote(inspection.declared)}"
        yield Finding(inspection.use.path, "media-type-alias", text, f"write {actual!r}")


def _claimed(inspection: Inspection) -> str | None:
    """Return the media type that is said of the bytes: by the data URL, the format, or the file's extension."""
    part = inspection.use.part
    if inspection.grammar is Kind.REFERENCE:
        return by_extension(inspection.use.text)
    if isinstance(part, AudioPart):
        return AUDIO_TYPES.get(part.input_audio.format or "")
    return inspection.declared


def _is_broken(inspection: Inspection) -> bool:
    """Return whether bytes without a signature are said to be of a type that has one."""
    claimed = _claimed(inspection) if inspection.media_type is None else None
    return claimed is not None and inspection.looks not in _MARKUP and headers.has_signature(claimed)


def _differ(target: Target, inspection: Inspection, text: str) -> Finding:
    formats = target.audio.formats.value if target.audio.formats else ()
    fixable = inspection.use.kind == kind(inspection.media_type or "") and (
        inspection.use.kind != "audio" or AUDIO_FORMATS.get(inspection.media_type or "") in formats
    )
    hint = f"write {_name(inspection)!r}" if fixable else None
    return Finding(inspection.use.path, "media-type-mismatch", text, hint, severity="error", fixable=fixable)


def _name(inspection: Inspection) -> str:
    name = inspection.media_type or ""
    return AUDIO_FORMATS.get(name, name) if isinstance(inspection.use.part, AudioPart) else name


def _extension(inspection: Inspection) -> Iterator[Finding]:
    name: str | None = inspection.use.text if inspection.grammar is Kind.REFERENCE else None
    at = inspection.use.path
    if name is None and isinstance(inspection.use.part, FilePart):
        name, at = inspection.use.part.file.filename, (*at[:-1], "filename")
    claimed = by_extension(name) if name else None
    if claimed is not None and inspection.media_type is not None and not _alike(claimed, inspection.media_type):
        text = f"the name {quote(name)} says {claimed}, the bytes are {inspection.media_type}"
        hint = (
            None
            if at is not inspection.use.path
            else "rename the file, or copy it by check --fix --media DIR; msgkit inline goes by the bytes"
        )
        yield Finding(at, "media-type-mismatch", text, hint, severity="warning", fixable=False)


def _alike(claimed: str, actual: str) -> bool:
    """Return whether one extension serves both types: .webm, .mp4 and .ogg hold audio or video."""
    kinds, containers = zip(claimed.split("/"), actual.split("/"), strict=True)
    return claimed == actual or (containers[0] == containers[1] and set(kinds) == {"audio", "video"})


def _taken(target: Target, inspection: Inspection) -> Iterator[Finding]:
    limits = limits_of(target, inspection.use.kind)
    fact = limits.media_types
    actual = inspection.media_type or (canonical(inspection.declared or "") if inspection.use.kind == "file" else None)
    if actual in fact.value or (inspection.use.kind == "file" and not actual) or _is_broken(inspection):
        return
    known = inspection.looks in _MARKUP
    what = actual or (inspection.looks if known else f"no {inspection.use.kind} that is known")
    if not fact.value or not _may_hold(target, inspection):
        return  # parts of this kind are refused by their type
    text = f"{target.title} takes {', '.join(fact.value)}; these bytes are {what}"
    svg = "draw it as PNG, or send its source as a text part" if inspection.looks == "SVG" else None
    hint = "msgkit inline converts it" if inspection.use.kind in _READ and actual and kind(actual) in _READ else svg
    yield Finding(inspection.use.path, "media-format-unsupported", text, hint, source=fact.source)


_rule = partial(Rule, signs=Sign.PARTS, check=media)
_image_rule = partial(_rule, at=AT_IMAGE, good=[user(image(png()))])

RULES = (
    _image_rule(
        "data-url-invalid",
        "Malformed data URL: no comma, no ';base64', or an invalid media type.",
        "RFC 2397, The data URL scheme",
        bad=[user(image(f"data:image /png;base64,{PNG}"))],
        fix=media_probe.respelled,
    ),
    _image_rule(
        "base64-invalid",
        "The base64 is not canonical; the message gives the offset.",
        "RFC 4648, section 4",
        bad=[user(image(png(PNG.replace("+", "-").replace("=", ""))))],
        fix=media_probe.respelled,
    ),
    _image_rule(
        "media-empty",
        "The media is empty.",
        "RFC 2397, The data URL scheme",
        bad=[user(image("data:image/png;base64,"))],
    ),
    _image_rule(
        "media-type-mismatch",
        "The declared media type or format and the bytes disagree; for a file name's extension it is a warning.",
        "Anthropic API: specified using image/png, but the image appears to be image/jpeg; instructor#2415",
        bad=[user(image(f"data:image/jpeg;base64,{PNG}"))],
        fix=media_probe.retyped,
    ),
    _image_rule(
        "media-type-alias",
        "The data URL declares an alias of the media type, which some servers do not know.",
        "IANA media types; anthropic-sdk-python base64_image_source_param.py",
        severity="warning",
        bad=[user(image(f"data:image/x-png;base64,{PNG}"))],
        fix=media_probe.retyped,
    ),
    _image_rule(
        "media-format-unsupported",
        "The target does not take this kind of image, audio or file.",
        "the target's documentation; hermes-agent#67848 (HEIC named .jpg)",
        bad=[user(image("data:image/svg+xml;base64,PHN2Zy8+"))],
    ),
    _rule(
        "audio-data-url",
        "input_audio.data holds a data URL: it must be bare base64.",
        "openai-python chat_completion_content_part_input_audio_param.py; inspect_ai#1512",
        at=AT_AUDIO,
        bad=[user(audio(f"data:audio/wav;base64,{WAV}"))],
        good=[user(audio(WAV))],
        hint="leave out what stands before the base64",
        fix=media_probe.unwrapped,
    ),
    _rule(
        "audio-format-unknown",
        "The target does not know this format of input_audio.",
        "openai-python chat_completion_content_part_input_audio_param.py; pydantic-ai#1594",
        at="messages[0].content[0].input_audio.format",
        bad=[user(audio(WAV, "audio/wav"))],
        good=[user(audio(WAV))],
        fix=media_probe.reformatted,
    ),
    _rule(
        "file-data-bare",
        "file_data is bare base64; the API expects a data URL.",
        "OpenAI guide: file inputs (file_data is a data URL)",
        at="messages[0].content[0].file.file_data",
        bad=[user(file(file_data=PDF, filename="report.pdf"))],
        good=[user(file(file_data=f"data:application/pdf;base64,{PDF}", filename="report.pdf"))],
        fix=media_probe.as_data_url,
    ),
)
