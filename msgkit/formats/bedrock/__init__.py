"""
Bedrock: the body of Amazon Bedrock's Converse.

Found in: requests to Converse and CountTokens, lines of batch inference, logs of model invocations.

What differs from Chat Completions:

- blocks without a type, told by their sole key; media say a format and hold base64 or an S3 location, never a URL;
- the roles are user and assistant; the system prompt is under ``system``, a list of blocks;
- a content is always a list;
- calls are ``toolUse`` blocks with an object as input, results ``toolResult`` blocks of user messages;
- reasoning is in ``reasoningContent`` blocks with its signature;
- settings of sampling are under ``inferenceConfig``, tools and the choice among them under ``toolConfig``;
- consecutive messages of one side are one message.

Source: botocore, service model ``bedrock-runtime`` 2023-09-30, operation Converse. Bytes are base64, as on the wire.
"""

from collections.abc import Mapping
from typing import Any

from msgkit.errors import Path
from msgkit.formats.base import Format, Loaded
from msgkit.formats.bedrock.parts import JSON_TEXT, NAME, dump_part, inner_places, load_part
from msgkit.formats.common import calls
from msgkit.formats.common.block_messages import Blocks
from msgkit.formats.common.blocks import is_signed, text_or_parts, thinking_block
from msgkit.formats.common.builder import Draft, bare, checked, marks, noted
from msgkit.formats.common.capabilities import Capabilities
from msgkit.formats.common.keys import Key, as_list, dump_nested, each, load_message_keys, load_nested
from msgkit.jsontext.values import LIST, OBJECT, objects, type_of, without_keys
from msgkit.model.base import NOTHING
from msgkit.model.messages import Conversation

_OWN_KEYS = frozenset(("inferenceConfig", "toolConfig", "additionalModelRequestFields", "guardrailConfig"))
_OWN_BLOCKS = frozenset((
    "audio", "cachePoint", "citationsContent", "document", "guardContent", "image", "reasoningContent", "searchResult",
    "text", "toolAddition", "toolRemoval", "toolResult", "toolUse", "video",
))  # fmt: skip


def recognize(body: Mapping[str, Any]) -> bool:
    """Return whether *body* has a key or a block that only Converse has."""
    messages = body.get("messages")
    if not isinstance(messages, LIST):
        return False
    if not _OWN_KEYS.isdisjoint(body):
        return True
    has_blocks = False
    for message in objects(messages):
        content = message.get("content")
        for block in content if isinstance(content, LIST) else ():
            if not (isinstance(block, OBJECT) and len(block) == 1 and not _OWN_BLOCKS.isdisjoint(block)):
                return False
            has_blocks = True
    return has_blocks


def load(body: Mapping[str, Any], at: Path = ()) -> Loaded:
    """Load a request body: the system prompt and each tool result become messages of their own."""
    draft = Draft(at)
    is_read = isinstance(body.get("system"), LIST) and bool(body["system"])
    BLOCKS.load_messages(draft, body, system=is_read)
    used = ("messages", "system") if is_read else ("messages",)
    return draft.finish(load_nested(body, used, _KEYS, NAME, _OUTER), "messages")


def dump(conversation: Conversation) -> dict[str, Any]:
    """Return the request body: leading system messages beside the messages, each side's messages joined."""
    lead, messages = BLOCKS.write(noted(conversation))
    blocks = [block for message in lead for block in BLOCKS.dump_parts(message.get("content"))]
    return {
        **({"system": blocks} if blocks else {}),
        "messages": messages,
        **dump_nested(conversation.extra, _KEYS, NAME, _OUTER),
    }


# ---- blocks


def _sole(value: Any, key: str) -> Mapping[str, Any] | None:
    """Return the object under the only key of an object; None where that is another, or no object."""
    inner = value.get(key) if isinstance(value, OBJECT) and len(value) == 1 else None
    return inner if isinstance(inner, OBJECT) else None


def _load_call(block: Any) -> dict[str, Any] | None:
    """Return a ``toolUse`` block as a tool call; None for any other, or when it is not well formed."""
    value = _sole(block, "toolUse")
    if value is None or not isinstance(value.get("toolUseId"), str):
        return None
    arguments = calls.from_object(value.get("input"))
    if arguments is None or not isinstance(value.get("name"), str) or "type" in value:
        return None
    extra = without_keys(value, "toolUseId", "name", "input")
    call = {**extra, **calls.function_call(value["toolUseId"], value["name"], arguments)}
    is_sure = not extra and calls.comes_back(value["input"])
    return call if is_sure or checked(block, call, _dump_call(call)) else None


def _dump_call(call: Mapping[str, Any]) -> Any:
    """Return a noted tool call as a ``toolUse`` block: the inverse of :func:`_load_call`."""
    if call.get("type") != "function":
        return bare(call)
    function = call["function"]
    extra = without_keys(call, "type", "id", "function")
    named = {"toolUseId": call.get("id"), "name": function["name"], "input": calls.to_object(function["arguments"])}
    return {"toolUse": bare({**named, **extra})}


def _load_result(block: Any) -> dict[str, Any] | None:
    """Return a ``toolResult`` block as a tool message; None when it is none, or would not come back the same."""
    value = _sole(block, "toolResult")
    if value is None or not isinstance(value.get("toolUseId"), str):
        return None
    extra = without_keys(value, "toolUseId", "content", "status")
    message = {**extra, "role": "tool", "tool_call_id": value["toolUseId"]}
    if isinstance(value.get("status"), str) and value["status"] in _STATUS:
        message["is_error"] = _STATUS[value["status"]]
    content = value.get("content")
    if isinstance(content, LIST):
        parts = [load_part(item) for item in content]
        has_json = any(JSON_TEXT in marks(part) for part in objects(parts))
        message["content"] = parts if has_json else text_or_parts(parts, beside=False)
    if load_message_keys(extra, NAME) != extra or not checked(block, message, _dump_result(message)):
        return None
    return message


_STATUS = {"success": False, "error": True}


def _dump_result(message: Mapping[str, Any]) -> Any:
    """Return a noted tool message as a ``toolResult`` block: the inverse of :func:`_load_result`."""
    value: dict[str, Any] = {"toolUseId": message.get("tool_call_id")}
    if "content" in message:
        value["content"] = BLOCKS.dump_parts(message["content"])
    if isinstance(message.get("is_error"), bool):
        value["status"] = "error" if message["is_error"] else "success"
    known = ("role", "tool_call_id", "content", "is_error", NAME)
    return {"toolResult": value | bare(without_keys(message, *known))}


def _load_thinking(block: Any) -> Mapping[str, Any] | None:
    value = _sole(block, "reasoningContent")
    text, data = _sole(value, "reasoningText"), value.get("redactedContent") if value and len(value) == 1 else None
    if text is not None and text.keys() <= {"text", "signature"} and isinstance(text.get("signature", ""), str):
        return thinking_block(text.get("text"), text.get("signature"))
    return {"type": "redacted_thinking", "data": data} if isinstance(data, str) else None


def _dump_thinking(block: Mapping[str, Any]) -> Any:
    if block.get("type") == "redacted_thinking":
        return {"reasoningContent": {"redactedContent": block.get("data")}}
    signed = {"signature": block["signature"]} if "signature" in block else {}
    return {"reasoningContent": {"reasoningText": {"text": block.get("thinking"), **signed}}}


BLOCKS = Blocks(
    name=NAME,
    load_part=load_part,
    dump_part=dump_part,
    load_call=_load_call,
    dump_call=_dump_call,
    load_result=_load_result,
    dump_result=_dump_result,
    load_thinking=_load_thinking,
    dump_thinking=_dump_thinking,
    text=lambda text: {"text": text},
    places=inner_places,
    result_id=("toolResult", "toolUseId"),
    result_content=("toolResult", "content"),
    strings=False,
)


_OUTER = ("inferenceConfig", "toolConfig")


def _load_tool(tool: Any) -> Any:
    spec = _sole(tool, "toolSpec")
    schema = spec.get("inputSchema") if spec is not None else None
    if spec is None or "parameters" in spec:
        return tool
    function = without_keys(spec, "inputSchema")
    if isinstance(schema, Mapping) and schema.keys() == {"json"}:
        function["parameters"] = schema["json"]
    elif "inputSchema" in spec:
        return tool
    return {"type": "function", "function": function}


def _dump_tool(tool: Any) -> Any:
    function = tool.get("function") if type_of(tool) == "function" else None
    if not isinstance(function, Mapping):
        return tool
    spec = {key: value for key, value in function.items() if key in ("name", "description", "strict")}
    spec["inputSchema"] = {"json": function.get("parameters", {"type": "object", "properties": {}})}
    return {"toolSpec": spec}


_CHOICES = {"auto": "auto", "any": "required"}


def _load_choice(choice: Any) -> Any:
    if not isinstance(choice, Mapping) or len(choice) != 1:
        return None
    key, value = next(iter(choice.items()))
    if key in _CHOICES and value == {}:
        return _CHOICES[key]
    if key == "tool" and isinstance(value, Mapping) and value.keys() == {"name"}:
        return {"type": "function", "function": {"name": value["name"]}}
    return None


def _dump_choice(choice: Any) -> Any:
    for own, hub in _CHOICES.items():
        if choice == hub:
            return {own: {}}
    function = choice.get("function") if isinstance(choice, Mapping) else None
    return {"tool": {"name": function.get("name")}} if isinstance(function, Mapping) else None


_KEYS = (
    Key("modelId", "model"),
    Key("inferenceConfig/maxTokens", "max_tokens"),
    Key("inferenceConfig/temperature", "temperature"),
    Key("inferenceConfig/topP", "top_p"),
    Key("inferenceConfig/stopSequences", "stop", dump=as_list),
    Key("toolConfig/tools", "tools", each(_load_tool, lists_only=True), each(_dump_tool)),
    Key("toolConfig/toolChoice", "tool_choice", _load_choice, _dump_choice),
)


FORMAT = Format(
    name=NAME,
    title="Bedrock Converse: {system: [{text}], messages: [{role, content: [{text}, {image}, {toolUse}, ...]}]}",
    source="botocore 1.43 data/bedrock-runtime/2023-09-30/service-2.json, Converse",
    recognize=recognize,
    signs=_OWN_KEYS | _OWN_BLOCKS,
    own_keys=_OWN_KEYS,
    load=load,
    dump=dump,
    capabilities=Capabilities(
        files_of="amazon",
        parts={
            "text": (), "image_url": (), "input_audio": (), "audio_url": (), "video_url": (),
            "file": ("citations", "context"),
        },
        message=("tool_calls", "tool_call_id", "reasoning", "thinking_blocks", "is_error"),
        body=("model", "max_tokens", "temperature", "top_p", "stop", "tools", "tool_choice"),
        system_inside=False,
        schemes=("s3",),
        file_names=True,
        signed=is_signed,  # Claude refuses "Invalid signature", DeepSeek R1 any reasoning (langchain-aws#401)
        call_id=r"[a-zA-Z0-9_-]{1,64}",
        within={"system": ("text",), "assistant": ("text",)},
        tool=("strict",),
    ),
    target="bedrock",
    parts=tuple(sorted(_OWN_BLOCKS | {"json"})),
    parts_by_key=True,
    aliases=NOTHING,
    opaque_parts=frozenset((
        "cachePoint", "citationsContent", "guardContent", "searchResult", "toolAddition", "toolRemoval",
    )),
    reasoning_keys=frozenset(("thinking_blocks",)),
    reasoning_in_parts=True,
)  # fmt: skip
