"""Media of bodies of any format: moved in the parts of its messages, written back in its own shape."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

import attrs

from msgkit import formats, structuring
from msgkit.data_url import Kind
from msgkit.errors import InvalidMessageError, Issue, Path, join_path
from msgkit.formats import Loaded
from msgkit.formats.common import item_media
from msgkit.inlining import media_refs
from msgkit.inlining.moved import Moved
from msgkit.model.messages import Conversation, Envelope
from msgkit.model.parts import ContentPart

Move = Callable[[Mapping[str, Any], Envelope], Moved]


def move_media(body: Mapping[str, Any], loaded: Loaded, move: Move) -> Moved:
    """Move the media of a loaded body, directly where its parts are those of Chat Completions."""
    envelope = cast(Envelope, loaded.conversation.envelope)
    in_place = formats.get(envelope.format).media_in_place
    if not in_place:
        return _move_in_messages(loaded, envelope, move)
    moved = move(body, envelope)
    return attrs.evolve(moved, done=tuple([attrs.evolve(one, path=loaded.place(one.path)) for one in moved.done]))


def _move_in_messages(loaded: Loaded, envelope: Envelope, move: Move) -> Moved:
    conversation = loaded.conversation
    body = {"messages": structuring.dump_value(conversation.messages)}
    try:
        moved = move(body, envelope)
    except InvalidMessageError as error:
        raise InvalidMessageError(_in_row(error.issues, loaded, body, envelope.path)) from None
    return _written(loaded, envelope, moved)


def _written(loaded: Loaded, envelope: Envelope, moved: Moved) -> Moved:
    """Write the messages with their new parts; those of which the format would lose the reference stay as they were."""
    conversation, own = loaded.conversation, formats.get(envelope.format)
    messages = list(conversation.messages)
    for i in {message for message, part in moved.parts if part is not None}:
        content: list[Any] = []
        for j, part in enumerate(messages[i].parts):
            new = moved.parts.get((i, j))
            content += [part] if new is None else [_like(part, _load_part(data)) for data in new]
        messages[i] = attrs.evolve(messages[i], content=tuple(content))
    for i, new in [(i, new) for (i, part), new in moved.parts.items() if part is None]:
        messages[i] = attrs.evolve(messages[i], audio=new[0])
    changed = attrs.evolve(conversation, messages=tuple(messages))
    body = own.dump(changed)
    lost = _lost(own.load(body, ()).conversation, moved) if moved.out else set()
    if lost:
        kept = {at: new for at, new in moved.parts.items() if at not in lost}
        stay = [one for one in moved.done if one.path[1:4:2] not in lost]
        size = sum(one.before for one in stay)
        return _written(loaded, envelope, attrs.evolve(moved, parts=kept, done=tuple(stay), media=len(stay), size=size))
    done = tuple([attrs.evolve(one, path=_place(loaded, one.path)) for one in moved.done])
    return attrs.evolve(moved, body=body, done=done)


def _lost(conversation: Conversation, moved: Moved) -> set[tuple[int, int | None]]:
    """Return the parts whose references are not read from what was written."""
    kept = {ref.text for ref in media_refs.find({"messages": structuring.dump_value(conversation.messages)})}
    return {
        at
        for at, new in moved.parts.items()
        if at[1] is not None
        for ref in media_refs.find({"messages": [{"content": new}]})
        if ref.grammar is Kind.REFERENCE and ref.text not in kept
    }


def _place(loaded: Loaded, path: Path) -> Path:
    """Return where in the row stands what is at *path* of the messages."""
    end = _PART if path[2] == "content" else 2
    at, keys = path[:end], path[end:]
    conversation = loaded.conversation
    form, name = conversation.messages[cast(int, path[1])].form, cast(Envelope, conversation.envelope).format
    return loaded.place(item_media.place(at, keys, form, name) if end == _PART else path)


_PART = 4  # steps to a part: ``messages``, its number, ``content``, its number


def _load_part(data: Any) -> ContentPart:
    return cast(ContentPart, structuring.load_value(data, cast(Any, ContentPart)))


def _like(old: Any, new: Any) -> Any:
    """Return *new* with what *old* remembers of how it was written, wherever both have the same class."""
    if type(old) is not type(new) or not attrs.has(type(new)):
        return new
    names = [field.name for field in attrs.fields(type(new)) if field.init]
    changes = {name: _like(getattr(old, name), getattr(new, name)) for name in names}
    return attrs.evolve(new, **(changes | {"form": old.form} if "form" in names else changes))


def _in_row(issues: Iterable[Issue], loaded: Loaded, body: Mapping[str, Any], at: Path) -> list[Issue]:
    """Tell issues by their places in the row, not in the messages that were made of it."""
    paths = {join_path((*at, *ref.path)): ref.path for ref in media_refs.find(body)}
    return [
        attrs.evolve(issue, path=join_path(_place(loaded, paths[issue.path]))) if issue.path in paths else issue
        for issue in issues
    ]


def with_changes(conversation: Conversation, changes: Mapping[Path, tuple[str, ...]]) -> Conversation:
    """Note on each part what was done to make its media fit."""
    messages = list(conversation.messages)
    for path, words in changes.items():
        i, j = cast(tuple[int, int], (path[1], path[3]))
        parts = list(messages[i].parts)
        parts[j] = attrs.evolve(cast(Any, parts[j]), changes=words)
        messages[i] = attrs.evolve(messages[i], content=tuple(parts))
    return attrs.evolve(conversation, messages=tuple(messages))
