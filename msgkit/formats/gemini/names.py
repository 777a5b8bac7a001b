"""
The two spellings of Gemini's keys: camelCase and snake_case, which protobuf's JSON takes mixed, key by key.

A body has one spelling for each of its scopes (itself, parts, tools); a key that is spelled otherwise has a mark.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from msgkit.jsontext.values import OBJECT, objects
from msgkit.model.base import PLAIN, Mark

NAME = "gemini"
_HUMP = re.compile(r"(?<=[a-z])[A-Z]")
_SNAKE = Mark(NAME, "snake")  # form of a conversation: its body, parts or tools are spelled in snake_case
_OTHER = Mark(NAME, "other")  # form: a key that is not spelled as the others of its scope are, "parts:mimeType"
_BODY = ("systemInstruction", "generationConfig", "toolConfig", "safetySettings", "cachedContent")
_PARTS = ("inlineData", "fileData", "functionCall", "functionResponse", "thoughtSignature", "executableCode")
_TOOLS = ("functionDeclarations", "googleSearch", "codeExecution", "urlContext")
_CONFIG = ("topP", "topK", "maxOutputTokens", "stopSequences", "candidateCount", "presencePenalty", "frequencyPenalty",
           "responseMimeType", "responseJsonSchema", "responseSchema", "functionCallingConfig",
           "allowedFunctionNames", "thinkingConfig", "thinkingLevel")  # fmt: skip
_KNOWN: Mapping[str, tuple[str, ...]] = {
    "body": (*_BODY, *_CONFIG),
    "parts": (*_PARTS, "mimeType", "displayName", "fileUri"),
    "tools": (*_TOOLS, "parametersJsonSchema"),
}
"""Scope -> the keys that may be spelled otherwise than the others of it."""


@lru_cache(maxsize=1024)
def snake(name: str) -> str:
    """Return a camelCase name in snake_case."""
    return _HUMP.sub(lambda match: "_" + match[0].lower(), name)


_SNAKES = {scope: _SNAKE.of(scope) for scope in _KNOWN}
_SNAKE_KEYS = {scope: frozenset(map(snake, keys)) for scope, keys in zip(_KNOWN, (_BODY, _PARTS, _TOOLS), strict=True)}
"""Scope -> the keys by which snake_case is detected there."""


class _Keys(dict[str, str]):
    """The keys of one scope as a body spells them, by their camelCase names."""

    def __init__(self, scope: str, form: frozenset[Mark]) -> None:
        super().__init__()
        self._scope, self._form = scope, form

    def __missing__(self, name: str) -> str:
        is_snake = (_SNAKES[self._scope] in self._form) != (_OTHER.of(f"{self._scope}:{name}") in self._form)
        spelled = snake(name) if is_snake else name
        if len(self) < _MOST_KEYS:
            self[name] = spelled
        return spelled


_MOST_KEYS = 64  # that a body spells, more than there are; a name from data is not kept for ever


class Names:
    """The keys as one body spells them; ``spelled_as`` gives the same object for the same marks."""

    def __init__(self, form: frozenset[Mark] = PLAIN) -> None:
        self.form = form
        # the marks of keys that one part spells otherwise
        self.others = tuple(mark for mark in form if _OTHER.matches(mark) and mark.text.startswith("parts:"))
        # the keys of the body, of a part and of a tool
        self.body, self.parts, self.tools = (_Keys(scope, form).__getitem__ for scope in _SNAKES)
        self._strange = {scope: _strange(scope, form) for scope in _SNAKES}

    def of(self, part: Any) -> "Names":
        """Return the spellings in one part, in which keys may differ from those of the other parts."""
        if not isinstance(part, OBJECT):
            return self
        others = self.strange("parts", (part, *(value for value in part.values() if isinstance(value, OBJECT))))
        return spelled_as(self.form | others) if others else self

    def marked(self, form: frozenset[Mark]) -> "Names":
        """Return the spellings of a part with these marks."""
        others = frozenset(mark for mark in form if _OTHER.matches(mark)) if form else form
        return spelled_as(self.form | others) if others else self

    def strange(self, scope: str, objects: Iterable[Mapping[str, Any]]) -> frozenset[Mark]:
        """Return the marks of the keys of *objects* that are spelled otherwise than the scope has them."""
        marks = self._strange[scope]
        known = marks.keys()
        marked = [keys for keys in objects if not known.isdisjoint(keys)]
        return frozenset(mark for keys in marked for key, mark in marks.items() if key in keys) if marked else PLAIN


@lru_cache(maxsize=256)
def spelled_as(form: frozenset[Mark]) -> Names:
    """Return the spellings that the marks of a body say."""
    return Names(form)


def names_in(body: Mapping[str, Any]) -> Names:
    """Return the spellings that a body uses, detected from the keys whose two spellings differ."""
    tools = objects(body.get("tools"))
    keys = {"body": body.keys(), "parts": _part_keys(body), "tools": {key for tool in tools for key in tool}}
    form = frozenset(_SNAKES[scope] for scope in keys if not _SNAKE_KEYS[scope].isdisjoint(keys[scope]))
    names = spelled_as(form)
    inner = [value for value in body.values() if isinstance(value, OBJECT)]
    inner += [value for config in inner for value in config.values() if isinstance(value, OBJECT)]
    declared = [one for tool in tools for listed in tool.values() for one in objects(listed)]
    others = names.strange("body", [body, *inner]) | names.strange("tools", [*tools, *declared])
    return spelled_as(form | others) if others else names


def _strange(scope: str, form: frozenset[Mark]) -> Mapping[str, Mark]:
    """Return the marks of keys by how they are spelled where that is not the scope's way."""
    names = [name for name in _KNOWN[scope] if snake(name) != name]
    return {name if _SNAKES[scope] in form else snake(name): _OTHER.of(f"{scope}:{name}") for name in names}


def _part_keys(body: Mapping[str, Any]) -> set[str]:
    keys: set[str] = set()
    for content in objects(body.get("contents")):
        keys.update(*objects(content.get("parts")))
    return keys
