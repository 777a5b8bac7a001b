"""What notebooks show of values: the same HTML as on a page, with its style, without a script."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import get_args

import attrs

from msgkit.api.checking import Issues
from msgkit.errors import Issue, MissingExtraError
from msgkit.escaping import byte_size, count
from msgkit.html import messages, render, texts
from msgkit.html.cards import IssueCard, split_answers
from msgkit.html.load_any import whole
from msgkit.html.media import MediaCard, look
from msgkit.html.messages import Builder
from msgkit.inlining.media_refs import MediaRef
from msgkit.model.messages import Conversation, Envelope, Message
from msgkit.model.parts import ContentPart

MOST_MESSAGES = 30
"""Messages that a notebook shows of one conversation."""

MOST_MEDIA = 16 << 20
"""Characters of base64 that one output puts in the notebook; further media get a box."""

_MOST_ISSUES = 200
_STYLES = ("palette.css", "messages.css", "notebook.css")
_PARTS: tuple[type[ContentPart], ...] = get_args(ContentPart)
_piece: Callable[..., str] = partial(render.piece, live=False)


def html(value: object) -> str | None:
    """Return HTML that shows *value* in a notebook, images and players in it; nothing remote is loaded."""
    try:
        inner = _inner(value)
    except MissingExtraError:
        return None
    return None if inner is None else f'<div class="msgkit out"><style>{render.own(*_STYLES)}</style>{inner}</div>'


def _inner(value: object) -> str | None:
    if isinstance(value, Conversation):
        return _messages(value.messages, value.envelope)
    if isinstance(value, Message):
        return _messages([value])
    if isinstance(value, Issues):
        return _issues(value)
    if isinstance(value, _PARTS):
        return _piece("part", messages.part_card(value, _Looker(), texts.prose), value.type)
    return None


def _messages(messages: Sequence[Message], envelope: Envelope | None = None) -> str:
    shown = Conversation(messages[:MOST_MESSAGES], envelope=envelope)
    cards, answers = split_answers(Builder(whole(shown), {}, _Looker(), "m").messages(), shown)
    left = len(messages) - len(shown)
    more = render.note(f"{count(left, 'more message')}") if left else ""
    beside = _piece("branches", answers) if answers else ""
    return "".join(_piece("message", card) for card in cards) + beside + more


def _issues(issues: Sequence[Issue]) -> str:
    cards = [IssueCard.of(issue, "") for issue in issues[:_MOST_ISSUES]]
    left = len(issues) - len(cards)
    more = render.note(f"{count(left, 'more issue')}") if left else ""
    return (_piece("issues", cards) or render.note("no issues")) + more


class _Looker:
    """Looks at media until they are too many for one output."""

    def __init__(self) -> None:
        self._left = MOST_MEDIA

    def __call__(self, ref: MediaRef, changes: tuple[str, ...]) -> MediaCard:
        card = look(ref, changes=changes)
        if len(card.url) > self._left:
            why = f"one output of a notebook holds at most {byte_size(MOST_MEDIA)} of base64"
            return attrs.evolve(card, kind="file", why=why, key="", url="")
        self._left -= len(card.url)
        return card
