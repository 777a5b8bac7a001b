"""
Masks of the loss: which messages a model is trained on, under the name that each trainer has for it.

Source: OpenAI guide, fine-tuning (``weight``); LLaMA-Factory ``src/llamafactory/v1/utils/types.py`` (``loss_weight``);
Axolotl ``docs/dataset-formats/conversation.qmd`` (``train``, ``train_detail``); ms-swift
``docs/source_en/Customization/Custom-dataset.md`` (``loss``); NeMo ``gpt_sft_chat_dataset.py`` (``mask``).
"""

from collections.abc import Mapping
from typing import Any

from msgkit.model.messages import Message
from msgkit.model.parts import NOTHING

MASKS = ("weight", "loss_weight", "train", "loss", "trainable")
"""Keys of messages that say whether, or how much, they are trained on."""

SPANS = "train_detail"
"""The key of a message that says so of spans of its text."""

ROLES = "mask"
"""The key of a row that names the roles that are not trained on."""

_NAMES = {"user": "User", "assistant": "Assistant", "system": "System"}  # of roles, as a row's mask has them


def is_trained(message: Message, row: Mapping[str, Any] = NOTHING) -> bool | None:
    """Return whether a message is trained on, wholly or in part; None where nothing says so."""
    for key in MASKS:
        value = message.extra.get(key)
        if isinstance(value, bool | int | float):
            return value != 0
    spans = message.extra.get(SPANS)
    if isinstance(spans, list | tuple) and spans:
        return any(isinstance(span, Mapping) and span.get("train") is not False for span in spans)
    masked_roles = row.get(ROLES)
    role = _NAMES.get(str(message.author.role))
    return role not in masked_roles if isinstance(masked_roles, str) and role is not None else None


def renamed(extra: Mapping[str, Any], mask: str | None) -> Mapping[str, Any]:
    """Return the further keys of a message with its mask under the name *mask*."""
    if mask is None or (mask in extra and not isinstance(extra[mask], bool | float)):
        return extra
    for key in (mask,) if mask in extra else MASKS:
        weight = _as(mask, extra[key]) if key in extra else None
        if weight is not None:
            return {**{name: value for name, value in extra.items() if name != key}, mask: weight}
    return extra


def _as(mask: str, value: Any) -> Any:
    """Return a weight as the key *mask* has it: a number, 0 or 1, or a boolean; None when it cannot say that."""
    if not isinstance(value, bool | int | float):
        return None
    if mask == "loss_weight":
        return float(value)
    return (int(value) if mask == "weight" else bool(value)) if value in (0, 1) else None
