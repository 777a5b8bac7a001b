"""Media moved in the parts of messages of any format, and the body written back in its own shape."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, cast

import attrs

from msgkit import data_url, formats, structuring
from msgkit.data_url import Kind
from msgkit.errors import InvalidMessageError, Issue, MediaError, MissingExtraError, Path, join_path
from msgkit.formats import Loaded
from msgkit.formats.common.columns import Column, entry_name
from msgkit.formats.common.media import place_in_row
from msgkit.inlining import media_refs
from msgkit.inlining.media_refs import MediaRef
from msgkit.jsontext.blob_table import Codec
from msgkit.jsontext.edit import find
from msgkit.model.media import Media
from msgkit.model.messages import Conversation, Envelope
from msgkit.model.parts import ContentPart


class Moved(NamedTuple):
    """A body whose media were moved."""

    body: dict[str, Any]  # the new body; the old one is not changed
    media: int = 0  # how many were moved
    size: int = 0  # their bytes in all, not as base64
    # what was done to make media fit: the path of the part in the new body -> the words
    changes: Mapping[Path, tuple[str, ...]] = {}
    # the parts that were replaced: ``(message, part)`` -> what took the place of each
    parts: Mapping[tuple[int, int | None], Sequence[Any]] = {}
    done: tuple["Done", ...] = ()  # what was moved, one by one
    left: tuple[Issue, ...] = ()  # base64 that is left at places that no format knows
    files: int = 0  # how many files were written
    out: bool = False  # whether they were moved to files, so that references are in the row


class Done(NamedTuple):
    """One medium that was moved: where it is in the row, and what became of it."""

    path: Path
    media_type: str
    reference: str | None  # the file that it came from, or went to
    changes: tuple[str, ...]
    before: int  # bytes
    after: int

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON."""
        record = {"path": join_path(self.path), "media_type": self.media_type, "reference": self.reference}
        return {**record, "changes": list(self.changes), "bytes_before": self.before, "bytes_after": self.after}


class Taken(NamedTuple):
    """A reference, the file that belongs there, and what was made of it."""

    ref: MediaRef  # where
    data: bytes  # the file as it was found
    media: tuple[Media | str, ...]  # what goes into the row: one of them, one a page, or the text of a text file


def gather(
    refs: Iterable[MediaRef], at: Path, grammars: set[Kind], take: Callable[[MediaRef], Taken | None]
) -> list[Taken]:
    """Take the media of every reference that is one of *grammars*, or refuse the row with every fault."""
    taken: list[Taken] = []
    issues: list[Issue] = []
    for ref in refs:
        try:
            one = take(ref) if ref.grammar in grammars else None
            if one is not None:
                taken.append(one)
        except MediaError as error:
            issues.append((error if error.source else error.named(ref.text)).at((*at, *ref.path)))
        except MissingExtraError as error:
            issues.append(Issue(join_path((*at, *ref.path)), "extra-missing", "error", str(error)))
    if issues:
        raise InvalidMessageError(issues)
    return taken


def put(
    body: Mapping[str, Any],
    taken: Iterable[Taken],
    part: Callable[[MediaRef, Any], Mapping[str, Any]],
    *,
    out: bool = False,
) -> Moved:
    """Return *body* with a part for each of the media, made by *part*; the same part means that nothing changed."""
    parts: dict[tuple[int, int | None], list[Any]] = {}
    done: list[Done] = []
    changes: dict[Path, tuple[str, ...]] = {}
    size = count = more = message = 0
    for one in taken:
        ref = one.ref
        more = more if ref.message == message else 0  # parts that the message has gained so far
        message = ref.message
        earlier = parts.get((message, ref.part))  # of a part that holds several media
        ref = ref if earlier is None else attrs.evolve(ref, data=earlier[0])
        new = [part(ref, media) for media in one.media]
        if len(new) == 1 and new[0] is ref.data:
            continue
        parts[message, ref.part] = new
        for n, media in enumerate(one.media):
            done.append(_done(one, media, new[n], out=out))
            if isinstance(media, Media) and media.changes and ref.part is not None:
                changes["messages", message, "content", ref.part + more + n] = media.changes
        more += len(one.media) - 1
        count += len(one.media)
        size += sum(len(media.data) for media in one.media if isinstance(media, Media))
    return Moved(media_refs.replace(body, parts), count, size, changes, parts, tuple(done))


def _done(one: Taken, media: Media | str, part: Mapping[str, Any], *, out: bool) -> Done:
    ref = one.ref
    reference = find(part, ref.keys) if out else ref.text if ref.grammar is Kind.REFERENCE else None
    if isinstance(media, str):
        media = Media(media.encode(), "text/plain", ("made a text part",))
    return Done(ref.path, media.media_type, reference, media.changes, len(one.data), len(media.data))


def in_columns(columns: Iterable[Column]) -> Iterator[MediaRef]:
    """Yield what the entries of columns name or hold."""
    for column in columns:
        for n, entry in enumerate(column.entries):
            text = entry_name(entry)
            if text is not None:
                yield MediaRef(column.kind, 0, n, {}, (), text, at=column.path(n))


def put_beside(moved: Moved, columns: Iterable[Column], taken: Iterable[Taken], codec: Codec) -> Moved:
    """Return a body with media as data URLs in columns beside the messages."""
    media = {one.ref.path: (one, cast(Sequence[Media], one.media)) for one in taken}
    new = {
        at: (one, fitted)
        for at, (one, fitted) in media.items()
        if one.ref.grammar is Kind.REFERENCE or fitted[0].changes
    }
    body = dict(moved.body)
    for column in columns:
        body[column.name] = []
        for n, entry in enumerate(column.entries):
            _, fitted = new.get(column.path(n), (None, None))
            urls = [data_url.of(one.media_type, codec.encode(one.data)) for one in fitted or ()]
            body[column.name] += [entry] if fitted is None else urls
    done = [_done(one, medium, {}, out=False) for one, fitted in new.values() for medium in fitted]
    size = moved.size + sum(one.after for one in done)
    return moved._replace(body=body, media=moved.media + len(done), size=size, done=(*moved.done, *done))


Move = Callable[[Mapping[str, Any], Envelope], Moved]


def move_media(body: Mapping[str, Any], loaded: Loaded, move: Move) -> Moved:
    """Move the media of a loaded body, directly where its parts are those of Chat Completions."""
    envelope = cast(Envelope, loaded.conversation.envelope)
    in_place = formats.get(envelope.format).media_in_place
    if not in_place:
        return _move_in_messages(loaded, envelope, move)
    moved = move(body, envelope)
    if all(loaded.place(one.path) == one.path for one in moved.done):
        return moved
    return moved._replace(done=tuple([one._replace(path=loaded.place(one.path)) for one in moved.done]))


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
        return _written(loaded, envelope, moved._replace(parts=kept, done=tuple(stay), media=len(stay), size=size))
    done = tuple([one._replace(path=_place(loaded, one.path)) for one in moved.done])
    return moved._replace(body=body, done=done)


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
    return loaded.place(place_in_row(at, keys, form, name) if end == _PART else path)


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
