"""Picture files as documents: the pages of a TIFF, any other as one page. Their text is a matter of OCR."""

import io
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image, ImageOps, UnidentifiedImageError

from engine.errors import NotFound
from engine.formats import FORMATS, LEAST_OCR_PIXELS, MOST_OCR_PIXELS, PlaceKind
from engine.worker.reader.file import File
from engine.worker.reader.limits import MOST_PAGES
from engine.worker.reader.picture import MOST_JPEG_PIXELS, MOST_PIXELS, MOST_RATIO, on_white
from engine.worker.reader.unit import Grey, Place, Unit

NAMES = ("PNG", "JPEG", "WEBP", "BMP", "TIFF")  # as Pillow calls them
MOST_DRAWN = 40_000_000
_DAMAGED = (OSError, ValueError, SyntaxError, EOFError, IndexError, TypeError, KeyError, ArithmeticError)
Box = tuple[float, float, float, float]


def read(file: File) -> Iterator[Unit]:
    """Each page, without text."""
    with _opened(file) as image:
        pages = min(getattr(image, "n_frames", 1), MOST_PAGES) if image.format == "TIFF" else 1
    for index in range(pages):

        def picture(index: int = index) -> Grey:
            return _grey(file, index)

        yield Unit("", (Place(0, PlaceKind.PAGE, index + 1),) if pages > 1 else (), picture=picture)


def may_hold_text(file: File) -> bool:
    """Whether a picture is large enough to be one of text; logos and signs are not. Raises `DocumentDamaged`."""
    with _opened(file) as image:
        return image.width * image.height >= LEAST_OCR_PIXELS


def draw(file: File, number: int, width: int, start: int, end: int) -> tuple[bytes, int, int, tuple[Box, ...]]:
    """Page `number` as PNG `width` points wide, and its size. There is no text whose boxes could be told."""
    image = _page(file, number - 1, "RGB")
    height = max(1, round(image.height * width / image.width))
    most = min(1.0, (MOST_DRAWN / (width * height)) ** 0.5)
    drawn = image.resize((max(1, int(width * most)), max(1, int(height * most))), Image.Resampling.LANCZOS)
    raw = io.BytesIO()
    drawn.save(raw, "PNG", compress_level=3)
    return raw.getvalue(), drawn.width, drawn.height, ()


# Its own affairs.


def _grey(file: File, index: int) -> Grey:
    image = _page(file, index, "L")
    if image.width * image.height > MOST_OCR_PIXELS:
        scale = (MOST_OCR_PIXELS / (image.width * image.height)) ** 0.5 * 0.999
        size = max(1, int(image.width * scale)), max(1, int(image.height * scale))
        image = image.resize(size, Image.Resampling.LANCZOS)
    return Grey(image.width, image.height, 0, image.tobytes())


def _page(file: File, index: int, mode: str) -> Image.Image:
    """One page, upright, what shines through on white. Raises `DocumentDamaged`, `NotFound`."""
    with _opened(file) as image:
        try:
            if index:
                image.seek(index)
        except EOFError as error:
            raise NotFound(what="page", which=index + 1) from error
        _check(file, image)
        return ImageOps.exif_transpose(on_white(image)).convert(mode)


@contextmanager
def _opened(file: File) -> Iterator[Image.Image]:
    called = FORMATS["picture"].called
    try:
        with file.open() as raw, Image.open(raw, formats=NAMES) as image:
            yield image
    except UnidentifiedImageError as error:
        raise file.damaged(called, "it is none that Hanare knows") from error
    except Image.DecompressionBombError as error:
        raise file.damaged(called, "it has far too many pixels") from error
    except _DAMAGED as error:
        raise file.damaged(called, "it is broken") from error


def _check(file: File, image: Image.Image) -> None:
    """Before a point is decoded."""
    called, pixels = FORMATS["picture"].called, image.width * image.height
    if pixels > (MOST_JPEG_PIXELS if image.format == "JPEG" else MOST_PIXELS):
        raise file.damaged(called, f"it has {pixels / 1e6:.0f} million pixels")
    short, long = sorted((image.width, image.height))
    if not short or long / short > MOST_RATIO:
        raise file.damaged(called, "it is far too narrow")
    if image.format == "JPEG":
        edge = int(MOST_OCR_PIXELS**0.5)
        image.draft("RGB", (edge, edge))  # a JPEG is decoded at no more than twice this
