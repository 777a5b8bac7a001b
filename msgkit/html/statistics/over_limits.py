"""Which limits of a target a request goes beyond."""

from collections.abc import Iterator, Sequence

import attrs

from msgkit.headers import AudioHeader, ImageHeader
from msgkit.rules.media_probe import Inspection
from msgkit.targets import Fact, Target


@attrs.frozen
class Request:
    """What limits are compared with."""

    size: int  # bytes of the body as JSON
    messages: int  # how many
    media: Sequence[Inspection]  # what is behind each media part

    def of(self, kind: str) -> list[Inspection]:
        """Return the media of a kind."""
        return [inspection for inspection in self.media if inspection.use.kind == kind]


Excess = tuple[str, float]
"""The name of a limit in the target's file, and its value."""


def excess(request: Request, target: Target) -> Iterator[Excess]:
    """Yield each limit of *target* that *request* goes beyond."""
    images, clips = request.of("image"), request.of("audio")
    yield from _over("request.max_bytes", target.request.max_bytes, request.size)
    yield from _over("request.max_media", target.request.max_media, len(request.media))
    yield from _over("request.max_messages", target.request.max_messages, request.messages)
    yield from _over("images.max_count", target.images.max_count, len(images))
    yield from _over("audio.max_count", target.audio.max_count, len(clips))
    yield from _bytes("images", target.images, images)
    yield from _bytes("audio", target.audio, clips)
    yield from _bytes("files", target.files, request.of("file"))
    yield from _pixels(target, images)
    seconds = (inspection.header.duration for inspection in clips if isinstance(inspection.header, AudioHeader))
    yield from _over("audio.max_seconds", target.audio.max_seconds, max(seconds, default=0))


def _over(name: str, limit: Fact[int] | Fact[float] | None, value: float) -> Iterator[Excess]:
    if limit is not None and value > limit.value:
        yield name, limit.value


def _bytes(name: str, limits: object, media: Sequence[Inspection]) -> Iterator[Excess]:
    as_base64 = getattr(limits, "bytes_as", "raw") == "base64"
    sizes = ((inspection.base64_size if as_base64 else inspection.size) or 0 for inspection in media)
    yield from _over(f"{name}.max_bytes", getattr(limits, "max_bytes", None), max(sizes, default=0))


def _pixels(target: Target, images: Sequence[Inspection]) -> Iterator[Excess]:
    limits = target.images
    image_headers = [image.header for image in images if isinstance(image.header, ImageHeader)]
    yield from _over("images.max_width", limits.max_width, max((header.width for header in image_headers), default=0))
    yield from _over(
        "images.max_height", limits.max_height, max((header.height for header in image_headers), default=0)
    )
    if limits.many_count is not None and len(images) > limits.many_count.value:
        longest = max((max(header.width, header.height) for header in image_headers), default=0)
        yield from _over("images.many_side", limits.many_side, longest)
