"""What a row has in another place after a conversion: texts of files, and two texts that became one."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgkit.conversion.equivalence import is_form
from msgkit.errors import Path
from msgkit.formats.common.media import decode_text, standard, text_of
from msgkit.jsontext.diff import Difference

_TYPE_KEYS = ("type", "media_type", "mimeType", "mime_type", "format")
"""Keys that say what media are."""


def carried(steps: list[Difference]) -> tuple[list[Difference], set[Path]]:
    """Return the steps, those of files that became texts key by key, and the paths of what stands elsewhere."""
    steps, texts = _files_as_texts(steps)
    return steps, texts | _joined(steps)


def _files_as_texts(steps: list[Difference]) -> tuple[list[Difference], set[Path]]:
    """Return the steps, those of files that came back as texts key by key, and the paths that say no more than that."""
    texts = {step.path[:-1]: step.value for step in steps if step.change == "delete" and step.path[-1:] == ("text",)}
    files = {
        step.path[:-1]
        for step in steps
        if step.change == "set" and step.path[:-1] in texts and _is_file_of(step, texts[step.path[:-1]])
    }
    if not files:
        return steps, set()
    by_key = [(step, step.path[:-1] in files and step.change == "set") for step in steps]
    steps = [one for step, is_file in by_key for one in (_by_key(step) if is_file else (step,))]
    said = {step.path for step in steps for at in files if step.path[: len(at)] == at and _says_text(step, texts[at])}
    return steps, said


def _is_file_of(step: Difference, text: str) -> bool:
    is_refusal = step.path[-1] == "refusal"  # what it was is lost, although its text stays
    return not is_refusal and _holds_text(step.value, text) and not is_form(step, {"text": text})


def _by_key(step: Difference) -> Iterator[Difference]:
    """Yield an object as the empty one, and each of its keys after it."""
    if not isinstance(step.value, Mapping):
        yield step
        return
    yield Difference(step.path, "set", {}, step.other)
    for key, value in step.value.items():
        yield from _by_key(Difference((*step.path, key), "set", value))


def _says_text(step: Difference, text: str) -> bool:
    return step.value == {} or step.path[-1] in _TYPE_KEYS or _holds_text(step.value, text)


def _holds_text(value: Any, text: str) -> bool:
    """Return whether a value is *text*, or a file of it."""
    if isinstance(value, Mapping):
        return any(_holds_text(inner, text) for inner in value.values())
    return isinstance(value, str) and (value == text or text in (text_of(value)[1], decode_text(standard(value)[0])))


def _joined(steps: Iterable[Difference]) -> set[Path]:
    """Return two texts of the source that come back as one, the second on the lines after the first."""
    texts = {step.path: step for step in steps if step.change == "set" and isinstance(step.value, str)}
    joined: set[Path] = set()
    for path, step in texts.items():
        head, rest = f"{step.value}\n", step.other
        if isinstance(rest, str) and rest.startswith(head):
            second = [one for one in texts if one[:-1] == path[:-1] and texts[one].value == rest.removeprefix(head)]
            joined |= {path, *second} if second else set()
    return joined
