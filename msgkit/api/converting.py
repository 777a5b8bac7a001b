"""convert and restore."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from msgkit import formats
from msgkit.api.loading import Payload, load_row, plain_row, written
from msgkit.conversion import proof
from msgkit.conversion.adapting import Adaptation, HarmonySystem, ToolMedia
from msgkit.conversion.ledger import Ledger
from msgkit.conversion.proof import Conversion, OnLoss
from msgkit.errors import EXPECTED, InvalidMessageError, Loss, internal_error
from msgkit.formats import envelopes
from msgkit.model.messages import Conversation
from msgkit.model.parts import NOTHING


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
) -> Conversion:
    """
    Return *payload* in another format, and what that could not carry; :func:`restore` gives the source back exactly.

    Args:
        payload: A row, or a Conversation.

        to: The name of a format.

        format: The format of *payload*; told from its shape when None.

        on_loss: ``error`` refuses to lose content, ``strict`` settings, too, ``drop`` nothing; all is listed.

        allow_loss: What never refuses, by the loss's ``name``: ``["name", "detail"]``.

        tool_media: ``follow`` puts media of tool results into a user message after them where *to* takes text only.

        merge: Join neighbours of one role.

        filler: Text of a user message that is put where the assistant would speak first, or twice.

        set_keys: Keys of the new body and their values, such as ``{"max_tokens": 1024}``.

        harmony_system: What a system prompt becomes in Harmony: instructions of the ``developer`` message, as gpt-oss
            was trained, or a ``system`` message.

    Raises:
        InvalidMessageError: With every structural issue, or when nothing of the conversation stays.

        LossError: With every loss that refuses the payload.

    >>> row = {"messages": [{"role": "user", "content": "Hello", "name": "Ann"}]}
    >>> print(*convert(row, "anthropic", on_loss="drop").losses)
    messages[0].name: anthropic has no name on a message: 'Ann'
    """
    try:
        adaptation = Adaptation(tool_media, merge, filler, set_keys, harmony_system)
        return proof.convert(*_loaded(payload, format), to, on_loss, allow_loss, adaptation)
    except EXPECTED:
        raise
    except Exception as error:  # noqa: BLE001 (whatever a format raises costs its row alone)
        raise InvalidMessageError([internal_error(f"the conversion to {to}", error)]) from None


def _loaded(payload: Payload, format_name: str | None) -> tuple[Payload, Conversation]:
    if isinstance(payload, Conversation):
        _, payload = written(payload)
    row, faults = plain_row(payload)
    body, _ = envelopes.open_row(row)
    found = format_name or (payload.envelope.format if isinstance(payload, Conversation) and payload.envelope else None)
    found = found or formats.of_columns(body)
    loaded = load_row(row, found)
    if faults or loaded.issues:
        raise InvalidMessageError([*faults, *loaded.issues])
    return row, loaded.conversation


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
    return proof.restore(losses, load_row(proof.unset(row, losses), found).conversation)
