"""
Calls in an answer and results in an observation as Hermes tags them: ``<tool_call>`` and ``<tool_response>``.

Source: the data set NousResearch/hermes-function-calling-v1.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from msgkit.formats.common import calls
from msgkit.model.base import Mark

NAME = "sharegpt"
BEFORE, AFTER = "<tool_response>\n", "\n</tool_response>"
_NO_START, _NO_END = Mark(NAME, "no-start"), Mark(NAME, "no-end")  # form of a result: no tag before, or after it
_TAGGED = re.compile(r"\s*<tool_call>\s*(.*?)\s*</tool_call>", re.DOTALL)


def is_function(call: Any) -> bool:
    """Return whether *call* is an object with a name and arguments, which some rows have as JSON text."""
    return (
        isinstance(call, dict)
        and call.keys() == {"name", "arguments"}
        and isinstance(call["name"], str)
        and isinstance(call["arguments"], dict | str)
    )


def split_tagged(text: str) -> tuple[str, list[Any]] | None:
    """Return an answer's text and the calls after it, as Hermes tags them; None where it has none, or others."""
    start = text.find("<tool_call>")
    found = list(_TAGGED.finditer(text, start)) if start >= 0 else []
    functions = [calls.parse_object(match[1]) for match in found]
    is_whole = "".join(match[0] for match in found) == text[start:].rstrip()
    return (text[:start].rstrip(), functions) if found and is_whole and all(map(is_function, functions)) else None


def text_of(said: str, made: Iterable[Mapping[str, Any]]) -> str:
    """Return an answer with its calls, tagged."""
    objects = ({"arguments": calls.to_object(one["arguments"]), "name": one["name"]} for one in made)
    tagged = "\n".join(f"<tool_call>\n{calls.to_text(one)}\n</tool_call>" for one in objects)
    return f"{said}\n{tagged}" if said else tagged


def unwrap(message: dict[str, Any]) -> list[Mark]:
    """Take a result out of the tags around it; return the marks of those that are missing."""
    text = message.get("content")
    if not isinstance(text, str):
        return []
    inner = text.removeprefix(BEFORE)
    message["content"] = inner.removesuffix(AFTER)
    return [_NO_START] * (inner == text) + [_NO_END] * (message["content"] == inner)


def wrapped(text: Any, form: Collection[Mark]) -> Any:
    """Return a result in its tags."""
    return f"{'' if _NO_START in form else BEFORE}{text}{'' if _NO_END in form else AFTER}"
