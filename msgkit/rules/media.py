"""Rules about media: what the bytes say, against what is said of them and what the target takes."""

from collections.abc import Iterator

from msgkit.data_url import Kind
from msgkit.errors import quote
from msgkit.headers import ALIASES, AUDIO_FORMATS, ImageHeader, SoundHeader, by_extension, canonical, kind
from msgkit.model.parts import AudioPart, FilePart
from msgkit.rules.base import Bounds, Context, Finding
from msgkit.rules.media_probe import Inspection
from msgkit.targets import AudioLimits, Fact, FileLimits, MediaLimits, Target

_TURNED = frozenset(("image/jpeg", "image/png", "image/webp"))  # what --fix turns
_READ = frozenset(("image", "audio"))  # kinds whose headers are read
_PARTS = {"image": {"image_url"}, "audio": {"input_audio", "audio_url"}, "video": {"video_url"}, "file": {"file"}}
_FORMAT_OF = {media_type: name for name, media_type in AUDIO_FORMATS.items()}


def media(context: Context) -> Iterator[Finding]:
    """Report every fault of every media part, in the order of the parts."""
    images = sum(found.use.kind == "image" for found in context.media)
    for found in context.media:
        if found.use.part is None:
            yield from _entry(context.target, found)
        if found.grammar in (Kind.DATA, Kind.BASE64):
            yield from _written(context, found)
        if found.fault is not None:
            if found.grammar is not Kind.REFERENCE:
                yield Finding(found.use.path, found.fault.code, found.fault.message, found.fault.hint)
        elif found.size is not None:
            yield from _types(context.target, found)
            yield from _bytes(context.target, found)
            if isinstance(found.header, ImageHeader):
                yield from _picture(context, found, found.header, images)
            elif isinstance(found.header, SoundHeader):
                yield from _sound(context, found, found.header)


def _entry(target: Target, found: Inspection) -> Iterator[Finding]:
    """An entry of a media column becomes a part of a user message."""
    fact = target.parts.of("user")
    if fact is not None and not _may_hold(target, found):
        text = f"{target.title} takes no {found.use.kind} in a user message; parts are {', '.join(fact.value)}"
        yield Finding(found.use.path, "part-not-allowed", text, source=fact.source)


def _may_hold(target: Target, found: Inspection) -> bool:
    """Tell whether the target takes this kind of media at all."""
    fact = target.parts.of("user")
    return fact is None or not _PARTS[found.use.kind].isdisjoint(fact.value)


def _written(context: Context, found: Inspection) -> Iterator[Finding]:
    """How inline media are written, whatever they are."""
    part, at = found.use.part, found.use.path
    if isinstance(part, AudioPart):
        if found.grammar is Kind.DATA:
            yield Finding(at, "audio-data-url", "expected bare base64, got a data URL")
        yield from _format(context, found, part)
    elif isinstance(part, FilePart) and found.grammar is Kind.BASE64:
        fixable = found.media_type is not None
        text = "expected a data URL, got bare base64"
        hint = f"write 'data:{found.media_type};base64,' before it" if fixable else None
        yield Finding(at, "file-data-bare", text, hint, fixable=fixable)


def _format(context: Context, found: Inspection, part: AudioPart) -> Iterator[Finding]:
    fact = context.target.audio.formats
    name = part.input_audio.format
    at = (*found.use.path[:-1], "format")
    if name is None and not context.own.audio_format:
        return
    if name is None:
        yield Finding(at, "key-missing", "expected a key 'format' beside base64", severity="error")
    elif fact is not None and fact.value and name not in fact.value:
        meant = _FORMAT_OF.get(found.media_type or canonical(name if "/" in name else f"audio/{name}"))
        fixable = meant is not None and meant in fact.value
        text = f"expected one of {', '.join(fact.value)}, got {quote(name)}"
        hint = f"write {meant!r}" if fixable else None
        yield Finding(at, "audio-format-unknown", text, hint, source=fact.source, fixable=fixable)


def _types(target: Target, found: Inspection) -> Iterator[Finding]:
    yield from _declared(found)
    yield from _extension(found)
    yield from _taken(target, found)


def _declared(found: Inspection) -> Iterator[Finding]:
    actual, part = found.media_type, found.use.part
    if actual is None:
        return
    if isinstance(part, AudioPart):
        name = part.input_audio.format or ""
        claimed = AUDIO_FORMATS.get(name) or (f"audio/{name}" if name in _OTHER_FORMATS else None)
        if claimed is not None and found.grammar is not Kind.REFERENCE and canonical(claimed) != actual:
            yield _differ(found, f"format says {name}, the bytes are {actual}")
    elif found.declared is not None and canonical(found.declared) != actual:
        yield _differ(found, f"the data URL declares {found.declared or 'no type'}, the bytes are {actual}")
    elif found.declared in ALIASES:
        text = f"expected {actual}, got its alias {quote(found.declared)}"
        yield Finding(found.use.path, "media-type-alias", text, f"write {actual!r}")


_OTHER_FORMATS = frozenset(("flac", "ogg", "aac", "aiff", "opus", "m4a", "webm"))


def _differ(found: Inspection, text: str) -> Finding:
    fixable = found.use.kind == kind(found.media_type or "") and (
        found.use.kind != "audio" or found.media_type in _FORMAT_OF
    )
    hint = f"write {_name(found)!r}" if fixable else None
    return Finding(found.use.path, "media-type-mismatch", text, hint, severity="error", fixable=fixable)


def _name(found: Inspection) -> str:
    name = found.media_type or ""
    return _FORMAT_OF.get(name, name) if isinstance(found.use.part, AudioPart) else name


def _extension(found: Inspection) -> Iterator[Finding]:
    name: str | None = found.use.text if found.grammar is Kind.REFERENCE else None
    at = found.use.path
    if name is None and isinstance(found.use.part, FilePart):
        name, at = found.use.part.file.filename, (*at[:-1], "filename")
    claimed = by_extension(name) if name else None
    if claimed is not None and found.media_type is not None and not _alike(claimed, found.media_type):
        text = f"the name {quote(name)} says {claimed}, the bytes are {found.media_type}"
        hint = (
            None
            if at is not found.use.path
            else "rename the file, or copy it by check --fix --media DIR; msgkit inline goes by the bytes"
        )
        yield Finding(at, "media-type-mismatch", text, hint, severity="warning", fixable=False)


def _alike(claimed: str, actual: str) -> bool:
    """Tell whether one extension serves both types: .webm, .mp4 and .ogg hold sound or video."""
    kinds, containers = zip(claimed.split("/"), actual.split("/"), strict=True)
    return claimed == actual or (containers[0] == containers[1] and set(kinds) == {"audio", "video"})


def _taken(target: Target, found: Inspection) -> Iterator[Finding]:
    limits = _limits(target, found.use.kind)
    fact = limits.media_types
    actual = found.media_type or (canonical(found.declared or "") if found.use.kind == "file" else None)
    if actual in fact.value or (found.use.kind == "file" and not actual):
        return
    what = actual or f"no {found.use.kind} that is known"
    if not fact.value or not _may_hold(target, found):
        return  # parts of this kind are refused by their type
    text = f"{target.title} takes {', '.join(fact.value)}; these bytes are {what}"
    hint = "msgkit inline converts it" if found.use.kind in _READ and actual and kind(actual) in _READ else None
    yield Finding(found.use.path, "media-format-unsupported", text, hint, source=fact.source)


def _limits(target: Target, of: str) -> MediaLimits | AudioLimits | FileLimits:
    return {"image": target.images, "audio": target.audio, "video": target.video}.get(of, target.files)  # type: ignore[return-value]


def _bytes(target: Target, found: Inspection) -> Iterator[Finding]:
    limits = _limits(target, found.use.kind)
    fact = limits.max_bytes
    if fact is None or found.size is None or found.base64_size is None:
        return
    is_base64 = limits.bytes_as == "base64"
    counted = found.base64_size if is_base64 else found.size
    if counted > fact.value:
        unit, raw = (" of base64", f" ({found.size:,} as they are)") if is_base64 else ("", "")
        text = f"{target.title} takes at most {fact.value:,} bytes{unit}, got {counted:,}{raw}"
        yield Finding(found.use.path, "media-too-large", text, _SMALLER.get(found.use.kind), source=fact.source)


_SMALLER = {"image": "msgkit inline makes it fit", "audio": "msgkit inline makes it fit"}


def _picture(context: Context, found: Inspection, header: ImageHeader, images: int) -> Iterator[Finding]:
    at = found.use.path
    yield from _pixels(context, found, header, images)
    if not header.complete:
        yield Finding(at, "media-truncated", "the image breaks off before its end")
    if header.orientation != 1:
        text = f"EXIF says to turn the picture (orientation {header.orientation}): the model sees it as stored"
        fixable = found.grammar is Kind.DATA and header.complete and found.media_type in _TURNED
        remedy = "msgkit inline turns it, and check --fix --media DIR makes a copy that is upright"
        yield Finding(at, "image-orientation", text, None if fixable else remedy, fixable=fixable)
    if header.private:
        text = f"the metadata tell about persons: {', '.join(header.private)}"
        yield Finding(at, "image-private-metadata", text)
    if header.frames > 1:
        text = f"the image has {header.frames:,} frames: models see one, or refuse it"
        yield Finding(at, "image-animated", text)


def _pixels(context: Context, found: Inspection, header: ImageHeader, images: int) -> Iterator[Finding]:
    limits = context.target.images
    size = f"{header.width:,} x {header.height:,} pixels"
    many = limits.many_count is not None and images > limits.many_count.value
    for side, length, fact in (("wide", header.width, limits.max_width), ("high", header.height, limits.max_height)):
        if fact is not None and length > fact.value:
            text = f"{context.target.title} takes images at most {fact.value:,} pixels {side}, got {size}"
            yield _large(found, text, fact)
            return
    side_fact = limits.many_side
    if many and side_fact is not None and max(header.width, header.height) > side_fact.value:
        count = limits.many_count.value if limits.many_count is not None else 0
        rule = f"at most {side_fact.value:,} pixels a side in a request of more than {count} images"
        yield _large(found, f"{context.target.title} takes {rule}, got {size} and {images} images", side_fact)
    elif context.bounds is not None:
        yield from _bounded(context.bounds, found, header, size)


def _bounded(bounds: Bounds, found: Inspection, header: ImageHeader, size: str) -> Iterator[Finding]:
    if max(header.width, header.height) > bounds.image_side:
        text = f"expected at most {bounds.image_side:,} pixels a side, got {size}"
        yield Finding(found.use.path, "media-too-large", text, source="msgkit's own bounds")
    elif header.pixels > bounds.image_pixels:
        text = f"expected at most {bounds.image_pixels:,} pixels in all frames, got {header.pixels:,} ({size})"
        yield Finding(found.use.path, "media-too-large", text, source="msgkit's own bounds")


def _large(found: Inspection, text: str, fact: Fact[int]) -> Finding:
    return Finding(found.use.path, "media-too-large", text, "msgkit inline makes it fit", source=fact.source)


def _sound(context: Context, found: Inspection, header: SoundHeader) -> Iterator[Finding]:
    limits, at = context.target.audio, found.use.path
    if not header.complete:
        yield Finding(at, "media-truncated", "the sound breaks off before its end")
    if limits.max_seconds is not None and header.duration > limits.max_seconds.value:
        about = "about " if header.estimated else ""
        most = f"{context.target.title} takes at most {limits.max_seconds.value:,.0f} s"
        text = f"{most}, got {about}{header.duration:,.0f} s"
        yield Finding(at, "audio-too-long", text, source=limits.max_seconds.source)
    elif context.bounds is not None and header.duration > context.bounds.audio_seconds:
        text = f"expected at most {context.bounds.audio_seconds:,.0f} s, got {header.duration:,.0f} s"
        yield Finding(at, "audio-too-long", text, source="msgkit's own bounds")
    if limits.codecs is not None and header.media_type == "audio/wav" and header.codec not in limits.codecs.value:
        text = f"{context.target.title} takes WAV as {', '.join(limits.codecs.value)}, got {header.codec}"
        yield Finding(at, "media-format-unsupported", text, "msgkit inline converts it", source=limits.codecs.source)
