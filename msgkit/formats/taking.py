"""Whether a format takes a body that no sign tells to be its own."""

from msgkit.formats.base import Format, Loaded
from msgkit.formats.common.builder import RAW
from msgkit.model.messages import Message
from msgkit.model.parts import UnknownPart


def is_taken(loaded: Loaded, wanted: Format) -> bool:
    """Return whether a body that was *loaded* as the format *wanted* has nothing that this format does not define."""
    return not loaded.issues and all(_is_known(message, wanted) for message in loaded.conversation.messages)


def _is_known(message: Message, wanted: Format) -> bool:
    if wanted.name in message.extra or message.function_call is not None:
        return False  # a format keeps under its name what it does not define
    if wanted.is_harmony and (message.tool_calls is not None or message.tool_call_id is not None):
        return False
    parts = message.content if isinstance(message.content, tuple) else ()
    return all(
        wanted.is_opaque(part.data) if isinstance(part, UnknownPart) else RAW not in getattr(part, "form", ())
        for part in parts
    )
