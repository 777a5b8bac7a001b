"""Text files: they have no signature, so their name says what they are, and their bytes only whether that can be."""

import re

from msgkit.headers.base import MediaType

_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_SVG = re.compile(rb"<svg[\s/>]")
_HEAD = 4096  # bytes that are looked into for a tag


def is_text(data: bytes) -> bool:
    r"""Return whether *data* can be a text file: UTF-8 without control characters."""
    if _CONTROLS.search(data):
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return bool(data)


def describe(data: bytes) -> str:
    """Say in a word what bytes without a signature look like; only messages may rely on it."""
    if not is_text(data[:_HEAD].decode("utf-8", "ignore").encode()):
        return "an unknown type"
    head = data[:_HEAD].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if _SVG.search(head):
        return "SVG"
    return "HTML" if head.startswith((b"<!doctype html", b"<html")) else "text"


TYPES = (
    MediaType("text/plain", extensions=(".txt", ".text", ".log")),
    MediaType("text/markdown", extensions=(".md", ".markdown"), aliases=("text/x-markdown",)),
    MediaType("text/csv", extensions=(".csv",)),
    MediaType("text/html", extensions=(".html", ".htm"), aliases=("application/xhtml+xml",)),
    MediaType("text/css", extensions=(".css",)),
    MediaType("text/javascript", extensions=(".js", ".mjs"), aliases=("application/javascript",)),
    MediaType("text/x-python", extensions=(".py",)),
    MediaType("text/xml", extensions=(".xml",), aliases=("application/xml",)),
    MediaType("application/rtf", extensions=(".rtf",), aliases=("text/rtf",)),
    MediaType("application/json", extensions=(".json",)),
    MediaType("application/x-yaml", extensions=(".yaml", ".yml"), aliases=("text/yaml", "application/yaml")),
)
