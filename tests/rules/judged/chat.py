"""
Rows of Chat Completions, good and bad, each with the codes that the sources say.

``chat``: the types of openai-python and the answers of the OpenAI API; ``mistral``: mistral-common; others were seen.
"""

from msgkit.rules.examples import assistant, audio, call, file, image, result, text, user

PNG = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABAQAAAAA3bvkkAAAACklEQVR42mNoAAAAggCB2kUIOwAAAABJRU5ErkJggg=="
)
WAV = "UklGRigAAABXQVZFZm10IBAAAAABAAEACgAAABQAAAACABAAZGF0YQQAAAAAAAEA"
PDF = "data:application/pdf;base64,JVBERi0xLjQKJSVFT0Y="
NINE = "abc123DEF"


def system(content):
    return {"role": "system", "content": content}


def developer(content):
    return {"role": "developer", "content": content}


def tool(content, name=NINE):
    return {"role": "tool", "tool_call_id": name, "content": content}


def calls(*made, content=None):
    return assistant(content, tool_calls=list(made))


CASES = {
    # good
    "chat: user": ([user("Hi")], ""),
    "chat: system and user": ([system("Be brief."), user("Hi")], ""),
    "chat: whole turn": ([system("Be brief."), user("Hi"), assistant("Hello."), user("And?")], ""),
    "chat: two systems first": ([system("A"), system("B"), user("Hi")], ""),
    "chat: developer first": ([developer("Be brief."), user("Hi")], ""),
    "chat: system of parts": ([system([text("A"), text("B")]), user("Hi")], ""),
    "chat: user of parts": ([user(text("A"), text("B"))], ""),
    "chat: image": ([user(text("What?"), image(PNG))], ""),
    "chat: image by URL": ([user(image("https://example.com/cat.png"))], ""),
    "chat: image low": ([user(image(PNG, detail="low"))], ""),
    "chat: image auto": ([user(image(PNG, detail="auto"))], ""),
    "chat: image original": ([user(image(PNG, detail="original"))], ""),
    "chat: audio": ([user(audio(WAV))], ""),
    "chat: file": ([user(file(file_data=PDF, filename="a.pdf"))], ""),
    "chat: file by id": ([user(file(file_id="file-123"))], ""),
    "chat: assistant of parts": ([user("Hi"), assistant([text("A"), text("B")])], ""),
    "chat: assistant refuses": ([user("Hi"), assistant(None, refusal="No.")], ""),
    "chat: assistant refusal part": ([user("Hi"), assistant([{"type": "refusal", "refusal": "No."}])], ""),
    "chat: assistant audio": ([user("Hi"), assistant(None, audio={"id": "audio_1"})], ""),
    "chat: call and result": ([user("W?"), calls(call(NINE)), tool("12"), assistant("12 degrees.")], ""),
    "chat: result of parts": ([user("W?"), calls(call(NINE)), tool([text("12")]), assistant("12 degrees.")], ""),
    "results: two calls": (
        [user("W?"), calls(call(NINE), call("zzz999ZZZ")), tool("1"), tool("2", "zzz999ZZZ"), user("And?")],
        "",
    ),
    "results: results in another order": (
        [user("W?"), calls(call(NINE), call("zzz999ZZZ")), tool("2", "zzz999ZZZ"), tool("1"), user("And?")],
        "",
    ),
    "results: two rounds": (
        [user("W?"), calls(call(NINE)), tool("1"), calls(call("zzz999ZZZ")), tool("2", "zzz999ZZZ")],
        "",
    ),
    "chat: text beside calls": (
        [user("W?"), calls(call(NINE), content="Let me see."), tool("12"), assistant("12.")],
        "",
    ),
    "call: empty text beside calls": ([user("W?"), calls(call(NINE), content=""), tool("12"), assistant("12.")], ""),
    "call: custom call": (
        [user("W?"), calls({"id": NINE, "type": "custom", "custom": {"name": "run", "input": "x"}}), tool("12")],
        "",
    ),
    "arguments: no arguments": ([user("W?"), calls(call(NINE, arguments="{}")), tool("12")], ""),
    "name: named user": ([user("Hi", name="Ann_Lee-2")], ""),
    "name: long name": ([user("Hi", name="a" * 64)], ""),
    "Two users in a row": ([user("Hi"), user("There?")], ""),
    "Two assistants in a row": ([user("Hi"), assistant("A."), assistant("B.")], ""),
    "Ends with the assistant": ([user("Hi"), assistant("A.")], ""),
    "characters: odd text": ([user("\u202e\u0000 ﷽ 💩\u2028<script>")], ""),
    "Prompt cache": ([user({**text("A"), "prompt_cache_breakpoint": {"mode": "explicit"}})], ""),
    "Null where absent": (
        [user("Hi"), assistant("A.", refusal=None, audio=None, function_call=None, tool_calls=None)],
        "",
    ),
    "Annotations of a response": ([user("Hi"), assistant("A.", annotations=[])], ""),
    # roles
    "role: User": ([{"role": "User", "content": "Hi"}], "role-unknown"),
    "role: SYSTEM": ([{"role": "SYSTEM", "content": "A"}, user("Hi")], "role-unknown"),
    "role: space": ([{"role": " user", "content": "Hi"}], "role-unknown"),
    "role: human": ([{"role": "human", "content": "Hi"}], "role-unknown"),
    "role: ai": ([user("Hi"), {"role": "ai", "content": "A"}], "role-unknown"),
    "role: model": ([user("Hi"), {"role": "model", "content": "A"}], "role-unknown"),
    "role: empty": ([{"role": "", "content": "Hi"}], "role-unknown"),
    "role: null": ([{"role": None, "content": "Hi"}], "role-unknown"),
    "role: number": ([{"role": 5, "content": "Hi"}], "role-unknown"),
    "role: list": ([{"role": ["user"], "content": "Hi"}], "role-unknown"),
    "role: none": ([{"content": "Hi"}], "key-missing"),
    "chat: function": ([user("W?"), {"role": "function", "name": "w", "content": "12"}], "role-deprecated"),
    "order: system late": ([user("Hi"), system("Be brief."), user("And?")], "system-not-first"),
    "order: developer late": ([user("Hi"), developer("Be brief."), user("And?")], "system-not-first"),
    # content
    "content: user null": ([user("Hi"), {"role": "user", "content": None}], "content-missing"),
    "content: user none": ([{"role": "user"}], "content-missing"),
    "content: system null": ([{"role": "system", "content": None}, user("Hi")], "content-missing"),
    "content: tool null": (
        [user("W?"), calls(call(NINE)), {"role": "tool", "tool_call_id": NINE, "content": None}],
        "content-missing",
    ),
    "chat: assistant null": ([user("Hi"), assistant(None), user("Well?")], "content-missing"),
    "chat: assistant none": ([user("Hi"), {"role": "assistant"}, user("Well?")], "content-missing"),
    "text: empty": ([user("")], "content-empty"),
    "text: empty list": ([user("Hi"), {"role": "user", "content": []}], "content-empty"),
    "text: empty part": ([user(text(""))], "content-empty"),
    "text: empty assistant": ([user("Hi"), assistant(""), user("Well?")], "content-empty"),
    "chat: content number": ([{"role": "user", "content": 5}], "type-mismatch"),
    "chat: content object": ([{"role": "user", "content": {"type": "text", "text": "Hi"}}], "type-mismatch"),
    "chat: content strings": ([{"role": "user", "content": ["Hi"]}], "type-mismatch"),
    "part: no type": ([user({"text": "Hi"})], "key-missing"),
    "part: type null": ([user({"type": None, "text": "Hi"})], "type-mismatch"),
    "part: type unknown": ([user({"type": "hologram", "hologram": "x"})], "part-unknown"),
    "part: input_text": ([user({"type": "input_text", "text": "Hi"})], "part-unknown"),
    "part: no text": ([user({"type": "text"})], "key-missing"),
    "part: text number": ([user({"type": "text", "text": 5})], "type-mismatch"),
    "part: text null": ([user({"type": "text", "text": None})], "type-mismatch"),
    "part: nested": ([user({"type": "text", "text": [text("Hi")]})], "type-mismatch"),
    "part: other key": ([user({**text("Hi"), "mood": "glad"})], "key-unknown"),
    "chat: message key": ([user("Hi", mood="glad")], "key-unknown"),
    "media: image in system": ([system([image(PNG)]), user("Hi")], "part-not-allowed"),
    "media: image in developer": ([developer([image(PNG)]), user("Hi")], "part-not-allowed"),
    "media: image in assistant": ([user("Hi"), assistant([image(PNG)])], "part-not-allowed"),
    "media: image in tool": ([user("W?"), calls(call(NINE)), tool([image(PNG)])], "part-not-allowed"),
    "media: audio in assistant": ([user("Hi"), assistant([audio(WAV)])], "part-not-allowed"),
    "media: audio in system": ([system([audio(WAV)]), user("Hi")], "part-not-allowed"),
    "media: audio in tool": ([user("W?"), calls(call(NINE)), tool([audio(WAV)])], "part-not-allowed"),
    "media: file in assistant": ([user("Hi"), assistant([file(file_id="file-123")])], "part-not-allowed"),
    "media: refusal in user": ([user({"type": "refusal", "refusal": "No."})], "part-not-allowed"),
    "chat: refusal with text": (
        [user("Hi"), assistant([text("A"), {"type": "refusal", "refusal": "No."}])],
        "part-not-allowed",
    ),
    "chat: two refusals": (
        [user("Hi"), assistant([{"type": "refusal", "refusal": "No."}, {"type": "refusal", "refusal": "No!"}])],
        "part-not-allowed part-not-allowed",
    ),
    "chat: vLLM's video": (
        [user({"type": "video_url", "video_url": {"url": "https://example.com/a.mp4"}})],
        "part-not-allowed",
    ),
    "chat: vLLM's audio": (
        [user({"type": "audio_url", "audio_url": {"url": "https://example.com/a.wav"}})],
        "part-not-allowed",
    ),
    "chat: thinking": (
        [user("Hi"), assistant([{"type": "thinking", "thinking": "Hm."}, text("A")])],
        "part-not-allowed",
    ),
    "chat: no url": ([user({"type": "image_url", "image_url": {}})], "key-missing"),
    "chat: no image_url": ([user({"type": "image_url"})], "key-missing"),
    "chat: url null": ([user(image(None))], "type-mismatch"),
    "chat: url number": ([user(image(5))], "type-mismatch"),
    "chat: plain image_url": ([user({"type": "image_url", "image_url": PNG})], "image-url-string"),
    "chat: detail max": ([user(image(PNG, detail="max"))], "detail-unknown"),
    "chat: detail HIGH": ([user(image(PNG, detail="HIGH"))], "detail-unknown"),
    "chat: detail number": ([user(image(PNG, detail=1))], "type-mismatch"),
    "chat: format audio/wav": ([user(audio(WAV, "audio/wav"))], "audio-format-unknown"),
    "chat: format flac": ([user(audio(WAV, "flac"))], "media-type-mismatch audio-format-unknown"),
    "chat: no format": ([user(audio(WAV, None))], "key-missing"),
    "chat: no data": ([user({"type": "input_audio", "input_audio": {"format": "wav"}})], "key-missing"),
    "chat: data URL": ([user(audio(f"data:audio/wav;base64,{WAV}"))], "audio-data-url"),
    "chat: mp3 that is WAV": ([user(audio(WAV, "mp3"))], "media-type-mismatch"),
    "chat: neither": ([user(file(filename="a.pdf"))], "file-source"),
    "chat: both": ([user(file(file_data=PDF, file_id="file-123", filename="a.pdf"))], "file-source"),
    "chat: no filename": ([user(file(file_data=PDF))], "file-source"),
    "chat: no file": ([user({"type": "file"})], "key-missing"),
    "chat: bare base64": ([user(file(file_data="JVBERi0xLjQKJSVFT0Y=", filename="a.pdf"))], "file-data-bare"),
    "chat: no PDF": ([user(file(file_data=PNG, filename="a.png"))], "media-format-unsupported"),
    "data URL: no comma": ([user(image("data:image/png;base64"))], "data-url-invalid"),
    "data URL: not base64": ([user(image("data:image/png,AAAA"))], "data-url-invalid"),
    "base64: padding": ([user(image(PNG[:-1]))], "base64-invalid"),
    "base64: newline": ([user(image(PNG[:60] + "\n" + PNG[60:]))], "base64-invalid"),
    "base64: trailing bits": ([user(image(PNG[:-4] + "gh=="))], "base64-invalid"),
    "data URL: empty": ([user(image("data:image/png;base64,"))], "media-empty"),
    "media type: JPEG that is PNG": ([user(image(PNG.replace("png", "jpeg", 1)))], "media-type-mismatch"),
    "media type: SVG": ([user(image("data:image/svg+xml;base64,PHN2Zy8+"))], "media-format-unsupported"),
    "Alias": ([user(image(PNG.replace("image/png", "image/x-png")))], "media-type-alias"),
    "path: outside": ([user(image("../../etc/passwd"))], "reference-outside-root"),
    "path: absolute": ([user(image("/etc/passwd"))], "reference-outside-root"),
    "path: file URL": ([user(image("file:///etc/passwd"))], "reference-outside-root"),
    "URL: ftp": ([user(image("ftp://example.com/a.png"))], "reference-scheme"),
    "URL: s3": ([user(image("s3://bucket/a.png"))], "reference-scheme"),
    # names
    "name: space": ([user("Hi", name="Ann Lee")], "name-invalid"),
    "name: long": ([user("Hi", name="a" * 65)], "name-invalid"),
    "name: control": ([user("Hi", name="Ann\n")], "name-invalid"),
    "name: empty": ([user("Hi", name="")], "name-invalid"),
    "name: dot": ([user("Hi", name="a.b")], "name-invalid"),
    "name: number": ([user("Hi", name=5)], "type-mismatch"),
    # tool calls
    "result: orphan": ([user("W?"), tool("12"), user("And?")], "tool-result-orphan"),
    "result: wrong id": (
        [user("W?"), calls(call(NINE)), tool("12", "zzz999ZZZ")],
        "tool-call-pending tool-result-orphan",
    ),
    "result: no id": ([user("W?"), calls(call(NINE)), {"role": "tool", "content": "12"}], "tool-call-id-missing"),
    "result: id null": ([user("W?"), calls(call(NINE)), tool("12", None)], "tool-call-id-missing"),
    "result: id number": ([user("W?"), calls(call(NINE)), tool("12", 5)], "type-mismatch"),
    "result: trimmed": ([tool("12"), assistant("12 degrees.")], "tool-result-orphan"),
    "result: late": ([user("W?"), calls(call(NINE)), user("Well?"), tool("12")], "tool-result-missing"),
    "ids: in one turn": ([user("W?"), calls(call(NINE), call(NINE)), tool("12")], "tool-call-id-duplicate"),
    "ids: across turns": (
        [user("W?"), calls(call(NINE)), tool("1"), calls(call(NINE)), tool("2")],
        "tool-call-id-duplicate",
    ),
    "pending: unanswered": ([user("W?"), calls(call(NINE)), user("Well?")], "tool-result-missing"),
    "pending: one of two": (
        [user("W?"), calls(call(NINE), call("zzz999ZZZ")), tool("1"), assistant("A.")],
        "tool-result-missing",
    ),
    "pending: at the end": ([user("W?"), calls(call(NINE))], "tool-call-pending"),
    "results: twice answered": (
        [user("W?"), calls(call(NINE)), tool("1"), tool("2"), assistant("A.")],
        "tool-result-duplicate",
    ),
    "results: id of 41": ([user("W?"), calls(call("a" * 41)), tool("1", "a" * 41)], "tool-call-id-invalid"),
    "call: no id": (
        [user("W?"), calls({"type": "function", "function": {"name": "w", "arguments": "{}"}})],
        "tool-call-id-missing",
    ),
    "call: id empty": ([user("W?"), calls(call(""))], "tool-call-id-missing"),
    "call: empty list": ([user("Hi"), assistant("A.", tool_calls=[]), user("And?")], "tool-calls-empty"),
    "call: no function": ([user("W?"), calls({"id": NINE, "type": "function"}), tool("1")], "key-missing"),
    "call: no name": (
        [user("W?"), calls({"id": NINE, "type": "function", "function": {"arguments": "{}"}}), tool("1")],
        "key-missing",
    ),
    "call: no arguments": (
        [user("W?"), calls({"id": NINE, "type": "function", "function": {"name": "w"}}), tool("1")],
        "key-missing",
    ),
    "call: arguments object": (
        [
            user("W?"),
            calls({"id": NINE, "type": "function", "function": {"name": "w", "arguments": {"a": 1}}}),
            tool("1"),
        ],
        "type-mismatch",
    ),
    "call: no type": (
        [user("W?"), calls({"id": NINE, "function": {"name": "w", "arguments": "{}"}}), tool("1")],
        "key-missing",
    ),
    "call: type unknown": ([user("W?"), calls({"id": NINE, "type": "magic", "magic": {}}), tool("1")], "part-unknown"),
    "call: calls object": ([user("W?"), assistant(None, tool_calls={"id": NINE}), tool("1")], "type-mismatch"),
    "call: in user": ([user("W?", tool_calls=[call(NINE)]), tool("1")], "tool-calls-misplaced"),
    "call: function_call": (
        [user("W?"), assistant(None, function_call={"name": "w", "arguments": "{}"})],
        "function-call-deprecated",
    ),
    "arguments: not JSON": (
        [user("W?"), calls(call(NINE, arguments="{'a': 1}")), tool("1")],
        "tool-arguments-not-json",
    ),
    "arguments: a list": ([user("W?"), calls(call(NINE, arguments="[1]")), tool("1")], "tool-arguments-not-json"),
    "arguments: empty": ([user("W?"), calls(call(NINE, arguments="")), tool("1")], "tool-arguments-not-json"),
    "arguments: twice a key": (
        [user("W?"), calls(call(NINE, arguments='{"a": 1, "a": 2}')), tool("1")],
        "tool-arguments-not-json",
    ),
    "depth: deep": (
        [user("W?"), calls(call(NINE, arguments='{"a":' * 900 + "1" + "}" * 900)), tool("1")],
        "tool-arguments-not-json",
    ),
    "number: NaN": ([user("W?"), calls(call(NINE, arguments='{"a": NaN}')), tool("1")], "tool-arguments-not-json"),
    "call: name with space": ([user("W?"), calls(call(NINE, function="get weather")), tool("1")], "tool-name-invalid"),
    "call: name of 65": ([user("W?"), calls(call(NINE, function="w" * 65)), tool("1")], "tool-name-invalid"),
    "call: name with dot": ([user("W?"), calls(call(NINE, function="a.b")), tool("1")], "tool-name-invalid"),
    "call: name empty": ([user("W?"), calls(call(NINE, function="")), tool("1")], "tool-name-invalid"),
    "content: no messages": ([], "messages-empty"),
    "value: message null": ([None], "type-mismatch"),
    "value: message string": (["Hi"], "type-mismatch"),
    # M: mistral's order
    "mistral: system after assistant": ([user("Hi"), assistant("A."), system("B")], "system-not-first"),
    "mistral: tool after user": (
        [user("W?"), calls(call(NINE)), tool("1"), user("W?"), tool("1")],
        "tool-result-duplicate",
    ),
    "mistral: assistant alone": ([assistant("Hi")], ""),
    "mistral: tool alone": ([tool("1")], "tool-result-orphan"),
    "mistral: id of ten": ([user("W?"), calls(call(NINE + "x")), tool("1", NINE + "x")], ""),
    "mistral: id call_1": ([user("W?"), calls(call()), result()], ""),
    "mistral: tool name": ([user("W?"), calls(call(NINE)), {**tool("1"), "name": "get_weather"}], ""),
    "mistral: tool name bad": ([user("W?"), calls(call(NINE)), {**tool("1"), "name": "get weather"}], ""),
}
"""Name -> messages, and the codes that the target openai gives, in the order of the row."""
