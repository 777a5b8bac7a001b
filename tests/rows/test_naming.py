"""No output takes the place of an input or of another output, whatever either is called."""

import io
import sys

import pytest

import msgkit
from msgkit.rows import SameFileError, check_apart, naming


@pytest.fixture
def there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.jsonl").write_text('{"n": 1}\n{"n": 2}\n')
    (tmp_path / "folder").mkdir()
    (tmp_path / "soft.jsonl").symlink_to("a.jsonl")
    (tmp_path / "hard.jsonl").hardlink_to("a.jsonl")
    (tmp_path / "self").symlink_to(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "name", ["a.jsonl", "./a.jsonl", "folder/../a.jsonl", "soft.jsonl", "hard.jsonl", "self/a.jsonl"]
)
def test_a_file_is_known_under_every_name(there, name):
    for output in (name, str(there / name)):
        with pytest.raises(SameFileError) as caught:
            check_apart(["a.jsonl"], ["b.jsonl", output])
        assert "the output" in str(caught.value)
        assert "the input 'a.jsonl'" in str(caught.value)


@pytest.mark.usefixtures("there")
@pytest.mark.parametrize("name", ["b.jsonl", "./b.jsonl", "folder/../b.jsonl", "self/b.jsonl"])
def test_two_outputs_that_are_not_there_yet_are_one_file(name):
    with pytest.raises(SameFileError, match=r"two outputs are the same file: 'b\.jsonl' and "):
        check_apart(["a.jsonl"], ["b.jsonl", name])


def test_a_link_to_nothing_names_what_would_be_there(there):
    (there / "to.jsonl").symlink_to("b.jsonl")
    with pytest.raises(SameFileError):
        check_apart([], ["b.jsonl", "to.jsonl"])


@pytest.mark.usefixtures("there")
def test_equal_names_in_two_folders_are_two_files():
    check_apart(["a.jsonl"], ["folder/a.jsonl", "folder/b.jsonl", "b.jsonl"])


@pytest.mark.usefixtures("there")
def test_case_counts_only_where_the_file_system_heeds_it(monkeypatch):
    check_apart([], ["b.jsonl", "B.jsonl"])
    monkeypatch.setattr(naming, "_ignores_case", lambda _: True)
    with pytest.raises(SameFileError):
        check_apart([], ["b.jsonl", "B.jsonl"])


def test_a_folder_heeds_case_unless_its_other_name_leads_to_it(there):
    assert not naming._ignores_case(there / "folder")
    (there / "FOLDER").symlink_to("folder")
    assert naming._ignores_case(there / "folder")


@pytest.mark.parametrize("name", ["b-00001.jsonl", "b-00017.jsonl", "b-123456.jsonl", "self/b-00001.jsonl"])
def test_a_numbered_part_takes_no_place_either(there, name):
    (there / name).write_text("")
    for inputs, others in (([name], []), ([], [name])):
        check_apart(inputs, ["b.jsonl", *others])
        with pytest.raises(SameFileError, match=r"part of the output 'b\.jsonl'"):
            check_apart(inputs, ["b.jsonl", *others], ["b.jsonl"])


def test_a_part_that_is_another_name_of_the_input_is_seen(there):
    (there / "b-00003.jsonl").hardlink_to("a.jsonl")
    with pytest.raises(SameFileError):
        check_apart(["a.jsonl"], ["b.jsonl"], ["b.jsonl"])


@pytest.mark.parametrize("name", ["b-1.jsonl", "b-0001.jsonl", "c-00001.jsonl", "b-00001.json", "folder/b-00001.jsonl"])
def test_other_names_are_no_parts(there, name):
    (there / name).write_text("")
    check_apart([name], ["b.jsonl"], ["b.jsonl"])


def test_standard_streams_are_the_files_they_are_bound_to(there, monkeypatch):
    with (there / "a.jsonl").open() as bound, (there / "log").open("w") as log:
        monkeypatch.setattr(sys, "stdin", bound)
        monkeypatch.setattr(sys, "stdout", log)
        check_apart(["-"], ["-", "b.jsonl"])
        with pytest.raises(SameFileError, match=r"the output 'soft\.jsonl' is the input '-' .standard input"):
            check_apart(["-"], ["soft.jsonl"])
        with pytest.raises(SameFileError, match=r"the output '-' .standard output. is the input 'log'"):
            check_apart(["log"], ["-"])


@pytest.mark.usefixtures("there")
def test_two_outputs_do_not_share_standard_output(monkeypatch):
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    with pytest.raises(SameFileError):
        check_apart([], ["-", "-"])


@pytest.mark.parametrize("options", [{}, {"max_rows": 1}])
def test_rows_are_not_written_to_the_file_they_are_read_from(there, options):
    name = "b-00001.jsonl" if options else "b.jsonl"
    (there / "a.jsonl").rename(name)
    before = (there / name).read_bytes()
    with pytest.raises(SameFileError, match=name):
        msgkit.write("b.jsonl", (row for row in msgkit.read(name)), **options)
    assert (there / name).read_bytes() == before
    assert not list(there.glob(".*"))


@pytest.mark.usefixtures("there")
def test_rows_that_have_all_been_read_go_where_they_came_from():
    msgkit.write("a.jsonl", [{"n": row["n"] + 1} for row in msgkit.read("a.jsonl")])
    assert list(msgkit.read("a.jsonl")) == [{"n": 2}, {"n": 3}]


def test_a_page_does_not_take_the_place_of_its_rows(there):
    from msgkit import html

    before = (there / "a.jsonl").read_bytes()
    with pytest.raises(SameFileError):
        html.page("a.jsonl", "soft.jsonl")
    assert (there / "a.jsonl").read_bytes() == before
