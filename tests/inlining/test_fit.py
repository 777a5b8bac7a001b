"""Pictures that must fit one request together."""

import io
from functools import partial

import attrs
import numpy as np
import pytest
from PIL import Image

from msgkit import targets
from msgkit.errors import MediaError
from msgkit.inlining.fit import largest_share, shrink_all
from msgkit.media import Options
from msgkit.media.image import fit

ANTHROPIC = targets.get("anthropic")


def noise(side, seed=1):
    file = io.BytesIO()
    values = np.random.default_rng(seed).integers(0, 256, (side, side, 3), np.uint8)
    Image.fromarray(values).save(file, "JPEG", quality=90)
    return file.getvalue()


def limited(most):
    return attrs.evolve(ANTHROPIC, request=ANTHROPIC.request._replace(max_bytes=targets.Fact(most, "test", "2026")))


def fit_all(images, target, options=None, rest=0):
    options = attrs.evolve(options or Options(), image_count=len(images))
    made = [fit(data, target, options) for data in images]
    refits = [partial(_refit, data, target, options) for data in images]
    return shrink_all(made, refits, target.request.max_bytes.value - rest)


def _refit(data, target, options, most):
    return fit(data, target, attrs.evolve(options, max_image_bytes=most))


def test_what_fits_is_left_alone():
    pictures = [noise(50), noise(80)]
    assert [media.data for media in fit_all(pictures, ANTHROPIC)] == pictures


def test_the_largest_shrink_first():
    small, large, larger = noise(40), noise(300), noise(500)
    most = 150_000
    fitted = fit_all([larger, small, large], limited(most), rest=10_000)
    assert sum(media.base64_size for media in fitted) <= most - 10_000
    assert fitted[1].data == small
    assert len(fitted[0].data) < len(larger)


def test_what_cannot_fit_says_by_how_much():
    pictures = [noise(60, seed) for seed in range(3)]
    total = sum((len(data) + 2) // 3 * 4 for data in pictures)
    with pytest.raises(MediaError, match=f"{total - 100:,} bytes too large") as caught:
        fit_all(pictures, limited(200), rest=100)
    assert caught.value.code == "request-too-large"


def test_more_than_twenty_pictures_lower_the_pixel_limit():
    file = io.BytesIO()
    Image.new("L", (2_400, 30)).save(file, "PNG")
    options = Options(shrink=False)
    assert {media.width for media in fit_all([file.getvalue()] * 20, ANTHROPIC, options)} == {2_400}
    assert {media.width for media in fit_all([file.getvalue()] * 21, ANTHROPIC, options)} == {2_000}


@pytest.mark.parametrize(
    ("sizes", "most", "share"),
    [([], 10, None), ([5, 5], 10, None), ([5, 6], 10, 5), ([1, 100, 100], 101, 50), ([9], 0, 0), ([9], -5, 0)],
)
def test_the_share_is_the_largest_that_fits(sizes, most, share):
    assert largest_share(sizes, most) == share
    if share:
        assert sum(min(size, share) for size in sizes) <= most < sum(min(size, share + 1) for size in sizes)
