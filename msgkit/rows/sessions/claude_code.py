"""Claude Code's sessions: messages that name their parents; an answer is one line a block."""

from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any

from msgkit.rows.sessions.lines import objects

_SPOKEN = ("user", "assistant")


def histories(stream: IO[bytes]) -> Iterator[dict[str, Any]]:
    """Yield what stood before each compaction, the current branch, then each side chain."""
    nodes = [one for _, one in objects(stream) if isinstance(one.get("uuid"), str)]
    by_id = {node["uuid"]: node for node in nodes}
    chains = [*_branches(by_id, [node for node in nodes if not node.get("isSidechain")])]
    for chain in (*chains, *_side_chains(by_id, [node for node in nodes if node.get("isSidechain")])):
        messages = _messages(chain)
        if messages:
            yield _row(chain, messages)


def _chain(by_id: Mapping[str, Any], last: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return a node and all before it, the first one first."""
    found: list[Mapping[str, Any]] = []
    seen: set[str] = set()
    node: Mapping[str, Any] | None = last
    while node is not None and node["uuid"] not in seen:
        seen.add(node["uuid"])
        found.append(node)
        node = by_id.get(str(node.get("parentUuid")))
    return found[::-1]


def _branches(by_id: Mapping[str, Any], nodes: Sequence[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    """Return the current branch, after what stood before each compaction that it goes back to."""
    spoken = [node for node in nodes if node.get("type") in _SPOKEN]
    found: list[list[Mapping[str, Any]]] = []
    last: Mapping[str, Any] | None = spoken[-1] if spoken else None
    while last is not None and len(found) <= len(nodes):
        chain = _chain(by_id, last)
        found.append(chain)
        before = chain[0].get("logicalParentUuid")
        last = by_id.get(before) if isinstance(before, str) else None
    return found[::-1]


def _side_chains(by_id: Mapping[str, Any], nodes: Sequence[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    """Return the chain of each side task, by its first message, up to its last one."""
    ends: dict[str, list[Mapping[str, Any]]] = {}
    for node in nodes:
        if node.get("type") in _SPOKEN:
            chain = [one for one in _chain(by_id, node) if one.get("isSidechain")]
            ends[chain[0]["uuid"]] = chain
    return list(ends.values())


def _messages(chain: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the messages of a chain: an answer's blocks, and the results of its calls, in one message each."""
    found: list[dict[str, Any]] = []
    answer = None
    for node in chain:
        message = node.get("message")
        if node.get("type") not in _SPOKEN or not isinstance(message, dict) or "content" not in message:
            continue
        role, content = message.get("role"), message["content"]
        same = role == "assistant" and answer is not None and message.get("id") == answer
        results = _are_results(content) and bool(found) and _are_results(found[-1]["content"])
        if found and isinstance(content, list) and (same or results):
            found[-1]["content"] = [*found[-1]["content"], *content]
        else:
            found.append({"role": role, "content": content})
        answer = message.get("id") if role == "assistant" else None
    return found


def _are_results(content: Any) -> bool:
    blocks = content if isinstance(content, list) else []
    return bool(blocks) and all(isinstance(one, dict) and one.get("type") == "tool_result" for one in blocks)


def _row(chain: Sequence[Mapping[str, Any]], messages: list[dict[str, Any]]) -> dict[str, Any]:
    spoken = [node for node in chain if node.get("type") in _SPOKEN]
    models = [node["message"].get("model") for node in spoken if isinstance(node.get("message"), dict)]
    model = next((name for name in reversed(models) if isinstance(name, str) and not name.startswith("<")), None)
    name = spoken[-1].get("sessionId")
    return {
        **({"id": name} if isinstance(name, str) else {}),
        **({"model": model} if model else {}),
        "messages": messages,
    }
