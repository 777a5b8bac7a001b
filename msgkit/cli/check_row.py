"""What ``msgkit check`` does with one row: find its issues, apply fixes, also to copies of media, show what changed."""

import json
import posixpath
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, Final, Literal, NamedTuple

import attrs
import msgspec

from msgkit import data_url, rules, targets
from msgkit.api import checking
from msgkit.api.receivers import Receiver
from msgkit.cli import places
from msgkit.cli.parser import UsageError
from msgkit.data_url import Kind
from msgkit.errors import EXPECTED, InvalidMessageError, Issue, MediaError, internal_error
from msgkit.escaping import plain_lines, shorten
from msgkit.formats import envelopes
from msgkit.formats.batch import ID_KEYS
from msgkit.formats.common.columns import named
from msgkit.jsontext.edit import Editor, find, steps
from msgkit.media.sources import Root
from msgkit.media.store import Store
from msgkit.pipeline.steps.base import Outcome, Step
from msgkit.rows import Row, dumps, loads, read_row

_ROUNDS = 8  # a fix may uncover an issue that can be fixed in turn


@attrs.frozen(eq=False, repr=False)
class RowIssues:
    """What check says of a row."""

    row: int
    issues: tuple[Issue, ...]  # the issues, after fixing those that are left
    diff: str = ""  # what fixing would change
    batch: rules.BatchLine | None = None  # what the row says as a line of a Batch file


_encode = msgspec.json.Encoder().encode
read_note = msgspec.json.Decoder(RowIssues).decode
"""Returns what is noted of a row."""


_COPIED: Final = frozenset(("image-orientation", "media-type-mismatch"))


class Copies(NamedTuple):
    """Where fixed copies go; the media that rows name stay as they are."""

    store: Store  # the folder, in which files are named by their content, and so with the extension of their type
    prefix: str  # the way from the root to it

    def mend(self, value: Any, issues: Sequence[Issue], root: str) -> tuple[Any, list[Issue]]:
        """Return the row with references to fixed copies, and the issues that are gone by that."""
        bare = isinstance(value, list | tuple)
        editor = Editor({"messages": value} if bare else value)
        gone: list[Issue] = []
        for issue in issues:
            at = steps(issue.path) if issue.code in _COPIED else None
            old = find(editor.value, at) if at and at[-1] != "filename" else None
            if at and isinstance(old, str) and data_url.classify(old) is Kind.REFERENCE:
                new = self._copy(old, issue.code, root)
                if new is not None:
                    editor.put(at, new)
                    gone.append(issue)
        return (editor.value["messages"] if bare else editor.value), gone

    def _copy(self, reference: str, code: str, root: str) -> str | None:
        try:
            data = Root(root).read(reference)
            name = self.store.put(upright(data) if code == "image-orientation" else data)
            return posixpath.join(self.prefix, name)
        except MediaError:
            return None  # the issue stays


def copies(media: str, root: str | None) -> Copies:
    """Return where copies go."""
    if root is None:
        raise UsageError("--media needs a root, for rows name files below it: give --root DIR")
    folder, base = Path(media).absolute(), Path(root).absolute()
    places.check_media(folder, base, "the root")
    return Copies(Store(folder), folder.relative_to(base).as_posix())


def upright(data: bytes) -> bytes:
    """Return an image turned as EXIF says."""
    from msgkit.media import image

    return image.fit(data, targets.get("openai")).data  # a target, for with none an image is left as it lies


@attrs.frozen(kw_only=True, eq=False)
class Checker(Step):
    """How rows are checked and fixed; what is found goes into the notes of the run."""

    takes_rows: ClassVar[bool] = True

    # whose rules and limits apply: targets and models, each with its own verdict
    receivers: tuple[Receiver, ...] = (Receiver(),)
    format: str | None = None  # the format of the rows; detected from each row's shape when None
    root: str | None = None  # the folder that references may name files in
    select: frozenset[str] | None = None  # codes to report; all when None
    ignore: frozenset[str] = frozenset()  # codes to leave out
    ready: bool = False  # the rows are sent as they are
    mode: Literal["report", "fix", "diff"] = "report"  # report issues; write fixed rows; or show what fixing changes
    name: str = ""  # what the file is called in a diff
    refuses: bool = False  # refuse rows with errors, so that they go to the rejects
    unsafe: tuple[str, ...] = ()  # fixes that change the meaning
    copies: Copies | None = None  # where fixed copies of referenced media go; None fixes only what rows hold

    def apply_row(self, row: Row, max_row: int) -> Outcome:
        """Check the row, and fix it if that is asked for."""
        row, value, issues = self.issues(row, max_row)
        if row.issues:
            refused = self.mode == "fix" or self.refuses
            note = _note(row.number, issues)
            return Outcome(None, line=b"", note=note, refused=row.issues if refused else ())
        if self.mode == "report":
            if not issues and (type(value) is not dict or _IDS.isdisjoint(value)):
                return _CLEAN
            errors = self.refuses and any(issue.severity == "error" for issue in issues)
            note = _note(row.number, issues, batch=rules.batch_line(value))
            return Outcome(None, line=b"", note=note, refused=tuple(issues) if errors else ())
        return self._fixed(row if row.value is value else attrs.evolve(row, value=value), issues)

    def issues(self, row: Row, max_row: int) -> tuple[Row, Any, list[Issue]]:
        """Return a row, its value read as JSON, and its issues, those of reading it among them."""
        if row.value is None and row.raw is not None and not row.issues:
            try:
                return row, *self._check_json(row.raw)
            except InvalidMessageError:
                row = read_row(row.number, row.raw, max_row, ended=row.ended)
        if row.issues:
            return row, None, [rules.told(issue) for issue in row.issues if self.wants(issue.code)]
        return row, row.value, self._check(row.value)

    def mend(self, value: Any, issues: list[Issue]) -> tuple[Any, list[Issue], list[Issue]]:
        """Apply fixes; return the new row, the issues fixed and those left; the row as it was if that fails."""
        try:
            return self._mend(value, issues)
        except EXPECTED:
            raise
        except Exception as error:  # noqa: BLE001 (whatever a fix raises costs its row alone)
            return value, [], [*issues, rules.told(internal_error("a fix", error))]

    def columns_read(self, names: Sequence[str]) -> Sequence[str]:
        """Return those that a format may look at, unless rows are written, or sent with all that they have."""
        if self.mode != "report" or self.ready or self.refuses:
            return names
        with named(self.columns):
            return envelopes.columns_read(names)

    def writes(self) -> bool:
        """Return whether copies of media are written."""
        return self.copies is not None

    def _fixed(self, row: Row, issues: list[Issue]) -> Outcome:
        value, fixed, left = self.mend(row.value, issues) if issues else (row.value, [], issues)
        counts = {"fixed": len(fixed)}
        if self.mode == "diff":
            shown = diff(self.name, row.number, row.value, value) if fixed else ""
            failed = [issue for issue in left if issue.code == "internal-error" and issue not in issues]
            note = _note(row.number, [*issues, *failed], shown)
            return Outcome(None, counts=counts, line=b"", note=note)
        raw = (row.raw or b"").strip()
        as_it_was = raw and not fixed and b"\n" not in raw
        line = raw if as_it_was else dumps(loads(raw) if value is None else value)
        note = _note(row.number, left, batch=rules.batch_line(row.value))
        return Outcome(None, counts=counts, line=line, note=note)

    def _mend(self, value: Any, issues: list[Issue]) -> tuple[Any, list[Issue], list[Issue]]:
        fixed: list[Issue] = []
        for _ in range(_ROUNDS):
            value, gone = rules.fix(value, issues, unsafe=self.unsafe, upright=upright)
            if self.copies and self.root is not None and not gone:
                value, gone = self.copies.mend(value, issues, self.root)
            if not gone:
                break
            fixed += gone
            issues = self._check(value)
        return value, fixed, issues

    def _check(self, value: Any) -> list[Issue]:
        return [issue for receiver in self.receivers for issue in self._check_for(receiver, value)]

    def _check_json(self, raw: bytes) -> tuple[Any, list[Issue]]:
        first = self.receivers[0]
        value, issues = checking.check_json(raw, first.target, self.root, model=first.model, **self._options())
        if len(self.receivers) == 1:
            return value, issues
        row_issues = self._named(first, issues)
        return value, row_issues + [issue for one in self.receivers[1:] for issue in self._check_for(one, value)]

    def _check_for(self, receiver: Receiver, value: Any) -> list[Issue]:
        issues = checking.check(value, receiver.target, self.root, model=receiver.model, **self._options())
        return self._named(receiver, issues)

    def _named(self, receiver: Receiver, issues: list[Issue]) -> list[Issue]:
        """Name the receiver in its issues, where there are several."""
        return issues if len(self.receivers) == 1 else [attrs.evolve(issue, target=receiver.name) for issue in issues]

    def _options(self) -> dict[str, Any]:
        return {"format": self.format, "select": self.select, "ignore": self.ignore or None, "ready": self.ready}

    def wants(self, code: str) -> bool:
        """Return whether issues of a code are reported."""
        return (self.select is None or code in self.select) and code not in self.ignore


_IDS = frozenset(ID_KEYS)
_CLEAN = Outcome(None, line=b"")  # of most rows, which are no line of a Batch file either


def _note(number: int, issues: Sequence[Issue], shown: str = "", batch: rules.BatchLine | None = None) -> bytes:
    is_empty = not issues and not shown and batch is None
    return b"" if is_empty else _encode(RowIssues(number, tuple(issues), shown, batch))


def diff(file: str, row: int, before: Any, after: Any) -> str:
    """Return the change of a row as a unified diff of its indented JSON; base64 and other long strings are cut."""
    import difflib

    old, new = _lines(before), _lines(after)
    return "\n".join(difflib.unified_diff(old, new, f"{file}:{row}", f"{file}:{row} (fixed)", lineterm=""))


def _lines(value: Any) -> list[str]:
    return plain_lines(json.dumps(shorten(value), indent=2, ensure_ascii=False)).split("\n")
