"""JPEG: the segments before the picture, and whether its end is there."""

from msgkit.headers.exif import MAX_EXIF, MAX_XMP, read_exif, read_iptc, read_xmp
from msgkit.headers.values import ImageHeader, check_size, invalid, truncated
from msgkit.headers.windows import Window

MAX_SEGMENTS = 1024  # before the picture; an ICC profile of 16 MB takes 255
_END = b"\xff\xd9"
_TAIL = 1 << 16  # bytes from the end, where the end marker is looked for first
_BLOCK = 1 << 18
_MAX_SCAN = 1 << 25  # bytes of picture that are searched for the end marker
_MODES = {1: "L", 3: "RGB", 4: "CMYK"}
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_SOS, _EOI, _SOI, _APP1, _APP2, _APP13, _COM = 0xDA, 0xD9, 0xD8, 0xE1, 0xE2, 0xED, 0xFE


def read(window: Window) -> ImageHeader:
    """
    Return the header of a JPEG file.

    Raises:
        MediaError: ``media-truncated`` or ``media-invalid``.
    """
    offset = 2
    frame = b""
    orientation = 1
    icc = False
    found: set[str] = set()
    for _ in range(MAX_SEGMENTS):
        head = window.at(offset, 24)
        if len(head) < 4:
            raise truncated("the JPEG segments")
        if head[0] != 0xFF:
            raise invalid(f"expected a JPEG marker at byte {offset}, got 0x{head[0]:02x}")
        marker = head[1]
        if marker == 0xFF:  # fill bytes
            offset += max(1, len(head) - len(head.lstrip(b"\xff")) - 1)
            continue
        if marker in _ALONE:
            offset += 2
            continue
        length = head[2] << 8 | head[3]
        if length < 2 or marker in (_EOI, _SOI):
            raise invalid(f"a JPEG without a picture: marker 0x{marker:02x} at byte {offset}")
        if marker in _FRAMES:
            frame = head[4:10]
        elif marker == _SOS:
            return _header(window, offset + 2 + length, frame, orientation, icc=icc, found=found)
        elif marker == _APP1 and head[4:8] == b"Exif":
            orientation = read_exif(window.at(offset + 10, min(length - 8, MAX_EXIF)), found)
        elif marker == _APP2 and head[4:16] == b"ICC_PROFILE\0":
            icc = True
        elif marker in (_APP1, _APP13, _COM):
            _note(window, offset + 4, length - 2, marker, found)
        offset += 2 + length
    raise invalid(f"more than {MAX_SEGMENTS} segments before the picture")


def _note(window: Window, offset: int, length: int, marker: int, found: set[str]) -> None:
    data = window.at(offset, min(length, MAX_XMP))
    if marker == _COM:
        if data.strip(b"\0 "):
            found.add("comment")
    elif marker == _APP13:
        read_iptc(data, found)
    elif data.startswith(b"http://ns.adobe.com/"):
        read_xmp(data, found)


def _header(window: Window, picture: int, frame: bytes, orientation: int, *, icc: bool, found: set[str]) -> ImageHeader:
    if len(frame) < 6:
        raise invalid("a JPEG whose picture comes before its size")
    height = frame[1] << 8 | frame[2]
    width = frame[3] << 8 | frame[4]
    check_size(width, height)
    mode = _MODES.get(frame[5])
    if mode is None:
        raise invalid(f"expected 1, 3 or 4 colour components in a JPEG, got {frame[5]}")
    return ImageHeader(
        "image/jpeg",
        width,
        height,
        orientation=orientation,
        mode=mode,
        bits=frame[0],
        icc=icc,
        private=tuple(sorted(found)),
        complete=_ends(window, picture),
    )


def _ends(window: Window, picture: int) -> bool:
    """Return whether the end marker follows; inside a picture it cannot occur, for 0xff is escaped there."""
    size = window.size
    if window.at(max(picture, size - 2), 2) == _END:
        return True
    if _END in window.at(max(picture, size - _TAIL), _TAIL):
        return True
    last = min(size - _TAIL, picture + _MAX_SCAN)
    blocks = range(picture, last, _BLOCK)
    return any(_END in window.at(offset, _BLOCK + 1) for offset in blocks) or size - picture > _MAX_SCAN
