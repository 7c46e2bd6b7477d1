"""How hostile documents are put together: PDFs object by object, archives that lie about themselves, XML bombs."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
WORD = "lantern"
MIB = 1 << 20
Maker = Callable[[], bytes]


def word(
    body: str, *, head: str = "", more: dict[str, bytes] | None = None, method: int = zipfile.ZIP_DEFLATED
) -> bytes:
    """A Word file with `body` as the XML of its body."""
    xml = f'<?xml version="1.0" encoding="UTF-8"?>{head}<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>'
    return archive({"[Content_Types].xml": b"<Types/>", "word/document.xml": xml.encode(), **(more or {})}, method)


def archive(members: Mapping[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return out.getvalue()


def members(raw: bytes) -> dict[str, bytes]:
    """What a ZIP file holds."""
    with zipfile.ZipFile(io.BytesIO(raw)) as held:
        return {name: held.read(name) for name in held.namelist()}


def pdf(*objects: bytes, root: int = 1) -> bytes:
    """A PDF of numbered objects, with a true table of where they are."""
    out, places = bytearray(b"%PDF-1.5\n"), []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return bytes(out + b"trailer<</Size %d/Root %d 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, root, table))


def stream(content: bytes, *, filters: bytes = b"/FlateDecode", times: int = 1) -> bytes:
    """A stream object, packed `times` times over."""
    for _ in range(times):
        content = zlib.compress(content, 9)
    named = b"[" + filters * times + b"]" if times else b"[]"
    return b"<</Length %d/Filter%s>>stream\n%s\nendstream" % (len(content), named, content)


def page(contents: bytes, *, pages: bytes = b"<</Type/Pages/Kids[3 0 R]/Count 1>>", extra: bytes = b"") -> bytes:
    """A PDF of one page with this stream object as its contents."""
    font = b"/Resources<</Font<</F 5 0 R>>>>"
    one = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/Contents 4 0 R%s%s>>" % (font, extra)
    face = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
    return pdf(b"<</Type/Catalog/Pages 2 0 R>>", pages, one, contents, face)


def shown(text: str) -> bytes:
    """The page content that sets `text`."""
    return b"BT /F 12 Tf 20 200 Td (%s) Tj ET" % text.encode("latin-1")


def laughs(levels: int = 9) -> str:
    """Entities within entities, ten times more at each level."""
    names = "abcdefghijklm"[:levels]
    inner = (f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip(names, names[1:], strict=False))
    return f'<!DOCTYPE w [<!ENTITY a "ha">{"".join(inner)}]>'


def lying(raw: bytes, at: int, value: int) -> bytes:
    """The archive with another number in the last entry of its directory."""
    entry = raw.rindex(b"PK\x01\x02") + at
    return raw[:entry] + struct.pack("<I", value) + raw[entry + 4 :]


def deep_pages(levels: int) -> bytes:
    """A tree of pages, each the only child of the one before, with no leaf."""
    nodes = [b"<</Type/Pages/Kids[%d 0 R]/Count 1/Parent %d 0 R>>" % (n + 1, n - 1) for n in range(2, levels + 2)]
    return pdf(b"<</Type/Catalog/Pages 2 0 R>>", *nodes)
