"""Rules about what the body of a request must hold."""

from collections.abc import Iterator
from typing import Any

from msgkit import formats
from msgkit.errors import describe
from msgkit.formats.common.sniff import is_taken
from msgkit.jsontext.values import LIST, OBJECT, type_of
from msgkit.model.messages import Conversation
from msgkit.rules.base import CHAT_TYPES, Context, Finding, Rule, always
from msgkit.rules.examples import BRIEF, assistant, user
from msgkit.rules.prefilter import Sign
from msgkit.targets import Target


def _has_no_question(conversation: Conversation, target: Target) -> bool:
    fact = target.roles.required
    return fact is not None and not any(message.author.role in fact.value for message in conversation.messages)


def questions(context: Context) -> Iterator[Finding]:
    """Report a request of only a system prompt."""
    fact = context.target.roles.required
    if fact is not None and context.conversation.messages and _has_no_question(context.conversation, context.target):
        if context.remembers or context.broken:
            return
        expected = " or ".join(fact.value)
        text_of = f"{context.target.title} expects at least one message besides the system prompt: of {expected}"
        yield Finding((context.own.list_key,), "messages-empty", text_of, source=fact.source, in_body=True)


def keys(context: Context) -> Iterator[Finding]:
    """Report keys that the target requires and that the body lacks; a list of messages alone is no body."""
    fact = context.target.request.required
    if fact is None or not context.is_for_target or not context.is_request:
        return
    for key in fact.value:
        if key not in context.body and key not in (context.own.list_key, "model"):
            text_of = f"{context.target.title} requires the key {key!r}"
            hint = f"`msgkit convert --set {key}=JSON` adds it"
            yield Finding((key,), "key-missing", text_of, hint, "error", fact.source, in_body=True)


def _may_differ(conversation: Conversation, target: Target) -> bool:
    envelope = conversation.envelope
    name = envelope.format if envelope is not None else formats.DEFAULT
    return name != target.format and name not in target.also


def fits(context: Context) -> Iterator[Finding]:
    """Report a row in another format than the target's, when it is to be sent as it is."""
    if not context.ready or not _may_differ(context.conversation, context.target):
        return
    if context.own.target == context.target.name:
        return  # such as formats that no receiver in particular reads
    wanted = formats.get(context.target.format)
    is_alike = context.format == formats.DEFAULT and wanted.list_key == context.own.list_key
    if is_alike and is_taken(wanted.load(context.body, ()), wanted):
        return
    text_of = f"the row is recognized as {context.format}; {context.target.title} takes {wanted.name}"
    hint = f"msgkit convert --to {wanted.name}, or --format {wanted.name} where that is wrong"
    yield Finding((), "format-mismatch", text_of, hint, in_body=True)


def answer_format(context: Context) -> Iterator[Finding]:
    """Report a schema for the answer that lacks what it must have."""
    wanted = context.body.get("response_format")
    if wanted is None or context.format != formats.DEFAULT:
        return
    if not isinstance(wanted, OBJECT):
        yield _wrong(("response_format",), f"expected object, got {describe(wanted)}")
    elif "type" not in wanted:
        yield _wrong(("response_format", "type"), "expected a key 'type'")
    elif wanted.get("type") == "json_schema":
        schema = wanted.get("json_schema")
        at = ("response_format", "json_schema")
        if "json_schema" not in wanted:
            yield _wrong(at, "expected a key 'json_schema' with name and schema")
        elif not isinstance(schema, OBJECT):
            yield _wrong(at, f"expected object, got {describe(schema)}")
        elif "name" not in schema:
            yield _wrong((*at, "name"), "expected a key 'name'")


def _wrong(at: tuple[str, ...], text_of: str) -> Finding:
    return Finding(at, "response-format-invalid", text_of, in_body=True)


def _may_think(conversation: Conversation, _: Target) -> bool:
    return isinstance(conversation.extra.get("thinking"), OBJECT)


def thinking(context: Context) -> Iterator[Finding]:
    """Report an answer in progress, such as calls with their results, that does not begin with thinking."""
    fact, asked = context.target.roles.thinking_first, context.body.get("thinking")
    if fact is None or not fact.value or context.format != context.target.format:
        return
    if not isinstance(asked, OBJECT) or asked.get("type") != "enabled":
        return
    key = context.own.list_key
    answers = _in_progress(context.body.get(key))
    if answers and not any(
        _types(content)[:1] in (["thinking"], ["redacted_thinking"]) for content in answers.values()
    ):
        text = f"{context.target.title} expects thinking at the start of the answer in progress, since it is asked for"
        yield Finding((key, min(answers), "content"), "thinking-missing", text, source=fact.source, in_body=True)


def _in_progress(items: Any) -> dict[int, Any]:
    """Return the contents of the assistant's messages since the user last said something, by their place."""
    answers: dict[int, Any] = {}
    for i in range(len(items) - 1, -1, -1) if isinstance(items, LIST) else ():
        item = items[i] if isinstance(items[i], OBJECT) else {}
        if item.get("role") == "assistant":
            answers[i] = item.get("content")
        elif "tool_result" not in _types(item.get("content")):
            break
    return answers


def _types(content: Any) -> list[str]:
    blocks = content if isinstance(content, LIST) else ()
    return [type_of(block) for block in blocks]


_THINK = {"model": "claude-sonnet-4-5", "max_tokens": 2048, "thinking": {"type": "enabled", "budget_tokens": 1024}}

STRUCTURE = (
    Rule(
        "format-mismatch",
        "The row is in another format than the target takes, so it cannot be sent as it is.",
        "check --ready",
        bad={**BRIEF, "tools": [{"name": "now", "input_schema": {"type": "object"}}], "messages": [user("Hello")]},
        good={"model": "gpt-5.4", "messages": [user("Hello")]},
        applies=_may_differ,
        check=fits,
        ready=True,
    ),
    Rule(
        "messages-empty",
        "The list of messages is empty.",
        "mistral-common protocol/instruct/validator.py: at least one message",
        at="messages",
        bad={**BRIEF, "messages": []},
        good={**BRIEF, "messages": [user("Hello")]},
        applies=_has_no_question,
        facts=("roles.required",),
        check=questions,
        target="anthropic",
    ),
    Rule(
        "key-missing",
        "A required key is absent.",
        CHAT_TYPES,
        at="max_tokens",
        bad={"model": BRIEF["model"], "system": "Be brief.", "messages": [user("Hello")]},
        good={**BRIEF, "messages": [user("Hello")]},
        applies=always,
        facts=("request.required",),
        check=keys,
        target="anthropic",
    ),
)

RULES = (
    Rule(
        "thinking-missing",
        "The request asks for thinking, and its answer in progress does not begin with any.",
        "Anthropic API: a final assistant message must start with a thinking block when thinking is enabled",
        at="messages[1].content",
        bad={**_THINK, "messages": [user("Hello"), assistant("Hi")]},
        good={**_THINK, "messages": [user("Hello")]},
        applies=_may_think,
        facts=("roles.thinking_first",),
        check=thinking,
        target="anthropic",
    ),
    Rule(
        "response-format-invalid",
        "The response format lacks a required key.",
        "openai-python types/shared_params/response_format_json_schema.py",
        at="response_format.json_schema.name",
        bad={"response_format": {"type": "json_schema", "json_schema": {"schema": {}}}, "messages": [user("Hello")]},
        good={
            "response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {}}},
            "messages": [user("Hello")],
        },
        signs=Sign.ANSWER,
        check=answer_format,
    ),
)
