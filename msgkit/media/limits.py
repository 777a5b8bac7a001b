"""msgkit's own limits of what it decodes, whatever a target would take: they keep hostile media cheap."""

import attrs

from msgkit.errors import MediaError
from msgkit.jsontext.fast import MAX_ROW

_MIB = 1024 * 1024
IN_PIECES = 4  # times the pixels of the limit: what can be decoded in pieces takes time, and no more memory


@attrs.frozen
class Limits:
    """Bounds that hold for what is decoded; they are the caller's to raise."""

    file_bytes: int = 128 * _MIB  # bytes of one file (``--max-file``)
    # width x height, summed over the frames that are decoded (``--max-pixels``). It bounds the memory that an image
    # takes to change: 64 MiB and 4 bytes for each pixel of the limit, the file included. To stay within that, JPEG and
    # WebP are decoded at a part of their size and PNG and TIFF in strips, up to four times the limit; what is decoded
    # from more than five eighths of it comes out with fewer pixels, an animation with an eighth of it at most, and
    # types whose decoders need more memory (AVIF, HEIC, a TIFF in one piece of LZW) are refused above a part of it
    image_pixels: int = 50_000_000
    image_side: int = 65_535  # pixels of the longer side (``--max-side``)
    image_frames: int = 1_000  # frames of one animation, and pages of one file
    audio_seconds: float = 1_800.0  # seconds of audio that is compressed (``--max-seconds``)
    sample_bytes: int = 256 * _MIB  # bytes of decoded samples of compressed audio: rate x channels x bytes x seconds
    row_bytes: int = MAX_ROW  # bytes of a row with its media, as much as msgkit reads again (``--max-row``)

    def check_bytes(self, size: int) -> None:
        """Refuse more bytes than one file may have."""
        if size > self.file_bytes:
            raise own_limit(f"{self.file_bytes:,} bytes", f"{size:,}", "--max-file")


def own_limit(most: str, size: str, option: str, code: str = "media-too-large") -> MediaError:
    """Return the error for what is over a limit of msgkit's own, with the option that raises it."""
    return MediaError(f"expected at most {most}, got {size}", code=code, hint=f"msgkit's own limit: {option} raises it")


DEFAULT = Limits()
