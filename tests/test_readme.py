"""The commands of the README and the documentation do what is shown. (Their Python examples run as doctests.)"""

import contextlib
import doctest
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from msgkit.cli import main

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = ["README.md", *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md"))]


def blocks(language: str, text: str = README) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)


def commands(block: str) -> list[tuple[str, str]]:
    """Each command of a console block, and the output that is shown for it."""
    pieces = re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
    return [tuple(piece.split("\n", 1)) for piece in pieces]


def unsized(text: str) -> str:
    """Leave out sizes of what was encoded: they differ a little from one version of the encoders to the next."""
    return re.sub(r"\([0-9.]+ kB\)", "(kB)", text)


@pytest.fixture
def place(tmp_path_factory):
    """A folder with the examples, and msgkit on the path."""
    folder = tmp_path_factory.mktemp("readme")
    shutil.copytree(ROOT / "examples", folder / "examples")
    (folder / "bin").mkdir()
    (folder / "bin" / "msgkit").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m msgkit "$@"\n')
    (folder / "bin" / "msgkit").chmod(0o755)
    return folder


def run(command, env):
    """Run a command in a shell; where that does nothing but call msgkit, in this process, which is faster."""
    words = shlex.split(command)
    if words[0] != "msgkit" or re.search(r"[|&;<>$*]", command):
        done = subprocess.run(["bash", "-c", f"exec 2>&1; {command}"], stdout=subprocess.PIPE, env=env, check=False)
        return done.stdout.decode()
    shown = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    with contextlib.redirect_stdout(shown), contextlib.redirect_stderr(shown):
        main(words[1:])
    return shown.buffer.getvalue().decode()


@pytest.mark.parametrize("page", PAGES)
def test_every_command_shows_what_the_page_shows(place, page, monkeypatch):
    monkeypatch.chdir(place)
    path = os.pathsep.join([str(place / "bin"), os.environ["PATH"]])
    env = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)}
    text = (ROOT / page).read_text(encoding="utf-8")
    for command, expected in [pair for block in blocks("console", text) for pair in commands(block)]:
        output = run(command, env)
        shown = f"$ {command}\n{output}"
        wanted = f"$ {command}\n{expected}"
        assert doctest.OutputChecker().check_output(unsized(wanted), unsized(shown), doctest.ELLIPSIS), shown


@pytest.mark.engines
@pytest.mark.parametrize("page", PAGES)
def test_every_script_runs(page):
    for script in blocks("python", (ROOT / page).read_text(encoding="utf-8")):
        if ">>> " in script:
            continue  # a doctest
        for name in re.findall(r"^(?:import|from) (\w+)", script, flags=re.MULTILINE):
            pytest.importorskip(name)
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=False)
        assert done.returncode == 0, done.stderr


def test_the_two_first_commands_are_what_continuous_integration_runs():
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    install, test = blocks("sh")
    assert install.strip().endswith("&& pip install '.[all]' && msgkit inline examples/history.jsonl -o inlined.jsonl")
    assert test.strip() == "pip install '.[test]' && pytest -n 2"
    for piece in (
        'environment "$python" "$WORK/main" all',
        "inline examples/history.jsonl -o",
        '".[test]"',
        'pytest" -n 2',
    ):
        assert piece in script


def test_there_are_commands_to_run():
    assert len([pair for block in blocks("console") for pair in commands(block)]) > 5


@pytest.mark.parametrize("page", PAGES)
def test_every_file_that_a_page_links_to_is_there(page):
    links = re.findall(r"\]\(([^)#:]+)\)", (ROOT / page).read_text(encoding="utf-8"))
    written = {"cli.md", "python.md", "codes.md", "targets.md", "formats.md", "losses.md"}  # by docs/generate.py
    folder = (ROOT / page).parent
    assert [link for link in links if not (folder / link).exists() and Path(link).name not in written] == []
