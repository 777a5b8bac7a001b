"""What media cost in tokens: the numbers of the providers' guides, and of those who measured."""

import pytest

import msgkit
from msgkit import targets
from msgkit.targets.target import shown
from msgkit.targets.tokens import text_tokens, texts


def count(target, model, width, height, detail=None):
    return targets.get(target, model).tokens.image(width, height, detail)


@pytest.mark.parametrize(
    ("model", "width", "height", "detail", "tokens"),
    [  # the examples of OpenAI's guide
        (None, 1024, 1024, "high", 765),
        (None, 2048, 4096, "high", 1105),
        (None, 4096, 8192, "low", 85),
        ("gpt-4o-mini", 1024, 1024, "low", 2833),
        ("o3", 1024, 1024, "high", 75 + 4 * 150),
        ("gpt-5", 1024, 1024, "high", 70 + 4 * 140),
    ],
)
def test_tiles(model, width, height, detail, tokens):
    assert count("openai", model, width, height, detail) == tokens


def test_patches_are_scaled_until_whole_ones_fit():
    # 1800 x 2400 -> 33 x 44 patches = 1452, times 1.62
    assert count("openai", "gpt-4.1-mini", 1800, 2400) == 2353
    assert count("openai", "gpt-4.1-mini", 1024, 1024) == 1659
    assert count("openai", "o4-mini", 1024, 1024) == 1762  # 1024 patches, times 1.72


@pytest.mark.parametrize(
    ("model", "detail", "tokens"),
    [  # 126 x 95 patches as it is; 57 x 43 within 2,500 patches
        ("gpt-5.4", "high", 2942),
        ("gpt-5.4", None, 2942),
        ("gpt-5.4", "auto", 2942),
        ("gpt-5.6", "high", 2942),
        ("gpt-5.6", "auto", 14364),
        ("gpt-5.6", None, 14364),
        ("gpt-6.1-sol", None, 14364),
        ("gpt-5.5", "low", 231),  # 16 x 12 patches, times 1.2
    ],
)
def test_a_large_photograph_by_detail(model, detail, tokens):
    assert count("openai", model, 4032, 3024, detail) == tokens


@pytest.mark.parametrize(
    ("model", "width", "height", "tokens"),
    [
        (None, 1024, 768, 1036),
        ("claude-haiku-4-5", 2000, 2000, 1521),
        ("claude-opus-4-7", 2000, 2000, 4761),
        ("claude-sonnet-4-5", 4032, 3024, 1564),
        ("claude-sonnet-5", 4032, 3024, 4740),
        ("claude-opus-4-7", 1568, 1568, 3136),
        ("claude-opus-4-1", 1568, 1568, 1521),
    ],
)
def test_both_resolutions_of_anthropic(model, width, height, tokens):
    assert count("anthropic", model, width, height) == tokens


@pytest.mark.parametrize(
    ("model", "detail", "tokens"),
    [
        ("gemini-2.5-flash", None, 3096),
        ("gemini-3-pro-preview", None, 1120),
        ("gemini-3-pro-preview", "low", 280),
        ("gemini-4-argon", "ultra_high", 2240),
        ("gemini-flash-latest", None, None),
    ],
)
def test_a_large_photograph_at_gemini(model, detail, tokens):
    assert count("gemini", model, 4032, 3024, detail) == tokens


def test_gemini_counts_tiles_and_seconds():
    assert count("gemini", None, 300, 300) == 258
    assert count("gemini", None, 1000, 700) == 516
    assert targets.get("gemini").tokens.audio(2.5) == 80


def test_a_longer_pattern_wins():
    assert count("openai", "gpt-4o-mini-2024-07-18", 512, 512) == 2833 + 5667
    assert count("openai", "gpt-4o", 512, 512) == 85 + 170


@pytest.mark.parametrize("name", targets.NAMES)
def test_cve_2026_22773_odd_shapes_have_a_token_count(name):
    for model in (None, *map(shown, targets.get(name).models)):
        formula = targets.get(name, model).tokens.images
        for width, height in ((1, 1), (1, 65535), (65535, 1), (1536 * 40, 7)):
            assert formula is None or formula.of(width, height) > 0, model


def test_no_formula_is_no_number():
    assert count("harmony", None, 10, 10) is None
    assert count("openai", "no-such-model", 10, 10) is None
    assert targets.get("openai").tokens.audio(10) is None


@pytest.mark.parametrize(("text", "tokens"), [("", 0), ("abcd", 1), ("日本語", 3), ("abcd日", 2)])
def test_the_rule_of_thumb(text, tokens):
    assert text_tokens(text) == tokens


def test_every_text_that_a_model_reads_is_one():
    message = msgkit.load(
        [
            {
                "role": "assistant",
                "content": [{"type": "text", "text": "a"}, {"type": "refusal", "refusal": "b"}],
                "reasoning_content": "c",
                "tool_calls": [{"id": "1", "type": "function", "function": {"name": "d", "arguments": "{}"}}],
            }
        ]
    ).messages[0]
    assert sorted(texts(message)) == ["a", "b", "c", "d", "{}"]
