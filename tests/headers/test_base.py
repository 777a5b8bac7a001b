"""Windows give the same bytes wherever they lie."""

import pybase64
import pytest
from hypothesis import given
from hypothesis import strategies as st

from msgkit.errors import MediaError
from msgkit.headers import Base64Window, BytesWindow


@given(st.binary(max_size=70), st.integers(0, 80), st.integers(0, 80))
def test_a_base64_window_is_a_bytes_window(data: bytes, offset: int, length: int):
    window = Base64Window(pybase64.b64encode(data).decode())
    assert window.size == BytesWindow(data).size == len(data)
    assert window.at(offset, length) == BytesWindow(data).at(offset, length) == data[offset : offset + length]


def test_a_base64_window_decodes_no_more_than_it_is_asked_for():
    assert Base64Window("aGVsbG8h" + "!" * 8).at(0, 6) == b"hello!"


@pytest.mark.parametrize("text", ["aGV\nbG8h", "aGVs-G8h", "aGV\u00e9bG8h", "aGV\ud800bG8h"])
def test_a_slice_that_is_no_base64_is_an_error(text: str):
    with pytest.raises(MediaError) as caught:
        Base64Window(text).at(0, 6)
    assert caught.value.code == "base64-invalid"
    assert "0 and 8" in str(caught.value)


@given(st.text(alphabet="Aa+/=", max_size=9))
def test_text_of_any_length_has_a_size(text: str):
    assert Base64Window(text).size >= 0
