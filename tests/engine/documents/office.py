"""Office files, books and archives, made on the spot from the parts they consist of."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/{}/2006/main"
_ODF = "urn:oasis:names:tc:opendocument:xmlns:{}:1.0"
_ODF_SPACES = " ".join(
    f'xmlns:{short}="{_ODF.format(name)}"'
    for short, name in
    {"office": "office", "text": "text", "table": "table", "draw": "drawing", "presentation": "presentation"}.items()
)  # fmt: skip


def packed(members: Mapping[str, str | bytes]) -> bytes:
    """A ZIP file with these members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def _relations(targets: Mapping[str, str]) -> str:
    each = "".join(
        f'<Relationship Id="{name}" Type="{_OFFICE}/{target.rpartition("/")[2].rstrip("0123456789.xml")}" '
        f'Target="{target}"/>'
        for name, target in targets.items()
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{each}</Relationships>'


def shape(text: str, kind: str = "") -> str:
    """A shape of a slide with one paragraph a line; `kind` is its part on the slide."""
    paragraphs = "".join(f"<a:p><a:r><a:t>{escape(line)}</a:t></a:r></a:p>" for line in text.split("\n"))
    part = f'<p:nvPr><p:ph type="{kind}"/></p:nvPr>' if kind else "<p:nvPr/>"
    return f"<p:sp><p:nvSpPr>{part}</p:nvSpPr><p:txBody>{paragraphs}</p:txBody></p:sp>"


def pptx(slides: Sequence[str], notes: Mapping[int, str] = {}) -> bytes:
    """A presentation of slides, each the XML of its shapes; `notes` by the slide's number."""
    spaces = (
        f'xmlns:p="{_MAIN.format("presentationml")}" xmlns:a="{_MAIN.format("drawingml")}" xmlns:r="{_OFFICE}" '
        'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    )
    order = range(len(slides), 0, -1)  # the files' names say nothing about the order
    members: dict[str, str] = {
        "ppt/presentation.xml": f"<p:presentation {spaces}><p:sldIdLst>"
        + "".join(f'<p:sldId id="{256 + number}" r:id="rId{number}"/>' for number in range(1, len(slides) + 1))
        + "</p:sldIdLst></p:presentation>",
        "ppt/_rels/presentation.xml.rels": _relations(
            {f"rId{number}": f"slides/slide{file}.xml" for number, file in enumerate(order, start=1)}
        ),
    }
    for number, (file, body) in enumerate(zip(order, slides, strict=True), start=1):
        members[f"ppt/slides/slide{file}.xml"] = f"<p:sld {spaces}><p:cSld><p:spTree>{body}</p:spTree></p:cSld></p:sld>"
        if number in notes:
            members[f"ppt/slides/_rels/slide{file}.xml.rels"] = _relations(
                {"n": f"../notesSlides/notesSlide{file}.xml"}
            )
            tree = f"<p:cSld><p:spTree>{shape('7', 'sldNum')}{shape(notes[number], 'body')}</p:spTree></p:cSld>"
            members[f"ppt/notesSlides/notesSlide{file}.xml"] = f"<p:notes {spaces}>{tree}</p:notes>"
    return packed(members)


def xlsx(sheets: Mapping[str, str]) -> bytes:
    """A workbook; each sheet is the XML of its rows."""
    space = f'xmlns="{_MAIN.format("spreadsheetml")}"'
    listed = "".join(
        f'<sheet name="{escape(name)}" sheetId="{number}" r:id="rId{number}"/>'
        for number, name in enumerate(sheets, start=1)
    )
    members = {
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r" '
        f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {space} xmlns:r="{_OFFICE}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        + "".join(
            f'<Relationship Id="rId{number}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{number}.xml"/>'
            for number in range(1, len(sheets) + 1)
        )
        + "</Relationships>",
    }
    for number, rows in enumerate(sheets.values(), start=1):
        members[f"xl/worksheets/sheet{number}.xml"] = f"<worksheet {space}><sheetData>{rows}</sheetData></worksheet>"
    return packed(members)


def cells(number: int, values: Mapping[str, str | float]) -> str:
    """One row of a sheet, its values by the letters of their columns."""
    return f'<row r="{number}">' + "".join(
        f'<c r="{letters}{number}" t="inlineStr"><is><t>{escape(value)}</t></is></c>' if isinstance(value, str)
        else f'<c r="{letters}{number}"><v>{value}</v></c>'
        for letters, value in values.items()
    ) + "</row>"  # fmt: skip


def odf(kind: str, body: str, manifest: str = "") -> bytes:
    """An OpenDocument file: `kind` is text, presentation or spreadsheet, `body` the XML in it."""
    content = f"<office:document-content {_ODF_SPACES}><office:body><office:{kind}>{body}</office:{kind}></office:body>"
    listed = f'<manifest:manifest xmlns:manifest="{_ODF.format("manifest")}">{manifest}</manifest:manifest>'
    return packed(
        {
            "mimetype": f"application/vnd.oasis.opendocument.{kind}",
            "content.xml": f"{content}</office:document-content>",
            "META-INF/manifest.xml": listed,
        }
    )


def epub(chapters: Mapping[str, str], contents: str = "", more: Mapping[str, str] = {}) -> bytes:
    """A book of chapters, each the XHTML of its body by its file's name; `contents` are entries of an NCX."""
    items = "".join(f'<item id="{name}" href="text/{name}" media-type="x"/>' for name in chapters)
    spine = "".join(f'<itemref idref="{name}"/>' for name in chapters)
    ncx = '<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>' if contents else ""
    declared = '<!DOCTYPE ncx PUBLIC "-//NISO//DTD ncx 2005-1//EN" "http://www.daisy.org/z3986/2005/ncx-2005-1.dtd">'
    space = "http://www.daisy.org/z3986/2005/ncx/"
    return packed(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            '<rootfile full-path="OPS/book.opf"/></rootfiles></container>',
            "OPS/book.opf": f'<package xmlns="http://www.idpf.org/2007/opf"><manifest>{items}{ncx}</manifest>'
            f"<spine>{spine}</spine></package>",
            "OPS/toc.ncx": f'{declared}<ncx xmlns="{space}"><navMap>{contents}</navMap></ncx>',
            **{
                f"OPS/text/{name}": f'<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html><html '
                f'xmlns="http://www.w3.org/1999/xhtml"><body>{body}</body></html>'
                for name, body in chapters.items()
            },
            **more,
        }
    )
