"""What keys and values mean for losses: what says nothing, other names of the same, content, and settings."""

from collections.abc import Mapping
from typing import Any

from msgkit.formats.common.keys import MASKS

_NO_PARAMETERS: tuple[Any, ...] = ({"type": "object", "properties": {}}, {"type": "object"})
_OFF = ("background", "example", "force_download", "is_error", "partial", "prefix", "redacted", "safe_prompt", "stream",
        "strict", "thought")  # fmt: skip
_ZERO = ("frequencyPenalty", "frequency_penalty", "presencePenalty", "presence_penalty")
DEFAULTS: Mapping[str, tuple[Any, ...]] = {
    **dict.fromkeys(_OFF, (False,)),
    **dict.fromkeys(_ZERO, (0, 0.0)),
    "annotations": ([],),
    "args": ({},),
    "caller": ({"type": "direct"},),
    "candidateCount": (1,),
    "candidate_count": (1,),
    "citations": ({"enabled": False}, False),
    "closed": (True,),
    "detail": ("auto",),
    "format": ({"type": "text"},),
    "function_call": ("auto",),
    "functionCallingConfig": ({"mode": "AUTO"},),
    "function_calling_config": ({"mode": "AUTO"},),
    "index": tuple(range(128)),
    "input_schema": _NO_PARAMETERS,
    "logprobs": (False, []),
    "mask": ("User",),
    "modalities": (["text"],),
    "model_identity": ("You are ChatGPT, a large language model trained by OpenAI.",),
    "n": (1,),
    "outcome": ("success",),
    "parallel_tool_calls": (True,),
    "parameters": _NO_PARAMETERS,
    "recipient": ("all",),
    "responseMimeType": ("text/plain",),
    "responseModalities": (["TEXT"], ["Text"], ["text"]),
    "response_format": ({"type": "text"},),
    "response_mime_type": ("text/plain",),
    "response_modalities": (["TEXT"], ["Text"], ["text"]),
    "scope": ("conversation",),
    "source": ("input", "generate", "operator"),
    "state": ("complete", "done"),
    "status": ("completed",),
    "toolChoice": ({"auto": {}},),
    "tool_choice": ("auto", {"type": "auto"}),
    "tools": ("[]",),
    "truncation": ("disabled",),
    "type": ("message", "function", "ephemeral", "custom"),
}
"""Key -> the values that say what holds without it, too."""
_NAMES = (
    ("max_tokens", "max_completion_tokens", "max_output_tokens", "maxOutputTokens"),
    ("reasoning", "reasoning_content", "thinking", "reasoning_text"),
    ("parameters", "parametersJsonSchema", "parameters_json_schema", "input_schema"),
    ("responseSchema", "response_schema", "responseJsonSchema", "response_json_schema"),
    ("result", "output", "content", "errorText"),
    ("image", "audio", "video", "path", "url", "base64", "data"),
    MASKS,
    ("function_call", "tool_calls"),
    ("seed", "random_seed"),
    ("tools", "functions"),
    ("file_data", "file_url"),
    ("system", "instructions"),
)
SYNONYMS: Mapping[str, frozenset[str]] = {name: frozenset(names) for names in _NAMES for name in names}
ROLES: Mapping[str, str] = {  # name of a role, in any case -> what it means
    **dict.fromkeys(("system", "developer"), "system"),
    **dict.fromkeys(("user", "human"), "user"),
    **dict.fromkeys(("assistant", "model", "gpt", "chatgpt", "chatbot", "bard", "bing"), "assistant"),
    **dict.fromkeys(("tool", "function", "observation", "tool_response", "function_response"), "tool"),
    **dict.fromkeys(("function_call", "tool_call"), "call"),
}
TYPES = frozenset((
    *(("json", "text"), ("refusal", "text"), ("error-json", "error-text"), ("image", "file")),
    *(("custom", "function"), ("custom_tool_call", "function_call"), ("local_shell_call", "function_call")),
    ("custom_tool_call_output", "function_call_output"),
    *(("image_url", "image"), ("input_audio", "audio_url"), ("audio_url", "input_audio")),
    *(("image", "image_url"), ("audio", "input_audio"), ("audio", "audio_url")),  # blocks of tools' own protocol
    *(("resource", kind) for kind in ("text", "image_url", "audio_url", "input_audio", "file")),
    *(("resource_link", kind) for kind in ("image_url", "file")),
))  # fmt: skip

REQUEST_CONTENT = frozenset((
    # history and documents that the server keeps or fetches
    "previous_response_id", "conversation", "cachedContent", "cached_content", "prompt", "prediction", "documents",
    "context", "mcp_servers", "container", "web_search_options", "search_parameters",
    # tools, the choice among them, the schema and the limit of the answer
    "tools", "functions", "function_call", "tool_choice", "toolConfig", "tool_config", "functionCallingConfig",
    "function_calling_config", "response_format", "format", "responseSchema", "response_schema", "responseJsonSchema",
    "response_json_schema", "responseMimeType", "response_mime_type", "stop", "stop_sequences", "stopSequences",
    "max_tokens", "max_completion_tokens", "max_output_tokens", "maxOutputTokens", "modalities", "audio",
    "responseModalities", "response_modalities",
    # what stands for messages, and what is learned from them
    "messages", "input", "contents", "conversations", "instructions", "system", "text", "systemInstruction",
    "system_instruction", "system_prompt", "chosen", "rejected", "completion", "response", "output", "answer", "label",
    "weight", "kto_tag", "mask", "image_url", "image_urls", "audio_url", "video_url",
))  # fmt: skip
"""Keys beside the messages that are content; any other one is a setting of the request or a key of the row."""

SETTINGS = frozenset((
    "allowed_callers", "behavior", "cache_control", "cachePoint", "caller", "callProviderMetadata", "closed",
    "conversation_id", "created", "created_at", "createdAt", "defer_loading", "detail", "disable_parallel_tool_use",
    "eager_input_streaming", "encrypted_content", "expires_at", "extra_content", "finish_reason", "id",
    "identifier", "index", "internal", "logprobs", "media_resolution", "media_type", "mediaResolution", "mediaType",
    "metadata", "metrics", "mime_type", "mimeType", "model", "model_name", "modelInfo",
    "partial", "phase", "prefix", "prompt_cache_breakpoint",
    "provider_details", "provider_metadata", "provider_name", "provider_response_id", "provider_specific_fields",
    "provider_url", "providerMetadata", "providerOptions", "redacted_thinking", "response_metadata",
    "resultProviderMetadata", "run_id", "signature", "status", "stop_reason", "stop_sequence", "strict",
    "thought_signature", "thoughtSignature",
    "timestamp", "ts", "usage", "usage_metadata", "vendor_metadata", "view",
    "reasoning_effort", "conversation_start_date", "knowledge_cutoff", "channel_config",  # of system_content
))  # fmt: skip
"""Keys of messages, parts, calls and tools that steer the request, or that only their server can read."""
