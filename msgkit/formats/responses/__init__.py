"""
OpenAI Responses: the body of ``POST /v1/responses``, or what it answers, which holds its items under ``output``.

What differs from Chat Completions:

- ``input`` is a list of items: messages, calls, outputs of calls and reasoning each are alone; or one text;
- a first system message is under ``instructions``;
- parts are ``input_text``, ``input_image``, ``input_file``, ``output_text``; tools have no object inside;
- reasoning is written only as the item that the server gave: it answers "Item with id 'rs_...' not found" to others;
- audio is read, where rows have it, and not written: request types take ``input_audio`` nowhere but in evaluations.

Source: openai-python ``src/openai/types/responses``.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgkit.errors import Path
from msgkit.formats.base import Format, Loaded
from msgkit.formats.common.builder import Draft
from msgkit.formats.common.capabilities import Capabilities
from msgkit.formats.common.channels import without_channels
from msgkit.formats.common.keys import ALLOWED, Key, dump_nested, each, is_function, load_nested, one_of
from msgkit.formats.common.sniff import is_interaction
from msgkit.formats.responses.items import NAME
from msgkit.formats.responses.messages import Reader, Writer
from msgkit.jsontext.values import LIST, OBJECT, type_of, without_keys
from msgkit.model.base import Mark
from msgkit.model.messages import Conversation

_OUTPUT = Mark(NAME, "output")  # form of a conversation: the items are under "output"
_SYSTEM_ITEM = Mark(NAME, "system-item")  # form of a conversation: its first message is an item, not instructions
_ITEM_LIST = Mark(NAME, "item-list")  # form of a conversation: its sole question is an item, not the input itself
_NO_INPUT = Mark(NAME, "no-input")  # form of a conversation: the body has no input
_INSTRUCTIONS = "instructions"
_HISTORY_KEYS = ("previous_response_id", "conversation", "prompt")  # where the server has messages of its own


_OWN_KEYS = frozenset((
    "model", "instructions", "tools", "previous_response_id", "max_output_tokens", "reasoning", "store", "stream",
))  # fmt: skip


def recognize(body: Mapping[str, Any]) -> bool:
    """Return whether *body* has a list of items, a stored prompt, or an input beside other keys of a request."""
    if "messages" in body or is_interaction(body):
        return False
    if isinstance(body.get("input"), LIST) or isinstance(body.get("output"), LIST):
        return True
    prompt = body.get("prompt")
    is_stored = isinstance(prompt, Mapping) and "id" in prompt
    if "input" not in body and "output" not in body:  # the server holds what it is about
        return is_stored or isinstance(body.get("previous_response_id"), str)
    is_request = is_stored or body.keys() == {"input"} or not _OWN_KEYS.isdisjoint(body)
    return isinstance(body.get("input"), str) and is_request


def load(body: Mapping[str, Any], at: Path = ()) -> Loaded:
    """Load a request or a response: reasoning, message and calls that are together become one message."""
    draft = Draft(at)
    key = "input" if "input" in body or "output" not in body else "output"
    used = [key]
    if isinstance(body.get(_INSTRUCTIONS), str):
        place: Path = (_INSTRUCTIONS,)
        draft.add({"role": "system", "content": body[_INSTRUCTIONS]}, place, {("content",): place})
        used.append(_INSTRUCTIONS)
    items = body.get(key)
    is_continued = any(body.get(name) is not None for name in _HISTORY_KEYS)
    if isinstance(items, str) and key == "input":
        draft.add({"role": "user", "content": items}, ("input",), {("content",): ("input",)})
    elif isinstance(items, LIST):
        Reader(draft, key).read(items)
    elif key in body or not is_continued:
        draft.wrong_list(key, items, present=key in body)
    form = {_OUTPUT} if key == "output" else set() if key in body else {_NO_INPUT}
    if not isinstance(items, str):
        form.update(_form(draft.messages[used.count(_INSTRUCTIONS) :], has_instructions=_INSTRUCTIONS in used))
    return draft.finish(
        load_nested(body, used, _KEYS, NAME, _OBJECTS), key, may_be_empty=is_continued, form=frozenset(form)
    )


def _form(messages: Sequence[Any], *, has_instructions: bool) -> Iterator[Mark]:
    """Yield what tells that messages stand among the items which could be outside."""
    if not has_instructions and _is_text(messages[:1], "system"):
        yield _SYSTEM_ITEM
    if len(messages) == 1 and _is_text(messages, "user"):
        yield _ITEM_LIST


def _is_text(messages: Sequence[Any], role: str) -> bool:
    first = messages[0] if messages else None
    return isinstance(first, Mapping) and first.get("role") == role and isinstance(first.get("content"), str)


def dump(conversation: Conversation) -> dict[str, Any]:
    """Return the request body: the first system message as instructions, a sole question as a string."""
    key = "output" if _OUTPUT in conversation.form else "input"
    instructions, items = Writer().write(
        conversation,
        as_text=key == "input" and _ITEM_LIST not in conversation.form,
        has_instructions=_SYSTEM_ITEM not in conversation.form,
    )
    first = {} if instructions is None else {_INSTRUCTIONS: instructions}
    listed = {} if not items and _NO_INPUT in conversation.form else {key: items}
    return {**first, **listed, **dump_nested(conversation.extra, _KEYS, NAME, _OBJECTS)}


_OBJECTS = ("reasoning", "text")
_DEFINITION = ("name", "description", "parameters", "strict", "format")
_CHOICES = ("none", "auto", "required")


def _load_tool(tool: Any) -> Any:
    tool_type = type_of(tool)
    if tool_type not in ("function", "custom") or "name" not in tool or tool_type in tool:
        return tool
    defaults = {"strict": False, "parameters": None}  # what Chat Completions mean when they leave the key out
    inner = {key: value for key, value in tool.items() if key in _DEFINITION and value is not defaults.get(key, tool)}
    rest = {key: value for key, value in tool.items() if key != "type" and key not in _DEFINITION}
    return {"type": tool_type, tool_type: _with_grammar(inner) if tool_type == "custom" else inner, **rest}


def _with_grammar(inner: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a custom tool with its grammar in an object of its own, as Chat Completions have it."""
    form = inner.get("format")
    if not isinstance(form, OBJECT) or form.keys() != {"type", "syntax", "definition"}:
        return inner
    grammar = {key: form[key] for key in ("syntax", "definition")}
    return {**inner, "format": {"type": form["type"], "grammar": grammar}}


def _without_grammar(inner: Mapping[str, Any]) -> Mapping[str, Any]:
    form = inner.get("format")
    grammar = form.get("grammar") if isinstance(form, OBJECT) and form.keys() == {"type", "grammar"} else None
    if not isinstance(form, OBJECT) or not isinstance(grammar, OBJECT) or grammar.keys() != {"syntax", "definition"}:
        return inner
    return {**inner, "format": {"type": form["type"], **grammar}}


def _dump_tool(tool: Any) -> Any:
    tool_type = type_of(tool)
    inner = tool.get(tool_type) if tool_type in ("function", "custom") else None
    if not isinstance(inner, OBJECT):
        return tool
    default = {"parameters": None, "strict": False} if tool_type == "function" else {}
    rest = without_keys(tool, "type", tool_type)
    return {"type": tool_type, **default, **(_without_grammar(inner) if tool_type == "custom" else inner), **rest}


def _load_choice(choice: Any) -> Any:
    if not isinstance(choice, OBJECT):
        return choice
    if choice.keys() == {"type", "name"} and choice["type"] in ("function", "custom"):
        return {"type": choice["type"], choice["type"]: {"name": choice["name"]}}
    if choice.keys() == {"type", "mode", "tools"} and choice["type"] == ALLOWED and isinstance(choice["tools"], list):
        among = {"mode": choice["mode"], "tools": list(map(_load_tool, choice["tools"]))}
        return {"type": ALLOWED, ALLOWED: among}
    return None


def _dump_choice(choice: Any) -> Any:
    choice_type = type_of(choice)
    inner = choice.get(choice_type) if choice_type in ("function", "custom") else None
    if isinstance(inner, OBJECT):
        return {"type": choice_type, **inner}
    among = choice.get(ALLOWED) if choice_type == ALLOWED else None
    tools = among.get("tools") if isinstance(among, OBJECT) else None
    if isinstance(among, OBJECT) and isinstance(tools, list) and all(map(is_function, tools)):
        chosen = [{"type": "function", **tool["function"]} for tool in tools]
        return {"type": ALLOWED, "mode": among.get("mode"), "tools": chosen}
    return choice if isinstance(choice, str) and choice in _CHOICES else None


def _load_format(wanted: Any) -> Any:
    if not isinstance(wanted, OBJECT) or wanted.get("type") != "json_schema":
        return wanted if isinstance(wanted, OBJECT) and wanted.keys() == {"type"} else None
    return {"type": "json_schema", "json_schema": without_keys(wanted, "type")}


def _dump_format(wanted: Any) -> Any:
    inner = wanted.get("json_schema") if isinstance(wanted, OBJECT) else None
    return {"type": "json_schema", **inner} if isinstance(inner, OBJECT) else wanted


# openai 3.57 types/shared_params/reasoning.py, types/responses/response_create_params.py
_EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
_TIERS = ("auto", "default", "flex", "scale", "priority", "fast")


_KEYS = (
    Key("max_output_tokens", "max_completion_tokens"),
    Key("tools", "tools", each(_load_tool, lists_only=True), each(_dump_tool)),
    Key("tool_choice", "tool_choice", _load_choice, _dump_choice),
    Key("reasoning/effort", "reasoning_effort", *[lambda effort: one_of(_EFFORTS, effort)] * 2),
    Key("service_tier", "service_tier", *[lambda tier: one_of(_TIERS, tier)] * 2),
    Key("text/format", "response_format", _load_format, _dump_format),
    Key("text/verbosity", "verbosity"),
)


FORMAT = Format(
    name=NAME,
    target="responses",
    title="OpenAI Responses: {instructions, input: [message, function_call, function_call_output, reasoning, ...]}",
    source="openai-python 3.54 src/openai/types/responses/*_param.py",
    recognize=recognize,
    signs=frozenset(("input", "output", "prompt", "previous_response_id")),
    load=load,
    dump=dump,
    tool_shape="flat",
    to_chat=without_channels,
    capabilities=Capabilities(
        files_of="openai",
        parts={
            "text": ("prompt_cache_breakpoint", "logprobs"),
            "image_url": ("prompt_cache_breakpoint",),
            "file": ("prompt_cache_breakpoint", "file_url", "detail"),
            "refusal": (),
        },
        message=("tool_calls", "tool_call_id", "reasoning", "refusal", "channel"),
        body=("model", "tools", "tool_choice", "temperature", "top_p", "max_completion_tokens", "stream", "store",
              "metadata", "parallel_tool_calls", "user", "reasoning_effort", "response_format",
              "verbosity", "service_tier", "prompt_cache_key",
              "safety_identifier", "truncation", "previous_response_id", "include", "background"),
        roles=("system", "developer", "user", "assistant", "tool"),
        calls=("function", "custom"),
        tool=("strict", "defer_loading"),
        strict_closed=True,
        read=("cache_control",),
        asked_keys=("prompt_cache_breakpoint",),
        file_names=True,
        call_id=r".{1,64}",
        within={"assistant": ("text", "refusal")},
        signed=lambda message: "reasoning" in message.extra.get(NAME, {}),
    ),
    list_key="input",
    parts=("input_text", "output_text", "input_image", "input_file", "input_audio", "refusal"),
    aliases={"text": "input_text", "image_url": "input_image", "image": "input_image", "file": "input_file"},
    opaque_parts=frozenset((
        "additional_tools", "apply_patch_call", "apply_patch_call_output", "code_interpreter_call", "compaction",
        "compaction_trigger", "computer_call", "computer_call_output", "file_search_call", "image_generation_call",
        "item_reference", "local_shell_call", "local_shell_call_output", "mcp_approval_request",
        "mcp_approval_response", "mcp_call", "mcp_list_tools", "program", "program_output", "shell_call",
        "shell_call_output", "tool_search_call", "tool_search_output", "web_search_call",
    )),
    # an image that is named by the id of an uploaded file
    opaque=lambda part: part.get("type") == "input_image" and isinstance(part.get("file_id"), str),
    keys={"part": ("annotations", "logprobs", "file_url", "prompt_cache_breakpoint")},
    item_keys={
        "message": ("content", "id", "phase", "role", "status", "type"),
        "call": ("call_id", "caller", "id", "name", "namespace", "status", "type"),
    },
    reasoning_keys=frozenset((NAME,)),
    reasoning_in_parts=True,
    history_keys=_HISTORY_KEYS,
)  # fmt: skip
