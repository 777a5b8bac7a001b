"""What tokens cost, by the tables of genai-prices; nothing is downloaded."""

from collections.abc import Callable
from functools import cache
from importlib import import_module

_PROVIDERS = {
    "gemini": "google",
    "bedrock": "aws",
    "llamacpp": None,
    "ollama": None,
    "vllm": None,
    "responses": "openai",
}
"""Target -> the provider's name in the tables, where it is another; None where nobody is paid."""

Price = Callable[[float, int], float]


@cache
def price(target: str, model: str) -> Price | None:
    """Return what tells the US dollars of a row's input: its tokens, and those among them that are audio."""
    try:
        prices = import_module("genai_prices")
    except ImportError:
        return None
    try:
        one = prices.calc_price(prices.Usage(input_tokens=1), model, provider_id=_PROVIDERS.get(target, target))
    except LookupError:
        return None

    def dollars(tokens: float, audio: int) -> float:
        usage = prices.Usage(input_tokens=round(tokens), input_audio_tokens=audio or None)
        return float(one.model_price.calc_price(usage)["total_price"])

    return dollars
