"""Rows -> their statistics, in one pass and little memory."""

from collections import Counter
from collections.abc import Iterator

import msgspec

from msgkit.api.receivers import Receiver, model_of
from msgkit.data_url import Kind
from msgkit.errors import EXPECTED, InvalidMessageError, Issue, internal_error
from msgkit.headers import ImageHeader, SoundHeader
from msgkit.html.load_any import open_row
from msgkit.html.statistics.counters import Distinct, Names, Sample, Spread, Values
from msgkit.html.statistics.histograms import histogram
from msgkit.html.statistics.over_limits import Request, excess
from msgkit.html.statistics.tokens import TextCounter, TokenCounts
from msgkit.html.statistics.values import Histogram, MediaStats, Repeats, Stats
from msgkit.media.references import check_reference
from msgkit.media.sources import Root
from msgkit.media.token_cost import texts
from msgkit.model.messages import Message
from msgkit.pipeline.report import Refusal
from msgkit.rows import Row
from msgkit.rules.media_probe import Inspection, inspect_all

_SOURCES = {Kind.DATA: "inline", Kind.BASE64: "inline", Kind.REFERENCE: "file", Kind.REMOTE: "remote"}
_FAILURES = 10  # rows at which msgkit failed that are told
_POINTS = 1_000  # pictures whose dimensions are drawn
_REFERENCE = len("media/3f/.jpg") + 64  # characters of a reference to an extracted file, named by its SHA-256


class Collector:
    """
    Counts rows.

    Args:
        receivers: The targets and models to count tokens and excess for.

        text: Counts the tokens of text.

        root: Where references may be opened for their headers; None to only name them.

        format_name: The format of the rows; told from each row's shape when None.
    """

    def __init__(
        self, receivers: tuple[Receiver, ...], text: TextCounter, root: str | None, format_name: str | None
    ) -> None:
        self._receivers = {receiver.name: receiver for receiver in receivers}
        self._text, self._format = text, format_name
        self._opener = None if root is None else Root(root).window
        self._rows = self._unreadable = self._failed = 0
        self._failures: list[Refusal] = []
        self._messages, self._sizes = Values(), Values()
        self._roles, self._channels, self._parts, self._sources = Names(), Names(), Names(), Names()
        self._media = _MediaCounts()
        self._tokens = {name: TokenCounts() for name in self._receivers}
        self._over: dict[str, Counter[str]] = {name: Counter() for name in self._receivers}
        self._limits: dict[str, dict[str, float]] = {name: {} for name in self._receivers}

    def add(self, row: Row) -> None:
        """Count a row; never raises for what stands in it."""
        try:
            failed = self._add(row)
        except EXPECTED:
            raise
        except Exception as error:  # noqa: BLE001 (whatever is raised costs its row alone)
            failed = [internal_error("the statistics", error)]
        if failed:
            self._failed += 1
            if self._failed <= _FAILURES:
                self._failures.append(Refusal(row.number, tuple(failed)))

    def _add(self, row: Row) -> list[Issue]:
        """Count a row; return at what msgkit failed."""
        self._rows += 1
        if row.issues:
            self._unreadable += 1
            return []
        try:
            conversation = open_row(row.value, self._format).loaded.conversation
        except InvalidMessageError as error:
            self._unreadable += 1
            return [issue for issue in error.issues if issue.code == "internal-error"]
        self._unreadable += not conversation.messages
        size = len(msgspec.json.encode(row.value))
        self._sizes.add(size)
        self._messages.add(len(conversation.messages))
        text = sum(self._add_message(message) for message in conversation.messages)
        media = list(inspect_all(conversation, self._opener, check_reference, ready=False))
        for found in media:
            self._add_media(found)
        request = Request(size, len(conversation.messages), media)
        for name, receiver in self._receivers.items():
            target = receiver.of(conversation)
            model = receiver.model or (model_of(conversation) if target.model is not None else None)
            self._tokens[name].add(text, media, target, model)
            for limit, value in excess(request, target):
                self._over[name][limit] += 1
                self._limits[name].setdefault(limit, value)
        faults = [found.fault.at(found.use.path) for found in media if found.fault is not None]
        return [fault for fault in faults if fault.code == "internal-error"]

    def _add_message(self, message: Message) -> float:
        """Count a message; return the tokens of its texts."""
        self._roles.add(str(message.author.role or "(none)"))
        if isinstance(message.channel, str):
            self._channels.add(message.channel)
        for part in message.parts:
            self._parts.add(str(getattr(part, "type", "") or "(unknown)"))
        return sum(self._text.count(text) for text in texts(message))

    def _add_media(self, found: Inspection) -> None:
        source = _SOURCES.get(found.grammar, "invalid")
        self._sources.add("invalid" if found.fault is not None and source == "inline" else source)
        self._media.add(found)

    def stats(self) -> Stats:
        """Return what was counted."""
        return Stats(
            rows=self._rows,
            unreadable=self._unreadable,
            messages=self._messages.spread(),
            row_sizes=self._sizes.spread(),
            roles=_sorted(self._roles),
            channels=_sorted(self._channels),
            parts=_sorted(self._parts),
            sources=_sorted(self._sources),
            media=self._media.by_type(),
            repeats=self._media.repeats(),
            tokens={name: counts.stats() for name, counts in self._tokens.items()},
            text_tokens_by=self._text.name,
            over={name: dict(sorted(counts.items())) for name, counts in self._over.items() if counts},
            limits={name: limits for name, limits in self._limits.items() if limits},
            histograms=tuple(self._histograms()),
            dimensions=tuple(self._media.points.kept),
            failed=self._failed,
            failures=tuple(self._failures),
        )

    def _histograms(self) -> Iterator[Histogram]:
        for title, unit, values in (
            ("Messages in a row", "", self._messages),
            ("Size of a row", "bytes", self._sizes),
            ("Size of a picture", "bytes", self._media.image_sizes),
            ("Longer side of a picture", "pixels", self._media.sides),
            ("Size of a sound", "bytes", self._media.sound_sizes),
            ("Length of a sound", "seconds", self._media.seconds),
        ):
            found = histogram(title, unit, values)
            if found is not None:
                yield found


class _MediaCounts:
    """Media by their type, repeats, and what is drawn of them."""

    def __init__(self) -> None:
        self._types: dict[str, _TypeCounts] = {}
        self._distinct = Distinct()
        self._inline = self._new = self._base64 = self._texts = self._files = 0
        self.image_sizes, self.sound_sizes, self.sides, self.seconds = Values(), Values(), Values(), Values()
        self.points: Sample[tuple[int, int]] = Sample(_POINTS)

    def add(self, found: Inspection) -> None:
        self._types.setdefault(found.media_type or "unknown", _TypeCounts()).add(found)
        if found.grammar in (Kind.DATA, Kind.BASE64) and found.base64_size:
            self._inline += 1
            self._base64 += found.base64_size
            self._texts += len(found.use.text)
            if self._distinct.is_new(found.use.text.rpartition(",")[2]):
                self._new += 1
                self._files += found.size or 0
        if isinstance(found.header, ImageHeader):
            self.sides.add(max(found.header.width, found.header.height))
            self.points.add((found.header.width, found.header.height))
            self.image_sizes.add(found.size or 0)
        elif isinstance(found.header, SoundHeader):
            self.seconds.add(found.header.duration)
            self.sound_sizes.add(found.size or 0)

    def by_type(self) -> dict[str, MediaStats]:
        order = sorted(self._types.items(), key=lambda item: (-item[1].count, item[0]))
        return {name: counts.stats() for name, counts in order}

    def repeats(self) -> Repeats:
        saved = max(0, self._texts - self._inline * _REFERENCE - self._files)
        return Repeats(self._inline, self._new, self._base64, self._files, saved, self._distinct.is_exact)


class _TypeCounts:
    """The media of one type."""

    def __init__(self) -> None:
        self.count = self._base64 = 0
        self._sizes, self._pixels, self._width, self._height, self._seconds = (Values() for _ in range(5))

    def add(self, found: Inspection) -> None:
        self.count += 1
        if found.size:
            self._sizes.add(found.size)
            self._base64 += found.base64_size or 0
        if isinstance(found.header, ImageHeader):
            self._pixels.add(found.header.width * found.header.height)
            self._width.add(found.header.width)
            self._height.add(found.header.height)
        elif isinstance(found.header, SoundHeader):
            self._seconds.add(found.header.duration)

    def stats(self) -> MediaStats:
        spreads: list[Spread] = [values.spread() for values in (self._pixels, self._width, self._height, self._seconds)]
        return MediaStats(self.count, self._sizes.spread(), self._base64, *spreads)


def _sorted(names: Names) -> dict[str, int]:
    return dict(sorted(names.counts.items(), key=lambda item: (-item[1], item[0])))
