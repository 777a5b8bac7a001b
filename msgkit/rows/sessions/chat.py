"""Chat Completions, put together of what was said, called and returned, in the order that chat applications keep it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from msgkit.formats.common.calls import Pairing
from msgkit.jsontext.values import type_of
from msgkit.model.base import NOTHING
from msgkit.rows.sessions.lines import History


@attrs.define
class Chat:
    """Messages so far."""

    messages: list[dict[str, Any]] = attrs.field(factory=list)
    origins: list[Mapping[str, Any]] = attrs.field(factory=list)
    origin: Mapping[str, Any] = attrs.field(factory=dict)  # of what comes next
    pairing: Pairing = attrs.field(factory=Pairing)
    answer: dict[str, Any] | None = None  # the assistant's message that goes on

    def begin(self, name: Any = None) -> None:
        """Begin what comes from the node *name*: what the assistant says is a message of its own."""
        self.answer = None
        self.origin = {"id": name} if isinstance(name, str) else {}

    def add(self, role: Any, content: Any, **keys: Any) -> None:
        """Add a message."""
        self.answer = None
        self.messages.append({"role": role, "content": content, **keys})
        self.origins.append(self.origin)

    def say(self, *parts: dict[str, Any]) -> None:
        """Let the assistant say text, or show images."""
        message = self._answer()
        message["content"] = [*(message["content"] or ()), *parts]

    def think(self, text: str) -> None:
        """Let the assistant reason."""
        message = self._answer()
        message["reasoning"] = message.get("reasoning", "") + text

    def call(self, name: Any, arguments: Any, known: Any = None, *, together: bool = False) -> str:
        """Let the assistant call a tool; *together* with the calls before it, even if they have their results."""
        if together and self.messages and self.messages[-1]["role"] == "tool":
            self.answer = next((one for one in reversed(self.messages) if "tool_calls" in one), None)
        text = arguments if isinstance(arguments, str) else json.dumps(arguments or {}, ensure_ascii=False)
        call_id = self.pairing.call(str(name), known if isinstance(known, str) else None)
        function = {"name": name, "arguments": text}
        self._answer().setdefault("tool_calls", []).append({"id": call_id, "type": "function", "function": function})
        return call_id

    def result(self, content: Any, known: Any = None, name: str | None = None) -> None:
        """Add the result of a call; without an id that of the first that has none, or more of the last."""
        last = self.messages[-1] if self.messages else {}
        call_id = known if isinstance(known, str) else self.pairing.next(name) or self.pairing.next(None)
        if call_id is None and last.get("role") == "tool":
            before = last["content"]
            both = isinstance(before, str) and isinstance(content, str)
            last["content"] = f"{before}\n{content}" if both else [*_parts(before), *_parts(content)]
            return
        self.pairing.answer(call_id)
        self.add("tool", content, **({} if call_id is None else {"tool_call_id": call_id}))

    def _answer(self) -> dict[str, Any]:
        if self.answer is None:
            self.add("assistant", None)
            self.answer = self.messages[-1]
        return self.answer

    def histories(self, head: Mapping[str, Any] = NOTHING) -> Iterator[History]:
        """Yield the history, with keys beside its messages that are texts; none where nothing was said."""
        told = {key: value for key, value in head.items() if isinstance(value, str)}
        messages = [{**one, "content": _plain(one["content"])} for one in self.messages]
        if messages:
            yield History({**told, "messages": messages}, self.origins)


def image_part(url: Any) -> dict[str, Any]:
    """Return an image as a part."""
    return {"type": "image_url", "image_url": {"url": url}}


def text_part(text: str) -> dict[str, Any]:
    """Return a text as a part."""
    return {"type": "text", "text": text}


def _parts(content: Any) -> list[Any]:
    return content if isinstance(content, list) else [text_part(str(content))]


def _plain(content: Any) -> Any:
    """Return parts that are all text as one string."""
    is_text = isinstance(content, list) and content and all(type_of(part) == "text" for part in content)
    return "".join(str(part.get("text")) for part in content) if is_text else content


def with_ids(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return messages with ids of their calls and results: instrumentation may leave them out."""
    pairing = Pairing()
    out: list[dict[str, Any]] = []
    for message in messages:
        new = dict(message)
        if "tool_calls" in new:
            names = [str(call["function"]["name"]) for call in new["tool_calls"]]
            ids = [pairing.call(name, call.get("id")) for name, call in zip(names, new["tool_calls"], strict=True)]
            new["tool_calls"] = [{"id": one, **call} for one, call in zip(ids, new["tool_calls"], strict=True)]
        if new["role"] == "tool":
            known = new.get("tool_call_id") or pairing.next(new.get("name")) or pairing.next(None)
            pairing.answer(known)
            new |= {"tool_call_id": known} if known else {}
        out.append(new)
    return out
