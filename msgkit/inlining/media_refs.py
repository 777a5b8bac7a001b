"""
Where the parts of a payload name or hold media, in every spelling that people have, and how media are put there.

JSON in, JSON out: nothing is opened, and only the string that names or holds the media changes.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs

from msgkit import data_url
from msgkit.errors import Path
from msgkit.formats.common import media
from msgkit.headers import AUDIO_FORMATS
from msgkit.jsontext.blob_table import PLAIN, Codec
from msgkit.jsontext.edit import edit
from msgkit.jsontext.values import LIST, OBJECT

Keys = tuple[Any, ...]  # a number is that of a frame

_FILE_URL = ("file", "file_url")  # where formats read the URL of a file, and a reference that an extraction wrote


def _entry(kind: str) -> tuple[Keys, ...]:
    """Return where the string is in an object as columns of media have them."""
    return ((kind, "bytes"), (kind, "path"))


SHAPES: Mapping[str, tuple[str, tuple[Keys, ...]]] = {
    "image_url": ("image", (("image_url", "url"), ("image_url",), ("value",))),
    "audio_url": ("audio", (("audio_url", "url"), ("audio_url",), ("value",))),
    "video_url": ("video", (("video_url", "url"), ("video_url",), ("value",))),
    "input_audio": ("audio", (("input_audio", "data"),)),
    "file": ("file", (("file", "file_data"), _FILE_URL)),
    "image": ("image", (("path",), ("url",), ("image",), *_entry("image"))),
    "audio": ("audio", (("path",), ("url",), ("audio",), *_entry("audio"))),
    "video": ("video", (("path",), ("url",), ("video",), *_entry("video"))),
}
"""Part type -> kind of media, and the keys under which the string may stand."""

HELD = {data_url.Kind.DATA, data_url.Kind.BASE64}  # what a string is that holds its media
_BARE = (("input_audio", "data"), ("file", "file_data"))  # where bare base64 may stand


@attrs.frozen(eq=False, repr=False)
class MediaRef:
    """A string that names or holds media."""

    kind: str  # ``image``, ``audio``, ``video`` or ``file``
    message: int  # 0-based indexes: ``messages[message].content[part]``
    part: int | None  # None for what the message itself holds: the audio of an answer
    data: Mapping[str, Any]
    keys: Keys  # where in the part the string stands
    text: str = attrs.field(repr=False)
    at: Path | None = None  # where it is in the body, if not in a message
    kept: bool = False  # true for what a part of another API holds: it is moved as it is, and its part stays
    grammar: data_url.Kind = attrs.field(init=False)  # what the string is

    @grammar.default
    def _classify(self) -> data_url.Kind:
        return data_url.classify(self.text, bare_base64=self.is_bare)

    @property
    def is_bare(self) -> bool:
        """Whether base64 is there without a data URL."""
        return self.keys in _BARE or self.keys[1:] == ("bytes",) if not self.kept else media.is_bare(self.keys)

    @property
    def is_frame(self) -> bool:
        """Whether it is one of the frames of a video."""
        return bool(self.keys) and type(self.keys[-1]) is int

    @property
    def path(self) -> Path:
        """Where the string is in the body."""
        if self.at is not None:
            return self.at
        inner = ("audio",) if self.part is None else ("content", self.part)
        return ("messages", self.message, *inner, *self.keys)


def find(body: Mapping[str, Any]) -> Iterator[MediaRef]:
    """Yield every media reference of a body with ``messages``, in order."""
    for i, message in enumerate(body["messages"]):
        content, audio = message.get("content"), message.get("audio")
        if audio is not None and isinstance(audio, OBJECT):
            yield from _others(i, None, audio, media.answer_strings(audio))
        if not isinstance(content, LIST):
            continue
        for j, part in enumerate(content):
            named = part.get("type")
            ref = _ref(i, j, part, *SHAPES[named]) if isinstance(named, str) and named in SHAPES else None
            if ref is not None:
                yield ref
            elif named != "text":
                for n, frame in enumerate(media.video_frames(part)):
                    yield MediaRef("image", i, j, part, ("video", n), frame)
                yield from _others(i, j, part, media.kept_strings(part))


def _ref(i: int, j: int, part: Any, kind: str, places: tuple[Keys, ...]) -> MediaRef | None:
    for keys in places:
        text = part.get(keys[0])
        if len(keys) > 1 and isinstance(text, OBJECT):
            text = text.get(keys[1])
        elif len(keys) > 1:
            text = None
        if isinstance(text, str) and (keys is not _FILE_URL or data_url.classify(text) is data_url.Kind.REFERENCE):
            return MediaRef(kind, i, j, part, keys, text)
    return None


def _others(i: int, j: int | None, data: Any, strings: Iterator[media.MediaString]) -> Iterator[MediaRef]:
    return (MediaRef(one.kind, i, j, data, one.keys, one.text, kept=True) for one in strings)


def with_text(ref: MediaRef, text: str) -> dict[str, Any]:
    """Return the part with another string in the place of the reference; every other key stays, in its order."""
    if ref.keys == ("base64",):
        return {
            "path" if key == "base64" else key: text if key == "base64" else value for key, value in ref.data.items()
        }
    if ref.keys[1:] == ("bytes",):
        return {**ref.data, ref.keys[0]: {**ref.data[ref.keys[0]], "bytes": None, "path": text}}
    if ref.kept or ref.is_frame:
        return dict(edit(ref.data, ref.keys, lambda _: text))
    first, *rest = ref.keys
    new = {**ref.data[first], rest[0]: text} if rest else text
    return {**ref.data, first: new}


def in_place(ref: MediaRef, data: bytes, media_type: str, codec: Codec = PLAIN) -> dict[str, Any]:
    """Return the part with *data* as base64 where the reference stands."""
    text = codec.encode(data)
    return with_text(ref, text if ref.is_bare else f"data:{media_type};base64,{text}")


def with_media(
    ref: MediaRef,
    data: bytes,
    media_type: str,
    filename: str | None,
    *,
    audio_formats: Sequence[str] = (),
    codec: Codec = PLAIN,
) -> dict[str, Any]:
    """Return the part holding *data* as base64."""
    name = AUDIO_FORMATS.get(media_type)
    if ref.kind == "audio" and name and (ref.data["type"] == "input_audio" or name in audio_formats):
        inner = {**_inner(ref, "input_audio"), "data": codec.encode(data), "format": name}
        return _ordered(ref, "input_audio", inner)
    url = f"data:{media_type};base64,{codec.encode(data)}"
    if ref.keys == _FILE_URL:
        inner = {"file_data" if key == "file_url" else key: value for key, value in ref.data["file"].items()}
        return {**ref.data, "file": {**inner, "file_data": url}}
    if ref.kind == "file":
        part = with_text(ref, url)
        if filename and part["file"].get("filename") is None and part["file"].get("file_id") is None:
            part["file"]["filename"] = filename
        return part
    if ref.data["type"] == f"{ref.kind}_url":
        return with_text(ref, url)
    detail = {"detail": ref.data["detail"]} if ref.kind == "image" and "detail" in ref.data else {}
    return _ordered(ref, f"{ref.kind}_url", {"url": url, **detail}, *detail)


def stand_in(ref: MediaRef) -> dict[str, Any]:
    """Return the part without its media: it stands for the next entry of a column."""
    first, *rest = ref.keys
    inner = ref.data[first] if rest else {}
    kept = {key: value for key, value in inner.items() if key not in (*rest, "format")}
    return {"type": ref.kind, **{key: value for key, value in ref.data.items() if key not in ("type", first)}, **kept}


def as_shorthand(ref: MediaRef, data: bytes, media_type: str, codec: Codec = PLAIN) -> dict[str, Any]:
    """Return a part of the type ``image``, ``audio`` or ``video`` with *data* as a data URL under ``url``."""
    kept = {key: value for key, value in ref.data.items() if key != ref.keys[0]}
    return {**kept, "url": f"data:{media_type};base64,{codec.encode(data)}"}


def _inner(ref: MediaRef, name: str) -> dict[str, Any]:
    inner = ref.data.get(name)
    return dict(inner) if isinstance(inner, Mapping) else {}


def _ordered(ref: MediaRef, name: str, inner: dict[str, Any], *moved: str) -> dict[str, Any]:
    if name in ref.data:
        return {**ref.data, name: inner}
    kept = {key: value for key, value in ref.data.items() if key not in ("type", ref.keys[0], ref.kind, *moved)}
    return {"type": name, name: inner, **kept}


def replace(body: Mapping[str, Any], parts: Mapping[tuple[int, int | None], Sequence[Any]]) -> dict[str, Any]:
    """Return *body* with some parts replaced; what is not on the way to one is shared, and no key moves."""
    messages = list(body["messages"])
    contents: dict[int, list[Any]] = {}
    for i, j in sorted(((i, j) for i, j in parts if j is not None), reverse=True):  # so that indexes before it hold
        new = parts[i, j]
        content = contents.setdefault(i, list(messages[i]["content"]))
        content[j : j + 1] = new
    for i, content in contents.items():
        messages[i] = {**messages[i], "content": content}
    for i, new in [(i, new) for (i, j), new in parts.items() if j is None]:
        messages[i] = {**messages[i], "audio": new[0]}
    return {**body, "messages": messages}
