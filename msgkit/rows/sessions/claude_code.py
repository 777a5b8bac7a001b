"""
Claude Code's sessions: messages that name their parents; an answer is one line a block.

Calls that are made together are a tree: each result names the line of its own call. Records may name a parent that is
in no line, and then follow the line before. What was typed while the model worked is an attachment. Errors of the API,
which stand as answers, are left out.

A file is read twice: first who follows whom, then the messages of one history at a time. So only one is ever held.

Source: anthropics/claude-code, issues 37779 (calls made together) and 23375 (parents that are missing).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any

import attrs

from msgkit.jsontext.fast import loads
from msgkit.rows.sessions.lines import History, objects, objects_in, seekable

_SPOKEN = ("user", "assistant")


@attrs.frozen
class _Node:
    """A line: who it is, whom it follows, and where it stands."""

    name: str
    parent: str | None
    before: str | None  # what was before a compaction
    spoken: bool
    side: str | None  # the agent of a side chain
    line: int
    start: int
    size: int
    answer: str | None = None  # the answer that its blocks belong to
    calls: tuple[str, ...] = ()
    results: tuple[str, ...] = ()


def histories(stream: IO[bytes]) -> Iterator[History]:
    """Yield what was before each compaction, the current branch, then each side chain."""
    with seekable(stream) as file:
        by_name = _with_parents(list(_nodes(file)))
        for side in (False, True):
            own = [node for node in by_name.values() if (node.side is not None) is side]
            parallel = _Parallel.of(own)
            for chain in _chains(by_name, own):
                history = _history(file, parallel.together([node for node in chain if node.spoken]))
                if history is not None:
                    yield history


def _nodes(file: IO[bytes]) -> Iterator[_Node]:
    """Yield each line that has a name; one whose name was before is no other line."""
    names: set[str] = set()
    for one in objects(file):
        name = one.value.get("uuid")
        if isinstance(name, str) and name and name not in names:
            names.add(name)
            yield _node(one.value, name, one.number, one.start, one.size)


def _with_parents(nodes: Sequence[_Node]) -> dict[str, _Node]:
    """Return the nodes by name; one whose parent is in no line follows the line before, in its chain."""
    names = {node.name for node in nodes}
    last: dict[str | None, str] = {}
    out: dict[str, _Node] = {}
    for node in nodes:
        is_known = node.parent is None or node.parent in names
        out[node.name] = node if is_known else attrs.evolve(node, parent=last.get(node.side))
        last[node.side] = node.name
    return out


def _node(value: Mapping[str, Any], name: str, line: int, start: int, size: int) -> _Node:
    parent = value.get("parentUuid")
    message, before = _message(value), value.get("logicalParentUuid")
    blocks = objects_in(message.get("content"))
    answer = message.get("id") if message.get("role") == "assistant" else None
    return _Node(
        name,
        parent if isinstance(parent, str) else None,
        before if isinstance(before, str) else None,
        bool(message),
        str(value.get("agentId")) if value.get("isSidechain") else None,
        line,
        start,
        size,
        answer if isinstance(answer, str) else None,
        tuple(str(one.get("id")) for one in blocks if one.get("type") == "tool_use"),
        tuple(str(one.get("tool_use_id")) for one in blocks if one.get("type") == "tool_result"),
    )


def _message(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the message of a line; empty where it has none."""
    message, attached = value.get("message"), value.get("attachment")
    if isinstance(attached, dict) and attached.get("type") == "queued_command" and attached.get("prompt"):
        return {"role": "user", "content": attached["prompt"]}
    if value.get("type") not in _SPOKEN or value.get("isApiErrorMessage") or not isinstance(message, dict):
        return {}
    return message if "content" in message else {}


def _chain(by_name: Mapping[str, _Node], last: _Node) -> list[_Node]:
    """Return a node and all before it, the first one first."""
    chain: dict[str, _Node] = {}
    node: _Node | None = last
    while node is not None and node.name not in chain and (node.side is None) is (last.side is None):
        chain[node.name] = node
        node = by_name.get(node.parent or "")
    return list(chain.values())[::-1]


def _chains(by_name: Mapping[str, _Node], nodes: Sequence[_Node]) -> list[list[_Node]]:
    """Return the chain of each first message up to its last one, or up to where a compaction goes on from it."""
    first: dict[str, str] = {}  # the first node of each one's chain
    ends: dict[str, _Node] = {}
    for node in nodes:
        root = first[node.name] = first.get(node.parent or "", node.name)
        if node.spoken:
            ends[root] = node
    for node in nodes:
        before = by_name.get(node.before or "")
        if before is not None and first.get(before.name, node.name) != first[node.name] in ends:
            ends[first[before.name]] = before
    return [_chain(by_name, node) for node in ends.values()]


@attrs.frozen
class _Parallel:
    """Calls that were made together, in a line each, and the lines of the results of all calls."""

    answers: Mapping[str, Sequence[_Node]]  # the lines of each answer that has such calls
    results: Mapping[str, _Node]

    @classmethod
    def of(cls, nodes: Sequence[_Node]) -> "_Parallel":
        """Return those of the main chain, or of side chains."""
        answers: dict[str, list[_Node]] = {}
        for node in nodes:
            if node.answer is not None:
                answers.setdefault(node.answer, []).append(node)
        several = {name: own for name, own in answers.items() if sum(bool(node.calls) for node in own) > 1}
        return cls(several, {name: node for node in reversed(nodes) for name in node.results})

    def together(self, chain: Sequence[_Node]) -> list[_Node]:
        """Return a chain with such calls in one message, and their results after them."""
        names = {node.name for node in chain}
        out: dict[str, _Node] = {}
        for node in chain:
            blocks = [one for one in self.answers.get(node.answer or "", ()) if one.calls or one.name in names]
            told = [self.results[name] for one in blocks for name in one.calls if name in self.results]
            for one in (*blocks, *sorted(told, key=_line), node):
                out.setdefault(one.name, one)
        return list(out.values())


def _line(node: _Node) -> int:
    return node.line


def _history(file: IO[bytes], chain: Sequence[_Node]) -> History | None:
    """Return the messages of a chain: an answer's blocks, and the results of its calls, in one message each."""
    messages: list[dict[str, Any]] = []
    origins: list[list[dict[str, Any]]] = []  # one for each block
    answer = model = name = None
    for node in chain:
        file.seek(node.start)
        value = loads(file.read(node.size))
        message, name = _message(value), value.get("sessionId")
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
