"""convert and restore."""

from collections.abc import Collection, Iterable

from msgkit import formats
from msgkit.api.loading import Payload, load_row, plain_row, written
from msgkit.conversion import proof
from msgkit.conversion.ledger import Ledger
from msgkit.conversion.proof import Conversion, OnLoss
from msgkit.errors import EXPECTED, InvalidMessageError, Loss, internal_error
from msgkit.formats import envelopes
from msgkit.model.messages import Conversation


def convert(
    payload: Payload,
    to: str,
    *,
    format: str | None = None,  # noqa: A002
    on_loss: OnLoss = "error",
    allow_loss: Collection[str] = (),
) -> Conversion:
    """
    Return *payload* in another format, and what that could not carry.

    Placeholders for media columns are filled on the way. What was lost is found by going back and comparing, so a
    conversion without losses comes back equal by itself; otherwise :func:`restore` gives the source back exactly.

    Args:
        payload: A row, or a Conversation.

        to: The name of a format.

        format: The format of *payload*; told from its shape when None.

        on_loss: ``error`` refuses to lose content; ``strict`` refuses to lose settings (sampling, streaming, caching,
            a row's own keys), too; ``drop`` refuses nothing. Whatever is lost is listed, with its ``kind``.

        allow_loss: What never refuses, by the loss's ``name``: ``["name", "detail"]``.

    Raises:
        InvalidMessageError: With every structural issue, or when nothing of the conversation stays.

        LossError: With every loss that refuses the payload.

        UnknownNameError: If there is no such format.

    >>> row = {"messages": [{"role": "user", "content": "Hello", "name": "Ann"}]}
    >>> result = convert(row, "anthropic", on_loss="drop")
    >>> result.payload
    {'messages': [{'role': 'user', 'content': 'Hello'}]}
    >>> print(*result.losses)
    messages[0].name: anthropic has no name on a message: 'Ann'
    >>> restore(result.payload, result.losses, format="anthropic") == row
    True
    """
    try:
        return _convert(payload, to, format, on_loss, allow_loss)
    except EXPECTED:
        raise
    except Exception as error:  # noqa: BLE001 (whatever a format raises costs its row alone)
        raise InvalidMessageError([internal_error(f"the conversion to {to}", error)]) from None


def _convert(
    payload: Payload, to: str, format_name: str | None, on_loss: OnLoss, allow_loss: Collection[str]
) -> Conversion:
    if isinstance(payload, Conversation):
        _, payload = written(payload)
    row, faults = plain_row(payload)
    body, _ = envelopes.open_row(row)
    found = format_name or (payload.envelope.format if isinstance(payload, Conversation) and payload.envelope else None)
    found = found or formats.of_columns(body)
    loaded = load_row(row, found)
    if faults or loaded.issues:
        raise InvalidMessageError([*faults, *loaded.issues])
    return proof.convert(row, loaded.conversation, to, on_loss, allow_loss)


def restore(payload: Payload, losses: Iterable[Loss], *, format: str | None = None) -> Payload:  # noqa: A002
    """
    Return the source of a conversion, exactly: the way back, and the losses' values in their places.

    Args:
        payload: The payload of a :class:`Conversion`.

        losses: Its losses.

        format: The format of *payload*; told from the losses, or else from its shape, when None.
    """
    row, _ = plain_row(payload)
    found = format or (losses.shape.target if isinstance(losses, Ledger) else None)
    return proof.restore(losses, load_row(row, found).conversation)
