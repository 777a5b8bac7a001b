"""Arguments of calls against the parameters of the request's tools."""

import json

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

import msgkit
from msgkit.rules.examples import assistant, call, result, user
from msgkit.rules.schemas import _surely_fits
from msgkit.rules.tools import _explained_fault, _is_surely_object


def codes(parameters, arguments):
    tools = [{"type": "function", "function": {"name": "get_weather", "parameters": parameters}}]
    history = [user("Q"), assistant(tool_calls=[call(arguments=arguments)]), result()]
    return [issue.code for issue in msgkit.check({"tools": tools, "messages": history})]


FLAT = {
    "type": "object",
    "required": ["city"],
    "properties": {
        "city": {"type": "string"},
        "days": {"type": "integer"},
        "tags": {"type": "array", "items": {"type": "string"}},
    },
}


@pytest.mark.parametrize("arguments", ["{}", '{"city": 5}', '{"city": "Oslo", "days": "two"}'])
def test_arguments_that_do_not_fit_are_a_warning(arguments):
    assert codes(FLAT, arguments) == ["tool-arguments-invalid"]


@pytest.mark.parametrize("arguments", ['{"city": "Oslo"}', '{"city": "Oslo", "days": 2, "more": true}'])
def test_arguments_that_fit_are_clean(arguments):
    assert codes(FLAT, arguments) == []


@pytest.mark.parametrize(
    "parameters",
    [
        {"type": "object", "properties": {"city": {"type": "string", "pattern": "(a+)+$"}}},
        {"$ref": "https://example.com/schema.json"},
        {"properties": {"city": {"type": "nonsense"}}},
        {"properties": {"city": {"enum": list(range(3000))}}},
    ],
)
def test_schemas_that_may_take_long_or_are_none_are_left_alone(parameters):
    assert codes(parameters, '{"city": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"}') == []


values = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=2)


@given(st.dictionaries(st.sampled_from(["city", "days", "more", "tags"]), values | st.lists(values, max_size=2)))
def test_what_surely_fits_is_what_the_validator_takes(value):
    if _surely_fits(FLAT, json.loads(json.dumps(value))):
        jsonschema.Draft202012Validator(FLAT).validate(value)


texts = st.recursive(
    st.sampled_from(['"a"', '"\\""', "1", "1e999", "NaN", "null", "99999999999999999999", '"\\ud800"']),
    lambda inner: st.lists(st.tuples(st.sampled_from(['"a"', '"b"']), inner), max_size=3).map(
        lambda pairs: "{" + ", ".join(f"{key}: {value}" for key, value in pairs) + "}"
    ),
    max_leaves=6,
)


@given(texts | st.sampled_from(["", "{", "[1]", '{"a": 1} x', '{"a": 1, "a": 1}']))
def test_what_surely_is_an_object_has_no_fault(text):
    if _is_surely_object(text):
        assert _explained_fault(text) is None
