"""What the media of a part cost where a request goes."""

from typing import Any

from msgkit import targets
from msgkit.media.constructors import media_of
from msgkit.model.parts import ImagePart
from msgkit.targets.tokens import audio_tokens, image_tokens


def tokens(part: Any, target: str, *, model: str | None = None) -> int | None:
    """
    Return the tokens that the media of *part* cost at *target*; None where it publishes no formula for them.

    Only the header is read. The formulas and their sources are in ``msgkit targets NAME``.

    Args:
        part: A part that holds an image or sound, or Media. How closely an image part is looked at counts.

        target: Where the request goes.

        model: The model's name, for a target whose models differ; the target's default formula when None.

    Raises:
        MediaError: If the part holds no media, or a broken header.

    >>> from msgkit import image
    >>> photo = image("examples/photos/cat.jpg", detail="high")
    >>> tokens(photo, "openai"), tokens(photo, "anthropic"), tokens(photo, "mistral")
    (765, 1049, None)
    """
    media = media_of(part)
    found = targets.get(target)
    if media.width is not None and media.height is not None:
        detail = part.image_url.detail if isinstance(part, ImagePart) else None
        return image_tokens(found, media.width, media.height, detail=detail, model=model)
    return None if media.duration is None else audio_tokens(found, media.duration)
