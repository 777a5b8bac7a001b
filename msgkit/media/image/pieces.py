"""
Images too large to be decoded whole: decoded in strips, each made smaller before the next comes.

Of PNG with 8 bits, each strip is given to Pillow as a small PNG of its own: how its rows are filtered depends on the
row before them alone. Of TIFF, some of its own strips or rows of tiles are given to it as a small TIFF.
"""

import struct
import zlib
from collections.abc import Iterator
from io import BytesIO
from itertools import accumulate
from typing import Any

from PIL import Image, ImageFile, TiffImagePlugin

from msgkit.errors import MediaError
from msgkit.headers.exif import SIZES
from msgkit.headers.png import chunk

_PIXELS = 1 << 21  # in one strip
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_KEPT = (b"PLTE", b"tRNS", b"gAMA", b"sRGB", b"cHRM")
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


def reduced(image: ImageFile.ImageFile, data: bytes, factor: int) -> Image.Image:
    """Return the image in *data* at 1/*factor* of its sides; *image* is it, opened and not decoded."""
    if image.format == "PNG":
        strips = _png_strips(image, data, factor)
    else:
        strips = _tiff_strips(image, data, factor) if image.format == "TIFF" else _buffer_strips(image, factor)
    result: Image.Image | None = None
    top, height = 0, image.tag_v2[_HEIGHT] if isinstance(image, TiffImagePlugin.TiffImageFile) else image.height
    for strip in strips:
        small = _whole_colours(strip).reduce(factor)
        if result is None:
            result = Image.new(small.mode, (small.width, -(-height // factor)))
        result.paste(small, (0, top))
        top += small.height
    if result is None or top != result.height:
        raise MediaError("image data is truncated", code="media-truncated")
    return result


def _whole_colours(strip: Image.Image) -> Image.Image:
    """Return a strip without palette or transparent colour, whose pixels can be averaged."""
    if "transparency" in strip.info:
        return strip.convert("LA" if strip.mode == "L" else "RGBA")
    return strip.convert("RGB") if strip.mode == "P" else strip


def _rows(width: int, factor: int) -> int:
    return max(1, _PIXELS // width // factor) * factor


def _buffer_strips(image: Any, factor: int) -> Iterator[Image.Image]:
    """Yield strips of a HEIC around the decoder's own bytes: Pillow's way holds another copy of all."""
    source = image._heif_file  # noqa: SLF001 (there is no other way to the decoder's own bytes)
    data, stride, mode = source.data, source.stride, source.mode
    step = _rows(image.width, factor)
    for top in range(0, image.height, step):
        height = min(step, image.height - top)
        part = data[top * stride : (top + height) * stride]
        yield Image.frombytes(mode, (image.width, height), part, "raw", mode, stride, 1)


def _png_strips(image: ImageFile.ImageFile, data: bytes, factor: int) -> Iterator[Image.Image]:
    header, kept = b"", b""
    width, height = image.size
    unpacked = _Unpacked(whole[8:-4] for name, whole in _chunks(data) if name == b"IDAT")
    for name, whole in _chunks(data):
        if name == b"IHDR":
            header = whole[8:-4]
        elif name in _KEPT:
            kept += whole
        elif name == b"IDAT":
            break
    line = 1 + width * _CHANNELS[header[9]]
    step = _rows(width, factor)
    before = b""
    for top in range(0, height, step):
        rows = unpacked.take(line * min(step, height - top))
        strip = _decoded(header, kept, before + rows, line, width)
        extra = 1 if before else 0
        yield strip.crop((0, extra, width, strip.height)) if extra else strip
        before = b"\0" + strip.crop((0, strip.height - 1, width, strip.height)).tobytes()


class _Unpacked:
    """Rows as they are filtered, unpacked as they are asked for."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._zip = zlib.decompressobj()
        self._rest = b""

    def take(self, count: int) -> bytes:
        """Return the next *count* bytes."""
        pieces, missing = [self._rest[:count]], count - len(self._rest)
        self._rest = self._rest[count:]
        while missing > 0:
            packed = self._zip.unconsumed_tail or next(self._chunks, None)
            if packed is None:
                raise MediaError("image data is truncated", code="media-truncated")
            pieces.append(self._zip.decompress(packed, missing))
            missing -= len(pieces[-1])
        return b"".join(pieces)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_SIGNATURE)
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4])
        yield data[at + 4 : at + 8], data[at : at + 12 + length]
        at += 12 + length


def _decoded(header: bytes, kept: bytes, rows: bytes, line: int, width: int) -> Image.Image:
    size = width.to_bytes(4) + (len(rows) // line).to_bytes(4)
    packed = zlib.compress(rows, 0)
    pieces = (_SIGNATURE, chunk(b"IHDR", size + header[8:]), kept, chunk(b"IDAT", packed), chunk(b"IEND", b""))
    strip = Image.open(BytesIO(b"".join(pieces)), formats=["PNG"])
    strip.load()
    return strip


_WIDTH, _HEIGHT, _COMPRESSION, _OFFSETS, _SAMPLES, _ROWS, _COUNTS = 256, 257, 259, 273, 277, 278, 279
_DEFLATE = (8, 32946)
_TILE_WIDTH, _TILE_HEIGHT, _TILE_OFFSETS, _TILE_COUNTS = 322, 323, 324, 325
_TIFF_KEPT = (258, 259, 262, 266, 277, 284, 317, 320, 322, 323, 338, 339, 347, 530, 532)  # how pixels are stored
_LONG = 4


def _tiff_strips(image: Any, data: bytes, factor: int) -> Iterator[Image.Image]:
    tags = image.tag_v2
    width, height = tags[_WIDTH], tags[_HEIGHT]  # as stored: Pillow turns its own
    tiled = _TILE_OFFSETS in tags
    offsets, counts = (tags[tag] for tag in ((_TILE_OFFSETS, _TILE_COUNTS) if tiled else (_OFFSETS, _COUNTS)))
    each = tags[_TILE_HEIGHT] if tiled else min(tags.get(_ROWS, height), height)
    across = -(-width // tags[_TILE_WIDTH]) if tiled else 1
    if len(offsets) == 1 and not tiled and tags.get(_COMPRESSION) in _DEFLATE:
        yield from _deflated_strips(tags, data[offsets[0] : offsets[0] + counts[0]], factor)
        return
    if len(offsets) == 1 and not tiled:  # rows that are not compressed
        line, each = counts[0] // height, factor
        tops = range(0, height, each)
        offsets, counts = zip(*[(offsets[0] + top * line, line * min(each, height - top)) for top in tops], strict=True)
    places, step = list(zip(offsets, counts, strict=True)), each
    while step % factor or (step * width < _PIXELS and step < height):
        step += each
    for top in range(0, height, step):
        first = top // each * across
        some = places[first : first + step // each * across]
        packed = [data[offset : offset + count] for offset, count in some]
        yield _small_tiff(tags, packed, (width, min(step, height - top)), each)


def _deflated_strips(tags: Any, packed: bytes, factor: int) -> Iterator[Image.Image]:
    """Yield strips of rows that are packed as one."""
    width, height = tags[_WIDTH], tags[_HEIGHT]
    unpacked, line = _Unpacked(iter([packed])), width * tags.get(_SAMPLES, 1)
    step = _rows(width, factor)
    for top in range(0, height, step):
        count = min(step, height - top)
        yield _small_tiff(tags, [zlib.compress(unpacked.take(line * count), 0)], (width, count), count)


def _small_tiff(tags: Any, packed: list[bytes], size: tuple[int, int], each: int) -> Image.Image:
    """Decode some strips or tiles of a TIFF as one of its own."""
    order = "<" if tags.prefix == b"II" else ">"
    body = b"".join(packed)
    counts = [len(piece) for piece in packed]
    starts = list(accumulate(counts[:-1], initial=8))
    tiled = _TILE_OFFSETS in tags
    numbers = {_WIDTH: [size[0]], _HEIGHT: [size[1]], _TILE_OFFSETS if tiled else _OFFSETS: starts}
    numbers |= {_TILE_COUNTS: counts} if tiled else {_COUNTS: counts, _ROWS: [each]}
    kept = {tag: (tags.tagtype[tag], tags._tagdata[tag]) for tag in _TIFF_KEPT if tag in tags}  # noqa: SLF001 (as stored)
    kept |= {tag: (_LONG, struct.pack(f"{order}{len(found)}I", *found)) for tag, found in numbers.items()}
    at = 8 + len(body) + len(body) % 2
    entries, beside, end = [], b"", at + 2 + 12 * len(kept) + 4
    for tag, (kind, raw) in sorted(kept.items()):
        value = raw.ljust(4, b"\0") if len(raw) <= 4 else struct.pack(f"{order}I", end + len(beside))  # noqa: PLR2004
        beside += b"" if len(raw) <= 4 else raw + bytes(len(raw) % 2)  # noqa: PLR2004 (bytes of a value's place)
        entries.append(struct.pack(f"{order}HHI", tag, kind, len(raw) // SIZES[kind]) + value)
    head = struct.pack(f"{order}2sHI", tags.prefix, 42, at)
    pieces = (head, body.ljust(at - 8, b"\0"), struct.pack(f"{order}H", len(kept)), *entries, bytes(4), beside)
    strip = Image.open(BytesIO(b"".join(pieces)), formats=["TIFF"])
    strip.load()
    return strip
