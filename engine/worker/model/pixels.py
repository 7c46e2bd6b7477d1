"""The pixels of a picture that was taken in: our own PNG or JPEG, made by the reader's process and by nobody else."""

import base64
import binascii
import hashlib
import io
from dataclasses import dataclass

from PIL import Image, ImageFile

from engine.errors import PictureNotUsable

KINDS = ("PNG", "JPEG")
MOST_PIXELS = 4096 * 4096  # far more than is ever taken in


@dataclass(frozen=True, slots=True)
class Pixels:
    """Rows of red, green and blue, one byte each. `data` None: only the size is known."""

    width: int
    height: int
    data: bytes | None = None


def pixels(digest: str, told: str) -> Pixels:
    """Decode one picture, given as base64. Raises `PictureNotUsable` for what is not the picture of that digest."""
    try:
        raw = base64.b64decode(told, validate=True)
        if hashlib.sha256(raw).hexdigest() != digest:
            raise ValueError("another picture")
        ImageFile.LOAD_TRUNCATED_IMAGES = False
        with Image.open(io.BytesIO(raw), formats=KINDS) as image:
            if not 0 < image.width * image.height <= MOST_PIXELS:
                raise ValueError("too large")
            shown = image.convert("RGB")
        return Pixels(shown.width, shown.height, shown.tobytes())
    except (OSError, ValueError, SyntaxError, binascii.Error, Image.DecompressionBombError) as error:
        raise PictureNotUsable(picture="A picture of this chat", why="it is not what was taken in") from error
