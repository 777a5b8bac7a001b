"""msgkit.tokens: parts, messages and requests. The figures are those of the providers' documentation."""

import base64
import math

import pytest
from PIL import Image

import msgkit


def picture(width, height, **options):
    return msgkit.image(Image.new("L", (width, height)), **options)


@pytest.mark.parametrize(
    ("size", "options", "target", "model", "cost"),
    [
        ((1024, 1024), {"detail": "high"}, "openai", None, 765),  # OpenAI's guide, tiles
        ((2048, 4096), {"detail": "high"}, "openai", None, 1105),
        ((2048, 4096), {"detail": "low"}, "openai", None, 85),
        ((1800, 2400), {}, "openai", "gpt-4.1-nano", math.ceil(1452 * 2.46)),  # patches, times the model's factor
        ((1024, 768), {}, "anthropic", None, 37 * 28),  # patches of 28 pixels
        ((1000, 750), {}, "mistral", None, None),
        ((1000, 750), {}, "openai", "no-such-model", None),
    ],
)
def test_an_image_costs_what_the_provider_says(size, options, target, model, cost):
    assert msgkit.tokens(picture(*size, **options), target, model=model) == cost


def test_sound_costs_by_the_second():
    part = msgkit.audio("examples/sounds/question.wav")
    assert msgkit.tokens(part, "gemini") == pytest.approx(32 * part.media.duration, abs=1)
    assert msgkit.tokens(part.media, "openai") is None


def test_a_file_has_no_formula():
    assert msgkit.tokens(msgkit.file(b"%PDF-1.7"), "openai") is None


def test_an_unknown_target_is_told():
    with pytest.raises(msgkit.UnknownNameError):
        msgkit.tokens(picture(2, 2), "opnai")


def test_a_message_costs_what_its_parts_do():
    message = msgkit.user("x" * 400, picture(1024, 1024))
    assert msgkit.tokens(message, "openai") == 100 + 765
    assert msgkit.tokens(msgkit.to_dict(message), "openai") == 100 + 765
    assert msgkit.tokens(msgkit.TextPart("x" * 400), "vllm") == 100


def test_a_request_costs_what_its_messages_do_by_its_own_model():
    image = {"type": "image_url", "image_url": {"url": picture(1024, 1024).image_url.url}}
    row = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": [image]}] * 2}
    assert msgkit.tokens(row, "openai") == 2 * (2833 + 4 * 5667)
    assert msgkit.tokens(row, "openai", model="gpt-4o") == 2 * 765
    assert msgkit.tokens({**row, "model": "unheard"}, "openai") is None


def test_the_model_of_another_api_is_not_asked():
    row = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "x" * 400}]}
    assert msgkit.tokens(row, "anthropic") == 100


def test_files_that_a_request_names_count_below_a_root(tmp_path):
    Image.new("L", (1024, 1024)).save(tmp_path / "a.png")
    row = [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "a.png"}}]}]
    assert msgkit.tokens(row, "openai", root=tmp_path) == 765
    assert msgkit.tokens(row, "openai") is None


def test_a_request_that_does_not_load_is_refused():
    with pytest.raises(msgkit.InvalidMessageError):
        msgkit.tokens({"messages": [{"role": 5}]}, "openai")


@pytest.mark.parametrize(("level", "cost"), [("LOW", 280), ("MEDIUM", 560), ("HIGH", 1120), ("ULTRA_HIGH", 2240)])
def test_the_resolution_of_a_part_counts_at_gemini(level, cost):
    data = base64.b64encode(picture(1024, 1024).media.data).decode()
    part = {
        "inlineData": {"mimeType": "image/png", "data": data},
        "mediaResolution": {"level": f"MEDIA_RESOLUTION_{level}"},
    }
    row = {"contents": [{"role": "user", "parts": [part]}]}
    assert msgkit.tokens(row, "gemini", model="gemini-3-pro-preview") == cost
