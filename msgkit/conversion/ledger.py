"""The losses of a conversion: the ledger of them, with the shape to go back to, and each in words."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Self

import attrs

from msgkit import formats
from msgkit.conversion.equivalence import is_form
from msgkit.errors import Kind, Loss, Path, join_path, quote
from msgkit.formats import DEFAULT
from msgkit.jsontext.diff import ABSENT, Difference
from msgkit.model.base import NOTHING, Mark

_SHAPE = "shape"  # change of the ledger's line that names the format


@attrs.frozen
class Shape:
    """What there is to know of a source besides its losses."""

    format: str = DEFAULT
    bare: bool = False  # whether it was a bare list of messages
    form: frozenset[Mark] = frozenset()  # the marks of the conversation: names of keys that are not the usual ones
    target: str | None = None  # the format that it was converted to; None when not known
    records: Mapping[str, list[Any]] = NOTHING  # what was changed because it was asked for, by name; see ``adapting``


class Ledger(tuple[Loss, ...]):  # noqa: SLOT001 (a tuple's subclass cannot have slots)
    """The losses of one conversion, and the shape to go back to."""

    shape: Shape  # the source's shape

    def __new__(cls, losses: Iterable[Loss] = (), shape: Shape | None = None) -> Self:
        """Return the ledger."""
        self = super().__new__(cls, losses)
        self.shape = shape or Shape()
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (tuple(self), self.shape)

    def lines(self, row: int) -> Iterator[dict[str, Any]]:
        """Yield the ledger as JSON objects: first the source's shape, then each loss."""
        fields = {name: getattr(self.shape, name) for name in ("format", "bare", "target")}
        value = {**fields, "form": sorted(map(list, self.shape.form)), "records": dict(self.shape.records)}
        what = f"the source was {self.shape.format}"
        yield {"row": row, "path": "", "steps": [], **_fields(what, value, _SHAPE, "form")}
        for loss in self:
            fields = _fields(loss.what, loss.value, loss.change, loss.kind)
            yield {"row": row, "path": join_path(loss.path), "steps": list(loss.path), **fields}

    @classmethod
    def of_lines(cls, lines: Iterable[Mapping[str, Any]]) -> Self:
        """Return the ledger of one row: the inverse of :meth:`lines`."""
        shape = Shape()
        losses = []
        for line in lines:
            value = line["value"]
            if line["change"] == _SHAPE:
                shape = Shape(**{**value, "form": frozenset(Mark(*mark) for mark in value["form"])})
            else:
                kind: Kind = line.get("kind") or ("form" if line.get("form") else "content")
                losses.append(Loss(tuple(line["steps"]), line["what"], value, line["change"], kind))
        return cls(losses, shape)


def _fields(what: str, value: Any, change: str, kind: str) -> dict[str, Any]:
    return {"what": what, "value": value, "change": change, "kind": kind, "form": kind == "form"}


_REASONING = frozenset(("reasoning", "reasoning_content"))
_SYSTEM = ("system message", "developer message", "system item", "developer item")
_PLACES = {
    "messages": "message",
    "conversations": "message",
    "conversation": "message",
    "contents": "content",
    "input": "item",
    "content": "part",
    "parts": "part",
    "tool_calls": "tool call",
    "tools": "tool",
}


def what_is_lost(step: Difference, target: str) -> str:
    """Say in words what *target* cannot carry."""
    last = step.path[-1] if step.path else "row"
    if isinstance(last, int):
        return _entry_lost(step, target)
    noun = _noun(step.path[:-1])
    if step.change == "delete":
        return f"the way back from {target} adds {last} to a {noun}"
    if last in _REASONING and noun == "message" and formats.get(target).capabilities.signed is not None:
        return f"{target} takes no reasoning that it did not sign itself"
    if step.value is None and step.other is ABSENT:
        return f"{target} leaves out the null of {last} on a {noun}"
    if (last == "refusal" and noun == "message") or (last == "content" and _is_refusal(step.value)):
        return f"{target} has no refusal: its text stays, as an answer"
    if last == "is_error" or (last, step.value) == ("status", "error") or step.path[-2:] == ("response", "error"):
        return f"{target} cannot mark a result as an error: the text stays"
    if step.other not in (ABSENT, ""):
        return f"{target} makes {last} {quote(step.other)}"
    return f"{target} has no {_key(step.path)} on a {noun}"


def _is_refusal(content: Any) -> bool:
    parts = content if isinstance(content, list) else []
    return bool(parts) and all(isinstance(part, Mapping) and part.get("type") == "refusal" for part in parts)


def _key(path: Path) -> str:
    """Return the key; of one in an object of the request, with the object's: generationConfig.topK."""
    return join_path(path) if all(isinstance(step, str) for step in path) else str(path[-1])


def _entry_lost(step: Difference, target: str) -> str:
    noun = _entry(step)
    if step.change == "delete":
        return f"the way back from {target} adds a {noun}"
    if step.change == "set":
        return f"{target} has another {noun} here"
    if is_form(step):
        return f"{target} joins this {noun} with another"
    own = formats.get(target).capabilities
    if noun in _SYSTEM and _is_text(step.value.get("content")) and (not own.system_inside or own.system_after):
        if own.system_inside:
            return f"{target} takes a system message here as the user's only: the text stays"
        return f"{target} takes system messages first only: the text stays, as the user's"
    return f"{target} has no place for this {noun}"


def _is_text(content: Any) -> bool:
    parts = content if isinstance(content, list) else [{"text": content}]
    return bool(content) and all(isinstance(part, Mapping) and isinstance(part.get("text"), str) for part in parts)


def _entry(step: Difference) -> str:
    """Name an entry of a list: text part, user message."""
    noun = _noun(step.path)
    kind = step.value.get("role" if "role" in step.value else "type") if isinstance(step.value, Mapping) else None
    return f"{kind} {noun}" if isinstance(kind, str) and kind.isidentifier() else noun


def _noun(path: Path) -> str:
    """Name what is at *path*: message, part, tool call."""
    names = [step for step in path if isinstance(step, str)]
    for name in reversed(names):
        if name in _PLACES:
            return _PLACES[name]
    return "request" if len(names) == len(path) else names[-1]
