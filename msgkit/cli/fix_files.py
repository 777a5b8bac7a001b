"""Mended copies of the media that rows name, for ``msgkit check --fix --media DIR``."""

import posixpath
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from msgkit import data_url
from msgkit.cli import places
from msgkit.cli.parser import UsageError
from msgkit.data_url import Kind
from msgkit.errors import Issue, MediaError
from msgkit.escaping import quote_path
from msgkit.jsontext.edit import Editor, find, steps
from msgkit.media.faults import SystemFaultError
from msgkit.media.sources import Root
from msgkit.media.store import Store

_MENDED: Final = frozenset(("image-orientation", "media-type-mismatch"))


class Copies(NamedTuple):
    """Where fixed copies go; the media that rows name stay as they are."""

    store: Store  # the folder, in which files are named by their content, and so with the extension of their type
    prefix: str  # the way from the root to it
    upright: Callable[[bytes], bytes]  # turns the bytes of an image as EXIF says

    def mend(self, value: Any, issues: Sequence[Issue], root: str) -> tuple[Any, list[Issue]]:
        """Return the row with references to fixed copies, and the issues that are gone by that."""
        bare = isinstance(value, list | tuple)
        editor = Editor({"messages": value} if bare else value)
        gone: list[Issue] = []
        for issue in issues:
            at = steps(issue.path) if issue.code in _MENDED else None
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
            return posixpath.join(
                self.prefix, self.store.put(self.upright(data) if code == "image-orientation" else data)
            )
        except MediaError:
            return None  # the issue stays


def copies(media: str, root: str | None, upright: Callable[[bytes], bytes]) -> Copies:
    """Return where copies go."""
    if root is None:
        raise UsageError("--media needs a root, for rows name files below it: give --root DIR")
    folder, base = Path(media).absolute(), Path(root).absolute()
    if ".." in folder.parts or not folder.is_relative_to(base) or folder == base:
        raise UsageError(f"--media must name a folder in the root ({quote_path(base)}), so that references lead to it")
    try:
        Store(folder).prepare()
    except SystemFaultError as error:
        raise places.bad_place(f"{quote_path(folder)} (--media)", error) from None
    return Copies(Store(folder), folder.relative_to(base).as_posix(), upright)
