"""Rules about how a request ends: with the assistant's words, which the model would go on writing, or with none."""

from collections.abc import Iterator
from typing import Any

from msgkit.errors import Path, Severity
from msgkit.jsontext.edit import Steps, edit
from msgkit.model.messages import Conversation, Message, Role
from msgkit.model.parts import TextPart
from msgkit.rules.base import Context, Finding, Rule, author_path
from msgkit.rules.examples import assistant, user
from msgkit.targets import Target

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
    is_request = context.ready or "model" in context.conversation.extra  # else it is a history, with its answer
    if last.extra.get("prefix") is True or not (is_request or context.target.model):
        return
    severity: Severity = "error" if is_request and fact.verified else "warning"
    text = f"{context.target.title} does not support a final assistant message to continue (prefill)"
    at = author_path(len(context.conversation.messages) - 1, last, "role")
    yield Finding(at, "prefill-not-allowed", text, severity=severity, source=fact.source)


_CUT = {"model": _CLAUDE, "max_tokens": 9, "system": "Be brief.", "messages": [user("A title")]}

RULES = (
    Rule(
        "text-trailing-space",
        "The final assistant message (prefill) ends in white space.",
        "error",
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
        "error",
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
