"""Rules about cache marks: how many, in which order, and where."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from msgkit.jsontext.edit import Steps, edit, without
from msgkit.jsontext.values import LIST, OBJECT
from msgkit.rules.base import Context, Finding, Rule
from msgkit.rules.examples import BRIEF, text, user
from msgkit.rules.prefilter import Sign
from msgkit.targets import Fact

_MARK = "cache_control"
_DEEPEST = 3  # a block in a result in a message


def marks(context: Context) -> Iterator[Finding]:
    """Report more cache marks than the target takes, over system, tools and messages together, and their order."""
    most, order = context.target.request.max_cache_control, context.target.request.cache_ttls
    if context.format != context.target.format:
        return
    key = context.own.list_key
    marked = [mark for name in ("tools", "system", key) for mark in _marks(context.body.get(name))]
    if not marked:
        return
    ttls = [_mark_ttl(mark, order) for mark in marked]
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
        marks: list[Any] = []
        for item in value:
            if type(item) is not dict or _MARK in item or type(item.get("content", "")) is not str:
                marks += _marks(item, depth)
        return marks
    if isinstance(value, str) or not isinstance(value, OBJECT) or depth > _DEEPEST:
        return []
    own, inner = value.get(_MARK), value.get("content")
    marks = [] if own is None else [own]
    return marks if inner is None or type(inner) is str else [*_marks(inner, depth + 1), *marks]


_BLOCK = {**text("Hello"), _MARK: {"type": "ephemeral"}}
_USED = [user("Hi"), {"role": "assistant", "content": [{"type": "tool_use", "id": "a", "name": "now", "input": {}}]}]
_RESULT = {"type": "tool_result", "tool_use_id": "a"}

_rule = partial(Rule, target="anthropic")

RULES = (
    _rule(
        "cache-control-too-many",
        "The request has more cache_control marks than the target takes.",
        "Anthropic API: A maximum of 4 blocks with cache_control may be provided",
        at="messages",
        bad={**BRIEF, "messages": [user(*[_BLOCK] * 5)]},
        good={**BRIEF, "messages": [user(*[_BLOCK] * 4)]},
        signs=Sign.EXTRA | Sign.UNKNOWN | Sign.BODY,
        facts=("request.max_cache_control",),
        check=marks,
    ),
    _rule(
        "cache-control-order",
        "A cache_control mark of a longer life comes after one of a shorter.",
        "Anthropic docs: prompt caching, mixing different TTLs",
        at="messages",
        bad={**BRIEF, "messages": [user(_BLOCK, {**_BLOCK, _MARK: {"type": "ephemeral", "ttl": "1h"}})]},
        good={**BRIEF, "messages": [user({**_BLOCK, _MARK: {"type": "ephemeral", "ttl": "1h"}}, _BLOCK)]},
        signs=Sign.EXTRA | Sign.PARTS | Sign.BODY,
        facts=("request.cache_ttls",),
        check=marks,
    ),
    _rule(
        "cache-control-inner",
        "A block in a result has a cache mark, which the API was seen to refuse there.",
        "Anthropic API: cache_control is not supported at messages.N.content.M.content.K (langchain#34920)",
        severity="warning",
        at="messages[2].content[0].content",
        bad={**BRIEF, "messages": [*_USED, user({**_RESULT, "content": [_BLOCK]})]},
        good={**BRIEF, "messages": [*_USED, user({**_RESULT, "content": [text("Hello")], _MARK: _BLOCK[_MARK]})]},
        signs=Sign.EXTRA | Sign.UNKNOWN,
        facts=("request.inner_cache_control",),
        check=inner_marks,
        fix=_move_mark,
    ),
)
