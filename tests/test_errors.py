"""errors.py: issues, exceptions, and how foreign text is shown."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msgkit.errors import (
    InvalidMessageError,
    Issue,
    Loss,
    LossError,
    MediaError,
    MissingExtraError,
    MsgkitError,
    UnknownNameError,
    join_path,
    quote,
)

ERRORS = [
    InvalidMessageError([Issue("messages", "messages-empty", "error", "expected at least one message, got none")]),
    LossError([Loss(("messages", 0, "name"), "no names", "Ada")]),
    MediaError("the file is empty", code="media-empty", source="a.png", hint="look at it"),
    UnknownNameError("format", "opnai", ["openai"]),
    MissingExtraError("av", "audio", "to decode OGG"),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_every_exception_is_ours_and_survives_pickling(error):
    assert isinstance(error, MsgkitError)
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == str(error)


@pytest.mark.parametrize(
    ("cls", "builtin"),
    [
        (InvalidMessageError, ValueError),
        (LossError, ValueError),
        (MediaError, ValueError),
        (UnknownNameError, LookupError),
        (MissingExtraError, ImportError),
    ],
)
def test_exceptions_are_also_the_builtin_that_callers_catch(cls, builtin):
    assert issubclass(cls, builtin)


@given(st.text())
def test_quoted_text_is_printable_and_bounded(text):
    shown = quote(text * 50)
    assert shown.isprintable()
    assert len(shown) < 260


@pytest.mark.parametrize("text", ["\x1b[31mred", "a\nb", "\u202eright to left", "\u200bhidden", "\ud800"])
def test_control_characters_are_escaped(text):
    assert quote(text).isascii()


def test_base64_is_never_shown():
    secret = "c2VjcmV0" * 100
    for text in (f"data:image/png;base64,{secret}", secret, f"see {secret} there"):
        assert "c2VjcmV0c2VjcmV0" not in quote(text)


def test_a_file_named_by_its_hash_is_shown_whole():
    name = f"media/3f/{'3f9a' * 16}.jpg"
    assert quote(name) == repr(name)
    assert "3f9a" * 16 not in quote("3f9a" * 400 + ".jpg")


def test_base64_is_never_shown_of_a_loss():
    loss = Loss(("messages", 0), "no place for this part", {"data": "c2VjcmV0" * 100})
    assert repr(loss) == "Loss(messages[0]: no place for this part)"


def test_objects_are_named_by_type_without_an_address():
    assert quote(object()) == "an object"
    assert quote(10**500) == "1661-bit integer"


def test_paths_quote_keys_that_are_no_names():
    assert join_path(("messages", 0, "a.b", 'c"d')) == "messages[0]['a.b']['c\"d']"


def test_errors_with_many_issues_stay_short():
    issues = [Issue(f"messages[{i}].role", "role-unknown", "error", "x") for i in range(1000)]
    error = InvalidMessageError(issues)
    assert len(error.issues) == 1000
    assert str(error).endswith("and 980 more")
