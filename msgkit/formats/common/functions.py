"""Definitions of functions: those of Chat Completions and Harmony's namespace of them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgkit.model.parts import ToolDescription, ToolNamespace
from msgkit.structuring import copy_json


def functions_of(tools: Iterable[Any]) -> ToolNamespace:
    """Return the functions among Chat Completions' tools as a Harmony namespace."""
    return ToolNamespace("functions", None, tuple(_described(tools)))


def _described(tools: Iterable[Any]) -> Iterator[ToolDescription]:
    for tool in tools:
        function = tool.get("function") if isinstance(tool, Mapping) and tool.get("type") == "function" else None
        if isinstance(function, Mapping) and isinstance(function.get("name"), str):
            parameters, text = function.get("parameters"), function.get("description")
            yield ToolDescription(
                function["name"],
                text if isinstance(text, str) else "",
                copy_json(parameters) if isinstance(parameters, Mapping) else None,
            )


def tools_of(namespace: ToolNamespace) -> list[dict[str, Any]]:
    """Return the functions of a Harmony namespace as Chat Completions' tools: the inverse of :func:`functions_of`."""
    tools = []
    for tool in namespace.tools or ():
        function: dict[str, Any] = {"name": tool.name}
        function |= {"description": tool.description} if tool.description else {}
        function |= {"parameters": copy_json(tool.parameters)} if tool.parameters is not None else {}
        tools.append({"type": "function", "function": function})
    return tools
