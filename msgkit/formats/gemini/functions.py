"""Gemini's function calls and responses <-> tool calls and tool messages."""

from collections.abc import Mapping
from typing import Any

import attrs

from msgkit.formats.common import calls
from msgkit.formats.common.builder import bare, checked, mark, marks
from msgkit.formats.common.calls import Pairing
from msgkit.formats.gemini.names import NAME, Names
from msgkit.formats.gemini.parts import dump_part, load_part
from msgkit.jsontext.values import OBJECT, same, without_keys
from msgkit.model.base import Mark

NO_ARGS = Mark(NAME, "noargs")  # form of a call: without args
WITH_ID = Mark(NAME, "id")  # form: the id is written although it need not be
WITHOUT_ID = Mark(NAME, "noid")  # form: the id is not written although it would be
_OWN_ID = Mark(NAME, "own-id")  # form of a tool message: an id that its call has not, as Gemini CLI writes them
_RESULT = Mark(NAME, "result")  # form of a tool message: the text is under another key, or is itself JSON
_KEYS = ("output", "result", "error")
_CALLS = frozenset(("functionCall", "function_call"))
_RESULTS = frozenset(("functionResponse", "function_response"))


def load_call(part: Any, names: Names, pairing: Pairing) -> dict[str, Any] | None:
    """Return a part's function call as a tool call; None when it is none, or would not come back the same."""
    if not isinstance(part, OBJECT) or _CALLS.isdisjoint(part):
        return None
    names = names.of(part)
    own = names.parts("functionCall")
    inner = _named(part.get(own))
    if inner is None:
        return None
    rest = without_keys(part, own)
    arguments = calls.from_object(inner.get("args", {}))
    more = without_keys(inner, "name", "id", "args")
    if arguments is None or rest.keys() & {"id", "type", "function"} or more.keys() & {"arguments"}:
        return None
    minted = calls.minted(pairing.number + 1)
    call_id = inner.get("id", minted)
    form = [NO_ARGS] * ("args" not in inner) + [WITH_ID] * ("id" in inner and call_id == minted)
    form += names.others
    function = {"name": inner["name"], "arguments": arguments, **more}
    call = mark({"id": call_id, "type": "function", "function": function, **rest}, *form)
    if not (_is_usual(rest, inner, _CALL, names) and calls.comes_back(inner.get("args"))):
        again = attrs.evolve(pairing, names={}, pending={}, unwritten=set())
        if not checked(part, call, dump_call(call, names, again)):
            return None
    pairing.call(inner["name"], inner.get("id"))
    if "id" not in inner:
        pairing.unwritten.add(call_id)
    return call


def _named(inner: Any) -> Mapping[str, Any] | None:
    """Return an object with the name of a function, and with an id or none; None for others."""
    is_named = isinstance(inner, OBJECT) and isinstance(inner.get("name"), str)
    return inner if is_named and isinstance(inner.get("id", ""), str) else None


_SIGNATURE = frozenset(("thoughtSignature", "thought_signature"))  # what may be beside a call, in either spelling
_CALL = frozenset(("name", "id", "args"))
_RESPONSE = frozenset(("name", "id", "response"))


def _is_usual(rest: Mapping[str, Any], inner: Mapping[str, Any], known: frozenset[str], names: Names) -> bool:
    """Return whether a call or a response has only the keys *known*, so that it surely comes back as it is."""
    is_alone = not names.others and len(rest) <= 1 and rest.keys() <= _SIGNATURE
    return is_alone and inner["name"] != "" and inner.keys() <= known


def dump_call(call: Mapping[str, Any], names: Names, pairing: Pairing) -> Any:
    """Return a noted tool call as a part; the id is left out when it is only a number."""
    if call.get("type") != "function":
        return bare(call)
    function = call["function"]
    call_id = pairing.call(function["name"], call.get("id"))
    inner = {"name": function["name"]}
    if call.get("id") is not None and (WITH_ID in marks(call) or not pairing.is_minted(call_id)):
        inner["id"] = call_id
    else:
        pairing.unwritten.add(call_id)
    arguments = calls.to_object(function["arguments"])
    if arguments or NO_ARGS not in marks(call):
        inner["args"] = arguments
    inner |= bare(without_keys(function, "name", "arguments"))
    rest = without_keys(call, "id", "type", "function")
    return {names.marked(marks(call)).parts("functionCall"): inner, **bare(rest)}


def load_result(part: Any, names: Names, pairing: Pairing) -> dict[str, Any] | None:
    """Return a part's function response as a tool message; None when it is none, or would not come back the same."""
    if not isinstance(part, OBJECT) or _RESULTS.isdisjoint(part):
        return None
    own_names = names.of(part)
    own = own_names.parts("functionResponse")
    inner = _named(part.get(own))
    if inner is None or len(part) > 1 or not isinstance(inner.get("response"), OBJECT):
        return None
    waiting = pairing.next(inner["name"])
    is_own = "id" in inner and inner["id"] not in pairing.names and waiting in pairing.unwritten
    call_id = waiting if is_own else inner.get("id", waiting)
    message: dict[str, Any] = {"role": "tool", **_load_response(inner, names)}
    message |= {"tool_call_id": call_id} if call_id is not None else {}
    message |= {"name": inner["name"]} if pairing.names.get(call_id or "") != inner["name"] else {}
    more = without_keys(inner, "name", "id", "response", "parts")
    message |= {NAME: {"more": more}} if more else {}
    form = [_OWN_ID.of(inner["id"])] if is_own else [WITH_ID] * ("id" in inner and call_id in pairing.unwritten)
    form += [WITHOUT_ID] * ("id" not in inner and call_id is not None and call_id not in pairing.unwritten)
    form += own_names.others
    is_usual = _is_usual({}, inner, _RESPONSE, own_names)
    if is_usual and (
        _comes_back(inner["response"]) or same(_dump_response(message, names)["response"], inner["response"])
    ):
        pairing.answer(call_id)
        return mark(message, *form)
    for names_of in ([], [_RESULT]):
        trial = mark(message, *form, *names_of)
        if names_of:
            trial[NAME] = {**trial.get(NAME, {}), "response": inner["response"]}
        again = attrs.evolve(pairing, pending={name: list(ids) for name, ids in pairing.pending.items()})
        if checked(part, trial, dump_result(trial, names, again)):
            pairing.answer(call_id)
            return trial
    return None


def _comes_back(response: Any) -> bool:
    """Fast check: True only if a response is certainly made again of the text that is made of it."""
    key = next(iter(response)) if len(response) == 1 else ""
    if key not in _KEYS:
        return calls.comes_back(response)
    text = response[key]
    return type(text) is str and (key == "error" or (key == "output" and "{" not in text))


def _load_response(inner: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """Return content and error of a response: the text under one of its usual keys, else the whole as JSON."""
    response = inner["response"]
    key = next(iter(response)) if len(response) == 1 else ""
    text = response.get(key) if key in _KEYS and isinstance(response.get(key), str) else calls.to_text(response)
    error = {"is_error": True} if key == "error" and text is response.get(key) else {}
    inner_parts = inner.get("parts")
    if isinstance(inner_parts, list) and all(isinstance(part, Mapping) for part in inner_parts):
        parts = [load_part(part, names) for part in inner_parts]
        return {"content": [*([{"type": "text", "text": text}] if response else []), *parts], **error}
    return {"content": text, **error}


def dump_result(message: Mapping[str, Any], names: Names, pairing: Pairing) -> Any:
    """Return a noted tool message as a part; the function's name is that of the call it answers."""
    call_id = message.get("tool_call_id")
    name = message.get("name") or pairing.names.get(call_id or "") or "unknown"
    pairing.answer(call_id)
    inner: dict[str, Any] = {"name": name}
    hidden = call_id in pairing.unwritten and WITH_ID not in marks(message)
    own_id = _OWN_ID.find(marks(message))
    if own_id is not None:
        inner["id"] = own_id
    elif call_id is not None and not hidden and WITHOUT_ID not in marks(message):
        inner["id"] = call_id
    inner |= _dump_response(message, names)
    more = bare(dict(message.get(NAME, {}).get("more", {})))
    return {names.marked(marks(message)).parts("functionResponse"): inner | more}


def _dump_response(message: Mapping[str, Any], names: Names) -> dict[str, Any]:
    content = message.get("content")
    parts = content if isinstance(content, list) else []
    text = (
        content if isinstance(content, str) else "".join(part["text"] for part in parts if part.get("type") == "text")
    )
    response = _response(text, error=message.get("is_error") is True) if text or not parts else {}
    told = message.get(NAME, {}).get("response")
    if told is not None and _load_response({"response": told}, names).get("content") == text:
        response = told
    others = [dump_part(part, names) for part in parts if part.get("type") != "text"]
    return {"response": response, **({"parts": others} if others or (parts and not text) else {})}


def _response(text: str, *, error: bool) -> dict[str, Any]:
    """Return text as a response: a JSON object as itself, unless it would be read as such a text again."""
    arguments = calls.parse_object(text)
    if error or arguments is None or (len(arguments) == 1 and next(iter(arguments)) in _KEYS):
        return {"error" if error else "output": text}
    return arguments
