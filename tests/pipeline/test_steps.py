"""Steps: picklable callables, row -> row, that raise only MsgkitError or nothing."""

import copy
import json
import pickle

import attrs
import pytest

import msgkit
from msgkit.api.receivers import Receiver
from msgkit.cli.check_row import Checker, Copies
from msgkit.errors import InvalidMessageError, LossError, MediaError, MissingExtraError, MsgkitError
from msgkit.html.reading import Cards
from msgkit.html.statistics.facts import Facts
from msgkit.media.store import Store
from msgkit.steps import COLUMN, Chain, Check, Convert, Extract, Inline, Outcome, Step, issues_of

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
HELLO = {"messages": [{"role": "user", "content": "Hello"}], "id": 7}
WRONG = {"messages": [{"role": "usr", "content": "Hello"}], "id": 8}


def picture(url):
    return {
        "messages": [
            {
                "role": "user",
                "content": [{"type": "text", "text": "What?"}, {"type": "image_url", "image_url": {"url": url}}],
            }
        ]
    }


@pytest.fixture
def folder(tmp_path):
    import base64

    (tmp_path / "cat.png").write_bytes(base64.b64decode(PNG))
    return tmp_path


STEPS = [
    Inline(root="photos", target="openai"),
    Extract("media", relative_to="."),
    Check(select=["roles"], target="openai"),
    Convert("harmony", on_loss="drop"),
    Inline() | Convert("harmony") | Check(),
]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: type(step).__name__)
def test_steps_are_frozen_and_come_back_from_pickle_equal(step):
    assert pickle.loads(pickle.dumps(step)) == step
    assert copy.deepcopy(step) == step
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        step.errors = "column"


def test_the_text_of_a_step_tells_the_run_to_resume_so_it_names_no_address():
    told = [*STEPS, Cards(), Facts(receivers=(Receiver(),)), Checker(copies=Copies(Store("a"), ""))]
    assert [step for step in told if " at 0x" in repr(step)] == []


def test_a_used_step_can_still_be_pickled(folder):
    step = Inline(root=str(folder)) | Extract(str(folder / "media"))
    step(picture("cat.png"))
    assert pickle.loads(pickle.dumps(step))(picture("cat.png")) == step(picture("cat.png"))


def test_inline_and_extract_undo_each_other(folder):
    row = picture("cat.png")
    inlined = Inline(root=str(folder))(row)
    assert inlined == picture(f"data:image/png;base64,{PNG}")
    extracted = Extract(str(folder / "media"))(inlined)
    assert Inline(root=str(folder))(extracted) == inlined
    assert row == picture("cat.png")


def test_a_chain_does_one_after_another_and_adds_up(folder):
    step = Inline(root=str(folder)) | Extract(str(folder / "media")) | Check()
    outcome = step.apply(picture("cat.png"))
    assert outcome.counts["inlined"] == outcome.counts["extracted"] == 1
    assert outcome.counts["inlined_bytes"] == outcome.counts["extracted_bytes"] == (folder / "cat.png").stat().st_size
    assert outcome.row["messages"][0]["content"][1]["image_url"]["url"].startswith("media/")


def test_chains_are_flat_and_take_the_column_from_any_of_their_steps():
    chain = (Inline() | Check()) | (Convert("harmony", errors="column") | Check())
    assert [type(step) for step in chain.steps] == [Inline, Check, Convert, Check]
    assert chain.errors == "column"
    with pytest.raises(TypeError):
        Inline() | len


@pytest.mark.parametrize(
    "row",
    [
        WRONG,
        {},
        [],
        None,
        5,
        "text",
        {"messages": [None]},
        picture("../../etc/passwd"),
        picture("s3://x"),
        picture("data:,"),
        {"messages": [{"role": "user", "content": float("nan")}]},
    ],
)
@pytest.mark.parametrize("step", STEPS, ids=lambda step: type(step).__name__)
def test_steps_raise_only_errors_of_msgkit(step, row, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    try:
        attrs.evolve(step)(copy.deepcopy(row))
    except MsgkitError as error:
        assert all(issue.code for issue in issues_of(error))


def test_with_a_column_no_row_stops_anything():
    rows = list(map(Check(errors="column"), [HELLO, WRONG]))
    assert rows[0] == {**HELLO, COLUMN: []}
    assert rows[1]["messages"] == WRONG["messages"]
    assert [(issue["path"], issue["code"]) for issue in rows[1][COLUMN]] == [("messages[0].role", "role-unknown")]
    assert json.loads(json.dumps(rows)) == rows


def test_a_row_with_issues_passes_through_the_next_step_untouched(folder):
    wrong = Check(errors="column")(WRONG)
    assert Inline(root=str(folder), errors="column")(wrong) == wrong
    right = Inline(root=str(folder), errors="column")(Check(errors="column")(picture("cat.png")))
    assert right[COLUMN] == []
    assert right["messages"][0]["content"][1]["image_url"]["url"].endswith(PNG)


def test_a_bare_list_stands_under_messages_when_there_is_a_column():
    assert Check(errors="column")(HELLO["messages"]) == {"messages": HELLO["messages"], COLUMN: []}


def test_only_two_ways_to_tell_errors():
    with pytest.raises(ValueError, match="errors"):
        Check(errors="ignore")


def test_convert_tells_its_losses():
    named = {"messages": [{"role": "user", "content": "Hi", "name": "Ann"}], "max_tokens": 9}
    with pytest.raises(LossError):
        Convert("anthropic")(named)
    outcome = Convert("anthropic", on_loss="drop").apply(named)
    assert [loss.path for loss in outcome.losses] == [("messages", 0, "name")]
    assert outcome.counts == {"losses": 1}


def test_a_step_of_ones_own_joins_a_chain():
    class Tag(Step):
        def apply(self, row):
            return Outcome({**row, "tag": "x"}, counts={"tagged": 1})

    outcome = (Tag() | Check()).apply(HELLO)
    assert outcome.row == {**HELLO, "tag": "x"}
    assert outcome.counts["tagged"] == 1
    assert isinstance(Tag() | Check(), Chain)


@pytest.mark.parametrize(
    ("error", "codes"),
    [
        (InvalidMessageError([msgkit.Issue("a", "x", "error", "m"), msgkit.Issue("b", "y", "error", "m")]), ["x", "y"]),
        (LossError([msgkit.Loss(("a",), "lost")]), ["conversion-loss"]),
        (MediaError("m", code="media-empty"), ["media-empty"]),
        (MissingExtraError("av", "audio", "to decode OGG"), ["extra-missing"]),
        (MsgkitError("m"), ["row-refused"]),
    ],
)
def test_every_error_has_issues(error, codes):
    assert [issue.code for issue in issues_of(error)] == codes


def test_issues_in_the_column_name_their_source():
    row = Check(errors="column")({"messages": [{"role": "usr", "content": "Hello"}]})
    assert row["msgkit_issues"][0]["source"]
    row = Inline(errors="column")({"messages": [{"role": "user", "content": 5}]})
    assert row["msgkit_issues"][0]["source"]
