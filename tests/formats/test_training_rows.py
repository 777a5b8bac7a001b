"""Rows with placeholders and columns of media, as LLaMA-Factory has them: media inlined, then other formats."""

import base64
import json
from functools import cache

import jsonschema
import pytest
from pydantic import TypeAdapter

import msgkit
from msgkit import html, rules
from msgkit.formats.common.keys import is_trained
from tests.strategies import png

ROW = {
    "messages": [
        {"role": "user", "content": "<image>Who is this?"},
        {"role": "assistant", "content": "A cat."},
        {"role": "user", "content": "And here?<image>"},
        {"role": "assistant", "content": "The sea."},
    ],
    "images": ["photos/cat.jpg", "photos/lighthouse.jpg"],
}
SOUNDS = {
    "conversations": [{"from": "human", "value": "<audio>What is that?"}, {"from": "gpt", "value": "A cat."}],
    "audios": ["sounds/purr.ogg"],
}


@cache
def validator(kind):
    return jsonschema.Draft202012Validator(TypeAdapter(list[kind]).json_schema())


def test_pictures_go_to_every_api_as_its_sdk_takes_them(examples):
    from anthropic.types import MessageParam
    from google.genai import types
    from openai.types.chat import ChatCompletionMessageParam

    inlined = msgkit.inline(ROW, root=examples)
    chat = msgkit.convert(inlined, "openai").payload
    assert list(validator(ChatCompletionMessageParam).iter_errors(chat["messages"])) == []
    claude = msgkit.convert(inlined, "anthropic").payload
    assert list(validator(MessageParam).iter_errors(claude["messages"])) == []
    gemini = [
        types.Content.model_validate(content) for content in msgkit.convert(inlined, "gemini").payload["contents"]
    ]
    cat = (examples / "photos" / "cat.jpg").read_bytes()
    assert gemini[0].parts[0].inline_data.data == cat
    assert [part.type for part in msgkit.load(claude, "anthropic").messages[2].parts] == ["text", "image_url"]


@pytest.mark.parametrize("target", ["openai", "anthropic", "gemini"])
def test_a_row_that_is_converted_before_comes_back_with_its_columns(target):
    result = msgkit.convert(ROW, target)
    assert msgkit.restore(result.payload, result.losses) == ROW


def test_sound_goes_where_it_has_a_place_and_is_a_loss_where_not(examples):
    inlined = msgkit.inline(SOUNDS, root=examples)
    for target in ("openai", "gemini"):
        talk = msgkit.load(msgkit.convert(inlined, target).payload, target)
        assert talk.messages[0].parts[0].media.media_type == "audio/wav"
    with pytest.raises(msgkit.LossError) as caught:
        msgkit.convert(inlined, "anthropic")
    assert ("audios",) in [loss.path for loss in caught.value.losses]


@pytest.mark.parametrize("image", ["a/cat.png", "https://example.com/a.png", f"data:image/png;base64,{png()}"])
def test_an_image_under_its_own_key_is_converted(image):
    row = {"messages": [{"role": "user", "content": [{"type": "image", "image": image}]}]}
    result = msgkit.convert(row, "openai")
    assert result.payload["messages"][0]["content"][0]["image_url"]["url"] == image
    assert msgkit.restore(result.payload, result.losses) == row


TEXTS = {"messages": [{"role": "user", "content": "Who?"}, {"role": "assistant", "content": "A."}], "images": ["a.png"]}


@pytest.mark.parametrize("target", ["openai", "anthropic", "sharegpt"])
def test_images_that_nothing_stands_for_are_no_issue_and_come_back(target):
    assert msgkit.check(TEXTS) == []
    result = msgkit.convert(TEXTS, target)
    assert msgkit.load(result.payload).messages[0].parts[0].type == "image_url"
    assert msgkit.restore(result.payload, result.losses) == TEXTS


@pytest.mark.parametrize("row", [TEXTS, {"instruction": "Who?", "output": "A.", "images": ["a.png"]}])
def test_a_trainer_that_needs_placeholders_is_told_where_there_are_none(row):
    issues = msgkit.check(row, target="llamafactory")
    assert [(issue.path, issue.code) for issue in issues] == [(next(iter(row)), "placeholder-count")]


CALLS = [{"role": "tool_call", "content": f'{{"name": "f", "arguments": {{"a": {n}}}}}'} for n in (1, 2)]
SWIFT = {
    "tools": '[{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}]',
    "messages": [
        {"role": "user", "content": "<image>Both?"},
        *CALLS,
        *({"role": "tool_response", "content": text} for text in ("one", "two")),
        {"role": "assistant", "content": "Both.", "loss": True},
    ],
    "images": ["https://example.com/a.png"],
}


def test_calls_of_ms_swift_are_made_together_and_come_back_apart():
    assert msgkit.check(SWIFT) == []
    assert msgkit.dump(msgkit.load(SWIFT)) == SWIFT
    result = msgkit.convert(SWIFT, "openai")
    assert [len(message.get("tool_calls") or ()) for message in result.payload["messages"]] == [0, 2, 0, 0, 0]
    assert result.payload["messages"][-1]["weight"] == 1
    assert msgkit.check(result.payload) == []
    assert msgkit.restore(result.payload, result.losses) == SWIFT


TAGGED = '<tool_call>\n{"arguments": {"x": 1}, "name": "f"}\n</tool_call>'
RESULT = "<tool_response>\n{}\n</tool_response>"


@pytest.mark.parametrize(
    ("call", "result", "count"),
    [
        (TAGGED, RESULT, 1),
        (f"Let me look.\n{TAGGED}", RESULT, 1),
        (f"{TAGGED}\n{TAGGED}", f"{RESULT}\n{RESULT}", 2),
        (TAGGED.replace(": ", ":") + "\n", "{}", 1),
        (TAGGED.replace('"', "'") + "\n", f"{RESULT}\n", 1),
    ],
)
def test_calls_and_results_in_tags_are_calls_and_results(call, result, count):
    said = [("human", "Q"), ("gpt", call), ("tool", result), ("gpt", "A")]
    row = {"conversations": [{"from": name, "value": text} for name, text in said]}
    assert msgkit.check(row) == []
    assert msgkit.dump(msgkit.load(row)) == row
    converted = msgkit.convert(row, "openai")
    _, called, *results, _ = msgkit.load(converted.payload)
    assert [one.function.arguments for one in called.tool_calls] == ['{"x": 1}'] * count
    assert [one.content for one in results] == ["{}"] * count
    assert msgkit.restore(converted.payload, converted.losses) == row


def test_a_call_in_tags_that_is_no_json_is_told_where_it_is():
    said = [("human", "Q"), ("gpt", "<tool_call>\n{x}\n</tool_call>"), ("tool", RESULT), ("gpt", "A")]
    row = {"conversations": [{"from": name, "value": text} for name, text in said]}
    assert ("tool-arguments-not-json", "conversations[1].value") in [(one.code, one.path) for one in msgkit.check(row)]


NEMO = {
    "mask": "User",
    "system": "S",
    "conversations": [{"from": "User", "value": "Q"}, {"from": "Assistant", "value": "A"}],
}


def test_a_row_of_nemo_names_its_roles_in_capitals():
    assert msgkit.check(NEMO) == []
    result = msgkit.convert(NEMO, "openai")
    assert [message["role"] for message in result.payload["messages"]] == ["system", "user", "assistant"]
    assert msgkit.restore(result.payload, result.losses) == NEMO


def test_a_row_of_coheres_fine_tuning_names_its_roles_in_capitals():
    row = {"messages": [{"role": name, "content": name} for name in ("System", "User", "Chatbot")]}
    assert msgkit.check(row) == []
    result = msgkit.convert(row, "openai")
    assert [message["role"] for message in result.payload["messages"]] == ["system", "user", "assistant"]
    assert msgkit.restore(result.payload, result.losses) == row


@pytest.mark.parametrize(
    ("row", "trained"),
    [
        (NEMO, [False, True]),
        ({**NEMO, "mask": "Assistant"}, [True, False]),
        (SWIFT, [True]),
        (
            {"messages": [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "A", "train": False}]},
            [False],
        ),
        (
            {
                "messages": [
                    {"role": "assistant", "content": "AB", "train_detail": [{"begin_offset": 0, "train": False}]}
                ]
            },
            [False],
        ),
        ({"messages": [{"role": "assistant", "content": "A"}]}, []),
    ],
)
def test_every_mask_says_what_is_trained_on(row, trained):
    talk = msgkit.load(row)
    found = [is_trained(message, talk.extra) for message in talk.messages]
    assert [one for one in found if one is not None][-len(trained) :] == trained or not trained


def test_stats_count_what_is_trained_on():
    masked = {"messages": [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "A", "weight": 0}]}
    assert html.stats([masked, masked, SWIFT]).masks == {"masked": 2, "trained": 1}


def test_a_weight_that_is_a_float_is_written_as_the_fine_tuning_api_takes_it():
    row = {
        "conversations": [{"from": "human", "value": "Q", "weight": 0.0}, {"from": "gpt", "value": "A", "weight": 1.0}]
    }
    result = msgkit.convert(row, "openai")
    assert json.dumps([message["weight"] for message in result.payload["messages"]]) == "[0, 1]"
    assert json.dumps(msgkit.restore(result.payload, result.losses)) == json.dumps(row)


TOOLS = [{"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}]
TALK = [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "A"}]
FILLED = {
    "messages": [
        {"role": "user", "content": [{"type": "text", "text": "Q", "image_url": None}], "name": None, "mood": None},
        {"role": "assistant", "content": "A", "tool_calls": None},
    ],
    "tools": None,
}


def test_keys_that_arrow_filled_are_no_issue_in_rows_that_are_kept_and_go_by_a_fix():
    assert msgkit.check(FILLED) == []
    issues = msgkit.check(FILLED, ready=True)
    new, _ = rules.fix(FILLED, issues)
    assert [issue.fixable for issue in issues] == [True, True]
    assert new["messages"][0] == {"role": "user", "content": [{"type": "text", "text": "Q"}], "name": None}


@pytest.mark.parametrize("target", ["transformers", "gemini"])
def test_keys_that_arrow_filled_are_a_matter_of_form(target):
    result = msgkit.convert(FILLED, target, on_loss="strict")
    assert "null" not in json.dumps(result.payload)
    assert msgkit.restore(result.payload, result.losses) == FILLED


def test_tools_as_json_text_are_read_and_put_right():
    row = {"messages": TALK, "tools": json.dumps(TOOLS)}
    assert msgkit.check(row) == []
    issues = msgkit.check(row, ready=True)
    assert [(issue.path, issue.code, issue.fixable) for issue in issues] == [("tools", "tools-as-text", True)]
    assert rules.fix(row, issues)[0] == {"messages": TALK, "tools": TOOLS}
    result = msgkit.convert(row, "gemini")
    assert result.payload["tools"][0]["functionDeclarations"][0]["name"] == "f"
    assert msgkit.restore(result.payload, result.losses) == row


EXCHANGES = {
    "query": {"query": "Hello", "response": "Hello."},
    "history": {"system": "S", "query": "Hello", "response": "Hello.", "history": [["Hi", "Ho"]]},
    "question": {"system_prompt": "S", "question": "Hello", "answer": "Hello."},
    "problem": {"problem": "Hello", "solution": "Hello."},
    "input": {"input": "Hello", "output": "Hello."},
    "response": {"instruction": "Hello", "input": "", "response": "Hello."},
    "system and completion": {"system": "S", "prompt": "Hello", "completion": "Hello."},
    "waiting": {"instruction": "Hello"},
    "two speakers": {"role_1": "Teacher", "message_1": "Hello", "message_2": "Hello."},
    "tuning": {"text_input": "Hello", "output": "Hello."},
    "context": {"instruction": "Hello", "context": "", "response": "Hello."},
    "pairs": {"system": "S", "conversation": [{"human": "Hello", "assistant": "Hello."}]},
    "inputs": {"inputs": "Hello", "targets": "Hello.", "language": "en"},
    "outputs": {"instruction": "Hello", "inputs": "", "outputs": "Hello."},
    "a system prompt in pairs": {"conversation": [{"system": "S", "input": "Hello", "output": "Hello."}]},
    "a system prompt beside": {"conversations": [{"from": "human", "value": "Hello"}], "system_prompt": "S"},
    "pairs in texts": {"texts": [{"user": "Hello", "assistant": "Hello."}]},
    "pairs in messages": {"messages": [{"human": "Hello", "assistant": "Hello."}] * 2},
}


@pytest.mark.parametrize("row", EXCHANGES.values(), ids=EXCHANGES)
def test_a_question_and_its_answer_are_read_under_any_name_that_a_trainer_takes(row):
    assert msgkit.check(row) == []
    assert msgkit.dump(msgkit.load(row)) == row
    result = msgkit.convert(row, "openai")
    said = [(message["role"], message["content"]) for message in result.payload["messages"]]
    assert [text for role, text in said if role == "user"][-1] == "Hello"
    assert said[-1] in [("assistant", "Hello."), ("user", "Hello")]
    assert ("system", "S") in said or "S" not in row.values()
    assert msgkit.restore(result.payload, result.losses) == row


@pytest.mark.parametrize(
    "row",
    [
        {"instruction": "<image>What?", "output": "A cat."},
        {"query": "<image>What?", "response": "A cat."},
        {"conversations": [{"human": "<image>What?", "assistant": "A cat."}]},
        {"question": "What?", "answer": "A cat."},
        {"texts": [{"user": "What?", "assistant": "A cat.", "source": "x"}]},
        {"query": "And?", "response": "A dog.", "history": [["What?", "A cat."]]},
    ],
)
def test_media_of_an_exchange_are_in_columns(row, tmp_path):
    (tmp_path / "cat.png").write_bytes(base64.b64decode(png()))
    row = {**row, "images": ["cat.png"]}
    assert msgkit.check(row, root=tmp_path) == []
    assert msgkit.inline(row, root=tmp_path)["images"][0].startswith("data:image/png")
    result = msgkit.convert(row, "openai")
    assert result.payload["messages"][0]["content"][0]["image_url"]["url"] == "cat.png"
    assert msgkit.restore(result.payload, result.losses) == row


def test_a_placeholder_of_an_exchange_needs_an_entry():
    row = {"query": "<image>What?", "response": "A cat.", "images": []}
    assert [issue.code for issue in msgkit.check(row)] == ["placeholder-count"]


@pytest.mark.parametrize("entry", [{"path": "a.png", "bytes": None}, {"path": "a.png"}, {"path": None, "bytes": png()}])
def test_entries_as_tables_have_them_are_a_matter_of_form(entry):
    row = {"messages": [{"role": "user", "content": "<image>What?"}], "images": [entry]}
    result = msgkit.convert(row, "openai")
    assert [loss for loss in result.losses if loss.kind != "form"] == []
    assert msgkit.restore(result.payload, result.losses) == row


def test_an_answer_that_a_table_filled_with_null_is_none():
    assert msgkit.check({"instruction": "Hello", "input": None, "output": None, "history": None}) == []


RENDERED = {
    "llama 3": (
        "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nS<|eot_id|>"
        "<|start_header_id|>user<|end_header_id|>\n\nQ\n1<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\nA<|eot_id|>"
    ),
    "llama 2": "<s>[INST] <<SYS>>\nS\n<</SYS>>\n\nQ\n1 [/INST] A </s>",
    "mistral": "<s>[INST] S[/INST] A</s>[INST] Q\n1[/INST] A</s>",
    "gemma": "<bos><start_of_turn>user\nQ\n1<end_of_turn>\n<start_of_turn>model\nA<end_of_turn>\n",
    "phi 3": "<|system|>\nS<|end|>\n<|user|>\nQ\n1<|end|>\n<|assistant|>\nA<|end|>\n",
    "zephyr": "<|system|>\nS</s>\n<|user|>\nQ\n1</s>\n<|assistant|>\nA</s>\n",
    "an answer in progress": "<|user|>\nQ\n1<|end|>\n<|assistant|>\nA",
}


@pytest.mark.parametrize("text", RENDERED.values(), ids=RENDERED)
@pytest.mark.parametrize("target", ["openai", "chatml"])
def test_a_rendered_text_is_read_where_its_template_is_known(text, target):
    row = {"text": text, "source": "x"}
    assert msgkit.check(row) == []
    assert msgkit.dump(msgkit.load(row)) == row
    result = msgkit.convert(row, target, on_loss="drop")
    said = [(message.role, message.content) for message in msgkit.load(result.payload)]
    assert said[-2:] == [("user", "Q\n1"), ("assistant", "A")]
    assert target == "openai" or result.payload["text"].startswith("<|im_start|>")
    assert msgkit.restore(result.payload, result.losses) == row


@pytest.mark.parametrize(
    ("row", "path"),
    [
        ({"text": "The sky is blue."}, "text"),
        ({"text": "<|start_header_id|>ipython<|end_header_id|>\n\n5<|eot_id|>"}, "text"),
        ({"chat": [{"from": "human", "value": "Q"}], "two": [{"from": "human", "value": "Q"}]}, "chat"),
    ],
)
def test_a_row_that_cannot_be_read_says_why_at_its_key(row, path):
    assert [issue.path for issue in msgkit.check(row)] == [path]


def test_thinking_of_gpt_oss_is_reasoning():
    row = {"messages": [{**TALK[0], "thinking": None}, {**TALK[1], "thinking": "Hm."}]}
    assert msgkit.check(row) == []
    result = msgkit.convert(row, "openai")
    assert result.payload["messages"][1]["reasoning"] == "Hm."
    assert msgkit.restore(result.payload, result.losses) == row


def test_a_column_keeps_the_spelling_of_its_data_url():
    audio = "DATA:AUDIO/WAV;BASE64,UklGRiQAAABXQVZFZm10IBAAAAABAAEAgD4AAAB9AAACABAAZGF0YQAAAAA="
    said = [{"from": "human", "value": "<audio>What?"}, {"from": "gpt", "value": "A tone."}]
    row = {"conversations": said, "audios": [audio]}
    assert msgkit.dump(msgkit.load(row)) == row


def test_a_system_column_beside_media_columns_becomes_a_message():
    said = [{"role": "user", "content": "What?"}, {"role": "assistant", "content": "A cat."}]
    row = {"system": "Be kind.", "messages": said, "images": ["https://example.com/a.png"]}
    result = msgkit.convert(row, "anthropic")
    assert result.payload["system"] == "Be kind."
    assert [part["type"] for part in result.payload["messages"][0]["content"]] == ["image", "text"]
    assert msgkit.restore(result.payload, result.losses) == row


PAIR = [{"from": "human", "value": "Hello"}, {"from": "gpt", "value": "Hi."}]


@pytest.mark.parametrize(
    "row",
    [
        {"conversation": [{"input": "Hello", "output": "Hi."}]},
        {"instruction": "Hello", "response": "Hi.", "conversations": PAIR},
        {"instruction": "Hello", "input": "", "output": "Hi.", "text": "### Instruction:\nHello\n\n### Response:\nHi."},
        {"problem": "Hello", "solution": "Hi.", "seed": "def f(): ...", "verbosity": 2},
        {"conversations": PAIR, "label": {"ability": ["chat"]}},
    ],
)
def test_tables_of_exchanges_are_converted_without_a_loss_of_content(row):
    assert [issue.code for issue in msgkit.check(row) if issue.severity == "error"] == []
    result = msgkit.convert(row, "openai")
    assert result.payload["messages"] == [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hi."}]
    assert msgkit.restore(result.payload, result.losses) == row


@pytest.mark.parametrize(
    "column",
    [
        {"image_1": {"bytes": None, "path": "a.png"}},
        {"images_base64": [png()]},
        {"response_0": "a", "output": "b"},
        {"image_url": "https://example.com/a.png"},
    ],
)
def test_media_and_answers_that_no_message_has_are_content(column):
    with pytest.raises(msgkit.LossError, match=next(iter(column))):
        msgkit.convert({"instruction": "Hello", "output": "Hi.", **column}, "openai")


def test_metadata_of_a_row_are_no_setting_until_it_is_sent():
    row = {"messages": [{"role": "user", "content": "Hello"}], "metadata": {"source": 7}}
    assert [msgkit.check(row), [issue.path for issue in msgkit.check(row, ready=True)]] == [[], ["metadata.source"]]


CONTENTS = [{"role": "user", "content": [{"type": "text", "text": "Hello"}]}, {"role": "assistant", "content": "Hi."}]


@pytest.mark.parametrize("pair", [PAIR, CONTENTS])
def test_a_conversation_may_be_the_prompt_of_two_answers(pair):
    row = {"conversation": pair[:1], "chosen": pair[1], "rejected": pair[1:]}
    result = msgkit.convert(row, "openai")
    assert result.payload.keys() == row.keys()
    assert msgkit.restore(result.payload, result.losses) == row


def test_rows_of_nemo_gym_are_requests():
    row = {"responses_create_params": {"input": [{"role": "user", "content": "Hello"}]}, "agent_ref": {"name": "a"}}
    assert msgkit.check(row) == []
    assert msgkit.convert(row, "openai").payload["responses_create_params"]["messages"][0]["content"] == "Hello"


@pytest.mark.parametrize(
    "heading", ["### Human: Hello### Assistant: Hi.", "### Instruction:\nHello\n\n### Response:\nHi."]
)
def test_texts_with_headings_are_read_and_restored(heading):
    result = msgkit.convert({"text": heading}, "openai")
    assert [message["content"] for message in result.payload["messages"]] == ["Hello", "Hi."]
    assert msgkit.restore(result.payload, result.losses) == {"text": heading}


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"question_text": "Q", "reply": "A"}, "--columns NAME=user"),
        ({"prompt": "Q", "completions": ["a", "b"], "labels": [True, False]}, "several answers"),
        ({"instruction": "Q", "completions": [{"response": "A", "overall_score": 8}]}, "with scores"),
        ({"dialogue": '[{"role": "user", "content": "Q"'}, "no JSON"),
        ({"prompt": "Q", "response_0": "a", "response_1": "b"}, "several answers"),
        ({"data": ["Q", "A"]}, "in turns"),
    ],
)
def test_rows_that_hold_no_one_conversation_say_what_to_do(row, told):
    assert told in msgkit.check(row)[0].message
