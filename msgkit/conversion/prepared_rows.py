"""What is put in place in a row before it is converted: its tools, its prompt, its media."""

from collections.abc import Mapping
from typing import Any

from msgkit import formats
from msgkit.conversion import Rows
from msgkit.errors import InvalidMessageError
from msgkit.formats import branch_parts, branches, envelopes
from msgkit.formats.branch_parts import Branches
from msgkit.formats.common import media
from msgkit.formats.common.calls import tools_of_text
from msgkit.formats.common.columns import KINDS, contents_of, has_entries, stands_for
from msgkit.formats.common.placeholders import fill_body
from msgkit.model.messages import Envelope

_BOTH = {("chosen",), ("rejected",)}


def prepared(
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
    if branched is not None and branches.is_exchange(row):
        return branches.with_prompt(row)
    if branched is not None and rows is not None and set(branch_parts.repeating(branched)) >= _BOTH:
        return {key: value for key, value in row.items() if key != "prompt"}
    is_target = recognized is not None and recognized.name == to
    if reads_columns or not has_entries(body) or (own is None and is_target):
        return row
    has_lists = formats.get(to).preference != "alpaca"
    if branched is None and rows in ("prompt-completion", "preference") and not envelope.path and has_lists:
        branched = branches.single(body)
    if branched is not None:
        fills = branched.key == "messages" and (own is None or formats.get(to).media_in_columns)
        return _filled(branched, envelope) if fills else row
    if own is None and any(map(stands_for, contents_of(body.get("messages")))):
        new = fill_body(body, envelope.path)
        messages = [_with_usual_keys(message) for message in new["messages"]]
        return envelopes.close_row({**new, "messages": messages}, envelope)
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
        **{key: value for key, value in row.items() if key != "rejected_response"},
        "rejected_messages": [*prompt, *answer],
    }


def _filled(branched: Branches, envelope: Envelope) -> Any:
    try:
        return envelopes.close_row(branch_parts.filled(branched), envelope)
    except InvalidMessageError as error:
        raise InvalidMessageError(branch_parts.issues_in_row(error.issues, branched)) from None


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
