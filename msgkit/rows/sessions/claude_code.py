"""
Claude Code's sessions: messages that name their parents; an answer is one line a block.

A file is read twice: first who follows whom, then the messages of one history at a time. So only one is ever held.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any

import attrs

from msgkit.jsontext.fast import loads
from msgkit.rows.sessions.lines import History, objects, seekable

_SPOKEN = ("user", "assistant")


@attrs.frozen
class _Node:
    """A line: who it is, whom it follows, and where it stands."""

    name: str
    parent: str | None
    before: str | None  # what was before a compaction
    spoken: bool
    side: bool
    line: int
    start: int
    size: int


def histories(stream: IO[bytes]) -> Iterator[History]:
    """Yield what was before each compaction, the current branch, then each side chain."""
    with seekable(stream) as file:
        nodes = [_node(one.value, one.number, one.start, one.size) for one in objects(file) if _is_node(one.value)]
        by_name = {node.name: node for node in nodes}
        chains = _branches(by_name, [node for node in nodes if not node.side])
        for chain in (*chains, *_side_chains(by_name, [node for node in nodes if node.side])):
            history = _history(file, [node for node in chain if node.spoken])
            if history is not None:
                yield history


def _is_node(value: Mapping[str, Any]) -> bool:
    return isinstance(value.get("uuid"), str)


def _node(value: Mapping[str, Any], line: int, start: int, size: int) -> _Node:
    parent, before = (value.get(key) for key in ("parentUuid", "logicalParentUuid"))
    return _Node(
        value["uuid"],
        parent if isinstance(parent, str) else None,
        before if isinstance(before, str) else None,
        value.get("type") in _SPOKEN,
        bool(value.get("isSidechain")),
        line,
        start,
        size,
    )


def _chain(by_name: Mapping[str, _Node], last: _Node) -> list[_Node]:
    """Return a node and all before it, the first one first."""
    records: list[_Node] = []
    seen: set[str] = set()
    node: _Node | None = last
    while node is not None and node.name not in seen:
        seen.add(node.name)
        records.append(node)
        node = by_name.get(node.parent or "")
    return records[::-1]


def _branches(by_name: Mapping[str, _Node], nodes: Sequence[_Node]) -> list[list[_Node]]:
    """Return the current branch, after what was before each compaction that it goes back to."""
    spoken = [node for node in nodes if node.spoken]
    chains: list[list[_Node]] = []
    last: _Node | None = spoken[-1] if spoken else None
    while last is not None and len(chains) <= len(nodes):
        chain = _chain(by_name, last)
        chains.append(chain)
        last = by_name.get(chain[0].before or "")
    return chains[::-1]


def _side_chains(by_name: Mapping[str, _Node], nodes: Sequence[_Node]) -> list[list[_Node]]:
    """Return the chain of each side task, by its first message, up to its last one."""
    first: dict[str, str] = {}  # the first node of each one's chain
    ends: dict[str, _Node] = {}
    for node in nodes:
        parent = by_name.get(node.parent or "")
        first[node.name] = first.get(parent.name, node.name) if parent is not None and parent.side else node.name
        if node.spoken:
            ends[first[node.name]] = node
    return [[one for one in _chain(by_name, node) if one.side] for node in ends.values()]


def _history(file: IO[bytes], chain: Sequence[_Node]) -> History | None:
    """Return the messages of a chain: an answer's blocks, and the results of its calls, in one message each."""
    messages: list[dict[str, Any]] = []
    origins: list[list[dict[str, Any]]] = []  # one for each block
    answer = model = name = None
    for node in chain:
        file.seek(node.start)
        value = loads(file.read(node.size))
        message, name = value.get("message"), value.get("sessionId")
        if not isinstance(message, dict) or "content" not in message:
            continue
        role, content = message.get("role"), message["content"]
        same = role == "assistant" and answer is not None and message.get("id") == answer
        results = _are_results(content) and bool(messages) and _are_results(messages[-1]["content"])
        if messages and isinstance(content, list) and isinstance(messages[-1]["content"], list) and (same or results):
            messages[-1]["content"] += content
        else:
            messages.append({"role": role, "content": content})
            origins.append([])
        blocks = len(content) if isinstance(content, list) else 1
        origins[-1] += [{"line": node.line, "id": node.name}] * blocks
        answer = message.get("id") if role == "assistant" else None
        told = message.get("model")
        model = told if isinstance(told, str) and not told.startswith("<") else model
    head = {key: value for key, value in (("id", name), ("model", model)) if isinstance(value, str)}
    of_one = [one[0] if one and one.count(one[0]) == len(one) else one for one in origins]
    return History({**head, "messages": messages}, of_one) if messages else None


def _are_results(content: Any) -> bool:
    blocks = content if isinstance(content, list) else []
    return bool(blocks) and all(isinstance(one, dict) and one.get("type") == "tool_result" for one in blocks)
