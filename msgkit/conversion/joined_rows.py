"""A prompt and its answer as one list of messages, and back."""

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from msgkit.conversion.ledger import Ledger
from msgkit.conversion.proof import Conversion
from msgkit.errors import InvalidMessageError, Loss, LossError
from msgkit.formats import branch_parts, branches, envelopes
from msgkit.formats.branch_parts import PROMPTS, WORSE, Branches
from msgkit.jsontext.edit import patch
from msgkit.jsontext.values import same, without_keys
from msgkit.model.messages import Branch

RECORD = "joined"  # the record of the ledger's shape that says where the messages stood


def convert(
    row: Mapping[str, Any],
    branched: Branches,
    run: Callable[[dict[str, Any]], Conversion],
    refuses: Callable[[Loss], bool],
    *,
    texts: bool = False,
) -> Conversion:
    """Convert the prompt and the better answer of *row* as one body; a worse one stays if both may be *texts*."""
    joined, left = _parts(branched)
    worse = _text(left, joined.items) if texts else None
    if worse is None:
        losses = [Loss(path, "one list of messages has no place for a worse answer", value) for path, value in left]
    else:
        losses = [Loss(path, "it stands under rejected, as a text", value, kind="form") for path, value in left]
    refused = [loss for loss in losses if refuses(loss)]
    try:
        result = run(joined.body)
    except InvalidMessageError as error:
        raise InvalidMessageError(branch_parts.issues_in_row(error.issues, joined)) from None
    except LossError as error:
        raise LossError([*(_placed(loss, joined) for loss in error.losses), *refused]) from None
    if refused:
        raise LossError(refused)
    outer = _outer(row, branched)
    clash = [Loss((key,), f"the messages stand under {key}", outer.pop(key)) for key in result.payload if key in outer]
    if any(map(refuses, clash)):
        raise LossError(clash)
    losses += clash
    record = {
        "key": branched.key,
        "within": list(branched.within),
        "branches": [[list(one.path), one.count, one.shape] for one in joined.branches],
        "outer": sorted(outer),
        "left": len(losses),
        "texts": worse is not None,
    }
    shape = attrs.evolve(result.losses.shape, records={**result.losses.shape.records, RECORD: [record]})
    ledger = Ledger([*(_placed(loss, joined) for loss in result.losses), *losses], shape)
    payload = result.payload if worse is None else _as_texts(result.payload, worse)
    return Conversion({**payload, **outer}, ledger)


def _text(left: list[tuple[tuple[str, ...], Any]], kept: list[Any]) -> str | None:
    """Return the text of the only answer that is left over, if it is only text after the same prompt."""
    value = left[0][1] if len(left) == 1 else None
    items = value if isinstance(value, list) else [value]
    is_alike = len(items) <= len(kept) and all(map(same, items[:-1], kept))
    text = branches.shaped(items[-1:], "text") if is_alike else None
    return text if isinstance(text, str) else None


def _as_texts(payload: Mapping[str, Any], worse: str) -> dict[str, Any]:
    """Return an exchange with its answer as the better one of two."""
    return {**{_BETTER.get(key, key): value for key, value in payload.items()}, "rejected": worse}


_BETTER = {"output": "chosen"}


def restore(row: Any, ledger: Ledger, run: Callable[[dict[str, Any], Ledger], Any]) -> Any:
    """Return the source of ``convert``."""
    record = ledger.shape.records[RECORD][0]
    parts = tuple(Branch(tuple(path), count, shape) for path, count, shape in record["branches"])
    known = Branches(parts, [], record["key"], {}, tuple(record["within"]))
    outer = {key: row[key] for key in record["outer"]}
    payload = without_keys(row, *outer)
    if record.get("texts"):
        old_names = {new: old for old, new in _BETTER.items()}
        payload = {old_names.get(key, key): value for key, value in payload.items() if key != "rejected"}
    own = list(ledger)[: len(ledger) - record["left"]]
    losses = [attrs.evolve(loss, path=branch_parts.unplace(loss.path, known)) for loss in own]
    body = run(payload, Ledger(losses, ledger.shape))
    inside: dict[str, Any] = {branch.path[0]: {} for branch in parts if len(branch.path) > 1}
    names = [branch.path[0] for branch in parts]
    rest = {} if inside else without_keys(body, record["key"])
    whole = envelopes.close_branches(body, {**inside, **dict.fromkeys(names), **inside, **rest}, parts)
    return patch({**whole, **outer}, list(ledger)[len(own) :])


def _parts(branched: Branches) -> tuple[Branches, list[tuple[tuple[str, ...], Any]]]:
    """Return the branches that are joined, and what is left of the row."""
    known = list(branch_parts.pieces(branched))
    kept = [one for one in known if one[0].path[-1] not in WORSE]
    if any(one[0].path[-1] in PROMPTS for one in kept):
        answers = [one for one in kept if one[0].path[-1] not in PROMPTS]
        kept = [one for one in kept if one[0].path[-1] in PROMPTS] + answers[:1]
    left = [
        (one.path, branches.shaped(items, one.shape)) for one, items in known if one not in [two for two, _ in kept]
    ]
    return branch_parts.part(branched, kept), left


def _placed(loss: Loss, joined: Branches) -> Loss:
    return attrs.evolve(loss, path=branch_parts.place(loss.path, joined)) if loss.path else loss


def _outer(row: Mapping[str, Any], branched: Branches) -> dict[str, Any]:
    names = {one.path[0] for one in branched.branches}
    return {key: row[key] for key in row if key not in names} if branched.within else {}
