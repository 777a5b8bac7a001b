"""The SQLite file of the OpenAI Agents SDK: items of Responses, one a record."""

from collections.abc import Iterator
from contextlib import closing
from typing import IO, Any
from urllib.parse import quote

from msgkit.errors import InvalidMessageError, Issue
from msgkit.jsontext.fast import loads
from msgkit.rows.sessions.lines import History

_QUERY = "SELECT session_id, id, message_data FROM agent_messages ORDER BY session_id, id"


def histories(stream: IO[bytes]) -> Iterator[History]:
    """Yield the items of each session, in the order that they came in; the file is opened for reading only."""
    import sqlite3

    with closing(sqlite3.connect(f"file:{quote(stream.name)}?mode=ro&immutable=1", uri=True)) as database:
        session, items, origins = None, list[Any](), list[dict[str, Any]]()
        try:
            for name, number, text in database.execute(_QUERY):
                if name != session and items:
                    yield History({"id": str(session), "input": items}, origins)
                    items, origins = [], []
                session = name
                origins.append({"id": str(number)})
                items.append(loads(text.encode() if isinstance(text, str) else bytes(text)))
        except sqlite3.Error as error:
            message = f"expected the tables of an Agents SDK session: {error}"
            raise InvalidMessageError([Issue("", "file-invalid", "error", message)]) from error
        if items:
            yield History({"id": str(session), "input": items}, origins)
