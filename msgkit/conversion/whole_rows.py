"""Conversions of rows of every shape: bodies, lines of Batch files, rows with branches, media columns or provenance."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, cast

import attrs

from msgkit import formats
from msgkit.conversion import OnLoss, Rows, joined_rows, proof, row_shapes
from msgkit.conversion.adapting import Adaptation
from msgkit.conversion.ledger import Ledger, Shape
from msgkit.conversion.proof import Conversion, Errors
from msgkit.conversion.provenance import Provenance, split
from msgkit.errors import InvalidMessageError, Loss
from msgkit.formats import Loaded, branch_paths, branches, envelopes
from msgkit.formats.batch import ID_KEYS, provider_of
from msgkit.formats.branches import Branches
from msgkit.formats.common import media
from msgkit.formats.common.calls import tools_of_text
from msgkit.formats.common.columns import contents_of, has_entries, stands_for
from msgkit.formats.common.placeholders import fill_body
from msgkit.jsontext.diff import diff
from msgkit.jsontext.edit import patch
from msgkit.model.messages import Envelope
from msgkit.model.parts import NOTHING

Load = Callable[[Any, str | None], Loaded]
"""Loads a row in a format, told from its shape when None."""

_LINE = "line"  # the record of the ledger's shape that says what stood around the body in a Batch file
_FILLED = "filled"  # the record of the ledger's shape that takes media back into their columns


@attrs.frozen
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
        with_tools = _with_tools(row)
        if with_tools is not row:
            return _with_way_back(self.convert(with_tools, format_name), row, with_tools)
        body, envelope = envelopes.open_row(row)
        found = branches.find(row) if envelope.branches else None
        if found is None and self.rows in ("prompt-completion", "preference") and not envelope.path:
            found = branches.single(body)
        if found is not None and self.rows is not None and set(branches.repeating(found)) >= _BETTER_AND_WORSE:
            without = {key: value for key, value in row.items() if key != "prompt"}
            return _with_way_back(self.convert(without, format_name), row, without)
        name = format_name or formats.of_columns(body)
        if found is not None:
            return self._branches(row, found, format_name, name, envelope)
        if name is None and _has_stand_ins(body) and not self._is_own(body):
            return self._filled(row)
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

    def _is_own(self, body: Mapping[str, Any]) -> bool:
        found = formats.recognize(body)
        return found is not None and found.name == self.to

    def _branches(
        self, row: Any, found: Branches, format_name: str | None, name: str | None, envelope: Envelope
    ) -> Conversion:
        if branches.is_exchange(row):
            if formats.get(self.to).preference == "alpaca" and self.rows != "messages":
                # its texts are branches
                return Conversion(row, Ledger((), Shape(formats.DEFAULT, target=formats.DEFAULT)))
            filled = branches.with_prompt(row)
            return _with_way_back(self._pieces(filled, cast(Branches, branches.find(filled)), format_name), row, filled)
        if found.key == "messages" and has_entries(found.body) and (name or not self._is_own(found.body)):
            filled = _filled(found, envelope)
            return _with_way_back(self._pieces(filled, cast(Branches, branches.find(filled)), format_name), row, filled)
        return self._pieces(row, found, name)

    def _pieces(self, row: Any, found: Branches, name: str | None) -> Conversion:
        recognized = None if name else formats.recognize(found.body)
        name = recognized.name if recognized else name

        def run(body: dict[str, Any], first: bool) -> Conversion:  # noqa: FBT001 (called by position)
            own = self.adaptation if first else attrs.evolve(self.adaptation, keys=NOTHING)
            return self._body(body, name, own)

        def refuses(loss: Loss) -> bool:
            return proof.is_refused(loss, self.on_loss, self.allow_loss)

        is_exchange = formats.get(self.to).preference == "alpaca"
        if self.rows == "messages" or is_exchange:
            texts = is_exchange and self.rows != "messages"
            return joined_rows.convert(row, found, lambda body: run(body, True), refuses, texts=texts)  # noqa: FBT003
        return row_shapes.convert(row, found, self.to, self.rows, run, refuses)

    def _filled(self, row: Any) -> Conversion:
        """Convert a row with its media in the place of the parts that stand for them."""
        body, envelope = envelopes.open_row(row)
        new = fill_body(body, envelope.path)
        messages = [_with_usual_keys(message) for message in new["messages"]]
        filled = envelopes.close_row({**new, "messages": messages}, envelope)
        return _with_way_back(self._body(filled, None, self.adaptation), row, filled)

    def _in_batch_line(self, result: Conversion, envelope: Envelope) -> Conversion:
        """Return a line of a Batch file as the provider of the new format has it."""
        taker = provider_of(self.to)
        name = next((envelope.row[key] for key in ID_KEYS if isinstance(envelope.row.get(key), str)), None)
        if taker is None or name is None or result.losses.shape.format == self.to:
            return result
        line = taker.line(name, result.payload[envelope.path[0]], taker.endpoints[self.to])
        record = {"row": dict(envelope.row), "path": envelope.path[0]}
        shape = attrs.evolve(result.losses.shape, records={**result.losses.shape.records, _LINE: [record]})
        return attrs.evolve(result, payload=line, losses=Ledger(result.losses, shape))


_BETTER_AND_WORSE = {("chosen",), ("rejected",)}


def _has_stand_ins(body: Mapping[str, Any]) -> bool:
    """Tell whether parts of the messages stand for media in columns."""
    return has_entries(body) and any(map(stands_for, contents_of(body.get("messages"))))


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


def _with_way_back(result: Conversion, row: Any, filled: Any) -> Conversion:
    """Note in the ledger what stood in *row* before its media columns were put into the messages."""
    steps = [{"path": list(step.path), "value": step.value, "change": step.change} for step in diff(row, filled)]
    records = result.losses.shape.records
    shape = attrs.evolve(result.losses.shape, records={**records, _FILLED: [*records.get(_FILLED, ()), *steps]})
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


def restore(row: Any, ledger: Ledger, format_name: str | None, load: Load) -> Any:
    """Return the source of a conversion."""
    whole = _restored(row, ledger, format_name or ledger.shape.target, load)
    steps = ledger.shape.records.get(_FILLED, ())
    return patch(whole, [Loss(tuple(step["path"]), "", step["value"], step["change"]) for step in steps])


def _restored(row: Any, ledger: Ledger, format_name: str | None, load: Load) -> Any:
    def body(value: Any, own: Ledger, name: str | None) -> Any:
        return proof.restore(own, load(proof.unset(value, own), name).conversation)

    for way in (row_shapes, joined_rows):
        if way.RECORD in ledger.shape.records:
            return way.restore(row, ledger, lambda value, own: body(value, own, own.shape.target))
    for record in ledger.shape.records.get(_LINE, ()):
        taker = provider_of(str(ledger.shape.target))
        row = {**record["row"], record["path"]: row[taker.body_key]} if taker else row
    return body(row, ledger, format_name)
