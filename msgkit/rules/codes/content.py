"""Codes of content, of channels, and of text."""

from msgkit.rules.codes.base import Code, assistant, file, image, text, user

_PNG = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABAQAAAAA3bvkkAAAACklEQVR42mNoAAAAggCB2kUIOwAAAABJRU5ErkJggg=="
)
_PDF = "data:application/pdf;base64,JVBERi0xLjQKJSVFT0Y="
_HARMONY = "openai/harmony docs/format.md"

CONTENT = (
    Code(
        "part-not-allowed",
        "The target does not take this kind of content in a message of this role.",
        "error",
        "openai-python src/openai/types/chat/*_message_param.py; openai-node#1030",
        at="messages[1].content[0]",
        bad=[user("Hello"), assistant([image(_PNG)])],
        good=[user(text("Hello"), image(_PNG)), assistant("Hi.")],
    ),
    Code(
        "content-missing",
        "The message has no content, nor anything that may stand for it: tool calls, a refusal, audio.",
        "error",
        "openai-python chat_completion_assistant_message_param.py: required unless tool_calls or function_call",
        at="messages[1].content",
        bad=[user("Hello"), assistant(None)],
        good=[user("Hello"), assistant("Hi.")],
    ),
    Code(
        "content-empty",
        "Empty text or an empty list: Anthropic and several compatible servers refuse it.",
        "warning",
        "Anthropic API: text content blocks must be non-empty",
        at="messages[0].content",
        bad=[user("")],
        good=[user("Hello")],
    ),
    Code(
        "detail-unknown",
        "The detail of an image is none that the target knows.",
        "error",
        "openai-python chat_completion_content_part_image_param.py",
        at="messages[0].content[0].image_url.detail",
        bad=[user(image(_PNG, detail="max"))],
        good=[user(image(_PNG, detail="high"))],
    ),
    Code(
        "image-url-string",
        "image_url is a string: the API wants an object with the key url.",
        "error",
        "openai-python chat_completion_content_part_image_param.py; vLLM takes the string, too",
        at="messages[0].content[0].image_url",
        bad=[user({"type": "image_url", "image_url": _PNG})],
        good=[user(image(_PNG))],
        hint="write {'url': ...}",
        fixable=True,
    ),
    Code(
        "file-source",
        "A file part needs file_data with a filename, or a file_id; both at once is ambiguous (a warning).",
        "error",
        "openai-python chat_completion_content_part_param.py, FileFile",
        at="messages[0].content[0].file",
        bad=[user(file(file_data=_PDF))],
        good=[user(file(file_data=_PDF, filename="report.pdf"))],
    ),
)

CHANNELS = (
    Code(
        "channel-unknown",
        "The channel is none of analysis, commentary and final, nor declared by the system message.",
        "warning",
        _HARMONY,
        at="messages[1].channel",
        bad=[user("Hello"), {"role": "assistant", "channel": "banana", "content": "Hi."}],
        good=[user("Hello"), {"role": "assistant", "channel": "final", "content": "Hi."}],
        target="harmony",
    ),
    Code(
        "channel-not-allowed",
        "Only assistant and tool messages have a channel.",
        "warning",
        _HARMONY,
        at="messages[0].channel",
        bad=[{"role": "user", "channel": "final", "content": "Hello"}],
        good=[user("Hello")],
        target="harmony",
    ),
    Code(
        "channel-missing",
        "An assistant message without a channel: whether the user may see it is not said.",
        "warning",
        f"{_HARMONY}: channel must be included for every message",
        at="messages[1]",
        bad=[user("Hello"), {"role": "assistant", "recipient": "assistant", "content": "Hi."}],
        good=[user("Hello"), {"role": "assistant", "recipient": "assistant", "channel": "final", "content": "Hi."}],
        target="harmony",
    ),
    Code(
        "channel-mismatch",
        "A call of a function belongs on commentary; models do emit some on analysis.",
        "warning",
        f"{_HARMONY}: calls to these tools must go to the commentary channel; omlx#2216",
        at="messages[1].channel",
        bad=[
            user("Weather?"),
            {"role": "assistant", "recipient": "functions.get_weather", "channel": "final", "content": "{}"},
        ],
        good=[
            user("Weather?"),
            {"role": "assistant", "recipient": "functions.get_weather", "channel": "commentary", "content": "{}"},
        ],
        target="harmony",
    ),
    Code(
        "recipient-unknown",
        "The recipient is no role, tool or namespace of Harmony's form.",
        "warning",
        f"{_HARMONY}; openai/harmony src/chat.rs",
        at="messages[1].recipient",
        bad=[
            user("Weather?"),
            {"role": "assistant", "recipient": "get weather", "channel": "commentary", "content": "{}"},
        ],
        good=[
            user("Weather?"),
            {"role": "assistant", "recipient": "functions.get_weather", "channel": "commentary", "content": "{}"},
        ],
        target="harmony",
    ),
    Code(
        "recipient-all",
        "The recipient all is what no recipient means; written out, the message is rendered as a tool call.",
        "warning",
        "openai/harmony src/encoding.rs: a recipient other than none ends with <|call|>",
        at="messages[1].recipient",
        bad=[user("Hello"), {"role": "assistant", "recipient": "all", "channel": "final", "content": "Hi."}],
        good=[user("Hello"), {"role": "assistant", "channel": "final", "content": "Hi."}],
        hint="leave the recipient out",
        fixable=True,
        target="harmony",
    ),
    Code(
        "content-type-unknown",
        "The content type is none of json, <|constrain|>json, code and text.",
        "warning",
        f"{_HARMONY}; openai/harmony src/chat.rs",
        at="messages[1].content_type",
        bad=[
            user("Weather?"),
            {
                "role": "assistant",
                "recipient": "functions.w",
                "channel": "commentary",
                "content_type": "JSON",
                "content": "{}",
            },
        ],
        good=[
            user("Weather?"),
            {
                "role": "assistant",
                "recipient": "functions.w",
                "channel": "commentary",
                "content_type": "json",
                "content": "{}",
            },
        ],
        fixable=True,
        target="harmony",
    ),
)

TEXT = (
    Code(
        "special-token-in-text",
        "Text spells a control token of the target: servers that tokenise it as one read it as structure.",
        "warning",
        "GHSA-hpv8-x276-m59f; openai/harmony docs/format.md",
        at="messages[0].content",
        bad=[user("What does <|call|> mean?")],
        good=[user("What does the call token mean?")],
        target="harmony",
    ),
    Code(
        "placeholder-count",
        "Placeholders in the text and entries of a media column do not match in number.",
        "error",
        "LLaMA-Factory data/README.md: the number of <image> tokens equals the number of images",
        at="messages",
        bad={"messages": [user("Who is this?")], "images": ["https://example.com/cat.jpg"]},
        good={"messages": [user("<image>Who is this?")], "images": ["https://example.com/cat.jpg"]},
    ),
)
