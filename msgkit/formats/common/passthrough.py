"""For formats whose messages are nearly the values' own: a message is translated if it comes back the same."""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any

import attrs

from msgkit.errors import InvalidMessageError, Path
from msgkit.formats.base import Loaded, conversation_of
from msgkit.formats.common import calls
from msgkit.formats.common.builder import Draft, Places, bare, mark
from msgkit.formats.common.calls import Pairing
from msgkit.formats.common.keys import Key, dump_nested, load_nested
from msgkit.jsontext.values import LIST, same, without_keys
from msgkit.model.base import NOTHING, Mark
from msgkit.model.calls import ToolCall
from msgkit.model.messages import Conversation, Message, Role
from msgkit.structuring import dump_value, load_value

UNLIKE = Mark("values", "as-is")  # form of a message: not translated


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Alike:
    """How one format writes bodies of such messages."""

    name: str  # of the format; what has no place in a value is under it
    # a message -> in the values' shape, noted
    load_message: Callable[[Mapping[str, Any], Pairing], dict[str, Any] | None]
    dump_message: Callable[[Message, dict[str, Any], Pairing], dict[str, Any]]  # a value, and as JSON -> the way back
    # a message and its translation -> where what that holds is in the message
    places: Callable[[Mapping[str, Any], Mapping[str, Any]], dict[Path, Path]]
    keys: Sequence[Key] = ()  # of the body
    outer: Collection[str] = ()  # keys of the body that hold such keys

    def load(self, body: Mapping[str, Any], at: Path = ()) -> Loaded:
        """Load a body; a message that would not come back the same stays as it is."""
        draft, pairing, values = Draft(at), Pairing(), list[Message]()
        for i, message in enumerate(draft.listed(body, "messages")):
            place: Path = ("messages", i)
            if isinstance(message, Mapping):
                data, value, pairing = self._load(message, pairing)
                draft.add(data, place, partial(self._places, message, data, place))
                values += () if value is None else (value,)
            else:
                draft.add(message, place)
        extra = load_nested(body, ("messages",), self.keys, self.name, self.outer)
        if values and len(values) == len(draft.messages):
            return Loaded(conversation_of(tuple(values), extra or NOTHING), (), Places(at, draft.entries))
        return draft.finish(extra, "messages")

    def _load(self, message: Mapping[str, Any], pairing: Pairing) -> tuple[Mapping[str, Any], Message | None, Pairing]:
        """Return a message's translation, the value that it is if it comes back the same, and the pairing after it."""
        for candidate in filter(None, (self.load_message(message, pairing.copy()), message)):
            after = pairing.copy()
            try:
                value = load_value(candidate, Message)
            except InvalidMessageError:
                continue
            if same(message, self._dump(value, after)):
                return candidate, value, after
        return mark(message, UNLIKE), None, pairing

    def _places(self, message: Mapping[str, Any], value: Mapping[str, Any], place: Path) -> dict[Path, Path]:
        return {path: (*place, *inner) for path, inner in self.places(message, value).items()}

    def dump(self, conversation: Conversation) -> dict[str, Any]:
        """Return the body: the inverse of :meth:`load`."""
        pairing = Pairing()
        messages = [self._dump(message, pairing) for message in conversation.messages]
        return {"messages": messages, **dump_nested(conversation.extra, self.keys, self.name, self.outer)}

    def _dump(self, message: Message, pairing: Pairing) -> dict[str, Any]:
        out: dict[str, Any] = dump_value(message)
        return out if UNLIKE in message.form else self.dump_message(message, out, pairing)


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
    """Calls whose arguments are objects and whose ids may be left out, and their results."""

    name_key: str = "name"  # the key of a result that names its function
    typed: bool = True  # whether a call usually says its type

    def load(self, out: dict[str, Any], pairing: Pairing) -> list[Mark]:
        """Translate the calls of a message, or what it answers; return its marks."""
        if isinstance(out.get("tool_calls"), LIST):
            out["tool_calls"] = [self._load_call(call, pairing) for call in out["tool_calls"]]
        return self._load_result(out, pairing) if out.get("role") == "tool" else []

    def dump(self, message: Message, out: dict[str, Any], pairing: Pairing) -> None:
        """Write them as the format has them: the inverse of :meth:`load`."""
        if message.tool_calls is not None:
            pairs = zip(message.tool_calls, out["tool_calls"], strict=True)
            out["tool_calls"] = [self._dump_call(call, data, pairing) for call, data in pairs]
        if message.role == Role.TOOL and message.tool_call_id is not None:
            self._dump_result(message, out, pairing)

    def _load_call(self, call: Any, pairing: Pairing) -> Any:
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

    def _dump_call(self, call: Any, data: dict[str, Any], pairing: Pairing) -> Any:
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

    def _load_result(self, out: dict[str, Any], pairing: Pairing) -> list[Mark]:
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

    def _dump_result(self, message: Message, out: dict[str, Any], pairing: Pairing) -> None:
        """Name the function of a result instead of its call where the call has no id."""
        call_id = str(message.tool_call_id)
        hidden = (call_id in pairing.unwritten and _WITH_ID not in message.form) or _NO_ID in message.form
        if hidden:
            del out["tool_call_id"]
            if _NO_NAME not in message.form and call_id in pairing.names:
                out.setdefault(self.name_key, pairing.names[call_id])
        pairing.answer(call_id)
