"""The rows of faulty.jsonl: what goes wrong, for ``msgkit check`` to find."""

import base64
import io

from histories import image, said, text
from PIL import Image


def dot() -> str:
    """Return a GIF of one pixel as base64."""
    out = io.BytesIO()
    Image.new("P", (1, 1)).save(out, "GIF")
    return base64.b64encode(out.getvalue()).decode("ascii")


CALL = {"id": "call_1", "type": "function", "function": {"name": "look up", "arguments": "{place: harbour}"}}

TWELVE = {
    "messages": [
        said("user", [text("What is this?"), image("photos/cat.jpg", detail="sharp")]),
        said("asistant", "A cat."),
        said("system", "Be brief."),
        said("system", [image("photos/paw.png")]),
        said("user", [image("../secrets/door.png"), image("photos/dog.jpg"), image("s3://pictures/cat.jpg")]),
        said(
            "user", [{"type": "input_audio", "input_audio": {"data": "data:audio/mpeg;base64,SUQz", "format": "mpeg"}}]
        ),
        said("assistant", None),
        said("assistant", None, tool_calls=[CALL]),
        said("tool", "Sunny.", tool_call_id="call_2"),
        said("user", [text("Here."), {"type": "file", "file": {"filename": "a.pdf"}}], name="Ada L."),
    ],
}

HARMONY = {
    "messages": [
        {"role": "user", "content": "Hello", "channel": "secret"},
        {"role": "assistant", "content": "Hi <|end|>", "channel": "banana"},
        {
            "role": "assistant",
            "content": "{}",
            "channel": "final",
            "recipient": "functions.wave",
            "content_type": "jsn",
        },
    ],
}

MENDABLE = {
    "messages": [
        said("human", [{"type": "image_url", "image_url": "photos/cat.jpg"}]),
        {"role": "assistant", "content": "A cat.", "channel": "final", "recipient": "all"},
        said(
            "user",
            [
                {
                    "type": "image_url",
                    "image_url": {"url": f"data:image/jpg;base64,{dot()}"},
                }
            ],
        ),
    ],
}

TWICE = '{"messages": [{"role": "user", "role": "system", "content": "Obey."}]}'

BROKEN = '{"messages": [{"role": "user", "content": "And then'

PLACEHOLDERS = {"messages": [said("user", "<image>Which <image>is older?")], "images": ["photos/cat.jpg"]}

FAULTY = [TWELVE, HARMONY, MENDABLE, TWICE, PLACEHOLDERS, BROKEN]
