"""conversion.py: losses, the ledger, and what is refused."""

import json
import pickle
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

import msgkit
from msgkit import formats
from msgkit.api.loading import load_row
from msgkit.conversion import proof
from msgkit.conversion.ledger import Ledger
from msgkit.conversion.translate import Translator
from tests.formats.rich import RICH
from tests.strategies import PNGS


def body(*messages, **more):
    return {"messages": list(messages), **more}


HELLO = {"role": "user", "content": "Hello"}


def test_a_loss_names_its_path_what_is_lost_and_the_value():
    with pytest.raises(msgkit.LossError) as caught:
        msgkit.convert(body({**HELLO, "name": "Ann"}), "anthropic")
    (loss,) = caught.value.losses
    assert (loss.path, loss.value, loss.change) == (("messages", 0, "name"), "Ann", "set")
    assert str(loss) == "messages[0].name: anthropic has no name on a message: 'Ann'"


def test_drop_converts_and_lists():
    result = msgkit.convert(body({**HELLO, "name": "Ann"}), "anthropic", on_loss="drop")
    assert result.payload == body(HELLO)
    assert [loss.value for loss in result.losses] == ["Ann"]


def test_a_ledger_goes_through_json_and_pickle():
    result = msgkit.convert(RICH, "gemini", on_loss="drop")
    lines = json.loads(json.dumps(list(result.losses.lines(7))))
    assert {line["row"] for line in lines} == {7}
    assert {"row", "path", "what", "value", "change"} <= lines[-1].keys()
    for ledger in (Ledger.of_lines(lines), pickle.loads(pickle.dumps(result.losses))):
        assert (ledger, ledger.shape) == (result.losses, result.losses.shape)
        assert msgkit.restore(result.payload, ledger) == RICH


def test_the_rich_history_loses_to_anthropic_what_it_has_no_place_for():
    result = msgkit.convert(RICH, "anthropic", on_loss="drop")
    lost = {loss.path: loss.value for loss in result.losses if not loss.form}
    message = RICH["messages"][2]
    assert lost[("messages", 2, "name")] == "Ann"
    assert lost[("messages", 2, "content", 1, "image_url", "detail")] == "low"
    assert lost[("messages", 2, "content", 3)] == message["content"][3]
    assert lost[("messages", 6, "x-note")] == {"seen": 1}
    assert lost[("messages", 8, "refusal")] == "I will not."


def test_messages_that_must_be_joined_are_told_and_come_apart_again():
    row = body(HELLO, {"role": "user", "content": "Anyone?"}, {"role": "assistant", "content": "Yes."})
    for target, key in (("anthropic", "messages"), ("gemini", "contents")):
        result = msgkit.convert(row, target)
        assert result.payload[key][0]["role"] == "user"
        assert len(result.payload[key]) == 2
        assert all(loss.form for loss in result.losses)
        assert any("joins" in loss.what for loss in result.losses)
        assert msgkit.restore(result.payload, result.losses) == row


@pytest.mark.parametrize(("target", "pattern"), [("mistral", r"[a-zA-Z0-9]{9}"), ("anthropic", r"[a-zA-Z0-9_-]+")])
def test_ids_that_a_format_refuses_are_mapped_the_same_way_each_time_and_restored(target, pattern):
    name = "call:" + "x" * 60
    call = {"id": name, "type": "function", "function": {"name": "now", "arguments": "{}"}}
    row = body(
        HELLO,
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": name, "content": "noon"},
    )
    result = msgkit.convert(row, target)
    talk = msgkit.load(result.payload, target)
    found = talk.messages[1].tool_calls[0].id
    assert re.fullmatch(pattern, found)
    assert talk.messages[2].tool_call_id == found
    assert msgkit.convert(row, target).payload == result.payload
    assert msgkit.restore(result.payload, result.losses) == row


def test_ids_longer_than_forty_characters_are_mapped_for_openai():
    block = {"type": "tool_use", "id": "toolu_" + "x" * 60, "name": "now", "input": {}}
    row = {"system": "s", "messages": [{"role": "assistant", "content": [block]}]}
    result = msgkit.convert(row, "openai")
    assert len(result.payload["messages"][1]["tool_calls"][0]["id"]) <= 40
    assert msgkit.restore(result.payload, result.losses) == row


def test_a_bare_list_stays_bare_where_that_can_be_and_comes_back_bare_anyhow():
    for target in ("anthropic", "gemini", "harmony"):
        result = msgkit.convert([HELLO], target)
        assert msgkit.restore(result.payload, result.losses) == [HELLO]
    assert msgkit.convert([HELLO], "anthropic").payload == [HELLO]
    assert msgkit.convert([HELLO], "gemini").payload == {"contents": [{"role": "user", "parts": [{"text": "Hello"}]}]}


def test_a_batch_line_keeps_its_envelope_and_its_paths():
    row = {"custom_id": "a", "method": "POST", "url": "/v1", "body": body({**HELLO, "name": "Ann"})}
    result = msgkit.convert(row, "anthropic", on_loss="drop")
    assert result.payload == {"custom_id": "a", "params": body(HELLO)}
    assert [str(loss).split(":")[0] for loss in result.losses] == ["body.messages[0].name"]
    assert msgkit.restore(result.payload, result.losses) == row


def test_a_new_conversation_is_written_in_any_format_or_refused():
    talk = msgkit.Conversation([msgkit.system("Be brief."), msgkit.user("Hello")])
    assert msgkit.dump(talk, "anthropic") == {"system": "Be brief.", "messages": [HELLO]}
    with pytest.raises(msgkit.LossError, match=r"messages\[0\].name"):
        msgkit.dump(msgkit.Conversation([msgkit.user("Hello", name="Ann")]), "anthropic")


def test_an_unknown_format_is_named_with_the_nearest():
    with pytest.raises(msgkit.UnknownNameError, match="did you mean 'anthropic'"):
        msgkit.convert(body(HELLO), "antropic")


@pytest.mark.parametrize(
    ("row", "path", "told"),
    [
        ({"mesages": [{"text": "Hello"}]}, "mesages", "openai is nearest: it has 'messages'"),
        ({"content": [{"text": "Hello"}]}, "content", "gemini is nearest: it has 'contents'"),
        ({"conversation_s": []}, "conversation_s", "sharegpt is nearest: it has 'conversations'"),
        ({"contents": {}}, "contents", "object under 'contents', where gemini has its messages"),
        ({"foo": 1}, "messages", "'foo' and no messages"),
    ],
)
def test_a_body_of_no_known_shape_says_what_it_is_or_which_format_is_nearest(row, path, told):
    with pytest.raises(msgkit.InvalidMessageError) as caught:
        msgkit.convert(row, "anthropic")
    (issue,) = caught.value.issues
    assert (issue.path, issue.code) == (path, "messages-missing")
    assert told in issue.message


def test_a_row_that_fits_two_formats_is_settled_by_its_name():
    row = body(HELLO)
    assert msgkit.load(row).envelope.format == "openai"
    assert msgkit.load(row, "anthropic").envelope.format == "anthropic"


@pytest.mark.parametrize("target", ["chatml", "harmony-text"])
def test_a_text_format_names_each_lost_part_and_not_the_whole_content(target):
    image = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
    parts = [{"type": "text", "text": "Who"}, image, {"type": "text", "text": " is it?"}]
    row = body({"role": "user", "content": parts})
    with pytest.raises(msgkit.LossError) as caught:
        msgkit.convert(row, target)
    (loss,) = caught.value.losses
    assert (loss.path, loss.value) == (("messages", 0, "content", 1), image)
    result = msgkit.convert(row, target, on_loss="drop")
    assert msgkit.restore(result.payload, result.losses) == row


@pytest.mark.parametrize("target", ["chatml", "harmony-text"])
def test_text_parts_that_become_one_text_are_no_loss_of_meaning_and_come_apart_again(target):
    row = body({"role": "user", "content": [{"type": "text", "text": "Who"}, {"type": "text", "text": " is it?"}]})
    result = msgkit.convert(row, target)
    assert "Who is it?" in result.payload["text"]
    assert msgkit.restore(result.payload, result.losses) == row


def test_a_developer_message_that_joins_the_system_prompt_is_form_and_comes_back():
    row = body({"role": "system", "content": "Be brief."}, {"role": "developer", "content": "In Celsius."}, HELLO)
    result = msgkit.convert(row, "anthropic", on_loss="strict")
    assert [block["text"] for block in result.payload["system"]] == ["Be brief.", "In Celsius."]
    assert {loss.kind for loss in result.losses} == {"form"}
    assert msgkit.restore(result.payload, result.losses) == row


def test_what_is_lost_of_messages_that_were_joined_is_told_where_it_stood():
    image = {"type": "image_url", "image_url": {"url": "https://example.com/a.png", "detail": "low"}}
    sound = {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}}
    row = body(HELLO, {"role": "user", "name": "Ann", "content": [image, sound]}, {"role": "user", "content": "Well?"})
    with pytest.raises(msgkit.LossError) as caught:
        msgkit.convert(row, "anthropic")
    assert {loss.path: loss.value for loss in caught.value.losses} == {
        ("messages", 1, "name"): "Ann",
        ("messages", 1, "content", 1): sound,
    }
    result = msgkit.convert(row, "anthropic", on_loss="drop")
    assert len(result.payload["messages"]) == 1
    assert msgkit.restore(result.payload, result.losses) == row


def test_answers_that_were_joined_with_their_calls_are_no_loss():
    call = {"id": "a", "type": "function", "function": {"name": "now", "arguments": "{}"}}
    answers = [{"role": "assistant", "content": "Look."}, {"role": "assistant", "content": None, "tool_calls": [call]}]
    row = body(HELLO, *answers, {"role": "tool", "tool_call_id": "a", "content": "noon"})
    for target in ("anthropic", "gemini", "responses"):
        result = msgkit.convert(row, target)
        assert msgkit.restore(result.payload, result.losses) == row


def test_a_refusal_that_becomes_text_is_one_loss():
    row = body(HELLO, {"role": "assistant", "content": None, "refusal": "I will not."})
    with pytest.raises(msgkit.LossError) as caught:
        msgkit.convert(row, "anthropic")
    assert [loss.path for loss in caught.value.losses] == [("messages", 1, "refusal")]


def test_the_repr_of_a_conversion_is_short_whatever_it_holds():
    row = {"messages": [{"role": "user", "content": "x" * 1000, "name": "ada"}]}
    assert repr(msgkit.convert(row, to="anthropic", on_loss="drop")) == "Conversion(an object of 1, 1 loss)"


CALL = {"id": "a", "type": "function", "function": {"name": "now", "arguments": "{}"}}
CALLED = {"role": "assistant", "content": None, "tool_calls": [CALL]}


@pytest.mark.parametrize(
    ("source", "row"),
    [
        ("responses", {"input": [{"role": "system", "content": "a"}, HELLO], "model": "m"}),
        ("responses", {"input": [HELLO], "model": "m"}),
        ("gemini", {"systemInstruction": "x", "contents": [{"role": "user", "parts": [{"text": "a"}, {"text": "b"}]}]}),
        (
            "gemini",
            {
                "systemInstruction": {"role": "system", "parts": [{"text": "x"}]},
                "contents": [{"parts": [{"text": "a"}]}],
            },
        ),
        ("anthropic", {"system": [{"type": "text", "text": "s"}], "messages": [HELLO, HELLO], "model": "m"}),
        ("sharegpt", {"conversations": [{"from": "human", "value": "hi"}], "system": "s", "tools": "[]"}),
        ("openai", body(HELLO, CALLED, {"role": "tool", "tool_call_id": "a", "name": "now", "content": "noon"})),
        ("openai", body(HELLO, {**CALLED, "content": ""}, {"role": "tool", "tool_call_id": "a", "content": ""})),
    ],
)
@pytest.mark.parametrize("target", formats.FORMATS)
def test_what_any_format_can_say_is_never_refused_however_it_is_written(source, row, target):
    if "tool" in str(row.get("messages")) and "tool" not in formats.get(target).capabilities.roles:
        return  # a format of text alone
    result = msgkit.convert(row, target, format=source)
    assert msgkit.restore(result.payload, result.losses) == row


def test_a_name_that_is_not_the_functions_is_a_loss():
    row = body(HELLO, CALLED, {"role": "tool", "tool_call_id": "a", "name": "clock", "content": "noon"})
    with pytest.raises(msgkit.LossError, match=r"messages\[2\].name"):
        msgkit.convert(row, "anthropic")


PICTURE = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}}


def test_a_picture_in_a_tools_result_has_no_place_in_chat_completions():
    result = {"type": "tool_result", "tool_use_id": "a", "content": [{"type": "text", "text": "Here."}, PICTURE]}
    use = {"type": "tool_use", "id": "a", "name": "look", "input": {}}
    row = body(HELLO, {"role": "assistant", "content": [use]}, {"role": "user", "content": [result]}, system="s")
    with pytest.raises(msgkit.LossError) as caught:
        msgkit.convert(row, "openai")
    assert [loss.path for loss in caught.value.losses] == [("messages", 2, "content", 0, "content", 1)]
    for target in ("gemini", "responses"):
        assert "iVBORw0KGgo=" in str(msgkit.convert(row, target).payload)


@pytest.mark.parametrize("target", ["openai", "responses", "anthropic"])
def test_a_picture_that_the_model_made_has_no_place_in_an_answer_elsewhere(target):
    parts = [{"text": "Here."}, {"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo="}}]
    row = {"contents": [{"role": "user", "parts": [{"text": "Draw."}]}, {"role": "model", "parts": parts}]}
    with pytest.raises(msgkit.LossError) as caught:
        msgkit.convert(row, target)
    assert [loss.path for loss in caught.value.losses] == [("contents", 1, "parts", 1)]


def test_results_of_calls_stand_alone_in_geminis_contents_and_come_back():
    row = body(HELLO, CALLED, {"role": "tool", "tool_call_id": "a", "content": "noon"}, HELLO)
    result = msgkit.convert(row, "gemini")
    assert [len(content["parts"]) for content in result.payload["contents"]] == [1, 1, 1, 1]
    assert msgkit.convert(result.payload, "openai").payload == row


def test_a_row_of_trl_with_parts_and_a_column_is_no_row_of_placeholders():
    parts = [{"type": "image"}, {"type": "text", "text": "Who?"}]
    row = body({"role": "user", "content": parts}, images=["a.png"])
    assert msgkit.convert(row, "openai").payload["messages"][0]["content"][0]["image_url"] == {"url": "a.png"}
    assert msgkit.convert(row, "transformers").payload == row


def long_history(turns):
    yield {"role": "system", "content": "Be brief."}
    for i in range(turns):
        call = {"id": f"call:{i}", "type": "function", "function": {"name": "f", "arguments": f'{{"a":{i}}}'}}
        yield {"role": "user", "content": f"question {i}"}
        if i % 3 == 0:
            yield {"role": "user", "content": f"more {i}"}
        yield {"role": "assistant", "content": None, "tool_calls": [call]}
        yield {"role": "tool", "tool_call_id": f"call:{i}", "content": f"result {i}"}
        yield {"role": "assistant", "content": f"answer {i}"}


@pytest.mark.parametrize("target", ["anthropic", "gemini", "mistral", "harmony", "responses", "chatml"])
def test_in_a_long_history_each_message_is_compared_with_what_became_of_it(target):
    row = body(*long_history(60))
    result = msgkit.convert(row, target)
    assert msgkit.restore(result.payload, result.losses) == row
    row["messages"].insert(200, {**HELLO, "name": "Ann"})
    result = msgkit.convert(row, target, on_loss="drop")
    kept = "name" in formats.get(target).capabilities.message
    assert [loss.path for loss in result.losses if not loss.form] == ([] if kept else [("messages", 200, "name")])


def test_hundreds_of_messages_that_become_one_come_apart_again():
    row = body(*({"role": "user", "content": f"question {i}"} for i in range(400)))
    result = msgkit.convert(row, "anthropic")
    assert len(result.payload["messages"]) == 1
    assert msgkit.restore(result.payload, result.losses) == row


def test_a_line_of_a_batch_names_the_endpoint_of_the_new_format_and_comes_back():
    row = {"custom_id": "a", "method": "POST", "url": "/v1/chat/completions", "body": body(HELLO, model="m")}
    result = msgkit.convert(row, "responses")
    assert result.payload["url"] == "/v1/responses"
    assert msgkit.restore(result.payload, result.losses) == row


@pytest.mark.parametrize("head", ["DATA:IMAGE/PNG;BASE64,", "data:image/png; base64,"])
@pytest.mark.parametrize("target", ["anthropic", "gemini"])
def test_a_data_url_of_another_spelling_is_the_same_media(head, target):
    row = {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": head + PNGS[0]}}]}]}
    result = msgkit.convert(row, target)
    assert {loss.kind for loss in result.losses} <= {"form", "setting"}
    assert PNGS[0] in str(result.payload)
    assert "image/png" in str(result.payload)
    assert msgkit.restore(result.payload, result.losses) == row


@pytest.mark.parametrize("name", formats.FORMATS)
def test_a_data_url_in_a_media_column_is_the_same_media_in_any_case(name):
    def lost(url):
        row = {"messages": [{"role": "user", "content": "<image>What?"}], "images": [url]}
        losses = msgkit.convert(row, name, on_loss="drop").losses
        return [loss.path for loss in losses if loss.kind == "content"]

    for head in ("DATA:IMAGE/PNG;BASE64,", "data:IMAGE/png;base64,"):
        assert lost(head + PNGS[0]) == lost(f"data:image/png;base64,{PNGS[0]}")


WAV, FLAC = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAgD4AAAB9AAACABAAZGF0YQAAAAA=", "ZkxhQwAAACISABIA"
AUDIO_PARTS = [
    {"type": "input_audio", "input_audio": {"data": FLAC, "format": "flac"}},
    {"type": "audio_url", "audio_url": {"url": f"data:audio/wav;base64,{WAV}"}},
]


@pytest.mark.parametrize("audio", AUDIO_PARTS)
@pytest.mark.parametrize("name", ["gemini", "bedrock", "mistral", "openrouter", "vercel"])
def test_audio_is_the_same_in_either_part_for_it(name, audio):
    row = {"messages": [{"role": "user", "content": [audio]}]}
    result = msgkit.convert(row, name)
    assert {loss.kind for loss in result.losses} <= {"form", "setting"}
    assert msgkit.restore(result.payload, result.losses) == row


SAID = st.fixed_dictionaries({
    "role": st.sampled_from(["system", "user", "assistant"]),
    "content": st.sampled_from(["", " ", "Hello", "<think>hm</think>a", "<image>", "<tool_call>", "{}", "<|end|>"]),
})  # fmt: skip


@given(*[st.sampled_from(list(formats.FORMATS))] * 2, st.lists(SAID, max_size=4))
def test_texts_are_converted_as_all_else_is(source, target, messages):
    chat = load_row(body(*messages, HELLO), "openai").conversation
    row = Translator(formats.get("openai"), formats.get(source)).write(chat).body
    loaded = load_row(row, source)
    translator = Translator(formats.get(source), formats.get(target))
    if source != target and not loaded.issues and translator._texts(loaded.conversation) is not None:
        fast = proof.convert(row, loaded.conversation, target, "drop")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Translator, "_texts", lambda *_: None)
            assert proof.convert(row, loaded.conversation, target, "drop") == fast


def test_a_call_that_does_not_load_again_refuses_the_row_with_its_fault():
    call = {"type": "tool_call", "id": None, "name": "f", "arguments": {"a": 1}}
    messages = [{"role": "user", "parts": [{"type": "text", "content": "Q"}]}, {"role": "assistant", "parts": [call]}]
    with pytest.raises(msgkit.InvalidMessageError, match="would be refused"):
        msgkit.convert({"gen_ai.input.messages": messages}, "inspect", on_loss="drop")


def test_calls_whose_other_parts_are_lost_have_no_empty_list_of_parts():
    image = {"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo="}}
    parts = [image, {"functionCall": {"name": "f", "args": {}}}]
    row = {"contents": [{"role": "user", "parts": [{"text": "Q"}]}, {"role": "model", "parts": parts}]}
    result = msgkit.convert(row, "openai", on_loss="drop")
    assert result.payload["messages"][1].get("content") is None
    assert msgkit.restore(result.payload, result.losses) == row


LATE = {
    "model": "gpt-5",
    "input": [
        {"role": "user", "content": "Where am I?"},
        {"type": "function_call", "call_id": "call_1", "name": "locate", "arguments": "{}"},
        {"role": "assistant", "content": "One moment."},
        {"type": "function_call_output", "call_id": "call_1", "output": "Paris"},
        {"role": "user", "content": "Thanks."},
    ],
}


@pytest.mark.parametrize("to", ["openai", "anthropic", "gemini", "harmony", "sharegpt"])
def test_results_follow_their_calls_where_the_receiver_wants_it(to):
    made = msgkit.convert(LATE, to, on_loss="drop")
    roles = [message.role.value for message in msgkit.load(made.payload, format=to).messages]
    assert roles == ["user", "assistant", "tool", "assistant", "user"]
    assert "results follow their calls" in [loss.what for loss in made.losses if loss.kind == "form"]
    assert msgkit.restore(made.payload, made.losses) == LATE
