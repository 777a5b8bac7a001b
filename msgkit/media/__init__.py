"""Media in and out: opening what a message refers to, storing what is taken out, making images and audio fit."""

from msgkit.media.options import Limits, Options

__all__ = ["Limits", "Options"]
