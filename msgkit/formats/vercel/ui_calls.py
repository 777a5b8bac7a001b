"""A call and its result, one part of a UIMessage <-> a tool call and a tool message."""

from collections.abc import Mapping
from typing import Any

from msgkit.formats.common import calls
from msgkit.formats.common.builder import bare, mark, marks
from msgkit.formats.vercel.parts import OBJECT, Parts, load_input
from msgkit.jsontext.diff import same
from msgkit.model.base import Mark

NAME = "vercel"
PARTS = Parts(NAME, "url", "providerMetadata")
DYNAMIC = Mark(NAME, "dynamic")  # form of a call, and of a conversation for all its calls: of the type dynamic-tool
_STATES = {"output-available": "output", "output-error": "errorText"}
_USED = ("type", "toolName", "toolCallId", "input", "state", "output", "errorText")


def load_call(part: Any) -> dict[str, Any] | None:
    """Return the part of a call as a tool call; None for any other, or when it would not come back the same."""
    kind = part.get("type") if isinstance(part, Mapping) else None
    if not isinstance(kind, str) or part.get("providerExecuted"):
        return None
    name = part.get("toolName") if kind == "dynamic-tool" else kind.removeprefix("tool-")
    if not isinstance(name, str) or not (kind == "dynamic-tool" or kind.startswith("tool-")):
        return None
    call = load_input(part, name)
    if call is None:
        return None
    rest = {key: value for key, value in part.items() if key not in _USED}
    state = part.get("state")
    if not isinstance(state, str) or (state not in _STATES and state != "input-available"):
        rest["state"] = state
    call = mark({**call, **({NAME: rest} if rest else {})}, *[DYNAMIC] * (kind == "dynamic-tool"))
    results = load_result(part)
    return call if same(part, dump_call(call, results[0] if results else None)) else None


def load_result(part: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the result in a call's part as a message, when there is one."""
    state = part.get("state")
    key = _STATES.get(state) if isinstance(state, str) else None
    if key is None or key not in part:
        return []
    output = part[key]
    is_text = isinstance(output, str)
    value = {
        "role": "tool",
        "tool_call_id": part["toolCallId"],
        "content": output if is_text else calls.to_text(output),
    }
    value |= {"is_error": True} if key == "errorText" else {}
    return [mark(value, *[OBJECT] * (not is_text))]


def dump_call(call: Mapping[str, Any], result: Mapping[str, Any] | None) -> Any:
    """Return a call and its result as one part."""
    function = call.get("function")
    if not isinstance(function, Mapping):
        return bare(call)
    name = str(function.get("name"))
    kind = {"type": "dynamic-tool", "toolName": name} if DYNAMIC in marks(call) else {"type": f"tool-{name}"}
    told: dict[str, Any] = {"state": "input-available"}
    if result is not None:
        content = result.get("content")
        text = content if isinstance(content, str) else "\n".join(str(part.get("text", "")) for part in content or ())
        state = "output-error" if result.get("is_error") is True else "output-available"
        told = {"state": state, _STATES[state]: calls.parse(text) if OBJECT in marks(result) else text}
    arguments = calls.to_object(str(function.get("arguments")))
    return {**kind, "toolCallId": call.get("id"), **told, "input": arguments, **bare(call.get(NAME, {}))}
