"""
What comes through a translation from Chat Completions to Anthropic Messages, at msgkit and at its peers.

    python benchmarks/compare_losses.py

Each history holds one thing, marked so that it is found again. ``kept``: it is in what comes out. ``told``: an error, a
loss in the list or a warning names it. ``silent``: it is gone, and nothing says so. Peers that are not installed are
left out: litellm, langchain-anthropic.
"""

import copy
import json
import os
import sys
import warnings
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import msgkit

MARK = "marked0123"
ASKED = {"role": "user", "content": "Hello"}
ANSWERED = {"role": "assistant", "content": "Hi."}
CALL = {"id": "call_1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
PHOTO = {"type": "image_url", "image_url": {"url": "examples/photos/cat.jpg"}}
Translate = Callable[[list[Any]], tuple[Any, str]]


def asked(*parts: Any, **more: Any) -> dict[str, Any]:
    return {"role": "user", "content": [{"type": "text", "text": "Look."}, *parts], **more}


def called(text: Any) -> list[Any]:
    return [
        ASKED,
        {"role": "assistant", "content": "", "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "call_1", "content": text},
    ]


HISTORIES: dict[str, list[Any]] = {
    "text": [{"role": "user", "content": MARK}],
    "result of a call": called(MARK),
    "system message after the first": [ASKED, ANSWERED, {"role": "system", "content": MARK}, ASKED],
    "name of the author": [{**ASKED, "name": MARK}],
    "unknown key of a message": [{**ASKED, "mood": MARK}],
    "unknown key of a part": [asked({"type": "text", "text": "x", "mood": MARK})],
    "part of an unknown type": [asked({"type": "poll", "question": MARK})],
    "refusal": [ASKED, {"role": "assistant", "content": "Sorry.", "refusal": MARK}, ASKED],
    "reasoning": [ASKED, {**ANSWERED, "reasoning_content": MARK}, ASKED],
    "audio": [asked({"type": "input_audio", "input_audio": {"data": f"UklGR{MARK}", "format": "wav"}})],
    "remote video": [asked({"type": "video_url", "video_url": {"url": f"https://example.org/{MARK}.mp4"}})],
    "local image": [asked(PHOTO)],
    "two messages of one role": [ASKED, {"role": "user", "content": MARK}],
}


def ours(messages: list[Any]) -> tuple[Any, str]:
    if PHOTO in (messages[0]["content"] if isinstance(messages[0]["content"], list) else ()):
        messages = msgkit.inline({"messages": messages}, root=".", target="anthropic")["messages"]
    done = msgkit.convert({"messages": messages}, to="anthropic", on_loss="drop")
    return done.payload, json.dumps([[loss.path, loss.value] for loss in done.losses])


def litellm(messages: list[Any]) -> tuple[Any, str]:
    from litellm.litellm_core_utils.prompt_templates.factory import anthropic_messages_pt

    return anthropic_messages_pt(messages, "claude-sonnet-4-5", "anthropic"), ""


def langchain(messages: list[Any]) -> tuple[Any, str]:
    from langchain_anthropic.chat_models import _format_messages
    from langchain_core.messages import convert_to_messages

    return _format_messages(convert_to_messages(messages), model="claude-sonnet-4-5"), ""


PEERS: dict[str, tuple[str, Translate]] = {
    "msgkit": ("msgkit", ours),
    "litellm": ("litellm", litellm),
    "langchain-anthropic": ("langchain_anthropic", langchain),
}


def verdict(translate: Translate, messages: list[Any], mark: str) -> str:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            out, told = translate(copy.deepcopy(messages))
        except Exception as error:  # noqa: BLE001 (whatever a peer raises)
            return f"told ({type(error).__name__})"
    if mark in json.dumps(out, default=str):
        return "kept"
    return "told" if mark in told or caught else "silent"


def main() -> None:
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # or importing it asks the network
    there = {name: translate for name, (module, translate) in PEERS.items() if find_spec(module)}
    for name in PEERS.keys() - there.keys():
        print(f"not installed, left out: {name}", file=sys.stderr)
    print("| | " + " | ".join(there) + " |\n|---|" + "---|" * len(there))
    for what, messages in HISTORIES.items():
        mark = "/9j/" if what == "local image" else MARK
        found = [verdict(translate, messages, mark) for translate in there.values()]
        print(f"| {what} | " + " | ".join(found) + " |")


if __name__ == "__main__":
    main()
