"""Rules about text: what it spells."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from msgkit.errors import Path, quote
from msgkit.formats.common import columns
from msgkit.formats.common.placeholders import is_unplaced
from msgkit.jsontext.values import LIST, OBJECT
from msgkit.model.base import UnknownPart
from msgkit.model.calls import ToolCall
from msgkit.model.messages import Message, Role
from msgkit.model.parts import TextPart
from msgkit.rules.base import Context, Finding, Rule
from msgkit.rules.examples import assistant, user
from msgkit.rules.prefilter import Sign, shared_start

_ALONE = re.compile(r"\A<image>|^<image>$", re.MULTILINE)  # what no one writes of a tag


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


@lru_cache(maxsize=64)
def _any_of(tokens: tuple[str, ...]) -> re.Pattern[str]:
    """Return a pattern that finds any of *tokens*, in time linear in the text."""
    return re.compile("|".join(re.escape(token) for token in sorted(tokens, key=len, reverse=True)))


def _tokens(at: Path, text: str, tokens: tuple[str, ...]) -> Iterator[Finding]:
    pattern = _any_of(tokens)
    first = pattern.search(text)
    if first is None:
        return
    count = sum(1 for _ in pattern.finditer(text))
    more = f", and {count - 1} more" if count > 1 else ""
    message = (
        f"the text spells the control token {quote(first[0])} at offset {first.start()}{more}: it may be read as one"
    )
    yield Finding(at, "special-token-in-text", message)


def thoughts(context: Context) -> Iterator[Finding]:
    """Report reasoning that is at the start of an answer's text, where the format has a field for it."""
    if "reasoning" not in context.own.capabilities.message or context.own.reasoning_in_parts:
        return
    for i, message in context.messages:
        is_answer, content = message.author.role is Role.ASSISTANT and message.reasoning is None, message.content
        first = content[0] if isinstance(content, tuple) and content else None
        text = first.text if isinstance(first, TextPart) else content
        if is_answer and isinstance(text, str) and _thought(text) is not None:
            told = "the text begins with reasoning in <think>: views, replay and conversions take it for the answer"
            yield Finding(("messages", i, "content"), "reasoning-in-text", told)


def _thought(text: str) -> tuple[str, str] | None:
    """Return the reasoning at the start of a text, and the rest; templates that write <think> leave that out."""
    thought, end, rest = text.partition("</think>")
    before, start, after = thought.partition("<think>")
    is_open = not before.strip() if start else thought.endswith("\n") or rest.startswith("\n")
    if not end or not is_open:
        return None
    return (after if start else thought).strip(), rest.lstrip()


def split_thought(message: Any) -> Any:
    """Return a message with the reasoning that its text begins with in a field of its own."""
    content = message.get("content") if isinstance(message, OBJECT) and message.get("reasoning") is None else None
    first = content[0] if isinstance(content, LIST) and content else content
    text = first.get("text") if isinstance(first, OBJECT) else first
    split = _thought(text) if isinstance(text, str) else None
    if split is None or content is None:
        return message
    rest = [{**first, "text": split[1]}, *content[1:]] if isinstance(first, OBJECT) else split[1]
    return {**message, "content": rest, "reasoning": split[0]}


def placeholders(context: Context) -> Iterator[Finding]:
    """Report rows whose media columns differ in number from what stands for their entries."""
    strict = context.target.text.placeholders
    if context.own.media_in_columns:  # counted when loaded
        is_others = context.own.free_order(context.conversation)
        if strict is not None and is_unplaced(context.conversation) and not is_others:
            yield Finding(
                ("messages", 0, "content"), "placeholder-count", "expected a placeholder for each entry, got none"
            )
        return
    media = columns.find(context.conversation.extra) if context.conversation.messages else {}
    texts, parts = list[str](), list[Any]()
    for message in context.conversation.messages:
        for part in message.parts:
            texts += [part.text] if isinstance(part, TextPart) and isinstance(part.text, str) else []
            parts += [part.data] if isinstance(part, UnknownPart) else []
    if not media and any("<image>" in text and _ALONE.search(text) for text in texts):
        is_row = context.ready and "model" not in context.body  # else a request, whose text may say anything
        told = "expected a column 'images' for the placeholder <image>, got none"
        yield Finding(("messages",), "placeholder-count", told, severity="error" if is_row else "warning")
    contents = [(message.author.role, message.content) for message in context.conversation.messages]
    free = columns.unplaced(contents, media) if strict is None else {}
    for path, code, told in columns.misfits(media, [*texts, *parts], free):
        yield Finding(path or ("messages",), code, told)


RULES = (
    Rule(
        "reasoning-in-text",
        "An answer begins with reasoning in <think>, which readers and models take for the answer.",
        "templates of DeepSeek and Qwen, which drop it from earlier turns; dify-official-plugins#3000, aichat#1141",
        severity="warning",
        at="messages[1].content",
        bad=[user("And?"), assistant("<think>Hm.</think>Yes.")],
        good=[user("And?"), assistant("Yes.", reasoning="Hm.")],
        hint="check --fix --fix-unsafe reasoning-in-text moves it into a field of its own",
        signs=Sign.THOUGHT,
        check=thoughts,
    ),
    Rule(
        "special-token-in-text",
        "Text spells a control token of the target: servers that tokenise it as one read it as structure.",
        "GHSA-hpv8-x276-m59f; openai/harmony docs/format.md",
        severity="warning",
        at="messages[0].content",
        bad=[user("What does <|call|> mean?")],
        good=[user("What does the call token mean?")],
        target="harmony",
        signs=Sign.TEXT,
        facts=("text.special_tokens",),
        check=spellings,
    ),
    Rule(
        "placeholder-count",
        "Placeholders in the text and entries of a media column do not match in number.",
        "LLaMA-Factory data/README.md: the number of <image> tokens equals the number of images",
        at="messages",
        bad={"messages": [user("<image><image>Who are these?")], "images": ["https://example.com/cat.jpg"]},
        good={"messages": [user("<image>Who is this?")], "images": ["https://example.com/cat.jpg"]},
        signs=Sign.COLUMNS,
        check=placeholders,
    ),
)
