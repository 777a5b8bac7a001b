"""What LiteLLM makes of the same histories for Anthropic, Gemini and Responses: every difference, and who is right."""

import copy
import os

import pytest

import msgkit
from tests.formats.disagreements import Disagreement, found, judge, written
from tests.formats.histories import HISTORIES

os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")  # else it fetches a table of prices when imported
pytest.importorskip("litellm")

TARGETS = ("anthropic", "gemini", "responses")
REMOTE = "https://example.com/b.jpg"


def messages_of(history, target):
    """What is compared: LiteLLM takes the system prompt out elsewhere, and would fetch a remote picture for Gemini."""
    messages = copy.deepcopy(HISTORIES[history])
    if target != "responses":
        messages = [message for message in messages if message["role"] not in ("system", "developer")]
    for message in messages:
        if target == "gemini" and isinstance(message.get("content"), list):
            message["content"] = [part for part in message["content"] if REMOTE not in str(part)]
    return messages


def as_blocks(content):
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def as_parts(content, role):
    kind = "output_text" if role == "assistant" else "input_text"
    parts = [{"type": kind, "text": content}] if isinstance(content, str) else content
    return [{key: value for key, value in part.items() if value != []} for part in parts]


def normalized(found, target):
    """The same JSON for what each API takes to be the same: text as a string or in a list, keys in either spelling."""
    if target == "anthropic":
        return [{**message, "content": as_blocks(message["content"])} for message in found]
    if target == "gemini":
        return camel(found)
    items = []
    for told in found:
        item = {key: value for key, value in told.items() if (key, value) != ("type", "message")}
        if "content" in item:
            item["content"] = as_parts(item["content"], item["role"])
        if "output" in item:
            item["output"] = as_parts(item["output"], "user")
        items.append(item)
    return items


def camel(value):
    if isinstance(value, list):
        return [camel(item) for item in value]
    if not isinstance(value, dict):
        return value
    head = lambda key: key.split("_")[0] + "".join(part.capitalize() for part in key.split("_")[1:])  # noqa: E731
    return {head(key): item if key in ("args", "response") else camel(item) for key, item in value.items()}


def ours(messages, target):
    body = {"messages": messages}
    payload = written(body, "openai", target)
    return normalized(payload[{"anthropic": "messages", "gemini": "contents", "responses": "input"}[target]], target)


def theirs(messages, target):
    messages = copy.deepcopy(messages)
    if target == "anthropic":
        from litellm.litellm_core_utils.prompt_templates.factory import anthropic_messages_pt

        made = anthropic_messages_pt(messages, "claude-sonnet-4-5", "anthropic")
    elif target == "gemini":
        from litellm.llms.vertex_ai.gemini.transformation import _gemini_convert_messages_with_history

        made = _gemini_convert_messages_with_history(messages)
    else:
        from litellm.completion_extras.litellm_responses_transformation.transformation import (
            LiteLLMResponsesTransformationHandler,
        )

        made, _ = LiteLLMResponsesTransformationHandler().convert_chat_completion_messages_to_responses_api(messages)
    return normalized(made, target)


REFUSAL = "it drops what the assistant refused with, and two questions follow each other; the answer was a refusal"
NAME = "the file's name has a place there (DocumentBlockParam.title, Blob.display_name)"
HASH = "both are ids that Anthropic takes; it makes call:1 and call.1 the same id, a hash keeps them apart"
PAIR = "FunctionCall.id and FunctionResponse.id tell which result is whose when a function is called twice"
OUTPUT = "google-genai on FunctionResponse.response: 'Use \"output\" key to specify function output'"
BESIDE = "a picture that a tool gave is one of FunctionResponse.parts; as a part beside it, it answers no call"
SERVER = "ResponseOutputMessageParam requires id and status of an answer in parts; the server looks at the prefix only"
SAID = "what is said beside a call is said; LiteLLM 1.106 writes it, too"
SOUND = (
    "ResponseInputContentParam of openai takes text, image and file: sound is a loss with its path, no text of a dict"
)
SPACE = "the API refuses a last answer that ends in a space; a converter that is not asked to mends no text"

LOOKED = {"functionResponse": {"name": "look", "response": {"content": "A door."}}}
SEEN = {"mimeType": "image/png", "data": "iVBORw0KGgoAAAANSUhE..."}


def ours_only(history, path, value, why):
    return Disagreement(history, path, value, None, "msgkit", why)


def theirs_only(history, path, value, why):
    return Disagreement(history, path, None, value, "msgkit", why)


LISTED = {
    "anthropic": [
        ours_only("rich", "[0].content[3].title", "a.pdf", NAME),
        ours_only("rich", "[5]", {"role": "assistant", "content": [{"type": "text", "text": "I will not."}]}, REFUSAL),
        Disagreement("results", "[1].content[0].id", "XcJjgarcL", "call_1", "msgkit", HASH),
        Disagreement("results", "[2].content[0].tool_use_id", "XcJjgarcL", "call_1", "msgkit", HASH),
        Disagreement("results", "[3].content[0].text", "Done. ", "Done.", "each for its purpose", SPACE),
    ],
    "gemini": [
        ours_only("rich", "[0].parts[3].inlineData.displayName", "a.pdf", NAME),
        ours_only("rich", "[1].parts[2].functionCall.id", "call_paris", PAIR),
        ours_only("rich", "[1].parts[3].functionCall.id", "call_oslo", PAIR),
        ours_only("rich", "[2].parts[0].functionResponse.id", "call_paris", PAIR),
        ours_only("rich", "[2].parts[0].functionResponse.response.output", "12 degrees", OUTPUT),
        theirs_only("rich", "[2].parts[0].functionResponse.response.content", "12 degrees", OUTPUT),
        ours_only("rich", "[2].parts[1].functionResponse.id", "call_oslo", PAIR),
        ours_only("rich", "[5]", {"role": "model", "parts": [{"text": "I will not."}]}, REFUSAL),
        ours_only("results", "[1].parts[0].functionCall.id", "call:1", PAIR),
        ours_only("results", "[1].parts[1].functionCall.id", "call_2", PAIR),
        theirs_only("results", "[2].parts[0]", LOOKED, BESIDE),
        ours_only(
            "results",
            "[2].parts[0].functionResponse",
            {"name": "look", "id": "call:1", "response": {"output": "A door."}, "parts": [{"inlineData": SEEN}]},
            BESIDE,
        ),
        theirs_only("results", "[2].parts[0].inlineData", SEEN, BESIDE),
        ours_only("results", "[2].parts[1].functionResponse.id", "call_2", PAIR),
        ours_only("results", "[2].parts[1].functionResponse.response.output", "ab", OUTPUT),
        theirs_only("results", "[2].parts[1].functionResponse.response.content", "ab", OUTPUT),
        theirs_only("odd", "[3].parts[0]", {"text": ""}, "Vertex AI refuses an empty text parameter"),
        ours_only("odd", "[3].parts[0].functionCall.id", "c1", PAIR),
        ours_only("odd", "[4].parts[0].functionResponse.id", "c1", PAIR),
        ours_only("odd", "[4].parts[0].functionResponse.response.output", "", OUTPUT),
        theirs_only("odd", "[4].parts[0].functionResponse.response.content", "", OUTPUT),
        theirs_only(
            "signed",
            "[1].parts[1]",
            {"text": "Hm.", "thoughtSignature": "c2lnbmVk"},
            "Anthropic's signature is none of Gemini's; LiteLLM 1.106 writes none, too",
        ),
        ours_only("signed", "[1].parts[2].functionCall.id", "t1", PAIR),
        ours_only("signed", "[2].parts[0].functionResponse.id", "t1", PAIR),
        ours_only("signed", "[2].parts[0].functionResponse.response.output", "noon", OUTPUT),
        theirs_only("signed", "[2].parts[0].functionResponse.response.content", "noon", OUTPUT),
    ],
    "responses": [
        Disagreement(
            "rich", "[0].content[0].type", "input_text", "output_text", "msgkit", "a developer says no output_text"
        ),
        theirs_only("rich", "[1].content[3]", {"type": "input_text", "text": "{'type': 'input_audi..."}, SOUND),
        ours_only(
            "rich", "[2]", {"role": "assistant", "content": [{"type": "output_text", "text": "Let me look."}]}, SAID
        ),
        ours_only(
            "rich",
            "[9]",
            {
                "role": "assistant",
                "content": [{"type": "refusal", "refusal": "I will not."}],
                "id": "msg_9",
                "status": "completed",
            },
            REFUSAL,
        ),
        ours_only("odd", "[3].id", "msg_3", SERVER),
        ours_only("odd", "[3].status", "completed", SERVER),
        ours_only(
            "signed",
            "[1]",
            {
                "role": "assistant",
                "content": [{"type": "output_text", "text": "ok"}],
                "id": "msg_1",
                "status": "completed",
            },
            SAID,
        ),
    ],
}


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("history", HISTORIES)
def test_litellm_makes_the_same_of_a_history_but_for_what_is_listed(history, target):
    messages = messages_of(history, target)
    judge(history, ours(messages, target), theirs(messages, target), LISTED[target])


@pytest.mark.parametrize("target", ["anthropic", "gemini"])
def test_litellm_refuses_arguments_that_are_no_json_and_msgkit_keeps_them(target):
    broken = copy.deepcopy(HISTORIES["results"])
    broken[1]["tool_calls"][1]["function"]["arguments"] = '{"at": "doo'
    with pytest.raises(Exception, match=r"parse|convert"):
        theirs(broken, target)
    assert '{"at": "doo' in str(ours(broken, target))


def test_a_difference_that_is_not_listed_fails_and_so_does_a_listed_one_that_vanished():
    listed = [Disagreement("h", "[0].a", 1, 2, "msgkit", "")]
    judge("h", [{"a": 1}], [{"a": 2}], listed)
    for theirs_now in ([{"a": 1}], [{"a": 2, "b": 3}]):
        with pytest.raises(AssertionError):
            judge("h", [{"a": 1}], theirs_now, listed)


def test_the_names_of_tool_choices_and_definitions_are_the_same_for_anthropic():
    from litellm.llms.anthropic.chat.transformation import AnthropicConfig

    schema = {
        "type": "object",
        "properties": {"at": {"type": "string", "enum": ["a", "b"]}, "deep": {"$ref": "#/$defs/d"}},
        "$defs": {"d": {"type": "array", "items": {"type": "integer"}}},
        "required": ["at"],
        "additionalProperties": False,
    }
    tools = [{"type": "function", "function": {"name": "look", "description": "Look", "parameters": schema}}]
    made, _ = AnthropicConfig()._map_tools(copy.deepcopy(tools))
    body = {"messages": [{"role": "user", "content": "Hi"}], "tools": tools}
    payload = msgkit.convert(body, "anthropic").payload["tools"]
    assert found(payload, made) == {"[0].type": (None, "custom")}  # ToolParam: optional, "custom" when left out
