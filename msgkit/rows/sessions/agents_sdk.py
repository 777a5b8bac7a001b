"""The SQLite file of the OpenAI Agents SDK: items of Responses, one a record."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import IO, Any
from urllib.parse import quote

from msgkit.errors import InvalidMessageError, Issue
from msgkit.jsontext.fast import loads

_QUERY = "SELECT session_id, message_data FROM agent_messages ORDER BY session_id, id"


def histories(stream: IO[bytes]) -> Iterator[dict[str, Any]]:
    """Yield the items of each session, in the order that they came in; the file is opened for reading only."""
    with closing(sqlite3.connect(f"file:{quote(stream.name)}?mode=ro&immutable=1", uri=True)) as database:
        session, items = None, list[Any]()
        try:
            for name, text in database.execute(_QUERY):
                if name != session and items:
                    yield {"id": str(session), "input": items}
                    items = []
                session = name
                items.append(loads(text.encode() if isinstance(text, str) else bytes(text)))
        except sqlite3.Error as error:
            message = f"expected the tables of an Agents SDK session: {error}"
            raise InvalidMessageError([Issue("", "file-invalid", "error", message)]) from error
        if items:
            yield {"id": str(session), "input": items}
