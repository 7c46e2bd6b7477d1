"""Scans that never saw a scanner: text drawn as a picture, alone or as the page of a PDF."""

from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

WIDE, HIGH, MARGIN = 1240, 874, 80  # points of a page: A6 with 300 to an inch
DPI = 300


def page(lines: Sequence[str] = (), *, font: str = "", size: int = 40, corner: int = 255) -> Image.Image:
    """A page with these lines, in a font of the system by its file's name, or Pillow's own.

    `corner` is how light its top left is, from 0 to 255.
    """
    image = Image.new("L", (WIDE, HIGH), 255)
    drawing = ImageDraw.Draw(image)
    drawing.rectangle((0, 0, 40, 40), fill=corner)
    letters = ImageFont.truetype(font, size) if font else ImageFont.load_default(size)
    for number, line in enumerate(lines):
        drawing.text((MARGIN, MARGIN + number * size * 3 // 2), line, fill=0, font=letters)
    return image


def pdf(path: Path, pages: Sequence[Image.Image | str]) -> Path:
    """A PDF whose pages are these pictures, or hold a line of text of their own."""
    wide, high = WIDE * 72 / DPI, HIGH * 72 / DPI
    canvas = Canvas(str(path), pagesize=(wide, high))
    for shown in pages:
        if isinstance(shown, str):
            canvas.drawString(20, high / 2, shown)
        else:
            canvas.drawImage(ImageReader(shown), 0, 0, wide, high)
        canvas.showPage()
    canvas.save()
    return path
