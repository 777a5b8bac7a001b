"""
What agents and their frameworks save, as Chat Completions: each message with its parts, calls and results.

- opencode: ``opencode export``, calls with their results; what it did on a file is left out;
- GitHub Copilot: chats that Visual Studio Code exports or keeps;
- AutoGen: the state of a team or an agent, a row for each agent, or its messages;
- LlamaIndex: chat stores, a row for each key, or their messages;
- smolagents: the steps of an agent's memory;
- OpenHands: the events of a session, by themselves or in ``output.jsonl``.

Source: opencode ``packages/opencode/src/session/message-v2.ts``; vscode ``src/vs/workbench/contrib/chat/common/``
chatModel.ts; autogen ``autogen_core/models/_types.py``; llama_index ``core/base/llms/types.py``; smolagents
``src/smolagents/memory.py``; OpenHands ``openhands/events/serialization/``.
"""

import json
from collections.abc import Iterator, Mapping
from typing import IO, Any

from msgkit.rows.sessions.chat import Chat, image_part, text_part
from msgkit.rows.sessions.lines import History, object_at, objects_in, records


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False)


def opencode(stream: IO[bytes]) -> Iterator[History]:
    """Yield the messages of an exported session."""
    for _, talk in records(stream):
        chat, messages = Chat(), objects_in(talk.get("messages"))
        prompts = [prompt for one in messages if (prompt := object_at(one, "info").get("system"))]
        for prompt in prompts[:1]:
            chat.add("system", prompt if isinstance(prompt, str) else "\n".join(map(str, prompt)))
        for message in messages:
            info = object_at(message, "info")
            chat.begin(info.get("id"))
            if info.get("role") == "user":
                chat.add("user", [*_said(objects_in(message.get("parts")))])
            else:
                _answer_of_opencode(chat, objects_in(message.get("parts")))
        yield from chat.histories({"id": object_at(talk, "info").get("id")})


def _said(parts: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for part in parts:
        if part.get("type") == "text" and isinstance(part.get("text"), str):
            yield text_part(part["text"])
        elif part.get("type") == "file" and str(part.get("mime")).startswith("image/"):
            yield image_part(part.get("url"))


def _answer_of_opencode(chat: Chat, parts: list[dict[str, Any]]) -> None:
    is_first = True  # of the calls of a step, which are made together
    for part in parts:
        state = object_at(part, "state")
        match part.get("type"):
            case "step-start":
                is_first = True
            case "text" if part.get("text"):
                chat.say(text_part(str(part["text"])))
            case "reasoning" if part.get("text"):
                chat.think(str(part["text"]))
            case "tool":
                name = chat.call(part.get("tool"), state.get("input"), part.get("callID"), together=not is_first)
                is_first = False
                if state.get("status") in ("completed", "error"):
                    chat.result(_text(state.get("output", state.get("error"))), name)


def copilot(stream: IO[bytes]) -> Iterator[History]:
    """Yield the requests of a chat and what was answered, calls first that rounds of the model made."""
    for _, talk in records(stream):
        chat = Chat()
        for request in objects_in(talk.get("requests")):
            chat.begin(request.get("requestId"))
            chat.add("user", _text(object_at(request, "message").get("text")))
            metadata = object_at(request, "result", "metadata")
            rounds, results = objects_in(metadata.get("toolCallRounds")), object_at(metadata, "toolCallResults")
            parts = [part for part in objects_in(request.get("response")) if part.get("kind") == "thinking"]
            for text in map(_shown, parts):
                chat.think(text)
            for one in rounds:
                _round(chat, one, results)
            if not any(one.get("response") for one in rounds):
                texts = map(_shown, objects_in(request.get("response")))
                kinds = [part.get("kind", "markdownContent") for part in objects_in(request.get("response"))]
                told = "".join(text for text, kind in zip(texts, kinds, strict=True) if kind == "markdownContent")
                if told:
                    chat.say(text_part(told))
        yield from chat.histories({"id": talk.get("sessionId")})


def _round(chat: Chat, one: Mapping[str, Any], results: Mapping[str, Any]) -> None:
    if chat.answer is not None and chat.answer["content"] is not None:
        chat.answer = None  # what a round says is a message of its own
    if one.get("response"):
        chat.say(text_part(str(one["response"])))
    made = [(chat.call(call.get("name"), call.get("arguments"), call.get("id")), call) for call in _calls(one)]
    for name, call in made:
        contents = objects_in(object_at(results, str(call.get("id"))).get("content"))
        if contents:
            chat.result("\n".join(_text(content.get("value")) for content in contents), name)


def _calls(one: Mapping[str, Any]) -> list[dict[str, Any]]:
    return objects_in(one.get("toolCalls"))


def _shown(part: Mapping[str, Any]) -> str:
    value = part.get("value", part.get("content"))
    return _text(value.get("value")) if isinstance(value, Mapping) else _text(value)


def autogen(stream: IO[bytes]) -> Iterator[History]:
    """Yield the messages of each agent; messages by themselves are one history."""
    loose = Chat()
    for _, record in records(stream):
        states = list(_contexts(record))
        for name, messages in states:
            chat = Chat()
            for message in messages:
                _of_autogen(chat, message)
            yield from chat.histories({"id": name})
        if not states:
            _of_autogen(loose, record)
    yield from loose.histories()


def _contexts(value: Any, name: str = "") -> Iterator[tuple[str | None, list[dict[str, Any]]]]:
    """Yield the messages of each agent in a state."""
    messages = object_at(value, "llm_context").get("messages")
    if isinstance(messages, list):
        yield name or None, objects_in(messages)
    for key, inner in value.items() if isinstance(value, Mapping) else ():
        if key in ("agent_states", "agent_state") or object_at(inner, "agent_state"):
            yield from _contexts(inner, name if key.startswith("agent_state") else str(key))


def _of_autogen(chat: Chat, message: Mapping[str, Any]) -> None:
    content, kind = message.get("content"), str(message.get("type"))
    items = objects_in(content)
    chat.begin(message.get("id"))
    if kind == "SystemMessage":
        chat.add("system", content)
    elif items and all("call_id" in one for one in items):
        for one in items:
            chat.result(_text(one.get("content")), one.get("call_id"), one.get("name"))
    elif items and all("arguments" in one for one in items):
        if message.get("thought"):
            chat.say(text_part(str(message["thought"])))
        for one in items:
            chat.call(one.get("name"), one.get("arguments"), one.get("id"))
    elif kind == "UserMessage" or message.get("source") == "user":
        chat.add("user", content if isinstance(content, str) else list(map(_part_of_autogen, content or ())))
    elif kind in ("AssistantMessage", "TextMessage", "StopMessage", "ToolCallSummaryMessage"):
        chat.say(text_part(_text(content)))


def _part_of_autogen(part: Any) -> dict[str, Any]:
    if isinstance(part, Mapping) and isinstance(part.get("data"), str):
        return image_part(f"data:image/png;base64,{part['data']}")
    return text_part(_text(part))


def llama_index(stream: IO[bytes]) -> Iterator[History]:
    """Yield the messages under each key of a chat store; messages by themselves are one history."""
    loose = Chat()
    for _, record in records(stream):
        for name, messages in object_at(record, "store").items():
            chat = Chat()
            for message in objects_in(messages):
                _of_llama_index(chat, message)
            yield from chat.histories({"id": name})
        if "role" in record:
            _of_llama_index(loose, record)
    yield from loose.histories()


def _of_llama_index(chat: Chat, message: Mapping[str, Any]) -> None:
    blocks, more = objects_in(message.get("blocks")), object_at(message, "additional_kwargs")
    parts = [part for one in blocks for part in _block(one)]
    parts = parts or ([text_part(message["content"])] if isinstance(message.get("content"), str) else [])
    chat.begin()
    if message.get("role") == "tool":
        chat.result(parts, more.get("tool_call_id"))
    elif message.get("role") in ("assistant", "chatbot", "model"):
        for one in blocks:
            if one.get("block_type") == "thinking":
                chat.think(_text(one.get("content")))
        if parts:
            chat.say(*parts)
        made = [one for one in blocks if one.get("block_type") == "tool_call"] or objects_in(more.get("tool_calls"))
        for one in made:
            own = object_at(one, "function") or one
            arguments = own.get("arguments", own.get("tool_kwargs"))
            chat.call(own.get("name", own.get("tool_name")), arguments, one.get("id", one.get("tool_call_id")))
    else:
        chat.add(message.get("role"), parts)


def _block(block: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    if block.get("block_type") == "text":
        yield text_part(_text(block.get("text")))
    elif block.get("block_type") == "image":
        data = f"data:{block.get('image_mimetype') or 'image/png'};base64,{block.get('image')}"
        url = data if block.get("image") else block.get("url") or block.get("path")
        yield image_part(url)


def smolagents(stream: IO[bytes]) -> Iterator[History]:
    """Yield the steps of an agent's memory: what the model wrote, what it called, what was observed."""
    chat = Chat()
    for _, step in records(stream):
        chat.begin()
        for key, role in (("system_prompt", "system"), ("task", "user"), ("plan", "assistant")):
            if isinstance(step.get(key), str):
                chat.add(role, step[key])
        said = step.get("model_output")
        if said:
            chat.say(*(objects_in(said) if isinstance(said, list) else [text_part(_text(said))]))
        made = [(one.get("id"), object_at(one, "function")) for one in objects_in(step.get("tool_calls"))]
        names = [chat.call(own.get("name"), _arguments(own.get("arguments")), name) for name, own in made]
        observed = step.get("observations") or object_at(step, "error").get("message")
        for name in names:
            chat.result(_text(observed) if name == names[-1] else "", name)
    yield from chat.histories()


def _arguments(value: Any) -> Any:
    """Return the arguments of a call; code by itself is an argument of that name."""
    return {"code": value} if isinstance(value, str) and not value.lstrip().startswith("{") else value


def open_hands(stream: IO[bytes]) -> Iterator[History]:
    """Yield the messages that the events of a session make."""
    loose = Chat()
    for _, record in records(stream):
        chat = Chat() if "history" in record else loose
        for event in objects_in(record["history"]) if "history" in record else [record]:
            _event(chat, event)
        yield from chat.histories({"id": record.get("instance_id")}) if "history" in record else ()
    yield from loose.histories()


_SILENT = frozenset(("null", "agent_state_changed", "change_agent_state", "recall", "user_rejected", None))


def _event(chat: Chat, event: Mapping[str, Any]) -> None:
    action, observed, arguments = event.get("action"), event.get("observation"), object_at(event, "args")
    told = object_at(event, "tool_call_metadata")
    choices = objects_in(object_at(told, "model_response").get("choices"))
    calls = objects_in(object_at(choices[0], "message").get("tool_calls")) if choices else []
    known = next((one for one in calls if one.get("id") == told.get("tool_call_id")), {})
    chat.begin(event.get("id"))
    if observed not in _SILENT:
        chat.result(_text(event.get("content")), told.get("tool_call_id"))
    elif action in ("system", "message"):
        role = "assistant" if event.get("source") == "agent" else "user"
        chat.add("system" if action == "system" else role, _text(arguments.get("content")))
    elif action not in _SILENT and event.get("source") == "agent":
        if arguments.get("thought"):
            chat.say(text_part(_text(arguments["thought"])))
        rest = {key: value for key, value in arguments.items() if key != "thought"}
        own = object_at(known, "function")
        made = told.get("tool_call_id")
        chat.call(own.get("name", action), own.get("arguments", rest), made, together=len(calls) > 1)
