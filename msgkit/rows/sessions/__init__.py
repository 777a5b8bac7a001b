"""
Sessions: files in which many lines, or a tree, are one history. Read only.

What such a file is, is told by its first bytes or its suffix; each history becomes a row in a format of msgkit:

- ``claude-code``: Claude Code's JSONL, the chain of ``parentUuid``; side chains and what was before a compaction are
  rows of their own; rows are Anthropic's;
- ``codex``: rollouts of the Codex command line; what was before a compaction is a row of its own; rows are those of
  Responses;
- ``database``: the SQLite files of the OpenAI Agents SDK, a row a session, as Responses, of Goose and of Cursor;
- ``chatgpt-export``, ``claude-export``: ``conversations.json``, by itself or in the zip, or one conversation; the
  current branch of each, as Chat Completions and as Anthropic's; images and audio are references into the zip, once
  unpacked; DeepSeek's export, which looks like that of ChatGPT, too;
- ``open-webui-export``: the chats that Open WebUI exports, the current branch of each, as Chat Completions;
- ``gemini-cli``: sessions and checkpoints of Gemini CLI, as Gemini's contents;
- ``libre-chat``: a conversation that LibreChat exports, the branch of its last message, as Chat Completions;
- ``goose``, ``lm-studio``, ``aider``: what these programs keep on the machine, as Chat Completions;
- ``opencode``, ``copilot-chat``, ``autogen``, ``llama-index``, ``smolagents``, ``openhands``: what these agents and
  frameworks save, as Chat Completions;
- ``inspect``: a log of Inspect, ``.eval`` or JSON, a row a sample;
- ``otel-traces``, ``spans``: OTLP's JSON, or spans as OpenTelemetry's SDK and Phoenix write them; those of one trace
  joined by time, as OpenTelemetry's attributes, or as Chat Completions if they are OpenInference's or OpenLLMetry's;
- ``call-log``: requests with their answers, as LiteLLM, Langfuse, LangSmith, Helicone, Weave, Braintrust, MLflow, DSPy
  and Amazon Bedrock log them, or ``{"request": ..., "response": ...}``; a row an answer, which is at its end.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from typing import IO, Any

from msgkit.errors import InvalidMessageError, Issue

HEAD = 1 << 14
"""Bytes at the start of a file that tell what it is."""

_TRACES = re.compile(rb'\s*\{\s*"resourceSpans"\s*:\s*\[')
_OLD_CODEX = re.compile(
    rb'\s*\{(?=[^\n]*"timestamp")(?=[^\n]*"id")(?=[^\n]*"(?:instructions|git)")(?![^\n]*"(?:type|messages|input)"\s*:)'
    rb'[^\n]*\n\s*\{[^\n]*"(?:record_type|type)"\s*:'
)
_INSPECT = re.compile(rb'\s*\{\s*"version"\s*:\s*\d+\s*,\s*"status"\s*:\s*"\w+"\s*,\s*"eval"\s*:\s*\{')
_CODEX = re.compile(rb'\s*\{[^\n]*"type"\s*:\s*"session_meta"[^\n]*"payload"')
_CLAUDE_CODE = re.compile(
    rb'\s*\{(?=[^\n]*"(?:sessionId|leafUuid|messageId)")'
    rb'(?=[^\n]*"type"\s*:\s*"(?:user|assistant|system|summary|file-history-snapshot|queue-operation|progress)")'
    rb'(?![^\n]*"messages")'
)
_OBSERVATIONS = (b"GENERATION", b"SPAN", b"EVENT", b"AGENT", b"CHAIN", b"TOOL")
_CLAUDE_CODE_LATER = re.compile(
    rb'(?:^|\n)\s*\{(?=[^\n]*"parentUuid"\s*:)(?=[^\n]*"sessionId"\s*:)(?![^\n]*"messages"\s*:)'
)  # after lines about the session
_LM_STUDIO = re.compile(rb'\s*\{(?=.*"messages"\s*:\s*\[\s*\{\s*"(?:versions|currentlySelected)"\s*:)', re.DOTALL)
_OPENCODE = re.compile(rb'\s*\{\s*"info"\s*:\s*\{(?=.*"messages"\s*:\s*\[\s*\{\s*"(?:info|parts)"\s*:)', re.DOTALL)
_SMOLAGENTS = re.compile(rb'\s*\[\s*\{\s*"system_prompt"\s*:\s*"(?:[^"\\]|\\.)*(?:"\s*\}|\Z)')
_AIDER = re.compile(rb"\s*# aider chat started at ")
_CHATGPT = re.compile(rb'\s*\[?\s*\{(?=.*"mapping"\s*:\s*\{\s*"[^"]*"\s*:\s*\{)', re.DOTALL)
_OPEN_WEBUI = re.compile(
    rb'\s*\[?\s*\{(?=.*"chat"\s*:\s*\{)(?=.*"history"\s*:\s*\{\s*"(?:messages|currentId)"\s*:)', re.DOTALL
)
_CLAUDE = re.compile(rb'\s*\[?\s*\{(?=.*"chat_messages"\s*:\s*\[)', re.DOTALL)
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[][{}]')
_VALUE = re.compile(rb'\s*:\s*("(?:[^"\\]|\\.){0,40}"?|[\[{])')
_BY_KEYS: Mapping[str, Sequence[Mapping[bytes, bytes]]] = {
    "call-log": (
        {b"schemaType": b'"ModelInvocationLog"'},
        {b"run_type": b'"', b"inputs": b"{"},
        *({name: b'"', b"type": b'"' + sort + b'"'} for name in (b"traceId", b"trace_id") for sort in _OBSERVATIONS),
        {b"op_name": b'"', b"inputs": b"{"},
        {b"call_type": b'"', b"response": b"{"},
        {b"request_body": b"", b"response_body": b""},
        {b"request": b"{", b"response": b"{"},
        {b"inputs": b"{", b"outputs": b"{"},
        {b"messages": b"[", b"response": b"", b"kwargs": b"{"},
        {b"span_attributes": b"{", b"input": b""},
        {b"observations": b"["},
        {b"info": b"{", b"data": b"{"},
    ),
    "spans": ({b"context": b"{", b"attributes": b"{"}, {b"context.trace_id": b'"', b"span_kind": b'"'}),
    "gemini-cli": ({b"sessionId": b'"', b"projectHash": b'"'}, {b"history": b"[", b"authType": b'"'}),
    "copilot-chat": ({b"responderUsername": b'"', b"requests": b"["},),
    "autogen": (
        {b"agent_states": b"{"},
        {b"llm_context": b"{"},
        *({b"source": b'"', b"type": b'"' + sort + b'Message"'} for sort in (b"User", b"Assistant", b"Text")),
    ),
    "llama-index": ({b"store": b"{", b"class_name": b'"'}, {b"role": b'"', b"blocks": b"["}),
    "openhands": (
        {b"source": b'"', b"action": b'"', b"args": b"{"},
        {b"instance_id": b'"', b"test_result": b"", b"history": b"["},
    ),
    "libre-chat": ({b"conversationId": b'"', b"exportAt": b'"'},),
    "goose": ({b"working_dir": b'"', b"description": b'"'}, {b"working_dir": b'"', b"conversation": b"["}),
}
"""Keys that the first record of a file has, and how their values begin."""

_SQLITE = b"SQLite format 3\x00"
_ZIP = b"PK\x03\x04"

_READERS: Mapping[str, str] = {
    "claude-code": "claude_code.histories",
    "codex": "codex.histories",
    "database": "databases.histories",
    "chatgpt-export": "exports.chatgpt",
    "claude-export": "exports.claude",
    "open-webui-export": "open_webui.histories",
    "inspect": "exports.inspect",
    "archive": "exports.archive",
    "otel-traces": "traces.histories",
    "spans": "traces.spans",
    "gemini-cli": "gemini_cli.histories",
    "libre-chat": "libre_chat.histories",
    "goose": "local_chats.goose",
    "lm-studio": "local_chats.lm_studio",
    "aider": "local_chats.aider",
    "opencode": "agents.opencode",
    "copilot-chat": "agents.copilot",
    "autogen": "agents.autogen",
    "llama-index": "agents.llama_index",
    "smolagents": "agents.smolagents",
    "openhands": "agents.open_hands",
    "call-log": "call_logs.histories",
}
"""Name -> the module and the function that read the histories of an open file; imported when there is one."""


_MAY_BE_EMPTY = ("claude-code", "codex", "gemini-cli")  # programs that write a file before anything is said


def histories(name: str, stream: IO[bytes]) -> Iterator[Any]:
    """Yield the histories of an open file; there is one at least, where the file is no beginning of one."""
    module, _, function = _READERS[name].partition(".")
    history = None
    for history in getattr(import_module(f"{__name__}.{module}"), function)(stream):
        yield history
    if history is None and name not in _MAY_BE_EMPTY:
        message = f"expected histories, as files of the kind {name} have them: no message was read in this one"
        raise InvalidMessageError([Issue("", "messages-missing", "error", message)])


def recognize(head: bytes, format: str) -> str | None:  # noqa: A002 (the field's word)
    """Return the name of the sessions that a file holds; None for rows."""
    if format in ("json", "jsonl") and _TRACES.match(head):
        return "otel-traces"
    if format in ("json", "jsonl"):
        keys = _first_keys(head)
        name = next((name for name, tables in _BY_KEYS.items() if any(_has(keys, one) for one in tables)), None)
        if name is not None:
            return name
    if format == "jsonl":
        is_codex = _CODEX.match(head) or _OLD_CODEX.match(head)
        is_claude = _CLAUDE_CODE.match(head) or _CLAUDE_CODE_LATER.search(head)
        return "codex" if is_codex else "claude-code" if is_claude else None
    if format == "json":
        told = (
            ("inspect", _INSPECT),
            ("chatgpt-export", _CHATGPT),
            ("claude-export", _CLAUDE),
            ("open-webui-export", _OPEN_WEBUI),
            ("lm-studio", _LM_STUDIO),
            ("opencode", _OPENCODE),
            ("smolagents", _SMOLAGENTS),
        )
        return next((name for name, own in told if own.match(head)), None)
    if _AIDER.match(head):
        return "aider"
    return "database" if head.startswith(_SQLITE) else "archive" if head.startswith(_ZIP) else None


def _first_keys(head: bytes) -> dict[bytes, bytes]:
    """Return the keys of the first record of a file, and how their values begin."""
    own = 1 + head.lstrip().startswith(b"[")
    depth, keys = 0, dict[bytes, bytes]()
    for token in _TOKEN.finditer(head):
        text = token[0]
        depth += (text in b"[{") - (text in b"]}")
        if depth < own and keys:
            break
        value = _VALUE.match(head, token.end()) if depth == own else None
        if value is not None:
            keys[text[1:-1]] = value[1]
    return keys


def _has(keys: Mapping[bytes, bytes], wanted: Mapping[bytes, bytes]) -> bool:
    return all(key in keys and keys[key].startswith(start) for key, start in wanted.items())
