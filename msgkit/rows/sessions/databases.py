"""
SQLite files in which programs keep their sessions: OpenAI's Agents SDK, Goose and Cursor. They are opened to read only.

- Agents SDK: items of Responses, a row a session or a branch;
- Goose: a row a session, as Chat Completions;
- Cursor: ``state.vscdb``, a row a chat, as Chat Completions.

Source: openai-agents-python ``src/agents/extensions/memory/advanced_sqlite_session.py``; goose
``crates/goose/src/session/session_manager.rs``; what public readers of Cursor's ``cursorDiskKV`` take.
"""

from collections.abc import Iterator, Mapping
from contextlib import closing
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

from msgkit.errors import InvalidMessageError, Issue
from msgkit.jsontext.fast import loads
from msgkit.rows.sessions.chat import Chat, text_part
from msgkit.rows.sessions.lines import History, objects_in, parsed
from msgkit.rows.sessions.local_chats import add_of_goose

_TABLES = "SELECT name FROM sqlite_master"
_ITEMS = "SELECT session_id, id, message_data FROM agent_messages ORDER BY session_id, id"
_BRANCHES = """\
SELECT m.session_id || CASE coalesce(branch_id, 'main') WHEN 'main' THEN '' ELSE '/' || branch_id END AS name, m.id,
message_data FROM agent_messages m LEFT JOIN message_structure s ON m.id = s.message_id
ORDER BY m.session_id, name, coalesce(sequence_number, m.id)"""
_GOOSE = "SELECT session_id, * FROM messages ORDER BY session_id, created_timestamp, id"
_CHATS = "SELECT value FROM cursorDiskKV WHERE key >= 'composerData:' AND key < 'composerData;' ORDER BY key"
_BUBBLE = "SELECT value FROM cursorDiskKV WHERE key = ?"


def histories(stream: IO[bytes]) -> Iterator[History]:
    """Yield the sessions of a database, by the tables that it has."""
    import sqlite3

    # what was written last may be in a file beside it, which a file that is taken for unchanging has not
    options = "mode=ro" if Path(f"{stream.name}-wal").exists() else "mode=ro&immutable=1"
    with closing(sqlite3.connect(f"file:{quote(stream.name)}?{options}", uri=True)) as database:
        database.row_factory = sqlite3.Row
        try:
            tables = {row[0] for row in database.execute(_TABLES)}
            if "cursorDiskKV" in tables:
                yield from _cursor(database)
            elif "agent_messages" not in tables and "messages" in tables:
                yield from _goose(database)
            else:
                yield from _agents_sdk(database.execute(_BRANCHES if "message_structure" in tables else _ITEMS))
        except (sqlite3.Error, IndexError) as error:
            message = f"expected the tables of the Agents SDK, Goose or Cursor: {error}"
            raise InvalidMessageError([Issue("", "file-invalid", "error", message)]) from error


def _agents_sdk(stored: Any) -> Iterator[History]:
    for name, rows in groupby(stored, itemgetter(0)):
        items = [(number, text.encode() if isinstance(text, str) else bytes(text)) for _, number, text in rows]
        origins = [{"id": str(number)} for number, _ in items]
        yield History({"id": str(name), "input": [loads(text) for _, text in items]}, origins)


def _goose(database: Any) -> Iterator[History]:
    for name, rows in groupby(database.execute(_GOOSE), itemgetter(0)):
        chat = Chat()
        for row in rows:
            known = {key: row[key] for key in row.keys()}  # noqa: SIM118 (a row is no mapping)
            message = {"id": known.get("message_id"), "role": row["role"], "content": parsed(row["content_json"])}
            add_of_goose(chat, {**message, "metadata": parsed(known.get("metadata_json"))})
        yield from chat.histories({"id": str(name)})


def _cursor(database: Any) -> Iterator[History]:
    for row in database.execute(_CHATS):
        talk = _value(row[0])
        chat, name = Chat(), talk.get("composerId")
        for one in objects_in(talk.get("fullConversationHeadersOnly")) or objects_in(talk.get("conversation")):
            stored = database.execute(_BUBBLE, (f"bubbleId:{name}:{one.get('bubbleId')}",)).fetchone()
            _bubble(chat, _value(stored[0]) if stored else one)
        yield from chat.histories({"id": name})


def _value(stored: Any) -> Mapping[str, Any]:
    text = stored.decode("utf-8", "replace") if isinstance(stored, bytes) else stored
    value = parsed(text)
    return value if isinstance(value, Mapping) else {}


def _bubble(chat: Chat, bubble: Mapping[str, Any]) -> None:
    """Add a message of Cursor; one of its tools is a call with its result."""
    text, thought, tool = (bubble.get(key) for key in ("text", "thinking", "toolFormerData"))
    chat.origin = {"id": bubble["bubbleId"]} if isinstance(bubble.get("bubbleId"), str) else {}
    if bubble.get("type") == 1 and text:
        chat.add("user", text)
    if bubble.get("type") == 1:
        return
    if isinstance(thought, Mapping) and thought.get("text"):
        chat.think(str(thought["text"]))
    if text:
        chat.say(text_part(str(text)))
    if isinstance(tool, Mapping) and tool.get("name"):
        made = chat.call(tool["name"], tool.get("rawArgs") or tool.get("params"), tool.get("toolCallId"))
        if tool.get("result") is not None:
            chat.result(str(tool["result"]), made)
