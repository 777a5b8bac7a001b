"""
Data URLs (RFC 2397), strict base64 (RFC 4648), and the grammar of references.

Nothing here opens a file: the string alone decides what it is.
"""

import re
from enum import StrEnum
from urllib.parse import unquote

import attrs
import pybase64

from msgkit.errors import MediaError, quote

_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")
_ALPHABET = re.compile(r"[A-Za-z0-9+/=]+")
_URL_SAFE = re.compile(r"[A-Za-z0-9_-]+={0,2}")
_LOOSE = re.compile(r"\s*[A-Za-z0-9+/_\s-]+={0,2}\s*")  # base64 in any alphabet, with white space
_OUTSIDE = re.compile(r"[^A-Za-z0-9+/]")
SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}/[A-Za-z0-9*][A-Za-z0-9!#$&^_.+*-]{0,126}")
_PARAMETER = re.compile(r"[A-Za-z0-9!#$&^_.+-]{1,64}=(?:[A-Za-z0-9!#$&^_.+%/-]{0,256}|\"[^\"\\\r\n]{0,256}\")")
_STANDARD = str.maketrans("-_", "+/")
_AROUND = " \t\r\n\ufeff\"'"  # what is left around a data URL that was cut out of something
_LONGEST_NAME = 255  # characters: what is longer is no name of a file
_HEAD = 1024  # characters that the part of a data URL before its comma may have


class Kind(StrEnum):
    """What a string that names or holds media is."""

    DATA = "data"
    REMOTE = "remote"
    REFERENCE = "reference"
    BASE64 = "base64"
    SCHEME = "scheme"
    EMPTY = "empty"


def classify(text: str, *, bare_base64: bool = False) -> Kind:
    """Tell what *text* is by its grammar, never by what exists."""
    if not text:
        return Kind.EMPTY
    if bare_base64 and (_ALPHABET.fullmatch(text) if len(text) <= _LONGEST_NAME else _is_long_base64(text)):
        return Kind.BASE64
    scheme = SCHEME.match(text[:64])
    if scheme is None or len(scheme[1]) == 1:  # a letter is a drive of Windows, not a scheme
        is_wrapped = text[0] in _AROUND and text[:_HEAD].lstrip(_AROUND)[:5].lower() == "data:"
        return Kind.DATA if is_wrapped else Kind.REFERENCE
    name = scheme[1].lower()
    if name == "data":
        return Kind.DATA
    if name in ("http", "https"):
        return Kind.REMOTE
    return Kind.REFERENCE if name == "file" else Kind.SCHEME


def _is_long_base64(text: str) -> bool:
    return decodes(text) or bool(_ALPHABET.fullmatch(text) or _LOOSE.fullmatch(text))


def decodes(text: str) -> bool:
    """Return whether a decoder takes *text* as base64 with padding, piece by piece: nothing as large is made."""
    try:
        for start in range(0, len(text), _PIECE):
            pybase64.b64decode(text[start : start + _PIECE], validate=True)
    except (ValueError, UnicodeError):
        return False
    return True


_PIECE = 1 << 18  # characters of base64 that are decoded at a time; a multiple of four


def encode(data: bytes) -> str:
    """Return *data* as base64 with padding."""
    return pybase64.b64encode_as_string(data)


def decode(text: str) -> bytes:
    """Return the bytes behind canonical base64."""
    if not text:
        raise MediaError("no data", code="media-empty")
    try:
        data = pybase64.b64decode(text, validate=True)
    except (ValueError, UnicodeError) as error:
        raise _fault(text) from error
    check_end(text)
    return data


def check_end(text: str) -> None:
    """Refuse base64 whose length, padding or last bits are not canonical; looks at the last four characters only."""
    tail = text[-4:]
    if len(text) % 4 or not _BASE64.fullmatch(tail):
        raise _fault(text)
    if tail.endswith("=") and pybase64.b64encode(pybase64.b64decode(tail)) != tail.encode("ascii"):
        offset = len(text.rstrip("=")) - 1
        message = f"expected base64, but the last character before the padding (offset {offset}) has unused bits set"
        raise MediaError(message, code="base64-invalid")


def _fault(text: str) -> MediaError:
    body = text.rstrip("=")
    outside = _OUTSIDE.search(body)
    hint = None
    if outside is None and len(text) - len(body) > 2:  # noqa: PLR2004 (padding is at most two characters)
        message = f"expected at most two '=' at the end of base64, got {len(text) - len(body)} from offset {len(body)}"
    elif outside is None:
        message = f"expected base64 in groups of four, got {len(text)} characters: wrong padding at offset {len(body)}"
    else:
        message = f"expected base64, got {quote(outside[0])} at offset {outside.start()}"
        if outside[0] in "-_" and _URL_SAFE.fullmatch(text):
            message += " (this is the URL-safe alphabet)"
            hint = "write + for - and / for _"
        elif outside[0] == "=":
            message += " (characters after the padding)"
        elif outside[0].isspace():
            hint = "remove white space"
    return MediaError(message, code="base64-invalid", hint=hint)


@attrs.frozen
class DataUrl:
    """A data URL in its pieces."""

    media_type: str  # as declared, lower case, without parameters; empty when none is declared
    parameters: str  # what is between the media type and ``;base64``, with its leading semicolon, as written
    payload: str = attrs.field(repr=lambda text: f"<{len(text)} characters>")  # the base64 after the comma, not decoded


def split(url: str) -> DataUrl:
    """Split a base64 data URL; the payload is not decoded."""
    comma = url.find(",", 0, _HEAD)
    if url[:5].lower() != "data:":
        hint = "leave out what is before 'data:'" if url[:1] and url[0] in _AROUND else None
        raise MediaError(f"expected a data URL, got {quote(url)}", code="data-url-invalid", hint=hint)
    if comma < 0:
        raise MediaError(f"expected a comma before the data, got {quote(url[:_HEAD])}", code="data-url-invalid")
    media_type, *parameters = url[5:comma].split(";")
    media_type = media_type.strip()
    if not parameters or parameters[-1].strip().lower() != "base64":
        raise MediaError("expected ';base64' before the comma: other encodings are not taken", code="data-url-invalid")
    if media_type and not _MEDIA_TYPE.fullmatch(media_type):
        raise MediaError(f"expected a media type, got {quote(media_type)}", code="data-url-invalid")
    for parameter in parameters[:-1]:
        if not _PARAMETER.fullmatch(parameter):
            raise MediaError(f"expected name=value, got {quote(parameter)}", code="data-url-invalid")
    payload = url[comma + 1 :]
    if not payload:
        raise MediaError("no data after the comma", code="media-empty")
    return DataUrl(media_type.lower(), "".join(f";{parameter}" for parameter in parameters[:-1]), payload)


def repair(text: str) -> str:
    r"""Return the base64 of a data URL, or bare base64, with what is certain put right."""
    payload = text.strip(_AROUND)
    while payload[:5].lower() == "data:":  # some have two heads
        head, comma, payload = payload.partition(",")
        if not comma or not head.replace(" ", "").lower().endswith((";base64", ":base64")):
            split(text)  # says what is wrong
        payload = payload.lstrip()
    if "%" in payload:
        payload = unquote(payload)
    payload = "".join(payload.split()).translate(_STANDARD)
    body = payload.rstrip("=")
    payload = body + "=" * (-len(body) % 4)
    decode(payload)
    return payload


def join(media_type: str, data: bytes) -> str:
    """Return *data* as a data URL."""
    return of(media_type, encode(data))


def of(media_type: str, payload: str) -> str:
    """Return the canonical data URL of base64: no parameters."""
    return f"data:{media_type};base64,{payload}"
