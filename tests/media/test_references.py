"""The grammar of references: no file is touched."""

import re

import pytest

from msgkit.errors import MediaError
from msgkit.media.references import check_reference
from msgkit.media.sources import Root


def code(text, roots=()):
    with pytest.raises(MediaError) as caught:
        check_reference(text, roots)
    assert caught.value.source == text
    return caught.value.code


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("cat.jpg", "cat.jpg"),
        ("a/b/cat.jpg", "a/b/cat.jpg"),
        ("./a//b/./cat.jpg", "a/b/cat.jpg"),
        ("Ä ö 猫.jpg", "Ä ö 猫.jpg"),
        ("what?#1.png", "what?#1.png"),
        ("-version.mp3", "-version.mp3"),
        ("~/.ssh/id_rsa", "~/.ssh/id_rsa"),
        ("$HOME/x", "$HOME/x"),
        ("subfile,,start,0,end,9,,:x.mp3", "subfile,,start,0,end,9,,:x.mp3"),
        ("...", "..."),
        ("a..b", "a..b"),
    ],
)
def test_a_reference_without_a_scheme_is_taken_literally(text, names):
    assert check_reference(text) == names


@pytest.mark.parametrize(
    "text",
    ["../../etc/passwd", "a/../../x.png", "a/../b.png", "..", "a/..", "..\\x.png", "a\\..\\..\\x", "/data/../etc/x"],
)
def test_dots_are_refused_wherever_they_lead(text):
    assert code(text, ["/data"]) == "reference-outside-root"


def test_an_absolute_path_is_taken_only_below_the_root():
    assert check_reference("/data/a/cat.jpg", ["/data"]) == "a/cat.jpg"
    assert code("/etc/passwd", ["/data"]) == "reference-outside-root"
    assert code("/data/a/cat.jpg") == "reference-outside-root"


def test_percent_codes_are_decoded_once_and_only_in_file_urls():
    assert check_reference("%2e%2e%2fsecret.png") == "%2e%2e%2fsecret.png"
    assert check_reference("file:///data/a%20b.png", ["/data"]) == "a b.png"
    assert check_reference("file:///data/%252e%252e/x", ["/data"]) == "%2e%2e/x"
    assert code("file:///data/%2e%2e/secret", ["/data"]) == "reference-outside-root"
    assert code("file:///data%2f..%2fsecret", ["/data"]) == "reference-outside-root"
    assert code("file:///data/100%.png", ["/data"]) == "reference-invalid"
    assert code("file:///data/%ff.png", ["/data"]) == "reference-invalid"
    assert code("file:///data/a%00.png", ["/data"]) == "reference-invalid"


def test_the_root_is_compared_name_by_name():
    assert code("/data/pub_old/x.png", ["/data/pub"]) == "reference-outside-root"
    assert check_reference("/data/pub//x.png", ["/data/pub/"]) == "x.png"


@pytest.mark.parametrize(
    "text",
    [
        "file:///etc/passwd",
        "FILE:///etc/passwd",
        "file://localhost/etc/passwd#fake.jpg",
        "file:///etc/passwd?x=/data/a.png",
        "file:/etc/passwd",
        "file://evil.example/data/cat.jpg",
        "file://data/cat.jpg",
        "file:////host/share/x.png",
        "file:../secret",
    ],
)
def test_file_urls_stand_under_the_same_rule(text):
    assert code(text, ["/data"]) == "reference-outside-root"


def test_a_fragment_or_query_never_changes_the_target():
    assert code("file:///data/cat.jpg#/data/dog.jpg", ["/data"]) == "reference-invalid"
    assert code("file:///data/cat.jpg?raw", ["/data"]) == "reference-invalid"
    assert check_reference("file://LOCALHOST/data/cat%23.jpg", ["/data"]) == "cat#.jpg"
    assert check_reference("file:photos/cat.jpg") == "photos/cat.jpg"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\\\\host\\share\\x.png", "reference-outside-root"),
        ("//host/share/x.png", "reference-outside-root"),
        ("\\rooted\\x.png", "reference-outside-root"),
        ("C:x.png", "reference-outside-root"),
        ("C:\\x.png", "reference-outside-root"),
        ("a\\b.png", "reference-invalid"),
        ("file:///data/a%5cb.png", "reference-invalid"),
    ],
)
def test_windows_spellings_are_refused_on_every_system(text, expected):
    assert code(text, ["/data"]) == expected


@pytest.mark.parametrize("text", ["a\0.png", "a\n.png", "a\x1b[31m.png", "a\x7f", "a\x85b", "\ud800.png", "", "\udc80"])
def test_characters_that_no_name_has_are_refused(text):
    assert code(text) == "reference-invalid"


def test_the_root_itself_is_no_file():
    assert code(".") == code("./.") == "reference-not-a-file"
    assert code("/data/", ["/data"]) == "reference-not-a-file"


def test_a_very_long_reference_is_refused_without_repeating_it():
    assert code("a/" * 5000) == "reference-invalid"
    with pytest.raises(MediaError) as caught:
        check_reference("b c/" * 5000)
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize(
    "text",
    [
        "http://169.254.169.254/latest",
        "https://example.com/x.png",
        "ftp://host/x",
        "gopher://host",
        "javascript:alert(1)",
        "hf://datasets/x",
        "s3://bucket/x",
        "concat:/etc/passwd",
        "pipe:0",
    ],
)
def test_other_schemes_are_refused(text):
    assert code(text, ["/"]) == "reference-scheme"


def test_messages_are_escaped_and_hold_no_addresses():
    with pytest.raises(MediaError) as caught:
        check_reference("\x1b[31m/../x")
    assert "\x1b" not in str(caught.value)
    assert not re.search(r"0x[0-9a-f]{6,}", str(caught.value))


@pytest.mark.parametrize("piece", ["%", "../", "a:", "\\"])
def test_a_million_characters_are_no_reference(piece):
    assert code(piece * (1_000_000 // len(piece))) == "reference-invalid"


BARE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABAQAAAAA3bvkkAAAACklEQVR42mNoAAAAggCB2kUIOwAAAABJRU5ErkJggg=="


@pytest.mark.parametrize(
    "text", [BARE, BARE.rstrip("=") + "A" * 5000, BARE.rstrip("="), "/9j/4AAQSkZJRgABAQAAAQABAAD" + "A" * 60]
)
def test_bare_base64_is_called_what_it_is(tmp_path, text):
    with pytest.raises(MediaError, match="bare base64 of image/") as caught:
        Root(tmp_path).read(text)
    assert caught.value.code == "reference-invalid"
    assert caught.value.hint.startswith("write 'data:image/")


@pytest.mark.parametrize("text", ["a" * 60, "photos/" + "b/" * 30 + "c", "no", "x" * 300])
def test_a_name_that_is_not_there_is_no_base64(tmp_path, text):
    with pytest.raises(MediaError) as caught:
        Root(tmp_path).read(text)
    assert caught.value.code in ("reference-not-found", "reference-invalid")
    assert "base64" not in caught.value.message


def test_a_home_folder_is_said_not_to_be_expanded(tmp_path):
    with pytest.raises(MediaError, match="'~' is not expanded"):
        Root(tmp_path).read("~/cat.png")
    (tmp_path / "~").mkdir()
    (tmp_path / "~" / "cat.png").write_bytes(b"x")
    assert Root(tmp_path).read("~/cat.png") == b"x"


@pytest.mark.parametrize(("stored", "asked"), [("e\u0301.png", "\u00e9.png"), ("\u00e9.png", "e\u0301.png")])
def test_a_name_in_another_normal_form_is_found(tmp_path, stored, asked):
    (tmp_path / stored).write_bytes(b"x")
    assert Root(tmp_path).read(asked) == b"x"
    with Root(tmp_path).window(asked) as window:
        assert window.at(0, 9) == b"x"
