"""Opening references below a root, and what Python callers give."""

import errno
import io
import itertools
import os
import resource
import socket
import threading
from pathlib import Path

import pytest

from msgkit.errors import MediaError
from msgkit.media.options import DEFAULT, Limits
from msgkit.media.sources import Root, name_of, read_source

PICTURE = b"GIF89a" + bytes(64)


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "pub"
    (folder / "a" / "b").mkdir(parents=True)
    (folder / "a" / "b" / "cat.gif").write_bytes(PICTURE)
    (folder / "-version.mp3").write_bytes(b"ID3")
    (tmp_path / "secret.gif").write_bytes(b"GIF89a secret")
    (tmp_path / "pub_old").mkdir()
    (tmp_path / "pub_old" / "x.gif").write_bytes(b"GIF89a old")
    return folder


def code(folder, reference, limits=DEFAULT):
    with pytest.raises(MediaError) as caught:
        Root(folder).read(reference, limits)
    assert caught.value.source == reference
    return caught.value.code


def test_a_reference_is_read_below_the_root(root):
    assert Root(root).read("a/b/cat.gif") == PICTURE
    assert Root(root).read("-version.mp3") == b"ID3"


def test_absolute_paths_and_file_urls_below_the_root_are_read(root, tmp_path):
    assert Root(root).read(f"{root}/a/b/cat.gif") == PICTURE
    assert Root(root).read(f"file://{root}/a/b/cat.gif") == PICTURE
    assert Root(root).read(f"file://localhost{root}/a/b/c%61t.gif") == PICTURE
    assert code(root, f"{tmp_path}/secret.gif") == "reference-outside-root"


def test_a_root_reached_by_a_symbolic_link_is_the_callers_choice(root, tmp_path):
    (tmp_path / "alias").symlink_to(root)
    assert Root(tmp_path / "alias").read("a/b/cat.gif") == PICTURE
    assert Root(tmp_path / "alias").read(f"{root}/a/b/cat.gif") == PICTURE


def test_nothing_beside_the_root_is_read(root, tmp_path):
    assert code(root, "../secret.gif") == "reference-outside-root"
    assert code(root, "a/../a/b/cat.gif") == "reference-outside-root"
    assert code(root, f"{tmp_path}/pub_old/x.gif") == "reference-outside-root"


def test_percent_codes_without_a_scheme_are_a_name(root):
    assert code(root, "%2e%2e%2fsecret.gif") == "reference-not-found"
    (root / "%41.gif").write_bytes(b"GIF89a percent")
    assert Root(root).read("%41.gif") == b"GIF89a percent"


@pytest.mark.parametrize(
    "target", ["../secret.gif", "../../secret.gif", "/etc/passwd", "a/../../secret.gif", "../pub_old/x.gif"]
)
def test_a_symbolic_link_out_of_the_root_is_refused(root, target):
    (root / "link.gif").symlink_to(target)
    assert code(root, "link.gif") == "reference-outside-root"


def test_a_linked_folder_out_of_the_root_is_refused(root):
    (root / "out").symlink_to("../pub_old")
    (root / "out2").symlink_to(root.parent)
    assert code(root, "out/x.gif") == code(root, "out2/secret.gif") == "reference-outside-root"


def test_a_symbolic_link_that_stays_below_the_root_is_followed(root):
    (root / "link.gif").symlink_to("a/b/cat.gif")
    (root / "a" / "up.gif").symlink_to("../a/./b/cat.gif")
    (root / "folder").symlink_to("a/b/")
    (root / "absolute.gif").symlink_to(root / "a" / "b" / "cat.gif")
    (root / "a" / "chain").symlink_to("../folder/../up.gif")
    for name in ("link.gif", "a/up.gif", "folder/cat.gif", "absolute.gif", "a/chain"):
        assert Root(root).read(name) == PICTURE


def read_while(swap, folder, reference):
    """Read *reference* 2,000 times while another thread calls *swap* with 1, 2, 3, ...; return what came of it."""
    done = threading.Event()

    def turns():
        for turn in itertools.count(1):
            if done.is_set():
                return
            swap(turn)

    thread = threading.Thread(target=turns)
    thread.start()
    seen = set()
    try:
        for _ in range(2_000):
            try:
                seen.add(Root(folder).read(reference))
            except MediaError as error:
                seen.add(error.code)
    finally:
        done.set()
        thread.join()
    return seen


def test_a_name_swapped_while_it_is_opened_never_leaks(root):
    """A file and a link to a secret are swapped: the reader gets the file or an error, never the secret."""
    outside, inside, name = root.parent / "secret.gif", root / "a" / "b" / "cat.gif", root / "swap.gif"

    def swap(turn):
        spare = root / f"spare{turn % 2}"
        spare.unlink(missing_ok=True)
        spare.symlink_to(outside) if turn % 2 else os.link(inside, spare)
        spare.replace(name)

    seen = read_while(swap, root, "swap.gif")
    assert seen <= {PICTURE, "reference-outside-root", "reference-not-found", "reference-unreadable"}
    assert PICTURE in seen


def test_a_folder_swapped_while_it_is_walked_never_leaks(root):
    (root / "real").mkdir()
    (root / "real" / "x.gif").write_bytes(PICTURE)

    def swap(turn):
        (root / "now").unlink(missing_ok=True)
        (root / "now").symlink_to("../pub_old" if turn % 2 else "real")

    assert read_while(swap, root, "now/x.gif") <= {PICTURE, "reference-outside-root", "reference-not-found"}


def test_a_hard_link_is_the_file_itself(root):
    os.link(root / "a" / "b" / "cat.gif", root / "hard.gif")
    assert Root(root).read("hard.gif") == PICTURE


def test_devices_and_proc_are_no_files():
    assert code("/dev", "zero") == "reference-not-a-file"
    assert code("/dev", "null") == "reference-not-a-file"
    assert code("/", "/dev/zero") == "reference-not-a-file"
    assert code("/dev", "tcp/x") == "reference-not-found"
    assert code("/etc", "/proc/self/environ") == "reference-outside-root"


@pytest.mark.skipif(not Path("/proc/self/root").is_symlink(), reason="needs /proc")
def test_magic_links_are_not_followed(tmp_path):
    (tmp_path / "me").symlink_to("/proc/self/root/etc/passwd")
    assert code(tmp_path, "me") == "reference-outside-root"
    assert code("/proc/self", "root/etc/passwd") == "reference-outside-root"
    assert code("/proc/self", "environ") == "media-empty"
    with (tmp_path / "open").open("wb"):
        assert code("/proc/self/fd", "0") in {"reference-not-found", "reference-outside-root"}


def test_a_pipe_without_a_writer_does_not_hang(root):
    os.mkfifo(root / "pipe.gif")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(root / "s"))
        assert code(root, "pipe.gif") == "reference-not-a-file"
        assert code(root, "s") == "reference-not-a-file"


def test_a_sparse_file_is_refused_by_its_size(root):
    with (root / "huge.png").open("wb") as file:
        file.truncate(1 << 40)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert code(root, "huge.png") == "media-too-large"
    with pytest.raises(MediaError, match="at most"), Root(root).window("huge.png", Limits()):
        pass
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 8 * 1024


def test_a_file_that_grows_or_shrinks_while_it_is_read(root, monkeypatch):
    name = root / "moving.gif"
    name.write_bytes(PICTURE)
    real = os.fstat
    monkeypatch.setattr(os, "fstat", lambda descriptor: _after(real(descriptor), lambda: name.write_bytes(PICTURE * 3)))
    assert Root(root).read("moving.gif") == PICTURE * 3
    monkeypatch.setattr(os, "fstat", lambda descriptor: _after(real(descriptor), lambda: name.write_bytes(b"x" * 5000)))
    assert code(root, "moving.gif", Limits(file_bytes=1000)) == "media-too-large"
    monkeypatch.setattr(os, "fstat", lambda descriptor: _after(real(descriptor), lambda: os.truncate(name, 0)))
    assert code(root, "moving.gif") == "media-empty"


def _after(value, act):
    act()
    return value


def test_folders_and_shell_spellings(root):
    assert code(root, "a") == code(root, "a/b/") == code(root, ".") == "reference-not-a-file"
    assert code(root, "~/.ssh/id_rsa") == code(root, "$HOME/x") == "reference-not-found"
    assert code(root, "") == "reference-invalid"
    assert code(root, "a/b/cat.gif/more") == "reference-not-found"


def test_long_names_and_link_loops(root):
    (root / "loop").symlink_to("loop")
    (root / "a1").symlink_to("a2")
    (root / "a2").symlink_to("a1")
    assert code(root, "loop") == code(root, "a1") == code(root, "loop/x") == "reference-unreadable"
    assert code(root, "n" * 300) == "reference-invalid"
    assert code(root, "n/" * 5000) == "reference-invalid"


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (errno.EACCES, "reference-unreadable"),
        (errno.ENOENT, "reference-not-found"),
        (errno.ENXIO, "reference-not-a-file"),
    ],
)
def test_what_the_system_refuses_is_named(root, monkeypatch, number, expected):
    real = os.open

    def refuse(name, *arguments, **options):
        if name == "cat.gif":
            raise OSError(number, os.strerror(number))
        return real(name, *arguments, **options)

    monkeypatch.setattr(os, "open", refuse)
    monkeypatch.setattr(os, "supports_dir_fd", {refuse})
    with pytest.raises(MediaError) as caught:
        Root(root).read("a/b/cat.gif")
    assert caught.value.code == expected
    assert str(caught.value) == f"'a/b/cat.gif': {os.strerror(number).lower()}"


def test_without_opening_by_descriptor_references_are_refused(root, monkeypatch):
    monkeypatch.setattr(os, "supports_dir_fd", set())
    assert code(root, "a/b/cat.gif") == "reference-unreadable"


def test_a_file_removed_meanwhile(root):
    (root / "a" / "b" / "cat.gif").unlink()
    assert code(root, "a/b/cat.gif") == "reference-not-found"
    assert code(root / "missing", "cat.gif") == "reference-not-found"


def test_a_window_reads_only_what_it_is_asked_for(root):
    with Root(root).window("a/b/cat.gif") as window:
        assert window.size == len(PICTURE)
        assert window.at(0, 6) == b"GIF89a"
        assert window.at(len(PICTURE) - 2, 10) == b"\0\0"
        assert window.at(10_000, 10) == b""


def test_no_descriptor_stays_open(root):
    (root / "link").symlink_to("a/../../x")
    before = sum(1 for _ in Path("/dev/fd").iterdir())
    for reference in ("a/b/cat.gif", "a", "missing/x", "link", "../x"):
        try:
            Root(root).read(reference)
        except MediaError:
            continue
    assert sum(1 for _ in Path("/dev/fd").iterdir()) == before


def test_read_source_takes_what_python_callers_have(root):
    path = root / "a" / "b" / "cat.gif"
    assert read_source(path) == read_source(str(path)) == PICTURE
    assert read_source(PICTURE) == read_source(bytearray(PICTURE)) == read_source(memoryview(PICTURE)) == PICTURE
    assert read_source(io.BytesIO(PICTURE)) == PICTURE
    with path.open("rb") as file:
        assert read_source(file) == PICTURE
    assert read_source({"bytes": PICTURE, "path": None}) == PICTURE
    assert read_source({"bytes": None, "path": str(path)}) == PICTURE
    assert read_source("data:image/gif;base64,R0lGODlh") == b"GIF89a"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (b"", "media-empty"),
        (io.BytesIO(), "media-empty"),
        ("missing.png", "reference-not-found"),
        (".", "reference-not-a-file"),
        ("a\0.png", "reference-invalid"),
        ("https://example.com/x.png", "reference-scheme"),
        ("data:image/png;base64,", "media-empty"),
        ("data:image/png,AAAA", "data-url-invalid"),
        ("data:image/png;base64,aGVsbG8", "base64-invalid"),
        (io.StringIO("text"), "type-mismatch"),
        (5, "type-mismatch"),
        (None, "type-mismatch"),
        ({"bytes": None, "path": None}, "type-mismatch"),
    ],
)
def test_read_source_refuses_with_our_own_error(source, expected):
    with pytest.raises(MediaError) as caught:
        read_source(source)
    assert caught.value.code == expected


def test_a_large_payload_is_refused_by_its_length():
    limits = Limits(file_bytes=1000)
    for source in ("data:image/png;base64," + "A" * 4000, b"x" * 1001, io.BytesIO(b"x" * 5000)):
        with pytest.raises(MediaError) as caught:
            read_source(source, limits)
        assert caught.value.code == "media-too-large"
    assert read_source("data:image/png;base64," + "A" * 1332, limits) == bytes(999)


def test_name_of_is_the_last_name_of_a_path():
    assert (
        name_of("a/b/report.pdf") == name_of(Path("a/report.pdf")) == name_of({"path": "x/report.pdf"}) == "report.pdf"
    )
    assert name_of(b"x") is None
    assert name_of("data:text/plain;base64,AAAA") is None
    assert name_of(io.BytesIO()) is None
