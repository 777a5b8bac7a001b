"""What msgkit knows of one media type by its bytes and names: the entry at the foot of each type's file."""

from collections.abc import Callable

import attrs

from msgkit.headers.values import Header
from msgkit.headers.windows import Window


@attrs.frozen(kw_only=True)
class MediaType:
    """
    One media type.

    Args:
        name: The one name that msgkit uses: ``image/jpeg``.

        extensions: Of its files, with the dot; the first is the one that is written.

        aliases: Other names of the same type.

        audio_formats: Its short names in the field ``format`` beside audio data; the first is the one that is written.

        prefixes: What its files begin with.

        forms: Pairs of the first four bytes and the four at offset 8, of RIFF and its relatives.

        sniff: Called with the file and its first 16 bytes where neither tells; returns a media type or None.

        read: The reader of its header; None where there is none.
    """

    name: str = attrs.field(kw_only=False)
    extensions: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    audio_formats: tuple[str, ...] = ()
    prefixes: tuple[bytes, ...] = ()
    forms: tuple[tuple[bytes, bytes], ...] = ()
    sniff: Callable[[Window, bytes], str | None] | None = None
    read: Callable[[Window], Header] | None = None
