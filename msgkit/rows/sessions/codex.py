"""Rollouts of the Codex command line: items of Responses, one a line."""

from collections.abc import Iterator, Mapping
from typing import IO, Any

from msgkit.rows.sessions.lines import objects

_NOT_SENT = frozenset(("ghost_snapshot", "other"))  # items that only the command line itself reads


def histories(stream: IO[bytes]) -> Iterator[dict[str, Any]]:
    """Yield what stood before each compaction, then what came after the last."""
    head: dict[str, Any] = {}
    items: list[Any] = []
    for _, line in objects(stream):
        payload = line.get("payload")
        if not isinstance(payload, dict):
            continue
        match line.get("type"):
            case "session_meta":
                head |= _head(payload)
            case "turn_context" if isinstance(payload.get("model"), str):
                head["model"] = payload["model"]
            case "response_item" if payload.get("type") not in _NOT_SENT:
                items.append(payload)
            case "compacted":
                if items:
                    yield {**head, "input": items}
                items = _compacted(payload)
    if items:
        yield {**head, "input": items}


def _head(meta: Mapping[str, Any]) -> dict[str, Any]:
    text = meta.get("base_instructions", meta.get("instructions"))
    text = text.get("text") if isinstance(text, dict) else text
    found = {"id": meta.get("id"), "instructions": text}
    return {key: value for key, value in found.items() if isinstance(value, str)}


def _compacted(payload: Mapping[str, Any]) -> list[Any]:
    """Return the history that a compaction begins anew with."""
    history, summary = payload.get("replacement_history"), payload.get("message")
    if isinstance(history, list):
        return [item for item in history if not (isinstance(item, dict) and item.get("type") in _NOT_SENT)]
    return [{"type": "message", "role": "user", "content": summary}] if isinstance(summary, str) and summary else []
