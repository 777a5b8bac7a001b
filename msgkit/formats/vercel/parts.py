"""The AI SDK's parts <-> content parts and thinking blocks, in both of its shapes; calls of UIMessages."""

from collections.abc import Mapping
from typing import Any

import attrs

from msgkit import headers
from msgkit.data_url import Kind, classify
from msgkit.errors import Path
from msgkit.formats.common import calls, media
from msgkit.formats.common.blocks import Letter, thinking_block
from msgkit.formats.common.builder import bare, mark, marks
from msgkit.jsontext.values import same, type_of, without_keys
from msgkit.model.base import Mark

OBJECT = Mark("vercel", "object")  # form of a result: a JSON value, not a text
IMAGE = Mark("vercel", "image")  # form of a part: an image is no file
_UNTYPED = Mark("vercel", "untyped")  # form of a part: an image without a media type
_URL = Mark("vercel", "dataurl")  # form of a part: a data URL where bare base64 would do
_ANY = {"image_url": "image/*", "audio_url": "audio/*", "video_url": "video/*", "input_audio": "audio/*"}

_USUAL = {"image/*": "image/png"}  # where the bytes do not tell


@attrs.frozen
class Parts:
    """How one of the two shapes writes parts."""

    name: str  # of the format; what has no place in a value is under it
    file: str  # the key of a file's data
    options: str  # the key of what is for the provider

    def untranslated(self, part: Any) -> dict[str, Any]:
        """Return the keys of a text or of reasoning that are not translated."""
        return without_keys(part, "type", "text") if type_of(part) in ("text", "reasoning") else {}

    def load_block(self, part: Any) -> tuple[Letter, Any]:
        """Return what a part of an answer is: reasoning or a content part."""
        thinking = self._load_thinking(part) if type_of(part) == "reasoning" else None
        if thinking is not None and same(part, {**self.dump_thinking(thinking), **self.untranslated(part)}):
            return "r", thinking
        return "p", self.load_part(part)

    def _load_thinking(self, part: Mapping[str, Any]) -> dict[str, Any] | None:
        options = part.get(self.options)
        own = options.get("anthropic") if isinstance(options, Mapping) else None
        own = own if isinstance(own, Mapping) else {}
        if isinstance(own.get("redactedData"), str) and part.get("text") == "":
            return {"type": "redacted_thinking", "data": own["redactedData"]}
        return thinking_block(part.get("text"), own.get("signature"))

    def dump_thinking(self, block: Mapping[str, Any]) -> dict[str, Any]:
        """Return a thinking block as reasoning; a signature is Anthropic's."""
        if block.get("type") == "redacted_thinking":
            return {"type": "reasoning", "text": "", self.options: {"anthropic": {"redactedData": block.get("data")}}}
        signed = {self.options: {"anthropic": {"signature": block["signature"]}}} if block.get("signature") else {}
        return {"type": "reasoning", "text": block.get("thinking"), **signed}

    def load_part(self, part: Any) -> dict[str, Any]:
        """Return a part as a content part; one that would not come back the same keeps its own."""
        part_type = type_of(part)
        value: dict[str, Any] | None = None
        if part_type == "text" and isinstance(part.get("text"), str):
            value = {"type": "text", "text": part["text"]}
        elif part_type in ("file", "image"):
            value = self._load_file(part, self.file if part_type == "file" else "image")
        if value is not None and same(part, {**self.dump_part(value), **self.untranslated(part)}):
            return value
        return {"type": self.name, self.name: part}

    def _load_file(self, part: Mapping[str, Any], key: str) -> dict[str, Any] | None:
        data, media_type, filename = part.get(key), part.get("mediaType"), part.get("filename")
        rest = without_keys(part, "type", key, "mediaType", "filename")
        if not isinstance(data, str) or (media_type is None and key != "image"):
            return None
        form = [IMAGE] * (key == "image")
        inline = media.split(data)
        if inline is None and self.file != "url" and classify(data, bare_base64=True) is Kind.BASE64:
            inline = (str(media_type or "image/*"), data)
            form += [_UNTYPED] * (media_type is None)
        elif inline is not None:
            form += [_URL] * (self.file != "url")
        if inline is not None and inline[0].endswith("/*"):
            inline = (media.sniff(inline[1]) or _USUAL.get(inline[0], inline[0]), inline[1])
        named = _named(str(media_type or "image/*"), data)
        value = media.part_of(inline[0], media.join(*inline), inline[1]) if inline else named
        if value["type"] == "file" and isinstance(filename, str):
            value["file"]["filename"] = filename
        elif "filename" in part:
            rest["filename"] = filename
        told = rest.get(self.options)
        detail = told["openai"] if isinstance(told, Mapping) and told.keys() == {"openai"} else None
        if value["type"] == "image_url" and isinstance(detail, Mapping) and detail.keys() == {"imageDetail"}:
            value["image_url"]["detail"] = detail["imageDetail"]
            del rest[self.options]
        if media_type is not None and media_type != _media_type(value):
            rest["mediaType"] = media_type
        return mark({**value, self.name: rest} if rest else value, *form)

    def dump_part(self, part: Any) -> Any:
        """Return a noted content part: the inverse of :meth:`load_part`."""
        if not isinstance(part, Mapping):
            return part
        part_type = type_of(part)
        if part_type == self.name:
            return bare(part[self.name])
        if part_type == "text":
            return {"type": "text", "text": part["text"]}
        inner = media.inner_of(part)
        if inner is None:
            return bare(part)
        inline, form = media.of_part(part), marks(part)
        data = media.string_of(inner) or inner.get("file_id") or ""
        if inline is not None:
            data = inline[1] if self.file != "url" and _URL not in form else media.join(*inline)
        own = {"type": "image", "image": data} if IMAGE in form else {"type": "file", self.file: data}
        told = _media_type(part)
        if IMAGE not in form or (inline is not None and not {_URL, _UNTYPED}.intersection(form)):
            own["mediaType"] = told
        if inner.get("detail") is not None:
            own[self.options] = {"openai": {"imageDetail": inner["detail"]}}
        name = inner.get("filename") if part_type == "file" else None
        return {**own, **({} if name is None else {"filename": name}), **bare(part.get(self.name, {}))}

    def places(self, part: Any) -> dict[Path, Path]:
        """Say where what a part holds stands."""
        return media.inner_places(part, "image" if IMAGE in marks(part) else self.file)


def _named(media_type: str, url: str) -> dict[str, Any]:
    kind = media_type.partition("/")[0]
    if kind in ("image", "audio", "video"):
        return media.url_part(kind, url)
    return {"type": "file", "file": {"file_url" if classify(url) is Kind.REMOTE else "file_data": url}}


def _media_type(part: Mapping[str, Any]) -> str:
    """Return the media type to declare for a part: of what it holds, or by the end of its name."""
    inline, kind, inner = media.of_part(part), str(part.get("type")), media.inner_of(part) or {}
    if inline is not None:
        return inline[0]
    media_type = headers.by_extension(str(media.string_of(inner) or "").partition("?")[0])
    if media_type is not None and headers.kind(media_type) == media.sort_of(kind):
        return media_type
    return _ANY.get(kind, "application/pdf")


def load_input(part: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    """Return the id, the name and the input of a call in the values' shape; None when they are not well formed."""
    arguments = calls.from_object(part.get("input"))
    if arguments is None or not isinstance(part.get("toolCallId"), str):
        return None
    return calls.function_call(part["toolCallId"], name, arguments)


# ---- a call and its result, one part of a UIMessage

NAME = "vercel"
PARTS = Parts(NAME, "url", "providerMetadata")
DYNAMIC = Mark(NAME, "dynamic")  # form of a call, and of a conversation for all its calls: of the type dynamic-tool
_STATES = {"output-available": "output", "output-error": "errorText"}
_USED = ("type", "toolName", "toolCallId", "input", "state", "output", "errorText")


def load_call(part: Any) -> dict[str, Any] | None:
    """Return the part of a call as a tool call; None for any other, or when it would not come back the same."""
    part_type = type_of(part)
    if not part_type or part.get("providerExecuted"):
        return None
    name = part.get("toolName") if part_type == "dynamic-tool" else part_type.removeprefix("tool-")
    if not isinstance(name, str) or not (part_type == "dynamic-tool" or part_type.startswith("tool-")):
        return None
    call = load_input(part, name)
    if call is None:
        return None
    rest = without_keys(part, *_USED)
    state = part.get("state")
    if not isinstance(state, str) or (state not in _STATES and state != "input-available"):
        rest["state"] = state
    call = mark({**call, **({NAME: rest} if rest else {})}, *[DYNAMIC] * (part_type == "dynamic-tool"))
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
    content = output if is_text else calls.to_text(output)
    value = {"role": "tool", "tool_call_id": part["toolCallId"], "content": content}
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
        text = content if isinstance(content, str) else "".join(str(part.get("text", "")) for part in content or ())
        state = "output-error" if result.get("is_error") is True else "output-available"
        told = {"state": state, _STATES[state]: calls.parse(text) if OBJECT in marks(result) else text}
    arguments = calls.to_object(str(function.get("arguments")))
    return {**kind, "toolCallId": call.get("id"), **told, "input": arguments, **bare(call.get(NAME, {}))}
