"""check and validate."""

from collections.abc import Callable, Iterable, Mapping
from functools import cache, lru_cache, partial
from typing import Any, NamedTuple, cast

from msgkit import formats
from msgkit.api.loading import Payload, load_row, open_payload, plain, read_json
from msgkit.api.receivers import Receiver
from msgkit.errors import EXPECTED, InvalidMessageError, Issue, internal_error
from msgkit.formats import Loaded, branch_parts, branches
from msgkit.formats.branch_parts import Branches
from msgkit.formats.common.columns import named
from msgkit.formats.common.sniff import is_taken
from msgkit.media.references import check_reference
from msgkit.media.sources import Place, Root
from msgkit.model.base import NotebookRepr
from msgkit.model.messages import Conversation, Message
from msgkit.targets import Target


class Issues(NotebookRepr, list[Issue]):
    """A list of issues that notebooks show as they are on a page; a list in every other way."""

    __slots__ = ()


def check(
    payload: Payload,
    target: str | None = None,
    root: Place | None = None,
    *,
    model: str | None = None,
    format: str | None = None,  # noqa: A002
    select: Iterable[str] | None = None,
    ignore: Iterable[str] | None = None,
    ready: bool = False,
    columns: Iterable[str] = (),
) -> Issues:
    """
    Return every issue of *payload*; bad input never raises.

    Args:
        payload: A row, as for :func:`msgkit.load`.

        target: Whose rules and limits hold; the target named like the format when None.

        root: The folder that references may name files in; without it they are not opened.

        model: The model that it goes to; the payload's own ``model`` when None, where the target takes its format.

        format: The format of *payload*; detected from its shape when None.

        select: Codes or families to report; all when None.

        ignore: Codes or families to leave out.

        ready: The payload is to be sent as it is, so local references are errors.

        columns: Columns of other names: ``image_path``, ``clip=video``, ``chat=messages``, ``reply=assistant``.

    Raises:
        UnknownNameError: If there is no such target, format or code.

    >>> [issue.code for issue in check({"messages": [{"role": "usr", "content": "Hello"}]})]
    ['role-unknown']
    """
    with named(columns):
        return _Check(Receiver(target, model), root, format, select, ignore, ready).issues(payload)


def check_json(
    line: bytes,
    target: str | None = None,
    root: Place | None = None,
    *,
    model: str | None = None,
    format: str | None = None,  # noqa: A002
    select: Iterable[str] | None = None,
    ignore: Iterable[str] | None = None,
    ready: bool = False,
) -> tuple[Any, Issues]:
    """Return a row of JSON text, which is parsed once, and every issue of it; see :func:`check`."""
    row, conversation = read_json(line, format)
    receiver = _receiver(target, model)
    may_be_clean = conversation is not None and select is None and ignore is None
    if conversation is not None and may_be_clean and _is_surely_clean(conversation, receiver, ready=ready):
        return row, Issues()

    def loaded(row: Any, format_name: str | None) -> tuple[Any, Loaded]:
        return row, load_row(row, format_name) if conversation is None else Loaded(conversation)

    return row, _Check(receiver, root, format, select, ignore, ready).issues(row, loaded)


@lru_cache(maxsize=64)
def _receiver(target: str | None, model: str | None) -> Receiver:
    return Receiver(target, model)


def _is_surely_clean(conversation: Conversation, receiver: Receiver, *, ready: bool) -> bool:
    """Fast check: True only if no rule can find anything; False means that each that may must look."""
    target = receiver.of(conversation)
    try:
        return not _rules().checks_for(conversation, target, ready=ready) and _takes_default(target)
    except Exception:  # noqa: BLE001 (which of the rules it was is told where they run)
        return False


@cache
def _rules() -> Any:
    from msgkit import rules  # lazy: inline and extract never need the rules

    return rules


_Open = Callable[[Any, str | None], tuple[Any, Loaded]]


class _Check(NamedTuple):
    """What is asked of a row."""

    receiver: Receiver
    root: Place | None
    format_name: str | None
    select: Iterable[str] | None
    ignore: Iterable[str] | None
    ready: bool

    def issues(self, payload: Payload, load: _Open = open_payload) -> Issues:
        """Return every issue of a row; bad input never raises."""
        try:
            return Issues(self._issues(payload, load))
        except EXPECTED:
            raise
        except Exception as error:  # noqa: BLE001 (bad input never raises)
            return Issues([internal_error("the check", error)])

    def _issues(self, payload: Payload, load: _Open = open_payload) -> list[Issue]:
        rules, chosen = _rules(), {"select": self.select, "ignore": self.ignore}
        try:
            row, loaded = load(payload, self.format_name or _format_of_new(payload))
        except InvalidMessageError as error:
            return cast(list[Issue], rules.unloaded(error.issues, **chosen))
        conversation = payload if isinstance(payload, Conversation) else loaded.conversation
        around, target = conversation.envelope, self.receiver.of(conversation)
        if self.format_name is None and around is not None and around.format == formats.DEFAULT:
            loaded = _as_received(row, loaded, target)
            target = self.receiver.of(loaded.conversation) if self.ready else target  # whose model is the row's
        if around is not None and around.branches and isinstance(row, Mapping):
            branched = loaded.branched or cast(Branches, branches.find(row))
            across = rules.unloaded(rules.run_across(loaded, target, row, branched), **chosen)
            each = self._of_answers(branched, is_json=not loaded.issues)
            return sorted(dict.fromkeys((*across, *each)), key=lambda issue: rules.order(issue.path))
        root = self.root
        opener = None if root is None else lambda reference: Root(root).window(reference)  # most rows name no file
        about = {"row": row, "opener": opener, "grammar": check_reference, "ready": self.ready}
        return cast(list[Issue], rules.run(loaded, target, **about, **chosen))

    def _of_answers(self, branched: Branches, *, is_json: bool) -> list[Issue]:
        """Check the conversation with each answer of a row alone; what they share is told once."""
        load = partial(open_payload, is_json=is_json)
        told = [
            branch_parts.issues_in_row(self._issues(body, load), variant)
            for body, variant in branch_parts.variants(branched)
        ]
        issues = [issue for one in told for issue in one if not _is_of_requests(issue)]
        return list(reversed({(issue.path, issue.code): issue for issue in reversed(issues)}.values()))


def _format_of_new(payload: Payload) -> str | None:
    """Return the format in which what was built here is written; None for what was not."""
    messages = payload.messages if isinstance(payload, Conversation) and payload.envelope is None else payload
    if not messages or not isinstance(messages, list | tuple) or not all(isinstance(one, Message) for one in messages):
        return None
    return formats.of_new({"messages": plain(messages)})


def _as_received(row: Any, loaded: Loaded, target: Target) -> Loaded:
    """Load a row that no sign tells as the target's format, where that defines all that it holds."""
    wanted = formats.get(target.format)
    is_other = wanted.name != formats.DEFAULT and _has_messages(wanted) and loaded.issues  # perhaps they are none there
    if _takes_default(target) and not is_other:
        return loaded
    other = load_row(row, wanted.name)
    return other if is_taken(other, wanted) else loaded


@lru_cache(maxsize=64)
def _takes_default(target: Target) -> bool:
    """Return whether rows of Chat Completions stay such for a target: it takes them, or its format is far from it."""
    wanted = formats.get(target.format)
    return formats.DEFAULT in (wanted.name, *target.also) or not _has_messages(wanted)


def _has_messages(own: formats.Format) -> bool:
    """Return whether bodies of a format may look as those of Chat Completions."""
    return own.list_key == formats.get(formats.DEFAULT).list_key and not own.is_harmony


def _is_of_requests(issue: Issue) -> bool:
    """Return whether an issue is none in a row with answers: one may be a call, and the row may list no tools."""
    of_tools = issue.severity == "warning" or issue.path.rpartition(".")[2] == "tools"
    return issue.code == "tool-call-pending" or (issue.code == "setting-invalid" and of_tools)


def validate(payload: Payload, target: str | None = None, root: Place | None = None, **options: Any) -> None:
    """
    Raise if :func:`check`, which takes the same, finds an error; warnings pass.

    Raises:
        InvalidMessageError: With all issues, warnings among them.

    >>> validate([{"role": "user", "content": "Hello"}])
    """
    issues = check(payload, target, root, **options)
    if any(issue.severity == "error" for issue in issues):
        raise InvalidMessageError(issues)
