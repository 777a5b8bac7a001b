"""Content parts and tool calls cut down to what a format has a place for."""

import re
from collections.abc import Collection, Mapping
from typing import Any

import attrs

from msgkit.data_url import Kind, classify
from msgkit.formats.common.capabilities import Capabilities
from msgkit.formats.common.keys import eased
from msgkit.jsontext.values import LIST, without_keys
from msgkit.model.base import NOTHING, PLAIN, UnknownPart, Value
from msgkit.model.calls import TOOL_CALLS, AnyToolCall, CustomToolCall, ToolCall
from msgkit.model.parts import (
    PARTS,
    AudioUrlPart,
    ContentPart,
    FilePart,
    ImagePart,
    RefusalPart,
    TextPart,
    VideoUrlPart,
)
from msgkit.structuring.wire import changed

_DEFINITION = ("name", "description", "parameters", "format")
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_VALUES = {
    cls: tuple(field.name for field in attrs.fields(cls) if field.name not in ("extra", "form", "type"))
    for cls in {*PARTS.values(), *TOOL_CALLS.values()}
}


@attrs.frozen(eq=False, repr=False)
class ValueCut:
    """Cuts parts and calls down to what *target* has a place for."""

    # what the format that they come from defines; its keys do not stay where *target* does not know them
    source: Capabilities
    target: Capabilities  # what may stay
    # keys that never stay: the names of both formats, under which leftovers stand, and that of the list
    names: Collection[str]
    # whether this is the way back to where the conversation came from: what it may hold beyond what is written for it
    # stays
    back: bool = False
    _id: re.Pattern[str] = attrs.field(init=False)

    def tools(self, tools: Any) -> list[Any]:
        """Return the definitions of tools of the types that the target calls, with the keys that it defines."""
        items = tools if isinstance(tools, LIST) else ()
        return [new for tool in items if isinstance(tool, Mapping) and (new := self._tool(tool)) is not None]

    def _tool(self, tool: Mapping[str, Any]) -> dict[str, Any] | None:
        kind = tool.get("type", "function")
        inner = tool.get(kind) if isinstance(kind, str) and kind in (self.target.calls or ("function",)) else None
        if not isinstance(inner, Mapping):
            return None
        known = {key: value for key, value in inner.items() if key in _DEFINITION or self._is_key_of_tool(key, value)}
        known = eased(known, "parameters") if self.target.strict_closed and not self.back else known
        rest = without_keys(tool, "type", kind)
        return {"type": kind, kind: known, **{key: value for key, value in rest.items() if self._is_key_of_tool(key)}}

    def _is_key_of_tool(self, key: str, value: Any = 0) -> bool:
        if value is None and not self.back:
            return False
        return key in self.target.tool or (self.back and key in self.target.read)

    def keys(self, extra: Mapping[str, Any], defined: Collection[str]) -> Mapping[str, Any]:
        """Return the further keys of a message, a part or a call that stay."""
        if not extra:
            return extra
        return {key: value for key, value in extra.items() if key in defined or self._may_stay(key)} or NOTHING

    def _may_stay(self, key: str) -> bool:
        if self.back and key in self.target.read:
            return True
        return self._keeps_columns and key not in self.names and key not in self.source.all_keys

    @property
    def _keeps_columns(self) -> bool:
        """Whether keys that no format defines stay: in rows of data, and on the way back from them."""
        return self.target.open == "rows" or (self.back and self.source.open == "rows")

    def part(self, part: ContentPart, fitting: Collection[str]) -> ContentPart | None:
        """Return what stays of a content part, of those *fitting*; a refusal becomes text where there are none."""
        if isinstance(part, UnknownPart):
            return None
        if isinstance(part, RefusalPart) and part.type not in self.target.parts:
            return TextPart(part.refusal)
        if part.type not in fitting or not self._is_reachable(part):
            return None
        if self.back and isinstance(part, FilePart) and "file_url" not in self.target.parts["file"]:
            part = _with_url_as_data(part)
        new = self._value(part, self.target.parts.get(part.type, ()))
        is_empty = isinstance(new, FilePart) and new.file.file_data is None and new.file.file_id is None
        return None if is_empty and "file_url" not in new.file.extra else new

    def _is_reachable(self, part: ContentPart) -> bool:
        """Return whether the target takes data of files, the scheme of the URL of media, and the id of a file."""
        if self.back:
            return True
        if isinstance(part, FilePart) and not self.target.takes_file(part):
            return False
        owners = {self.source.files_of, self.target.files_of} - {None}
        if isinstance(part, FilePart) and part.file.file_id is not None and len(owners) > 1:
            return part.file.file_data is not None
        url = _url(part)
        if not isinstance(url, str) or classify(url) is not Kind.SCHEME:
            return True
        return url.partition(":")[0].lower() in self.target.schemes

    def _value(self, value: Any, defined: Collection[str]) -> Any:
        """Cut the further keys of a value, and those of the object inside it."""
        changes: dict[str, Any] = {"extra": self.keys(value.extra, defined)} if value.extra else {}
        if value.form:
            changes["form"] = PLAIN
        for name in _VALUES.get(type(value), ()):
            inner = getattr(value, name)
            new = self._value(inner, defined) if isinstance(inner, Value) else inner
            if new is not inner:
                changes[name] = new
        return changed(value, **changes) if changes else value

    @staticmethod
    def without(part: ContentPart | None, keys: Collection[str]) -> ContentPart | None:
        """Return a part without further keys that it may not have."""
        extra = part.extra if isinstance(part, Value) else NOTHING
        if isinstance(part, UnknownPart) or extra.keys().isdisjoint(keys):
            return part
        return changed(part, extra=without_keys(extra, *keys) or NOTHING)

    def call(self, call: AnyToolCall) -> AnyToolCall | None:
        """Return what stays of a tool call."""
        if not isinstance(call, ToolCall | CustomToolCall) or call.type not in self.target.calls:
            return None
        new: ToolCall | CustomToolCall = self._value(call, self.target.call)
        name = new.id and self.call_id(new.id)
        return new if name == new.id else changed(new, id=name)

    def call_id(self, name: str) -> str:
        """Return the id of a call, or one in its place that the target takes: the same for the same id."""
        if self._is_usual_id(name):
            return name
        import hashlib  # slow to load

        number = int.from_bytes(hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()[:8])
        return "".join(_DIGITS[number // 62**i % 62] for i in range(9))

    def _is_usual_call(self, call: AnyToolCall) -> bool:
        if type(call) is not ToolCall or "function" not in self.target.calls:
            return False
        function = call.function
        return (
            call.extra is NOTHING
            and function.extra is NOTHING
            and not (call.form or function.form)
            and self._is_usual_id(call.id or "_")
        )

    def _is_usual_id(self, name: str) -> bool:
        return self.target.call_id is None or self._id.fullmatch(name) is not None


def _url(part: ContentPart) -> Any:
    if isinstance(part, FilePart):
        return part.file.extra.get("file_url")
    inner = getattr(part, part.type, None) if isinstance(part, ImagePart | AudioUrlPart | VideoUrlPart) else None
    return getattr(inner, "url", None)


def _with_url_as_data(part: FilePart) -> FilePart:
    url = part.file.extra.get("file_url")
    is_alone = isinstance(url, str) and part.file.file_data is None
    return changed(part, file=changed(part.file, file_data=url)) if is_alone else part


def with_usual_limit(extra: Mapping[str, Any], defined: Collection[str]) -> Mapping[str, Any]:
    """Return the keys with the limit of tokens under the one of its two names that the format has."""
    newer, older = "max_completion_tokens", "max_tokens"
    name, other = (newer, older) if newer in extra else (older, newer)
    if name not in extra or name in defined or other not in defined or other in extra:
        return extra
    return {other if key == name else key: value for key, value in extra.items()}
