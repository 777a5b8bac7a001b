"""
Rows of Chat Completions, good and bad, each with the codes that the sources say.

C1 - C16: openai-python's types and the OpenAI API's answers; R01 - R11: bad input that was seen; M: mistral-common.
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
    "C1 user": ([user("Hi")], ""),
    "C1 system and user": ([system("Be brief."), user("Hi")], ""),
    "C1 whole turn": ([system("Be brief."), user("Hi"), assistant("Hello."), user("And?")], ""),
    "C1 two systems first": ([system("A"), system("B"), user("Hi")], ""),
    "C1 developer first": ([developer("Be brief."), user("Hi")], ""),
    "C2 system of parts": ([system([text("A"), text("B")]), user("Hi")], ""),
    "C3 user of parts": ([user(text("A"), text("B"))], ""),
    "C3 image": ([user(text("What?"), image(PNG))], ""),
    "C3 image by URL": ([user(image("https://example.com/cat.png"))], ""),
    "C3 image low": ([user(image(PNG, detail="low"))], ""),
    "C3 image auto": ([user(image(PNG, detail="auto"))], ""),
    "C7 image original": ([user(image(PNG, detail="original"))], ""),
    "C3 audio": ([user(audio(WAV))], ""),
    "C9 file": ([user(file(file_data=PDF, filename="a.pdf"))], ""),
    "C9 file by id": ([user(file(file_id="file-123"))], ""),
    "C4 assistant of parts": ([user("Hi"), assistant([text("A"), text("B")])], ""),
    "C4 assistant refuses": ([user("Hi"), assistant(None, refusal="No.")], ""),
    "C4 assistant refusal part": ([user("Hi"), assistant([{"type": "refusal", "refusal": "No."}])], ""),
    "C4 assistant audio": ([user("Hi"), assistant(None, audio={"id": "audio_1"})], ""),
    "C5 call and result": ([user("W?"), calls(call(NINE)), tool("12"), assistant("12 degrees.")], ""),
    "C5 result of parts": ([user("W?"), calls(call(NINE)), tool([text("12")]), assistant("12 degrees.")], ""),
    "C12 two calls": (
        [user("W?"), calls(call(NINE), call("zzz999ZZZ")), tool("1"), tool("2", "zzz999ZZZ"), user("And?")],
        "",
    ),
    "C12 results in another order": (
        [user("W?"), calls(call(NINE), call("zzz999ZZZ")), tool("2", "zzz999ZZZ"), tool("1"), user("And?")],
        "",
    ),
    "C12 two rounds": (
        [user("W?"), calls(call(NINE)), tool("1"), calls(call("zzz999ZZZ")), tool("2", "zzz999ZZZ")],
        "",
    ),
    "C4 text beside calls": ([user("W?"), calls(call(NINE), content="Let me see."), tool("12"), assistant("12.")], ""),
    "C10 empty text beside calls": ([user("W?"), calls(call(NINE), content=""), tool("12"), assistant("12.")], ""),
    "C10 custom call": (
        [user("W?"), calls({"id": NINE, "type": "custom", "custom": {"name": "run", "input": "x"}}), tool("12")],
        "",
    ),
    "C11 no arguments": ([user("W?"), calls(call(NINE, arguments="{}")), tool("12")], ""),
    "C13 named user": ([user("Hi", name="Ann_Lee-2")], ""),
    "C13 long name": ([user("Hi", name="a" * 64)], ""),
    "Two users in a row": ([user("Hi"), user("There?")], ""),
    "Two assistants in a row": ([user("Hi"), assistant("A."), assistant("B.")], ""),
    "Ends with the assistant": ([user("Hi"), assistant("A.")], ""),
    "J11 odd text": ([user("\u202e\u0000 ﷽ 💩\u2028<script>")], ""),
    "Prompt cache": ([user({**text("A"), "prompt_cache_breakpoint": {"mode": "explicit"}})], ""),
    "Null where absent": (
        [user("Hi"), assistant("A.", refusal=None, audio=None, function_call=None, tool_calls=None)],
        "",
    ),
    "Annotations of a response": ([user("Hi"), assistant("A.", annotations=[])], ""),
    # roles
    "R01 User": ([{"role": "User", "content": "Hi"}], "role-unknown"),
    "R01 SYSTEM": ([{"role": "SYSTEM", "content": "A"}, user("Hi")], "role-unknown"),
    "R01 space": ([{"role": " user", "content": "Hi"}], "role-unknown"),
    "R01 human": ([{"role": "human", "content": "Hi"}], "role-unknown"),
    "R01 ai": ([user("Hi"), {"role": "ai", "content": "A"}], "role-unknown"),
    "R01 model": ([user("Hi"), {"role": "model", "content": "A"}], "role-unknown"),
    "R01 empty": ([{"role": "", "content": "Hi"}], "role-unknown"),
    "R01 null": ([{"role": None, "content": "Hi"}], "role-unknown"),
    "R01 number": ([{"role": 5, "content": "Hi"}], "role-unknown"),
    "R01 list": ([{"role": ["user"], "content": "Hi"}], "role-unknown"),
    "R01 none": ([{"content": "Hi"}], "key-missing"),
    "C1 function": ([user("W?"), {"role": "function", "name": "w", "content": "12"}], "role-deprecated"),
    "R10 system late": ([user("Hi"), system("Be brief."), user("And?")], "system-not-first"),
    "R10 developer late": ([user("Hi"), developer("Be brief."), user("And?")], "system-not-first"),
    # content
    "R09 user null": ([user("Hi"), {"role": "user", "content": None}], "content-missing"),
    "R09 user none": ([{"role": "user"}], "content-missing"),
    "R09 system null": ([{"role": "system", "content": None}, user("Hi")], "content-missing"),
    "R09 tool null": (
        [user("W?"), calls(call(NINE)), {"role": "tool", "tool_call_id": NINE, "content": None}],
        "content-missing",
    ),
    "C4 assistant null": ([user("Hi"), assistant(None), user("Well?")], "content-missing"),
    "C4 assistant none": ([user("Hi"), {"role": "assistant"}, user("Well?")], "content-missing"),
    "C14 empty": ([user("")], "content-empty"),
    "C14 empty list": ([user("Hi"), {"role": "user", "content": []}], "content-empty"),
    "C14 empty part": ([user(text(""))], "content-empty"),
    "C14 empty assistant": ([user("Hi"), assistant(""), user("Well?")], "content-empty"),
    "C content number": ([{"role": "user", "content": 5}], "type-mismatch"),
    "C content object": ([{"role": "user", "content": {"type": "text", "text": "Hi"}}], "type-mismatch"),
    "C content strings": ([{"role": "user", "content": ["Hi"]}], "type-mismatch"),
    "R08 no type": ([user({"text": "Hi"})], "key-missing"),
    "R08 type null": ([user({"type": None, "text": "Hi"})], "type-mismatch"),
    "R08 type unknown": ([user({"type": "hologram", "hologram": "x"})], "part-unknown"),
    "R08 input_text": ([user({"type": "input_text", "text": "Hi"})], "part-unknown"),
    "R08 no text": ([user({"type": "text"})], "key-missing"),
    "R08 text number": ([user({"type": "text", "text": 5})], "type-mismatch"),
    "R08 text null": ([user({"type": "text", "text": None})], "type-mismatch"),
    "R08 nested": ([user({"type": "text", "text": [text("Hi")]})], "type-mismatch"),
    "R08 other key": ([user({**text("Hi"), "mood": "glad"})], "key-unknown"),
    "C message key": ([user("Hi", mood="glad")], "key-unknown"),
    "R07 image in system": ([system([image(PNG)]), user("Hi")], "part-not-allowed"),
    "R07 image in developer": ([developer([image(PNG)]), user("Hi")], "part-not-allowed"),
    "R07 image in assistant": ([user("Hi"), assistant([image(PNG)])], "part-not-allowed"),
    "R07 image in tool": ([user("W?"), calls(call(NINE)), tool([image(PNG)])], "part-not-allowed"),
    "R07 audio in assistant": ([user("Hi"), assistant([audio(WAV)])], "part-not-allowed"),
    "R07 audio in system": ([system([audio(WAV)]), user("Hi")], "part-not-allowed"),
    "R07 audio in tool": ([user("W?"), calls(call(NINE)), tool([audio(WAV)])], "part-not-allowed"),
    "R07 file in assistant": ([user("Hi"), assistant([file(file_id="file-123")])], "part-not-allowed"),
    "R07 refusal in user": ([user({"type": "refusal", "refusal": "No."})], "part-not-allowed"),
    "C4 refusal with text": (
        [user("Hi"), assistant([text("A"), {"type": "refusal", "refusal": "No."}])],
        "part-not-allowed",
    ),
    "C4 two refusals": (
        [user("Hi"), assistant([{"type": "refusal", "refusal": "No."}, {"type": "refusal", "refusal": "No!"}])],
        "part-not-allowed part-not-allowed",
    ),
    "C3 vLLM's video": (
        [user({"type": "video_url", "video_url": {"url": "https://example.com/a.mp4"}})],
        "part-not-allowed",
    ),
    "C3 vLLM's audio": (
        [user({"type": "audio_url", "audio_url": {"url": "https://example.com/a.wav"}})],
        "part-not-allowed",
    ),
    "C4 thinking": ([user("Hi"), assistant([{"type": "thinking", "thinking": "Hm."}, text("A")])], "part-not-allowed"),
    "C3 no url": ([user({"type": "image_url", "image_url": {}})], "key-missing"),
    "C3 no image_url": ([user({"type": "image_url"})], "key-missing"),
    "C3 url null": ([user(image(None))], "type-mismatch"),
    "C3 url number": ([user(image(5))], "type-mismatch"),
    "C3 plain image_url": ([user({"type": "image_url", "image_url": PNG})], "image-url-string"),
    "C7 detail max": ([user(image(PNG, detail="max"))], "detail-unknown"),
    "C7 detail HIGH": ([user(image(PNG, detail="HIGH"))], "detail-unknown"),
    "C7 detail number": ([user(image(PNG, detail=1))], "type-mismatch"),
    "C8 format audio/wav": ([user(audio(WAV, "audio/wav"))], "audio-format-unknown"),
    "C8 format flac": ([user(audio(WAV, "flac"))], "media-type-mismatch audio-format-unknown"),
    "C8 no format": ([user(audio(WAV, None))], "key-missing"),
    "C8 no data": ([user({"type": "input_audio", "input_audio": {"format": "wav"}})], "key-missing"),
    "C8 data URL": ([user(audio(f"data:audio/wav;base64,{WAV}"))], "audio-data-url"),
    "C8 mp3 that is WAV": ([user(audio(WAV, "mp3"))], "media-type-mismatch"),
    "C9 neither": ([user(file(filename="a.pdf"))], "file-source"),
    "C9 both": ([user(file(file_data=PDF, file_id="file-123", filename="a.pdf"))], "file-source"),
    "C9 no filename": ([user(file(file_data=PDF))], "file-source"),
    "C9 no file": ([user({"type": "file"})], "key-missing"),
    "C9 bare base64": ([user(file(file_data="JVBERi0xLjQKJSVFT0Y=", filename="a.pdf"))], "file-data-bare"),
    "C9 no PDF": ([user(file(file_data=PNG, filename="a.png"))], "media-format-unsupported"),
    "D07 no comma": ([user(image("data:image/png;base64"))], "data-url-invalid"),
    "D07 not base64": ([user(image("data:image/png,AAAA"))], "data-url-invalid"),
    "D01 padding": ([user(image(PNG[:-1]))], "base64-invalid"),
    "D02 newline": ([user(image(PNG[:60] + "\n" + PNG[60:]))], "base64-invalid"),
    "D05 trailing bits": ([user(image(PNG[:-4] + "gh=="))], "base64-invalid"),
    "D06 empty": ([user(image("data:image/png;base64,"))], "media-empty"),
    "D09 JPEG that is PNG": ([user(image(PNG.replace("png", "jpeg", 1)))], "media-type-mismatch"),
    "D09 SVG": ([user(image("data:image/svg+xml;base64,PHN2Zy8+"))], "media-format-unsupported"),
    "Alias": ([user(image(PNG.replace("image/png", "image/x-png")))], "media-type-alias"),
    "P01 outside": ([user(image("../../etc/passwd"))], "reference-outside-root"),
    "P03 absolute": ([user(image("/etc/passwd"))], "reference-outside-root"),
    "P09 file URL": ([user(image("file:///etc/passwd"))], "reference-outside-root"),
    "P20 ftp": ([user(image("ftp://example.com/a.png"))], "reference-scheme"),
    "P21 s3": ([user(image("s3://bucket/a.png"))], "reference-scheme"),
    # names
    "R11 space": ([user("Hi", name="Ann Lee")], "name-invalid"),
    "R11 long": ([user("Hi", name="a" * 65)], "name-invalid"),
    "R11 control": ([user("Hi", name="Ann\n")], "name-invalid"),
    "R11 empty": ([user("Hi", name="")], "name-invalid"),
    "R11 dot": ([user("Hi", name="a.b")], "name-invalid"),
    "R11 number": ([user("Hi", name=5)], "type-mismatch"),
    # tool calls
    "R02 orphan": ([user("W?"), tool("12"), user("And?")], "tool-result-orphan"),
    "R02 wrong id": ([user("W?"), calls(call(NINE)), tool("12", "zzz999ZZZ")], "tool-call-pending tool-result-orphan"),
    "R02 no id": ([user("W?"), calls(call(NINE)), {"role": "tool", "content": "12"}], "tool-call-id-missing"),
    "R02 id null": ([user("W?"), calls(call(NINE)), tool("12", None)], "tool-call-id-missing"),
    "R02 id number": ([user("W?"), calls(call(NINE)), tool("12", 5)], "type-mismatch"),
    "R02 trimmed": ([tool("12"), assistant("12 degrees.")], "tool-result-orphan"),
    "R02 late": ([user("W?"), calls(call(NINE)), user("Well?"), tool("12")], "tool-result-missing"),
    "R03 in one turn": ([user("W?"), calls(call(NINE), call(NINE)), tool("12")], "tool-call-id-duplicate"),
    "R03 across turns": (
        [user("W?"), calls(call(NINE)), tool("1"), calls(call(NINE)), tool("2")],
        "tool-call-id-duplicate",
    ),
    "R04 unanswered": ([user("W?"), calls(call(NINE)), user("Well?")], "tool-result-missing"),
    "R04 one of two": (
        [user("W?"), calls(call(NINE), call("zzz999ZZZ")), tool("1"), assistant("A.")],
        "tool-result-missing",
    ),
    "R04 at the end": ([user("W?"), calls(call(NINE))], "tool-call-pending"),
    "C12 twice answered": (
        [user("W?"), calls(call(NINE)), tool("1"), tool("2"), assistant("A.")],
        "tool-result-duplicate",
    ),
    "C12 id of 41": ([user("W?"), calls(call("a" * 41)), tool("1", "a" * 41)], "tool-call-id-invalid"),
    "C10 no id": (
        [user("W?"), calls({"type": "function", "function": {"name": "w", "arguments": "{}"}})],
        "tool-call-id-missing",
    ),
    "C10 id empty": ([user("W?"), calls(call(""))], "tool-call-id-missing"),
    "C10 empty list": ([user("Hi"), assistant("A.", tool_calls=[]), user("And?")], "tool-calls-empty"),
    "C10 no function": ([user("W?"), calls({"id": NINE, "type": "function"}), tool("1")], "key-missing"),
    "C10 no name": (
        [user("W?"), calls({"id": NINE, "type": "function", "function": {"arguments": "{}"}}), tool("1")],
        "key-missing",
    ),
    "C10 no arguments": (
        [user("W?"), calls({"id": NINE, "type": "function", "function": {"name": "w"}}), tool("1")],
        "key-missing",
    ),
    "C10 arguments object": (
        [
            user("W?"),
            calls({"id": NINE, "type": "function", "function": {"name": "w", "arguments": {"a": 1}}}),
            tool("1"),
        ],
        "type-mismatch",
    ),
    "C10 no type": (
        [user("W?"), calls({"id": NINE, "function": {"name": "w", "arguments": "{}"}}), tool("1")],
        "key-missing",
    ),
    "C10 type unknown": ([user("W?"), calls({"id": NINE, "type": "magic", "magic": {}}), tool("1")], "part-unknown"),
    "C10 calls object": ([user("W?"), assistant(None, tool_calls={"id": NINE}), tool("1")], "type-mismatch"),
    "C10 in user": ([user("W?", tool_calls=[call(NINE)]), tool("1")], "tool-calls-misplaced"),
    "C10 function_call": (
        [user("W?"), assistant(None, function_call={"name": "w", "arguments": "{}"})],
        "function-call-deprecated",
    ),
    "R05 not JSON": ([user("W?"), calls(call(NINE, arguments="{'a': 1}")), tool("1")], "tool-arguments-not-json"),
    "R05 a list": ([user("W?"), calls(call(NINE, arguments="[1]")), tool("1")], "tool-arguments-not-json"),
    "R05 empty": ([user("W?"), calls(call(NINE, arguments="")), tool("1")], "tool-arguments-not-json"),
    "R05 twice a key": (
        [user("W?"), calls(call(NINE, arguments='{"a": 1, "a": 2}')), tool("1")],
        "tool-arguments-not-json",
    ),
    "J04 deep": (
        [user("W?"), calls(call(NINE, arguments='{"a":' * 900 + "1" + "}" * 900)), tool("1")],
        "tool-arguments-not-json",
    ),
    "J02 NaN": ([user("W?"), calls(call(NINE, arguments='{"a": NaN}')), tool("1")], "tool-arguments-not-json"),
    "C10 name with space": ([user("W?"), calls(call(NINE, function="get weather")), tool("1")], "tool-name-invalid"),
    "C10 name of 65": ([user("W?"), calls(call(NINE, function="w" * 65)), tool("1")], "tool-name-invalid"),
    "C10 name with dot": ([user("W?"), calls(call(NINE, function="a.b")), tool("1")], "tool-name-invalid"),
    "C10 name empty": ([user("W?"), calls(call(NINE, function="")), tool("1")], "tool-name-invalid"),
    "R09 no messages": ([], "messages-empty"),
    "J10 message null": ([None], "type-mismatch"),
    "J10 message string": (["Hi"], "type-mismatch"),
    # M: mistral's order
    "M system after assistant": ([user("Hi"), assistant("A."), system("B")], "system-not-first"),
    "M tool after user": ([user("W?"), calls(call(NINE)), tool("1"), user("W?"), tool("1")], "tool-result-duplicate"),
    "M assistant alone": ([assistant("Hi")], ""),
    "M tool alone": ([tool("1")], "tool-result-orphan"),
    "M id of ten": ([user("W?"), calls(call(NINE + "x")), tool("1", NINE + "x")], ""),
    "M id call_1": ([user("W?"), calls(call()), result()], ""),
    "M tool name": ([user("W?"), calls(call(NINE)), {**tool("1"), "name": "get_weather"}], ""),
    "M tool name bad": ([user("W?"), calls(call(NINE)), {**tool("1"), "name": "get weather"}], ""),
}
"""Name -> messages, and the codes that the target openai gives, in the order of the row."""
