"""What is said in an older or another server's way arrives in the target's own, and comes back as it was."""

import json

import pytest

import msgkit
from msgkit import formats
from tests.strategies import PNGS

U = {"role": "user", "content": "Q"}
G = {"role": "user", "parts": [{"text": "Q"}]}
PNG = "data:image/png;base64," + PNGS[0]
TOOLS = [{"type": "function", "function": {"name": "w"}}]
SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}}


def body(*messages, **more):
    return {"messages": list(messages), **more}


def converted(row, to, on_loss="error", **more):
    """The payload; what was lost is restored exactly, also after a way through a file."""
    result = msgkit.convert(row, to, on_loss=on_loss, **more)
    assert msgkit.restore(json.loads(json.dumps(result.payload)), result.losses) == row
    return result.payload


def answer(*blocks, **more):
    return {"role": "assistant", **more, **({"content": list(blocks)} if blocks else {})}


def call(arguments="{}", name="f", key="c1", **more):
    return {"id": key, "type": "function", "function": {"name": name, "arguments": arguments}, **more}


def result(content="12", key="c1"):
    return {"role": "tool", "tool_call_id": key, "content": content}


@pytest.mark.parametrize("key", ["reasoning", "reasoning_content", "thinking", "reasoning_text"])
@pytest.mark.parametrize(
    "to",
    [name for name in formats.FORMATS if "reasoning" in formats.get(name).capabilities.message and name != "openai"],
)
def test_reasoning_arrives_under_whatever_name_it_stands(key, to):
    if formats.get(to).capabilities.signed is None:
        payload = converted(body(U, {"role": "assistant", "content": "A", key: "hm"}), to)
        said = msgkit.load(payload, to).messages[-1]
        assert (said.reasoning, said.text) in [("hm", "A"), (None, "<think>\nhm\n</think>\n\nA")]


def test_reasoning_in_details_of_openrouter_arrives():
    details = [{"type": "reasoning.text", "text": "hm"}]
    payload = converted(body(U, {"role": "assistant", "content": "A", "reasoning_details": details}), "harmony", "drop")
    assert [message.get("channel") for message in payload["messages"]] == [None, "analysis", "final"]


@pytest.mark.parametrize(
    ("to", "masked"),
    [("llamafactory", {"loss_weight": 0.0}), ("sharegpt", {"loss_weight": 0.0}), ("openai", {"weight": 0})],
)
def test_a_mask_of_the_loss_has_the_targets_name(to, masked):
    row = body(U, {"role": "assistant", "content": "A", "weight": 0})
    if to == "openai":
        row = {"conversations": [{"from": "human", "value": "Q"}, {"from": "gpt", "value": "A", "loss_weight": 0.0}]}
    payload = converted(row, to)
    last = payload.get("messages", payload.get("conversations"))[-1]
    assert masked.items() <= last.items()
    assert {"weight", "loss_weight"} & last.keys() == masked.keys()


@pytest.mark.parametrize("to", ["anthropic", "responses", "harmony", "sharegpt", "gemini", "mistral", "llamafactory"])
def test_a_deprecated_function_call_and_its_result_are_a_call_and_its_result(to):
    called = {"role": "assistant", "content": None, "function_call": {"name": "clock", "arguments": "{}"}}
    row = body(U, called, {"role": "function", "name": "clock", "content": "twelve"}, answer(content="x"))
    payload = converted(row, to)
    assert not [issue for issue in msgkit.check(payload, format=to) if issue.severity == "error"]
    chat = msgkit.convert(payload, "openai", format=to, on_loss="drop").payload["messages"]
    (made,) = chat[1]["tool_calls"]
    assert (made["function"]["name"], chat[2]["tool_call_id"]) == ("clock", made["id"])


@pytest.mark.parametrize("to", ["anthropic", "gemini"])
def test_a_custom_call_goes_as_its_input_and_its_result_with_it(to):
    items = [
        {"type": "custom_tool_call", "call_id": "ct_1", "name": "grep", "input": "abc"},
        {"type": "custom_tool_call_output", "call_id": "ct_1", "output": "res"},
    ]
    payload = converted({"model": "m", "input": [U, *items]}, to, "drop")
    made = msgkit.load(payload, to).messages[1].tool_calls[0]
    assert json.loads(made.function.arguments) == {"input": "abc"}


@pytest.mark.parametrize("to", ["anthropic", "responses", "harmony", "gemini"])
def test_a_spoken_answer_leaves_its_transcript(to):
    spoken = {"role": "assistant", "content": None, "audio": {"id": "a", "transcript": "hello there"}}
    payload = converted(body(U, spoken, U), to, "drop")
    assert msgkit.load(payload, to).messages[1].text == "hello there"


@pytest.mark.parametrize("to", ["harmony", "sharegpt", "llamafactory", "gemini", "responses"])
def test_parts_of_empty_text_beside_calls_are_nothing(to):
    said = {"role": "assistant", "content": [{"type": "text", "text": ""}], "tool_calls": [call()]}
    payload = msgkit.convert(body(U, said, result()), to, on_loss="drop").payload
    parts = [part for message in msgkit.load(payload, to).messages for part in message.parts]
    assert "" not in [part.text for part in parts if part.type == "text"]


@pytest.mark.parametrize("to", ["anthropic", "gemini", "chatml", "sharegpt", "llamafactory", "harmony", "transformers"])
@pytest.mark.parametrize("arguments", ["", "  ", "null"])
def test_empty_arguments_are_an_empty_object(to, arguments):
    payload = converted(body(U, answer(tool_calls=[call(arguments)]), result()), to)
    assert "raw_arguments" not in json.dumps(payload)


@pytest.mark.parametrize("text", ['{"a": NaN}', '{"a": 1e400}', '{"a": "\\ud800"}'])
def test_arguments_that_no_strict_reader_takes_stay_text(text):
    payload = converted(body(U, answer(tool_calls=[call(text)]), result()), "anthropic", "drop")
    assert payload["messages"][1]["content"][0]["input"] == {"raw_arguments": text}


@pytest.mark.parametrize("to", ["harmony", "sharegpt", "llamafactory", "mistral", "chatml"])
def test_an_empty_text_beside_calls_is_nothing(to):
    payload = converted(body(U, answer(content="", tool_calls=[call()]), result(), answer(content="x")), to)
    assert not [message for message in msgkit.load(payload, to) if message.content == ""]


def test_parts_by_another_formats_name_are_read():
    parts = [{"type": "input_text", "text": "ask"}, {"type": "input_image", "image_url": "https://x.example/a.png"}]
    payload = converted(body({"role": "user", "content": parts}), "anthropic")
    assert payload["messages"][0]["content"][1]["source"] == {"type": "url", "url": "https://x.example/a.png"}


@pytest.mark.parametrize(
    ("row", "to", "where"),
    [
        ({"response_format": {"type": "json_object"}}, "responses", "text"),
        ({"response_format": {"type": "json_object"}}, "gemini", "generationConfig"),
        ({"parallel_tool_calls": False, "tools": TOOLS}, "anthropic", "tool_choice"),
        ({"max_completion_tokens": 9}, "responses", "max_output_tokens"),
        ({"stop": "END"}, "anthropic", "stop_sequences"),
    ],
)  # fmt: skip
def test_a_setting_of_the_answer_goes_where_the_target_has_a_place_and_is_no_loss(row, to, where):
    payload = converted(body(U, model="m", **row), to)
    assert where in payload
    assert not row.keys() - {"tools"} & payload.keys()


@pytest.mark.parametrize("to", ["responses", "gemini", "anthropic", "mistral"])
def test_the_schema_of_an_answer_goes_to_every_format_that_has_one_and_back(to):
    wanted = {"type": "json_schema", "json_schema": {"name": "x", "schema": SCHEMA, "strict": True}}
    payload = converted(body(U, model="m", response_format=wanted), to)
    back = msgkit.convert(payload, "openai", format=to, on_loss="drop").payload
    assert back["response_format"]["json_schema"]["schema"] == SCHEMA


@pytest.mark.parametrize("to", ["openai", "responses", "mistral"])
def test_one_call_at_a_time_is_said_in_each_formats_way(to):
    choice = {"type": "auto", "disable_parallel_tool_use": True}
    tools = [{"name": "w", "input_schema": {"type": "object"}}]
    payload = converted(body(U, model="m", max_tokens=9, system="s", tools=tools, tool_choice=choice), to)
    assert (payload["tool_choice"], payload["parallel_tool_calls"]) == ("auto", False)


FOREIGN = [
    body(U, model="m", max_tokens=9, system="s", tools=[
        {"name": "w", "input_schema": SCHEMA, "defer_loading": True, "cache_control": {"type": "ephemeral"}},
    ]),
    body({"role": "user", "content": [{"type": "text", "text": "Q", "cache_control": {"type": "ephemeral"}}]},
         model="m", max_tokens=9, system="s", output_config={"effort": "low"}, container="c1"),
    {"model": "m", "input": "Q", "conversation": "c1",
     "tools": [{"type": "function", "name": "w", "parameters": SCHEMA, "strict": False, "defer_loading": True}]},
    {"contents": [G, {"role": "model", "parts": [{"functionCall": {"name": "w"}, "thoughtSignature": "c2ln"}]},
                  {"role": "user", "parts": [{"functionResponse": {"name": "w", "response": {"output": "5"}}}]}]},
    body(U, answer(content="", tool_calls=[call(key="abcdefghi", index=0)]), result(key="abcdefghi"),
         model="m", safe_prompt=False),
]  # fmt: skip


@pytest.mark.parametrize("row", FOREIGN)
@pytest.mark.parametrize("to", ["openai", "gemini", "mistral"])
def test_keys_that_only_the_source_defines_are_not_in_the_payload(row, to):
    own = msgkit.load(row).envelope.format
    if own != to:
        text = json.dumps(converted(row, to, "drop"))
        for key in ("cache_control", "defer_loading", "thoughtSignature", '"index"', "output_config", "conversation"):
            assert key not in text


def test_two_providers_keys_of_one_name_are_not_one_key_and_null_is_not_written():
    payload = converted(body(U, model="m", thinking={"type": "enabled"}, stop=None), "anthropic", "drop")
    assert payload == body(U, model="m")


def test_gemini_takes_no_system_message_among_others():
    payload = converted(body(U, {"role": "system", "content": "Be brief."}, U), "gemini", "drop")
    assert {content["role"] for content in payload["contents"]} == {"user"}


@pytest.mark.parametrize("to", ["openai", "responses", "bedrock"])
def test_a_file_gets_a_name_where_the_target_wants_one(to):
    pdf = {"inlineData": {"mimeType": "application/pdf", "data": "JVBERi0="}}
    payload = converted({"contents": [{"role": "user", "parts": [{"text": "See"}, pdf]}]}, to)
    assert '"file-1' in json.dumps(payload)


@pytest.mark.parametrize("to", ["anthropic", "openai", "responses"])
@pytest.mark.parametrize("name", ["x.png", "x.pdf"])
def test_a_url_whose_scheme_the_target_does_not_take_leaves_no_part(to, name):
    file = {
        "fileData": {"fileUri": f"gs://b/{name}", "mimeType": "image/png" if name == "x.png" else "application/pdf"}
    }
    payload = converted({"contents": [{"role": "user", "parts": [{"text": "x"}, file]}]}, to, "drop")
    assert len(msgkit.load(payload, to).messages[0].parts) == 1


def test_a_signature_of_googles_endpoint_for_chat_completions_reaches_gemini():
    signed = call(extra_content={"google": {"thought_signature": "c2ln"}})
    payload = converted(body(U, answer(tool_calls=[signed]), result()), "gemini", "drop")
    assert payload["contents"][1]["parts"][0]["thoughtSignature"] == "c2ln"


@pytest.mark.parametrize(
    "thinking", [[{"type": "text", "text": "hm"}], "hm", [{"type": "text", "text": "h"}, {"type": "text", "text": "m"}]]
)
@pytest.mark.parametrize("more", [{}, {"closed": True}, {"signature": "s"}])
def test_mistrals_thinking_is_read_in_every_form_and_written_as_a_list_of_texts(thinking, more):
    chunk = {"type": "thinking", "thinking": thinking, **more}
    row = body(U, answer(chunk, {"type": "text", "text": "Yo"}), U)
    assert msgkit.dump(msgkit.load(row, "mistral")) == row
    payload = msgkit.convert(row, "openai", format="mistral", on_loss="drop").payload
    assert payload["messages"][1]["reasoning"] == "hm"
    assert msgkit.convert(payload, "mistral").payload["messages"][1]["content"][0] == {
        "type": "thinking",
        "thinking": [{"type": "text", "text": "hm"}],
    }


def test_mistrals_tools_and_calls_may_lack_their_type():
    made = {"id": "abcdefghi", "function": {"name": "w", "arguments": "{}"}}
    tools = [{"function": {"name": "w", "parameters": SCHEMA}}]
    row = body(U, answer(content="", tool_calls=[made]), result(key="abcdefghi"), safe_prompt=False, tools=tools)
    assert msgkit.dump(msgkit.load(row)) == row
    payload = converted(row, "openai")
    assert payload["tools"][0]["type"] == payload["messages"][1]["tool_calls"][0]["type"] == "function"


@pytest.mark.parametrize(
    ("more", "name"),
    [
        ({"thinking": {"type": "enabled", "budget_tokens": 1024}}, "anthropic"),
        ({"thinking": {"type": "adaptive"}}, "anthropic"),
        ({"output_config": {"effort": "low"}}, "anthropic"),
        ({"model": "claude-x", "max_tokens": 9}, "anthropic"),
        ({"model": "claude-x"}, "openai"),
        ({"thinking": {"type": "enabled"}}, "openai"),
    ],
)
def test_a_body_of_anthropics_is_told_by_its_settings_too(more, name):
    assert msgkit.load(body(U, **more)).envelope.format == name
    assert msgkit.loads(json.dumps(body(U, **more))).envelope.format == name


def test_what_only_chat_completions_have_tells_them_whatever_the_model_is_called():
    for message in ({"role": "system", "content": "s"}, answer(content=None, tool_calls=[call()])):
        assert msgkit.load(body(message, U, model="claude-x", max_tokens=9)).envelope.format == "openai"


CALLS = '[{"name": "f", "arguments": {}}, {"name": "g", "arguments": {}}]'


def turns(*pairs):
    return {"conversations": [{"from": name, "value": value} for name, value in pairs]}


def test_results_of_several_calls_are_one_observation_for_the_trainer_and_come_apart_again():
    calls = [call(name="f"), call(name="g", key="c2")]
    row = body(U, answer(content=None, tool_calls=calls), result("one"), result("two", "c2"), answer(content="x"))
    payload = converted(row, "sharegpt")
    assert [turn["from"] for turn in payload["conversations"]] == ["human", "function_call", "observation", "gpt"]
    said = [message.text for message in msgkit.load(payload) if message.role == "tool"]
    assert said == ["one", "two"]


@pytest.mark.parametrize(
    "row",
    [
        turns(("human", "a"), ("function_call", CALLS), ("observation", "1"), ("observation", "2"), ("gpt", "x")),
        turns(("human", "a"), ("function_call", CALLS), ("observation", "[1, 2]"), ("gpt", "x")),
        turns(("human", "a"), ("function_call", '<think>hm</think>{"name": "f", "arguments": {}}'), ("gpt", "x")),
    ],
)
def test_observations_and_thoughts_before_calls_are_dumped_as_they_were(row):
    assert msgkit.dump(msgkit.load(row)) == row
    assert not [issue for issue in msgkit.check(row) if issue.code == "tool-arguments-not-json"]


def test_a_thought_before_a_call_is_its_reasoning():
    row = turns(
        ("human", "a"), ("function_call", '<think>hm</think>\n{"name": "f", "arguments": {}}'), ("observation", "1")
    )
    payload = converted(row, "openai")
    assert payload["messages"][1]["reasoning"] == "hm"


def test_arguments_of_a_call_as_json_text_are_its_arguments():
    row = turns(("human", "a"), ("function_call", '{"name": "f", "arguments": "{\\"a\\": 1}"}'), ("observation", "1"))
    assert msgkit.dump(msgkit.load(row)) == row
    call = converted(row, "openai")["messages"][1]["tool_calls"][0]
    assert call["function"] == {"name": "f", "arguments": '{"a": 1}'}


@pytest.mark.parametrize("text", ["{'name': 'f', 'arguments': {}}", '{"name": "f", "arguments": {}', '{"name": "f"}'])
def test_a_call_that_is_no_json_is_an_error_at_its_text(text):
    row = turns(("human", "a"), ("function_call", text), ("gpt", "x"))
    issues = [issue for issue in msgkit.check(row) if issue.severity == "error"]
    assert [issue.path for issue in issues] == ["conversations[1].value"]


@pytest.mark.parametrize("to", ["responses", "anthropic", "gemini", "mistral", "harmony"])
def test_an_empty_text_beside_a_refusal_is_nothing(to):
    row = {"messages": [U, {"role": "assistant", "content": "", "refusal": "No."}, U]}
    result = msgkit.convert(row, to, on_loss="drop")
    parts = [part for message in msgkit.load(result.payload, to).messages for part in message.parts]
    assert "" not in [part.text for part in parts if part.type == "text"]
    assert bool([loss for loss in result.losses if not loss.form]) == (to != "responses")
    assert msgkit.restore(result.payload, result.losses) == row


def test_arguments_that_look_as_those_that_could_not_be_read_are_an_object():
    call = '{"name": "f", "arguments": {"raw_arguments": "{"}}'
    row = turns(("human", "a"), ("function_call", call), ("observation", "1"))
    payload = converted(row, "transformers", on_loss="drop")
    assert payload["messages"][1]["tool_calls"][0]["function"]["arguments"] == {"raw_arguments": "{"}


def test_a_mark_of_a_result_is_not_written_on_another_message():
    row = body({**U, "cache_control": {"type": "ephemeral"}, "is_error": True}, max_tokens=9)
    assert converted(row, "anthropic", on_loss="drop")["messages"] == [U]


def test_a_result_without_its_call_is_no_message_of_an_interface():
    row = body({"role": "tool", "content": "5", "tool_call_id": "a"}, {"role": "assistant", "content": "A"}, U)
    payload = converted(row, "vercel", on_loss="drop")
    assert [message["role"] for message in payload["messages"]] == ["assistant", "user"]


def test_neighbours_that_become_one_message_may_hold_lists_of_strings():
    parts = [{"content": text, "part_kind": "system-prompt"} for text in ("a", "b")]
    row = body(
        {"parts": [{"content": "4", "part_kind": "text"}], "kind": "response"}, {"parts": parts, "kind": "request"}
    )
    assert converted(row, "gemini", on_loss="drop", format="pydantic-ai")["contents"]


def test_the_id_of_a_file_is_only_its_own_provider_s():
    named = {"type": "document", "source": {"type": "file", "file_id": "file_1"}}
    row = {
        "model": "claude-x",
        "max_tokens": 9,
        "messages": [{"role": "user", "content": [named, {"type": "text", "text": "Q"}]}],
    }
    for target in ("openai", "responses", "gemini"):
        result = msgkit.convert(row, target, on_loss="drop")
        assert "file_1" not in json.dumps(result.payload)
        assert [loss.kind for loss in result.losses if loss.kind != "form"] == ["content"]
        assert msgkit.restore(result.payload, result.losses) == row


def test_a_choice_of_tools_goes_with_the_last_tool():
    tools = [{"type": "web_search_20250305", "name": "web_search"}]
    row = {"model": "claude-x", "max_tokens": 9, "tools": tools, "tool_choice": {"type": "auto"}}
    row["messages"] = [{"role": "user", "content": "Q"}]
    payload = msgkit.convert(row, "openai", on_loss="drop").payload
    assert payload.keys() == {"model", "max_tokens", "messages"}


def test_a_limit_of_tokens_of_responses_is_the_one_that_all_models_take():
    row = {"model": "gpt-5.4", "max_output_tokens": 99, "input": "Q"}
    assert msgkit.convert(row, "openai").payload["max_completion_tokens"] == 99


@pytest.mark.parametrize("to", ["pydantic-ai", "otel", "vercel", "gemini", "ollama"])
def test_texts_of_a_result_are_one_text_where_a_format_has_no_list_of_them(to):
    call = {"id": "c", "type": "function", "function": {"name": "w", "arguments": "{}"}}
    texts = [{"type": "text", "text": "12"}, {"type": "text", "text": ":00"}]
    row = body(
        U, {"role": "assistant", "tool_calls": [call]}, {"role": "tool", "tool_call_id": "c", "content": texts}, U
    )
    assert "12:00" in json.dumps(converted(row, to))


@pytest.mark.parametrize(("before", "role"), [(U, "system"), ({"role": "assistant", "content": "A"}, "user")])
def test_a_system_message_where_the_receiver_does_not_take_one_is_the_users(before, role):
    row = body(U, before, {"role": "system", "content": "Speak French."}, U)
    assert converted(row, "mistral", on_loss="drop")["messages"][2] == {"role": role, "content": "Speak French."}


@pytest.mark.parametrize("target", ["openai", "mistral", "harmony", "chatml"])
def test_a_result_whose_media_are_dropped_still_answers_its_call(target):
    image = {"type": "image", "source": {"type": "url", "url": "https://x.example/a.png"}}
    used = {"type": "tool_use", "id": "t1", "name": "f", "input": {}}
    answer = {"type": "tool_result", "tool_use_id": "t1", "content": [image]}
    row = {"model": "claude-x", "max_tokens": 9, "messages": [{"role": "user", "content": "Q"}]}
    row["messages"] += [{"role": "assistant", "content": [used]}, {"role": "user", "content": [answer]}]
    result = msgkit.convert(row, target, on_loss="drop")
    assert not [issue for issue in msgkit.check(result.payload, target) if issue.severity == "error"]
    assert msgkit.restore(result.payload, result.losses) == row


SPOKEN = {"type": "output_text", "text": "Let me see", "annotations": []}
PREAMBLES = {
    "responses": {
        "model": "gpt-5.6",
        "input": [
            {"role": "user", "content": "Hi"},
            {"type": "message", "id": "msg_1", "role": "assistant", "phase": "commentary", "content": [SPOKEN]},
            {"role": "user", "content": "Go on"},
        ],
    },
    "harmony": {
        "messages": [
            {"role": "user", "content": "Hi"},
            {"role": "assistant", "channel": "commentary", "content": "Let me see"},
            {"role": "user", "content": "Go on"},
        ]
    },
}


@pytest.mark.parametrize("to", ["openai", "openrouter", "xai", "mistral"])
@pytest.mark.parametrize("source", PREAMBLES)
def test_a_preamble_has_no_channel_where_the_receiver_has_none(source, to):
    result = msgkit.convert(PREAMBLES[source], to, format=source)
    assert "channel" not in result.payload["messages"][1]
    assert {loss.kind for loss in result.losses} <= {"setting", "form"}
    assert msgkit.restore(result.payload, result.losses) == PREAMBLES[source]


def test_parallel_calls_are_no_setting_beside_a_choice_of_no_call_in_anthropic():
    tool = {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}
    row = {"messages": [{"role": "user", "content": "Hi"}], "tools": [tool]}
    row |= {"tool_choice": "none", "parallel_tool_calls": False}
    result = msgkit.convert(row, "anthropic")
    assert result.payload["tool_choice"] == {"type": "none"}
    assert msgkit.restore(result.payload, result.losses) == row


TEXT_FILE = {"type": "file", "file": {"file_data": "data:text/csv;base64,YSxi", "filename": "a.csv"}}


@pytest.mark.parametrize("to", ["openai", "mistral", "cohere"])
def test_a_text_file_is_a_text_where_the_receiver_takes_no_such_file_and_its_name_alone_is_lost(to):
    row = {"input": [{"role": "user", "content": [{"type": "input_file", **TEXT_FILE["file"]}]}]}
    result = msgkit.convert(row, to)
    assert {loss.name for loss in result.losses if loss.kind == "setting"} == {"filename"}
    assert result.payload["messages"][0]["content"] == [{"type": "text", "text": "a,b"}]


def test_a_text_file_of_another_type_is_a_plain_one_where_the_receiver_takes_that():
    (message,) = converted(body(answer(TEXT_FILE, role="user")), "anthropic")["messages"]
    assert message["content"][0]["source"] == {"type": "text", "media_type": "text/plain", "data": "a,b"}


def test_a_mark_of_the_cache_is_not_written_on_what_the_assistant_said_to_responses():
    text = {"type": "text", "text": "A", "prompt_cache_breakpoint": {"mode": "explicit"}}
    asked, said = converted(body(answer(text, role="user"), answer(text)), "responses")["input"]
    assert "prompt_cache_breakpoint" in asked["content"][0]
    assert "prompt_cache_breakpoint" not in said["content"][0]


def test_reasoning_is_not_written_for_a_receiver_that_is_named_and_has_no_key_for_it():
    row = body(U, {"role": "assistant", "content": "A", "reasoning_content": "hm"}, U)
    assert converted(row, "openrouter")["messages"][1]["reasoning"] == "hm"
    row = {"contents": [G, {"role": "model", "parts": [{"text": "hm", "thought": True}, {"text": "A"}]}, G]}
    assert converted(row, "openai", target="vllm")["messages"][1]["reasoning"] == "hm"
    assert "reasoning" not in converted(row, "openai", target="openai", on_loss="drop")["messages"][1]


def test_bedrock_is_given_no_reasoning_without_a_signature():
    row = body(U, {"role": "assistant", "content": "A", "reasoning": "hm"}, U)
    assert converted(row, "bedrock", on_loss="drop")["messages"][1]["content"] == [{"text": "A"}]


def test_a_custom_tool_and_deprecated_functions_are_functions_and_no_loss():
    custom = {"type": "custom", "custom": {"name": "sql", "description": "Ask."}}
    row = body(U, tools=[custom], tool_choice={"type": "custom", "custom": {"name": "sql"}})
    payload = converted(row, "anthropic")
    assert payload["tools"][0]["input_schema"]["required"] == ["input"]
    assert payload["tool_choice"] == {"type": "tool", "name": "sql"}
    payload = converted(body(U, functions=[{"name": "w"}], function_call={"name": "w"}), "anthropic")
    assert (payload["tools"][0]["name"], payload["tool_choice"]) == ("w", {"type": "tool", "name": "w"})


def test_reasoning_that_anthropic_signed_goes_through_openrouter_and_back_with_its_signature():
    blocks = [
        {"type": "thinking", "thinking": "hm", "signature": "c2ln"},
        {"type": "redacted_thinking", "data": "eA=="},
    ]
    row = {"model": "m", "max_tokens": 9, "messages": [U, answer(*blocks, {"type": "text", "text": "A"}), U]}
    payload = converted(row, "openrouter", "strict")
    assert [detail["type"] for detail in payload["messages"][1]["reasoning_details"]] == [
        "reasoning.text",
        "reasoning.encrypted",
    ]
    again = converted(payload, "anthropic")
    assert again["messages"][1]["content"][:2] == blocks


@pytest.mark.parametrize("key", ["reasoning_details", "thinking_blocks"])
def test_what_repeats_the_reasoning_with_its_signature_refuses_no_row(key):
    item = {"type": "thinking", "thinking" if key == "thinking_blocks" else "text": "hm", "signature": "c2ln"}
    row = body(U, {"role": "assistant", "content": "A", "reasoning_content": "hm", key: [item]}, U)
    assert [loss.kind for loss in msgkit.convert(row, "gemini").losses if loss.name == key] == ["setting"]


@pytest.mark.parametrize("content", ["", " \n", [], [{"type": "text", "text": ""}], None])
@pytest.mark.parametrize("to", ["anthropic", "bedrock"])
def test_an_answer_that_says_nothing_is_left_out_where_the_receiver_refuses_it(to, content):
    messages = converted(body(U, {"role": "assistant", "content": content}, U), to)["messages"]
    assert [message["role"] for message in messages] == ["user"]


@pytest.mark.parametrize("to", ["sharegpt", "anthropic", "bedrock", "mistral"])
def test_a_developers_item_that_is_the_system_prompt_there_is_no_loss(to):
    converted({"input": [{"role": "developer", "content": "Be brief."}, U]}, to)
    said = {"role": "assistant", "content": "A"}
    converted({"instructions": "Be brief.", "input": [U, said, U]}, to)


def test_json_in_a_result_of_converse_is_its_text():
    call = {"toolUse": {"toolUseId": "a", "name": "w", "input": {}}}
    told = {"toolResult": {"toolUseId": "a", "content": [{"json": {"k": 1}}]}}
    row = body(answer({"text": "Q"}, role="user"), answer(call), answer(told, role="user"))
    assert converted(row, "openai")["messages"][2]["content"] == [{"type": "text", "text": '{"k": 1}'}]


@pytest.mark.parametrize("to", ["vercel", "vercel-model", "inspect"])
def test_the_id_of_a_file_is_no_url(to):
    row = body(
        {"role": "user", "content": [{"type": "file", "file": {"file_id": "f1"}}, {"type": "text", "text": "Q"}]}
    )
    assert "f1" not in str(converted(row, to, "drop"))


def test_claude_behind_openrouter_takes_the_messages_of_openrouter():
    row = body({"role": "system", "content": "S"}, U, {"role": "assistant", "tool_calls": [call()]}, result())
    assert len(converted({"model": "anthropic/claude-sonnet-4.5", **row}, "openrouter")["messages"]) == 4


@pytest.mark.parametrize(
    ("row", "to"),
    [
        (body({"role": "user", "content": "Q"}, {"role": "assistant", "content": None, "tool_calls": [call()]},
              {**result(), "is_error": True}), "anthropic"),
        ({"contents": [G], "generationConfig": {"responseMimeType": "application/json",
          "responseSchema": {"type": "OBJECT", "properties": {"a": {"type": "STRING"}}}}}, "openai"),
        (body({"type": "human", "data": {"content": [{"type": "image_url", "image_url": {"url": PNG}}]}}), "openai"),
        (body(answer({"text": "Q"}, role="user"), answer({"toolUse": {"toolUseId": "a", "name": "w", "input": {}}}),
              answer({"toolResult": {"toolUseId": "a", "content": [{"text": "1"}]}}, role="user")), "mistral"),
        (body(U, {"role": "assistant", "tool_plan": "hm", "tool_calls": [call()]},
              {"role": "tool", "tool_call_id": "c1", "content": [{"type": "document", "document": {"data": "1"}}]}),
         "openai"),
        ({"model": "m", "max_tokens": 9, "messages": [U, answer({"type": "thinking", "thinking": "a", "signature": "x"},
          {"type": "thinking", "thinking": "b", "signature": "y"}, {"type": "text", "text": "A"}), U]}, "openai"),
    ],
    ids=["error", "schema", "langchain-image", "converse-ids", "cohere-document", "two-thoughts"],
)  # fmt: skip
def test_what_is_carried_is_not_told_as_lost(row, to):
    converted(row, to)


@pytest.mark.parametrize("to", ["anthropic", "responses", "gemini"])
def test_the_url_of_a_document_of_mistral_arrives_and_comes_back(to):
    document = {"type": "document_url", "document_url": "https://example.com/a.pdf", "document_name": "a.pdf"}
    call = {"id": "abcdefghi", "function": {"name": "w", "arguments": {"a": 1}}}
    asked = {"role": "user", "content": [{"type": "text", "text": "See"}, document]}
    answered = {"role": "tool", "tool_call_id": "abcdefghi", "content": "5"}
    row = {"safe_prompt": False, **body(asked, {"role": "assistant", "content": "", "tool_calls": [call]}, answered)}
    result = msgkit.convert(row, to)
    assert document["document_url"] in json.dumps(result.payload)
    assert msgkit.restore(result.payload, result.losses) == row
    again = msgkit.convert(result.payload, "mistral").payload
    assert again["messages"][0]["content"][1] == document


@pytest.mark.parametrize("to", ["responses", "anthropic", "gemini", "mistral", "openrouter"])
def test_the_url_of_a_file_goes_where_the_receiver_fetches_it(to):
    url = "https://example.com/a.pdf"
    file = {"type": "file", "file": {"file_data": url, "filename": "a.pdf"}}
    row = body({"role": "user", "content": [{"type": "text", "text": "See"}, file]})
    result = msgkit.convert(row, to)
    assert url in json.dumps(result.payload)
    assert msgkit.restore(result.payload, result.losses) == row


IMAGE = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNGS[0]}}
PDF = "data:application/pdf;base64,JVBERi0xLjQKJSVFT0YK"


def claude(content, **more):
    used = {"type": "tool_use", "id": "t1", "name": "w", "input": {}}
    answered = {"type": "tool_result", "tool_use_id": "t1", "content": content, **more}
    return body(U, answer(used), {"role": "user", "content": [answered]})


@pytest.mark.parametrize("to", ["gemini", "bedrock", "langchain", "inspect", "vercel-model", "vercel", "pydantic-ai"])
@pytest.mark.parametrize("content", ["boom", [{"type": "text", "text": "boom"}, {"type": "text", "text": "bang"}]])
def test_that_a_result_is_an_error_is_said_where_there_is_a_place_for_it(content, to):
    converted(claude(content, is_error=True), to)


def test_media_of_a_result_come_back_from_telemetry():
    converted(claude([{"type": "text", "text": "See"}, IMAGE]), "otel")


@pytest.mark.parametrize("to", ["openai", "anthropic", "gemini"])
def test_a_document_of_mistral_with_its_data_arrives_and_comes_back(to):
    document = {"type": "document_url", "document_url": PDF, "document_name": "a.pdf"}
    row = {"safe_prompt": False, **body({"role": "user", "content": [{"type": "text", "text": "See"}, document]})}
    again = msgkit.convert(converted(row, to), "mistral").payload
    assert again["messages"][0]["content"][1] == document


def test_a_file_of_mistral_is_told_by_its_id():
    row = {"safe_prompt": False, **body({"role": "user", "content": [{"type": "file", "file_id": "f1"}]})}
    assert msgkit.check(row, ready=True) == []
    assert msgkit.dump(msgkit.load(row)) == row


def test_reasoning_stands_before_the_answer_where_rows_have_text_only():
    row = body(U, {"role": "assistant", "content": "A", "reasoning": "hm"})
    assert converted(row, "sharegpt")["conversations"][1]["value"] == "<think>\nhm\n</think>\n\nA"


def test_a_schema_with_titles_and_notes_of_several_lines_is_read_from_harmonys_text():
    city = {
        "title": "City",
        "type": "string",
        "description": "The city.\nFor example: Paris.\n\n- or Rome",
        "examples": ["a"],
    }
    inner = {"type": "object", "description": "More.", "properties": {"n": {"type": "integer", "default": 1}}}
    schema = {"type": "object", "title": "Args", "description": "What to ask.\nAll of it.",
              "properties": {"city": city, "more": inner}, "required": ["city"]}  # fmt: skip
    tool = {"type": "function", "function": {"name": "w", "description": "Ask.\n\nNow.", "parameters": schema}}
    result = msgkit.convert(body(U, tools=[tool]), "harmony-text")
    assert {loss.name for loss in result.losses if loss.kind != "form"} == {"title", "type"}
    assert msgkit.restore(result.payload, result.losses) == body(U, tools=[tool])


@pytest.mark.parametrize("to", ["harmony", "harmony-text"])
def test_tools_of_which_none_is_a_function_leave_no_empty_section(to):
    row = body(U, tools=[{"type": "web_search"}])
    assert converted(row, to, "drop") == converted(body(U), to)


def test_the_usual_format_of_an_answer_is_no_schema_in_ollama():
    assert "format" not in converted(body(U, response_format={"type": "text"}), "ollama")


def test_a_row_that_only_the_receiver_of_its_model_refuses_is_written_for_a_named_one():
    thought = answer({"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}, {"type": "text", "text": "A"})
    row = {"safe_prompt": False, **body(U, thought, model="mistral-large-latest")}
    with pytest.raises(msgkit.InvalidMessageError) as caught:
        msgkit.convert(row, "openai")
    assert "--target openai" in str(caught.value.issues[0].hint)
    assert converted(row, "openai", target="openai", allow_loss=["thinking"])["messages"][1]["content"] == "A"


@pytest.mark.parametrize("model", [{"name": "x"}, ["x"], 3])
def test_a_column_that_is_no_model_is_none_of_the_request(model):
    row = {"conversations": [{"from": "human", "value": "Q"}, {"from": "gpt", "value": "A"}], "model": model}
    assert converted(row, "openai").keys() == {"messages"}


def test_a_message_of_reasoning_that_only_its_server_reads_has_a_content_in_openrouter():
    thought = answer({"type": "redacted_thinking", "data": "x"})
    row = {"model": "claude-x", "max_tokens": 9, **body(U, thought, U)}
    assert converted(row, "openrouter")["messages"][1]["content"] == ""


@pytest.mark.parametrize("to", ["harmony", "harmony-text", "anthropic", "mistral"])
def test_a_prompt_without_a_word_is_none(to):
    assert converted(body({"role": "system", "content": ""}, U), to) == converted(body(U), to)
