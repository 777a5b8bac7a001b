"""For formats whose messages are nearly the values' own: a message is translated only when it comes back the same."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from msgkit.errors import InvalidMessageError
from msgkit.formats.common.builder import mark
from msgkit.formats.common.call_matching import Pairing
from msgkit.jsontext.diff import same
from msgkit.model.base import Mark
from msgkit.model.messages import Message
from msgkit.structuring import load_value

UNLIKE = Mark("values", "as-is")  # form of a message: not translated


def load_alike(
    message: Any, translate: Callable[[Mapping[str, Any]], dict[str, Any] | None], dump: Callable[[Message], Any]
) -> Any:
    """Return a message translated into the values' shape, or as it is."""
    if not isinstance(message, Mapping):
        return message
    for candidate in (translate(message), message):
        try:
            if candidate is not None and same(message, dump(load_value(candidate, Message))):
                return candidate
        except InvalidMessageError:
            continue
    return mark(message, UNLIKE)


def load_paired(
    message: Any,
    translate: Callable[[Mapping[str, Any], Pairing], dict[str, Any] | None],
    dump: Callable[[Message, Pairing], Any],
    pairing: Pairing,
) -> Any:
    """Do the same for a message whose calls and results are numbered, and note them in *pairing*."""
    value = load_alike(message, lambda data: translate(data, pairing.copy()), lambda found: dump(found, pairing.copy()))
    with suppress(InvalidMessageError):
        dump(load_value(value, Message), pairing)
    return value
