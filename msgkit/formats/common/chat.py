"""The keys of Chat Completions, which other formats share in part."""

from collections.abc import Collection, Mapping

from msgkit.formats.common.capabilities import Capabilities

MESSAGE = frozenset(
    (
        "name",
        "tool_calls",
        "tool_call_id",
        "refusal",
        "reasoning",
        "audio",
        "function_call",
        "channel",
        "recipient",
        "content_type",
        "weight",
    )
)
"""Fields and keys of messages."""

SERVER_KEYS = frozenset(("annotations", "cache_control", "extra_content", "thinking_blocks", "uuid"))
"""Keys of messages, parts, calls and tools that compatible servers add."""

BODY = frozenset(
    (
        "model",
        "tools",
        "tool_choice",
        "parallel_tool_calls",
        "temperature",
        "top_p",
        "n",
        "stop",
        "stream",
        "seed",
        "stream_options",
        "max_tokens",
        "max_completion_tokens",
        "presence_penalty",
        "frequency_penalty",
        "logit_bias",
        "logprobs",
        "top_logprobs",
        "response_format",
        "reasoning_effort",
        "user",
        "metadata",
        "store",
        "modalities",
        "audio",
        "prediction",
        "service_tier",
        "functions",
        "function_call",
        "verbosity",
        "web_search_options",
        "prompt_cache_key",
        "safety_identifier",
    )
)
"""Keys of the request's body."""

_MEDIA = ("prompt_cache_breakpoint",)

PARTS: Mapping[str, Collection[str]] = {
    "text": _MEDIA,
    "image_url": _MEDIA,
    "input_audio": _MEDIA,
    "file": _MEDIA,
    "refusal": (),
}
"""Type of part -> its further keys."""

SERVER_PARTS = ("audio_url", "video_url", "thinking")
"""Types of parts that compatible servers take, and OpenAI does not."""

TEXT_ALIASES: Mapping[str, str] = {"input_text": "text", "output_text": "text"}
PART_ALIASES: Mapping[str, str] = {**TEXT_ALIASES, "input_image": "image_url"}
"""Type of part in other formats -> what it is called in Chat Completions."""

SHARED_KEYS = frozenset(("is_error", "thinking_blocks"))
"""Keys of messages under which formats hand over what the values have no field for."""


def chat_capabilities(
    *,
    body: Collection[str] = (),
    message: Collection[str] = (),
    parts: Mapping[str, Collection[str]] = PARTS,
    tool: Collection[str] = ("text",),
) -> Capabilities:
    """Return what Chat Completions have a place for."""
    return Capabilities(
        parts=parts,
        message=MESSAGE | frozenset(message),
        body=BODY | frozenset(body),
        calls=("function", "custom"),
        roles=("system", "developer", "user", "assistant", "tool", "function"),
        tool=("strict",),
        read=SERVER_KEYS,
        read_parts=SERVER_PARTS,
        named_results=False,
        file_names=True,
        mask="weight",
        every_value=True,
        call_id=r".{1,40}",
        refusal_alone=True,
        within={
            **dict.fromkeys(("system", "developer", "function"), ("text",)),
            "tool": tool,
            "assistant": ("text", "refusal"),
        },
    )
