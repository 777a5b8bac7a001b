"""The losses of a conversion, with the shape to go back to."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Self

import attrs

from msgkit.errors import Kind, Loss, join_path
from msgkit.formats import DEFAULT
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
