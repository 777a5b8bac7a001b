"""Logs of requests with their answers, and the export of Open WebUI."""

import json

import pytest

import msgkit
from msgkit.rows import iter_rows

ASKED, SAID = {"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hi."}
CHAT = {"model": "m", "messages": [ASKED]}
COMPLETION = {"object": "chat.completion", "choices": [{"index": 0, "message": SAID, "finish_reason": "stop"}]}


def constructor(name, text):
    return {
        "lc": 1,
        "type": "constructor",
        "id": ["langchain", "schema", "messages", name],
        "kwargs": {"content": text},
    }


LOGS = {
    "litellm": {"id": "1", "call_type": "acompletion", **CHAT, "model_parameters": {}, "response": COMPLETION},
    "helicone": {"request_id": "1", "request_body": CHAT, "response_body": COMPLETION},
    "langfuse": {"id": "1", "traceId": "t", "type": "GENERATION", "input": [ASKED], "output": SAID},
    "langfuse, as text": {"trace_id": "t", "type": "GENERATION", "input": json.dumps(CHAT), "output": json.dumps(SAID)},
    "langsmith": {
        "run_type": "llm",
        "inputs": {"messages": [[constructor("HumanMessage", "Hello")]]},
        "outputs": {"generations": [[{"text": "Hi.", "message": constructor("AIMessage", "Hi.")}]]},
    },
    "weave": {"id": "1", "op_name": "o", "trace_id": "t", "inputs": {"self": "client", **CHAT}, "output": COMPLETION},
    "bedrock": {
        "schemaType": "ModelInvocationLog",
        "modelId": "m",
        "input": {"inputBodyJson": {"messages": [{"role": "user", "content": [{"text": "Hello"}]}]}},
        "output": {"outputBodyJson": {"output": {"message": {"role": "assistant", "content": [{"text": "Hi."}]}}}},
    },
    "gemini": {
        "request": {"contents": [{"role": "user", "parts": [{"text": "Hello"}]}]},
        "response": {"candidates": [{"content": {"role": "model", "parts": [{"text": "Hi."}]}}]},
    },
    "responses": {
        "request": {"input": [ASKED]},
        "response": {"output": [{"type": "message", "role": "assistant", "content": "Hi."}]},
    },
    "anthropic": {
        "request": {**CHAT, "max_tokens": 9, "system": "Be brief."},
        "response": {"type": "message", "role": "assistant", "content": "Hi.", "usage": {}},
    },
}


def read(path, text):
    path.write_text(text)
    return [row.value for row in iter_rows(path)]


@pytest.mark.parametrize("name", LOGS)
@pytest.mark.parametrize("suffix", ["jsonl", "json"])
def test_the_answer_ends_the_history(tmp_path, name, suffix):
    [body] = read(tmp_path / f"log.{suffix}", json.dumps(LOGS[name] if suffix == "jsonl" else [LOGS[name]]))
    asked, said = [message for message in msgkit.load(body) if message.role != "system"]
    assert (asked.role, asked.content, said.role, said.content) == ("user", "Hello", "assistant", "Hi.")


def test_a_call_that_failed_has_no_answer(tmp_path):
    log = {"request": CHAT, "response": {"error": {"message": "overloaded"}}}
    assert read(tmp_path / "log.jsonl", json.dumps(log)) == [CHAT]


def test_records_of_other_things_are_left_out(tmp_path):
    for name, other in (
        ("langfuse", {"traceId": "t", "type": "SPAN", "input": {}}),
        ("weave", {"id": "0", "op_name": "f", "inputs": {"text": "x"}, "output": "y"}),
    ):
        assert len(read(tmp_path / "log.jsonl", "\n".join(map(json.dumps, [other, LOGS[name]])))) == 1


@pytest.mark.parametrize(
    "row",
    [
        {"key": "a", "request": LOGS["gemini"]["request"]},
        {**CHAT, "metadata": {"run_type": "llm", "inputs": {}}},
        {**CHAT, "tools": [{"properties": {"request": {}, "response": {}}}]},
    ],
)
def test_rows_are_not_taken_for_a_log(tmp_path, row):
    assert read(tmp_path / "rows.jsonl", json.dumps(row)) == [row]


def test_open_webui_gives_the_current_branch_with_its_images(tmp_path):
    image = {"type": "image", "url": "data:image/png;base64,AAAA"}
    nodes = {
        "a": {"id": "a", "parentId": None, "role": "user", "content": "Hello", "files": [image]},
        "b": {"id": "b", "parentId": "a", "role": "assistant", "content": "Taken back."},
        "c": {"id": "c", "parentId": "a", "role": "assistant", "content": "Hi."},
    }
    chats = [{"id": "x", "chat": {"history": {"messages": nodes, "currentId": "c"}}}]
    [row] = read(tmp_path / "chats.json", json.dumps(chats))
    asked, said = msgkit.load(row)
    assert ([part.type for part in asked.parts], said.content) == (["text", "image_url"], "Hi.")


ANSWER = {"role": "assistant", "content": "Hi."}


@pytest.mark.parametrize(
    "output",
    [{"completion": "Hi."}, [ANSWER], {"message": ANSWER}, {"messages": [ANSWER]}, {"output": ANSWER}, "Hi.", ANSWER],
)
def test_an_answer_is_found_wherever_it_is(tmp_path, output):
    asked = [{"role": "user", "content": "Hello"}]
    record = {"id": "o", "traceId": "t", "type": "GENERATION", "input": asked, "output": output}
    assert read(tmp_path / "log.jsonl", json.dumps(record)) == [{"messages": [*asked, ANSWER]}]


def test_items_of_responses_are_the_answer_to_a_text(tmp_path):
    item = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Hi."}]}
    record = {"call_type": "aresponses", "model": "m", "messages": "Hello", "response": {"output": [item]}}
    [row] = read(tmp_path / "log.jsonl", json.dumps(record))
    assert row == {"model": "m", "input": [{"role": "user", "content": "Hello"}, item]}


ITEMS = [
    {"type": "reasoning", "content": [{"type": "output_text", "text": "Hm."}]},
    {"type": "function_call", "call_id": "c1", "name": "look", "arguments": '{"x": 1}'},
    {"type": "function_call_output", "call_id": "c1", "output": [{"type": "input_text", "text": "A cat."}]},
    {"type": "message", "content": [{"type": "output_text", "text": "It is a cat."}]},
]
HTML = """\
<details type="reasoning" done="true" duration="1">
<summary>Thought for 1 second</summary>
&gt; Hm.
</details>
<details type="tool_calls" done="true" id="c1" name="look" arguments="&quot;{\\&quot;x\\&quot;: 1}&quot;"{}
</details>
It is a cat."""
RESULT = "&quot;A cat.&quot;"


@pytest.mark.parametrize(
    "answer",
    [
        {"content": "shown", "output": ITEMS},
        {"content": HTML.replace("{}", f' result="{RESULT}">\n<summary>Tool Executed</summary>')},
        {"content": HTML.replace("{}", f">\n<summary>Tool Executed</summary>\n{RESULT}")},
    ],
)
def test_open_webui_gives_calls_and_thoughts(tmp_path, answer):
    nodes = {"a": {"role": "user", "content": "What?"}, "b": {"role": "assistant", "parentId": "a", **answer}}
    chat = {"history": {"messages": nodes, "currentId": "b"}, "params": {"system": "Be brief."}}
    [row] = read(tmp_path / "chats.json", json.dumps([{"id": "x", "chat": chat}]))
    prompt, _asked, called, result, said = msgkit.load(row)
    assert (prompt.content, called.reasoning, result.content) == ("Be brief.", "Hm.", "A cat.")
    assert [(call.id, call.function.arguments) for call in called.tool_calls] == [(result.tool_call_id, '{"x": 1}')]
    assert said.content == "It is a cat."


CHOICES = {"choices": [{"index": 0, "message": SAID}, {"index": 1, "message": {**SAID, "content": "Ho."}}]}


@pytest.mark.parametrize(
    "log",
    [
        {"request": CHAT, "response": CHOICES},
        {"request": {"url": "u", "body": json.dumps(CHAT)}, "response": {"status": 200, "body": CHOICES}},
        {"span_attributes": {"type": "llm"}, "input": [ASKED], "output": CHOICES["choices"]},
        {**CHAT, "kwargs": {}, "response": "ModelResponse(...)", "outputs": ["Hi.", "Ho."]},
    ],
)
def test_each_of_several_answers_is_a_row(tmp_path, log):
    rows = read(tmp_path / "log.jsonl", json.dumps(log))
    assert [msgkit.load(row)[-1].content for row in rows] == ["Hi.", "Ho."]


def test_what_came_back_with_its_calls_is_one_history(tmp_path):
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    made = {"role": "assistant", "content": None, "tool_calls": [call]}
    told = {"role": "tool", "tool_call_id": "c", "content": "r"}
    log = {"inputs": {"messages": [ASKED]}, "outputs": {"messages": [ASKED, made, told, SAID]}}
    [row] = read(tmp_path / "log.jsonl", json.dumps(log))
    assert [message.role for message in msgkit.load(row)] == ["user", "assistant", "tool", "assistant"]


def test_calls_within_a_record_are_in_the_order_of_their_time(tmp_path):
    one = {"id": "2", "traceId": "t", "type": "GENERATION", "startTime": "2", "input": [ASKED], "output": "Ho."}
    trace = {"id": "t", "input": "x", "observations": [one, {**one, "id": "1", "startTime": "1", "output": "Hi."}]}
    rows = read(tmp_path / "trace.json", json.dumps(trace))
    assert [msgkit.load(row)[-1].content for row in rows] == ["Hi.", "Ho."]
