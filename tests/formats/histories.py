"""Histories that other converters know, too, for the judges; the RICH one is in rich.py."""

from tests.formats.rich import RICH
from tests.strategies import PNGS

PICTURE = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNGS[0]}"}}
CACHE = {"cache_control": {"type": "ephemeral"}}
THINKING = [
    {"type": "thinking", "thinking": "Hm.", "signature": "c2lnbmVk"},
    {"type": "redacted_thinking", "data": "aGk="},
]


def call(name, function, arguments="{}"):
    return {"id": name, "type": "function", "function": {"name": function, "arguments": arguments}}


RICH_MESSAGES = [
    {"reasoning_content" if key == "reasoning" else key: value for key, value in message.items()}
    for message in RICH["messages"]
]
"""The key is the one that LiteLLM and langchain read."""

RESULTS = [
    {"role": "user", "content": "Look."},
    {
        "role": "assistant",
        "content": None,
        "tool_calls": [call("call:1", "look", '{"at": "door"}'), call("call_2", "look")],
    },
    {"role": "tool", "tool_call_id": "call:1", "content": [{"type": "text", "text": "A door."}, PICTURE]},
    {
        "role": "tool",
        "tool_call_id": "call_2",
        "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}],
    },
    {"role": "assistant", "content": "Done. "},
]
"""Results of parallel calls, one with a picture, one in two parts; an id that Anthropic refuses; a space at the end."""

ODD = [
    {"role": "user", "content": "One"},
    {"role": "user", "name": "Ann", "content": [{"type": "text", "text": "Two"}]},
    {"role": "assistant", "content": "A"},
    {"role": "assistant", "content": [{"type": "text", "text": "B"}, {"type": "text", "text": "C"}]},
    {"role": "user", "content": ""},
    {"role": "assistant", "content": "", "tool_calls": [call("c1", "now")]},
    {"role": "tool", "tool_call_id": "c1", "content": ""},
    {"role": "user", "content": "Bye"},
]
"""Messages of one side after each other, and what says nothing."""

SIGNED = [
    {"role": "user", "content": [{"type": "text", "text": "Long", **CACHE}, {**PICTURE, **CACHE}]},
    {
        "role": "assistant",
        "content": [{"type": "text", "text": "ok", **CACHE}],
        "thinking_blocks": THINKING,
        "reasoning_content": "Hm.",
        "tool_calls": [{**call("t1", "now"), **CACHE}],
    },
    {"role": "tool", "tool_call_id": "t1", "content": "noon", **CACHE},
]
"""Anthropic's signatures and cache marks on Chat Completions, as LiteLLM hands them out."""

HISTORIES = {"rich": RICH_MESSAGES, "results": RESULTS, "odd": ODD, "signed": SIGNED}
