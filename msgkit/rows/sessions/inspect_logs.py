"""Logs of Inspect: samples, each a file of a zip archive, or entries of one JSON document."""

import io
import re
import struct
import zipfile
from collections.abc import Iterator
from typing import IO, Any

from msgkit.errors import InvalidMessageError, Issue
from msgkit.jsontext.fast import MAX_ROW, loads
from msgkit.rows.sessions.lines import History

_SAMPLE = re.compile(r"samples/[^/]+\.json")
_ZSTD = 93  # the method of compression that zipfile knows since Python 3.14
_HEADER = 30  # bytes of a local header before the name


def is_sample(name: str) -> bool:
    """Return whether a file of an archive is a sample."""
    return _SAMPLE.fullmatch(name) is not None


def archive(box: zipfile.ZipFile) -> Iterator[History]:
    """Yield each sample of an ``.eval`` file; of those of one name the last, as Inspect rewrites them."""
    members = {info.filename: info for info in box.infolist() if is_sample(info.filename)}
    for info in members.values():
        yield _history(loads(_read(box, info)))


def histories(stream: IO[bytes]) -> Iterator[History]:
    """Yield each sample of a log in JSON."""
    text = stream.read(MAX_ROW + 1)
    if len(text) > MAX_ROW:
        message = f"expected a log of at most {MAX_ROW:,} bytes; convert it to an .eval file: inspect log convert"
        raise InvalidMessageError([Issue("", "row-too-long", "error", message)])
    log = loads(text)
    samples = log.get("samples") if isinstance(log, dict) else None
    yield from map(_history, samples or ())


def _history(sample: Any) -> History:
    messages = sample.get("messages") if isinstance(sample, dict) else None
    if not isinstance(messages, list):
        raise InvalidMessageError([Issue("", "file-invalid", "error", "expected a sample with messages")])
    named = [message.get("id") if isinstance(message, dict) else None for message in messages]
    return History(sample, [{"id": name} if isinstance(name, str) else {} for name in named])


def _read(box: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """Return what a file of an archive holds; at most as much as a row may have."""
    if info.file_size > MAX_ROW:
        text = f"expected a sample of at most {MAX_ROW:,} bytes, got {info.file_size:,}"
        raise InvalidMessageError([Issue("", "row-too-long", "error", text)])
    if info.compress_type != _ZSTD:
        return box.read(info)
    from msgkit.rows.parquet import unpack_zstd

    file: Any = box.fp
    file.seek(info.header_offset)
    name, extra = struct.unpack("<HH", file.read(_HEADER)[-4:])
    file.seek(name + extra, io.SEEK_CUR)
    unpacked: bytes = unpack_zstd(io.BytesIO(file.read(info.compress_size))).read(info.file_size)
    return unpacked
