"""Pictures from and to Pillow and numpy."""

import numpy as np
import pytest
from PIL import Image

from msgkit import targets
from msgkit.errors import MediaError
from msgkit.media import Limits, Options, image
from msgkit.model.media import Media

OPENAI = targets.get("openai")


def test_pillow_there_and_back_is_exact(quarters):
    for mode in ("L", "LA", "RGB", "RGBA"):
        picture = quarters().convert(mode)
        if mode in ("LA", "RGBA"):
            picture.putalpha(Image.linear_gradient("L").resize(picture.size))
        again = image.to_pillow(image.from_pillow(picture))
        assert again.mode == mode
        assert np.array_equal(np.asarray(again), np.asarray(picture))


def test_from_pillow_leaves_the_callers_picture_alone(quarters):
    picture = quarters()
    picture.info["comment"] = b"mine"
    image.from_pillow(picture, OPENAI, Options(max_side=10))
    assert picture.size == (64, 48)
    assert picture.info == {"comment": b"mine"}


def test_from_pillow_heeds_the_orientation_of_an_opened_file(quarters, save, check_quarters, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    path = tmp_path / "turned.jpg"
    path.write_bytes(save(quarters().transpose(Image.Transpose.ROTATE_90), "JPEG", exif=exif, quality=95))
    with Image.open(path) as picture:
        media = image.from_pillow(picture)
    check_quarters(media.data, (64, 48), tolerance=12)


def test_from_pillow_fits_the_target(quarters):
    media = image.from_pillow(quarters((3000, 1500)), targets.get("anthropic"), Options(shrink=True))
    assert (media.width, media.height) == (1568, 784)
    assert media.changes == ("3000 x 1500 to 1568 x 784 pixels",)


def test_to_pillow_holds_no_orientation_that_would_turn_it_again(quarters, save):
    exif = Image.Exif()
    exif[0x0112] = 3
    picture = image.to_pillow(Media(save(quarters(), "JPEG", exif=exif), "image/jpeg"))
    assert picture.getexif().get(0x0112) is None


def test_to_pillow_heeds_limits(quarters, save):
    with pytest.raises(MediaError) as caught:
        image.to_pillow(Media(save(quarters(), "PNG"), "image/png"), Limits(image_side=50))
    assert caught.value.code == "media-too-large"


def pixels(media):
    return np.asarray(image.to_pillow(media))


@pytest.mark.parametrize("shape", [(48, 64), (48, 64, 2), (48, 64, 3), (48, 64, 4)])
def test_numpy_there_and_back_is_exact(shape):
    array = np.random.default_rng(2).integers(0, 256, shape, np.uint8)
    assert np.array_equal(pixels(image.from_numpy(array)), array)


def test_numpy_of_other_types():
    ramp = np.tile(np.arange(256), (8, 1))
    for values in (ramp.astype(np.uint8), ramp.astype(np.int64), ramp / 255, (ramp * 257).astype(np.uint16)):
        assert np.array_equal(pixels(image.from_numpy(values)), ramp)
    assert np.array_equal(pixels(image.from_numpy(ramp[:, :, None] > 127)), (ramp > 127) * 255)
    assert pixels(image.from_numpy(np.array([[np.nan, 2.0, -1.0]]))).tolist() == [[0, 255, 0]]


@pytest.mark.parametrize(
    "array",
    [
        np.zeros(5, np.uint8),
        np.zeros((2, 2, 5), np.uint8),
        np.zeros((0, 5), np.uint8),
        np.zeros((1, 2, 2, 3), np.uint8),
        np.full((2, 2), 256),
        np.full((2, 2), -1),
        np.full((2, 2), "a"),
        np.full((2, 2), 1j),
        np.full((2, 2), None),
    ],
)
def test_numpy_of_another_shape_or_type_is_our_error(array):
    with pytest.raises(MediaError) as caught:
        image.from_numpy(array)
    assert caught.value.code == "media-invalid"
