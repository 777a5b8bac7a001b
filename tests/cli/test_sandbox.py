"""What the program opens, seen from outside by strace: nothing beyond the root, no socket, no other program."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PLAYLIST = "#EXTM3U\n#EXTINF:1,\nfile://{canary}\n#EXTINF:1,\nhttp://127.0.0.1:9/x.ts\n"


def can_trace() -> bool:
    strace = shutil.which("strace")
    return strace is not None and subprocess.run([strace, "-o", "/dev/null", "true"], check=False).returncode == 0


pytestmark = pytest.mark.skipif(not can_trace(), reason="strace is not here, or may not trace")


@pytest.fixture
def hostile(tmp_path):
    """A root with hostile files and a history that names them, and a canary outside of it."""
    root = tmp_path / "root"
    root.mkdir()
    canary = tmp_path / "canary.png"
    shutil.copy(ROOT / "examples" / "photos" / "paw.png", canary)
    (root / "link.png").symlink_to(canary)
    (root / "up").symlink_to(tmp_path)
    (root / "list.mp3").write_text(PLAYLIST.format(canary=canary))
    (root / "-version.mp3").write_bytes(b"")
    shutil.copy(ROOT / "examples" / "sounds" / "order.flac", root / "order.flac")
    names = [
        *("../canary.png", str(canary), f"file://{canary}", "link.png", "up/canary.png", "%2e%2e/canary.png"),
        *("file:../canary.png", "root/../../canary.png", "\\\\host\\share\\x.png", "/dev/zero", "concat:canary.png"),
        *("http://127.0.0.1:9/x.png", "http://127.0.0.1\\@example.com/x.png", "https://example.com/x.png", "ftp://h/x"),
    ]
    rows = [[{"type": "image_url", "image_url": {"url": name}}] for name in names]
    rows += [
        [{"type": "input_audio", "input_audio": {"data": name, "format": "mp3"}}]
        for name in ("list.mp3", "-version.mp3", "order.flac", "pipe:0", f"file://{canary}")
    ]
    lines = [json.dumps({"messages": [{"role": "user", "content": content}]}) for content in rows]
    (root / "in.jsonl").write_text("\n".join(lines) + "\n")
    return root


@pytest.mark.parametrize(
    "argv",
    [
        ["inline", "in.jsonl", "-o", "out.jsonl"],
        ["check", "in.jsonl"],
        ["check", "in.jsonl", "--fix", "-o", "out.jsonl"],
    ],
    ids=["inline", "check", "fix"],
)
def test_nothing_outside_the_root_no_socket_no_program(hostile, argv, tmp_path):
    trace = tmp_path / "trace"
    command = ["strace", "-f", "-o", str(trace), "-e", "trace=network,open,openat,openat2,execve"]
    process = subprocess.run(
        [*command, sys.executable, "-m", "msgkit", *argv],
        cwd=hostile,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "HOME": str(hostile)},
        capture_output=True,
        text=True,
        check=False,
    )
    calls = trace.read_text()
    assert process.returncode == 1
    assert "20 rows read" in process.stderr
    assert "order.flac" in calls
    assert re.findall(r"\b(?:socket|connect|sendto)\(.*", calls) == []
    assert len(re.findall(r"\bexecve\(", calls)) == 1
    opened = [line for line in calls.splitlines() if re.search(r"canary|/dev/zero|share.{0,4}x\.png", line)]
    assert [line for line in opened if not line.endswith(("ELOOP (Too many levels of symbolic links)",))] == []
