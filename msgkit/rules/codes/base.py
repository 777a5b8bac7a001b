"""What the table of codes holds, and short ways to write examples."""

from collections.abc import Mapping
from typing import Any

import attrs

from msgkit.errors import Severity

NOTHING: Mapping[str, Any] = {}


@attrs.frozen
class Code:
    """
    One code, explained.

    Args:
        name: Stable kebab-case name.

        sentence: What is wrong, in one sentence.

        severity: ``error`` (it would be refused) or ``warning`` (it does harm); a target may differ.

        source: The document that the rule comes from.

        bad: A row with this issue and no other; for the codes of reading, a line of a file as text or bytes; None where
            no row shows it.

        good: The same row, mended.

        at: Where in the failing row the issue is; empty for the whole row.

        hint: The remedy, when it is certain.

        fixable: True when ``check --fix`` mends it, at least where the values allow.

        target: The target that the examples are checked against.

        limits: Limits of that target made small, so that an example need not be huge.

        ready: True when the examples are checked as rows to be sent as they are.

        files: Files below the root that the examples are checked with, name -> bytes; None for no root.

        command: Who reports it, for the codes that are not check's.
    """

    name: str
    sentence: str
    severity: Severity
    source: str
    bad: Any = None
    good: Any = None
    at: str = ""
    hint: str | None = None
    fixable: bool = False
    target: str = "openai"
    limits: Mapping[str, int | float] = NOTHING
    ready: bool = False
    files: Mapping[str, bytes] | None = None
    command: str = "msgkit check"


def user(*content: Any, **more: Any) -> dict[str, Any]:
    """Return a user message as on the wire: a string, or a list of parts."""
    return {"role": "user", "content": content[0] if isinstance(content[0], str) else list(content), **more}


def assistant(content: Any = None, **more: Any) -> dict[str, Any]:
    """Return an assistant message as on the wire."""
    return {"role": "assistant", "content": content, **more}


def call(
    name: str | None = "call_1", function: str = "get_weather", arguments: str = '{"city": "Oslo"}'
) -> dict[str, Any]:
    """Return a tool call as on the wire."""
    return {"id": name, "type": "function", "function": {"name": function, "arguments": arguments}}


def result(name: str = "call_1", content: str = "12 degrees") -> dict[str, Any]:
    """Return a tool message as on the wire."""
    return {"role": "tool", "tool_call_id": name, "content": content}


def image(url: str, **more: Any) -> dict[str, Any]:
    """Return an image part as on the wire."""
    return {"type": "image_url", "image_url": {"url": url, **more}}


def audio(data: str, name: str | None = "wav") -> dict[str, Any]:
    """Return an audio part as on the wire."""
    return {"type": "input_audio", "input_audio": {"data": data, "format": name} if name else {"data": data}}


def text(words: str) -> dict[str, Any]:
    """Return a text part as on the wire."""
    return {"type": "text", "text": words}


def file(**inner: Any) -> dict[str, Any]:
    """Return a file part as on the wire."""
    return {"type": "file", "file": inner}
