"""
Make everything in this folder: ``python examples/make.py``.

Needs the extra ``audio`` (for numpy, av and lameenc) and the program espeak-ng.
Running msgkit on the examples needs no espeak-ng.
"""

import json
import time
from pathlib import Path

import pictures
import tones
from cat import cat
from faults import FAULTY
from histories import HISTORY
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

HERE = Path(__file__).parent


def photos(folder: Path) -> None:
    """Draw the pictures, each as another type; the lighthouse lies on its side, and its EXIF says so."""
    cat().save(folder / "cat.jpg", quality=84)
    pictures.harbour().save(folder / "harbour.webp", quality=80)
    pictures.paw().save(folder / "paw.png", optimize=True)
    pictures.receipt().quantize(16).save(folder / "receipt.tiff", compression="tiff_adobe_deflate")
    exif = Image.Exif()
    exif[Base.Orientation] = 6
    exif[Base.Artist] = "A. Keeper"
    exif.get_ifd(IFD.GPSInfo).update(
        {
            GPS.GPSLatitudeRef: "N",
            GPS.GPSLatitude: (54.0, 10.0, 55.0),
            GPS.GPSLongitudeRef: "E",
            GPS.GPSLongitude: (7.0, 53.0, 1.0),
        }
    )
    sideways = pictures.lighthouse().transpose(Image.Transpose.ROTATE_90)
    sideways.save(folder / "lighthouse.jpg", quality=82, exif=exif)


def sounds(folder: Path) -> None:
    """Speak and compute the sounds, each as another type."""
    (folder / "question.wav").write_bytes(tones.wav(tones.speak("What animal is this?", "en-gb")))
    (folder / "order.flac").write_bytes(tones.packed(tones.speak("One apple cake, please.", "en-us"), "flac", "flac"))
    (folder / "purr.ogg").write_bytes(tones.packed(tones.purr(3.2), "ogg", "libopus", 24_000))
    (folder / "bells.mp3").write_bytes(tones.mp3(tones.bells(3.0), 64))


def main() -> None:
    """Write the pictures, the sounds, the paper and the two histories."""
    for name in ("photos", "sounds", "files"):
        (HERE / name).mkdir(exist_ok=True)
    photos(HERE / "photos")
    sounds(HERE / "sounds")
    day = time.gmtime(0)  # the same bytes every time
    pictures.receipt().save(HERE / "files" / "receipt.pdf", title="Receipt", quality=60, creationDate=day, modDate=day)
    lines = [json.dumps(row, ensure_ascii=False) for row in HISTORY]
    (HERE / "history.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in FAULTY]
    (HERE / "faulty.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
