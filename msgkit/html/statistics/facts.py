"""What is counted of each row, and which limits it exceeds: made by workers, small enough to be handed on."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from hashlib import blake2b
from operator import attrgetter
from typing import Any, NamedTuple

import attrs
import msgspec

from msgkit.api.checking import check
from msgkit.api.receivers import Receiver, model_of
from msgkit.data_url import Kind
from msgkit.errors import EXPECTED, InvalidMessageError, Issue, internal_error
from msgkit.formats.common.keys import is_trained
from msgkit.headers import AudioHeader, ImageHeader
from msgkit.html.load_any import open_row
from msgkit.html.rows import ID_KEYS, NotedStep, verdict
from msgkit.html.statistics.tokens import RowTokens, TextCounter, text_counter
from msgkit.media.references import check_reference
from msgkit.model.base import NOTHING
from msgkit.model.messages import Conversation
from msgkit.rows import Row
from msgkit.rules.media_probe import Inspection, inspect_all
from msgkit.targets import Target
from msgkit.targets.tokens import texts


class Request(NamedTuple):
    """What limits are compared with."""

    size: int  # bytes of the body as JSON
    messages: int  # how many
    media: Sequence[Inspection]  # what is behind each media part

    def of(self, kind: str) -> list[Inspection]:
        """Return the media of a kind."""
        return [inspection for inspection in self.media if inspection.use.kind == kind]


Excess = tuple[str, float]
"""The name of a limit in the target's file, and its value."""


def excess(request: Request, target: Target) -> Iterator[Excess]:
    """Yield each limit of *target* that *request* goes beyond."""
    images, clips = request.of("image"), request.of("audio")
    headers = [image.header for image in images if isinstance(image.header, ImageHeader)]
    many = target.images.many_count is not None and len(images) > target.images.many_count.value
    for limit, values in (
        ("request.max_bytes", [request.size]),
        ("request.max_media", [len(request.media)]),
        ("request.max_messages", [request.messages]),
        ("images.max_count", [len(images)]),
        ("audio.max_count", [len(clips)]),
        ("images.max_bytes", _sizes(target.images, images)),
        ("audio.max_bytes", _sizes(target.audio, clips)),
        ("files.max_bytes", _sizes(target.files, request.of("file"))),
        ("images.max_width", [header.width for header in headers]),
        ("images.max_height", [header.height for header in headers]),
        ("images.many_side", [max(header.width, header.height) for header in headers if many]),
        ("audio.max_seconds", [one.header.duration for one in clips if isinstance(one.header, AudioHeader)]),
    ):
        fact = attrgetter(limit)(target)
        if fact is not None and max(values, default=0) > fact.value:
            yield limit, fact.value


def _sizes(limits: object, media: Sequence[Inspection]) -> list[int]:
    is_base64 = getattr(limits, "bytes_as", "raw") == "base64"
    return [(inspection.base64_size if is_base64 else inspection.size) or 0 for inspection in media]


_SOURCES = {Kind.DATA: "inline", Kind.BASE64: "inline", Kind.REFERENCE: "file", Kind.REMOTE: "remote"}


class MediaFacts(NamedTuple):
    """What is counted of media."""

    media_type: str | None  # as sniffed
    size: int | None  # bytes
    base64_size: int | None  # characters of the base64, and of the string that holds it
    text_size: int
    mark: bytes | None  # the same for equal payloads; None if it is not in the row
    header: Any  # what the bytes say of themselves

    @classmethod
    def of(cls, inspection: Inspection) -> "MediaFacts":
        """Return those of media that were looked at."""
        text = inspection.use.text
        inline = inspection.grammar in (Kind.DATA, Kind.BASE64) and inspection.base64_size
        payload = text.rpartition(",")[2].encode("utf-8", "backslashreplace") if inline else b""
        mark = blake2b(payload, digest_size=16).digest() if inline else None
        return cls(inspection.media_type, inspection.size, inspection.base64_size, len(text), mark, inspection.header)


@attrs.frozen(eq=False, repr=False)
class RowFacts:
    """What is counted of a row."""

    number: int
    unreadable: bool = False  # whether it holds no messages that can be read
    failed: tuple[Issue, ...] = ()  # the issues at which msgkit itself failed
    size: int | None = None  # its bytes; None if it could not be read
    messages: int = 0  # how many
    names: Mapping[str, Iterable[str]] = NOTHING  # roles, parts and so on that occur, each as often as it does
    media: tuple[MediaFacts, ...] = ()
    tokens: dict[str, RowTokens] = attrs.field(factory=dict)  # by target
    verdicts: tuple[tuple[str, str], ...] = ()  # target, and what the check says: ``errors``
    mark: bytes = b""  # the same for rows that are equal but for their ids
    over: tuple[tuple[str, str, float], ...] = ()  # target, limit and value of each limit that it is beyond


@attrs.frozen(kw_only=True, eq=False)
class Facts(NotedStep):
    """Rows as facts, which are the notes of the run."""

    checked: tuple[Receiver, ...] = ()  # those whose verdicts are counted
    tokenizer: str | None = None  # what counts the tokens of text

    @cached_property
    def _text(self) -> TextCounter:
        return text_counter(self.tokenizer)

    def of(self, row: Row) -> RowFacts:
        """Return the facts of a row; never raises for what is in it."""
        try:
            return self._of(row)
        except EXPECTED:
            raise
        except Exception as error:  # noqa: BLE001 (whatever is raised costs its row alone)
            return RowFacts(row.number, failed=(internal_error("the statistics", error),))

    def _of(self, row: Row) -> RowFacts:
        if row.issues:
            return RowFacts(row.number, unreadable=True)
        try:
            opened = open_row(row.value, self.format)
        except InvalidMessageError as error:
            failed = tuple(issue for issue in error.issues if issue.code == "internal-error")
            return RowFacts(row.number, unreadable=True, failed=failed)
        conversation = opened.loaded.conversation
        media = list(inspect_all(conversation, self.opener, check_reference, ready=False))
        faults = [inspection.fault.at(inspection.use.path) for inspection in media if inspection.fault is not None]
        failed = tuple(fault for fault in faults if fault.code == "internal-error")
        text = msgspec.json.encode(row.value)
        facts = RowFacts(
            row.number, failed=failed, size=len(text), mark=_mark(row.value, text), verdicts=self._verdicts(row.value)
        )
        return self._counted(facts, conversation, media, opened.rest)

    def _verdicts(self, value: Any) -> tuple[tuple[str, str], ...]:
        return tuple(
            (one.name, verdict(check(value, one.target, self.root, model=one.model, format=self.format)))
            for one in self.checked
        )

    def _counted(
        self, facts: RowFacts, conversation: Conversation, media: list[Inspection], row: Mapping[str, Any]
    ) -> RowFacts:
        messages = conversation.messages
        parts = [part for message in messages for part in message.parts]
        text = sum(self._text.count(text) for message in messages for text in texts(message))
        request = Request(facts.size or 0, len(messages), media)
        tokens: dict[str, RowTokens] = {}
        over: list[tuple[str, str, float]] = []
        for receiver in self.receivers:
            target = receiver.of(conversation)
            model = receiver.model or (model_of(conversation) if target.model is not None else None)
            tokens[receiver.name] = RowTokens.of(text, media, target, model)
            over += [(receiver.name, limit, value) for limit, value in excess(request, target)]
        return attrs.evolve(
            facts,
            unreadable=not messages,
            messages=len(messages),
            names={
                "roles": [str(message.author.role or "(none)") for message in messages],
                "channels": [message.channel for message in messages if isinstance(message.channel, str)],
                "parts": [str(getattr(part, "type", "") or "(unknown)") for part in parts],
                "masks": [_MASKED[one] for message in messages if (one := is_trained(message, row)) is not None],
                "sources": list(map(_source, media)),
            },
            media=tuple(map(MediaFacts.of, media)),
            tokens=tokens,
            over=tuple(over),
        )


_MASKED = {True: "trained", False: "masked"}


def _mark(value: Any, text: bytes) -> bytes:
    if isinstance(value, dict) and not value.keys().isdisjoint(ID_KEYS):
        text = msgspec.json.encode({key: one for key, one in value.items() if key not in ID_KEYS})
    return blake2b(text, digest_size=16).digest()


def _source(inspection: Inspection) -> str:
    source = _SOURCES.get(inspection.grammar, "invalid")
    return "invalid" if inspection.fault is not None and source == "inline" else source
