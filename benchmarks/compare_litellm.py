"""
Compare what targets say of models with litellm's tables: image tokens, and what models take.

    python benchmarks/compare_litellm.py

Needs litellm. Prints each difference with who is right, as far as a document says; exits with 1 if one is unexplained.
"""

import os
import sys
from collections.abc import Iterator
from fnmatch import fnmatchcase
from io import BytesIO

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # nothing is downloaded

import litellm
from litellm.litellm_core_utils.token_counter import calculate_img_tokens
from PIL import Image

import msgkit
from msgkit import targets

SIZES = ((1024, 1024), (1800, 2400), (4032, 3024))
TARGETS = {"openai": "openai", "anthropic": "anthropic", "gemini": "gemini", "mistral": "mistral"}
TAKES = {"supports_vision": "image_url", "supports_audio_input": "input_audio", "supports_pdf_input": "file"}

TOKENS = {
    "gpt-4o-mini*": "litellm counts 85 + 170 a tile for every model; the guide: 2833 + 5667",
    "*": "litellm counts every model as gpt-4o; the guides have a formula for each family",
}
"""Model -> why the tokens differ; the first pattern that matches."""

TAKEN = {
    ("ft:*", "*"): "litellm's rows of fine-tuned models do not say what the model that was tuned takes",
    ("gpt-*-search*", "*"): "litellm's flags of the search models are those of their base",
    ("gpt-4-turbo-preview", "*"): "litellm says PDF but no images; the preview reads neither",
    ("gpt-4-turbo*", "image_url"): "the preview reads no images; a pattern for it would only repeat the base",
    ("gpt-4*", "file"): "the guide: PDF for every model that reads images",
    ("gpt-5*", "file"): "litellm lacks the flag for some; the guide: PDF for every model that reads images",
    ("gpt-realtime*", "*"): "not a model of Chat Completions",
    ("*realtime*", "*"): "not a model of Chat Completions",
    ("claude-3*", "file"): "litellm says no PDF for the first of the family; the SDK's types have no such difference",
    (
        "gemini*",
        "*",
    ): "litellm lacks flags of many; the documents: images, audio, video and PDF for the whole family",
    ("gemma*", "*"): "not a model of this API's own",
    ("mistral*", "*"): "litellm's flags lag behind: images are read since 2503",
    ("ministral*", "*"): "litellm's flags lag behind: images are read since 2512",
    ("codestral*", "image_url"): "no document says so: the target does not tell, and lets it pass",
    ("devstral*", "image_url"): "no document says so: the target does not tell, and lets it pass",
    ("magistral*", "image_url"): "read since 2509: the target does not tell them apart, and lets it pass",
    ("labs-*", "*"): "not known to the target",
    ("*", "input_audio"): "the target does not tell, and lets it pass",
    ("o*", "file"): "litellm lacks the flag for some; the guide: PDF for every model that reads images",
}
"""(model, part) -> why it differs; the first pair of patterns that matches."""


def models() -> Iterator[tuple[str, str]]:
    """Yield target and model for every chat model that litellm has there."""
    for model, row in litellm.model_cost.items():
        if row.get("litellm_provider") in TARGETS and row.get("mode") in ("chat", "responses"):
            yield row["litellm_provider"], model


def image(width: int, height: int) -> str:
    """A picture as a data URL."""
    written = BytesIO()
    Image.new("L", (width, height)).save(written, "PNG")
    return msgkit.image(written.getvalue()).image_url.url


def token_differences() -> Iterator[tuple[str, str, str | None]]:
    """Yield model, difference, and why."""
    theirs = {size: calculate_img_tokens(image(*size), mode="high") for size in SIZES}  # it knows no models
    for provider, model in models():
        target = targets.get(TARGETS[provider], model)
        for size in SIZES:
            ours = target.tokens.image(*size, "high")
            if ours is not None and ours != theirs[size]:
                text = f"{size[0]} x {size[1]}: msgkit {ours:,}, litellm {theirs[size]:,}"
                yield model, text, next(why for pattern, why in TOKENS.items() if fnmatchcase(model, pattern))


def capability_differences() -> Iterator[tuple[str, str, str | None]]:
    """Yield model, difference, and why."""
    for provider, model in models():
        target = targets.get(TARGETS[provider], model)
        if target.model is None:
            yield model, "msgkit does not know it", "an old or special model: the target's own values hold"
            continue
        for flag, part in TAKES.items():
            ours, theirs = part in target.parts.user.value, bool(litellm.model_cost[model].get(flag))
            if ours != theirs:
                name = model.rpartition("/")[2]
                whys = (why for (of, what), why in TAKEN.items() if fnmatchcase(name, of) and fnmatchcase(part, what))
                yield model, f"{part}: msgkit {ours}, litellm {theirs}", next(whys, None)


def main() -> int:
    """Print both tables."""
    unexplained = 0
    for title, found in (("Image tokens", token_differences()), ("What models take", capability_differences())):
        rows = list(found)
        groups: dict[str, list[str]] = {}
        for model, text, why in rows:
            groups.setdefault(why or "NOT EXPLAINED", []).append(f"{model}: {text}")
        unexplained += sum(why is None for _, _, why in rows)
        print(f"{title}: {len(rows)} differences\n")
        for why, lines in groups.items():
            print(f"{why} ({len(lines)})")
            print("\n".join(f"    {line}" for line in lines), end="\n\n")
    print(f"{unexplained} not explained")
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
