"""What a page shows, as values: a row, its messages, their parts, calls and issues. Templates read nothing else."""

from collections.abc import Iterator

import attrs

from msgkit.html.json_html import Json
from msgkit.html.media import MediaCard
from msgkit.html.texts import TextCard


@attrs.frozen
class IssueCard:
    """
    One issue at its place.

    Args:
        id: Its anchor in the page.

        path, code, severity, message, hint, source: As in :class:`msgkit.Issue`.
    """

    id: str
    path: str
    code: str
    severity: str
    message: str
    hint: str | None = None
    source: str | None = None


@attrs.frozen
class PartCard:
    """
    One content part.

    Args:
        type: As on the wire: ``text``, ``image_url``.

        text: Its text.

        media: Its media.

        note: A word above the text: ``refusal``.

        dim: Set back: what the model thought.

        tags: Keys that are not shown otherwise and have short values, in words: ``detail high``.

        other: The other keys, or the whole part, as JSON.

        issues: What is wrong with it.
    """

    type: str
    text: TextCard | None = None
    media: MediaCard | None = None
    note: str = ""
    dim: bool = False
    tags: tuple[str, ...] = ()
    other: Json | None = None
    issues: tuple[IssueCard, ...] = ()


@attrs.frozen
class CallCard:
    """
    One tool call beside its results.

    Args:
        name: Of the function or the tool.

        call_id: Its id; None when it has none.

        text: The arguments or the input.

        other: A call of an unknown type, as JSON.

        issues: What is wrong with it.

        results: The tool messages that answer it.
    """

    name: str
    call_id: str | None = None
    text: TextCard | None = None
    other: Json | None = None
    issues: tuple[IssueCard, ...] = ()
    results: "tuple[MessageCard, ...]" = ()


@attrs.frozen
class MessageCard:
    """
    One message.

    Args:
        id: Its anchor in the page.

        index: 0-based.

        role: As written; empty when there is none.

        name: The author's.

        channel, recipient, content_type: Harmony's words about it.

        reply_to: The id of the call that it answers.

        parts: Its content.

        calls: Its tool calls.

        tags: Keys that are not shown otherwise and have short values, in words: ``weight 0``.

        other: The other keys, as JSON.

        raw: The message as it stands in the row, as JSON, when it does not load.

        issues: What is wrong with it as a whole.
    """

    id: str
    index: int
    role: str = ""
    name: str | None = None
    channel: str | None = None
    recipient: str | None = None
    content_type: str | None = None
    reply_to: str | None = None
    parts: tuple[PartCard, ...] = ()
    calls: tuple[CallCard, ...] = ()
    tags: tuple[str, ...] = ()
    other: Json | None = None
    raw: Json | None = None
    issues: tuple[IssueCard, ...] = ()

    @property
    def is_analysis(self) -> bool:
        """Whether it is never shown to the user, so that it is set back and can be folded."""
        return self.channel == "analysis"

    def codes(self) -> set[str]:
        """Return the codes of its issues, those of its parts and calls among them."""
        issues = [*self.issues]
        for part in self.parts:
            issues += part.issues
        for call in self.calls:
            issues += call.issues
        return {issue.code for issue in issues}


@attrs.frozen
class RowCard:
    """
    One row.

    Args:
        number: As in reports: the 1-based line or index.

        messages: Those that are no tool results shown beside their calls.

        tags: What else the row holds, in words: ``model gpt-5``.

        other: The rest of it, as JSON: ``tools``.

        raw: The row as it stands in the file, when nothing of it loads.

        issues: What is wrong with the row as a whole.
    """

    number: int
    messages: tuple[MessageCard, ...] = ()
    tags: tuple[str, ...] = ()
    other: Json | None = None
    raw: Json | None = None
    issues: tuple[IssueCard, ...] = ()

    @property
    def id(self) -> str:
        """Its anchor in the page."""
        return f"r{self.number}"

    def all_messages(self) -> Iterator[MessageCard]:
        """Yield its messages, the results beside calls among them, in the order of the page."""
        yield from _walk(self.messages)

    def media(self) -> Iterator[MediaCard]:
        """Yield the media that are shown."""
        for message in self.all_messages():
            for part in message.parts:
                if part.media is not None and part.media.key:
                    yield part.media

    def all_issues(self) -> Iterator[IssueCard]:
        """Yield its issues in the order of the page."""
        yield from self.issues
        for message in self.all_messages():
            yield from message.issues
            for part in message.parts:
                yield from part.issues
            for call in message.calls:
                yield from call.issues


def _walk(messages: tuple[MessageCard, ...]) -> Iterator[MessageCard]:
    for message in messages:
        yield message
        for call in message.calls:
            yield from _walk(call.results)
