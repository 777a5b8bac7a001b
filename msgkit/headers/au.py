"""AMR, AU and CAF: speech of telephones, and the plain containers of Sun and Apple."""

from struct import unpack

from msgkit.headers.base import AudioHeader, MediaType, Window, check_audio, empty, invalid, truncated

_NARROW, _WIDE = b"#!AMR\n", b"#!AMR-WB\n"
_FRAMES = {  # magic -> bytes of a frame by its type, its first byte included; types without a size end the file
    _NARROW: (13, 14, 16, 18, 20, 21, 27, 32, 6, 0, 0, 0, 0, 0, 0, 1),
    _WIDE: (18, 24, 33, 37, 41, 47, 51, 59, 61, 6, 0, 0, 0, 0, 1, 1),
}
_MAX_FRAMES = 20_000  # counted one by one; the rest is computed from them
_PIECE = 1 << 16
_AU = {1: "pcm_mulaw", 2: "pcm_s8", 3: "pcm_s16be", 4: "pcm_s24be", 5: "pcm_s32be", 6: "pcm_f32be", 7: "pcm_f64be"}
_AU |= {27: "pcm_alaw"}
_AU_BYTES = {"pcm_mulaw": 1, "pcm_alaw": 1, "pcm_s8": 1, "pcm_s16be": 2, "pcm_s24be": 3, "pcm_s32be": 4}
_AU_BYTES |= {"pcm_f32be": 4, "pcm_f64be": 8}
_OPEN = 0xFFFFFFFF
_CAF = {b"aac ": "aac", b"alac": "alac", b"opus": "opus", b"ulaw": "pcm_mulaw", b"alaw": "pcm_alaw", b"ima4": "ima4"}
_MAX_CHUNKS = 1024


def read_amr(window: Window) -> AudioHeader:
    """Return the header of an AMR file; its frames last 20 ms each."""
    magic = _WIDE if window.at(0, len(_WIDE)) == _WIDE else _NARROW
    sizes, at, count, piece, start = _FRAMES[magic], len(magic), 0, b"", 0
    while at < window.size and count < _MAX_FRAMES:
        if not start <= at < start + len(piece):
            piece, start = window.at(at, _PIECE), at
        size = sizes[piece[at - start] >> 3 & 15]
        if not size:
            raise invalid(f"an AMR frame of no known type at offset {at}")
        count, at = count + 1, at + size
    if not count:
        raise empty("an AMR without frames")
    estimated = at < window.size
    frames = count * (window.size - len(magic)) / (at - len(magic)) if estimated else count
    name, codec, rate = ("audio/amr-wb", "amr_wb", 16_000) if magic == _WIDE else ("audio/amr", "amr_nb", 8_000)
    return AudioHeader(name, codec, rate, 1, frames / 50, estimated=estimated, complete=at <= window.size or estimated)


def read_au(window: Window) -> AudioHeader:
    """Return the header of an AU file; a size that the writer left open is taken to reach to the end."""
    head = window.at(0, 24)
    if len(head) < 24:
        raise truncated("the AU header")
    begin, size, kind, rate, channels = (int.from_bytes(head[at : at + 4]) for at in range(4, 24, 4))
    check_audio(rate, channels)
    codec = _AU.get(kind)
    if codec is None or begin < 24:
        raise invalid(f"expected an AU encoding of 1 to 7 or 27, got {kind}")
    there = window.size - begin
    used = there if size == _OPEN else min(size, there)
    width = _AU_BYTES[codec]
    if used < width * channels:
        raise empty("an AU without samples")
    duration = used / (width * channels * rate)
    return AudioHeader("audio/basic", codec, rate, channels, duration, width * 8, complete=size in (used, _OPEN))


def read_caf(window: Window) -> AudioHeader:
    """Return the header of a CAF file."""
    offset, form, packets, there = 8, b"", 0, -1
    complete = True
    for _ in range(_MAX_CHUNKS):
        head = window.at(offset, 12)
        if len(head) < 12:
            break
        name, length = head[:4], int.from_bytes(head[4:], signed=True)
        length = window.size - offset - 12 if length < 0 and name == b"data" else length
        if length < 0:
            raise invalid("a CAF chunk of negative length")
        if name == b"desc":
            form = window.at(offset + 12, 32)
        elif name == b"pakt":
            packets = int.from_bytes(window.at(offset + 20, 8))  # frames that are to be heard
        elif name == b"data":
            there, complete = length - 4, offset + 12 + length <= window.size
        offset += 12 + length
    if len(form) < 32 or there < 0:
        raise truncated("the CAF header")
    return _caf(form, packets, there if complete else max(0, window.size - offset + there), complete=complete)


def _caf(form: bytes, frames: int, size: int, *, complete: bool) -> AudioHeader:
    rate, kind, flags, packet, each, channels, bits = unpack(">d4s5I", form)
    if not 0 < rate < 1 << 20:
        raise invalid("expected a sample rate of a CAF")
    check_audio(int(rate), channels)
    if kind == b"lpcm":
        codec = f"pcm_{'f' if flags & 1 else 's'}{bits}{'le' if flags & 2 else 'be'}".replace("s8le", "s8")
    else:
        codec, bits = _CAF.get(kind, kind.decode("latin-1").strip()), None
    frames = frames or (size // packet * each if packet else 0)
    if frames <= 0:
        raise empty("a CAF without samples") if not size else invalid("a CAF that does not say how long it is")
    return AudioHeader("audio/x-caf", codec, int(rate), channels, frames / rate, bits, complete=complete)


TYPES = (
    MediaType("audio/amr-wb", extensions=(".awb",), prefixes=(_WIDE,), read=read_amr),
    MediaType("audio/amr", extensions=(".amr",), aliases=("audio/3gpp-amr",), prefixes=(_NARROW,), read=read_amr),
    MediaType("audio/basic", extensions=(".au", ".snd"), aliases=("audio/x-au",), prefixes=(b".snd",), read=read_au),
    MediaType("audio/x-caf", extensions=(".caf",), prefixes=(b"caff\0\1",), read=read_caf),
)
