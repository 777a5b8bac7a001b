"""The steps that look at whole rows: check them, and put them in another format."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import attrs

from msgkit.conversion import HarmonySystem, OnLoss, Rows, ToolMedia
from msgkit.errors import InvalidMessageError
from msgkit.escaping import among
from msgkit.pipeline.report import LACKING
from msgkit.pipeline.steps.base import Outcome, Step, own_options


def _codes(codes: Iterable[str] | None) -> tuple[str, ...] | None:
    return None if codes is None else tuple(codes)


@attrs.frozen
class Check(Step):
    """
    Refuse rows that :func:`msgkit.check` finds errors in; a row without comes back as it is.

    Args:
        target: Whose rules and limits hold; the target named like the format when None.

        root: The folder that references may name files in; without it they are not opened.

        format: The format of the rows; detected from each row's shape when None.

        select: Codes or families to report; all when None.

        ignore: Codes or families to leave out.

        ready: The rows are to be sent as they are, so local references are errors.

        model: The model that the rows go to; each row's own when None.

    >>> Check()([{"role": "usr", "content": "Hello"}])
    Traceback (most recent call last):
    msgkit.errors.InvalidMessageError: messages[0].role: role-unknown: ...
    """

    keeps_json: ClassVar[bool] = True

    target: str | None = None
    root: str | None = None
    format: str | None = None
    select: tuple[str, ...] | None = attrs.field(default=None, converter=_codes)
    ignore: tuple[str, ...] | None = attrs.field(default=None, converter=_codes)
    ready: bool = False
    model: str | None = None

    def apply(self, row: Any) -> Outcome:
        """Check the row."""
        from msgkit.api import checking

        issues = checking.check(row, **own_options(self))
        if any(issue.severity == "error" for issue in issues):
            raise InvalidMessageError(issues)
        return Outcome(row, (), {"warnings": len(issues)}, tuple(issues))


_COUNTED = {"content": "losses", "setting": "settings"}


@attrs.frozen
class Convert(Step):
    """
    Another format, as :func:`msgkit.convert`.

    Args:
        to: The format to write.

        format: The format of the rows; detected from each row's shape when None.

        on_loss: ``error`` refuses a row that would lose content, ``strict`` one that would lose settings, too; ``drop``
            refuses none.

        allow_loss: Names of losses that never refuse.

        tool_media, merge, filler, set_keys, harmony_system, rows, provenance, target: As there.

    >>> Convert("anthropic", on_loss="drop")([{"role": "user", "content": "Hello", "name": "Ann"}])
    [{'role': 'user', 'content': 'Hello'}]
    """

    to: str
    format: str | None = None
    on_loss: OnLoss = attrs.field(default="error", validator=among("error", "strict", "drop"))
    allow_loss: tuple[str, ...] = attrs.field(default=(), converter=tuple)
    tool_media: ToolMedia = attrs.field(default="refuse", validator=among("refuse", "follow"))
    merge: bool = False
    filler: str | None = None
    set_keys: Mapping[str, Any] = attrs.field(factory=dict, converter=dict)
    harmony_system: HarmonySystem = attrs.field(default="developer", validator=among("developer", "system"))
    rows: Rows | None = None
    provenance: bool = False
    target: str | None = None

    def apply(self, row: Any) -> Outcome:
        """Convert the row."""
        from msgkit.api import converting

        result = converting.convert(row, **own_options(self))
        counts = Counter(_COUNTED[loss.kind] for loss in result.losses if not loss.form)
        counts.update(f"{LACKING}{key}" for key in result.missing)
        counts.update(["skipped"] * bool(result.skipped))
        return Outcome(result.payload, result.losses, counts)
