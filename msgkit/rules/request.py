"""Rules about a request as a whole, and about how it ends: with words of the assistant, or with none."""

from collections.abc import Iterator
from typing import Any

from msgkit.errors import Path, Severity, quote
from msgkit.headers import DocumentHeader
from msgkit.jsontext.edit import Steps, edit
from msgkit.model.messages import Conversation, Message, Role
from msgkit.model.parts import TextPart
from msgkit.rules.base import Context, Finding, Rule, always, author_path
from msgkit.rules.examples import assistant, image, png, text, user
from msgkit.rules.prefilter import Sign
from msgkit.targets import Target

_ALL = ("messages",)
_VISION = "Anthropic docs: build with Claude, vision"


def counts(context: Context) -> Iterator[Finding]:
    """Report too many media or messages for one request."""
    target = context.target
    title = target.title
    images = sum(inspection.use.kind == "image" for inspection in context.media)
    clips = sum(inspection.use.kind == "audio" for inspection in context.media)
    pages = [one.header.pages or 1 for one in context.media if isinstance(one.header, DocumentHeader)]
    together = sum(pages) + images if pages and images + len(pages) > 1 else 0
    limits = (
        ("images", images, target.images.max_count, "media-too-many"),
        ("audio parts", clips, target.audio.max_count, "media-too-many"),
        ("files", sum(one.use.kind == "file" for one in context.media), target.files.max_count, "media-too-many"),
        ("images and pages of PDFs", together, target.request.max_pages, "media-too-many"),
        ("media parts", len(context.media), target.request.max_media, "media-too-many"),
        ("messages", len(context.conversation.messages), target.request.max_messages, "messages-too-many"),
    )
    for what, number, fact, code in limits:
        if fact is not None and number > fact.value:
            text = f"expected at most {fact.value:,} {what} in a request to {title}, got {number:,}"
            yield Finding(_ALL, code, text, source=fact.source)


def model(context: Context) -> Iterator[Finding]:
    """Say that the target does not know the model."""
    if context.target.is_unknown_model:
        named = context.conversation.extra.get("model")
        what = f"the model {quote(named)}" if isinstance(named, str) else "the model"
        text = f"{what} is not known at {context.target.title}: its own limits hold, and tokens cannot be told"
        yield Finding(("model",) if isinstance(named, str) else (), "model-unknown", text)


def size(context: Context) -> Iterator[Finding]:
    """Report a request that is too large even without its keys and punctuation."""
    fact = context.target.request.max_bytes
    if fact is None:
        return
    least = sum(inspection.base64_size or 0 for inspection in context.media)
    limit = fact.value
    for message in context.conversation.messages:
        if isinstance(message.content, str):
            least += _utf8(message.content, limit - least)
        elif message.content:
            least += sum(
                _utf8(part.text or "", limit - least) for part in message.content if isinstance(part, TextPart)
            )
    if least > limit:
        text = f"expected at most {limit:,} bytes in a request to {context.target.title}, got at least {least:,}"
        yield Finding(_ALL, "request-too-large", f"{text} (media counted as base64)", source=fact.source)


def _utf8(text: str, room: int) -> int:
    """Bytes of *text*; exact only where it may matter."""
    length = len(text)
    return length if text.isascii() or length * 4 < room // 64 else len(text.encode("utf-8", "surrogatepass"))


RULES = (
    Rule(
        "model-unknown",
        "The target does not know the model; the target's own limits apply.",
        "msgkit targets NAME lists the models that are known",
        severity="info",
        at="model",
        bad={"model": "unheard", "messages": [user("Hello")]},
        good={"model": "o1", "messages": [user("Hello")]},
        applies=always,
        facts=("is_unknown_model",),
        check=model,
    ),
    Rule(
        "request-too-large",
        "The row is larger than the target takes in one request.",
        "Anthropic API overview: request size limits",
        at="messages",
        bad=[user(image(png())), user("Hello " * 20)],
        good=[user(text("Hello"), image(png()))],
        limits={"request.max_bytes": 150},
        signs=Sign.SIZE,
        facts=("request.max_bytes",),
        check=size,
    ),
    Rule(
        "media-too-many",
        "The row holds more images or media parts than the target takes in one request.",
        f"{_VISION} (100 images)",
        at="messages",
        bad=[user(image(png()), image(png()))],
        good=[user(image(png()))],
        target="anthropic",
        limits={"images.max_count": 1},
        signs=Sign.SIZE,
        facts=("images.max_count", "audio.max_count", "files.max_count", "request.max_pages", "request.max_media"),
        check=counts,
    ),
    Rule(
        "messages-too-many",
        "The row holds more messages than the target takes in one request.",
        "OpenAI API: expected an array with maximum length 2048 (messages)",
        at="messages",
        bad=[user("Hello"), user("Anyone?")],
        good=[user("Hello")],
        limits={"request.max_messages": 1},
        signs=Sign.SIZE,
        facts=("request.max_messages",),
        check=counts,
    ),
)


_CLAUDE = "claude-opus-4-7"


def _answer(conversation: Conversation) -> Message | None:
    """Return the last message when it is words of the assistant's, which a request would have continued."""
    last = conversation.messages[-1] if conversation.messages else None
    is_answer = last is not None and last.author.role is Role.ASSISTANT and not last.tool_calls
    return last if is_answer else None


def _ends_in_space(conversation: Conversation, target: Target) -> bool:
    fact = target.text.trailing_space_refused
    if fact is None or not fact.value:
        return False
    last = _answer(conversation)
    return last is not None and _spaced(last) is not None


def _spaced(message: Message) -> Path | None:
    """Return where in a message its last text ends in white space."""
    content = message.content
    if isinstance(content, str):
        return ("content",) if content != content.rstrip() else None
    part = content[-1] if content else None
    if not isinstance(part, TextPart) or not isinstance(part.text, str) or part.text == part.text.rstrip():
        return None
    return ("content", len(content or ()) - 1, "text")


def trailing_space(context: Context) -> Iterator[Finding]:
    """Report white space at the end of the last assistant text."""
    fact, last = context.target.text.trailing_space_refused, _answer(context.conversation)
    at = _spaced(last) if last is not None else None
    if fact is not None and fact.value and at is not None:
        text = "the final assistant message ends in white space"
        yield Finding(("messages", len(context.conversation.messages) - 1, *at), "text-trailing-space", text,
                      source=fact.source)  # fmt: skip


def _strip(body: Any, at: Steps) -> Any:
    return edit(body, at, lambda old: old.rstrip() if isinstance(old, str) else old)


def _is_prefilled(conversation: Conversation, target: Target) -> bool:
    fact = target.roles.prefill
    return fact is not None and not fact.value and _answer(conversation) is not None


def prefill(context: Context) -> Iterator[Finding]:
    """Report a last message of the assistant's, where the model does not go on writing it."""
    fact, last = context.target.roles.prefill, _answer(context.conversation)
    if fact is None or fact.value or last is None:
        return
    is_request = context.ready or context.is_request  # else it is a history, with its answer
    asked = context.target.model is not None and "model" not in context.body
    if last.extra.get("prefix") is True or not (is_request or asked):
        return
    severity: Severity = "error" if is_request and fact.verified else "warning"
    text = f"{context.target.title} does not support a final assistant message to continue (prefill)"
    at = author_path(len(context.conversation.messages) - 1, last, "role")
    yield Finding(at, "prefill-not-allowed", text, severity=severity, source=fact.source)


_CUT = {"model": _CLAUDE, "max_tokens": 9, "system": "Be brief.", "messages": [user("A title")]}

LAST = (
    Rule(
        "text-trailing-space",
        "The final assistant message (prefill) ends in white space.",
        "Anthropic API: messages: final assistant content cannot end with trailing whitespace",
        at="messages[1].content",
        bad=[user("A title"), assistant("title: ")],
        good=[user("A title"), assistant("title:")],
        applies=_ends_in_space,
        facts=("text.trailing_space_refused",),
        check=trailing_space,
        fix=_strip,
        target="anthropic",
    ),
    Rule(
        "prefill-not-allowed",
        "The request ends with an assistant message (prefill), which the model does not continue.",
        "Anthropic API: This model does not support assistant message prefill",
        at="messages[1].role",
        bad={**_CUT, "messages": [user("A title"), assistant("title:")]},
        good=_CUT,
        applies=_is_prefilled,
        facts=("roles.prefill",),
        check=prefill,
        target="anthropic",
    ),
)
