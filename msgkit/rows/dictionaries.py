"""
How large the values of a Parquet column may be, of which each may be in the file once and in many rows.

Arrow can leave such values where they are, but then it copies all of them for each batch of rows. Where they are
about as large as what is stored, it need not: the page that holds them is looked at to tell.
"""

from importlib import import_module
from typing import IO, Any, Final

_HEAD: Final = 4096  # bytes of a page's header
_FEW: Final = 4  # how often the stored bytes may be there at most
_CODECS: Final = {"SNAPPY": "snappy", "ZSTD": "zstd", "GZIP": "gzip", "BROTLI": "brotli", "LZ4": "lz4_raw"}
_TYPE, _SIZE, _STORED, _DICTIONARY = 1, 2, 3, 2  # fields of the header, and the type of the page
_TRUTHS, _INTEGERS, _BYTES, _STRUCT = (1, 2), (4, 5, 6), 8, 12  # types of Thrift's fields
_MORE = 128  # the bit of a byte that says that more follow


def is_bounded(file: IO[bytes], column: Any) -> bool:
    """Return whether the values of a column chunk are surely not much larger than what is stored of them."""
    try:
        page = _dictionary(file, column)
        longest, at = 0, 0
        while at < len(page):
            size = int.from_bytes(page[at : at + 4], "little")
            longest, at = max(longest, size), at + 4 + size
    except (KeyError, IndexError, TypeError, ValueError, OSError, NotImplementedError, RecursionError):
        return False
    return bool(longest * column.num_values <= _FEW * column.total_uncompressed_size)


def _dictionary(file: IO[bytes], column: Any) -> memoryview:
    """Return the page of a column chunk's dictionary: each value after its length."""
    file.seek(column.dictionary_page_offset)
    header, start = _fields(file.read(_HEAD), 0)
    size, stored = header[_SIZE], header[_STORED]
    if header[_TYPE] != _DICTIONARY:
        raise ValueError("not the page of a dictionary")
    if not 0 <= size <= column.total_uncompressed_size or not 0 <= stored <= column.total_compressed_size:
        raise ValueError("the page is larger than its column")
    file.seek(column.dictionary_page_offset + start)
    page = file.read(stored)
    if column.compression != "UNCOMPRESSED":
        page = import_module("pyarrow").Codec(_CODECS[column.compression]).decompress(page, size)
    return memoryview(page)


def _fields(data: bytes, at: int) -> tuple[dict[int, Any], int]:
    """Return the integers and structs of a struct in Thrift's compact protocol, by their numbers, and where it ends."""
    fields: dict[int, Any] = {}
    number = 0
    while head := data[at]:
        step, kind = head >> 4, head & 15
        at += 1
        if step:
            number += step
        else:
            number, at = _integer(data, at)
        if kind in _TRUTHS:
            continue
        if kind in _INTEGERS:
            fields[number], at = _integer(data, at)
        elif kind == _BYTES:
            size, at = _varint(data, at)
            at += size
        elif kind == _STRUCT:
            fields[number], at = _fields(data, at)
        else:
            raise ValueError("the header of a page has no such field")
    return fields, at + 1


def _integer(data: bytes, at: int) -> tuple[int, int]:
    """Return a signed integer, and where it ends."""
    value, at = _varint(data, at)
    return (value >> 1) ^ -(value & 1), at


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        value |= (data[at] & ~_MORE) << shift
        at, shift = at + 1, shift + 7
        if data[at - 1] < _MORE:
            return value, at
