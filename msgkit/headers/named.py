"""Media types that are told by their signature and not read."""

from msgkit.headers.entry import MediaType

TYPES = (
    MediaType("application/pdf", extensions=(".pdf",), aliases=("application/x-pdf",), prefixes=(b"%PDF-",)),
    MediaType("image/vnd.adobe.photoshop", extensions=(".psd",), prefixes=(b"8BPS\0\x01",)),
    MediaType("image/x-icon", extensions=(".ico",), aliases=("image/vnd.microsoft.icon",), prefixes=(b"\0\0\x01\0",)),
    MediaType("image/jp2", extensions=(".jp2",), prefixes=(b"\0\0\0\x0cjP  \r\n\x87\n",)),
    MediaType("image/jxl", extensions=(".jxl",), prefixes=(b"\0\0\0\x0cJXL \r\n\x87\n",)),
)
