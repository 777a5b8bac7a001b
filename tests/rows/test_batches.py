"""Rows of Arrow's batches, read column by column."""

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from msgkit.rows.batches import rows_of

PART = pa.struct({"type": pa.dictionary("int32", "string"), "n": pa.int64(), "none": pa.null()})
SCHEMA = pa.schema({
    "text": pa.string(),
    "parts": pa.list_(PART),
    "large": pa.large_list(pa.list_(pa.bool_())),
    "pair": pa.list_(PART, 2),
    "inner": pa.struct({"part": PART, "url": pa.large_string()}),
})  # fmt: skip
TEXTS = st.none() | st.text("aé", max_size=2)
PARTS = st.none() | st.fixed_dictionaries({"type": TEXTS, "n": st.none() | st.integers(0, 3)})
ROW = st.fixed_dictionaries({
    "text": TEXTS,
    "parts": st.none() | st.lists(PARTS, max_size=3),
    "large": st.none() | st.lists(st.none() | st.lists(st.booleans(), max_size=2), max_size=2),
    "pair": st.none() | st.lists(PARTS, min_size=2, max_size=2),
    "inner": st.none() | st.fixed_dictionaries({"part": PARTS, "url": TEXTS}),
})  # fmt: skip


def without_nulls(value):
    if isinstance(value, dict):
        return {key: without_nulls(inner) for key, inner in value.items() if inner is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


@given(st.lists(ROW, max_size=4), st.integers(0, 2))
def test_rows_are_those_of_arrow_without_nulls(rows, start):
    batch = pa.RecordBatch.from_pylist(rows, SCHEMA).slice(start)
    assert list(rows_of(batch, 1 << 20)) == without_nulls(batch.to_pylist())
