"""What every format promises, over all of them: samples, mutations of them, generated bodies, and every pair."""

import ast
import copy
import json
from functools import cache
from itertools import product
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import msgkit
from msgkit import formats
from msgkit.api.loading import load_row
from msgkit.conversion.ledger import Ledger
from msgkit.jsontext.values import same
from tests.formats.rich import RICH
from tests.strategies import PDF, PNGS, WAVS, bodies

SAMPLES = Path(__file__).parent.parent / "samples"
PACKAGE = Path(formats.__file__).parent
NAMES = list(formats.FORMATS)
EXAMPLES = {name: json.loads((SAMPLES / f"{name}.json").read_text()) for name in NAMES}
ALL = [pytest.param(name, row, id=f"{name}-{i}") for name in NAMES for i, row in enumerate(EXAMPLES[name])]
QUICK = settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)

JUNK = st.sampled_from([
    None, True, 5, 1.5, "", "x", "user", "tool", "<image>", '{"a":1}', [], {}, ["a"], {"a": 1},
    {"type": "text", "text": "t"}, {"type": "tool_use"}, {"type": "image"}, {"functionCall": {"name": "f"}},
    "data:image/png;base64,AAAA", "<|im_end|>",
]).map(copy.deepcopy)  # fmt: skip
KEYS = st.sampled_from([
    "name", "role", "type", "content", "text", "id", "tool_calls", "reasoning", "mood", "cache_control", "image_url",
    "function", "input", "tool_call_id", "refusal", "channel", "value", "from", "system", "tools", "messages", "stop",
    "author", "audio", "parts", "thought", "url", "path", "output", "call_id", "summary", "phase", "response", *NAMES,
])  # fmt: skip


def nodes(value, path=()):
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from nodes(item, (*path, key))


@st.composite
def mutations(draw, rows):
    """A sample with one to three things changed, taken out, put in, doubled or cut."""
    row = copy.deepcopy(draw(st.sampled_from(rows)))
    for _ in range(draw(st.integers(1, 3))):
        found = [path for path in nodes(row) if path]
        if not found:
            break
        *path, last = draw(st.sampled_from(found))
        place = row
        for step in path:
            place = place[step]
        kind = draw(st.sampled_from(["change", "remove", "add", "double", "cut"]))
        if kind == "cut" and isinstance(place[last], str):
            end = draw(st.integers(0, len(place[last])))
            place[last] = place[last][:end]
        elif kind == "remove":
            del place[last]
        elif kind == "add" and isinstance(place, dict):
            place[draw(KEYS)] = draw(JUNK)
        elif kind == "double" and isinstance(place, list):
            place.insert(last, copy.deepcopy(place[last]))
        else:
            place[last] = draw(JUNK)
    return row


def loads(row, name):
    """Load a row; None when it is refused, which must be msgkit's own way of refusing."""
    try:
        return msgkit.load(row, name)
    except msgkit.InvalidMessageError as error:
        assert error.issues
        return None


# 1. dump(load(x)) == x


@pytest.mark.parametrize(("name", "row"), ALL)
def test_a_sample_loads_without_issues_and_dumps_equal(name, row):
    before = copy.deepcopy(row)
    found = msgkit.dump(msgkit.load(row, name))
    assert same(found, row)
    assert row == before


@pytest.mark.parametrize("name", NAMES)
@QUICK
@given(data=st.data())
def test_whatever_loads_dumps_equal_and_whatever_does_not_is_refused_with_issues(name, data):
    row = data.draw(mutations(EXAMPLES[name]))
    talk = loads(row, name)
    if talk is not None:
        found = msgkit.dump(talk)
        assert same(found, row)
        json.dumps(found)


@QUICK
@given(bodies)
def test_a_generated_body_dumps_equal(body):
    assert same(msgkit.dump(msgkit.load(body, "openai")), body)


# 2. A -> B -> restore == A, for every pair


def dropped(row, source, target):
    """Convert a row, whatever is lost; None when too little of it stays to be a row, which must be said."""
    try:
        return msgkit.convert(row, target, format=source, on_loss="drop")
    except msgkit.InvalidMessageError as error:
        assert any("would be refused" in issue.message for issue in error.issues)
        return None


@cache
def of_samples(source, target):
    """The samples of a format with what they convert to, once for all tests."""
    return [(row, dropped(row, source, target)) for row in EXAMPLES[source]]


def there_and_back(row, source, target):
    before = copy.deepcopy(row)
    result = dropped(row, source, target)
    if result is None:
        return None
    lines = json.loads(json.dumps(list(result.losses.lines(1))))
    assert same(msgkit.restore(result.payload, Ledger.of_lines(lines)), row)
    assert row == before
    json.dumps(result.payload)
    return result


@pytest.mark.parametrize("source", NAMES)
def test_every_sample_comes_back_equal_from_every_format_by_its_written_ledger(source):
    for row, target in product(EXAMPLES[source], NAMES):
        there_and_back(row, source, target)


@pytest.mark.parametrize("source", NAMES)
@settings(QUICK, max_examples=7)
@given(data=st.data())
def test_whatever_loads_comes_back_equal_from_another_format(source, data):
    row = data.draw(mutations(EXAMPLES[source]))
    if loads(row, source) is not None:
        there_and_back(row, source, data.draw(st.sampled_from(NAMES)))


@pytest.mark.parametrize("target", NAMES)
@settings(QUICK, max_examples=9)
@given(body=bodies)
def test_a_generated_body_comes_back_equal_from_every_format(target, body):
    there_and_back(body, "openai", target)


# 3. every listed loss is real; without losses it comes back equal by itself


@pytest.mark.parametrize("source", NAMES)
def test_every_listed_loss_is_needed_to_go_back(source):
    for target in NAMES:
        rich = source == "openai"
        for row, result in [(RICH, dropped(RICH, source, target))] if rich else of_samples(source, target):
            if result is not None:
                assert_each_is_needed(row, result, target)


def assert_each_is_needed(row, result, target):
    told = [loss for loss in result.losses if loss.path]
    for i, left_out in enumerate(told[:12]):
        ledger = Ledger([loss for loss in told if loss is not left_out], result.losses.shape)
        try:
            back = msgkit.restore(result.payload, ledger)
        except (IndexError, KeyError, TypeError):
            continue  # a later step stood in what this one puts there
        assert not same(back, row), (target, i, left_out)


@pytest.mark.parametrize("source", NAMES)
def test_a_conversion_without_losses_comes_back_equal_without_a_ledger(source):
    for target in NAMES:
        for row, result in of_samples(source, target):
            if result is not None and not result.losses:
                back = msgkit.convert(result.payload, source, format=target, on_loss="drop")
                assert same(back.payload, row), target


@pytest.mark.parametrize("target", NAMES)
@settings(QUICK, max_examples=9)
@given(body=bodies)
def test_a_generated_body_without_losses_comes_back_equal_without_a_ledger(target, body):
    assume(not any(message["role"] == "tool" and "name" in message for message in body["messages"]))  # not OpenAI's
    result = dropped(body, "openai", target)
    if result is not None and not result.losses:
        assert same(msgkit.convert(result.payload, "openai", format=target, on_loss="drop").payload, body)


@pytest.mark.parametrize("source", NAMES)
@pytest.mark.parametrize(("on_loss", "kinds"), [("error", ["content"]), ("strict", ["content", "setting"])])
def test_losses_refuse_by_their_kind(on_loss, kinds, source):
    of_all = ((target, *one) for target in NAMES for one in of_samples(source, target))
    for target, row, result in of_all:
        if result is None:
            continue
        expected = [loss for loss in result.losses if loss.kind in kinds]
        if not expected:
            assert same(msgkit.convert(row, target, format=source, on_loss=on_loss).payload, result.payload)
            continue
        with pytest.raises(msgkit.LossError) as caught:
            msgkit.convert(row, target, format=source, on_loss=on_loss)
        assert list(caught.value.losses) == expected


# 4. media survive byte for byte


def holders(part):
    """The formats that say to have a place for the data of a type of part."""
    own = {name: formats.get(name).capabilities for name in NAMES}
    return {name for name in NAMES if part in own[name].parts and (part != "file" or own[name].file_types != ())}


HOLDS_PICTURES, HOLDS_SOUND, HOLDS_FILES = map(holders, ("image_url", "input_audio", "file"))


@pytest.mark.parametrize("target", NAMES)
def test_media_go_through_byte_for_byte_or_are_listed(target):
    result = msgkit.convert(RICH, target, on_loss="drop")
    text = json.dumps(result.payload)
    lost = json.dumps([loss.value for loss in result.losses])
    for data, able in ((PNGS[0], HOLDS_PICTURES), (WAVS[0], HOLDS_SOUND), (PDF, HOLDS_FILES)):
        assert (data in text) == (target in able)
        assert (data in lost) == (target not in able)
    talk = msgkit.load(result.payload, target)
    held = [part for message in talk for part in message.parts if is_held(part)]
    assert len(held) == sum(target in able for able in (HOLDS_PICTURES, HOLDS_SOUND, HOLDS_FILES))


def is_held(part):
    try:
        return bool(part.media.data)
    except (msgkit.MediaError, AttributeError):
        return False


# 5. no format imports another


def test_no_format_imports_another():
    own = {module.removeprefix("msgkit.formats.") for module in formats.FORMATS.values()}
    for path in PACKAGE.rglob("*.py"):
        home = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        for node in ast.walk(ast.parse(path.read_text())):
            names = [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            found = {name.split(".")[2] for name in names if name.startswith("msgkit.formats.")}
            assert home not in own or not (found & own) - {home}, path


# shapes, places, unknown parts


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_is_told_from_its_shape(name):
    row = EXAMPLES[name][0]
    assert msgkit.load(row).envelope.format == name


@pytest.mark.parametrize(("name", "row"), ALL)
def test_every_place_leads_somewhere_in_the_row(name, row):
    loaded = load_row(row, name)
    for own in loaded.places.values():
        found = {"messages": row} if isinstance(row, list) else row
        for step in own:
            found = found[step]


@pytest.mark.parametrize("target", sorted(set(NAMES) - {"openai"}))
def test_a_part_of_an_unknown_type_is_refused_with_its_path(target):
    mystery = {"type": "mystery", "data": 1}
    body = {"messages": [{"role": "user", "content": [{"type": "text", "text": "Hello"}, mystery]}]}
    with pytest.raises(msgkit.LossError) as caught:
        msgkit.convert(body, target, format="openai")
    assert (("messages", 0, "content", 1), mystery) in [(loss.path, loss.value) for loss in caught.value.losses]


@pytest.mark.parametrize("name", NAMES)
def test_a_body_that_is_none_is_refused_at_its_messages(name):
    for body in (
        {},
        {"messages": None},
        {"messages": {}},
        {"contents": 5},
        {"conversations": "x"},
        {"input": 5},
        {"text": 5},
    ):
        loaded = formats.get(name).load(body, ())
        assert [issue.code for issue in loaded.issues] in (
            ["messages-missing"],
            ["messages-empty"],
            ["messages-missing", "messages-empty"],
        )


@pytest.mark.parametrize("name", NAMES)
@settings(QUICK, max_examples=13)
@given(data=st.data())
def test_loading_never_raises(name, data):
    json_values = st.recursive(
        JUNK, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
    )
    body = data.draw(
        st.dictionaries(KEYS | st.sampled_from(["contents", "conversations", "images"]), json_values, max_size=4)
    )
    formats.get(name).load(body, ())


@pytest.mark.parametrize(("name", "row"), ALL)
def test_the_messages_of_every_format_are_values_like_any_other(name, row):
    for message in msgkit.load(row, name):
        assert msgkit.from_dict(msgkit.to_dict(message)) == message
