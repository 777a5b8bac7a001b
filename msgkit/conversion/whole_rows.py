"""Conversions of rows of every shape: bodies, lines of Batch files, rows with branches, media columns or provenance."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

import attrs

from msgkit import formats
from msgkit.conversion import OnLoss, Rows, joined_rows, proof, row_shapes
from msgkit.conversion.adapting import Adaptation
from msgkit.conversion.ledger import Ledger, Shape
from msgkit.conversion.proof import Conversion, Errors
from msgkit.conversion.provenance import Provenance, split
from msgkit.errors import InvalidMessageError, Loss
from msgkit.formats import Loaded, branch_parts, branches, envelopes
from msgkit.formats.batch import ID_KEYS, provider_of
from msgkit.formats.branch_parts import Branches
from msgkit.formats.common import media
from msgkit.formats.common.calls import tools_of_text
from msgkit.formats.common.columns import KINDS, NAMES, contents_of, find, has_entries, stands_for, unplaced_in
from msgkit.formats.common.placeholders import fill_body
from msgkit.jsontext.diff import diff
from msgkit.jsontext.edit import patch
from msgkit.jsontext.values import same, type_of, without_keys
from msgkit.model.base import NOTHING
from msgkit.model.messages import Envelope

Load = Callable[[Any, str | None], Loaded]
"""Loads a row in a format, detected from its shape when None."""

_SAME = "same"  # the record of the ledger's shape that says that the row stayed as it was
_LINE = "line"  # the record of the ledger's shape that says what was around the body in a Batch file
_FILLED = "filled"  # the record of the ledger's shape that takes media back into their columns

_BOTH = {("chosen",), ("rejected",)}


@attrs.frozen(eq=False, repr=False)
class RowConverter:
    """Converts rows to one format."""

    to: str
    rows: Rows | None  # the new row's shape; as it is when None
    on_loss: OnLoss
    allow_loss: Collection[str]
    adaptation: Adaptation
    load: Load
    errors: Errors  # of a body for its receiver

    def convert(self, row: Any, format_name: str | None) -> Conversion:
        """Convert a row, whatever its shape."""
        if self._is_exchange and self.rows != "messages" and branches.is_exchange(row):
            return Conversion(row, Ledger((), Shape(self.to, target=self.to, records={_SAME: [{}]})))
        opened = body, envelope = envelopes.open_row(row)
        usual = formats.get(self.to).usual
        plain = body if usual is None else usual(body)
        if plain is not body:
            new = envelopes.close_row(dict(plain), envelope)
            return _with_way_back(self.convert(new, format_name), row, new)
        is_ranked = envelope.branches and branches.in_order_of_rank(row) is not row
        if is_ranked and self.rows is None and getattr(formats.recognize(body), "name", formats.DEFAULT) == self.to:
            return Conversion(row, Ledger((), Shape(self.to, target=self.to, records={_SAME: [{}]})))
        new = _prepared(row, opened, self.to, format_name, self.rows)
        if new is not row:
            return _with_way_back(self.convert(new, format_name), row, new)
        branched = branches.find(row) if envelope.branches else None
        if branched is not None and self.rows is None and branches.is_alone(branched):
            return attrs.evolve(self, rows="messages").convert(row, format_name)
        is_apart = self.rows in ("prompt-completion", "preference") and not envelope.path and not self._is_exchange
        if branched is None and is_apart:
            branched = branches.single(body)
        name = format_name or formats.of_columns(body)
        if branched is not None:
            result = self._pieces(row, branched, name)
            has_columns = has_entries(branched.rest) or not NAMES.keys().isdisjoint(result.payload)
            is_spelled = has_columns or branched.branches[0].shape == "json"
            return self._exact(result, row) if is_spelled else result
        result = self._body(row, name, self.adaptation)
        return self._in_batch_line(result, envelope) if envelope.path else result

    def convert_with_provenance(self, row: Any, format_name: str | None) -> Conversion:
        """Convert a row, and keep what it says of where its messages came from in step with them."""
        rest, told = split(row)
        if told is None:
            return self.convert(row, format_name)
        loaded = self._loaded(rest, format_name)
        options = (self.on_loss, self.allow_loss, self.adaptation, self.errors)
        return proof.convert(rest, loaded.conversation, self.to, *options, Provenance.of(told, loaded))

    def _loaded(self, row: Any, format_name: str | None) -> Loaded:
        loaded = self.load(row, format_name)
        if loaded.issues:
            raise InvalidMessageError(loaded.issues)
        return loaded

    def _body(self, row: Any, format_name: str | None, adaptation: Adaptation) -> Conversion:
        conversation = self._loaded(row, format_name).conversation
        return proof.convert(row, conversation, self.to, self.on_loss, self.allow_loss, adaptation, self.errors)

    @property
    def _is_exchange(self) -> bool:
        """Whether rows of the format have no list of messages."""
        return formats.get(self.to).preference == "alpaca"

    def _pieces(self, row: Any, branched: Branches, name: str | None) -> Conversion:
        recognized = None if name else formats.recognize(branched.body)
        name = recognized.name if recognized else name

        def run(body: dict[str, Any], first: bool) -> Conversion:  # noqa: FBT001 (called by position)
            own = self.adaptation if first else attrs.evolve(self.adaptation, keys=NOTHING)
            return self._body(body, name, own)

        def refuses(loss: Loss) -> bool:
            return proof.is_refused(loss, self.on_loss, self.allow_loss)

        if self.rows == "messages" or self._is_exchange:
            texts = self.rows != "messages"
            return joined_rows.convert(row, branched, lambda body: run(body, True), refuses, texts=texts)  # noqa: FBT003
        return row_shapes.convert(row, branched, self.to, self.rows, run, refuses)

    def _exact(self, result: Conversion, row: Any) -> Conversion:
        """Note in the ledger where the entries of media columns were, if they do not come back by themselves."""
        back = _restored(result.payload, result.losses, self.to, self.load)
        return result if same(back, row) else _with_way_back(result, row, back)

    def _in_batch_line(self, result: Conversion, envelope: Envelope) -> Conversion:
        """Return a line of a Batch file as the provider of the new format has it."""
        taker = provider_of(self.to)
        name = next((envelope.row[key] for key in ID_KEYS if isinstance(envelope.row.get(key), str)), None)
        is_line = name is not None or "url" in envelope.row
        if taker is None or not is_line or result.losses.shape.format == self.to:
            return result
        line = taker.line(name or "", result.payload[envelope.path[0]], taker.endpoints[self.to])
        line = line if name is not None else without_keys(line, taker.id_key)
        record = {"row": dict(envelope.row), "path": envelope.path[0]}
        shape = attrs.evolve(result.losses.shape, records={**result.losses.shape.records, _LINE: [record]})
        return attrs.evolve(result, payload=line, losses=Ledger(result.losses, shape))


def _prepared(
    row: Any, opened: tuple[Mapping[str, Any], Envelope], to: str, format_name: str | None, rows: Rows | None
) -> Any:
    """Return *row*, which was *opened*, as it is to be converted; the very same where it can be as it is."""
    body, envelope = opened
    tools = tools_of_text(row.get("tools")) if isinstance(row, Mapping) else None
    if tools is None and not envelope.branches and not has_entries(body):
        return row  # most are
    own = format_name or formats.of_columns(body)
    recognized = formats.recognize(body)
    reads_columns = recognized is not None and recognized.media_in_columns
    if tools is not None and formats.of_columns(body) is None and not reads_columns:
        return {**row, "tools": tools}  # tables of training rows have JSON text
    branched = branches.find(row) if envelope.branches else None
    worse = _other_media(row)
    if worse is not row:
        return worse
    if branched is not None and (new := branches.with_prompt(row)) is not row:
        return new
    if branched is not None and rows is not None and set(branch_parts.repeating(branched)) >= _BOTH:
        return without_keys(row, "prompt")
    is_target = recognized is not None and recognized.name == to
    free = not reads_columns and unplaced_in(body.get("messages"), find(body))
    if reads_columns or not has_entries(body) or (own is None and is_target and not free):
        return row
    has_lists = formats.get(to).preference != "alpaca"
    if branched is None and rows in ("prompt-completion", "preference") and not envelope.path and has_lists:
        branched = branches.single(body)
    if branched is not None:
        fills = branched.key == "messages" and (
            own is None or formats.get(to).media_in_columns or branch_parts.only_in_questions(branched)
        )
        return _filled(branched, envelope) if fills else row
    if own is None and (free or any(map(stands_for, contents_of(body.get("messages"))))):
        new = fill_body(body, envelope.path)
        messages = [_with_usual_keys(message) for message in new["messages"]]
        return envelopes.close_row(_with_system({**new, "messages": messages}), envelope)
    return row


def _other_media(row: Any) -> Any:
    """Return ms-swift's row whose worse answer has other media with that answer as a whole conversation."""
    messages = row.get("messages") if isinstance(row, Mapping) else None
    names = {f"rejected_{kind}s" for kind in KINDS}
    if not isinstance(messages, list) or "rejected_messages" in row or names.isdisjoint(row):
        return row
    worse = row.get("rejected_response", [])
    answer = [{"role": "assistant", "content": worse}] if isinstance(worse, str) else worse
    prompt = branch_parts.asked(messages) if answer else messages
    return {
        **without_keys(row, "rejected_response"),
        "rejected_messages": [*prompt, *answer],
    }


def _filled(branched: Branches, envelope: Envelope) -> Any:
    try:
        return envelopes.close_row(branch_parts.filled(branched), envelope)
    except InvalidMessageError as error:
        raise InvalidMessageError(branch_parts.issues_in_row(error.issues, branched)) from None


def _with_system(body: dict[str, Any]) -> dict[str, Any]:
    """Return a row whose system prompt is in a column with it as its first message."""
    if not isinstance(body.get("system"), str):
        return body
    rest = without_keys(body, "system")
    return {**rest, "messages": [{"role": "system", "content": body["system"]}, *body["messages"]]}


def _with_usual_keys(message: Any) -> Any:
    content = message.get("content") if isinstance(message, Mapping) else None
    return {**message, "content": [_with_usual_key(part) for part in content]} if isinstance(content, list) else message


def _with_usual_key(part: Any) -> Any:
    """Return a part whose URL is a data URL with it under the key that Transformers has for base64."""
    part_type = type_of(part)
    inline = media.split(part.get("url")) if part_type == "image" else None
    if inline is None or media.usual_key("image", part["url"]) != "base64":
        return part
    return {**without_keys(part, "url"), "base64": inline[1]}


def _with_way_back(result: Conversion, row: Any, filled: Any) -> Conversion:
    """Note in the ledger what was in *row* before it was prepared."""
    steps = [{"path": list(step.path), "value": step.value, "change": step.change} for step in diff(row, filled)]
    records = result.losses.shape.records
    shape = attrs.evolve(result.losses.shape, records={**records, _FILLED: [*records.get(_FILLED, ()), *steps]})
    return attrs.evolve(result, losses=Ledger(result.losses, shape))


def restore(row: Any, ledger: Ledger, format_name: str | None, load: Load) -> Any:
    """Return the source of a conversion."""
    whole = _restored(row, ledger, format_name or ledger.shape.target, load)
    steps = ledger.shape.records.get(_FILLED, ())
    return patch(whole, [Loss(tuple(step["path"]), "", step["value"], step["change"]) for step in steps])


def _restored(row: Any, ledger: Ledger, format_name: str | None, load: Load) -> Any:
    def body(value: Any, own: Ledger, name: str | None) -> Any:
        return proof.restore(own, load(proof.unset(value, own), name).conversation)

    if _SAME in ledger.shape.records:
        return row
    for way in (row_shapes, joined_rows):
        if way.RECORD in ledger.shape.records:
            return way.restore(row, ledger, lambda value, own: body(value, own, own.shape.target))
    for record in ledger.shape.records.get(_LINE, ()):
        taker = provider_of(str(ledger.shape.target))
        row = {**record["row"], record["path"]: row[taker.body_key]} if taker else row
    if not isinstance(row, Mapping) or branches.find(row) is None:
        return body(row, ledger, format_name)
    apart = {key: row[key] for key in branch_parts.ANSWERS if key in row}  # the source had no branches: mere keys
    rest = without_keys(row, *apart)
    return {**body(rest, ledger, format_name), **apart}
