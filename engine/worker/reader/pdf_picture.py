"""A page of a PDF as OCR sees it, and whether it shows its text only as a picture: a scan, or a page saved as one."""

from contextlib import suppress
from itertools import islice

import pypdfium2
import pypdfium2.raw as pdfium

from engine.formats import LEAST_OCR_PIXELS, MOST_OCR_PIXELS
from engine.worker.reader.unit import Grey

OCR_DPI = 300  # what Tesseract's letters were learnt at
POINTS_PER_INCH = 72
MOST_LETTERS = 16  # of a page without text of its own: a number or a stamp may stand on it
MOST_LOOKED_AT = 5_000  # pictures on a page


def has_text(text: str) -> bool:
    """Whether a page with this text has more of it than a number or a stamp."""
    return len("".join(text.split())) > MOST_LETTERS


def shows_picture(page: pypdfium2.PdfPage) -> bool:
    """Whether a page shows pictures that are large enough to hold text."""
    pixels = 0
    with suppress(pypdfium2.PdfiumError):  # what cannot be measured will not be seen either
        for shown in islice(page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE]), MOST_LOOKED_AT):
            wide, high = shown.get_px_size()
            pixels += wide * high
    return pixels >= LEAST_OCR_PIXELS  # all together: a scan comes in strips too


def grey(page: pypdfium2.PdfPage) -> Grey:
    """The page with 300 points to an inch, or as many as a very large one may have."""
    wide, high = page.get_size()
    scale = min(OCR_DPI / POINTS_PER_INCH, (MOST_OCR_PIXELS / max(wide * high, 1.0)) ** 0.5 * 0.999)
    bitmap = page.render(scale=scale, grayscale=True, draw_annots=True)
    try:
        rows, raw = range(bitmap.height), bytes(bitmap.buffer)
        points = b"".join(raw[y * bitmap.stride : y * bitmap.stride + bitmap.width] for y in rows)
        return Grey(bitmap.width, bitmap.height, round(scale * POINTS_PER_INCH), points)
    finally:
        bitmap.close()
