"""PDF by pypdfium2, in this process: how many pages there are, and pages drawn as images."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from math import sqrt
from typing import Any

import attrs

from msgkit.errors import MediaError, MissingExtraError, needing
from msgkit.headers import DocumentHeader, Window
from msgkit.media import image as images
from msgkit.media.cache import ForkLock
from msgkit.media.faults import border
from msgkit.media.image.requirements import ANEW
from msgkit.media.options import Limits, Options
from msgkit.model.media import Media
from msgkit.targets import Target

TYPE = "application/pdf"
_SCALE = 2.0  # pixels for each point of 1/72 inch: 144 dots an inch, enough for small print
_SIDE = 2048  # pixels of the longer side where the target says nothing
_lock = ForkLock()  # PDFium is not to be used by several threads


def look(window: Window, header: DocumentHeader) -> DocumentHeader:
    """Return the header of a PDF with its pages counted, where it does not tell them and the extra is installed."""
    if header.pages is not None or header.encrypted:
        return header
    try:
        with _opened(window.at(0, window.size)) as document:
            return header._replace(pages=len(document))
    except (MissingExtraError, MediaError):
        return header


def draw(data: bytes, target: Target, options: Options) -> Iterator[Media]:
    """Yield each page of a PDF as an image that fits *target*."""
    with _opened(data) as document:
        count = len(document)
        options.limits.check_frames(count)
        for n in range(count):
            with border(TYPE):
                page = document[n]
                drawn = page.render(scale=_scale(page.get_size(), target, options.limits)).to_pil()
                page.close()
            media = images.from_pillow(drawn, target, options)
            made = [change for change in media.changes if change != ANEW]
            yield attrs.evolve(media, changes=(f"page {n + 1} of {count} drawn", *made))


def first_page(data: bytes, side: int) -> tuple[bytes, int, int, int]:
    """Return the first page as a JPEG of at most *side* pixels a side, its size, and the number of pages."""
    with _opened(data) as document, border(TYPE):
        page = document[0]
        drawn = page.render(scale=min(_SCALE, side / max(*page.get_size(), 1.0))).to_pil().convert("RGB")
        page.close()
        out = BytesIO()
        drawn.save(out, "JPEG", quality=80)
        return out.getvalue(), drawn.width, drawn.height, len(document)


def _scale(size: tuple[float, float], target: Target, limits: Limits) -> float:
    """Return the pixels for each point, so that a page keeps the bounds of the target and of msgkit."""
    width, height = max(size[0], 1.0), max(size[1], 1.0)
    best = target.images.best_side
    side = min(limits.image_side, best.value if best else _SIDE)
    return min(_SCALE, side / max(width, height), sqrt(limits.image_pixels / (width * height)))


@contextmanager
def _opened(data: bytes) -> Iterator[Any]:
    with needing("pypdfium2", "pdf", "to read the pages of a PDF"):
        import pypdfium2
    with _lock:
        try:
            document = pypdfium2.PdfDocument(data)
        except pypdfium2.PdfiumError as error:
            if "password" in str(error).lower():
                raise MediaError("the PDF is encrypted: it needs a password", code="pdf-encrypted") from None
            raise MediaError("cannot be read as a PDF", code="media-invalid") from None
        try:
            yield document
        finally:
            document.close()
