"""
Messages of the AI SDK 4 <-> UIMessages of the later ones.

What differs from UIMessages:

- ``content`` repeats the text; ``parts`` may be absent, ``toolInvocations`` and ``reasoning`` repeat them or stand for
  them;
- a call and its result are ``{toolInvocation: {state: call | result, toolName, args, result}}``;
- what a user attaches is under ``experimental_attachments``: ``{name, contentType, url}``.

Source: npm ai 4.3, ``@ai-sdk/ui-utils`` Message, fillMessageParts; ``convertToCoreMessages``.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import groupby
from typing import Any

from msgkit.errors import Path
from msgkit.formats.common import media
from msgkit.jsontext.values import LIST, objects, same, type_of, without_keys
from msgkit.model.base import Mark

START: dict[str, Any] = {"type": "step-start"}
LISTS = ("parts", "toolInvocations", "experimental_attachments")
# form of a conversation: its messages are of version 4; one mark for each key that they have
_HAS = Mark("vercel", "version-4")
MARK = _HAS.of("content")
_STEP = "step"
_MARKED = ("parts", "toolInvocations", "reasoning", _STEP)
_MADE = ("content", "reasoning", *LISTS)  # keys that are made of the parts
_STATES = {"partial-call": "input-streaming", "call": "input-available", "result": "output-available"}
_OLD_STATES = {new: old for old, new in _STATES.items()}
_KEYS = {"args": "input", "result": "output"}
_OLD_KEYS = {new: old for old, new in _KEYS.items()}
_ATTACHED = {"mediaType": "contentType", "filename": "name"}  # keys of a file -> of what is attached


def recognize(messages: Any) -> bool:
    """Return whether messages are those of version 4: each has a text, and some have what only they have beside it."""
    listed = messages if isinstance(messages, LIST) else ()
    return all(isinstance(one, Mapping) and isinstance(one.get("content"), str) for one in listed) and any(
        isinstance(one.get(key), LIST) and (key != "parts" or any(map(_is_own, one[key])))
        for one in listed
        for key in LISTS
    )


def _is_own(part: Any) -> bool:
    part_type = type_of(part)
    return (part_type == "text" and "text" in part) or part_type in ("reasoning", "step-start", "tool-invocation")


def marks_of(messages: Any) -> frozenset[Mark]:
    """Return the marks of a conversation: which keys its messages have, if they are of version 4."""
    if not recognize(messages):
        return frozenset()
    keys = {key for one in messages for key in one}
    listed = [part.get("toolInvocation") for one in messages for part in objects(one.get("parts"))]
    calls = [*objects(listed), *(call for one in messages for call in objects(one.get("toolInvocations")))]
    steps = [_STEP] * any(_STEP in call for call in calls)
    return frozenset(_HAS.of(key) for key in ("content", *_MARKED) if key in keys or key in steps)


def upgrade(message: Mapping[str, Any], form: Collection[Mark]) -> tuple[dict[str, Any], list[Path]]:
    """Return a message as a UIMessage, and where each of its parts came from."""
    pairs = [(_up(part), place) for part, place in _parts_of(message)]
    parts = [part for part, _ in pairs]
    if _HAS.of(_STEP) in form:
        parts = [
            {key: value for key, value in part.items() if (key, value) != (_STEP, step)}
            for part, step in zip(parts, _steps(parts), strict=True)
        ]
    new: dict[str, Any] = {**without_keys(message, *_MADE), "parts": parts}
    made = downgrade(new, form)
    kept = {key: message.get(key) for key in _MADE if not same(made.get(key), message.get(key))}
    return new | {f"4:{key}": value for key, value in kept.items()}, [place for _, place in pairs]


def _parts_of(message: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], Path]]:
    if isinstance(message.get("parts"), LIST):
        for j, part in enumerate(message["parts"]):
            inner = ("toolInvocation",) if part.get("type") == "tool-invocation" else ()
            yield part, ("parts", j, *inner)
    else:
        calls = [(part, ("toolInvocations", j)) for j, part in enumerate(objects(message.get("toolInvocations")))]
        for _, step in groupby(calls, key=lambda one: one[0].get(_STEP)):
            yield START, ()
            yield from (({"type": "tool-invocation", "toolInvocation": call}, place) for call, place in step)
        said = {"reasoning": message.get("reasoning"), "text": message.get("content")}
        said = {kind: text for kind, text in said.items() if text and isinstance(text, str)}
        yield from [(START, ())] * (bool(said) and bool(calls))
        yield from (
            ({"type": kind, "text": text}, ("content" if kind == "text" else kind,)) for kind, text in said.items()
        )
    for j, one in enumerate(objects(message.get("experimental_attachments"))):
        own = {old: new for new, old in _ATTACHED.items()}
        yield {"type": "file", **{own.get(key, key): value for key, value in one.items()}}, (LISTS[2], j)


def _up(part: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a part as those of UIMessages; one that is no part of version 4 as it is."""
    kind, call = part.get("type"), part.get("toolInvocation")
    if kind == "tool-invocation" and part.keys() == {"type", "toolInvocation"} and isinstance(call, Mapping):
        told = {_KEYS.get(str(key), str(key)): value for key, value in call.items() if key != "toolName"}
        state = call.get("state")
        told["state"] = _STATES.get(state, state) if isinstance(state, str) else state
        return {"type": f"tool-{call.get('toolName')}", **told}
    if kind == "reasoning" and isinstance(part.get("reasoning"), str):
        signature = next((one["signature"] for one in objects(part.get("details")) if one.get("signature")), None)
        signed: dict[str, Any] = {"providerMetadata": {"anthropic": {"signature": signature}}} if signature else {}
        rest = without_keys(part, "type", "reasoning")
        return {"type": "reasoning", "text": part["reasoning"], **signed, **rest}
    if kind == "file" and part.keys() == {"type", "mimeType", "data"}:
        return {"type": "file", "mediaType": part["mimeType"], "url": media.join(str(part["mimeType"]), part["data"])}
    return part


def downgrade(message: Mapping[str, Any], form: Collection[Mark]) -> dict[str, Any]:
    """Return a UIMessage as a message of version 4: the inverse of :func:`upgrade`."""
    parts = list(message["parts"])
    attached = [part for part in parts if part.get("type") == "file" and message.get("role") == "user"]
    steps = _steps(parts) if _HAS.of(_STEP) in form else [None] * len(parts)
    pairs = zip(parts, steps, strict=True)
    old = [_down(part, step) for part, step in pairs if not any(part is one for one in attached)]
    texts = {key: "".join(str(part.get("text", part.get("reasoning"))) for part in parts if part.get("type") == kind)
             for key, kind in (("content", "text"), ("reasoning", "reasoning"))}  # fmt: skip
    made: dict[str, Any] = {
        **texts,
        "parts": old,
        "toolInvocations": [
            part["toolInvocation"] for part in old if part.get("type") == "tool-invocation" and "toolInvocation" in part
        ],
        "experimental_attachments": [
            {_ATTACHED.get(key, key): value for key, value in part.items() if key != "type"} for part in attached
        ],
    }
    is_whole = _HAS.of("parts") in form
    for key in ("reasoning", "toolInvocations", "experimental_attachments"):
        if not made[key] or (is_whole and key != "experimental_attachments" and _HAS.of(key) not in form):
            del made[key]
    if not is_whole:
        del made["parts"]
    kept = {key.removeprefix("4:"): value for key, value in message.items() if key.startswith("4:")}
    rest = {key: value for key, value in message.items() if key != "parts" and not key.startswith("4:")}
    return rest | {key: value for key, value in (made | kept).items() if value is not None}


def _steps(parts: Collection[Mapping[str, Any]]) -> list[int]:
    """Return the number of the step of each part."""
    number, numbers = -1, []
    for part in parts:
        number += part == START
        numbers.append(max(number, 0))
    return numbers


def _down(part: Mapping[str, Any], step: int | None) -> Mapping[str, Any]:
    part_type = type_of(part)
    if "toolCallId" in part and (part_type.startswith("tool-") or part_type == "dynamic-tool"):
        call = {_OLD_KEYS.get(key, key): value for key, value in part.items() if key != "type"}
        name = call.pop("toolName", part_type.removeprefix("tool-"))
        state = call.pop("state", None)
        if state == "output-error":
            call["result"], state = call.pop("errorText", None), "output-available"
        numbered = {} if step is None else {_STEP: step}
        told = {"state": _OLD_STATES.get(str(state), state), **numbered, "toolName": name, **call}
        return {"type": "tool-invocation", "toolInvocation": told}
    if part_type == "reasoning":
        options = part.get("providerMetadata")
        signed = options.get("anthropic") if isinstance(options, Mapping) else None
        details = [{"type": "text", "text": part.get("text"), **(signed if isinstance(signed, Mapping) else {})}]
        rest = without_keys(part, "text", "providerMetadata")
        return {"reasoning": part.get("text"), "details": details, **rest}
    if part_type == "file":
        inline = media.split(part.get("url"))
        media_type, data = inline or (part.get("mediaType"), part.get("url"))
        return {"type": "file", "mimeType": media_type, "data": data}
    return part


def place(to: Path, origins: list[Path]) -> Path:
    """Translate the path of something in a UIMessage into that in the message of version 4."""
    if len(to) < 2 or to[0] != "parts" or not isinstance(to[1], int) or to[1] >= len(origins):  # noqa: PLR2004
        return to
    own, rest = origins[to[1]], tuple(to[2:])
    if own[:1] in (("content",), ("reasoning",)) or not own:
        return own
    keys = {"url": "url" if own[0] == LISTS[2] else "data", **_OLD_KEYS}
    return (*own, *(keys.get(one, one) if isinstance(one, str) else one for one in rest))


# ---- messages for models: CoreMessages


_CORE = {"tool-call": ("args", "input"), "tool-result": ("result", "output")}


def is_core_call(part: Any) -> bool:
    """Return whether a part is a call or a result of version 4's CoreMessages."""
    own, later = _CORE.get(type_of(part), ("", ""))
    return bool(own) and own in part and later not in part


def in_parts(message: Mapping[str, Any], change: Callable[[Any], Any]) -> dict[str, Any]:
    """Return a message with each part of its content changed."""
    content = message.get("content")
    return {**message, "content": list(map(change, content))} if isinstance(content, LIST) else dict(message)


def up_core(part: Any) -> Any:
    """Return a part of a CoreMessage as one of a ModelMessage."""
    is_media = type_of(part) in ("file", "image") and "mimeType" in part and "mediaType" not in part
    if not (is_media or is_core_call(part)):
        return part
    new = {{"args": "input", "mimeType": "mediaType"}.get(key, key): value for key, value in part.items()}
    if part["type"] == "tool-result":
        value = new.pop("result")
        error = "error-" if new.get("isError") is True and new.pop("isError") else ""
        new["output"] = {"type": f"{error}{'text' if isinstance(value, str) else 'json'}", "value": value}
    return new


def down_core(part: Any) -> Any:
    """Return a part of a ModelMessage as one of a CoreMessage: the inverse of :func:`up_core`."""
    part_type = type_of(part)
    if part_type not in ("tool-call", "tool-result", "file", "image"):
        return part
    old = {{"input": "args", "mediaType": "mimeType"}.get(key, key): value for key, value in part.items()}
    output = old.get("output")
    if part_type == "tool-result" and isinstance(output, Mapping) and "value" in output:
        del old["output"]
        old["result"] = output["value"]
        old |= {"isError": True} if str(output.get("type")).startswith("error-") else {}
    return old
