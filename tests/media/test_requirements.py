"""Whether an image may stay as it is: the fast check and the reasons agree."""

from hypothesis import given
from hypothesis import strategies as st

from msgkit.headers import ImageHeader
from msgkit.media.image.requirements import COMMON, Demands

_SIDES = st.integers(1, 60)
_HEADERS = st.builds(
    ImageHeader,
    media_type=st.sampled_from([*COMMON, "image/bmp"]),
    width=_SIDES,
    height=_SIDES,
    frames=st.integers(1, 2),
    orientation=st.integers(1, 8),
    mode=st.sampled_from(["RGB", "CMYK", None]),
    bits=st.sampled_from([1, 8, 16]),
    common=st.booleans(),
)
_LIMITS = st.none() | st.integers(1, 60)
_DEMANDS = st.builds(
    Demands,
    max_bytes=_LIMITS,
    max_width=_LIMITS,
    max_height=_LIMITS,
    best_side=_LIMITS,
    still=st.booleans(),
    strict=st.booleans(),
)


@given(_DEMANDS, _HEADERS, st.integers(1, 60))
def test_an_image_that_satisfies_has_no_reason_to_change(demands, header, length):
    if demands.satisfied(header, length):
        assert demands.reasons(header, length) == ()
