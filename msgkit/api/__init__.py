"""
What msgkit does, as short functions that join the layers below.

A *payload* is what people have: a request body, a bare list of messages, a Batch line, as dicts and lists, or what
an SDK hands back (an object with ``to_dict()`` or ``model_dump()``). Functions never change what they are given.
"""

from msgkit.api.checking import check, check_json, validate
from msgkit.api.converting import convert, restore
from msgkit.api.counting import tokens
from msgkit.api.inlining import extract, extract_counted, inline, inline_counted
from msgkit.api.loading import dump, dumps, from_dict, load, load_row, loads, plain, to_dict
from msgkit.api.viewing import for_replay, for_training, user_visible
from msgkit.conversion.proof import Conversion

__all__ = [
    "Conversion",
    "check",
    "check_json",
    "convert",
    "dump",
    "dumps",
    "extract",
    "extract_counted",
    "for_replay",
    "for_training",
    "from_dict",
    "inline",
    "inline_counted",
    "load",
    "load_row",
    "loads",
    "plain",
    "restore",
    "to_dict",
    "tokens",
    "user_visible",
    "validate",
]
