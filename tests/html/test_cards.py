"""Rows -> cards: what is shown, and each issue at its place."""

import io
import json
import zlib
from collections import Counter
from pathlib import Path

import pybase64
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from msgkit import check
from msgkit.api.receivers import receivers
from msgkit.html.json_html import as_json, as_typed, cut, pretty
from msgkit.html.load_any import ROW, Place, find, split
from msgkit.html.pages import Page
from msgkit.html.reading import Cards
from msgkit.html.texts import fold, prose, visible
from msgkit.rows import Row, iter_rows


def card(make, *messages, **keys):
    return Cards().of(Row(7, make.row(*messages, **keys)))


def test_results_stand_in_their_calls_whatever_their_order(make):
    calls = {"role": "assistant", "content": None, "tool_calls": [make.call("a"), make.call("b")]}
    found = card(make, calls, make.result("b", "2"), make.result("a", "1"), make.answer("done"))
    assert [message.index for message in found.messages] == [0, 3]
    assert [[result.index for result in call.results] for call in found.messages[0].calls] == [[2], [1]]


def test_two_results_of_one_call_stand_in_their_order(make):
    calls = {"role": "assistant", "content": None, "tool_calls": [make.call("a")]}
    found = card(make, calls, make.result("a", "1"), make.result("a", "2"))
    assert [result.index for result in found.messages[0].calls[0].results] == [1, 2]


def test_a_result_without_a_call_stands_for_itself(make):
    found = card(make, make.user("x"), make.result("nobody", "1"))
    assert [message.index for message in found.messages] == [0, 1]


def test_a_result_of_a_later_call_with_the_same_id_stands_there(make):
    calls = {"role": "assistant", "content": None, "tool_calls": [make.call("a")]}
    found = card(make, calls, make.result("a", "1"), calls, make.result("a", "2"))
    assert [[one.index for one in message.calls[0].results] for message in found.messages] == [[1], [3]]


def test_a_harmony_call_stands_beside_its_result(make):
    asked = make.answer('{"a":1}', channel="commentary", recipient="functions.f")
    found = card(make, asked, {"role": "tool", "name": "functions.f", "content": "done", "channel": "commentary"})
    assert len(found.messages) == 1
    assert found.messages[0].calls[0].name == "functions.f"
    assert found.messages[0].calls[0].results[0].index == 1


def test_no_message_is_lost_when_its_call_does_not_load(make):
    broken = {"role": "assistant", "content": 5, "tool_calls": [make.call("a")]}
    found = card(make, broken, make.result("a", "1"))
    assert [message.index for message in found.all_messages()] == [0, 1]
    assert '"content": 5' in found.messages[0].raw.source


def test_a_part_that_does_not_load_is_json_and_its_neighbours_are_shown(make):
    found = card(make, make.user(make.text("before"), {"type": "text", "text": 5}, make.text("after")))
    parts = found.messages[0].parts
    assert [part.text.head[0].text if part.text else part.other.source for part in parts] == [
        "before",
        '{\n  "type": "text",\n  "text": 5\n}',
        "after",
    ]
    assert [len(part.issues) for part in parts] == [0, 1, 0]


def test_keys_that_do_not_load_are_shown_beside_the_message(make):
    found = card(make, {"role": "user", "content": "x", "name": {"a": 1}})
    assert json.loads(found.messages[0].other.source) == {"name": {"a": 1}}
    assert found.messages[0].parts[0].text.head[0].text == "x"


def test_what_else_a_row_holds_is_told(make):
    found = card(make, make.user("x"), model="gpt-5", tools=[1], custom_id="a")
    assert (found.name, found.tags) == ("a", ("model gpt-5",))
    assert json.loads(found.other.source) == {"tools": [1]}


def test_the_keys_of_a_batch_line_are_told(make):
    row = {
        "custom_id": "a",
        "method": "POST",
        "url": "/v1",
        "body": make.row({"role": "usr", "content": "x"}, model="m"),
    }
    found = Cards().of(Row(1, row))
    assert (found.name, found.tags) == ("a", ("method POST", "url /v1", "model m"))
    assert [issue.code for issue in found.messages[0].issues] == ["role-unknown"]


def test_every_issue_of_check_is_on_the_page_once(examples):
    for row in iter_rows(examples / "faulty.jsonl"):
        shown = sorted((issue.path, issue.code) for issue in Cards(root=str(examples)).of(row).all_issues())
        expected = row.issues or check(row.value, root=str(examples))
        assert shown == sorted((issue.path, issue.code) for issue in expected)


@pytest.mark.parametrize("payload", [None, 5, "x", [], [[]], [5], {}, {"messages": {}}, {"body": {"messages": 5}}])
def test_any_json_value_becomes_a_card(payload):
    found = Cards().of(Row(1, payload))
    assert list(found.all_issues())


def test_a_conversation_of_20000_messages_is_taken(make):
    found = card(make, *[make.user("x")] * 20_000)
    assert len(found.messages) == 20_000


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("", ROW),
        ("messages", ROW),
        ("images[0]", ROW),
        ("messages[3]", Place(3)),
        ("messages[3].role", Place(3, "role")),
        ("messages[3].author.role", Place(3, "author")),
        ("messages[3].content", Place(3, "content")),
        ("messages[3].content[12].image_url.url", Place(3, "content", 12)),
        ("messages[3].tool_calls[1].function.name", Place(3, "tool_calls", 1)),
        ("messages[3]['a.b[0]']", Place(3, "a.b[0]")),
    ],
)
def test_a_path_leads_to_its_place(path, place):
    assert find(path) == place
    assert find(f"body.{path}" if path else path, ("body",)) == place


def test_places_of_other_shapes_lead_back_by_the_longest():
    places = {("messages", 0): ("conversations", 0), ("messages", 0, "content"): ("conversations", 0, "value")}
    assert find("conversations[0].value", places=places) == Place(0, "content")
    assert find("conversations[0].from", places=places) == Place(0, "from")


def test_a_path_is_split_in_its_steps():
    assert split("messages[3].content[1].image_url.url") == ("messages", 3, "content", 1, "image_url", "url")
    assert split("['a b'][0]") == ("a b", 0)


@pytest.mark.parametrize(
    "text", ["", "short", "x" * 1_500, "x" * 5_000, "a\n" * 19, "a\n" * 400, "word " * 3_000, "\n" * 900]
)
def test_folding_loses_nothing(text):
    head, rest, left = fold(text)
    assert (head + rest, left) == (text, 0)
    assert len(head) <= 1_600
    assert head.count("\n") <= 24


def test_very_long_text_is_cut_and_the_page_says_so():
    head, rest, left = fold("x" * 600_000)
    assert len(head) + len(rest) + left == 600_000
    assert left == 100_000


@pytest.mark.parametrize(
    "text", ["plain", "a\n```\ncode\n```\nb", "```py\nopen", "~~~\n```\n~~~\n", "``` ` ```", "```\na\n```\n" * 500]
)
def test_fences_lose_nothing(text):
    card = prose(text)
    assert "".join(piece.text for piece in (*card.head, *card.rest)) == text


def test_code_between_fences_is_code():
    assert [piece.code for piece in prose("a\n```\nb\n```\nc").head] == [False, True, False]
    assert [piece.code for piece in prose("a ``` b").head] == [False]


@pytest.mark.parametrize(
    "text", ['{"a":[1.0,1e400,-0,"x, {y}: [z]"],"a":null}', "[]", "{}", '[[],{"":[{}]}]', '["\\"\\\\"]', ' {"a" : 1} ']
)
def test_indenting_changes_nothing_but_white_space(text):
    found = pretty(text)
    assert "".join(found.split()) == "".join(text.split())
    assert json.loads(found, object_pairs_hook=list) == json.loads(text, object_pairs_hook=list)


@pytest.mark.parametrize("text", ["", "x", "12", '"x"', "{", "{'a': 1}", "[1, 2", "[" * 5_000])
def test_what_is_no_json_is_not_indented(text):
    assert pretty(text) is None


def test_long_base64_is_cut_wherever_it_stands():
    assert len(cut("x " + "QUJD" * 10_000)) < 100
    assert "QUJD" * 50 not in as_json({"a": [{"b": "QUJD" * 500}]})
    assert as_typed(b'{"a": "' + b"QUJD" * 500).startswith('{"a": "QUJD')


def test_control_characters_become_pictures():
    assert visible("a\x00\x1b\x7f\r\nb\rc") == "a␀␛␡\nb␍c"


SAMPLES = sorted((Path(__file__).parent.parent / "samples").glob("*.json"))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_rows_of_every_format_are_shown_with_every_issue_once(path):
    rows = json.loads(path.read_text(encoding="utf-8"))
    for row in rows if isinstance(rows, list) else [rows]:
        found = Cards().of(Row(1, row))
        assert found.raw is None
        assert len(list(found.all_messages())) >= 1
        assert Counter(issue.path for issue in found.all_issues()) == Counter(issue.path for issue in check(row))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
STRINGS = st.sampled_from(["user", "assistant", "tool", "text", "image_url", "a", "</script>", "data:,", "functions.f"])
KEYS = "role name content channel recipient content_type tool_calls tool_call_id reasoning refusal author id weight"
CALL = st.dictionaries(st.sampled_from(["id", "type", "function", "custom", "name"]), VALUES | STRINGS, max_size=4)
PART = st.dictionaries(
    st.sampled_from(["type", "text", "image_url", "input_audio", "file", "url", "path"]), VALUES | STRINGS, max_size=4
)
CONTENT = VALUES | STRINGS | st.lists(PART | VALUES, max_size=3)
MESSAGE = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(KEYS.split(), VALUES | STRINGS),
        "content": CONTENT,
        "tool_calls": st.lists(CALL | VALUES, max_size=2),
    },
)
ROW_VALUES = VALUES | st.fixed_dictionaries({"messages": st.lists(MESSAGE | VALUES, max_size=4)})


@settings(max_examples=50, deadline=None)
@given(ROW_VALUES)
@example({"messages": [{"content": False, "tool_calls": [{}]}]})
def test_any_row_at_all_becomes_a_card_and_html(value):
    out = io.BytesIO()
    page = Page(out, "x")
    card = Cards().of(Row(1, value))
    page.add(card)
    page.finish()
    expected = Counter((issue.path, issue.code) for issue in check(value))
    assert Counter((issue.path, issue.code) for issue in card.all_issues()) == expected
    assert out.getvalue().count(b"<script") == out.getvalue().count(b"</script>")


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("- a\n- b", '<ul>\n<li dir="auto">a</li>\n<li dir="auto">b</li>\n</ul>\n'),
        ("one\n*two*", '<p dir="auto">one<br>\n<em>two</em></p>\n'),
        (
            "```py\n1 < 2\n```",
            '<div class="code" dir="ltr"><span class="n">1</span> &lt; <span class="n">2</span></div>',
        ),
        (
            "[a](http://b/?c&d)",
            '<p dir="auto"><span class="link">a</span> <span class="url">(http://b/?c&amp;d)</span></p>\n',
        ),
    ],
)
def test_markdown_is_set_by_own_tags_alone(typed, shown):
    assert prose(typed).markdown == shown


@pytest.mark.parametrize("typed", ["plain", "two\n\nparagraphs", "2 < 3 & 4", "a - b", "x" * 50_000 + "*a*"])
def test_what_is_no_markdown_stays_as_typed(typed):
    assert prose(typed).markdown == ""


def test_long_markdown_is_folded_between_its_blocks():
    found = prose("".join(f"- *{n}*\n\nline {n} of text\n\n" for n in range(200)))
    assert (found.markdown.count("<em>") + found.markdown_rest.count("<em>"), found.markdown_rest[:4]) == (200, "<ul>")
    assert found.markdown.count("<p") < 100


def test_messages_have_tokens_where_the_row_names_a_model(make):
    found = card(make, make.user("x" * 40), make.user(make.image(make.picture(8, 8))), model="gpt-5.4")
    assert found.messages[0].tokens == 10
    assert found.tokens == sum(message.tokens for message in found.messages) > 10
    assert card(make, make.user("x" * 40)).tokens is None


def test_the_verdict_of_each_target_is_told(make):
    reader = Cards(receivers=receivers(["openai", "mistral"], []))
    found = reader.of(Row(1, make.row({"role": "developer", "content": "x"}, make.user("y"))))
    assert [verdict.partition(":")[0] for verdict in found.verdicts] == ["openai", "mistral"]
    assert found.verdicts[1] == "mistral: errors"


def test_payloads_are_packed_with_the_row():
    row = {"messages": [{"role": "user", "content": "Hello"}]}
    found = Cards(payloads=("anthropic",)).of(Row(1, row))
    packed = json.loads(zlib.decompress(pybase64.b64decode(found.packed)))
    assert found.payloads == ("JSON", "anthropic")
    assert json.loads(packed["JSON"]) == row
    assert packed["anthropic"].startswith("{")
