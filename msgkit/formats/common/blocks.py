"""
Messages of one side, which some formats join; and the blocks of one message: reasoning, content parts and tool calls.

A message of the values holds the blocks apart. The order that they came in, when it is not the usual one, is kept as a
mark with one letter a block: ``ORDER.of("prpc")``. Reasoning is thinking blocks with their signatures, or what other
servers have: texts, details of OpenRouter.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Any, Final, Literal

from msgkit.errors import Path
from msgkit.formats.common.builder import APART, ORDER, bare, marks
from msgkit.formats.common.capabilities import THINKING_BLOCKS, Capabilities
from msgkit.jsontext.values import LIST, OBJECT, without_keys
from msgkit.model.base import Mark
from msgkit.model.messages import Message
from msgkit.structuring.wire import FORM

DETAILS: Final = "reasoning_details"
_ANTHROPIC: Final = "anthropic-claude-v1"  # format of details that Anthropic signed (OpenRouter docs, reasoning tokens)


def reasoning_of(blocks: list[Any]) -> dict[str, Any]:
    """Return the reasoning of thinking blocks, and the blocks themselves, whose signatures it goes back with."""
    text = "".join(block.get("thinking", "") for block in blocks)
    reasoning = {"reasoning": text} if any("thinking" in block for block in blocks) else {}
    return reasoning | ({THINKING_BLOCKS: blocks} if blocks else {})


def is_signed(message: Message) -> bool:
    """Return whether a message has its reasoning as blocks, each with the signature that its server gave it."""
    blocks = message.extra.get(THINKING_BLOCKS)
    return isinstance(blocks, LIST) and all(map(_has_signature, blocks))


def _has_signature(block: Any) -> bool:
    key = "data" if isinstance(block, Mapping) and block.get("type") == "redacted_thinking" else "signature"
    return isinstance(block, Mapping) and isinstance(block.get(key), str) and block[key] != ""


def thinking_block(text: Any, signature: Any) -> dict[str, Any] | None:
    """Return reasoning as a thinking block, signed if its signature is a text; None when it is no text."""
    if not isinstance(text, str):
        return None
    return {"type": "thinking", "thinking": text, **({"signature": signature} if isinstance(signature, str) else {})}


def thinking_of(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the reasoning of a noted message as thinking blocks: its own unless the text changed since."""
    blocks, text = message.get(THINKING_BLOCKS), message.get("reasoning")
    are_blocks = isinstance(blocks, list) and all(isinstance(block, Mapping) for block in blocks)
    if isinstance(blocks, list) and are_blocks and reasoning_of(blocks).get("reasoning") == text:
        return [bare(block) for block in blocks]
    return [] if text is None else [{"type": "thinking", "thinking": text, "signature": ""}]


def text_of_thought(value: Any) -> str | None:
    """Return reasoning that is a text, or a list of objects with texts."""
    if isinstance(value, str):
        return value
    if not isinstance(value, LIST):
        return None
    texts = [item.get("text", item.get("summary")) for item in value if isinstance(item, Mapping)]
    thoughts = [text for text in texts if isinstance(text, str)]
    return "".join(thoughts) if thoughts else None


def signed(extra: Mapping[str, Any], target: Capabilities) -> Mapping[str, Any]:
    """Return further keys with the reasoning that Anthropic signed as its blocks, or as OpenRouter's details."""
    is_anthropic = THINKING_BLOCKS in target.message
    old, new = (DETAILS, THINKING_BLOCKS) if is_anthropic else (THINKING_BLOCKS, DETAILS)
    items = extra.get(old)
    if new in extra or new not in target.message or not isinstance(items, LIST):
        return extra
    values = [_block(item) if is_anthropic else _detail(item, i) for i, item in enumerate(items)]
    return extra if None in values else {**without_keys(extra, old), new: values}


def _block(detail: Any) -> dict[str, Any] | None:
    """Return a detail of OpenRouter's as a block of Anthropic's, if it is one that Anthropic signed."""
    if not isinstance(detail, Mapping) or detail.get("format") != _ANTHROPIC:
        return None
    if detail.get("type") == "reasoning.encrypted":
        return {"type": "redacted_thinking", "data": detail.get("data")}
    return {"type": "thinking", "thinking": detail.get("text"), "signature": detail.get("signature")}


def _detail(block: Any, index: int) -> dict[str, Any] | None:
    """Return a block that Anthropic signed as a detail of OpenRouter's: the inverse of :func:`_block`."""
    if not isinstance(block, Mapping):
        return None
    if block.get("type") == "redacted_thinking":
        return {"type": "reasoning.encrypted", "data": block.get("data"), "format": _ANTHROPIC, "index": index}
    told = {"text": block.get("thinking"), "signature": block.get("signature")}
    return {"type": "reasoning.text", **told, "format": _ANTHROPIC, "index": index}


def google_signature(extra: Mapping[str, Any]) -> str | None:
    """Return the signature of a thought where Google's endpoint for Chat Completions has it, or LiteLLM."""
    content = extra.get("extra_content")
    google = content.get("google") if isinstance(content, Mapping) else extra.get("provider_specific_fields")
    signature = google.get("thought_signature") if isinstance(google, Mapping) else None
    return signature if isinstance(signature, str) else None


# form: a system message that stands among the others although it could be beside them
INLINE = Mark("blocks", "inline")
TOGETHER = Mark("blocks", "together")  # form: a result and what is before it are one message, or the other way round
_SIDES = {"tool": "user", "function": "user", "developer": "system"}


def side(message: Mapping[str, Any]) -> str:
    """Return whose side a message is on."""
    role = str(message.get("role"))
    return _SIDES.get(role, role)


def split_lead(messages: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the system messages that the conversation begins with, and the rest."""
    lead = list(takewhile(lambda message: side(message) == "system" and INLINE not in marks(message), messages))
    return lead, messages[len(lead) :]


Group = list[dict[str, Any]]


def grouped(messages: Iterable[dict[str, Any]], joins: Callable[[Group, dict[str, Any]], Any]) -> list[Group]:
    """Return messages in groups: each is in that of the message before it where it *joins* that."""
    made: list[Group] = []
    for message in messages:
        if not made or not joins(made[-1], message):
            made.append([])
        made[-1].append(message)
    return made


def joins_results(group: Group, message: dict[str, Any]) -> bool:
    """Return whether a message is a result that follows another one."""
    return message.get("role") == group[-1].get("role") == "tool" and APART not in marks(message)


def groups(
    messages: Group, keys_of: Callable[[Mapping[str, Any]], Mapping[str, Any]], *, results_apart: bool = False
) -> list[Group]:
    """Return the runs of messages of one side, which become one; system messages stay alone."""

    def joins(group: Group, message: dict[str, Any]) -> bool:
        if side(group[0]) != side(message) or side(message) == "system" or APART in marks(message):
            return False
        are_alike = (group[-1].get("role") == "tool") == (message.get("role") == "tool")
        return (are_alike or not results_apart or TOGETHER in marks(message)) and not keys_of(message)

    return grouped(messages, joins)


def text_of(content: Any) -> str | None:
    """Return the texts of a list of plain text parts as one; None for any other content."""
    parts = content if isinstance(content, list) else ()
    is_text = all(isinstance(part, OBJECT) and part.keys() - {FORM} == {"type", "text"} for part in parts)
    return "".join(part["text"] for part in parts) if parts and is_text else None


def text_or_parts(parts: list[Any], *, beside: bool) -> Any:
    """Return a sole plain text as a string, and nothing *beside* reasoning or calls as None; else the parts."""
    sole = parts[0] if len(parts) == 1 else None
    if isinstance(sole, OBJECT) and sole.keys() == {"type", "text"} and isinstance(sole["text"], str):
        return sole["text"]
    return None if beside and not parts else parts


def content_parts(content: Any) -> Any:
    """Return a content as a list of parts, a string as its sole text."""
    return [{"type": "text", "text": content}] if isinstance(content, str) else content or []


def runs(blocks: Sequence[Any], load_result: Callable[[Any], dict[str, Any] | None]) -> Iterator[tuple[int, Any]]:
    """Yield each tool result as a message, and the lists of other blocks between them, with their indexes."""
    run: list[Any] = []
    for j, block in enumerate(blocks):
        result = load_result(block)
        if result is None:
            run.append(block)
            continue
        if run:
            yield j - len(run), run
        yield j, result
        run = []
    if run or not blocks:
        yield len(blocks) - len(run), run


Letter = Literal["r", "p", "c"]
_FIELDS: Mapping[Letter, str] = {"p": "content", "c": "tool_calls"}


def apart(
    blocks: Sequence[Any],
    place: Path,
    load: Callable[[Any], tuple[Letter, Any]],
    places: Callable[[Any], Mapping[Path, Path]],
) -> tuple[dict[Letter, list[Any]], dict[Path, Path], tuple[Mark, ...]]:
    """Hold the blocks of a message apart; return them, where they are, and the mark of their order."""
    values, letters = sorted_blocks(blocks, load)
    return values, block_places(letters, values, place, places), order_mark(letters)


def sorted_blocks(
    blocks: Iterable[Any], load: Callable[[Any], tuple[Letter, Any]]
) -> tuple[dict[Letter, list[Any]], list[Letter]]:
    """Return the blocks of a message by what they are, and the letters in their order."""
    letters: list[Letter] = []
    values: dict[Letter, list[Any]] = {"r": [], "p": [], "c": []}
    for block in blocks:
        letter, value = load(block)
        letters.append(letter)
        values[letter].append(value)
    return values, letters


def block_places(
    letters: Iterable[Letter],
    values: Mapping[Letter, Sequence[Any]],
    place: Path,
    places: Callable[[Any], Mapping[Path, Path]],
    reasoning: str = THINKING_BLOCKS,
) -> dict[Path, Path]:
    """Say where the blocks of a message are that were held apart; *reasoning* is the key that keeps it."""
    paths: dict[Path, Path] = {}
    numbers: dict[Letter, int] = {"r": 0, "p": 0, "c": 0}
    for j, letter in enumerate(letters):
        number, own = numbers[letter], (*place, j)
        at = (reasoning if letter == "r" else _FIELDS[letter], number)
        if letter == "p":
            paths |= {(*at, *path): (*own, *inner) for path, inner in places(values["p"][number]).items()}
        else:
            paths[at] = own
        numbers[letter] += 1
    return paths


def content_places(
    content: Any, place: Path, places: Callable[[Any], Mapping[Path, Path]], start: int = 0
) -> dict[Path, Path]:
    """Say where a content stands whose blocks are at *place*, *start* being the first one's index."""
    if isinstance(content, str):
        return {("content",): (*place, start, "text")}
    return {
        ("content", j, *path): (*place, start + j, *inner)
        for j, part in enumerate(content if isinstance(content, list) else ())
        for path, inner in places(part).items()
    }


def together(values: Mapping[Letter, list[Any]], places: dict[Path, Path], text: str = "text") -> dict[str, Any]:
    """Return the content, reasoning and calls of a message; *text* is the key of a text block, for its place."""
    content = text_or_parts(values["p"], beside=bool(values["r"] or values["c"]))
    if isinstance(content, str):
        places[("content",)] = (*places[("content", 0)], text)
    calls = {"tool_calls": values["c"]} if values["c"] else {}
    return {"content": content, **reasoning_of(values["r"]), **calls}


def order_mark(letters: Sequence[Letter]) -> tuple[Mark, ...]:
    """Return the mark for blocks in this order; none for the usual one."""
    return () if list(letters) == sorted(letters, key="rpc".index) else (ORDER.of("".join(letters)),)


def in_order(
    message: Mapping[str, Any], reasoning: Iterable[Any], parts: Iterable[Any], calls: Iterable[Any]
) -> list[Any]:
    """Return the blocks of a noted message in the order that it came in; in the usual one when it changed since."""
    letters = ORDER.find(marks(message))
    if letters is None:
        return [*reasoning, *parts, *calls]
    blocks = {"r": list(reasoning), "p": list(parts), "c": list(calls)}
    if any(letters.count(letter) != len(items) for letter, items in blocks.items()):
        letters = "".join(letter * len(items) for letter, items in blocks.items())
    taken = {letter: iter(items) for letter, items in blocks.items()}
    return [next(taken[letter]) for letter in letters]


def with_rests(blocks: list[Any], message: Mapping[str, Any], name: str) -> list[Any]:
    """Return blocks with the keys that were not translated, which *name* holds; without, if their number changed."""
    rests = message.get(name, {}).get("parts", ())
    if len(rests) != len(blocks):
        return blocks
    return [{**block, **rest} if rest else block for block, rest in zip(blocks, rests, strict=True)]
