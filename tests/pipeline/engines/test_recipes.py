"""The same step in other engines: equal rows out. Run with ``pytest -m engines``."""

import base64

import pyarrow  # noqa: ICN001 (one name for it everywhere)
import pytest

import msgkit.arrow
from msgkit import check
from msgkit.arrow import OnColumns, from_arrow_row, to_arrow_row
from msgkit.rows import read, write
from msgkit.steps import Check, Extract, Inline
from tests.strategies import png, wav

pytestmark = [pytest.mark.engines, pytest.mark.filterwarnings("ignore")]


def picture(text, url):
    return {
        "role": "user",
        "content": [{"type": "text", "text": text}, {"type": "image_url", "image_url": {"url": url}}],
    }


ROWS = [
    {"messages": [picture("What is this?", "cat.jpg")], "model": "m"},
    [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": None, "refusal": "No."}],
    {
        "messages": [picture("And this?", "cat.jpg"), {"role": "assistant", "content": "A cat."}],
        "temperature": 0.5,
        "stop": None,
    },
]
AUDIO = wav((0, 900, 0, -900) * 1000)
STEP = Inline(root="examples/photos")


@pytest.fixture(scope="module")
def wanted():
    return [STEP(row) for row in ROWS]


@pytest.fixture(scope="module")
def table():
    return pyarrow.Table.from_pylist([to_arrow_row(row) for row in ROWS], schema=msgkit.arrow.SCHEMA)


@pytest.fixture
def parquet(tmp_path):
    path = tmp_path / "rows.parquet"
    write(path, ROWS)
    return str(path)


def test_datasets_map(wanted, table):
    datasets = pytest.importorskip("datasets")
    rows = datasets.Dataset(table)
    assert list(map(from_arrow_row, rows.map(OnColumns(STEP), features=rows.features))) == wanted


def test_datasets_map_of_plain_rows():
    datasets = pytest.importorskip("datasets")
    rows = [{"messages": [picture("What is this?", "cat.jpg")]} for _ in range(3)]
    found = datasets.Dataset.from_list(rows).map(STEP)
    assert [row["messages"][0]["content"][1]["image_url"] for row in found] == [
        STEP(row)["messages"][0]["content"][1]["image_url"] for row in rows
    ]


def test_datasets_reads_parquet_written_here(parquet):
    datasets = pytest.importorskip("datasets")
    rows = datasets.load_dataset("parquet", data_files=parquet, split="train", cache_dir=parquet + ".cache")
    assert list(map(from_arrow_row, rows)) == ROWS


def test_polars(wanted, parquet):
    polars = pytest.importorskip("polars")
    step = OnColumns(STEP)
    frame = polars.DataFrame(
        [step(row) for row in polars.read_parquet(parquet).iter_rows(named=True)],
        schema=polars.from_arrow(msgkit.arrow.SCHEMA.empty_table()).schema,
    )
    assert list(map(from_arrow_row, frame.iter_rows(named=True))) == wanted
    frame.write_parquet(parquet + ".out.parquet")
    assert list(read(parquet + ".out.parquet")) == wanted


def test_daft(wanted, parquet):
    daft = pytest.importorskip("daft")
    kind = daft.DataType.from_arrow_type(pyarrow.struct(list(msgkit.arrow.SCHEMA)))
    step = OnColumns(STEP)
    frame = daft.read_parquet(parquet)
    columns = daft.functions.to_struct(*[daft.col(name) for name in frame.column_names])
    found = frame.select(columns.apply(step, return_dtype=kind).alias("row")).to_pydict()["row"]
    assert list(map(from_arrow_row, found)) == wanted


def test_ray_data_map(wanted, parquet, ray):
    rows = ray.data.read_parquet(parquet).map(OnColumns(STEP)).take_all()
    found = [from_arrow_row(row) for row in rows]
    assert len(found) == len(wanted)
    assert all(row in wanted for row in found)


def test_ray_data_rows_with_issues_beside_them(ray):
    rows = [{"messages": [{"role": role, "content": "Hi"}], "id": role} for role in ("user", "usr")]
    found = ray.data.from_items(rows).map(Check(errors="column")).take_all()
    assert {row["id"]: len(row["msgkit_issues"]) for row in found} == {"user": 0, "usr": 1}


def test_ray_data_llm_preprocessing(ray):
    """What ``ray.data.llm`` calls on each row before its engine: the step, then its own keys."""

    def preprocess(row):
        return {"messages": STEP({"messages": row["messages"]})["messages"], "sampling_params": {"max_tokens": 10}}

    rows = [{"messages": [picture("What is this?", "cat.jpg")]}]
    (found,) = ray.data.from_items(rows).map(preprocess).take_all()
    assert found["messages"][0]["content"][1]["image_url"]["url"].startswith("data:image/jpeg;base64,")
    assert found["sampling_params"] == {"max_tokens": 10}


def media_rows(datasets, decode):
    """A data set with Image and Audio columns, as TRL has them."""
    image, audio = base64.b64decode(png()), base64.b64decode(AUDIO)
    content = [{"type": "image", "text": None}, {"type": "audio", "text": None}, {"type": "text", "text": "What?"}]
    row = {
        "messages": [{"role": "user", "content": content}],
        "images": [{"bytes": image, "path": "a.png"}],
        "audio": {"bytes": audio, "path": "a.wav"},
    }
    found = datasets.Dataset.from_list([row] * 4)
    found = found.cast_column("images", datasets.List(datasets.Image(decode=decode)))
    return found.cast_column("audio", datasets.Audio(decode=False))


@pytest.mark.parametrize("decode", [True, False])
def test_datasets_with_image_and_audio_columns(tmp_path, decode):
    datasets = pytest.importorskip("datasets")
    found = media_rows(datasets, decode).map(Inline(target="openai"), num_proc=2)
    found.to_parquet(tmp_path / "rows.parquet")
    back = list(read(tmp_path / "rows.parquet"))
    assert [issue for row in back for issue in check(row, ready=True)] == []
    image, audio, _ = back[0]["messages"][0]["content"]
    assert audio["input_audio"]["data"] == AUDIO
    assert (image["image_url"]["url"] == f"data:image/png;base64,{png()}") or decode
    assert back == [without_nulls(row) for row in found]


def without_nulls(value):
    if isinstance(value, dict):
        return {key: without_nulls(inner) for key, inner in value.items() if inner is not None}
    return [without_nulls(inner) for inner in value] if isinstance(value, list) else value


def test_datasets_shows_images_of_extracted_columns(tmp_path):
    datasets = pytest.importorskip("datasets")
    part = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{png()}"}}
    rows = [Extract()({"messages": [{"role": "user", "content": [part]}]})]
    write(tmp_path / "a.parquet", rows)
    found = datasets.load_dataset("parquet", data_files=str(tmp_path / "a.parquet"), split="train", cache_dir=tmp_path)
    assert found[0]["images"][0].size == (2, 2)
    found.to_parquet(tmp_path / "b.parquet")
    assert list(read(tmp_path / "b.parquet")) == rows
