"""
Still WebP by libwebp's own decoder, at full size or scaled down while it is decoded.

Pillow goes through libwebp's decoder of animations, which holds two canvases beside the pixels: three times the memory.
"""

import ctypes
from functools import cache
from importlib import import_module
from typing import Any

from PIL import Image

from msgkit.errors import MediaError
from msgkit.headers import ImageHeader

_ABI = 0x0209  # of the structures below; libwebp refuses another major version
_RGBA = 1
_int, _size, _pointer = ctypes.c_int, ctypes.c_size_t, ctypes.c_void_p


class _Pixels(ctypes.Structure):
    _fields_ = (("data", _pointer), ("stride", _int), ("size", _size))


class _Planes(ctypes.Structure):
    _fields_ = (("planes", _pointer * 4), ("strides", _int * 4), ("sizes", _size * 4))


class _Layout(ctypes.Union):
    _fields_ = (("pixels", _Pixels), ("planes", _Planes))


class _Buffer(ctypes.Structure):
    _fields_ = (
        ("colours", _int),
        ("width", _int),
        ("height", _int),
        ("external", _int),
        ("layout", _Layout),
        ("pad", ctypes.c_uint32 * 4),
        ("private", _pointer),
    )


class _Options(ctypes.Structure):
    _fields_ = (
        ("before", _int * 7),  # no filter, plain upsampling, and the box of a crop
        ("scaled", _int),
        ("width", _int),
        ("height", _int),
        ("after", _int * 4),  # threads, dithering, flip
        ("pad", ctypes.c_uint32 * 5),
    )


class _Config(ctypes.Structure):
    _fields_ = (("features", _int * 10), ("output", _Buffer), ("options", _Options))


@cache
def library() -> Any:
    """Return libwebp as Pillow has loaded it; None where its functions are not to be reached."""
    try:
        loaded = ctypes.CDLL(import_module("PIL._webp").__file__)
        loaded.WebPDecode.argtypes = [ctypes.c_char_p, _size, _pointer]
        loaded.WebPInitDecoderConfigInternal.argtypes = [_pointer, _int]
    except (ImportError, OSError, AttributeError):
        return None
    return loaded if loaded.WebPInitDecoderConfigInternal(ctypes.byref(_Config()), _ABI) else None


def decode(data: bytes, header: ImageHeader, factor: int) -> Image.Image:
    """Return the image in *data* at 1/*factor* of its sides."""
    config, mode = _Config(), "RGBA" if header.alpha else "RGBX"
    library().WebPInitDecoderConfigInternal(ctypes.byref(config), _ABI)
    size = -(-header.width // factor), -(-header.height // factor)
    pixels = bytearray(4 * size[0] * size[1])
    address = ctypes.addressof(ctypes.c_char.from_buffer(pixels))
    config.options.scaled, config.options.width, config.options.height = int(factor > 1), *size
    config.output.colours, config.output.external = _RGBA, 1
    config.output.layout.pixels = _Pixels(address, 4 * size[0], len(pixels))
    status = library().WebPDecode(data, len(data), ctypes.byref(config))
    if status:
        code = "media-truncated" if status == _NOT_ENOUGH_DATA else "media-invalid"
        raise MediaError(f"cannot be decoded as image/webp (libwebp's status {status})", code=code)
    # Pillow refuses fewer bytes than the size takes, and keeps them alive
    return Image.frombuffer(mode, size, pixels, "raw", mode, 0, 1)


_NOT_ENOUGH_DATA = 7
