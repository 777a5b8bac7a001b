"""The keys of Gemini's body beside the contents: generation config, tools, tool config."""

from collections.abc import Collection, Mapping
from typing import Any

from msgkit.formats.common.keys import Key, dump_keys, load_keys
from msgkit.formats.gemini.names import NAME, Names

CONFIG: Mapping[str, str] = {
    "temperature": "temperature",
    "topP": "top_p",
    "topK": "top_k",
    "maxOutputTokens": "max_tokens",
    "stopSequences": "stop",
    "candidateCount": "n",
    "seed": "seed",
    "presencePenalty": "presence_penalty",
    "frequencyPenalty": "frequency_penalty",
}
"""Key of generationConfig -> key of Chat Completions."""

_SCHEMA_KEYS = frozenset((
    "type", "format", "title", "description", "nullable", "enum", "items", "minItems", "maxItems", "properties",
    "required", "minProperties", "maxProperties", "minimum", "maximum", "minLength", "maxLength", "pattern", "example",
    "anyOf", "propertyOrdering", "default",
))  # fmt: skip
_MODES = {"AUTO": "auto", "ANY": "required", "NONE": "none"}
_IN_CONFIG = "generationConfig/"


def load(body: Mapping[str, Any], used: Collection[str], names: Names) -> dict[str, Any]:
    """
    Return the keys beside the contents in the names of Chat Completions.

    >>> load({"generationConfig": {"maxOutputTokens": 5, "responseMimeType": "text/plain"}}, (), Names())
    {'max_tokens': 5, 'gemini': {'generationConfig': {'responseMimeType': 'text/plain'}}}
    """
    own = names.body("generationConfig")
    config = body.get(own)
    flat = {key: value for key, value in body.items() if key != own or not isinstance(config, Mapping)}
    rest = None
    if isinstance(config, Mapping):
        known = {names.body(name): name for name in CONFIG}
        flat |= {_IN_CONFIG + known[key]: value for key, value in config.items() if _goes_up(key, known, body)}
        rest = {key: value for key, value in config.items() if not _goes_up(key, known, body)}
    extra = load_keys(flat, used, _table(names), NAME)
    if rest is not None and (rest or not config):
        extra[NAME] = {**extra.get(NAME, {}), own: rest}
    return extra


def _goes_up(key: str, known: Mapping[str, str], body: Mapping[str, Any]) -> bool:
    return key in known and CONFIG[known[key]] not in body


def dump(extra: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """Return the keys in Gemini's names: the inverse of :func:`load`."""
    own = names.body("generationConfig")
    out = dump_keys(extra, _table(names), NAME)
    config = {
        names.body(key.removeprefix(_IN_CONFIG)): value for key, value in out.items() if key.startswith(_IN_CONFIG)
    }
    out = {key: value for key, value in out.items() if not key.startswith(_IN_CONFIG)}
    if config:
        out[own] = {**config, **out.get(own, {})}
    return out


def _table(names: Names) -> list[Key]:
    return [
        *(Key(_IN_CONFIG + own, hub) for own, hub in CONFIG.items()),
        Key("tools", "tools", lambda tools: _load_tools(tools, names), lambda tools: _dump_tools(tools, names)),
        Key(
            names.body("toolConfig"),
            "tool_choice",
            lambda config: _load_choice(config, names),
            lambda choice: _dump_choice(choice, names),
        ),
    ]


def _load_tools(tools: Any, names: Names) -> Any:
    if not isinstance(tools, list | tuple):
        return None
    found: list[Any] = []
    declarations = names.tools("functionDeclarations")
    for tool in tools:
        listed = tool.get(declarations) if isinstance(tool, Mapping) else None
        if isinstance(listed, list | tuple) and len(tool) == 1 and all(_is_declared(one, names) for one in listed):
            found += [_load_function(one, names) for one in listed]
        else:
            found.append(tool)
    return found


def _is_declared(declaration: Any, names: Names) -> bool:
    return (
        isinstance(declaration, Mapping)
        and "name" in declaration
        and not {"parameters", names.tools("parametersJsonSchema")} <= declaration.keys()
    )


def _load_function(declaration: Mapping[str, Any], names: Names) -> dict[str, Any]:
    own = names.tools("parametersJsonSchema")
    function = {"parameters" if key == own else key: value for key, value in declaration.items()}
    schema = function.get("parameters")
    if isinstance(schema, Mapping):
        function["parameters"] = _cased(schema, str.lower)
    return {"type": "function", "function": function}


def _dump_tools(tools: Any, names: Names) -> Any:
    """Return one tool with the declarations of all functions that stand together, the other tools as they are."""
    if not isinstance(tools, list | tuple):
        return tools
    found: list[Any] = []
    together: list[Any] | None = None
    for tool in tools:
        function = tool.get("function") if isinstance(tool, Mapping) else None
        if not isinstance(function, Mapping):
            found.append(tool)
            together = None
            continue
        if together is None:
            together = []
            found.append({names.tools("functionDeclarations"): together})
        together.append(_dump_function(function, names))
    return found


def _dump_function(function: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """Return a declaration, its schema in Gemini's subset of JSON schema when that says it all."""
    own = "parameters" if _is_plain(function.get("parameters")) else names.tools("parametersJsonSchema")
    return {own if key == "parameters" else key: value for key, value in function.items() if key != "strict"}


def _is_plain(schema: Any) -> bool:
    """Tell whether a schema uses only the keys that Gemini's own has."""
    if not isinstance(schema, Mapping):
        return False
    inner = [*(schema.get("properties") or {}).values()] if isinstance(schema.get("properties"), Mapping) else []
    inner += schema["anyOf"] if isinstance(schema.get("anyOf"), list) else []
    inner += [schema["items"]] if "items" in schema else []
    return schema.keys() <= _SCHEMA_KEYS and isinstance(schema.get("type", ""), str) and all(map(_is_plain, inner))


def _cased(schema: Any, change: Any) -> Any:
    """Return a schema with the names of its types in another case: Gemini takes ``OBJECT`` and ``object``."""
    if isinstance(schema, list):
        return [_cased(item, change) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    out = {key: _cased(value, change) for key, value in schema.items()}
    if isinstance(schema.get("type"), str):
        out["type"] = change(schema["type"])
    return out


def _load_choice(config: Any, names: Names) -> Any:
    own = names.body("functionCallingConfig")
    inner = config.get(own) if isinstance(config, Mapping) and config.keys() == {own} else None
    if not isinstance(inner, Mapping):
        return None
    allowed = inner.get(names.body("allowedFunctionNames"))
    if inner.keys() == {"mode"} and isinstance(inner["mode"], str) and inner["mode"] in _MODES:
        return _MODES[inner["mode"]]
    if (
        len(inner) == len(("mode", "names"))
        and inner.get("mode") == "ANY"
        and isinstance(allowed, list)
        and len(allowed) == 1
    ):
        return {"type": "function", "function": {"name": allowed[0]}}
    return None


def _dump_choice(choice: Any, names: Names) -> Any:
    modes = {hub: own for own, hub in _MODES.items()}
    function = choice.get("function") if isinstance(choice, Mapping) else None
    if isinstance(function, Mapping):
        inner = {"mode": "ANY", names.body("allowedFunctionNames"): [function.get("name")]}
    elif isinstance(choice, str) and choice in modes:
        inner = {"mode": modes[choice]}
    else:
        return choice
    return {names.body("functionCallingConfig"): inner}
