"""What a format has a place for, told as data."""

from collections.abc import Callable, Collection, Mapping
from typing import Literal

import attrs

from msgkit.model.base import NOTHING
from msgkit.model.messages import Message
from msgkit.model.parts import FilePart

NONE: frozenset[str] = frozenset()
THINKING_BLOCKS = "thinking_blocks"
"""Reasoning as signed blocks: a key of messages that Anthropic's go by, and LiteLLM's Chat Completions, too."""

MEDIA_PARTS: Mapping[str, Collection[str]] = {
    "text": (), "image_url": (), "input_audio": (), "audio_url": (), "video_url": (), "file": ("file_url",),
}  # fmt: skip
"""The parts of a format that holds and names media of every sort."""

FIELDS = ("channel", "recipient", "content_type", "tool_calls", "tool_call_id", "refusal", "reasoning", "audio")
"""The fields of messages that not every format has."""


def _frozen(keys: Collection[str]) -> frozenset[str]:
    return frozenset(keys)


@attrs.frozen(eq=False, repr=False)
class Capabilities:
    """What a format has a place for, in the names of the values."""

    parts: Mapping[str, Collection[str]]  # type of content part -> its further keys that the format defines
    # fields and further keys of messages, beyond role and content
    message: frozenset[str] = attrs.field(default=NONE, converter=_frozen)
    # keys beside the messages, in the names of Chat Completions
    body: frozenset[str] = attrs.field(default=NONE, converter=_frozen)
    calls: Collection[str] = ("function",)  # types of tool calls, and of the tools that are defined
    call: Collection[str] = NONE  # further keys of tool calls
    tool: Collection[str] = NONE  # keys of a tool's definition beyond name, description and parameters
    # further keys of messages, parts, calls and tools that rows of the format may have, but that are not written for
    # it: they stay on the way back only
    read: Collection[str] = NONE
    read_parts: Collection[str] = ()  # types of parts that rows of the format may have, but that are not written for it
    roles: Collection[str] = ("system", "user", "assistant", "tool")  # roles that messages may have
    system_inside: bool = True  # whether system messages may be after other messages
    system_after: Collection[str] = ()  # the roles after which they may be there; any when empty
    # ``rows`` for rows of a dataset: further columns stay, and keys of messages that the source format does not define
    # either
    open: Literal["none", "rows"] = "none"
    asked_keys: Collection[str] = ()  # further keys of parts that those of the assistant have not
    call_id: str | None = None  # what ids of tool calls must match; None when any text will do
    # whether calls and results have ids; without, results are in the order of the calls they answer
    call_ids: bool = True
    # role -> the types of parts that its messages may have; those of other roles may have any
    within: Mapping[str, Collection[str]] = NOTHING
    named_results: bool = True  # whether a result may name its function beside the id of its call
    schemes: Collection[str] = ()  # schemes of URLs that may name media, beside those of the web and data
    files_of: str | None = None  # whose ids of files there are; None where they are only noted
    file_types: Collection[str] | None = None  # media types of files that the target takes; None where any may be
    texts_apart: bool = True  # whether the texts of one message stay apart, and are not joined to one
    file_names: bool = False  # whether a file that is inline needs a name
    refusal_alone: bool = False  # whether a refusal part may not be beside other parts
    blank_text: bool = True  # whether a text may be empty or white space only
    empty_text: bool = True  # whether the assistant may say an empty text beside calls or reasoning
    mask: str | None = None  # the key of messages that masks the loss in training; None when there is none
    strict_closed: bool = False  # whether a schema is held strictly only where each of its objects is closed
    error_key: str | None = None  # the key of a result's own JSON that says that it is an error; None when none does
    every_value: bool = False  # whether every value has a place, so that nothing is ever left out
    # tells whether a message's reasoning is such that the format's servers take it back: they refuse what they did not
    # sign themselves; None when any reasoning may stand
    signed: Callable[[Message], bool] | None = None
    all_keys: frozenset[str] = attrs.field(init=False)

    @all_keys.default
    def _all_keys(self) -> frozenset[str]:
        """Every further key that the format defines anywhere."""
        parts = {key for keys in self.parts.values() for key in keys}
        mask = {self.mask} if self.mask is not None else set()
        return frozenset(parts | mask | {*self.message, *self.body, *self.call, *self.tool, *self.read})

    def parts_of(self, role: str) -> Collection[str]:
        """Return the types of parts that messages of a role may have."""
        return self.within.get(role, self.parts)

    def takes_file(self, part: FilePart) -> bool:
        """Return whether files may be as *part* is: only their URLs where no type of data is taken."""
        return self.file_types != () or "file_url" in part.file.extra


TEXT_ALIASES: Mapping[str, str] = {"input_text": "text", "output_text": "text"}
PART_ALIASES: Mapping[str, str] = {**TEXT_ALIASES, "input_image": "image_url"}
"""Type of part in other formats -> what it is called in Chat Completions."""

SHARED_KEYS = frozenset(("is_error", THINKING_BLOCKS))
"""Keys of messages under which formats hand over what the values have no field for."""

_BREAKPOINT = ("prompt_cache_breakpoint",)

CHAT = Capabilities(
    parts={
        "text": _BREAKPOINT, "image_url": _BREAKPOINT, "input_audio": _BREAKPOINT, "file": _BREAKPOINT, "refusal": (),
    },
    message=(
        "name", "tool_calls", "tool_call_id", "refusal", "reasoning", "audio", "function_call", "channel", "recipient",
        "content_type", "weight",
    ),
    body=(
        "model", "tools", "tool_choice", "parallel_tool_calls", "temperature", "top_p", "n", "stop", "stream", "seed",
        "stream_options", "max_tokens", "max_completion_tokens", "presence_penalty", "frequency_penalty", "logit_bias",
        "logprobs", "top_logprobs", "response_format", "reasoning_effort", "user", "metadata", "store", "modalities",
        "audio", "prediction", "service_tier", "functions", "function_call", "verbosity", "web_search_options",
        "prompt_cache_key", "safety_identifier",
    ),
    calls=("function", "custom"),
    roles=("system", "developer", "user", "assistant", "tool", "function"),
    tool=("strict",),
    strict_closed=True,
    # which compatible servers add
    read=("annotations", "cache_control", "extra_content", "is_error", THINKING_BLOCKS, "uuid"),
    read_parts=("audio_url", "video_url", "thinking"),  # which compatible servers take, and OpenAI does not
    named_results=False,
    file_names=True,
    mask="weight",
    every_value=True,
    call_id=r".{1,40}",
    refusal_alone=True,
    within={
        **dict.fromkeys(("system", "developer", "function", "tool"), ("text",)),
        "assistant": ("text", "refusal"),
    },
)  # fmt: skip
"""What Chat Completions have a place for; other formats share much of it."""

LLAMA_FACTORY = Capabilities(
    parts={"text": (), "image_url": (), "input_audio": (), "audio_url": (), "video_url": ()},
    open="rows",
    texts_apart=False,
    empty_text=False,
    mask="loss_weight",
    call_ids=False,
)
"""What LLaMA-Factory's rows have a place for, in either of its formats."""

AGENTS = Capabilities(
    parts=MEDIA_PARTS,
    message=("tool_calls", "tool_call_id", "reasoning", THINKING_BLOCKS, "is_error"),
    body=CHAT.body,
    named_results=False,
    empty_text=False,
    open="rows",
)
"""What histories of agent libraries have a place for: AI SDK, Inspect, pydantic-ai."""
