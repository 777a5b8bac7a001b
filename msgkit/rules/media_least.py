"""Rules about media that are too small, too short or too narrow, and about detail that a model refuses."""

from collections.abc import Iterator

from msgkit.headers import AudioHeader, ImageHeader
from msgkit.model.parts import ImagePart
from msgkit.rules.base import Context, Finding, Rule
from msgkit.rules.examples import PNG, WAV, audio, image, png, user
from msgkit.rules.media_probe import Inspection
from msgkit.rules.prefilter import Sign


def least(context: Context) -> Iterator[Finding]:
    """Report images and audio below what the target takes, and images with more patches than it takes."""
    for inspection in context.media:
        if inspection.fault is None and isinstance(inspection.header, ImageHeader):
            yield from _image(context, inspection, inspection.header)
        elif inspection.fault is None and isinstance(inspection.header, AudioHeader):
            yield from _audio(context, inspection, inspection.header)


def _image(context: Context, inspection: Inspection, header: ImageHeader) -> Iterator[Finding]:
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


def _audio(context: Context, inspection: Inspection, header: AudioHeader) -> Iterator[Finding]:
    fact = context.target.audio.min_seconds
    if fact is not None and header.duration < fact.value:
        text = f"{context.target.title} takes at least {fact.value:g} s of audio, got {header.duration:.4f} s"
        yield Finding(inspection.use.path, "audio-too-short", text, source=fact.source)


RULES = (
    Rule(
        "media-too-small",
        "The image has fewer pixels a side than the target takes, or is too narrow for its length.",
        "warning",
        "vellum-assistant#37802: 400 Could not process image at 16 x 14 pixels",
        at="messages[0].content[0].image_url.url",
        bad=[user(image(png(PNG)))],
        good=[user("Hello")],
        target="openai",
        limits={"images.min_side": 1000},
        signs=Sign.PARTS,
        facts=("images.min_side", "images.max_aspect", "tokens.images"),
        check=least,
    ),
    Rule(
        "audio-too-short",
        "The audio is shorter than the target takes.",
        "warning",
        "OpenAI API: audio_too_short under 0.1 s; usdk#637, whisper.cpp#1603",
        at="messages[0].content[0].input_audio.data",
        bad=[user(audio(WAV))],
        good=[user("Hello")],
        target="openai",
        limits={"audio.min_seconds": 100.0},
        signs=Sign.PARTS,
        facts=("audio.min_seconds",),
        check=least,
    ),
)
