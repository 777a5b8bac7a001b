"""
Rollouts of Codex, as items of Responses.

A fork has the lines of its parent, too, whose metadata come second.

Source: codex ``codex-rs/core/src/context_manager/history.rs``, ``codex-rs/core/src/rollout/recorder.rs``.
"""

import re
from collections.abc import Iterator, Mapping
from typing import IO, Any

from msgkit.rows.sessions.lines import History, objects, objects_in

_CONTEXT = re.compile(r"\s*(?:<([a-z_]+)>.*</\1>\s*\Z|# AGENTS\.md instructions)", re.DOTALL)  # what no user wrote
_NOT_SENT = frozenset(("ghost_snapshot", "other"))  # items that only the command line itself reads


def histories(stream: IO[bytes]) -> Iterator[History]:
    """Yield what was before each compaction, then what came after the last."""
    head: dict[str, Any] = {}
    items: list[Any] = []
    origins: list[dict[str, Any]] = []
    for line in objects(stream):
        kind, payload = _read(line.value)
        origin = {"line": line.number, **({"id": payload["id"]} if isinstance(payload.get("id"), str) else {})}
        match kind:
            case "session_meta":
                head = {**_head(payload), **head}
            case "turn_context" if isinstance(payload.get("model"), str):
                head["model"] = payload["model"]
            case "response_item" if str(payload.get("type")) not in _NOT_SENT:
                items.append(payload)
                origins.append(origin)
            case "event_msg" if payload.get("type") == "thread_rolled_back":
                kept = _before(items, payload.get("num_turns"))
                items, origins = items[:kept], origins[:kept]
            case "compacted":
                if items:
                    yield History({**head, "input": items}, origins)
                items = _compacted(payload)
                origins = [origin] * len(items)
    if items:
        yield History({**head, "input": items}, origins)


def _read(line: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Return what a line is, and what it holds; older rollouts have items by themselves, after a line about them."""
    payload = line.get("payload")
    if isinstance(payload, dict):
        return line.get("type"), payload
    if "record_type" in line or "payload" in line:
        return None, {}
    return ("response_item" if isinstance(line.get("type"), str) else "session_meta"), line


def _head(meta: Mapping[str, Any]) -> dict[str, Any]:
    text = meta.get("base_instructions", meta.get("instructions"))
    text = text.get("text") if isinstance(text, dict) else text
    head = {"id": meta.get("id"), "instructions": text}
    return {key: value for key, value in head.items() if isinstance(value, str)}


def _before(items: list[Any], turns: Any) -> int:
    """Return how many items there are before the last *turns* messages of the user."""
    asked = [i for i, item in enumerate(items) if _is_asked(item)]
    number = turns if isinstance(turns, int) and turns > 0 else 0
    return asked[max(0, len(asked) - number)] if asked and number else len(items)


def _is_asked(item: Any) -> bool:
    if not isinstance(item, dict) or item.get("type") != "message" or item.get("role") != "user":
        return False
    texts = [str(part.get("text")) for part in objects_in(item.get("content")) if "text" in part]
    return not any(map(_CONTEXT.match, texts))


def _compacted(payload: Mapping[str, Any]) -> list[Any]:
    """Return the history that a compaction begins anew with."""
    history, summary = payload.get("replacement_history"), payload.get("message")
    if isinstance(history, list):
        return [item for item in history if not (isinstance(item, dict) and str(item.get("type")) in _NOT_SENT)]
    return [{"type": "message", "role": "user", "content": summary}] if isinstance(summary, str) and summary else []
