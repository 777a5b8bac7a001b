"""
Options from a file: ``[tool.msgkit]`` in the nearest pyproject.toml, or the nearest msgkit.toml, upwards.

Each key is an option without its dashes, which the command line overrides; a command takes those that it has.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgkit.cli.parser import Parser, UsageError
from msgkit.errors import UnknownNameError, quote
from msgkit.escaping import quote_path

KEYS = ("target", "model", "select", "ignore", "per-file-ignores", "root", "columns")
_OPTION = "--config"


def with_config(parser: Parser, argv: Sequence[str]) -> tuple[list[str], Path | None]:
    """Return the arguments with those of the configuration that they do not give."""
    argv = list(argv)
    path = _named(argv) or _nearest(Path.cwd())
    if path is None:
        return argv, None
    config = _read(path)
    options: list[str] = []
    for key, value in config.items():
        option = f"--{key}"
        is_given = any(one == option or one.startswith(f"{option}=") for one in argv)
        if option in parser.options and not is_given:
            options += [word for text in _texts(path, key, value) for word in (f"{option}={text}",)]
    return [*options, *argv], path


def _named(argv: list[str]) -> Path | None:
    """Take the option out of the arguments."""
    for i, word in enumerate(argv):
        if word == _OPTION and i + 1 < len(argv):
            del argv[i]
            return Path(argv.pop(i))
        if word.startswith(f"{_OPTION}="):
            return Path(argv.pop(i).partition("=")[2])
    return None


def _nearest(folder: Path) -> Path | None:
    for place in (folder, *folder.parents):
        if (place / "msgkit.toml").is_file():
            return place / "msgkit.toml"
        project = place / "pyproject.toml"
        if project.is_file():
            return project if b"[tool.msgkit" in project.read_bytes() else None
    return None


def _read(path: Path) -> Mapping[str, Any]:
    try:
        import tomllib

        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{quote_path(path)}: {error}") from error
    if path.name == "pyproject.toml":
        table = table.get("tool", {}).get("msgkit", {})
    for key in table:
        if key not in KEYS:
            raise UsageError(f"{quote_path(path)}: {UnknownNameError('key', key, KEYS)}")
    return table


def _texts(path: Path, key: str, value: Any) -> Iterator[str]:
    """Yield the values of an option; a root is relative to the file that names it."""
    if isinstance(value, Mapping):
        for name, codes in value.items():
            yield f"{name}:{','.join([codes] if isinstance(codes, str) else codes)}"
        return
    items = value if isinstance(value, list) else [value]
    if not all(isinstance(item, str) for item in items):
        raise UsageError(f"{quote_path(path)}: expected text for {key}, got {quote(str(value))}")
    if key in ("select", "ignore"):
        yield ",".join(items)
    else:
        yield from (str(path.parent / item) if key == "root" else item for item in items)
