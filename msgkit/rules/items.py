"""Rules about the items of Responses: their ids, and what each must have."""

from collections.abc import Iterator
from typing import Any

from msgkit import formats
from msgkit.errors import quote
from msgkit.jsontext.values import LIST, OBJECT
from msgkit.model.messages import Conversation
from msgkit.rules.base import Context, Finding, Rule, left_out
from msgkit.rules.examples import user
from msgkit.targets import Target


def _has_rules(_: Conversation, target: Target) -> bool:
    return target.format != formats.DEFAULT and target.items.required is not None


def items(context: Context) -> Iterator[Finding]:
    """Report ids that do not begin as those of their type do, and keys that an item lacks."""
    if context.format != context.target.format:
        return
    rules, key = context.target.items, context.own.list_key
    value = context.body.get(key)
    if isinstance(value, LIST):
        yield from _followed(context, value)
    for n, item in enumerate(value if isinstance(value, LIST) else ()):
        item_type = item.get("type") if isinstance(item, OBJECT) else None
        if not isinstance(item_type, str):
            continue
        fact, name = rules.id_prefix, item.get("id")
        prefixes = fact.value.get(item_type) if fact is not None else None
        if fact is not None and prefixes and isinstance(name, str) and not name.startswith(prefixes):
            text = f"expected an id that begins with {' or '.join(prefixes)}, got {quote(name)}"
            yield Finding((key, n, "id"), "item-id-invalid", text, source=fact.source, in_body=True)
        for needed in rules.required.value.get(item_type, ()) if rules.required is not None else ():
            if item.get(needed) is None:
                got = "got null" if needed in item else "got none"
                text = f"expected a key {needed!r} in an item of the type {item_type}, {got}"
                yield Finding((key, n, needed), "key-missing", text, severity="error", in_body=True)


def _followed(context: Context, items: list[Any] | tuple[Any, ...]) -> Iterator[Finding]:
    """Report items without what must come after them, and ids that two items have."""
    wanted, key, seen = context.target.items.followed, context.own.list_key, set[str]()
    for n, item in enumerate(items):
        item_type, name = (item.get("type"), item.get("id")) if isinstance(item, OBJECT) else (None, None)
        if wanted is not None and item_type in wanted.value:
            after = items[n + 1] if n + 1 < len(items) else None
            if after is None or _is_given(after):
                text = f"a {item_type} item comes without the item that the model made after it"
                yield Finding((key, n), "item-alone", text, source=wanted.source, in_body=True)
        is_again = isinstance(name, str) and name in seen and item_type != "item_reference"
        if is_again and context.target.items.id_prefix is not None:
            text = f"the id {quote(name)} is that of an item before"
            yield Finding((key, n, "id"), "item-id-invalid", text, in_body=True)
        elif isinstance(name, str):
            seen.add(name)


def _is_given(item: object) -> bool:
    """Return whether an item is the caller's: a message that is not the assistant's, or a result."""
    if not isinstance(item, OBJECT):
        return False
    role, item_type = item.get("role"), item.get("type")
    return role in ("user", "system", "developer") or (
        isinstance(item_type, str) and item_type.endswith("_call_output")
    )


_CALL = {"type": "function_call", "call_id": "call_1", "name": "now", "arguments": "{}"}
_RESULT = {"type": "function_call_output", "call_id": "call_1", "output": "12:00"}

RULES = (
    Rule(
        "item-alone",
        "A reasoning item comes without the item that the model made after it.",
        "OpenAI API: Item of type 'reasoning' was provided without its required following item",
        at="input[1]",
        bad={"input": [user("Time?"), {"type": "reasoning", "id": "rs_1", "summary": []}, user("Well?")]},
        good={"input": [user("Time?"), user("Well?")]},
        applies=_has_rules,
        facts=("items.required",),
        check=items,
        target="responses",
    ),
    Rule(
        "item-id-invalid",
        "The id of an item does not have the prefix of its type.",
        "OpenAI API: Invalid 'input[1].id': expected an ID that begins with 'fc'",
        at="input[1].id",
        bad={"input": [user("Time?"), {**_CALL, "id": "call_1"}, _RESULT]},
        good={"input": [user("Time?"), _CALL, _RESULT]},
        hint="leave the id out",
        applies=_has_rules,
        facts=("items.required",),
        check=items,
        fix=left_out,
        target="responses",
    ),
)
