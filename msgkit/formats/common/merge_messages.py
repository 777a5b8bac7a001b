"""Messages of one side, which some formats join: what the user's side says, tools included, and the assistant's."""

from collections.abc import Callable, Iterator, Mapping
from itertools import takewhile
from typing import Any

from msgkit.formats.common.builder import APART, marks
from msgkit.jsontext.values import OBJECT
from msgkit.model.base import Mark

# form: a system message that stands among the others although it could be beside them
INLINE = Mark("blocks", "inline")
TOGETHER = Mark("blocks", "together")  # form: a result and what is before it are one message, or the other way round
_SIDES = {"tool": "user", "function": "user", "developer": "system"}


def side(message: Mapping[str, Any]) -> str:
    """Return whose side a message is on."""
    role = str(message.get("role"))
    return _SIDES.get(role, role)


def split_lead(messages: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the system messages that the conversation begins with, and the rest."""
    lead = list(takewhile(lambda message: side(message) == "system" and INLINE not in marks(message), messages))
    return lead, messages[len(lead) :]


def groups(
    messages: list[dict[str, Any]],
    keys_of: Callable[[Mapping[str, Any]], Mapping[str, Any]],
    *,
    results_apart: bool = False,
) -> Iterator[list[dict[str, Any]]]:
    """Yield the runs of messages of one side, which become one; system messages stay alone."""
    group: list[dict[str, Any]] = []
    for message in messages:
        joins = group and side(group[0]) == side(message) != "system" and APART not in marks(message)
        if joins and results_apart and TOGETHER not in marks(message):
            joins = (group[-1].get("role") == "tool") == (message.get("role") == "tool")
        if group and (not joins or keys_of(message)):
            yield group
            group = []
        group.append(message)
    if group:
        yield group


def text_or_parts(parts: list[Any], *, beside: bool) -> Any:
    """Return a sole plain text as a string, and nothing *beside* reasoning or calls as None; else the parts."""
    sole = parts[0] if len(parts) == 1 else None
    if isinstance(sole, OBJECT) and sole.keys() == {"type", "text"} and isinstance(sole["text"], str):
        return sole["text"]
    return None if beside and not parts else parts
