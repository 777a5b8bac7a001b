"""One closed schema for every conversation; rows come back equal, with no null keys added."""

# ruff: noqa: E501 (tables of rows)

import datetime as dt
import json
import random
import tracemalloc

import pyarrow  # noqa: ICN001 (one name for it everywhere)
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import msgkit.arrow
from msgkit.arrow import from_arrow_row, to_arrow_row
from msgkit.rows import iter_rows, read, write

ROWS = [
    {"messages": [{"role": "user", "content": "Hello"}]},
    [{"role": "user", "content": None}, {"role": "assistant", "content": []}],
    {"model": "m", "messages": [{"role": "user", "content": [{"type": "text", "text": "What?", "cache_control": {"type": "ephemeral"}}]}]},
    {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": "cat.jpg"}, {"type": "image_url", "image_url": {"url": "u", "detail": None}}]}]},
    {"messages": [{"role": "assistant", "content": None, "tool_calls": [{"id": "1", "type": "function", "function": {"name": "f", "arguments": "{"}}]}]},
    {"messages": [{"role": "assistant", "tool_calls": [{"id": "1", "type": "function", "function": {"name": "f", "arguments": {"a": 1}}}]}]},
    {"messages": [{"author": {"role": "tool", "name": "functions.f"}, "content": "x", "channel": "commentary", "recipient": None}]},
    {"custom_id": "a", "method": "POST", "url": "/v1", "body": {"messages": [{"role": "user", "content": "x"}], "temperature": 0.5}},
    {"messages": [{"role": "user", "content": "<image>"}], "images": ["a.png"], "audios": [], "videos": None},
    {"conversations": [{"from": "human", "value": "Hi"}], "images": [{"path": "a.png"}]},
    {"messages": "none", "extra": "mine", "form": 5, "row": None, "string_content": True},
    {"messages": [{"role": "user", "content": ["plain"], "extra": {}}, {"string_content": True, "content": {}}]},
    {"contents": [{"role": "model", "parts": [{"text": "x"}]}]},
    {},
    [],
    5,
    "text",
    None,
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: json.dumps(row)[:60])
def test_rows_come_back_equal(row):
    table = pyarrow.Table.from_pylist([to_arrow_row(row)], schema=msgkit.arrow.SCHEMA)
    assert from_arrow_row(table.to_pylist()[0]) == row


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text("aé\0"),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["type", "text", "url", "extra", "x"]), inner, max_size=2)
    ),
    max_leaves=4,
)


def _some(**keys):
    return st.fixed_dictionaries(
        {}, optional={**{name: values | _JSON for name, values in keys.items()}, "other": _JSON, "extra": _JSON}
    )


_PART = _some(
    type=st.just("text"),
    text=st.text(max_size=3),
    image_url=_some(url=st.text(max_size=3), detail=st.none()),
    file=_some(file_id=st.text()),
)
_CALL = _some(id=st.text(max_size=3), function=_some(name=st.text(max_size=3), arguments=st.text(max_size=3)))
_MESSAGE = _some(
    role=st.just("user"),
    content=st.text(max_size=3) | st.lists(_PART, max_size=3),
    tool_calls=st.lists(_CALL, max_size=2),
    author=_some(role=st.text()),
)
_BODY = _some(
    messages=st.lists(_MESSAGE, max_size=3), images=st.lists(st.text(), max_size=2), model=st.text(max_size=3)
)
_ROW = _BODY | st.lists(_MESSAGE, max_size=3) | _some(custom_id=st.text(), body=_BODY) | _JSON


@settings(deadline=None, max_examples=16)
@given(st.lists(_ROW, min_size=1, max_size=4))
def test_any_rows_come_back_equal(rows):
    table = pyarrow.Table.from_pylist([to_arrow_row(row) for row in rows], schema=msgkit.arrow.SCHEMA)
    assert [from_arrow_row(row) for row in table.to_pylist()] == rows


def test_content_is_always_a_list_of_parts_for_others():
    table = pyarrow.Table.from_pylist([to_arrow_row(row) for row in ROWS[:4]], schema=msgkit.arrow.SCHEMA)
    texts = [
        [part["text"] for part in message["content"] or ()] for row in table.to_pylist() for message in row["messages"]
    ]
    assert texts == [["Hello"], [], [], ["What?"], [None, None]]


def test_a_parquet_file_reads_the_same_in_pyarrow_and_here(tmp_path):
    path = tmp_path / "rows.parquet"
    write(path, ROWS)
    assert list(read(path)) == ROWS
    assert pyarrow.parquet.read_schema(path).equals(msgkit.arrow.SCHEMA)
    assert [from_arrow_row(row) for row in pyarrow.parquet.read_table(path).to_pylist()] == ROWS


def test_large_rows_go_into_row_groups_of_bounded_size(tmp_path):
    path = tmp_path / "rows.parquet"
    write(path, ({"messages": [{"role": "user", "content": "x" * 5_000_000}]} for _ in range(12)))
    assert pyarrow.parquet.read_metadata(path).num_row_groups == 3
    assert sum(1 for _ in read(path)) == 12


def test_nulls_of_a_foreign_schema_are_absent_keys(tmp_path):
    rows = [
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "a", "image_url": None}]}], "id": 1},
        {
            "messages": [{"role": "user", "content": [{"type": "image_url", "text": None, "image_url": {"url": "u"}}]}],
            "id": None,
        },
    ]
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), tmp_path / "rows.parquet")
    assert list(read(tmp_path / "rows.parquet")) == [
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "a"}]}], "id": 1},
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "u"}}]}]},
    ]


def test_foreign_columns_of_any_kind_are_read(tmp_path):
    table = pyarrow.table({
        "kind": pyarrow.array(["a", "b", "a"]).dictionary_encode(),
        "big": pyarrow.array(["x", None, "z"], pyarrow.large_string()),
        "none": pyarrow.nulls(3),
        "deep": pyarrow.array([[[[1]]], [], None]),
    })  # fmt: skip
    pyarrow.parquet.write_table(table, tmp_path / "rows.parquet")
    assert list(read(tmp_path / "rows.parquet")) == [
        {"kind": "a", "big": "x", "deep": [[[1]]]},
        {"kind": "b", "deep": []},
        {"kind": "a", "big": "z"},
    ]


def test_what_json_has_no_type_for_is_text(tmp_path):
    at = pyarrow.array([1_700_000_000_000_000_001], pyarrow.timestamp("ns"))
    table = pyarrow.table({
        "at": at,
        "zoned": at.cast(pyarrow.timestamp("ns", "UTC")),
        "day": pyarrow.array([19_675], pyarrow.date32()),
        "price": pyarrow.array(["1.50"]).cast(pyarrow.decimal128(5, 2)),
        "deep": [[{"day": dt.date(2023, 11, 14), "n": 1, "text": b"words"}]],
        "by_name": pyarrow.array([[("a", dt.date(2023, 11, 14))]], pyarrow.map_("string", "date32")),
        "hash": [b"\0\xff"],
    })  # fmt: skip
    pyarrow.parquet.write_table(table, tmp_path / "rows.parquet")
    assert list(read(tmp_path / "rows.parquet")) == [{
        "at": "2023-11-14 22:13:20.000000001",
        "zoned": "2023-11-14 22:13:20.000000001Z",
        "day": "2023-11-14",
        "price": "1.50",
        "deep": [{"day": "2023-11-14", "n": 1, "text": "words"}],
        "by_name": [("a", "2023-11-14")],
        "hash": "AP8=",
    }]  # fmt: skip


def test_bytes_of_a_column_of_media_that_are_none_are_told(tmp_path):
    pyarrow.parquet.write_table(pyarrow.table({"messages": [[]], "image": [b"\0\xff"]}), tmp_path / "rows.parquet")
    (row,) = read(tmp_path / "rows.parquet")
    assert isinstance(row["image"], bytes)


@pytest.mark.parametrize(
    "damage",
    [
        lambda d: d[:-6],
        lambda d: d[:200],
        lambda _: b"",
        lambda _: b"junk",
        lambda d: d[:40] + bytes(200) + d[240:],
        lambda d: d[:-40] + b"\xff" * 32 + d[-8:],
    ],
)
def test_a_broken_file_is_a_fault_with_its_place(tmp_path, damage):
    path = tmp_path / "rows.parquet"
    write(path, [{"n": n, "x": "y" * 50} for n in range(300)])
    path.write_bytes(damage(path.read_bytes()))
    *good, last = iter_rows(path)
    assert [row.value["n"] for row in good] == list(range(len(good)))
    assert (last.number, last.issues[0].code) == (len(good) + 1, "file-invalid")


def test_a_text_that_stands_once_for_many_rows_is_not_held_for_all_of_them(tmp_path):
    rows = [{"messages": [{"role": "user", "content": "x" * 1_000_000}]}] * 200
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), tmp_path / "rows.parquet", compression="zstd")
    assert (tmp_path / "rows.parquet").stat().st_size < 10_000
    tracemalloc.start()
    try:
        sizes = [len(row["messages"][0]["content"]) for row in read(tmp_path / "rows.parquet")]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert sizes == [1_000_000] * 200
    assert peak < 60_000_000


@pytest.mark.parametrize("once", [True, False])
def test_a_row_over_the_limit_is_refused_and_the_others_are_read(tmp_path, once):
    texts = ["short", "x" * 5000, "y", "x" * 5000]
    table = pyarrow.table({"messages": [[{"role": "user", "content": text}] for text in texts]})
    pyarrow.parquet.write_table(table, tmp_path / "rows.parquet", row_group_size=1, use_dictionary=once)
    found = list(iter_rows(tmp_path / "rows.parquet", max_row=2000))
    assert [(row.number, [issue.code for issue in row.issues]) for row in found] == [
        (1, []),
        (2, ["row-too-long"]),
        (3, []),
        (4, ["row-too-long"]),
    ]
    pyarrow.parquet.write_table(table, tmp_path / "rows.parquet", use_dictionary=True)
    found = list(iter_rows(tmp_path / "rows.parquet", max_row=4000))
    assert [row.number for row in found if row.issues] == [2, 4]


def test_any_mixture_of_columns_that_refer_and_that_hold_reads_as_it_was_written(tmp_path):
    chance = random.Random(5)
    rows = [
        {
            "messages": [
                {"role": chance.choice(["user", "assistant"]), "content": chance.choice(["a", "b" * 300, str(n)])}
                for n in range(chance.randrange(4))
            ],
            "tags": [chance.choice(["x", "y"]) for _ in range(chance.randrange(3))],
            "id": number,
            "note": chance.choice(["n", None]),
        }
        for number in range(500)
    ]
    path = tmp_path / "rows.parquet"
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), path, row_group_size=70)
    wanted = [{key: value for key, value in row.items() if value is not None} for row in rows]
    assert list(read(path)) == wanted
