"""tokens: what a part, a message or a request costs at a target."""

import math
from collections.abc import Mapping
from typing import Any, cast

from msgkit.api.loading import Payload, from_dict, open_payload
from msgkit.api.receivers import Receiver
from msgkit.errors import InvalidMessageError
from msgkit.media.constructors import media_of
from msgkit.media.sources import Place, Root
from msgkit.model.base import Value
from msgkit.model.media import Media
from msgkit.model.messages import Conversation, Message, user
from msgkit.model.parts import ContentPart
from msgkit.rules.media_probe import inspect_all
from msgkit.targets import Target
from msgkit.targets.tokens import media_tokens, text_tokens, texts


def tokens(
    value: Payload | Message | Value | Media, target: str, *, model: str | None = None, root: Place | None = None
) -> int | None:
    """
    Return the tokens that *value* costs at *target*; None where no formula is known for something in it.

    Images and audio by the formula of the target and model, from their headers alone; text by a rule of thumb (4
    ASCII characters, or 1 other character). The formulas and their sources are in ``msgkit targets NAME``.

    Args:
        value: A part, Media, a message or a payload. How closely an image part is looked at counts.

        target: Where the request goes.

        model: The model's name; the payload's own ``model`` when None, where the target takes its format. Nothing is
            known of a model that the target does not know; without any model the target's own formula holds.

        root: The folder that references may name files in; without it their tokens are not known.

    Raises:
        UnknownNameError: If there is no such target.

        MediaError: If a part holds no media, or a broken header.

        InvalidMessageError: If a payload does not load.

    >>> from msgkit import image
    >>> photo = image("examples/photos/cat.jpg", detail="high")
    >>> tokens(photo, "openai"), tokens(photo, "anthropic"), tokens(photo, "mistral")
    (765, 1036, None)
    >>> tokens(photo, "openai", model="gpt-5.4"), tokens(photo, "openai", model="gpt-0")
    (922, None)
    """
    receiver = Receiver(target, model)
    if isinstance(value, Mapping) and not _BODIES.intersection(value) and not _VALUES.isdisjoint(value):
        value = from_dict(value)
    if isinstance(value, Media) or hasattr(type(value), "media"):
        return media_tokens(receiver.of(Conversation(())).tokens, media_of(value).header, value)
    conversation = _conversation(value)
    return _of_conversation(conversation, receiver.of(conversation), root)


_VALUES = frozenset(("role", "author", "type"))
_BODIES = frozenset(("messages", "input", "contents", "conversations"))
"""Keys of messages and parts, and of payloads."""


def _conversation(value: Any) -> Conversation:
    if isinstance(value, Conversation):
        return value
    if isinstance(value, Message):
        return Conversation((value,))
    if isinstance(value, Value):
        return Conversation((user(cast(ContentPart, value)),))
    _, loaded = open_payload(value, None)
    if loaded.issues:
        raise InvalidMessageError(loaded.issues)
    return loaded.conversation


def _of_conversation(conversation: Conversation, target: Target, root: Place | None) -> int | None:
    if target.is_unknown_model:
        return None
    total = sum(text_tokens(text) for message in conversation.messages for text in texts(message))
    opener = None if root is None else Root(root).window
    for inspection in inspect_all(conversation, opener, None, ready=False):
        count = media_tokens(target.tokens, inspection.header, inspection.use.part)
        if count is None:
            return None
        total += count
    return math.ceil(total)
