"""What CONTRIBUTING promises: each kind of thing is added by one file, and every public way then knows it."""

import base64
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

import msgkit
from msgkit import formats
from tests.strategies import PNGS

TOY = '''
"""
Toy rows. What differs from Chat Completions:

- one question under ``ask``, with an image under ``image``; one answer under ``reply``.
"""

from msgkit.formats import Format
from msgkit.formats.common.builder import Draft
from msgkit.formats.common.capabilities import Capabilities


def recognize(body):
    return "ask" in body


def load(body, at=()):
    draft = Draft(at)
    asked = body.get("ask")
    places = {("content",): ("ask",)}
    if "image" in body:
        asked = [{"type": "image_url", "image_url": {"url": body["image"]}}, {"type": "text", "text": asked}]
        places = {("content", 0, "image_url", "url"): ("image",), ("content", 1, "text"): ("ask",)}
    draft.add({"role": "user", "content": asked}, (), places)
    if "reply" in body:
        draft.add({"role": "assistant", "content": body["reply"]}, (), {("content",): ("reply",)})
    extra = {key: value for key, value in body.items() if key not in ("ask", "image", "reply")}
    return draft.finish(extra, "ask")


def dump(conversation):
    body = {}
    for message in conversation.messages:
        body["reply" if message.role == "assistant" else "ask"] = message.text
        for part in message.parts:
            if part.type == "image_url":
                body["image"] = part.image_url.url
    return {**body, **conversation.extra}


FORMAT = Format(
    name="toy",
    title="Toy: {ask, image, reply}",
    source="toy rows README.md",
    recognize=recognize,
    load=load,
    dump=dump,
    capabilities=Capabilities(parts={"text": (), "image_url": ()}, roles=("user", "assistant"), open="rows"),
    list_key="ask",
)
'''
ROW = {"ask": "Who is it?", "reply": "A cat."}


@pytest.fixture(name="toy")
def _toy(tmp_path, monkeypatch):
    """A format by one file and one line in the registry."""
    (tmp_path / "toy_rows.py").write_text(TOY)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(formats.FORMATS, "toy", "toy_rows")
    yield "toy"
    formats.get.cache_clear()


def test_a_new_format_is_recognized_and_comes_back_the_same(toy):
    talk = msgkit.load(ROW)
    assert talk.envelope.format == toy
    assert [message.role for message in talk] == ["user", "assistant"]
    assert msgkit.dump(talk) == ROW


def test_a_new_format_is_checked_and_its_faults_name_its_own_source(toy):
    assert msgkit.check(ROW, format=toy) == []
    (issue,) = msgkit.check({**ROW, "ask": 5})
    assert (issue.path, issue.code, issue.source) == ("ask", "type-mismatch", "toy rows README.md")


def test_a_new_format_is_converted_from_and_to_and_restored(toy):
    result = msgkit.convert({**ROW, "mood": "calm"}, "openai", on_loss="drop")
    assert result.payload["messages"] == [
        {"role": "user", "content": "Who is it?"},
        {"role": "assistant", "content": "A cat."},
    ]
    assert msgkit.restore(result.payload, result.losses) == {**ROW, "mood": "calm"}
    assert msgkit.convert({"messages": result.payload["messages"]}, toy).payload == ROW


def test_media_of_a_new_format_are_inlined(toy, tmp_path):
    (tmp_path / "cat.png").write_bytes(base64.b64decode(PNGS[0]))
    row = msgkit.inline({**ROW, "image": "cat.png"}, root=tmp_path, format=toy)
    assert row["image"].startswith("data:image/png;base64,")


@pytest.fixture(name="package")
def _package(tmp_path, monkeypatch):
    """An installed package that registers formats."""
    about = tmp_path / "toy_formats-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: toy-formats\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(
        "[msgkit.formats]\ntoy = toy_plugin:FORMAT\nnone = toy_plugin:load\nbroken = toy_missing:FORMAT\n"
    )
    (tmp_path / "toy_plugin.py").write_text(TOY)
    monkeypatch.syspath_prepend(tmp_path)
    yield
    formats.get.cache_clear()


@pytest.mark.usefixtures("package")
def test_a_format_of_another_package_is_found_by_its_name():
    assert msgkit.convert(ROW, "openai", format="toy").payload["messages"][0]["content"] == "Who is it?"


@pytest.mark.usefixtures("package")
@pytest.mark.parametrize(
    ("name", "why"),
    [("broken", r"cannot be loaded: ModuleNotFoundError: .*toy_missing"), ("none", "is not a Format: got function")],
)
def test_a_broken_format_of_another_package_is_named(name, why):
    with pytest.raises(msgkit.MsgkitError, match=rf"'{name}' in msgkit.formats of toy-formats 1.0 \(toy_.*{why}"):
        msgkit.load(ROW, name)


@pytest.mark.usefixtures("package")
def test_names_of_other_packages_are_suggested():
    with pytest.raises(msgkit.UnknownNameError, match="did you mean 'alpaca'"):
        msgkit.load(ROW, "alpca")


@pytest.fixture
def house(tmp_path):
    """Return a copy of the package, and a function that runs the copy's command line."""
    copy = tmp_path / "house" / "msgkit"
    shutil.copytree(Path(msgkit.__file__).parent, copy, ignore=shutil.ignore_patterns("__pycache__"))

    def run(*arguments):
        result = subprocess.run(
            [sys.executable, "-m", "msgkit", *arguments],
            cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(copy.parent)}, capture_output=True, text=True,
            timeout=60, check=False,
        )  # fmt: skip
        assert "Traceback" not in result.stderr, result.stderr
        return result

    return copy, run


RULE = '''

def shouting(context: Context) -> Iterator[Finding]:
    """Report text in capitals."""
    for i, message in context.messages:
        if isinstance(message.content, str) and len(message.content) > 3 and message.content.isupper():
            yield Finding(("messages", i, "content"), "text-shouting", "the whole text is in capitals")


def _lower(body: Any, at: Steps) -> Any:
    return edit(body, at, lambda old: old.lower() if isinstance(old, str) else old)


RULES = (
    *RULES,
    Rule(
        "text-shouting",
        "The whole text is in capitals.",
        "a toy of the tests",
        severity="warning",
        at="messages[0].content",
        bad=[user("HELLO THERE")],
        good=[user("hello there")],
        applies=lambda conversation, _: any(
            isinstance(message.content, str) and message.content.isupper() for message in conversation.messages
        ),
        check=shouting,
        fix=_lower,
    ),
)
'''


def test_a_rule_is_a_function_and_its_row_in_one_file(house, tmp_path):
    copy, run = house
    file = copy / "rules" / "text.py"
    text = file.read_text(encoding="utf-8")
    imports = "from typing import Any\nfrom msgkit.jsontext.edit import Steps, edit\n"
    file.write_text(text.replace("import re\n", "import re\n" + imports, 1) + RULE, encoding="utf-8")
    rows = tmp_path / "rows.jsonl"
    rows.write_text(json.dumps([{"role": "user", "content": "STOP THAT"}]) + "\n", encoding="utf-8")
    assert (
        "[0].content: text-shouting: the whole text is in capitals"
        in run("check", "rows.jsonl", "--target", "openai").stdout
    )
    assert "a toy of the tests" in run("rules", "text-shouting").stdout
    assert run("check", "rows.jsonl", "--select", "text").stdout.count("text-shouting") == 1
    assert run("check", "rows.jsonl", "--fix", "-o", "fixed.jsonl").returncode == 0
    assert json.loads((tmp_path / "fixed.jsonl").read_text(encoding="utf-8")) == [
        {"role": "user", "content": "stop that"}
    ]


TGA = '''
"""Truevision TGA, version 2: its signature stands at the end."""

from msgkit.headers.base import MediaType
from msgkit.headers.base import ImageHeader


def sniff(window, head):
    return "image/x-tga" if window.at(max(0, window.size - 18), 16) == b"TRUEVISION-XFILE" else None


def read(window):
    head = window.at(0, 18)
    width, height = (int.from_bytes(head[at : at + 2], "little") for at in (12, 14))
    return ImageHeader("image/x-tga", width, height)


TYPES = (MediaType("image/x-tga", extensions=(".tga",), aliases=("image/tga",), sniff=sniff, read=read),)
'''
DECODER = '    Decoder(media_type="image/x-tga", pillow="TGA", plugin="PIL.TgaImagePlugin", lossless=True),\n'


def test_a_media_type_is_a_file_of_headers_and_a_row_of_the_decoders(house, tmp_path):
    copy, run = house
    (copy / "headers" / "tga.py").write_text(TGA, encoding="utf-8")
    registry, decoders = copy / "headers" / "__init__.py", copy / "media" / "image" / "decoders.py"
    text = registry.read_text(encoding="utf-8")
    text = text.replace("headers import (\n", "headers import (\n    tga,\n").replace(
        "register(\n", "register(\n    *tga.TYPES,\n"
    )
    registry.write_text(text, encoding="utf-8")
    text = decoders.read_text(encoding="utf-8")
    decoders.write_text(text.replace("\nregister(\n", "\nregister(\n" + DECODER), encoding="utf-8")
    pixels = Image.new("RGB", (6, 4), "green")
    pixels.save(tmp_path / "leaf.dat", "TGA")
    row = {"messages": [{"role": "user", "content": [{"type": "image", "path": "leaf.dat"}]}]}
    (tmp_path / "rows.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    assert "these bytes are image/x-tga" in run("check", "rows.jsonl", "--target", "openai").stdout
    assert run("inline", "rows.jsonl", "-o", "made.jsonl").returncode == 0
    (made,) = msgkit.load(json.loads((tmp_path / "made.jsonl").read_bytes())).messages[0].parts
    assert msgkit.to_pillow(made).tobytes() == pixels.tobytes()


TARGET = """
name = "toy"
title = "A toy"
extends = "openai"
source = "a toy of the tests"

[images]
max_count = 1

[models."toy-blind*"]
parts.user = ["text"]
"""


def test_a_target_and_its_models_are_one_file(house, tmp_path):
    copy, run = house
    (copy / "targets" / "toy.toml").write_text(TARGET, encoding="utf-8")
    url = f"data:image/png;base64,{PNGS[0]}"
    part = {"type": "image_url", "image_url": {"url": url}}
    row = [{"role": "user", "content": [part, part]}]
    (tmp_path / "rows.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    assert "A toy" in run("targets").stdout
    assert "a toy of the tests" in run("targets", "toy", "--model", "toy-blind-2").stdout
    assert "at most 1 images in a request to A toy, got 2" in run("check", "rows.jsonl", "--target", "toy").stdout
    assert "toy toy-blind" in run("stats", "rows.jsonl", "--target", "toy", "--model", "toy-blind").stdout
    issues = run("check", "rows.jsonl", "--target", "toy", "--model", "toy-blind").stdout
    assert "A toy (toy-blind) takes no image_url part" in issues
