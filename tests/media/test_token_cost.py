"""costs.py: tokens of media, by the formulas of the targets. The figures are those of the providers' documentation."""

import pytest
from PIL import Image

import msgkit


def picture(width, height, **options):
    return msgkit.image(Image.new("RGB", (width, height)), **options)


@pytest.mark.parametrize(
    ("size", "options", "target", "model", "cost"),
    [
        ((1024, 1024), {"detail": "high"}, "openai", None, 765),  # OpenAI's guide, tiles
        ((2048, 4096), {"detail": "high"}, "openai", None, 1105),
        ((2048, 4096), {"detail": "low"}, "openai", None, 85),
        ((1800, 2400), {}, "openai", "gpt-4.1-nano", round(1452 * 2.46)),  # patches, times the model's factor
        ((1000, 750), {}, "anthropic", None, 1000),  # width x height / 750
        ((1000, 750), {}, "mistral", None, None),
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


def test_what_holds_no_media_is_refused_in_plain_words():
    with pytest.raises(TypeError, match="expected a part that holds media, or Media, got "):
        msgkit.tokens(msgkit.TextPart("x"), "openai")
    with pytest.raises(msgkit.UnknownNameError):
        msgkit.tokens(picture(2, 2), "opnai")
