"""What a PDF says of its pages and of encryption."""

import io

import pytest
from PIL import Image

from msgkit import headers

HEAD = b"%PDF-1.7\n1 0 obj\n<< /Linearized 1 /L 9 /N 12 /T 7 >>\nendobj\n"
TRAILER = b"xref\n0 1\n0000000000 65535 f \ntrailer\n<< /Size 1 /Encrypt 5 0 R >>\nstartxref\n%d\n%%%%EOF\n"


def pdf(pages: int) -> bytes:
    file = io.BytesIO()
    first, *rest = [Image.new("L", (20, 10)) for _ in range(pages)]
    first.save(file, "PDF", save_all=True, append_images=rest)
    return file.getvalue()


@pytest.mark.parametrize("pages", [1, 3])
def test_the_pages_are_counted_where_they_stand_in_clear(pages):
    assert headers.read(pdf(pages)) == headers.read(pdf(pages) + b"\n") != headers.read(pdf(pages + 1))
    assert headers.read(pdf(pages)).pages == pages


def test_the_pages_of_a_linearized_pdf_stand_at_its_beginning():
    assert headers.read(HEAD).pages == 12


def test_encryption_is_told_by_the_trailer_alone():
    assert headers.read(HEAD + TRAILER % len(HEAD)).encrypted
    assert not headers.read(HEAD + b"(the word /Encrypt in a text)" + pdf(1)).encrypted


@pytest.mark.parametrize("data", [b"%PDF-1.7", b"%PDF-1.7\nstartxref\n99999\n%%EOF", b"%PDF-" + b"/Type /Pages" * 9])
def test_a_pdf_that_says_nothing_has_no_number_of_pages(data):
    assert headers.read(data) == headers.DocumentHeader("application/pdf")
