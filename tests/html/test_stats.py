"""The statistics: every figure against rows whose content is known."""

import json
import statistics
import tracemalloc
from pathlib import Path

import pytest

from msgkit import UnknownNameError, extract, html
from msgkit.html.statistics import histogram
from msgkit.html.statistics.counters import KEPT, Distinct, Names, Sample, Values, bin_of, edge
from msgkit.html.statistics.page import bars, nice, scatter
from msgkit.html.statistics.tokens import TokenizerError, text_counter


@pytest.fixture
def found(make):
    picture, other = make.picture(640, 480), make.picture(100, 50, "JPEG")
    return html.stats(
        [
            make.row(make.user(make.text("Look"), make.image(picture)), make.answer("Hi", channel="final")),
            make.row(make.user(make.image(picture), make.image(other, "image/jpeg"), make.audio(make.sound(2.0)))),
            make.row(make.user(make.url("https://example.com/x.png"), make.url("cat.png"), make.image(b"no picture"))),
            {"a": 1},
            5,
        ]
    )


def test_rows_messages_roles_channels_and_parts_are_counted(found):
    assert (found.rows, found.unreadable) == (5, 2)
    assert found.roles == {"user": 3, "assistant": 1}
    assert found.channels == {"final": 1}
    assert found.parts == {"image_url": 6, "input_audio": 1, "text": 2}
    assert (found.messages.total, found.messages.largest) == (4, 2)


def test_media_are_counted_by_the_type_of_their_bytes(found, make):
    assert {name: media.count for name, media in found.media.items()} == {
        "unknown": 3,
        "image/png": 2,
        "audio/wav": 1,
        "image/jpeg": 1,
    }
    png = found.media["image/png"]
    size = len(make.picture(640, 480))
    assert (png.sizes.total, png.base64) == (2 * size, 2 * len(make.base64(make.picture(640, 480))))
    assert (png.pixels.median, png.width.largest, png.height.smallest) == (307_200, 640, 480)
    assert found.media["audio/wav"].seconds.total == pytest.approx(2.0)
    assert found.sources == {"inline": 5, "file": 1, "remote": 1}


def test_repeats_and_what_extract_would_save(found, make):
    data = [make.picture(640, 480)] * 2 + [make.picture(100, 50, "JPEG"), make.sound(2.0), b"no picture"]
    in_base64 = sum(len(make.base64(one)) for one in data)
    as_files = sum(map(len, set(data)))
    repeats = found.repeats
    assert (repeats.media, repeats.distinct, repeats.base64, repeats.files) == (5, 4, in_base64, as_files)
    assert 0 < repeats.saved < in_base64 - as_files


def test_what_extract_saves_is_what_it_saves(make, tmp_path):
    rows = [make.row(make.user(make.image(make.picture(400 + i % 2, 300)))) for i in range(6)]
    after = [extract(row, str(tmp_path / "media")) for row in rows]
    files = sum(path.stat().st_size for path in Path(tmp_path, "media").rglob("*.*") if path.is_file())
    saved = sum(len(json.dumps(row)) for row in rows) - sum(len(json.dumps(row)) for row in after) - files
    assert html.stats(rows).repeats.saved == pytest.approx(saved, rel=0.02)


def test_tokens_are_those_of_the_published_formulas(make):
    png = make.picture(1_024, 1_024)
    found = html.stats(
        [make.row(make.user(make.text("x" * 400), make.image(png, detail="high"), make.audio(make.sound(60.0))))]
    )
    openai, gemini, anthropic = (found.tokens[name] for name in ("openai", "gemini", "anthropic"))
    assert (openai.text, openai.images) == (100, 765)  # the guide's own example of 1024 x 1024, high
    assert gemini.audio == 60 * 32
    assert anthropic.images == 37 * 37  # patches of 28 pixels
    assert openai.audio is None


def test_the_model_of_a_row_names_the_formula(make):
    message = make.user(make.image(make.picture(1_024, 1_024), detail="high"))
    found = html.stats([make.row(message, model="gpt-4o-mini")], target="openai")
    assert found.tokens["openai"].images == 2_833 + 4 * 5_667


def test_text_that_is_not_ascii_counts_a_token_a_character():
    assert text_counter().count("日本語") == 3
    assert text_counter().count("abcd日") == 2


def test_all_text_of_a_message_counts(make):
    calls = [make.call("x", "name", "arguments!!!")]
    found = html.stats(
        [make.row({"role": "assistant", "content": "1234", "reasoning_content": "12345678", "tool_calls": calls})]
    )
    assert found.tokens["openai"].text == (4 + 8 + 4 + 12) // 4


def test_a_tokenizer_is_never_downloaded(monkeypatch, tmp_path):
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    with pytest.raises(TokenizerError, match="nothing is downloaded"):
        text_counter("o200k_base")
    with pytest.raises(UnknownNameError, match="did you mean 'o200k_base'"):
        text_counter("o200k_bas")


def test_a_tokenizer_that_is_here_counts(tmp_path):
    tokenizers = pytest.importorskip("tokenizers", reason="tokenizers reads tokenizer.json")
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordLevel({"[UNK]": 0}, unk_token="[UNK]"))  # noqa: S106 (a token of text)
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    assert text_counter(str(tmp_path / "tokenizer.json")).count("one two three") == 3


def test_a_file_that_is_no_tokenizer_is_refused(tmp_path):
    pytest.importorskip("tokenizers", reason="tokenizers reads tokenizer.json")
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(TokenizerError, match="cannot read the tokenizer"):
        text_counter(str(tmp_path / "tokenizer.json"))


def test_requests_beyond_a_limit_are_counted_by_target_and_limit(make):
    many = make.row(make.user(*[make.image(make.picture(2_001, 4))] * 21))
    wide = make.row(make.user(make.image(make.picture(8_001, 4))))
    few = make.row(make.user(make.image(make.picture(2_001, 4))))
    found = html.stats([many, wide, few], target="anthropic")
    assert found.over == {"anthropic": {"images.many_side": 1, "images.max_width": 1}}


def test_anthropic_counts_bytes_as_base64_and_openai_does_not(make):
    noise = make.sound(250.0)  # 4,000,044 bytes: below 5 MiB, its base64 above it
    part = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{make.base64(noise)}"}}
    found = html.stats([make.row(make.user(part))])
    assert found.over == {"anthropic": {"images.max_bytes": 1}}


def test_a_row_over_the_limit_of_bytes_is_told(make):
    found = html.stats([make.row(make.user("x" * 34_000_000))])
    assert found.over == {"anthropic": {"request.max_bytes": 1}}
    assert found.limits == {"anthropic": {"request.max_bytes": 32 * 1024 * 1024}}


def test_references_are_read_below_the_root_and_only_counted_without_one(make, tmp_path):
    (tmp_path / "cat.png").write_bytes(make.picture(30, 20))
    row = make.row(make.user(make.url("cat.png")))
    assert html.stats([row], root=str(tmp_path)).media["image/png"].width.largest == 30
    assert html.stats([row]).media == {"unknown": html.stats([row]).media["unknown"]}


def test_nothing_outside_the_root_is_read(make, tmp_path):
    (tmp_path / "cat.png").write_bytes(make.picture(30, 20))
    (tmp_path / "root").mkdir()
    assert set(html.stats([make.row(make.user(make.url("../cat.png")))], root=str(tmp_path / "root")).media) == {
        "unknown"
    }


@pytest.mark.parametrize(
    "row", [None, 5, "x", [], [5], {"messages": 5}, {"messages": [None, {"content": [None, 5, {}]}]}]
)
def test_bad_rows_are_counted_and_never_raise(row):
    assert html.stats([row]).rows == 1


def test_lines_that_are_no_json_are_counted(tmp_path):
    (tmp_path / "rows.jsonl").write_text('{"messages": [\n[]\n')
    found = html.stats(tmp_path / "rows.jsonl")
    assert (found.rows, found.unreadable) == (2, 2)


def test_json_of_the_statistics_is_json(found):
    assert json.loads(json.dumps(found.as_dict()))["rows"] == 5


def test_memory_does_not_grow_with_the_rows(make):
    def rows(count):
        return (make.row({"role": f"role {i}", "content": "x" * (i % 977)}) for i in range(count))

    def peak(count):
        tracemalloc.start()
        html.stats(rows(count), target="openai")
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    peak(800)  # what is kept of names that were looked up is bounded
    assert peak(800) < peak(200) + 300_000


# counters


def test_a_spread_of_few_values_is_exact():
    values, numbers = Values(), [(i * 37) % 101 for i in range(101)]
    for number in numbers:
        values.add(number)
    spread = values.spread()
    assert (spread.smallest, spread.largest, spread.total) == (0, 100, sum(numbers))
    assert spread.median == statistics.median(numbers)
    assert spread.p95 == sorted(numbers)[95]
    assert spread.exact


def test_a_spread_of_many_values_is_close_and_says_so():
    values = Values()
    for i in range(5 * KEPT):
        values.add((i * 7_919) % 50_021)
    spread = values.spread()
    assert not spread.exact
    assert spread.median == pytest.approx(25_000, rel=0.05)
    assert spread.p95 == pytest.approx(47_500, rel=0.02)
    assert (spread.count, spread.largest) == (5 * KEPT, max((i * 7_919) % 50_021 for i in range(5 * KEPT)))


def test_a_sample_is_the_same_at_every_run():
    first, second = Sample(10), Sample(10)
    for i in range(1_000):
        first.add(i)
        second.add(i)
    assert first.kept == second.kept
    assert len(first.kept) == 10


def test_names_beyond_a_number_count_as_others():
    names = Names()
    for i in range(2_000):
        names.add(f"role {i}")
    assert len(names.counts) <= 501
    assert names.counts.total() == 2_000


def test_repeats_are_told_from_new_ones():
    distinct = Distinct()
    assert [distinct.is_new(text) for text in ("a", "b", "a")] == [True, True, False]


@pytest.mark.parametrize("value", [0.001, 0.3, 1, 1.99, 2, 4.99, 5, 9.99, 10, 999, 1_000, 12_345_678, 1e12])
def test_a_value_lies_in_its_bin(value):
    number = bin_of(value)
    assert edge(number) <= value < edge(number + 1)


def test_a_histogram_holds_every_value():
    values = Values()
    numbers = [0, 0.5, 3, 70, 70, 4_000, 10**9]
    for number in numbers:
        values.add(number)
    found = histogram("x", "bytes", values)
    assert sum(found.counts) == len(numbers)
    assert list(found.edges) == sorted(found.edges)
    assert len(found.edges) == len(found.counts) + 1


def test_bars_are_as_high_as_their_counts():
    values = Values()
    for number in (1, 2, 2, 2, 5):
        values.add(number)
    plot = bars(histogram("Messages", "", values))
    assert [round(bar.height / plot.bars[0].height) for bar in plot.bars] == [1, 3, 0, 0, 1, 0]
    assert plot.cells[1] == ("2", "3")


def test_points_lie_inside_the_plot():
    plot = scatter([(1, 1), (16_000, 9), (640, 480)])
    assert all(52 <= x <= 536 and 12 <= y <= 206 for x, y in plot.points)


@pytest.mark.parametrize(("step", "wanted"), [(0.1, 1), (1, 1), (1.1, 2), (2.5, 5), (7, 10), (11, 20), (600, 1_000)])
def test_steps_of_axes_are_round(step, wanted):
    assert nice(step) == wanted


def test_the_tables_say_what_was_counted(found):
    text = html.stats_text(found)
    for line in ("Messages by role", "image/png", "saved by extract", "Tokens by target", "rule of thumb"):
        assert line in text
    assert max(map(len, text.splitlines())) < 110


def test_verdicts_are_counted_for_each_target_and_equal_rows_whatever_their_ids(make):
    good, bad = make.row(make.user("Hello"), id=1), make.row({"role": "usr", "content": "x"})
    found = html.stats([good, {**good, "id": 2}, bad], target=["openai", "anthropic"])
    assert {name: counts["errors"] for name, counts in found.verdicts.items()} == {"openai": 1, "anthropic": 1}
    assert found.equal_rows == 1
    assert html.stats([good]).verdicts == {}
