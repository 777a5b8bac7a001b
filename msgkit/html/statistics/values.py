"""What statistics say, as values that become JSON."""

from collections.abc import Mapping
from typing import Any

import attrs

from msgkit.html.statistics.counters import Spread
from msgkit.model.parts import NOTHING
from msgkit.pipeline.report import Refusal


@attrs.frozen
class MediaStats:
    """The media of one type."""

    count: int  # parts that hold or name such media
    sizes: Spread  # bytes of one, as a file
    base64: int  # characters of all of them as base64
    pixels: Spread  # width x height of one image, in pixels
    width: Spread  # pixels of one image
    height: Spread
    seconds: Spread  # seconds of one audio


@attrs.frozen
class Repeats:
    """Media that are in the rows as base64, and what taking them out would save."""

    media: int = 0  # how many there are
    distinct: int = 0  # how many different ones
    base64: int = 0  # characters of all of them
    files: int = 0  # bytes of the different ones as files
    saved: int = 0  # what the rows and the files would be smaller than the rows are now, in bytes
    exact: bool = True  # false when there are so many different ones that repeats were missed


@attrs.frozen
class TokenStats:
    """What all rows cost at a target, in tokens."""

    text: int  # by the rule that ``Stats.text_tokens_by`` names
    images: int | None = None  # by the target's formula; None without one
    audio: int | None = None  # by the target's formula; None without one
    uncounted: int = 0  # media whose pixels or seconds are not known, so that they are missing in the sums
    largest_row: int = 0  # of the row that has most
    # the context window of the model; the smallest where the rows name several, None when not known
    context: int | None = None
    # rows that are larger than the context window of their model; None when it is not known
    beyond_context: int | None = None
    # US dollars for all rows as input, by genai-prices; None without the extra ``prices``, or without a model
    cost: float | None = None

    @property
    def total(self) -> int:
        """Tokens of all kinds."""
        return self.text + (self.images or 0) + (self.audio or 0)


@attrs.frozen
class Histogram:
    """How many values fall in each bin."""

    title: str  # what was counted
    unit: str  # ``bytes``, ``pixels``, ``seconds`` or empty
    edges: tuple[float, ...]  # the lower edge of each bin, and the upper edge of the last
    counts: tuple[int, ...]  # one for each bin
    whole: bool = False  # true when each bin holds one whole number: its lower edge


@attrs.frozen
class Stats:
    """What a file of rows holds."""

    rows: int  # rows read
    unreadable: int  # those that are no JSON, or hold no messages
    messages: Spread  # messages in one row
    row_sizes: Spread  # bytes of one row's JSON
    roles: Mapping[str, int]  # how many messages of each role and channel, and content parts of each type
    channels: Mapping[str, int]
    parts: Mapping[str, int]
    # how many media are in the rows (``inline``), are named (``file``, ``remote``), or are ``invalid``
    sources: Mapping[str, int]
    # by media type, as detected from the bytes; ``unknown`` for what was not opened or is of no known type
    media: Mapping[str, MediaStats]
    repeats: Repeats  # what ``extract`` would save
    equal_rows: int  # rows that are equal to one before, but for their ids
    verdicts: Mapping[str, Mapping[str, int]]  # target -> ``no issues``, ``warnings`` or ``errors`` -> rows
    tokens: Mapping[str, TokenStats]  # by target
    text_tokens_by: str  # how text was counted
    over: Mapping[str, Mapping[str, int]]  # target -> limit as named in the target's file -> rows beyond it
    limits: Mapping[str, Mapping[str, float]]  # target -> limit that rows are beyond -> its value
    masks: Mapping[str, int] = NOTHING  # how many messages are ``trained`` on and ``masked``, where rows say so
    histograms: tuple[Histogram, ...] = ()  # how values are spread
    dimensions: tuple[tuple[int, int], ...] = ()  # width and height of a sample of the images, in pixels
    failed: int = 0  # rows at which msgkit itself failed: ``internal-error``
    failures: tuple[Refusal, ...] = ()  # the first of them, at most ten

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return attrs.asdict(self)
