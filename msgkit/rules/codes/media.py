"""Codes of references, of media, and of the request as a whole."""

from base64 import b64decode

from msgkit.rules.codes.base import Code, audio, file, image, text, user

_PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABAQAAAAA3bvkkAAAACklEQVR42mNoAAAAggCB2kUIOwAAAABJRU5ErkJggg=="
_TURNED = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABAQAAAAA3bvkkAAAAGmVYSWZNTQAqAAAACAABARIAAwAAAAEABgAAAAAAANZnS2kAAAAK"
    "SURBVHjaY2gAAACCAIHaRQg7AAAAAElFTkSuQmCC"
)
_OWNED = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABAQAAAAA3bvkkAAAAImVYSWZNTQAqAAAACAABATsAAgAAAAgAAAAaAAAAAEFubiBMZWUAfvqDDwAAAAp"
    "JREFUeNpjaAAAAIIAgdpFCDsAAAAASUVORK5CYII="
)
_HUGE = "iVBORw0KGgoAAAANSUhEUgAAIygAACMoAQAAAABFrk8XAAAACklEQVR42mNoAAAAggCB2kUIOwAAAABJRU5ErkJggg=="
_ANIMATED = "R0lGODlhAQABAAAAACH/C05FVFNDQVBFMi4wAwEAAAAsAAAAAAEAAQAAAgJEAQAsAAAAAAEAAQAAAgJEAQA7"
_WAV = "UklGRigAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQQAAAAAAAEA"
_MP3 = "//MUxAAAAAAAAAAAAAAAAAAAAAAAAAAA" * 3
_PDF = "JVBERi0xLjQKJSVFT0Y="
_CAT = {"cat.png": b64decode(_PNG), "album/cat.png": b64decode(_PNG)}
_URL = "messages[0].content[0].image_url.url"
_DATA = "messages[0].content[0].input_audio.data"
_RULE = "msgkit's rule for references: the string alone decides, and nothing outside the root is opened"
_VISION = "Anthropic docs: build with Claude, vision"


def _png(data: str = _PNG) -> str:
    return f"data:image/png;base64,{data}"


REFERENCES = (
    Code(
        "reference-outside-root",
        "The reference leaves the root.",
        "error",
        _RULE,
        at=_URL,
        bad=[user(image("../cat.png"))],
        good=[user(image("cat.png"))],
        files=_CAT,
    ),
    Code(
        "reference-not-found",
        "There is no file of that name below the root.",
        "error",
        _RULE,
        at=_URL,
        bad=[user(image("dog.png"))],
        good=[user(image("cat.png"))],
        files=_CAT,
    ),
    Code(
        "reference-not-a-file",
        "The reference names a folder, a device or a pipe.",
        "error",
        _RULE,
        at=_URL,
        bad=[user(image("album"))],
        good=[user(image("album/cat.png"))],
        files=_CAT,
    ),
    Code(
        "reference-unreadable",
        "The file is there and cannot be read.",
        "error",
        _RULE,
        at=_URL,
        bad=[user(image("locked.png"))],
        good=[user(image("cat.png"))],
        files={**_CAT, "locked.png": b""},
    ),
    Code(
        "reference-scheme",
        "The string has a scheme that is neither data, http, https nor file, or is a URL where none may stand.",
        "error",
        _RULE,
        at=_URL,
        bad=[user(image("s3://photos/cat.png"))],
        good=[user(image("https://example.com/cat.png"))],
    ),
    Code(
        "reference-invalid",
        "The string cannot be the name of a file.",
        "error",
        _RULE,
        at=_URL,
        bad=[user(image("cat\0.png"))],
        good=[user(image("cat.png"))],
        files=_CAT,
    ),
    Code(
        "reference-unresolved",
        "The row names local media and does not hold them, so it cannot be sent as it is.",
        "error",
        "check --ready",
        at=_URL,
        bad=[user(image("cat.png"))],
        good=[user(image(_png()))],
        hint="msgkit inline brings them in",
        ready=True,
    ),
)

MEDIA = (
    Code(
        "data-url-invalid",
        "A data URL that is none: no comma, no ';base64', a media type of no such form.",
        "error",
        "RFC 2397, The data URL scheme",
        at=_URL,
        bad=[user(image(f"data:image/png,{_PNG}"))],
        good=[user(image(_png()))],
    ),
    Code(
        "base64-invalid",
        "Not canonical base64; the offset is named.",
        "error",
        "RFC 4648, section 4",
        at=_URL,
        bad=[user(image(_png(_PNG.replace("+", "-").replace("=", ""))))],
        good=[user(image(_png()))],
    ),
    Code(
        "media-empty",
        "There are no data.",
        "error",
        "RFC 2397, The data URL scheme",
        at=_URL,
        bad=[user(image("data:image/png;base64,"))],
        good=[user(image(_png()))],
    ),
    Code(
        "media-type-mismatch",
        "The declared media type or format and the bytes disagree; for a file name's extension it is a warning.",
        "error",
        "Anthropic API: specified using image/png, but the image appears to be image/jpeg; instructor#2415",
        at=_URL,
        bad=[user(image(f"data:image/jpeg;base64,{_PNG}"))],
        good=[user(image(_png()))],
        fixable=True,
    ),
    Code(
        "media-type-alias",
        "The data URL declares an alias of the media type, which some servers do not know.",
        "warning",
        "IANA media types; anthropic-sdk-python base64_image_source_param.py",
        at=_URL,
        bad=[user(image(f"data:image/x-png;base64,{_PNG}"))],
        good=[user(image(_png()))],
        fixable=True,
    ),
    Code(
        "media-format-unsupported",
        "The target does not take this kind of image, audio or file.",
        "error",
        "the target's documentation; hermes-agent#67848 (HEIC named .jpg)",
        at=_URL,
        bad=[user(image("data:image/svg+xml;base64,PHN2Zy8+"))],
        good=[user(image(_png()))],
    ),
    Code(
        "media-truncated",
        "The media break off before their end.",
        "error",
        "the format of the media",
        at=_URL,
        bad=[user(image(_png(_PNG[:-16])))],
        good=[user(image(_png()))],
    ),
    Code(
        "media-invalid",
        "The header of the media contradicts itself.",
        "error",
        "the format of the media",
        at=_URL,
        bad=[user(image(_png("iVBORw0KGgoAAAANSUhEUgAAAAAAAAABAQAAAADYrJIa")))],
        good=[user(image(_png()))],
    ),
    Code(
        "media-too-large",
        "More bytes or pixels than the target takes; Anthropic counts the bytes as base64.",
        "error",
        f"{_VISION}; openclaw#5344, software-agent-sdk#2467",
        at=_URL,
        bad=[user(image(_png(_HUGE)))],
        good=[user(image(_png()))],
        target="anthropic",
    ),
    Code(
        "audio-too-long",
        "More seconds than the target takes.",
        "error",
        "vLLM vllm/multimodal/audio.py",
        at=_DATA,
        bad=[user(audio(_MP3, "mp3"))],
        good=[user(audio(_WAV))],
        target="vllm",
        limits={"audio.max_seconds": 0.01},
    ),
    Code(
        "audio-data-url",
        "input_audio.data holds a data URL: it must be bare base64.",
        "error",
        "openai-python chat_completion_content_part_input_audio_param.py; inspect_ai#1512",
        at=_DATA,
        bad=[user(audio(f"data:audio/wav;base64,{_WAV}"))],
        good=[user(audio(_WAV))],
        hint="leave out what stands before the base64",
        fixable=True,
    ),
    Code(
        "audio-format-unknown",
        "input_audio.format is none that the target knows.",
        "error",
        "openai-python chat_completion_content_part_input_audio_param.py; pydantic-ai#1594",
        at="messages[0].content[0].input_audio.format",
        bad=[user(audio(_WAV, "audio/wav"))],
        good=[user(audio(_WAV))],
        fixable=True,
    ),
    Code(
        "file-data-bare",
        "file_data is bare base64: the API wants a data URL.",
        "error",
        "OpenAI guide: file inputs (file_data is a data URL)",
        at="messages[0].content[0].file.file_data",
        bad=[user(file(file_data=_PDF, filename="report.pdf"))],
        good=[user(file(file_data=f"data:application/pdf;base64,{_PDF}", filename="report.pdf"))],
        fixable=True,
    ),
    Code(
        "image-orientation",
        "EXIF says to turn the picture: the model sees it as stored, so sideways.",
        "warning",
        "mistral-common#330, ollama#18418, llama.cpp#24196",
        at=_URL,
        bad=[user(image(_png(_TURNED)))],
        good=[user(image(_png()))],
        fixable=True,
    ),
    Code(
        "image-private-metadata",
        "The metadata hold a position, the owner's name or a serial number.",
        "warning",
        "Exif 2.32: GPSInfo, Artist, CameraOwnerName",
        at=_URL,
        bad=[user(image(_png(_OWNED)))],
        good=[user(image(_png()))],
        hint="strip the metadata before sending",
    ),
    Code(
        "image-animated",
        "The image has more than one frame: models see one, or refuse it.",
        "warning",
        "OpenAI guide: images and vision (non-animated GIF)",
        at=_URL,
        bad=[user(image(f"data:image/gif;base64,{_ANIMATED}"))],
        good=[user(image(_png()))],
    ),
)

REQUEST = (
    Code(
        "request-too-large",
        "The row is larger than the target takes in one request.",
        "error",
        "Anthropic API overview: request size limits",
        at="messages",
        bad=[user(image(_png())), user("Hello " * 20)],
        good=[user(text("Hello"), image(_png()))],
        limits={"request.max_bytes": 150},
    ),
    Code(
        "media-too-many",
        "The row holds more images or media parts than the target takes in one request.",
        "error",
        f"{_VISION} (100 images)",
        at="messages",
        bad=[user(image(_png()), image(_png()))],
        good=[user(image(_png()))],
        target="anthropic",
        limits={"images.max_count": 1},
    ),
    Code(
        "messages-too-many",
        "The row holds more messages than the target takes in one request.",
        "error",
        "OpenAI API: expected an array with maximum length 2048 (messages)",
        at="messages",
        bad=[user("Hello"), user("Anyone?")],
        good=[user("Hello")],
        limits={"request.max_messages": 1},
    ),
)
