"""A fix mends its issue, changes nothing else, and done again changes nothing."""

import copy
import io
from base64 import b64decode, b64encode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import msgkit
from msgkit import rules
from msgkit.errors import UnknownNameError
from msgkit.jsontext.edit import edit, find, steps
from msgkit.rules.examples import assistant, audio, call, file, image, result, text, user
from tests.makers import image_bytes, turned
from tests.strategies import PNGS

PNG = b64encode(image_bytes()).decode()
WAV = "UklGRigAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQQAAAAAAAEA"
MP3 = "//MUxAAAAAAAAAAAAAAAAAAAAAAAAAAA" * 3
PDF = "JVBERi0xLjQKJSVFT0Y="


TURNED = b64encode(image_bytes(size=(3, 2), exif=turned())).decode()


def upright(data):
    """Turn a picture as EXIF says, by Pillow alone."""
    from PIL import ImageOps

    out = io.BytesIO()
    ImageOps.exif_transpose(Image.open(io.BytesIO(data))).save(out, "PNG")
    return out.getvalue()


def mend(row, unsafe=(), target="openai"):
    done = []
    for _ in range(4):
        row, gone = rules.fix(row, msgkit.check(row, target), unsafe=unsafe, upright=upright)
        done += gone
        if not gone:
            return row, done
    raise AssertionError("mending goes round in circles")


# strategies: good and mendable pieces, side by side

good_parts = st.sampled_from(
    [text("Hi"), image(f"data:image/png;base64,{PNG}", detail="low"), audio(WAV), audio(MP3, "mp3"), file(file_id="f")]
)
faulty_parts = st.sampled_from(
    [
        {"type": "input_text", "text": "Hi", "cache": 5},
        {"type": "input_image", "image_url": "https://example.com/a.png", "detail": "low"},
        {"type": "input_image", "image_url": f"data:image/png;base64,{PNG}"},
        {"type": "image_url", "image_url": f"data:image/png;base64,{PNG}", "uuid": "x"},
        image(f"data:image/jpeg;base64,{PNG}", detail="high"),
        image(f"data:image/jpeg;charset=utf-8;base64,{PNG}"),
        image(f"data:;base64,{PNG}"),
        image(f"data:image/x-png;base64,{PNG}"),
        image(f"data:image/png;base64,{TURNED}"),
        image(f"data:image/jpeg;base64,{TURNED}"),
        audio(f"data:audio/wav;base64,{WAV}"),
        audio(f"data:audio/wav;base64,{MP3}"),
        audio(f"data:audio/x-wav;base64,{WAV}", "mp3"),
        audio(MP3, "wav"),
        audio(MP3, "audio/mpeg"),
        audio(WAV, "audio/mpeg"),
        file(file_data=PDF, filename="a.pdf"),
    ]
)
contents = st.one_of(st.text(min_size=1, max_size=9), st.lists(good_parts | faulty_parts, min_size=1, max_size=3))
names = st.sampled_from(["Ann", "Ann Lee", "a.b", "", "Zoë", "x" * 70])
users = st.builds(
    lambda role, content, more: {"role": role, "content": content, **more},
    st.sampled_from(["user", "human", "User", " user"]),
    contents,
    st.fixed_dictionaries({}, optional={"name": names, "recipient": st.sampled_from(["all", "assistant"])}),
)
assistants = st.builds(
    lambda role, more: {"role": role, "content": "A.", **more},
    st.sampled_from(["assistant", "gpt", "ASSISTANT", "bot"]),
    st.fixed_dictionaries(
        {},
        optional={
            "tool_calls": st.just([]),
            "content_type": st.sampled_from(["JSON", "json", "application/json", "banana"]),
            "recipient": st.sampled_from(["all", "functions.w", "get weather"]),
            "weight": st.sampled_from([0, 1]),
        },
    ),
)
rows = st.lists(users | assistants, min_size=1, max_size=4)


def differences(old, new, path=()):
    """The places where two JSON values differ."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in {**old, **new}:
            if key not in old or key not in new:
                yield (*path, key)
            else:
                yield from differences(old[key], new[key], (*path, key))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for n, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from differences(one, other, (*path, n))
    elif old != new or type(old) is not type(new):
        yield path


def covered(place, done):
    """Whether a change lies at, above or beside the place of an issue: within the same part or field."""
    for issue in done:
        at = steps(issue.path)
        near = at[:-1] if issue.code in BESIDE else at
        if place[: len(near)] == near:
            return True
    return False


BESIDE = {"media-type-mismatch", "audio-format-unknown"}  # bytes and format stand side by side


@settings(max_examples=20, deadline=None)
@given(messages=rows)
def test_fixing_mends_changes_nothing_else_and_is_idempotent(messages):
    row = {"model": "m", "messages": messages, "metadata": {"a": None}}
    before = copy.deepcopy(row)
    fixed, done = mend(row)
    assert row == before, "the row itself was changed"
    left = msgkit.check(fixed)
    assert not [issue for issue in left if issue.fixable]
    places = [("messages", *steps(issue.path)[1:]) for issue in done]
    assert len(places) == len(done)
    for place in differences(row, fixed):
        assert covered(place, done), (place, done)
    assert mend(fixed) == (fixed, [])


@settings(max_examples=12, deadline=None)
@given(messages=rows)
def test_each_fix_alone_makes_its_own_issue_go(messages):
    for issue in msgkit.check(messages):
        if issue.fixable:
            fixed, done = rules.fix(messages, [issue], upright=upright)
            assert done == [issue]
            assert (issue.path, issue.code) not in [(left.path, left.code) for left in msgkit.check(fixed)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"role": "human", "content": "Hi"}, {"role": "user", "content": "Hi"}),
        ({"role": "gpt", "content": "Hi"}, {"role": "assistant", "content": "Hi"}),
        ({"role": " User", "content": "Hi"}, {"role": "user", "content": "Hi"}),
        ({"author": {"role": "AI"}, "content": "Hi"}, {"author": {"role": "assistant"}, "content": "Hi"}),
        (user("Hi", name="Ann Lee"), user("Hi", name="Ann_Lee")),
        (user("Hi", name="  "), user("Hi")),
        (user("Hi", name="é" * 80), user("Hi")),
        (user({"type": "input_text", "text": "Hi"}), user(text("Hi"))),
        (user(image(f"data:image/jpeg;base64,{PNG}")), user(image(f"data:image/png;base64,{PNG}"))),
        (user(audio(MP3, "wav")), user(audio(MP3, "mp3"))),
        (user(audio(WAV, "audio/wav")), user(audio(WAV))),
        (user(audio(f"data:audio/wav;base64,{MP3}")), user(audio(MP3, "mp3"))),
        (
            user({"type": "input_image", "image_url": "https://example.com/a.png", "detail": "low"}),
            user(image("https://example.com/a.png", detail="low")),
        ),
        (assistant("A.", tool_calls=[]), assistant("A.")),
        (assistant("A.", recipient="all"), assistant("A.")),
        (assistant("A.", content_type="<|Constrain|> JSON"), assistant("A.", content_type="<|constrain|>json")),
    ],
)
def test_what_each_fix_writes(before, after):
    assert mend([before])[0] == [after]


@pytest.mark.parametrize(
    "message",
    [
        {"role": "usr", "content": "Hi"},  # a guess is no alias
        user({"type": "hologram", "text": "Hi"}),
        user(text(""), image("../a.png")),
        assistant("A.", content_type="banana"),
        user(audio(WAV, "ogg-vorbis-maybe"), image("data:image/png,AAAA")),
    ],
)
def test_what_is_not_certain_is_left(message):
    fixed, done = mend([message])
    assert [issue.code for issue in done] in ([], ["audio-format-unknown"])
    if not done:
        assert fixed == [message]


def test_two_names_that_would_become_one_are_left():
    row = [user("Hi", name="Ann Lee"), user("Hi", name="Ann_Lee")]
    assert mend(row) == (row, [])
    assert not msgkit.check(row)[0].fixable


def test_a_turned_picture_becomes_upright():
    row = [user(image(f"data:image/png;base64,{TURNED}"))]
    fixed, done = mend(row)
    assert [issue.code for issue in done] == ["image-orientation"]
    url = fixed[0]["content"][0]["image_url"]["url"]
    assert Image.open(io.BytesIO(b64decode(url.partition(",")[2]))).size == (2, 3)
    assert rules.fix(row, msgkit.check(row)) == (row, [])  # without the means to turn it


def test_a_batch_line_is_mended_in_its_body():
    line = {"custom_id": "a", "body": {"messages": [{"role": "human", "content": "Hi"}], "model": "m"}}
    fixed, _ = mend(line)
    assert fixed == {"custom_id": "a", "body": {"messages": [user("Hi")], "model": "m"}}


def test_developer_becomes_system_where_there_is_no_developer():
    assert mend([{"role": "developer", "content": "A"}, user("Hi")], target="mistral")[0][0]["role"] == "system"


def test_what_did_not_change_is_shared():
    big = image(f"data:image/png;base64,{PNG}")
    row = [user(big), {"role": "human", "content": [big]}]
    fixed, _ = mend(row)
    assert fixed[0] is row[0]
    assert fixed[1]["content"] is row[1]["content"]


# unsafe repairs


def test_nothing_unsafe_is_done_unless_named():
    row = [user("W?"), result(), user("")]
    assert rules.fix(row, msgkit.check(row)) == (row, [])


@pytest.mark.parametrize(
    ("row", "left"),
    [
        ([user("W?"), result(), user("And?")], [0, 2]),
        ([user("W?"), assistant(tool_calls=[call()]), result(), result(), user("And?")], [0, 1, 2, 4]),
        ([user("W?"), assistant(tool_calls=[call()]), user("And?")], [0, 2]),
        ([user("W?"), assistant(tool_calls=[call()]), user("And?"), result()], [0, 2]),
        ([result("a"), result("b"), user("Hi")], [2]),
        ([user("W?"), *[assistant(tool_calls=[call()])] * 6, result(), user("And?")], [0, 6, 7, 8]),
        ([user("W?"), assistant(tool_calls=[call()] * 3), user("And?"), result()], [0, 2]),
        ([user("W?"), assistant(tool_calls=[call()])], [0, 1]),  # the answer may come next
    ],
)
def test_tool_pairs_drops_orphans_and_invents_nothing(row, left):
    fixed, _ = mend(row, ["tool-pairs"])
    assert fixed == [row[n] for n in left]
    codes = {issue.code for issue in msgkit.check(fixed)}
    assert not codes & {"tool-result-orphan", "tool-result-missing", "tool-result-duplicate"}


def test_tool_pairs_keeps_the_text_and_the_answered_calls():
    row = [user("W?"), assistant("Hm.", tool_calls=[call("a"), call("b")]), result("b"), user("And?")]
    fixed, _ = mend(row, ["tool-pairs"])
    assert fixed == [user("W?"), assistant("Hm.", tool_calls=[call("b")]), result("b"), user("And?")]
    row = [user("W?"), assistant("Hm.", tool_calls=[call("a")]), user("And?")]
    assert mend(row, ["tool-pairs"])[0] == [user("W?"), assistant("Hm."), user("And?")]


messages_with_tools = st.lists(
    st.one_of(
        st.just(user("Hi")),
        st.builds(
            lambda ids: assistant(tool_calls=[call(i) for i in ids]),
            st.lists(st.sampled_from("abc"), min_size=1, max_size=3),
        ),
        st.builds(result, st.sampled_from("abcd")),
        st.just(assistant("A.")),
    ),
    min_size=1,
    max_size=9,
)


@settings(max_examples=20, deadline=None)
@given(row=messages_with_tools)
def test_tool_pairs_always_ends_paired(row):
    fixed, _ = mend(row, ["tool-pairs"])
    codes = {issue.code for issue in msgkit.check(fixed)}
    assert not codes & {"tool-result-orphan", "tool-result-missing", "tool-result-duplicate"}
    kept = iter(row)
    assert all(any(_same(message, old) for old in kept) for message in fixed), "something was invented or moved"


def _same(new, old):
    calls = old.get("tool_calls") or ()
    return {**old, "tool_calls": 0} == {**new, "tool_calls": 0} and all(
        one in calls for one in new.get("tool_calls") or ()
    )


@pytest.mark.parametrize(
    ("row", "fixed"),
    [
        ([user("Hi"), user("")], [user("Hi")]),
        ([user(text("Hi"), text(""))], [user(text("Hi"))]),
        ([user("Hi"), user(text(""))], [user("Hi")]),
        ([user("Hi"), {"role": "user", "content": []}], [user("Hi")]),
        ([user("Hi"), assistant(None), user("Hm?")], [user("Hi"), user("Hm?")]),
    ],
)
def test_empty_content_drops_what_is_empty(row, fixed):
    assert mend(row, ["empty-content"])[0] == fixed


def test_empty_content_keeps_the_empty_result_of_a_call():
    row = [user("W?"), assistant(tool_calls=[call()]), result(content=""), user("And?")]
    assert mend(row, ["empty-content"])[0] == row


def test_an_unknown_repair_is_told_with_the_nearest():
    with pytest.raises(UnknownNameError, match="did you mean 'tool-pairs'"):
        rules.fix([], [], unsafe=["tool-pair"])


# edits


def test_edit_leaves_alone_what_is_not_there():
    row = {"a": [1]}
    assert edit(row, ("a", 5), str) == row
    assert edit(row, ("b", "c"), str) == row
    assert find(row, ("a", 0, "x")) is None


def test_a_path_with_an_odd_key_is_no_place_for_a_fix():
    assert steps("messages[0]['a b']") is None
    assert steps("") == ()


@pytest.mark.parametrize(
    "spelling",
    [
        lambda data: f"data:image/png;base64,{data.rstrip('=')}",
        lambda data: f"data:image/png;base64, {data}",
        lambda data: f"data:image/png;base64,{data[:20]}\n{data[20:]}",
        lambda data: f"data:image/png;base64,{data.replace('+', '-').replace('/', '_')}",
        lambda data: f"DATA: IMAGE/PNG ; BASE64,{data.rstrip('=')}",
        lambda data: f"data:image/jpg;base64,{data}",
        lambda data: data,
    ],
)
def test_what_is_certain_of_a_data_url_is_put_right(spelling, tmp_path):
    row = {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": spelling(PNGS[0])}}]}]}
    fixed, issues = rules.fix(row, msgkit.check(row, root=tmp_path))
    assert issues
    assert fixed["messages"][0]["content"][0]["image_url"]["url"] == f"data:image/png;base64,{PNGS[0]}"


@pytest.mark.parametrize("text", ["data:image/png;base64,AAA", "data:image/png,AAAA", "data:image/png;base64,????"])
def test_what_is_not_certain_of_a_data_url_stays(text):
    row = {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": text}}]}]}
    assert rules.fix(row, msgkit.check(row))[0] == row


@pytest.mark.parametrize(
    ("row", "merged"),
    [
        ([user("a"), user("b"), user("c")], [user("a\n\nb\n\nc")]),
        ([user("a"), user(text("b"))], [user(text("a"), text("b"))]),
        ([assistant("a"), assistant(tool_calls=[call()])], [assistant("a", tool_calls=[call()])]),
        ([user("Q"), user("b", name="ann")], None),
    ],
)
def test_neighbours_of_one_role_are_merged_when_that_is_asked_for(row, merged):
    assert rules.fix(row, msgkit.check(row, "vllm"), unsafe=["merge-neighbours"])[0] == (merged or row)
