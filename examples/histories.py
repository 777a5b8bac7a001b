"""The rows of history.jsonl: what people keep, in every shape that msgkit reads."""

from typing import Any


def said(role: str, content: Any, **more: Any) -> dict[str, Any]:
    """Return one message of Chat Completions."""
    return {"role": role, "content": content, **more}


def text(words: str) -> dict[str, Any]:
    """Return a text part."""
    return {"type": "text", "text": words}


def image(url: str, **more: Any) -> dict[str, Any]:
    """Return an image part; the URL may be a path."""
    return {"type": "image_url", "image_url": {"url": url, **more}}


ADD_EXPENSE = {
    "type": "function",
    "function": {
        "name": "add_expense",
        "description": "Enter an expense in the book.",
        "parameters": {
            "type": "object",
            "properties": {"place": {"type": "string"}, "total": {"type": "number"}},
            "required": ["place", "total"],
        },
    },
}

PICTURE_AND_SPEECH = {
    "messages": [
        said("system", "Answer in one sentence."),
        said(
            "user",
            [
                image("photos/cat.jpg", detail="high"),
                {"type": "input_audio", "input_audio": {"data": "sounds/question.wav", "format": "wav"}},
            ],
        ),
        said("assistant", "It is a ginger cat, sitting on a window sill."),
    ],
    "temperature": 0,
}

TWO_PICTURES = {
    "messages": [
        said(
            "user",
            [
                text("Which of these could be a sticker?"),
                image("photos/paw.png", detail="low"),
                image("photos/harbour.webp"),
            ],
        ),
        said("assistant", [text("The paw: its ground is clear.")]),
        said("user", [text("And what is in the other one?")], name="ada"),
        said("assistant", "Three sailing boats in the evening."),
    ],
}

SOUNDS = {
    "messages": [
        said(
            "user",
            [
                text("Is the cat content?"),
                {"type": "audio_url", "audio_url": {"url": "sounds/purr.ogg"}},
                text("And what rings here?"),
                {"type": "audio_url", "audio_url": {"url": "sounds/bells.mp3"}},
            ],
        ),
        said("assistant", "Yes, it purrs. The other sound is bells."),
    ],
}

TOOL_CALL = {
    "model": "gpt-5",
    "messages": [
        said("developer", "Enter what the user paid in the book."),
        said(
            "user",
            [
                text("Please enter this."),
                {"type": "file", "file": {"filename": "receipt.pdf", "file_data": "files/receipt.pdf"}},
            ],
        ),
        said(
            "assistant",
            None,
            tool_calls=[
                {
                    "id": "call_1f6c",
                    "type": "function",
                    "function": {"name": "add_expense", "arguments": '{"place": "The Harbour Cafe", "total": 10.90}'},
                }
            ],
        ),
        said("tool", '{"entered": true, "number": 17}', tool_call_id="call_1f6c"),
        said("assistant", "Entered as number 17: 10.90 at The Harbour Cafe."),
    ],
    "tools": [ADD_EXPENSE],
}

HARMONY = {
    "messages": [
        {
            "role": "system",
            "content": [{"type": "system_content", "reasoning_effort": "Low", "conversation_start_date": "2025-11-21"}],
        },
        {"role": "user", "content": "Is the harbour open tonight?"},
        {"role": "assistant", "content": "I have to look up the tide.", "channel": "analysis"},
        {
            "role": "assistant",
            "content": '{"place": "harbour"}',
            "channel": "commentary",
            "recipient": "functions.tide",
            "content_type": "<|constrain|>json",
        },
        {
            "role": "tool",
            "name": "functions.tide",
            "recipient": "assistant",
            "channel": "commentary",
            "content": '{"high": "22:40"}',
        },
        {"role": "assistant", "content": "Yes, until the tide turns at 22:40.", "channel": "final"},
    ],
}

PLACEHOLDERS = {
    "messages": [
        said("user", "<image>Who guards this coast, and <audio>what is ordered here?"),
        said("assistant", "A lighthouse; and an apple cake."),
    ],
    "images": ["photos/lighthouse.jpg"],
    "audios": ["sounds/order.flac"],
}

REMOTE = {
    "messages": [
        said(
            "user",
            [
                text("Compare the cat with this one."),
                image("photos/cat.jpg"),
                image("https://example.com/other-cat.jpg"),
            ],
        ),
        said("assistant", "The second picture is not mine to open; the first shows a ginger cat."),
    ],
}

BATCH = {
    "custom_id": "receipt-17",
    "method": "POST",
    "url": "/v1/chat/completions",
    "body": {"model": "gpt-5-mini", "messages": [said("user", [text("What was paid?"), image("photos/receipt.tiff")])]},
}

BARE = [said("user", "Good night, cat."), said("assistant", "Purr.")]

HISTORY = [PICTURE_AND_SPEECH, TWO_PICTURES, SOUNDS, TOOL_CALL, HARMONY, PLACEHOLDERS, REMOTE, BATCH, BARE]
