"""Tables of others as JSON: nulls are absent keys, bytes are media or text, times and decimal numbers are texts."""

from collections.abc import Callable, Collection
from importlib import import_module
from typing import Any

from msgkit import data_url, headers
from msgkit.formats.common.columns import KINDS
from msgkit.rows.batches import is_list


def maker(schema: Any, names: Collection[str]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Return what makes JSON of a row of someone else's table without nulls: most are that already."""
    return _same if all(_is_json(field.type) for field in schema if field.name in names) else as_json


def _same(row: dict[str, Any]) -> dict[str, Any]:
    return row


def _is_json(arrow_type: Any) -> bool:
    """Return whether values of a type are JSON, once times are texts."""
    types = import_module("pyarrow.types")
    if types.is_struct(arrow_type):
        return all(_is_json(field.type) for field in arrow_type)
    if is_list(arrow_type) or types.is_dictionary(arrow_type):
        return _is_json(arrow_type.value_type)
    told = (types.is_string, types.is_large_string, types.is_primitive, types.is_decimal, types.is_null)
    return any(is_one(arrow_type) for is_one in told)


def as_json(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row of someone else's table as JSON; bytes that can be no media as base64."""
    value: dict[str, Any] = _value(row)
    for name, inner in value.items():
        if isinstance(inner, bytes) and not any(kind in name.lower() for kind in KINDS):
            value[name] = data_url.encode(inner)
    return value


def _value(value: Any) -> Any:
    """Return a value without nulls; media in bytes, or in ``{bytes, path}`` of Hugging Face, as data URLs."""
    if isinstance(value, dict):
        data = value.get("bytes")
        if isinstance(data, bytes) and data and value.keys() <= {"bytes", "path"}:
            return _media(data) or data
        return {key: _value(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, bytes):
        return _media(value) or _text(value)
    return [_value(item) for item in value] if isinstance(value, list) else value


def _media(data: bytes) -> str | None:
    media_type = headers.sniff(data)
    return None if media_type is None else data_url.join(media_type, data)


def _text(data: bytes) -> str | bytes:
    """Return bytes as the text that they are: some writers do not say which columns are texts."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data


def in_json_types(batch: Any) -> Any:
    """Return a batch of rows with times and decimal numbers as texts."""
    types = [_json_type(column.type) for column in batch.columns]
    if types == batch.schema.types:
        return batch
    columns = [column.cast(type_) for column, type_ in zip(batch.columns, types, strict=True)]
    return import_module("pyarrow").RecordBatch.from_arrays(columns, batch.schema.names)


def _json_type(arrow_type: Any) -> Any:
    arrow, types = import_module("pyarrow"), import_module("pyarrow.types")
    if types.is_temporal(arrow_type) or types.is_decimal(arrow_type):
        return arrow.string()
    if types.is_struct(arrow_type):
        return arrow.struct([field.with_type(_json_type(field.type)) for field in arrow_type])
    if types.is_map(arrow_type):
        return arrow.map_(arrow_type.key_type, _json_type(arrow_type.item_type))
    if not is_list(arrow_type):
        return arrow_type
    item = arrow_type.value_field.with_type(_json_type(arrow_type.value_type))
    if types.is_fixed_size_list(arrow_type):
        return arrow.list_(item, arrow_type.list_size)
    return arrow.large_list(item) if types.is_large_list(arrow_type) else arrow.list_(item)
