"""The rule about media at places that no format knows: they are neither checked, moved nor sent as media."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cache, lru_cache, partial
from typing import Any

from msgkit import data_url, headers
from msgkit.data_url import Kind
from msgkit.errors import MediaError, Path
from msgkit.escaping import byte_size
from msgkit.jsontext.values import LIST, OBJECT
from msgkit.model.base import NOTHING, UnknownPart
from msgkit.model.messages import Conversation
from msgkit.rules.base import Context, Finding, Rule
from msgkit.rules.examples import PNG, image, png, user
from msgkit.rules.media_probe import check_base64, uses
from msgkit.rules.prefilter import Sign

CODE = "media-unknown-place"
_LEAST = 64  # bytes of a medium, and characters of a string that may hold one
_TOKEN = re.compile(r"[A-Za-z0-9+/]{32}")
_WORDS = frozenset(("content", "text", "value", "arguments", "input", "output", "instructions", "system"))
"""Keys of strings that are words."""


def find(
    value: Any, known: Callable[[], Collection[Path]], decode: Callable[[str], bytes] | None = None
) -> Iterator[tuple[Path, str, int]]:
    """Yield path, media type and bytes of every string in *value* that holds media and is at no *known* place."""
    candidates: list[tuple[Path, str]] = []
    _gather([value], [], candidates)
    for (_, *steps), text in candidates:
        path = tuple(steps)
        if not any(path[: len(place)] == place for place in known()):
            media = _media(text, decode)
            if media is not None:
                yield path, *media


def _gather(value: Any, path: list[str | int], candidates: list[tuple[Path, str]]) -> None:
    """Add the strings that may be media, with their paths."""
    for key, item in value.items() if isinstance(value, OBJECT) else enumerate(value):
        cls = type(item)
        if cls is str:
            if len(item) >= _TOKEN_LENGTH and (key not in _WORDS or _is_typed(value)) and _may_be_media(item):
                candidates.append(((*path, key), item))
        elif cls not in _SCALARS and isinstance(item, _CONTAINER):
            path.append(key)
            _gather(item, path, candidates)
            path.pop()


def _is_typed(value: Any) -> bool:
    """Return whether a media type is beside a string, so that it is no words."""
    return isinstance(value, OBJECT) and not _TYPES.isdisjoint(value)


_TYPES = frozenset(("mime_type", "mimeType", "media_type", "mediaType"))
_SCALARS = frozenset((int, float, bool, type(None)))
_CONTAINER = (dict, list, tuple, Mapping)
_SUFFIX = 6  # characters of the longest suffix of a file of media
_TOKEN_LENGTH = 32  # characters of a token that stands for base64


def _may_be_media(text: str) -> bool:
    is_path = "." in text[-_SUFFIX:]  # as extract writes them: else all letters of base64
    return text[:5].lower() == "data:" or (not is_path and _TOKEN.match(text) is not None)


def _media(text: str, decode: Callable[[str], bytes] | None) -> tuple[str, int] | None:
    """Return media type and size of what a string holds: certain by signature and header, or by a data URL."""
    declared, payload = "", text
    try:
        if data_url.classify(text) is Kind.DATA:
            url = data_url.split(text)
            declared, payload = url.media_type, url.payload
        if decode is None:
            check_base64(payload)
        window = headers.Base64Window(payload) if decode is None else headers.BytesWindow(decode(payload))
        media_type = headers.sniff(window)
        if window.size < _LEAST:
            return None
        if media_type is not None and (headers.read(window, media_type) or headers.kind(media_type) == "video"):
            return media_type, window.size
    except MediaError:
        return None
    return (media_type or declared, window.size) if declared else None


def unknown_places(context: Context) -> Iterator[Finding]:
    """Report base64 media where no format has a place for media."""
    if not _is_suspect(_loose(context.conversation)):
        return
    known = cache(partial(_known, context))
    for path, media_type, size in find(context.body, known):
        yield Finding(path, CODE, words(media_type, size), in_body=True)


def _loose(conversation: Conversation) -> list[Any]:
    """Return what values do not name: all else has a place, and most rows have nothing of it."""
    loose = [value for key, value in conversation.extra.items() if key != "tools"]
    for message in conversation.messages:
        if message.extra is not NOTHING:
            loose.append(message.extra)
        for some in (message.content, message.tool_calls):
            for one in some if type(some) is tuple else ():
                if isinstance(one, UnknownPart):
                    loose.append(one.data)
                elif one is not None and one.extra is not NOTHING:
                    loose.append(one.extra)
    return loose


def _is_suspect(items: list[Any]) -> bool:
    """Return whether a string in these values may be media."""
    for value in items:  # which grow as objects and lists in them are met
        if type(value) is str:
            if len(value) >= _TOKEN_LENGTH and _may_be_media(value) and _begins(value):
                return True
        elif isinstance(value, OBJECT):
            items += [item for key, item in value.items() if type(item) is not str or key not in _WORDS]
        elif isinstance(value, LIST):
            items += [item for item in value if type(item) not in _SCALARS]  # embeddings are long lists of numbers
    return False


def _begins(text: str) -> bool:
    """Return whether a string is a data URL, or begins as media do: signatures of servers are base64, too."""
    return text[4] == ":" or (_is_media(text[:_FRAMES]) if text.startswith("//") else _is_media_head(text[:_HEAD]))


def _is_media(head: str) -> bool:
    try:
        return headers.sniff(data_url.decode(head[: len(head) // 4 * 4])) is not None
    except MediaError:
        return False


_is_media_head = lru_cache(maxsize=4_096)(_is_media)  # each row of a log repeats the signatures before it
_HEAD = 64  # characters of base64 that signatures take
_FRAMES = 4096  # that two frames of MP3 take, which has no signature


def _known(context: Context) -> frozenset[Path]:
    """Return where in the body media have a place, or are in a part that is reported as unknown."""
    conversation, envelope = context.conversation, context.conversation.envelope
    start = len(envelope.path) if envelope is not None else 0
    places = [use.path for use in uses(conversation)]
    for i, message in enumerate(conversation.messages):
        for j, part in enumerate(message.content if isinstance(message.content, tuple) else ()):
            if isinstance(part, UnknownPart) and not context.own.is_opaque(context.data_of(part)):
                places.append(("messages", i, "content", j))
    return frozenset(context.places(path)[start:] for path in places)


def words(media_type: str, size: int) -> str:
    """Say what is at such a place."""
    return f"{byte_size(size)} of {media_type} as base64 where no format has a place for media"


RULES = (
    Rule(
        "media-unknown-place",
        "Base64 media stand where no format has a place for media: they are not checked, not moved, and sent as text.",
        "msgkit's own rule: nothing is left in silence",
        severity="warning",
        at="preview",
        bad={"messages": [user("What is this?")], "preview": f"data:image/png;base64,{PNG}"},
        good={"messages": [user(image(png()))]},
        hint="put them in a part of a message, or in a column of media",
        signs=Sign.EXTRA | Sign.UNKNOWN | Sign.LONG,
        check=unknown_places,
    ),
)
