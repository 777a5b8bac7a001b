"""
Gemini: the body of ``generateContent``, in camelCase as the API has it or in snake_case as its Python clients take it.

Source: googleapis ``google/ai/generativelanguage/v1beta/content.proto``; python-genai ``google/genai/types.py``.
Results of calls stand in a content of their own: Vertex AI refuses other parts beside them.
"""

from collections.abc import Mapping
from typing import Any

import attrs

from msgkit.errors import Path
from msgkit.formats.base import Loaded
from msgkit.formats.common.builder import Draft
from msgkit.formats.common.capabilities import Holds
from msgkit.formats.gemini import body as keys
from msgkit.formats.gemini.contents import Reader, Writer
from msgkit.formats.gemini.names import NAME, Names, names_in

__all__ = ["HOLDS", "NAME", "TITLE", "dump", "load", "recognize"]

TITLE = "Gemini: {contents: [{role: user | model, parts: [{text}, {inlineData}, {functionCall}]}], systemInstruction}"

HOLDS = Holds(
    parts={"text": (), "image_url": (), "input_audio": (), "audio_url": (), "video_url": (), "file": ("file_url",)},
    message=("tool_calls", "tool_call_id", "reasoning", "is_error"),
    body=("model", "tools", "tool_choice", *keys.CONFIG.values()),
    roles=("system", "user", "assistant", "tool"),
    within={"system": ("text",)},
)


def recognize(body: Mapping[str, Any]) -> bool:
    """
    Tell whether *body* has a list of contents.

    >>> recognize({"contents": []}), recognize({"messages": []})
    (True, False)
    """
    return isinstance(body.get("contents"), list | tuple)


def load(body: Mapping[str, Any], at: Path = ()) -> Loaded:
    """
    Load a request body: the instruction becomes the first message, each function response a message of its own.

    >>> load({"contents": [{"role": "model", "parts": [{"text": "Hello"}]}]}).conversation.messages
    (Message(assistant, 'Hello'),)
    """
    draft, names = Draft(at), names_in(body)
    reader = Reader(draft, names)
    instruction = names.body("systemInstruction")
    used = ["contents"]
    if reader.instruction(body.get(instruction), (instruction,)):
        used.append(instruction)
    contents = body.get("contents")
    if not isinstance(contents, list | tuple):
        draft.wrong_list("contents", contents, present="contents" in body)
        contents = ()
    before = None
    for i, content in enumerate(contents):
        role = reader.content(content, ("contents", i), before)
        before = role
    loaded = draft.finish(keys.load(body, used, names), "contents")
    return attrs.evolve(loaded, conversation=attrs.evolve(loaded.conversation, form=names.marks()))


def dump(conversation: Any) -> dict[str, Any]:
    """
    Return the request body: leading system messages as the instruction, each side's messages joined.

    >>> dump(load({"contents": [{"role": "model", "parts": [{"text": "Hello"}]}]}).conversation)
    {'contents': [{'role': 'model', 'parts': [{'text': 'Hello'}]}]}
    """
    names = Names(conversation.form)
    instruction, contents = Writer(names).write(conversation)
    first = {} if instruction is None else {names.body("systemInstruction"): instruction}
    return {**first, "contents": contents, **keys.dump(conversation.extra, names)}
