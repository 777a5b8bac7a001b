"""Rules about lines of a Batch file, and about the file as a whole."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

import attrs

from msgkit.errors import Issue, describe, quote
from msgkit.formats.batch import PROVIDERS, Provider, provider_of
from msgkit.jsontext.values import OBJECT
from msgkit.rules.base import Context, Finding, Rule
from msgkit.rules.examples import user
from msgkit.rules.prefilter import Sign
from msgkit.targets import Fact

_GUIDE = "OpenAI guide: Batch API"
_MOST_IDS = 1_000_000  # that are distinguished from each other: far more than any provider takes in a file


class BatchLine(NamedTuple):
    """What a line of a Batch file says beside its body."""

    id: str | None
    url: str | None
    model: str | None
    id_key: str = "custom_id"


def batch_line(row: object) -> BatchLine | None:
    """Return what a row says as a line of a Batch file; None for other rows."""
    if not isinstance(row, OBJECT):
        return None
    line = next(((one, row[one.body_key]) for one in PROVIDERS.values() if _is_line(row, one)), None)
    if line is None:
        return None
    provider, body = line
    name, url, model = (_text(row, provider.id_key), _text(row, "url"), _text(body, "model"))
    return BatchLine(name, url, model, provider.id_key)


def _text(values: Mapping[str, Any], key: str) -> str | None:
    value = values.get(key)
    return value if isinstance(value, str) else None


def _is_line(row: Mapping[str, Any], provider: Provider) -> bool:
    return provider.id_key in row and isinstance(row.get(provider.body_key), OBJECT)


def lines(context: Context) -> Iterator[Finding]:
    """Report what is wrong with one line beside its body."""
    envelope = context.conversation.envelope
    around = envelope.row if envelope is not None and envelope.path else {}
    provider = _provider(context, around)
    if envelope is None or provider is None:
        return
    yield from _ids(around, provider)
    if around.get("method", "POST") != "POST":
        yield _wrong("method", "batch-method", f"expected 'POST', got {quote(str(around['method']))}")
    url, fact = around.get("url"), context.target.batch.urls
    if isinstance(url, str) and fact is not None and url not in fact.value and context.format == context.target.format:
        text = f"the body is of {context.target.title}, which is at {' or '.join(fact.value)}, got {quote(url)}"
        yield _wrong("url", "batch-endpoint", text, fact.source)
    is_sure = not _WAY.isdisjoint((*around, provider.body_key)) or context.target.model is not None
    if context.ready and provider.model_key is not None and is_sure and context.format in provider.endpoints:
        yield from _lacking(context, around, provider)
    if context.body.get("stream") is True:
        text = "a Batch does not support stream"
        yield Finding(("stream",), "batch-stream", text, "leave stream out", in_body=True)


_WAY = frozenset(("method", "url", "params"))  # one of them is in a line whose body names its model


def _provider(context: Context, around: Mapping[str, Any]) -> Provider | None:
    """Return whose Batch a row is a line of: the target's, or the one whose keys it has."""
    envelope = context.conversation.envelope
    key = envelope.path[0] if envelope is not None and envelope.path else None
    named = provider_of(context.target.format)
    alike = [one for one in (*([named] if named else []), *PROVIDERS.values()) if one.body_key == key]
    is_line = bool(alike) and not around.keys().isdisjoint((alike[0].id_key, "method", "url"))
    return alike[0] if is_line or (alike and context.ready and key in _WAY) else None


def _ids(around: Mapping[str, Any], provider: Provider) -> Iterator[Finding]:
    key = provider.id_key
    name = around.get(key)
    if not isinstance(name, str) or not name:
        got = "nothing" if key not in around else "an empty string" if name == "" else describe(name)
        yield _wrong(key, "batch-id-invalid", f"expected a {key}, by which the result is found, got {got}")
    elif not provider.takes_id(name):
        text = f"expected a {key} that matches {provider.id_pattern}, got {quote(name)}"
        yield _wrong(key, "batch-id-invalid", text)


def _lacking(context: Context, around: Mapping[str, Any], provider: Provider) -> Iterator[Finding]:
    """Report what a line of OpenAI's or Anthropic's must say."""
    if provider.model_key not in context.body:
        text = "expected a key 'model': a line of a Batch file names it"
        yield Finding((provider.model_key or "",), "key-missing", text, severity="error", source=_GUIDE, in_body=True)
    for key in ("method", "url") if any(provider.endpoints.values()) else ():
        if key not in around:
            text = f"expected a key {key!r}: a line of a Batch file has it"
            yield Finding((key,), "key-missing", text, severity="error", source=_GUIDE, in_row=True)


def _wrong(key: str, code: str, text: str, source: str | None = None) -> Finding:
    return Finding((key,), code, text, source=source, in_row=True)


@attrs.define(eq=False, repr=False)
class BatchFile:
    """The lines of a Batch file, one after the other: what must be one, or differ, over all of them."""

    most: Fact[int] | None = None  # requests that the target takes in a file
    _number: int = 0
    _ids: set[bytes] = attrs.field(factory=set)
    _first: BatchLine = attrs.field(default=BatchLine(None, None, None))

    def add(self, line: BatchLine) -> Iterator[Issue]:
        """Yield what a line has that those before it forbid."""
        self._number += 1
        if self.most is not None and self._number == self.most.value + 1:
            text = f"expected at most {self.most.value:,} requests in a Batch file: this row is the first beyond that"
            yield Issue("", "batch-too-long", "error", text, source=self.most.source)
        if line.id:
            from hashlib import blake2b  # slow to load

            key = blake2b(line.id.encode("utf-8", "surrogatepass"), digest_size=8).digest()
            if key in self._ids:
                text = f"duplicate {line.id_key} {quote(line.id)}: an earlier row has it"
                yield Issue(line.id_key, "batch-id-duplicate", "error", text, source=f"{_GUIDE} (a unique custom_id)")
            elif len(self._ids) < _MOST_IDS:
                self._ids.add(key)
        for name, path in (("url", "url"), ("model", "body.model")) if line.url is not None else ():
            mine, first = getattr(line, name), getattr(self._first, name)
            if first is None and mine is not None:
                self._first = self._first._replace(**{name: mine})
            elif mine is not None and mine != first:
                text = f"a Batch file has one {name}: the first row has {quote(first)}, this one {quote(mine)}"
                yield Issue(path, "batch-mixed", "error", text, source=f"{_GUIDE} (one endpoint and one model a file)")


_BODY = {"messages": [user("Hello")]}
_LINE = {"custom_id": "first", "method": "POST", "url": "/v1/chat/completions", "body": _BODY}

_rule = partial(Rule, signs=Sign.AROUND, check=lines, good=_LINE)

RULES = (
    _rule(
        "batch-method",
        "The method is not POST.",
        _GUIDE,
        at="method",
        bad={**_LINE, "method": "GET"},
    ),
    Rule(
        "batch-too-long",
        "The file has more requests than the target takes in a Batch.",
        "OpenAI guide: Batch API (50,000 requests); Anthropic and Mistral: 100,000",
    ),
    Rule(
        "batch-id-duplicate",
        "Duplicate custom_id: results are matched to rows by it.",
        "OpenAI guide: Batch API (a unique custom_id)",
    ),
    _rule(
        "batch-id-invalid",
        "The custom_id is missing, or not one that the provider accepts.",
        "Anthropic docs: batch processing (custom_id)",
        at="custom_id",
        bad={**_LINE, "custom_id": ""},
    ),
    _rule(
        "batch-endpoint",
        "The body is not one that the endpoint takes.",
        "OpenAI guide: Batch API (supported endpoints)",
        at="url",
        bad={**_LINE, "url": "/v1/responses"},
    ),
    Rule(
        "batch-mixed",
        "A Batch file is for one provider, endpoint and model; this row is for another.",
        "OpenAI guide: Batch API (one endpoint and one model a file)",
    ),
    _rule(
        "batch-stream",
        "The request sets stream, which a Batch does not support.",
        "OpenAI guide: Batch API",
        at="body.stream",
        bad={**_LINE, "body": {**_BODY, "stream": True}},
    ),
)
