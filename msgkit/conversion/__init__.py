"""Conversions between formats: translate, prove what was lost, restore, project."""

from typing import Literal

OnLoss = Literal["error", "strict", "drop"]
ToolMedia = Literal["refuse", "follow"]
HarmonySystem = Literal["developer", "system"]
Whose = Literal["row", "format"]  # whether the row's model tells who receives it, or only its format
Rows = Literal["messages", "prompt-completion", "preference", "alpaca"]
