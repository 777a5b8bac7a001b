"""The keys of Gemini's body beside the contents: generation config, tools, tool config."""

from collections.abc import Collection, Mapping
from functools import lru_cache, partial
from typing import Any

from msgkit.formats.common import keys
from msgkit.formats.gemini.names import NAME, Names
from msgkit.jsontext.edit import find
from msgkit.jsontext.values import LIST, OBJECT, without_keys

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
    "thinkingConfig": "reasoning_effort",
}
"""Key of generationConfig -> key of Chat Completions."""

_SCHEMA_KEYS = frozenset((
    "type", "format", "title", "description", "nullable", "enum", "items", "minItems", "maxItems", "properties",
    "required", "minProperties", "maxProperties", "minimum", "maximum", "minLength", "maxLength", "pattern", "example",
    "anyOf", "propertyOrdering", "default",
))  # fmt: skip
_VALIDATED = "VALIDATED"  # AUTO whose calls must match their schemas
_MODES = {"AUTO": "auto", "ANY": "required", "NONE": "none"}
_RESPONSE = "response"  # the keys of the answer's type and schema together
_OF_RESPONSE = ("responseMimeType", "responseJsonSchema", "responseSchema")
_JSON = "application/json"
_DEFINITION = ("name", "description", "parameters", "parametersJsonSchema")


def load(body: Mapping[str, Any], used: Collection[str], names: Names) -> dict[str, Any]:
    """Return the keys beside the contents in the names of Chat Completions."""
    own = names.body("generationConfig")
    config = body.get(own, {})
    response = {name: value for name in _OF_RESPONSE if (value := find(config, (names.body(name),))) is not None}
    if _load_response(response) is not None and "response_format" not in body:
        body = {**body, own: {**without_keys(config, *map(names.body, response)), _RESPONSE: response}}
    return keys.load_nested(body, used, _table(names), NAME, (own,))


def dump(extra: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """Return the keys in Gemini's names: the inverse of :func:`load`."""
    own = names.body("generationConfig")
    out = keys.dump_nested(extra, _table(names), NAME, (own,))
    response = find(out, (own, _RESPONSE))
    if response is not None:
        out[own] = without_keys(out[own], _RESPONSE) | {names.body(key): value for key, value in response.items()}
    return out


@lru_cache(maxsize=64)
def _table(names: Names) -> tuple[keys.Key, ...]:
    config = names.body("generationConfig")
    own_ways: Mapping[str, tuple[Any, Any]] = {
        "stop": (lambda stop: stop if isinstance(stop, list) else None, keys.as_list),
        "reasoning_effort": (
            lambda config: _load_effort(config, names),
            lambda effort: {names.body("thinkingLevel"): effort.upper()} if keys.one_of(_EFFORTS, effort) else None,
        ),
    }
    load_choice, dump_choice = partial(_load_choice, names=names), partial(_dump_choice, names=names)
    return (
        *(keys.Key(f"{config}/{names.body(own)}", hub, *own_ways.get(hub, ())) for own, hub in CONFIG.items()),
        keys.Key(f"{config}/{_RESPONSE}", "response_format", _load_response, _dump_response),
        keys.Key("tools", "tools", partial(_load_tools, names=names), partial(_dump_tools, names=names)),
        keys.Key(names.body("toolConfig"), "tool_choice", load_choice, dump_choice),
    )


_EFFORTS = ("minimal", "low", "medium", "high")  # ai.google.dev/gemini-api/docs/openai: effort and thinking level


def _load_effort(config: Any, names: Names) -> Any:
    level = config.get(names.body("thinkingLevel")) if isinstance(config, OBJECT) else None
    return keys.one_of(_EFFORTS, level.lower()) if isinstance(level, str) else None


def _load_response(response: Any) -> Any:
    """Return type and schema of the answer as a response format; None for those that it cannot say."""
    schemas = [value for key, value in (response or {}).items() if key != "responseMimeType"]
    if not response or response.get("responseMimeType") != _JSON or len(schemas) > 1:
        return None
    if not schemas:
        return {"type": "json_object"}
    return keys.schema_format(_cased(schemas[0], str.lower)) if isinstance(schemas[0], OBJECT) else None


def _dump_response(wanted: Any) -> Any:
    schema = keys.schema_of(wanted)
    if schema is not None:
        return {"responseMimeType": _JSON, "responseJsonSchema": schema}
    is_object = isinstance(wanted, OBJECT) and wanted.get("type") == "json_object"
    return {"responseMimeType": _JSON} if is_object else None


def _load_tools(tools: Any, names: Names) -> Any:
    if not isinstance(tools, LIST):
        return None
    loaded: list[Any] = []
    declarations = names.tools("functionDeclarations")
    for tool in tools:
        listed = tool.get(declarations) if isinstance(tool, OBJECT) else None
        if isinstance(listed, LIST) and len(tool) == 1 and all(_is_declared(one, names) for one in listed):
            loaded += [_load_function(one, names) for one in listed]
        else:
            loaded.append(tool)
    return loaded


def _is_declared(declaration: Any, names: Names) -> bool:
    is_named = isinstance(declaration, OBJECT) and "name" in declaration
    return is_named and not {"parameters", names.tools("parametersJsonSchema")} <= declaration.keys()


def _load_function(declaration: Mapping[str, Any], names: Names) -> dict[str, Any]:
    own = names.tools("parametersJsonSchema")
    known = (*_DEFINITION, own)
    function = {"parameters" if key == own else key: value for key, value in declaration.items() if key in known}
    schema = function.get("parameters")
    if isinstance(schema, OBJECT):
        function["parameters"] = _cased(schema, str.lower)
    rest = without_keys(declaration, *known)
    return {"type": "function", "function": function, **rest}


def _dump_tools(tools: Any, names: Names) -> Any:
    """Return one tool with the declarations of all functions that are together, the other tools as they are."""
    if not isinstance(tools, LIST):
        return tools
    dumped: list[Any] = []
    together: list[Any] | None = None
    for tool in tools:
        function = tool.get("function") if isinstance(tool, OBJECT) else None
        if not isinstance(function, OBJECT):
            dumped.append(tool)
            together = None
            continue
        if together is None:
            together = []
            dumped.append({names.tools("functionDeclarations"): together})
        rest = without_keys(tool, "type", "function")
        together.append(_dump_function(function, names) | rest)
    return dumped


def _dump_function(function: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """Return a declaration, its schema in Gemini's subset of JSON schema when that says it all."""
    own = "parameters" if _is_plain(function.get("parameters")) else names.tools("parametersJsonSchema")
    return {own if key == "parameters" else key: value for key, value in function.items() if key != "strict"}


def _is_plain(schema: Any) -> bool:
    """Return whether a schema uses only the keys that Gemini's own has."""
    if not isinstance(schema, OBJECT):
        return False
    inner = [*(schema.get("properties") or {}).values()] if isinstance(schema.get("properties"), OBJECT) else []
    inner += schema["anyOf"] if isinstance(schema.get("anyOf"), list) else []
    inner += [schema["items"]] if "items" in schema else []
    is_own = schema.keys() <= _SCHEMA_KEYS and isinstance(schema.get("type", ""), str)
    return is_own and all(isinstance(one, str) for one in schema.get("enum") or ()) and all(map(_is_plain, inner))


def _cased(schema: Any, change: Any) -> Any:
    """Return a schema with the names of its types in another case: Gemini takes ``OBJECT`` and ``object``."""
    if isinstance(schema, list):
        items = [_cased(item, change) for item in schema]
        return items if any(new is not old for new, old in zip(items, schema, strict=True)) else schema
    if not isinstance(schema, OBJECT):
        return schema
    inner = {key: value for key, value in schema.items() if type(value) is not str}
    changes = {key: new for key, value in inner.items() if (new := _cased(value, change)) is not value}
    name = schema.get("type")
    if isinstance(name, str) and change(name) != name:
        changes["type"] = change(name)
    return {**schema, **changes} if changes else schema


def _load_choice(config: Any, names: Names) -> Any:
    own = names.body("functionCallingConfig")
    inner = config.get(own) if isinstance(config, OBJECT) and config.keys() == {own} else None
    if not isinstance(inner, OBJECT):
        return None
    allowed = inner.get(names.body("allowedFunctionNames"))
    if inner.keys() == {"mode"} and isinstance(inner["mode"], str):
        return "auto" if inner["mode"] == _VALIDATED else _MODES.get(inner["mode"])
    if len(inner) != len(("mode", "names")) or inner.get("mode") != "ANY":
        return None
    if not isinstance(allowed, list) or not allowed:
        return None
    chosen = [{"type": "function", "function": {"name": name}} for name in allowed]
    if len(chosen) == 1:
        return chosen[0]
    return {"type": keys.ALLOWED, keys.ALLOWED: {"mode": "required", "tools": chosen}}


def _dump_choice(choice: Any, names: Names) -> Any:
    modes = {hub: own for own, hub in _MODES.items()}
    among = choice.get(keys.ALLOWED) if isinstance(choice, OBJECT) else None
    tools = among.get("tools") if isinstance(among, OBJECT) and among.get("mode") == "required" else [choice]
    if isinstance(tools, list) and tools and all(map(keys.is_function, tools)):
        inner = {"mode": "ANY", names.body("allowedFunctionNames"): [tool["function"].get("name") for tool in tools]}
    elif isinstance(choice, str) and choice in modes:
        inner = {"mode": modes[choice]}
    else:
        return None
    return {names.body("functionCallingConfig"): inner}
