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


def turn(image: Image.Image, orientation: int) -> Image.Image:
    """Return the image as EXIF's *orientation* (1 to 8) says that it is to be seen."""
    return image.transpose(_TURNS[orientation]) if orientation in _TURNS else image


def plain(image: Image.Image) -> tuple[Image.Image, bool]:
    """Return the image in sRGB as L, LA, RGB or RGBA, and whether its colours had to be computed anew for that."""
    how = Plain.of(image)
    return how(image), how.reckoned


@attrs.frozen
class Plain:
    """How the parts of one image get plain."""

    mode: str | None  # the mode that Pillow is to convert to; None where it need not
    # lowest value, factor and transparent value (or None) of grey with more than 8 bits; None for others
    grey: tuple[float, float, float | None] | None
    transform: Any  # from the embedded profile to sRGB; None where there is none, or none that fits
    reckoned: bool  # true when colours change by it

    @classmethod
    def of(cls, image: Image.Image) -> "Plain":
        """Look at a whole image."""
        mode, grey = _plain_mode(image), None
        if image.mode.startswith("I") or image.mode == "F":
            grey, mode = (*_range(image), image.info.get("transparency")), None
        profile = image.info.get("icc_profile")
        transform = _to_srgb(mode or ("L" if grey else image.mode), profile) if profile else None
        if transform is None and (mode or image.mode) not in _PLAIN and not grey:
            mode = "RGB"
        return cls(mode, grey, transform, image.mode not in _EXACT or transform is not None)

    @property
    def idle(self) -> bool:
        """True when nothing is to be done."""
        return self.mode is None and self.grey is None and self.transform is None

    def __call__(self, part: Image.Image) -> Image.Image:
        """Return the image, or a part of it, in plain colours, with nothing of the source's ``info``."""
        if self.mode is not None:
            part = part.convert(self.mode)
        elif self.grey is not None:
            part = _eight_bits(part, *self.grey)
        if self.transform is not None:
            part = _transformed(part, self.transform)
        part.info = {}
        return part


def _plain_mode(image: Image.Image) -> str | None:
    """Return the mode without palette, transparent colour, premultiplied alpha or single bits; None for the others."""
    if image.mode not in ("P", "PA", "La", "RGBa") and "transparency" not in image.info:
        return {"1": "L", "RGBX": "RGB"}.get(image.mode)
    if image.mode in ("L", "1", "La"):
        return "LA"
    return "RGB" if image.mode == "P" and "transparency" not in image.info else "RGBA"


def _range(image: Image.Image) -> tuple[float, float]:
    """Return lowest value and factor to 8 bits, by what the mode can hold or else by what is there."""
    low, high = 0.0, 65_535.0
    if not image.mode.startswith("I;16"):
        least, most = (float(value) for value in image.getextrema())  # type: ignore[arg-type]
        low = min(low, least)
        high = next((top for top in (1.0, 255.0, 65_535.0) if most <= top), most)
    return low, 255 / ((high - low) or 1)


def _eight_bits(image: Image.Image, low: float, factor: float, hidden: float | None) -> Image.Image:
    """Scale 16-bit, 32-bit and floating-point grey to 8 bits; where it is *hidden*, transparent."""
    result = Image.new("L" if hidden is None else "LA", image.size)
    step = max(1, _BAND // image.width)
    for top in range(0, image.height, step):  # as floating point the whole of it would be large
        band = image.crop((0, top, image.width, min(top + step, image.height))).convert("F")
        made = _linear(band, factor, 0.5 - low * factor)
        if hidden is not None:
            made.putalpha(ImageChops.lighter(_linear(band, 255, -255 * hidden), _linear(band, -255, 255 * hidden)))
        result.paste(made, (0, top))
    return result


def _linear(image: Image.Image, factor: float, offset: float) -> Image.Image:
    return image.point(lambda value: value * factor + offset).convert("L")


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


def _transformed(image: Image.Image, transform: Any) -> Image.Image:
    alpha = image.getchannel("A") if image.mode.endswith("A") else None
    result: Image.Image = transform.apply(image if alpha is None else opaque(image))
    if alpha is not None:
        result.putalpha(alpha)
    return result


@cache
def _srgb() -> Any:
    return ImageCms.createProfile("sRGB")


def see_through(image: Image.Image) -> bool:
    """Return whether any pixel of a plain image is transparent, wholly or in part."""
    return image.mode.endswith("A") and image.getchannel("A").getextrema() != (255, 255)


def opaque(image: Image.Image) -> Image.Image:
    """Return a plain image without its alpha channel, which says nothing."""
    return image.convert(image.mode[:-1]) if image.mode.endswith("A") else image


def flatten(image: Image.Image, background: str) -> Image.Image:
    """Return a plain image laid on the colour *background*."""
    try:
        colour = ImageColor.getrgb(background)[:3]
    except ValueError:
        raise MediaError(f"expected a colour, got {quote(background)}", code="media-invalid") from None
    result = Image.new("RGB", image.size, colour)
    result.paste(image.convert("RGB"), mask=image.getchannel("A"))
    return result
