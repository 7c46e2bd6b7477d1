"""Real documents, made on the spot: PDF, Word and whatever is wrong with them."""

import zipfile
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def write_pdf(path: Path, pages: Sequence[Sequence[str]], *, password: str = "") -> Path:
    """A PDF with lines of text, one list a page; Japanese lines are set in a Japanese font."""
    pdfmetrics.registerFont(UnicodeCIDFont("HeiseiMin-W3"))
    canvas = Canvas(str(path), pagesize=(400, 600), encrypt=password or None)
    for lines in pages:
        for number, line in enumerate(lines):
            canvas.setFont("Helvetica" if line.isascii() else "HeiseiMin-W3", 12)
            canvas.drawString(50, 550 - 20 * number, line)
        canvas.showPage()
    canvas.save()
    return path


def write_docx(path: Path, body: str, *, head: str = "", styles: str = "") -> Path:
    """A Word file with `body` as the XML of its body and `styles` as that of its styles."""
    xml = f'<?xml version="1.0" encoding="UTF-8"?>{head}<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", xml)
        if styles:
            archive.writestr("word/styles.xml", f'<w:styles xmlns:w="{W}">{styles}</w:styles>')
    return path


def paragraph(text: str, properties: str = "") -> str:
    """One paragraph of a Word file."""
    return f'<w:p>{properties}<w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'
