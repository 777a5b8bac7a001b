"""
ChatML: a conversation as text, ``<|im_start|>role ... <|im_end|>``.

What differs from Chat Completions:

- the conversation is one string under ``text``; media have no place;
- calls are ``<tool_call>`` in the answer, results ``<tool_response>`` in user messages, reasoning ``<think>``, as
  the templates of Qwen and Hermes write them; no ids: results answer the calls in order;
- texts of the templates of Llama 3, Llama 2 and Mistral, Gemma, Phi 3 and Zephyr, and with the headings of Alpaca and
  Guanaco, are read, too, without calls; such a text stays in its template until it is converted.

Source: openai-python ``chatml.md`` (v0.27); the chat templates of Qwen2.5, Qwen3 and Hermes 2 Pro.
"""

import re
from collections.abc import Mapping
from typing import Any

from msgkit.errors import Path, describe
from msgkit.formats.base import Format, Loaded
from msgkit.formats.common import calls
from msgkit.formats.common.blocks import grouped, joins_results
from msgkit.formats.common.builder import APART, Draft, mark, marks, noted
from msgkit.formats.common.calls import Pairing
from msgkit.formats.common.capabilities import Capabilities
from msgkit.formats.common.templates import Template, named, parsed, rendered, template_of
from msgkit.jsontext.values import without_keys
from msgkit.model.base import NOTHING, Mark
from msgkit.model.messages import Conversation
from msgkit.structuring.wire import changed

NAME = "chatml"
_START, _END = "<|im_start|>", "<|im_end|>"
_MESSAGE = re.compile(
    r"<\|im_start\|>([a-z]+)(?: name=([^\n<|]+))?\n((?:(?!<\|im_(?:start|end)\|>).)*)<\|im_end\|>(\s*)", re.DOTALL
)
_PROMPT = re.compile(r"<\|im_start\|>[a-z]+\n?\Z")
_CONTROL = re.compile(r"<\|im_(?:start|end)\|>")
_NAME = re.compile(r"[^\n<|]+\Z")
_CALL = re.compile(r"(?:\A|\n)<tool_call>\n(.*?)\n</tool_call>", re.DOTALL)
_RESULT = re.compile(r"<tool_response>\n(.*?)\n</tool_response>(?:\n(?=<)|\Z)", re.DOTALL)
_THINK = re.compile(r"<think>\n(.*?)\n</think>\n\n", re.DOTALL)
_BETWEEN = Mark(NAME, "between")  # form of a conversation: what is between messages, if not a line feed
_TAIL = Mark(NAME, "tail")  # form of a conversation: what is after the last message, if not a line feed
_TEMPLATE = Mark(NAME, "template")  # form of a conversation: the template of its text, if not ChatML
_LEAD = Mark(NAME, "lead")  # form of a conversation in another template: what is before the first message
_AROUND = Mark(NAME, "around")  # form of a message in another template: what is before and after it
_PLAIN = Mark(NAME, "plain")  # form of a message: its text is not looked into


def recognize(body: Mapping[str, Any]) -> bool:
    """Return whether *body* has a ``text`` that begins as ChatML or another known template does."""
    text = body.get("text")
    if not isinstance(text, str) or "messages" in body:
        return False
    return text.startswith(_START) or template_of(text) is not None


# in


def load(body: Mapping[str, Any], at: Path = ()) -> Loaded:
    r"""Load a text: reasoning, calls and results are taken out where they are written as the templates write them."""
    draft, pairing = Draft(at), Pairing()
    text = body.get("text")
    template = template_of(text)
    if template is not None:
        return _load_rendered(template, body, draft)
    if not isinstance(text, str):
        draft.fault(("text",), "messages-missing", f"expected text, got {describe(text)}")
        text = ""
    gaps, end = [], 0
    for match in _MESSAGE.finditer(text):
        if match.start() != end:
            break
        end = match.end()
        gaps.append(match[4])
        for one in _messages(match[1], match[2], match[3], pairing):
            draft.add(one, ("text",))
    rest = text[end:]
    if (rest and not _PROMPT.match(rest)) or len(set(gaps[:-1])) > 1:
        message = f"expected ChatML messages one after the other, got something else at {end}"
        draft.fault(("text",), "type-mismatch", message)
    tail = (gaps or [""])[-1] + rest
    form = {_BETWEEN.of(gap) for gap in gaps[:-1] if gap != "\n"} | ({_TAIL.of(tail)} if tail != "\n" else set())
    return draft.finish(without_keys(body, "text"), "text", form=frozenset(form))


def _load_rendered(template: Template, body: Mapping[str, Any], draft: Draft) -> Loaded:
    """Load a text of another template."""
    start, messages, rest = parsed(template, body["text"])
    for role, text, around in messages:
        draft.add(mark({"role": role, "content": text}, _AROUND.of(around)), ("text",))
    if rest.strip() not in ("", template.around("assistant")[0].strip()):  # what only asks for an answer
        at = len(body["text"]) - len(rest)
        draft.fault(("text",), "type-mismatch", f"expected a message of the template {template.name}, got text at {at}")
    form = frozenset((_TEMPLATE.of(template.name), _LEAD.of(start), _TAIL.of(rest)))
    return draft.finish(without_keys(body, "text"), "text", form=form)


def in_chatml(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a text of another template as ChatML; others as they are."""
    if template_of(body.get("text")) is None:
        return body
    loaded = load(body)
    return body if loaded.issues else dump(changed(loaded.conversation, form=frozenset()))


def _messages(role: str, name: str | None, text: str, pairing: Pairing) -> list[dict[str, Any]]:
    named = {"role": role} | ({"name": name} if name is not None else {})
    messages: list[dict[str, Any]] = []
    if role == "assistant":
        messages = [{**named, **_load_answer(text, pairing)}]
    elif role == "user" and text.startswith("<tool_response>") and name is None:
        messages = [_load_result(match[1], pairing) for match in _RESULT.finditer(text)]
    if messages and _text_of(messages) == text:
        if role == "user":
            messages[0] = mark(messages[0], APART)
        return messages
    return [mark({**named, "content": text}, *([_PLAIN] if messages else []))]


def _load_answer(text: str, pairing: Pairing) -> dict[str, Any]:
    message: dict[str, Any] = {}
    think = _THINK.match(text)
    if think:
        message["reasoning"] = think[1]
        text = text[think.end() :]
    made = []
    for match in _CALL.finditer(text):
        call = calls.parse_object(match[1])
        arguments = calls.from_object(call.get("arguments")) if call else None
        is_call = call is not None and call.keys() == {"name", "arguments"} and isinstance(call["name"], str)
        if call is None or arguments is None or not is_call:
            return {"content": text, "reasoning": None}
        made.append(calls.function_call(pairing.call(call["name"], None), call["name"], arguments))
    said = text[: next(_CALL.finditer(text)).start()] if made else text
    message["content"] = said if said or not made else None
    return message | ({"tool_calls": made} if made else {})


def _load_result(text: str, pairing: Pairing) -> dict[str, Any]:
    call_id = pairing.next(None)
    pairing.answer(call_id)
    return {"role": "tool", "content": text} | ({"tool_call_id": call_id} if call_id else {})


# out


def dump(conversation: Conversation) -> dict[str, Any]:
    r"""Return the text, without control tokens in what people said."""
    form = conversation.form
    template = named(form, _TEMPLATE)
    if template is not None:
        said = ((str(one.get("role")), _said(one), _AROUND.find(marks(one))) for one in noted(conversation))
        made = rendered(template, said)
        return {"text": f"{_LEAD.find(form)}{made}{_TAIL.find(form)}", **conversation.extra}
    between = _BETWEEN.find(form, "\n") or ""
    tail = _TAIL.find(form, "\n") or ""
    texts = [_head(group[0]) + _text_of(group) + _END for group in grouped(noted(conversation), joins_results)]
    return {"text": between.join(texts) + tail, **conversation.extra}


def _head(message: Mapping[str, Any]) -> str:
    role = "user" if message.get("role") == "tool" else message.get("role")
    name = message.get("name")
    return f"{_START}{role}{f' name={name}' if name and role == message.get('role') and _NAME.match(name) else ''}\n"


def _text_of(group: list[dict[str, Any]]) -> str:
    message = group[0]
    text = _said(message)
    if message.get("role") == "tool":
        return "\n".join(f"<tool_response>\n{_said(one)}\n</tool_response>" for one in group)
    if message.get("role") != "assistant":
        return text
    reasoning = message.get("reasoning")
    think = f"<think>\n{_safe(reasoning)}\n</think>\n\n" if reasoning is not None else ""
    for call in message.get("tool_calls") or ():
        function = call["function"]
        made = calls.to_text({"name": function["name"], "arguments": calls.to_object(function["arguments"])})
        text += f"{chr(10) if text else ''}<tool_call>\n{_safe(made)}\n</tool_call>"
    return think + text


def _said(message: Mapping[str, Any]) -> str:
    content = message.get("content")
    if isinstance(content, str):
        return _safe(content)
    return "".join(_safe(part["text"]) for part in content or () if part.get("type") == "text")


def _safe(text: str) -> str:
    return _CONTROL.sub("", text)


FORMAT = Format(
    name=NAME,
    target="chatml",
    title="ChatML text: {text: '<|im_start|>user\\nHello<|im_end|>\\n'}; reads Llama 3, [INST], Gemma, Phi",
    source="openai-python v0.27 chatml.md; the chat templates of Qwen3 and Hermes 2 Pro",
    recognize=recognize,
    signs=frozenset(("text",)),
    load=load,
    dump=dump,
    usual=in_chatml,
    capabilities=Capabilities(
        parts={"text": ()},
        message=("name", "tool_calls", "tool_call_id", "reasoning"),
        body=("tools",),
        open="rows",
        texts_apart=False,
        empty_text=False,
        call_ids=False,
    ),
    list_key="text",
    aliases=NOTHING,
)
