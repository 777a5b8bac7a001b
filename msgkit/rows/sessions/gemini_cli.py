"""
Sessions of Gemini CLI, as Gemini's contents: a document, or a line a message, where later lines change earlier ones.

Messages that are commands of the command line, and its notes, are left out, as it does itself when it goes on with a
session.

Source: gemini-cli ``packages/core/src``: ``services/chatRecordingService.ts`` and ``utils/sessionUtils.ts``.
"""

from collections.abc import Iterator, Mapping
from typing import IO, Any

from msgkit.errors import InvalidMessageError, Issue
from msgkit.rows.sessions.lines import History, objects_in, records

_REWIND, _SET, _PATCH = "$rewindTo", "$set", "$patch"
_COMMANDS = ("/", "?")


def histories(stream: IO[bytes]) -> Iterator[History]:
    """Yield the session as it is after its last change; a saved checkpoint is its history."""
    said: dict[str, Mapping[str, Any]] = {}
    head: dict[str, Any] = {}
    for _, record in records(stream):
        if isinstance(record.get("history"), list):
            yield History({"contents": record["history"]})
            return
        _take(record, said)
        head |= {"id": record["sessionId"]} if isinstance(record.get("sessionId"), str) else {}
    models = [one["model"] for one in said.values() if isinstance(one.get("model"), str)]
    if models:
        head["model"] = models[-1]
    answered = {name for one in said.values() if one.get("type") == "user" for name in _answered(one.get("content"))}
    pairs = [(name, content) for name, one in said.items() for content in _contents(one, answered)]
    if pairs:
        yield History({**head, "contents": [content for _, content in pairs]}, [{"id": name} for name, _ in pairs])


def _take(record: Mapping[str, Any], said: dict[str, Mapping[str, Any]]) -> None:
    """Apply a line to the messages so far."""
    if _PATCH in record:
        text = f"expected messages, got a {_PATCH}, whose meaning is not known"
        raise InvalidMessageError([Issue("", "file-invalid", "error", text)])
    if _REWIND in record:
        names = list(said)
        for name in names[names.index(record[_REWIND]) if record[_REWIND] in names else 0 :]:
            del said[name]
        return
    changed = record.get(_SET, record)
    listed = changed.get("messages") if isinstance(changed, Mapping) else None
    if isinstance(listed, list):
        said.clear()
    for one in listed if isinstance(listed, list) else [record]:
        if isinstance(one, dict) and "type" in one and isinstance(one.get("id"), str):
            said[one["id"]] = one  # one that is told again stays where it was


def _contents(record: Mapping[str, Any], answered: set[Any]) -> Iterator[dict[str, Any]]:
    parts = _parts(record.get("content"))
    if record.get("type") == "user":
        text = "".join(part["text"] for part in parts if isinstance(part.get("text"), str))
        if parts and not text.strip().startswith(_COMMANDS):
            yield {"role": "user", "parts": parts}
    if record.get("type") != "gemini":
        return
    calls = objects_in(record.get("toolCalls"))
    made = [{"functionCall": {key: one[key] for key in ("id", "name", "args") if key in one}} for one in calls]
    thoughts = [{"text": text, "thought": True} for text in map(_thought, objects_in(record.get("thoughts"))) if text]
    parts = [part for part in parts if part.get("text") != ""]
    if thoughts or parts or made:
        yield {"role": "model", "parts": [*thoughts, *parts, *made]}
    results = [part for one in calls if str(one.get("id")) not in answered for part in _results(one)]
    if results:
        yield {"role": "user", "parts": results}


def _parts(content: Any) -> list[Any]:
    """Return a content as parts; it may be a text, a part, or a list of either."""
    listed = content if isinstance(content, list) else [] if content is None else [content]
    return [{"text": one} if isinstance(one, str) else one for one in listed if isinstance(one, str | dict)]


def _thought(thought: Mapping[str, Any]) -> str:
    subject, text = thought.get("subject"), str(thought.get("description") or "")
    return f"**{subject}** {text}" if subject else text


def _results(call: Mapping[str, Any]) -> list[Any]:
    result = call.get("result")
    if isinstance(result, str):
        own = {key: call[key] for key in ("id", "name") if key in call}
        return [{"functionResponse": {**own, "response": {"output": result}}}]
    return _parts(result)


def _answered(content: Any) -> Iterator[Any]:
    """Yield the ids of the calls that a content answers itself."""
    for part in _parts(content):
        response = part.get("functionResponse")
        if isinstance(response, dict) and isinstance(response.get("id"), str):
            yield response["id"]
