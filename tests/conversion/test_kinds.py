"""kinds.py: what refuses a row, what is left out, and what is only spelled otherwise."""

import json

import pytest

import msgkit
from msgkit.conversion.vocabulary import DEFAULTS

HELLO = {"role": "user", "content": "Hello"}
PICTURE = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
PDF = "data:application/pdf;base64,JVBERi0xLjQKJSVFT0YK"


def body(*messages, **more):
    return {"messages": list(messages or [HELLO]), **more}


def kinds(row, to, **options):
    return {loss.name: loss.kind for loss in msgkit.convert(row, to, on_loss="drop", **options).losses}


@pytest.mark.parametrize("key", ["stream", "seed", "user", "logit_bias", "store", "a_column_of_the_row", "id"])
def test_a_setting_is_left_out_listed_and_refused_by_strict_alone(key):
    row = body(**{key: "x"})
    result = msgkit.convert(row, "gemini")
    kept = key == "seed"
    assert [(loss.path, loss.value, loss.kind) for loss in result.losses if not loss.form and not kept] == (
        [] if kept else [((key,), "x", "setting")]
    )
    assert msgkit.restore(result.payload, result.losses) == row
    if not kept:
        with pytest.raises(msgkit.LossError, match=key):
            msgkit.convert(row, "gemini", on_loss="strict")


@pytest.mark.parametrize("role", ["function", "tool"])
@pytest.mark.parametrize("target", ["openai", "anthropic"])
def test_the_role_of_geminis_results_is_form_and_that_of_a_text_is_content(role, target):
    call = {"role": "model", "parts": [{"functionCall": {"name": "f", "args": {}}}]}
    result = {"role": role, "parts": [{"functionResponse": {"name": "f", "response": {"n": 1}}}]}
    row = {"contents": [{"role": "user", "parts": [{"text": "Hello"}]}, call, result]}
    assert kinds(row, target) == {"role": "form"}
    result["parts"].append({"text": "Hello"})
    assert kinds(row, target)["role"] == "content"


@pytest.mark.parametrize("metadata", [{"score": 3}, "x", ["a"]])
@pytest.mark.parametrize("target", ["openai", "responses"])
def test_metadata_of_a_row_that_no_request_may_have_is_a_setting(metadata, target):
    row = {"conversations": [{"from": "human", "value": "Hello"}], "metadata": metadata}
    result = msgkit.convert(row, target)
    assert [loss.kind for loss in result.losses if loss.name == "metadata"] == ["setting"]
    assert msgkit.restore(result.payload, result.losses) == row


@pytest.mark.parametrize(
    ("key", "value"), [("n", 1), ("stream", False), ("stop", None), ("tools", []), ("presence_penalty", 0)]
)
@pytest.mark.parametrize("target", ["anthropic", "gemini", "responses"])
def test_a_value_that_says_what_holds_anyway_is_form(key, value, target):
    row = body(**{key: value})
    result = msgkit.convert(row, target, on_loss="strict")
    assert {loss.kind for loss in result.losses} <= {"form"}
    assert msgkit.restore(result.payload, result.losses) == row


def test_detail_auto_is_form_and_detail_low_is_a_setting():
    auto, low = ({**PICTURE, "image_url": {**PICTURE["image_url"], "detail": detail}} for detail in ("auto", "low"))
    assert kinds(body({"role": "user", "content": [auto]}), "anthropic") == {"detail": "form"}
    assert kinds(body({"role": "user", "content": [low]}), "anthropic") == {"detail": "setting"}


@pytest.mark.parametrize("key", DEFAULTS)
def test_another_value_than_the_default_is_no_form(key):
    assert all(msgkit.conversion.equivalence.is_default(key, value) for value in DEFAULTS[key])
    assert not msgkit.conversion.equivalence.is_default(key, "anything else")


@pytest.mark.parametrize("target", ["anthropic", "gemini", "mistral"])
def test_a_key_under_the_receivers_own_name_is_no_loss(target):
    result = msgkit.convert(body(model="m", max_completion_tokens=9), target, on_loss="strict")
    assert "9" in str(result.payload)
    assert {loss.kind for loss in result.losses} <= {"form"}


@pytest.mark.parametrize("target", ["anthropic", "gemini", "mistral", "chatml"])
def test_a_developers_message_as_system_prompt_is_no_loss(target):
    row = body({"role": "developer", "content": "Be brief."}, HELLO)
    assert set(kinds(row, target).values()) <= {"form"}


def test_a_key_of_a_message_that_no_format_knows_is_content():
    assert kinds(body({**HELLO, "mood": "glad"}), "anthropic") == {"mood": "content"}


def test_an_object_of_settings_and_content_is_told_key_by_key():
    config = {"responseModalities": ["TEXT"], "topK": 5, "speechConfig": {"a": 1}}
    row = {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}], "generationConfig": config}
    result = msgkit.convert(row, "responses")
    lost = {loss.path: loss.kind for loss in result.losses}
    assert lost[("generationConfig", "responseModalities")] == "form"
    assert lost[("generationConfig", "speechConfig")] == "setting"
    assert msgkit.restore(result.payload, result.losses) == row


def test_allow_loss_names_what_may_go_and_nothing_else():
    row = body({**HELLO, "name": "Ann", "mood": "glad"})
    with pytest.raises(msgkit.LossError) as caught:
        msgkit.convert(row, "anthropic", allow_loss=["name"])
    assert [loss.name for loss in caught.value.losses] == ["mood"]
    assert msgkit.convert(row, "anthropic", allow_loss=["name", "mood"]).payload == body(HELLO)


def test_the_name_of_a_lost_entry_is_its_type_or_its_role():
    sound = {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}}
    row = body({"role": "user", "content": [{"type": "text", "text": "Hi"}, sound]})
    assert kinds(row, "anthropic")["input_audio"] == "content"
    assert msgkit.convert(row, "anthropic", allow_loss=["input_audio"]).payload


@pytest.mark.parametrize("key", ["messages", "chosen"])
def test_an_error_names_the_remedy(key):
    row = {"chosen": body()["messages"], "rejected": body()["messages"]} if key == "chosen" else {}
    with pytest.raises(msgkit.LossError, match=r"on_loss='drop'.*allow_loss=\['name'\]"):
        msgkit.convert({**row, key: [{**HELLO, "name": "Ann"}]}, "anthropic")


def test_keys_of_arguments_are_anyones_and_never_settings():
    call = {"type": "function_call", "call_id": "a", "name": "f", "arguments": '{"id": "x", "status": "y"}'}
    row = {"input": [HELLO, call, {"type": "function_call_output", "call_id": "a", "output": "1"}], "model": "m"}
    for target in ("anthropic", "gemini", "openai"):
        result = msgkit.convert(row, target, on_loss="strict")
        assert msgkit.restore(result.payload, result.losses) == row


@pytest.mark.parametrize("target", ["anthropic", "mistral"])
def test_a_conversation_of_which_nothing_stays_is_refused_also_with_drop(target):
    video = {"type": "video_url", "video_url": {"url": "https://example.com/a.mp4"}}
    with pytest.raises(msgkit.InvalidMessageError) as caught:
        msgkit.convert(body({"role": "user", "content": [video]}), target, on_loss="drop")
    assert [issue.code for issue in caught.value.issues] == ["messages-empty"]


def test_a_ledger_keeps_the_kinds():
    result = msgkit.convert(body({**HELLO, "name": "Ann"}, seed=1, n=1), "anthropic", on_loss="drop")
    lines = list(result.losses.lines(1))
    assert {line["kind"] for line in lines} == {"content", "setting", "form"}
    assert type(result.losses).of_lines(lines) == result.losses
    older = [{key: value for key, value in line.items() if key != "kind"} for line in lines]
    assert {loss.kind for loss in type(result.losses).of_lines(older)} == {"content", "form"}


def test_how_strictly_a_schema_is_held_is_a_setting():
    schema = {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": False}
    tool = {"type": "function", "function": {"name": "f", "description": "d", "parameters": schema}}
    assert kinds(body(tools=[tool]), "harmony-text")["additionalProperties"] == "setting"


def test_a_system_message_among_others_keeps_its_text_and_loses_its_role_alone():
    user = {"role": "user", "content": "Q"}
    result = msgkit.convert(
        {"messages": [user, {"role": "system", "content": "Be brief."}, user]}, "gemini", on_loss="drop"
    )
    assert [part["text"] for part in result.payload["contents"][0]["parts"]] == ["Q", "Be brief.", "Q"]
    (loss,) = [loss for loss in result.losses if not loss.form]
    assert (loss.path, loss.kind) == (("messages", 1), "content")
    assert "the text stays, as the user's" in loss.what


def test_a_loss_of_the_last_question_says_that_an_answer_is_the_end_then():
    audio = {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}}
    messages = [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "A"}]
    result = msgkit.convert(
        {"messages": [*messages, {"role": "user", "content": [audio]}]}, "anthropic", on_loss="drop"
    )
    (loss,) = [loss for loss in result.losses if not loss.form]
    assert loss.what.endswith("the assistant's answer before it is then the end")


@pytest.mark.parametrize("to", ["harmony", "harmony-text"])
@pytest.mark.parametrize("asked", ["Hi", [{"role": "user", "content": "Hi"}]])
def test_instructions_that_are_a_developer_message_there_are_no_loss(to, asked):
    row = {"model": "m", "instructions": "Be brief.", "input": asked}
    result = msgkit.convert(row, to)
    assert "Be brief." in json.dumps(result.payload)
    assert msgkit.restore(result.payload, result.losses) == row


@pytest.mark.parametrize("to", ["anthropic", "gemini"])
@pytest.mark.parametrize(
    "before", [[], [{"role": "developer", "content": [{"type": "input_text", "text": "In French."}]}]]
)
def test_instructions_before_a_developer_message_and_a_question_in_a_list_are_no_loss(to, before):
    question = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hi"}]}
    row = {"instructions": "Be brief.", "input": [*before, question]}
    result = msgkit.convert(row, to)
    assert all(text in json.dumps(result.payload) for text in ("Be brief.", "Hi", *["In French."][: len(before)]))
    assert msgkit.restore(result.payload, result.losses) == row


@pytest.mark.parametrize("key", ["parameters", "parametersJsonSchema", "parameters_json_schema"])
def test_a_schema_under_another_name_counts_by_what_of_it_is_lost(key):
    schema = {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": False}
    asked = {"contents": [{"role": "user", "parts": [{"text": "Q"}]}]}
    row = {**asked, "tools": [{"functionDeclarations": [{"name": "w", "description": "d", key: schema}]}]}
    result = msgkit.convert(row, "harmony-text")
    assert {loss.kind for loss in result.losses} <= {"form", "setting"}
    assert msgkit.restore(result.payload, result.losses) == row


VIDEO = {"inlineData": {"mimeType": "video/mp4", "data": "AAAA"}}
CALL = {"id": "c", "type": "function", "function": {"name": "w", "arguments": "{}"}}
CALLED = [
    HELLO,
    {"role": "assistant", "tool_calls": [CALL]},
    {"role": "tool", "tool_call_id": "c", "content": [PICTURE]},
]
THOUGHT = {"type": "reasoning", "summary": [{"type": "summary_text", "text": "hm"}]}


@pytest.mark.parametrize(
    ("row", "to", "what"),
    [
        ({"contents": [{"role": "user", "parts": [{"text": "Q"}, VIDEO]}]}, "openai", "inlineData part of video/mp4"),
        (body(tools=[{"type": "web_search_20250305", "name": "search"}]), "gemini", "these tools: 'search'"),
        (body(*CALLED), "mistral", "--tool-media follow keeps it"),
        ({"input": [HELLO, THOUGHT, HELLO]}, "anthropic", "no reasoning that it did not sign"),
    ],
    ids=["part", "tools", "result", "reasoning"],
)
def test_a_refusal_says_what_is_lost_and_what_keeps_it(row, to, what):
    with pytest.raises(msgkit.LossError, match=what):
        msgkit.convert(row, to)


def test_the_name_of_a_file_and_that_an_answer_goes_on_are_settings():
    file = {"type": "file", "file": {"file_data": PDF, "filename": "a.pdf"}}
    assert kinds(body({"role": "user", "content": [file]}), "otel")["filename"] == "setting"
    begun = {"role": "assistant", "content": "A", "prefix": True}
    assert kinds({"safe_prompt": False, **body(HELLO, begun)}, "openai")["prefix"] == "setting"
