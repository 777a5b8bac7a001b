"""Several targets and models: one pass over the rows, a verdict for each."""

import base64
import io
import json

import pytest
from PIL import Image

GOOD = {"messages": [{"role": "user", "content": "Hello"}]}
NAMED = {"messages": [{"role": "user", "content": "Hello", "name": "Ann Lee"}]}
AUDIO = {"messages": [{"role": "user", "content": [{"type": "input_audio", "input_audio": {"data": "q.wav"}}]}]}
UNKNOWN = {"model": "unheard", **GOOD}


def table(err):
    """Receiver -> its counts, from the table of the summary."""
    lines = err.splitlines()
    start = next(i for i, line in enumerate(lines) if line.split() == ["accepted", "refused", "of", "them", "fixable"])
    found = {}
    for line in lines[start + 1 : -1]:
        *name, accepted, refused, fixable = line.split()
        found[" ".join(name)] = (int(accepted), int(refused), int(fixable))
    return found


def test_each_receiver_has_its_verdict(cli, rows):
    name = rows.write("a.jsonl", GOOD, NAMED, AUDIO)
    result = cli("check", name, "--target", "openai", "--target", "anthropic", "--model", "gpt-4o")
    assert result.code == 1
    # the name is told and mended for openai alone; neither takes audio
    assert table(result.err) == {"openai gpt-4o": (1, 2, 1), "anthropic": (2, 1, 0)}
    assert result.summary.startswith("3 rows read: ")


def test_each_issue_names_its_receiver_in_json_where_there_are_several(cli, rows):
    name = rows.write("a.jsonl", NAMED)
    several = cli("check", name, "--target", "openai", "--target", "azure", "--output-format", "json")
    assert [issue["target"] for issue in several.objects] == ["openai", "azure"]
    one = cli("check", name, "--target", "openai", "--output-format", "json")
    assert "target" not in one.objects[0]


def test_each_issue_names_its_receiver_in_text_and_reports(cli, rows):
    argv = (rows.write("a.jsonl", NAMED), "--target", "openai", "--target", "azure")
    assert [line.rpartition(" ")[2] for line in cli("check", *argv).lines] == ["[openai]", "[azure]"]
    assert "[azure]" in cli("check", *argv, "--output-format", "github").lines[1]
    results = json.loads(cli("check", *argv, "--output-format", "sarif").out)["runs"][0]["results"]
    assert [result["properties"]["target"] for result in results] == ["openai", "azure"]


def test_a_row_that_cannot_be_read_is_refused_by_every_receiver(cli, rows):
    result = cli("check", rows.write("a.jsonl", "{", GOOD), "--target", "openai", "--target", "gemini")
    assert table(result.err) == {"openai": (1, 1, 0), "gemini": (1, 1, 0)}


def test_one_receiver_has_no_table(cli, rows):
    assert "accepted" not in cli("check", rows.write("a.jsonl", GOOD), "--target", "openai").err


def test_a_model_finds_its_target(cli, rows):
    name = rows.write("a.jsonl", GOOD)
    result = cli("check", name, "--model", "gpt-4o", "--model", "claude-sonnet-5")
    assert table(result.err) == {"gpt-4o": (1, 0, 0), "claude-sonnet-5": (1, 0, 0)}


@pytest.mark.parametrize("more", [("--fix", "-o", "b.jsonl"), ("--diff",)])
def test_fixing_is_for_one_receiver(cli, rows, more):
    result = cli("check", rows.write("a.jsonl", NAMED), "--target", "openai", "--target", "gemini", *more)
    assert result.code == 2
    assert "one target" in result.err


def test_an_unknown_model_is_said_and_no_more(cli, rows):
    result = cli("check", rows.write("a.jsonl", UNKNOWN))
    assert result.code == 0
    assert "model: model-unknown: the model 'unheard' is not known" in result.out
    assert result.summary == "1 row read: 1 clean, 0 with issues; 0 errors, 0 warnings, 1 note"


def test_an_unknown_model_is_said_once_for_a_file_and_counted(cli, rows):
    name, other = rows.write("a.jsonl", UNKNOWN, UNKNOWN), rows.write("b.jsonl", UNKNOWN)
    result = cli("check", name, other)
    assert [line.split(": ")[0] for line in result.lines] == ["a.jsonl:1", "b.jsonl:1"]
    assert result.summary.endswith(", 3 notes")
    assert len(cli("check", name, "--output-format", "json").lines) == 2


def test_an_unknown_model_is_a_note_in_reports(cli, rows):
    name = rows.write("a.jsonl", UNKNOWN)
    assert cli("check", name, "--output-format", "github").out.startswith("::notice ")
    run = json.loads(cli("check", name, "--output-format", "sarif").out)["runs"][0]
    assert run["results"][0]["level"] == "note"
    assert run["tool"]["driver"]["rules"][0]["defaultConfiguration"]["level"] == "note"


def test_a_model_without_a_name_is_wrong_usage(cli, rows):
    assert cli("check", rows.write("a.jsonl", GOOD), "--model", " ").code == 2


def test_inline_fits_media_to_the_model(cli, rows, tmp_path):
    Image.effect_noise((2000, 1000), 50).save(tmp_path / "a.png")
    part = {"type": "image_url", "image_url": {"url": "a.png"}}
    name = rows.write("a.jsonl", {"messages": [{"role": "user", "content": [part]}]})

    def width(model):
        argv = ("--target", "anthropic", "--model", model, "--shrink")
        assert cli("inline", name, "-o", f"{model}.jsonl", *argv).code == 0
        url = rows.read(f"{model}.jsonl")[0]["messages"][0]["content"][0]["image_url"]["url"]
        return Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))).width

    assert (width("claude-haiku-4-5"), width("claude-opus-4-7")) == (1568, 2000)


def test_stats_tell_tokens_by_model(cli, rows):
    image = io.BytesIO()
    Image.new("L", (1024, 1024)).save(image, "PNG")
    url = f"data:image/png;base64,{base64.b64encode(image.getvalue()).decode()}"
    part = {"type": "image_url", "image_url": {"url": url, "detail": "high"}}
    name = rows.write(
        "a.jsonl", {"messages": [{"role": "user", "content": [part, {"type": "text", "text": "x" * 400}]}]}
    )
    argv = ("--model", "gpt-4o", "--model", "o4-mini", "--model", "claude-opus-4-7", "--output-format", "json")
    tokens = json.loads(cli("stats", name, *argv).out)["tokens"]
    assert {key: (found["text"], found["images"]) for key, found in tokens.items()} == {
        "openai gpt-4o": (100, 765),
        "openai o4-mini": (100, 1762),
        "anthropic claude-opus-4-7": (100, 37 * 37),
    }
    assert tokens["openai gpt-4o"]["context"] == 128_000
    assert tokens["openai gpt-4o"]["largest_row"] == 865


def test_stats_tell_what_a_model_costs(cli, rows):
    pytest.importorskip("genai_prices", reason="genai-prices knows what tokens cost")
    name = rows.write("a.jsonl", {"messages": [{"role": "user", "content": "x" * 4000}]})
    tokens = json.loads(cli("stats", name, "--model", "gpt-4o", "--model", "o9", "--output-format", "json").out)[
        "tokens"
    ]
    assert tokens["openai gpt-4o"]["cost"] == pytest.approx(1000 * 2.50 / 1e6)  # OpenAI's page of prices
    assert tokens["openai o9"]["cost"] is None


def test_targets_show_what_holds_for_a_model(cli):
    shown = cli("targets", "anthropic", "--model", "claude-opus-4-7").out
    assert "(claude-opus-4-7)" in shown
    assert "tokens.images.most = 4,784" in shown
    assert "not known there" in cli("targets", "anthropic", "--model", "claude-9").out
    assert "model claude-opus-4[.-]7*" in cli("targets", "anthropic").out
    assert cli("targets", "--model", "gpt-4o").code == 2
