"""
Contents of Gemini, good and bad, each with the codes that the sources say.

The codes are those of the format and the target gemini; sources: google-genai's types, the API reference.
"""

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABAQAAAAA3bvkkAAAACklEQVR42mNoAAAAggCB2kUIOwAAAABJRU5ErkJggg=="
WAV = "UklGRigAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQQAAAAAAAEA"


def content(role, parts):
    return {"role": role, "parts": [{"text": part} if isinstance(part, str) else part for part in parts]}


def user(*parts):
    return content("user", parts)


def model(*parts):
    return content("model", parts)


def inline(data=PNG, media_type="image/png"):
    return {"inlineData": {"mimeType": media_type, "data": data}}


def call(name="weather", **more):
    return {"functionCall": {"name": name, "args": {"city": "Oslo"}, **more}}


def answer(name="weather", **more):
    return {"functionResponse": {"name": name, "response": {"result": 12}, **more}}


CASES = {
    "text": ([user("Hi")], ""),
    "turns": ([user("Hi"), model("A"), user("And?")], ""),
    "parts": ([user("A", "B")], ""),
    "image": ([user("What?", inline())], ""),
    "sound": ([user(inline(WAV, "audio/wav"))], ""),
    "file by URI": ([user({"fileData": {"mimeType": "image/png", "fileUri": "https://example.com/a.png"}})], ""),
    "call and answer": ([user("W?"), model(call()), user(answer()), model("12.")], ""),
    "call by id": ([user("W?"), model(call(id="a")), user(answer(id="a"))], ""),
    "two calls": ([user("W?"), model(call(), call("wind")), user(answer(), answer("wind")), model("12.")], ""),
    "thought": ([user("W?"), model({"text": "Hm.", "thought": True}, "A")], ""),
    "signature": ([user("W?"), model({"text": "A", "thoughtSignature": "c2ln"})], ""),
    "role assistant": ([{"role": "assistant", "parts": [{"text": "A"}]}], "role-unknown"),
    "text a number": ([user({"text": 5})], "part-unknown type-mismatch"),
    "part unknown": ([user({"hologram": 1})], "part-unknown"),
    "part empty": ([user({})], "part-unknown value-invalid"),
    "inlineData a string": ([user({"inlineData": PNG})], "part-unknown"),
    "args a string": ([user("W?"), model(call(args="{}")), user("Well?")], "part-unknown type-mismatch"),
    "text empty": ([user("")], "content-empty"),
    "two users": ([user("Hi"), user("There?")], "role-order"),
    "orphan": ([user(answer())], "tool-result-orphan"),
    "unanswered": ([user("W?"), model(call()), user("Well?")], "tool-result-missing"),
    "pending": ([user("W?"), model(call())], "tool-call-pending"),
    "name with a space": ([user("W?"), model(call("get weather")), user(answer("get weather"))], "tool-name-invalid"),
    "JPEG that is PNG": ([user(inline(media_type="image/jpeg"))], "media-type-mismatch"),
    "base64 cut": ([user(inline(PNG[:-1]))], "base64-invalid"),
    "GIF": ([user(inline("R0lGODlhAQABAAAAACwAAAAAAQABAAACAkQBADs=", "image/gif"))], "media-format-unsupported"),
}
"""Name -> contents, and the codes that the target gemini gives, in the order of the row."""
