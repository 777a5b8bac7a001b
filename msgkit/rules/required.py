"""Rules about what the body of a request must hold, and how much of it may be marked."""

from collections.abc import Iterator
from typing import Any

from msgkit import formats
from msgkit.errors import describe
from msgkit.formats.common.sniff import is_taken
from msgkit.jsontext.edit import Steps, edit, without
from msgkit.jsontext.values import LIST, OBJECT
from msgkit.model.messages import Conversation
from msgkit.rules.base import CHAT_TYPES, Context, Finding, Rule
from msgkit.rules.examples import assistant, text, user
from msgkit.rules.prefilter import Sign
from msgkit.targets import Fact, Target

_MARK = "cache_control"
_DEEPEST = 3  # a block in a result in a message


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


def _wants_keys(_: Conversation, target: Target) -> bool:
    return target.request.required is not None


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


def marks(context: Context) -> Iterator[Finding]:
    """Report more cache marks than the target takes, over system, tools and messages together, and their order."""
    most, order = context.target.request.max_cache_control, context.target.request.cache_ttls
    if context.format != context.target.format:
        return
    key = context.own.list_key
    ttls = [_mark_ttl(mark, order) for name in ("tools", "system", key) for mark in _marks(context.body.get(name))]
    if most is not None and len(ttls) > most.value:
        text_of = f"expected at most {most.value} {_MARK} in a request, got {len(ttls)}"
        yield Finding((key,), "cache-control-too-many", text_of, source=most.source, in_body=True)
    known = order.value if order is not None else ()
    places = [known.index(ttl) for ttl in ttls if ttl in known]
    if order is not None and places != sorted(places):
        text_of = f"expected {_MARK} of {' before '.join(order.value)}, in the order tools, system, messages"
        yield Finding((key,), "cache-control-order", text_of, source=order.source, in_body=True)


def _mark_ttl(mark: Any, order: Fact[tuple[str, ...]] | None) -> Any:
    named = mark.get("ttl") if isinstance(mark, OBJECT) else None
    return order.value[-1] if named is None and order is not None else named


def inner_marks(context: Context) -> Iterator[Finding]:
    """Report cache marks on blocks in a result, where the result itself takes them."""
    fact = context.target.request.inner_cache_control
    messages = context.body.get(context.own.list_key)
    if fact is None or fact.value or context.format != context.target.format or not isinstance(messages, LIST):
        return
    for i, message in enumerate(messages):
        blocks = message.get("content") if isinstance(message, OBJECT) else None
        for j, block in enumerate(blocks if isinstance(blocks, LIST) else ()):
            if isinstance(block, OBJECT) and isinstance(block.get("content"), LIST) and _marks(block["content"]):
                text_of = f"{context.target.title} was seen to refuse {_MARK} in a result: mark the result itself"
                at = (context.own.list_key, i, "content", j, "content")
                yield Finding(at, "cache-control-inner", text_of, source=fact.source, in_body=True)


def _move_mark(body: Any, at: Steps) -> Any:
    """Move the mark of a result's last block to the result, where it means the same."""

    def change(block: Any) -> Any:
        inner = block["content"]
        if block.get(_MARK) is not None or len(_marks(inner)) != 1 or inner[-1].get(_MARK) is None:
            return block
        return {**block, "content": [*inner[:-1], without(_MARK)(inner[-1])], _MARK: inner[-1][_MARK]}

    return edit(body, at[:-1], change)


def _marks(value: Any, depth: int = 0) -> list[Any]:
    """Return the marks of blocks and tools, and of the blocks within; not in what a tool or a call is given."""
    if isinstance(value, LIST):
        return [
            mark
            for item in value
            if type(item) is not dict or _MARK in item or "content" in item
            for mark in _marks(item, depth)
        ]
    if isinstance(value, str) or not isinstance(value, OBJECT) or depth > _DEEPEST:
        return []
    own, inner = value.get(_MARK), value.get("content")
    marks = [] if own is None else [own]
    return marks if inner is None or type(inner) is str else [*_marks(inner, depth + 1), *marks]


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
        _kinds(content)[:1] in (["thinking"], ["redacted_thinking"]) for content in answers.values()
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
        elif "tool_result" not in _kinds(item.get("content")):
            break
    return answers


def _kinds(content: Any) -> list[Any]:
    blocks = content if isinstance(content, LIST) else ()
    return [block.get("type") if isinstance(block, OBJECT) else None for block in blocks]


_THINK = {"model": "claude-sonnet-4-5", "max_tokens": 2048, "thinking": {"type": "enabled", "budget_tokens": 1024}}
_BLOCK = {**text("Hello"), _MARK: {"type": "ephemeral"}}
_USED = [user("Hi"), {"role": "assistant", "content": [{"type": "tool_use", "id": "a", "name": "now", "input": {}}]}]
_RESULT = {"type": "tool_result", "tool_use_id": "a"}
_BODY = {"model": "claude-opus-4-7", "max_tokens": 9, "system": "Be brief."}

STRUCTURE = (
    Rule(
        "format-mismatch",
        "The row is in another format than the target takes, so it cannot be sent as it is.",
        "error",
        "check --ready",
        bad={**_BODY, "tools": [{"name": "now", "input_schema": {"type": "object"}}], "messages": [user("Hello")]},
        good={"model": "gpt-5.4", "messages": [user("Hello")]},
        applies=_may_differ,
        check=fits,
        ready=True,
    ),
    Rule(
        "messages-empty",
        "The list of messages is empty.",
        "error",
        "mistral-common protocol/instruct/validator.py: at least one message",
        at="messages",
        bad={**_BODY, "messages": []},
        good={**_BODY, "messages": [user("Hello")]},
        applies=_has_no_question,
        facts=("roles.required",),
        check=questions,
        target="anthropic",
    ),
    Rule(
        "key-missing",
        "A required key is absent.",
        "error",
        CHAT_TYPES,
        at="max_tokens",
        bad={"model": _BODY["model"], "system": "Be brief.", "messages": [user("Hello")]},
        good={**_BODY, "messages": [user("Hello")]},
        applies=_wants_keys,
        facts=("request.required",),
        check=keys,
        target="anthropic",
    ),
)

RULES = (
    Rule(
        "thinking-missing",
        "The request asks for thinking, and its answer in progress does not begin with any.",
        "error",
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
        "cache-control-too-many",
        "The request has more cache_control marks than the target takes.",
        "error",
        "Anthropic API: A maximum of 4 blocks with cache_control may be provided",
        at="messages",
        bad={**_BODY, "messages": [user(*[_BLOCK] * 5)]},
        good={**_BODY, "messages": [user(*[_BLOCK] * 4)]},
        signs=Sign.EXTRA | Sign.UNKNOWN | Sign.BODY,
        facts=("request.max_cache_control",),
        check=marks,
        target="anthropic",
    ),
    Rule(
        "cache-control-order",
        "A cache_control mark of a longer life comes after one of a shorter.",
        "error",
        "Anthropic docs: prompt caching, mixing different TTLs",
        at="messages",
        bad={**_BODY, "messages": [user(_BLOCK, {**_BLOCK, _MARK: {"type": "ephemeral", "ttl": "1h"}})]},
        good={**_BODY, "messages": [user({**_BLOCK, _MARK: {"type": "ephemeral", "ttl": "1h"}}, _BLOCK)]},
        signs=Sign.EXTRA | Sign.PARTS | Sign.BODY,
        check=marks,
        target="anthropic",
    ),
    Rule(
        "cache-control-inner",
        "A block in a result has a cache mark, which the API was seen to refuse there.",
        "warning",
        "Anthropic API: cache_control is not supported at messages.N.content.M.content.K (langchain#34920)",
        at="messages[2].content[0].content",
        bad={**_BODY, "messages": [*_USED, user({**_RESULT, "content": [_BLOCK]})]},
        good={**_BODY, "messages": [*_USED, user({**_RESULT, "content": [text("Hello")], _MARK: _BLOCK[_MARK]})]},
        signs=Sign.EXTRA | Sign.UNKNOWN,
        facts=("request.inner_cache_control",),
        check=inner_marks,
        fix=_move_mark,
        target="anthropic",
    ),
    Rule(
        "response-format-invalid",
        "The response format lacks a required key.",
        "error",
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
