"""run: all issues at once, in order, none twice, and never a traceback."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

import msgkit
from msgkit import rules, targets
from msgkit.api.loading import open_payload
from msgkit.errors import UnknownNameError
from msgkit.rules.examples import assistant, call, image, result, text, user

TWELVE = {
    "messages": [
        user("Hello", name="Ann Lee"),
        {"role": "usr", "content": "Hello"},
        {"role": "assistant", "content": 5},
        user(image("../../etc/passwd")),
        user(image("data:image/png,AAAA")),
        assistant([image("https://example.com/cat.png")]),
        user({"type": "text"}),
        assistant(None),
        user(image("https://example.com/cat.png", detail="max")),
        assistant(tool_calls=[call("call_1", function="get weather")]),
        result("call_1"),
        result("call_2"),
        assistant(tool_calls=[call("call_3", arguments="{")]),
        result("call_3"),
    ]
}


def found(row, target=None, **options):
    return [(issue.path, issue.code) for issue in msgkit.check(row, target, **options)]


def test_twelve_faults_of_one_row_are_told_at_once_and_in_order():
    assert found(TWELVE) == [
        ("messages[0].name", "name-invalid"),
        ("messages[1].role", "role-unknown"),
        ("messages[2].content", "type-mismatch"),
        ("messages[3].content[0].image_url.url", "reference-outside-root"),
        ("messages[4].content[0].image_url.url", "data-url-invalid"),
        ("messages[5].content[0]", "part-not-allowed"),
        ("messages[6].content[0].text", "key-missing"),
        ("messages[7].content", "content-missing"),
        ("messages[8].content[0].image_url.detail", "detail-unknown"),
        ("messages[9].tool_calls[0].function.name", "tool-name-invalid"),
        ("messages[11].tool_call_id", "tool-result-orphan"),
        ("messages[12].tool_calls[0].function.arguments", "tool-arguments-not-json"),
    ]


def test_each_issue_names_its_source():
    assert all(issue.source for issue in msgkit.check(TWELVE))


def test_a_batch_line_has_paths_from_the_row_on():
    line = {
        "custom_id": "a",
        "method": "POST",
        "url": "/v1/chat/completions",
        "body": {"messages": [user("", name="a b")]},
    }
    assert found(line) == [("body.messages[0].content", "content-empty"), ("body.messages[0].name", "name-invalid")]


def test_a_nested_author_has_its_own_path():
    row = [{"author": {"role": "user", "name": "a b"}, "content": "Hi"}, {"author": {"role": "human"}, "content": "Hi"}]
    assert found(row, "openai") == [
        ("messages[0].author.name", "name-invalid"),
        ("messages[1].author.role", "role-unknown"),
    ]


@pytest.mark.parametrize(
    "row",
    [
        {"role": "user", "content": [None, 5, "x", {"type": 5}, {}, {"type": "image_url", "image_url": {"url": 5}}]},
        {"role": "assistant", "content": None, "tool_calls": [None, {}, {"id": 5, "type": "function", "function": 3}]},
        {
            "role": "assistant",
            "tool_calls": [{"id": "a", "type": "function", "function": {"name": None, "arguments": 5}}],
        },
        {"role": "tool", "content": {}, "tool_call_id": []},
        {"role": "user", "content": [{"type": "file", "file": 5}, {"type": "input_audio", "input_audio": {"data": 5}}]},
        {"author": 5, "content": []},
        {"role": [], "name": {}, "channel": 5, "recipient": [], "content_type": {}, "content": "<|call|>"},
        {"role": "user", "content": [{"type": "image", "image": 5, "path": None}]},
        {"role": "system", "content": [{"type": "system_content", "channel_config": {"valid_channels": [5]}}]},
        {"role": "assistant", "content": "a", "reasoning": 5, "refusal": [], "audio": 3, "function_call": "x"},
        None,
        "hello",
    ],
)
@pytest.mark.parametrize("target", targets.NAMES)
def test_rules_hold_out_on_what_is_left_of_a_broken_row(row, target):
    for messages in ([row], [user("Hi"), row, assistant("A.")]):
        issues = msgkit.check(messages, target)
        assert issues
        assert len({(issue.path, issue.code, issue.message) for issue in issues}) == len(issues)


def test_no_rule_speaks_below_a_structural_fault():
    row = [{"role": "user", "content": [{"type": "image_url", "image_url": 5}]}]
    assert found(row) == [("messages[0].content[0].image_url", "type-mismatch")]


def test_rules_about_a_message_of_an_unknown_role_do_not_fire():
    row = [{"role": "asistant", "name": "a b", "content": [image("https://example.com/a.png")], "channel": "banana"}]
    assert found(row) == [("messages[0].role", "role-unknown")]


def test_a_message_of_an_unknown_role_still_calls_and_answers():
    row = [user("W?"), {"role": "asistant", "tool_calls": [call()]}, result(), user("And?")]
    assert found(row) == [("messages[1].role", "role-unknown")]
    row = [
        user("W?"),
        assistant(tool_calls=[call()]),
        {"role": "tol", "tool_call_id": "call_1", "content": "1"},
        user("And?"),
    ]
    assert found(row) == [("messages[2].role", "role-unknown")]


def test_calls_that_cannot_be_read_make_no_orphans():
    row = [
        user("W?"),
        assistant(tool_calls=[{"id": 5, "type": "function", "function": {"name": "w", "arguments": ""}}]),
        result(),
    ]
    assert "tool-result-orphan" not in [code for _, code in found(row)]


@pytest.mark.parametrize("name", ["tool-call-pending", "tools"])
def test_select_takes_codes_and_families(name):
    row = [user("", name="a b"), assistant(tool_calls=[call()])]
    assert [code for _, code in found(row, select=[name])] == ["tool-call-pending"]


@pytest.mark.parametrize("name", ["name-invalid", "roles"])
def test_ignore_takes_codes_and_families(name):
    row = [user("", name="a b")]
    assert [code for _, code in found(row, ignore=[name])] == ["content-empty"]


def test_structural_issues_are_selected_like_others():
    row = [{"role": "usr", "content": ""}]
    assert found(row, select=["channels"]) == []
    assert found(row, ignore=["role-unknown"]) == []


def test_an_unknown_code_is_told_with_the_nearest():
    with pytest.raises(UnknownNameError, match="did you mean 'name-invalid'"):
        msgkit.check([user("Hi")], select=["name-invalidd"])


def test_a_target_may_turn_a_rule_off_or_change_its_severity(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text('extends = "openai"\n[severity]\nname-invalid = "off"\ncontent-empty = "error"\n')
    issues = msgkit.check([user("", name="a b")], str(file))
    assert [(issue.code, issue.severity) for issue in issues] == [("content-empty", "error")]


def test_ready_reports_local_references():
    row = [user(image("cat.png")), user(image("https://example.com/cat.png"))]
    assert found(row) == []
    assert found(row, ready=True) == [("messages[0].content[0].image_url.url", "reference-unresolved")]


# threats


def test_no_payload_no_escape_and_no_address_in_a_message():
    row = [
        {"role": "\x1b[31mroot" + "A" * 5000, "content": "Hi"},
        user("Hi", name="\x1b[2J" * 300),
        user(image("data:image/png;base64," + "iVBORw0KGgo" * 400 + "!")),
        user({"type": "x" * 9999}),
        assistant(tool_calls=[call("i" * 5000, function="f" * 5000, arguments="{" + "A" * 5000)]),
        {
            "role": "assistant",
            "channel": "\x1b]0;x\x07",
            "recipient": "<|call|>" * 99,
            "content_type": "x" * 999,
            "content": "a",
        },
        user("Hi", **{"\x1b[31m" * 99: 1}),
    ]
    for target in targets.NAMES:
        for issue in msgkit.check(row, target):
            said = f"{issue.path} {issue.message} {issue.hint}"
            assert len(said) < 1000, issue.code
            assert "\x1b" not in said
            assert "\x07" not in said
            assert "iVBORw0KGgoiVBOR" not in said
            assert not re.search(r"0x[0-9a-f]{6,}", said)


@pytest.mark.parametrize(
    "make",
    [
        lambda n: [user("<|" * n)],
        lambda n: [user("<|start" * n)],
        lambda n: [user("<image>" * n)],
        lambda n: [user("a", name="a" * n + " ")],
        lambda n: [user("Hi"), {"role": "assistant", "recipient": "functions." + "a." * n, "content": "x"}],
        lambda n: [user("Hi"), assistant(tool_calls=[call(arguments="[" * n)])],
        lambda n: [user("Hi"), assistant(tool_calls=[call(arguments='"' + "\\" * n)])],
        lambda n: [user("Hi"), assistant(tool_calls=[call(arguments='{"a": ' + "9" * n + "}")])],
        lambda n: [user("\ud800" * n)],
        lambda n: [{"role": "x" * n, "content": "Hi"}],
        lambda n: [user({"type": "x" * n})],
        lambda n: [user(image("a/" * n))],
        lambda n: [user(image("data:" + ";" * n))],
        lambda n: [user(image("data:image/png;base64," + "A" * n + "!"))],
    ],
)
def test_cve_2025_71379_a_million_characters_are_checked_as_a_thousand_are(make):
    short, long = ({issue.code for issue in msgkit.check(make(size), "vllm")} for size in (1000, 1_000_000))
    assert short <= long  # more than linear time would not end


def test_a_hundred_thousand_messages_are_checked():
    row = [user("Hi"), assistant("Hello.")] * 50_000
    issues = msgkit.check(row, "openai")
    assert [issue.code for issue in issues] == ["messages-too-many"]


def test_two_thousand_images_in_one_message():
    row = [user(*[image("https://example.com/a.png")] * 2000)]
    assert [issue.code for issue in msgkit.check(row, "openai")] == ["media-too-many"]


def test_control_tokens_of_the_target_are_reported_where_they_stand():
    row = [user("Say <|start|>system and <|end|>"), user(text("<|call|>"))]
    issues = msgkit.check(row, "harmony")
    assert [(issue.path, issue.code) for issue in issues] == [
        ("messages[0].content", "special-token-in-text"),
        ("messages[1].content[0].text", "special-token-in-text"),
    ]
    assert "'<|start|>' at offset 4, and 1 more" in issues[0].message


def test_half_a_character_is_reported_with_its_offset():
    row = [user("caf\u00e9 \ud83d"), assistant(tool_calls=[call(arguments='{"a": "\udc00"}')]), result()]
    issues = msgkit.check(row)
    assert [(issue.path, issue.code) for issue in issues] == [
        ("messages[0].content", "json-lone-surrogate"),
        ("messages[1].tool_calls[0].function.arguments", "json-lone-surrogate"),
    ]
    assert "character 6" in issues[0].message


def test_placeholders_and_columns_are_counted():
    row = {"messages": [user("<image> and <image>, <audio>")], "images": ["a.png"], "audios": ["a.wav"]}
    assert found(row) == [("messages", "placeholder-count")]
    row["images"] = ["a.png", "b.png"]
    assert found(row) == []


def test_placeholder_parts_stand_for_entries_too():
    row = {"messages": [user({"type": "image"}, text("Who?"))], "images": ["a.png"]}
    assert found(row) == []
    assert found({**row, "images": ["a.png", "b.png"]}) == [("messages", "placeholder-count")]


def test_a_clean_row_costs_one_look(monkeypatch):
    def never(*_):
        raise AssertionError("a rule ran")
        yield

    from msgkit.rules import runner

    monkeypatch.setattr(runner, "_chosen", lambda *_: (never,))
    row = [{"role": "system", "content": "Be brief."}, user("Hi"), assistant("Hello."), user("And?")]
    assert msgkit.check(row, "openai") == []
    assert "internal-error" in {issue.code for issue in msgkit.check([user("")], "openai")}


@pytest.mark.parametrize(
    "code", [code for code in rules.CODES.values() if isinstance(code.bad, list)], ids=lambda code: code.code
)
def test_the_survey_never_hides_what_a_rule_would_find(code, monkeypatch):
    """Running every rule finds no more than running those that the prefilter asks for."""
    from msgkit.rules import runner

    some = msgkit.check(code.bad, code.target, ready=code.ready)
    monkeypatch.setattr(runner, "find_signs", lambda *_, **__: (1 << 20) - 1)
    assert msgkit.check(code.bad, code.target, ready=code.ready) == some


parts = st.lists(
    st.fixed_dictionaries(
        {"type": st.sampled_from(["text", "image_url", "refusal", "image", "odd"])},
        optional={
            "text": st.sampled_from(["Hello", "", " ", "<image>", "a <|end|>", "<|im_end|>", None]),
            "cache_control": st.just({"type": "ephemeral"}),
            "mood": st.just("glad"),
            "image_url": st.just({"url": "data:image/png;base64,AAAA"}),
        },
    ),
    max_size=3,
)
of_parts = st.lists(
    st.fixed_dictionaries(
        {"role": st.sampled_from(["system", "user", "assistant", "tool"]), "content": parts | st.just("Hello")},
        optional={"name": st.just("a b"), "tool_call_id": st.just("a"), "tool_calls": st.just([call("a")])},
    ),
    max_size=4,
)


@given(
    messages=of_parts,
    more=st.sampled_from([{}, {"images": ["a.png"]}, {"tools": []}]),
    target=st.sampled_from(targets.NAMES),
)
def test_the_prefilter_never_hides_what_a_rule_would_find_in_parts(messages, more, target):
    from msgkit.rules import runner

    row = {"messages": messages, **more}
    some = msgkit.check(row, target)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runner, "find_signs", lambda *_, **__: (1 << 20) - 1)
        assert msgkit.check(row, target) == some


@pytest.mark.parametrize(
    ("row", "path"),
    [
        (
            {"contents": [{"role": "user", "parts": [{"inlineData": {"mimeType": "image/png", "data": "!"}}]}]},
            "contents[0].parts[0]",
        ),
        ({"conversations": [{"from": "human", "value": ""}, {"from": "gpt", "value": "A"}]}, "conversations[0].value"),
        (
            {"input": [{"role": "user", "content": [{"type": "input_image", "image_url": "../a.png"}]}]},
            "input[0].content[0]",
        ),
        ([user({"type": "image", "path": "../a.png"})], "messages[0].content[0]"),
    ],
)
def test_in_every_format_a_path_leads_to_something_in_the_row(row, path):
    from msgkit.jsontext.edit import find, steps

    (issue,) = msgkit.check(row)
    assert issue.path.startswith(path)
    assert find({"messages": row} if isinstance(row, list) else row, steps(issue.path)) is not None


def test_of_a_spoken_answer_a_request_takes_the_id_alone():
    audio = {"id": "audio_1", "data": "aGk=", "expires_at": 1, "transcript": "Hello"}
    talk = {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": None, "audio": audio}]}
    assert [issue.path for issue in msgkit.check(talk) if issue.code == "key-unknown"] == [
        "messages[1].audio.data",
        "messages[1].audio.expires_at",
        "messages[1].audio.transcript",
    ]


def test_errors_alone_are_the_errors_among_all_issues():
    for rule in rules.CODES.values():
        if rule.check is not None and rule.bad is not None:
            row, loaded = open_payload(rule.bad, None)
            target = targets.get(rule.target)
            issues = rules.run(loaded, target, row=row)
            errors = rules.run(loaded, target, row=row, errors_only=True)
            assert [i for i in errors if i.severity == "error"] == [i for i in issues if i.severity == "error"]
