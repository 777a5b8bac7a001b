"""AVIF and HEIC: the size of the primary image, as it is shown."""

from functools import partial

from msgkit.headers.base import ImageHeader, MediaType, Window, check_size, invalid, truncated
from msgkit.headers.boxes import Box, body, boxes, ends, first, inside, top

_MAX_PROPERTIES = 256
_BLOCK = 64  # pixels: the largest of HEVC
_FULL = 4  # bytes of version and flags before a full box's contents


def read(media_type: str, window: Window) -> ImageHeader:
    """Return the header of an AVIF or HEIC file; a turn that the file prescribes is already in width and height."""
    top_boxes = top(window)
    meta = first(top_boxes, b"meta")
    if meta is None:
        raise truncated("the boxes before the image")
    meta = Box(b"meta", meta.start + _FULL, meta.end)
    inner = inside(window, meta, b"idat")  # where the image may be instead of behind the index
    complete = ends(window, top_boxes) if inner is None else top_boxes[-1].end <= window.size
    properties, every = _properties(window, meta)
    size = next((body(window, box) for box in properties if box.name == b"ispe"), b"")
    if len(size) < 12:
        raise invalid("an image without a size") if complete else truncated("the size of the image")
    width, height = int.from_bytes(size[4:8]), int.from_bytes(size[8:12])
    check_size(width, height)
    width, height = _cropped(width, height, next((body(window, box) for box in properties if box.name == b"clap"), b""))
    turns = next((body(window, box)[:1] for box in properties if box.name == b"irot"), b"\0")
    if turns and turns[0] & 1:
        width, height = height, width
    colours = [body(window, box, 4)[:4] for box in properties if box.name == b"colr"]
    icc = b"prof" in colours or b"rICC" in colours
    frames = _frames(window, first(top_boxes, b"moov"))
    return ImageHeader(
        media_type, width, height, frames=frames, icc=icc, complete=complete, buffered=_planes(window, every)
    )


def _planes(window: Window, properties: list[Box]) -> float:
    """Return the bytes a pixel of the planes that the coder keeps, by the most that any image in the file needs."""
    most, alpha = 1.5, 0.0
    for box in properties:
        data = body(window, box, 64)
        if box.name == b"hvcC" and len(data) > 18:
            most = max(most, _CHROMA[data[16] & 3] * (2 if data[17] & 7 else 1))
        elif box.name == b"av1C" and len(data) > 2:
            chroma = 0 if data[2] & 0x10 else {0: 3, 0x08: 2}.get(data[2] & 0x0C, 1)
            most = max(most, _CHROMA[chroma] * (2 if data[2] & 0x40 else 1))
        elif box.name == b"auxC" and any(name in data for name in _ALPHA):
            alpha = 1.75
    return most + alpha


_ALPHA = (b"auxiliary:alpha", b"hevc:2015:auxid:1")
_CHROMA = (1.0, 1.5, 2.0, 3.0)  # samples a pixel: grey, 4:2:0, 4:2:2, 4:4:4


def _cropped(width: int, height: int, aperture: bytes) -> tuple[int, int]:
    """Return the size of the part that is shown: HEVC images have whole blocks, and a clean aperture inside."""
    if len(aperture) < 16:
        return width, height
    across, across_by, down, down_by = (int.from_bytes(aperture[at : at + 4]) for at in range(0, 16, 4))
    if not (across_by and down_by and 0 < across // across_by <= width and 0 < down // down_by <= height):
        return width, height
    shown = across // across_by, down // down_by
    if max(width - shown[0], height - shown[1]) >= _BLOCK and 2 * shown[0] * shown[1] < width * height:
        raise invalid("an image that shows less than half of what it holds")  # a small size for much to decode
    return shown


def _properties(window: Window, meta: Box) -> tuple[list[Box], list[Box]]:
    """Return the property boxes of the primary item (all where the file does not assign them), and those of all."""
    container = inside(window, meta, b"iprp", b"ipco")
    if container is None:
        return [], []
    every = list(boxes(window, container.start, container.end, _MAX_PROPERTIES))
    primary = body(window, inside(window, meta, b"pitm"))
    item = int.from_bytes(primary[4 : 8 if primary[:1] == b"\x01" else 6])
    indexes = _assigned(body(window, inside(window, meta, b"iprp", b"ipma"), 1 << 16), item)
    return [every[index - 1] for index in indexes if 0 < index <= len(every)] or every, every


def _assigned(data: bytes, item: int) -> list[int]:
    """Return the 1-based indexes of the properties of *item*, from the body of a box ``ipma``."""
    wide_items, wide = data[:1] not in (b"", b"\0"), bool(data[3:4]) and bool(data[3] & 1)
    step = 2 if wide else 1
    width = 4 if wide_items else 2
    at = 8
    while at + width < len(data):
        count = data[at + width]
        begin = at + width + 1
        if int.from_bytes(data[at : at + width]) == item:
            fields = (data[place : place + step] for place in range(begin, begin + count * step, step))
            return [int.from_bytes(field) & (0x7FFF if wide else 0x7F) for field in fields]
        at = begin + count * step
    return []


def _frames(window: Window, moov: Box | None) -> int:
    """Return the number of images of a sequence; 1 for a single image."""
    sizes = body(window, inside(window, moov, b"trak", b"mdia", b"minf", b"stbl", b"stsz"), 12)
    return max(1, int.from_bytes(sizes[8:12]))


def sniff(window: Window, head: bytes) -> str | None:
    """Return the media type by the brand that *head* names; by the compatible brands where that is a general one."""
    if head[4:8] != b"ftyp":
        return None
    brand = head[8:12]
    if brand not in _GENERAL:
        return _BRANDS.get(brand)
    others = window.at(16, min(64, max(0, int.from_bytes(head[:4]) - 16)))
    return next((_BRANDS[name] for name in (b"avif", b"heic", b"heix") if name in others), "image/heif")


_GENERAL = (b"mif1", b"msf1")
_BRANDS = dict.fromkeys((b"avif", b"avis"), "image/avif") | dict.fromkeys(
    (b"heic", b"heix", b"heim", b"heis", b"hevc"), "image/heic"
)


TYPES = (
    MediaType("image/avif", extensions=(".avif",), sniff=sniff, read=partial(read, "image/avif")),
    MediaType("image/heic", extensions=(".heic",), read=partial(read, "image/heic")),
    MediaType("image/heif", extensions=(".heif",), read=partial(read, "image/heif")),
)
