"""
The names that rows of this family give their list, keys and roles, those that are not the usual ones noted; and calls
and results as Hermes tags them: ``<tool_call>`` and ``<tool_response>``.

Source: the data set NousResearch/hermes-function-calling-v1.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

import attrs

from msgkit.formats.common import calls
from msgkit.formats.common.builder import told
from msgkit.model.base import Mark

NAME = "sharegpt"
BEFORE, AFTER = "<tool_response>\n", "\n</tool_response>"
_NO_START = Mark(NAME, "no-start")  # form of a result: no tag before it
_END = Mark(NAME, "end")  # form of a result: what is after it, if not the tag alone
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
    matches = list(_TAGGED.finditer(text, start)) if start >= 0 else []
    functions = [calls.parse_object(match[1]) or calls.of_python(match[1]) for match in matches]
    is_whole = "".join(match[0] for match in matches) == text[start:].rstrip()
    return (text[:start].rstrip(), functions) if matches and is_whole and all(map(is_function, functions)) else None


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
    kept = inner.rstrip().removesuffix(AFTER) if inner.rstrip().endswith(AFTER) else inner
    message["content"], end = kept, inner[len(kept) :]
    return [_NO_START] * (inner == text) + ([] if end == AFTER else [_END.of(end)])


def wrapped(text: Any, form: Collection[Mark]) -> Any:
    """Return a result in its tags."""
    return f"{'' if _NO_START in form else BEFORE}{text}{_END.find(form, AFTER)}"


LISTS = ("conversations", "conversation", "messages", "texts")
ROLES: Mapping[str, Mapping[str, str]] = {
    "from": {"human": "user", "gpt": "assistant", "system": "system", "observation": "tool", "function_call": "call"},
    "role": {"user": "user", "assistant": "assistant", "system": "system", "tool": "tool", "function_call": "call"},
}
ALIASES = {
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
    "human": "user",
    "gpt": "assistant",
    "observation": "tool",
}
ALIASES |= {"chatgpt": "assistant", "bard": "assistant", "bing": "assistant", "function_response": "tool"}
CHATBOT = "Chatbot"  # Cohere's role of fine-tuning, which tells that the others have capitals
NEMO = {"User": "user", "Assistant": "assistant", "System": "system", CHATBOT: "assistant"}  # or the row names masks
SWIFT = {"tool_call": "call", "tool_response": "tool"}  # roles of ms-swift, one item a call and a result
COLUMN = Mark(NAME, "column")  # form: the system message is under the key "system"
TAG = Mark(NAME, "tag")  # form of a conversation: a list, role or content key that is not the usual one
FROM = Mark(NAME, "from")  # form of a message: the role by another name


@attrs.frozen
class Tags:
    """The keys that a row uses."""

    messages: str = "conversations"
    role: str = "from"
    content: str = "value"
    call: str = "function_call"  # what the role of calls is called
    style: str = ""  # ``tagged`` where calls and results are in the tags of Hermes
    pair: str = ""  # where an item is a question and its answer: the keys of both, and those of what is beside them

    @property
    def is_others(self) -> bool:
        """Whether another trainer than LLaMA-Factory reads the row: ms-swift, or nanoVLM."""
        return self.is_swift or self.messages == "texts"

    @property
    def is_swift(self) -> bool:
        """Whether the row is ms-swift's."""
        return self.call in SWIFT

    def roles(self) -> Mapping[str, str]:
        """Return the role that each name means."""
        return ROLES[self.role] if not self.is_swift else {**ROLES[self.role], **SWIFT}


def tags_of(form: frozenset[Mark]) -> Tags:
    """Return the keys that the marks of a conversation name."""
    return Tags(**told(form, TAG))


def tags_in(body: Mapping[str, Any]) -> Tags:
    """Return the keys that a row uses."""
    messages = next((key for key in LISTS if isinstance(body.get(key), list | tuple)), "conversations")
    items = body.get(messages)
    pair = pair_in(items)
    if pair:
        return Tags(messages, pair=pair)
    first = next((item for item in items if isinstance(item, Mapping)), {}) if isinstance(items, list | tuple) else {}
    role = "role" if "role" in first and "from" not in first else "from"
    content = "content" if "content" in first and "value" not in first else "value"
    call = "tool_call" if is_swift(items, role) else "function_call"
    style = "tagged" if any(map(split_tagged, _answers(items, role, content))) else ""
    return Tags(messages, role, content, call, style)


def _answers(items: Any, role: str, content: str) -> Iterator[str]:
    """Yield the texts of the assistant that may have calls in tags."""
    for item in items if isinstance(items, list | tuple) else ():
        text = item.get(content) if isinstance(item, Mapping) and item.get(role) in ("gpt", "assistant") else None
        if isinstance(text, str) and "<tool_call>" in text:
            yield text


def pair_in(items: Any) -> str:
    """Return the keys of questions and answers where all items are such pairs, as ms-swift reads them; else none."""
    entries = items if isinstance(items, list | tuple) else ()
    keys = {
        tuple(key for key in item if i or key != SYSTEM) if isinstance(item, Mapping) else ()
        for i, item in enumerate(entries)
    }
    names = next(iter(keys)) if len(keys) == 1 else ()
    is_pair = len(names) >= len(("user", "assistant")) and names[0] in _ASKING and names[1] in _ANSWERING
    are_texts = is_pair and all(isinstance(item[key], str) for item in entries for key in names[:2])
    are_texts = are_texts and isinstance(entries[0].get(SYSTEM, ""), str)
    return PAIRED.join(names) if are_texts and not any(PAIRED in name for name in names) else ""


SYSTEM = "system"  # which the first pair may have, too
PAIRED = " "  # between the keys of a pair
_ASKING, _ANSWERING = ("human", "user", "input"), ("assistant", "gpt", "bot", "output")


def is_swift(items: Any, role: str = "role") -> bool:
    """Return whether one of the items has a role that ms-swift alone has."""
    return not SWIFT.keys().isdisjoint(_roles(items, role))


def is_chatbot(items: Any) -> bool:
    """Return whether one of the items has the role that Cohere's fine-tuning has for the model."""
    return CHATBOT in _roles(items, "role")


def _roles(items: Any, key: str) -> set[str]:
    entries = items if isinstance(items, list | tuple) else ()
    names = (item.get(key) for item in entries if isinstance(item, Mapping))
    return {name for name in names if isinstance(name, str)}
