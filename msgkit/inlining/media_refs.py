"""
Where the parts of a payload name or hold media, in every spelling that people have, and how media are put there.

JSON in, JSON out: nothing is opened, and only the string that names or holds the media changes.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from msgkit import data_url
from msgkit.errors import Path
from msgkit.headers import AUDIO_FORMATS
from msgkit.jsontext.blob_table import PLAIN, Codec
from msgkit.jsontext.edit import Editor

Keys = tuple[str, ...]

SHAPES: Mapping[str, tuple[str, tuple[Keys, ...]]] = {
    "image_url": ("image", (("image_url", "url"), ("image_url",), ("value",))),
    "audio_url": ("audio", (("audio_url", "url"), ("audio_url",), ("value",))),
    "video_url": ("video", (("video_url", "url"), ("video_url",), ("value",))),
    "input_audio": ("audio", (("input_audio", "data"),)),
    "file": ("file", (("file", "file_data"),)),
    "image": ("image", (("path",), ("url",), ("image",))),
    "audio": ("audio", (("path",), ("url",), ("audio",))),
    "video": ("video", (("path",), ("url",), ("video",))),
}
"""Part type -> kind of media, and the keys under which the string may stand."""

_BARE = (("input_audio", "data"), ("file", "file_data"))  # where bare base64 may stand
_LISTS = (list, tuple)


@attrs.frozen
class Slot:
    """
    A string that names or holds media.

    Args:
        kind: ``image``, ``audio``, ``video`` or ``file``.

        message, part: 0-based indexes: ``messages[message].content[part]``.

        data: The part.

        keys: Where in the part the string stands.

        text: The string.
    """

    kind: str
    message: int
    part: int
    data: Mapping[str, Any]
    keys: Keys
    text: str = attrs.field(repr=False)

    @property
    def path(self) -> Path:
        """Where the string stands in the body."""
        return ("messages", self.message, "content", self.part, *self.keys)

    @property
    def is_bare(self) -> bool:
        """Whether base64 without a data URL may stand here."""
        return self.keys in _BARE

    @property
    def is_(self) -> data_url.Kind:
        """What the string is, by its grammar."""
        return data_url.classify(self.text, bare_base64=self.is_bare)


def find(body: Mapping[str, Any]) -> Iterator[Slot]:
    """
    Yield every slot of a body with ``messages``, in order.

    >>> body = {"messages": [{"role": "user", "content": [{"type": "image", "path": "cat.jpg"}]}]}
    >>> [(slot.kind, slot.text) for slot in find(body)]
    [('image', 'cat.jpg')]
    """
    for i, message in enumerate(body["messages"]):
        content = message.get("content")
        if not isinstance(content, _LISTS):
            continue
        for j, part in enumerate(content):
            named = part.get("type")
            if isinstance(named, str) and named in SHAPES:
                slot = _slot(i, j, part, *SHAPES[named])
                if slot is not None:
                    yield slot


def _slot(i: int, j: int, part: Any, kind: str, places: tuple[Keys, ...]) -> Slot | None:
    for keys in places:
        text = part.get(keys[0])
        if len(keys) > 1 and isinstance(text, Mapping):
            text = text.get(keys[1])
        elif len(keys) > 1:
            text = None
        if isinstance(text, str):
            return Slot(kind, i, j, part, keys, text)
    return None


def with_text(slot: Slot, text: str) -> dict[str, Any]:
    """
    Return the slot's part with another string in its place; every other key stays, in its order.

    >>> part = {"type": "image_url", "image_url": {"url": "cat.jpg", "detail": "low"}}
    >>> with_text(Slot("image", 0, 0, part, ("image_url", "url"), "cat.jpg"), "dog.jpg")
    {'type': 'image_url', 'image_url': {'url': 'dog.jpg', 'detail': 'low'}}
    """
    first, *rest = slot.keys
    new = {**slot.data[first], rest[0]: text} if rest else text
    return {**slot.data, first: new}


def with_media(
    slot: Slot, data: bytes, media_type: str, filename: str | None, *, as_input_audio: bool, codec: Codec = PLAIN
) -> dict[str, Any]:
    """
    Return the slot's part holding *data* as base64.

    Args:
        slot: Where.

        data: The encoded file.

        media_type: Its type.

        filename: The name to show, for a file part without one.

        as_input_audio: True where the target takes sound as ``input_audio`` parts only.

        codec: How the bytes stand in the row.

    >>> part = {"type": "input_audio", "input_audio": {"data": "purr.wav"}}
    >>> slot = Slot("audio", 0, 0, part, ("input_audio", "data"), "purr.wav")
    >>> with_media(slot, b"abc", "audio/wav", None, as_input_audio=True)["input_audio"]
    {'data': 'YWJj', 'format': 'wav'}
    """
    if slot.kind == "audio" and (slot.data["type"] == "input_audio" or as_input_audio):
        inner = {**_inner(slot, "input_audio"), "data": codec.encode(data), "format": AUDIO_FORMATS[media_type]}
        return _ordered(slot, "input_audio", inner)
    url = f"data:{media_type};base64,{codec.encode(data)}"
    if slot.kind == "file":
        part = with_text(slot, url)
        if filename and part["file"].get("filename") is None and part["file"].get("file_id") is None:
            part["file"]["filename"] = filename
        return part
    if slot.data["type"] == f"{slot.kind}_url":
        return with_text(slot, url)
    return _ordered(slot, f"{slot.kind}_url", {"url": url})


def _inner(slot: Slot, name: str) -> dict[str, Any]:
    inner = slot.data.get(name)
    return dict(inner) if isinstance(inner, Mapping) else {}


def _ordered(slot: Slot, name: str, inner: dict[str, Any]) -> dict[str, Any]:
    if name in slot.data:
        return {**slot.data, name: inner}
    kept = {key: value for key, value in slot.data.items() if key not in ("type", slot.keys[0], slot.kind)}
    return {"type": name, name: inner, **kept}


def replace(body: Mapping[str, Any], parts: Mapping[tuple[int, int], Any]) -> dict[str, Any]:
    """
    Return *body* with some parts replaced; what is not on the way to one is shared, and no key moves.

    Args:
        body: With ``messages``; not changed.

        parts: ``(message, part)`` -> the new part.
    """
    editor = Editor(body)
    for (i, j), part in parts.items():
        editor.put(("messages", i, "content", j), part)
    return dict(editor.value)
