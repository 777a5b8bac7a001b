"""Rows -> their cards: what loads as a conversation, the rest as it is in the file, with every issue."""

import json
import math
import zlib
from collections.abc import Iterator
from typing import Any

import attrs

from msgkit import data_url, formats
from msgkit.api import checking
from msgkit.api.receivers import Receiver, model_of
from msgkit.errors import EXPECTED, InvalidMessageError, Issue, MsgkitError, internal_error
from msgkit.html.cards import IssueCard, RowCard, split_answers
from msgkit.html.json_html import Json, as_json, as_typed, cut, split
from msgkit.html.load_any import Opened, by_place, open_row
from msgkit.html.media import MediaCard, look
from msgkit.html.messages import Builder
from msgkit.html.rows import ID_KEYS, NotedStep, verdict
from msgkit.html.texts import visible
from msgkit.inlining.media_refs import MediaRef
from msgkit.media.sources import Root
from msgkit.model.messages import Conversation
from msgkit.rows import Row
from msgkit.rules import told
from msgkit.rules.media_probe import inspect_all
from msgkit.targets.tokens import media_tokens, text_tokens, texts

JSON = "JSON"
"""What the row is called as it is in the file, among its payloads."""

_HARMONY = "harmony-text"


@attrs.frozen(kw_only=True, eq=False)
class Cards(NotedStep):
    """Rows as cards, which are the notes of the run; the issues are those of the first receiver."""

    payloads: tuple[str, ...] = ()  # formats that each row is shown in, too

    def of(self, row: Row) -> RowCard:
        """Return the card of a row of a file; never raises for what is in it."""
        try:
            return self._card(row)
        except EXPECTED:
            raise
        except Exception as error:  # noqa: BLE001 (whatever is raised costs its row alone)
            return RowCard(row.number, issues=_cards([told(internal_error("the page", error))], f"r{row.number}"))

    def _card(self, row: Row) -> RowCard:
        if row.issues:
            issues = _cards(row.issues, f"r{row.number}")
            return RowCard(row.number, raw=_raw(as_typed(row.raw)) if row.raw is not None else None, issues=issues)
        checked = [self._check(receiver, row.value) for receiver in self.receivers]
        try:
            opened = open_row(row.value, self.format)
        except InvalidMessageError:
            return RowCard(row.number, raw=_raw(as_json(row.value)), issues=_cards(checked[0], f"r{row.number}"))
        card = self._opened(row.number, opened, checked[0])
        if card.raw is not None:
            return card
        conversation = opened.loaded.conversation
        payloads = {JSON: as_json(row.value), **dict(self._payloads(row.value, conversation))}
        verdicts = tuple(
            f"{receiver.name or receiver.of(conversation).name}: {verdict(issues)}"
            for receiver, issues in zip(self.receivers, checked, strict=True)
        )
        return attrs.evolve(
            card, size=len(payloads[JSON]), payloads=tuple(payloads), packed=_packed(payloads), verdicts=verdicts
        )

    def _payloads(self, value: Any, conversation: Conversation) -> Iterator[tuple[str, str]]:
        """Yield the row in other formats; a Harmony conversation also as the text that the model reads."""
        own = conversation.envelope.format if conversation.envelope else ""
        texts_too = (_HARMONY,) if own != _HARMONY and formats.get(own or formats.DEFAULT).is_harmony else ()
        yield from ((name, self._written(value, name)) for name in dict.fromkeys((*texts_too, *self.payloads)))

    def _written(self, value: Any, name: str) -> str:
        from msgkit.api import converting  # few pages show other formats

        try:
            payload = converting.convert(value, name, format=self.format, on_loss="drop").payload
        except MsgkitError as error:
            return f"cannot be written in this format: {error}"
        return cut(payload) if isinstance(payload, str) else as_json(payload)

    def _check(self, receiver: Receiver, value: Any) -> list[Issue]:
        return checking.check(value, receiver.target, self.root, model=receiver.model, format=self.format)

    def _opened(self, number: int, opened: Opened, issues: list[Issue]) -> RowCard:
        conversation = opened.loaded.conversation
        tokens = self._tokens(conversation)
        builder = Builder(opened, by_place(opened, issues), self._look, f"r{number}", tokens)
        on_row = builder.row_issues()
        messages, answers = split_answers(builder.messages(), conversation)
        rest = dict(opened.rest)
        for branch in conversation.envelope.branches if conversation.envelope else ():
            rest.pop(branch.path[0], None)
        name = next((str(rest[key]) for key in ID_KEYS if isinstance(rest.get(key), str | int)), "")
        rest = {key: value for key, value in rest.items() if value != name or key not in ID_KEYS}
        raw = None if conversation.messages else _raw(as_json(opened.row))
        tags, other = split(rest)
        known = [count for count in tokens if count is not None]
        return RowCard(
            number,
            messages,
            tags,
            other,
            raw,
            on_row,
            answers,
            name,
            format=conversation.envelope.format if conversation.envelope else "",
            tokens=sum(known) if known and len(known) == len(tokens) else None,
        )

    def _tokens(self, conversation: Conversation) -> list[int | None]:
        """Count the tokens of each message, if a model is named that the target knows."""
        target = self.receivers[0].of(conversation)
        if target.model is None or not (self.receivers[0].model or model_of(conversation)):
            return []
        counts: list[float | None] = [sum(map(text_tokens, texts(message))) for message in conversation.messages]
        for inspection in inspect_all(conversation, self.opener, None, ready=False):
            cost, at = media_tokens(target.tokens, inspection.header, inspection.use.part), inspection.use.path
            if at[0] == "messages" and isinstance(at[1], int):
                so_far = counts[at[1]]
                counts[at[1]] = None if cost is None or so_far is None else so_far + cost
        return [None if one is None else math.ceil(one) for one in counts]

    def _look(self, ref: MediaRef, changes: tuple[str, ...]) -> MediaCard:
        return look(ref, None if self.root is None else Root(self.root), changes=changes)


def _packed(payloads: dict[str, str]) -> str:
    shown = {name: visible(text) for name, text in payloads.items()}
    return data_url.encode(zlib.compress(json.dumps(shown).encode()))


def _raw(source: str) -> Json:
    return Json("as it stands in the file", source, open=True)


def _cards(issues: tuple[Issue, ...] | list[Issue], anchor: str) -> tuple[IssueCard, ...]:
    return tuple(IssueCard.of(issue, f"{anchor}i{k}") for k, issue in enumerate(issues, 1))
