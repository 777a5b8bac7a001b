"""
What vLLM makes of Chat Completions for gpt-oss: every difference from Harmony as msgkit writes it, and who is right.

vLLM is too heavy to install for this. Below is what its ``parse_chat_inputs_to_harmony_messages`` makes of the history
(vllm/entrypoints/openai/parser/harmony_utils.py, as of 2026-11), written down message by message.
"""

import msgkit
from tests.formats.disagreements import Disagreement, judge
from tests.formats.histories import PICTURE, call
from tests.strategies import WEATHER

HISTORY = [
    {"role": "system", "content": "Answer briefly."},
    {"role": "developer", "content": "Use degrees Celsius."},
    {"role": "user", "name": "Ann", "content": [{"type": "text", "text": "Who is this?"}, PICTURE]},
    {"role": "assistant", "content": "A cat.", "reasoning": "Fur."},
    {"role": "user", "content": "How warm is it?"},
    {
        "role": "assistant",
        "reasoning": "Paris, I guess.",
        "content": "Let me look.",
        "tool_calls": [call("a", "get_weather", '{"city": "Paris"}'), call("b", "get_weather", '{"city": "Oslo"}')],
    },
    {"role": "tool", "tool_call_id": "a", "content": "12"},
    {"role": "tool", "tool_call_id": "b", "content": [{"type": "text", "text": "4"}, {"type": "text", "text": "C"}]},
]
TOOLS = [{"type": "function", "function": {"name": "get_weather", "description": "Weather", "parameters": WEATHER}}]


def said(role, text, channel=None, recipient=None, content_type=None, name=None):
    keys = {"channel": channel, "recipient": recipient, "content_type": content_type, "name": name}
    return {"role": role, "text": text, **{key: value for key, value in keys.items() if value is not None}}


CALLED = "functions.get_weather"
VLLM = [
    said("system", "Answer briefly."),
    said("developer", "Use degrees Celsius."),
    said("user", "Who is this?"),
    said("assistant", "A cat.", "final"),
    said("user", "How warm is it?"),
    said("assistant", "Let me look.", "commentary"),
    said("assistant", "Paris, I guess.", "analysis"),
    said("assistant", '{"city": "Paris"}', "commentary", CALLED, "json"),
    said("assistant", '{"city": "Oslo"}', "commentary", CALLED, "json"),
    said("tool", "12", "commentary", "assistant", name=CALLED),
    said("tool", "4C", "commentary", "assistant", name=CALLED),
]

DROPPED = "vLLM drops what was thought before the last answer; msgkit converts all of it, and for_replay drops the same"
ORDER = "docs/format.md: the model thinks (analysis), then says what it is about to do (commentary), then calls"
HEADING = "docs/format.md: a developer message begins with '# Instructions', which developer_content renders"

PROMPT = "docs/format.md and gpt-oss's template: what Chat Completions call the system prompt is the developer's"

LISTED = [
    Disagreement("h", "[0].role", "developer", "system", "msgkit", PROMPT),
    Disagreement("h", "[0].text", "# Instructions\n\nAnswer briefly.", "Answer briefly.", "msgkit", HEADING),
    Disagreement("h", "[1].text", "# Instructions\n\nUse degrees Celsius.", "Use degrees Celsius.", "msgkit", HEADING),
    Disagreement("h", "[2].name", "Ann", None, "msgkit", "Author of openai-harmony has a name for every role"),
    Disagreement("h", "[3]", said("assistant", "Fur.", "analysis"), None, "each for its purpose", DROPPED),
    Disagreement("h", "[6].text", "Paris, I guess.", "Let me look.", "msgkit", ORDER),
    Disagreement("h", "[6].channel", "analysis", "commentary", "msgkit", ORDER),
    Disagreement("h", "[7].text", "Let me look.", "Paris, I guess.", "msgkit", ORDER),
    Disagreement("h", "[7].channel", "commentary", "analysis", "msgkit", ORDER),
]


def texts(message):
    for part in message.parts:
        yield part.text if isinstance(part, msgkit.TextPart) else "# Instructions\n\n" + part.instructions


def ours(conversation):
    return [
        said(
            str(message.role),
            "".join(texts(message)),
            message.channel,
            message.recipient,
            message.content_type,
            message.author.name,
        )
        for message in conversation
    ]


def test_vllm_makes_the_same_of_a_history_but_for_what_is_listed():
    result = msgkit.convert({"messages": HISTORY}, "harmony", on_loss="drop")
    judge("h", ours(msgkit.load(result.payload, "harmony")), VLLM, LISTED)


def test_what_vllm_drops_of_the_reasoning_is_what_is_dropped_for_a_replay():
    talk = msgkit.load(msgkit.convert({"messages": HISTORY}, "harmony", on_loss="drop").payload, "harmony")
    kept = [message.text for message in msgkit.for_replay(talk) if message.channel == "analysis"]
    assert kept == [one["text"] for one in VLLM if one.get("channel") == "analysis"]


def test_the_picture_that_vllm_leaves_out_without_a_word_is_a_loss_with_its_path():
    result = msgkit.convert({"messages": HISTORY}, "harmony", on_loss="drop")
    assert [(loss.path, loss.value) for loss in result.losses if not loss.form] == [
        (("messages", 2, "content", 1), PICTURE)
    ]


def test_definitions_of_tools_stand_in_the_developer_message_where_vllm_puts_them():
    body = {"messages": HISTORY[1:2], "tools": TOOLS}
    channels, message = msgkit.convert(body, "harmony").payload["messages"]
    assert channels["content"][0]["channel_config"]["valid_channels"] == ["analysis", "commentary", "final"]
    tools = message["content"][0]["tools"]["functions"]["tools"]
    assert tools == [{"name": "get_weather", "description": "Weather", "parameters": WEATHER}]
