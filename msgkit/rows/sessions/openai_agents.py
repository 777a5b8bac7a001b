"""
Sessions of OpenAI's agents, items of Responses: rollouts of Codex, and the SQLite file of the Agents SDK.

A fork of Codex has the lines of its parent, too, whose metadata come second.

Source: codex ``codex-rs/core/src/context_manager/history.rs``, ``codex-rs/core/src/rollout/recorder.rs``;
openai-agents-python ``src/agents/extensions/memory/advanced_sqlite_session.py``.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

from msgkit.errors import InvalidMessageError, Issue
from msgkit.jsontext.fast import loads
from msgkit.rows.sessions.lines import History, objects, objects_in

_CONTEXT = re.compile(r"\s*(?:<([a-z_]+)>.*</\1>\s*\Z|# AGENTS\.md instructions)", re.DOTALL)  # what no user wrote
_NOT_SENT = frozenset(("ghost_snapshot", "other"))  # items that only the command line itself reads


def codex(stream: IO[bytes]) -> Iterator[History]:
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


_QUERY = "SELECT session_id, id, message_data FROM agent_messages ORDER BY session_id, id"
_BRANCHES = """\
SELECT m.session_id || CASE coalesce(branch_id, 'main') WHEN 'main' THEN '' ELSE '/' || branch_id END AS name, m.id,
message_data FROM agent_messages m LEFT JOIN message_structure s ON m.id = s.message_id
ORDER BY m.session_id, name, coalesce(sequence_number, m.id)"""
_HAS_BRANCHES = "SELECT 1 FROM sqlite_master WHERE name = 'message_structure'"


def agents_sdk(stream: IO[bytes]) -> Iterator[History]:
    """Yield the items of each session or branch, in their order; the file is opened for reading only."""
    import sqlite3

    # what was written last may be in a file beside it, which a file that is taken for unchanging has not
    options = "mode=ro" if Path(f"{stream.name}-wal").exists() else "mode=ro&immutable=1"
    with closing(sqlite3.connect(f"file:{quote(stream.name)}?{options}", uri=True)) as database:
        try:
            query = _BRANCHES if database.execute(_HAS_BRANCHES).fetchone() else _QUERY
            for name, rows in groupby(database.execute(query), itemgetter(0)):
                items = [(number, text.encode() if isinstance(text, str) else bytes(text)) for _, number, text in rows]
                origins = [{"id": str(number)} for number, _ in items]
                yield History({"id": str(name), "input": [loads(text) for _, text in items]}, origins)
        except sqlite3.Error as error:
            message = f"expected the tables of an Agents SDK session: {error}"
            raise InvalidMessageError([Issue("", "file-invalid", "error", message)]) from error
