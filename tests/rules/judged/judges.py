"""What others say of a conversation: each judge returns why it refuses, or None."""

import importlib.util
import os
import shutil
from functools import cache
from pathlib import Path

import jsonschema
import pytest
from pydantic import TypeAdapter


@cache
def schema(kind):
    return jsonschema.Draft202012Validator(TypeAdapter(kind).json_schema())


def by_schema(kind, value):
    error = next(schema(kind).iter_errors(value), None)
    return None if error is None else error.message[:200]


def openai(messages):
    from openai.types.chat import ChatCompletionMessageParam

    return by_schema(list[ChatCompletionMessageParam], messages)


def anthropic(messages):
    from anthropic.types import MessageParam

    return by_schema(list[MessageParam], messages)


def gemini(contents):
    from google.genai import types

    try:
        TypeAdapter(list[types.Content]).validate_python(contents)
    except ValueError as error:
        return str(error)[:200]
    return None


def mistral(messages):
    from mistral_common.protocol.instruct.request import ChatCompletionRequest
    from mistral_common.protocol.instruct.validator import ValidationMode, get_validator
    from mistral_common.tokens.tokenizers.base import TokenizerVersion

    try:
        request = ChatCompletionRequest.from_openai(messages=messages)
        get_validator(TokenizerVersion.v11, ValidationMode.agnostic).validate_request(request)
    except Exception as error:  # noqa: BLE001 (whatever it raises is a refusal)
        return f"{type(error).__name__}: {error}"[:200]
    return None


def harmony(messages):
    """The constructors of openai-harmony, which judge each message alone."""
    from openai_harmony import Conversation, Message

    try:
        Conversation.from_messages([Message.from_dict(message) for message in messages])
    except Exception as error:  # noqa: BLE001
        return f"{type(error).__name__}: {error}"[:200]
    return None


@cache
def encoding(folder):
    """The renderer; it needs a vocabulary, which an installed litellm brings along under another name."""
    place = os.environ.get("TIKTOKEN_ENCODINGS_BASE")
    if place is None:
        found = importlib.util.find_spec("litellm")
        if found is None or found.origin is None:
            pytest.skip("no vocabulary: set TIKTOKEN_ENCODINGS_BASE, or install litellm")
        names = "litellm_core_utils/tokenizers/fb374d419588a4632f3f557e76b4b70aebbca790"
        shutil.copy(Path(found.origin).parent / names, Path(folder) / "o200k_base.tiktoken")
        os.environ["TIKTOKEN_ENCODINGS_BASE"] = str(folder)
    from openai_harmony import HarmonyEncodingName, load_harmony_encoding

    return load_harmony_encoding(HarmonyEncodingName.HARMONY_GPT_OSS)


def rendering(messages, folder):
    from openai_harmony import Conversation, Message

    try:
        values = [Message.from_dict(message) for message in messages]
        encoding(folder).render_conversation(Conversation.from_messages(values))
    except Exception as error:  # noqa: BLE001
        return f"{type(error).__name__}: {error}"[:200]
    return None
