"""What CONTRIBUTING.md says of the code."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_the_files_and_tests_of_the_fast_ways_are_there():
    table = TEXT.partition("## Accept fast, else explain")[2].partition("\n## ")[0]
    paths = re.findall(r"`((?:\w+/)+\w+\.py)`", table)
    assert paths
    assert [path for path in paths if not any((top / path).is_file() for top in (ROOT, ROOT / "msgkit"))] == []
