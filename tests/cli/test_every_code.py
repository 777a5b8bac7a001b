"""Every code that check can report, through the real command line: once, at its path, and nothing else."""

import gzip
import json
import re
from itertools import groupby

import pytest

from msgkit.rules import CODES

CHECKED = [code for code in CODES.values() if code.command == "msgkit check"]
APART = {
    "row-too-long": "an example of the true limit has 64 MiB",
    "file-invalid": "the file is at fault, so no row of it can show it",
    "batch-id-duplicate": "a row before it has the id",
    "batch-mixed": "a row before it goes elsewhere",
    "batch-too-long": "the rows before it fill the file",
}
IN_ROWS = [code for code in CHECKED if code.code not in APART]


def demands(code):
    """What must be the same for codes whose rows stand in one file: the options, and the files around it."""
    is_alone = isinstance(code.bad, dict) and "custom_id" in code.bad  # a Batch line, which those beside it concern
    return code.target, code.ready, sorted(code.limits.items()), bool(code.files), code.code if is_alone else ""


GROUPS = [list(codes) for _, codes in groupby(sorted(IN_ROWS, key=demands), key=demands)]


pytestmark = pytest.mark.usefixtures("unreadable")


def line(example):
    return (
        example
        if isinstance(example, bytes)
        else (example if isinstance(example, str) else json.dumps(example)).encode()
    )


def options(codes, folder):
    """Write the files that the rows name, and a target with the limits of the examples; return the options."""
    for name, data in (file for code in codes for file in (code.files or {}).items()):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(data)
    code = codes[0]
    target = code.target
    if code.limits:
        target = str(folder / "small.toml")
        sections = "".join(
            f"[{section}.{name}]\nvalue = {value}\nsource = 'this test'\n"
            for section, name, value in ((*limit.split("."), value) for limit, value in code.limits.items())
        )
        (folder / "small.toml").write_text(f"extends = '{code.target}'\nname = 'small'\n{sections}")
    return ["--target", target, *(["--ready"] if code.ready else [])]


@pytest.mark.parametrize("codes", GROUPS, ids=lambda codes: f"{len(codes)}-{codes[0].code}")
def test_each_row_has_its_code_at_its_path_and_no_other(cli, codes, tmp_path):
    (tmp_path / "rows.jsonl").write_bytes(b"".join(line(code.bad) + b"\n" for code in codes))
    result = cli("check", "rows.jsonl", *options(codes, tmp_path), "--output-format", "json")
    found = [(issue["row"], issue["code"], issue["path"]) for issue in result.objects]
    assert found == [(n, code.code, code.at) for n, code in enumerate(codes, 1)]
    assert all(issue["source"] and issue["fixable"] == CODES[issue["code"]].fixable for issue in result.objects)
    assert result.code == int(any(issue["severity"] == "error" for issue in result.objects))


@pytest.mark.parametrize("codes", GROUPS, ids=lambda codes: f"{len(codes)}-{codes[0].code}")
def test_the_mended_rows_are_clean(cli, codes, tmp_path):
    (tmp_path / "rows.jsonl").write_bytes(b"".join(line(code.good) + b"\n" for code in codes))
    result = cli("check", "rows.jsonl", *options(codes, tmp_path))
    assert (result.code, result.out) == (0, "")


def test_a_row_over_64_mib_is_too_long(cli, tmp_path):
    code = CODES["row-too-long"]
    long = line(code.bad)[:-1].ljust((64 << 20) + 1, b" ") + b"}\n"
    (tmp_path / "rows.jsonl.gz").write_bytes(gzip.compress(long + line(code.good) + b"\n", 1))
    result = cli("check", "rows.jsonl.gz", "--output-format", "json")
    assert [(issue["row"], issue["code"], issue["path"]) for issue in result.objects] == [(1, code.code, code.at)]


def test_a_file_that_breaks_off_is_invalid_after_its_last_whole_row(cli, tmp_path):
    good = line(CODES["json-invalid"].good) + b"\n"
    packed = gzip.compress(good * 3)
    (tmp_path / "rows.jsonl.gz").write_bytes(packed[:-9])
    result = cli("check", "rows.jsonl.gz", "--output-format", "json")
    assert [(issue["code"], issue["path"]) for issue in result.objects] == [("file-invalid", "")]
    assert result.objects[0]["source"]
    assert result.code == 1


def test_every_code_of_check_is_shown_here():
    assert {code.code for codes in GROUPS for code in codes} | APART.keys() == {code.code for code in CHECKED}
    assert all(code.bad is not None for code in IN_ROWS)


@pytest.mark.parametrize("code", CODES.values(), ids=lambda code: code.code)
def test_rules_explains_each_code(cli, code):
    result = cli("rules", code.code)
    assert result.code == 0
    for told in (code.code, code.sentence, code.source, code.hint or "", code.command):
        assert told in result.out


def test_rules_lists_each_code_once_with_its_severity(cli):
    listed = re.findall(r"^  ([a-z0-9-]+) +(error|warning|info) ", cli("rules").out, re.MULTILINE)
    assert sorted(listed) == sorted((code.code, code.severity) for code in CODES.values())
