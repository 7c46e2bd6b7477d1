"""Make the sample documents that need a program: PDF, DOCX and HTML, from `packaging/samples/`.

    .venv/bin/python packaging/make_samples.py [FOLDER]

The sources are Markdown of the plainest kind: headings, paragraphs, lists, one kind of table, and
`<!-- page -->` where a new page begins. Running it twice gives the same bytes. The samples
that are plain text or Markdown live in `resources/samples/` as they are.
"""

import html
import re
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_LEFT
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.platypus import Flowable, PageBreak, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

HERE = Path(__file__).resolve().parent
SOURCES = HERE / "samples"
TARGET = HERE.parent / "resources" / "samples"
PAGE = (176 * mm, 250 * mm)  # B5, as a small book
PADDING = 6  # what reportlab leaves between a page's margin and its text, in points
INK, FAINT, LINE = "#22262b", "#6b7280", "#d5d9de"


@dataclass(frozen=True)
class Block:
    """One block of a source: `kind` is h1, h2, h3, p, ul, ol, table or page."""

    kind: str
    text: str = ""
    rows: list[list[str]] = field(default_factory=list)


def blocks(source: str) -> Iterator[Block]:
    """The blocks of a source, in order."""
    for piece in re.split(r"\n\s*\n", source.strip()):
        lines = piece.split("\n")
        heading = re.match(r"(#{1,3}) (.+)", piece)
        if piece == "<!-- page -->":
            yield Block("page")
        elif heading:
            yield Block(f"h{len(heading[1])}", heading[2])
        elif lines[0].startswith("- "):
            yield Block("ul", rows=[[line[2:]] for line in lines])
        elif re.match(r"\d+\. ", lines[0]):
            yield Block("ol", rows=[[line.split(". ", 1)[1]] for line in lines])
        elif lines[0].startswith("|"):
            cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
            yield Block("table", rows=[cells[0], *cells[2:]])
        else:
            yield Block("p", " ".join(lines))


# --- PDF ------------------------------------------------------------------------------------


def styles(japanese: bool) -> dict[str, ParagraphStyle]:
    """Paragraph styles; the Japanese fonts are the PDF standard's own and are not embedded."""
    body, bold = ("HeiseiMin-W3", "HeiseiKakuGo-W5") if japanese else ("Helvetica", "Helvetica-Bold")
    if japanese:
        registerFont(UnicodeCIDFont(body))
        registerFont(UnicodeCIDFont(bold))
    wrap = "CJK" if japanese else None

    def style(name: str, size: float, leading: float, font: str = body, **more: object) -> ParagraphStyle:
        return ParagraphStyle(
            name, fontName=font, fontSize=size, leading=leading, textColor=HexColor(INK), wordWrap=wrap,
            alignment=TA_LEFT, **more,
        )  # fmt: skip

    return {
        "h1": style("h1", 24, 30, bold, spaceAfter=14),
        "h2": style("h2", 16, 21, bold, spaceBefore=2, spaceAfter=8),
        "h3": style("h3", 12, 16, bold, spaceBefore=12, spaceAfter=4),
        "p": style("p", 10.5, 16.5 if japanese else 15.5, spaceAfter=7),
        "item": style(
            "item",
            10.5,
            16.5 if japanese else 15.5,
            leftIndent=16,
            bulletIndent=2,
            spaceAfter=3,
            bulletFontName="Helvetica",
        ),
        "cell": style("cell", 9.2, 12.5),
        "head": style("head", 9.2, 12.5, bold),
    }


def flowables(source: str, japanese: bool, width: float) -> Iterator[Flowable]:
    """What reportlab lays out for each block."""
    look = styles(japanese)
    for block in blocks(source):
        if block.kind == "page":
            yield PageBreak()
        elif block.kind in ("ul", "ol"):
            for number, (item,) in enumerate(block.rows, start=1):
                mark = "\u2022" if block.kind == "ul" else f"{number}."
                yield Paragraph(html.escape(item), look["item"], bulletText=mark)
            yield Spacer(1, 4)
        elif block.kind == "table":
            rows = [
                [Paragraph(html.escape(cell), look["head" if row == 0 else "cell"]) for cell in cells]
                for row, cells in enumerate(block.rows)
            ]
            table = Table(rows, colWidths=[width / len(rows[0])] * len(rows[0]))
            table.setStyle(
                TableStyle(
                    [
                        ("LINEBELOW", (0, 0), (-1, -1), 0.5, HexColor(LINE)),
                        ("VALIGN", (0, 0), (-1, -1), "TOP"),
                        ("LEFTPADDING", (0, 0), (0, -1), 0),
                    ]
                )
            )
            yield table
            yield Spacer(1, 8)
        else:
            yield Paragraph(html.escape(block.text), look[block.kind])


class Numbered(SimpleDocTemplate):
    """A document with its title and the page's number at the foot, drawn last so that it is read last."""

    foot_font = "Helvetica"

    def afterPage(self) -> None:
        canvas = self.canv
        canvas.setFont(self.foot_font, 8)
        canvas.setFillColor(HexColor(FAINT))
        canvas.drawString(self.leftMargin + PADDING, 12 * mm, self.title)
        canvas.drawRightString(PAGE[0] - self.rightMargin - PADDING, 12 * mm, str(self.page))


def write_pdf(source: str, target: Path, *, japanese: bool) -> None:
    """A PDF with one page for each part of the source, numbered at the foot."""
    title = next(block.text for block in blocks(source) if block.kind == "h1")
    document = Numbered(
        str(target), pagesize=PAGE, title=title, author="Hanare", invariant=1,
        leftMargin=20 * mm, rightMargin=20 * mm, topMargin=20 * mm, bottomMargin=22 * mm,
    )  # fmt: skip
    if japanese:
        document.foot_font = "HeiseiMin-W3"
    document.build(list(flowables(source, japanese, document.width - 2 * PADDING)))


# --- DOCX -----------------------------------------------------------------------------------

_TYPES = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">\
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>\
<Default Extension="xml" ContentType="application/xml"/>\
<Override PartName="/word/document.xml" \
ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>\
<Override PartName="/word/styles.xml" \
ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/></Types>"""
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONS = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">\
<Relationship Id="rId1" Type="{type}" Target="{target}"/></Relationships>"""
_WORDS = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def _run(text: str, *, bold: bool = False) -> str:
    look = "<w:rPr><w:b/></w:rPr>" if bold else ""
    return f'<w:r>{look}<w:t xml:space="preserve">{html.escape(text, quote=False)}</w:t></w:r>'


def _paragraph(text: str, style: str = "", *, bold: bool = False) -> str:
    named = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{named}{_run(text, bold=bold)}</w:p>"


def _table(rows: list[list[str]]) -> str:
    edges = "".join(
        f'<w:{edge} w:val="single" w:sz="4" w:color="D5D9DE"/>' for edge in ("top", "bottom", "insideH", "insideV")
    )
    grid = "".join("<w:gridCol/>" for _ in rows[0])
    body = "".join(
        "<w:tr>" + "".join(f"<w:tc>{_paragraph(cell, bold=number == 0)}</w:tc>" for cell in row) + "</w:tr>"
        for number, row in enumerate(rows)
    )
    return f"<w:tbl><w:tblPr><w:tblBorders>{edges}</w:tblBorders></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{body}</w:tbl>"


def _styles() -> str:
    def style(name: str, size: int, *, bold: bool) -> str:
        look = f'{"<w:b/>" if bold else ""}<w:sz w:val="{size}"/>'
        return (
            f'<w:style w:type="paragraph" w:styleId="{name.replace(" ", "")}"><w:name w:val="{name}"/>'
            f'<w:pPr><w:spacing w:before="120" w:after="120"/></w:pPr><w:rPr>{look}</w:rPr></w:style>'
        )

    every = (
        style("heading 1", 44, bold=True) + style("heading 2", 30, bold=True) + style("List Paragraph", 22, bold=False)
    )
    return f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<w:styles xmlns:w="{_WORDS}">{every}</w:styles>'


def write_docx(source: str, target: Path) -> None:
    """A Word document of the smallest valid kind (ECMA-376, transitional)."""
    body: list[str] = []
    for block in blocks(source):
        if block.kind == "table":
            body.append(_table(block.rows) + "<w:p/>")
        elif block.kind in ("ul", "ol"):
            for number, (item,) in enumerate(block.rows, start=1):
                mark = "\u2022" if block.kind == "ul" else f"{number}."
                body.append(_paragraph(f"{mark} {item}", "ListParagraph"))
        else:
            named = {"h1": "heading1", "h2": "heading2"}.get(block.kind, "")
            body.append(_paragraph(block.text, named))
    document = (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<w:document xmlns:w="{_WORDS}">'
        f"<w:body>{''.join(body)}<w:sectPr/></w:body></w:document>"
    )
    parts = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": _RELATIONS.format(type=f"{_OFFICE}/officeDocument", target="word/document.xml"),
        "word/_rels/document.xml.rels": _RELATIONS.format(type=f"{_OFFICE}/styles", target="styles.xml"),
        "word/document.xml": document,
        "word/styles.xml": _styles(),
    }
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name, date_time=(2026, 1, 1, 0, 0, 0)), text, zipfile.ZIP_DEFLATED)


# --- HTML -----------------------------------------------------------------------------------


def write_html(source: str, target: Path) -> None:
    """A web page without scripts, pictures or anything fetched."""
    title = next(block.text for block in blocks(source) if block.kind == "h1")
    lines = [
        "<!DOCTYPE html>", '<html lang="en">', "<head>", '<meta charset="utf-8">',
        f"<title>{html.escape(title)}</title>",
        "<style>body { font: 1rem/1.6 sans-serif; max-width: 42rem; margin: 3rem auto; }",
        "table { border-collapse: collapse; }",
        "td, th { border-bottom: 1px solid #d5d9de; padding: .3rem .8rem; text-align: left; }</style>",
        "</head>", "<body>",
    ]  # fmt: skip
    for block in blocks(source):
        if block.kind == "table":
            lines.append("<table>")
            for number, row in enumerate(block.rows):
                tag = "td" if number else "th"
                lines.append("<tr>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in row) + "</tr>")
            lines.append("</table>")
        elif block.kind in ("ul", "ol"):
            items = (f"<li>{html.escape(item)}</li>" for (item,) in block.rows)
            lines += [f"<{block.kind}>", *items, f"</{block.kind}>"]
        else:
            lines.append(f"<{block.kind}>{html.escape(block.text, quote=False)}</{block.kind}>")
    lines += ["</body>", "</html>", ""]
    target.write_text("\n".join(lines), encoding="utf-8", newline="\n")


def main() -> None:
    """Write all samples into the folder named on the command line, else `resources/samples/`."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET
    folder.mkdir(parents=True, exist_ok=True)

    def source(name: str) -> str:
        return (SOURCES / name).read_text(encoding="utf-8")

    write_pdf(source("small-models-handbook.md"), folder / "small-models-handbook.pdf", japanese=False)
    write_pdf(source("離れの手引き.md"), folder / "離れの手引き.pdf", japanese=True)
    write_docx(source("choosing-a-model.md"), folder / "choosing-a-model.docx")
    write_html(source("quantization.md"), folder / "quantization.html")


if __name__ == "__main__":
    main()
