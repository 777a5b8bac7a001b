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
from msgkit.formats.bedrock import body as keys
from msgkit.formats.bedrock.blocks import BLOCKS
from msgkit.formats.bedrock.parts import NAME
from msgkit.formats.common.builder import Draft, noted
from msgkit.formats.common.capabilities import Capabilities
from msgkit.jsontext.values import OBJECT
from msgkit.model.messages import Conversation
from msgkit.model.parts import NOTHING

_OWN_KEYS = frozenset(("inferenceConfig", "toolConfig", "additionalModelRequestFields", "guardrailConfig"))
_OWN_BLOCKS = frozenset((
    "audio", "cachePoint", "citationsContent", "document", "guardContent", "image", "reasoningContent", "searchResult",
    "text", "toolAddition", "toolRemoval", "toolResult", "toolUse", "video",
))  # fmt: skip


def recognize(body: Mapping[str, Any]) -> bool:
    """Return whether *body* has a key or a block that only Converse has."""
    messages = body.get("messages")
    if not isinstance(messages, list | tuple):
        return False
    if _OWN_KEYS & body.keys():
        return True
    contents = [message.get("content") for message in messages if isinstance(message, OBJECT)]
    lists = [content for content in contents if isinstance(content, list | tuple) and content]
    return bool(lists) and all(_is_own(block) for content in lists for block in content)


def _is_own(block: Any) -> bool:
    return isinstance(block, OBJECT) and len(block) == 1 and not _OWN_BLOCKS.isdisjoint(block)


def load(body: Mapping[str, Any], at: Path = ()) -> Loaded:
    """Load a request body: the system prompt and each tool result become messages of their own."""
    draft = Draft(at)
    is_read = isinstance(body.get("system"), list | tuple) and bool(body["system"])
    BLOCKS.load_messages(draft, body, system=is_read)
    return draft.finish(keys.load(body, ("messages", "system") if is_read else ("messages",)), "messages")


def dump(conversation: Conversation) -> dict[str, Any]:
    """Return the request body: leading system messages beside the messages, each side's messages joined."""
    lead, messages = BLOCKS.write(noted(conversation))
    blocks = [block for message in lead for block in BLOCKS.dump_parts(message.get("content"))]
    return {**({"system": blocks} if blocks else {}), "messages": messages, **keys.dump(conversation.extra)}


FORMAT = Format(
    name=NAME,
    title="Bedrock Converse: {system: [{text}], messages: [{role, content: [{text}, {image}, {toolUse}, ...]}]}",
    source="botocore 1.43 data/bedrock-runtime/2023-09-30/service-2.json, Converse",
    recognize=recognize,
    load=load,
    dump=dump,
    capabilities=Capabilities(
        parts={
            "text": (), "image_url": (), "input_audio": (), "audio_url": (), "video_url": (),
            "file": ("citations", "context"),
        },
        message=("tool_calls", "tool_call_id", "reasoning", "thinking_blocks", "is_error"),
        body=("model", "max_tokens", "temperature", "top_p", "stop", "tools", "tool_choice"),
        roles=("system", "user", "assistant", "tool"),
        system_inside=False,
        schemes=("s3",),
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
