"""A row of any shape as the best conversation that can be made of it, and its issues at their places."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from msgkit import formats
from msgkit.api.loading import load_row
from msgkit.errors import InvalidMessageError, Issue, Path
from msgkit.formats import Loaded, envelopes
from msgkit.formats.common.columns import has_entries
from msgkit.formats.common.placeholders import fill_body
from msgkit.jsontext import edit
from msgkit.model.messages import Conversation

_STEP = re.compile(r"\[(\d{1,9})\]|\['((?:[^'\\]|\\.)*)'\]|([^.\[\]]+)")


class Place(NamedTuple):
    """Where an issue is shown."""

    message: int | None = None  # 0-based index; None for the row as a whole
    field: str = ""  # the key of the message; empty for the message as a whole
    item: int | None = None  # 0-based index of the part or the call when *field* is ``content`` or ``tool_calls``


ROW = Place()


def split(path: str) -> Path:
    """Return the steps of a path as ``Issue.path`` writes it."""
    return tuple(int(index) if index else key or name for index, key, name in _STEP.findall(path))


def find(path: str, at: Path = (), places: Mapping[Path, Path] | None = None) -> Place:
    """Return where the issue at *path* is shown."""
    steps = _translated(split(path), places) if places else split(path)
    if steps[: len(at)] == at and not places:
        steps = steps[len(at) :]
    if len(steps) < 2 or steps[0] != "messages" or not isinstance(steps[1], int):  # noqa: PLR2004 (messages and an index)
        return ROW
    match steps[2:]:
        case (("content" | "tool_calls") as field, int(item), *_):
            return Place(steps[1], field, item)
        case (str(field), *_):
            return Place(steps[1], field)
        case _:
            return Place(steps[1])


def _translated(steps: Path, places: Mapping[Path, Path]) -> Path:
    """Go from the row to the values by the longest place that leads to *steps*."""
    best: Path = ()
    translated = steps
    for value, place in places.items():
        if len(place) >= len(best) and steps[: len(place)] == place:
            best, translated = place, value + steps[len(place) :]
    return translated


class Opened(NamedTuple):
    """A row, loaded as far as it goes."""

    row: Any  # the JSON value
    loaded: Loaded  # the conversation and the structural issues
    at: Path = ()  # where the body is in the row
    # true when media columns were put in the place of their placeholders, so that parts have moved
    filled: bool = False

    @property
    def rest(self) -> Mapping[str, Any]:
        """What the row holds beside its messages."""
        conversation = self.loaded.conversation
        return {**(conversation.envelope.row if conversation.envelope else {}), **conversation.extra}

    def place(self, issue: Issue) -> Place:
        """Return where *issue* is shown."""
        anchor = find(issue.path, self.at, self.loaded.places)
        if anchor.message is not None and anchor.message >= len(self.loaded.conversation):
            return ROW
        return anchor._replace(item=None) if self.filled and anchor.field == "content" else anchor

    def broken(self) -> dict[int, set[Place]]:
        """Return the places that do not load, by message."""
        broken: dict[int, set[Place]] = {}
        for place in map(self.place, self.loaded.issues):
            if place.message is not None:
                broken.setdefault(place.message, set()).add(place)
        return broken

    def raw(self, path: Path) -> Any:
        """Return what is in the row at the *path* of a value; None when there is nothing."""
        return edit.find(self.row, self._in_row(path))

    def _in_row(self, path: Path) -> Path:
        for end in range(len(path), 0, -1):
            if path[:end] in self.loaded.places:
                return self.loaded.places[path[:end]] + path[end:]
        bare = isinstance(self.row, list)
        return path[1:] if bare else self.at + path


def open_row(row: Any, format_name: str | None = None) -> Opened:
    """Load *row* as far as it goes; media columns are put in the place of their placeholders."""
    body, envelope = envelopes.open_row(row)
    full = _filled(body)
    is_filled = full is not body
    loaded = load_row(envelopes.close_row(dict(full), envelope) if is_filled else row, format_name)
    return Opened(row, loaded, envelope.path, is_filled)


def whole(conversation: Conversation) -> Opened:
    """Return a conversation that is one already as an opened row."""
    return Opened(None, Loaded(conversation))


def _filled(body: Mapping[str, Any]) -> Mapping[str, Any]:
    messages = body.get("messages")
    if not has_entries(body) or not isinstance(messages, list | tuple):
        return body
    own = formats.recognize(body)
    if own is not None and own.media_in_columns:  # it fills them itself
        return body
    try:
        return fill_body(body)
    except InvalidMessageError:
        return body


def by_place(opened: Opened, issues: Iterable[Issue]) -> dict[Place, list[Issue]]:
    """Return the issues by the place where each is shown: a part, a call, a message or the row."""
    grouped: dict[Place, list[Issue]] = {}
    for issue in issues:
        place = opened.place(issue)
        if place.item is None and place.message is not None:
            place = Place(place.message)
        grouped.setdefault(place, []).append(issue)
    return grouped
