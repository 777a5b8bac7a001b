"""The media type by the first bytes: a signature is evidence, an extension is none."""

from msgkit.headers.tables import FORMS, PREFIXES, SNIFFERS
from msgkit.headers.windows import BytesWindow, Window


def sniff(source: Window | bytes) -> str | None:
    """Return the media type of *source* by its signature."""
    window = BytesWindow(source) if isinstance(source, bytes) else source
    head = window.at(0, 16)
    for prefix, media_type in PREFIXES:
        if head.startswith(prefix):
            return media_type
    form = FORMS.get((head[:4], head[8:12]))
    if form is not None:
        return form
    for sniffer in SNIFFERS:
        media_type = sniffer(window, head) or ""
        if media_type:
            return media_type
    return None
