"""What statistics say, as values that become JSON."""

from collections.abc import Mapping
from typing import Any

import attrs

from msgkit.html.statistics.counters import Spread
from msgkit.pipeline.report import Refusal


@attrs.frozen
class MediaStats:
    """
    The media of one type.

    Args:
        count: Parts that hold or name such media.

        sizes: Bytes of one, as a file.

        base64: Characters of all of them as base64.

        pixels: Width x height of one picture, in pixels.

        width, height: Pixels of one picture.

        seconds: Seconds of one sound.
    """

    count: int
    sizes: Spread
    base64: int
    pixels: Spread
    width: Spread
    height: Spread
    seconds: Spread


@attrs.frozen
class Repeats:
    """
    Media that stand in the rows as base64, and what taking them out would save.

    Args:
        media: How many there are.

        distinct: How many different ones.

        base64: Characters of all of them.

        files: Bytes of the different ones as files.

        saved: What the rows and the files would be smaller than the rows are now, in bytes.

        exact: False when there are so many different ones that repeats were missed.
    """

    media: int = 0
    distinct: int = 0
    base64: int = 0
    files: int = 0
    saved: int = 0
    exact: bool = True


@attrs.frozen
class TokenStats:
    """
    What all rows cost at a target, in tokens.

    Args:
        text: By the rule that ``Stats.text_tokens_by`` names.

        images: By the target's formula; None without one.

        audio: By the target's formula; None without one.

        uncounted: Media whose pixels or seconds are not known, so that they are missing in the sums.

        largest_row: Of the row that has most.

        context: The context window of the model; the smallest where the rows name several, None when not known.

        beyond_context: Rows that are larger than the context window of their model; None when it is not known.

        cost: US dollars for all rows as input, by genai-prices; None without the extra ``prices``, or without a model.
    """

    text: int
    images: int | None = None
    audio: int | None = None
    uncounted: int = 0
    largest_row: int = 0
    context: int | None = None
    beyond_context: int | None = None
    cost: float | None = None

    @property
    def total(self) -> int:
        """Tokens of all kinds."""
        return self.text + (self.images or 0) + (self.audio or 0)


@attrs.frozen
class Histogram:
    """
    How many values fall in each bin.

    Args:
        title: What was counted.

        unit: ``bytes``, ``pixels``, ``seconds`` or empty.

        edges: The lower edge of each bin, and the upper edge of the last.

        counts: One for each bin.

        whole: True when each bin holds one whole number: its lower edge.
    """

    title: str
    unit: str
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    whole: bool = False


@attrs.frozen
class Stats:
    """
    What a file of rows holds.

    Args:
        rows: Rows read.

        unreadable: Those that are no JSON, or hold no messages.

        messages: Messages in one row.

        row_sizes: Bytes of one row's JSON.

        roles, channels, parts: How many messages of each role and channel, and content parts of each type.

        sources: How many media stand in the rows (``inline``), are named (``file``, ``remote``), or are ``invalid``.

        media: By media type, as told from the bytes; ``unknown`` for what was not opened or is of no known type.

        repeats: What ``extract`` would save.

        tokens: By target.

        text_tokens_by: How text was counted.

        over: Target -> limit as named in the target's file -> rows beyond it.

        limits: Target -> limit that rows are beyond -> its value.

        histograms: How values are spread.

        dimensions: Width and height of a sample of the pictures, in pixels.

        failed: Rows at which msgkit itself failed: ``internal-error``.

        failures: The first of them, at most ten.
    """

    rows: int
    unreadable: int
    messages: Spread
    row_sizes: Spread
    roles: Mapping[str, int]
    channels: Mapping[str, int]
    parts: Mapping[str, int]
    sources: Mapping[str, int]
    media: Mapping[str, MediaStats]
    repeats: Repeats
    tokens: Mapping[str, TokenStats]
    text_tokens_by: str
    over: Mapping[str, Mapping[str, int]]
    limits: Mapping[str, Mapping[str, float]]
    histograms: tuple[Histogram, ...] = ()
    dimensions: tuple[tuple[int, int], ...] = ()
    failed: int = 0
    failures: tuple[Refusal, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return attrs.asdict(self)
