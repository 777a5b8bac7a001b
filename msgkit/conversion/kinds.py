"""Of what kind each loss is: content, a setting, or form. The tables are by key, the same for every format."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from msgkit.conversion import statements
from msgkit.conversion.elsewhere import carried
from msgkit.conversion.equivalence import SCHEMAS, is_data, is_default, is_form, says_nothing
from msgkit.conversion.vocabulary import REQUEST_CONTENT, SETTINGS, SYNONYMS
from msgkit.errors import Kind, Path
from msgkit.formats import alpaca
from msgkit.formats.common import columns
from msgkit.formats.common.media import sniff, split, standard
from msgkit.jsontext.diff import ABSENT, Difference, diff
from msgkit.jsontext.edit import find
from msgkit.jsontext.values import leaves, objects

_LISTS = frozenset(("messages", "conversations", "contents", "input", "tools", "system"))
_NESTED = frozenset(
    ("generationConfig", "generation_config", "text", "output_config", "toolConfig", "tool_config", "config")
)
"""Keys of a request that hold settings and content side by side: each key in them counts by itself."""

_FORMATS = frozenset(("response_format", "format"))
_OF_SCHEMA = ("name", "description", "strict")
"""Keys beside the schema of an answer that steer it."""

_OF_WHOLE_SCHEMA = ("additionalProperties", "$schema", "title")
"""Keys of a schema that name it or say how strictly it is held, not what may be said."""
_FILE_NAMES = ("filename", "document_name", "displayName", "display_name")

_TEXT_KEYS = ("text", "thinking", "summary", "content", "parts")
_SIGNATURES = frozenset(("signature", "thoughtSignature", "thought_signature"))


def classified(
    steps: Iterable[Difference], known: Collection[Path] = (), body: Any = None, back: Any = None
) -> Iterator[tuple[Difference, Kind]]:
    """Yield each difference with its kind; *body* is the source, and *back* what came back."""
    pairs = list(_by_itself(steps, known, body))
    lost = {step.path for step, kind in pairs if kind == "content" and step.change != "delete"}
    said = statements.carried(body, back, lost, [step for step, _ in pairs]) if lost and back is not None else ()
    for step, kind in pairs:
        yield step, _kind_of_said(step) if kind == "content" and step.path in said else kind


def _kind_of_said(step: Difference) -> Kind:
    """Return the kind of what comes back in other places: a setting where it was signed, for no signature does."""
    return "form" if _SIGNATURES.isdisjoint(leaves(step.value)) else "setting"


def _by_itself(steps: Iterable[Difference], known: Collection[Path], body: Any) -> Iterator[tuple[Difference, Kind]]:
    """Yield each difference with its kind, whatever else is lost."""
    steps = [one for step in steps for one in _unfolded(step)]
    steps, joined = carried(steps)
    lost = {step.path for step in steps}
    deleted: dict[Path, dict[str, Any]] = {}
    for step in steps:
        if step.change == "delete" and isinstance(step.path[-1], str):
            deleted.setdefault(step.path[:-1], {})[step.path[-1]] = step.value
    for step in steps:
        is_same = step.path in known or step.path in joined or is_form(step, deleted.get(step.path[:-1]))
        is_same = is_same or _names_results(step, body)
        others = deleted.get(step.path[:-1], {})
        repeats = (
            _repeats_reasoning(step, others, body, lost) or _repeats_message(step, body) or _repeats_calls(step, body)
        )
        if not is_same and repeats:
            yield step, "setting"
        else:
            yield step, "form" if is_same else _kind_of_renamed(step, others) or _kind(step)


def _names_results(step: Difference, body: Any) -> bool:
    """Return whether a step changes the role of Gemini's results, which say by themselves what they are."""
    if step.path[-1:] != ("role",) or (step.value, step.other) not in (("function", "user"), ("tool", "user")):
        return False
    entry = find(body, step.path[:-1])
    parts = entry.get("parts") if isinstance(entry, Mapping) else None
    return bool(parts) and all("functionResponse" in part or "function_response" in part for part in objects(parts))


def _repeats_message(step: Difference, body: Any) -> bool:
    """Return whether a text beside the messages is the text of one of them, as tables have it."""
    is_text = len(step.path) == 1 and isinstance(step.value, str) and isinstance(body, Mapping)
    items = [item for key in ("messages", "conversations") for item in objects(body.get(key))] if is_text else ()
    if any(step.value in (item.get("content"), item.get("value")) for item in items):
        return True
    names = alpaca.Names.within(body) if is_text and step.path[0] in _RENDERED else None
    texts = [body.get(key) for key in (names.query, names.after, names.answer)] if names is not None else []
    said = [text for text in texts if isinstance(text, str) and text]
    return (
        names is not None
        and alpaca.recognize(body)
        and all(text in step.value for text in said[: 3 if step.path[0] == "text" else 2])
    )


_RENDERED = ("text", "prompt")  # where tables of exchanges have them once more, as a trainer's template renders them


def _repeats_calls(step: Difference, body: Any) -> bool:
    """Return whether what LangChain keeps of the provider's answer is its calls alone, which the message has."""
    if step.path[-1:] != ("additional_kwargs",) or not isinstance(step.value, Mapping):
        return False
    told = {key for key, value in step.value.items() if value is not None}
    message = find(body, step.path[:-1])
    ids = [[call.get("id") for call in objects(one.get("tool_calls"))] for one in (step.value, message or {})]
    return told == {"tool_calls"} and ids[0] == ids[1]


def _repeats_reasoning(step: Difference, deleted: Mapping[str, Any], body: Any, lost: Collection[Path]) -> bool:
    """Return whether blocks or details of reasoning hold no text but what stays as the message's reasoning."""
    if step.path[-1] not in ("reasoning_details", "thinking_blocks") or not isinstance(step.value, list | tuple):
        return False
    items = [item for item in step.value if isinstance(item, Mapping)]
    texts = [item.get(key) for item in items for key in ("text", "summary", "thinking")]
    message = find(body, step.path[:-1])
    said = [deleted.get("reasoning")]
    if isinstance(message, Mapping):
        names = ("reasoning", "reasoning_content")
        said += [message.get(name) for name in names if (*step.path[:-1], name) not in lost]
    text = "".join(text for text in texts if isinstance(text, str))
    return not text or any(isinstance(one, str) and text in one for one in said)


def _kind_of_renamed(step: Difference, deleted: Mapping[str, Any]) -> Kind | None:
    """Return the kind of a schema that comes back under another name and not whole: the worst of what it lost."""
    if step.other is not ABSENT or step.path[-1] not in SYNONYMS["parameters"] | SYNONYMS["responseSchema"]:
        return None
    other = next((value for name, value in deleted.items() if name in SYNONYMS[step.path[-1]]), None)
    if not isinstance(other, Mapping):
        return None
    kinds = {kind for _, kind in classified(diff(step.value, other, step.path))}
    return next((kind for kind in ("content", "setting") if kind in kinds), "form")


def _same_data(value: Any, other: Any) -> bool:
    """Return whether two data URLs differ in the media type only."""
    one, two = split(value), split(other)
    return one is not None and two is not None and standard(one[1])[0] == standard(two[1])[0]


def _unfolded(step: Difference) -> Iterator[Difference]:
    """Yield a lost object that holds settings and content key by key: first the empty object, then each key."""
    is_whole = step.change == "set" and len(step.path) == 1 and step.path[0] in _NESTED
    if is_whole and isinstance(step.value, Mapping) and not isinstance(step.other, Mapping):
        yield Difference(step.path, "set", {}, step.other)
        for key, value in step.value.items():
            yield Difference((*step.path, key), "set", value)
    else:
        yield step


def _kind(step: Difference) -> Kind:
    path = step.path
    if not path:
        return "content"
    if step.change == "insert" or isinstance(path[-1], int):
        return _kind_of_entry(step.value)
    if (path[-1], step.value) == ("channel", "commentary"):
        return "setting"  # what is on it is shown as an answer is
    if _steers(step):
        return "setting"
    if (path[-1], step.value) == ("status", "error"):
        return "content"  # that a result is an error
    if path[0] not in _LISTS:
        return _kind_in_request(path, step.value)
    names = path[1:] if not is_data(path) else ()
    return "setting" if any(name in SETTINGS for name in names) else "content"


def _steers(step: Difference) -> bool:
    """Return whether a difference is in a file's name or type, in citing, or in a schema's name or strictness."""
    key, above = step.path[-1], step.path[-2:-1]
    if not SCHEMAS.isdisjoint(step.path[1:-1]):
        is_name = key in _OF_WHOLE_SCHEMA and above != ("properties",)
        return is_name or (key, step.value, step.other) == ("type", "integer", "number")
    is_file_name = key in _FILE_NAMES or (*above, key) == ("document", "name")
    is_citing = (key == "citations" and isinstance(step.value, Mapping)) or (key, *above) == ("enabled", "citations")
    return is_file_name or is_citing or _same_data(step.value, step.other)


def _kind_in_request(path: Path, value: Any) -> Kind:
    key = path[1] if path[0] in _NESTED and len(path) > 1 else path[0]
    if (path[-1], value) == ("mode", "VALIDATED") or path[-2:] == ("toolSpec", "strict"):
        return "setting"  # how strictly the schemas of calls are held
    if path[-1] == "disable_parallel_tool_use" or (path[-1] in _OF_SCHEMA and not _FORMATS.isdisjoint(path[:-1])):
        return "setting"
    if key == "label" and isinstance(value, Mapping):
        return "setting"  # of no trainer: tags of the row
    is_content = key in REQUEST_CONTENT or key in columns.names() or _holds_content(value) or columns.is_one_answer(key)
    return "content" if is_content else "setting"


def _holds_content(value: Any) -> bool:
    """Return whether a column holds messages, or media."""
    items = value if isinstance(value, list | tuple) else ()
    is_said = any(isinstance(item, Mapping) and ("role" in item or "from" in item) for item in items)
    return is_said or any(map(_is_media, items or (value,)))


def _is_media(value: Any) -> bool:
    if isinstance(value, Mapping):
        return value.keys() == {"bytes", "path"} and value != {"bytes": None, "path": None}
    is_long = isinstance(value, str) and len(value) > _SHORTEST and (value.isascii() and " " not in value[:64])
    return is_long and (value.startswith("data:") or sniff(value) is not None)


_SHORTEST = 64  # characters of base64 that an image or audio has at least


def _kind_of_entry(entry: Any) -> Kind:
    """Return the kind of a lost entry: a setting when all it holds is what only its server can read."""
    if says_nothing(entry):
        return "form"
    if not isinstance(entry, Mapping):
        return "content"
    if entry.get("type") == "redacted_thinking" or entry.get("kind") == "cache-point":
        return "setting"
    inner = entry.get("reasoningContent")
    if isinstance(inner, Mapping) and inner.keys() == {"redactedContent"}:
        return "setting"
    if entry.get("role", "assistant") not in ("assistant", "model") or not _is_opaque(entry):
        return "content"
    return "setting"


def _is_opaque(entry: Mapping[str, Any]) -> bool:
    """Return whether an entry has no text: only signatures, encrypted reasoning and ids."""
    if entry.get("type") not in (None, "text", "thinking", "reasoning", "redacted_thinking", "message"):
        return False
    for key, value in entry.items():
        if key in ("type", "role", "thought") or key in SETTINGS or is_default(key, value):
            continue
        inner = value if key in _TEXT_KEYS and isinstance(value, list) else ()
        if not inner or any(_kind_of_entry(item) == "content" for item in inner):
            return False
    return True
