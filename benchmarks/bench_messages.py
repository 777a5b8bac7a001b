"""
JSON bytes <-> typed, checked conversations: msgkit beside its peers, in one process, in turn.

    python benchmarks/bench_messages.py

CPU time, the best of several rounds; ratios to msgspec's tagged Structs, lower is better. Peers that are not installed
are left out.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any, Literal

import msgspec
from timing import record

import msgkit

ROUNDS = 25
ROWS = 40

Run = Callable[[], object]


def text_rows() -> list[dict[str, Any]]:
    """Histories of text alone, 20 messages each."""
    words = "Some text of the kind that people write, with a comma and a full stop. "
    roles = ("user", "assistant")
    return [
        {"messages": [{"role": roles[i % 2], "content": words * (1 + (i * row) % 5)} for i in range(20)]}
        for row in range(ROWS)
    ]


def mixed_rows() -> list[dict[str, Any]]:
    """Histories with pictures by reference, tool calls and their results, 18 messages each."""
    picture = [
        {"type": "text", "text": "What is this, and what does it say?"},
        {"type": "image_url", "image_url": {"url": "cat.jpg", "detail": "auto"}},
    ]
    rows = []
    for row in range(ROWS):
        messages: list[dict[str, Any]] = [{"role": "system", "content": "Answer in one sentence."}]
        for i in range(4):
            call = {
                "id": f"call_{row}_{i}",
                "type": "function",
                "function": {"name": "look", "arguments": '{"closely": true}'},
            }
            messages += [
                {"role": "user", "content": picture},
                {"role": "assistant", "content": None, "tool_calls": [call]},
                {"role": "tool", "tool_call_id": call["id"], "content": "A cat on a sofa."},
                {"role": "assistant", "content": "It is a cat on a sofa; it says nothing."},
            ]
        rows.append({"messages": messages})
    return rows


# peers


class Text(msgspec.Struct, tag_field="type", tag="text"):
    text: str


class ImageUrl(msgspec.Struct, omit_defaults=True):
    url: str
    detail: str | None = None


class Image(msgspec.Struct, tag_field="type", tag="image_url"):
    image_url: ImageUrl


class Function(msgspec.Struct):
    name: str
    arguments: str


class Call(msgspec.Struct, tag_field="type", tag="function"):
    id: str
    function: Function


class System(msgspec.Struct, tag_field="role", tag="system", omit_defaults=True):
    content: str | list[Text]
    name: str | None = None


class User(msgspec.Struct, tag_field="role", tag="user", omit_defaults=True):
    content: str | list[Text | Image]
    name: str | None = None


class Assistant(msgspec.Struct, tag_field="role", tag="assistant", omit_defaults=True):
    content: str | list[Text] | None = None
    tool_calls: list[Call] | None = None
    name: str | None = None


class Tool(msgspec.Struct, tag_field="role", tag="tool", omit_defaults=True):
    content: str | list[Text]
    tool_call_id: str


class Body(msgspec.Struct):
    messages: list[System | User | Assistant | Tool]


def structs(blobs: list[bytes]) -> tuple[Run, Run]:
    decoder, encoder = msgspec.json.Decoder(Body), msgspec.json.Encoder()
    values = [decoder.decode(blob) for blob in blobs]
    return (lambda: [decoder.decode(blob) for blob in blobs]), (lambda: [encoder.encode(value) for value in values])


def plain_dicts(blobs: list[bytes]) -> tuple[Run, Run]:
    values = [json.loads(blob) for blob in blobs]
    return (lambda: [json.loads(blob) for blob in blobs]), (lambda: [json.dumps(value) for value in values])


def ours(blobs: list[bytes]) -> tuple[Run, Run]:
    values = [msgkit.loads(blob) for blob in blobs]
    return (lambda: [msgkit.loads(blob) for blob in blobs]), (lambda: [msgkit.dumps(value) for value in values])


def pydantic(blobs: list[bytes]) -> tuple[Run, Run]:
    from typing import Annotated

    from pydantic import BaseModel, Field

    class PText(BaseModel):
        type: Literal["text"]
        text: str

    class PImageUrl(BaseModel):
        url: str
        detail: str | None = None

    class PImage(BaseModel):
        type: Literal["image_url"]
        image_url: PImageUrl

    class PFunction(BaseModel):
        name: str
        arguments: str

    class PCall(BaseModel):
        type: Literal["function"]
        id: str
        function: PFunction

    part = Annotated[PText | PImage, Field(discriminator="type")]

    class PSystem(BaseModel):
        role: Literal["system"]
        content: str | list[PText]

    class PUser(BaseModel):
        role: Literal["user"]
        content: str | list[part]  # type: ignore[valid-type]

    class PAssistant(BaseModel):
        role: Literal["assistant"]
        content: str | list[PText] | None = None
        tool_calls: list[PCall] | None = None

    class PTool(BaseModel):
        role: Literal["tool"]
        content: str
        tool_call_id: str

    message = Annotated[PSystem | PUser | PAssistant | PTool, Field(discriminator="role")]

    class PBody(BaseModel):
        messages: list[message]  # type: ignore[valid-type]

    namespace = {**globals(), **locals()}
    for model in (PUser, PAssistant, PBody):
        model.model_rebuild(_types_namespace=namespace)
    values = [PBody.model_validate_json(blob) for blob in blobs]
    decode = lambda: [PBody.model_validate_json(blob) for blob in blobs]  # noqa: E731
    return decode, lambda: [value.model_dump_json(exclude_unset=True) for value in values]


def openai_python(blobs: list[bytes]) -> tuple[Run, Run]:
    from openai.types.chat import ChatCompletionMessageParam
    from pydantic import TypeAdapter

    adapter = TypeAdapter(list[ChatCompletionMessageParam])

    def load(blob: bytes) -> Any:
        messages = adapter.validate_python(json.loads(blob)["messages"])
        for message in messages:  # iterables of parts and calls are checked when they are gone through
            for key in ("content", "tool_calls"):
                if not isinstance(message.get(key), str | None):
                    message[key] = list(message[key])
        return messages

    values = [load(blob) for blob in blobs]
    return (lambda: [load(blob) for blob in blobs]), (lambda: [adapter.dump_json(value) for value in values])


def openai_harmony(blobs: list[bytes]) -> tuple[Run, Run]:
    from openai_harmony import Message

    rows = [json.loads(blob)["messages"] for blob in blobs]
    values = [[Message.from_dict(message) for message in row] for row in rows]

    def decode() -> object:
        return [[Message.from_dict(message) for message in json.loads(blob)["messages"]] for blob in blobs]

    return decode, lambda: [[value.to_json() for value in row] for row in values]


def mistral_common(blobs: list[bytes]) -> tuple[Run, Run]:
    from mistral_common.protocol.instruct.request import ChatCompletionRequest

    def load(blob: bytes) -> Any:
        return ChatCompletionRequest.model_validate_json(blob)

    values = [load(blob) for blob in blobs]
    return (lambda: [load(blob) for blob in blobs]), (
        lambda: [value.model_dump_json(exclude_unset=True) for value in values]
    )


def langchain_core(blobs: list[bytes]) -> tuple[Run, Run]:
    from langchain_core.messages import convert_to_messages, convert_to_openai_messages

    def load(blob: bytes) -> Any:
        return convert_to_messages(json.loads(blob)["messages"])

    values = [load(blob) for blob in blobs]
    return (lambda: [load(blob) for blob in blobs]), (
        lambda: [json.dumps(convert_to_openai_messages(value)) for value in values]
    )


PEERS: dict[str, Callable[[list[bytes]], tuple[Run, Run]]] = {
    "msgspec Structs": structs,
    "msgkit": ours,
    "json, plain dicts": plain_dicts,
    "pydantic": pydantic,
    "openai-python": openai_python,
    "openai-harmony": openai_harmony,
    "mistral-common": mistral_common,
    "langchain-core": langchain_core,
}
TARGETS = {("text", "decode"): 1.6, ("mixed", "decode"): 2.2, ("text", "encode"): 1.75, ("mixed", "encode"): 1.75}


def measured(runs: dict[str, Run]) -> dict[str, float]:
    """The least CPU seconds of each, measured in turn."""
    best = dict.fromkeys(runs, float("inf"))
    for _ in range(ROUNDS):
        for name, run in runs.items():
            began = time.process_time()
            run()
            best[name] = min(best[name], time.process_time() - began)
    return best


def tables() -> Iterator[tuple[str, str, dict[str, float]]]:
    for kind, rows in (("text", text_rows()), ("mixed", mixed_rows())):
        blobs = [msgspec.json.encode(row) for row in rows]
        runs = {}
        for name, peer in PEERS.items():
            try:
                runs[name] = peer(blobs)
            except ImportError:
                print(f"{name} is not installed", file=sys.stderr)
            except Exception as error:  # noqa: BLE001 (a peer that does not take these rows)
                print(f"{name} does not take the {kind} rows: {type(error).__name__}", file=sys.stderr)
        for i, work in enumerate(("decode", "encode")):
            yield kind, work, measured({name: pair[i] for name, pair in runs.items()})


def main() -> None:
    warnings.simplefilter("ignore")  # what peers say of these rows, row by row
    sys.setswitchinterval(1)
    for kind, work, seconds in tables():
        floor = seconds["msgspec Structs"]
        target = TARGETS[kind, work]
        each = floor / ROWS * 1e6
        print(f"\n{kind} {work}: ratio to msgspec Structs ({each:.1f} us a row); target of msgkit <= {target}")
        for name, taken in sorted(seconds.items(), key=lambda item: item[1]):
            met = "" if name != "msgkit" else "  met" if taken / floor <= target else "  missed"
            print(f"  {name:20} {taken / floor:7.2f}{met}")
            if name != "msgkit":
                record(f"{kind} messages, {work}", name, taken / seconds["msgkit"])


if __name__ == "__main__":
    main()
