"""PowerPoint presentations: the words of each slide, then its notes.

Format: ECMA-376 part 1, PresentationML and DrawingML.
"""

from collections.abc import Iterator

from lxml import etree

from engine.formats import PlaceKind
from engine.worker.reader.file import File
from engine.worker.reader.package import Package, package
from engine.worker.reader.unit import Place, Unit, clipped, units

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_SHOW = "ppt/presentation.xml"
_TITLES = {"title", "ctrTitle"}
_FURNITURE = {"sldNum", "dt", "ftr", "hdr"}  # the same on every slide


def read(file: File) -> Iterator[Unit]:
    """One unit for each slide."""
    with package(file, "a PowerPoint presentation") as parts:
        if _SHOW not in parts.names:
            raise parts.damaged("it is a ZIP archive without slides")
        slides = parts.relations(_SHOW)
        for number, entry in enumerate(parts.xml(_SHOW).iter(f"{_P}sldId"), start=1):
            name = slides.get(entry.get(f"{_R}id", ""), "")
            title, text = _slide(parts, name) if name in parts.names else ("", "")
            yield from units(text, [Place(0, PlaceKind.SLIDE, number, title)])


# Its own affairs.


def _slide(parts: Package, name: str) -> tuple[str, str]:
    """The title of a slide and all its words."""
    shapes = list(_shapes(parts.xml(name)))
    titles = [text for kind, text in shapes if kind in _TITLES]
    texts = [text for _, text in shapes]
    for other in parts.relations(name).values():
        if other.startswith("ppt/notesSlides/") and other in parts.names:
            texts += [text for kind, text in _shapes(parts.xml(other)) if kind == "body"]
    return clipped(" ".join(titles)), "\n\n".join(texts)


def _shapes(root: "etree._Element") -> Iterator[tuple[str, str]]:
    """Each shape's part on the slide ("title", "body", "" …) and its words."""
    for shape in root.iter(f"{_P}sp", f"{_P}graphicFrame"):
        if any(above.tag == _FALLBACK for above in shape.iterancestors()):
            continue
        role = shape.find(f".//{_P}nvPr/{_P}ph")
        kind = "" if role is None else role.get("type", "body")
        text = _rows(shape) if shape.tag == f"{_P}graphicFrame" else _paragraphs(shape)
        if kind not in _FURNITURE and text.strip():
            yield kind, text


def _rows(frame: "etree._Element") -> str:
    rows = ([_paragraphs(cell).replace("\n", " ") for cell in row.iter(f"{_A}tc")] for row in frame.iter(f"{_A}tr"))
    return "\n".join("\t".join(cells) for cells in rows)


def _paragraphs(within: "etree._Element") -> str:
    return "\n".join(_words(paragraph) for paragraph in within.iter(f"{_A}p")).strip()


def _words(paragraph: "etree._Element") -> str:
    pieces = []
    for element in paragraph.iter(f"{_A}t", f"{_A}br"):
        pieces.append("\n" if element.tag == f"{_A}br" else element.text or "")
    return "".join(pieces)
