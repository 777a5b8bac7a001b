"""
The two spellings of Gemini's keys: camelCase and snake_case, which protobuf's JSON takes mixed, key by key.

A body has one spelling for each of its places (itself, parts, tools); a key that is spelled otherwise has a mark.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Self

import attrs

NAME = "gemini"
_HUMP = re.compile(r"(?<=[a-z])[A-Z]")
_SNAKE = "snake:"
_OTHER = "other:"  # form: a key that is not spelled as the others of its place are
_BODY = ("systemInstruction", "generationConfig", "toolConfig", "safetySettings", "cachedContent")
_PARTS = ("inlineData", "fileData", "functionCall", "functionResponse", "thoughtSignature", "executableCode")
_TOOLS = ("functionDeclarations", "googleSearch", "codeExecution", "urlContext")
_INNER = (*_PARTS, "mimeType", "displayName", "fileUri")
_CONFIG = ("topP", "topK", "maxOutputTokens", "stopSequences", "candidateCount", "presencePenalty", "frequencyPenalty",
           "responseMimeType", "responseJsonSchema", "responseSchema", "functionCallingConfig",
           "allowedFunctionNames")  # fmt: skip


@lru_cache(maxsize=1024)
def snake(name: str) -> str:
    """Return a camelCase name in snake_case."""
    return _HUMP.sub(lambda match: "_" + match[0].lower(), name)


@attrs.frozen
class Names:
    """The keys as one body spells them."""

    # the marks of a conversation and of a part: ``snake:body``, ``snake:parts``, ``snake:tools``, and
    # ``other:parts:mimeType``
    form: frozenset[str] = frozenset()

    def marks(self) -> frozenset[str]:
        """Return the marks for a conversation."""
        return self.form

    def body(self, name: str) -> str:
        """Return a key of the body."""
        return self._key("body", name)

    def parts(self, name: str) -> str:
        """Return a key of a part."""
        return self._key("parts", name)

    def tools(self, name: str) -> str:
        """Return a key of a tool."""
        return self._key("tools", name)

    def of(self, part: Any) -> Self:
        """Return the spellings in one part, in which keys may differ from those of the other parts."""
        if not isinstance(part, Mapping):
            return self
        objects = (part, *(value for key, value in part.items() if isinstance(value, Mapping)))
        return type(self)(self.form | _others(self, "parts", _INNER, objects))

    def marked(self, form: frozenset[str]) -> Self:
        """Return the spellings of a part with these marks."""
        others = frozenset(name for name in form if name.startswith(_OTHER))
        return type(self)(self.form | others) if others else self

    def others(self) -> frozenset[str]:
        """Return the marks of keys that are spelled otherwise."""
        return frozenset(name for name in self.form if name.startswith(_OTHER))

    def _key(self, place: str, name: str) -> str:
        is_snake = (_SNAKE + place in self.form) != (f"{_OTHER}{place}:{name}" in self.form)
        return snake(name) if is_snake else name


def names_in(body: Mapping[str, Any]) -> Names:
    """Return the spellings that a body uses, told from the keys whose two spellings differ."""
    tools = list(_objects(body.get("tools")))
    places = (
        ("body", body.keys(), _BODY),
        ("parts", set(_part_keys(body)), _PARTS),
        ("tools", {key for tool in tools for key in tool}, _TOOLS),
    )
    names = Names(frozenset(_SNAKE + place for place, keys, known in places if keys & {snake(name) for name in known}))
    inner = [value for value in body.values() if isinstance(value, Mapping)]
    inner += [value for config in inner for value in config.values() if isinstance(value, Mapping)]
    declared = [one for tool in tools for listed in tool.values() for one in _objects(listed)]
    others = _others(names, "body", (*_BODY, *_CONFIG), [body, *inner])
    others |= _others(names, "tools", (*_TOOLS, "parametersJsonSchema"), [*tools, *declared])
    return Names(names.form | others)


def _others(names: Names, place: str, known: Collection[str], objects: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Return the marks of the keys of *objects* that are spelled otherwise than the place has them."""
    keys = {key for found in objects for key in found}
    is_snake = _SNAKE + place in names.form
    return frozenset(
        f"{_OTHER}{place}:{name}"
        for name in known
        if (name if is_snake else snake(name)) in keys and snake(name) != name
    )


def _part_keys(body: Mapping[str, Any]) -> Iterator[str]:
    contents = body.get("contents")
    for content in contents if isinstance(contents, list | tuple) else ():
        for part in _objects(content.get("parts") if isinstance(content, Mapping) else None):
            yield from part


def _objects(items: Any) -> Iterator[Mapping[str, Any]]:
    return (item for item in (items if isinstance(items, list | tuple) else ()) if isinstance(item, Mapping))
