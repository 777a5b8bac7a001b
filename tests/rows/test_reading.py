"""Rows from files: streaming, numbered truly, and whatever is wrong with one costs that one alone."""

import gzip
import io
import json
import os
import pickle
import subprocess
import sys
import textwrap
import zlib
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import msgkit
from msgkit import InvalidMessageError
from msgkit.escaping import plain
from msgkit.rows import Position, Source, iter_rows, read, write
from msgkit.rows.document import Document
from msgkit.rows.jsonl import lines


def found(path, **options):
    return [(row.number, row.value if not row.issues else row.issues[0].code) for row in iter_rows(path, **options)]


@pytest.fixture
def file(tmp_path):
    def make(data, name="rows.jsonl"):
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return make


def test_a_byte_order_mark_is_taken_at_the_start_of_a_file_only(file):
    mark = b"\xef\xbb\xbf"
    assert found(file(mark + b'{"a": 1}\n' + mark + b'{"a": 2}\n')) == [(1, {"a": 1}), (2, "encoding-invalid")]
    assert found(file(mark + b'[{"a": 1}]', "rows.json")) == [(1, {"a": 1})]


def test_other_encodings_are_named_and_the_rest_is_read(file):
    data = b'{"a": 1}\n' + '{"a": 2}'.encode("utf-16-le") + b"\n" + b'{"a": "\xff"}\n{"a": 4}\n'
    assert found(file(data)) == [(1, {"a": 1}), (2, "encoding-invalid"), (3, "encoding-invalid"), (4, {"a": 4})]


def test_only_a_line_feed_ends_a_row_and_blank_lines_count(file):
    text = "a\u2028b\u2029c\x85d"
    data = b'\r\n{"a": 1}  \r\n\n \t \r\n' + json.dumps({"a": text}, ensure_ascii=False).encode() + b"\r\n"
    assert found(file(data)) == [(2, {"a": 1}), (5, {"a": text})]


def test_a_last_line_that_breaks_off_is_told_so_and_the_rest_is_kept(file):
    rows = list(iter_rows(file(b'{"a": 1}\n{"a": ')))
    assert (rows[0].value, rows[1].issues[0].code) == ({"a": 1}, "json-invalid")
    assert "cut off" in rows[1].issues[0].hint
    assert found(file(b'{"a": 1}\n{"a": 2}')) == [(1, {"a": 1}), (2, {"a": 2})]


def test_a_line_over_the_limit_is_one_fault_and_reading_goes_on(file):
    long = b'{"a": "' + b"x" * 3_000_000 + b'"}'
    data = b'{"a": 1}\n' + long + b'\n\n{"a": 3}\n' + long
    assert found(file(data), max_row=1000) == [(1, {"a": 1}), (2, "row-too-long"), (4, {"a": 3}), (5, "row-too-long")]
    assert found(file(b"[" + b",".join([b'{"a":1}', long, b'{"a":3}']) + b"]", "rows.json"), max_row=1000) == [
        (1, {"a": 1}),
        (2, "row-too-long"),
        (3, {"a": 3}),
    ]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b""])
def test_the_limit_counts_the_row_without_its_line_end(file, end):
    assert found(file(b"[" + b"1" * 8 + b"]" + end), max_row=10) == [(1, [11111111])]
    assert found(file(b"[" + b"1" * 9 + b"]" + end), max_row=10) == [(1, "row-too-long")]


_MEASURE = """
    import resource, sys
    from msgkit.rows import iter_rows, read, write
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    count = sum(1 for row in iter_rows(sys.argv[1], max_row=1 << 20))
    print(count, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def measure(path):
    """Return how many rows a file has, and by how many MiB the memory grew."""
    out = subprocess.run([sys.executable, "-c", textwrap.dedent(_MEASURE), str(path)], capture_output=True, check=True)
    return tuple(map(int, out.stdout.split()))


def test_ten_million_empty_lines_hold_no_memory(file):
    rows, grown = measure(file(b"\n" * 10_000_000 + b"{}\n"))
    assert rows == 1
    assert grown < 16


def test_a_line_without_end_is_streamed_past(tmp_path):
    path = tmp_path / "rows.jsonl"
    with path.open("wb") as out:
        out.truncate(150 << 20)  # sparse: one line of zeros
        out.seek(0, os.SEEK_END)
        out.write(b"\n{}\n")
    rows, grown = measure(path)
    assert rows == 2
    assert grown < 16


def test_a_gzip_bomb_is_bounded(tmp_path):
    path = tmp_path / "rows.jsonl.gz"
    pack = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = b" " * (1 << 20)
    path.write_bytes(
        b"".join([*(pack.compress(b"x" + block) for _ in range(100)), pack.compress(b"\n{}\n"), pack.flush()])
    )
    assert path.stat().st_size < 200_000
    rows, grown = measure(path)
    assert rows == 2
    assert grown < 16


@pytest.mark.parametrize(
    "damage", [lambda d: d[:-20], lambda d: d[:-6] + b"\0\0\0\0\0\0", lambda d: d + b"junk" * 9, lambda _: b"junk"]
)
@pytest.mark.parametrize("suffix", [".jsonl.gz", ".jsonl.zst"])
def test_a_broken_archive_is_a_fault_after_the_rows_that_could_be_read(tmp_path, suffix, damage):
    path = tmp_path / f"rows{suffix}"
    write(path, [{"n": n, "x": os.urandom(20).hex()} for n in range(2000)])
    path.write_bytes(damage(path.read_bytes()))
    rows = list(iter_rows(path))
    good = [row for row in rows if not row.issues]
    assert [row.value["n"] for row in good] == list(range(len(good)))
    if suffix == ".jsonl.gz" or len(good) < 2000:
        assert rows[-1].issues[0].code in {"file-invalid", "json-invalid"}


def test_a_json_file_of_messages_is_one_row(file):
    talk = [{"role": "user", "content": "[{"}, {"role": "assistant", "content": '\\"'}]
    assert found(file(json.dumps(talk, indent=2).encode(), "rows.json")) == [(1, talk)]
    assert found(file(json.dumps([talk, talk]).encode(), "rows.json")) == [(1, talk), (2, talk)]
    assert found(file(b'[{"from": "human", "value": "Hi"}]', "rows.json")) == [(1, [{"from": "human", "value": "Hi"}])]
    assert found(file(b'{"messages": []}', "rows.json")) == [(1, {"messages": []})]


@pytest.mark.parametrize(
    ("data", "rows"),
    [
        (b"[]", []),
        (b"[1,]", [(1, 1), (2, "json-invalid")]),
        (b"[1,,2]", [(1, 1), (2, "json-invalid"), (3, 2)]),
        (b'[{"a": 1}, {"a": ', [(1, {"a": 1}), (2, "json-invalid"), (3, "json-invalid")]),
        (b'[{"a": 1}', [(1, {"a": 1}), (2, "json-invalid")]),
        (b'[{"a": 1}] [', [(1, {"a": 1}), (2, "json-invalid")]),
        (b'[{"a": 1}}', [(1, {"a": 1}), (2, "json-invalid")]),
        (b'[{"a": 1, "a": 2}, {"a": NaN}, 5]', [(1, "json-duplicate-key"), (2, "json-number-not-finite"), (3, 5)]),
        (b"", [(1, "json-invalid")]),
        (b'{"a": 1} {"a": 2}', [(1, "json-invalid")]),
        (b'[{"role": "user"}, {"role"', [(1, "json-invalid")]),
    ],
)
def test_a_fault_in_an_array_is_that_of_a_row(file, data, rows):
    assert found(file(data, "rows.json")) == rows


_VALUES = st.recursive(
    st.sampled_from([None, 1, "", '"', "\\", "[{", "]},", "é"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text('a"\\[', max_size=2), inner, max_size=3),
)


@settings(max_examples=13)
@given(st.lists(_VALUES), st.integers(3, 40), st.sampled_from([None, 1]))
def test_arrays_are_cut_right_wherever_blocks_end(values, block, indent):
    class Slow(io.BytesIO):
        def read(self, size=-1):
            return super().read(min(size, block))

    document = Document(Slow(json.dumps(values, indent=indent).encode()), 1 << 20)
    assert [row.value for row in document] == values


@given(st.lists(st.sampled_from([b"{}", b"", b" ", b"[1]", b"x", b"\r", b"\xff"])), st.booleans())
def test_line_numbers_and_offsets_are_true(parts, ended):
    data = b"\n".join(parts) + (b"\n" if ended else b"")
    for number, raw, offset in lines(io.BytesIO(data), 100):
        assert data.split(b"\n")[number - 1] == raw.removesuffix(b"\n")
        assert data[:offset].endswith(raw)


def placed(path, *span):
    with closing(Source(path)) as source:
        return list(source.placed(*span))


def test_reading_begins_and_ends_where_it_is_told(file):
    path = file(b'{"n": 1}\n\n{"n": 3}\n{"n": 4}\n')
    places = [after for _, after in placed(path)]
    assert [row.value for row, _ in placed(path, places[0])] == [{"n": 3}, {"n": 4}]
    assert [row.number for row, _ in placed(path, places[0], places[1].offset)] == [3]
    packed = file(gzip.compress(path.read_bytes()), "rows.jsonl.gz")
    places = [after for _, after in placed(packed)]
    assert places == [Position(1, 1), Position(3, 2), Position(4, 3)]
    assert [row.value for row, _ in placed(packed, places[0], 2)] == [{"n": 3}]


def test_read_gives_values_and_raises_at_a_bad_row(file):
    values = msgkit.read(file(b'{"a": 1}\n{"a"\n'))
    assert next(values) == {"a": 1}
    with pytest.raises(msgkit.InvalidMessageError, match="json-invalid"):
        next(values)


def test_unknown_suffixes_and_missing_files(tmp_path):
    with pytest.raises(msgkit.UnknownNameError, match=r"\.csv"):
        next(msgkit.read(tmp_path / "rows.csv"))
    with pytest.raises(FileNotFoundError):
        next(msgkit.read(tmp_path / "rows.jsonl"))


@pytest.mark.parametrize("name", ["rows.parquet", "rows.jsonl.zst"])
def test_without_pyarrow_the_extra_is_named(file, name, monkeypatch):
    path = file(b"", name)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(msgkit.MissingExtraError, match=r"\[arrow\]"):
        next(msgkit.read(path))
    with pytest.raises(msgkit.MissingExtraError, match=r"\[arrow\]"):
        msgkit.write(path.with_name(f"out{name[4:]}"), [])
    assert [one.name for one in path.parent.iterdir()] == [name]


def test_reading_stops_with_the_file_and_the_row_named(tmp_path):
    path = tmp_path / "bad\x1b.jsonl"
    path.write_text('{"a": 1}\n{"b": {"c": 1, "c": 2}}\n')
    with pytest.raises(InvalidMessageError) as caught:
        list(read(path))
    assert str(caught.value) == f"{plain(str(path))}:2: b.c: json-duplicate-key: duplicate key 'c'"
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.issues) == (str(caught.value), caught.value.issues)


def test_a_range_of_parquet_reads_no_row_before_it(tmp_path, monkeypatch):
    from msgkit.rows import Position, Source, parquet, write

    monkeypatch.setattr(parquet, "_BATCH", 64)  # a row group for every few rows
    write(tmp_path / "rows.parquet", [{"messages": [], "n": n} for n in range(20)])
    made = []
    monkeypatch.setattr(parquet, "from_arrow_row", lambda row: made.append(row) or row)
    source = Source(tmp_path / "rows.parquet")
    found = [(row.number, after.offset) for row, after in source.placed(Position(13, 13), 16)]
    source.close()
    assert found == [(14, 14), (15, 15), (16, 16)]
    assert len(made) == 3
