"""Items of Responses and their parts <-> messages' pieces: one function each way for each kind."""

from collections.abc import Mapping
from typing import Any

from msgkit.errors import Path
from msgkit.formats.common import calls
from msgkit.formats.common.builder import bare, checked, mark, marks
from msgkit.formats.common.calls import function_call
from msgkit.jsontext.edit import find
from msgkit.jsontext.values import LIST, OBJECT, type_of, without_keys
from msgkit.model.base import Mark

NAME = "responses"
PHASES = {"commentary": "commentary", "final_answer": "final"}
"""Phase of a message -> channel."""

SHELL = "local_shell_call"  # a call of a tool that is built in, whose result is that of any function
_SHELL_NAME = "local_shell"
_TEXTS = {"assistant": "output_text"}
_TYPE = Mark(NAME, "type")  # form of a result: the type of its item, when it is not that of its call
_PLAIN = Mark(NAME, "plain")  # form of a part: without what is written by default


def load_part(part: Any, role: str) -> Any:
    """Return a part of a message in the values' shape; one that would not come back the same keeps its own."""
    if not isinstance(part, OBJECT):
        return part
    for form in ((), (_PLAIN,)):
        translated = _translate(part, role)
        if translated is not None and checked(part, translated, dump_part(mark(translated, *form), role)):
            return mark(translated, *form)
    return {"type": NAME, NAME: part}


def _translate(part: Mapping[str, Any], role: str) -> dict[str, Any] | None:
    kind = part.get("type")
    rest = without_keys(part, "type")
    if kind == _TEXTS.get(role, "input_text") and isinstance(part.get("text"), str):
        rest = {key: value for key, value in rest.items() if key != "annotations" or value != []}
        return {"type": "text", **rest}
    if kind == "input_image" and isinstance(part.get("image_url"), str):
        detail = {} if part.get("detail") in ("auto", None) else {"detail": part["detail"]}
        more = without_keys(rest, "image_url", "detail")
        return {**more, "type": "image_url", "image_url": {"url": part["image_url"], **detail}}
    if kind == "input_file":
        inner = {key: rest.pop(key) for key in ("file_data", "file_id", "filename", "file_url") if key in rest}
        return {**rest, "type": "file", "file": inner}
    return {"type": kind, **rest} if kind in ("input_audio", "refusal") else None


def inner_places(content: Any, place: Path) -> dict[Path, Path]:
    """Say where the parts of a content, and the media in them, stand."""
    places: dict[Path, Path] = {("content",): place}
    for j, part in enumerate(content if isinstance(content, list) else ()):
        part_type = type_of(part)
        places[("content", j)] = (*place, j)
        if part_type == "image_url":
            places[("content", j, part_type)] = (*place, j)
            places[("content", j, part_type, "url")] = (*place, j, "image_url")
        elif part_type == "file":
            places[("content", j, part_type)] = (*place, j)
    return places


def dump_part(part: Any, role: str) -> Any:
    """Return a noted content part as Responses have it: the inverse of :func:`load_part`."""
    if not isinstance(part, OBJECT):
        return part
    kind, plain = part.get("type"), _PLAIN in marks(part)
    if kind == NAME:
        return part[NAME]
    rest = without_keys(part, "type", str(kind))
    if kind == "text":
        own = _TEXTS.get(role, "input_text")
        default: dict[str, Any] = {"annotations": []} if own == "output_text" and not plain else {}
        return bare({**default, "type": own, "text": part["text"], **rest})
    if kind == "image_url":
        inner = part["image_url"]
        detail = {} if plain and "detail" not in inner else {"detail": inner.get("detail", "auto")}
        return bare({"type": "input_image", "image_url": inner["url"], **detail, **rest})
    if kind == "file":
        return bare({"type": "input_file", **part["file"], **rest})
    return bare(part)


def load_call(item: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return a call as a tool call; None when the item is no call, or would not come back the same."""
    kind = item.get("type")
    if kind == SHELL and isinstance(item.get("call_id"), str) and isinstance(item.get("action"), OBJECT):
        call = function_call(item["call_id"], _SHELL_NAME, calls.to_text(item["action"]))
        call |= {NAME: without_keys(item, "call_id", "action")}
        return call if checked(item, call, dump_call(call)) else None
    if kind not in ("function_call", "custom_tool_call"):
        return None
    name, text = item.get("name"), item.get("arguments" if kind == "function_call" else "input")
    if not (isinstance(item.get("call_id"), str) and isinstance(name, str) and isinstance(text, str)):
        return None
    rest = without_keys(item, "type", "call_id", "name", "arguments", "input")
    call = {"id": item["call_id"], "type": "custom", "custom": {"name": name, "input": text}}
    call = function_call(item["call_id"], name, text) if kind == "function_call" else call
    call |= {NAME: rest} if rest else {}
    return call if checked(item, call, dump_call(call)) else None


def dump_call(call: Mapping[str, Any]) -> Any:
    """Return a noted tool call as an item: the inverse of :func:`load_call`."""
    rest = call.get(NAME, {})
    more = without_keys(call, "id", "type", "function", "custom", NAME)
    if rest.get("type") == SHELL:
        item = {"call_id": call.get("id"), "action": calls.to_object(call["function"]["arguments"])}
    elif call.get("type") == "function":
        one = call["function"]
        item = {"type": "function_call", "call_id": call.get("id"), "name": one["name"], "arguments": one["arguments"]}
    elif call.get("type") == "custom":
        one = call["custom"]
        item = {"type": "custom_tool_call", "call_id": call.get("id"), "name": one["name"], "input": one["input"]}
    else:
        return bare(call)
    return bare({**item, **rest, **more})


def load_output(item: Mapping[str, Any], kinds: Mapping[str, str]) -> dict[str, Any] | None:
    """Return the output of a call as a tool message; *kinds* tells which ids are of custom calls."""
    kind = item.get("type")
    if kind not in ("function_call_output", "custom_tool_call_output") or not isinstance(item.get("call_id"), str):
        return None
    output = item.get("output")
    content = [load_part(part, "user") for part in output] if isinstance(output, LIST) else output
    rest = without_keys(item, "type", "call_id", "output")
    message = {"role": "tool", "tool_call_id": item["call_id"]} | ({"content": content} if "output" in item else {})
    message |= {NAME: rest} if rest else {}
    form = () if kind == _output_type(item["call_id"], kinds) else (_TYPE.of(kind),)
    message = mark(message, *form)
    return message if checked(item, message, dump_output(message, kinds)) else None


def _output_type(call_id: Any, kinds: Mapping[str, str]) -> str:
    return "custom_tool_call_output" if kinds.get(call_id) == "custom" else "function_call_output"


def dump_output(message: Mapping[str, Any], kinds: Mapping[str, str]) -> Any:
    """Return a noted tool message as an item: the inverse of :func:`load_output`."""
    told = _TYPE.find(marks(message))
    content = message.get("content")
    output = [dump_part(part, "user") for part in content] if isinstance(content, list) else content
    item = {"type": told or _output_type(message.get("tool_call_id"), kinds), "call_id": message.get("tool_call_id")}
    more = without_keys(message, "role", "tool_call_id", "content", NAME)
    return bare({**item, **({"output": output} if "content" in message else {}), **message.get(NAME, {}), **more})


def reasoning_text(item: Mapping[str, Any]) -> str | None:
    """Return what a reasoning item says: its content, or else its summary; None when it says nothing in clear."""
    for key in ("content", "summary"):
        entries = item.get(key)
        texts = [find(entry, ("text",)) for entry in entries] if isinstance(entries, LIST) else []
        said = [text for text in texts if isinstance(text, str)]
        if texts and len(said) == len(texts):
            return "\n\n".join(said)
    return None


def reasoning_item(text: str, number: int) -> dict[str, Any]:
    """Return reasoning as an item for the way back: its id is made of its *number*, and no server knows it."""
    return {"type": "reasoning", "id": f"rs_{number}", "summary": [{"type": "summary_text", "text": text}]}
