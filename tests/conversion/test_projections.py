"""projections.py: what to send again, what to show, what to train on."""

import attrs
import pytest

import msgkit
from msgkit import assistant, developer, system, tool, user

TURN = [
    user("How warm is it?"),
    assistant("I must look.", channel="analysis"),
    assistant("Let me look.", channel="commentary"),
    assistant("{}", channel="commentary", recipient="functions.now", content_type="json"),
    tool("12 degrees", name="functions.now", recipient="assistant", channel="commentary"),
]
DONE = [*TURN, assistant("It is 12.", channel="analysis"), assistant("12 degrees.", channel="final")]


def talk(*messages):
    return msgkit.Conversation([system("s"), developer("d"), *messages])


def thoughts(conversation):
    return [message.text for message in conversation if message.channel == "analysis"]


def test_the_documented_rule_drops_what_led_to_answers_and_keeps_the_turn_in_progress():
    later = [user("And now?"), assistant("Look again.", channel="analysis")]
    assert thoughts(msgkit.for_replay(talk(*DONE, *later))) == ["Look again."]
    assert thoughts(msgkit.for_replay(talk(*TURN))) == ["I must look."]


def test_the_library_rule_drops_what_stood_before_the_first_final_when_the_last_is_final():
    second = [user("Twice."), assistant("Twelve.", channel="analysis"), assistant("24.", channel="final")]
    assert thoughts(msgkit.for_replay(talk(*DONE, *second), rule="library")) == ["Twelve."]
    assert thoughts(msgkit.for_replay(talk(*DONE, *second))) == []
    assert thoughts(msgkit.for_replay(talk(*DONE, *TURN), rule="library")) == [
        "I must look.",
        "It is 12.",
        "I must look.",
    ]


def test_reasoning_of_chat_messages_goes_by_the_same_rule():
    thinking = attrs.evolve(assistant("Hello."), reasoning="Greet.")
    working = attrs.evolve(assistant(tool_calls=[msgkit.ToolCall.new("a", "now")]), reasoning="Look.")
    found = msgkit.for_replay(msgkit.Conversation([user("Hi"), thinking, user("Now?"), working]))
    assert [message.reasoning for message in found] == [None, None, None, "Look."]
    assert len(found) == 4


def test_the_user_sees_answers_and_preambles_and_nothing_else():
    found = msgkit.user_visible(talk(*DONE))
    assert [message.text for message in found] == ["How warm is it?", "Let me look.", "12 degrees."]


@pytest.mark.parametrize(
    "message",
    [
        {"role": "assistant", "content": "Yes.", "reasoning": "SECRET"},
        {"role": "assistant", "content": "Yes.", "reasoning_content": "SECRET"},
        {
            "role": "assistant",
            "content": [{"type": "thinking", "thinking": "SECRET"}, {"type": "text", "text": "Yes."}],
        },
        {"role": "assistant", "content": [{"type": "mystery", "x": "SECRET"}, {"type": "text", "text": "Yes."}]},
        {"role": "assistant", "content": "Yes.", "thinking_blocks": [{"thinking": "SECRET"}]},
        {"role": "assistant", "content": "Yes.", "unheard_of": "SECRET"},
        {"role": "assistant", "content": "SECRET", "channel": "analysis"},
        {"role": "assistant", "content": "SECRET", "channel": "unheard_of"},
        {"role": "assistant", "content": "SECRET", "channel": "commentary", "recipient": "python"},
        {"role": "tool", "content": "SECRET", "tool_call_id": "a"},
        {"role": "system", "content": "SECRET"},
    ],
)
def test_nothing_hidden_leaks_to_the_user(message):
    row = {"messages": [{"role": "user", "content": "Hi"}, message]}
    assert "SECRET" not in str(msgkit.user_visible(row))


def test_thinking_of_other_formats_does_not_leak_either():
    thought = {"type": "thinking", "thinking": "SECRET", "signature": "x"}
    row = {"system": "s", "messages": [{"role": "assistant", "content": [thought, {"type": "text", "text": "Yes."}]}]}
    assert "SECRET" not in str(msgkit.user_visible(row))
    row = {
        "contents": [
            {"role": "model", "parts": [{"text": "SECRET", "thought": True, "thoughtSignature": "x"}, {"text": "Yes."}]}
        ]
    }
    assert "SECRET" not in str(msgkit.user_visible(row))


def test_an_example_to_train_on_keeps_the_last_turns_reasoning_and_ends_in_return():
    second = [user("Twice."), assistant("Twelve.", channel="analysis"), assistant("24.", channel="final")]
    found = msgkit.for_training(talk(*DONE, *second))
    assert thoughts(found) == ["Twelve."]
    text = msgkit.dump(found, "harmony-text")["text"]
    assert text.endswith("<|start|>assistant<|channel|>final<|message|>24.<|return|>")
    assert text.count("<|return|>") == 1


CALL = {"role": "assistant", "channel": "analysis", "recipient": "functions.f", "content_type": "json", "content": "{}"}
RESULT = {"role": "tool", "name": "functions.f", "recipient": "assistant", "channel": "commentary", "content": "1"}


@pytest.mark.parametrize("project", [msgkit.for_replay, msgkit.for_training])
def test_a_call_on_analysis_stays_with_its_result_and_reasoning_goes(project):
    thought = {"role": "assistant", "channel": "analysis", "content": "Hm."}
    final = {"role": "assistant", "channel": "final", "content": "x"}
    asked, more = ({"role": "user", "content": text} for text in "q?")
    row = {"messages": [asked, thought, CALL, RESULT, final, more]}
    assert project(row)["messages"] == [message for message in row["messages"] if message is not thought]


def test_reasoning_as_a_part_goes_from_answers_given_already():
    thought = {"type": "thinking", "thinking": "Hm."}
    answer = {"role": "assistant", "content": [thought, {"type": "text", "text": "x"}]}
    row = {"messages": [{"role": "user", "content": "q"}, answer, {"role": "user", "content": "?"}]}
    assert "Hm." not in str(msgkit.for_replay(row))
