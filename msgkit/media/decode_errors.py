"""Where decoders end and msgkit begins: whatever they raise becomes our error."""

from collections.abc import Iterator
from contextlib import contextmanager

from msgkit.errors import MediaError, MsgkitError


@contextmanager
def border(media_type: str, too_much: str = "media-too-large") -> Iterator[None]:
    """Turn whatever a decoder raises into a MediaError: they raise SyntaxError, KeyError, struct.error and more."""
    try:
        yield
    except MsgkitError:
        raise
    except MemoryError as error:
        raise MediaError(f"not enough memory to decode {media_type}", code=too_much) from error
    except Exception as error:
        raise MediaError(f"cannot be decoded as {media_type}", code="media-invalid") from error
