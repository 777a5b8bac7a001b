"""What formats define beyond the values: parts that stay as they are, keys, and what other formats call them."""

from collections.abc import Mapping
from typing import Any

SOURCES: Mapping[str, str] = {
    "anthropic": "anthropic-sdk-python 2.12 src/anthropic/types/*_param.py",
    "gemini": "google-genai 3.4 types.py, Content and Part",
    "llamafactory": "LLaMA-Factory src/llamafactory/v1/utils/types.py",
    "mistral": "mistral-common 1.13 protocol/instruct/chunk.py, messages.py",
    "responses": "openai-python 3.54 src/openai/types/responses/*_param.py",
    "sharegpt": "LLaMA-Factory data/README.md",
    "transformers": "transformers processing_utils.py, apply_chat_template",
}
"""Format -> where its shape is defined; that of Chat Completions and Harmony stands in the table of codes."""

DEFINED: Mapping[str, tuple[str, ...]] = {
    "anthropic": ("text", "image", "document", "tool_use", "tool_result", "thinking", "redacted_thinking"),
    "gemini": ("text", "inlineData", "fileData", "functionCall", "functionResponse", "thought"),
    "llamafactory": ("text", "image_url", "audio_url", "video_url", "reasoning", "tool_call"),
    "responses": ("input_text", "output_text", "input_image", "input_file", "input_audio", "refusal"),
    "transformers": ("text", "image", "audio", "video"),
}
"""Format -> the types of its parts, or the keys that stand for them; those of Chat Completions elsewhere."""

OPAQUE: Mapping[str, frozenset[str]] = {
    "anthropic": frozenset((
        "bash_code_execution_tool_result", "code_execution_tool_result", "container_upload", "search_result",
        "server_tool_use", "text_editor_code_execution_tool_result", "tool_search_tool_result",
        "web_fetch_tool_result", "web_search_tool_result",
    )),
    "gemini": frozenset((
        "codeExecutionResult", "code_execution_result", "executableCode", "executable_code", "toolCall", "tool_call",
        "toolResponse", "tool_response",
    )),
    "llamafactory": frozenset(("tools",)),
    "mistral": frozenset(("document_url", "file", "reference")),
    "responses": frozenset((
        "additional_tools", "apply_patch_call", "apply_patch_call_output", "code_interpreter_call", "compaction",
        "compaction_trigger", "computer_call", "computer_call_output", "file_search_call", "image_generation_call",
        "item_reference", "local_shell_call", "local_shell_call_output", "mcp_approval_request",
        "mcp_approval_response", "mcp_call", "mcp_list_tools", "program", "program_output", "shell_call",
        "shell_call_output", "tool_search_call", "tool_search_output", "web_search_call",
    )),
}  # fmt: skip
"""Format -> the types of parts and items, or their keys, that it defines and that stay as they are."""

_TEXTS = {"input_text": "text", "output_text": "text"}
PART_ALIASES: Mapping[str, str] = {**_TEXTS, "input_image": "image_url"}

MEANT: Mapping[str, Mapping[str, str]] = {
    **dict.fromkeys(("openai", "harmony", "mistral", "transformers"), PART_ALIASES),
    "anthropic": {
        **_TEXTS,
        "image_url": "image",
        "input_image": "image",
        "file": "document",
        "input_file": "document",
    },
    "responses": {"text": "input_text", "image_url": "input_image", "image": "input_image", "file": "input_file"},
}
"""Format -> a part type of other formats -> what it is called there."""

KEYS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "llamafactory": {"message": ("loss_weight",)},
    "responses": {"part": ("annotations", "logprobs", "file_url", "prompt_cache_breakpoint")},
    "sharegpt": {"message": ("loss_weight", "weight")},
    "transformers": {"message": ("weight",)},
}
"""Format without a target of its name -> kind of object -> the keys that it defines beyond those of the values."""

NOTES = frozenset(("is_error", "thinking_blocks"))
"""Keys of messages under which formats hand over what the values have no field for."""


def is_opaque(format_name: str, data: Mapping[str, Any]) -> bool:
    """
    Tell whether a part is one that its format defines, although it stays as it is.

    >>> is_opaque("anthropic", {"type": "image", "source": {"type": "file", "file_id": "a"}})
    True
    >>> is_opaque("anthropic", {"type": "image", "source": {"type": "file"}})
    False
    """
    kind, names = data.get("type"), OPAQUE.get(format_name, frozenset())
    if format_name == "gemini":
        return not names.isdisjoint(data)
    if not isinstance(kind, str):
        return False
    if format_name == "anthropic" and kind in ("image", "document"):
        source = data.get("source")
        return isinstance(source, Mapping) and source.get("type") == "file" and isinstance(source.get("file_id"), str)
    if format_name == "responses" and kind == "input_image":
        return isinstance(data.get("file_id"), str)
    if format_name == "transformers" and kind in ("image", "audio", "video"):
        held = {key for key, value in data.items() if value is not None}  # Arrow adds the keys of other parts
        return held <= {"type", "index"}  # it stands for media that are handed over beside the messages
    return kind in names
