"""In every format: what is foreign is reported at its place; what is called fixable is mended there, and only there."""

import io
import json
from base64 import b64decode, b64encode
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

import msgkit
from msgkit import rules
from msgkit.formats import FORMATS
from tests.makers import image_bytes, turned

SAMPLES = Path(__file__).parent.parent / "samples"


PNG, TURNED = (b64encode(image_bytes(**more)).decode() for more in ({}, {"exif": turned()}))
WAV = "UklGRigAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQQAAAAAAAEA"
URL = "https://example.com/a.png"


def upright(data):
    """Turn a picture as EXIF says, by Pillow alone."""
    out = io.BytesIO()
    ImageOps.exif_transpose(Image.open(io.BytesIO(data))).save(out, "PNG")
    return out.getvalue()


def data_url(media_type, data):
    return f"data:{media_type};base64,{data}"


# a picture as each format has it: media type and base64 -> a row, with where its media stand


def chat(part, **more):
    return {"messages": [{"role": "user", "content": [{"type": "text", "text": "Who?"}, part]}], **more}


PICTURES = {
    "openai": (
        lambda t, d: chat({"type": "image_url", "image_url": {"url": data_url(t, d), "detail": "low"}}, model="m"),
        "messages[0].content[1].image_url.url",
    ),
    "anthropic": (
        lambda t, d: chat(
            {"type": "image", "source": {"type": "base64", "media_type": t, "data": d}, "cache_control": None},
            system="Be brief.",
        ),
        "messages[0].content[1].source",
    ),
    "gemini": (
        lambda t, d: {
            "contents": [{"role": "user", "parts": [{"text": "Who?"}, {"inlineData": {"mimeType": t, "data": d}}]}]
        },
        "contents[0].parts[1].inlineData.data",
    ),
    "gemini, snake case": (
        lambda t, d: {"contents": [{"role": "user", "parts": [{"inline_data": {"mime_type": t, "data": d}}]}]},
        "contents[0].parts[0].inline_data.data",
    ),
    "responses": (
        lambda t, d: {"input": [{"role": "user", "content": [{"type": "input_image", "image_url": data_url(t, d)}]}]},
        "input[0].content[0].image_url",
    ),
    "mistral": (
        lambda t, d: chat({"type": "image_url", "image_url": data_url(t, d)}, random_seed=1),
        "messages[0].content[1].image_url",
    ),
    "transformers": (
        lambda t, d: chat({"type": "image", "url": data_url(t, d)}),
        "messages[0].content[1].url",
    ),
    "llamafactory": (
        lambda t, d: {"messages": [{"role": "user", "content": [{"type": "image_url", "value": data_url(t, d)}]}]},
        "messages[0].content[0].value",
    ),
    "sharegpt": (
        lambda t, d: {
            "conversations": [{"from": "human", "value": "<image><image>Who?"}],
            "images": [URL, data_url(t, d)],
        },
        "images[1]",
    ),
    "columns": (
        lambda t, d: {
            "messages": [{"role": "user", "content": "<image><image>Who?"}],
            "images": [URL, {"path": data_url(t, d)}],
        },
        "images[1].path",
    ),
    "batch line": (
        lambda t, d: {"custom_id": "a", "body": chat({"type": "image_url", "image_url": {"url": data_url(t, d)}})},
        "body.messages[0].content[1].image_url.url",
    ),
}


def check(row, **options):
    return [issue for issue in msgkit.check(row, **options) if issue.severity == "error" or issue.fixable]


def mend(row, target=None, name=None):
    done = []
    for _ in range(6):
        row, gone = rules.fix(row, msgkit.check(row, target, format=name), upright=upright)
        done += gone
        if not gone:
            return row, done
    raise AssertionError("mending goes round in circles")


@pytest.mark.parametrize("name", PICTURES)
def test_a_wrong_media_type_is_mended_where_the_format_says_it(name):
    make, place = PICTURES[name]
    row = make("image/jpeg", PNG)
    assert [(issue.code, issue.path, issue.fixable) for issue in check(row)] == [("media-type-mismatch", place, True)]
    assert mend(row)[0] == make("image/png", PNG)


@pytest.mark.parametrize("name", PICTURES)
def test_an_alias_of_a_media_type_is_mended_where_the_format_says_it(name):
    make, place = PICTURES[name]
    row = make("image/x-png", PNG)
    assert [(issue.code, issue.path, issue.fixable) for issue in check(row)] == [("media-type-alias", place, True)]
    assert mend(row)[0] == make("image/png", PNG)


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_that_lies_is_turned_in_every_format(name):
    make, place = PICTURES[name]
    row = make("image/png", TURNED)
    assert [(issue.code, issue.path, issue.fixable) for issue in check(row)] == [("image-orientation", place, True)]
    fixed, _ = mend(row)
    assert fixed == make("image/png", b64encode(upright(b64decode(TURNED))).decode())
    assert check(fixed) == []


def test_base64_without_a_type_is_turned_too():
    row = chat({"type": "image", "base64": TURNED})
    assert [(issue.path, issue.fixable) for issue in check(row)] == [("messages[0].content[1].base64", True)]
    assert mend(row)[0] == chat({"type": "image", "base64": b64encode(upright(b64decode(TURNED))).decode()})


@pytest.mark.parametrize(
    ("row", "after"),
    [
        ({"system": "x", "messages": [{"role": "human", "content": "Hi"}]}, ("messages", 0, "role", "user")),
        ({"contents": [{"role": "assistant", "parts": [{"text": "Hi"}]}]}, ("contents", 0, "role", "model")),
        ({"contents": [{"role": "User", "parts": [{"text": "Hi"}]}]}, ("contents", 0, "role", "user")),
        ({"input": [{"role": "human", "content": "Hi"}]}, ("input", 0, "role", "user")),
        ({"conversations": [{"from": "Human", "value": "Hi"}]}, ("conversations", 0, "from", "human")),
        ({"conversations": [{"from": "AI", "value": "Hi"}]}, ("conversations", 0, "from", "gpt")),
        ({"random_seed": 1, "messages": [{"role": "human", "content": "Hi"}]}, ("messages", 0, "role", "user")),
    ],
)
def test_an_alias_of_a_role_becomes_the_name_that_the_format_has(row, after):
    assert any(issue.code == "role-unknown" and issue.fixable for issue in msgkit.check(row))
    listed, index, key, name = after
    assert mend(row)[0] == {**row, listed: [{**row[listed][index], key: name}]}


def test_bare_file_data_become_a_data_url_in_responses():
    part = {"type": "input_file", "file_data": "JVBERi0xLjQKJSVFT0Y=", "filename": "a.pdf"}
    row = {"input": [{"role": "user", "content": [part]}]}
    assert mend(row)[0]["input"][0]["content"][0]["file_data"] == data_url("application/pdf", part["file_data"])


# what is fixable is fixed: the formats' own samples, and rows with faults in them


def samples():
    for file in sorted(SAMPLES.glob("*.json")):
        for row in json.loads(file.read_text(encoding="utf-8")):
            yield file.stem, row


ROWS = list(samples())


def spoiled(value, draw):
    """Put faults that may be mended into a row, wherever their places are."""
    if isinstance(value, dict):
        value = {key: spoiled(inner, draw) for key, inner in value.items()}
        for key, faults in FAULTS.items():
            if isinstance(value.get(key), str) and draw(st.booleans()):
                value[key] = draw(st.sampled_from(faults(value[key])))
        return value
    return [spoiled(item, draw) for item in value] if isinstance(value, list) else value


ROLES = ["human", "User", "AI", " model", "gpt", "assistant"]
FAULTS = {
    "role": lambda _: ROLES,
    "from": lambda _: ROLES,
    "name": lambda old: [old, "Ann Lee", "x" * 70],
    "type": lambda old: [old, "input_text", "output_text", "input_image"] if old in ("text", "image_url") else [old],
    "media_type": lambda _: ["image/jpg", "image/png", "image/gif"],
    "mimeType": lambda _: ["image/jpg", "image/png", "audio/wav"],
    "url": lambda old: [old, data_url("image/jpeg", TURNED), data_url("audio/wav", PNG)],
    "image_url": lambda old: [old, data_url("image/x-png", PNG)],
    "value": lambda old: [old, data_url("image/jpeg", TURNED)],
    "data": lambda _: [PNG, TURNED, WAV, data_url("audio/mpeg", WAV)],
    "format": lambda old: [old, "audio/wav", "mp3"],
    "file_data": lambda _: ["JVBERi0xLjQKJSVFT0Y=", data_url("image/png", "JVBERi0xLjQKJSVFT0Y=")],
    "content_type": lambda _: ["JSON", "banana"],
    "recipient": lambda _: ["all", "functions.f"],
}


@settings(max_examples=40, deadline=None)
@given(data=st.data(), chosen=st.sampled_from(ROWS), target=st.sampled_from([None, "openai", "mistral", "harmony"]))
def test_what_is_called_fixable_is_gone_after_the_fix(data, chosen, target):
    name, sample = chosen
    row = spoiled(sample, data.draw)
    before = json.dumps(row)
    found = [issue for issue in msgkit.check(row, target, format=name) if issue.fixable]
    fixed, done = mend(row, target, name)
    assert json.dumps(row) == before, "the row itself was changed"
    assert {(issue.path, issue.code) for issue in found} <= {(issue.path, issue.code) for issue in done}
    left = msgkit.check(fixed, target, format=name)
    assert [issue for issue in left if issue.fixable] == []
    assert not {(issue.path, issue.code) for issue in left} & {(issue.path, issue.code) for issue in done}


def test_the_samples_of_every_format_are_among_them():
    assert {name for name, _ in ROWS} == set(FORMATS)


# what another format has is foreign here

PARTS = {
    "text": {"type": "text", "text": "Hi"},
    "image_url": {"type": "image_url", "image_url": {"url": URL}},
    "image, by source": {"type": "image", "source": {"type": "url", "url": URL}},
    "image, by url": {"type": "image", "url": URL},
    "input_text": {"type": "input_text", "text": "Hi"},
    "input_image": {"type": "input_image", "image_url": URL, "detail": "auto"},
    "text_delta": {"type": "text_delta", "text": "Hi"},
    "value": {"type": "text", "value": "Hi"},
    "gemini text": {"text": "Hi"},
    "gemini data": {"inlineData": {"mimeType": "image/png", "data": PNG}},
    "hologram": {"type": "hologram", "hologram": {"url": URL}},
}
HOME = {  # which of them a format has itself
    "openai": {"text", "image_url"},
    "harmony": {"text"},
    "anthropic": {"text", "image, by source"},
    "gemini": {"gemini text", "gemini data"},
    "responses": {"input_text", "input_image"},
    "mistral": {"text", "image_url"},
    "transformers": {"text", "image_url", "image, by url"},
    "llamafactory": {"value"},
}


def around(name, part):
    """A row of a format with a part of its own and then *part*, and where that stands."""
    if name == "gemini":
        return {"contents": [{"role": "user", "parts": [{"text": "Hi"}, part]}]}, "contents[0].parts[1]"
    if name == "responses":
        content = [{"type": "input_text", "text": "Hi"}, part]
        return {"input": [{"role": "user", "content": content}]}, "input[0].content[1]"
    own = {"type": "text", "value" if name == "llamafactory" else "text": "Hi"}
    return {"messages": [{"role": "user", "content": [own, part]}]}, "messages[0].content[1]"


@pytest.mark.parametrize("kind", PARTS)
@pytest.mark.parametrize("name", HOME)
def test_a_part_of_another_format_is_reported_at_its_place_and_names_its_type(name, kind):
    part = PARTS[kind]
    row, place = around(name, part)
    issues = msgkit.check(row, format=name)
    if kind in HOME[name]:
        assert issues == []
        return
    assert issues, "a part that the format does not define"
    assert all(issue.path.startswith(place) for issue in issues)
    assert {issue.code for issue in issues} <= {"part-unknown", "part-not-allowed", "key-missing", "key-unknown"}
    named = "'type'" if name == "gemini" else part.get("type", "type")
    assert named in issues[0].message


def test_an_item_of_responses_that_is_none_is_reported_as_a_whole():
    row = {"input": [{"type": "widget", "content": [{"a": 1}]}]}
    assert [(issue.code, issue.path) for issue in msgkit.check(row)] == [("part-unknown", "input[0]")]


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [("image_url", "write 'image'"), ("input_text", "write 'text'")],
)
def test_the_remedy_is_a_part_of_the_same_format(kind, wanted):
    row, _ = around("anthropic", PARTS[kind])
    assert [issue.hint for issue in msgkit.check(row, format="anthropic")] == [wanted]


@pytest.mark.parametrize(
    ("row", "path"),
    [
        ({"system": "x", "messages": [{"role": "user", "content": "Hi", "name": "ann"}]}, "messages[0].name"),
        ({"system": "x", "messages": [{"role": "user", "content": "Hi", "mood": 1}]}, "messages[0].mood"),
        (
            {"system": "x", "messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hi.",
             "tool_calls": [{"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}]}]},
            "messages[1].tool_calls",
        ),
        ({"contents": [{"role": "user", "parts": [{"text": "Hi"}], "mood": 1}]}, "contents[0].mood"),
        ({"contents": [{"role": "user", "parts": [{"text": "Hi", "mood": 1}]}]}, "contents[0].parts[0].mood"),
        ({"input": [{"role": "user", "content": "Hi", "mood": 1}, {"role": "user", "content": "Hi"}]}, "input[0].mood"),
        (
            {"input": [{"type": "function_call", "call_id": "a", "name": "f", "arguments": "{}", "mood": 1},
                       {"type": "function_call_output", "call_id": "a", "output": "x"}]},
            "input[0].mood",
        ),
        (
            {"input": [{"type": "function_call", "call_id": "a", "name": "f", "arguments": "{}"},
                       {"type": "function_call_output", "call_id": "a", "output": "x", "mood": 1}]},
            "input[1].mood",
        ),
        ({"random_seed": 1, "messages": [{"role": "user", "content": "Hi", "mood": 1}]}, "messages[0].mood"),
        ({"conversations": [{"from": "human", "value": "Hi", "mood": 1}, {"from": "gpt", "value": "Hi"}]},
         "conversations[0].mood"),
        ({"messages": [{"role": "user", "content": [PARTS["value"]], "mood": 1}]}, "messages[0].mood"),
        ({"messages": [{"role": "user", "content": [PARTS["image, by url"]], "mood": 1}]}, "messages[0].mood"),
    ],
)  # fmt: skip
def test_a_key_that_the_format_does_not_define_is_reported(row, path):
    assert [(issue.code, issue.path) for issue in msgkit.check(row)] == [("key-unknown", path)]


# what a format defines is none of another's business


FOREIGN = {  # of the samples: what is foreign there on purpose
    ("anthropic", "stop_reason"),  # a response's message taken into a history as it is
    ("openai", "mood"),
    ("openai", "reasoning"),  # which OpenAI's own models have no place for
    ("sharegpt", "loss"),
}


@pytest.mark.parametrize(("name", "row"), ROWS)
def test_nothing_that_a_format_defines_is_called_unknown(name, row):
    issues = msgkit.check(row, format=name, select=["key-unknown", "part-unknown"])
    assert {(name, issue.path.rpartition(".")[2]) for issue in issues} <= FOREIGN


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("anthropic", {"type": "image", "source": {"type": "file", "file_id": "file_1"}}),
        ("anthropic", {"type": "document", "source": {"type": "url", "url": "https://example.com/a.pdf"}}),
        ("anthropic", {"type": "search_result", "source": "a", "title": "b", "content": []}),
        ("anthropic", {"type": "document", "source": {"type": "content", "content": [{"type": "text", "text": "a"}]}}),
        ("gemini", {"executableCode": {"language": "PYTHON", "code": "1"}}),
        ("gemini", {"fileData": {"mimeType": "image/png", "fileUri": "gs://bucket/a.png"}}),
        ("gemini", {"text": "Hi", "thought_signature": "abc"}),
        ("mistral", {"type": "document_url", "document_url": "https://example.com/a.pdf"}),
        ("responses", {"type": "input_image", "file_id": "file_1", "detail": "auto"}),
        ("responses", {"type": "input_file", "file_url": "https://example.com/a.pdf"}),
        ("transformers", {"type": "image"}),
        ("llamafactory", {"type": "tools", "value": "[]"}),
    ],
)
def test_a_part_that_stays_as_it_is_but_is_defined_is_no_issue(name, part):
    row, _ = around(name, part)
    assert msgkit.check(row, format=name) == []


def test_such_a_part_is_an_issue_where_it_must_become_something_else():
    row, place = around("anthropic", {"type": "search_result", "source": "a", "title": "b", "content": []})
    issues = msgkit.check(row, "openai", format="anthropic")
    assert [(issue.code, issue.path) for issue in issues] == [("part-unknown", place)]


def test_sound_in_a_string_of_mistral_needs_no_format():
    for data in (WAV, data_url("audio/wav", WAV)):
        row, _ = around("mistral", {"type": "input_audio", "input_audio": data})
        assert msgkit.check(row, format="mistral") == []


@pytest.mark.parametrize(
    ("column", "target", "refused"),
    [("images", "harmony", True), ("images", "anthropic", False), ("audios", "anthropic", True),
     ("videos", "openai", True), ("videos", "vllm", False)],
)  # fmt: skip
def test_an_entry_of_a_column_is_refused_where_no_part_can_hold_it(column, target, refused):
    row = {"messages": [{"role": "user", "content": f"<{column[:-1]}>Who?"}], column: ["https://example.com/a"]}
    issues = [(issue.code, issue.path) for issue in msgkit.check(row, target)]
    assert issues == ([("part-not-allowed", f"{column}[0]")] if refused else [])


def test_an_entry_of_sharegpt_is_refused_where_it_stands():
    row = {
        "conversations": [{"from": "human", "value": "<image><audio>Who?<video>"}],
        "images": [URL],
        "audios": ["https://example.com/a.wav"],
        "videos": ["https://example.com/a.mp4"],
    }
    issues = [(issue.code, issue.path) for issue in msgkit.check(row, "anthropic")]
    assert issues == [("part-not-allowed", "audios[0]"), ("part-not-allowed", "videos[0]")]


def test_text_of_harmony_is_held_against_harmony():
    row = {"text": "<|start|>system<|message|>You are ChatGPT.<|end|><|start|>user<|message|>Hi<|end|>"}
    assert msgkit.check(row) == []


def test_entries_are_looked_at_even_where_placeholders_and_columns_do_not_fit(tmp_path):
    row = {
        "conversations": [{"from": "human", "value": "<image>Who?"}],
        "images": ["no.png", "../up.png", {"path": data_url("image/jpeg", PNG)}],
    }
    assert [(issue.code, issue.path) for issue in msgkit.check(row, root=tmp_path)] == [
        ("placeholder-count", "conversations"),
        ("reference-not-found", "images[0]"),
        ("reference-outside-root", "images[1]"),
        ("media-type-mismatch", "images[2].path"),
    ]


# unsafe repairs take out what is named, and nothing beside it


TEXT = {"type": "text", "text": "Hi"}
ORPHANS = [
    (
        {"system": "x", "messages": [{"role": "user", "content": [{"type": "tool_result", "tool_use_id": "a"}, TEXT]}]},
        {"system": "x", "messages": [{"role": "user", "content": [TEXT]}]},
    ),
    (
        {"contents": [{"role": "user", "parts": [
            {"functionResponse": {"name": "f", "response": {"output": "x"}}}, {"text": "Hi"}]}]},
        {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}]},
    ),
    (
        {"input": [{"type": "function_call_output", "call_id": "a", "output": "x"}, {"role": "user", "content": "Hi"}]},
        {"input": [{"role": "user", "content": "Hi"}]},
    ),
    (
        {"system": "x", "messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": [
            TEXT, {"type": "tool_use", "id": "a", "name": "f", "input": {}}]}, {"role": "user", "content": "Hm?"}]},
        {"system": "x", "messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": [TEXT]},
                                     {"role": "user", "content": "Hm?"}]},
    ),
    (
        {"input": [{"role": "user", "content": "Hi"}, {"type": "function_call", "call_id": "a", "name": "f",
                   "arguments": "{}"}, {"role": "user", "content": "Hm?"}]},
        {"input": [{"role": "user", "content": "Hi"}, {"role": "user", "content": "Hm?"}]},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("row", "wanted"), ORPHANS)
def test_tool_pairs_takes_out_calls_and_results_where_the_format_has_them(row, wanted):
    fixed, done = rules.fix(row, msgkit.check(row), unsafe=["tool-pairs"])
    assert fixed == wanted
    assert done
    assert not {issue.code for issue in msgkit.check(fixed)} & rules.UNSAFE["tool-pairs"]


@pytest.mark.parametrize(
    ("row", "wanted"),
    [
        (
            {"system": "x", "messages": [{"role": "user", "content": [TEXT, {"type": "text", "text": ""}]}]},
            {"system": "x", "messages": [{"role": "user", "content": [TEXT]}]},
        ),
        (
            {"contents": [{"role": "user", "parts": [{"text": "Hi"}, {"text": ""}]}]},
            {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}]},
        ),
        (
            {"input": [{"role": "user", "content": "Hi"}, {"role": "user", "content": ""}]},
            {"input": [{"role": "user", "content": "Hi"}]},
        ),
    ],
)
def test_empty_content_is_taken_out_where_the_format_has_it(row, wanted):
    assert rules.fix(row, msgkit.check(row), unsafe=["empty-content"])[0] == wanted


def test_the_empty_result_of_a_call_stays_in_every_format():
    row = {
        "system": "x",
        "messages": [
            {"role": "user", "content": "Hi"},
            {"role": "assistant", "content": [{"type": "tool_use", "id": "a", "name": "f", "input": {}}]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "a", "content": ""}, TEXT]},
        ],
    }
    assert rules.fix(row, msgkit.check(row), unsafe=["empty-content"])[0] == row
