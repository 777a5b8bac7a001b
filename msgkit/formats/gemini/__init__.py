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
from functools import partial
from typing import Any

import attrs

from msgkit.errors import Path
from msgkit.formats.base import Format, Loaded
from msgkit.formats.common import blocks
from msgkit.formats.common.builder import APART, Draft, mark, marks, noted
from msgkit.formats.common.calls import Pairing
from msgkit.formats.common.capabilities import MEDIA_PARTS, Capabilities
from msgkit.formats.common.keys import dump_message_keys, load_message_keys
from msgkit.formats.gemini import body as keys
from msgkit.formats.gemini.functions import dump_call, dump_result, load_call, load_result
from msgkit.formats.gemini.names import NAME, Names, names_in, spelled_as
from msgkit.formats.gemini.parts import dump_part, inner_places, load_part
from msgkit.jsontext.values import LIST, OBJECT, without_keys
from msgkit.model.base import NOTHING, Mark
from msgkit.model.messages import Conversation

_ROLE = Mark(NAME, "role")  # form: the role by another name
_EMPTY = Mark(NAME, "empty")  # form: an empty text is beside thoughts or calls, which the API refuses
_NO_ROLE = Mark(NAME, "norole")  # form: without a role
_BARE = Mark(NAME, "bare")  # form of the instruction: a text, not an object with parts
_SIDES = {"user": "user", "model": "assistant", "function": "user", "tool": "user", "system": "system"}
_USUAL = {"user": "user", "model": "assistant"}
_KNOWN = ("role", "content", "tool_calls", "tool_call_id", "reasoning")


@attrs.define(eq=False, repr=False)
class Reader:
    """Reads contents into a draft."""

    draft: Draft
    names: Names
    pairing: Pairing = attrs.field(factory=Pairing)

    def _inner_places(self, part: Any) -> dict[Path, Path]:
        return inner_places(part, self.names)

    def instruction(self, content: Any, place: Path) -> bool:
        """Add the system instruction, a content or a string; return whether it was one."""
        if isinstance(content, str):
            self.draft.add(mark({"role": "system", "content": content}, _BARE), place, {("content",): place})
            return True
        if not isinstance(content, OBJECT) or not isinstance(content.get("parts"), LIST):
            return False
        rest = without_keys(content, "parts")
        parts = content["parts"]
        loaded = blocks.text_or_parts([load_part(part, self.names) for part in parts], beside=False)
        inner = partial(blocks.content_places, loaded, (*place, "parts"), self._inner_places)
        self.draft.add({"role": "system", "content": loaded, **({NAME: rest} if rest else {})}, place, inner)
        return True

    def content(self, content: Any, place: Path, before: str | None) -> str | None:
        """Add the messages of one content; return its side."""
        if not isinstance(content, OBJECT):
            self.draft.fault(place, "type-mismatch", "expected object")
            return None
        role, parts = content.get("role", "user"), content.get("parts")
        text = _sole_text(content) if type(role) is str and _USUAL.get(role, before) != before else None
        if text:
            message = {"role": _USUAL[role], "content": text}
            self.draft.add(message, place, {("content",): (*place, "parts", 0, "text")})
            return _USUAL[role]
        side = _SIDES.get(role) if isinstance(role, str) else None
        if side is None:
            self.draft.fault((*place, "role"), "role-unknown", f"expected user or model, got {role!r:.50}")
            side = "user"
        marked = [APART] if side == before else []
        if "role" not in content:
            marked.append(_NO_ROLE)
        elif role in ("function", "tool"):
            marked.append(_ROLE.of(role))
        if side == "system":
            marked.append(blocks.INLINE)
        keys = without_keys(content, "role", "parts")
        keys = load_message_keys(keys, NAME) if keys else keys
        if not isinstance(parts, LIST):
            if "parts" in content:
                self.draft.fault((*place, "parts"), "type-mismatch", "expected array")
            self.draft.add(mark({"role": side, **keys}, *marked), place)
        elif side == "assistant":
            self._model(parts, keys, place, marked)
        else:
            self._user(parts, side, keys, place, marked)
        return side

    def _model(self, parts: Any, keys: dict[str, Any], place: Path, marked: list[Mark]) -> None:
        values, letters = blocks.sorted_blocks(parts, self._model_part)
        content = blocks.text_or_parts(values["p"], beside=bool(values["r"] or values["c"]))
        message = {"role": "assistant", **keys, "content": content}
        if content == "":
            marked = [*marked, _EMPTY]
        if values["r"]:
            message["reasoning"] = "".join(part["text"] for part in values["r"])
            if values["r"] != [_thought(message["reasoning"])]:
                message[NAME] = {**keys.get(NAME, {}), "thoughts": values["r"]}
        if values["c"]:
            message["tool_calls"] = values["c"]
        inner = partial(blocks.block_places, letters, values, (*place, "parts"), self._inner_places, NAME)
        self.draft.add(mark(message, *marked, *blocks.order_mark(letters)), place, inner)

    def _model_part(self, part: Any) -> tuple[blocks.Letter, Any]:
        if isinstance(part, OBJECT) and part.get("thought") is True and isinstance(part.get("text"), str):
            return "r", part
        call = load_call(part, self.names, self.pairing)
        return ("p", load_part(part, self.names)) if call is None else ("c", call)

    def _user(self, parts: Any, side: str, keys: dict[str, Any], place: Path, marked: list[Mark]) -> None:
        """Add a message for each function response, and one for each run of other parts between them."""
        head = {"role": side, **keys}
        for start, run in blocks.runs(parts, lambda part: load_result(part, self.names, self.pairing)):
            if isinstance(run, dict):
                rest = without_keys(head, "role", NAME) | dict(head.get(NAME, {}))
                message = run | ({NAME: run.get(NAME, {}) | {"content": rest}} if rest else {})
                self.draft.add(mark(message, *marked), (*place, "parts", start))
            else:
                content = blocks.text_or_parts([load_part(part, self.names) for part in run], beside=False)
                inner = partial(blocks.content_places, content, (*place, "parts"), self._inner_places, start)
                self.draft.add(mark({**head, "content": content}, *marked), place, inner)
            head, marked = {"role": side}, [blocks.TOGETHER]


def _sole_text(content: Mapping[str, Any]) -> str | None:
    """Fast way: return the text of a content that has nothing else; None if the other way must decide."""
    parts = content["parts"] if content.keys() == {"role", "parts"} else None
    part = parts[0] if type(parts) is list and len(parts) == 1 else None
    text = part.get("text") if type(part) is dict and len(part) == 1 else None
    return text if type(text) is str else None


def _thought(text: str) -> dict[str, Any]:
    return {"text": text, "thought": True}


@attrs.define(eq=False, repr=False)
class Writer:
    """Writes messages as contents."""

    names: Names
    pairing: Pairing = attrs.field(factory=Pairing)

    def write(self, conversation: Conversation) -> tuple[Any, list[Any]]:
        """Return the system instruction, None without one, and the contents."""
        lead, rest = blocks.split_lead(noted(conversation))
        instruction = None
        if len(lead) == 1 and _BARE in marks(lead[0]):
            instruction = lead[0]["content"]
        elif lead:
            parts = [part for message in lead for part in self._content(message.get("content"))]
            instruction = {**lead[0].get(NAME, {}), "parts": parts}
        return instruction, [self._group(group) for group in blocks.groups(rest, _content_keys, results_apart=True)]

    def _group(self, group: list[dict[str, Any]]) -> dict[str, Any]:
        first = group[0]
        role = _ROLE.find(marks(first)) or {"assistant": "model"}.get(blocks.side(first), blocks.side(first))
        head = {} if _NO_ROLE in marks(first) else {"role": role}
        has_parts = "content" in first or len(group) > 1 or len(first.keys() & set(_KNOWN)) > 1
        parts = {"parts": [part for message in group for part in self._message(message)]} if has_parts else {}
        return {**head, **parts, **_content_keys(first)}

    def _message(self, message: dict[str, Any]) -> list[Any]:
        if message.get("role") == "tool":
            return [dump_result(message, self.names, self.pairing)]
        called = [dump_call(call, self.names, self.pairing) for call in message.get("tool_calls") or ()]
        thoughts, content = self._thoughts(message), message.get("content")
        if content == "" and (called or thoughts) and _EMPTY not in marks(message):
            content = None
        return blocks.in_order(message, thoughts, self._content(content), called)

    def _thoughts(self, message: Mapping[str, Any]) -> list[Any]:
        told, text = message.get(NAME, {}).get("thoughts"), message.get("reasoning")
        if told is not None and "".join(part["text"] for part in told) == text:
            return list(told)
        return [] if text is None else [_thought(text)]

    def _content(self, content: Any) -> list[Any]:
        if isinstance(content, str):
            return [{"text": content}]
        return [dump_part(part, self.names) for part in content or ()]


def _content_keys(message: Mapping[str, Any]) -> dict[str, Any]:
    """Return the further keys of a content, which are none of its parts'."""
    if message.get("role") == "tool":
        return dict(message.get(NAME, {}).get("content", {}))
    keys = dump_message_keys(message, NAME, _KNOWN)
    if "thoughts" in message.get(NAME, {}):
        keys.pop("thoughts")
    return keys


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
