"""The two spellings of Gemini's keys: camelCase, and snake_case in places of a body."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

NAME = "gemini"
_HUMP = re.compile(r"(?<=[a-z])[A-Z]")
_SNAKE = "snake:"
_BODY = ("systemInstruction", "generationConfig", "toolConfig", "safetySettings", "cachedContent")
_PARTS = ("inlineData", "fileData", "functionCall", "functionResponse", "thoughtSignature", "executableCode")
_TOOLS = ("functionDeclarations", "googleSearch", "codeExecution", "urlContext")


def snake(name: str) -> str:
    """
    Return a camelCase name in snake_case.

    >>> snake("maxOutputTokens")
    'max_output_tokens'
    """
    return _HUMP.sub(lambda match: "_" + match[0].lower(), name)


@attrs.frozen
class Names:
    """
    The keys as one body spells them.

    Args:
        form: The marks of a conversation: ``snake:body``, ``snake:parts``, ``snake:tools``.

    >>> Names(frozenset(["snake:parts"])).parts("inlineData"), Names().body("toolConfig")
    ('inline_data', 'toolConfig')
    """

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

    def _key(self, place: str, name: str) -> str:
        return snake(name) if _SNAKE + place in self.form else name


def names_in(body: Mapping[str, Any]) -> Names:
    """
    Return the spellings that a body uses, told from the keys whose two spellings differ.

    >>> names_in({"contents": [{"parts": [{"inline_data": {}}]}]}).form
    frozenset({'snake:parts'})
    """
    places = (
        ("body", body.keys(), _BODY),
        ("parts", set(_part_keys(body)), _PARTS),
        ("tools", set(_keys_in(body.get("tools"))), _TOOLS),
    )
    return Names(frozenset(_SNAKE + place for place, keys, names in places if keys & {snake(name) for name in names}))


def _part_keys(body: Mapping[str, Any]) -> Iterator[str]:
    contents = body.get("contents")
    for content in contents if isinstance(contents, list | tuple) else ():
        yield from _keys_in(content.get("parts") if isinstance(content, Mapping) else None)


def _keys_in(items: Any) -> Iterator[str]:
    for item in items if isinstance(items, list | tuple) else ():
        yield from item if isinstance(item, Mapping) else ()
