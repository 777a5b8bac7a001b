"""
From one format to another, and exactly back.

Losses are proved, not listed by hand: the new payload is taken back by the same functions, and whatever then differs
from the source is a loss, with what it takes to mend it. So a conversion without losses comes back equal by itself,
every loss is real, and ``restore`` is the way back and the losses' values put in their places.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, Self

import attrs

from msgkit import formats
from msgkit.conversion.losses import is_form, what_is_lost
from msgkit.errors import Loss, LossError, Path, join_path, quote
from msgkit.formats import Format, envelopes
from msgkit.formats.common.call_matching import call_order, inverse, reordered, strays
from msgkit.formats.common.capabilities import Capabilities, Cut
from msgkit.jsontext.diff import Difference, diff, patch
from msgkit.model.messages import Conversation, Envelope, Message

OnLoss = Literal["error", "drop"]
_SHAPE = "shape"  # change of the ledger's line that names the format


@attrs.frozen
class Shape:
    """
    What there is to know of a source besides its losses.

    Args:
        format: Its format.

        bare: Whether it was a bare list of messages.

        form: The marks of the conversation: names of keys that are not the usual ones.

        target: The format that it was converted to; None when not known.
    """

    format: str = formats.DEFAULT
    bare: bool = False
    form: frozenset[str] = frozenset()
    target: str | None = None


class Ledger(tuple[Loss, ...]):  # noqa: SLOT001 (a tuple's subclass cannot have slots)
    """
    The losses of one conversion, and the shape to go back to.

    Args:
        losses: In the order of the source.

        shape: The source's shape.
    """

    shape: Shape

    def __new__(cls, losses: Iterable[Loss] = (), shape: Shape | None = None) -> Self:
        """Return the ledger."""
        self = super().__new__(cls, losses)
        self.shape = shape or Shape()
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (tuple(self), self.shape)

    def lines(self, row: int) -> Iterator[dict[str, Any]]:
        """
        Yield the ledger as JSON objects: first the source's shape, then each loss.

        Args:
            row: The row's number, 1-based.
        """
        shape = {**attrs.asdict(self.shape), "form": sorted(self.shape.form)}
        told = {"what": f"the source was {self.shape.format}", "value": shape, "change": _SHAPE, "form": True}
        yield {"row": row, "path": "", "steps": [], **told}
        for loss in self:
            yield {"row": row, "path": join_path(loss.path), "steps": list(loss.path), **_fields(loss)}

    @classmethod
    def of_lines(cls, lines: Iterable[Mapping[str, Any]]) -> Self:
        """Return the ledger of one row: the inverse of :meth:`lines`."""
        shape = Shape()
        losses = []
        for line in lines:
            value = line["value"]
            if line["change"] == _SHAPE:
                shape = Shape(**{**value, "form": frozenset(value["form"])})
            else:
                losses.append(Loss(tuple(line["steps"]), line["what"], value, line["change"], line.get("form", False)))
        return cls(losses, shape)


def _fields(loss: Loss) -> dict[str, Any]:
    return {"what": loss.what, "value": loss.value, "change": loss.change, "form": loss.form}


@attrs.frozen
class _Written:
    """A body in the target's format; the new order of results, if it is one; the ids of those that lose their call."""

    body: dict[str, Any]
    loaded: Conversation
    order: Sequence[int]
    strays: Sequence[str]


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


def convert(row: Any, conversation: Conversation, to: str, on_loss: OnLoss = "error") -> Conversion:
    """
    Return *row* in the format *to*.

    Args:
        row: The source, in plain JSON values.

        conversation: What was loaded from it, with its envelope.

        to: The name of a format.

        on_loss: ``error`` refuses to lose meaning; ``drop`` goes on and lists what is lost.

    Raises:
        LossError: With every loss, if one of them is more than a matter of form.

        UnknownNameError: If there is no such format.
    """
    envelope = conversation.envelope or Envelope(formats.DEFAULT)
    source, target = formats.get(envelope.format), formats.get(to)
    body, _ = envelopes.open_row(row)
    shape = Shape(source.name, envelope.bare, conversation.form, target.name)
    written = _write(conversation, source, target)
    new = written.body
    back = _translate(written.loaded, target, source, shape.form, back=True, order=inverse(written.order))
    bare = envelope.bare and len(new) == 1 and new.keys() == body.keys()
    known = _names_told_twice(body)
    found = [_loss(step, envelope, target, form=is_form(step) or step.path in known) for step in diff(body, back)]
    losses = [*_shape_losses(shape, target, bare=bare), *_order_losses(written, target), *found]
    if (
        not losses
        and source is not target
        and any(_is_taken_back(one, source.capabilities) for one in conversation.messages)
    ):
        losses = [Loss((), f"{source.name} takes some of this back from restore only", form=True)]
    refused = [loss for loss in losses if not loss.form]
    if on_loss == "error" and refused:
        raise LossError(refused)
    return Conversion(envelopes.close_row(new, attrs.evolve(envelope, bare=bare)), Ledger(losses, shape))


def _shape_losses(shape: Shape, target: Format, *, bare: bool) -> Iterator[Loss]:
    if shape.bare and not bare:
        yield Loss((), f"{target.name} has an object around it", "bare", form=True)
    if shape.form and shape.format != target.name:
        yield Loss((), f"{target.name} has other names for the keys", sorted(shape.form), form=True)


def _order_losses(written: _Written, target: Format) -> Iterator[Loss]:
    pairs = f"{target.name} pairs results with calls by their order"
    if written.order:
        yield Loss((), f"{pairs}: they stood in another", inverse(written.order), "order", form=True)
    if written.strays:
        yield Loss((), f"{pairs}: these would answer other calls", written.strays)


def _is_taken_back(message: Message, holds: Capabilities) -> bool:
    """Tell whether the source had in *message* what a conversion to it would not write: reasoning, or a part there."""
    fitting = holds.parts_of(message.role)
    parts = message.content if isinstance(message.content, tuple) else ()
    return (message.reasoning is not None and holds.signed is not None) or any(
        part.type not in fitting for part in parts
    )


def _loss(found: Difference, envelope: Envelope, target: Format, *, form: bool) -> Loss:
    path = (*envelope.path, *found.path)
    return Loss(path, what_is_lost(found, target.name), found.value, found.change, form=form)


def _names_told_twice(body: Mapping[str, Any]) -> set[Path]:
    """Return where results name the function whose call they answer by its id."""
    names: dict[str, Any] = {}
    found: set[Path] = set()
    for i, message in _objects(body.get("messages")):
        for _, call in _objects(message.get("tool_calls")):
            function = call.get("function")
            names[str(call.get("id"))] = function.get("name") if isinstance(function, Mapping) else None
        name = message.get("name")
        if isinstance(name, str) and names.get(str(message.get("tool_call_id"))) == name:
            found.add(("messages", i, "name"))
    return found


def _objects(items: Any) -> Iterator[tuple[int, Mapping[str, Any]]]:
    found = items if isinstance(items, list | tuple) else ()
    return ((i, item) for i, item in enumerate(found) if isinstance(item, Mapping))


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
    order = next((loss.value for loss in ledger if loss.change == "order"), ())
    back = _translate(loaded, target, source, ledger.shape.form, back=True, order=order)
    whole = envelopes.close_row(back, attrs.evolve(envelope, bare=False))
    whole = patch(whole, [loss for loss in ledger if loss.path])
    return next(iter(whole.values())) if ledger.shape.bare else whole


def _write(conversation: Conversation, source: Format, target: Format) -> _Written:
    """Write a conversation; results stand in the order of their calls where that order pairs them."""
    messages = _as_chat(conversation, source, target).messages
    order = () if source is target else call_order(messages, _call_types(target))
    written = _write_ordered(conversation, source, target, () if target.capabilities.call_ids else order)
    return _write_ordered(conversation, source, target, order) if order and written.strays else written


def _write_ordered(conversation: Conversation, source: Format, target: Format, order: Sequence[int]) -> _Written:
    body = _translate(conversation, source, target, order=order)
    loaded = target.load(body, ()).conversation
    before = reordered(_as_chat(conversation, source, target).messages, order)
    after = _as_chat(loaded, target, source).messages
    return _Written(body, loaded, order, strays(before, after, _call_types(target)))


def _call_types(target: Format) -> Collection[str]:
    """Return the types of calls that *target* holds; Harmony's are messages, of every type."""
    return target.capabilities.calls or ("function", "custom")


def _translate(
    conversation: Conversation,
    source: Format,
    target: Format,
    form: frozenset[str] = frozenset(),
    *,
    back: bool = False,
    order: Sequence[int] = (),
) -> dict[str, Any]:
    """
    Return the body in the target's format, without a word about what is lost.

    Args:
        conversation: Loaded from a body of *source*.

        source: From where.

        target: To where.

        form: What the new conversation's form is.

        back: Whether the target is where the conversation came from at first.

        order: The order in which results of calls are written; as they stand when empty.
    """
    if source is target:
        return target.dump(conversation)
    conversation = _as_chat(conversation, source, target)
    if order:
        conversation = attrs.evolve(conversation, messages=reordered(conversation.messages, order))
    if target.from_chat is not None and not source.is_harmony:
        conversation = target.from_chat(conversation)
    conversation = Cut(source.capabilities, target.capabilities, (source.name, target.name), back).conversation(
        conversation
    )
    return target.dump(attrs.evolve(conversation, form=form))


def _as_chat(conversation: Conversation, source: Format, target: Format) -> Conversation:
    """Return a conversation as Chat Completions has it, unless both formats are Harmony's."""
    return conversation if source.to_chat is None or target.is_harmony else source.to_chat(conversation)
