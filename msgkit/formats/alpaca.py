"""
Alpaca: ``{instruction, input, output, system, history}``, one exchange a row, earlier ones in ``history``.

- the last user message is ``instruction``, and ``input`` on the lines after it;
- the answer is ``output``; a row without it waits for one;
- text only: no parts, no calls, no names.

Source: LLaMA-Factory ``data/README.md``.
"""

from collections.abc import Mapping
from typing import Any

from msgkit.errors import Path, describe
from msgkit.formats.base import Format, Loaded
from msgkit.formats.common.builder import Draft, noted
from msgkit.formats.common.capabilities import Capabilities
from msgkit.formats.common.keys import dump_keys, load_keys
from msgkit.model.messages import Conversation

NAME = "alpaca"
_INPUT = "input"  # kept on a message: the part of its text that is under this key


def recognize(body: Mapping[str, Any]) -> bool:
    """Return whether *body* has an instruction and no list of messages."""
    is_own = isinstance(body.get("instruction"), str) and "output" in body
    return is_own and body.keys().isdisjoint(("messages", "conversations", "contents"))


def load(body: Mapping[str, Any], at: Path = ()) -> Loaded:
    """Load a row."""
    draft = Draft(at)
    used = {"instruction", "output"} & body.keys()
    if isinstance(body.get("system"), str) and body["system"]:
        draft.add({"role": "system", "content": body["system"]}, ("system",), {("content",): ("system",)})
        used.add("system")
    if _is_history(body.get("history")):
        used.add("history")
        for i, pair in enumerate(body["history"]):
            for j, role in enumerate(("user", "assistant")):
                place = ("history", i, j)
                draft.add({"role": role, "content": pair[j]}, place, {("content",): place})
    if not isinstance(body.get("instruction"), str):
        got = describe(body["instruction"]) if "instruction" in body else "nothing"
        draft.fault(("instruction",), "messages-missing", f"expected the user's text, got {got}")
    else:
        message: dict[str, Any] = {"role": "user", "content": body["instruction"]}
        if isinstance(body.get("input"), str):
            used.add("input")
            text = f"{body['instruction']}\n{body['input']}" if body["input"] else body["instruction"]
            message = {"role": "user", "content": text, NAME: {_INPUT: body["input"]}}
        draft.add(message, ("instruction",), {("content",): ("instruction",)})
    if not isinstance(body.get("output"), str | None):
        draft.fault(("output",), "type-mismatch", f"expected string, got {describe(body['output'])}")
    elif "output" in body:
        draft.add({"role": "assistant", "content": body["output"]}, ("output",), {("content",): ("output",)})
    return draft.finish(load_keys(body, used, (), NAME), "instruction")


def _is_history(history: Any) -> bool:
    return (
        isinstance(history, list | tuple)
        and bool(history)
        and all(isinstance(pair, list | tuple) and len(pair) == 2 for pair in history)  # noqa: PLR2004 (of a pair)
        and all(isinstance(text, str) for pair in history for text in pair)
    )


def dump(conversation: Conversation) -> dict[str, Any]:
    """Return the row."""
    body: dict[str, Any] = {}
    pairs: list[list[Any]] = []
    for message in noted(conversation):
        role = message.get("role")
        if role == "system" and not pairs:
            body["system"] = _text(message)
        elif role == "assistant" and pairs and len(pairs[-1]) == 1:
            pairs[-1].append(message)
        else:
            pairs.append([message] if role != "assistant" else [{"content": ""}, message])
    last: list[Any] = pairs.pop() if pairs else [{"content": ""}]
    body["instruction"] = _text(last[0])
    kept = last[0].get(NAME, {}).get(_INPUT)
    if kept is not None and body["instruction"].endswith(f"\n{kept}" if kept else ""):
        body["instruction"] = body["instruction"].removesuffix(f"\n{kept}") if kept else body["instruction"]
        body["input"] = kept
    if len(last) > 1:
        body["output"] = _raw(last[1])
    if pairs:
        body["history"] = [[*map(_text, pair), *[""] * (2 - len(pair))] for pair in pairs]
    return body | {key: value for key, value in dump_keys(conversation.extra, (), NAME).items() if key not in body}


def _raw(message: Mapping[str, Any]) -> Any:
    content = message.get("content")
    return _text(message) if isinstance(content, list) else content


def _text(message: Mapping[str, Any]) -> str:
    content = message.get("content")
    parts = content if isinstance(content, list) else ()
    return content if isinstance(content, str) else "".join(str(part.get("text", "")) for part in parts)


FORMAT = Format(
    name=NAME,
    title="Alpaca: {instruction, input, output, system, history}, one exchange a row",
    source="LLaMA-Factory data/README.md",
    recognize=recognize,
    load=load,
    dump=dump,
    capabilities=Capabilities(
        parts={"text": ()},
        message=(),
        body=(),
        roles=("system", "user", "assistant"),
        open="rows",
        call_ids=False,
    ),
    list_key="instruction",
    preference="alpaca",
)
