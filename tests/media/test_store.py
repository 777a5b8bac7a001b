"""Extracted media: named by content, whole or absent, never over another file."""

import errno
import hashlib
import multiprocessing
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from msgkit.errors import MediaError
from msgkit.media.faults import SystemFaultError
from msgkit.media.store import Store

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in Path(folder).rglob("*") if path.is_file())


def expected(data, extension):
    digest = hashlib.sha256(data).hexdigest()
    return f"{digest[:2]}/{digest}{extension}"


def test_a_name_is_the_hash_and_the_extension_of_the_sniffed_type(tmp_path):
    name = Store(tmp_path / "media").put(PNG)
    assert name == expected(PNG, ".png")
    assert (tmp_path / "media" / name).read_bytes() == PNG
    assert files(tmp_path / "media") == [name]


def test_bytes_of_no_known_type_are_stored_as_bin(tmp_path):
    assert Store(tmp_path).put(b"no magic here") == expected(b"no magic here", ".bin")


def test_a_declared_type_never_becomes_part_of_a_path(tmp_path):
    for declared in ("image/../../x", "text/html", "image/svg+xml", "../../x", "image/png\r\n"):
        assert Store(tmp_path).put(b"some text", declared) == expected(b"some text", ".bin")


def test_equal_media_share_one_file_and_nothing_is_overwritten(tmp_path):
    name = Store(tmp_path).put(PNG)
    before = (tmp_path / name).stat()
    assert Store(tmp_path).put(PNG) == name
    after = (tmp_path / name).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize("other", [b"other bytes", PNG[:-1] + b"x", b""])
def test_another_file_under_the_name_is_left_and_said(tmp_path, other):
    path = tmp_path / expected(PNG, ".png")
    path.parent.mkdir()
    path.write_bytes(other)
    with pytest.raises(MediaError) as caught:
        Store(tmp_path).put(PNG)
    assert caught.value.code == "media-conflict"
    assert path.read_bytes() == other
    assert files(tmp_path) == [expected(PNG, ".png")]


@pytest.mark.parametrize("target", ["victim", "missing"])
def test_a_planted_link_under_the_name_is_not_followed(tmp_path, target):
    (tmp_path / "victim").write_bytes(PNG)
    path = tmp_path / "media" / expected(PNG, ".png")
    path.parent.mkdir(parents=True)
    path.symlink_to(tmp_path / target)
    with pytest.raises(MediaError) as caught:
        Store(tmp_path / "media").put(PNG)
    assert caught.value.code == "media-conflict"
    assert not (tmp_path / "missing").exists()


def test_a_planted_link_in_place_of_the_inner_folder_is_refused(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / expected(PNG, ".png")[:2]).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SystemFaultError):
        Store(tmp_path / "media").put(PNG)
    assert files(tmp_path / "elsewhere") == []


def test_a_planted_pipe_does_not_hang(tmp_path):
    path = tmp_path / expected(PNG, ".png")
    path.parent.mkdir()
    os.mkfifo(path)
    with pytest.raises(MediaError) as caught:
        Store(tmp_path).put(PNG)
    assert caught.value.code == "media-conflict"


def test_prepare_says_so_before_anything_is_read(tmp_path):
    (tmp_path / "file").write_bytes(b"x")
    for folder in (tmp_path / "file", tmp_path / "file" / "below", "/proc/nowhere"):
        with pytest.raises(SystemFaultError):
            Store(folder).prepare()
    Store(tmp_path / "new" / "folder").prepare()
    assert files(tmp_path / "new") == []


def test_a_failed_write_leaves_nothing(tmp_path, monkeypatch):
    def full(_descriptor, _data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(SystemFaultError, match="No space left"):
        Store(tmp_path).put(PNG)
    assert files(tmp_path) == []


def test_short_writes_are_continued(tmp_path, monkeypatch):
    real = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: real(descriptor, bytes(data[:7])))
    name = Store(tmp_path).put(PNG)
    assert (tmp_path / name).read_bytes() == PNG


def test_without_hard_links_the_file_is_renamed(tmp_path, monkeypatch):
    def refuse(*_arguments, **_options):
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", refuse)
    name = Store(tmp_path).put(PNG)
    assert files(tmp_path) == [name]
    assert (tmp_path / name).read_bytes() == PNG


@pytest.mark.skipif(not hasattr(os, "O_TMPFILE"), reason="this system has no files without a name")
@pytest.mark.parametrize(
    ("call", "work"), [("write", "put(b'GIF89a')"), ("link", "put(b'GIF89a')"), ("unlink", "prepare()")]
)
def test_killed_while_it_writes_it_leaves_nothing(tmp_path, call, work):
    code = f"""if True:
        import os
        from msgkit.media.store import Store
        os.{call} = lambda *_, **__: os.kill(os.getpid(), 9)
        Store({str(tmp_path)!r}).{work}
        os.kill(os.getpid(), 9)"""
    done = subprocess.run([sys.executable, "-c", code], check=False, cwd=Path(__file__).parents[2])
    assert done.returncode == -9
    assert files(tmp_path) == []


@pytest.mark.parametrize("number", [errno.EOPNOTSUPP, errno.EISDIR])
def test_without_files_that_have_no_name_a_name_is_used_for_the_time(tmp_path, monkeypatch, number):
    real = os.open

    def refuse(path, flags, *rest, **options):
        if getattr(os, "O_TMPFILE", 0) and flags & os.O_TMPFILE == os.O_TMPFILE:
            raise OSError(number, os.strerror(number))
        return real(path, flags, *rest, **options)

    monkeypatch.setattr(os, "open", refuse)
    name = Store(tmp_path).put(PNG)
    assert files(tmp_path) == [name]
    assert (tmp_path / name).read_bytes() == PNG


def test_files_are_readable_by_all_whatever_the_process_did_before(tmp_path):
    old = os.umask(0)
    try:
        name = Store(tmp_path).put(PNG)
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o644


def _put_all(folder, turn):
    store = Store(folder)
    return [store.put(PNG + bytes([number])) for number in [*range(turn, 20), *range(turn)]]


def test_eight_processes_write_the_same_media_at_once(tmp_path):
    with multiprocessing.get_context("fork").Pool(8) as pool:
        names = pool.starmap(_put_all, [(str(tmp_path), turn) for turn in range(8)])
    assert files(tmp_path) == sorted({name for some in names for name in some})
    assert len(files(tmp_path)) == 20
    for number in range(20):
        data = PNG + bytes([number])
        assert (tmp_path / expected(data, ".png")).read_bytes() == data


def test_put_new_tells_whether_the_file_was_written(tmp_path):
    name, is_new = Store(tmp_path).put_new(b"GIF89a")
    assert is_new
    assert Store(tmp_path).put_new(b"GIF89a") == (name, False)
