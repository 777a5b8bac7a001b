"""Rules about the strings that name media: what they may name."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from msgkit import data_url, formats
from msgkit.data_url import Kind
from msgkit.errors import MediaError, Severity, quote
from msgkit.jsontext.edit import Steps, edit, find
from msgkit.media.references import check_reference, sniff_bare
from msgkit.model.parts import AudioPart, FilePart
from msgkit.rules import media_probe
from msgkit.rules.base import Context, Finding, Rule
from msgkit.rules.examples import AT_IMAGE, CAT, image, png, user
from msgkit.rules.media_probe import Inspection
from msgkit.rules.prefilter import Sign

_RULE = "msgkit's rule for references: the string alone decides, and nothing outside the root is opened"


def references(context: Context) -> Iterator[Finding]:
    """Report references that leave the root or name no file, other schemes, and rows that are not ready."""
    for inspection in context.media:
        at, text = inspection.use.path, inspection.use.text
        if inspection.grammar is Kind.EMPTY:
            yield Finding(at, "media-empty", "expected media or the name of a file, got an empty string")
        elif inspection.grammar is Kind.SCHEME:
            scheme = text.partition(":")[0]
            if scheme.lower() in formats.get(context.target.format).capabilities.schemes:
                continue
            message = f"expected a data URL, an http: URL or a reference to a file, got the scheme {quote(scheme)}"
            yield Finding(at, "reference-scheme", message)
        elif inspection.grammar is Kind.REMOTE and isinstance(inspection.use.part, AudioPart | FilePart):
            yield from _remote(context, inspection)
        elif inspection.grammar is Kind.REFERENCE and context.ready:
            message = f"the row refers to the local file {quote(text)}, so it cannot be sent as it is"
            yield Finding(at, "reference-unresolved", message)
        elif inspection.grammar is Kind.REFERENCE and inspection.fault is not None:
            yield Finding(at, inspection.fault.code, str(inspection.fault), inspection.fault.hint)


def _remote(context: Context, inspection: Inspection) -> Iterator[Finding]:
    """Report a URL where data belong, unless the target is said to fetch it."""
    fact = context.target.files.urls if isinstance(inspection.use.part, FilePart) else None
    if fact is not None and fact.value and fact.verified:
        return
    message = f"expected base64 or a reference to a file, got the URL {quote(inspection.use.text)}: it is not fetched"
    unsure = fact is not None and fact.value
    severity: Severity = "warning" if unsure else "error"
    yield Finding(inspection.use.path, "reference-scheme", message, severity=severity)


def _reference(body: Any, at: Steps) -> Any:
    """Write / between names, and the data URL of what is bare base64."""
    old = find(body, at)
    if not isinstance(old, str):
        return body
    media_type = sniff_bare(old)
    if media_type is not None:
        return media_probe.write_media(body, at, media_type, data_url.repair(old))
    new = old.replace("\\", "/")
    try:
        check_reference(new)
    except MediaError:
        return body
    return edit(body, at, lambda _: new)


_rule = partial(Rule, at=AT_IMAGE, signs=Sign.PARTS, check=references)

RULES = (
    _rule(
        "reference-outside-root",
        "The reference leaves the root.",
        _RULE,
        bad=[user(image("../cat.png"))],
        good=[user(image("cat.png"))],
        files=CAT,
    ),
    _rule(
        "reference-not-found",
        "There is no file of that name below the root.",
        _RULE,
        bad=[user(image("dog.png"))],
        good=[user(image("cat.png"))],
        files=CAT,
    ),
    _rule(
        "reference-not-a-file",
        "The reference names a folder, a device or a pipe.",
        _RULE,
        bad=[user(image("album"))],
        good=[user(image("album/cat.png"))],
        files=CAT,
    ),
    _rule(
        "reference-unreadable",
        "The file is there and cannot be read.",
        _RULE,
        bad=[user(image("locked.png"))],
        good=[user(image("cat.png"))],
        files={**CAT, "locked.png": b""},
    ),
    _rule(
        "reference-scheme",
        "The string has a scheme other than data, http, https and file, or is a URL where none is allowed.",
        _RULE,
        bad=[user(image("s3://photos/cat.png"))],
        good=[user(image("https://example.com/cat.png"))],
    ),
    _rule(
        "reference-invalid",
        "The string cannot be the name of a file.",
        _RULE,
        bad=[user(image("sub\\cat.png"))],
        good=[user(image("sub/cat.png"))],
        files={f"sub/{name}": data for name, data in CAT.items()},
        fix=_reference,
    ),
    _rule(
        "reference-unresolved",
        "The row refers to local media, so it cannot be sent as it is.",
        "check --ready",
        bad=[user(image("cat.png"))],
        good=[user(image(png()))],
        hint="msgkit inline embeds them",
        ready=True,
    ),
)
