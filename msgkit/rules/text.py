"""Rules about text: what it spells."""

import re
from collections.abc import Iterator

from msgkit.errors import Path, quote
from msgkit.model.messages import Message
from msgkit.model.parts import TextPart, ToolCall, UnknownPart
from msgkit.rules.base import Context, Finding, Rule
from msgkit.rules.examples import user
from msgkit.rules.media_probe import COLUMNS
from msgkit.rules.patterns import any_of, shared_start
from msgkit.rules.prefilter import Sign

_PLACEHOLDER = re.compile(r"<(image|audio|video)>")


def spellings(context: Context) -> Iterator[Finding]:
    """Report control tokens of the target in text."""
    fact = context.target.text.special_tokens
    if fact is None:
        return
    start = shared_start(fact.value)
    for i, message in enumerate(context.conversation.messages):
        for at, text in _texts(i, message):
            if start in text:
                yield from _tokens(at, text, fact.value)


def _texts(i: int, message: Message) -> Iterator[tuple[Path, str]]:
    if isinstance(message.content, str):
        yield ("messages", i, "content"), message.content
    elif message.content:
        for j, part in enumerate(message.content):
            if isinstance(part, TextPart) and isinstance(part.text, str):
                yield ("messages", i, "content", j, "text"), part.text
    for name in ("reasoning", "refusal"):
        if isinstance(text := getattr(message, name), str):
            yield ("messages", i, name), text
    for j, call in enumerate(message.tool_calls or ()):
        if isinstance(call, ToolCall) and call.function is not None and isinstance(call.function.arguments, str):
            yield ("messages", i, "tool_calls", j, "function", "arguments"), call.function.arguments


def _tokens(at: Path, text: str, tokens: tuple[str, ...]) -> Iterator[Finding]:
    pattern = any_of(tokens)
    first = pattern.search(text)
    if first is None:
        return
    count = sum(1 for _ in pattern.finditer(text))
    more = f", and {count - 1} more" if count > 1 else ""
    message = (
        f"the text spells the control token {quote(first[0])} at offset {first.start()}{more}: it may be read as one"
    )
    yield Finding(at, "special-token-in-text", message)


def placeholders(context: Context) -> Iterator[Finding]:
    """Report rows with media columns whose placeholders and media differ in number."""
    extra = context.conversation.extra
    columns = {kind: extra[name] for name, kind in COLUMNS.items() if isinstance(extra.get(name), list | tuple)}
    if not columns or context.own.media_in_columns:
        return
    words = "".join(text for i, message in enumerate(context.conversation.messages) for _, text in _texts(i, message))
    found = [match[1] for match in _PLACEHOLDER.finditer(words)]
    for kind, column in columns.items():
        held, named = found.count(kind), _held(context, kind)
        if held + named != len(column) and held != len(column):
            message = f"expected as many <{kind}> placeholders as entries in {kind}s, got {held} and {len(column)}"
            yield Finding(("messages",), "placeholder-count", message)


def _held(context: Context, kind: str) -> int:
    """Parts like ``{"type": "image"}``, which stand for the next entry of a column without naming it."""
    count = 0
    for message in context.conversation.messages:
        for part in message.content if isinstance(message.content, tuple) else ():
            count += isinstance(part, UnknownPart) and part.type == kind and kind not in part.data
    return count


RULES = (
    Rule(
        "special-token-in-text",
        "Text spells a control token of the target: servers that tokenise it as one read it as structure.",
        "warning",
        "GHSA-hpv8-x276-m59f; openai/harmony docs/format.md",
        at="messages[0].content",
        bad=[user("What does <|call|> mean?")],
        good=[user("What does the call token mean?")],
        target="harmony",
        signs=Sign.TEXT,
        check=spellings,
    ),
    Rule(
        "placeholder-count",
        "Placeholders in the text and entries of a media column do not match in number.",
        "error",
        "LLaMA-Factory data/README.md: the number of <image> tokens equals the number of images",
        at="messages",
        bad={"messages": [user("Who is this?")], "images": ["https://example.com/cat.jpg"]},
        good={"messages": [user("<image>Who is this?")], "images": ["https://example.com/cat.jpg"]},
        signs=Sign.COLUMNS,
        check=placeholders,
    ),
)
