"""
Rows and media that nobody would write, for as long as you like: nothing may fail but with an error of msgkit's.

    python benchmarks/fuzz.py --minutes 30

Every format's sample gets a value of every JSON type at every key, and keys of other types; every header reader gets
small samples cut, with bytes changed, and joined. Prints what was tried and, once each, what failed; exits with 1 then.
"""

import argparse
import io
import json
import random
import sys
import time
import traceback
import wave
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from PIL import Image

import msgkit
from msgkit import headers, rules
from msgkit.errors import MsgkitError
from msgkit.formats import FORMATS

SAMPLES = Path(__file__).parents[1] / "tests" / "samples"
VALUES: tuple[Any, ...] = (None, True, 0, 1.5, 10**30, "", "x", "user", [], ["x"], [[]], {}, {"x": {}}, {"type": []})
FOREIGN: tuple[Any, ...] = (float("nan"), b"x", int, object(), {1: 2}, {(): 1}, {1, 2})
KEYS = ("type", "role", "content", "name", "id", "tool_calls", "source", "text", "from", "parts", "output", "model")


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every value, the whole first."""
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        yield from places(item, (*path, key))


def put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """Return *value* with *new* at *path*; a path that is one step too long adds a key."""
    if not path:
        return new
    if isinstance(value, list):
        return [put(item, path[1:], new) if i == path[0] else item for i, item in enumerate(value)]
    return {**value, path[0]: put(value.get(path[0]), path[1:], new)}


def samples() -> dict[str, list[Any]]:
    """Return the rows of every format."""
    found = {}
    for file in sorted(SAMPLES.glob("*.json")):
        sample = json.loads(file.read_text())
        found[file.stem] = sample if isinstance(sample, list) and not is_messages(sample) else [sample]
    return found


def is_messages(rows: list[Any]) -> bool:
    """Tell whether a list is a row itself."""
    return bool(rows) and isinstance(rows[0], dict) and "role" in rows[0]


def systematic(row: Any) -> Iterator[Any]:
    """Yield *row* with every value at every place, and with every key in every object."""
    for path in places(row):
        for value in VALUES:
            yield put(row, path, value)
    for path in places(row):
        inner = row
        for step in path:
            inner = inner[step]
        if isinstance(inner, dict):
            for key in KEYS:
                for value in (["x"], {}, 5):
                    yield put(row, (*path, key), value)


def changed(row: Any, chance: random.Random) -> Any:
    """Return *row* with several values at places of chance."""
    for _ in range(chance.randint(1, 4)):
        path = chance.choice(list(places(row)))
        row = put(row, path, chance.choice((*VALUES, *VALUES, *VALUES, *FOREIGN)))
    return row


def try_row(row: Any, name: str | None, to: str) -> None:
    """Put a row through everything; raise if anything but an error of msgkit's comes of it."""
    for format_name in (None, name):
        issues = msgkit.check(row, format=format_name)
        failed = [str(issue) for issue in issues if issue.code == "internal-error"]
        if failed:
            raise AssertionError(failed[0])
    for unsafe in ((), tuple(rules.UNSAFE)):
        rules.fix(row, issues, unsafe=unsafe)
    for act in (
        lambda: msgkit.dump(msgkit.load(row)),
        lambda: msgkit.convert(row, to, on_loss="drop"),
        lambda: msgkit.inline(row),
    ):
        try:
            act()
        except MsgkitError as error:
            if "internal-error" in str(error):
                raise AssertionError(str(error)) from None


def media() -> dict[str, bytes]:
    """Return small samples of what headers are read of."""
    found = {}
    for kind in ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"):
        stream = io.BytesIO()
        Image.new("RGB", (7, 5), (200, 30, 30)).save(stream, kind)
        found[kind] = stream.getvalue()
    stream = io.BytesIO()
    with wave.open(stream, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(160))
    found["WAV"] = stream.getvalue()
    found["MP3"] = (b"\xff\xfb\x90\x64" + bytes(413)) * 3
    found["MP3, free format"] = (b"\xff\xfb\x00\x64" + bytes(100)) * 3
    found["MP3, tagged"] = b"ID3\4\0\0\0\0\0\5hello" + found["MP3"]
    found["AAC"] = (b"\xff\xf1\x50\x80\x02\x1f\xfc" + bytes(9)) * 3
    info = b"\x10\0\x10\0" + bytes(6) + (44100 << 44 | 1 << 41 | 15 << 36 | 999).to_bytes(8) + bytes(16)
    found["FLAC"] = b"fLaC\0\0\0\x22" + info + bytes(14)
    vorbis = b"\1\x13\1vorbis\0\0\0\0\2\x44\xac\0\0xxx"
    found["OGG"] = b"OggS\0\2" + bytes(20) + vorbis + b"OggS\0\4" + bytes(21)
    common = b"COMM\0\0\0\x12\0\1\0\0\0\x08\0\x10\x40\x0b\xfa" + bytes(7)
    found["AIFF"] = b"FORM\0\0\0\x40AIFF" + common + b"SSND\0\0\0\x18" + bytes(24)
    movie = b"\0\0\0\x74moov\0\0\0\x6cmvhd" + bytes(12) + b"\0\0\3\xe8\0\0\7\xd0" + bytes(80)
    found["MP4"] = b"\0\0\0\x10ftypM4A \0\0\0\0" + movie
    segment = b"\x18\x53\x80\x67\x01" + b"\xff" * 7 + b"\x16\x54\xae\x6b\x85\xae\x83\x83\x81\2\xec\x80"
    found["WEBM"] = b"\x1a\x45\xdf\xa3\x87\x42\x82\x84webm" + segment
    return found


def cut(data: bytes) -> Iterator[bytes]:
    """Yield every beginning of *data*, and *data* with every byte changed."""
    for end in range(len(data)):
        yield data[:end]
    for i, byte in enumerate(data):
        for new in (0, 0xFF, byte ^ 0x80, byte ^ 1):
            yield data[:i] + bytes((new,)) + data[i + 1 :]


def damaged(data: bytes, others: list[bytes], chance: random.Random) -> bytes:
    """Return *data* with several bytes changed, cut, or joined with another sample."""
    found = bytearray(data)
    for _ in range(chance.randint(1, 8)):
        found[chance.randrange(len(found))] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
    how = chance.randrange(4)
    if how == 0:
        del found[chance.randrange(len(found)) :]
    elif how == 1:
        at = chance.randrange(len(found))
        del found[at : at + chance.randrange(1, 16)]
    elif how == 2:
        found += chance.choice(others)[: chance.randrange(200)]
    return bytes(found)


def try_media(data: bytes) -> None:
    """Read headers and leave out what is private; raise if anything but an error of msgkit's comes of it."""
    for act in (headers.read, headers.strip_metadata):
        try:
            act(data)
        except MsgkitError as error:
            if "internal-error" in getattr(error, "code", ""):
                raise AssertionError(str(error)) from None


class Run:
    """
    Counts what is tried, and keeps the first of each failure.

    Args:
        seconds: How long to go on.
    """

    def __init__(self, seconds: float) -> None:
        self.end = time.monotonic() + seconds
        self.tried: Counter[str] = Counter()
        self.failed: dict[str, str] = {}

    def attempt(self, what: str, act: Callable[[], None], shown: Any) -> bool:
        """Do *act*; return False when the time is over."""
        self.tried[what] += 1
        try:
            act()
        except Exception as error:  # noqa: BLE001 (whatever it is, it is what is looked for)
            place = traceback.extract_tb(error.__traceback__)[-1]
            key = f"{type(error).__name__}: {str(error)[:90]} ({Path(place.filename).name}:{place.lineno})"
            self.failed.setdefault(key, f"{what}: {shown!r}"[:500])
        return time.monotonic() < self.end


def all_rows(run: Run) -> bool:
    """Try every change of every sample; return False when the time is over."""
    names = list(FORMATS)
    for name, found in samples().items():
        for row in found:
            for i, other in enumerate(systematic(row)):
                to = names[i % len(names)]
                if not run.attempt(f"rows of {name}", lambda: try_row(other, name, to), other):  # noqa: B023 (called at once)
                    return False
    return True


def all_media(run: Run) -> bool:
    """Try every cut and every changed byte of every sample; return False when the time is over."""
    return all(
        run.attempt(f"{name} cut or with a byte changed", lambda: try_media(other), other)  # noqa: B023 (called at once)
        for name, data in media().items()
        for other in cut(data)
    )


def by_chance(run: Run, seed: int) -> None:
    """Try changes of chance until the time is over."""
    chance = random.Random(seed)  # noqa: S311 (no secret)
    rows = [(name, row) for name, found in samples().items() for row in found]
    files = list(media().values())
    while True:
        name, row = chance.choice(rows)
        other, to = changed(row, chance), chance.choice(list(FORMATS))
        if not run.attempt("rows by chance", lambda: try_row(other, name, to), other):  # noqa: B023 (called at once)
            return
        for _ in range(8):
            data = damaged(chance.choice(files), files, chance)
            run.attempt("media by chance", lambda: try_media(data), data)  # noqa: B023 (called at once)


def main() -> int:
    """Run; return 1 if something failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    run = Run(60 * options.minutes)
    if all_media(run) and all_rows(run):
        by_chance(run, options.seed)
    for what, number in run.tried.items():
        print(f"{number:>10,}  {what}")
    print(f"{run.tried.total():>10,}  in all; {len(run.failed)} different failures")
    for key, shown in run.failed.items():
        print(f"\n{key}\n    {shown}")
    return 1 if run.failed else 0


if __name__ == "__main__":
    sys.exit(main())
