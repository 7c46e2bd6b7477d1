"""Attacks on documents that are a ZIP archive of XML, each tried on a good one of every such format.

An attack is given a good document and the name of the part that holds its words, and makes of them a document that
must be refused.
"""

import random
import struct
from collections.abc import Callable
from functools import partial

from tests.engine.documents.office import cells, epub, odf, packed, pptx, shape, xlsx
from tests.reliability.hostile_making import MIB, WORD, Maker, archive, laughs, lying, members, word

_WORDS = f"a {WORD} in the window"
_CELL = f'<table:table-cell office:value-type="string"><text:p>{_WORDS}</text:p></table:table-cell>'
_FRAME = f"<draw:frame><draw:text-box><text:p>{_WORDS}</text:p></draw:text-box></draw:frame>"
# A good one of each format, and its part with the words; of a book that with its plan, for its chapters are HTML.
PACKAGES: dict[str, tuple[Maker, str]] = {
    "docx": (lambda: word(f"<w:p><w:r><w:t>{_WORDS}</w:t></w:r></w:p>"), "word/document.xml"),
    "pptx": (lambda: pptx([shape(_WORDS, "title")]), "ppt/slides/slide1.xml"),
    "xlsx": (lambda: xlsx({"a": cells(1, {"A": _WORDS})}), "xl/worksheets/sheet1.xml"),
    "ods": (
        lambda: odf(
            "spreadsheet", f'<table:table table:name="a"><table:table-row>{_CELL}</table:table-row></table:table>'
        ),
        "content.xml",
    ),
    "odt": (lambda: odf("text", f"<text:p>{_WORDS}</text:p>"), "content.xml"),
    "odp": (lambda: odf("presentation", f"<draw:page>{_FRAME}</draw:page>"), "content.xml"),
    "epub": (lambda: epub({f"{WORD}.xhtml": f"<p>{_WORDS}</p>"}), "OPS/book.opf"),
}
Attack = Callable[[bytes, str], bytes]


def _with(change: Callable[[str], str | bytes], raw: bytes, main: str) -> bytes:
    """The document with its main part changed, which then comes last."""
    parts = members(raw)
    return archive({**parts, main: change(parts.pop(main).decode())})


def _renumbered(to: Callable[[int], int], places: dict[bytes, int], raw: bytes, main: str) -> bytes:
    """Another number of two bytes in every entry: `places` tells where it stands after each entry's signature."""
    changed = bytearray(raw)
    for signature, place in places.items():
        found = changed.find(signature)
        while found >= 0:
            struct.pack_into("<H", changed, found + place, to(*struct.unpack_from("<H", changed, found + place)))
            found = changed.find(signature, found + 4)
    return bytes(changed)


def _declared(head: str, instead: str, text: str) -> str:
    """A document type before the first element, and what stands in the place of the words."""
    declaration, end, rest = text.rpartition("?>") if text.startswith("<?xml") else ("", "", text)
    return declaration + end + head + rest.replace(WORD, instead)


_LOCAL, _CENTRAL = b"PK\x03\x04", b"PK\x01\x02"
BYTES: dict[str, Attack] = {
    "nothing": lambda raw, main: b"",
    "zip of nothing": lambda raw, main: archive({}),
    "another zip": lambda raw, main: archive({"a.txt": b"x"}),
    "half": lambda raw, main: raw[: len(raw) // 2],
    "head only": lambda raw, main: raw[:40],
    "no end": lambda raw, main: raw[:-30],
    "noise": lambda raw, main: raw[:4] + random.Random(len(raw)).randbytes(9000),
    "zeros": lambda raw, main: bytes(5000),
    "old office": lambda raw, main: bytes.fromhex("d0cf11e0a1b11ae1") + bytes(5000),
    "locked": partial(_renumbered, lambda flags: flags | 1, {_LOCAL: 6, _CENTRAL: 8}),
    "unknown packing": partial(_renumbered, lambda way: 99, {_LOCAL: 8, _CENTRAL: 10}),
    "another sum": lambda raw, main: lying(_with(str, raw, main), 16, 0x12345678),
    "liar about its size": lambda raw, main: lying(_with(lambda text: text + " " * (48 * MIB), raw, main), 24, 1000),
    "liar about its place": lambda raw, main: lying(_with(str, raw, main), 42, 0x7FFFFFFF),
    "many parts": lambda raw, main: archive({**members(raw), **{f"media/{n}": b"" for n in range(60_000)}}),
    "up and out": lambda raw, main: archive({f"../../{main}": members(raw)[main], "/etc/passwd": b"x"}),
    "bomb": partial(_with, lambda text: text.replace(">", ">" + " " * (180 * MIB), 1)),
    "broken": partial(_with, lambda text: text[: len(text) // 2]),
    "half a character": partial(_with, lambda text: text.replace(WORD, "&#xD800;")),
    "deep": partial(_with, lambda text: text.replace(_WORDS, "<b>" * 200_000)),
    "laughs": partial(_with, partial(_declared, laughs(), "&i;")),
    "late laughs": partial(_with, partial(_declared, f"<!--{'x' * 9000}-->" + laughs(), "&i;")),
    "utf-16 laughs": partial(_with, lambda text: _declared(laughs(), "&i;", text.partition("?>")[2]).encode("utf-16")),
    "file from outside": partial(
        _with, partial(_declared, '<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]>', "&x;")
    ),
    "host from outside": partial(_with, partial(_declared, '<!DOCTYPE w SYSTEM "http://127.0.0.1:9/x.dtd">', "&x;")),
    "parameter entity": partial(
        _with, partial(_declared, '<!DOCTYPE w [<!ENTITY % p SYSTEM "//host/share/x"> %p;]>', "&x;")
    ),
}


def attacks() -> dict[str, Maker]:
    """Every attack on every format, by the name of the file that comes of it."""
    return {
        f"{name}.{ending}": partial(_attacked, attack, make, main)
        for ending, (make, main) in PACKAGES.items()
        for name, attack in BYTES.items()
        if (name, ending) != ("deep", "epub")  # its plan holds no words; see "deep chapter.epub"
    }


def _attacked(attack: Attack, make: Maker, main: str) -> bytes:
    return attack(make(), main)


# --- of one format only -------------------------------------------------------------------------------------


def _far(cell: str) -> bytes:
    return xlsx({"a": cells(1, {"A": "x"}) + f'<row r="1048576"><c r="{cell}"><v>1</v></c></row>'})


def _shared(length: int, times: int) -> bytes:
    """A sheet whose cells all show the same long text, which stands in the file once."""
    parts = members(xlsx({"a": ""}))
    space = parts["xl/worksheets/sheet1.xml"].decode().partition(">")[0] + ">"
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, times + 1))
    relation = (
        '<Relationship Id="s" Target="sharedStrings.xml" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"/></Relationships>'
    )
    relations = parts["xl/_rels/workbook.xml.rels"].decode().replace("</Relationships>", relation)
    strings = space.replace("worksheet", "sst") + f"<si><t>{'word ' * (length // 5)}</t></si></sst>"
    sheet = f"{space}<sheetData>{rows}</sheetData></worksheet>"
    return packed(
        {
            **parts,
            "xl/_rels/workbook.xml.rels": relations,
            "xl/sharedStrings.xml": strings,
            "xl/worksheets/sheet1.xml": sheet,
        }
    )


def repeated(rows: int, columns: int) -> bytes:
    """A sheet with one cell, which says that it stands in so many rows and columns."""
    cell = _CELL.replace("<table:table-cell", f'<table:table-cell table:number-columns-repeated="{columns}"')
    row = f'<table:table-row table:number-rows-repeated="{rows}">{cell}</table:table-row>'
    return odf("spreadsheet", f'<table:table table:name="a">{row}</table:table>')


MORE: dict[str, Maker] = {
    "bomb of tags.docx": lambda: word("<w:p/>" * 20_000_000),
    "bomb of one letter.docx": lambda: word("<w:p><w:r><w:t>" + "x" * (150 * MIB) + "</w:t></w:r></w:p>"),
    "wide.docx": lambda: word("".join(f"<w:tc><w:p><w:r><w:t>{n}</w:t></w:r></w:p></w:tc>" for n in range(800_000))),
    "attributes.docx": lambda: word("<w:p " + " ".join(f'a{n}="1"' for n in range(400_000)) + "/>"),
    "no words.docx": lambda: word(""),
    "no words.pptx": lambda: pptx([""]),
    "no slides.pptx": lambda: pptx([]),
    "one slide without end.pptx": lambda: _one_slide(30_000),
    "missing slides.pptx": lambda: archive(
        {name: raw for name, raw in members(pptx([shape(_WORDS)])).items() if "slides/" not in name}
    ),
    "no words.xlsx": lambda: xlsx({"a": ""}),
    "far apart.xlsx": lambda: _far("XFD1048576"),
    "a column too far.xlsx": lambda: _far("ZZZZZZ1048576"),
    "a row too far.xlsx": lambda: xlsx({"a": cells(1, {"A": "x"}) + '<row r="4294967295"><c r="CV4294967295"/></row>'}),
    "shared text without end.xlsx": lambda: _shared(32_000, 200_000),
    "repeated rows and columns.ods": lambda: repeated(1 << 20, 1 << 14),
    "repeated rows.ods": lambda: repeated(1 << 30, 1),
    "no words.ods": lambda: odf("spreadsheet", ""),
    "no words.odt": lambda: odf("text", ""),
    "no words.odp": lambda: odf("presentation", "<draw:page/>"),
    "locked by its manifest.odt": lambda: odf("text", "", "<manifest:encryption-data/>"),
    "spaces without end.odt": lambda: odf("text", '<text:s text:c="99"/>' * 700_000),
    "no plan.epub": lambda: archive({**members(epub({})), "META-INF/container.xml": b"<container/>"}),
    "plan of itself.epub": lambda: archive({
        name: raw.replace(b"OPS/book.opf", b"META-INF/container.xml") for name, raw in members(epub({})).items()
    }),
    "no chapters.epub": lambda: epub({}),
    "locked by its shop.epub": lambda: epub({"a": _WORDS}, more={
        "META-INF/encryption.xml": '<encryption><EncryptionMethod Algorithm="http://ns.adobe.com/adept/x"/></encryption>'
    }),
    "deep chapter.epub": lambda: epub({"a": "<div>" * 400_000}),
}  # fmt: skip


def _one_slide(times: int) -> bytes:
    """A presentation that shows the same slide again and again."""
    parts = members(pptx([shape("word " * 300)]))
    entry = '<p:sldId id="257" r:id="rId1"/>'
    text = parts["ppt/presentation.xml"].decode()
    return packed({**parts, "ppt/presentation.xml": text.replace(entry, entry * times)})
