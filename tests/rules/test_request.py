"""The request as a whole: its format, required keys, tools, cache marks, and how it ends."""

import pytest

import msgkit
from msgkit import rules, targets
from msgkit.model.calls import FunctionCall, ToolCall
from msgkit.rules.examples import assistant, call, result, text, user


def errors(row, target=None, **options):
    return [(issue.path, issue.code) for issue in msgkit.check(row, target, **options) if issue.severity == "error"]


def codes(row, target=None, **options):
    return [(issue.path, issue.code) for issue in msgkit.check(row, target, **options) if issue.severity != "info"]


ANTHROPIC = {
    "max_tokens": 9,
    "system": "Be brief.",
    "messages": [
        user("Q"),
        {"role": "assistant", "content": [{"type": "tool_use", "id": "t1", "name": "w", "input": {}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content": "5"}]},
    ],
}
SHAREGPT = {"conversations": [{"from": "human", "value": "Q"}, {"from": "gpt", "value": "A"}]}


@pytest.mark.parametrize("row", [ANTHROPIC, SHAREGPT])
def test_a_row_of_another_format_cannot_be_sent_as_it_is(row):
    assert ("", "format-mismatch") not in codes(row, "openai")
    (issue,) = [issue for issue in msgkit.check(row, "openai", ready=True) if issue.code == "format-mismatch"]
    assert "the row is recognized as" in issue.message
    assert "msgkit convert --to openai" in issue.hint


@pytest.mark.parametrize("target", ["openai", "anthropic", "mistral", "vllm", "harmony"])
def test_plain_text_can_be_sent_to_every_target_of_messages(target):
    row = {"messages": [user("Q")], "max_tokens": 9}
    assert errors(row, target, ready=True) == []


def test_a_row_that_no_sign_tells_is_taken_as_the_target_has_it():
    row = {"model": "m", "max_tokens": 9, "messages": [user(text("Q"), {"type": "container_upload", "file_id": "f"})]}
    assert codes(row, "anthropic") == []
    assert codes(row, "openai") == [("messages[0].content[1]", "part-unknown")]


def test_arguments_as_an_object_are_no_text_for_a_target_of_chat_completions():
    made = {"id": "a", "type": "function", "function": {"name": "f", "arguments": {"x": 1}}}
    row = {"model": "gpt-5", "messages": [user("Q"), assistant(tool_calls=[made]), result("a")]}
    assert errors(row, "openai") == [("messages[1].tool_calls[0].function.arguments", "type-mismatch")]
    assert errors(row, "transformers") == []


def test_what_is_built_here_is_checked_as_it_is_written():
    message = msgkit.Message(msgkit.Author(msgkit.Role.ASSISTANT), tool_calls=(ToolCall("a", FunctionCall("f", {})),))
    wrong = ("messages[1].tool_calls[0].function.arguments", "type-mismatch")
    assert errors(msgkit.Conversation((msgkit.user("Q"), message))) == [wrong]
    assert errors([msgkit.user("Q"), message]) == [wrong]


def test_null_keys_of_arrow_are_not_unknown():
    row = [user({**text("Q"), "image_url": None, "path": None}, mood=None)]
    assert codes(row) == []
    assert ("messages[0].mood", "key-null") in codes(row, ready=True)


def test_a_request_to_anthropic_needs_max_tokens_and_a_list_of_messages_does_not():
    row = {"model": "claude-opus-4-7", "messages": [user("Q")]}
    assert errors(row, "anthropic") == [("max_tokens", "key-missing")]
    assert errors({**row, "max_tokens": 9}, "anthropic") == []
    assert errors([user("Q")], "anthropic") == []
    assert errors({"messages": [user("Q")]}, "anthropic", ready=True) == [("max_tokens", "key-missing")]


def test_a_record_of_a_session_is_no_request_until_it_is_to_be_sent():
    said = [user("Q"), {"role": "assistant", "content": [text("A")]}]
    row = {"id": "s1", "model": "claude-opus-4-6", "messages": said}
    sent = [("max_tokens", "key-missing"), ("messages[1].role", "prefill-not-allowed")]
    assert codes(row, "anthropic") == []
    assert errors(row, "anthropic", ready=True) == sent


@pytest.mark.parametrize("target", ["anthropic", "gemini"])
def test_a_system_prompt_alone_is_no_request(target):
    row = {"messages": [{"role": "system", "content": "Write a poem."}]}
    assert errors(row, target) == [("messages", "messages-empty")]
    assert errors(row) == []


def test_a_history_that_the_server_keeps_needs_no_message():
    assert errors({"model": "m", "previous_response_id": "resp_1", "input": []}) == []


def tool(name="now", **more):
    return {"type": "function", "function": {"name": name, "parameters": {"type": "object", "properties": {}}, **more}}


def asked(*tools, **more):
    return {"tools": list(tools), "messages": [user("Q")], **more}


@pytest.mark.parametrize(
    ("tools", "issue"),
    [
        ("none", ("tools", "type-mismatch")),
        (["now"], ("tools[0]", "type-mismatch")),
        ([tool("cal.today")], ("tools[0].function.name", "tool-name-invalid")),
        ([{"type": "function", "function": {}}], ("tools[0].function.name", "key-missing")),
        ([tool(5)], ("tools[0].function.name", "type-mismatch")),
        ([tool(), {"name": "y", "input_schema": {}}], ("tools[1].function", "key-missing")),
        ([{"type": "function", "name": "y"}], ("tools[0].function", "key-missing")),
    ],
)
def test_definitions_of_tools_are_checked(tools, issue):
    assert errors({"tools": tools, "messages": [user("Q")]}, format="openai") == [issue]


def test_names_of_tools_are_held_against_the_target():
    row = {"contents": [{"role": "user", "parts": [{"text": "Q"}]}]}
    assert errors({**row, "tools": [{"functionDeclarations": [{"name": "cal.today"}]}]}) == []
    wrong = {**row, "tools": [{"function_declarations": [{"name": "now"}, {"name": "to day"}]}]}
    assert errors(wrong) == [("tools[0].function_declarations[1].name", "tool-name-invalid")]


@pytest.mark.parametrize(
    "one",
    [
        {"type": "web_search_20250305", "name": "web_search"},
        {"type": "mcp", "server_label": "x"},
        {"type": "custom", "name": "y", "input_schema": {}},
    ],
)
def test_tools_of_the_server_are_left_alone(one):
    assert errors({"model": "m", "max_tokens": 9, "system": "s", "tools": [one], "messages": [user("Q")]}) == []


def test_a_choice_names_a_tool_of_the_request():
    choice = {"type": "function", "function": {"name": "today"}}
    assert errors(asked(tool(), tool_choice=choice)) == [("tool_choice", "tool-choice-unknown")]
    assert errors(asked(tool("today"), tool_choice=choice)) == []
    assert errors(asked(tool(), tool_choice="auto")) == []
    row = {**ANTHROPIC, "tools": [{"name": "w", "input_schema": {}}], "tool_choice": {"type": "tool", "name": "today"}}
    assert errors(row) == [("tool_choice", "tool-choice-unknown")]


def test_calls_of_tools_that_the_request_does_not_define_are_a_warning():
    history = [user("Q"), assistant(tool_calls=[call(function="today")]), result()]
    at = "messages[1].tool_calls[0].function.name"
    assert codes({"tools": [tool()], "messages": history}) == [(at, "tool-undefined")]
    assert codes({"tools": [tool("today")], "messages": history}) == []
    assert codes({"tools": [tool(), {"type": "mcp"}], "messages": history}, "vllm") == []
    assert codes({"tools": [], "messages": history}) == []


def test_cache_marks_are_counted_over_system_tools_and_messages():
    block = {**text("Q"), "cache_control": {"type": "ephemeral"}}
    kept = {"model": "m", "max_tokens": 9, "system": [block], "messages": [user(block, block)]}
    marked = {"name": "now", "input_schema": {"type": "object", "properties": {"cache_control": {}}}}
    assert errors({**kept, "tools": [marked, {**marked, "name": "x", "cache_control": {"type": "ephemeral"}}]}) == []
    more = {**kept, "messages": [user(block, block, block, block)]}
    (issue,) = [issue for issue in msgkit.check(more) if issue.code == "cache-control-too-many"]
    assert "at most 4" in issue.message
    assert "got 5" in issue.message


@pytest.mark.parametrize("content", ["title: ", "title:\n", [text("A"), text("title: ")]])
def test_white_space_at_the_end_is_stripped_for_anthropic(content):
    row = [user("A title"), assistant(content)]
    issues = msgkit.check(row, "anthropic")
    assert [issue.code for issue in issues] == ["text-trailing-space"]
    fixed, done = rules.fix(row, issues)
    assert done == issues
    assert msgkit.check(fixed, "anthropic") == []
    assert codes(row, "openai") == []


def test_white_space_elsewhere_stays():
    row = [user("A title "), assistant("title: "), user("And? ")]
    assert codes(row, "anthropic") == []


def test_a_last_message_of_the_assistant_is_refused_by_models_without_prefill():
    row = {"model": "claude-opus-4-7", "max_tokens": 9, "messages": [user("Q"), assistant("A")]}
    assert errors(row) == [("messages[1].role", "prefill-not-allowed")]
    assert errors({**row, "model": "claude-3-5-sonnet"}) == []
    assert errors({**row, "messages": [user("Q")]}) == []


def test_a_history_without_a_model_may_end_with_the_answer():
    issues = msgkit.check([user("Q"), assistant("A")], "anthropic", model="claude-opus-4-7")
    assert [(issue.code, issue.severity) for issue in issues] == [("prefill-not-allowed", "warning")]


@pytest.mark.parametrize(
    ("wanted", "path"),
    [
        ({"type": "json_schema", "json_schema": {"schema": {}}}, "response_format.json_schema.name"),
        ({"type": "json_schema"}, "response_format.json_schema"),
        ({"type": "json_schema", "json_schema": "x"}, "response_format.json_schema"),
        ({}, "response_format.type"),
        ("json", "response_format"),
    ],
)
def test_a_schema_of_the_answer_holds_what_it_must(wanted, path):
    assert errors({"response_format": wanted, "messages": [user("Q")]}) == [(path, "response-format-invalid")]


MARKED = {**text("5"), "cache_control": {"type": "ephemeral"}}


@pytest.mark.parametrize(
    ("content", "issues"),
    [
        ([text("4"), MARKED], [("messages[2].content[0].content", "cache-control-inner", "warning", True)]),
        ([MARKED, text("4")], [("messages[2].content[0].content", "cache-control-inner", "warning", False)]),
        ([text("4")], []),
    ],
)
def test_a_cache_mark_in_a_result_is_a_warning(content, issues):
    asked = [user("Q"), {"role": "assistant", "content": [{"type": "tool_use", "id": "a", "name": "f", "input": {}}]}]
    answer = {"type": "tool_result", "tool_use_id": "a", "content": content}
    row = {"model": "claude-opus-4-5", "max_tokens": 9, "messages": [*asked, user(answer)]}
    assert [(one.path, one.code, one.severity, one.fixable) for one in msgkit.check(row)] == issues


@pytest.mark.parametrize(
    ("row", "target", "issues"),
    [
        ([user("a"), user("b")], "vllm", [("messages[1].role", "role-order", "warning")]),
        ([user("a"), user("b")], "bedrock", [("messages[1].role", "role-order", "warning")]),
        (
            {"model": "sonar", "messages": [user("a"), user("b")]},
            "perplexity",
            [("messages[1].role", "role-order", "error")],
        ),
        (
            {"modelId": "nova-pro", "messages": [user({"text": "a"}), user({"text": "b"})]},
            "bedrock",
            [("messages[1].role", "role-order", "error")],
        ),
        ([assistant("a"), user("b")], "bedrock", [("messages[0].role", "role-order", "error")]),
        ([assistant("a"), user("b")], "anthropic", []),
        ([user("a"), user("b")], "openai", []),
        ([user("a"), user("b")], "mistral", []),
        (
            [{"role": "developer", "content": "a"}, user("b")],
            "vllm",
            [("messages[0].role", "role-not-allowed", "warning")],
        ),
        ([{"role": "developer", "content": "a"}, user("b")], "openai", []),
        ([{"role": "developer", "content": "a", "channel": None}, {**user("b"), "channel": "final"}], "vllm", None),
    ],
)
def test_the_order_of_roles_is_that_of_the_target(row, target, issues):
    told = [(issue.path, issue.code, issue.severity) for issue in msgkit.check(row, target)]
    assert told == issues if issues is not None else "role-not-allowed" not in {code for _, code, _ in told}


@pytest.mark.parametrize(
    "message",
    [
        assistant(tool_calls=[{"id": "abcdefghi", "function": {"name": "f", "arguments": "{}"}}]),
        assistant("A.", tool_calls=[]),
    ],
)
def test_what_mistral_takes_is_no_error_there_in_whatever_format_it_is_told(message):
    row = {"model": "mistral-large-latest", "messages": [user("Q"), message]}
    assert errors(row, "mistral") == errors(row, "mistral", format="mistral") == []
    assert errors(row, "openai") != []


SET = [
    ("openai", {"model": "o3-mini", "temperature": 0}, ("temperature", "setting-not-taken")),
    ("openai", {"model": "gpt-4.1", "temperature": "0"}, ("temperature", "type-mismatch")),
    ("openai", {"model": "gpt-4.1", "response_format": {"type": "json"}}, ("response_format.type", "setting-invalid")),
    ("openai", {"model": "gpt-4.1", "stop": list("abcde")}, ("stop", "setting-invalid")),
    ("openai", {"model": "gpt-4.1", "stream_options": {"include_usage": True}}, ("stream_options", "setting-invalid")),
    ("openai", {"model": "gpt-5", "temperature": 1, "logprobs": False, "max_completion_tokens": 9}, None),
    ("vllm", {"model": "gpt-5", "temperature": 0, "max_tokens": 9, "top_k": 3}, None),
    ("openai", {"model": "gpt-4o", "max_tokens": 20000}, ("max_tokens", "setting-invalid")),
    ("openai", {"model": "gpt-4o", "max_tokens": 16384}, None),
    (
        "openai",
        {"functions": [{"name": "f"}], "function_call": {"name": "g"}},
        ("function_call.name", "setting-invalid"),
    ),
    ("openai", {"functions": [{"name": "f"}], "function_call": {"name": "f"}}, None),
    ("anthropic", {"model": "claude-opus-4-8", "top_p": 0.5}, ("top_p", "setting-not-taken")),
    ("anthropic", {"model": "claude-sonnet-4-6", "top_p": 0.5, "temperature": 0}, ("top_p", "setting-not-taken")),
]
THINKING = {"model": "claude-sonnet-4-5", "thinking": {"type": "enabled", "budget_tokens": 2048}}
SET += [
    ("anthropic", {**THINKING, "max_tokens": 4096, "temperature": 1}, None),
    ("anthropic", {**THINKING, "max_tokens": 4096, "temperature": 0}, ("temperature", "setting-not-taken")),
    ("anthropic", {**THINKING, "max_tokens": 2048}, ("thinking.budget_tokens", "setting-invalid")),
]


@pytest.mark.parametrize(("target", "body", "issue"), SET)
def test_settings_are_what_the_target_and_its_model_take(target, body, issue):
    row = {**({"max_tokens": 9} if target == "anthropic" else {}), **body, "messages": [user("Q")]}
    assert errors(row, target, format=target if target == "anthropic" else None) == ([] if issue is None else [issue])


def test_a_misspelled_key_of_a_request_is_told():
    row = {"model": "gpt-4.1", "max_token": 9, "source": "log", "messages": [user("Q")]}
    assert codes(row, "openai") == [("max_token", "key-unknown")]
    assert codes(row, "openai", ready=True) == [("max_token", "key-unknown"), ("source", "key-unknown")]


AT_A = "response_format.json_schema.schema.properties.a"
DEEP = {"model": "deepseek-v4-pro", "messages": [user("Q")], "tools": [tool()]}
REASONED = {"type": "reasoning", "id": "rs_1", "summary": []}


def strict(schema):
    whole = {"type": "object", "properties": {"a": schema}, "required": ["a"], "additionalProperties": False}
    answer = {"type": "json_schema", "json_schema": {"name": "x", "strict": True, "schema": whole}}
    return {"model": "gpt-5", "messages": [user("Q")], "response_format": answer}


@pytest.mark.parametrize("after", [[], [user("Q")], [{"type": "function_call_output", "call_id": "c", "output": "5"}]])
def test_reasoning_of_responses_comes_with_the_item_after_it(after):
    row = {"model": "gpt-5.4", "previous_response_id": "resp_1", "input": [user("Q"), REASONED, *after]}
    assert errors(row) == [("input[1]", "item-alone")]
    assert errors({**row, "input": [user("Q"), REASONED, {"role": "assistant", "content": "A"}, user("Q")]}) == []


def test_messages_may_stand_between_a_call_and_its_output_in_responses():
    call = {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}
    items = [user("Q"), call, user("Wait"), {"type": "function_call_output", "call_id": "c", "output": "5"}]
    row = {"model": "gpt-5.4", "input": items}
    assert errors(row) == []
    assert errors({**row, "input": items[:3]}) == [("input[1].call_id", "tool-result-missing")]


def test_a_part_of_another_role_is_refused_where_documents_say_so():
    row = {"model": "gpt-5.4", "input": [user("Q"), assistant([{"type": "input_text", "text": "A"}]), user("Q")]}
    assert errors(row) == [("input[1].content[0]", "part-unknown")]


def test_a_result_without_content_is_taken_by_anthropic_and_becomes_empty_text_elsewhere():
    row = {**ANTHROPIC, "messages": [*ANTHROPIC["messages"][:2], user({"type": "tool_result", "tool_use_id": "t1"})]}
    assert errors(row) == []
    converted = msgkit.convert(row, "openai")
    assert converted.payload["messages"][-1]["content"] == ""
    assert msgkit.restore(converted.payload, converted.losses) == row


def test_reasoning_in_a_request_is_no_key_of_openai():
    row = {"model": "gpt-4.1", "messages": [user("Q"), {**assistant("A"), "reasoning_content": "hm"}, user("Q")]}
    assert codes(row, "openai") == [("messages[1].reasoning_content", "key-unknown")]
    assert codes(row, "vllm") == []


def tool_of(schema, **keys):
    return {"type": "function", "function": {"name": "f", "parameters": schema, **keys}}


@pytest.mark.parametrize(
    ("tool", "path"),
    [
        (tool_of("{}"), "tools[0].function.parameters"),
        (tool_of({"type": "string"}), "tools[0].function.parameters.type"),
        (tool_of({"type": "object", "properties": {"a": {"type": "array"}}}),
         "tools[0].function.parameters.properties.a"),
        (tool_of({}), None),
        (tool_of({"type": "object", "properties": {"a": {"type": "array", "items": {}}}}), None),
    ],
)  # fmt: skip
def test_schemas_are_what_the_target_takes(tool, path):
    row = {"model": "gpt-4.1", "tools": [tool], "messages": [user("Q")]}
    assert [place for place, _ in errors(row, "openai")] == ([] if path is None else [path])


def test_a_strict_schema_closes_each_object():
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}
    row = {"model": "gpt-4.1", "tools": [tool_of(schema, strict=True)], "messages": [user("Q")]}
    assert {code for _, code in codes(row, "openai")} == {"schema-invalid"}
    schema |= {"additionalProperties": False, "required": ["a"]}
    assert codes(row, "openai") == []


def test_results_that_are_not_all_there_are_refused_in_a_request():
    row = {"messages": [user("Q"), assistant(tool_calls=[call("a"), call("b")]), result("a")]}
    assert errors(row) == []
    assert errors({"model": "gpt-4.1", **row}) == [("messages[1].tool_calls[1].id", "tool-result-missing")]


CLAUDE = {"model": "claude-sonnet-4-5", "max_tokens": 9}
MARK = {"type": "ephemeral"}


def claude(*blocks, **more):
    return {**CLAUDE, "messages": [user(*blocks)], **more}


def block(**more):
    return {"type": "text", "text": "A", **more}


@pytest.mark.parametrize(
    ("target", "row", "issue"),
    [
        ("anthropic", claude(block(cache_control={**MARK, "ttl": "2h"})),
         ("messages[0].content[0].cache_control.ttl", "value-invalid")),
        ("anthropic", claude(block(cache_control=MARK), block(cache_control={**MARK, "ttl": "1h"})),
         ("messages", "cache-control-order")),
        ("anthropic", claude(block(cache_control={**MARK, "ttl": "1h"}), block(cache_control=MARK)), None),
        ("anthropic", claude({"type": "image", "source": {"type": "url", "url": "http://example.com/a.png"}}),
         ("messages[0].content[0].source.url", "value-invalid")),
        ("anthropic", claude({"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}}), None),
        ("anthropic", claude(block(), thinking={"type": "enabled"}), ("thinking.budget_tokens", "key-missing")),
        ("anthropic", claude(block(), tools=[{"name": "f"}]), ("tools[0].input_schema", "key-missing")),
        ("openai", {"model": "gpt-4.1", "messages": [user("Q")], "response_format": {"type": "json_object"}},
         ("response_format", "setting-invalid")),
        ("openai", {"model": "gpt-4.1", "messages": [user("In JSON, Q")], "response_format": {"type": "json_object"}},
         None),
        ("responses", {"model": "gpt-5.4", "input": "Q", "text": {"format": {"type": "json_schema"}}},
         ("text.format.name", "key-missing")),
        ("gemini", {"contents": [{"role": "user", "parts": []}]}, ("contents[0].parts", "value-invalid")),
        ("gemini", {"contents": [{"parts": [{"text": "Q"}]}], "systemInstruction": "S"},
         ("systemInstruction", "type-mismatch")),
        ("bedrock", {"messages": [user("Q")]}, ("messages[0].content", "type-mismatch")),
        ("bedrock", {"messages": [{"role": "user", "content": [{"text": "Q"}]}], "inferenceConfig": {"maxTokens": 0}},
         ("inferenceConfig.maxTokens", "setting-invalid")),
        ("xai", {"model": "grok-4.5", "messages": [user("Q")], "presence_penalty": 0},
         ("presence_penalty", "setting-not-taken")),
        ("xai", {"model": "grok-4.5", "messages": [user("Q"), {**assistant("A"), "name": "b"}, user("Q")]},
         ("messages[1].name", "value-invalid")),
        ("groq", {"model": "gpt-oss-20b", "messages": [user("Q"), {**assistant("A"), "reasoning_content": "R"}]},
         ("messages[1].reasoning_content", "value-invalid")),
        ("groq", {"model": "gpt-oss-20b", "messages": [user("Q"), {**assistant("A"), "reasoning": "R"}]}, None),
        ("deepseek", {**DEEP, "tool_choice": "required"}, ("tool_choice", "setting-not-taken")),
        ("deepseek", {**DEEP, "tool_choice": "required", "thinking": {"type": "disabled"}}, None),
        ("deepseek", {**DEEP, "tool_choice": "auto"}, None),
        ("anthropic", claude(block(), messages=[user("Q"), assistant("")]), None),
        ("anthropic", claude(block(), messages=[user("Q"), assistant(""), user("Q")]),
         ("messages[1].content", "content-empty")),
        ("anthropic", claude(block(), messages=[user("Q", name="b")]), ("messages[0].name", "value-invalid")),
        ("mistral", {"model": "m", "messages": [user("Q", name="b")]}, ("messages[0].name", "value-invalid")),
        ("gemini", {"contents": [{"parts": [{"type": "text", "text": "Q"}]}]},
         ("contents[0].parts[0]", "part-unknown")),
        ("gemini", {"contents": [{"parts": [{"text": "Q"}]}], "tools": [{"functionDeclarations": [
            {"name": "f", "parameters": {"type": "object", "properties": {"a": {"type": ["string", "null"]}}}}]}]},
         ("tools[0].functionDeclarations[0].parameters.properties.a.type", "schema-invalid")),
        ("openai", strict({"allOf": []}), (f"{AT_A}.allOf", "schema-invalid")),
        ("openai", strict({"type": "string", "format": "uri"}), (f"{AT_A}.format", "schema-invalid")),
        ("openai", strict({"type": "string", "format": "date"}), None),
        ("responses", {"model": "gpt-5", "input": [user("Q"), {**REASONED, "summary": None}, assistant("A")]},
         ("input[1].summary", "key-missing")),
        ("responses", {"model": "gpt-5", "input": [user("Q"), {**assistant("A"), "id": 5}, user("Q")]},
         ("input[1].id", "type-mismatch")),
        ("openai", {"model": "gpt-5.6", "messages": [user("Q")], "tools": [tool()], "reasoning_effort": "low"},
         ("reasoning_effort", "setting-not-taken")),
        ("openai", {"model": "gpt-5.6", "messages": [user("Q")], "tools": [tool()], "reasoning_effort": "none"}, None),
        ("gemini", {"contents": [{"parts": [{"text": "Q"}]}], "tools": [{"functionDeclarations": [
            {"name": "f", "parameters": {"type": "object", "properties": {"a": {"const": 1}}}}]}]},
         ("tools[0].functionDeclarations[0].parameters.properties.a.const", "schema-invalid")),
        ("gemini", {"contents": [{"parts": [{}, {"text": "Q"}]}]}, ("contents[0].parts[0]", "value-invalid")),
        ("bedrock", {"messages": [user({"document": {"name": "a", "format": "txt", "source": {"text": "A"}}})]},
         ("messages[0].content[0].document", "value-invalid")),
        ("bedrock", {"messages": [user({"text": "Q"}), {"role": "assistant", "content": [{"text": "A "}]}]},
         ("messages[1].content[0].text", "text-trailing-space")),
        ("bedrock", {"schemaVersion": "bedrock-conversation-2024", "messages": [user({"text": "Q"}),
         {"role": "assistant", "candidates": [{"content": [{"text": "A"}]}]}]}, None),
        ("anthropic", {**CLAUDE, "system": "", "messages": [user("Q")]}, None),
        ("anthropic", {**CLAUDE, "messages": [user("Q"), assistant([block(), block(text=" ")]), user("Q")]}, None),
        ("anthropic", claude(block(), block(text=" ")), ("messages[0].content[1].text", "content-empty")),
    ],
)  # fmt: skip
def test_values_in_a_body_are_what_the_target_takes_there(target, row, issue):
    form = targets.get(target).format
    assert errors(row, target, format=form, ready=True)[:1] == ([] if issue is None else [issue])


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"model": "gpt-4o"}, "setting-not-taken"),
        ({"model": "grok-4"}, "setting-not-taken"),
        ({"model": "qwen3"}, None),
        ({"model": "openai/gpt-5"}, None),
    ],
)
def test_a_row_is_judged_by_who_has_its_model_where_nobody_is_named(row, code):
    row = {"messages": [user("Q")], "reasoning_effort": "low", "temperature": 3, **row}
    assert (code in {code for _, code in codes(row)}) if code else errors(row) == []


def test_a_row_in_the_form_of_invoke_model_is_taken_for_bedrock():
    row = {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 9, "messages": [user("Q")]}
    assert errors({"recordId": "1", "modelInput": row}, "bedrock", ready=True) == []
    row["model"] = "claude-sonnet-4-5"
    assert errors(row, "bedrock", ready=True) == [("model", "setting-not-taken")]


def test_a_body_that_is_sent_has_the_roles_of_its_own_model():
    row = {**CLAUDE, "messages": [{"role": "system", "content": "S"}, user("Q")]}
    assert errors(row, "anthropic", ready=True) == [("messages[0].role", "role-not-allowed")]
    assert errors({**row, "model": "claude-opus-4-8"}, "anthropic", ready=True) == []


def test_settings_of_rows_with_answers_are_judged_but_for_what_an_answer_may_need():
    asked = {"messages": [user("Q")], "tools": [], "parallel_tool_calls": True, "temperature": 9}
    answers = {"preferred_output": [assistant("A")], "non_preferred_output": [assistant("B")]}
    assert codes({"input": asked, **answers}, "openai") == [("input.temperature", "setting-invalid")]


UNSIGNED = {"role": "model", "parts": [{"functionCall": {"name": "f", "args": {}}}]}
ANSWERED = {"role": "user", "parts": [{"functionResponse": {"name": "f", "response": {}}}]}
ASKED = {"role": "user", "parts": [{"text": "Q"}]}


@pytest.mark.parametrize(
    ("model", "contents", "paths"),
    [
        ("gemini-3-pro-preview", [ASKED, UNSIGNED, ANSWERED], ["contents[1].parts[0]"]),
        ("gemini-3-pro-preview", [ASKED, UNSIGNED, ANSWERED, {"role": "model", "parts": [{"text": "A"}]}, ASKED], []),
        ("gemini-2.5-flash", [ASKED, UNSIGNED, ANSWERED], []),
    ],
)
def test_calls_of_the_turn_in_progress_are_signed_where_the_model_signs_them(model, contents, paths):
    row = {"model": model, "contents": contents}
    assert [path for path, code in errors(row) if code == "signature-missing"] == paths


def test_a_stored_prompt_is_a_request_of_responses():
    row = {"model": "gpt-5.4", "prompt": {"id": "pmpt_1", "variables": {"city": "Oslo"}}}
    assert errors(row, "responses", ready=True) == errors({**row, "input": "Q"}, "responses", ready=True) == []
