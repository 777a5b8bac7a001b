"""What msgkit takes in at most, whatever a target would take: the bounds that keep hostile media cheap."""

import attrs

from msgkit.errors import MediaError

_MIB = 1024 * 1024


@attrs.frozen
class Limits:
    """
    Bounds that hold before anything is decoded; they are the caller's to raise.

    Args:
        file_bytes: Bytes of one file that is not sound.

        image_pixels: Width x height, summed over the frames that are decoded. It bounds the memory, too, that a picture
            takes to change: 64 MiB and 4 bytes for each pixel of the limit, the file included. To stay within that,
            what is decoded from more than five eighths of it comes out with fewer pixels, an animation with an eighth
            of it at most, and types whose decoders need more (WebP, AVIF, HEIC, some JPEG and TIFF) are refused above
            a part of it. What passes through is not concerned.

        image_side: Pixels of the longer side.

        image_frames: Frames of one animation.

        audio_bytes: Bytes of one sound file.

        audio_seconds: Seconds of one sound.

        sample_bytes: Bytes of decoded samples of one sound: rate x channels x bytes x seconds.

    >>> Limits(image_pixels=100_000_000).image_side
    16384
    """

    file_bytes: int = 20 * _MIB
    image_pixels: int = 40_000_000
    image_side: int = 16_384
    image_frames: int = 1_000
    audio_bytes: int = 25 * _MIB
    audio_seconds: float = 1_800.0
    sample_bytes: int = 256 * _MIB

    def bytes_for(self, kind: str | None) -> int:
        """Return the bytes that one file of *kind* (``image``, ``audio``, ``video``, ``file`` or None) may have."""
        return self.audio_bytes if kind == "audio" else self.file_bytes

    def check_bytes(self, size: int, kind: str | None = None) -> None:
        """
        Refuse more bytes than one file of *kind* may have.

        Raises:
            MediaError: ``media-too-large``.
        """
        limit = self.bytes_for(kind)
        if size > limit:
            raise MediaError(f"expected at most {limit:,} bytes, got {size:,}", code="media-too-large")


DEFAULT = Limits()
