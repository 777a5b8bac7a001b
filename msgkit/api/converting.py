"""convert and restore; for_replay, user_visible and for_training."""

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import lru_cache, partial
from typing import Any, TypeVar, cast

import attrs

from msgkit import formats, targets
from msgkit.api.loading import Payload, dump, load, load_row, plain_row, written
from msgkit.api.receivers import Receiver
from msgkit.conversion import HarmonySystem, OnLoss, Rows, ToolMedia, Whose, projections, whole_rows
from msgkit.conversion.adapting import Adaptation, received
from msgkit.conversion.ledger import Ledger
from msgkit.conversion.projections import Rule
from msgkit.conversion.proof import Conversion
from msgkit.conversion.whole_rows import RowConverter
from msgkit.errors import EXPECTED, InvalidMessageError, Issue, Loss, LossError, internal_error, quote
from msgkit.formats import Loaded
from msgkit.formats.common.columns import named
from msgkit.media.references import check_reference
from msgkit.model.base import NOTHING
from msgkit.model.messages import Conversation


def convert(  # noqa: PLR0913 (each is its own question)
    payload: Payload,
    to: str,
    *,
    format: str | None = None,  # noqa: A002
    on_loss: OnLoss = "error",
    allow_loss: Collection[str] = (),
    tool_media: ToolMedia = "refuse",
    merge: bool = False,
    filler: str | None = None,
    set_keys: Mapping[str, Any] = NOTHING,
    harmony_system: HarmonySystem = "developer",
    rows: Rows | None = None,
    columns: Collection[str] = (),
    provenance: bool = False,
    target: str | None = None,
) -> Conversion:
    """
    Return *payload* in another format, and what that could not carry; :func:`restore` gives the source back exactly.

    Args:
        payload: A row, or a Conversation.
        to: The name of a format.
        format: The format of *payload*; detected from its shape when None.
        on_loss: ``error`` refuses to lose content, ``strict`` settings, too, ``drop`` nothing; all is listed.
        allow_loss: What never refuses, by the loss's ``name``: ``["name", "input_audio"]``.
        tool_media: ``follow`` puts media of tool results into a user message after them where *to* takes text only.
        merge: Join neighbours of one role.
        filler: Text of a user message that is put where the assistant would speak first, or twice.
        set_keys: Keys of the new body and their values, such as ``{"max_tokens": 1024}``.
        harmony_system: What a system prompt becomes: the ``developer`` message's instructions, or a ``system`` message.
        rows: The new row's shape: ``messages``, ``prompt-completion``, ``preference``, ``alpaca``; as it is when None.
        columns: Columns of other names: ``image_path``, ``clip=video``, ``chat=messages``, ``reply=assistant``.
        provenance: Keep the key ``provenance`` of a session's row, where each message came from, in step with them.
        target: Who receives the new body, such as ``vllm``: its parts and rules hold; the format's own when None.

    Raises:
        InvalidMessageError: With every structural issue, and with those that only the new payload has.

        LossError: With every loss that refuses the payload.

    >>> row = {"messages": [{"role": "user", "content": "Hello", "name": "Ann"}]}
    >>> print(*convert(row, "anthropic", on_loss="drop").losses)
    messages[0].name: anthropic has no name on a message: 'Ann'
    """
    asked = (tool_media, merge, filler, harmony_system, target)
    converter = _converter(to, rows, on_loss, tuple(allow_loss), *asked)
    if set_keys:
        converter = attrs.evolve(converter, adaptation=attrs.evolve(converter.adaptation, keys=set_keys))
    with named(columns):
        return _converted(converter, payload, format, provenance=provenance)


@lru_cache(maxsize=64)
def _converter(
    to: str,
    rows: Rows | None,
    on_loss: OnLoss,
    allow_loss: tuple[str, ...],
    tool_media: ToolMedia,
    merge: bool,  # noqa: FBT001 (a key of the cache)
    filler: str | None,
    harmony_system: HarmonySystem,
    target: str | None,
) -> RowConverter:
    """Return what converts rows as asked; made once for all rows."""
    if rows == "alpaca" and formats.get(to).preference != rows:
        raise ValueError(f"rows of the shape alpaca are those of the format alpaca, not of {to}")
    if on_loss not in ("error", "strict", "drop"):
        raise ValueError(f"expected on_loss to be error, strict or drop, got {quote(on_loss)}")
    received(to, target)
    adaptation = Adaptation(tool_media, merge, filler, NOTHING, harmony_system, target)
    return RowConverter(to, rows, on_loss, allow_loss, adaptation, load_row, partial(_errors, Receiver(target)))


def _converted(converter: RowConverter, payload: Payload, format_name: str | None, *, provenance: bool) -> Conversion:
    try:
        row, name = _opened(payload, format_name)
        return (converter.convert_with_provenance if provenance else converter.convert)(row, name)
    except LossError as error:
        raise LossError(error.losses, _remedy(error.losses)) from None
    except EXPECTED:
        raise
    except Exception as error:  # noqa: BLE001 (whatever a format raises costs its row alone)
        raise InvalidMessageError([internal_error(f"the conversion to {converter.to}", error)]) from None


def _remedy(losses: Iterable[Loss]) -> str:
    names = sorted({loss.name for loss in losses})
    return f"on_loss='drop' leaves out all losses, allow_loss={names} these; restore brings them back"


def _opened(payload: Payload, format_name: str | None) -> tuple[Any, str | None]:
    """Return a payload as dicts and lists, and the name of its format where that is known."""
    if isinstance(payload, Conversation):
        _, payload = written(payload)
        around = payload.envelope
        format_name = format_name or (around.format if around else None)
    row, faults = plain_row(payload)
    if faults:
        raise InvalidMessageError(faults)
    return row, format_name


def _errors(receiver: Receiver, loaded: Loaded, body: Mapping[str, Any], whose: Whose) -> list[Issue]:
    """Return why a receiver would refuse a body that is sent as it is, or a trainer skip the row."""
    from msgkit import rules  # lazy: many

    target, envelope = receiver.of(loaded.conversation), loaded.conversation.envelope
    if whose == "format" and receiver.target is None and envelope is not None:
        target = targets.get(formats.get(envelope.format).target)
    issues = rules.run(loaded, target, row=body, grammar=check_reference, ready=True, errors_only=True)
    skips = "role-order" if target.roles.even is not None else None
    return [issue for issue in issues if issue.severity == "error" or issue.code == skips]


def restore(payload: Payload, losses: Iterable[Loss], *, format: str | None = None) -> Payload:  # noqa: A002
    """
    Return the source of a conversion, exactly: the way back, and the losses' values in their places.

    Args:
        payload: The payload of a :class:`Conversion`.

        losses: Its losses.

        format: The format of *payload*; detected from the losses, or else from its shape, when None.

    >>> row = [{"role": "user", "content": "Hello", "name": "Ann"}]
    >>> result = convert(row, to="anthropic", on_loss="drop")
    >>> restore(result.payload, result.losses) == row
    True
    """
    row, _ = plain_row(payload)
    return whole_rows.restore(row, losses if isinstance(losses, Ledger) else Ledger(losses), format, load_row)


P = TypeVar("P")


def for_replay(payload: P, rule: Rule = "documented") -> P:
    """
    Return what to send for the next answer: without the reasoning that led to answers given already.

    Args:
        payload: A row, or a Conversation; the same comes back.

        rule: ``documented``: what was thought before the last final message goes, the turn in progress keeps it
            (openai/harmony ``docs/format.md``). ``library``: only what was thought before the first final message goes,
            and only when the assistant spoke last on final (openai-harmony 0.0.8).

    >>> for_replay([{"role": "assistant", "content": "Hi", "reasoning": "Greet."}, {"role": "user", "content": "Bye"}])
    [{'role': 'assistant', 'content': 'Hi'}, {'role': 'user', 'content': 'Bye'}]
    """
    return _viewed(payload, lambda conversation: projections.for_replay(conversation, rule))


def user_visible(payload: P) -> P:
    """
    Return what the user may see: what was asked, answers, and preambles of calls; no reasoning, calls or results.

    Nothing but text, media, refusals and names is kept, so that nothing leaks by way of an unknown key or part.

    Args:
        payload: A row, or a Conversation; the same comes back.

    >>> user_visible([{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Hello"}])
    [{'role': 'user', 'content': 'Hello'}]
    """
    return _viewed(payload, projections.user_visible)


def for_training(payload: P) -> P:
    """
    Return a training example: reasoning only behind the last user message, its answer ending in ``<|return|>``.

    The ending shows in Harmony's text; stored histories end every message with ``<|end|>``.

    Args:
        payload: A row, or a Conversation; the same comes back.

    >>> for_training("<|start|>user<|message|>Hi<|end|><|start|>assistant<|channel|>final<|message|>Hello<|end|>")
    '<|start|>user<|message|>Hi<|end|><|start|>assistant<|channel|>final<|message|>Hello<|return|>'
    """
    return _viewed(payload, projections.for_training)


def _viewed(payload: P, view: Callable[[Conversation], Conversation]) -> P:
    if isinstance(payload, Conversation):
        return cast(P, view(payload))
    return cast(P, dump(view(load(payload))))
