"""What must change, is changed: decode, turn, colour, scale, choose the type, search the quality; and Pillow, numpy."""

from typing import Any

import attrs
from PIL import Image, ImageSequence

from msgkit.errors import MediaError, describe
from msgkit.headers import ImageHeader
from msgkit.media.faults import border
from msgkit.media.image import colour, decoders, decoding, encoding
from msgkit.media.image.encoding import best_quality
from msgkit.media.image.requirements import ANEW, Demands, Size, demands_of, output_types, scaled, turned, upright_size
from msgkit.media.image.strips import join, resize, straighten
from msgkit.media.options import DEFAULT, PLAIN, Limits, Options
from msgkit.model.media import Media
from msgkit.targets import Target

_LOWEST = 75  # the quality below which a JPEG is not made again, however low the source's is


@attrs.frozen(eq=False, repr=False)
class Draft:
    """An image on its way."""

    image: Image.Image  # upright, plain, not larger than asked
    media_type: str  # the type that it had
    lossless: bool  # true when its source kept every pixel
    changes: tuple[str, ...]  # what was done so far


def change(data: bytes, header: ImageHeader, demands: Demands, options: Options, page: int = 0) -> Media:
    """Return the image as *demands* ask, whatever must be done for that."""
    moving = header.frames > 1 and decoders.DECODERS[header.media_type].animated is not None
    if moving and not demands.still and "image/webp" in demands.media_types:
        return _change_frames(data, header, demands, options)
    with border(header.media_type):
        made = _straighten(data, header, demands, options.limits, page)
    done = {
        f"turned upright from orientation {header.orientation}": header.orientation != 1,
        "colours to 8-bit sRGB": made.reckoned or header.bits > 8,  # noqa: PLR2004 (bits of a plain channel)
        _which(header, page, options): header.frames > 1,
        "JPEG of a rare coding to a common one": not header.common,
        _resized(made.before, made.image.size): made.image.size != made.before,
    }
    changes = tuple(text for text, holds in done.items() if holds)
    draft = Draft(made.image, header.media_type, _is_lossless(data, header), changes)
    if made.quality is not None:  # a higher one would only add bytes
        options = attrs.evolve(options, quality=min(options.quality, max(_LOWEST, made.quality)))
    return finish(draft, demands, options)


def _which(header: ImageHeader, page: int, options: Options) -> str:
    if not decoders.DECODERS[header.media_type].pages:
        return f"first of {header.frames} frames"
    return f"page {page + 1} of {header.frames}" if options.pages == "all" else f"first of {header.frames} pages"


@attrs.frozen(eq=False, repr=False)
class _Made:
    """An image made straight: upright, plain, scaled; and what it was."""

    image: Image.Image
    before: Size
    reckoned: bool
    quality: int | None


def _straighten(data: bytes, header: ImageHeader, demands: Demands, limits: Limits, page: int) -> _Made:
    """Decode, scale, colour and turn; what was decoded is gone before all of the result is there."""
    before = upright_size(header)
    size = decoders.room(demands.fit(before), header, len(data), limits)
    image = decoding.decode(data, header, turned(size, header.orientation), limits, page)
    quality = None if size != before else decoding.source_quality(image)
    left = decoding.still_to_turn(image, header)
    if header.media_type != "image/jpeg" and decoders.reduction(header, len(data), limits) == 1:
        # what comes at another size is scaled by the header's; of the others the pixels know best
        before = turned(image.size, left)
        size = decoders.room(demands.fit(before), header, len(data), limits)
    soft = header.media_type == "image/jpeg" and image.size == (header.width, header.height)
    strips, reckoned = straighten(image, turned(size, left), soft=soft)
    del image
    return _Made(join(strips, left), before, reckoned, quality)


def finish(draft: Draft, demands: Demands, options: Options) -> Media:
    """Encode a draft in the type and at the quality that keep it best."""
    image = draft.image if colour.see_through(draft.image) else colour.opaque(draft.image)
    alpha = image.mode.endswith("A")
    types = output_types(draft.media_type, lossless=draft.lossless, alpha=alpha, taken=demands.media_types)
    if not types:
        message = (
            f"expected a target that takes JPEG, PNG or WebP, got one of {', '.join(demands.media_types) or 'none'}"
        )
        raise MediaError(message, code="media-format-unsupported")
    for media_type in types[:-1]:
        data = encoding.encode(image, media_type, options.quality)
        if demands.max_bytes is None or len(data) <= demands.max_bytes:
            return Media(data, media_type, _with_type(draft, media_type) or (ANEW,))
    return _search(image, types[-1], draft, demands, options)


def _search(image: Image.Image, media_type: str, draft: Draft, demands: Demands, options: Options) -> Media:
    changes = list(_with_type(draft, media_type))
    if image.mode.endswith("A") and media_type == "image/jpeg":
        image = colour.flatten(image, options.background)
        changes.append(f"transparency laid on {options.background}")

    def encode(scale: float, quality: int) -> bytes:
        smaller = resize(image, scaled(image.size, scale))
        return encoding.encode(smaller, media_type, quality, whole=draft.lossless)

    data, scale, quality = best_quality(encode, demands.max_bytes, options.quality)
    if scale < 1:
        changes.append(_resized(image.size, scaled(image.size, scale)))
    if media_type != "image/png":
        changes.append(f"quality {quality}")
    elif not changes:
        changes.append(ANEW)
    return Media(data, media_type, tuple(changes))


def _change_frames(data: bytes, header: ImageHeader, demands: Demands, options: Options) -> Media:
    """Keep an animation, as WebP: the one type of moving images with full colours."""
    size = decoders.room_for_frames(demands.fit(upright_size(header)), header, options.limits)
    decoders.check_frame(header, len(data), options.limits)
    frames, times = [], []
    with border(header.media_type), decoding.open_image(data, header.media_type) as source:
        for frame in ImageSequence.Iterator(source):
            times.append(int(frame.info.get("duration", 0)) or 100)
            strips, _ = straighten(frame, turned(size, header.orientation))
            frames.append(join([frame.copy()] if strips[0] is frame else strips, header.orientation))

    def encode(scale: float, quality: int) -> bytes:
        return encoding.encode_frames(frames, times, scale, quality)

    encoded, scale, quality = best_quality(encode, demands.max_bytes, options.quality)
    made = scaled(size, scale)
    changes = [] if made == upright_size(header) else [_resized(upright_size(header), made)]
    draft = Draft(frames[0], header.media_type, lossless=False, changes=tuple(changes))
    return Media(encoded, "image/webp", (*_with_type(draft, "image/webp"), f"quality {quality}"))


def _with_type(draft: Draft, media_type: str) -> tuple[str, ...]:
    if draft.media_type in ("", media_type):
        return draft.changes
    return (*draft.changes, f"{draft.media_type} to {media_type}")


def _resized(before: Size, after: Size) -> str:
    return f"{before[0]} x {before[1]} to {after[0]} x {after[1]} pixels"


def _is_lossless(data: bytes, header: ImageHeader) -> bool:
    if header.media_type == "image/webp":
        return b"VP8L" in data[:4096]
    return decoders.DECODERS[header.media_type].lossless


def to_pillow(media: Media, header: ImageHeader, limits: Limits = DEFAULT) -> Image.Image:
    """Return the image decoded and upright, in the mode that it is stored in; of an animation, the first frame."""
    image = decoding.decode(media.data, header, None, limits)
    with border(header.media_type):
        upright = colour.turn(image, decoding.still_to_turn(image, header))
        if upright.mode == "RGBX":  # as the decoder of WebP gives it
            upright = upright.convert("RGB")
    for name in ("exif", "xmp", "XML:com.adobe.xmp"):
        upright.info.pop(name, None)  # they would say again that the image is to be turned
    return upright


def from_pillow(image: Image.Image, target: Target | None = None, options: Options | None = None) -> Media:
    """Return a Pillow image of any mode as a file that *target* takes: PNG, unless the bytes force JPEG or WebP."""
    options = options or PLAIN
    demands = demands_of(target, options)
    with border("a Pillow image"):
        orientation = image.getexif().get(decoding.ORIENTATION, 1)
        upright, _ = colour.plain(colour.turn(image, orientation) if orientation != 1 else image.copy())
        size = demands.fit(upright.size)
        changes = () if size == upright.size else (_resized(upright.size, size),)
        draft = Draft(resize(upright, size), "", lossless=True, changes=changes)
    return finish(draft, demands, options)


def from_numpy(array: Any, target: Target | None = None, options: Options | None = None) -> Media:
    """Return an array as a file that *target* takes."""
    import numpy as np

    values = np.asarray(array)
    if values.ndim == 3 and values.shape[2] == 1:  # noqa: PLR2004 (dimensions)
        values = values[:, :, 0]
    channels = 1 if values.ndim == 2 else values.shape[-1]  # noqa: PLR2004
    if values.ndim not in (2, 3) or channels > 4 or not values.size:  # noqa: PLR2004
        message = f"expected height x width x 1 to 4 channels, got {describe(array)} of shape {values.shape}"
        raise MediaError(message, code="media-invalid")
    kind = values.dtype.kind
    if kind == "f":
        values = np.rint(np.clip(np.nan_to_num(values), 0, 1) * 255)
    elif kind == "b":
        values = values * 255
    elif values.dtype == np.uint16:
        values = np.rint(values / 257)
    elif kind not in "ui" or values.min() < 0 or values.max() > 255:  # noqa: PLR2004
        raise MediaError(f"expected bytes, got {values.dtype}", code="media-invalid")
    return from_pillow(Image.fromarray(np.ascontiguousarray(values, dtype=np.uint8)), target, options)
