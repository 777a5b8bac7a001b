"""Messages equal what openai-harmony builds for the same conversation, in both directions."""

import json

import openai_harmony as judge
import pytest

import msgkit
from msgkit import to_dict


def theirs():
    """A conversation with everything that their classes can say."""
    functions = [
        judge.ToolDescription.new(
            "get_tide", "Says the tide.", {"type": "object", "properties": {"place": {"type": "string"}}}
        )
    ]
    system = (
        judge.SystemContent.new()
        .with_reasoning_effort(judge.ReasoningEffort.LOW)
        .with_conversation_start_date("2025-11-21")
        .with_browser_tool()
    )
    developer = judge.DeveloperContent.new().with_instructions("Be brief.").with_function_tools(functions)
    make = judge.Message.from_role_and_content
    return [
        make(judge.Role.SYSTEM, system),
        make(judge.Role.DEVELOPER, developer),
        make(judge.Role.USER, "Is the harbour open?"),
        make(judge.Role.ASSISTANT, "I must look it up.").with_channel("analysis"),
        make(judge.Role.ASSISTANT, '{"place": "harbour"}')
        .with_channel("commentary")
        .with_recipient("functions.get_tide")
        .with_content_type("<|constrain|>json"),
        judge.Message.from_author_and_content(judge.Author.new(judge.Role.TOOL, "functions.get_tide"), "low")
        .with_channel("commentary")
        .with_recipient("assistant"),
        make(judge.Role.ASSISTANT, "No, the tide is low.").with_channel("final").adding_content("Ask again at six."),
    ]


def as_json(messages):
    return json.loads(judge.Conversation.from_messages(messages).to_json())


def test_their_conversation_loads_and_dumps_unchanged():
    payload = as_json(theirs())
    talk = msgkit.load(payload)
    assert talk.envelope.format == "harmony"
    assert msgkit.dump(talk) == payload


@pytest.mark.parametrize("index", range(7))
def test_each_value_says_what_theirs_says(index):
    message = theirs()[index]
    ours = msgkit.from_dict(message.to_dict())
    assert ours.role == message.author.role.value
    assert ours.author.name == message.author.name
    assert (ours.channel, ours.recipient, ours.content_type) == (
        message.channel,
        message.recipient,
        message.content_type,
    )
    assert to_dict(ours) == json.loads(message.to_json())


def test_their_objects_are_taken_as_they_are():
    messages = theirs()
    talk = msgkit.load(messages)
    assert msgkit.dump(talk) == as_json(messages)["messages"]
    assert msgkit.load(judge.Conversation.from_messages(messages)).messages == talk.messages


def test_they_read_what_we_build():
    ours = msgkit.Conversation(
        [
            msgkit.system(msgkit.SystemContentPart(model_identity="M", reasoning_effort="High")),
            msgkit.developer(msgkit.DeveloperContentPart(instructions="Be brief.")),
            msgkit.user("Is the harbour open?"),
            msgkit.assistant("{}", channel="commentary", recipient="functions.get_tide", content_type="json"),
            msgkit.tool("low", name="functions.get_tide", recipient="assistant", channel="commentary"),
            msgkit.assistant("No.", channel="final"),
        ]
    )
    text = msgkit.dumps(ours, "harmony").decode()
    read = judge.Conversation.from_json(text)
    assert [message.author.role.value for message in read] == [message.role for message in ours]
    assert read.messages[4].author.name == "functions.get_tide"
    again = msgkit.load(json.loads(read.to_json()), "harmony")
    assert [(m.text, m.channel, m.recipient) for m in again] == [(m.text, m.channel, m.recipient) for m in ours]


def test_a_nested_author_says_the_same_as_a_flattened_one():
    nested = {"author": {"role": "tool", "name": "functions.f"}, "content": "x", "recipient": "assistant"}
    flat = {"role": "tool", "name": "functions.f", "content": "x", "recipient": "assistant"}
    assert msgkit.from_dict(nested) == msgkit.from_dict(flat)
    assert to_dict(msgkit.from_dict(nested)) == nested


def test_a_system_prompt_stays_one_where_it_is_asked_for():
    row = {"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"}]}
    result = msgkit.convert(row, "harmony", harmony_system="system")
    assert result.payload == row
    assert msgkit.restore(result.payload, result.losses) == row
