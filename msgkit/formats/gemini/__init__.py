"""
Gemini: the body of ``generateContent``, in camelCase as the API has it or in snake_case as its Python clients take it.

What differs from Chat Completions:

- ``contents`` of ``parts`` without a type, told by their keys; the roles are user and model;
- the system prompt is under ``systemInstruction``, settings of sampling under ``generationConfig``;
- calls and results pair by function and order, ids may be left out; arguments and responses are objects;
- results of calls are in a content of their own: Vertex AI refuses other parts beside them;
- consecutive messages of one side are one content.

Source: googleapis ``google/ai/generativelanguage/v1beta/content.proto``; python-genai ``google/genai/types.py``.
"""

from collections.abc import Mapping
from typing import Any

from msgkit.errors import Path
from msgkit.formats.base import Format, Loaded
from msgkit.formats.common.builder import Draft
from msgkit.formats.common.capabilities import MEDIA_PARTS, Capabilities
from msgkit.formats.gemini import body as keys
from msgkit.formats.gemini.contents import Reader, Writer
from msgkit.formats.gemini.names import NAME, names_in, spelled_as
from msgkit.jsontext.values import LIST
from msgkit.model.parts import NOTHING


def recognize(body: Mapping[str, Any]) -> bool:
    """Return whether *body* has a list of contents."""
    return isinstance(body.get("contents"), LIST)


def load(body: Mapping[str, Any], at: Path = ()) -> Loaded:
    """Load a request body: the instruction becomes the first message, each function response a message of its own."""
    draft, names = Draft(at), names_in(body)
    reader = Reader(draft, names)
    instruction = names.body("systemInstruction")
    used = ["contents"]
    if reader.instruction(body.get(instruction), (instruction,)):
        used.append(instruction)
    contents = draft.listed(body, "contents")
    before = None
    for i, content in enumerate(contents):
        before = reader.content(content, ("contents", i), before)
    return draft.finish(keys.load(body, used, names), "contents", form=names.form)


def dump(conversation: Any) -> dict[str, Any]:
    """Return the request body: leading system messages as the instruction, each side's messages joined."""
    names = spelled_as(conversation.form)
    instruction, contents = Writer(names).write(conversation)
    first = {} if instruction is None else {names.body("systemInstruction"): instruction}
    return {**first, "contents": contents, **keys.dump(conversation.extra, names)}


FORMAT = Format(
    name=NAME,
    title="Gemini: {systemInstruction, contents: [{role: user | model, parts: [{text}, {inlineData}, ...]}]}",
    source="google-genai 3.4 types.py, Content and Part",
    recognize=recognize,
    signs=frozenset(("contents",)),
    load=load,
    dump=dump,
    tool_shape="listed",
    capabilities=Capabilities(
        files_of="google",
        parts=MEDIA_PARTS,
        message=("tool_calls", "tool_call_id", "reasoning", "is_error"),
        body=("model", "tools", "tool_choice", "response_format", *keys.CONFIG.values()),
        call=("thoughtSignature",),
        tool=("response", "behavior"),
        read=("thoughtSignature", "videoMetadata", "mediaResolution", "partMetadata"),
        system_inside=False,
        schemes=("gs",),
        within={"system": ("text",)},
        error_key="error",
    ),
    target="gemini",
    list_key="contents",
    parts=("text", "inlineData", "fileData", "functionCall", "functionResponse", "thought"),
    parts_by_key=True,
    aliases=NOTHING,
    opaque_parts=frozenset((
        "codeExecutionResult", "code_execution_result", "executableCode", "executable_code", "toolCall", "tool_call",
        "toolResponse", "tool_response",
    )),
    keys={"part": ("file_url",)},
    reasoning_keys=frozenset((NAME,)),
    reasoning_in_parts=True,
    pairs_by_order=True,
    history_keys=("cachedContent", "cached_content"),
)  # fmt: skip
