"""Rules about keys that the format does not define."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from msgkit import formats
from msgkit.errors import Path, nearest, quote
from msgkit.escaping import a
from msgkit.formats import Format
from msgkit.formats.common.capabilities import SHARED_KEYS
from msgkit.formats.common.keys import MASKS, SPANS
from msgkit.jsontext.values import OBJECT
from msgkit.model.base import Value
from msgkit.model.calls import CustomToolCall, ToolCall
from msgkit.model.messages import Message, Role
from msgkit.model.parts import AudioPart, FilePart, ImagePart, TextPart
from msgkit.rules.base import CHAT_TYPES, Context, Finding, Rule, author_path, left_out
from msgkit.rules.examples import assistant, user
from msgkit.rules.prefilter import Sign
from msgkit.targets import Target
from msgkit.targets.limits import value_of


def keys(context: Context) -> Iterator[Finding]:
    """Report keys that the format does not define."""
    known = _known(context.format, context.format_target, context.target, context.ready)
    for i, message in enumerate(context.conversation.messages):
        at: Path = ("messages", i)
        if message.reasoning is not None or "thinking_blocks" in message.extra:
            yield from _reasoning(context, i)
        if message.extra:
            yield from known.unknown(at, message.extra, "message")
            if context.format in message.extra:
                yield from _kept(context, known, at, message)
        if message.audio:
            yield from known.foreign((*at, "audio"), message.audio, "message", ("id",))
        if message.author.extra:
            yield from known.unknown(author_path(i, message, "role")[:-1], message.author.extra, "message")
        for j, part in enumerate(message.content if isinstance(message.content, tuple) else ()):
            if isinstance(part, Value) and (part.extra or type(part) is not TextPart):
                yield from _part_keys(known, (*at, "content", j), part)
        for j, call in enumerate(message.tool_calls or ()):
            if isinstance(call, _CALLS):
                yield from _call_keys(known, (*at, "tool_calls", j), call)


def _reasoning(context: Context, i: int) -> Iterator[Finding]:
    """Report reasoning in a request to a receiver that has no place for it."""
    fact = context.target.keys.reasoning
    if fact is None or fact.value or context.format != context.target.format or not context.is_request:
        return
    _, item = context.item(i)
    for key in ("reasoning", "reasoning_content", "thinking_blocks"):
        if isinstance(item, OBJECT) and item.get(key) is not None:
            text = f"{context.target.title} defines no key {key!r} of a message"
            yield Finding(("messages", i, key), "key-unknown", text, source=fact.source)


def _part_keys(known: "_Known", at: Path, part: Value) -> Iterator[Finding]:
    if part.extra:
        yield from known.unknown(at, part.extra, "part")
    name = part.type if isinstance(part, (ImagePart, AudioPart, FilePart)) else None
    inner = getattr(part, name) if name else None
    if name and inner is not None and inner.extra:
        yield from known.unknown((*at, name), inner.extra, "part")


def _kept(context: Context, known: "_Known", at: Path, message: Message) -> Iterator[Finding]:
    """Report what a format keeps under its own name although it does not define it."""
    kept = message.extra.get(context.format)
    if not isinstance(kept, OBJECT):
        return
    items = context.own.item_keys
    if not items:
        yield from known.foreign(at, {key: value for key, value in kept.items() if key in _OTHERS}, "message")
    elif message.author.role is Role.TOOL:
        yield from known.foreign(at, kept, "message", items["call"])
    elif isinstance(kept.get("item"), OBJECT):
        yield from known.foreign(at, kept["item"], "message", items["message"])


_CALLS = (ToolCall, CustomToolCall)


def _call_keys(known: "_Known", at: Path, call: ToolCall | CustomToolCall) -> Iterator[Finding]:
    kept = call.extra.get(known.own.name) if known.own.item_keys else None
    if isinstance(kept, OBJECT):
        yield from known.foreign(at, kept, "call", known.own.item_keys["call"])
    if call.extra:
        yield from known.unknown(at, call.extra, "call")
    name = "function" if isinstance(call, ToolCall) else "custom"
    inner = getattr(call, name)
    if inner is not None and inner.extra:
        yield from known.unknown((*at, name), inner.extra, "call")


class _Known:
    """The keys that the row's format and the target define beyond those of the values."""

    def __init__(self, own: Format, targets: tuple[Target, ...], *, ready: bool) -> None:
        self.own = own
        self.ready = ready
        self.keys = {
            # under its own name a format keeps what only it has
            kind: {
                own.name,
                *own.keys.get(kind, ()),
                *(key for target in targets for key in value_of(getattr(target.keys, kind)) or ()),
            }
            for kind in ("message", "part", "call")
        }
        self.keys["message"] |= SHARED_KEYS if ready else {*SHARED_KEYS, *MASKS, SPANS}  # a trainer's, in rows kept

    def unknown(self, at: Path, extra: Mapping[str, Any], kind: str) -> Iterable[Finding]:
        """Report the keys that are not known in this kind of object."""
        known = self.keys[kind]
        return () if known.issuperset(extra) else self.foreign(at, extra, kind, known)

    def foreign(self, at: Path, extra: Mapping[str, Any], kind: str, known: Collection[str] = ()) -> Iterator[Finding]:
        """Report the keys that are not *known*."""
        for key, value in extra.items():
            if key not in known and value is None:
                if self.ready:
                    yield Finding((*at, key), "key-null", f"unknown key {quote(key)} in {a(kind)}: it is null")
            elif key not in known:
                near = nearest(key, _FIELDS[kind])
                remedy = f"; did you mean {near!r}?" if near not in (None, key) else ""
                text = f"unknown key {quote(key)} in {a(kind)} of the format {self.own.name}{remedy}"
                yield Finding((*at, key), "key-unknown", text, source=self.own.source)


@lru_cache(maxsize=64)
def _known(format_name: str, own_target: Target, target: Target, ready: bool) -> _Known:  # noqa: FBT001 (a cache's key)
    return _Known(formats.get(format_name), (own_target, target), ready=ready)


_OTHERS = frozenset((
    "author", "name", "tool_calls", "tool_call_id", "refusal", "audio", "channel", "recipient", "content_type",
    "function_call", "reasoning", "reasoning_content",
))  # fmt: skip
"""Keys of messages in other formats."""

_FIELDS: Mapping[str, tuple[str, ...]] = {
    "message": ("role", "name", "content", "channel", "recipient", "content_type", "tool_calls", "tool_call_id",
                "refusal", "author"),
    "part": ("type", "text", "image_url", "url", "detail", "input_audio", "data", "format", "file", "file_data",
             "file_id", "filename"),
    "call": ("id", "type", "function", "name", "arguments", "custom", "input"),
}  # fmt: skip


def weights(context: Context) -> Iterator[Finding]:
    """Report weights of the loss that are none, and those of messages that are not learned."""
    fact = context.target.keys.weights
    if fact is None or context.format != context.target.format:
        return
    for i, message in context.messages:
        weight = message.extra.get("weight")
        if weight is None or (weight == 0 and message.author.role is not Role.ASSISTANT):
            continue  # the second says what holds without it
        at = ("messages", i, "weight")
        if message.author.role is not Role.ASSISTANT:
            text = f"{a(message.author.role)} message is not trained on, so a weight has no effect"
            yield Finding(at, "weight-invalid", text, severity="warning", source=fact.source)
        elif type(weight) not in (int, float) or f"{weight:g}" not in fact.value:
            got = quote(weight) if isinstance(weight, str) else f"{weight!r:.40}"
            text = f"expected {' or '.join(fact.value)}, got {got}"
            yield Finding(at, "weight-invalid", text, source=fact.source)


RULES = (
    Rule(
        "weight-invalid",
        "The training weight is not 0 or 1, or is on a message where it has no effect.",
        "OpenAI guide: fine-tuning (weight is 0 or 1, on assistant messages)",
        at="messages[1].weight",
        bad=[user("Hello"), assistant("Hi.", weight=0.5)],
        good=[user("Hello"), assistant("Hi.", weight=0)],
        signs=Sign.EXTRA,
        facts=("keys.weights",),
        check=weights,
    ),
    Rule(
        "key-unknown",
        "A key that the format does not define; it is kept, but the server may refuse or ignore it.",
        CHAT_TYPES,
        severity="warning",
        at="messages[0].mood",
        bad=[user("Hello", mood="glad")],
        good=[user("Hello")],
        signs=Sign.EXTRA,
        check=keys,
    ),
    Rule(
        "key-null",
        "A key that the format does not define is null, as tables fill what a row leaves out.",
        CHAT_TYPES,
        severity="warning",
        at="messages[0].mood",
        bad=[user("Hello", mood=None)],
        good=[user("Hello")],
        ready=True,
        signs=Sign.EXTRA,
        check=keys,
        fix=left_out,
    ),
)
