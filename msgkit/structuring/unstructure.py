"""Values -> JSON: the inverse hooks, which write whatever a value has."""

from collections.abc import Callable
from typing import Any

import attrs
import cattrs

from msgkit.jsontext.values import copy_json
from msgkit.model.base import null
from msgkit.model.messages import Author, Message
from msgkit.model.parts import Value
from msgkit.structuring.wire import FORM, NESTED, OTHER_REASONING, OWN_FIELDS, REASONING, STRING


def dump_hook(
    converter: cattrs.Converter, cls: type[Value], skip: str = "", *, noted: bool = False
) -> Callable[[Any], Any]:
    """Return the hook that writes a value class as its JSON object, with its unknown keys and nulls."""
    names = [field.name for field in attrs.fields(cls) if field.name not in OWN_FIELDS and field.name != skip]
    nulls = {name: null(name) for name in names}
    tag = getattr(cls, "type", None)

    def unstructure(value: Any) -> Any:
        if not noted and STRING in value.form and value == cls(url=value.url):  # type: ignore[call-arg]
            return value.url
        out: dict[str, Any] = {} if tag is None else {"type": tag}
        for name in names:
            inner = getattr(value, name)
            if inner is not None:
                out[name] = inner if type(inner) is str else converter.unstructure(inner)
            elif value.form and nulls[name] in value.form:
                out[name] = None
        if value.extra:
            out.update(copy_json(value.extra))
        if noted and value.form:
            out[FORM] = value.form
        return out

    return unstructure


def message_dump_hook(converter: cattrs.Converter, *, noted: bool = False) -> Callable[[Any], Any]:
    """Return the hook that writes a message, its author where it was; if *noted*, always next to the content."""
    body = dump_hook(converter, Message, skip="author", noted=noted)
    dump_author = dump_hook(converter, Author)

    def unstructure(message: Message) -> Any:
        out = body(message)
        if noted:
            return {**dump_author(message.author), **out}
        if OTHER_REASONING in message.form and "reasoning" in out:
            out[REASONING] = out.pop("reasoning")
        author = dump_author(message.author)
        return {"author": author, **out} if NESTED in message.form else {**author, **out}

    return unstructure
