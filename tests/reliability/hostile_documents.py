"""Documents that are meant to do harm, or were damaged on their way, and good ones to lie between them.

`refused(folder)` writes those that must each be refused with a reason, `mutants(folder, ...)` damaged copies of
good ones, which may be read or refused, and `good(folder)` those that must be read, each holding the word "lantern".
"""

import io
import os
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
WORD = "lantern"
Maker = Callable[[], bytes]


def word(
    body: str, *, head: str = "", more: dict[str, bytes] | None = None, method: int = zipfile.ZIP_DEFLATED
) -> bytes:
    """A Word file with `body` as the XML of its body."""
    xml = f'<?xml version="1.0" encoding="UTF-8"?>{head}<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>'
    return archive({"[Content_Types].xml": b"<Types/>", "word/document.xml": xml.encode(), **(more or {})}, method)


def archive(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return out.getvalue()


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


ITSELF = b"/Resources<</XObject<</X 4 0 R>>>>"
PARAGRAPH = "<w:p><w:r><w:t>{}</w:t></w:r></w:p>"
MIB = 1 << 20

REFUSED: dict[str, Maker] = {
    # PDF
    "nothing.pdf": lambda: b"",
    "head only.pdf": lambda: b"%PDF-1.7\n",
    "noise.pdf": lambda: b"%PDF-1.7\n" + random.Random(1).randbytes(90_000),
    "zeros.pdf": lambda: bytes(5000),
    "not one.pdf": lambda: b"hello " * 900,
    "no pages.pdf": lambda: pdf(b"<</Type/Catalog>>"),
    "loop of pages.pdf": lambda: pdf(
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R]/Count 99999999>>"
    ),
    "a hundred million pages.pdf": lambda: page(
        stream(b""), pages=b"<</Type/Pages/Kids[3 0 R]/Count 99999999>>"
    ),
    "many blank pages.pdf": lambda: pdf(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[" + b" ".join(b"%d 0 R" % n for n in range(3, 30_003)) + b"]/Count 30000>>",
        *[b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"] * 30_000,
    ),
    "deep tree of pages.pdf": lambda: deep_pages(20_000),
    "flate bomb.pdf": lambda: page(stream(b" " * (600 * MIB))),
    "double flate bomb.pdf": lambda: page(stream(b" " * (900 * MIB), times=2)),
    "chain of filters.pdf": lambda: page(stream(b"x", times=200)),
    "endless form.pdf": lambda: page(
        b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]%s/Length 5>>stream\n/X Do\nendstream" % ITSELF, extra=ITSELF
    ),
    "deep arrays.pdf": lambda: pdf(b"<</Type/Catalog/Pages " + b"[" * 200_000 + b"]" * 200_000 + b">>"),
    "one slow page again and again.pdf": lambda: page(
        stream(b"BT /F 9 Tf " + b"".join(b"1 0 0 1 %d %d Tm (a)Tj " % (n % 997, n % 991) for n in range(900_000))),
        pages=b"<</Type/Pages/Kids[" + b"3 0 R " * 36 + b"]/Count 36>>",
    ),
    "deep states.pdf": lambda: page(stream(b"q " * 3_000_000)),
    "reference to itself.pdf": lambda: pdf(b"1 0 R"),
    "negative length.pdf": lambda: page(b"<</Length -5>>stream\nx\nendstream"),
    "huge page.pdf": lambda: page(stream(b""), extra=b"/UserUnit 1e30"),
    "bad table.pdf": lambda: page(stream(b""))[:-40] + b"startxref\n99999999999999999999\n%%EOF",
    # Word
    "nothing.docx": lambda: b"",
    "zip of nothing.docx": lambda: archive({}),
    "no words.docx": lambda: word(""),
    "another zip.docx": lambda: archive({"a.txt": b"x"}),
    "half.docx": lambda: word(PARAGRAPH.format("x") * 900)[:-60],
    "noise.docx": lambda: b"PK\x03\x04" + random.Random(2).randbytes(9000),
    "old office.docx": lambda: bytes.fromhex("d0cf11e0a1b11ae1") + bytes(5000),
    "laughs.docx": lambda: word(PARAGRAPH.format("&i;"), head=laughs()),
    "late laughs.docx": lambda: word(PARAGRAPH.format("&i;"), head="<!--" + "x" * 9000 + "-->" + laughs()),
    "utf-16 laughs.docx": lambda: archive({
        "word/document.xml": f'<?xml version="1.0"?>{laughs()}<w:p xmlns:w="{W}">&i;</w:p>'.encode("utf-16")
    }),
    "file from outside.docx": lambda: word(
        PARAGRAPH.format("&x;"), head='<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    ),
    "host from outside.docx": lambda: word(
        PARAGRAPH.format("x"), head='<!DOCTYPE w SYSTEM "http://127.0.0.1:9/x.dtd">'
    ),
    "parameter entity.docx": lambda: word(
        PARAGRAPH.format("x"), head='<!DOCTYPE w [<!ENTITY % p SYSTEM "//host/share/x"> %p;]>'
    ),
    "bomb.docx": lambda: word(" " * (180 * MIB)),
    "bomb of tags.docx": lambda: word("<w:p/>" * 20_000_000),
    "bomb of one letter.docx": lambda: word(PARAGRAPH.format("x" * (150 * MIB))),
    "liar.docx": lambda: lying(word(" " * (48 * MIB)), 24, 1000),
    "liar about its place.docx": lambda: lying(word(PARAGRAPH.format("x")), 42, 0x7FFFFFFF),
    "wide.docx": lambda: word("".join(f"<w:tc><w:p><w:r><w:t>{n}</w:t></w:r></w:p></w:tc>" for n in range(800_000))),
    "deep.docx": lambda: word("<w:p>" * 200_000 + "</w:p>" * 200_000),
    "attributes.docx": lambda: word("<w:p " + " ".join(f'a{n}="1"' for n in range(400_000)) + "/>"),
    "broken.docx": lambda: word("<w:p>"),
    "half a character.docx": lambda: word(PARAGRAPH.format("&#xD800;")),
    "many parts.docx": lambda: word(PARAGRAPH.format("x"), more={f"word/media/{n}": b"" for n in range(100_000)}),
    "up and out.docx": lambda: archive({"../../word/document.xml": b"x", "/etc/passwd": b"x"}),
    # HTML, Markdown, text
    "nothing.html": lambda: b"",
    "only scripts.html": lambda: b"<script>" + b"x" * 9000 + b"</script>",
    "deep.html": lambda: b"<div>" * 1_000_000 + b"x",
    "deep tables.html": lambda: b"<table><tr><td>" * 300_000,
    "large.html": lambda: b"<p>word</p>" * 3_000_000,
    "binary.html": lambda: random.Random(3).randbytes(50_000),
    "picture.html": lambda: b"\x89PNG\r\n\x1a\n" + bytes(900),
    "nothing.md": lambda: b"",
    "blank.md": lambda: b"\n \n\t\n" * 900,
    "binary.md": lambda: bytes(range(256)) * 90,
    "program.md": lambda: b"\x7fELF" + bytes(900),
    "large.md": lambda: b"# word\n" * 4_000_000,
    "nothing.txt": lambda: b"",
    "zeros.txt": lambda: bytes(90_000),
    "noise.txt": lambda: random.Random(4).randbytes(90_000),
    "controls.txt": lambda: bytes(range(1, 32)) * 900,
    "only a mark.txt": lambda: b"\xff\xfe",
    "half of utf-16.txt": lambda: b"\xff\xfe" + b"\x00\xd8" * 900,
    "database.txt": lambda: b"SQLite format 3\0" + bytes(900),
    "archive.txt": lambda: archive({"a": b"x"}),
}  # fmt: skip
EXAMPLES = (
    "noise.pdf",
    "loop of pages.pdf",
    "a hundred million pages.pdf",
    "flate bomb.pdf",
    "chain of filters.pdf",
    "deep arrays.pdf",
    "bad table.pdf",
    "late laughs.docx",
    "utf-16 laughs.docx",
    "file from outside.docx",
    "bomb.docx",
    "liar.docx",
    "deep.docx",
    "half a character.docx",
    "many parts.docx",
    "up and out.docx",
    "deep.html",
    "binary.html",
    "large.md",
    "program.md",
    "noise.txt",
    "controls.txt",
    "half of utf-16.txt",
    "zeros.txt",
)  # fmt: skip - the few that are tried with every change

JAPANESE = "山の上の小さな家には、古いランプがあります。"
GOOD: dict[str, Maker] = {
    "good.pdf": lambda: page(stream(shown(f"a {WORD} in the window"))),
    "good unpacked.pdf": lambda: page(stream(shown(f"a {WORD} in the window"), times=0)),
    "good.docx": lambda: word(PARAGRAPH.format(f"a {WORD} in the window")),
    "good stored.docx": lambda: word(PARAGRAPH.format(f"a {WORD}"), method=zipfile.ZIP_STORED),
    "good.html": lambda: f"<title>a page</title><p>a {WORD} in the window".encode(),
    "good declared.html": lambda: f'<meta charset="shift_jis"><p>{WORD} {JAPANESE}'.encode("cp932"),
    "good.md": lambda: f"# a {WORD}\n\nin the window".encode(),
    "good.txt": lambda: f"a {WORD} in the window".encode(),
    "good with a nul.txt": lambda: f"a {WORD} in the window ".encode() * 90 + b"\0",
}
for coding, mark in (
    ("utf-8", "\ufeff"), ("utf-8", ""), ("utf-16-le", "\ufeff"), ("utf-16-be", "\ufeff"), ("utf-16-le", ""),
    ("utf-16-be", ""), ("utf-32-le", "\ufeff"), ("utf-32-be", "\ufeff"), ("utf-32-le", ""), ("utf-32-be", ""),
    ("cp932", ""), ("euc_jp", ""),
):  # fmt: skip
    told = f"{mark}{WORD} {JAPANESE * 5}".encode(coding)
    GOOD[f"good {coding}{' with a mark' if mark else ''}.txt"] = partial(bytes, told)


def good(folder: Path) -> list[Path]:
    """Write the good ones."""
    return [_written(folder / name, make()) for name, make in GOOD.items()]


def refused(folder: Path, names: tuple[str, ...] = tuple(REFUSED)) -> list[Path]:
    """Write those that must be refused; special files beside them where the system has them."""
    paths = [_written(folder / name, REFUSED[name]()) for name in names]
    return paths + list(_special(folder))


def mutants(folder: Path, count: int) -> list[Path]:
    """Write damaged copies of good ones: bytes changed, cut out, doubled."""
    chance, paths = random.Random(7), []
    for number in range(count):
        name = chance.choice(list(GOOD))
        raw = bytearray(GOOD[name]())
        for _ in range(chance.choice((1, 3, 30))):
            at, length = chance.randrange(len(raw) + 1), chance.choice((1, 2, 8, 40))
            raw[at : at + length] = chance.choice(
                (chance.randbytes(length), b"", raw[at : at + length] * 3, b"\xff" * 4)
            )
        paths.append(_written(folder / f"mutant {number} {name}", bytes(raw) or b"\0"))
    return paths


def _special(folder: Path) -> Iterator[Path]:
    if not hasattr(os, "mkfifo"):
        return
    for name, to in (("zeros without end.txt", "/dev/zero"), ("round.txt", "round.txt"), ("kernel.txt", "/proc/kmsg"),
                     ("gone.txt", "nowhere")):  # fmt: skip
        (folder / name).symlink_to(to)
        yield folder / name
    os.mkfifo(folder / "pipe.txt")
    yield folder / "pipe.txt"


def _written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path
