"""Tool calls, which mirror their JSON objects 1:1."""

from collections.abc import Mapping
from typing import ClassVar, Self

import attrs

from msgkit.model.base import UnknownPart, Value


@attrs.frozen(repr=False)
class FunctionCall(Value):
    """
    A function's name and its arguments as the string that the model wrote, valid JSON or not.

    >>> FunctionCall("get_weather", '{"city": "Oslo"}')
    FunctionCall('get_weather', '{"city": "Oslo"}')
    """

    name: str
    arguments: str


@attrs.frozen(repr=False)
class ToolCall(Value):
    """
    ``{"id": ..., "type": "function", "function": {"name": ..., "arguments": ...}}``.

    >>> ToolCall.new("call_1", "get_weather", '{"city": "Oslo"}').function.name
    'get_weather'
    """

    type: ClassVar[str] = "function"
    id: str | None
    function: FunctionCall

    @classmethod
    def new(cls, id: str, name: str, arguments: str = "{}") -> Self:  # noqa: A002 (the wire's word)
        """Return a call of function *name*."""
        return cls(id, FunctionCall(name, arguments))


@attrs.frozen(repr=False)
class CustomCall(Value):
    """A custom tool's name and its input, any text."""

    name: str
    input: str


@attrs.frozen(repr=False)
class CustomToolCall(Value):
    """
    ``{"id": ..., "type": "custom", "custom": {"name": ..., "input": ...}}``.

    >>> CustomToolCall("call_1", CustomCall("sql", "SELECT 1")).custom.input
    'SELECT 1'
    """

    type: ClassVar[str] = "custom"
    id: str | None
    custom: CustomCall


AnyToolCall = ToolCall | CustomToolCall | UnknownPart
TOOL_CALLS: Mapping[str, type[Value]] = {"function": ToolCall, "custom": CustomToolCall}
