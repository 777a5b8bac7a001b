"""
OpenTelemetry: conversations as the semantic conventions for generative AI record them in spans.

Found in: spans that instrumented programs export, one a row, or as OTLP's JSON; what Langfuse, Phoenix or Grafana
took in.

What differs from Chat Completions:

- messages are ``{role, parts, finish_reason}`` under ``gen_ai.input.messages`` and ``gen_ai.output.messages``, the
  system prompt is a list of parts under ``gen_ai.system_instructions``: among the attributes of a span (an object, or
  OTLP's list of keys and values) or by themselves, as values or as JSON text; a bare list of such messages, too;
- parts are text, tool_call, tool_call_response, reasoning, blob (base64), uri and file;
- results are messages of the role tool, one message may hold several;
- what was asked for is in other attributes: ``gen_ai.request.model``, ``gen_ai.request.temperature``.

Source: OpenTelemetry semantic conventions 1.38, ``docs/gen-ai/gen-ai-input-messages.json``,
``gen-ai-output-messages.json``, ``gen-ai-system-instructions.json``.
"""

from collections.abc import Mapping
from typing import Any

from msgkit.formats.base import Format
from msgkit.formats.common.capabilities import Capabilities
from msgkit.formats.otel.parts import INPUT, KEYS, LISTS, NAME
from msgkit.formats.otel.spans import dump, load
from msgkit.model.parts import NOTHING


def recognize(body: Mapping[str, Any]) -> bool:
    """Return whether *body* has the attributes of a conversation, or messages of parts with types."""
    attributes = body.get("attributes")
    listed = attributes if isinstance(attributes, list | tuple) else ()
    keys = {one.get("key") for one in listed if isinstance(one, Mapping) and isinstance(one.get("key"), str)}
    if LISTS & (body.keys() | keys) or (isinstance(attributes, Mapping) and LISTS & attributes.keys()):
        return True
    messages = body.get("messages")
    return isinstance(messages, list | tuple) and bool(messages) and all(map(_is_own, messages))


def _is_own(message: Any) -> bool:
    parts = message.get("parts") if isinstance(message, Mapping) and "content" not in message else None
    return isinstance(parts, list | tuple) and all(isinstance(part, Mapping) and "type" in part for part in parts)


FORMAT = Format(
    name=NAME,
    title="OpenTelemetry: {gen_ai.input.messages: [{role, parts: [{type: text, content}, ...]}]}",
    source="OpenTelemetry semantic conventions 1.38, docs/gen-ai/gen-ai-input-messages.json",
    recognize=recognize,
    own_keys=LISTS,
    signs=LISTS | {"attributes", "parts"},
    load=load,
    dump=dump,
    capabilities=Capabilities(
        parts={"text": (), "image_url": (), "input_audio": (), "audio_url": (), "video_url": (), "file": ()},
        message=("name", "tool_calls", "tool_call_id", "reasoning"),
        body=tuple(key.hub for key in KEYS),
        empty_text=False,
    ),
    list_key=INPUT,
    parts=("text", "blob", "uri", "file", "tool_call", "tool_call_response", "reasoning"),
    aliases=NOTHING,
    keys={"message": ("finish_reason",), "part": ("modality",)},
    reasoning_keys=frozenset((NAME,)),
    reasoning_in_parts=True,
)
