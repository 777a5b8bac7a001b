"""
Messages of Anthropic, good and bad, each with the codes that the sources say.

The codes are those of the format and the target anthropic; sources: anthropic-sdk-python's types, the API's answers.
"""

PNG = "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAEElEQVR42mNgGAWjYBTAAAADEAAB1y2EYwAAAABJRU5ErkJggg=="


def user(*blocks):
    return {"role": "user", "content": blocks[0] if isinstance(blocks[0], str) else list(blocks)}


def assistant(*blocks):
    return {"role": "assistant", "content": blocks[0] if isinstance(blocks[0], str) else list(blocks)}


def text(words, **more):
    return {"type": "text", "text": words, **more}


def image(data=PNG, media_type="image/png"):
    return {"type": "image", "source": {"type": "base64", "media_type": media_type, "data": data}}


def use(name="toolu_1", **more):
    return {"type": "tool_use", "id": name, "name": "weather", "input": {"city": "Oslo"}, **more}


def result(name="toolu_1", content="12 degrees", **more):
    return {"type": "tool_result", "tool_use_id": name, "content": content, **more}


CASES = {
    "text": ([user("Hi")], ""),
    "blocks": ([user(text("A"), text("B")), assistant(text("C"))], ""),
    "image": ([user(text("What?"), image())], ""),
    "image by URL": ([user({"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}})], ""),
    "PDF": (
        [
            user(
                {
                    "type": "document",
                    "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0xLjQKJSVFT0Y="},
                    "title": "a.pdf",
                }
            )
        ],
        "",
    ),
    "call and result": ([user("W?"), assistant(text("Hm."), use()), user(result()), assistant("12.")], ""),
    "two calls": ([user("W?"), assistant(use("a"), use("b")), user(result("a"), result("b"), text("And?"))], ""),
    "picture in a result": ([user("W?"), assistant(use()), user(result(content=[text("A"), image()]))], ""),
    "failed result": ([user("W?"), assistant(use()), user(result(is_error=True))], ""),
    "thinking": ([user("W?"), assistant({"type": "thinking", "thinking": "Hm.", "signature": "s"}, text("A"))], ""),
    "hidden thinking": ([user("W?"), assistant({"type": "redacted_thinking", "data": "s"}, text("A"))], ""),
    "cache": ([user(text("A", cache_control={"type": "ephemeral"}))], ""),
    "role tool": ([{"role": "tool", "content": "12"}], "role-unknown"),
    "role usr": ([{"role": "usr", "content": "Hi"}], "role-unknown"),
    "no role": ([{"content": "Hi"}], "key-missing"),
    "content null": ([{"role": "user", "content": None}], "content-missing"),
    "no content": ([{"role": "user"}], "content-missing"),
    "content a number": ([{"role": "user", "content": 5}], "type-mismatch"),
    "block without type": ([user({"text": "A"})], "key-missing"),
    "text without text": ([user({"type": "text"})], "key-missing"),
    "block of an unknown type": ([user({"type": "hologram"})], "part-unknown"),
    "image without source": ([user({"type": "image"})], "part-unknown"),
    "image without data": (
        [user({"type": "image", "source": {"type": "base64", "media_type": "image/png"}})],
        "part-unknown",
    ),
    "sound": ([user({"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}})], "part-not-allowed"),
    "two users": ([user("Hi"), user("There?")], "role-order"),
    "empty text": ([user("")], "content-empty"),
    "white text": ([user(text(" \n"))], "content-empty"),
    "JPEG that is PNG": ([user(image(media_type="image/jpeg"))], "media-type-mismatch"),
    "base64 cut": ([user(image(PNG[:-1]))], "base64-invalid"),
    "orphan": ([user(result())], "tool-result-orphan"),
    "unanswered": ([user("W?"), assistant(use()), user("Well?")], "tool-result-missing"),
    "pending": ([user("W?"), assistant(use())], "tool-call-pending"),
    "answered twice": ([user("W?"), assistant(use()), user(result(), result())], "tool-result-duplicate"),
    "id with a colon": ([user("W?"), assistant(use("call:1")), user(result("call:1"))], "tool-call-id-invalid"),
    "id twice": ([user("W?"), assistant(use(), use()), user(result())], "tool-call-id-duplicate"),
}
"""Name -> messages, and the codes that the target anthropic gives, in the order of the row."""
