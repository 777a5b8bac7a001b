"""What messages say, in order, whatever they are spread over: texts, reasoning, and other values as they are."""

import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from msgkit.conversion.equivalence import is_default
from msgkit.conversion.vocabulary import ROLES, SETTINGS, SYNONYMS
from msgkit.errors import Path
from msgkit.jsontext.diff import Difference
from msgkit.jsontext.values import LIST

_LISTS: Final = ("messages", "contents", "input", "conversations", "gen_ai.input.messages")
_PROMPTS: Final = ("instructions", "system", "systemInstruction", "system_instruction", "gen_ai.system_instructions")
_SAID_IN: Final = frozenset((*_LISTS, *_PROMPTS))
_WHO: Final = ("role", "from", "kind")
_TEXTS: Final = (
    None, "text", "input_text", "output_text", "summary_text", "reasoning_text", "thinking", "reasoning", "refusal",
)  # fmt: skip
_PARTS: Final = ("content", "parts", "value", "summary", "refusal", "tool_plan")
_ASKED: Final = {"user-prompt": "user", "system-prompt": "system"}  # kind of pydantic-ai's parts -> who says them
_THOUGHTS: Final = SYNONYMS["reasoning"] | {"summary"}
_TEXT_KEYS: Final = ("text", "thinking", "reasoning", "refusal", "content", "value")
_THOUGHT: Final = re.compile(r"<think>\n(.*?)\n</think>\n\n", re.DOTALL)  # as formats without reasoning write it
_MOST, _MOST_PAIRS = 2_048, 8_192  # statements that are aligned, and pairs of equal ones: for the time that it takes


class Statement(NamedTuple):
    """One thing that a message says."""

    who: str  # the role that says it
    what: str  # text, thought, or the key of another value
    value: str
    path: Path


def carried(first: Any, second: Any, lost: Collection[Path], steps: Iterable[Difference]) -> set[Path]:
    """
    Return the paths of *lost* at which all that the first body says the second one says, too, in the same order.

    None of a stream, where more than what *steps* tell of is not said again: then it is aligned in another way.
    """
    lost = [path for path in lost if path and path[0] in _SAID_IN]
    if not lost:
        return set()
    said = list(_of_body(first))
    touched = _touched(steps)
    again: set[Path] = set()
    for stream, other in zip(_streams(said), _streams(list(_of_body(second))), strict=True):
        paths = _aligned(stream, other)
        if all(one.path in paths or touched(one.path) for one in stream):
            again |= paths
    under: dict[Path, list[Path]] = {}
    for one in said:
        for end in range(1, len(one.path) + 1):
            under.setdefault(one.path[:end], []).append(one.path)
    inside = {path: under.get(path) or [path[:end] for end in range(len(path)) if path[:end] in again] for path in lost}
    return {path for path, of_path in inside.items() if of_path and again.issuperset(of_path)}


def _touched(steps: Iterable[Difference]) -> Callable[[Path], bool]:
    """Return what tells whether a step changes what is at a path."""
    steps = list(steps)
    at = {step.path for step in steps if step.change != "delete"}
    above = {step.path[:end] for step in steps for end in range(1, len(step.path))}
    return lambda path: path in above or any(path[:end] in at for end in range(1, len(path) + 1))


def _streams(said: Sequence[Statement]) -> tuple[Sequence[Statement], ...]:
    """Return the prompts before all messages, the reasoning, and the rest: each keeps an order of its own."""
    lead = next((i for i, one in enumerate(said) if one.who != "system"), len(said))
    rest = said[lead:]
    return said[:lead], [one for one in rest if one.what == "thought"], [one for one in rest if one.what != "thought"]


def _aligned(said: Sequence[Statement], again: Sequence[Statement]) -> set[Path]:
    """Return the paths of what is said again: the same, or a part of a text that several became."""
    from difflib import SequenceMatcher  # slow to load

    first, second = ([one[:3] for one in stream] for stream in (said, again))
    counts = Counter(first)
    if max(len(first), len(second)) > _MOST or sum(counts[one] for one in second) > _MOST_PAIRS:
        return set()
    paths: set[Path] = set()
    for change, i1, i2, j1, j2 in SequenceMatcher(None, first, second, autojunk=False).get_opcodes():
        if change == "equal":
            paths |= {one.path for one in said[i1:i2]}
        elif change == "replace":
            paths |= _joined(said[i1:i2], again[j1:j2])
    return paths


def _joined(said: Sequence[Statement], again: Iterable[Statement]) -> set[Path]:
    """Return the paths of texts that became one, with or without space between them."""
    paths: set[Path] = set()
    start = 0
    for whole in again:
        rest, taken = whole.value, []
        for i in range(start, len(said)):
            one = said[i]
            if one[:2] == whole[:2] and one.value and rest.startswith(one.value):
                rest = rest.removeprefix(one.value).lstrip("\n")
                taken.append(i)
        if taken and not rest:
            paths |= {said[i].path for i in taken}
            start = taken[-1] + 1
    return paths


def _of_body(body: Any) -> Iterator[Statement]:
    if not isinstance(body, Mapping):
        return
    for key in _PROMPTS:
        value = body.get(key)
        value = value.get("parts") if isinstance(value, Mapping) else value
        yield from _of_content(value, "system", "text", (key, "parts") if value is not body.get(key) else (key,))
    for key in _LISTS:
        items = body.get(key)
        if isinstance(items, LIST):
            for i, item in enumerate(items):
                yield from _of_entry(item, (key, i))
        elif key in body:
            yield from _of_content(items, "user", "text", (key,))


def _of_entry(entry: Any, path: Path) -> Iterator[Statement]:
    if not isinstance(entry, Mapping):
        yield Statement("", "entry", _text(entry), path)
        return
    kind, data = entry.get("type"), entry.get("data")
    if isinstance(data, Mapping):  # LangChain's
        yield from _of_entry({"role": kind, **data}, (*path, "data"))
        return
    role = next((entry[key] for key in _WHO if key in entry), None)
    is_thought = kind == "reasoning"
    who = ROLES.get(str(role).lower(), str(role)) if role is not None else "assistant" if kind else "user"
    for key, value in entry.items():
        if key in (*_WHO, "type") or is_default(key, value) or key in SETTINGS:
            continue
        if key in _PARTS or key in _THOUGHTS:
            what = "thought" if is_thought or key in _THOUGHTS else "refusal" if key == "refusal" else "text"
            yield from _of_content(value, who, what, (*path, key))
        elif key == "tool_calls" and isinstance(value, LIST):
            for i, call in enumerate(value):
                yield Statement(who, "call", _text(_called(call)), (*path, key, i))
        else:
            called = key == "function_call" and isinstance(value, Mapping)
            yield Statement(who, "call" if called else key, _text(value), (*path, key))


def _called(call: Any) -> Any:
    """Return a call of a function without its id, as the deprecated key has it."""
    function = call.get("function") if isinstance(call, Mapping) else None
    return function if isinstance(function, Mapping) and call.keys() <= {"id", "type", "function"} else call


def _of_content(value: Any, who: str, what: str, path: Path) -> Iterator[Statement]:
    if isinstance(value, str):
        yield from _of_text(value, who, what, path)
        return
    for i, part in enumerate(value if isinstance(value, LIST) else ()):
        if isinstance(part, str):
            yield Statement(who, what, part, (*path, i))
        else:
            yield from _of_part(part, who, what, (*path, i))


def _of_text(text: str, who: str, what: str, path: Path) -> Iterator[Statement]:
    """Yield a text, and the reasoning that is written before it."""
    thought = _THOUGHT.match(text) if (who, what) == ("assistant", "text") else None
    if thought:
        yield Statement(who, "thought", thought[1], path)
    if not thought or thought.end() < len(text):
        yield Statement(who, what, text[thought.end() :] if thought else text, path)


def _of_part(part: Any, who: str, what: str, path: Path) -> Iterator[Statement]:
    if not isinstance(part, Mapping):
        yield Statement(who, "part", _text(part), path)
        return
    kind = part.get("type", part.get("part_kind"))
    if (
        isinstance(kind, str)
        and kind in _ASKED
        and all(key in ("content", "part_kind") or key in SETTINGS for key in part)
    ):
        yield from _of_content(part.get("content"), _ASKED[kind], "text", (*path, "content"))
        return
    if kind == "thinking" and isinstance(part.get("thinking"), LIST):  # Mistral's
        yield from _of_content(part["thinking"], who, "thought", (*path, "thinking"))
        return
    if isinstance(part.get("reasoningContent"), Mapping):  # Bedrock's
        inner = part["reasoningContent"].get("reasoningText")
        yield from _of_part({"type": "thinking", **inner} if isinstance(inner, Mapping) else inner, who, what, path)
        return
    key = next((key for key in _TEXT_KEYS if isinstance(part.get(key), str)), None)
    if key is None or kind not in _TEXTS:
        yield Statement(who, "part", _text(part), path)
        return
    is_thought = kind in ("thinking", "reasoning") or part.get("thought") is True
    said = key if key == "refusal" else "thought" if is_thought else what
    yield from _of_text(part[key], who, said, (*path, key))
    for name, value in part.items():
        if name not in (key, "type", "part_kind", "thought") and not is_default(name, value) and name not in SETTINGS:
            yield Statement(who, name, _text(value), (*path, name))


def _text(value: Any) -> str:
    """Return a value as text that is equal for equal values; one that holds bytes never equals another."""
    return f'"{value}"' if type(value) is str else _encode(value)


_encode = json.JSONEncoder(sort_keys=True, default=repr).encode
