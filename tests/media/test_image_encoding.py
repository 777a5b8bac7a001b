"""The search for the best quality, with encoders whose sizes are known."""

import pytest

from msgkit.errors import MediaError
from msgkit.media.image.encoding import LOWEST, best_quality
from msgkit.media.image.requirements import COMMON, output_types


def encoder(calls):
    def encode(scale, quality):
        calls.append((scale, quality))
        return bytes(int(1000 * scale * scale * quality))

    return encode


@pytest.mark.parametrize("limit", [None, 90_000, 10**9])
def test_what_fits_at_once_is_encoded_once(limit):
    calls = []
    assert best_quality(encoder(calls), limit, 90)[1:] == (1.0, 90)
    assert calls == [(1.0, 90)]


@pytest.mark.parametrize("limit", range(60_000, 90_000, 1_777))
def test_the_quality_found_is_the_best_that_fits(limit):
    calls = []
    data, scale, quality = best_quality(encoder(calls), limit, 90)
    assert (scale, quality) == (1.0, limit // 1000)
    assert len(data) == quality * 1000
    assert len(calls) <= 7


@pytest.mark.parametrize("limit", [59_999, 30_000, 5_000, 500])
def test_below_the_lowest_quality_pixels_go(limit):
    data, scale, quality = best_quality(encoder([]), limit, 90)
    assert limit * 0.7 <= len(data) <= limit
    assert scale < 1
    assert quality >= LOWEST


def test_a_highest_quality_below_the_lowest_is_heeded():
    assert best_quality(encoder([]), 100_000, 40)[2] == 40
    assert best_quality(encoder([]), 20_000, 40)[1] < 1


def test_what_never_fits_is_refused():
    with pytest.raises(MediaError, match="at most 10 bytes") as caught:
        best_quality(lambda _scale, _quality: bytes(11), 10, 90)
    assert caught.value.code == "media-too-large"


@pytest.mark.parametrize(
    ("media_type", "lossless", "alpha", "taken", "types"),
    [
        ("image/png", True, False, COMMON, ["image/png", "image/jpeg"]),
        ("image/png", True, True, COMMON, ["image/png", "image/webp"]),
        ("image/gif", True, False, COMMON, ["image/png", "image/jpeg"]),
        ("image/jpeg", False, False, COMMON, ["image/jpeg"]),
        ("image/webp", False, True, COMMON, ["image/webp"]),
        ("image/webp", False, False, COMMON, ["image/webp"]),
        ("image/webp", True, False, COMMON, ["image/png", "image/jpeg"]),
        ("image/avif", False, True, COMMON, ["image/png", "image/webp"]),
        ("image/jpeg", False, False, ("image/png",), ["image/png"]),
        ("image/png", True, True, ("image/jpeg",), ["image/jpeg"]),
        ("image/png", True, False, ("image/tiff",), []),
    ],
)
def test_the_type_is_the_one_that_keeps_a_picture_best(media_type, lossless, alpha, taken, types):
    assert output_types(media_type, lossless=lossless, alpha=alpha, taken=taken) == types
