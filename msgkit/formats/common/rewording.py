"""
What a message says in an older or another server's way, said as the target says it.

The names of reasoning, deprecated calls, custom calls, spoken answers, parts by another format's name, masks of the
loss, signatures in the keys of a compatible server. The way back need not know: the ledger has what differs then.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import attrs

from msgkit.data_url import Kind, classify
from msgkit.formats.common import media
from msgkit.formats.common.blocks import DETAILS, google_signature, signed, text_of_thought
from msgkit.formats.common.calls import Pairing, parse_object, to_text
from msgkit.formats.common.capabilities import PART_ALIASES, Capabilities
from msgkit.formats.common.keys import with_mask
from msgkit.formats.common.media import encode_text, extension_of, join, text_of
from msgkit.jsontext.values import LIST, without_keys
from msgkit.model.base import NOTHING, UnknownPart
from msgkit.model.calls import AnyToolCall, CustomToolCall, FunctionCall, ToolCall
from msgkit.model.messages import Message, Role
from msgkit.model.parts import AudioUrlPart, ContentPart, FilePart, ImagePart, ImageUrl, TextPart, ThinkingPart
from msgkit.structuring.wire import changed

_REASONING = ("thinking", "reasoning_text", DETAILS)
_SIGNATURE = "thoughtSignature"


def reworded(messages: tuple[Message, ...], target: Capabilities, source: Capabilities) -> tuple[Message, ...]:
    """Return messages as *target* says them."""
    if all(map(_is_usual, messages)):
        return messages
    error_key = None if "is_error" in target.message else source.error_key
    new = tuple(_Rewording(target, error_key).messages(messages))
    is_same = len(new) == len(messages) and all(one is two for one, two in zip(new, messages, strict=True))
    return messages if is_same else new


def reworded_body(extra: Mapping[str, Any], target: Capabilities) -> Mapping[str, Any]:
    """Return the keys beside the messages with deprecated functions as tools, and custom tools as functions."""
    body = dict(extra)
    functions = body.get("functions")
    if isinstance(functions, LIST) and "functions" not in target.body and "tools" in target.body:
        if "tools" not in body:
            body["tools"] = [{"type": "function", "function": function} for function in functions]
            del body["functions"]
        choice = body.pop("function_call", None)
        if choice is not None:
            body["tool_choice"] = {"type": "function", "function": choice} if isinstance(choice, Mapping) else choice
    if isinstance(body.get("tools"), LIST) and target.calls and "custom" not in target.calls:
        body["tools"] = list(map(_as_function, body["tools"]))
        body.update({"tool_choice": _as_function(body["tool_choice"])} if "tool_choice" in body else {})
    return body


def _as_function(tool: Any) -> Any:
    """Return a custom tool, or the choice of it, as a function of one text, as its calls are written."""
    custom = tool.get("custom") if isinstance(tool, Mapping) and tool.get("type") == "custom" else None
    if not isinstance(custom, Mapping) or not isinstance(custom.get("name"), str):
        return tool
    told = {key: custom[key] for key in ("name", "description") if key in custom}
    schema = {"type": "object", "properties": {"input": {"type": "string"}}, "required": ["input"]}
    return {"type": "function", "function": {**told, "parameters": schema}}


def _is_usual(message: Message) -> bool:
    """Fast check: True only if a message certainly stays as it is, whatever the target."""
    role, content = message.author.role, message.content
    if message.extra or isinstance(content, tuple) or role is Role.FUNCTION:
        return False
    if role is not Role.ASSISTANT:
        return role is not Role.TOOL or (message.tool_call_id is not None and content is not None)
    if content == "" or message.reasoning == "" or message.function_call is not None or message.audio is not None:
        return False
    return not message.tool_calls or all(type(call) is ToolCall and not call.extra for call in message.tool_calls)


def marked(messages: tuple[Message, ...], source: Capabilities, target: Capabilities) -> tuple[Message, ...]:
    """Return messages with masks, marks of errors and signed reasoning as *source* has them, for the way back."""
    if source.mask is not None and any(message.extra for message in messages):
        messages = tuple(changed(message, extra=with_mask(message.extra, source.mask)) for message in messages)
    if DETAILS in source.message or DETAILS in target.message:
        messages = tuple(_with_signed(message, source) for message in messages)
    if source.error_key is None or "is_error" in target.message:
        return messages
    return tuple(_with_mark(message, source.error_key) for message in messages)


def _with_signed(message: Message, source: Capabilities) -> Message:
    extra = signed(message.extra, source)
    return message if extra is message.extra else changed(message, extra=extra)


def _with_mark(message: Message, key: str) -> Message:
    """Return a result with its error marked, where its text says that it is one."""
    content = message.content
    if message.role is not Role.TOOL or not isinstance(content, str) or key not in content:
        return message
    arguments = parse_object(content)
    text = arguments[key] if arguments is not None and arguments.keys() == {key} else None
    return (
        changed(message, content=text, extra={**message.extra, "is_error": True}) if isinstance(text, str) else message
    )


@attrs.define(eq=False, repr=False)
class _Rewording:
    """Messages of one conversation, one after the other."""

    target: Capabilities
    error_key: str | None = None  # where the text of a result is to say that it is an error
    pairing: Pairing = attrs.field(factory=Pairing)
    dropped: set[str] = attrs.field(factory=set)
    files: int = 0
    fitting: Collection[str] = ()  # the types of parts that the message at hand may have

    def messages(self, messages: tuple[Message, ...]) -> Iterator[Message]:
        """Yield each message reworded; results of calls that have no place are left out with them."""
        for message in messages:
            if self.target.calls:
                unknown = [call for call in message.tool_calls or () if isinstance(call, UnknownPart)]
                self.dropped.update(call.data["id"] for call in unknown if isinstance(call.data.get("id"), str))
            if self._is_stray(message):
                continue
            self.fitting = self.target.parts_of(message.role)
            changes = dict(self._changes(message))
            yield changed(message, **changes) if changes else message

    def _is_stray(self, message: Message) -> bool:
        """Return whether a message is a result whose call has no place, or that names none where results must."""
        if message.tool_call_id is not None:
            return message.tool_call_id in self.dropped
        needs_id = self.target.call_ids and "tool_call_id" in self.target.message and not self.target.every_value
        return needs_id and message.role is Role.TOOL

    def _changes(self, message: Message) -> Iterator[tuple[str, Any]]:
        if message.role is Role.ASSISTANT:
            yield from self._of_answer(message)
        elif (
            message.role is Role.FUNCTION
            and message.tool_call_id is None
            and "function_call" not in self.target.message
        ):
            yield from self._of_result(message)
        elif message.role is Role.TOOL and (
            message.content is None or (message.content and _is_blank(message.content))
        ):
            yield "content", ""  # Anthropic's results may have none
        elif isinstance(message.content, tuple):
            yield from _changed("content", message.content, tuple(map(self._part, message.content)))
        elif self.error_key is not None and isinstance(message.content, str) and message.extra.get("is_error") is True:
            yield "content", to_text({self.error_key: message.content})
        if message.extra and message.role is not Role.ASSISTANT:
            yield from _changed("extra", message.extra, with_mask(without_nulls(message.extra), self.target.mask))

    def _of_result(self, message: Message) -> Iterator[tuple[str, Any]]:
        """Give the result of a deprecated call the id that was minted for the call."""
        yield "author", attrs.evolve(message.author, role=Role.TOOL)
        call_id = self.pairing.next(message.author.name)
        if call_id is not None and message.tool_call_id is None:
            self.pairing.answer(call_id)
            yield "tool_call_id", call_id

    def _of_answer(self, message: Message) -> Iterator[tuple[str, Any]]:
        extra, content, reasoning, calls = message.extra, message.content, message.reasoning, message.tool_calls
        if extra:
            extra, reasoning = self._reasoning(signed(without_nulls(extra), self.target), reasoning)
            extra = with_mask(extra, self.target.mask)
        if isinstance(content, tuple):
            content, reasoning = self._parts(content, reasoning)
        if calls is not None:
            calls = tuple(map(self._call, calls))
        elif message.function_call is not None and "function_call" not in self.target.message:
            one = message.function_call
            calls = (ToolCall(self.pairing.call(one.name, None), FunctionCall(one.name, one.arguments)),)
        if reasoning == "":
            reasoning = None
        if not content and message.audio is not None and "audio" not in self.target.message:
            spoken = message.audio.get("transcript")
            content = spoken if isinstance(spoken, str) and spoken else content
        if content in ("", ()) or (calls and _is_blank(content)):
            is_nothing = message.refusal or (not self.target.empty_text and (calls or reasoning))
            content = None if is_nothing else content and ""
        yield from _changed("extra", message.extra, extra)
        yield from _changed("content", message.content, content)
        yield from _changed("reasoning", message.reasoning, reasoning)
        yield from _changed("tool_calls", message.tool_calls, calls)

    def _reasoning(self, extra: Mapping[str, Any], reasoning: str | None) -> tuple[Mapping[str, Any], str | None]:
        """Return the further keys without those that say reasoning under another name, and the reasoning."""
        if not self._has_reasoning() or extra.keys().isdisjoint(_REASONING):
            return extra, reasoning
        texts = {key: text for key in _REASONING if (text := text_of_thought(extra.get(key))) is not None}
        if reasoning is None:
            reasoning = next(iter(texts.values()), None)
        same = {key for key, text in texts.items() if text == reasoning and key not in self.target.message}
        rest = without_keys(extra, *same)
        return rest or NOTHING, reasoning

    def _has_reasoning(self) -> bool:
        """Return whether reasoning has a place: a field, or Harmony's channel for it."""
        return not self.target.message.isdisjoint(("reasoning", "channel"))

    def _parts(
        self, parts: tuple[ContentPart, ...], reasoning: str | None
    ) -> tuple[tuple[ContentPart, ...], str | None]:
        """Return the parts and the reasoning, to which thinking parts belong where the target has none."""
        if "thinking" not in self.target.parts and reasoning is None and self._has_reasoning():
            thoughts = [part.thinking for part in parts if isinstance(part, ThinkingPart)]
            if thoughts:
                reasoning = "".join(thoughts)
                parts = tuple(part for part in parts if not isinstance(part, ThinkingPart))
        return tuple(map(self._part, parts)), reasoning

    def _part(self, part: ContentPart) -> ContentPart:
        extra = getattr(part, "extra", None)
        if extra and None in extra.values():
            part = changed(part, extra=without_nulls(extra))
        if isinstance(part, UnknownPart):
            return _renamed(part)
        if isinstance(part, AudioUrlPart) and "audio_url" not in self.fitting and "input_audio" in self.fitting:
            return media.as_input_audio(part)
        return self._file(part, part.file.file_data) if isinstance(part, FilePart) and part.file.file_data else part

    def _file(self, part: FilePart, data: str) -> ContentPart:
        """Return a file with a name, by its URL, or as a text where the target takes none of its type."""
        if classify(data) is Kind.REMOTE and "file_url" in self.target.parts.get("file", ()):
            extra = {**part.file.extra, "file_url": data}
            return changed(part, file=changed(part.file, file_data=None, extra=extra))
        types = self.target.file_types
        media_type, text = text_of(data)
        is_file = "file" in self.fitting and (types is None or media_type in types or "text/plain" in types)
        if text is not None and not is_file and self.target.texts_apart:
            return TextPart(text)
        if text is not None and is_file and types is not None and media_type not in types:
            part = changed(part, file=changed(part.file, file_data=join("text/plain", encode_text(text))))
        self.files += 1
        if part.file.filename is None and self.target.file_names:
            return changed(part, file=changed(part.file, filename=f"file-{self.files}{extension_of(data)}"))
        return part

    def _call(self, call: AnyToolCall) -> AnyToolCall:
        if not isinstance(call, UnknownPart) and call.extra and None in call.extra.values():
            call = changed(call, extra=without_nulls(call.extra))
        if isinstance(call, CustomToolCall) and self.target.calls and call.type not in self.target.calls:
            text = json.dumps({"input": call.custom.input}, ensure_ascii=False)
            return ToolCall(call.id, FunctionCall(call.custom.name, text), extra=call.extra)
        if isinstance(call, ToolCall) and _SIGNATURE in self.target.call:
            signature = google_signature(call.extra)
            if signature is not None:
                rest = without_keys(call.extra, "extra_content")
                return changed(call, extra={**rest, _SIGNATURE: signature})
        return call


def without_nulls(extra: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return further keys without those that Arrow filled with null."""
    return {key: value for key, value in extra.items() if value is not None} if None in extra.values() else extra


def _is_blank(content: Any) -> bool:
    """Return whether content is parts that are the empty text, all of them."""
    return isinstance(content, tuple) and all(isinstance(part, TextPart) and not part.text for part in content)


def _changed(name: str, old: Any, new: Any) -> Iterator[tuple[str, Any]]:
    if new is not old and (name == "extra" or new != old):  # a weight of 1.0 is not written as 1
        yield name, new


def _renamed(part: UnknownPart) -> ContentPart:
    """Return a part that is said by another format's name for it as what it means."""
    data, meant = part.data, PART_ALIASES.get(part.type)
    if meant == "text" and isinstance(data.get("text"), str):
        extra = without_keys(data, "type", "text")
        return TextPart(data["text"], extra=extra or NOTHING)
    url = data.get("image_url")
    if meant == "image_url" and isinstance(url, str):
        detail = data.get("detail")
        return ImagePart(ImageUrl(url, detail if isinstance(detail, str) else None))
    return media.part_of_block(part) or part
