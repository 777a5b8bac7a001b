"""Colours as models expect them: sRGB, 8 bits a channel, upright, transparency kept or laid on a colour."""

from functools import cache
from io import BytesIO
from typing import Any

from PIL import Image, ImageCms, ImageColor

from msgkit.errors import MediaError, quote

_PLAIN = ("L", "LA", "RGB", "RGBA")
_EXACT = (*_PLAIN, "1", "P", "PA", "La", "RGBa")
_SPACES = {"L": "GRAY", "LA": "GRAY", "RGB": "RGB", "RGBA": "RGB", "CMYK": "CMYK"}
_BAND = 1 << 20  # pixels
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def turn(picture: Image.Image, orientation: int) -> Image.Image:
    """Return the picture as EXIF's *orientation* (1 to 8) says that it is to be seen."""
    return picture.transpose(_TURNS[orientation]) if orientation in _TURNS else picture


def plain(picture: Image.Image) -> tuple[Image.Image, bool]:
    """
    Return the picture in sRGB as L, LA, RGB or RGBA, and whether its colours had to be reckoned anew for that.

    Palettes and transparent colours are resolved. The result has nothing of the source's ``info``; where nothing else
    changes it is the source itself, since a copy of a large picture is dear.
    """
    profile = picture.info.get("icc_profile")
    reckoned = picture.mode not in _EXACT
    if picture.mode in ("P", "PA", "La", "RGBa") or "transparency" in picture.info:
        picture = picture.convert(_without_palette(picture))
    elif picture.mode.startswith("I") or picture.mode == "F":
        picture = _eight_bits(picture)
    elif picture.mode == "1":
        picture = picture.convert("L")
    converted = _to_srgb(picture, profile) if profile else None
    result = converted or (picture if picture.mode in _PLAIN else picture.convert("RGB"))
    result.info = {}
    return result, reckoned or converted is not None


def _without_palette(picture: Image.Image) -> str:
    if picture.mode in ("L", "1", "La"):
        return "LA"
    return "RGB" if picture.mode == "P" and "transparency" not in picture.info else "RGBA"


def _eight_bits(picture: Image.Image) -> Image.Image:
    """Scale 16-bit, 32-bit and floating-point grey to 8 bits, by what the mode can hold or else by what is there."""
    low, high = 0.0, 65_535.0
    if not picture.mode.startswith("I;16"):
        least, most = (float(value) for value in picture.getextrema())  # type: ignore[arg-type]
        low = min(low, least)
        high = next((top for top in (1.0, 255.0, 65_535.0) if most <= top), most)
    factor = 255 / ((high - low) or 1)
    result = Image.new("L", picture.size)
    step = max(1, _BAND // picture.width)
    for top in range(0, picture.height, step):  # as floating point the whole of it would be large
        band = picture.crop((0, top, picture.width, min(top + step, picture.height))).convert("F")
        result.paste(band.point(lambda value: value * factor + (0.5 - low * factor)).convert("L"), (0, top))
    return result


def _to_srgb(picture: Image.Image, profile: bytes) -> Image.Image | None:
    """Convert by the embedded profile; None for sRGB itself, and for a profile that is broken or of other colours."""
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        space = source.profile.xcolor_space.strip()
        if space != _SPACES.get(picture.mode) or "sRGB" in ImageCms.getProfileDescription(source):
            return None
        colours = picture.convert(picture.mode[:-1]) if picture.mode.endswith("A") else picture
        result = ImageCms.profileToProfile(colours, source, _srgb(), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None
    if result is not None and picture.mode.endswith("A"):
        result.putalpha(picture.getchannel("A"))
    return result


@cache
def _srgb() -> Any:
    return ImageCms.createProfile("sRGB")


def see_through(picture: Image.Image) -> bool:
    """Tell whether any pixel of a plain picture is transparent, wholly or in part."""
    return picture.mode.endswith("A") and picture.getchannel("A").getextrema() != (255, 255)


def opaque(picture: Image.Image) -> Image.Image:
    """Return a plain picture without its alpha channel, which says nothing."""
    return picture.convert(picture.mode[:-1]) if picture.mode.endswith("A") else picture


def flatten(picture: Image.Image, background: str) -> Image.Image:
    """
    Return a plain picture laid on the colour *background*.

    Raises:
        MediaError: ``media-invalid`` for a colour that there is not.
    """
    try:
        colour = ImageColor.getrgb(background)[:3]
    except ValueError:
        raise MediaError(f"expected a colour, got {quote(background)}", code="media-invalid") from None
    result = Image.new("RGB", picture.size, colour)
    result.paste(picture.convert("RGB"), mask=picture.getchannel("A"))
    return result
