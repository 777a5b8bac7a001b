"""Conversions remembered by content."""

import threading

import attrs
import pytest
from PIL import Image

from msgkit import targets
from msgkit.media import Options, cache, image
from msgkit.media.audio.requirements import demands_of as audio_demands
from msgkit.media.cache import Memory, remembered
from msgkit.media.image.requirements import demands_of as image_demands
from msgkit.model.media import Media

OPENAI = targets.get("openai")


class Maker:
    """Makes media and counts how often."""

    def __init__(self, data=b"made"):
        self.made = Media(data, "image/png", ("changed",))
        self.count = 0

    def __call__(self):
        self.count += 1
        return self.made


def test_equal_bytes_are_converted_once():
    make = Maker()
    for _ in range(1_000):
        assert remembered(b"source", "how", Options(), make) is make.made
    assert make.count == 1


def test_a_conversion_is_remembered_by_a_text_that_other_processes_have_too():
    for demands in (audio_demands(OPENAI, Options()), image_demands(OPENAI, Options()), Options()):
        assert " at 0x" not in repr(demands)


def test_other_bytes_other_demands_and_other_options_are_other_conversions():
    make = Maker()
    for data, how, options in (
        (b"a", "x", Options()),
        (b"b", "x", Options()),
        (b"a", "y", Options()),
        (b"a", "x", Options(quality=50)),
    ):
        remembered(data, how, options, make)
    assert make.count == 4


def test_equal_pixels_of_other_bytes_or_shape_are_not_mixed_up(save):
    flat = [Image.new("RGB", size, "red") for size in ((40, 10), (10, 40), (20, 20))]
    fitted = [image.fit(save(picture, "BMP"), OPENAI) for picture in flat]
    assert [(media.width, media.height) for media in fitted] == [(40, 10), (10, 40), (20, 20)]


def test_memory_is_bounded_and_keeps_what_was_used_last():
    memory = Memory(100)
    for number in range(10):
        memory.put(str(number), Media(bytes(30), "image/png"))
        assert memory.get("0") is not None or number > 90
        assert memory.size <= 100
    assert [key for key in map(str, range(10)) if memory.get(key)] == ["0", "8", "9"]
    memory.put("large", Media(bytes(101), "image/png"))
    assert memory.get("large") is None


def test_threads_may_share_it():
    memory = Memory(500)

    def work(start):
        for number in range(500):
            memory.put(str((start + number) % 40), Media(bytes(30), "image/png"))
            memory.get(str(number % 40))

    threads = [threading.Thread(target=work, args=(start,)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert memory.size <= 500
    assert memory.size == sum(30 for key in range(40) if memory.get(str(key)))


def test_a_folder_keeps_conversions_for_the_next_run(tmp_path, monkeypatch):
    options, make = Options(cache=str(tmp_path / "cache")), Maker()
    remembered(b"source", "how", options, make)
    monkeypatch.setattr(cache, "MEMORY", Memory(1_000_000))
    again = remembered(b"source", "how", options, make)
    assert make.count == 1
    assert (again.data, again.media_type, again.changes) == (b"made", "image/png", ("changed",))


@pytest.mark.parametrize("damage", [b"", b"x", b"msgkit conversion\n{}\nmade", b"msgkit conversion\n[1]\nmade", None])
def test_a_damaged_entry_is_made_again(tmp_path, monkeypatch, damage):
    options, make = Options(cache=str(tmp_path)), Maker()
    remembered(b"source", "how", options, make)
    (entry,) = (path for path in tmp_path.rglob("*") if path.is_file())
    entry.write_bytes(entry.read_bytes()[:-1] + b"?" if damage is None else damage)
    monkeypatch.setattr(cache, "MEMORY", Memory(1_000_000))
    assert remembered(b"source", "how", options, make).data == b"made"
    assert make.count == 2
    monkeypatch.setattr(cache, "MEMORY", Memory(1_000_000))
    assert remembered(b"source", "how", options, make).data == b"made"
    assert make.count == 2


def test_a_folder_that_cannot_be_written_costs_only_time(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    assert remembered(b"source", "how", Options(cache=str(tmp_path / "file")), Maker()).data == b"made"


def test_what_passes_through_is_not_kept(save):
    image.fit(save(Image.new("RGB", (8, 8)), "PNG"), OPENAI)
    assert cache.MEMORY.size == 0
    image.fit(save(Image.new("RGB", (8, 8)), "BMP"), attrs.evolve(OPENAI), Options())
    assert cache.MEMORY.size > 0
