"""Short ways to write the example rows of rules."""

from base64 import b64decode
from typing import Any

PNG = "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAEElEQVR42mNgGAWjYBTAAAADEAAB1y2EYwAAAABJRU5ErkJggg=="
TURNED = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABAQAAAAA3bvkkAAAAGmVYSWZNTQAqAAAACAABARIAAwAAAAEABgAAAAAAANZnS2kAAAAK"
    "SURBVHjaY2gAAACCAIHaRQg7AAAAAElFTkSuQmCC"
)
OWNED = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABAQAAAAA3bvkkAAAAImVYSWZNTQAqAAAACAABATsAAgAAAAgAAAAaAAAAAEFubiBMZWUAfvqDDwAAAAp"
    "JREFUeNpjaAAAAIIAgdpFCDsAAAAASUVORK5CYII="
)
HUGE = "iVBORw0KGgoAAAANSUhEUgAAIygAACMoAQAAAABFrk8XAAAACklEQVR42mNoAAAAggCB2kUIOwAAAABJRU5ErkJggg=="
ANIMATED = "R0lGODlhAQABAAAAACH/C05FVFNDQVBFMi4wAwEAAAAsAAAAAAEAAQAAAgJEAQAsAAAAAAEAAQAAAgJEAQA7"
WAV = "UklGRigAAABXQVZFZm10IBAAAAABAAEACgAAABQAAAACABAAZGF0YQQAAAAAAAEA"
MP3 = "//MUxAAAAAAAAAAAAAAAAAAAAAAAAAAA" * 3
PDF = "JVBERi0xLjQKJSVFT0Y="
LOCKED = (
    "JVBERi0xLjQKeHJlZgowIDEKMDAwMDAwMDAwMCA2NTUzNSBmIAp0cmFpbGVyCjw8IC9FbmNyeXB0IDEgMCBSID4+CnN0YXJ0eHJlZgo5CiUlRU9G"
)
"""A PDF that says it is encrypted."""
AT_IMAGE, AT_AUDIO = "messages[0].content[0].image_url.url", "messages[0].content[0].input_audio.data"
CAT = {"cat.png": b64decode(PNG), "album/cat.png": b64decode(PNG)}


def png(data: str = PNG) -> str:
    """Return a data URL of a PNG image."""
    return f"data:image/png;base64,{data}"


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


ANSWERED = [user("Weather?"), assistant(tool_calls=[call()]), result()]
"""A question, a call and its result."""

BRIEF = {"model": "claude-opus-4-7", "max_tokens": 9, "system": "Be brief."}
"""The body of a request to Claude, without its messages."""


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
