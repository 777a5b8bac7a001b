"""Tokens of text: by a rule of thumb, or by a tokenizer that is on this machine; and what they cost."""

import math
import os
import tempfile
from collections.abc import Callable, Iterable
from functools import cache
from hashlib import sha1
from importlib import import_module
from pathlib import Path
from typing import NamedTuple, Self

import attrs

from msgkit.errors import MsgkitError, UnknownNameError, needing, quote
from msgkit.headers import ImageHeader
from msgkit.html.statistics.counters import TokenStats
from msgkit.rules.media_probe import Inspection
from msgkit.targets import Target
from msgkit.targets.target import bare
from msgkit.targets.tokens import RULE, media_tokens, text_tokens

_PURPOSE = "to count tokens with it"
_PIECE = 20_000  # characters given to a tokenizer at a time: some take longer than linear time
_SOURCE = "https://openaipublic.blob.core.windows.net/encodings/{}.tiktoken"  # names the file in tiktoken's cache
_ENCODINGS = ("o200k_base", "cl100k_base")
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


class TokenizerError(MsgkitError, ValueError):
    """A tokenizer is not on this machine, or cannot be read; none is ever downloaded."""


@attrs.frozen(eq=False, repr=False)
class TextCounter:
    """Counts the tokens of text."""

    name: str  # how it counts, in words
    count: Callable[[str], float]  # the tokens of a text


class RowTokens(NamedTuple):
    """The tokens of a row where it goes; what is unknown of it is None."""

    text: float  # by what they are of
    images: int | None
    audio: int | None
    uncounted: int  # media without a formula
    context: int | None  # tokens that the context window holds
    cost: float | None  # the price, for a model

    @classmethod
    def of(cls, text: float, media: Iterable[Inspection], target: Target, model: str | None) -> Self:
        """Return those of a row: of its texts, and of its media by the target's formulas."""
        images = audio = uncounted = 0
        for inspection in media:
            tokens = media_tokens(target.tokens, inspection.header, inspection.use.part)
            uncounted += tokens is None
            if isinstance(inspection.header, ImageHeader):
                images += tokens or 0
            else:
                audio += tokens or 0
        cost = None if model is None else price(target.name, bare(model))
        context = target.request.context
        return cls(
            text,
            None if target.tokens.images is None else images,
            None if target.tokens.audio_per_second is None else audio,
            uncounted,
            None if context is None else context.value,
            None if cost is None else cost(text + images + audio, audio),
        )


class TokenCounts:
    """The tokens of rows where they go."""

    def __init__(self) -> None:
        self._text = self._most = 0.0
        self._images: int | None = None
        self._audio: int | None = None
        self._uncounted = self._beyond = 0
        self._context: int | None = None
        self._cost: float | None = None

    def add(self, row: RowTokens) -> None:
        """Count a row."""
        if row.images is not None:
            self._images = (self._images or 0) + row.images
        if row.audio is not None:
            self._audio = (self._audio or 0) + row.audio
        self._text += row.text
        self._uncounted += row.uncounted
        self._compare(row.text + (row.images or 0) + (row.audio or 0), row.context)
        if row.cost is not None:
            self._cost = (self._cost or 0.0) + row.cost

    def _compare(self, tokens: float, context: int | None) -> None:
        """Keep the largest row, and how many are beyond the context window."""
        self._most = max(self._most, tokens)
        if context is not None:
            self._context = context if self._context is None else min(self._context, context)
            self._beyond += tokens > context

    def stats(self) -> TokenStats:
        """Return what was counted."""
        beyond = None if self._context is None else self._beyond
        return TokenStats(
            math.ceil(self._text),
            self._images,
            self._audio,
            self._uncounted,
            largest_row=math.ceil(self._most),
            context=self._context,
            beyond_context=beyond,
            cost=self._cost,
        )


def text_counter(tokenizer: str | None = None) -> TextCounter:
    """Return what counts the tokens of text."""
    if tokenizer is None:
        return TextCounter(RULE, text_tokens)
    if tokenizer.endswith(".json"):
        return TextCounter(f"tokenizer {Path(tokenizer).name}", _pieces(_from_file(tokenizer)))
    if tokenizer not in _ENCODINGS:
        raise UnknownNameError("tokenizer", tokenizer, _ENCODINGS)
    return TextCounter(f"tiktoken {tokenizer}", _pieces(_tiktoken(tokenizer)))


def _pieces(count: Callable[[str], int]) -> Callable[[str], float]:
    return lambda text: sum(count(text[start : start + _PIECE]) for start in range(0, len(text), _PIECE))


def _tiktoken(name: str) -> Callable[[str], int]:
    folder = os.environ.get("TIKTOKEN_CACHE_DIR") or os.environ.get("DATA_GYM_CACHE_DIR")
    cache = Path(folder or Path(tempfile.gettempdir(), "data-gym-cache"))
    if not (cache / sha1(_SOURCE.format(name).encode(), usedforsecurity=False).hexdigest()).is_file():
        message = f"tiktoken's {name} is not in its cache {quote(str(cache))}, and nothing is downloaded"
        raise TokenizerError(message)
    with needing("tiktoken", "tiktoken", _PURPOSE):
        import tiktoken
    encoding = tiktoken.get_encoding(name)
    return lambda text: len(encoding.encode_ordinary(text))


def _from_file(path: str) -> Callable[[str], int]:
    with needing("tokenizers", "tokenizers", _PURPOSE):
        import tokenizers
    try:
        tokenizer = tokenizers.Tokenizer.from_file(path)
    except Exception as error:
        raise TokenizerError(f"cannot read the tokenizer {quote(path)}: {quote(str(error))}") from error
    return lambda text: len(tokenizer.encode(text, add_special_tokens=False).ids)


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
