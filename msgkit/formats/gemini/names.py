"""
The two spellings of Gemini's keys: camelCase and snake_case, which protobuf's JSON takes mixed, key by key.

A body has one spelling for each of its places (itself, parts, tools); a key that is spelled otherwise has a mark.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Self

import attrs

from msgkit.jsontext.values import OBJECT
from msgkit.model.base import Mark

NAME = "gemini"
_HUMP = re.compile(r"(?<=[a-z])[A-Z]")
_SNAKE = Mark(NAME, "snake")  # form of a conversation: its body, parts or tools are spelled in snake_case
_OTHER = Mark(NAME, "other")  # form: a key that is not spelled as the others of its place are, "parts:mimeType"
_BODY = ("systemInstruction", "generationConfig", "toolConfig", "safetySettings", "cachedContent")
_PARTS = ("inlineData", "fileData", "functionCall", "functionResponse", "thoughtSignature", "executableCode")
_TOOLS = ("functionDeclarations", "googleSearch", "codeExecution", "urlContext")
_INNER = (*_PARTS, "mimeType", "displayName", "fileUri")
_CONFIG = ("topP", "topK", "maxOutputTokens", "stopSequences", "candidateCount", "presencePenalty", "frequencyPenalty",
           "responseMimeType", "responseJsonSchema", "responseSchema", "functionCallingConfig",
           "allowedFunctionNames", "thinkingConfig", "thinkingLevel")  # fmt: skip


@lru_cache(maxsize=1024)
def snake(name: str) -> str:
    """Return a camelCase name in snake_case."""
    return _HUMP.sub(lambda match: "_" + match[0].lower(), name)


@attrs.frozen
class Names:
    """The keys as one body spells them."""

    form: frozenset[Mark] = frozenset()

    def marks(self) -> frozenset[Mark]:
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
        if not isinstance(part, OBJECT):
            return self
        objects = (part, *(value for value in part.values() if isinstance(value, OBJECT)))
        others = _others(self, "parts", _INNER, objects)
        return type(self)(self.form | others) if others else self

    def marked(self, form: frozenset[Mark]) -> Self:
        """Return the spellings of a part with these marks."""
        others = frozenset(mark for mark in form if _OTHER.matches(mark)) if form else form
        return type(self)(self.form | others) if others else self

    def others(self) -> frozenset[Mark]:
        """Return the marks of keys that are spelled otherwise."""
        return frozenset(mark for mark in self.form if _OTHER.matches(mark)) if self.form else self.form

    def _key(self, place: str, name: str) -> str:
        if not self.form:
            return name
        is_snake = (_SNAKE.of(place) in self.form) != (_OTHER.of(f"{place}:{name}") in self.form)
        return snake(name) if is_snake else name


def names_in(body: Mapping[str, Any]) -> Names:
    """Return the spellings that a body uses, detected from the keys whose two spellings differ."""
    tools = _objects(body.get("tools"))
    places = (
        ("body", body.keys(), _BODY),
        ("parts", _part_keys(body), _PARTS),
        ("tools", {key for tool in tools for key in tool}, _TOOLS),
    )
    names = Names(frozenset(_SNAKE.of(place) for place, keys, known in places if not _snakes(known).isdisjoint(keys)))
    inner = [value for value in body.values() if isinstance(value, OBJECT)]
    inner += [value for config in inner for value in config.values() if isinstance(value, OBJECT)]
    declared = [one for tool in tools for listed in tool.values() for one in _objects(listed)]
    others = _others(names, "body", (*_BODY, *_CONFIG), [body, *inner])
    others |= _others(names, "tools", (*_TOOLS, "parametersJsonSchema"), [*tools, *declared])
    return Names(names.form | others)


def _others(names: Names, place: str, known: tuple[str, ...], objects: Iterable[Mapping[str, Any]]) -> frozenset[Mark]:
    """Return the marks of the keys of *objects* that are spelled otherwise than the place has them."""
    marks = _otherwise(place, known, _SNAKE.of(place) in names.form)
    marked = [keys for keys in objects if not marks.keys().isdisjoint(keys)]
    return frozenset(mark for keys in marked for key, mark in marks.items() if key in keys) if marked else _NO_MARK


_NO_MARK: frozenset[Mark] = frozenset()


@lru_cache(maxsize=64)
def _otherwise(place: str, known: tuple[str, ...], is_snake: bool) -> Mapping[str, Mark]:  # noqa: FBT001 (a key)
    """Return the marks of keys by how they are spelled where that is not the place's way."""
    names = [name for name in known if snake(name) != name]
    return {name if is_snake else snake(name): _OTHER.of(f"{place}:{name}") for name in names}


@lru_cache(maxsize=64)
def _snakes(known: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(snake, known))


def _part_keys(body: Mapping[str, Any]) -> set[str]:
    keys: set[str] = set()
    for content in _objects(body.get("contents")):
        keys.update(*_objects(content.get("parts")))
    return keys


def _objects(items: Any) -> list[Mapping[str, Any]]:
    return [item for item in items if isinstance(item, OBJECT)] if isinstance(items, list | tuple) else []
