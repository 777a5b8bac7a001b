"""Spans of OpenInference and OpenLLMetry, flat and nested, in OTLP, in the SDK's JSON and in a table."""

import json

import pytest

import msgkit
from msgkit.rows import iter_rows

SCHEMA = {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}
ASKED = {
    "llm.model_name": "gpt-4o",
    "llm.tools.0.tool.json_schema": json.dumps(SCHEMA),
    "llm.input_messages.0.message.role": "user",
    "llm.input_messages.0.message.contents.0.message_content.type": "text",
    "llm.input_messages.0.message.contents.0.message_content.text": "What is it?",
    "llm.input_messages.0.message.contents.1.message_content.type": "image",
    "llm.input_messages.0.message.contents.1.message_content.image.image.url": "https://example.com/a.png",
    "llm.output_messages.0.message.role": "assistant",
    "llm.output_messages.0.message.tool_calls.0.tool_call.function.name": "look",
    "llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments": "{}",
}
QUESTION = {
    "message": {
        "role": "user",
        "contents": [
            {"message_content": {"type": "text", "text": "What is it?"}},
            {"message_content": {"type": "image", "image": {"image": {"url": "https://example.com/a.png"}}}},
        ],
    }
}
CALL = {"tool_call.function.name": "look", "tool_call.function.arguments": "{}"}
ANSWERED = {
    "llm": {
        "input_messages": [
            QUESTION,
            {"message.role": "assistant", "message.content": None, "message.tool_calls": [CALL]},
            {"message.role": "tool", "message.content": "A cat.", "message.name": "look"},
        ],
        "output_messages": [{"message": {"role": "assistant", "content": "A cat."}}],
    }
}
LLMETRY = {
    "gen_ai.request.model": "m",
    "gen_ai.prompt.0.role": "user",
    "gen_ai.prompt.0.content": json.dumps([{"type": "text", "text": "Hello"}]),
    "gen_ai.completion.0.role": "assistant",
    "gen_ai.completion.0.content": "Hi.",
    "gen_ai.completion.0.finish_reason": "stop",
}


def span(attributes, start, trace="t"):
    context = {"trace_id": trace, "span_id": start}
    return {"name": "llm", "context": context, "start_time": start, "attributes": attributes}


def otlp(*spans):
    own = [
        {
            "traceId": one["context"]["trace_id"],
            "startTimeUnixNano": one["start_time"],
            "attributes": [{"key": key, "value": {"stringValue": text}} for key, text in one["attributes"].items()],
        }
        for one in spans
    ]
    return json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": own}]}]})


def read(path, text):
    path.write_text(text)
    return [row.value for row in iter_rows(path)]


@pytest.mark.parametrize("attributes", [ASKED, {"llm": {"x": 1}, **ASKED}])
def test_spans_of_one_trace_are_one_history_however_they_are_nested(tmp_path, attributes):
    lines = [span(ANSWERED, "2"), span({"input.value": "x"}, "0"), span(attributes, "1")]
    [row] = read(tmp_path / "spans.jsonl", "\n".join(map(json.dumps, lines)))
    assert msgkit.check(row) == []
    talk = msgkit.load(row, "openai")
    assert [message.role for message in talk] == ["user", "assistant", "tool", "assistant"]
    assert talk.messages[0].parts[1].image_url.url == "https://example.com/a.png"
    assert talk.messages[1].tool_calls[0].id == talk.messages[2].tool_call_id
    assert (row["id"], row["model"], row["tools"]) == ("t", "gpt-4o", [SCHEMA])


def test_a_table_of_spans_has_a_column_an_attribute(tmp_path):
    row = {"name": "llm", "span_kind": "LLM", "context.trace_id": "t", "start_time": 1}
    row |= {f"attributes.llm.{key}": value for key, value in ANSWERED["llm"].items()}
    [history] = read(tmp_path / "spans.json", json.dumps([row, {**row, "context.trace_id": "u"}][:1]))
    assert [message["role"] for message in history["messages"]] == ["user", "assistant", "tool", "assistant"]


def test_otlp_may_hold_messages_of_each_convention(tmp_path):
    rows = read(tmp_path / "traces.json", otlp(span(ASKED, "1"), span(LLMETRY, "2", "u")))
    assert [row["messages"][0]["content"][0]["text"] for row in rows] == ["What is it?", "Hello"]
    assert rows[1] == {
        "id": "u",
        "model": "m",
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "Hello"}]},
            {"role": "assistant", "content": "Hi."},
        ],
    }


def test_each_trace_is_a_history(tmp_path):
    lines = [span(LLMETRY, "1", name) for name in "ab"]
    assert [row["id"] for row in read(tmp_path / "spans.jsonl", "\n".join(map(json.dumps, lines)))] == ["a", "b"]


def told(*messages):
    keys = ("llm.input_messages", "llm.output_messages")
    lists = dict(zip(keys, (messages[:-1], messages[-1:]), strict=True))
    return {key: [{"message": {"role": role, "content": text}} for role, text in own] for key, own in lists.items()}


def test_an_agent_that_another_calls_has_a_history_of_its_own(tmp_path):
    first = [("user", "Q"), ("assistant", "A")]
    inner = [("system", "Be brief."), ("user", "T"), ("assistant", "R")]
    spans = [
        span(told(*first), "1"),
        span(told(*inner), "2"),
        span(told(*first, ("user", "P"), ("assistant", "B")), "3"),
    ]
    path = tmp_path / "spans.jsonl"
    path.write_text("\n".join(map(json.dumps, spans)))
    texts = [[message["content"] for message in row.value["messages"]] for row in iter_rows(path)]
    assert texts == [["Q", "A", "P", "B"], ["Be brief.", "T", "R"]]


EVENTS = [("gen_ai.system.message", {"content": "Be brief."}), ("gen_ai.user.message", {"content": "Hello"})]
CHOICE = {"index": 0, "message": json.dumps({"role": "assistant", "content": "Hi."})}


@pytest.mark.parametrize("shape", ["events", "attribute", "otlp"])
def test_messages_that_are_events_are_read(tmp_path, shape):
    events = [*EVENTS, ("gen_ai.choice", CHOICE)]
    told = [{"name": name, "attributes": attributes} for name, attributes in events]
    flat = json.dumps([{"event.name": name, **attributes} for name, attributes in events])
    span = {"context": {"trace_id": "t"}, "attributes": {}, "events": told}
    if shape == "attribute":
        span = {"context": {"trace_id": "t"}, "attributes": {"events": flat}}
    if shape == "otlp":
        own = [
            {**one, "attributes": [{"key": k, "value": {"stringValue": v}} for k, v in one["attributes"].items()]}
            for one in told
        ]
        span = {"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "t", "attributes": [], "events": own}]}]}]}
    path = tmp_path / "spans.jsonl"
    path.write_text(json.dumps(span))
    [row] = iter_rows(path)
    assert [message.content for message in msgkit.load(row.value)] == ["Be brief.", "Hello", "Hi."]
