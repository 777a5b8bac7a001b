"""Options from a file, codes by their beginning, and issues that are known already."""

import json

import pytest

from msgkit.cli import main

BAD = {"messages": [{"role": "usr", "content": "Hello"}, {"role": "system", "content": "Be brief."}]}


@pytest.fixture
def place(tmp_path, monkeypatch):
    (tmp_path / "rows.jsonl").write_text(json.dumps(BAD) + "\n")
    (tmp_path / "deep" / "er").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def codes(capsys, *options):
    code = main(["check", "rows.jsonl", "--output-format", "json", "--quiet", *options])
    out = capsys.readouterr()
    return code, [json.loads(line)["code"] for line in out.out.splitlines()], out.err


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("msgkit.toml", 'ignore = ["role-unknown"]'),
        ("pyproject.toml", '[tool.msgkit]\nignore = ["role-unknown"]'),
        ("msgkit.toml", '[per-file-ignores]\n"*.jsonl" = ["role-unknown"]'),
    ],
)
def test_the_nearest_file_gives_options(place, capsys, name, text):
    assert "role-unknown" in codes(capsys)[1]
    (place / name).write_text(text)
    assert "role-unknown" not in codes(capsys)[1]


def test_the_command_line_overrides_the_file(place, capsys):
    (place / "msgkit.toml").write_text('select = ["text"]')
    assert codes(capsys)[1] == []
    assert set(codes(capsys, "--select", "role-unknown")[1]) == {"role-unknown"}


def test_a_file_above_is_found_and_a_named_one_is_taken_instead(place, capsys, monkeypatch):
    (place / "msgkit.toml").write_text('ignore = ["role"]')
    (place / "other.toml").write_text('ignore = ["text"]')
    monkeypatch.chdir(place / "deep" / "er")
    code = main(["check", "../../rows.jsonl", "--output-format", "json", "--quiet", "--root", str(place)])
    assert (code, "role-unknown" in capsys.readouterr().out) == (0, False)
    main(["check", "../../rows.jsonl", "--output-format", "json", "--quiet", "--config", "../../other.toml"])
    out = capsys.readouterr().out
    assert "role-unknown" in out


@pytest.mark.parametrize("text", ["ignor = []", "ignore = 5", "ignore = ["])
def test_a_wrong_file_is_wrong_usage_that_names_it(place, capsys, text):
    (place / "msgkit.toml").write_text(text)
    code, found, err = codes(capsys)
    assert (code, found, "msgkit.toml" in err) == (2, [], True)


def test_a_command_takes_only_the_options_that_it_has(place):
    (place / "msgkit.toml").write_text('select = ["role-unknown"]\ntarget = "openai"')
    assert main(["formats"]) == 0


@pytest.mark.usefixtures("place")
def test_codes_are_chosen_by_their_beginning(capsys):
    assert set(codes(capsys, "--select", "role-u")[1]) == {"role-unknown"}
    assert codes(capsys, "--select", "rolle")[0] == 2


def test_a_baseline_leaves_only_new_issues(place, capsys):
    main(["check", "rows.jsonl", "--output-format", "json", "--quiet"])
    (place / "known.jsonl").write_text(capsys.readouterr().out)
    assert codes(capsys, "--baseline", "known.jsonl")[:2] == (0, [])
    worse = {"messages": [*BAD["messages"], {"role": "usr", "content": "Hello"}]}
    (place / "rows.jsonl").write_text(json.dumps(BAD) + "\n" + json.dumps(worse) + "\n")
    code, found, _ = codes(capsys, "--baseline", "known.jsonl")
    assert (code, found.count("role-unknown")) == (1, 2)


def test_what_is_no_baseline_is_wrong_usage(place, capsys):
    (place / "known.jsonl").write_text('{"row": 1}\n')
    assert codes(capsys, "--baseline", "known.jsonl")[0] == 2


def test_help_shows_a_command(capsys):
    assert main(["help", "check"]) == 0
    assert capsys.readouterr().out.startswith("usage: msgkit check")


def test_names_of_media_columns_are_read(place, capsys):
    row = {"messages": [{"role": "user", "content": "<image>?"}], "image_path": "https://example.com/a.png"}
    (place / "rows.jsonl").write_text(json.dumps(row) + "\n")
    assert codes(capsys)[1] == ["placeholder-count"]
    (place / "msgkit.toml").write_text('columns = ["clip=video", "image_path"]\n')
    assert codes(capsys)[1] == []
