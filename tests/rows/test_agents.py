"""What agents and frameworks save: told by its keys, and each message, call and result is there."""

import json

import pytest

import msgkit
from msgkit.rows import iter_rows

ARGUMENTS = {"a": 1}
FUNCTION = {"name": "f", "arguments": json.dumps(ARGUMENTS)}
CALL = {"id": "c", "type": "function", "function": FUNCTION}
REQUEST = {"content": [{"id": "c", **FUNCTION}], "source": "a", "type": "AssistantMessage", "thought": "Wait."}
RESULT = {"content": [{"content": "r", "name": "f", "call_id": "c"}], "type": "FunctionExecutionResultMessage"}
AUTOGEN = [{"content": "Hello", "source": "user", "type": "UserMessage"}, REQUEST, RESULT]
AUTOGEN += [{"content": "Hi.", "source": "a", "type": "AssistantMessage"}]
CONTEXT = {"type": "AssistantAgentState", "llm_context": {"messages": AUTOGEN}}
LLAMA = [
    {"role": "user", "additional_kwargs": {}, "blocks": [{"block_type": "text", "text": "Hello"}]},
    {
        "role": "assistant",
        "additional_kwargs": {"tool_calls": [CALL]},
        "blocks": [{"block_type": "text", "text": "Wait."}],
    },
    {"role": "tool", "additional_kwargs": {"tool_call_id": "c"}, "blocks": [{"block_type": "text", "text": "r"}]},
    {"role": "assistant", "additional_kwargs": {}, "blocks": [{"block_type": "text", "text": "Hi."}]},
]
MADE = {"tool_call_id": "c", "model_response": {"choices": [{"message": {"tool_calls": [CALL]}}]}}
EVENTS = [
    {"id": 0, "source": "user", "action": "message", "args": {"content": "Hello"}},
    {"id": 1, "source": "agent", "action": "run", "args": {"thought": "Wait."}, "tool_call_metadata": MADE},
    {"id": 2, "source": "environment", "observation": "agent_state_changed", "content": "running"},
    {"id": 3, "source": "agent", "observation": "run", "content": "r", "tool_call_metadata": MADE},
    {"id": 4, "source": "agent", "action": "message", "args": {"content": "Hi."}},
]
ROUNDS = {
    "toolCallRounds": [
        {"response": "Wait.", "toolCalls": [{"id": "c", **FUNCTION}]},
        {"response": "Hi.", "toolCalls": []},
    ],
    "toolCallResults": {"c": {"content": [{"value": "r"}]}},
}
STATE = {"status": "completed", "input": ARGUMENTS, "output": "r"}
FILES = {
    "opencode": {
        "info": {"id": "s"},
        "messages": [
            {"info": {"role": "user"}, "parts": [{"type": "text", "text": "Hello"}]},
            {
                "info": {"role": "assistant"},
                "parts": [
                    {"type": "text", "text": "Wait."},
                    {"type": "tool", "callID": "c", "tool": "f", "state": STATE},
                    {"type": "text", "text": "Hi."},
                ],
            },
        ],
    },
    "copilot": {
        "responderUsername": "GitHub Copilot",
        "requests": [{"message": {"text": "Hello"}, "response": [], "result": {"metadata": ROUNDS}}],
    },
    "autogen": {"type": "TeamState", "agent_states": {"a": {"agent_state": CONTEXT}}},
    "autogen, messages": AUTOGEN,
    "llama-index": {"store": {"u": LLAMA}, "class_name": "SimpleChatStore"},
    "llama-index, messages": LLAMA,
    "openhands": EVENTS,
    "openhands, output": {"instance_id": "i", "test_result": {}, "history": EVENTS},
    "smolagents": [
        {"system_prompt": 'Say "hi".'},
        {"task": "Hello"},
        {"step_number": 1, "model_output": "Wait.", "tool_calls": [CALL], "observations": "r"},
        {"step_number": 2, "model_output": "Hi.", "tool_calls": None},
    ],
}


@pytest.mark.parametrize("name", FILES)
def test_messages_calls_and_results_of_an_agent_are_one_history(tmp_path, name):
    path = tmp_path / "saved.json"
    path.write_text(json.dumps(FILES[name], indent=1))
    [row] = iter_rows(path)
    assert [issue for issue in msgkit.check(row.value) if issue.severity == "error"] == []
    asked, wait, told, said = [message for message in msgkit.load(row.value) if message.role != "system"]
    assert [asked.content, wait.content, told.content, said.content] == ["Hello", "Wait.", "r", "Hi."]
    [call] = wait.tool_calls
    assert (call.function.name, json.loads(call.function.arguments), told.tool_call_id) == ("f", ARGUMENTS, call.id)


@pytest.mark.parametrize(
    "answer",
    [
        {"fragments": [{"type": "THINK", "content": "Hm."}, {"type": "RESPONSE", "content": "Hi."}]},
        {"content": "Hi.", "reasoning_content": "Hm."},
    ],
)
def test_the_export_of_deepseek_is_read(tmp_path, answer):
    asked = {"fragments": [{"type": "REQUEST", "content": "Hello"}]} if "fragments" in answer else {"content": "Hello"}
    nodes = {"root": {"id": "root", "parent": None, "message": None}}
    nodes |= {"1": {"parent": "root", "message": asked}, "2": {"parent": "1", "message": answer}}
    path = tmp_path / "conversations.json"
    path.write_text(json.dumps([{"id": "x", "mapping": nodes}]))
    [row] = iter_rows(path)
    assert [message.content for message in msgkit.load(row.value)] == ["Hello", "Hi."]
    assert msgkit.load(row.value)[1].reasoning == "Hm."


def test_a_file_without_a_message_is_no_empty_output(tmp_path):
    path = tmp_path / "spans.jsonl"
    path.write_text(json.dumps({"context": {"trace_id": "t"}, "attributes": {"http.url": "x"}}))
    [row] = iter_rows(path)
    assert [issue.code for issue in row.issues] == ["messages-missing"]
