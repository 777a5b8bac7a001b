"""convert and restore."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, cast

import attrs

from msgkit import formats
from msgkit.api import joined_rows, row_shapes
from msgkit.api.loading import Payload, load_row, plain_row, written
from msgkit.api.receivers import Receiver
from msgkit.conversion import HarmonySystem, OnLoss, Rows, ToolMedia, proof
from msgkit.conversion.adapting import Adaptation
from msgkit.conversion.ledger import Ledger, Shape
from msgkit.conversion.proof import Conversion
from msgkit.conversion.provenance import Provenance, split
from msgkit.errors import EXPECTED, InvalidMessageError, Issue, Loss, internal_error
from msgkit.formats import Loaded, branch_paths, branches, envelopes
from msgkit.formats.batch import ID_KEYS, provider_of
from msgkit.formats.branches import Branches
from msgkit.formats.common import media
from msgkit.formats.common.calls import tools_of_text
from msgkit.formats.common.columns import contents_of, has_entries, named, stands_for
from msgkit.formats.common.placeholders import fill_body
from msgkit.jsontext.diff import diff
from msgkit.jsontext.edit import patch
from msgkit.media.references import check_reference
from msgkit.model.messages import Conversation, Envelope
from msgkit.model.parts import NOTHING


def convert(  # noqa: PLR0913 (each is its own question)
    payload: Payload,
    to: str,
    *,
    format: str | None = None,  # noqa: A002
    on_loss: OnLoss = "error",
    allow_loss: Collection[str] = (),
    tool_media: ToolMedia = "refuse",
    merge: bool = False,
    filler: str | None = None,
    set_keys: Mapping[str, Any] = NOTHING,
    harmony_system: HarmonySystem = "developer",
    rows: Rows | None = None,
    columns: Collection[str] = (),
    provenance: bool = False,
) -> Conversion:
    """
    Return *payload* in another format, and what that could not carry; :func:`restore` gives the source back exactly.

    Args:
        payload: A row, or a Conversation.

        to: The name of a format.

        format: The format of *payload*; told from its shape when None.

        on_loss: ``error`` refuses to lose content, ``strict`` settings, too, ``drop`` nothing; all is listed.

        allow_loss: What never refuses, by the loss's ``name``: ``["name", "detail"]``.

        tool_media: ``follow`` puts media of tool results into a user message after them where *to* takes text only.

        merge: Join neighbours of one role.

        filler: Text of a user message that is put where the assistant would speak first, or twice.

        set_keys: Keys of the new body and their values, such as ``{"max_tokens": 1024}``.

        harmony_system: What a system prompt becomes: the ``developer`` message's instructions, or a ``system`` message.

        rows: The new row's shape: ``messages``, ``prompt-completion``, ``preference``, or ``alpaca`` for the format of
            that name; as it is when None.

        columns: Names of media columns beside the usual ones: ``image_path``, or ``clip=video``.

        provenance: Keep the key ``provenance`` of a session's row, where each message came from, in step with them.

    Raises:
        InvalidMessageError: With every structural issue, and with those that only the new payload has.

        LossError: With every loss that refuses the payload.

    >>> row = {"messages": [{"role": "user", "content": "Hello", "name": "Ann"}]}
    >>> print(*convert(row, "anthropic", on_loss="drop").losses)
    messages[0].name: anthropic has no name on a message: 'Ann'
    """
    if rows == "alpaca" and formats.get(to).preference != rows:
        raise ValueError(f"rows of the shape alpaca are those of the format alpaca, not of {to}")
    adaptation = Adaptation(tool_media, merge, filler, set_keys, harmony_system)
    with named(columns):
        run = _with_provenance if provenance else _guarded
        return run(payload, to, format, rows, (on_loss, allow_loss, adaptation))


_Options = tuple[OnLoss, Collection[str], Adaptation]


def _with_provenance(
    payload: Payload, to: str, format_name: str | None, rows: Rows | None, options: _Options
) -> Conversion:
    row, told = split(payload)
    if told is None:
        return _guarded(payload, to, format_name, rows, options)
    loaded = load_row(row, format_name)
    if loaded.issues:
        raise InvalidMessageError(loaded.issues)
    return proof.convert(row, loaded.conversation, to, *options, _errors, Provenance.of(told, loaded))


def _guarded(payload: Payload, to: str, format_name: str | None, rows: Rows | None, options: _Options) -> Conversion:
    try:
        return _convert(payload, to, format_name, rows, options)
    except EXPECTED:
        raise
    except Exception as error:  # noqa: BLE001 (whatever a format raises costs its row alone)
        raise InvalidMessageError([internal_error(f"the conversion to {to}", error)]) from None


def _errors(loaded: Loaded, body: Mapping[str, Any]) -> list[Issue]:
    """Return what a receiver would refuse of a body that is sent as it is."""
    from msgkit import rules  # lazy: many

    target = Receiver().of(loaded.conversation)
    issues = rules.run(loaded, target, row=body, grammar=check_reference, ready=True, errors_only=True)
    return [issue for issue in issues if issue.severity == "error"]


def _convert(payload: Payload, to: str, format_name: str | None, rows: Rows | None, options: _Options) -> Conversion:
    if isinstance(payload, Conversation):
        _, payload = written(payload)
        around = payload.envelope
        format_name = format_name or (around.format if around else None)
    row, faults = plain_row(payload)
    if faults:
        raise InvalidMessageError(faults)
    with_tools = _with_tools(row)
    if with_tools is not row:
        return _with_way_back(_convert(with_tools, to, format_name, rows, options), row, with_tools)
    body, envelope = envelopes.open_row(row)
    found = branches.find(row) if envelope.branches else None
    if found is None and rows in ("prompt-completion", "preference") and not envelope.path:
        found = branches.single(body)
    if found is not None and rows is not None and {("chosen",), ("rejected",)} <= set(branches.repeating(found)):
        without = {key: value for key, value in row.items() if key != "prompt"}
        return _with_way_back(_convert(without, to, format_name, rows, options), row, without)
    name = format_name or formats.of_columns(body)
    if found is not None and branches.is_exchange(row):
        if formats.get(to).preference == "alpaca" and rows != "messages":
            return Conversion(row, Ledger((), Shape(formats.DEFAULT, target=formats.DEFAULT)))  # its texts are branches
        filled = branches.with_prompt(row)
        result = _convert_pieces(filled, cast(Branches, branches.find(filled)), to, format_name, rows, options)
        return _with_way_back(result, row, filled)
    if found is not None and found.key == "messages" and has_entries(found.body) and (name or not _is_own(body, to)):
        filled = _filled(found, envelope)
        result = _convert_pieces(filled, cast(Branches, branches.find(filled)), to, format_name, rows, options)
        return _with_way_back(result, row, filled)
    if found is not None:
        return _convert_pieces(row, found, to, name, rows, options)
    if (
        name is None
        and any(map(stands_for, contents_of(body.get("messages"))))
        and has_entries(body)
        and not _is_own(body, to)
    ):
        return _convert_filled(row, to, options)
    conversation = _loaded(row, name)
    result = proof.convert(row, conversation, to, *options, errors=_errors)
    return _in_batch_line(result, envelope, to) if envelope.path else result


def _in_batch_line(result: Conversion, envelope: Envelope, to: str) -> Conversion:
    """Return a line of a Batch file as the provider of the new format has it."""
    taker = provider_of(to)
    name = next((envelope.row[key] for key in ID_KEYS if isinstance(envelope.row.get(key), str)), None)
    if taker is None or name is None or result.losses.shape.format == to:
        return result
    line = taker.line(name, result.payload[envelope.path[0]], taker.endpoints[to])
    record = {"row": dict(envelope.row), "path": envelope.path[0]}
    shape = attrs.evolve(result.losses.shape, records={**result.losses.shape.records, _LINE: [record]})
    return attrs.evolve(result, payload=line, losses=Ledger(result.losses, shape))


_LINE = "line"  # the record of the ledger's shape that says what stood around the body in a Batch file


def _convert_pieces(
    row: Any, found: Branches, to: str, name: str | None, rows: Rows | None, options: _Options
) -> Conversion:
    on_loss, allow_loss, adaptation = options
    recognized = None if name else formats.recognize(found.body)
    name = recognized.name if recognized else name

    def run(body: dict[str, Any], first: bool) -> Conversion:  # noqa: FBT001 (called by position)
        own = adaptation if first else attrs.evolve(adaptation, keys=NOTHING)
        return proof.convert(body, _loaded(body, name), to, on_loss, allow_loss, own, _errors)

    def refuses(loss: Loss) -> bool:
        return proof.is_refused(loss, on_loss, allow_loss)

    is_exchange = formats.get(to).preference == "alpaca"
    if rows == "messages" or is_exchange:
        texts = is_exchange and rows != "messages"
        return joined_rows.convert(row, found, lambda body: run(body, True), refuses, texts=texts)  # noqa: FBT003
    return row_shapes.convert(row, found, to, rows, run, refuses)


def _with_tools(row: Any) -> Any:
    """Return a row whose tools are JSON text, as tables of training rows have them, with the list in its place."""
    tools = tools_of_text(row.get("tools")) if isinstance(row, Mapping) else None
    if tools is None or formats.of_columns(row):
        return row
    own = formats.recognize(row)  # a format with columns reads the text itself
    return row if own is not None and own.media_in_columns else {**row, "tools": tools}


def _filled(found: Branches, envelope: Envelope) -> Any:
    """Return a row with branches, its media columns in the place of what stands for them."""
    try:
        return envelopes.close_row(branches.filled(found), envelope)
    except InvalidMessageError as error:
        raise InvalidMessageError(branch_paths.issues_in_row(error.issues, found)) from None


def _is_own(body: Mapping[str, Any], to: str) -> bool:
    found = formats.recognize(body)
    return found is not None and found.name == to


def _convert_filled(row: Any, to: str, options: _Options) -> Conversion:
    """Convert a row with its media in the place of the parts that stand for them."""
    body, envelope = envelopes.open_row(row)
    new = fill_body(body, envelope.path)
    filled = envelopes.close_row(
        {**new, "messages": [_with_usual_keys(message) for message in new["messages"]]}, envelope
    )
    return _with_way_back(proof.convert(filled, _loaded(filled, None), to, *options, errors=_errors), row, filled)


def _with_way_back(result: Conversion, row: Any, filled: Any) -> Conversion:
    """Note in the ledger what stood in *row* before its media columns were put into the messages."""
    steps = [{"path": list(step.path), "value": step.value, "change": step.change} for step in diff(row, filled)]
    shape = attrs.evolve(result.losses.shape, records={**result.losses.shape.records, _FILLED: steps})
    return attrs.evolve(result, losses=Ledger(result.losses, shape))


def _with_usual_keys(message: Any) -> Any:
    content = message.get("content") if isinstance(message, Mapping) else None
    return {**message, "content": [_with_usual_key(part) for part in content]} if isinstance(content, list) else message


def _with_usual_key(part: Any) -> Any:
    """Return a part whose URL is a data URL with it under the key that Transformers has for base64."""
    kind = part.get("type") if isinstance(part, Mapping) else None
    held = media.split(part.get("url")) if kind == "image" else None
    if held is None or media.usual_key("image", part["url"]) != "base64":
        return part
    return {**{key: value for key, value in part.items() if key != "url"}, "base64": held[1]}


_FILLED = "filled"  # the record of the ledger's shape that takes media back into their columns


def _loaded(row: Any, format_name: str | None) -> Conversation:
    loaded = load_row(row, format_name)
    if loaded.issues:
        raise InvalidMessageError(loaded.issues)
    return loaded.conversation


def restore(payload: Payload, losses: Iterable[Loss], *, format: str | None = None) -> Payload:  # noqa: A002
    """
    Return the source of a conversion, exactly: the way back, and the losses' values in their places.

    Args:
        payload: The payload of a :class:`Conversion`.

        losses: Its losses.

        format: The format of *payload*; told from the losses, or else from its shape, when None.

    >>> row = [{"role": "user", "content": "Hello", "name": "Ann"}]
    >>> result = convert(row, to="anthropic", on_loss="drop")
    >>> restore(result.payload, result.losses) == row
    True
    """
    row, _ = plain_row(payload)
    ledger = losses if isinstance(losses, Ledger) else Ledger(losses)
    whole = _restore_row(row, ledger, format or ledger.shape.target)
    steps = ledger.shape.records.get(_FILLED, ())
    return patch(whole, [Loss(tuple(step["path"]), "", step["value"], step["change"]) for step in steps])


def _restore_row(row: Any, ledger: Ledger, format_name: str | None) -> Any:
    for way in (row_shapes, joined_rows):
        if way.RECORD in ledger.shape.records:
            return way.restore(row, ledger, lambda body, own: _restore(body, own, own.shape.target))
    for record in ledger.shape.records.get(_LINE, ()):
        taker = provider_of(str(ledger.shape.target))
        row = {**record["row"], record["path"]: row[taker.body_key]} if taker else row
    return _restore(row, ledger, format_name)


def _restore(row: Any, ledger: Ledger, format_name: str | None) -> Any:
    return proof.restore(ledger, load_row(proof.unset(row, ledger), format_name).conversation)
