"""What is wrong with content that is missing, empty or blank."""

from collections.abc import Iterator

from msgkit.errors import Path
from msgkit.escaping import a
from msgkit.formats.common.builder import NULL_CONTENT
from msgkit.model.messages import Message, Role
from msgkit.model.parts import TextPart
from msgkit.rules.base import Context, Finding

_SYSTEM = (Role.SYSTEM, Role.DEVELOPER)  # without a text they say nothing, as if absent


def missing(context: Context, i: int, message: Message) -> Iterator[Finding]:
    """Report a message without content, unless something is in its place."""
    stands_in = message.tool_calls or message.function_call or message.refusal or message.audio
    if stands_in or context.is_broken(i, "tool_calls", "function_call", "refusal", "audio"):
        return
    if context.own.reasoning_in_parts and (message.reasoning or _is_reasoning(context, message)):
        return
    answers = context.target.keys.answers
    if answers is not None and not message.extra.keys().isdisjoint(answers.value):
        return
    at = ("messages", i, "content")
    if message.content is None and message.author.role is Role.FUNCTION and NULL_CONTENT in message.form:
        return  # the type of a function's result says: string or null
    bare = context.format_target.tools.empty_result
    if message.content is None and message.author.role is Role.TOOL and bare is not None and bare.value:
        return
    if message.content is None:
        text = f"expected content in {a(message.author.role)} message"
        if message.author.role is Role.ASSISTANT:
            text = "expected content in an assistant message without tool_calls, refusal or audio"
        yield Finding(at, "content-missing", text)
    else:
        yield no_text(context, at, message, message.content)


def _is_reasoning(context: Context, message: Message) -> bool:
    """Return whether a message holds only reasoning that only the server can read."""
    return message.content is None and not context.own.reasoning_keys.isdisjoint(message.extra)


def refuses_empty(context: Context, message: Message) -> bool:
    """Return whether the target refuses a message of empty text."""
    fact = context.target.text.empty_refused
    return fact is not None and fact.value and message.author.role is not Role.TOOL


def no_text(context: Context, at: Path, message: Message, value: object) -> Finding:
    """Return what is wrong with content that says nothing."""
    what = "an empty list" if value == () else "empty text" if not value else "white space only"
    text = f"expected text or other content, got {what}"
    fact = context.target.text.empty_refused
    is_taken = _is_blank_taken(context, message) if value else at[-1] == "content" and _is_empty_taken(context, message)
    if refuses_empty(context, message) and fact is not None and not is_taken:
        return Finding(at, "content-empty", text, severity="error", source=fact.source)
    return Finding(at, "content-empty", text)


def _is_empty_taken(context: Context, message: Message) -> bool:
    """Return whether a message without any text is taken: a system prompt, or an answer to begin with."""
    fact, last = context.target.text.empty_last, context.conversation.messages[-1]
    is_begun = fact is not None and fact.value and message is last and message.author.role is Role.ASSISTANT
    return is_begun or message.author.role in _SYSTEM


def _is_blank_taken(context: Context, message: Message) -> bool:
    """Return whether white space alone is taken in an answer that has more."""
    fact = context.target.text.blank_beside
    parts = message.content if isinstance(message.content, tuple) else ()
    is_more = any(not isinstance(part, TextPart) or part.text.strip() for part in parts) or bool(message.tool_calls)
    return fact is not None and fact.value and message.author.role is Role.ASSISTANT and is_more
