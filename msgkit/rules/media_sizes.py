"""Rules about what the headers of media say: too large, too small, truncated, turned, with personal data."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pybase64

from msgkit import data_url, headers
from msgkit.data_url import Kind
from msgkit.headers import AudioHeader, DocumentHeader, ImageHeader
from msgkit.jsontext.edit import Steps
from msgkit.model.parts import ImagePart
from msgkit.rules import media_probe
from msgkit.rules.base import Context, Finding, Rule, Upright
from msgkit.rules.examples import (
    ANIMATED,
    AT_AUDIO,
    AT_IMAGE,
    HUGE,
    LOCKED,
    MP3,
    OWNED,
    PDF,
    PNG,
    TURNED,
    WAV,
    audio,
    file,
    image,
    png,
    user,
)
from msgkit.rules.media_probe import Inspection, limits_of
from msgkit.rules.prefilter import Sign
from msgkit.targets import Fact, Target

_TURNED = frozenset(("image/jpeg", "image/png", "image/webp"))  # what --fix turns
_VISION = "Anthropic docs: build with Claude, vision"


def sizes(context: Context) -> Iterator[Finding]:
    """Report media that are too large, too long or too small, truncated, turned, animated, or tell about persons."""
    images = sum(inspection.use.kind == "image" for inspection in context.media)
    for inspection in context.media:
        if inspection.fault is not None or inspection.size is None:
            continue
        yield from _bytes(context.target, inspection)
        if isinstance(inspection.header, ImageHeader):
            yield from _image(context, inspection, inspection.header, images)
            yield from _small_image(context, inspection, inspection.header)
        elif isinstance(inspection.header, AudioHeader):
            yield from _audio(context, inspection, inspection.header)
            yield from _short_audio(context, inspection, inspection.header)
        elif isinstance(inspection.header, DocumentHeader):
            yield from _document(context.target, inspection, inspection.header)


def _bytes(target: Target, inspection: Inspection) -> Iterator[Finding]:
    limits = limits_of(target, inspection.use.kind)
    fact = limits.max_bytes
    if fact is None or inspection.size is None or inspection.base64_size is None:
        return
    is_base64 = limits.bytes_as == "base64"
    counted = inspection.base64_size if is_base64 else inspection.size
    if counted > fact.value:
        unit, raw = (" of base64", f" ({inspection.size:,} as they are)") if is_base64 else ("", "")
        text = f"{target.title} takes at most {fact.value:,} bytes{unit}, got {counted:,}{raw}"
        yield Finding(
            inspection.use.path, "media-too-large", text, _SMALLER.get(inspection.use.kind), source=fact.source
        )


_SMALLER = {"image": "msgkit inline makes it fit", "audio": "msgkit inline makes it fit"}


def _image(context: Context, inspection: Inspection, header: ImageHeader, images: int) -> Iterator[Finding]:
    at = inspection.use.path
    yield from _pixels(context, inspection, header, images)
    if not header.complete:
        yield Finding(at, "media-truncated", "image data is truncated")
    if header.orientation != 1:
        text = f"EXIF says to turn the image (orientation {header.orientation}): the model sees it as stored"
        fixable = inspection.grammar is Kind.DATA and header.complete and inspection.media_type in _TURNED
        remedy = "msgkit inline turns it, and check --fix --media DIR makes a copy that is upright"
        yield Finding(at, "image-orientation", text, None if fixable else remedy, fixable=fixable)
    if header.private:
        text = f"the metadata contains personal data: {', '.join(header.private)}"
        yield Finding(at, "image-private-metadata", text)
    if header.frames > 1:
        text = f"the image has {header.frames:,} frames: models see one, or refuse it"
        yield Finding(at, "image-animated", text)


def _pixels(context: Context, inspection: Inspection, header: ImageHeader, images: int) -> Iterator[Finding]:
    limits = context.target.images
    size = f"{header.width:,} x {header.height:,} pixels"
    many = limits.many_count is not None and images > limits.many_count.value
    for side, length, fact in (("wide", header.width, limits.max_width), ("high", header.height, limits.max_height)):
        if fact is not None and length > fact.value:
            text = f"{context.target.title} takes images at most {fact.value:,} pixels {side}, got {size}"
            yield _large(inspection, text, fact)
            return
    side_fact = limits.many_side
    if many and side_fact is not None and max(header.width, header.height) > side_fact.value:
        count = limits.many_count.value if limits.many_count is not None else 0
        rule = f"at most {side_fact.value:,} pixels a side in a request of more than {count} images"
        yield _large(inspection, f"{context.target.title} takes {rule}, got {size} and {images} images", side_fact)


def _large(inspection: Inspection, text: str, fact: Fact[int]) -> Finding:
    return Finding(inspection.use.path, "media-too-large", text, "msgkit inline makes it fit", source=fact.source)


def _audio(context: Context, inspection: Inspection, header: AudioHeader) -> Iterator[Finding]:
    limits, at = context.target.audio, inspection.use.path
    if not header.complete:
        yield Finding(at, "media-truncated", "audio data is truncated")
    if limits.max_seconds is not None and header.duration > limits.max_seconds.value:
        about = "about " if header.estimated else ""
        most = f"{context.target.title} takes at most {limits.max_seconds.value:,.0f} s"
        text = f"{most}, got {about}{header.duration:,.0f} s"
        yield Finding(at, "audio-too-long", text, source=limits.max_seconds.source)
    if limits.codecs is not None and header.media_type == "audio/wav" and header.codec not in limits.codecs.value:
        text = f"{context.target.title} takes WAV as {', '.join(limits.codecs.value)}, got {header.codec}"
        yield Finding(at, "media-format-unsupported", text, "msgkit inline converts it", source=limits.codecs.source)


def _document(target: Target, inspection: Inspection, header: DocumentHeader) -> Iterator[Finding]:
    fact = target.files.max_pages
    if header.encrypted:
        yield Finding(inspection.use.path, "pdf-encrypted", "the PDF is encrypted: models cannot read it")
    if fact is not None and header.pages is not None and header.pages > fact.value:
        text = f"{target.title} takes a PDF of at most {fact.value:,} pages, got {header.pages:,}"
        yield Finding(inspection.use.path, "media-too-large", text, source=fact.source)


def _turn(body: Any, at: Steps, upright: Upright) -> Any:
    data = media_probe.read_media(body, at)
    if data is None:
        return body
    turned = upright(data_url.decode(data))
    media_type = headers.sniff(turned) or "application/octet-stream"
    return media_probe.write_media(body, at, media_type, pybase64.b64encode(turned).decode())


def _small_image(context: Context, inspection: Inspection, header: ImageHeader) -> Iterator[Finding]:
    limits, at = context.target.images, inspection.use.path
    short, long = sorted((header.width, header.height))
    size = f"{header.width:,} x {header.height:,} pixels"
    if limits.min_side is not None and short < limits.min_side.value:
        text = f"{context.target.title} takes images of at least {limits.min_side.value} pixels a side, got {size}"
        yield Finding(at, "media-too-small", text, source=limits.min_side.source)
    elif limits.max_aspect is not None and short and long / short > limits.max_aspect.value:
        text = (
            f"{context.target.title} takes images at most {limits.max_aspect.value:g} times as long as wide, got {size}"
        )
        yield Finding(at, "media-too-small", text, source=limits.max_aspect.source)
    yield from _patches(context, inspection, header)


def _patches(context: Context, inspection: Inspection, header: ImageHeader) -> Iterator[Finding]:
    formula = context.target.tokens.images
    part = inspection.use.part
    most = formula.refused_above(part.image_url.detail) if formula and isinstance(part, ImagePart) else None
    if formula is None or most is None:
        return
    patches = formula.patches(header.width, header.height)
    if patches > most.value:
        text = (
            f"{context.target.title} takes at most {most.value:,} patches of an image at this detail, got {patches:,}"
        )
        yield Finding(inspection.use.path, "media-too-large", text, "write detail 'high'", source=most.source)


def _short_audio(context: Context, inspection: Inspection, header: AudioHeader) -> Iterator[Finding]:
    fact = context.target.audio.min_seconds
    if fact is not None and header.duration < fact.value:
        text = f"{context.target.title} takes at least {fact.value:g} s of audio, got {header.duration:.4f} s"
        yield Finding(inspection.use.path, "audio-too-short", text, source=fact.source)


_rule = partial(Rule, signs=Sign.PARTS, check=sizes)
_image_rule = partial(_rule, at=AT_IMAGE, good=[user(image(png()))])

RULES = (
    _image_rule(
        "media-truncated",
        "Media data is truncated.",
        "the format of the media",
        bad=[user(image(png(PNG[:-16])))],
    ),
    _image_rule(
        "media-invalid",
        "The header of the media contradicts itself.",
        "the format of the media",
        bad=[user(image(png("iVBORw0KGgoAAAANSUhEUgAAAAAAAAABAQAAAADYrJIa")))],
    ),
    _image_rule(
        "media-too-large",
        "More bytes or pixels than the target takes; Anthropic counts the bytes as base64.",
        f"{_VISION}; openclaw#5344, software-agent-sdk#2467",
        bad=[user(image(png(HUGE)))],
        target="anthropic",
    ),
    _rule(
        "audio-too-long",
        "More seconds than the target takes.",
        "vLLM vllm/multimodal/audio.py",
        at=AT_AUDIO,
        bad=[user(audio(WAV))],
        good=[user(audio(MP3, "mp3"))],
        target="vllm",
        limits={"audio.max_seconds": 0.1},
    ),
    _rule(
        "pdf-encrypted",
        "The PDF is encrypted: a model cannot read it, and some receivers refuse it.",
        "Anthropic docs: PDF support, a standard PDF without passwords or encryption",
        severity="warning",
        at="messages[0].content[0].file.file_data",
        bad=[user(file(file_data=f"data:application/pdf;base64,{LOCKED}", filename="report.pdf"))],
        good=[user(file(file_data=f"data:application/pdf;base64,{PDF}", filename="report.pdf"))],
    ),
    _image_rule(
        "image-orientation",
        "EXIF says to turn the image: the model sees it as stored, so sideways.",
        "mistral-common#330, ollama#18418, llama.cpp#24196",
        severity="warning",
        bad=[user(image(png(TURNED)))],
        fix_media=_turn,
    ),
    _image_rule(
        "image-private-metadata",
        "The metadata contains a location, the owner's name or a serial number.",
        "Exif 2.32: GPSInfo, Artist, CameraOwnerName",
        severity="warning",
        bad=[user(image(png(OWNED)))],
        hint="strip the metadata before sending",
    ),
    _image_rule(
        "image-animated",
        "The image has more than one frame: models see one, or refuse it.",
        "OpenAI guide: images and vision (non-animated GIF)",
        severity="warning",
        bad=[user(image(f"data:image/gif;base64,{ANIMATED}"))],
    ),
    _rule(
        "media-too-small",
        "The image has fewer pixels a side than the target takes, or is too narrow for its length.",
        "vellum-assistant#37802: 400 Could not process image at 16 x 14 pixels",
        severity="warning",
        at=AT_IMAGE,
        bad=[user(image(png(PNG)))],
        good=[user("Hello")],
        limits={"images.min_side": 1000},
    ),
    _rule(
        "audio-too-short",
        "The audio is shorter than the target takes.",
        "OpenAI API: audio_too_short under 0.1 s; usdk#637, whisper.cpp#1603",
        severity="warning",
        at=AT_AUDIO,
        bad=[user(audio(WAV))],
        good=[user("Hello")],
        limits={"audio.min_seconds": 100.0},
    ),
)
