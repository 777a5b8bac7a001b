"""Media types, aliases and extensions."""

import mimetypes

import pytest

from msgkit import headers
from msgkit.media.audio import decoding


def test_every_extension_means_its_own_media_type():
    assert {kind: headers.by_extension("x" + extension) for kind, extension in headers.EXTENSIONS.items()} == {
        kind: kind for kind in headers.EXTENSIONS
    }


def test_every_alias_means_a_type_that_has_an_extension():
    assert set(headers.ALIASES.values()) <= set(headers.EXTENSIONS)
    assert not set(headers.ALIASES) & set(headers.EXTENSIONS)


def test_every_type_with_a_reader_has_an_extension():
    assert set(headers.READERS) <= set(headers.EXTENSIONS)


@pytest.mark.parametrize(
    "extension", [".jpg", ".jpeg", ".png", ".gif", ".bmp", ".tif", ".tiff", ".wav", ".mp3", ".pdf"]
)
def test_extensions_mean_what_python_says(extension: str):
    assert headers.by_extension("a" + extension) == headers.canonical(mimetypes.guess_type("a" + extension)[0] or "")


@pytest.mark.parametrize("name", ["", "jpg", ".jpg", "a.", "a.exe", "a.jpg/b", "a.jpg "])
def test_a_name_without_an_extension_of_ours_means_nothing(name: str):
    assert headers.by_extension(name) is None


@pytest.mark.parametrize(
    ("media_type", "kind"),
    [("image/png", "image"), ("audio/x-wav", "audio"), ("video/mp4", "video"), ("text/html", "file"), ("", "file")],
)
def test_a_kind_is_the_first_half(media_type: str, kind: str):
    assert headers.kind(media_type) == kind


def test_every_audio_format_means_a_type_of_that_format():
    assert {headers.AUDIO_TYPES[name]: name for name in headers.AUDIO_FORMATS.values()} == headers.AUDIO_FORMATS


def test_every_short_name_means_sound_that_has_an_extension():
    assert {headers.kind(media_type) for media_type in headers.AUDIO_TYPES.values()} == {"audio"}
    assert set(headers.AUDIO_TYPES.values()) <= set(headers.EXTENSIONS)


def test_every_audio_type_with_a_reader_is_decoded():
    audio = {name for name in headers.READERS if headers.kind(name) == "audio"}
    assert audio == set(decoding.CONTAINERS)
