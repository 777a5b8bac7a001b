"""formats/responses: instructions and a sole question stay where they stood, in every mix of forms."""

import itertools
import json

import pytest

import msgkit
from msgkit import formats
from msgkit.cli import main
from msgkit.steps import Inline

HEADS = [{}, {"instructions": "Be brief."}, {"instructions": ""}, {"instructions": None}]
SYSTEM = [
    [],
    [{"role": "system", "content": "Be kind."}],
    [{"type": "message", "role": "system", "content": "Be kind."}],
    [{"role": "developer", "content": "Be kind."}],
    [{"role": "system", "content": [{"type": "input_text", "text": "Be kind."}]}],
]
QUESTIONS = [
    {"role": "user", "content": "Hi"},
    {"type": "message", "role": "user", "content": "Hi"},
    {"role": "user", "content": [{"type": "input_text", "text": "Hi"}]},
    {"role": "user", "content": "Hi", "id": "msg_1"},
]
ANSWERED = [{"role": "assistant", "content": "Hello."}, {"role": "user", "content": "Bye"}]
LISTS = [
    system + said
    for system, question in itertools.product(SYSTEM, QUESTIONS)
    for said in ([question], [question, *ANSWERED], [])
    if system + said
]
ROWS = [{"model": "m", **head, "input": items} for head, items in itertools.product(HEADS, ["Hi", *LISTS])]
ROWS += [{"model": "m", **head, "output": items} for head, items in itertools.product(HEADS, LISTS)]
OTHERS = [name for name in formats.FORMATS if name != "responses"]


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """A file of every row."""
    path = tmp_path_factory.mktemp("responses") / "in.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    return path


def test_every_mix_of_instructions_and_items_is_dumped_as_it_was_loaded():
    assert [msgkit.dump(msgkit.load(row, "responses")) for row in ROWS] == ROWS


def test_every_mix_of_instructions_and_items_goes_through_inline_as_it_is():
    assert [msgkit.inline(row, target="openai") for row in ROWS] == ROWS


def test_every_mix_of_instructions_and_items_goes_through_a_step_as_it_is():
    step = Inline(target="openai")
    assert [step(row) for row in ROWS] == ROWS


def test_every_mix_of_instructions_and_items_goes_through_the_command_line_as_it_is(file, tmp_path):
    out = tmp_path / "out.jsonl"
    main(["inline", str(file), "-o", str(out), "--quiet"])
    assert [json.loads(line) for line in out.read_text().splitlines()] == ROWS


@pytest.mark.parametrize("target", OTHERS)
def test_every_mix_of_instructions_and_items_is_restored(target):
    for row in ROWS[OTHERS.index(target) % 3 :: 3]:
        try:
            result = msgkit.convert(row, target, format="responses", on_loss="drop")
        except (
            msgkit.InvalidMessageError
        ) as error:  # instructions alone, for receivers that take none without a question
            assert [issue.code for issue in error.issues] == ["messages-empty"]
        else:
            assert msgkit.restore(result.payload, result.losses) == row


def test_instructions_beside_a_sole_item_are_no_loss():
    row = {"model": "m", "instructions": "Be brief.", "input": [{"role": "user", "content": "Hi"}]}
    result = msgkit.convert(row, "openai")
    assert [message["role"] for message in result.payload["messages"]] == ["system", "user"]


@pytest.mark.parametrize("items", ["Hi", [{"role": "user", "content": "Hi"}]])
def test_instructions_that_are_put_before_a_sole_question_stand_outside_the_items(items):
    talk = msgkit.load({"model": "m", "input": items})
    talk = msgkit.Conversation((msgkit.system("Be brief."), *talk.messages), extra=talk.extra, form=talk.form)
    assert formats.get("responses").dump(talk) == {"model": "m", "instructions": "Be brief.", "input": items}


def test_a_stored_prompt_needs_no_input():
    body = {"model": "gpt-5.4", "prompt": {"id": "pmpt_1", "variables": {"city": "Paris"}}}
    assert msgkit.dump(msgkit.load(body, format="responses"), "responses") == body
    assert msgkit.check(body, format="responses", target="responses") == []


def test_an_answer_may_mix_text_and_a_refusal():
    parts = [{"type": "output_text", "text": "No.", "annotations": []}, {"type": "refusal", "refusal": "I cannot."}]
    answer = {"type": "message", "id": "msg_1", "status": "completed", "role": "assistant", "content": parts}
    body = {
        "model": "gpt-5.4",
        "input": [{"role": "user", "content": "Hi"}, answer, {"role": "user", "content": "Why?"}],
    }
    assert [issue for issue in msgkit.check(body, target="responses") if issue.severity == "error"] == []


def test_a_refusal_among_texts_is_the_messages_own_in_chat_completions():
    parts = [{"type": "output_text", "text": "No.", "annotations": []}, {"type": "refusal", "refusal": "I cannot."}]
    answer = {"type": "message", "id": "msg_1", "status": "completed", "role": "assistant", "content": parts}
    body = {"model": "gpt-5.4", "input": [{"role": "user", "content": "Hi"}, answer]}
    result = msgkit.convert(body, "openai")
    said = {"role": "assistant", "content": [{"type": "text", "text": "No."}], "refusal": "I cannot."}
    assert result.payload["messages"][1] == said
    assert msgkit.restore(result.payload, result.losses) == body


@pytest.mark.parametrize("key", [{"prompt": {"id": "pmpt_1"}}, {"previous_response_id": "resp_1"}])
def test_a_request_may_say_only_what_the_server_knows(key):
    talk = msgkit.load({"model": "gpt-5", **key})
    assert (talk.envelope.format, talk.messages) == ("responses", ())
    assert msgkit.dump(talk) == {"model": "gpt-5", **key}
