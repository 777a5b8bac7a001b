"""Conversions between formats: translate, prove what was lost, restore, project."""

from typing import Literal

OnLoss = Literal["error", "strict", "drop"]
ToolMedia = Literal["refuse", "follow"]
HarmonySystem = Literal["developer", "system"]
Rows = Literal["messages", "prompt-completion", "preference", "alpaca"]
