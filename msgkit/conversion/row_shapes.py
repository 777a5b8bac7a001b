"""
Conversions of rows with branches, and of one shape of rows to another.

Each branch is converted by itself, as a body of its own; the ledger holds the losses of all, in order, and a record of
where everything stood.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs

from msgkit import formats
from msgkit.conversion.ledger import Ledger, Shape
from msgkit.conversion.proof import Conversion
from msgkit.conversion.row_pieces import Piece, layout, split
from msgkit.errors import InvalidMessageError, Issue, Loss, LossError, Path
from msgkit.formats import branch_parts, branches
from msgkit.formats.branch_parts import Branches
from msgkit.formats.common.columns import NAMES
from msgkit.jsontext.edit import patch
from msgkit.jsontext.values import same, without_keys
from msgkit.model.base import Mark
from msgkit.model.messages import Branch

Convert = Callable[[dict[str, Any], bool], Conversion]
Restore = Callable[[dict[str, Any], Ledger], Any]

RECORD = "rows"  # the record of the ledger's shape that says where everything stood
_INPUT = frozenset(("tools", "parallel_tool_calls"))  # what OpenAI's preference rows have beside the prompt


def convert(
    row: Any, branched: Branches, to: str, rows: str | None, run: Convert, refuses: Callable[[Loss], bool]
) -> Conversion:
    """Convert every piece of *row* and put them together in another row."""
    sources = split(branched, rows)
    out = _Out(to)
    _convert_all(
        out, row, branched, sources.pieces, None if rows is None else layout(rows, to, sources.pieces), run, refuses
    )
    clashes = out.clashes(row, branched)
    if any(map(refuses, clashes)):
        raise LossError(clashes)
    out.losses += clashes
    source = formats.recognize(branched.body)
    record = {
        "key": branched.key,
        "within": list(branched.within),
        "outer": sorted(out.outer(row, branched).keys() - {path[0] for path in out.values}),
        "bare": isinstance(row, list | tuple),
        "pieces": out.records,
        "lists": [{"path": list(path), "shape": shape, "of": of} for path, shape, of in sources.lists],
    }
    shape = Shape(source.name if source else formats.DEFAULT, target=to, records={RECORD: [record]})
    return Conversion(out.row(row, branched), Ledger(out.losses, shape))


def _convert_all(
    out: "_Out",
    row: Any,
    branched: Branches,
    pieces: Sequence[Piece],
    places: Mapping[str, tuple[tuple[str, ...], str]] | None,
    run: Convert,
    refuses: Callable[[Loss], bool],
) -> None:
    issues: list[Issue] = []
    refused: list[Loss] = []
    for number, piece in enumerate(pieces):
        target, shape = (piece.path, piece.shape) if places is None else places.get(piece.sort, ((), ""))
        if places is None and shape == "text":
            out.keep(piece, branched.rest if number == 0 else {})
            continue
        if not target:
            loss = Loss(piece.path, f"rows of this shape have no place for {piece.path[-1]}", _at(row, piece.path))
            out.losses.append(loss)
            refused += [loss] if refuses(loss) else []
            out.records.append({"to": [], "count": 0})
            continue
        try:
            out.add(piece, branched, target, shape, run, first=number == 0)
        except InvalidMessageError as error:
            issues += branch_parts.issues_in_row(error.issues, _alone(piece, branched))
        except LossError as error:
            refused += [_in_row(loss, piece, branched) for loss in error.losses]
    if issues:
        raise InvalidMessageError(issues)
    if refused:
        raise LossError(refused)


def _alone(piece: Piece, branched: Branches) -> Branches:
    branch = Branch(piece.path, len(piece.items), piece.shape)
    return attrs.evolve(branched, branches=(branch,), items=piece.items)


def _in_row(loss: Loss, piece: Piece, branched: Branches) -> Loss:
    path = branch_parts.place(loss.path, _alone(piece, branched)) if loss.path else ()
    at = len(piece.path)
    if path[:at] == piece.path and len(path) > at and isinstance(path[at], int):
        path = (*path[:at], int(path[at]) + piece.start, *path[at + 1 :])
    return attrs.evolve(loss, path=path)


def _in_piece(loss: Loss, record: Mapping[str, Any], whole: Mapping[str, Any]) -> Loss:
    """Return a loss with its path in the body of its piece: the inverse of ``_in_row``."""
    path, at = loss.path, tuple(record["path"])
    if path[: len(at)] == at:
        rest = path[len(at) :]
        if record["shape"] == "list":
            rest = (int(rest[0]) - record["start"], *rest[1:]) if rest else ()
        else:
            rest = (0, *rest)
        return attrs.evolve(loss, path=(whole["key"], *rest))
    within = tuple(whole["within"])
    return attrs.evolve(loss, path=path[len(within) :] if within and path[: len(within)] == within else path)


@attrs.define(eq=False, repr=False)
class _Out:
    """A row being put together."""

    to: str
    values: dict[tuple[str, ...], Any] = attrs.field(factory=dict)
    shapes: dict[tuple[str, ...], str] = attrs.field(factory=dict)
    rest: dict[str, Any] = attrs.field(factory=dict)
    losses: list[Loss] = attrs.field(factory=list)
    records: list[dict[str, Any]] = attrs.field(factory=list)
    media: dict[str, list[Any]] = attrs.field(factory=dict)  # columns of the answers

    def add(
        self, piece: Piece, branched: Branches, target: tuple[str, ...], shape: str, run: Convert, *, first: bool
    ) -> None:
        """Convert a piece and put it where it goes."""
        key = formats.get(self.to).list_key
        shares = branch_parts.share(branched, piece.path, piece.start, piece.items)
        result = run({branched.key: piece.items, **_own(branched.rest if first else {}, shares)}, first)
        payload = dict(result.payload)
        items = payload.pop(key, [])
        if first:
            self.rest = payload
            self.media = {} if piece.sort == "prompt" else {name: payload[name] for name in NAMES if name in payload}
        else:
            self.add_media(piece, payload)
        before = self.values.setdefault(target, [])
        record: dict[str, Any] = {
            "to": list(target),
            "start": len(before),
            "count": len(items),
            "path": list(piece.path),
        }
        if isinstance(items, str):
            self.values[target] = items
            record["count"] = -1
        else:
            self.values[target] = [*before, *items]
        self.shapes[target] = shape
        losses = [_in_row(loss, piece, branched) for loss in result.losses]
        lines = {"form": sorted(map(list, result.losses.shape.form)), "records": dict(result.losses.shape.records)}
        record |= {
            "from": piece.start,
            "shape": piece.shape,
            "losses": len(losses),
            "format": result.losses.shape.format,
        }
        self.losses += losses
        self.records.append({**record, **lines})

    def add_media(self, piece: Piece, payload: Mapping[str, Any]) -> None:
        """Add what is beside the messages of an answer to the row: media in a column that both answers share."""
        for name, value in payload.items():
            if name in NAMES and piece.path[-1] in branch_parts.WHOLE:
                self.rest[f"rejected_{NAMES[name]}s"] = value
                continue
            before, own = self.rest.get(name), self.media.get(name)
            if name not in NAMES or not isinstance(value, list) or (own is not None and not same(own, value)):
                told = f"{self.to} has {name} beside the messages, which an answer has not"
                raise LossError([Loss(piece.path, told, value)])
            if own is None:
                self.media[name] = value
                self.rest[name] = [*before, *value] if isinstance(before, list) else value

    def keep(self, piece: Piece, rest: Mapping[str, Any]) -> None:
        """Leave a text as it is."""
        self.values[piece.path] = branches.shaped(piece.items, piece.shape)
        self.shapes[piece.path] = piece.shape
        self.rest = self.rest or dict(rest)
        self.records.append({"to": list(piece.path), "kept": True})

    def outer(self, old: Any, branched: Branches) -> dict[str, Any]:
        """Return the keys of the row that are in no body."""
        names = {one.path[0] for one in branched.branches}
        return {key: old[key] for key in old if key not in names} if branched.within else {}

    def clashes(self, old: Any, branched: Branches) -> list[Loss]:
        """Return the keys beside the messages whose place the new row has for messages."""
        beside = {**({} if branched.within else self.rest), **self.outer(old, branched)}
        names = {path[0] for path in self.values}
        told = "the new row has messages under this key"
        return [Loss((key,), told, value) for key, value in beside.items() if key in names]

    def row(self, old: Any, branched: Branches) -> Any:
        """Return the row, its keys in the order of the old one as far as they stay."""
        new: dict[str, Any] = {}
        for path, value in self.values.items():
            shaped = value if isinstance(value, str) else branches.shaped(value, self.shapes[path])
            if len(path) == 1:
                new[path[0]] = shaped
            else:
                inner = self.rest if branched.within else {key: self.rest[key] for key in self.rest if key in _INPUT}
                new[path[0]] = {path[1]: shaped, **inner}
                self.rest = without_keys(self.rest, *inner)
        new |= without_keys({**self.rest, **self.outer(old, branched)}, *new)
        names = [key for key in (old if isinstance(old, Mapping) else ()) if key in new]
        if isinstance(old, list | tuple) and len(new) == 1 and len(self.values) == 1:
            return next(iter(new.values()))
        return {**{key: new[key] for key in names}, **new}


def _own(rest: Mapping[str, Any], shares: Mapping[str, list[Any]]) -> dict[str, Any]:
    """Return what is beside the messages of one piece, with the entries of the media columns that are its own."""
    own = {name: rest[name] if [rest.get(name)] == value else value for name, value in shares.items() if value}
    return {**without_keys(rest, *shares), **own}


def restore(row: Any, ledger: Ledger, run: Restore) -> Any:
    """Return the source of ``convert``."""
    whole = ledger.shape.records[RECORD][0]
    key = formats.get(str(ledger.shape.target)).list_key
    row = {key: row} if isinstance(row, list | tuple) else row
    new, losses = branches.find(row), list(ledger)
    made: list[list[Any]] = []
    rest: dict[str, Any] = {}
    kept: list[Loss] = []
    for number, record in enumerate(whole["pieces"]):
        if not record["to"]:
            kept.append(losses.pop(0))
            made.append([])
            continue
        if record.get("kept"):
            made.append([_at(row, tuple(record["to"]))])
            rest = rest or (_rest(row, whole) if number == 0 else {})
            continue
        own, losses = losses[: record["losses"]], losses[record["losses"] :]
        value = _at(row, tuple(record["to"]))
        items = value if record["count"] < 0 else _sliced(value, record)
        is_placed = new is not None and record["count"] >= 0
        shares = branch_parts.share(new, tuple(record["to"]), record["start"], items) if new and is_placed else {}
        body = {key: items, **_own(_rest(row, whole) if number == 0 else {}, shares)}
        shape = Shape(
            record["format"],
            form=frozenset(Mark(*mark) for mark in record["form"]),
            target=ledger.shape.target,
            records=record["records"],
        )
        piece = {**record, "start": record["from"]}
        source = dict(run(body, Ledger([_in_piece(loss, piece, whole) for loss in own], shape)))
        made.append(list(source.pop(whole["key"])))
        rest = rest or source
    return patch(_joined(row, whole, made, rest), [*kept, *losses])


def _sliced(value: Any, record: Mapping[str, Any]) -> list[Any]:
    items = list(value) if isinstance(value, list | tuple) else [value]
    return items[record["start"] : record["start"] + record["count"]]


def _rest(row: Mapping[str, Any], whole: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is beside the messages of the first piece."""
    paths = [tuple(record["to"]) for record in whole["pieces"] if record["to"]]
    names = {path[0] for path in paths}
    rest = {key: value for key, value in row.items() if key not in names and key not in whole["outer"]}
    inner = next((path for path in paths if len(path) > 1), None)
    return rest if inner is None else rest | {key: row[inner[0]][key] for key in row[inner[0]] if key != inner[1]}


def _joined(row: Mapping[str, Any], whole: Mapping[str, Any], made: list[list[Any]], rest: dict[str, Any]) -> Any:
    new: dict[str, Any] = {}
    for one in whole["lists"]:
        items = [item for number in one["of"] for item in made[number]]
        value = branches.shaped(items, one["shape"])
        path = tuple(one["path"])
        if len(path) == 1:
            new[path[0]] = value
        else:
            new[path[0]] = {path[1]: value, **rest}
            rest = {key: row[key] for key in whole["outer"]}
    new |= rest
    return next(iter(new.values())) if whole["bare"] else new


def _at(row: Any, path: Path) -> Any:
    for step in path:
        row = row[step]
    return row
