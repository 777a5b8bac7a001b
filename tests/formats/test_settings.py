"""Settings that formats say in their own ways: effort, the tools that may be called, errors of results."""

import pytest

import msgkit

USER = {"role": "user", "content": "Q"}
NAMES = [{"type": "function", "function": {"name": name}} for name in ("a", "b")]
AMONG = {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": NAMES}}
CALLING = {"mode": "ANY", "allowedFunctionNames": ["a", "b"]}

SAME = [
    ({"reasoning_effort": "low"}, "responses", {"reasoning": {"effort": "low"}}),
    ({"reasoning_effort": "low"}, "anthropic", {"output_config": {"effort": "low"}}),
    ({"reasoning_effort": "low"}, "gemini", {"generationConfig": {"thinkingConfig": {"thinkingLevel": "LOW"}}}),
    ({"tools": NAMES, "tool_choice": AMONG}, "gemini", {"toolConfig": {"functionCallingConfig": CALLING}}),
    (
        {"tools": NAMES, "tool_choice": AMONG},
        "responses",
        {
            "tool_choice": {
                "type": "allowed_tools",
                "mode": "required",
                "tools": [{"type": "function", "name": "a"}, {"type": "function", "name": "b"}],
            }
        },
    ),
]


@pytest.mark.parametrize(("keys", "to", "expected"), SAME)
def test_a_setting_has_the_name_of_the_receiver_and_comes_back(keys, to, expected):
    row = {"model": "m", "messages": [USER], **keys}
    result = msgkit.convert(row, to)
    assert expected.items() <= result.payload.items()
    assert not [loss for loss in result.losses if not loss.form]
    assert msgkit.convert(result.payload, "openai", format=to).payload == row


@pytest.mark.parametrize(
    ("keys", "to", "kind"),
    [
        ({"reasoning_effort": "none"}, "anthropic", "setting"),
        ({"reasoning_effort": "none"}, "gemini", "setting"),
        ({"service_tier": "on_demand"}, "responses", "setting"),
        ({"tool_choice": AMONG}, "anthropic", "content"),
        ({"tool_choice": AMONG}, "mistral", "content"),
    ],
)
def test_a_value_that_the_receiver_has_not_is_listed_and_left_out(keys, to, kind):
    row = {"model": "m", "max_tokens": 9, "messages": [USER], **keys}
    result = msgkit.convert(row, to, on_loss="drop")
    assert [loss.kind for loss in result.losses if not loss.form] == [kind]
    assert keys.keys().isdisjoint(result.payload)
    assert msgkit.restore(result.payload, result.losses) == row


def gemini(response, **keys):
    call = {"functionCall": {"name": "f", "args": {}}}
    contents = [
        {"role": "user", "parts": [{"text": "Q"}]},
        {"role": "model", "parts": [call]},
        {"role": "user", "parts": [{"functionResponse": {"name": "f", "response": response}}]},
    ]
    return {"contents": contents, **keys}


@pytest.mark.parametrize("to", ["openai", "responses", "mistral", "harmony"])
def test_the_text_of_a_result_says_that_it_is_an_error_where_no_mark_can(to):
    row = gemini({"error": "no such city"})
    result = msgkit.convert(row, to)
    assert not result.losses or all(loss.form for loss in result.losses)
    assert '{\\"error\\": \\"no such city\\"}' in msgkit.dumps(msgkit.load(result.payload, to)).decode()
    assert msgkit.restore(result.payload, result.losses) == row


def test_an_error_keeps_its_mark_where_there_is_one():
    result = msgkit.convert(gemini({"error": "no such city"}), "anthropic")
    (block,) = result.payload["messages"][-1]["content"]
    assert (block["content"], block["is_error"]) == ("no such city", True)


@pytest.mark.parametrize(("mode", "kind"), [("VALIDATED", "setting"), ("ANY", None)])
def test_how_strictly_calls_are_held_is_a_setting(mode, kind):
    tools = [{"functionDeclarations": [{"name": "f"}]}]
    row = gemini({}, tools=tools, toolConfig={"functionCallingConfig": {"mode": mode}})
    kinds = [loss.kind for loss in msgkit.convert(row, "openai").losses if not loss.form]
    assert kinds == ([kind] if kind else [])
