"""From a file to pixels: one decoder a type, by an allow-list, and whatever it raises becomes our error."""

import ctypes
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from functools import cache
from importlib import import_module
from io import BytesIO
from typing import Any, cast

from PIL import Image, ImageChops, ImageFile

from msgkit.errors import MediaError, needing
from msgkit.headers import ImageHeader
from msgkit.media.cache import ForkLock
from msgkit.media.faults import border
from msgkit.media.image import decoders, pieces, webp
from msgkit.media.image.decoders import DECODERS
from msgkit.media.image.requirements import Size, scaled
from msgkit.media.options import DEFAULT, Limits

ORIENTATION = 0x0112  # the EXIF tag
_STANDARD = 3688  # sum of the standard's luminance table, which libjpeg scales by quality (ITU T.81, table K.1)
_SPARE = 1.25  # how much larger JPEG's own scale must be than what is wanted, for an SSIM of 0.99
_SCANS = 16  # of a progressive JPEG as large as the limit allows; each goes over the whole image
_BAND = 1 << 20  # pixels that are inverted at a time
_quiet_lock = ForkLock()


def decode(
    data: bytes, header: ImageHeader, size: Size | None = None, limits: Limits = DEFAULT, page: int = 0
) -> Image.Image:
    """Return the first frame, or a page, as stored."""
    jpeg = header.media_type == "image/jpeg"
    if jpeg and data.count(b"\xff\xda") * header.pixels > _SCANS * limits.image_pixels:
        raise MediaError("a JPEG of too many scans for its size", code="media-too-large")
    if jpeg and header.bits != 8:  # noqa: PLR2004 (bits of a plain channel)
        raise MediaError(f"a JPEG of {header.bits} bits cannot be decoded", code="media-format-unsupported")
    decoders.check(header, len(data), limits, scales=size is not None)
    factor = decoders.reduction(header, len(data), limits) if size is not None else 1
    with border(header.media_type):
        image = open_image(data, header.media_type)
        if header.media_type == "image/webp" and header.frames == 1 and webp.library() is not None:
            return _with_profile(webp.decode(data, header, factor), image)
        if page:
            with _quiet():
                image.seek(page)
        if image.width * image.height > header.width * header.height:
            raise MediaError("the image is larger than its header says", code="media-invalid")
        if factor > 1 and not jpeg:
            return _with_profile(pieces.reduced(image, data, factor), image)
        if jpeg and size is not None:
            most = header.width // factor, header.height // factor
            image.draft(None, min(scaled(size, _SPARE), most))
        if header.media_type == "image/webp":
            return _webp(image)
        with _quiet() if header.media_type == "image/tiff" else nullcontext():  # whose tags are read again
            image.load()
        if header.media_type == "image/png" and image.mode == "L":
            _widen(image, header.bits)
        if image.mode == "CMYK" and jpeg and "adobe" not in image.info:
            _invert(image)  # Pillow takes every CMYK JPEG for one of Adobe's, which are inverted
        return image


def _webp(image: Any) -> Image.Image:
    """Return the first frame around the decoder's own bytes: Pillow's way holds another copy, and the decoder's two."""
    if not hasattr(image, "_get_next"):  # of Pillow's inside, where it may change
        image.load()
        return cast("Image.Image", image)
    pixels, *_ = image._get_next()  # noqa: SLF001 (there is no other way to the decoder's own bytes)
    image._decoder = None  # noqa: SLF001 (its two canvases go)
    # Pillow refuses fewer bytes than the size takes, and keeps them alive
    return _with_profile(Image.frombuffer(image.rawmode, image.size, pixels, "raw", image.rawmode, 0, 1), image)


def _with_profile(image: Image.Image, source: Image.Image) -> Image.Image:
    if "icc_profile" in source.info:
        image.info["icc_profile"] = source.info["icc_profile"]
    return image


def _widen(image: Image.Image, bits: int) -> None:
    """Say the transparent grey of 2 or 4 bits in the 8 bits to which Pillow has brought the pixels, but not it."""
    if "transparency" in image.info:
        image.info["transparency"] = image.info["transparency"] * 255 // ((1 << bits) - 1)


def _invert(image: Image.Image) -> None:
    step = max(1, _BAND // image.width)
    for top in range(0, image.height, step):
        box = 0, top, image.width, min(top + step, image.height)
        image.paste(ImageChops.invert(image.crop(box)), box)


def still_to_turn(image: Image.Image, header: ImageHeader) -> int:
    """Return the orientation that a decoded image still has: Pillow turns TIFF by itself, libheif HEIC."""
    if header.media_type == "image/tiff" and image.format is None:  # decoded in strips
        return header.orientation
    if header.media_type == "image/avif":
        orientation = image.getexif().get(ORIENTATION, 1)
        return orientation if orientation in range(1, 9) else 1
    return 1 if DECODERS[header.media_type].turns else header.orientation


def source_quality(image: Image.Image) -> int | None:
    """Return the quality at which a JPEG was made, computed from its first table; None for anything else."""
    tables = getattr(image, "quantization", None)
    if not tables:
        return None
    percent = 100 * float(sum(next(iter(tables.values())))) / _STANDARD
    return round(50 * 100 / percent if percent > 100 else 100 - percent / 2)  # noqa: PLR2004 (per cent)


def open_image(data: bytes, media_type: str) -> ImageFile.ImageFile:
    """Open an image, not decoded yet; what is done with it is done inside a border."""
    decoder = DECODERS[media_type]
    if media_type == "image/heif" and b"avif" in data[8:64]:
        decoder = DECODERS["image/avif"]
    with _quiet():
        if not decoder.plugin:
            return _open_heic(data)
        import_module(decoder.plugin)
        if media_type == "image/tiff":
            _silence_libtiff()
        return Image.open(BytesIO(data), formats=decoder.pillow.split())


@cache
def _silence_libtiff() -> None:
    """Keep libtiff, and Pillow's logger, from writing on standard error what they raise as well."""
    logging.getLogger("PIL").addHandler(logging.NullHandler())  # a program that logs still gets it
    with suppress(OSError, AttributeError):
        set_handler = ctypes.CDLL(import_module("PIL._imaging").__file__).TIFFSetErrorHandler
        set_handler.argtypes, set_handler.restype = [ctypes.c_void_p], ctypes.c_void_p
        set_handler(None)


def _open_heic(data: bytes) -> ImageFile.ImageFile:
    with needing("pi-heif", "heif", "to decode HEIC"):
        import pi_heif
    # it hands its planes to Pillow with the length of their lines; libheif refuses those of another size than it says
    image: ImageFile.ImageFile = pi_heif.HeifImageFile(BytesIO(data))
    return image


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Pillow's warnings about odd metadata from users; the lock, because Python's filters are global."""
    with _quiet_lock, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
