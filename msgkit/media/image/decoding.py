"""From a file to pixels: one decoder a type, by an allow-list, and whatever it raises becomes our error."""

import importlib
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

from PIL import Image, ImageChops, ImageFile

from msgkit.errors import MediaError, MissingExtraError, MsgkitError
from msgkit.headers import ImageHeader
from msgkit.media.image.demands import Size, scaled
from msgkit.media.limits import DEFAULT

_ORIENTATION = 0x0112  # the EXIF tag
_LEFT_LYING = ("image/jpeg", "image/png", "image/webp", "image/gif")
_STANDARD = 3688  # sum of the standard's luminance table, which libjpeg scales by quality (ITU T.81, table K.1)
_SPARE = 1.25  # how much larger JPEG's own scale must be than what is wanted, for an SSIM of 0.99
_SCANS = 16  # of a progressive JPEG as large as the limit allows; each goes over the whole picture
_quiet_lock = threading.Lock()


def decode(data: bytes, header: ImageHeader, size: Size | None = None) -> Image.Image:
    """
    Return the first frame; of a JPEG at the smallest of its own scales that still covers *size*, as stored.

    Raises:
        MediaError: ``media-invalid``, or ``media-too-large`` for a JPEG that would be gone over too often.
    """
    if header.media_type == "image/jpeg" and data.count(b"\xff\xda") * header.pixels > _SCANS * DEFAULT.image_pixels:
        raise MediaError("a JPEG of too many scans for its size", code="media-too-large")
    with border(header.media_type):
        picture = _open(data, header.media_type)
        if picture.width * picture.height > header.width * header.height:
            raise MediaError("the picture is larger than its header says", code="media-invalid")
        if size is not None and header.media_type == "image/jpeg":
            picture.draft(None, scaled(size, _SPARE))
        picture.load()
        if picture.mode == "CMYK" and header.media_type == "image/jpeg" and "adobe" not in picture.info:
            return ImageChops.invert(picture)  # Pillow takes every CMYK JPEG for one of Adobe's, which are inverted
        return picture


def still_to_turn(picture: Image.Image, header: ImageHeader) -> int:
    """Return the orientation that a decoded picture still has: Pillow turns TIFF by itself, libheif HEIC."""
    if header.media_type == "image/avif":
        found = picture.getexif().get(_ORIENTATION, 1)
        return found if found in range(1, 9) else 1
    return header.orientation if header.media_type in _LEFT_LYING else 1


def source_quality(picture: Image.Image) -> int | None:
    """Return the quality at which a JPEG was made, reckoned from its first table; None for anything else."""
    tables = getattr(picture, "quantization", None)
    if not tables:
        return None
    percent = 100 * float(sum(next(iter(tables.values())))) / _STANDARD
    return round(50 * 100 / percent if percent > 100 else 100 - percent / 2)  # noqa: PLR2004 (per cent)


def open_frames(data: bytes, media_type: str) -> ImageFile.ImageFile:
    """Open an animation; the caller goes through its frames inside a border."""
    return _open(data, media_type)


def _open(data: bytes, media_type: str) -> ImageFile.ImageFile:
    name, plugin = _DECODERS[media_type]
    if media_type == "image/heif" and b"avif" in data[8:64]:
        name, plugin = _DECODERS["image/avif"]
    with _quiet():
        if not plugin:
            return _open_heic(data)
        importlib.import_module(plugin)
        return Image.open(BytesIO(data), formats=[name])


def _open_heic(data: bytes) -> ImageFile.ImageFile:
    try:
        import pi_heif
    except ImportError:
        raise MissingExtraError("pi-heif", "heif", "to decode HEIC") from None
    picture: ImageFile.ImageFile = pi_heif.HeifImageFile(BytesIO(data))
    return picture


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Pillow's warnings about odd metadata from users; the lock, because Python's filters are global."""
    with _quiet_lock, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def border(media_type: str) -> Iterator[None]:
    """Turn whatever a decoder raises into our error: they raise SyntaxError, KeyError, struct.error and more."""
    try:
        yield
    except MsgkitError:
        raise
    except MemoryError as error:
        raise MediaError(f"not enough memory to decode {media_type}", code="media-too-large") from error
    except Exception as error:
        raise MediaError(f"cannot be decoded as {media_type}", code="media-invalid") from error


_DECODERS = {  # Pillow's name, and the module to import, so that no other decoder is; pi-heif has no such module
    "image/jpeg": ("JPEG", "PIL.JpegImagePlugin"),
    "image/png": ("PNG", "PIL.PngImagePlugin"),
    "image/webp": ("WEBP", "PIL.WebPImagePlugin"),
    "image/gif": ("GIF", "PIL.GifImagePlugin"),
    "image/bmp": ("BMP", "PIL.BmpImagePlugin"),
    "image/tiff": ("TIFF", "PIL.TiffImagePlugin"),
    "image/avif": ("AVIF", "PIL.AvifImagePlugin"),
    "image/heic": ("HEIF", ""),
    "image/heif": ("HEIF", ""),
}
