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
from msgkit.formats.common.sniff import is_interaction
from msgkit.formats.responses import body as keys
from msgkit.formats.responses.items import NAME
from msgkit.formats.responses.messages import Reader, Writer
from msgkit.jsontext.values import LIST
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
    return isinstance(body.get("input"), str) and (is_stored or not _OWN_KEYS.isdisjoint(body))


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
    return draft.finish(keys.load(body, used), key, may_be_empty=is_continued, form=frozenset(form))


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
    return {**first, **listed, **keys.dump(conversation.extra)}


def _names_an_image(part: Mapping[str, Any]) -> bool:
    """Return whether an image is named by the id of an uploaded file."""
    return part.get("type") == "input_image" and isinstance(part.get("file_id"), str)


FORMAT = Format(
    name=NAME,
    target="responses",
    title="OpenAI Responses: {instructions, input: [message, function_call, function_call_output, reasoning, ...]}",
    source="openai-python 3.54 src/openai/types/responses/*_param.py",
    recognize=recognize,
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
    opaque=_names_an_image,
    keys={"part": ("annotations", "logprobs", "file_url", "prompt_cache_breakpoint")},
    item_keys={
        "message": ("content", "id", "phase", "role", "status", "type"),
        "call": ("call_id", "caller", "id", "name", "namespace", "status", "type"),
    },
    reasoning_keys=frozenset((NAME,)),
    reasoning_in_parts=True,
    history_keys=_HISTORY_KEYS,
)  # fmt: skip
