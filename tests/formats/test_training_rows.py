"""Rows with placeholders and columns of media, as LLaMA-Factory has them: media inlined, then other formats."""

from functools import cache

import jsonschema
import pytest
from pydantic import TypeAdapter

import msgkit

ROW = {
    "messages": [
        {"role": "user", "content": "<image>Who is this?"},
        {"role": "assistant", "content": "A cat."},
        {"role": "user", "content": "And here?<image>"},
        {"role": "assistant", "content": "The sea."},
    ],
    "images": ["photos/cat.jpg", "photos/lighthouse.jpg"],
}
SOUNDS = {
    "conversations": [{"from": "human", "value": "<audio>What is that?"}, {"from": "gpt", "value": "A cat."}],
    "audios": ["sounds/purr.ogg"],
}


@cache
def validator(kind):
    return jsonschema.Draft202012Validator(TypeAdapter(list[kind]).json_schema())


def test_pictures_go_to_every_api_as_its_sdk_takes_them(examples):
    from anthropic.types import MessageParam
    from google.genai import types
    from openai.types.chat import ChatCompletionMessageParam

    inlined = msgkit.inline(ROW, root=examples)
    chat = msgkit.convert(inlined, "openai").payload
    assert list(validator(ChatCompletionMessageParam).iter_errors(chat["messages"])) == []
    claude = msgkit.convert(inlined, "anthropic").payload
    assert list(validator(MessageParam).iter_errors(claude["messages"])) == []
    gemini = [
        types.Content.model_validate(content) for content in msgkit.convert(inlined, "gemini").payload["contents"]
    ]
    cat = (examples / "photos" / "cat.jpg").read_bytes()
    assert gemini[0].parts[0].inline_data.data == cat
    assert [part.type for part in msgkit.load(claude, "anthropic").messages[2].parts] == ["text", "image_url"]


@pytest.mark.parametrize("target", ["openai", "anthropic", "gemini"])
def test_a_row_that_is_converted_before_comes_back_with_its_columns(target):
    result = msgkit.convert(ROW, target)
    assert msgkit.restore(result.payload, result.losses) == ROW


def test_sound_goes_where_it_has_a_place_and_is_a_loss_where_not(examples):
    inlined = msgkit.inline(SOUNDS, root=examples)
    for target in ("openai", "gemini"):
        talk = msgkit.load(msgkit.convert(inlined, target).payload, target)
        assert talk.messages[0].parts[0].media.media_type == "audio/wav"
    with pytest.raises(msgkit.LossError) as caught:
        msgkit.convert(inlined, "anthropic")
    assert ("audios",) in [loss.path for loss in caught.value.losses]
