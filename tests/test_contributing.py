"""What CONTRIBUTING.md says of the code."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_the_files_and_tests_of_the_fast_ways_are_there():
    table = TEXT.partition("## Accept fast, else explain")[2].partition("\n## ")[0]
    paths = re.findall(r"`((?:\w+/)+\w+\.py)`", table)
    assert paths
    assert [path for path in paths if not any((top / path).is_file() for top in (ROOT, ROOT / "msgkit"))] == []


def test_the_functions_of_the_fast_ways_are_in_their_files():
    named = re.findall(r"`(?:\w+\.)?(\w+)`(?:, `(\w+)`)? in `((?:\w+/)+\w+\.py)`", TEXT)
    assert named
    texts = {path: (ROOT / "msgkit" / path).read_text(encoding="utf-8") for *_, path in named}
    assert [name for *names, path in named for name in names if name and f"def {name}(" not in texts[path]] == []


def test_the_layers_are_those_that_the_linter_holds():
    told = re.findall(r"\w+", TEXT.partition("    cli > html")[2].partition("\n\n")[0])
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ][0]
    layers = [name.strip().removeprefix("msgkit.") for layer in contract["layers"] for name in layer.split("|")]
    assert ["cli", "html", *told] == layers
