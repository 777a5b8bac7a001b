"""
Mend what can be mended without changing the meaning.

A fix takes the wire form of a row and the place of an issue, and gives the row back with that one thing changed. It
sees the nearest element of a list alone, so that a fault costs the same in a row with many as in a row with one.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import attrs
import pybase64

from msgkit import data_url, headers
from msgkit.errors import Issue, MediaError
from msgkit.formats.common.chat import PART_ALIASES
from msgkit.jsontext.edit import Editor, Steps, edit, find, steps, without
from msgkit.model.messages import Role
from msgkit.rules import media_at, unsafe_fixes
from msgkit.rules.base import source_name
from msgkit.rules.channels import meant_type
from msgkit.rules.unsafe_fixes import UNSAFE
from msgkit.structuring import ROLE_ALIASES

Upright = Callable[[bytes], bytes]
Fix = Callable[[Any, Steps], Any]

_FORMAT_OF = {media_type: name for name, media_type in headers.AUDIO_FORMATS.items()}


def fix(
    row: Any,
    issues: Iterable[Issue],
    *,
    unsafe: Iterable[str] = (),
    upright: Upright | None = None,
) -> tuple[Any, list[Issue]]:
    """
    Return *row* with what can be mended mended, and the issues that are gone by it.

    Args:
        row: Dicts and lists; not changed, and what needs no change is shared with the result.

        issues: What ``check`` found in it.

        unsafe: Names of repairs that change the meaning: ``tool-pairs``, ``empty-content``.

        upright: Turns an image's bytes as its EXIF orientation says; without it pictures are left as they are.

    Raises:
        UnknownNameError: If there is no such unsafe repair.

    >>> row = [{"role": "user", "recipient": "all", "content": "Hello"}]
    >>> fix(row, [Issue("messages[0].recipient", "recipient-all", "warning", "...", fixable=True)])[0]
    [{'role': 'user', 'content': 'Hello'}]
    """
    unsafe_fixes.check_names(unsafe)
    found = list(issues)
    bare = isinstance(row, list | tuple)
    editor = Editor({"messages": row} if bare else row)
    mended: list[Issue] = []
    for issue in found:
        item = _item(editor.value, issue.path) if issue.fixable else None
        if item is None:
            continue
        new = _mended(issue.code, item, upright)
        if new != item.box:
            editor.put(item.place, new[item.at[0]])
            mended.append(issue)
    body = editor.value
    for name in unsafe:
        body, gone = unsafe_fixes.repair(body, [issue for issue in found if issue.code in UNSAFE[name]])
        mended += gone
    return (body["messages"] if bare else body), mended


def is_fixable(body: Any, code: str, path: str) -> bool:
    """
    Tell whether ``fix`` changes something at *path* in *body*; a picture is not turned for that.

    >>> is_fixable({"messages": [{"role": "human"}]}, "role-unknown", "messages[0].role")
    True
    """
    item = _item(body, path)
    if item is None:
        return False
    try:
        if code == "image-orientation":
            return media_at.read(item.box, item.at) is not None
        return bool(FIXES[code](item.box, item.at) != item.box)
    except MediaError:
        return False


@attrs.frozen
class _Item:
    """
    The nearest element of a list around an issue.

    Args:
        place: Where in the body it stands.

        box: An object with this element alone, under the list's name.

        at: Where in the box the issue is.
    """

    place: Steps
    box: dict[str, Any]
    at: Steps


def _item(body: Any, path: str) -> _Item | None:
    at = steps(path)
    ends = [end for end, step in enumerate(at or (), 1) if isinstance(step, int)]
    if not at or not ends:
        return None
    place, rest = at[: ends[-1]], at[ends[-1] :]
    name = next((str(step) for step in reversed(place) if isinstance(step, str)), "")
    return _Item(place, {name: find(body, place)}, (name, *rest))


def _mended(code: str, item: _Item, upright: Upright | None) -> Any:
    try:
        return _turned(item.box, item.at, upright) if code == "image-orientation" else FIXES[code](item.box, item.at)
    except MediaError:
        return item.box


_OWN_ROLES: Mapping[str, Mapping[str, str]] = {
    "contents": {"assistant": "model"},
    "from": {"user": "human", "assistant": "gpt", "tool": "observation"},
}
"""What Gemini's contents, and ShareGPT under its key ``from``, call roles."""


def _role(body: Any, at: Steps) -> Any:
    def change(old: Any) -> Any:
        if not isinstance(old, str):
            return old
        folded = old.strip().casefold()
        new = ROLE_ALIASES.get(folded, folded)
        own = _OWN_ROLES.get(str(at[0] if at[0] == "contents" else at[-1]), {})
        return own.get(new, new) if new in [str(role) for role in Role] else old

    return edit(body, at, change)


def _developer(body: Any, at: Steps) -> Any:
    return edit(body, at, lambda old: "system" if old == "developer" else old)


def _name(body: Any, at: Steps) -> Any:
    new = source_name(str(find(body, at)))
    return edit(body, at, lambda _: new) if new else edit(body, at[:-1], without("name"))


def _no_recipient(body: Any, at: Steps) -> Any:
    return edit(body, at[:-1], without("recipient"))


def _no_calls(body: Any, at: Steps) -> Any:
    return edit(body, at[:-1], without("tool_calls"))


def _content_type(body: Any, at: Steps) -> Any:
    return edit(body, at, lambda old: meant_type(old) or old)


def _part(body: Any, at: Steps) -> Any:
    def change(part: Any) -> Any:
        kind = PART_ALIASES.get(part.get("type"))
        url = part.get("image_url")
        if kind == "image_url" and not isinstance(url, str):
            return part
        if kind != "image_url":
            return {**part, "type": kind} if kind and isinstance(part.get("text"), str) else part
        inner = {"url": url, "detail": part["detail"]} if part.get("detail") is not None else {"url": url}
        kept = {key: value for key, value in part.items() if key != "detail"}
        return {**kept, "type": kind, "image_url": inner}

    return edit(body, at, change)


def _image_url(body: Any, at: Steps) -> Any:
    return edit(body, at, lambda old: {"url": old} if isinstance(old, str) else old)


def _bare_data(body: Any, at: Steps) -> Any:
    return edit(body, at, lambda old: data_url.split(old).payload if old[:5].lower() == "data:" else old)


def _media_type(body: Any, at: Steps) -> Any:
    """Say of inline media what the bytes say: beside them, or in the data URL around them."""
    if at[-1] == "data" and "format" in find(body, at[:-1]):
        return _audio_format(body, (*at[:-1], "format"))
    data = media_at.read(body, at)
    actual = media_at.sniff(data) if data is not None else None
    return body if data is None or actual is None else media_at.write(body, at, actual, data)


def _audio_format(body: Any, at: Steps) -> Any:
    data, old = find(body, (*at[:-1], "data")), find(body, at)
    payload = data_url.split(data).payload if data[:5].lower() == "data:" else data
    actual = headers.sniff(headers.base64_window(payload)) or headers.canonical(f"audio/{old}")
    new = _FORMAT_OF.get(actual, old)
    return edit(body, at[:-1], lambda inner: {**inner, "format": new})


def _file_data(body: Any, at: Steps) -> Any:
    payload = find(body, at)
    actual = headers.sniff(headers.base64_window(payload))
    return body if actual is None else edit(body, at, lambda _: f"data:{actual};base64,{payload}")


def _turned(body: Any, at: Steps, upright: Upright | None) -> Any:
    data = media_at.read(body, at)
    if upright is None or data is None:
        return body
    turned = upright(data_url.decode(data))
    return media_at.write(
        body, at, headers.sniff(turned) or "application/octet-stream", pybase64.b64encode(turned).decode()
    )


FIXES: Mapping[str, Fix] = {
    "role-unknown": _role,
    "role-not-allowed": _developer,
    "name-invalid": _name,
    "recipient-all": _no_recipient,
    "content-type-unknown": _content_type,
    "part-unknown": _part,
    "image-url-string": _image_url,
    "tool-calls-empty": _no_calls,
    "audio-data-url": _bare_data,
    "media-type-mismatch": _media_type,
    "media-type-alias": _media_type,
    "audio-format-unknown": _audio_format,
    "file-data-bare": _file_data,
}
