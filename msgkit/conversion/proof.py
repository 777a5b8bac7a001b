"""
Conversions that prove what they lose, and the way back.

The new payload is taken back by the same functions, and whatever then differs from the source is a loss, with what it
takes to undo it. So a conversion without losses comes back equal by itself, every loss is real, and ``restore`` is the
way back and the losses' values put in their places.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final, Literal

import attrs

from msgkit import formats
from msgkit.conversion.kinds import classified
from msgkit.conversion.ledger import Ledger, Shape
from msgkit.conversion.loss_messages import what_is_lost
from msgkit.conversion.translate import Translator, Written
from msgkit.errors import InvalidMessageError, Issue, Kind, Loss, LossError, Path, quote
from msgkit.formats import Format, envelopes
from msgkit.formats.common.call_matching import inverse
from msgkit.formats.common.capabilities import Capabilities
from msgkit.jsontext.diff import diff, patch
from msgkit.model.messages import Conversation, Envelope, Message

OnLoss = Literal["error", "strict", "drop"]
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
    """

    payload: Any
    losses: Ledger

    def __repr__(self) -> str:
        return f"Conversion({quote(self.payload)}, {len(self.losses):,} loss{'es' * (len(self.losses) != 1)})"


def convert(
    row: Any, conversation: Conversation, to: str, on_loss: OnLoss = "error", allow_loss: Collection[str] = ()
) -> Conversion:
    """
    Return *row* in the format *to*.

    Args:
        row: The source, in plain JSON values.

        conversation: What was loaded from it, with its envelope.

        to: The name of a format.

        on_loss: Which kinds of loss refuse the row; see ``REFUSED``.

        allow_loss: Names of losses that never do.

    Raises:
        LossError: With every loss that refuses the row.

        InvalidMessageError: If no message stays.

        UnknownNameError: If there is no such format.
    """
    envelope = conversation.envelope or Envelope(formats.DEFAULT)
    source, target = formats.get(envelope.format), formats.get(to)
    body, _ = envelopes.open_row(row)
    shape = Shape(source.name, envelope.bare, conversation.form, target.name)
    translator = Translator(source, target)
    written = translator.write(conversation)
    new = written.body
    back = translator.back(written.loaded.conversation, shape.form, written.order)
    bare = envelope.bare and len(new) == 1 and new.keys() == body.keys()
    steps = list(diff(body, back))
    losses = [*_shape_losses(shape, target, bare=bare), *_order_losses(written, target)]
    for step, kind in classified(steps, _names_told_twice(body)) if steps else ():
        losses.append(Loss((*envelope.path, *step.path), what_is_lost(step, to), step.value, step.change, kind))
    if (
        not losses
        and source is not target
        and any(_is_taken_back(one, source.capabilities) for one in conversation.messages)
    ):
        losses = [Loss((), f"{source.name} takes some of this back from restore only", kind="form")]
    refused = [loss for loss in losses if loss.kind in REFUSED[on_loss] and loss.name not in allow_loss]
    if refused:
        raise LossError(refused, _remedy(refused))
    if written.loaded.issues:  # also with drop: what does not load is no payload
        raise InvalidMessageError([_in_payload(issue, to) for issue in written.loaded.issues])
    return Conversion(envelopes.close_row(new, attrs.evolve(envelope, bare=bare)), Ledger(losses, shape))


def _in_payload(issue: Issue, target: str) -> Issue:
    return attrs.evolve(issue, message=f"the row in the format {target} would be refused: {issue.message}")


def _remedy(losses: Iterable[Loss]) -> str:
    names = sorted({loss.name for loss in losses})
    return f"leave out: on_loss='drop' all, allow_loss={names} these; restore brings them back"


def _shape_losses(shape: Shape, target: Format, *, bare: bool) -> Iterator[Loss]:
    if shape.bare and not bare:
        yield Loss((), f"{target.name} has an object around it", "bare", kind="form")
    if shape.form and shape.format != target.name:
        yield Loss((), f"{target.name} has other names for the keys", sorted(shape.form), kind="form")


def _order_losses(written: Written, target: Format) -> Iterator[Loss]:
    pairs = f"{target.name} pairs results with calls by their order"
    if written.order:
        yield Loss((), f"{pairs}: they stood in another", inverse(written.order), "order", "form")
    if written.strays:
        yield Loss((), f"{pairs}: these would answer other calls", written.strays)


def _is_taken_back(message: Message, holds: Capabilities) -> bool:
    """Tell whether the source had in *message* what a conversion to it would not write: reasoning, or a part there."""
    fitting = holds.parts_of(message.role)
    parts = message.content if isinstance(message.content, tuple) else ()
    return (message.reasoning is not None and holds.signed is not None) or any(
        part.type not in fitting for part in parts
    )


def _names_told_twice(body: Mapping[str, Any]) -> set[Path]:
    """Return where results name the function whose call they answer by its id."""
    names: dict[str, Any] = {}
    known: set[Path] = set()
    for i, message in _objects(body.get("messages")):
        for _, call in _objects(message.get("tool_calls")):
            function = call.get("function")
            names[str(call.get("id"))] = function.get("name") if isinstance(function, Mapping) else None
        name = message.get("name")
        if isinstance(name, str) and names.get(str(message.get("tool_call_id"))) == name:
            known.add(("messages", i, "name"))
    return known


def _objects(items: Any) -> Iterator[tuple[int, Mapping[str, Any]]]:
    entries = items if isinstance(items, list | tuple) else ()
    return ((i, item) for i, item in enumerate(entries) if isinstance(item, Mapping))


def restore(losses: Iterable[Loss], loaded: Conversation) -> Any:
    """
    Return the source of a conversion, exactly.

    Args:
        losses: Its losses; any sequence of them will do when the source was a Chat Completions body.

        loaded: What was loaded from its payload, with the envelope.
    """
    ledger = losses if isinstance(losses, Ledger) else Ledger(losses)
    envelope = loaded.envelope or Envelope(formats.DEFAULT)
    source, target = formats.get(ledger.shape.format), formats.get(envelope.format)
    order = next((inverse(loss.value) for loss in ledger if loss.change == "order"), ())
    back = Translator(source, target).back(loaded, ledger.shape.form, order)
    whole = envelopes.close_row(back, attrs.evolve(envelope, bare=False))
    whole = patch(whole, [loss for loss in ledger if loss.path])
    return next(iter(whole.values())) if ledger.shape.bare else whole
