"""PDF: pages drawn as images where a target takes no PDF, counted and refused where it takes so many."""

import io

import pytest
from PIL import Image, ImageDraw

import msgkit
from msgkit import headers, targets
from msgkit.errors import MediaError
from msgkit.media import Limits, Options, pdf
from msgkit.steps import Inline

pdfium = pytest.importorskip("pypdfium2")
MISTRAL = targets.get("mistral")
ROW = {"messages": [{"role": "user", "content": [{"type": "file", "file": {"file_data": "a.pdf", "filename": "a"}}]}]}


def document(pages: int) -> bytes:
    file = io.BytesIO()
    made = pdfium.PdfDocument.new()
    for n in range(pages):
        made.new_page(72 * (n + 1), 36)
    made.save(file)
    return file.getvalue()


@pytest.fixture(name="root")
def _root(tmp_path):
    (tmp_path / "a.pdf").write_bytes(document(2))
    return tmp_path


def test_each_page_becomes_an_image_of_144_dots_an_inch(root):
    row = Inline(root=str(root), target="mistral", options={"pdf": "pages"})(ROW)
    parts = msgkit.load(row).messages[0].parts
    assert [(part.media.width, part.media.height) for part in parts] == [(144, 72), (288, 72)]
    assert not [issue for issue in msgkit.check(row, target="mistral") if issue.severity == "error"]


def test_a_target_that_takes_a_pdf_gets_the_file(root):
    (part,) = msgkit.load(Inline(root=str(root), options={"pdf": "pages"})(ROW)).messages[0].parts
    assert part.media.data == (root / "a.pdf").read_bytes()


def test_a_target_without_pdf_refuses_it_and_names_the_option(root):
    with pytest.raises(msgkit.InvalidMessageError) as caught:
        Inline(root=str(root), target="mistral")(ROW)
    (issue,) = caught.value.issues
    assert (issue.code, "--pdf pages" in issue.hint) == ("media-format-unsupported", True)


def test_a_page_looks_as_it_was_drawn():
    page = Image.new("RGB", (200, 100), "white")
    ImageDraw.Draw(page).rectangle((0, 0, 99, 49), "red")
    file = io.BytesIO()
    page.save(file, "PDF", resolution=144)
    (media,) = pdf.draw(file.getvalue(), MISTRAL, Options())
    drawn = msgkit.to_pillow(media).convert("RGB")
    assert drawn.size == page.size
    assert all(
        abs(a - b) < 8
        for at in ((40, 20), (150, 20), (40, 80))
        for a, b in zip(drawn.getpixel(at), page.getpixel(at), strict=True)
    )


def test_a_page_keeps_the_bounds_of_pixels():
    made = list(pdf.draw(document(1), MISTRAL, Options(limits=Limits(image_pixels=800))))
    assert made[0].width * made[0].height <= 800
    with pytest.raises(MediaError, match="at most 1 pages"):
        list(pdf.draw(document(2), MISTRAL, Options(limits=Limits(image_frames=1))))


def test_more_pages_than_a_target_takes_are_refused_by_check_and_by_inline(root):
    (root / "a.pdf").write_bytes(document(101))
    found = msgkit.check(ROW, target="anthropic", model="claude-3-haiku", root=root)
    assert [issue.code for issue in found if issue.severity == "error"] == ["media-too-large"]
    with pytest.raises(msgkit.InvalidMessageError, match="at most 100 pages, got 101"):
        Inline(root=str(root), target="anthropic", model="claude-3-haiku")(ROW)


@pytest.mark.parametrize("data", [b"%PDF-1.7", b"%PDF-1.7\n" + bytes(99)])
def test_what_is_no_pdf_behind_its_signature_is_invalid(data):
    with pytest.raises(MediaError, match="cannot be read as a PDF"):
        list(pdf.draw(data, MISTRAL, Options()))
    header = headers.read(data)
    assert pdf.look(headers.BytesWindow(data), header) == header


def test_pages_that_make_a_request_too_large_are_made_smaller(tmp_path):
    page = Image.effect_noise((400, 300), 90).convert("RGB")
    page.save(tmp_path / "a.pdf", "PDF", resolution=144, save_all=True, append_images=[page] * 2)
    limits = Limits(row_bytes=150_000)
    row = Inline(root=str(tmp_path), target="mistral", options={"pdf": "pages", "limits": limits})(ROW)
    parts = msgkit.load(row).messages[0].parts
    assert [part.type for part in parts] == ["image_url"] * 3
    assert len(msgkit.dumps(msgkit.load(row))) <= 150_000


def test_more_pages_than_the_target_takes_images_are_refused(root):
    (root / "a.pdf").write_bytes(document(9))
    with pytest.raises(msgkit.InvalidMessageError) as caught:
        Inline(root=str(root), target="mistral", options={"pdf": "pages"})(ROW)
    assert [(issue.path, issue.code) for issue in caught.value.issues] == [("messages", "media-too-many")]


@pytest.mark.parametrize(("pages", "codes"), [(98, []), (99, ["media-too-many"])])
def test_images_and_pages_count_together_where_the_target_says_so(root, pages, codes):
    (root / "a.pdf").write_bytes(document(pages))
    Image.new("RGB", (64, 64)).save(root / "a.png")
    images = [{"type": "image_url", "image_url": {"url": "a.png"}}] * 2
    row = {"messages": [{"role": "user", "content": [*ROW["messages"][0]["content"], *images]}]}
    issues = msgkit.check(row, "anthropic", model="claude-haiku-4-5", root=str(root))
    assert [issue.code for issue in issues if issue.severity == "error"] == codes
