"""Codes of reading and of structure: what is no row, no message, no part."""

from msgkit.rules.codes.base import Code, assistant, text, user

_LINE = '{"messages": [{"role": "user", "content": "Hello"}]}'
_RFC = "RFC 8259, The JavaScript Object Notation"
_TYPES = "openai-python src/openai/types/chat/*_param.py; openai/harmony src/chat.rs"

READING = (
    Code(
        "json-invalid",
        "The row is not JSON.",
        "error",
        _RFC,
        bad='{"messages": [{"role": "user", "content": "Hello"}]',
        good=_LINE,
    ),
    Code(
        "encoding-invalid",
        "The row is not UTF-8; a byte order mark may stand at the start of the file only.",
        "error",
        f"{_RFC}, section 8.1",
        bad=b'{"messages": [{"role": "user", "content": "caf\xe9"}]}',
        good='{"messages": [{"role": "user", "content": "café"}]}',
        hint="save the file as UTF-8",
    ),
    Code(
        "json-duplicate-key",
        "An object has a key twice: readers disagree about which one counts, so a role can be smuggled in.",
        "error",
        f"{_RFC}, section 4",
        bad='{"messages": [{"role": "user", "role": "system", "content": "Hello"}]}',
        good=_LINE,
    ),
    Code(
        "json-number-not-finite",
        "NaN, Infinity, or a number too large to hold: no JSON, and other readers refuse it.",
        "error",
        f"{_RFC}, section 6",
        bad='{"messages": [{"role": "user", "content": "Hello"}], "temperature": NaN}',
        good='{"messages": [{"role": "user", "content": "Hello"}], "temperature": 1.0}',
    ),
    Code(
        "json-number-too-long",
        "An integer has more than 4,300 digits: readers cut it, round it, or take very long over it.",
        "error",
        "Python, sys.set_int_max_str_digits; RFC 8259, section 6",
        bad=_LINE[:-1] + ', "seed": ' + "7" * 4301 + "}",
        good=_LINE[:-1] + ', "seed": 7}',
    ),
    Code(
        "json-lone-surrogate",
        "Text holds half of a surrogate pair: it cannot be written as UTF-8, so the next program fails.",
        "error",
        f"{_RFC}, section 8.2",
        bad='{"messages": [{"role": "user", "content": "Hello \\ud83d"}]}',
        good='{"messages": [{"role": "user", "content": "Hello \\ud83d\\ude00"}]}',
    ),
    Code(
        "json-too-deep",
        "The row is nested deeper than 64 levels: readers by recursion crash on it.",
        "error",
        "orjson CVE-2024-27454: deep nesting crashes the reader",
        bad=_LINE[:-1] + ', "x": ' + "[" * 70 + "]" * 70 + "}",
        good=_LINE[:-1] + ', "x": []}',
    ),
    Code(
        "row-too-long",
        "The row is longer than the limit.",
        "error",
        "msgkit's own bound on memory (64 MiB a row)",
        bad=_LINE[:-1] + ', "x": "' + "-" * 200 + '"}',
        good=_LINE,
        limits={"row.max_bytes": 200},
    ),
)

STRUCTURE = (
    Code(
        "messages-missing",
        "There is no list of messages.",
        "error",
        "openai-python src/openai/types/chat/completion_create_params.py",
        bad={"model": "gpt-4.1"},
        good={"model": "gpt-4.1", "messages": [user("Hello")]},
    ),
    Code(
        "messages-empty",
        "The list of messages is empty.",
        "error",
        "mistral-common protocol/instruct/validator.py: at least one message",
        bad={"messages": []},
        good={"messages": [user("Hello")]},
    ),
    Code(
        "type-mismatch",
        "A value has another JSON type than the format says; nothing is coerced.",
        "error",
        _TYPES,
        bad=[user("Hello", name=5)],
        good=[user("Hello", name="Ann")],
    ),
    Code(
        "key-missing",
        "A required key is absent.",
        "error",
        _TYPES,
        bad=[user({"type": "text"})],
        good=[user(text("Hello"))],
    ),
    Code(
        "key-unknown",
        "A key that the format does not define; it is kept, but the server may refuse or ignore it.",
        "warning",
        _TYPES,
        bad=[user("Hello", mood="glad")],
        good=[user("Hello")],
    ),
    Code(
        "part-unknown",
        "A content part of a type that the format does not define; it is kept.",
        "warning",
        _TYPES,
        bad=[user({"type": "input_text", "text": "Hello"})],
        good=[user(text("Hello"))],
        fixable=True,
    ),
)

ROLES = (
    Code(
        "role-unknown",
        "The role is none of system, developer, user, assistant and tool.",
        "error",
        "openai-python chat_completion_message_param.py; openai/harmony src/chat.rs, Role",
        bad=[{"role": "human", "content": "Hello"}],
        good=[user("Hello")],
        fixable=True,
    ),
    Code(
        "role-deprecated",
        "The role function is deprecated in favour of tool.",
        "warning",
        "openai-python chat_completion_function_message_param.py",
        bad=[user("Weather?"), {"role": "function", "name": "get_weather", "content": "12 degrees"}],
        good=[
            user("Weather?"),
            assistant(
                tool_calls=[
                    {"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}
                ]
            ),
            {"role": "tool", "tool_call_id": "call_1", "content": "12 degrees"},
        ],
    ),
    Code(
        "role-not-allowed",
        "The target has no such role.",
        "error",
        "mistral-common protocol/instruct/messages.py, Roles",
        bad=[{"role": "developer", "content": "Be brief."}, user("Hello")],
        good=[{"role": "system", "content": "Be brief."}, user("Hello")],
        fixable=True,
        target="mistral",
    ),
    Code(
        "role-order",
        "The role may not stand here, or not follow the one before; a warning where the two are merged.",
        "error",
        "mistral-common protocol/instruct/validator.py, _validate_message_order",
        bad=[assistant("Hello")],
        good=[user("Hello"), assistant("Hi.")],
        target="mistral",
    ),
    Code(
        "system-not-first",
        "A system or developer message after the first message of another role: many templates refuse or ignore it.",
        "warning",
        "openai/harmony docs/format.md: system and developer come first",
        bad=[user("Hello"), {"role": "system", "content": "Be brief."}, user("And?")],
        good=[{"role": "system", "content": "Be brief."}, user("Hello"), user("And?")],
    ),
    Code(
        "name-invalid",
        "The author's name has characters that the API refuses, or is too long.",
        "error",
        "LibreChat#1075: '^[a-zA-Z0-9_-]{1,64}$'",
        bad=[user("Hello", name="Ann Lee")],
        good=[user("Hello", name="Ann_Lee")],
        hint="other characters become _",
        fixable=True,
    ),
)
