"""
Inspect: the samples of an evaluation's log.

Found in: samples of evaluation logs; whole logs, ``.eval`` or JSON, are sessions.

What differs from Chat Completions:

- a row is a sample: its ``messages`` beside ``input``, ``target``, ``scores`` and ``events``;
- media are blocks ``{type: image, image}``, ``{type: audio, audio, format}``, ``{type: document, document}``; what is
  long is under ``attachments``, named by its hash;
- reasoning is a block with its signature;
- calls are ``{id, function, arguments}`` with an object as arguments; a result names its ``function``, and an
  ``error``;
- messages have an ``id``, a ``source``, and the model that made them.

Source: inspect-ai ``model/_chat_message.py``, ``_util/content.py``, ``tool/_tool_call.py``, ``log/_log.py``.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from msgkit.errors import Path
from msgkit.formats.base import Format, Loaded
from msgkit.formats.common import blocks
from msgkit.formats.common.builder import Draft, bare, mark, marks, noted
from msgkit.formats.common.calls import Pairing
from msgkit.formats.common.capabilities import AGENTS, THINKING_BLOCKS
from msgkit.formats.common.keys import dump_keys, load_keys
from msgkit.formats.common.passthrough import as_it_is, whole
from msgkit.formats.inspect_ai import parts
from msgkit.formats.inspect_ai.parts import NAME, Attachments
from msgkit.jsontext.values import LIST, objects, same, type_of, without_keys
from msgkit.model.base import NOTHING, Mark
from msgkit.model.messages import Conversation

_LIST = Mark("inspect_ai", "list")  # form of a message: its text is a list of one block
_ERROR = Mark("inspect_ai", "error")  # form of a result: its text is that of the error
_NO_FUNCTION = Mark("inspect_ai", "nofunction")  # form of a result: it does not name its function
_USED = ("role", "content", "tool_calls", "tool_call_id", "function")
_SOURCES = ("input", "generate", "operator")


def recognize(body: Mapping[str, Any]) -> bool:
    """Return whether *body* is a sample, or has messages that only Inspect writes."""
    messages = body.get("messages")
    is_sample = isinstance(messages, LIST) and {"epoch", "target"} <= body.keys()
    return is_sample or any(map(_is_own, objects(messages)))


def _is_own(message: Mapping[str, Any]) -> bool:
    functions = [call.get("function") for call in objects(message.get("tool_calls"))]
    return message.get("source") in _SOURCES or any(isinstance(function, str) for function in functions)


def load(body: Mapping[str, Any], at: Path = ()) -> Loaded:
    """Load a sample; what its messages name among the attachments is in its place."""
    draft, pairing = Draft(at), Pairing()
    messages = draft.listed(body, "messages")
    table: Any = body.get("attachments")
    named = dict(parts.attachments_of(messages, table))
    attachments = _attachments(named.values(), {name: table[name] for name in named} if named else {})
    for i, message in enumerate(messages):
        value, inner = _load_message(message, pairing, attachments)
        draft.add(value, ("messages", i), {path: ("messages", i, *to) for path, to in inner.items()})
    extra = load_keys(body, ("messages", "attachments") if named else ("messages",), (), NAME)
    rest = without_keys(table, *named) if named else {}
    extra = {**extra, NAME: {**extra.get(NAME, {}), "attachments": rest}} if rest else extra
    return draft.finish(extra, "messages", form=frozenset(named.values()))


def _attachments(form: Any, by_name: dict[str, str]) -> Attachments:
    told = [mark_.text.rpartition(" ") for mark_ in form if parts.ATTACHED.matches(mark_)]
    return Attachments(by_name, {digest: name for name, _, digest in told})


def _load_message(message: Any, pairing: Pairing, attachments: Attachments) -> tuple[Any, dict[Path, Path]]:
    """Return a message in the values' shape with its places; as it is when it would not come back the same."""
    if not isinstance(message, Mapping):
        return message, {}
    value, inner = _translate(message, pairing, attachments)
    if not same(message, _dump_message(value, pairing.copy(), attachments)):
        value, inner = whole(message, NAME), {}
    for function, call in _functions(value):
        pairing.call(str(function.get("name")), call.get("id"))
    return value, inner


def _functions(message: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Yield the function of each function call of a message in the values' shape, and the call."""
    for call in message.get("tool_calls") or ():
        if type_of(call) == "function" and isinstance(call.get("function"), Mapping):
            yield call["function"], call


def _translate(
    message: Mapping[str, Any], pairing: Pairing, attachments: Attachments
) -> tuple[dict[str, Any], dict[Path, Path]]:
    role, content = message.get("role"), attachments.resolve(message.get("content"))
    own: dict[str, Any] = {"message": without_keys(message, *_USED)}
    value: dict[str, Any] = {"role": role} if "role" in message else {}
    form, inner = list[Mark](), dict[Path, Path]()
    if isinstance(content, LIST) and role == "assistant":
        values, inner, order = blocks.apart(
            content, ("content",), lambda block: parts.load_block(block, attachments), parts.places
        )
        own["parts"] = [parts.untranslated(block) for block in content]
        content = blocks.text_or_parts(values["p"], beside=bool(values["r"] or message.get("tool_calls")))
        value |= blocks.reasoning_of(values["r"])
        form += [*order, _LIST]
        inner |= {("content",): (*inner[("content", 0)], "text")} if isinstance(content, str) else {}
    elif isinstance(content, LIST):
        own["parts"] = [parts.untranslated(block) for block in content]
        content = [parts.load_part(block, attachments) for block in content]
        inner = blocks.content_places(content, ("content",), parts.places)
    value |= {"content": content} if "content" in message else {}
    if role == "tool":
        form += _load_result(message, value, pairing)
    elif "tool_call_id" in message or "function" in message:
        own["message"] |= {key: message[key] for key in ("tool_call_id", "function") if key in message}
    if isinstance(message.get("tool_calls"), LIST) and message["tool_calls"]:
        value["tool_calls"] = [parts.load_call(call) or call for call in message["tool_calls"]]
    elif "tool_calls" in message:
        own["message"]["tool_calls"] = message["tool_calls"]
    kept = {key: item for key, item in own.items() if item and any(item)}
    return mark(value | ({NAME: kept} if kept else {}), *form), inner


def _load_result(message: Mapping[str, Any], value: dict[str, Any], pairing: Pairing) -> list[Mark]:
    """Give a result the id of its call and what its error says; return its marks."""
    call_id, function, error = (message.get(key) for key in ("tool_call_id", "function", "error"))
    value |= {"tool_call_id": call_id} if "tool_call_id" in message else {}
    form = [] if "function" in message else [_NO_FUNCTION]
    if "function" in message and function != pairing.names.get(str(call_id)):
        value["name"] = function
    if isinstance(error, Mapping):
        value["is_error"] = True
        if value.get("content") == "" and isinstance(error.get("message"), str):
            value["content"] = error["message"]
            form.append(_ERROR)
    return form


def dump(conversation: Conversation) -> dict[str, Any]:
    """Return the sample."""
    pairing, attachments = Pairing(), _attachments(conversation.form, {})
    messages = [_dump_message(message, pairing, attachments) for message in noted(conversation)]
    own = dict(conversation.extra.get(NAME, {}))
    table = {**attachments.by_name, **own.pop("attachments", {})}
    extra = without_keys(conversation.extra, NAME) | ({NAME: own} if own else {})
    return {"messages": messages, **dump_keys(extra, (), NAME), **({"attachments": table} if table else {})}


def _dump_message(message: dict[str, Any], pairing: Pairing, attachments: Attachments) -> dict[str, Any]:
    own, form = message.get(NAME, {}), marks(message)
    content, role = message.get("content"), message.get("role")
    kept = as_it_is(message, NAME)
    if kept is not None:
        return kept
    out: dict[str, Any] = {"role": role} if "role" in message else {}
    thinking = [parts.dump_reasoning(block) for block in blocks.thinking_of(message)]
    if isinstance(content, list) or thinking or _LIST in form:
        said = [parts.dump_part(part, attachments) for part in blocks.content_parts(content)]
        out["content"] = bare(blocks.with_rests(blocks.in_order(message, thinking, said, ()), message, NAME))
    elif "content" in message or role == "assistant":
        out["content"] = attachments.attach("" if content is None and NAME not in message else content)
    if role == "tool":
        out |= _dump_result(message, pairing)
        if _ERROR in form:
            out["content"] = ""
    for function, call in _functions(message):
        pairing.call(str(function.get("name")), call.get("id"))
    if message.get("tool_calls"):
        out["tool_calls"] = [
            parts.dump_call(call)
            if isinstance(call, Mapping) and isinstance(call.get("function"), Mapping)
            else bare(call)
            for call in message["tool_calls"]
        ]
    return {**out, **bare(own.get("message", {}))}


def _dump_result(message: Mapping[str, Any], pairing: Pairing) -> dict[str, Any]:
    call_id = message.get("tool_call_id")
    out = {"tool_call_id": call_id} if "tool_call_id" in message else {}
    name = message.get("name", pairing.names.get(str(call_id)))
    if _NO_FUNCTION not in marks(message) and (name is not None or "name" in message):
        out["function"] = name
    if message.get("is_error") is True:
        texts = [part["text"] for part in blocks.content_parts(message.get("content")) if type_of(part) == "text"]
        out["error"] = {"type": "unknown", "message": "".join(texts)}
    return out


FORMAT = Format(
    name=NAME,
    title="Inspect: a sample {input, target, messages: [{role, content, tool_calls, source}], attachments, scores}",
    source="inspect-ai 0.3.285 model/_chat_message.py, _util/content.py, log/_log.py EvalSample",
    recognize=recognize,
    own_keys=frozenset(("epoch",)),
    signs=frozenset(("epoch", "source", "tool_calls")),
    load=load,
    dump=dump,
    capabilities=attrs.evolve(AGENTS, files_of=NAME),  # a file is named or held, never an id
    parts=("text", "reasoning", "image", "audio", "video", "document", "data", "tool_use"),
    aliases=NOTHING,
    opaque_parts=frozenset(("data", "tool_use")),
    keys={"message": (NAME,), "part": ("file_url",)},
    copies=("input", "output"),
    reasoning_keys=frozenset((NAME, THINKING_BLOCKS)),
    reasoning_in_parts=True,
)  # fmt: skip
