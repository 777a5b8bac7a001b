"""Of what kind each loss is: content, a setting, or form. The tables are by key, the same for every format."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from msgkit.conversion.equivalence import SYNONYMS, is_data, is_default, is_form, says_nothing
from msgkit.errors import Kind, Path
from msgkit.formats.common.media import decode_text, split, standard, text_of
from msgkit.jsontext.diff import ABSENT, Difference, diff, same

_LISTS = frozenset(("messages", "conversations", "contents", "input", "tools", "system"))
_REQUEST_CONTENT = frozenset(
    (
        # history and documents that the server keeps or fetches
        *("previous_response_id", "conversation", "cachedContent", "cached_content", "prompt", "prediction"),
        *("documents", "context", "mcp_servers", "container", "web_search_options", "search_parameters"),
        # tools, the choice among them, the schema and the limit of the answer
        *("tools", "functions", "function_call", "tool_choice", "toolConfig", "tool_config"),
        *("functionCallingConfig", "function_calling_config"),
        *("response_format", "format", "responseSchema", "response_schema", "responseJsonSchema"),
        *("response_json_schema", "responseMimeType", "response_mime_type", "stop", "stop_sequences"),
        *("stopSequences", "max_tokens", "max_completion_tokens", "max_output_tokens", "maxOutputTokens"),
        *("modalities", "audio", "responseModalities", "response_modalities"),
        # what stands for messages, and what is learned from them
        *("messages", "input", "contents", "conversations", "instructions", "system", "text"),
        *("systemInstruction", "system_instruction", "images", "audios", "videos", "chosen", "rejected"),
        *("completion", "response", "output", "answer", "label", "weight", "kto_tag", "mask"),
    )
)
"""Keys beside the messages that are content; any other one is a setting of the request or a key of the row."""

_SETTINGS = frozenset(
    (
        *(
            "cache_control",
            "cachePoint",
            "prompt_cache_breakpoint",
            "signature",
            "thoughtSignature",
            "thought_signature",
            "encrypted_content",
        ),
        *("extra_content", "id", "status", "strict", "defer_loading", "eager_input_streaming", "allowed_callers"),
        *("caller", "created", "created_at", "expires_at", "finish_reason", "stop_reason", "stop_sequence", "usage"),
        *("logprobs", "mediaResolution", "media_resolution", "behavior", "index", "phase", "disable_parallel_tool_use"),
        *(
            "timestamp",
            "run_id",
            "conversation_id",
            "model_name",
            "identifier",
            "media_type",
            "metadata",
            "createdAt",
            "ts",
        ),
        *("mime_type", "mimeType", "mediaType", "model", "internal", "view"),
        *("providerOptions", "callProviderMetadata", "resultProviderMetadata"),
        *("provider_name", "provider_details", "provider_url", "provider_response_id", "vendor_metadata"),
        *("provider_specific_fields", "providerMetadata", "provider_metadata", "redacted_thinking", "closed"),
    )
)
"""Keys of messages, parts, calls and tools that steer the request, or that only their server can read."""

_NESTED = frozenset(
    ("generationConfig", "generation_config", "text", "output_config", "toolConfig", "tool_config", "config")
)
"""Keys of a request that hold settings and content side by side: each key in them counts by itself."""

_FORMATS = frozenset(("response_format", "format"))
_OF_SCHEMA = ("name", "description", "strict")
"""Keys beside the schema of an answer that steer it."""

_STRICTNESS = ("additionalProperties", "$schema")
"""Keys of a schema that say how strictly it is held, not what may be said."""

_TYPE_KEYS = ("type", "media_type", "mimeType", "mime_type", "format")
"""Keys that say what media are."""

_TEXT_KEYS = ("text", "thinking", "summary", "content", "parts")


def classified(steps: Iterable[Difference], known: Collection[Path] = ()) -> Iterator[tuple[Difference, Kind]]:
    """Yield each difference with its kind."""
    steps = [one for step in steps for one in _unfolded(step)]
    steps, texts = _files_as_texts(steps)
    deleted: dict[Path, dict[str, Any]] = {}
    for step in steps:
        if step.change == "delete" and isinstance(step.path[-1], str):
            deleted.setdefault(step.path[:-1], {})[step.path[-1]] = step.value
    joined = _joined(steps) | _refusals(steps) | _instructions(steps) | texts
    for step in steps:
        is_same = step.path in known or step.path in joined or is_form(step, deleted.get(step.path[:-1]))
        yield step, "form" if is_same else _kind_of_renamed(step, deleted.get(step.path[:-1], {})) or _kind(step)


def _kind_of_renamed(step: Difference, deleted: Mapping[str, Any]) -> Kind | None:
    """Return the kind of a schema that comes back under another name and not whole: the worst of what it lost."""
    if step.other is not ABSENT or step.path[-1] not in SYNONYMS["parameters"]:
        return None
    other = next((value for name, value in deleted.items() if name in SYNONYMS["parameters"]), None)
    if not isinstance(other, Mapping):
        return None
    kinds = {kind for _, kind in classified(diff(step.value, other, step.path))}
    return next((kind for kind in ("content", "setting") if kind in kinds), "form")


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


def _same_data(value: Any, other: Any) -> bool:
    """Return whether two data URLs differ in the media type only."""
    one, two = split(value), split(other)
    return one is not None and two is not None and standard(one[1])[0] == standard(two[1])[0]


def _refusals(steps: Iterable[Difference]) -> set[Path]:
    """Return the refusals of messages that come back as a part of their content."""
    steps = list(steps)
    parts = {step.path[:-1]: step.other for step in steps if step.path[-1:] == ("content",)}
    said = {"type": "refusal"}
    return {
        step.path
        for step in steps
        if step.path[-1:] == ("refusal",)
        and isinstance(found := parts.get(step.path[:-1]), list)
        and {**said, "refusal": step.value} in found
    }


def _instructions(steps: Iterable[Difference]) -> set[Path]:
    """Return the instructions of a request that come back as its first message, and the question after it."""
    by_path = {step.path: step for step in steps}
    told, whole = by_path.get(("instructions",)), by_path.get(("input",))
    if told is None or told.other is not ABSENT:
        return set()
    if any(step.change == "delete" and _is_prompt(step.value, told.value) for step in by_path.values()):
        return {told.path}
    items = whole.other if whole is not None and isinstance(whole.other, list) else []
    if len(items) != len(("prompt", "question")) or not _is_prompt(items[0], told.value):
        return set()
    return {told.path, *([whole.path] if whole and same(items[1], {"role": "user", "content": whole.value}) else [])}


def _is_prompt(item: Any, text: Any) -> bool:
    roles = ("system", "developer")
    return isinstance(item, Mapping) and item.get("role") in roles and item.get("content") == text


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
    if _same_data(step.value, step.other):
        return "setting"  # a text that says of which type it is
    if path[-1] in _STRICTNESS and path[-2:-1] != ("properties",) and is_data(path):
        return "setting"
    if path[0] not in _LISTS:
        return _kind_in_request(path, step.value)
    names = path[1:] if not is_data(path) else ()
    return "setting" if any(name in _SETTINGS for name in names) else "content"


def _kind_in_request(path: Path, value: Any) -> Kind:
    key = path[1] if path[0] in _NESTED and len(path) > 1 else path[0]
    if (path[-1], value) == ("mode", "VALIDATED") or path[-2:] == ("toolSpec", "strict"):
        return "setting"  # how strictly the schemas of calls are held
    if path[-1] == "disable_parallel_tool_use" or (path[-1] in _OF_SCHEMA and not _FORMATS.isdisjoint(path[:-1])):
        return "setting"
    return "content" if key in _REQUEST_CONTENT or _holds_messages(value) else "setting"


def _holds_messages(value: Any) -> bool:
    items = value if isinstance(value, list | tuple) else ()
    return any(isinstance(item, Mapping) and ("role" in item or "from" in item) for item in items)


def _kind_of_entry(entry: Any) -> Kind:
    """Return the kind of a lost entry: a setting when all it holds is what only its server can read."""
    if says_nothing(entry):
        return "form"
    if not isinstance(entry, Mapping):
        return "content"
    if entry.get("type") == "redacted_thinking" or entry.get("kind") == "cache-point":
        return "setting"
    if entry.get("role", "assistant") not in ("assistant", "model") or not _is_opaque(entry):
        return "content"
    return "setting"


def _is_opaque(entry: Mapping[str, Any]) -> bool:
    """Return whether an entry has no text: only signatures, encrypted reasoning and ids."""
    if entry.get("type") not in (None, "text", "thinking", "reasoning", "redacted_thinking", "message"):
        return False
    for key, value in entry.items():
        if key in ("type", "role", "thought") or key in _SETTINGS or is_default(key, value):
            continue
        inner = value if key in _TEXT_KEYS and isinstance(value, list) else ()
        if not inner or any(_kind_of_entry(item) == "content" for item in inner):
            return False
    return True
