"""PDF: the text of each page, the picture of a page, and the boxes of a span of its text.

A span of a page's text leads back to places on the page by pdfium's numbers of its characters;
see `pdf_text`.
"""

import ctypes
import struct
import zlib
from collections.abc import Iterator
from contextlib import closing
from functools import partial

import pypdfium2
import pypdfium2.raw as pdfium

from engine.errors import DocumentDamaged, DocumentTooLarge, NotFound
from engine.formats import PlaceKind
from engine.worker.reader.file import File
from engine.worker.reader.limits import MOST_PAGES
from engine.worker.reader.pdf_picture import grey, has_text, shows_picture
from engine.worker.reader.pdf_text import characters
from engine.worker.reader.unit import Place, Unit

MOST_PIXELS = 40_000_000
Box = tuple[float, float, float, float]
# A page with one letter in a font that is not embedded. Format: ISO 32000-1, without a table of references.
_LETTER = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Resources<</Font<</F 4 0 R>>>>/Contents 5 0 R>>endobj
4 0 obj<</Type/Font/Subtype/TrueType/BaseFont/Helvetica>>endobj
5 0 obj<</Length 19>>stream
BT /F 9 Tf (a) Tj ET
endstream endobj
trailer<</Root 1 0 R>>
"""


def warm_up() -> None:
    """Have pdfium look through the system's fonts, which takes it longer than reading a page, and is done once."""
    list(read(File("a letter", raw=_LETTER)))


def read(file: File) -> Iterator[Unit]:
    """The text of each page, in order."""
    with closing(_opened(file)) as document:
        count = len(document)
        if count > MOST_PAGES:
            why = f"it has {count:,} pages and the most is {MOST_PAGES:,}"
            raise DocumentTooLarge(path=file.name, why=why)
        for index in range(count):
            written, place = _written(document, file, index), (Place(0, PlaceKind.PAGE, index + 1),)
            if has_text(written):
                yield Unit(written, place)
                continue
            with closing(_page(document, file, index)) as page:
                yield Unit(written, place, picture=partial(grey, page) if shows_picture(page) else None)


def draw(file: File, number: int, width: int, start: int, end: int) -> tuple[bytes, int, int, tuple[Box, ...]]:
    """Page `number` as PNG `width` pixels wide, its size, and the boxes of text[start:end] in pixels."""
    with closing(_opened(file)) as document:
        if not 1 <= number <= len(document):
            raise NotFound(what="page", which=number)
        with closing(_page(document, file, number - 1)) as page:
            points_wide, points_high = page.get_size()
            scale = width / max(points_wide, 1.0)
            scale = min(scale, (MOST_PIXELS / max(points_wide * points_high, 1.0)) ** 0.5)
            bitmap = page.render(scale=scale, rev_byteorder=True, prefer_bgrx=False, draw_annots=True)
            with closing(bitmap):
                png = _png(bytes(bitmap.buffer), bitmap.width, bitmap.height, bitmap.stride, bitmap.n_channels)
                size = bitmap.width, bitmap.height
            with closing(page.get_textpage()) as text:
                boxes = _boxes(page, text, start, end, size)
    return png, *size, boxes


# Its own affairs.


def _opened(file: File) -> pypdfium2.PdfDocument:
    try:
        document = pypdfium2.PdfDocument(file.path or file.raw)
    except pypdfium2.PdfiumError as error:
        if error.err_code in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY):
            why = "it is protected by a password"
        else:
            why = "it is broken"
        raise DocumentDamaged(path=file.name, kind="PDF", why=why) from error
    return document


def _page(document: pypdfium2.PdfDocument, file: File, index: int) -> pypdfium2.PdfPage:
    try:
        return document[index]
    except pypdfium2.PdfiumError as error:
        raise DocumentDamaged(path=file.name, kind="PDF", why=f"page {index + 1} is broken") from error


def _written(document: pypdfium2.PdfDocument, file: File, index: int) -> str:
    """The text of a page, without the helpers, which take as long as a small page."""
    page = pdfium.FPDF_LoadPage(document.raw, index)
    if not page:
        raise DocumentDamaged(path=file.name, kind="PDF", why=f"page {index + 1} is broken")
    try:
        text = pdfium.FPDFText_LoadPage(page)
        if not text:
            raise DocumentDamaged(path=file.name, kind="PDF", why=f"the text of page {index + 1} is broken")
        try:
            return characters(text)[0]
        finally:
            pdfium.FPDFText_ClosePage(text)
    finally:
        pdfium.FPDF_ClosePage(page)


def _boxes(
    page: pypdfium2.PdfPage, text: pypdfium2.PdfTextPage, start: int, end: int, size: tuple[int, int]
) -> tuple[Box, ...]:
    """The boxes of a span on the drawn page; pdfium gives one for each stretch of a line."""
    _, numbers = characters(text.raw)
    chosen = numbers[max(start, 0) : end]
    if not chosen:
        return ()
    boxes = []
    for index in range(text.count_rects(chosen[0], chosen[-1] - chosen[0] + 1)):
        left, bottom, right, top = text.get_rect(index)
        corners = [_on_picture(page, size, x, y) for x, y in ((left, top), (right, bottom))]
        xs, ys = sorted(x for x, _ in corners), sorted(y for _, y in corners)
        if xs[1] - xs[0] > 0.5 and ys[1] - ys[0] > 0.5:
            boxes.append((float(xs[0]), float(ys[0]), float(xs[1]), float(ys[1])))
    return tuple(boxes)


def _on_picture(page: pypdfium2.PdfPage, size: tuple[int, int], x: float, y: float) -> tuple[float, float]:
    """Where a point of the page lies on its picture, turned and cropped pages included.

    pdfium answers in whole pixels, so it is asked for a picture sixteen times as large.
    """
    across, down = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDF_PageToDevice(page, 0, 0, size[0] * 16, size[1] * 16, 0, x, y, across, down)
    return across.value / 16, down.value / 16


def _png(pixels: bytes, width: int, height: int, stride: int, channels: int) -> bytes:
    """Grey, RGB or RGBA pixels as PNG. Format: W3C Portable Network Graphics, filter type 0."""
    rows = b"".join(b"\x00" + pixels[y * stride : y * stride + width * channels] for y in range(height))
    colour = {1: 0, 3: 2, 4: 6}[channels]
    header = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 3)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks
    )
