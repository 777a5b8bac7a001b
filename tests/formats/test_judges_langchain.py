"""What langchain-core makes of the same histories: every difference, and who is right."""

import copy
import json

import pytest

import msgkit
from tests.formats.disagreements import Disagreement, judge, short, written
from tests.formats.histories import HISTORIES, PICTURE, THINKING, call
from tests.strategies import PDF, WAVS

lc = pytest.importorskip("langchain_core.messages")


def as_lists(messages):
    """Texts in lists, arguments as objects: langchain builds both anew."""
    out = []
    for message in copy.deepcopy(messages):
        content = message.get("content")
        if isinstance(content, str) or content is None:
            message["content"] = [{"type": "text", "text": content}] if content else []
        for one in message.get("tool_calls", ()):
            one["function"]["arguments"] = json.loads(one["function"]["arguments"])
        out.append(message)
    return out


def theirs(messages):
    return as_lists(lc.convert_to_openai_messages(copy.deepcopy(messages), text_format="block"))


REASONING = "convert_to_openai_messages knows no reasoning: it stays behind in additional_kwargs"
KEYS = "keys beyond those of its classes stay behind; msgkit keeps what it does not know"
MARKS = "whoever goes back to Anthropic pays for a cache that is not used without its marks"
CACHE = {"type": "ephemeral"}

THROUGH = [
    Disagreement("rich", "[3].reasoning_content", "They want the weather, too.", None, "msgkit", REASONING),
    Disagreement("rich", "[6].x-note", {"seen": 1}, None, "msgkit", KEYS),
    Disagreement("signed", "[0].content[0].cache_control", CACHE, None, "msgkit", MARKS),
    Disagreement("signed", "[0].content[1].cache_control", CACHE, None, "msgkit", MARKS),
    Disagreement("signed", "[1].content[0].cache_control", CACHE, None, "msgkit", MARKS),
    Disagreement("signed", "[1].thinking_blocks", THINKING, None, "msgkit", REASONING),
    Disagreement("signed", "[1].reasoning_content", "Hm.", None, "msgkit", REASONING),
    Disagreement("signed", "[1].tool_calls[0].cache_control", CACHE, None, "msgkit", MARKS),
    Disagreement("signed", "[2].cache_control", CACHE, None, "msgkit", MARKS),
]


@pytest.mark.parametrize("history", HISTORIES)
def test_a_history_goes_through_langchains_messages_but_for_what_is_listed(history):
    messages = HISTORIES[history]
    ours = as_lists(msgkit.dump(msgkit.load(messages)))
    judge(history, ours, theirs(lc.convert_to_messages(copy.deepcopy(messages))), THROUGH)


DOCUMENT = "Chat Completions have no part of type document: ChatCompletionContentPartParam has file"
ORDER = "every result of a call comes before anything else: OpenAI refuses a user message between call and result"
HIDDEN = (
    "Chat Completions have no part of type redacted_thinking; LiteLLM's key thinking_blocks takes it there and back"
)

TEXT_ONLY = "ChatCompletionToolMessageParam takes text parts; the picture is a loss with its path"

FROM_ANTHROPIC = [
    Disagreement("results", "[2].content[1]", None, short(PICTURE), "msgkit", TEXT_ONLY),
    Disagreement("rich", "[0].content[2].type", "file", "document", "msgkit", DOCUMENT),
    Disagreement(
        "rich",
        "[0].content[2].file",
        {"file_data": "data:application/pdf...", "filename": "a.pdf"},
        None,
        "msgkit",
        DOCUMENT,
    ),
    Disagreement(
        "rich",
        "[0].content[2].source",
        None,
        {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0xLjQKMSAwIG9i..."},
        "msgkit",
        DOCUMENT,
    ),
    Disagreement("rich", "[0].content[2].title", None, "a.pdf", "msgkit", DOCUMENT),
    Disagreement("odd", "[4]", {"role": "tool", "content": [], "tool_call_id": "c1"}, None, "msgkit", ORDER),
    Disagreement("odd", "[6]", None, {"role": "tool", "tool_call_id": "c1", "content": []}, "msgkit", ORDER),
    Disagreement("signed", "[1].content[0]", None, {"type": "redacted_thinking", "data": "aGk="}, "msgkit", HIDDEN),
    Disagreement("signed", "[1].reasoning", "Hm.", None, "msgkit", REASONING),
]


def in_anthropic(history):
    """The history as Anthropic has it; langchain knows no picture by URL there, nor system messages."""
    messages = copy.deepcopy(HISTORIES[history])
    messages = [message for message in messages if message["role"] not in ("system", "developer")]
    for message in messages:
        if isinstance(message.get("content"), list):
            message["content"] = [part for part in message["content"] if "https://" not in str(part)]
    return written({"messages": messages}, "openai", "anthropic")["messages"]


@pytest.mark.parametrize("history", HISTORIES)
def test_langchain_makes_the_same_of_anthropics_messages_but_for_what_is_listed(history):
    messages = in_anthropic(history)
    ours = written({"messages": messages}, "anthropic", "openai")["messages"]
    judge(history, as_lists(ours), theirs(messages), FROM_ANTHROPIC)


# version 1 of its content blocks, which it makes of what each provider answers


def v1(content, provider, **more):
    return lc.AIMessage(content=content, response_metadata={"model_provider": provider}, **more).content_blocks


def said(blocks):
    """Reasoning, text and calls of v1 blocks, and the kinds of what else there is."""
    calls = [(one["id"], one["name"], one["args"]) for one in blocks if one["type"] == "tool_call"]
    rest = [one["type"] for one in blocks if one["type"] not in ("reasoning", "text", "tool_call")]
    return {
        "reasoning": [one["reasoning"] for one in blocks if one["type"] == "reasoning"],
        "text": [one["text"] for one in blocks if one["type"] == "text"],
        "calls": calls,
        "rest": rest,
    }


def told(message):
    """The same of one of msgkit's messages."""
    calls = [(one.id, one.function.name, json.loads(one.function.arguments)) for one in message.tool_calls or ()]
    rest = [part.type for part in message.parts if not isinstance(part, msgkit.TextPart)]
    return {
        "reasoning": [] if message.reasoning is None else [message.reasoning],
        "text": [part.text for part in message.parts if isinstance(part, msgkit.TextPart)],
        "calls": calls,
        "rest": rest + ["refusal"] * (message.refusal is not None),
    }


SEARCH = {"type": "server_tool_use", "id": "s1", "name": "web_search", "input": {"query": "x"}}
FOUND = {
    "type": "web_search_tool_result",
    "tool_use_id": "s1",
    "content": [{"type": "web_search_result", "title": "T", "url": "https://e.com", "encrypted_content": "E"}],
}


def test_anthropics_answer_says_to_both_the_same():
    use = {"type": "tool_use", "id": "t1", "name": "now", "input": {"a": 1}}
    content = [*THINKING, {"type": "text", "text": "Look."}, use, SEARCH, FOUND, {"type": "text", "text": "It is."}]
    (message,) = msgkit.load({"messages": [{"role": "assistant", "content": content}]}, "anthropic")
    ours, blocks = told(message), said(v1(content, "anthropic"))
    assert {key: ours[key] for key in ("reasoning", "text", "calls")} == {
        key: blocks[key] for key in ("reasoning", "text", "calls")
    }
    # What the server did itself: langchain has classes for it, msgkit keeps the blocks as they are; both go back whole.
    assert ours["rest"] == ["server_tool_use", "web_search_tool_result"]
    assert blocks["rest"] == ["non_standard", "server_tool_call", "server_tool_result"]
    # Hidden reasoning: no part of what is said to msgkit, a block of no kind to langchain.
    assert message.extra["thinking_blocks"] == THINKING


def test_the_answer_of_responses_says_to_both_the_same():
    summary = [{"type": "summary_text", "text": text} for text in ("Hm.", "So.")]
    text = {"type": "output_text", "text": "Look.", "annotations": []}
    output = [
        {"type": "reasoning", "id": "rs_1", "summary": summary, "encrypted_content": "X"},
        {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [text]},
        {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "now", "arguments": "{}"},
    ]
    content = [output[0], {"type": "text", "text": "Look.", "id": "msg_1", "annotations": []}, output[2]]
    (message,) = msgkit.load({"output": output})
    calls = [{"name": "now", "args": {}, "id": "call_1"}]
    ours, blocks = told(message), said(v1(content, "openai", tool_calls=calls))
    # Two summaries: two blocks to langchain, one text with an empty line between to msgkit, whose items stay two.
    assert (ours.pop("reasoning"), blocks.pop("reasoning")) == (["Hm.\n\nSo."], ["Hm.", "So."])
    assert ours == blocks
    assert msgkit.dump(msgkit.load({"output": output})) == {"output": output}


def test_media_of_chat_completions_are_the_same_bytes_to_both():
    parts = [
        PICTURE,
        {"type": "input_audio", "input_audio": {"data": WAVS[0], "format": "wav"}},
        {"type": "file", "file": {"file_data": f"data:application/pdf;base64,{PDF}", "filename": "a.pdf"}},
    ]
    blocks = lc.HumanMessage(content=copy.deepcopy(parts)).content_blocks
    ours = [msgkit.from_dict(part).media for part in parts]
    assert [(block["mime_type"], block["base64"]) for block in blocks] == [
        (media.media_type, data)
        for media, data in zip(ours, [PICTURE["image_url"]["url"][22:], WAVS[0], PDF], strict=True)
    ]


def test_arguments_that_are_no_json_stay_with_msgkit_and_stop_langchain():
    row = [{"role": "assistant", "content": None, "tool_calls": [call("a", "now", '{"at')]}]
    assert msgkit.dump(msgkit.load(row)) == row
    with pytest.raises(json.JSONDecodeError):
        lc.convert_to_messages(copy.deepcopy(row))
