"""E-books in EPUB: the chapters in the order in which they are read.

Format: EPUB 3.3 (W3C), and the table of contents of EPUB 2.
"""

import posixpath
from collections.abc import Iterator
from urllib.parse import unquote

from engine.formats import PlaceKind
from engine.worker.reader.file import File
from engine.worker.reader.html import lines
from engine.worker.reader.package import Package, package
from engine.worker.reader.unit import Place, Unit, clipped, sections, units

CALLED = "an e-book"
_CONTAINER, _ENCRYPTION = "META-INF/container.xml", "META-INF/encryption.xml"
_FONTS = {b"http://www.idpf.org/2008/embedding", b"http://ns.adobe.com/pdf/enc#RC"}  # hide fonts, no words


def read(file: File) -> Iterator[Unit]:
    """One unit for each chapter with words, more for long ones."""
    with package(file, CALLED) as parts:
        _check_rights(parts)
        number = 0
        titles, chapters = _plan(parts)
        for name in chapters:
            text, headings = lines(parts.part(name), file.name, called=CALLED)
            if not text.strip():
                continue
            number += 1
            inner = sections(text, headings, PlaceKind.CHAPTER, number)
            title = titles.get(name) or (inner[0].label if inner else "")
            opening = [Place(0, PlaceKind.CHAPTER, number, title)] if not inner or inner[0].at else []
            yield from units(text, [*opening, *inner])


# Its own affairs.


def _check_rights(parts: Package) -> None:
    """Raises `DocumentDamaged` for a book whose words are locked."""
    if _ENCRYPTION not in parts.names:
        return
    for method in parts.xml(_ENCRYPTION).iter("{*}EncryptionMethod"):
        if (method.get("Algorithm") or "").encode() not in _FONTS:
            raise parts.damaged("it is locked by its shop (DRM)")


def _plan(parts: Package) -> tuple[dict[str, str], list[str]]:
    """The titles that the table of contents gives, by part, and the parts in the order in which they are read."""
    if _CONTAINER not in parts.names:
        raise parts.damaged("it is a ZIP archive without a book")
    root = parts.xml(_CONTAINER, may_declare=True).find(".//{*}rootfile")
    plan = "" if root is None else root.get("full-path", "")
    if plan not in parts.names:
        raise parts.damaged("it is a ZIP archive without a book")
    opf = parts.xml(plan, may_declare=True)
    items = {item.get("id", ""): item for item in opf.iter("{*}item")}
    chapters: dict[str, None] = {}  # each once, whatever the plan says: none is read round in a circle
    for entry in opf.iter("{*}itemref"):
        item = items.get(entry.get("idref", ""))
        name = "" if item is None else _beside(plan, item.get("href", ""))
        if name in parts.names:
            chapters[name] = None
    contents = [
        _beside(plan, item.get("href", "")) for item in items.values()
        if "nav" in item.get("properties", "").split() or item.get("media-type") == "application/x-dtbncx+xml"
    ]  # fmt: skip
    titles: dict[str, str] = {}
    for name in contents:
        if name in parts.names:
            titles |= {where: title for where, title in _titles(parts, name) if where not in titles}
    return titles, list(chapters)


def _titles(parts: Package, name: str) -> Iterator[tuple[str, str]]:
    """Where the entries of a table of contents lead, and what they say."""
    root = parts.xml(name, may_declare=True)
    for link in root.iter("{*}a"):
        yield _beside(name, link.get("href", "")), clipped("".join(map(str, link.itertext())))
    for point in root.iter("{*}navPoint"):
        label, content = point.find("{*}navLabel/{*}text"), point.find("{*}content")
        if label is not None and content is not None:
            yield _beside(name, content.get("src", "")), clipped(label.text or "")


def _beside(name: str, link: str) -> str:
    """The part that a link in another part leads to."""
    path = unquote(link.partition("#")[0])
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), path)) if path else ""
