"""Parquet: values of columns that are in the file once and in many rows."""

import io
from types import SimpleNamespace

import pytest

from msgkit.rows.parquet import is_bounded, rows

arrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")


def column(texts, **options):
    file = io.BytesIO()
    parquet.write_table(arrow.table({"text": texts}), file, **options)
    return file, parquet.ParquetFile(file).metadata.row_group(0).column(0)


@pytest.mark.parametrize("codec", ["none", "snappy", "zstd", "gzip", "brotli", "lz4"])
def test_values_that_are_each_in_one_row_are_bounded(codec):
    file, chunk = column([f"{n:05d}" * 40 for n in range(100)], compression=codec)
    assert is_bounded(file, chunk)


@pytest.mark.parametrize("texts", [["x" * 1000] * 500, ["x" * 9000, *map(str, range(400))]])
def test_values_that_may_be_in_many_rows_are_not(texts):
    file, chunk = column(texts)
    assert not is_bounded(file, chunk)


def test_values_without_a_dictionary_are_not_looked_at():
    file, chunk = column(["a", "b"], use_dictionary=False)
    assert not is_bounded(file, chunk)


@pytest.mark.parametrize("broken", [b"", b"\xff" * 4096, b"\x15\x04\x15" + b"\x80" * 4000, bytes(4096), b"\x1c" * 4096])
def test_a_broken_page_is_not_bounded(broken):
    _, chunk = column(["a", "b"])
    names = ("dictionary_page_offset", "total_uncompressed_size", "total_compressed_size", "compression", "num_values")
    moved = SimpleNamespace(
        **{name: getattr(chunk, name) for name in names},
    )
    moved.dictionary_page_offset = 0
    assert not is_bounded(io.BytesIO(broken), moved)


def test_rows_of_a_large_row_group_are_those_that_were_written(tmp_path):
    from msgkit.rows import read

    texts = [f"{n}" * 600_000 for n in range(1, 10)] * 4
    rows = [{"messages": [{"role": "user", "content": text}]} for text in texts]
    parquet.write_table(arrow.table({"messages": [row["messages"] for row in rows]}), tmp_path / "a.parquet")
    assert list(read(tmp_path / "a.parquet")) == rows


def test_columns_that_are_not_wanted_are_not_in_the_rows_and_have_no_size():
    file = io.BytesIO()
    parquet.write_table(arrow.table({"a": [{"b": 1}] * 3, "raw": ["x" * 5000] * 3, "c": ["d"] * 3}), file)
    read = list(rows(file, 1000, 1, lambda names: [name for name in names if name != "raw"]))
    assert [row.value for row in read] == [{"a": {"b": 1}, "c": "d"}] * 2
    assert [row.issues[0].code for row in rows(file, 1000)] == ["row-too-long"] * 3


def test_a_column_with_a_dot_in_its_name_is_read():
    file = io.BytesIO()
    parquet.write_table(arrow.table({"a.b": ["x"], "a": ["y"]}), file)
    assert [row.value for row in rows(file, wanted=lambda _: ["a.b"])] == [{"a.b": "x"}]
