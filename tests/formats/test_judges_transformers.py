"""Rows of the format ``transformers``, rendered by transformers itself through templates as it documents them."""

import json

import pytest

import msgkit
from tests.formats.rich import RICH
from tests.strategies import PNGS, WAVS, WEATHER

tokenizers = pytest.importorskip("tokenizers")
transformers = pytest.importorskip("transformers")

CHATML = (
    "{%- for message in messages %}"
    "{{- '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}"
    "{%- endfor %}"
    "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\n' }}{%- endif %}"
)

QWEN = """\
{%- for message in messages %}
{%- if message.role == 'tool' %}
{%- if loop.first or messages[loop.index0 - 1].role != 'tool' %}{{- '<|im_start|>user' }}{%- endif %}
{{- '\n<tool_response>\n' + message.content + '\n</tool_response>' }}
{%- if loop.last or messages[loop.index0 + 1].role != 'tool' %}{{- '<|im_end|>\n' }}{%- endif %}
{%- else %}
{{- '<|im_start|>' + message.role + '\n' }}
{%- if message.reasoning_content %}{{- '<think>\n' + message.reasoning_content + '\n</think>\n\n' }}{%- endif %}
{{- message.content or '' }}
{%- for call in message.tool_calls or [] %}
{%- if not loop.first or message.content %}{{- '\n' }}{%- endif %}
{{- '<tool_call>\n{"name": "' + call.function.name + '", "arguments": ' + call.function.arguments | tojson + '}' }}
{{- '\n</tool_call>' }}
{%- endfor %}
{{- '<|im_end|>\n' }}
{%- endif %}
{%- endfor %}"""

PARTS = """\
{%- for message in messages %}{{- '[' + message.role + ']' }}
{%- if message.content is string %}{{- message.content }}
{%- else %}{%- for part in message.content %}
{%- if part.type == 'text' %}{{- part.text }}{%- else %}{{- '<' + part.type + '>' }}{%- endif %}
{%- endfor %}{%- endif %}
{%- for call in message.tool_calls or [] %}
{{- '{' + call.function.name }}{% for key, value in call.function.arguments.items() %}{{- ' ' + key + '=' + value }}
{%- endfor %}{{- '}' }}
{%- endfor %}{%- endfor %}"""


def tokenizer(template):
    words = tokenizers.Tokenizer(tokenizers.models.WordLevel({"[UNK]": 0}, unk_token="[UNK]"))  # noqa: S106
    made = transformers.PreTrainedTokenizerFast(tokenizer_object=words)
    made.chat_template = template
    return made


def rendered(row, template, **more):
    return tokenizer(template).apply_chat_template(row["messages"], tokenize=False, **more)


def converted(messages, **more):
    return msgkit.convert({"messages": messages, **more}, "transformers", on_loss="drop").payload


TALK = [
    {"role": "system", "content": "Answer briefly."},
    {"role": "user", "content": "How warm\nis it?"},
    {"role": "assistant", "content": "12 degrees."},
]


def test_chatml_is_what_transformers_renders_with_the_usual_template():
    assert msgkit.convert({"messages": TALK}, "chatml").payload == {"text": rendered(converted(TALK), CHATML)}


def test_a_text_with_the_prompt_for_an_answer_loads_as_the_same_messages():
    text = rendered(converted(TALK[:2]), CHATML, add_generation_prompt=True)
    assert text.endswith("<|im_start|>assistant\n")
    assert msgkit.load({"text": text}).messages == msgkit.load({"messages": TALK[:2]}).messages
    assert msgkit.dump(msgkit.load({"text": text})) == {"text": text}


def test_calls_results_and_reasoning_are_rendered_as_chatml_writes_them():
    messages = [{**message, "content": message["content"] or ""} for message in RICH["messages"][3:7]]
    text = rendered(converted(messages), QWEN)
    assert msgkit.convert({"messages": messages}, "chatml", on_loss="drop").payload["text"] == text
    assert text.startswith("<|im_start|>assistant\n<think>\nThey want the weather, too.\n</think>\n\nLet me look.\n")
    assert text.count("<tool_call>") == text.count("<tool_response>") == 2


def test_templates_that_walk_content_lists_find_every_kind_of_part_and_arguments_as_objects():
    messages = [
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "Who? "},
                {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNGS[0]}"}},
                {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
                {"type": "image_url", "image_url": {"url": "photos/cat.jpg"}},
                {"type": "input_audio", "input_audio": {"data": WAVS[0], "format": "wav"}},
                {"type": "video_url", "video_url": {"url": "clip.mp4"}},
            ],
        },
        *RICH["messages"][3:5],
    ]
    text = rendered(converted(messages), PARTS)
    assert text == (
        "[user]Who? <image><image><image><audio><video>"
        "[assistant]Let me look.{get_weather city=Paris}{get_weather city=Oslo}[tool]12 degrees"
    )


def test_the_media_are_where_the_processor_looks_for_them():
    collect = getattr(transformers.ProcessorMixin, "_multimodal_inputs_from_conversations", None)
    if collect is None:
        pytest.skip("this transformers collects media elsewhere")
    parts = [
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNGS[0]}"}},
        {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
        {"type": "image_url", "image_url": {"url": "photos/cat.jpg"}},
        {"type": "video_url", "video_url": {"url": "clip.mp4"}},
    ]
    images, videos, *_ = collect(None, [converted([{"role": "user", "content": parts}])["messages"]], {})
    assert images == [[PNGS[0], "https://example.com/a.png", "photos/cat.jpg"]]
    assert videos == [["clip.mp4"]]


def test_sound_stands_there_as_the_data_url_that_load_audio_takes():
    sound = {"type": "input_audio", "input_audio": {"data": WAVS[0], "format": "wav"}}
    (part,) = converted([{"role": "user", "content": [sound]}])["messages"][0]["content"]
    assert part == {"type": "audio", "url": f"data:audio/wav;base64,{WAVS[0]}"}


def test_a_picture_that_stands_there_as_base64_is_loaded_by_transformers():
    from transformers.image_utils import load_image

    (part,) = converted(
        [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNGS[0]}"}}]}]
    )["messages"][0]["content"]
    assert part.keys() == {"type", "base64"}
    (ours,) = msgkit.load({"messages": [{"role": "user", "content": [part]}]}).messages[0].parts
    assert load_image(part["base64"]).size == (ours.media.width, ours.media.height)


def test_tools_are_rendered_by_transformers_from_the_row():
    tools = [{"type": "function", "function": {"name": "now", "description": "The time", "parameters": WEATHER}}]
    row = converted(TALK, tools=tools)
    template = "{%- for tool in tools %}{{- tool | tojson }}{%- endfor %}"
    assert json.loads(rendered(row, template, tools=row["tools"])) == tools[0]
