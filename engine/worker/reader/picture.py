"""Taking in a picture: decoded within limits, set upright, scaled down and written anew.

What comes out holds pixels and nothing else of the file: no place, no camera, no name, no hidden text. The first
picture of an animation stands for it; what shines through lies on white.
"""

import io
from collections.abc import Iterator

from PIL import Image, ImageOps, UnidentifiedImageError

from engine.errors import PictureNotUsable

# Pillow's names of the formats that are read: those that people have, without the ones that are containers of others.
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
MOST_PIXELS = 40_000_000
MOST_JPEG_PIXELS = 200_000_000  # these are scaled down while they are decoded
MOST_EDGE = 1536  # more than most models take in
MOST_RATIO = 64  # of the longer edge to the shorter one
THUMBNAIL_EDGE = 320
Image.MAX_IMAGE_PIXELS = MOST_JPEG_PIXELS  # Pillow's own guard: twice as many are an error before a file is looked into
PNG_BYTES = 1 << 20  # exact up to this size: screens and drawings
MOST_BYTES = 1536 << 10  # a prompt of many pictures has to fit one line of the wire
QUALITIES = (90, 80, 65, 45, 25)


def taken(raw: bytes) -> tuple[str, bytes, int, int, bytes]:
    """The kind, bytes, width and height of the new picture, and its thumbnail. Raises `PictureNotUsable`."""
    try:
        with Image.open(io.BytesIO(raw), formats=FORMATS) as image:
            _check(image)
            image.draft("RGB", (MOST_EDGE, MOST_EDGE))  # a JPEG is decoded at no more than twice this
            image.load()
            shown = _upright(image)
    except UnidentifiedImageError as error:
        raise _refused("it is none that Hanare knows; PNG, JPEG, WebP, GIF and BMP are read") from error
    except Image.DecompressionBombError as error:
        raise _refused("it has far too many pixels") from error
    except MemoryError:
        raise
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, TypeError, KeyError, ArithmeticError) as error:
        raise _refused("it is damaged") from error
    small = shown.copy()
    small.thumbnail((THUMBNAIL_EDGE, THUMBNAIL_EDGE), Image.Resampling.LANCZOS)
    kind, data = _written(shown, PNG_BYTES)
    return kind, data, shown.width, shown.height, _written(small, PNG_BYTES // 16)[1]


def _check(image: Image.Image) -> None:
    """Before a pixel is decoded."""
    pixels = image.width * image.height
    if pixels > (MOST_JPEG_PIXELS if image.format == "JPEG" else MOST_PIXELS):
        raise _refused(f"it has {pixels / 1e6:.0f} million pixels")
    short, long = sorted((image.width, image.height))
    if not short or long / short > MOST_RATIO:
        raise _refused("it is far too narrow")


def _upright(image: Image.Image) -> Image.Image:
    """In red, green and blue, as its file says it is to be held, and no larger than is wanted."""
    seen = _in_colours(image)
    seen.thumbnail((MOST_EDGE, MOST_EDGE), Image.Resampling.LANCZOS)
    return _laid_on_white(ImageOps.exif_transpose(seen))


def on_white(image: Image.Image) -> Image.Image:
    """In red, green and blue, as large as it is; what shines through lies on white."""
    return _laid_on_white(_in_colours(image))


def _in_colours(image: Image.Image) -> Image.Image:
    if image.mode.startswith(("I", "F")):  # sixteen bits of grey
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    return image.convert("RGBA") if image.has_transparency_data else image.convert("RGB")


def _laid_on_white(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image
    ground = Image.new("RGBA", image.size, "white")
    ground.alpha_composite(image)
    return ground.convert("RGB")


def _written(image: Image.Image, png_bytes: int) -> tuple[str, bytes]:
    """The picture as a file of ours: exact where that is small enough."""
    for kind, data in _tries(image):
        if len(data) <= (png_bytes if kind == "png" else MOST_BYTES):
            return kind, data
    raise _refused("it cannot be made small enough")


def _tries(image: Image.Image) -> Iterator[tuple[str, bytes]]:
    yield "png", _bytes(image, "PNG", optimize=False)
    for quality in QUALITIES:
        yield "jpeg", _bytes(image, "JPEG", quality=quality)


def _bytes(image: Image.Image, form: str, **how: int) -> bytes:
    file = io.BytesIO()
    clean = Image.frombytes("RGB", image.size, image.tobytes())  # with nothing that came along
    clean.save(file, form, **how)
    return file.getvalue()


def _refused(why: str) -> PictureNotUsable:
    return PictureNotUsable(picture="The picture", why=why)
