"""What a row has in another place after a conversion: texts of files, refusals, instructions, thoughts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgkit.conversion.equivalence import as_text, is_form
from msgkit.errors import Path
from msgkit.formats.common.media import decode_text, standard, text_of
from msgkit.jsontext.diff import ABSENT, Difference, same

_TYPE_KEYS = ("type", "media_type", "mimeType", "mime_type", "format")
"""Keys that say what media are."""

_OF_QUESTION = frozenset(("type", "role", "content", "id", "status"))


def carried(steps: list[Difference]) -> tuple[list[Difference], set[Path]]:
    """Return the steps, those of files that became texts key by key, and the paths of what stands elsewhere."""
    steps, texts = _files_as_texts(steps)
    return steps, texts | _joined(steps) | _refusals(steps) | _instructions(steps) | _thoughts(steps)


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
    return _holds_text(step.value, text) and not is_form(step, {"text": text})


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


def _thoughts(steps: Iterable[Difference]) -> set[Path]:
    """Return the reasoning of items that comes back as their summary."""
    steps = list(steps)
    summaries = {step.path[:-2]: step.value for step in steps if step.path[-2:] == ("summary", 0)}
    return {
        step.path
        for step in steps
        if step.path[-1:] == ("content",)
        and isinstance(summary := summaries.get(step.path[:-1]), Mapping)
        and isinstance(step.value, list | tuple)
        and summary.get("text") == "".join(str(item.get("text")) for item in step.value if isinstance(item, Mapping))
    }


def joined_thinking(steps: Sequence[Difference]) -> set[Path]:
    """Return the blocks of thinking of a message that come back as one, with the text of them all."""
    wholes = {step.path[:-2]: step for step in steps if step.path[-1:] == ("thinking",) and step.change == "set"}
    joined: set[Path] = set()
    for at, whole in wholes.items():
        others = [step for step in steps if step.path[:-1] == at and step.change == "insert" and _is_thinking(step)]
        texts = [str(whole.value), *(str(step.value["thinking"]) for step in others)]
        if "".join(texts) == whole.other:
            joined |= {whole.path, *(step.path for step in others)}
    return joined


def _is_thinking(step: Difference) -> bool:
    return isinstance(step.value, Mapping) and step.value.get("type") == "thinking" and "thinking" in step.value


def _refusals(steps: Sequence[Difference]) -> set[Path]:
    """Return the refusals that come back as a part of their message's content, or beside it."""
    contents = {step.path[:-1]: step for step in steps if step.path[-1:] == ("content",)}
    carried: set[Path] = set()
    for step in steps:
        content = contents.get(step.path[:-1]) if step.path[-1:] == ("refusal",) else None
        part = {"type": "refusal", "refusal": step.value}
        if content is not None and step.change == "delete" and content.value == [part]:
            carried.add(content.path)
        elif content is not None and isinstance(content.other, list) and part in content.other:
            carried.add(step.path)
    return carried


def _instructions(steps: Iterable[Difference]) -> set[Path]:
    """Return the instructions of a request that come back as its first message, and the question after it."""
    by_path = {step.path: step for step in steps}
    told, whole = by_path.get(("instructions",)), by_path.get(("input",))
    if told is None and whole is not None and isinstance(whole.value, list) and len(whole.value) == 1:
        item = whole.value[0]
        is_question = isinstance(item, Mapping) and item.get("role") == "user" and item.keys() <= _OF_QUESTION
        return {whole.path} if is_question and as_text(item.get("content")) == whole.other else set()
    if told is not None and told.change == "delete":
        return {one.path for one in by_path.values() if _is_prompt_in(one, told.value)}
    if told is None or told.other is not ABSENT:
        return set()
    if any(step.change == "delete" and _is_prompt(step.value, told.value) for step in by_path.values()):
        return {told.path}
    if joined := [step.path for step in by_path.values() if _begins_with(step, told.value)]:
        return {told.path, *joined}
    items = whole.other if whole is not None and isinstance(whole.other, list) else []
    if len(items) != len(("prompt", "question")) or not _is_prompt(items[0], told.value):
        return set()
    return {told.path, *([whole.path] if whole and same(items[1], {"role": "user", "content": whole.value}) else [])}


def _begins_with(step: Difference, text: str) -> bool:
    """Return whether a content comes back with the part *text* before what it was."""
    if step.change == "delete":
        return step.path[-2:] == ("content", 0) and as_text([step.value]) == text
    parts = step.other if step.path[-1:] == ("content",) and isinstance(step.other, list) else []
    return as_text(parts[:1]) == text != "" and as_text(parts[1:]) == as_text(step.value)


def _is_prompt_in(step: Difference, text: str) -> bool:
    """Return whether what is lost is a system prompt of this *text*, or it and the only question that stays."""
    if step.change == "insert":
        return _is_prompt(step.value, text)
    items = step.value if step.path == ("input",) and isinstance(step.value, list | tuple) else ()
    if len(items) != len(("prompt", "question")) or not _is_prompt(items[0], text):
        return False
    return isinstance(items[1], Mapping) and as_text(items[1].get("content")) == step.other


def _is_prompt(item: Any, text: Any) -> bool:
    roles = ("system", "developer")
    return isinstance(item, Mapping) and item.get("role") in roles and as_text(item.get("content")) == text


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
