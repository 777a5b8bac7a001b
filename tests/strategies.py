"""Hypothesis strategies for every part and message, as JSON in the shape of Chat Completions; a new part must join."""

import base64
import io
import struct

from hypothesis import strategies as st
from PIL import Image

from msgkit.model.parts import PARTS


def png(color=(200, 30, 30), size=(2, 2)):
    """Return the base64 of a small picture."""
    file = io.BytesIO()
    Image.new("RGB", size, color).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def wav(samples=(0, 900, 0, -900)):
    """Return the base64 of a short sound."""
    data = struct.pack(f"<{len(samples)}h", *samples)
    head = struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF",
        36 + len(data),
        b"WAVE",
        b"fmt ",
        16,
        1,
        1,
        8000,
        16000,
        2,
        16,
        b"data",
        len(data),
    )
    return base64.b64encode(head + data).decode()


PDF = base64.b64encode(b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n").decode()
PNGS = [png((red, 9, 9)) for red in (10, 90, 200)]
WAVS = [wav((0, level, 0, -level)) for level in (300, 900)]
WEATHER = {
    "type": "object",
    "properties": {"city": {"type": "string", "description": "Where"}, "unit": {"type": "string", "enum": ["c", "f"]}},
    "required": ["city"],
}

texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)
words = st.text("abcdefgh_", min_size=1, max_size=6)
scalars = (
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False) | texts
)
json_values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3), max_leaves=5
)
json_objects = st.dictionaries(words, json_values, max_size=3)
image_urls = st.sampled_from(
    [
        *(f"data:image/png;base64,{data}" for data in PNGS),
        "https://example.com/a.jpg",
        "https://example.com/b",
        "photos/cat.jpg",
    ]
)
unknown_keys = st.dictionaries(st.sampled_from(["mood", "x-note", "cache_control", "uuid"]), json_values, max_size=1)


def objects(required, optional=None):
    """Return objects with these keys, sometimes the optional ones, sometimes unknown ones."""
    known = st.fixed_dictionaries(required, optional=optional or {})
    return st.builds(lambda more, found: {**more, **found}, unknown_keys, known)


text_parts = objects({"type": st.just("text"), "text": texts})
image_parts = objects(
    {
        "type": st.just("image_url"),
        "image_url": image_urls
        | st.fixed_dictionaries({"url": image_urls}, optional={"detail": st.sampled_from(["auto", "low", "high"])}),
    }
)
audio_parts = objects(
    {
        "type": st.just("input_audio"),
        "input_audio": st.fixed_dictionaries({"data": st.sampled_from(WAVS), "format": st.just("wav")}),
    }
)
file_parts = objects(
    {
        "type": st.just("file"),
        "file": st.fixed_dictionaries(
            {"file_data": st.just(f"data:application/pdf;base64,{PDF}")}, optional={"filename": words}
        )
        | st.fixed_dictionaries({"file_id": words}),
    }
)
url_parts = st.sampled_from(["audio_url", "video_url"]).flatmap(
    lambda kind: objects({"type": st.just(kind), kind: st.fixed_dictionaries({"url": image_urls})})
)
refusal_parts = objects({"type": st.just("refusal"), "refusal": texts})
thinking_parts = objects({"type": st.just("thinking"), "thinking": texts}, {"closed": st.booleans()})
unknown_parts = st.builds(
    lambda kind, data: {**data, "type": kind}, st.sampled_from(["image_embeds", "mystery"]), json_objects
)
namespaces = st.fixed_dictionaries(
    {
        "functions": st.fixed_dictionaries(
            {
                "name": st.just("functions"),
                "tools": st.lists(
                    st.fixed_dictionaries(
                        {"name": words, "description": texts}, optional={"parameters": st.just(WEATHER)}
                    ),
                    max_size=2,
                ),
            }
        )
    }
)
system_parts = objects(
    {"type": st.just("system_content")},
    {"model_identity": texts, "reasoning_effort": st.sampled_from(["Low", "High"]), "knowledge_cutoff": texts},
)
developer_parts = objects({"type": st.just("developer_content")}, {"instructions": texts, "tools": namespaces})

BY_TYPE = {
    "text": text_parts,
    "image_url": image_parts,
    "input_audio": audio_parts,
    "audio_url": url_parts,
    "video_url": url_parts,
    "file": file_parts,
    "refusal": refusal_parts,
    "thinking": thinking_parts,
    "system_content": system_parts,
    "developer_content": developer_parts,
}
"""Type of part -> its strategy."""

parts = st.one_of(*BY_TYPE.values(), unknown_parts)

arguments = json_objects.map(lambda value: __import__("json").dumps(value)) | st.sampled_from(
    ["", "{", "[1]", '{"a":1}']
)
function_calls = objects(
    {
        "id": st.sampled_from(["call_1", "call00001", "a b", "x" * 45, "abcDEF123"]),
        "type": st.just("function"),
        "function": st.fixed_dictionaries({"name": words, "arguments": arguments}),
    }
)
custom_calls = objects(
    {"id": words, "type": st.just("custom"), "custom": st.fixed_dictionaries({"name": words, "input": texts})}
)
calls = function_calls | custom_calls

roles = st.sampled_from(["system", "developer", "user", "assistant"])
plain_messages = objects({"role": roles, "content": texts | st.none() | st.lists(parts, max_size=3)}, {"name": words})
assistant_messages = objects(
    {"role": st.just("assistant")},
    {
        "content": texts | st.none() | st.lists(text_parts | refusal_parts, max_size=2),
        "tool_calls": st.lists(calls, min_size=1, max_size=2),
        "reasoning": texts,
        "refusal": texts,
    },
)
tool_messages = objects(
    {"role": st.just("tool"), "content": texts | st.lists(text_parts | image_parts, max_size=2)},
    {"tool_call_id": st.sampled_from(["call_1", "call00001", "a b", "abcDEF123"]), "name": words},
)
harmony_messages = objects(
    {"role": st.just("assistant"), "content": texts, "channel": st.sampled_from(["analysis", "commentary", "final"])},
    {
        "recipient": st.sampled_from(["functions.now", "all", "python"]),
        "content_type": st.sampled_from(["json", "<|constrain|>json"]),
    },
)
messages = plain_messages | assistant_messages | tool_messages | harmony_messages
tools = st.builds(
    lambda name, more: {"type": "function", "function": {"name": name, **more}},
    words,
    st.fixed_dictionaries(
        {}, optional={"description": texts, "parameters": st.just(WEATHER) | json_objects, "strict": st.booleans()}
    ),
)
bodies = st.builds(
    lambda found, more: {"messages": found, **more},
    st.lists(messages, min_size=1, max_size=5),
    st.fixed_dictionaries(
        {},
        optional={
            "model": words,
            "temperature": st.floats(0, 2),
            "max_tokens": st.integers(1, 99),
            "stop": st.lists(words, max_size=2),
            "tools": st.lists(tools, max_size=2),
            "tool_choice": st.sampled_from(["auto", "required", "none"]),
            "row_id": json_values,
        },
    ),
)
"""Bodies of Chat Completions, with anything that loads in them."""

assert BY_TYPE.keys() == PARTS.keys()
