"""What the system sees: which files are opened, and that there is no socket and no other process (strace)."""

import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import msgkit

pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")

START = """
import pathlib, sys
from msgkit import targets
from msgkit.errors import MediaError
from msgkit.media import Options, audio, image
from msgkit.media.sources import Root, read_source
from msgkit.model.media import Media
import PIL.Image, av, numpy, lameenc, soxr, pi_heif
audio.to_pydub(Media(pathlib.Path("warm.wav").read_bytes(), "audio/wav"))
target = targets.get("openai")
def tried(act, *arguments):
    try: act(*arguments)
    except MediaError as error: print(error.code)
    else: print("done")
open("marker", "w").close()
"""


def traced(folder, program):
    """Run *program* in *folder* and return what it printed and the system calls that it made behind the imports."""
    log = folder / "strace.log"
    calls = "trace=open,openat,openat2,execve,fork,vfork,socket,connect,sendto,readlink,readlinkat"
    command = ["strace", "-f", "-qq", "-e", calls, "-o", log, sys.executable, "-c", START + textwrap.dedent(program)]
    environment = {**os.environ, "PYTHONPATH": str(Path(msgkit.__path__[0]).parent), "PYTHONDONTWRITEBYTECODE": "1"}
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment, timeout=60, check=False)
    assert run.stderr == ""
    _, _, after = log.read_text().partition("marker")
    return run.stdout.split(), [
        line for line in after.splitlines() if not re.search(r"\.(py|pyc|so)\b|site-packages", line)
    ]


def test_nothing_outside_the_root_is_opened(tmp_path, tone):
    (tmp_path / "warm.wav").write_bytes(tone(0.1))
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "canary.gif").write_bytes(b"GIF89a canary")
    (root / "fine.gif").write_bytes(b"GIF89a fine")
    (root / "link.gif").symlink_to("../canary.gif")
    (root / "folder").symlink_to("..")
    (root / "proc").symlink_to("/proc/self/root")
    references = [
        "fine.gif",
        "../canary.gif",
        "link.gif",
        "folder/canary.gif",
        "proc/etc/passwd",
        f"{tmp_path}/canary.gif",
        f"file://{tmp_path}/canary.gif",
        "file:///etc/passwd",
        "file://localhost/etc/passwd#fake.jpg",
        f"file://{root}/%2e%2e/canary.gif",
        "/etc/passwd",
        "/dev/zero",
        "//host/share/x.png",
        "\\\\\\\\host\\\\share\\\\x.png",
        "http://169.254.169.254/latest",
        "http://127.0.0.1\\\\@example.com/",
        "ftp://127.0.0.1/x",
        "concat:/etc/passwd",
        "hf://x",
    ]
    printed, calls = traced(tmp_path, f"root = Root('root')\nfor name in {references!r}: tried(root.read, name)")
    assert printed[0] == "done"
    assert set(printed[1:]) == {"reference-outside-root", "reference-scheme"}
    opened = [line for line in calls if "open" in line]
    assert [line for line in opened if "fine.gif" in line]
    assert not [line for line in opened if re.search(r"canary|passwd|zero|/etc|/proc|/dev", line)]
    assert not [line for line in calls if re.search(r"socket|connect|sendto|execve|fork", line)]


def test_no_socket_no_process_and_no_other_file(tmp_path, tone, transcode, save, quarters):
    """Playlists, protocols and scripts under every name, through every way by which sound and pictures are decoded."""
    (tmp_path / "warm.wav").write_bytes(tone(0.1))
    (tmp_path / "canary.mp3").write_bytes(transcode(tone(0.2), "mp3"))
    for name in ("ffmpeg", "ffprobe", "gs"):
        (tmp_path / name).write_text("#!/bin/sh\ntouch planted\n")
        (tmp_path / name).chmod(0o755)
    hostile = tmp_path / "hostile"
    hostile.mkdir()
    playlist = b"#EXTM3U\n#EXTINF:1,\n%s\n#EXT-X-ENDLIST\n"
    m4a = bytearray(transcode(tone(0.5), "m4a"))
    at = m4a.index(b"url ")
    m4a[at + 4 : at + 8] = bytes(4)
    files = {
        "-version.mp3": playlist % b"canary.mp3",
        "hls.mp3": playlist % b"http://127.0.0.1:9/x.ts",
        "concat:x.mp3": b"ffconcat version 1.0\nfile canary.mp3\n",
        "pipe:0": b"v=0\nm=audio 5004 RTP/AVP 0\n",
        "tagged.mp3": b"ID3\x04\0\0\0\0\0\0" + playlist % b"canary.mp3",
        "ogg.ogg": b"OggS\0" + playlist % b"canary.mp3",
        "drefs.m4a": bytes(m4a),
        "good.ogg": transcode(tone(0.2), "ogg"),
        "eps.png": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(canary.mp3) run\n",
        "svg.png": b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
        "good.tiff": save(quarters(), "TIFF"),
    }
    for name, data in files.items():
        (hostile / name).write_bytes(data)
    printed, calls = traced(
        tmp_path,
        """
        for path in sorted(pathlib.Path("hostile").iterdir()):
            data = read_source(path)
            tried(audio.fit, data, target, Options(audio_format="mp3"))
            tried(audio.to_pydub, Media(data, "audio/mpeg"))
            tried(image.fit, data, target, Options(max_side=8))
            tried(image.to_pillow, Media(data, "image/png"))
        """,
    )
    assert printed.count("done") >= 4
    assert set(printed) <= {"done", "media-format-unsupported", "media-invalid", "media-empty", "media-truncated"}
    assert not [line for line in calls if re.search(r"socket|connect|sendto|execve|fork", line)]
    assert not [line for line in calls if re.search(r"canary|passwd", line)]
    assert not (tmp_path / "planted").exists()
