"""Colours as models expect them: sRGB, 8 bits a channel, upright, transparency kept or laid on a colour."""

from functools import cache
from io import BytesIO
from typing import Any

import attrs
from PIL import Image, ImageChops, ImageCms, ImageColor

from msgkit.errors import MediaError, quote

_PLAIN = ("L", "LA", "RGB", "RGBA")
_EXACT = (*_PLAIN, "RGBX", "1", "P", "PA", "La", "RGBa")
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
    """Return the picture in sRGB as L, LA, RGB or RGBA, and whether its colours had to be reckoned anew for that."""
    how = Plain.of(picture)
    return how(picture), how.reckoned


@attrs.frozen
class Plain:
    """
    How the parts of one picture get plain: in sRGB as L, LA, RGB or RGBA, palettes and transparent colours resolved.

    Args:
        mode: The mode that Pillow is to convert to; None where it need not.

        grey: Lowest value, factor and transparent value (or None) of grey with more than 8 bits; None for others.

        transform: From the embedded profile to sRGB; None where there is none, or none that fits.

        reckoned: True when colours change by it.
    """

    mode: str | None
    grey: tuple[float, float, float | None] | None
    transform: Any
    reckoned: bool

    @classmethod
    def of(cls, picture: Image.Image) -> "Plain":
        """Look at a whole picture."""
        mode, grey = _plain_mode(picture), None
        if picture.mode.startswith("I") or picture.mode == "F":
            grey, mode = (*_range(picture), picture.info.get("transparency")), None
        profile = picture.info.get("icc_profile")
        transform = _to_srgb(mode or ("L" if grey else picture.mode), profile) if profile else None
        if transform is None and (mode or picture.mode) not in _PLAIN and not grey:
            mode = "RGB"
        return cls(mode, grey, transform, picture.mode not in _EXACT or transform is not None)

    @property
    def idle(self) -> bool:
        """True when nothing is to be done."""
        return self.mode is None and self.grey is None and self.transform is None

    def __call__(self, part: Image.Image) -> Image.Image:
        """
        Return the picture, or a part of it, in plain colours, with nothing of the source's ``info``.

        Where nothing changes it is the source itself, since a copy of a large picture is dear.
        """
        if self.mode is not None:
            part = part.convert(self.mode)
        elif self.grey is not None:
            part = _eight_bits(part, *self.grey)
        if self.transform is not None:
            part = _transformed(part, self.transform)
        part.info = {}
        return part


def _plain_mode(picture: Image.Image) -> str | None:
    """Return the mode without palette, transparent colour, premultiplied alpha or single bits; None for the others."""
    if picture.mode not in ("P", "PA", "La", "RGBa") and "transparency" not in picture.info:
        return {"1": "L", "RGBX": "RGB"}.get(picture.mode)
    if picture.mode in ("L", "1", "La"):
        return "LA"
    return "RGB" if picture.mode == "P" and "transparency" not in picture.info else "RGBA"


def _range(picture: Image.Image) -> tuple[float, float]:
    """Return lowest value and factor to 8 bits, by what the mode can hold or else by what is there."""
    low, high = 0.0, 65_535.0
    if not picture.mode.startswith("I;16"):
        least, most = (float(value) for value in picture.getextrema())  # type: ignore[arg-type]
        low = min(low, least)
        high = next((top for top in (1.0, 255.0, 65_535.0) if most <= top), most)
    return low, 255 / ((high - low) or 1)


def _eight_bits(picture: Image.Image, low: float, factor: float, hidden: float | None) -> Image.Image:
    """Scale 16-bit, 32-bit and floating-point grey to 8 bits; where it is *hidden*, transparent."""
    result = Image.new("L" if hidden is None else "LA", picture.size)
    step = max(1, _BAND // picture.width)
    for top in range(0, picture.height, step):  # as floating point the whole of it would be large
        band = picture.crop((0, top, picture.width, min(top + step, picture.height))).convert("F")
        made = _linear(band, factor, 0.5 - low * factor)
        if hidden is not None:
            made.putalpha(ImageChops.lighter(_linear(band, 255, -255 * hidden), _linear(band, -255, 255 * hidden)))
        result.paste(made, (0, top))
    return result


def _linear(picture: Image.Image, factor: float, offset: float) -> Image.Image:
    return picture.point(lambda value: value * factor + offset).convert("L")


def _to_srgb(mode: str, profile: bytes) -> Any:
    """Return the transform from *profile*; None for sRGB itself, and for one that is broken or of other colours."""
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        space = source.profile.xcolor_space.strip()
        if space != _SPACES.get(mode) or "sRGB" in ImageCms.getProfileDescription(source):
            return None
        return ImageCms.buildTransform(source, _srgb(), "L" if mode == "LA" else mode.replace("A", ""), "RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None


def _transformed(picture: Image.Image, transform: Any) -> Image.Image:
    alpha = picture.getchannel("A") if picture.mode.endswith("A") else None
    result: Image.Image = transform.apply(picture if alpha is None else opaque(picture))
    if alpha is not None:
        result.putalpha(alpha)
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
