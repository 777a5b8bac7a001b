"""The grammar of references to local media: what a string may name, told without touching a file."""

import re
from collections.abc import Sequence
from urllib.parse import unquote_to_bytes

from msgkit import data_url, headers
from msgkit.errors import MediaError, quote

_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_BAD_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_USUAL = re.compile(r"[\w-][\w.-]*(?:/[\w-][\w.-]*)*")  # a path as most are: nothing in it means anything else
_BASE64 = re.compile(r"[A-Za-z0-9+/_\s-]+={0,2}\s*")
_MISSING = "no such file or directory"
_MISTAKES = (  # what a string that names no file is like, and what to say of it
    (re.compile("~"), "'~' is not expanded to a home folder", "write the path below the root"),
    (re.compile(r"\s*\Z"), "expected the name of a file, got white space", None),
    (re.compile(r"\s|.*\s\Z", re.DOTALL), _MISSING, "leave out the white space around the name"),
    (re.compile(".*%[0-9A-Fa-f]{2}"), _MISSING, "write the name itself: only file: URLs are percent-coded"),
)
_SHORTEST = 40  # characters of base64 that can be a file with a signature
_SNIFFED = 4096  # characters of base64 that the media type is detected from
_LONGEST = 4096  # characters; what the usual systems allow for a whole path


def check_reference(text: str, roots: Sequence[str] = ()) -> str:
    """Return the path below the root that a reference names, with ``/`` between names; no file is touched."""
    if _USUAL.fullmatch(text, 0, _LONGEST):
        return text
    try:
        return "/".join(_names(text, roots))
    except MediaError as error:
        raise (explain(text) or error).named(text) from None


def explain(text: str) -> MediaError | None:
    """Return the error that says what a string is that names no file, where that is no path."""
    media_type = sniff_bare(text)
    if media_type is not None:
        hint = f"write 'data:{media_type};base64,' before it"
        return MediaError(f"bare base64 of {media_type}, not a reference", code="reference-invalid", hint=hint)
    return None


def missing(text: str) -> MediaError | None:
    """Return the error that says why nothing has the name *text*, where its look tells."""
    for said, message, hint in _MISTAKES:
        if said.match(text):
            return MediaError(message, code="reference-not-found", hint=hint)
    return None


def sniff_bare(text: str) -> str | None:
    """Return the media type of what is bare base64, by its first bytes; None for anything else."""
    head = text[: min(_SNIFFED, len(text) // 4 * 4)]
    if len(text) < _SHORTEST or not _BASE64.fullmatch(head):
        return None
    try:
        return headers.sniff(data_url.decode(data_url.repair(head)))
    except MediaError:
        return None


def _names(text: str, roots: Sequence[str]) -> list[str]:
    _check_characters(text)
    scheme = data_url.SCHEME.match(text)
    if scheme is None:
        return below(text, roots)
    if len(scheme[1]) == 1:
        message = f"a Windows path on the drive {quote(text[:2])} is outside the root"
        raise MediaError(message, code="reference-outside-root")
    if scheme[1].lower() != "file":
        message = f"expected a path below the root or a file: URL, got the scheme {quote(scheme[1])}"
        raise MediaError(message, code="reference-scheme")
    path, extra = _split_url(text[5:])
    names = below(path, roots)
    if extra:
        file_path(text)  # raises
    return names


def _check_characters(text: str) -> None:
    if not text:
        raise MediaError("expected the name of a file, got an empty string", code="reference-invalid")
    if len(text) > _LONGEST:
        message = f"expected at most {_LONGEST:,} characters, got {len(text):,}"
        raise MediaError(message, code="reference-invalid")
    match = _FORBIDDEN.search(text)
    if match:
        message = f"{quote(match[0])} at offset {match.start()} is not allowed in a file name"
        raise MediaError(message, code="reference-invalid")


def file_path(url: str) -> str:
    """Return the path that a ``file:`` URL names."""
    path, extra = _split_url(url[5:])
    if extra:
        raise MediaError("a file: URL may have no query and no fragment", code="reference-invalid")
    return path


def _split_url(rest: str) -> tuple[str, str]:
    """Split what follows ``file:`` into the decoded path and the query or fragment, as written."""
    if rest.startswith("//"):
        host, slash, path = rest[2:].partition("/")
        if host.lower() not in ("", "localhost"):
            raise MediaError(f"a file: URL may not name a host, got {quote(host)}", code="reference-outside-root")
        rest = slash + path
    end = min((at for at in (rest.find("?"), rest.find("#")) if at >= 0), default=len(rest))
    path, extra = rest[:end], rest[end:]
    if _BAD_PERCENT.search(path):
        raise MediaError("expected two hexadecimal digits after %", code="reference-invalid")
    try:
        decoded = unquote_to_bytes(path).decode("utf-8")
    except UnicodeDecodeError:
        raise MediaError("expected percent-coded UTF-8", code="reference-invalid") from None
    _check_characters(decoded)
    return decoded, extra


def below(path: str, roots: Sequence[str]) -> list[str]:
    """Return the names on the way from the root to *path*, compared name by name, never as one string."""
    names = path.split("/")
    if ".." in path.replace("\\", "/").split("/"):
        raise MediaError("'..' may leave the root", code="reference-outside-root")
    if path.startswith(("\\", "//")):
        raise MediaError("a rooted Windows path is outside the root", code="reference-outside-root")
    if "\\" in path:
        hint = "write / between names"
        raise MediaError("'\\' does not separate names", code="reference-invalid", hint=hint)
    names = [name for name in names if name not in ("", ".")]
    if path.startswith("/"):
        names = _strip_root(names, roots)
    if not names:
        raise MediaError("expected a file, got a folder", code="reference-not-a-file")
    return names


def _strip_root(names: list[str], roots: Sequence[str]) -> list[str]:
    for root in roots:
        start = [name for name in root.split("/") if name]
        if names[: len(start)] == start:
            return names[len(start) :]
    raise MediaError("an absolute path outside the root", code="reference-outside-root")
