"""What a target asks of an image, computed from its limits; pure numbers, no pixels."""

from typing import Literal

import attrs

from msgkit.headers import ImageHeader
from msgkit.media.options import Options, least
from msgkit.targets import Target
from msgkit.targets.limits import raw_bytes, value_of

COMMON = ("image/jpeg", "image/png", "image/webp", "image/gif")
"""The types that every target takes, and that pass through byte for byte."""

ANEW = "compressed anew"  # what was done to an image of which nothing else was changed
LYING = 5  # EXIF orientations from here on swap width and height

Size = tuple[int, int]
"""Width and height in pixels."""

Reason = Literal["orientation", "colour", "animation", "pixels", "type", "bytes", "shrink"]


@attrs.frozen(eq=False)  # its text is what conversions are remembered by
class Demands:
    """What an image must satisfy; None = no limit."""

    media_types: tuple[str, ...] = COMMON  # the types taken
    max_bytes: int | None = None  # most bytes as they are, not as base64
    max_width: int | None = None  # most pixels across, upright
    max_height: int | None = None  # most pixels down, upright
    best_side: int | None = None  # side in pixels beyond which detail is lost on the target
    still: bool = False  # true when of an animation only the first frame may remain
    upright: bool = False  # true when images must be turned upright, whatever else holds
    strict: bool = False  # true when orientation and colours must be plain too; False where only the type counts

    def satisfied(self, header: ImageHeader, length: int) -> bool:
        """Fast check: True only if ``reasons`` finds nothing to change."""
        if self.strict and (header.orientation != 1 or header.bits > 8 or header.mode == "CMYK"):  # noqa: PLR2004
            return False
        if self.upright and header.orientation != 1:
            return False
        width, height = header.width, header.height
        return (
            header.media_type in self.media_types
            and (header.common or not self.strict)
            and (self.max_bytes is None or length <= self.max_bytes)
            and (header.frames == 1 or not self.still)
            and (self.max_width is None or width <= self.max_width)
            and (self.max_height is None or height <= self.max_height)
            and (self.best_side is None or (width <= self.best_side and height <= self.best_side))
            and header.orientation < LYING
        )

    def reasons(self, header: ImageHeader, length: int) -> tuple[Reason, ...]:
        """Return why an image with *header* and *length* bytes must change, in the order in which it is done."""
        size = upright_size(header)
        asked: tuple[tuple[Reason, bool], ...] = (
            ("orientation", (self.strict or self.upright) and header.orientation != 1),
            ("colour", self.strict and (header.mode == "CMYK" or header.bits > 8)),  # noqa: PLR2004 (a plain channel's)
            ("animation", self.still and header.frames > 1),
            ("pixels", self.fit(size, best=False) != size),
            ("type", header.media_type not in self.media_types or (self.strict and not header.common)),
            ("bytes", self.max_bytes is not None and length > self.max_bytes),
            ("shrink", self.best_side is not None and self.fit(size) != size),
        )
        return tuple([reason for reason, holds in asked if holds])

    def fit(self, size: Size, *, best: bool = True) -> Size:
        """Return the largest size of the same shape within the limits, and within the best side unless told not."""
        scale = 1.0
        if self.max_width is not None:
            scale = min(scale, self.max_width / size[0])
        if self.max_height is not None:
            scale = min(scale, self.max_height / size[1])
        if best and self.best_side is not None:
            scale = min(scale, self.best_side / max(size))
        return size if scale == 1 else scaled(size, scale)


_reckoned: dict[tuple[int, int], tuple[Target | None, Options, Demands]] = {}  # by the ids of what is kept there
_MOST = 64


def demands_of(target: Target | None, options: Options) -> Demands:
    """Return what *target* asks of an image in a request with ``options.image_count`` of them."""
    known = _reckoned.get((id(target), id(options)))
    if known is not None:
        return known[2]
    demands = _reckon(target, options)
    if len(_reckoned) >= _MOST:
        _reckoned.clear()
    _reckoned[id(target), id(options)] = target, options, demands
    return demands


def _reckon(target: Target | None, options: Options) -> Demands:
    if target is None:
        side = options.max_side
        return Demands(max_bytes=options.max_image_bytes, max_width=side, max_height=side, upright=options.upright)
    images = target.images
    many_count = value_of(images.many_count)
    many_side = value_of(images.many_side) if many_count is not None and options.image_count > many_count else None
    return Demands(
        media_types=images.media_types.value,
        max_bytes=least(raw_bytes(images), options.max_image_bytes),
        max_width=least(value_of(images.max_width), many_side, options.max_side),
        max_height=least(value_of(images.max_height), many_side, options.max_side),
        best_side=value_of(images.best_side) if options.shrink else None,
        still=images.animated == "first",
        strict=True,
    )


def upright_size(header: ImageHeader) -> Size:
    """Return width and height as they are seen once the image is turned upright."""
    return turned((header.width, header.height), header.orientation)


def turned(size: Size, orientation: int) -> Size:
    """Return a size as stored for one as seen, or the other way round, by the EXIF *orientation*."""
    return size[::-1] if orientation >= LYING else size


def scaled(size: Size, scale: float) -> Size:
    """Return *size* times *scale*, at least one pixel a side."""
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def output_types(media_type: str, *, lossless: bool, alpha: bool, taken: tuple[str, ...]) -> list[str]:
    """Return the types to write an image as, the one that keeps it best first; each is in *taken*."""
    own = [media_type] if media_type == "image/webp" and not lossless else []
    small = ["image/webp", "image/jpeg"] if alpha else ["image/jpeg", "image/webp"]
    wanted = [*own, "image/png", *small] if lossless or alpha else [*own, *small, "image/png"]
    possible = [name for name in dict.fromkeys(wanted) if name in taken]
    if possible and possible[0] in small:
        return possible[:1]
    lossy = [name for name in possible[1:] if name in small]
    return possible[:1] + lossy[:1]
