"""In a real browser: pictures have their size, players their duration, and what cannot be shown says why."""

import io
import shutil
import subprocess
import zlib

import pytest
from PIL import Image

SIZES = "() => [...document.querySelectorAll('.media img')].map(img => [img.naturalWidth, img.naturalHeight])"
LOADED = """() => {
    const found = [...document.querySelectorAll('.media img')];
    return found.length > 0 && found.every(img => img.complete && img.naturalWidth);
}"""
DURATIONS = "() => [...document.querySelectorAll('audio')].map(audio => audio.duration)"
HAVE_DURATION = """() => {
    const found = [...document.querySelectorAll('audio')];
    return found.length > 0 && found.every(audio => audio.duration > 0);
}"""


def test_a_picture_has_its_natural_size(show, make):
    kinds = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "AVIF")
    parts = [make.image(make.picture(37 + i, 23, kind), f"image/{kind.lower()}") for i, kind in enumerate(kinds)]
    page = show(make.row(make.user(*parts)))
    page.wait_for_function(LOADED)
    assert page.evaluate(SIZES) == [[37 + i, 23] for i in range(len(kinds))]
    assert "37 \N{MULTIPLICATION SIGN} 23" in page.locator("figcaption").first.inner_text()


def test_a_picture_that_exif_turns_stands_upright_in_a_box_of_its_shape(show, make):
    exif = Image.Exif()
    exif[0x0112] = 6
    data = make.picture(60, 20, "JPEG", exif=exif)
    page = show(make.row(make.user(make.image(data, "image/jpeg"))))
    page.wait_for_function(LOADED)
    box = page.locator(".media img").bounding_box()
    assert box["height"] > box["width"]
    assert "EXIF orientation 6" in page.inner_text("figcaption")


def test_a_wav_player_has_its_duration(show, make):
    page = show(make.row(make.user(make.audio(make.sound(1.5)))))
    page.wait_for_function(HAVE_DURATION)
    assert page.evaluate(DURATIONS) == pytest.approx([1.5])
    assert "1.5 s" in page.inner_text("figcaption")


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg makes the sounds of this test")
def test_players_of_what_ffmpeg_wrote_have_their_duration(show, make, tmp_path):
    (tmp_path / "in.wav").write_bytes(make.sound(2.0, 22_050))
    parts = []
    for suffix in ("mp3", "flac", "ogg", "m4a"):
        out = tmp_path / f"out.{suffix}"
        subprocess.run(["ffmpeg", "-v", "error", "-i", tmp_path / "in.wav", out], check=True)
        url = f"data:audio/{suffix};base64,{make.base64(out.read_bytes())}"
        parts.append({"type": "audio_url", "audio_url": {"url": url}})
    page = show(make.row(make.user(*parts)))
    page.wait_for_function(HAVE_DURATION)
    assert page.evaluate(DURATIONS) == pytest.approx([2.0] * 4, abs=0.1)


def test_the_same_bytes_are_in_the_page_once_and_shown_twice(show, make, tmp_path):
    part = make.image(make.picture())
    page = show(make.row(make.user(part, part)), make.row(make.user(part)))
    page.wait_for_function(LOADED)
    assert page.evaluate(SIZES) == [[8, 6]] * 3
    assert (tmp_path / "page.html").read_text().count(make.base64(make.picture())) == 1


def test_a_local_file_below_the_root_is_shown_and_named(show, make, tmp_path):
    (tmp_path / "cat.png").write_bytes(make.picture(12, 10))
    page = show(make.row(make.user(make.url("cat.png"))), root=str(tmp_path))
    page.wait_for_function(LOADED)
    assert page.evaluate(SIZES) == [[12, 10]]
    assert "cat.png" in page.inner_text("figcaption")


def test_media_columns_are_shown_where_their_placeholders_stand(show, make, tmp_path):
    (tmp_path / "cat.png").write_bytes(make.picture(12, 10))
    page = show(make.row(make.user("<image>Who is it?"), images=["cat.png"]), root=str(tmp_path))
    page.wait_for_function(LOADED)
    assert page.evaluate(SIZES) == [[12, 10]]
    assert page.inner_text(".prose") == "Who is it?"


def tiff() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (9, 7)).save(out, "TIFF")
    return out.getvalue()


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="window.hit = 1"><script>window.hit = 1</script></svg>'
HTML = b"<!doctype html><script>window.hit = 1</script><img src=x onerror='window.hit = 1'>"
IHDR = b"IHDR\0\0\xc3P\0\0\xc3P\x01\0\0\0\0"
HUGE = b"\x89PNG\r\n\x1a\n\0\0\0\r" + IHDR + zlib.crc32(IHDR).to_bytes(4)
UNSHOWN = {
    "an SVG as what it is": (SVG, "image/svg+xml", "no known type"),
    "an SVG said to be PNG": (SVG, "image/png", "no known type"),
    "HTML as what it is": (HTML, "text/html", "no known type"),
    "HTML said to be JPEG": (HTML, "image/jpeg", "no known type"),
    "a TIFF": (tiff(), "image/tiff", "browsers do not show image/tiff"),
    "image: a PNG of 2.5 gigapixels": (HUGE, "image/png", "more than 50,000,000 are not shown"),
    "bytes of a file": (b"\x7fELF\x02\x01\x01", "application/octet-stream", "no known type"),
    "a PDF without a page": (b"%PDF-1.7\n", "application/pdf", "PDF"),
}


def test_what_is_never_rendered_gets_a_box_that_says_why(show, make, tmp_path):
    parts = [make.image(data, media_type) for data, media_type, _ in UNSHOWN.values()]
    page = show(make.row(make.user(*parts)))
    said = dict(zip(UNSHOWN, page.locator(".why").all_inner_texts(), strict=True))
    assert [case for case, (_, _, why) in UNSHOWN.items() if why not in said[case]] == []
    assert page.locator(".media :is(img, audio, video, iframe, object, embed)").count() == 0
    text = (tmp_path / "page.html").read_text()
    assert [case for case, (data, _, _) in UNSHOWN.items() if make.base64(data) in text] == []
    assert page.evaluate("window.hit") is None


UNREAD = {
    "URL: http": ("https://example.com/cat.jpg", "never loaded"),
    "URL: javascript": ("javascript:window.hit=1", "never opened"),
    "URL: s3": ("s3://bucket/cat.png", "never opened"),
    "path: outside the root": ("../../etc/passwd", "reference-outside-root"),
    "a missing file": ("missing.png", "reference-not-found"),
    "base64: wrong padding": ("data:image/png;base64,aGVsbG8", "base64-invalid"),
    "data URL: no payload": ("data:image/png;base64,", "media-empty"),
    "data URL: no base64": ("data:image/png,AAAA", "data-url-invalid"),
}


def test_what_cannot_be_read_gets_a_box_that_says_why(show, make, tmp_path):
    page = show(make.row(make.user(*(make.url(url) for url, _ in UNREAD.values()))), root=str(tmp_path))
    said = dict(zip(UNREAD, page.locator(".why").all_inner_texts(), strict=True))
    assert [case for case, (_, why) in UNREAD.items() if why not in said[case]] == []
    assert page.locator(".media img").count() == 0


def test_a_remote_url_is_text_and_no_link(show, make):
    page = show(make.row(make.user(make.url("https://example.com/cat.jpg?a=1&b=2"))))
    assert page.inner_text(".why .source") == "https://example.com/cat.jpg?a=1&b=2"
    assert page.locator("a[href^=http]").count() == 0


def test_a_picture_that_the_browser_cannot_read_becomes_a_box(show, make):
    data = bytearray(make.picture(40, 40, "BMP"))
    data[28] = 7  # bits of a pixel: no such number
    page = show(make.row(make.user(make.image(bytes(data), "image/bmp"))))
    page.wait_for_selector(".why")
    assert "this browser cannot read these data" in page.inner_text(".why")


def test_a_picture_is_enlarged_by_a_click_and_closed_by_escape(show, make):
    page = show(make.row(make.user(make.image(make.picture(900, 700)))))
    page.wait_for_function(LOADED)
    page.click(".enlarge")
    dialog = page.locator("#large")
    assert dialog.is_visible()
    assert dialog.locator("img").evaluate("img => img.naturalWidth") == 900
    assert "image/png · 900 \N{MULTIPLICATION SIGN} 700" in dialog.inner_text()
    page.keyboard.press("Escape")
    assert not dialog.is_visible()


def test_natural_size_shows_every_pixel(show, make):
    page = show(make.row(make.user(make.image(make.picture(2_000, 1_500)))))
    page.wait_for_function(LOADED)
    page.click(".enlarge")
    assert page.locator("#large img").bounding_box()["width"] < 1_280
    page.click("#natural")
    assert page.locator("#large img").bounding_box()["width"] == pytest.approx(2_000)


def test_the_first_page_of_a_pdf_is_shown_as_an_image(show, make):
    pdfium = pytest.importorskip("pypdfium2", reason="the extra pdf draws pages")
    made, out = pdfium.PdfDocument.new(), io.BytesIO()
    for _ in range(2):
        made.new_page(200, 100)
    made.save(out)
    page = show(
        make.row(make.user({"type": "file", "file": {"filename": "a.pdf", "file_data": make.base64(out.getvalue())}}))
    )
    page.wait_for_function(LOADED)
    assert page.evaluate(SIZES) == [[400, 200]]
    assert page.inner_text("figcaption").startswith("application/pdf · 2 pages")
