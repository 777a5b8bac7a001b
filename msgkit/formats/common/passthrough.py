"""For formats whose messages are nearly the values' own: a message is translated if it comes back the same."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import attrs

from msgkit.errors import InvalidMessageError
from msgkit.formats.common import calls
from msgkit.formats.common.builder import bare, mark
from msgkit.formats.common.calls import Pairing
from msgkit.jsontext.diff import same
from msgkit.jsontext.values import without_keys
from msgkit.model.base import Mark
from msgkit.model.calls import ToolCall
from msgkit.model.messages import Message
from msgkit.structuring import load_value

UNLIKE = Mark("values", "as-is")  # form of a message: not translated


def load_alike(
    message: Any, translate: Callable[[Mapping[str, Any]], dict[str, Any] | None], dump: Callable[[Message], Any]
) -> Any:
    """Return a message translated into the values' shape, or as it is."""
    if not isinstance(message, Mapping):
        return message
    for candidate in (translate(message), message):
        try:
            if candidate is not None and same(message, dump(load_value(candidate, Message))):
                return candidate
        except InvalidMessageError:
            continue
    return mark(message, UNLIKE)


def load_paired(
    message: Any,
    translate: Callable[[Mapping[str, Any], Pairing], dict[str, Any] | None],
    dump: Callable[[Message, Pairing], Any],
    pairing: Pairing,
) -> Any:
    """Do the same for a message whose calls and results are numbered, and note them in *pairing*."""
    value = load_alike(message, lambda data: translate(data, pairing.copy()), lambda value: dump(value, pairing.copy()))
    with suppress(InvalidMessageError):
        dump(load_value(value, Message), pairing)
    return value


_WHOLE = "whole"  # key of what is kept: that the message did not come back the same, and is kept as it is


def whole(message: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return a message that is kept as it is, under the *name* of its format."""
    rest = without_keys(message, "role")
    return {"role": message.get("role"), "content": [{"type": name, name: rest}], name: {_WHOLE: True}}


def as_it_is(message: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    """Return a message that was kept as it is; None for any other."""
    content, role = message.get("content"), message.get("role")
    if not message.get(name, {}).get(_WHOLE) or not isinstance(content, list) or len(content) != 1:
        return None
    return {**({"role": role} if role is not None else {}), **bare(content[0].get(name, {}))}


_TEXT = Mark("calls", "text")  # form of a call: its arguments are a string
_WITH_ID = Mark("calls", "id")  # form of a call or a result: its id is written although it need not be
_NO_ID = Mark("calls", "noid")  # form of a result: without an id although its call has one
_NO_NAME = Mark("calls", "noname")  # form of a result: without an id and without the function's name
_TYPED = Mark("calls", "typed")  # form of a call: its type is written although it need not be
_UNTYPED = Mark("calls", "untyped")  # form of a call: its type is left out although it is usual


@attrs.frozen
class ObjectCalls:
    """How one format writes them."""

    name_key: str = "name"  # the key of a result that names its function
    typed: bool = True  # whether a call usually says its type

    def load_call(self, call: Any, pairing: Pairing) -> Any:
        """Return a call in the values' shape, noted; as it is when it is not well formed."""
        is_function = isinstance(call, Mapping) and call.get("type", "function") == "function"
        function = call.get("function") if is_function else None
        if not isinstance(function, Mapping) or not isinstance(function.get("name"), str):
            return call
        call_id = pairing.call(function["name"], call.get("id") if isinstance(call.get("id"), str) else None)
        form = [_WITH_ID] * ("id" in call and pairing.is_minted(call_id))
        if ("type" in call) != self.typed:
            form.append(_UNTYPED if self.typed else _TYPED)
        arguments = calls.object_text(function.get("arguments"))
        if arguments is None:
            form.append(_TEXT)
            arguments = function.get("arguments")
        named = {"id": call_id} if "id" not in call else {}
        return mark({**call, "type": "function", **named, "function": {**function, "arguments": arguments}}, *form)

    def dump_call(self, call: Any, data: dict[str, Any], pairing: Pairing) -> Any:
        """Return a call as the format has it: the inverse of :meth:`load_call`."""
        if not isinstance(call, ToolCall):
            return data
        call_id = pairing.call(call.function.name, call.id)
        if call.id is not None and pairing.is_minted(call_id) and _WITH_ID not in call.form:
            pairing.unwritten.add(call_id)
            del data["id"]
        if _UNTYPED in call.form if self.typed else _TYPED not in call.form:
            del data["type"]
        text = call.function.arguments
        arguments = None if _TEXT in call.form else calls.parse_object(text if text.strip() else "{}")
        return data if arguments is None else {**data, "function": {**data["function"], "arguments": arguments}}

    def load_result(self, out: dict[str, Any], pairing: Pairing) -> list[Mark]:
        """Give a result the id of its call; return its marks."""
        if "tool_call_id" in out:
            return [_WITH_ID] if str(out["tool_call_id"]) in pairing.unwritten else []
        name = out.get(self.name_key)
        call_id = pairing.next(name if isinstance(name, str) else None)
        if call_id is None:
            return []
        out["tool_call_id"] = call_id
        form = [] if call_id in pairing.unwritten else [_NO_ID]
        if self.name_key not in out:
            return [*form, _NO_NAME]
        if name == pairing.names[call_id]:
            del out[self.name_key]
        return form

    def dump_result(self, out: dict[str, Any], message: Message, pairing: Pairing) -> None:
        """Name the function of a result instead of its call where the call has no id: the inverse."""
        call_id = str(message.tool_call_id)
        hidden = (call_id in pairing.unwritten and _WITH_ID not in message.form) or _NO_ID in message.form
        if hidden:
            del out["tool_call_id"]
            if _NO_NAME not in message.form and call_id in pairing.names:
                out.setdefault(self.name_key, pairing.names[call_id])
        pairing.answer(call_id)
