"""
Conversions that prove what they lose, and the way back.

The new payload is taken back by the same functions, and whatever then differs from the source is a loss, with what it
takes to undo it. So a conversion without losses comes back equal by itself, every loss is real, and ``restore`` is the
way back and the losses' values put in their places.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, Final

import attrs

from msgkit import formats
from msgkit.conversion import OnLoss, Whose
from msgkit.conversion.adapting import DONE, Adaptation, received, set_keys, unset_keys
from msgkit.conversion.kinds import classified
from msgkit.conversion.ledger import Ledger, Shape
from msgkit.conversion.provenance import KEY, Provenance
from msgkit.conversion.translate import Translator, Written
from msgkit.conversion.wording import Words
from msgkit.errors import InvalidMessageError, Issue, Kind, Loss, LossError, Path, join_path, quote
from msgkit.formats import Format, Loaded, envelopes
from msgkit.formats.common.calls import inverse
from msgkit.formats.common.capabilities import Capabilities
from msgkit.jsontext.diff import diff
from msgkit.jsontext.edit import patch
from msgkit.jsontext.values import without_keys
from msgkit.model.base import NOTHING
from msgkit.model.messages import Conversation, Envelope
from msgkit.structuring.wire import changed

Errors = Callable[[Loaded, Mapping[str, Any], Whose], list[Issue]]
"""Returns why a receiver would refuse a loaded body that is sent as it is, or a trainer skip it, as a warning."""

_REQUIRED = "key-missing"
REFUSED: Final[Mapping[OnLoss, tuple[Kind, ...]]] = {
    "error": ("content",),
    "strict": ("content", "setting"),
    "drop": (),
}
"""The kinds of loss that refuse a row."""


@attrs.frozen
class Conversion:
    """
    A payload in another format, and what that could not carry.

    Args:
        payload: The new payload, in the envelope of the old one.

        losses: Every loss, with its path and value in the source; empty when the payload comes back equal by itself.

        missing: Keys that the receiver requires and that cannot be known: ``max_tokens``.

        skipped: Why the trainer that reads the format would skip the row; it is refused where that is the ``target``.

    >>> from msgkit import convert
    >>> result = convert([{"role": "user", "content": "Hello"}], to="anthropic")
    >>> result.payload, result.missing
    ([{'role': 'user', 'content': 'Hello'}], ('max_tokens',))
    """

    payload: Any
    losses: Ledger
    missing: tuple[str, ...] = ()
    skipped: tuple[Issue, ...] = ()

    def __repr__(self) -> str:
        return f"Conversion({quote(self.payload)}, {len(self.losses):,} loss{'es' * (len(self.losses) != 1)})"


def convert(
    row: Any,
    conversation: Conversation,
    to: str,
    on_loss: OnLoss = "error",
    allow_loss: Collection[str] = (),
    adaptation: Adaptation | None = None,
    errors: Errors | None = None,
    provenance: Provenance | None = None,
    columns: Collection[str] = (),
) -> Conversion:
    """Return *row*, from which *conversation* was loaded, in the format *to*; *columns* are named like settings."""
    if columns:
        conversation = changed(conversation, extra=without_keys(conversation.extra, *columns))
    envelope = conversation.envelope or Envelope(formats.DEFAULT)
    adaptation = adaptation or Adaptation()
    source, target = formats.get(envelope.format), formats.get(to)
    if source is not target:
        target = received(to, adaptation.receiver)
    is_body = isinstance(row, Mapping) and not (envelope.path or envelope.branches)
    body = row if is_body else envelopes.open_row(row)[0]
    translator = Translator(source, target, adaptation)
    written = translator.write(conversation if provenance is None else provenance.marked(conversation))
    told = {} if provenance is None else {KEY: provenance.moved(written.dumped, target.load(written.body, ()))}
    new, keys = set_keys(written.body, {**translator.adaptation.keys, **told})
    bare = envelope.bare and len(new) == 1 and new.keys() == body.keys()
    records = {**written.records, "set": keys} if keys else dict(written.records)
    shape = Shape(source.name, envelope.bare, conversation.form, target.name, records)
    losses = list(_shape_losses(shape, bare=bare))
    if columns or not (written.is_exact or written.loaded.issues):  # what does not load has no way back
        back = translator.back_from_chat(written.chat, conversation.form, written.order)
        losses += _order_losses(written, target)
        losses += _content_losses(body, back, envelope, target, {(key,) for key in source.copies})
    if provenance is not None:
        losses.append(Loss((KEY,), "kept in step with the messages", provenance.told, "set", "form"))
    if not losses and source is not target and _is_taken_back(conversation, source.capabilities):
        losses = [Loss((), f"{source.name} takes some of this back from restore only", kind="form")]
    refused = [loss for loss in losses if is_refused(loss, on_loss, allow_loss)]
    if refused:
        raise LossError(refused)
    issues = [_told(issue) for issue in written.loaded.issues]  # also with drop: what does not load is no payload
    if errors is not None and not issues:
        issues = _new_errors(errors, (written.loaded, new, to), (conversation, body))
        named = {one.path for one in issues} & conversation.extra.keys() if source.capabilities.open == "rows" else ()
        if named:
            return convert(row, conversation, to, on_loss, allow_loss, adaptation, errors, provenance, named)
    missing, skipped = _accepted(issues, envelope, to, adaptation)
    payload = envelopes.close_row(new, changed(envelope, bare=bare))
    return Conversion(payload, Ledger(losses, shape), missing, skipped)


def _told(issue: Issue) -> Issue:
    is_empty = issue.code == "messages-empty"
    return attrs.evolve(issue, message="none of the messages has a place there") if is_empty else issue


def _accepted(
    issues: list[Issue], envelope: Envelope, to: str, adaptation: Adaptation
) -> tuple[tuple[str, ...], tuple[Issue, ...]]:
    """Return the keys that nobody can know, and why a trainer would skip the row; raise for every other issue."""
    missing = [issue for issue in issues if _is_missing(issue)]
    skipped = [issue for issue in issues if issue.severity == "warning" and adaptation.receiver is None]
    faults = [_in_payload(issue, envelope, to) for issue in issues if issue not in (*missing, *skipped)]
    if faults:
        raise InvalidMessageError(faults)
    return tuple(issue.path for issue in missing), tuple(skipped)


def _is_missing(issue: Issue) -> bool:
    """Return whether an issue is of a key beside the messages, which only the caller can know: a limit of tokens."""
    return issue.code == _REQUIRED and issue.path.isidentifier()


def _new_errors(
    errors: Errors, written: tuple[Loaded, Mapping[str, Any], str], source: tuple[Conversation, Mapping[str, Any]]
) -> list[Issue]:
    """Return the errors of what was written that the source has not."""
    loaded, body, name = written
    around = Envelope(name)
    conversation = changed(loaded.conversation, envelope=around)
    there = Loaded(conversation, (), loaded.places)
    new = errors(there, body, "row")
    if all(map(_is_missing, new)):
        return new  # these are told by their names, whatever the source lacks
    before = {issue.code for issue in errors(Loaded(source[0]), source[1], "row")}
    new = [issue for issue in new if issue.code not in before]
    if not new:
        return []
    usual = {issue.code for issue in errors(there, body, "format")}
    hint = f"--target {formats.get(name).target} holds it against that receiver, whatever its model"
    return [issue if issue.code in usual else attrs.evolve(issue, hint=hint) for issue in new]


def is_refused(loss: Loss, on_loss: OnLoss, allow_loss: Collection[str]) -> bool:
    """Return whether a loss refuses its row."""
    return loss.kind in REFUSED[on_loss] and loss.name not in allow_loss


def _content_losses(
    body: Mapping[str, Any], back: Any, envelope: Envelope, target: Format, copies: set[Path]
) -> Iterator[Loss]:
    """Yield what the way back does not bring, and what it brings too much."""
    steps = list(diff(body, back))
    if not steps:
        return
    names = ("name", "function")
    known = _names_told_twice(body) if any(step.path[-1:] and step.path[-1] in names for step in steps) else set()
    words = Words(body, back, target, steps)
    for step, kind in classified(steps, copies | known, body, back):
        what = words.of(step, kind)
        yield Loss((*envelope.path, *step.path), what, step.value, step.change, kind)


def _in_payload(issue: Issue, envelope: Envelope, target: str) -> Issue:
    path = ".".join(filter(None, (join_path(envelope.path), issue.path)))
    message = f"the row in the format {target} would be refused: {issue.message}"
    hint = issue.hint or (f"msgkit check --fix --target {target} fixes it" if issue.fixable else None)
    return attrs.evolve(issue, path=path, message=message, hint=hint)


def _shape_losses(shape: Shape, *, bare: bool) -> Iterator[Loss]:
    if shape.bare and not bare:
        yield Loss((), f"{shape.target} has an object around it", "bare", kind="form")
    if shape.form and shape.format != shape.target:
        yield Loss((), f"{shape.target} has other names for the keys", sorted(map(list, shape.form)), kind="form")
    for name in shape.records:
        yield Loss((), DONE[name], kind="form")


def _order_losses(written: Written, target: Format) -> Iterator[Loss]:
    pairs = f"{target.name} pairs results with calls by their order"
    if written.order:
        yield Loss((), f"{pairs}: they stood in another", inverse(written.order), "order", "form")
    if written.strays:
        yield Loss((), f"{pairs}: these would answer other calls", written.strays)


def _is_taken_back(conversation: Conversation, source: Capabilities) -> bool:
    """Return whether the source had what a conversion to it would not write: a column, reasoning, a part."""
    if any(key not in source.body for key in conversation.extra):
        return True
    for message in conversation.messages:
        if message.reasoning is not None and source.signed is not None:
            return True
        if message.extra is not NOTHING and any(key not in source.message for key in message.extra):
            return True
        parts = message.content if isinstance(message.content, tuple) else ()
        if parts and any(part.type not in source.parts_of(message.role) for part in parts):
            return True
    return False


def _names_told_twice(body: Mapping[str, Any]) -> set[Path]:
    """Return where results name the function whose call they answer by its id."""
    names: dict[str, Any] = {}
    called: set[str] = set()
    known: set[Path] = set()
    for i, outer in _objects(body.get("messages")):
        within = next((key for key in _FIELDS if isinstance(outer.get(key), Mapping)), None)
        message = outer[within] if within else outer
        for _, call in _objects(message.get("tool_calls")):
            function = call.get("function", call.get("name"))
            names[str(call.get("id"))] = function.get("name") if isinstance(function, Mapping) else function
        older = message.get("function_call")
        called.update({str(older.get("name"))} if isinstance(older, Mapping) else ())
        for key in ("name", "function"):
            name = message.get(key)
            is_older = message.get("role") == "function" and name in called
            if isinstance(name, str) and (is_older or names.get(str(message.get("tool_call_id"))) == name):
                known.add(("messages", i, *([within] if within else []), key))
    return known


_FIELDS = ("data", "kwargs")  # where LangChain has the keys of a message


def _objects(items: Any) -> Iterator[tuple[int, Mapping[str, Any]]]:
    entries = items if isinstance(items, list | tuple) else ()
    return ((i, item) for i, item in enumerate(entries) if isinstance(item, Mapping))


def unset(row: Any, losses: Iterable[Loss]) -> Any:
    """Return the payload of a conversion without the keys that were set in it."""
    record = losses.shape.records.get("set") if isinstance(losses, Ledger) else None
    if not record:
        return row
    body, envelope = envelopes.open_row(row)
    return envelopes.close_row(unset_keys(body, record), envelope)


def restore(losses: Iterable[Loss], loaded: Conversation) -> Any:
    """Return the source of a conversion, exactly."""
    ledger = losses if isinstance(losses, Ledger) else Ledger(losses)
    envelope = loaded.envelope or Envelope(formats.DEFAULT)
    source, target = formats.get(ledger.shape.format), formats.get(envelope.format)
    order = next((inverse(loss.value) for loss in ledger if loss.change == "order"), ())
    back = Translator(source, target).back(loaded, ledger.shape.form, order, ledger.shape.records)
    whole = envelopes.close_row(back, attrs.evolve(envelope, bare=False))
    whole = patch(whole, [loss for loss in ledger if loss.path])
    return next(iter(whole.values())) if ledger.shape.bare else whole
