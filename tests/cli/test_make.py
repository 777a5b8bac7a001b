"""``msgkit make``: rows from a folder or a table, which inline and batch take."""

import base64

import pytest

from msgkit import check
from tests.strategies import png, wav


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "photos"
    (folder / "trip").mkdir(parents=True)
    for name in ("b.png", "a.png", "trip/c:d.png", ".hidden.png"):
        (folder / name).write_bytes(base64.b64decode(png()))
    (folder / "s.wav").write_bytes(base64.b64decode(wav((0, 900, 0, -900) * 1000)))
    (folder / "notes.xyz").write_text("nothing")
    return folder


def test_a_folder_becomes_a_row_for_each_file(cli, rows, photos):
    result = cli("make", photos, "-o", "rows.jsonl", "--system", "Be brief.", "--text", "What is this?")
    assert (result.code, result.summary) == (0, "4 rows written, 4 media; 1 file of no known type left out")
    made = rows.read("rows.jsonl")
    system, user = made[0]["messages"]
    assert system == {"role": "system", "content": "Be brief."}
    text = {"type": "text", "text": "What is this?"}
    assert user["content"] == [{"type": "image_url", "image_url": {"url": "photos/a.png"}}, text]
    names = [next(iter(row["messages"][1]["content"][0].values())) for row in made]
    assert names == ["image_url", "image_url", "audio_url", "image_url"]
    assert cli("inline", "rows.jsonl", "-o", "inlined.jsonl").summary.startswith(
        "4 rows read: 4 written, 0 refused; 4 media"
    )
    assert [issue.code for row in rows.read("inlined.jsonl") for issue in check(row)] == []


def test_a_group_is_one_row_for_a_folder(cli, rows, photos):
    assert cli("make", photos, "-o", "rows.jsonl", "--group", "folder").code == 0
    assert [len(row["messages"][0]["content"]) for row in rows.read("rows.jsonl")] == [3, 1]


def test_a_table_becomes_a_row_for_each_line(cli, rows, photos):
    (photos / "t.csv").write_text(
        "picture,question\na.png,Who?\n,Why?\nhttps://example.com/x.jpg,\n", encoding="utf-8-sig"
    )
    argv = ["--text", "question", "--media", "picture"]
    assert cli("make", "--table", "photos/t.csv", "-o", "rows.jsonl", *argv).code == 0
    contents = [row["messages"][0]["content"] for row in rows.read("rows.jsonl")]
    assert contents == [
        [{"type": "image_url", "image_url": {"url": "photos/a.png"}}, {"type": "text", "text": "Who?"}],
        "Why?",
        [{"type": "image_url", "image_url": {"url": "https://example.com/x.jpg"}}],
    ]


def test_three_commands_lead_from_a_table_to_a_batch(cli, rows, photos):
    (photos / "t.csv").write_text("picture,question\na.png,Who?\nb.png,What?\n", encoding="utf-8")
    cli("make", "--table", "photos/t.csv", "-o", "rows.jsonl", "--text", "question", "--media", "picture")
    cli("inline", "rows.jsonl", "-o", "inlined.jsonl", "--target", "openai")
    assert cli("batch", "wrap", "inlined.jsonl", "-o", "b.jsonl", "--model", "gpt-5").code == 0
    assert len(rows.read("b-00001.jsonl")) == 2


@pytest.mark.parametrize(
    "argv",
    [
        ["-o", "rows.jsonl"],
        ["photos", "--table", "photos/t.csv", "-o", "rows.jsonl"],
        ["nowhere", "-o", "rows.jsonl"],
        ["photos", "-o", "rows.jsonl", "--media", "x"],
        ["photos", "-o", "photos/trip/rows.jsonl"],
        ["--table", "photos/t.csv", "-o", "rows.jsonl"],
        ["--table", "photos/t.csv", "-o", "rows.jsonl", "--text", "answer"],
        ["--table", "photos/t.csv", "-o", "rows.jsonl", "--media", "question"],
        ["--table", "nowhere.csv", "-o", "rows.jsonl", "--text", "question"],
        ["--table", "photos/a.png", "-o", "rows.jsonl", "--text", "question"],
    ],
)
def test_wrong_use_ends_with_2_and_writes_nothing(cli, photos, tmp_path, argv):
    (photos / "t.csv").write_text("picture,question\nmissing.png,Who?\n", encoding="utf-8")
    assert cli("make", *argv).code == 2
    assert not (tmp_path / "rows.jsonl").exists()
