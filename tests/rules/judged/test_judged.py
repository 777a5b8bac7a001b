"""
The verdicts of ``check`` beside those of parts that others made, on one table.

Where they differ, the reason stands here: by code where a judge cannot see that kind of fault at all, by row elsewhere.
A reason that no row needs any more fails the test.
"""

import importlib
import importlib.util
import sys
from pathlib import Path
from typing import get_type_hints

import pytest

import msgkit

pytest.importorskip("openai")
pytest.importorskip("mistral_common")
pytest.importorskip("openai_harmony")
pytest.importorskip("anthropic")
pytest.importorskip("google.genai")


def load(name):
    """Import a neighbour; tests are no package."""
    spec = importlib.util.spec_from_file_location(f"judged_{name}", Path(__file__).with_name(f"{name}.py"))
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


CHAT = load("chat").CASES
HARMONY = load("harmony").CASES
ANTHROPIC = load("anthropic").CASES
GEMINI = load("gemini").CASES
judges = load("judges")

TYPES_ONLY = "the types tell the shape of single messages: not what values mean, nor how messages fit together"
OWN_PARTS = "what is of an unknown type is kept, and a warning: servers have parts and calls of their own"
NEW_IDS = "ids have nine characters for tokenizers before v13 only; which one is the model's, the row does not say"
NO_MEDIA = "the judge looks at no media and opens no URL"

UNSEEN = {
    "openai": {
        "content-missing": "the type allows null; its docstring: required unless tool_calls or function_call",
        "part-not-allowed": "the type allows text beside a refusal; the API reference: exactly one refusal",
        "file-source": TYPES_ONLY,
        "file-data-bare": TYPES_ONLY,
        "name-invalid": TYPES_ONLY,
        "tool-result-orphan": TYPES_ONLY,
        "tool-result-missing": TYPES_ONLY,
        "tool-result-duplicate": TYPES_ONLY,
        "tool-call-id-duplicate": TYPES_ONLY,
        "tool-call-id-invalid": TYPES_ONLY,
        "tool-call-id-missing": "the type allows an empty id",
        "tool-calls-empty": "the type has no least length; the API: [] is too short - 'messages.1.tool_calls'",
        "tool-calls-misplaced": "the type allows keys that it does not name",
        "tool-name-invalid": TYPES_ONLY,
        "messages-empty": "the type has no least length; the API: [] is too short - 'messages'",
        "audio-data-url": NO_MEDIA,
        "media-type-mismatch": NO_MEDIA,
        "media-format-unsupported": NO_MEDIA,
        "media-empty": NO_MEDIA,
        "data-url-invalid": NO_MEDIA,
        "base64-invalid": NO_MEDIA,
        "reference-outside-root": NO_MEDIA,
        "reference-scheme": NO_MEDIA,
    },
    "mistral": {
        "role-not-allowed": "from_openai renames developer to system; the API itself has no such role",
        "content-missing": "since v5 an assistant message may lack both content and calls; the API refuses it",
        "audio-format-unknown": "AudioChunk ignores the format and looks at the bytes",
        "media-type-mismatch": NO_MEDIA,
        "media-format-unsupported": NO_MEDIA,
        "media-empty": NO_MEDIA,
        "data-url-invalid": NO_MEDIA,
        "base64-invalid": NO_MEDIA,
        "reference-outside-root": NO_MEDIA,
        "reference-scheme": NO_MEDIA,
    },
    "harmony": {
        "part-not-allowed": "from_dict judges each part alone; the renderer refuses it",
        "tool-name-missing": "from_dict needs no name; the renderer refuses it",
    },
    "rendering": {},
    "anthropic": {
        "content-empty": TYPES_ONLY,
        "tool-result-orphan": TYPES_ONLY,
        "tool-result-missing": TYPES_ONLY,
        "tool-result-duplicate": TYPES_ONLY,
        "tool-call-id-invalid": TYPES_ONLY,
        "tool-call-id-duplicate": TYPES_ONLY,
        "media-type-mismatch": NO_MEDIA,
        "base64-invalid": NO_MEDIA,
    },
    "gemini": {
        "role-unknown": "the type takes any string; the API: please use a valid role: user, model",
        "value-invalid": "the type takes an empty part; the API: required oneof field must have a value",
        "tool-result-orphan": TYPES_ONLY,
        "tool-result-missing": TYPES_ONLY,
        "tool-name-invalid": TYPES_ONLY,
        "media-format-unsupported": NO_MEDIA,
        "base64-invalid": NO_MEDIA,
    },
}

DIFFER = {
    "openai": {
        "Null where absent": "tool_calls may be absent, not null; but the SDK's own dump of a response writes null",
        "part: type unknown": OWN_PARTS,
        "part: input_text": OWN_PARTS,
        "call: type unknown": OWN_PARTS,
    },
    "mistral": {
        "results: id of 41": NEW_IDS,
        "mistral: id of ten": NEW_IDS,
        "mistral: id call_1": NEW_IDS,
        "part: type unknown": OWN_PARTS,
        "part: input_text": OWN_PARTS,
        "call: type unknown": OWN_PARTS,
        "chat: no format": "AudioChunk looks at the bytes; Chat Completions require the format",
        "call: no type": "the type of a call has a default there; Chat Completions require it",
        "call: no id": "the id of a call has the default 'null' there; it pairs with no result",
        "call: arguments object": "FunctionCall writes an object as JSON by itself; Chat Completions require a string",
        "name: number": "from_openai drops the name of a user",
        "result: trimmed": "the pairing loop skips the first message, whatever it is",
        "pending: unanswered": "the pairing loop looks only when another assistant message comes",
    },
    "harmony": {
        "harmony: hologram": OWN_PARTS,
        "harmony: author inside": "from_dict reads the flat form only; dumps of the library's own values are nested",
        "harmony: channel a number": "from_dict does not look at the channel's type; the renderer refuses it",
    },
    "rendering": {
        "harmony: hologram": OWN_PARTS,
        "harmony: author inside": "from_dict reads the flat form only; dumps of the library's own values are nested",
    },
    "anthropic": {
        "block of an unknown type": OWN_PARTS,
    },
    "gemini": {
        "part unknown": OWN_PARTS,
        "inlineData a string": OWN_PARTS,
    },
}
IMAGE = importlib.import_module("openai.types.chat.chat_completion_content_part_image_param").ImageURL
if "original" not in str(get_type_hints(IMAGE)["detail"]):
    DIFFER["openai"]["chat: image original"] = "the SDK that is installed here is older than this detail"

TABLES = {
    "openai": CHAT,
    "mistral": CHAT,
    "harmony": HARMONY,
    "rendering": HARMONY,
    "anthropic": ANTHROPIC,
    "gemini": GEMINI,
}
TARGETS = {
    "openai": "openai",
    "mistral": "mistral",
    "harmony": "harmony",
    "rendering": "harmony",
    "anthropic": "anthropic",
    "gemini": "gemini",
}
FORMATS = {
    "openai": "openai",
    "mistral": "openai",
    "harmony": "harmony",
    "rendering": "harmony",
    "anthropic": "anthropic",
    "gemini": "gemini",
}


def errors(judge, messages):
    row = {"contents": messages} if judge == "gemini" else messages
    issues = msgkit.check(row, TARGETS[judge], format=FORMATS[judge])
    return {issue.code for issue in issues if issue.severity == "error"}


def refusal(judge, messages, folder):
    return judges.rendering(messages, folder) if judge == "rendering" else getattr(judges, judge)(messages)


@pytest.fixture(scope="session")
def vocabulary(tmp_path_factory):
    return str(tmp_path_factory.mktemp("vocabulary"))


def test_the_table_is_large_enough():
    assert len(CHAT) + len(HARMONY) + len(ANTHROPIC) + len(GEMINI) >= 150


@pytest.mark.parametrize("name", CHAT)
def test_chat_rows_have_the_codes_that_the_sources_say(name):
    messages, codes = CHAT[name]
    assert [issue.code for issue in msgkit.check(messages, format="openai")] == codes.split()


@pytest.mark.parametrize("name", HARMONY)
def test_harmony_rows_have_the_codes_that_the_sources_say(name):
    messages, codes = HARMONY[name]
    assert [issue.code for issue in msgkit.check(messages, format="harmony")] == codes.split()


@pytest.mark.parametrize("name", ANTHROPIC)
def test_anthropic_rows_have_the_codes_that_the_sources_say(name):
    messages, codes = ANTHROPIC[name]
    assert [issue.code for issue in msgkit.check(messages, format="anthropic")] == codes.split()


@pytest.mark.parametrize("name", GEMINI)
def test_gemini_rows_have_the_codes_that_the_sources_say(name):
    contents, codes = GEMINI[name]
    assert [issue.code for issue in msgkit.check({"contents": contents})] == codes.split()


@pytest.mark.parametrize("judge", TABLES)
def test_verdicts_agree_but_for_reasons_that_are_given(judge, vocabulary):
    wrong, used = [], set()
    for name, (messages, _) in TABLES[judge].items():
        ours, theirs = errors(judge, messages), refusal(judge, messages, vocabulary)
        if bool(ours) == (theirs is not None):
            continue
        if theirs is None and ours <= set(UNSEEN[judge]):
            used |= ours
        elif name in DIFFER[judge]:
            used.add(name)
        else:
            wrong.append((name, ours, theirs))
    assert wrong == []
    assert used == set(UNSEEN[judge]) | set(DIFFER[judge]), "reasons that no row needs"


@pytest.mark.parametrize("judge", ["harmony", "rendering"])
def test_what_openai_harmony_refuses_check_refuses(judge, vocabulary):
    for name, (messages, _) in HARMONY.items():
        if refusal(judge, messages, vocabulary) is not None and name not in DIFFER[judge]:
            assert errors(judge, messages), name


def test_what_openai_harmony_wrongly_accepts_check_reports(vocabulary):
    messages, _ = HARMONY["harmony: channel banana"]
    assert judges.rendering(messages, vocabulary) is None
    assert [issue.code for issue in msgkit.check(messages, "harmony")] == ["channel-unknown"]
