"""Tool calls: arguments as text and as an object, ids where a format has none."""

import ast
import json
import math
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, Final, Self

import attrs

from msgkit.jsontext.values import same
from msgkit.model.calls import CustomToolCall, ToolCall
from msgkit.model.messages import Message, Role

RAW_ARGUMENTS = "raw_arguments"


def tools_of_text(text: Any) -> list[Any] | None:
    """Return the list of tools that *text* is the JSON of; None if it is not."""
    try:
        value = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, list) and all(isinstance(tool, dict) for tool in value) else None


def _refused(text: str) -> Any:
    raise ValueError(text)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


_DECODER: Any = json.JSONDecoder(
    parse_constant=_refused, parse_float=_finite
)  # made once: that takes longer than decoding
_ENCODER = json.JSONEncoder(ensure_ascii=False)


def parse_object(text: Any) -> dict[str, Any] | None:
    """Return the JSON object that *text* is; None for anything else: numbers that are not finite, lone surrogates."""
    try:
        value = _decoded(text) if isinstance(text, str) and "{" in text else None
        if value and "\\u" in text:
            to_text(value).encode()
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _decoded(text: str) -> Any:
    """Decode a JSON text; most begin and end without white space, which is looked for in vain otherwise."""
    if text.startswith("{") and text.endswith("}"):
        try:
            value, end = _DECODER.scan_once(text, 0)
        except StopIteration:
            raise ValueError(text) from None
        if end == len(text):
            return value
    return _DECODER.decode(text)


def parse(text: str) -> Any:
    """Return what a JSON text says; the text itself where it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def to_text(value: Any) -> str:
    """Return a JSON value as models write it."""
    return _ENCODER.encode(value)


NO_ARGUMENTS: Final = ("", "null")  # what models write for a function without parameters


def to_object(arguments: str) -> dict[str, Any]:
    """Return arguments as an object, empty text and null as an empty one; text that is none as ``raw_arguments``."""
    value = {} if arguments.strip() in NO_ARGUMENTS else parse_object(arguments)
    return value if value is not None else {RAW_ARGUMENTS: arguments}


def from_object(value: Any) -> str | None:
    """Return an object as arguments: the inverse of :func:`to_object`; None when *value* is no object."""
    if not isinstance(value, Mapping):
        return None
    text = value.get(RAW_ARGUMENTS)
    return text if len(value) == 1 and isinstance(text, str) and parse_object(text) is None else object_text(value)


def object_text(value: Any) -> str | None:
    """Return an object as JSON text; None when *value* is no object of JSON."""
    if not isinstance(value, Mapping):
        return None
    try:
        return to_text(value)
    except (TypeError, ValueError, RecursionError):
        return None


_LARGE = 2**63
_SURROGATES = re.compile("[\ud800-\udfff]")


def comes_back(value: Any) -> bool:
    """Fast check: True only if :func:`to_object` certainly gives *value* back from :func:`from_object`."""
    return type(value) is dict and RAW_ARGUMENTS not in value and _is_exact(value, 16)


def _is_exact(value: Any, depth: int) -> bool:
    kind = type(value)
    if kind is str:
        return value.isascii() or not _SURROGATES.search(value)
    if kind is dict:
        return (
            depth > 0 and all(type(key) is str and key.isascii() for key in value) and _are_exact(value.values(), depth)
        )
    if kind is int:
        return bool(-_LARGE < value < _LARGE)
    return kind is bool or value is None or (kind is list and depth > 0 and _are_exact(value, depth))


def _are_exact(values: Iterable[Any], depth: int) -> bool:
    for value in values:  # noqa: SIM110 (a generator takes twice as long)
        if not _is_exact(value, depth - 1):
            return False
    return True


def function_call(call_id: Any, name: Any, arguments: Any) -> dict[str, Any]:
    """Return the call of a function in the values' shape."""
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}


def minted(number: int) -> str:
    """Return the id of the *number*-th call of a conversation, where its format has none; every target takes it."""
    return f"call{number:05d}"


_CALLS = (ToolCall, CustomToolCall)


_TAG = re.compile(r"</?tool_(?:call|response)>")


def of_python(text: str) -> Any:
    """Return the object that Python reads a text as, with single quotes, as some rows have calls; None for others."""
    try:
        return ast.literal_eval(text) if text.startswith("{'") else None
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None


def same_tagged(one: str, two: str) -> bool:
    """Return whether two texts hold the same calls, or the same results, in the tags of Hermes, however spelled."""
    if "<tool_" not in one and "<tool_" not in two:
        return False
    said = [[part.strip() for part in _TAG.split(text) if part.strip()] for text in (one, two)]
    return len(said[0]) == len(said[1]) and all(
        a == b or (a[0] in "{[" and same(of_python(a) or parse(a), of_python(b) or parse(b)))
        for a, b in zip(*said, strict=True)
    )


@attrs.define(eq=False, repr=False)
class Pairing:
    """Calls are numbered as they come; results without an id answer the calls of their function in order."""

    number: int = 0
    names: dict[str, str] = attrs.field(factory=dict)
    pending: dict[str, list[str]] = attrs.field(factory=dict)
    unwritten: set[str] = attrs.field(factory=set)

    def copy(self) -> Self:
        """Return one that can go on by itself."""
        if not self.number:
            return type(self)()
        pending = {name: list(ids) for name, ids in self.pending.items()}
        return type(self)(self.number, dict(self.names), pending, set(self.unwritten))

    def call(self, name: str, known: str | None) -> str:
        """Note a call of function *name*; return its id, minted when it is not *known*."""
        self.number += 1
        call_id = known if known is not None else minted(self.number)
        self.names[call_id] = name
        self.pending.setdefault(name, []).append(call_id)
        return call_id

    def is_minted(self, name: str) -> bool:
        """Return whether this is what the call noted last gets as its id anyhow."""
        return name == minted(self.number)

    def next(self, name: str | None) -> str | None:
        """Return the id of the first call of function *name* (of any, when None) that has no result yet."""
        if name is not None:
            return next(iter(self.pending.get(name, ())), None)
        waiting = {call_id for ids in self.pending.values() for call_id in ids}
        return next((call_id for call_id in self.names if call_id in waiting), None)

    def answer(self, call_id: str | None) -> None:
        """Note that a call has its result."""
        waiting = self.pending.get(self.names.get(call_id or "", ""))
        if waiting and call_id in waiting:
            waiting.remove(call_id)


def call_order(messages: Sequence[Message], kinds: Collection[str]) -> tuple[int, ...]:
    """Return the numbers of the results in the order of their calls; nothing when they stand so already."""
    answers = _answers(messages, kinds)
    numbers = [-1 if call is None else call for _, call in answers]
    if numbers == sorted(numbers) and -1 not in numbers:
        return ()  # as in most conversations
    order: list[int] = []
    for is_result, run in groupby(messages, _is_result):
        if is_result:
            places = range(len(order), len(order) + len(list(run)))
            moved = iter(sorted((answer, i) for i in places if (answer := answers[i][1]) is not None))
            order += [i if answers[i][1] is None else next(moved)[1] for i in places]
    return () if order == sorted(order) else tuple(order)


def after_calls(messages: Sequence[Message]) -> list[int]:
    """Return the order in which each result follows the message of its call; nothing when they stand so already."""
    callers: dict[str | None, int] = {}
    places: list[int] = []
    for i, message in enumerate(messages):
        places.append(callers.get(message.tool_call_id, i) if _is_result(message) else i)
        callers |= {call.id: i for call in message.tool_calls or () if isinstance(call, _CALLS) and call.id is not None}
    return [] if places == sorted(places) else sorted(range(len(messages)), key=places.__getitem__)


def strays(before: Sequence[Message], after: Sequence[Message], kinds: Collection[str]) -> list[str]:
    """Return the ids of the results that answer another call, or none, *after* a conversion."""
    old, new = _answers(before, kinds), _answers(after, kinds)
    if len(old) != len(new):
        return []
    return [name for (name, call), (_, other) in zip(old, new, strict=True) if call is not None and call != other]


def _answers(messages: Sequence[Message], kinds: Collection[str]) -> list[tuple[str, int | None]]:
    """Return for each result its id, and which call has it, by number; None where no call before it does."""
    calls: dict[str, int] = {}
    number, pairs = 0, list[tuple[str, int | None]]()
    for message in messages:
        for call in message.tool_calls or ():
            if isinstance(call, _CALLS) and call.type in kinds:
                if call.id is not None:
                    calls[call.id] = number
                number += 1
        if _is_result(message):
            name = message.tool_call_id or ""
            pairs.append((name, calls.get(name)))
    return pairs


def _is_result(message: Message) -> bool:
    role = message.author.role
    return role is Role.TOOL or role is Role.FUNCTION


def reordered(messages: Sequence[Message], order: Sequence[int]) -> tuple[Message, ...]:
    """Return messages whose results are in another *order*: as they are when it is not of as many results."""
    places = [i for i, message in enumerate(messages) if _is_result(message)]
    ordered = list(messages)
    if sorted(order) == list(range(len(places))):
        for place, number in zip(places, order, strict=True):
            ordered[place] = messages[places[number]]
    return tuple(ordered)


def inverse(order: Sequence[int]) -> list[int]:
    """Return the order that undoes *order*."""
    return sorted(range(len(order)), key=order.__getitem__)
