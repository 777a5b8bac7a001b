"""The media types that msgkit knows, in the order in which their signatures are tried."""

from msgkit.headers import aac, aiff, bmp, flac, gif, heif, jpeg, mp3, mp4, named, ogg, png, text, tiff, wav, webm, webp
from msgkit.headers.tables import register

register(
    *jpeg.TYPES,
    *png.TYPES,
    *webp.TYPES,
    *gif.TYPES,
    *wav.TYPES,
    *flac.TYPES,
    *tiff.TYPES,
    *aiff.TYPES,
    *named.TYPES,
    *heif.TYPES,
    *mp4.TYPES,
    *ogg.TYPES,
    *webm.TYPES,
    *aac.TYPES,
    *mp3.TYPES,
    *bmp.TYPES,
    *text.TYPES,
)
