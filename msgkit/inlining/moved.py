"""What inline and extract share: get the media of every reference, or refuse the row; put the new parts in."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import attrs

from msgkit import data_url
from msgkit.data_url import Kind
from msgkit.errors import InvalidMessageError, Issue, MediaError, MissingExtraError, Path, join_path
from msgkit.inlining import media_refs
from msgkit.inlining.media_refs import MediaRef
from msgkit.jsontext.edit import find
from msgkit.model.parts import Media


@attrs.frozen
class Moved:
    """A body whose media were moved."""

    body: dict[str, Any]  # the new body; the old one is not changed
    media: int = 0  # how many were moved
    size: int = 0  # their bytes in all, not as base64
    # what was done to make media fit: the path of the part in the new body -> the words
    changes: Mapping[Path, tuple[str, ...]] = attrs.field(factory=dict)
    # the parts that were replaced: ``(message, part)`` -> what took the place of each
    parts: Mapping[tuple[int, int | None], Sequence[Any]] = attrs.field(factory=dict)
    done: tuple["Done", ...] = ()  # what was moved, one by one
    left: tuple[Issue, ...] = ()  # base64 that is left at places that no format knows
    files: int = 0  # how many files were written
    out: bool = False  # whether they were moved to files, so that references are in the row


@attrs.frozen
class Done:
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


@attrs.frozen
class Taken:
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


def put(body: Mapping[str, Any], taken: Iterable[Taken], part: Callable[[MediaRef, Any], Mapping[str, Any]]) -> Moved:
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
            done.append(_done(one, media, new[n]))
            if isinstance(media, Media) and media.changes and ref.part is not None:
                changes["messages", message, "content", ref.part + more + n] = media.changes
        more += len(one.media) - 1
        count += len(one.media)
        size += sum(len(media.data) for media in one.media if isinstance(media, Media))
    return Moved(media_refs.replace(body, parts), count, size, changes, parts, tuple(done))


def _done(one: Taken, media: Media | str, part: Mapping[str, Any]) -> Done:
    ref = one.ref
    reference = ref.text if ref.grammar is Kind.REFERENCE else find(part, ref.keys)
    named = isinstance(reference, str) and len(reference) < _NAME and data_url.classify(reference) is Kind.REFERENCE
    if isinstance(media, str):
        media = Media(media.encode(), "text/plain", ("made a text part",))
    held = reference if named else None
    return Done(ref.path, media.media_type, held, media.changes, len(one.data), len(media.data))


_NAME = 4096  # characters of a reference
