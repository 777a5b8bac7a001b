"""
Anthropic Messages: the body of ``POST /v1/messages``.

What differs from Chat Completions:

- system messages at the beginning are beside the messages, under ``system``;
- calls are ``tool_use`` blocks, their arguments objects; results are ``tool_result`` blocks in user messages;
- consecutive messages of one side are one message;
- reasoning is ``thinking`` blocks, written only with the signature that the server gave: of any other the API says
  "Invalid `signature` in `thinking` block";
- media are ``image`` and ``document`` blocks with a ``source``; ``input_schema``, ``stop_sequences``.

Source: anthropic-sdk-python ``src/anthropic/types``.
"""

from collections.abc import Mapping
from typing import Any

from msgkit.errors import Path
from msgkit.formats.anthropic.blocks import BLOCKS, NAME
from msgkit.formats.base import Format, Loaded
from msgkit.formats.common import columns
from msgkit.formats.common.blocks import is_signed
from msgkit.formats.common.builder import Draft, noted
from msgkit.formats.common.capabilities import TEXT_ALIASES, THINKING_BLOCKS, Capabilities
from msgkit.formats.common.keys import Key, as_list, dump_nested, each, load_nested, one_of, schema_format, schema_of
from msgkit.jsontext.values import LIST, OBJECT, objects, type_of, without_keys
from msgkit.model.messages import Conversation

_OWN_KEYS = frozenset((
    "anthropic_version", "container", "context_management", "mcp_servers", "output_config", "stop_sequences", "system",
))  # fmt: skip
_FOREIGN_KEYS = frozenset(("tool_calls", "tool_call_id", "function", "function_call", "image_url", "file"))
_OPAQUE_BLOCKS = frozenset((
    "advisor_tool_result", "bash_code_execution_tool_result", "code_execution_tool_result", "compaction",
    "container_upload", "mcp_tool_result", "mcp_tool_use", "search_result", "server_tool_use",
    "text_editor_code_execution_tool_result", "tool_addition", "tool_reference", "tool_search_tool_result",
    "web_fetch_tool_result", "web_search_tool_result",
))  # fmt: skip
_OWN_BLOCKS = _OPAQUE_BLOCKS | {"tool_use", "tool_result", "document", "redacted_thinking"}


def recognize(body: Mapping[str, Any]) -> bool:
    """Return whether *body* has a key, a block or a tool that only Anthropic's Messages have."""
    messages = body.get("messages")
    if not isinstance(messages, LIST):
        return False
    own = _OWN_KEYS & body.keys()
    # a row of messages of Chat Completions may have its system prompt in a column
    is_training_row = own == {"system"} and {"model", "max_tokens"}.isdisjoint(body)
    if (
        own
        and not columns.has_entries(body)
        and not (is_training_row and any(map(_has_foreign_part, objects(messages))))
    ):
        return True
    tools = objects(body.get("tools"))
    if any("input_schema" in tool for tool in tools) and not any("function" in tool for tool in tools):
        return True
    blocks = (block for message in objects(messages) for block in objects(message.get("content")))
    return _is_set(body) or any(map(_is_own, blocks))


def _is_set(body: Mapping[str, Any]) -> bool:
    """Return whether the settings of a body are Anthropic's."""
    thinking, model = body.get("thinking"), body.get("model")
    if isinstance(thinking, Mapping) and ("budget_tokens" in thinking or thinking.get("type") == "adaptive"):
        return True
    if "max_tokens" not in body or not isinstance(model, str) or not model.startswith("claude"):
        return False
    return not any(map(_is_foreign, (*objects(body["messages"]), *objects(body.get("tools")))))


def _is_foreign(item: Mapping[str, Any]) -> bool:
    """Return whether a message or a tool has what only Chat Completions have."""
    if item.get("role") not in ("user", "assistant", None) or not _FOREIGN_KEYS.isdisjoint(item):
        return True
    return _has_foreign_part(item)


def _has_foreign_part(item: Mapping[str, Any]) -> bool:
    return any(not _FOREIGN_KEYS.isdisjoint(part) for part in objects(item.get("content")))


def _is_own(block: Mapping[str, Any]) -> bool:
    return type_of(block) in _OWN_BLOCKS or "source" in block or "signature" in block


def load(body: Mapping[str, Any], at: Path = ()) -> Loaded:
    """Load a request body: system becomes the first message, each tool result a message of its own."""
    draft = Draft(at)
    BLOCKS.load_messages(draft, body, system=body.get("system") is not None)
    skip = ("messages",) if body.get("system", 0) is None else ("messages", "system")
    return draft.finish(load_nested(_with_one_call(body), skip, _KEYS, NAME, _OBJECTS), "messages")


def dump(conversation: Conversation) -> dict[str, Any]:
    """Return the request body: leading system messages beside the messages, each side's messages joined."""
    lead, messages = BLOCKS.write(noted(conversation))
    system = {"system": _joined(lead)} if any(message.get("content") is not None for message in lead) else {}
    return {**system, "messages": messages, **_dump_keys(conversation.extra)}


def _joined(messages: list[dict[str, Any]]) -> Any:
    if len(messages) == 1 and isinstance(messages[0]["content"], str):
        return messages[0]["content"]
    return [block for message in messages for block in BLOCKS.dump_parts(message.get("content"))]


def _is_opaque(block: Mapping[str, Any]) -> bool:
    """Return whether a block names an uploaded file by its id, or is a document made of blocks."""
    block_type, source = block.get("type"), block.get("source")
    if block_type not in ("image", "document") or not isinstance(source, Mapping):
        return False
    if block_type == "document" and source.get("type") == "content":
        return isinstance(source.get("content"), str | list | tuple)
    return source.get("type") == "file" and isinstance(source.get("file_id"), str)


_PARALLEL = "disable_parallel_tool_use"
_ONE_CALL = f"tool_choice/{_PARALLEL}"
_OBJECTS = ("output_config",)


def _dump_keys(extra: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys beside the messages in Anthropic's names."""
    out = dump_nested(extra, _KEYS, NAME, _OBJECTS)
    one_call = out.pop(_ONE_CALL, None)
    if one_call is None:
        return out
    choice = out.get("tool_choice", {"type": "auto"} if one_call is True and "tools" in out else None)
    if isinstance(choice, OBJECT) and choice.get("type") != "none":  # which has no such key
        out["tool_choice"] = {**choice, _PARALLEL: one_call}
    return out


def _with_one_call(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a body with the switch of parallel calls beside the choice of tools that it is in."""
    choice = body.get("tool_choice")
    if not isinstance(choice, OBJECT) or not {"type", _PARALLEL} <= choice.keys() or choice["type"] == "none":
        return body
    rest = without_keys(choice, _PARALLEL)
    return {**body, "tool_choice": rest, _ONE_CALL: choice[_PARALLEL]}


def _load_tool(tool: Any) -> Any:
    if not isinstance(tool, OBJECT) or "input_schema" not in tool or tool.keys() & {"function", "parameters", "type"}:
        return tool
    names = {"name": "name", "description": "description", "input_schema": "parameters", "strict": "strict"}
    function = {names[key]: value for key, value in tool.items() if key in names}
    return {"type": "function", "function": function, **without_keys(tool, *names)}


def _dump_tool(tool: Any) -> Any:
    function = tool.get("function") if type_of(tool) == "function" else None
    if not isinstance(function, OBJECT):
        return tool
    schema = {"input_schema": function.get("parameters", {"type": "object", "properties": {}})}
    named = {key: function[key] for key in ("name", "description", "strict") if key in function}
    return named | schema | without_keys(tool, "type", "function")


_CHOICES = {"auto": "auto", "any": "required", "none": "none"}


def _load_choice(choice: Any) -> Any:
    if not isinstance(choice, OBJECT):
        return choice
    if choice.keys() == {"type"} and isinstance(choice["type"], str) and choice["type"] in _CHOICES:
        return _CHOICES[choice["type"]]
    if choice.keys() == {"type", "name"} and choice["type"] == "tool":
        return {"type": "function", "function": {"name": choice["name"]}}
    return None


def _dump_choice(choice: Any) -> Any:
    for own, hub in _CHOICES.items():
        if choice == hub:
            return {"type": own}
    function = choice.get("function") if isinstance(choice, OBJECT) else None
    return {"type": "tool", "name": function.get("name")} if isinstance(function, OBJECT) else None


def _load_format(value: Any) -> Any:
    is_schema = isinstance(value, OBJECT) and value.keys() == {"type", "schema"} and value["type"] == "json_schema"
    return schema_format(value["schema"]) if is_schema else None


def _dump_format(wanted: Any) -> Any:
    schema = schema_of(wanted)
    return None if schema is None else {"type": "json_schema", "schema": schema}


def _load_metadata(metadata: Any) -> Any:
    return metadata["user_id"] if isinstance(metadata, OBJECT) and metadata.keys() == {"user_id"} else None


_EFFORTS = ("low", "medium", "high", "xhigh", "max")  # anthropic 2.14 output_config_param.py

_KEYS = (
    Key("stop_sequences", "stop", lambda stop: stop if isinstance(stop, LIST) else None, as_list),
    Key("tools", "tools", each(_load_tool), each(_dump_tool)),
    Key("tool_choice", "tool_choice", _load_choice, _dump_choice),
    Key(_ONE_CALL, "parallel_tool_calls", *[lambda value: not value if isinstance(value, bool) else None] * 2),
    Key("output_config/effort", "reasoning_effort", *[lambda effort: one_of(_EFFORTS, effort)] * 2),
    Key("output_config/format", "response_format", _load_format, _dump_format),
    Key("metadata", "user", _load_metadata, lambda user: {"user_id": user}),
    Key("service_tier", "service_tier", *[lambda tier: tier if tier == "auto" else None] * 2),
)


FORMAT = Format(
    name=NAME,
    title="Anthropic Messages: {system, messages: [{role, content: [text, image, tool_use, tool_result, ...]}]}",
    source="anthropic-sdk-python 2.12 src/anthropic/types/*_param.py",
    recognize=recognize,
    signs=_OWN_KEYS | _OWN_BLOCKS | {"thinking", "max_tokens", "tools", "source", "signature"},
    own_keys=_OWN_KEYS,
    load=load,
    dump=dump,
    tool_shape="flat",
    capabilities=Capabilities(
        files_of="anthropic",
        parts={
            "text": ("cache_control", "citations"),
            "image_url": ("cache_control", "transformations"),
            "file": ("cache_control", "citations", "context", "file_url"),
        },
        message=("tool_calls", "tool_call_id", "reasoning", "thinking_blocks", "is_error", "cache_control"),
        body=("model", "max_tokens", "temperature", "top_p", "top_k", "stop", "stream", "tools", "tool_choice",
              "thinking",
              "parallel_tool_calls", "response_format", "user", "service_tier", "reasoning_effort"),
        call=("cache_control",),
        tool=("strict", "cache_control", "defer_loading", "allowed_callers", "eager_input_streaming", "input_examples"),
        call_id=r"[a-zA-Z0-9_-]+",
        within={"system": ("text",), "assistant": ("text",)},
        signed=is_signed,
    ),
    target="anthropic",
    parts=("text", "image", "document", "tool_use", "tool_result", "thinking", "redacted_thinking"),
    aliases={
        **TEXT_ALIASES,
        "image_url": "image",
        "input_image": "image",
        "file": "document",
        "input_file": "document",
    },
    opaque_parts=_OPAQUE_BLOCKS,
    opaque=_is_opaque,
    reasoning_keys=frozenset((NAME, THINKING_BLOCKS)),
    reasoning_in_parts=True,
)  # fmt: skip
