"""Output files of commands that go through rows by themselves, because they need their numbers."""

from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self

from msgkit.rows import Output, writing


class Files:
    """
    Output files, each opened when the first row goes to it; they take their names if the block ends without an error.

    Args:
        main: The file that *options* hold for.

        options: Of :class:`msgkit.rows.Output`.
    """

    def __init__(self, main: str | None = None, **options: Any) -> None:
        self._main, self._options = main, options
        self._stack = ExitStack()
        self._open: dict[str, Output] = {}

    def write(self, path: str, line: bytes, *, single: bool = False) -> None:
        """Write a row; *single* says that it is the only row of a ``.json`` document."""
        self.ensure(path, single=single).write(line)

    def ensure(self, path: str, *, single: bool = False) -> Output:
        """Open *path*, so that it is there in the end even if no row goes to it."""
        if path not in self._open:
            options = self._options if path == self._main else {}
            self._open[path] = self._stack.enter_context(writing(path, single=single, **options))
        return self._open[path]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)
