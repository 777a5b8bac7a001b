"""One row as a request of a Batch, and one answer at the end of its row."""

from collections.abc import Mapping
from typing import Any

import attrs

from msgkit import formats, targets
from msgkit.api.checking import check
from msgkit.api.loading import load_row
from msgkit.api.receivers import target_with
from msgkit.conversion import proof, write_back
from msgkit.errors import InvalidMessageError, Issue, LossError, describe, join_path, quote, refusal
from msgkit.formats import Loaded, envelopes
from msgkit.formats.batch import ID_KEYS, MODEL_KEYS, PROVIDERS, Answer, Provider, provider_of
from msgkit.formats.common import columns
from msgkit.jsontext.values import without_keys


@attrs.frozen
class Request:
    """A row as a request."""

    name: str
    line: dict[str, Any]  # the line of the file
    endpoint: str  # where it goes; empty where the job says so
    model: str | None  # its model, None where neither the row nor an option names one
    provider: str  # who takes it


def request(
    row: Any, name: str, *, provider: str | None = None, model: str | None = None, url: str | None = None
) -> Request:
    """Return *row* as a request; what ``check --ready`` refuses for the provider is refused."""
    body, envelope = envelopes.open_row(row)
    loaded, format_name = _load(row, body)
    taker, own = _taker(format_name, provider or _by_model(format_name, body, model), loaded.issues)
    if envelope.branches:
        raise refusal("batch-format", "expected one conversation, got a row with branches")
    _check_columns(body, own, envelope.path)
    endpoint = taker.endpoints[own]
    named = envelope.row.get("url")
    wanted = url or (named if isinstance(named, str) else None)
    if wanted is not None and endpoint and wanted != endpoint:
        message = f"expected a body for {quote(wanted)}, got one of the format {own}"
        to = next((name for name, own_url in taker.endpoints.items() if own_url == wanted), next(iter(taker.endpoints)))
        path = "url" if url is None else ""
        raise refusal("batch-endpoint", message, path, f"convert it (msgkit convert --to {to})")
    id_key, request_id = next(((key, envelope.row[key]) for key in ID_KEYS if key in envelope.row), ("", name))
    if not isinstance(request_id, str):
        raise refusal("type-mismatch", f"expected a string, got {describe(request_id)}", id_key)
    if not taker.takes_id(request_id):
        message = f"expected an id that {taker.name} takes, got {quote(request_id)}"
        raise refusal("batch-id-invalid", message, taker.id_key)
    chosen, whole = _with_model(body, taker, model)
    _check(whole, own, envelope.path)
    return Request(request_id, taker.line(request_id, whole, endpoint), endpoint, chosen, taker.name)


def _check_columns(body: Mapping[str, Any], own: str, at: tuple[str, ...]) -> None:
    """Refuse media beside the messages: no API reads them there."""
    name = next((column.name for column in columns.find(body).values() if column.entries), None)
    if name is not None:
        message = "expected media in the messages, got a column beside them"
        raise refusal("batch-format", message, ".".join((*at, name)), f"convert it first: msgkit convert --to {own}")


def _load(row: Any, body: Mapping[str, Any]) -> tuple[Loaded, str]:
    """Load a row, and tell its format; a text under ``input`` alone is a request of Responses."""
    is_text = isinstance(body.get("input"), str) and formats.recognize(body) is None
    loaded = load_row(row, "responses" if is_text else None)
    around = loaded.conversation.envelope
    return loaded, around.format if around else formats.DEFAULT


def _by_model(format_name: str, body: Mapping[str, Any], model: str | None) -> str | None:
    """Return whose Batch has the model of a plain row; None where the format tells, or no provider knows the model."""
    named = next((body[key] for key in MODEL_KEYS if isinstance(body.get(key), str)), model)
    if named is None or format_name != formats.DEFAULT:
        return None
    likely = formats.get(formats.DEFAULT).target
    provider = provider_of(targets.get(target_with(named, likely)).format)
    return provider.name if provider is not None else None


def _taker(format_name: str, provider: str | None, issues: tuple[Issue, ...]) -> tuple[Provider, str]:
    taker = PROVIDERS[provider] if provider else provider_of(format_name)
    if taker is not None and format_name in taker.endpoints:
        return taker, format_name
    first = next(iter(taker.endpoints)) if taker else ""
    if taker is not None and format_name == formats.DEFAULT and formats.get(first).list_key == "messages":
        return taker, first  # plain rows of both are alike; check says what is not
    if taker is None and issues:
        raise InvalidMessageError(issues)
    to = next(iter(taker.endpoints)) if taker else formats.DEFAULT
    who = f"the Batch of {taker.name}" if taker else "a Batch"
    message = f"expected a row that {who} takes, got one of the format {format_name}"
    raise refusal("batch-format", message, "", f"convert it first: msgkit convert --to {to}")


def _with_model(body: Mapping[str, Any], taker: Provider, model: str | None) -> tuple[str | None, dict[str, Any]]:
    """Return the model, and the body with it where the provider has it there."""
    named = next((body[key] for key in MODEL_KEYS if body.get(key) is not None), model)
    if taker.model_key is None:
        return named, without_keys(body, *MODEL_KEYS)
    if named is None:
        raise refusal("key-missing", "expected the name of a model", "model", "give one (--model NAME)")
    if body.get(taker.model_key) is not None:
        return named, dict(body)
    return named, {taker.model_key: named, **without_keys(body, taker.model_key)}


def _check(body: dict[str, Any], format_name: str, at: tuple[str, ...]) -> None:
    target = formats.get(format_name).target
    issues = [issue for issue in check(body, target, format=format_name, ready=True) if issue.severity == "error"]
    if body.get("stream") is True:
        issues.append(Issue("stream", "batch-stream", "error", "expected no streaming: a Batch has no stream"))
    if issues:
        paths = [".".join((*at, issue.path)) if issue.path else join_path(at) for issue in issues]
        raise InvalidMessageError([attrs.evolve(one, path=path) for one, path in zip(issues, paths, strict=True)])


def append(row: Any, answer: Answer) -> Any:
    """Return *row* with the answer at its end, in the row's own format."""
    body, envelope = envelopes.open_row(row)
    loaded, format_name = _load(row, body)
    own = formats.get(format_name)
    new = _converted(answer, format_name)
    items, before = new.get(own.list_key), body.get(own.list_key)
    if isinstance(items, list) and isinstance(before, str):
        before = [{"role": "user", "content": before}]
    if isinstance(items, list) and isinstance(before, list | tuple):
        return envelopes.close_row({**body, own.list_key: [*before, *items]}, envelope)
    if loaded.issues:
        raise InvalidMessageError(loaded.issues)
    messages = own.load(new, ()).conversation.messages
    whole = attrs.evolve(loaded.conversation, messages=loaded.conversation.messages + messages)
    written, losses = write_back.write(whole)
    if losses:
        raise InvalidMessageError([_lost(str(loss)) for loss in losses])
    return envelopes.close_row(written, envelope)


def _converted(answer: Answer, format_name: str) -> Mapping[str, Any]:
    body = answer.body or {}
    loaded = load_row(body, answer.format)
    if loaded.issues:
        raise InvalidMessageError([_lost(str(issue)) for issue in loaded.issues])
    if answer.format == format_name or (answer.format == formats.DEFAULT and format_name == "mistral"):
        return body  # Mistral answers as OpenAI does
    try:
        result = proof.convert(body, loaded.conversation, format_name, "drop")
    except (InvalidMessageError, LossError) as error:
        raise InvalidMessageError([_lost(str(error))]) from None
    key = formats.get(format_name).list_key
    kept: dict[str, Any] = result.payload
    return {**kept, key: [_plain(item) for item in kept[key]]} if isinstance(kept.get(key), list) else kept


def _plain(message: Any) -> Any:
    """Return a message whose content is one text with it as a string, as a history has it."""
    content = message.get("content") if isinstance(message, Mapping) else None
    if not isinstance(content, list) or len(content) != 1 or content[0].keys() != {"type", "text"}:
        return message
    return {**message, "content": content[0]["text"]}


def _lost(why: str) -> Issue:
    return Issue("", "batch-result-failed", "error", f"the answer has no place in the row: {why}")
