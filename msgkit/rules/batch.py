"""Rules about lines of a Batch file, and about the file as a whole."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import attrs

from msgkit.errors import Issue, describe, quote
from msgkit.formats.envelopes import BODIES
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


def batch_line(row: object) -> BatchLine | None:
    """Return what a row says as a line of a Batch file; None for other rows."""
    if not isinstance(row, OBJECT) or "custom_id" not in row:
        return None
    body: Any = next((row[name] for name in BODIES if isinstance(row.get(name), OBJECT)), None)
    if body is None:
        return None
    told = (row.get("custom_id"), row.get("url"), body.get("model"))
    return BatchLine(*(value if isinstance(value, str) else None for value in told))


def lines(context: Context) -> Iterator[Finding]:
    """Report what is wrong with one line beside its body."""
    envelope = context.conversation.envelope
    around = envelope.row if envelope is not None and envelope.path else {}
    if around.keys().isdisjoint(("custom_id", "method", "url")):
        return
    name, method = around.get("custom_id"), around.get("method", "POST")
    if not isinstance(name, str) or not name:
        got = "nothing" if "custom_id" not in around else "an empty string" if name == "" else describe(name)
        yield _wrong("custom_id", "batch-id-invalid", f"expected a custom_id, by which the result is found, got {got}")
    if method != "POST":
        yield _wrong("method", "batch-method", f"expected 'POST', got {quote(str(method))}")
    url, fact = around.get("url"), context.target.batch.urls
    if isinstance(url, str) and fact is not None and url not in fact.value and context.format == context.target.format:
        text = f"the body is of {context.target.title}, which is at {' or '.join(fact.value)}, got {quote(url)}"
        yield _wrong("url", "batch-endpoint", text, fact.source)
    if context.body.get("stream") is True:
        text = "a Batch does not support stream"
        yield Finding(("stream",), "batch-stream", text, "leave stream out", in_body=True)


def _wrong(key: str, code: str, text: str, source: str | None = None) -> Finding:
    return Finding((key,), code, text, source=source, in_row=True)


@attrs.define
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
                text = f"duplicate custom_id {quote(line.id)}: an earlier row has it"
                yield Issue("custom_id", "batch-id-duplicate", "error", text, source=f"{_GUIDE} (a unique custom_id)")
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

RULES = (
    Rule(
        "batch-method",
        "The method is not POST.",
        "error",
        _GUIDE,
        at="method",
        bad={**_LINE, "method": "GET"},
        good=_LINE,
        signs=Sign.AROUND,
        check=lines,
    ),
    Rule(
        "batch-too-long",
        "The file has more requests than the target takes in a Batch.",
        "error",
        "OpenAI guide: Batch API (50,000 requests); Anthropic and Mistral: 100,000",
    ),
    Rule(
        "batch-id-duplicate",
        "Duplicate custom_id: results are matched to rows by it.",
        "error",
        "OpenAI guide: Batch API (a unique custom_id)",
    ),
    Rule(
        "batch-id-invalid",
        "The custom_id is missing, or not one that the provider accepts.",
        "error",
        "Anthropic docs: batch processing (custom_id)",
        at="custom_id",
        bad={**_LINE, "custom_id": ""},
        good=_LINE,
        signs=Sign.AROUND,
        check=lines,
    ),
    Rule(
        "batch-endpoint",
        "The body is not one that the endpoint takes.",
        "error",
        "OpenAI guide: Batch API (supported endpoints)",
        at="url",
        bad={**_LINE, "url": "/v1/responses"},
        good=_LINE,
        signs=Sign.AROUND,
        check=lines,
    ),
    Rule(
        "batch-mixed",
        "A Batch file is for one provider, endpoint and model; this row is for another.",
        "error",
        "OpenAI guide: Batch API (one endpoint and one model a file)",
    ),
    Rule(
        "batch-stream",
        "The request sets stream, which a Batch does not support.",
        "error",
        "OpenAI guide: Batch API",
        at="body.stream",
        bad={**_LINE, "body": {**_BODY, "stream": True}},
        good=_LINE,
        signs=Sign.AROUND,
        check=lines,
    ),
)
