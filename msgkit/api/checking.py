"""check and validate."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from msgkit import formats, targets
from msgkit.api.loading import Payload, open_payload, read_json
from msgkit.errors import EXPECTED, InvalidMessageError, Issue, internal_error
from msgkit.formats import branches
from msgkit.formats.branches import Branches
from msgkit.media.limits import DEFAULT as LIMITS
from msgkit.media.references import check_reference
from msgkit.media.sources import Place, Root
from msgkit.model.messages import Conversation
from msgkit.model.notebook import NotebookRepr


class Issues(NotebookRepr, list[Issue]):
    """A list of issues that notebooks show as they stand on a page; a list in every other way."""

    __slots__ = ()


def check(
    payload: Payload,
    target: str | None = None,
    root: Place | None = None,
    *,
    format: str | None = None,  # noqa: A002
    select: Iterable[str] | None = None,
    ignore: Iterable[str] | None = None,
    ready: bool = False,
) -> Issues:
    """
    Return every issue of *payload*; bad input never raises.

    Args:
        payload: A row; see the module.

        target: Whose rules and limits hold; the target named like the format when None.

        root: The folder that references may name files in; without it they are not opened.

        format: The format of *payload*; told from its shape when None.

        select: Codes or families to report; all when None.

        ignore: Codes or families to leave out.

        ready: The payload is to be sent as it is, so local references are errors.

    Raises:
        UnknownNameError: If there is no such target, format or code.

    >>> [issue.code for issue in check({"messages": [{"role": "usr", "content": "Hello"}]})]
    ['role-unknown']
    """
    chosen: dict[str, Any] = {"select": select, "ignore": ignore, "ready": ready}
    try:
        return Issues(_issues(payload, target, root, format, chosen))
    except EXPECTED:
        raise
    except Exception as error:  # noqa: BLE001 (bad input never raises)
        return Issues([internal_error("the check", error)])


def _issues(
    payload: Payload, target: str | None, root: Place | None, format_name: str | None, chosen: dict[str, Any]
) -> list[Issue]:
    from msgkit import rules  # many, and who moves media asks none of them

    try:
        row, loaded = open_payload(payload, format_name)
    except InvalidMessageError as error:
        return rules.unloaded(error.issues, select=chosen["select"], ignore=chosen["ignore"])
    around = (payload if isinstance(payload, Conversation) else loaded.conversation).envelope
    if around is not None and around.branches and isinstance(row, Mapping):
        across = rules.run(loaded, targets.get(target or target_like(around.format)), row=row, select=("branches",))
        across = rules.unloaded(across, select=chosen["select"], ignore=chosen["ignore"])
        each = _answer_issues(cast(Branches, branches.find(row)), target, root, format_name, chosen)
        return sorted({*across, *each}, key=lambda issue: rules.order(issue.path))
    found = targets.get(target or target_like(around.format if around else formats.DEFAULT))
    opener = None if root is None else lambda reference: Root(root).window(reference)  # most rows name no file
    return rules.run(loaded, found, row=row, opener=opener, grammar=check_reference, bounds=LIMITS, **chosen)


def _answer_issues(
    found: Branches, target: str | None, root: Place | None, format_name: str | None, chosen: dict[str, Any]
) -> list[Issue]:
    """Check the conversation with each answer of a row alone; what they share is told once."""
    told = [
        branches.issues_in_row(_issues(body, target, root, format_name, chosen), variant)
        for body, variant in branches.variants(found)
    ]
    is_counted = any(all(issue.code != _COUNT for issue in one) for one in told)  # one answer has the media for itself
    issues = [issue for one in told for issue in one if not (is_counted and issue.code == _COUNT)]
    return list({(issue.path, issue.code): issue for issue in reversed(issues)}.values())


_COUNT = "placeholder-count"


def is_clean(line: bytes, target: str | None = None, format: str | None = None) -> bool:  # noqa: A002
    """
    Tell at once of most clean rows of text that they are clean; False means that ``check`` must look.

    Args:
        line: A row as JSON.

        target: Whose rules and limits hold.

        format: The format of the row; told from its shape when None.

    >>> is_clean(b'{"messages": [{"role": "user", "content": "Hello"}]}')
    True
    """
    if format not in (None, formats.DEFAULT):
        return False
    from msgkit import rules

    found = targets.get(target or target_like(formats.DEFAULT))
    try:
        _, conversation = read_json(line, format)
        return conversation is not None and rules.is_clean(conversation, found)
    except (OSError, MemoryError):
        raise
    except Exception:  # noqa: BLE001 (what went wrong, check says)
        return False


def validate(payload: Payload, target: str | None = None, root: Place | None = None, **options: Any) -> None:
    """
    Raise if ``check`` finds an error; warnings pass.

    Raises:
        InvalidMessageError: With all issues, warnings among them.

    >>> validate([{"role": "user", "content": "Hello"}])
    """
    issues = check(payload, target, root, **options)
    if any(issue.severity == "error" for issue in issues):
        raise InvalidMessageError(issues)


def target_like(format_name: str) -> str:
    """The target whose rules hold when none is named."""
    return formats.get(format_name).target
