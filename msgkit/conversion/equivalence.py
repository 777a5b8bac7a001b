"""Whether a difference is one of form: another spelling of the same."""

import re
from collections.abc import Mapping
from typing import Any

from msgkit import formats
from msgkit.conversion.vocabulary import DEFAULTS, ROLES, SYNONYMS, TYPES
from msgkit.errors import Path
from msgkit.formats.common import columns
from msgkit.formats.common.calls import NO_ARGUMENTS, RAW_ARGUMENTS, parse, same_tagged
from msgkit.formats.common.capabilities import PART_ALIASES
from msgkit.formats.common.keys import MASKS
from msgkit.formats.common.media import of_part, split
from msgkit.headers import canonical
from msgkit.jsontext.diff import ABSENT, Difference
from msgkit.jsontext.values import same, without_keys

_IDS = frozenset(("id", "call_id", "tool_call_id", "tool_use_id", "toolUseId", "toolCallId"))
_LEVELS = ("thinkingLevel", "thinking_level")  # taken in any case
_FILE_NAMES = ("title", "displayName", "filename")
_MEDIA_TYPES = frozenset(("media_type", "mimeType", "mime_type"))
_INSTRUCTIONS = frozenset(("systemInstruction", "system_instruction"))
SCHEMAS = SYNONYMS["parameters"] | SYNONYMS["responseSchema"] | {"schema", "inputSchema"}
"""Keys that have a schema."""
_DATA = SCHEMAS | {"arguments", "args", "input", "json", "response"}
_SILENT = (None, "assistant", "model", "system", "developer")  # who may say nothing without a question that is lost
_MOST_SPREAD = 64  # entries of a range that are read together, once for each difference in it
_THOUGHT = re.compile(r"\s*<think>\s*(.*?)\s*</think>\s*", re.DOTALL)
_ALPHABET = str.maketrans("-_", "+/")
_AUDIO = {"input_audio": "audio_url", "audio_url": "input_audio"}
_CONSTRAIN = "<|constrain|>"
_TEXTS = ("text", "input_text", "output_text")


def is_form(step: Difference, deleted: Mapping[str, Any] | None = None) -> bool:
    """Return whether only the writing differs: a null, an id renamed, spaces in JSON, a text as string or part."""
    if step.joined or step.change == "delete":
        return True  # what is too much takes nothing away
    key = step.path[-1] if step.path else ""
    if step.path and step.path[0] in columns.NAMES and _is_same_entry(step.value, step.other):
        return True
    if isinstance(key, int):
        is_nothing = says_nothing(step.value) or (step.value == "" and not is_data(step.path))
        return step.change == "insert" and is_nothing
    if key == "role" and step.path[0] in _INSTRUCTIONS:
        return True  # whose it is, is clear
    if step.value is None or (key == "content" and _is_blank(step.value) and _says_no_more(step.other)):
        return True
    if is_data(step.path):
        return _is_same_data(key, step, deleted or {})
    if step.other is ABSENT:
        return is_default(key, step.value) or _is_renamed(key, step.value, deleted or {})
    return _means_the_same(key, step.value, step.other)


def _says_no_more(content: Any) -> bool:
    """Return whether a content has no text but that of reasoning."""
    return content in (ABSENT, None, []) or (isinstance(content, str) and _THOUGHT.fullmatch(content) is not None)


def _is_same_entry(value: Any, other: Any) -> bool:
    """Return whether two entries of a media column name or hold the same, one as an object or spelled otherwise."""
    name = columns.entry_name(value) if isinstance(value, Mapping) else value
    return isinstance(name, str) and isinstance(other, str) and (name == other or _same_media(name, other))


def is_data(path: Path) -> bool:
    """Return whether *path* leads into arguments, a result or a schema: their keys are anyone's."""
    return any(step in _DATA for step in path[1:-1])


def is_default(key: str, value: Any) -> bool:
    """Return whether *value* under *key* says nothing: empty, or what holds without it, too."""
    return value in (None, "", [], {}) or any(same(value, default) for default in DEFAULTS.get(key, ()))


def says_nothing(entry: Any) -> bool:
    """Return whether an entry of a list holds no text, no call and no key of meaning."""
    if not isinstance(entry, Mapping):
        return entry is None
    if entry.get("type") not in (None, *_TEXTS, "message", "step-start") or entry.get("role") not in _SILENT:
        return False
    rest = without_keys(entry, "type", "role", "id")
    return all(_is_empty(key, value) for key, value in rest.items())


def _is_blank(value: Any) -> bool:
    return isinstance(value, str) and not value.strip()


def _is_empty(key: str, value: Any) -> bool:
    if key in ("text", "content") and _is_blank(value):
        return True
    if key in ("content", "parts") and isinstance(value, list):
        return all(map(says_nothing, value))
    return is_default(key, value)


def _is_renamed(key: str, value: Any, deleted: Mapping[str, Any]) -> bool:
    """Return whether the way back has the same value under another name for the same."""
    names = SYNONYMS.get(key, ())
    others = [other for name, other in deleted.items() if name in names or _folded(name) == _folded(key)]
    if key == "image_url" and isinstance(value, Mapping):  # LangChain's older part comes back as its newer one
        url = str(value.get("url"))
        return any(isinstance(other, str) and (url == other or url.endswith(f",{other}")) for other in deleted.values())
    if key in _AUDIO and _is_same_audio(key, value, deleted):
        return True
    if key in ("data", "resource", "uri") and any(_holds(other, value) for other in deleted.values()):
        return True
    if "base64" in names and any(isinstance(other, str) and _holds(value, other) for other in others):
        return True
    if key == "function" and isinstance(value, Mapping):  # a tool's definition, its keys beside its type
        return all(name in deleted and same(one, deleted[name]) for name, one in value.items())
    if key == "function_call":
        calls = [*(deleted.get("tool_calls") or ()), deleted.get("tool_choice")]
        others += [call.get("function") for call in calls if isinstance(call, Mapping)]
    if key == "functions":
        return any(_are_functions(value, _plain_tools(other)) for other in others)
    as_text = {"json": "text", "action": "arguments"}.get(key)  # the latter of a call of the shell
    if as_text is not None and same(value, parse(str(deleted.get(as_text)))):
        return True
    if key in ("custom", "input") and _is_custom(value, deleted):
        return True
    return any(same(value, other) or (key in MASKS and value == other) or _same_media(value, other) for other in others)


def _are_functions(functions: Any, tools: Any) -> bool:
    """Return whether deprecated definitions of functions come back as *tools*, which may say more."""
    pairs = list(zip(functions, tools, strict=False)) if isinstance(functions, list | tuple) else []
    return len(pairs) == len(functions) == len(tools) and all(
        isinstance(one, Mapping) and isinstance(two, Mapping) and all(same(one[key], two.get(key)) for key in one)
        for one, two in pairs
    )


def _is_custom(value: Any, deleted: Mapping[str, Any]) -> bool:
    """Return whether a custom call or tool comes back as a function of one text."""
    function = deleted.get("function", deleted)
    if not isinstance(function, Mapping):
        return False
    if isinstance(value, str):
        return same(parse(str(function.get("arguments"))), {"input": value})
    if not isinstance(value, Mapping):
        return False
    if "input" in value and not same(parse(str(function.get("arguments"))), {"input": value["input"]}):
        return False
    rest = {key: item for key, item in value.items() if key != "input" and (key, item) != ("format", {"type": "text"})}
    return all(key in function and same(item, function[key]) for key, item in rest.items())


def _holds(other: Any, value: Any) -> bool:
    """Return whether a value of another shape holds the same text, or the same media in a data URL."""
    inner = value.get("text", value.get("blob")) if isinstance(value, Mapping) else value
    texts = other.values() if isinstance(other, Mapping) else (other,)
    return isinstance(inner, str) and any(
        isinstance(text, str) and (text == inner or (text.endswith(inner) and split(text) is not None))
        for text in texts
    )


def _folded(key: str) -> str:
    return key.replace("_", "").lower()


def _is_same_data(key: str, step: Difference, deleted: Mapping[str, Any]) -> bool:
    """Tell of a difference inside a schema or a result whether only the spelling differs."""
    if "response" in step.path and step.other is ABSENT:
        return key in SYNONYMS["result"] and (
            _is_renamed(key, step.value, deleted) or _is_inside(key, step.value, deleted)
        )
    spelled = key == "type" and isinstance(step.value, str) and isinstance(step.other, str)
    return spelled and not SCHEMAS.isdisjoint(step.path) and step.value.lower() == step.other.lower()


def _is_inside(key: str, value: Any, deleted: Mapping[str, Any]) -> bool:
    """Return whether a result comes back in the text of the whole response, or as keys of the response itself."""
    whole = [parse(other) for other in deleted.values() if isinstance(other, str)]
    if any(isinstance(one, Mapping) and same(one.get(key), value) for one in whole):
        return True
    result = parse(value) if isinstance(value, str) else value
    return isinstance(result, Mapping) and bool(result) and same(result, {name: deleted.get(name) for name in result})


def _means_the_same(key: str, value: Any, other: Any) -> bool:
    if isinstance(value, str) and isinstance(other, str):
        if (key == "data" and _standard(value) == _standard(other)) or _same_media(value, other):
            return True
        return _is_same_name(key, value, other) or key in _IDS or _same_json(value, other)
    if key == "stop":
        return same([value], other)
    if key == "image_url" and isinstance(other, Mapping):
        return bool(other.get("url") == value)
    texts = [as_text(item) for item in (value, other)]
    is_its_text = any(
        isinstance(text, str) and text.startswith(("{", "[")) and same(_plain_tools(it), _plain_tools(parse(text)))
        for text, it in ((value, other), (other, value))
    )
    is_among = isinstance(value, str) and isinstance(other, list) and value in map(_plain_text, other)
    return is_among or is_its_text or (texts[0] is not None and texts[0] == texts[1])  # what else is there is no loss


def _is_same_name(key: str, value: str, other: str) -> bool:
    """Return whether two texts under *key* are names of the same, or renderings of the same messages."""
    if key in _FILE_NAMES:
        return other.startswith(f"{value}.")  # its type, told by its extension, too
    if key in _MEDIA_TYPES or key in _LEVELS:
        return canonical(value) == canonical(other)
    if key == "content_type":
        return value.removeprefix(_CONSTRAIN).strip() == other.removeprefix(_CONSTRAIN).strip()
    if key in ("role", "from"):
        return ROLES.get(value.lower(), value) == ROLES.get(other.lower(), other)
    if key == "type":
        return PART_ALIASES.get(value) == other or (value, other) in TYPES
    return key == "text" and _same_rendering(value, other)


def _same_media(value: Any, other: Any) -> bool:
    """Return whether two data URLs hold the same media, whatever their spelling."""
    return _media(value) == _media(other) is not None


def _media(url: Any) -> tuple[str, str] | None:
    """Return what a data URL holds, whatever its spelling; None for anything else."""
    return _spelled(split(url))


def _spelled(data: tuple[str, str] | None) -> tuple[str, str] | None:
    return data and (canonical(data[0]), _standard(data[1]))


def _is_same_audio(key: str, value: Any, deleted: Mapping[str, Any]) -> bool:
    """Return whether audio comes back in the other of the two parts for it: by format, or by data URL."""
    other = _AUDIO[key]
    data = _spelled(of_part({"type": key, key: value}))
    return data is not None and data == _spelled(of_part({"type": other, other: deleted.get(other)}))


def _standard(data: str) -> str:
    """Return base64 in the standard alphabet, without padding."""
    return data.translate(_ALPHABET).rstrip("=")


def _same_rendering(one: str, two: str) -> bool:
    """Return whether two rendered texts hold the same messages, their headers or ends written otherwise."""
    own = formats.recognize({"text": one})
    if own is None or own is not formats.recognize({"text": two}):
        return False
    loaded = [own.load({"text": text}, ()) for text in (one, two)]
    return not any(talk.issues for talk in loaded) and loaded[0].conversation == loaded[1].conversation


def _same_json(one: str, two: str) -> bool:
    if one.strip() in NO_ARGUMENTS:
        return two == "{}"
    if RAW_ARGUMENTS in two and same(parse(two), {RAW_ARGUMENTS: one}):
        return True
    thoughts = [_THOUGHT.match(text) for text in (one, two)]
    if thoughts[0] and thoughts[1] and thoughts[0][1].strip() == thoughts[1][1].strip():
        one, two = one[thoughts[0].end() :], two[thoughts[1].end() :]
    if not (one[:1] in "{[" and two[:1] in "{["):
        return same_tagged(one, two)
    return same(_plain_tools(parse(one)), _plain_tools(parse(two)))


def _plain_tools(value: Any) -> Any:
    """Return tools without the objects around their definitions and their type, and calls with arguments as objects."""
    return [_plain_tool(one) for one in value] if isinstance(value, list) else _plain_call(value)


def _plain_call(call: Any) -> Any:
    text = call["arguments"] if isinstance(call, dict) and call.keys() == {"name", "arguments"} else None
    arguments = parse(text) if isinstance(text, str) else None
    return {**call, "arguments": arguments} if isinstance(arguments, dict) else call


def _plain_tool(tool: Any) -> Any:
    if not isinstance(tool, dict) or tool.get("type") != "function":
        return _plain_call(tool)
    inner = tool["function"] if tool.keys() == {"type", "function"} else tool
    return without_keys(inner, "type") if isinstance(inner, dict) else inner


def as_text(value: Any) -> str | None:
    """Return the text of a content that is a string, null, plain text parts, or an instruction made of them."""
    if value is None:
        return ""
    if isinstance(value, Mapping) and value.keys() <= {"role", "parts"}:
        return as_text(value.get("parts"))
    if not isinstance(value, list):
        return value if isinstance(value, str) else None
    texts = [_plain_text(part) for part in value]
    return None if None in texts else "".join(map(str, texts))


def _plain_text(part: Any) -> str | None:
    if not isinstance(part, Mapping):
        return None
    rest = {key: item for key, item in part.items() if item != []}
    return rest["text"] if rest.keys() <= {"type", "text"} and isinstance(rest.get("text"), str) else None
