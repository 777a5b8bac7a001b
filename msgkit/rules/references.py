"""Rules about the strings that name media: what they may name."""

from collections.abc import Iterator

from msgkit import formats
from msgkit.data_url import Kind
from msgkit.errors import quote
from msgkit.model.parts import AudioPart, FilePart
from msgkit.rules.base import Context, Finding


def references(context: Context) -> Iterator[Finding]:
    """Report references that leave the root or name no file, other schemes, and rows that are not ready."""
    for found in context.media:
        at, text = found.use.path, found.use.text
        if found.grammar is Kind.EMPTY:
            yield Finding(at, "media-empty", "expected media or the name of a file, got an empty string")
        elif found.grammar is Kind.SCHEME:
            scheme = text.partition(":")[0]
            if scheme.lower() in formats.get(context.target.format).schemes:
                continue
            message = f"expected a data URL, an http: URL or a reference to a file, got the scheme {quote(scheme)}"
            yield Finding(at, "reference-scheme", message)
        elif found.grammar is Kind.REMOTE and isinstance(found.use.part, AudioPart | FilePart):
            message = f"expected base64 or a reference to a file, got the URL {quote(text)}: it is not fetched"
            yield Finding(at, "reference-scheme", message)
        elif found.grammar is Kind.REFERENCE and context.ready:
            message = f"the row names {quote(text)} and does not hold it, so it cannot be sent as it is"
            yield Finding(at, "reference-unresolved", message)
        elif found.grammar is Kind.REFERENCE and found.fault is not None:
            yield Finding(at, found.fault.code, str(found.fault), found.fault.hint)
