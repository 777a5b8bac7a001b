"""One medium of any kind, made to fit a target."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module

from msgkit import headers
from msgkit.errors import MediaError
from msgkit.inlining.media_refs import MediaRef
from msgkit.media.options import Options
from msgkit.model.parts import Media
from msgkit.targets import Target

FITS: Mapping[str, str] = {"image": "msgkit.media.image", "audio": "msgkit.media.audio"}
"""Kind of media -> the module whose ``fit`` makes it fit a target; other kinds go through as they are."""

_module = cache(import_module)


def fit(ref: MediaRef, data: bytes, target: Target, options: Options) -> tuple[Media, ...]:
    """
    Return what takes the place of *ref* in a row for *target*.

    Raises:
        MediaError: It cannot be made to fit.
        MissingExtraError: It must be decoded, and the extra for that is not installed.
    """
    if ref.kind in FITS:
        media: Media = _module(FITS[ref.kind]).fit(data, target, options)
        return (media,)
    media_type = headers.sniff(data) or headers.by_extension(ref.text)
    if media_type is None:
        message = f"expected {ref.kind} data, got bytes of no known type"
        raise MediaError(message, code="media-format-unsupported", source=ref.text)
    return (Media(data, media_type),)
