"""The media types that msgkit knows, in the order in which their signatures are tried."""

from msgkit.headers import (
    aac,
    aiff,
    au,
    bmp,
    flac,
    gif,
    heif,
    jpeg,
    mp3,
    mp4,
    office,
    ogg,
    pdf,
    png,
    text,
    tiff,
    wav,
    webm,
    webp,
)
from msgkit.headers.base import MediaType
from msgkit.headers.tables import register

_NAMED = (
    MediaType("image/vnd.adobe.photoshop", extensions=(".psd",), prefixes=(b"8BPS\0\x01",)),
    MediaType("image/x-icon", extensions=(".ico",), aliases=("image/vnd.microsoft.icon",), prefixes=(b"\0\0\x01\0",)),
    MediaType("image/jp2", extensions=(".jp2",), prefixes=(b"\0\0\0\x0cjP  \r\n\x87\n",)),
    MediaType("image/jxl", extensions=(".jxl",), prefixes=(b"\0\0\0\x0cJXL \r\n\x87\n",)),
)
"""Told by their signature and not read."""

register(
    *jpeg.TYPES,
    *png.TYPES,
    *webp.TYPES,
    *gif.TYPES,
    *wav.TYPES,
    *flac.TYPES,
    *tiff.TYPES,
    *aiff.TYPES,
    *pdf.TYPES,
    *_NAMED,
    *office.TYPES,
    *au.TYPES,
    *heif.TYPES,
    *mp4.TYPES,
    *ogg.TYPES,
    *webm.TYPES,
    *aac.TYPES,
    *mp3.TYPES,
    *bmp.TYPES,
    *text.TYPES,
)
