"""The hook and the action run msgkit as they say."""

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
yaml = pytest.importorskip("yaml", reason="PyYAML reads the hook and the action")


def msgkit(command, cwd, **variables):
    words = shlex.split(command)
    assert words[0] == "msgkit"
    return subprocess.run(
        [sys.executable, "-m", *words],
        cwd=cwd,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture
def repository(tmp_path):
    (tmp_path / "good.jsonl").write_text('{"messages": [{"role": "user", "content": "Hello"}]}\n')
    (tmp_path / "bad.jsonl").write_text('{"messages": [{"role": "usr", "content": "Hello"}]}\n')
    return tmp_path


def test_the_hook_passes_clean_files_and_fails_on_faulty_ones(repository):
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert msgkit(f"{hook['entry']} good.jsonl", repository).returncode == 0
    result = msgkit(f"{hook['entry']} good.jsonl bad.jsonl", repository)
    assert (result.returncode, "bad.jsonl:1: messages[0].role: role-unknown" in result.stdout) == (1, True)


def test_the_action_annotates_faulty_rows(repository):
    steps = yaml.safe_load((ROOT / "action.yml").read_text())["runs"]["steps"]
    command = steps[-1]["run"].replace("$MSGKIT_OPTIONS", "").replace("$MSGKIT_FILES", "good.jsonl bad.jsonl")
    result = msgkit(command, repository)
    assert (result.returncode, result.stdout.startswith("::error file=bad.jsonl,line=1")) == (1, True)
