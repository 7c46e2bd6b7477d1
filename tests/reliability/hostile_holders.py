"""Mails, archives, notebooks, tables and RTF that are meant to do harm, files under another format's name, and
documents of which something is read and the rest is told.
"""

import bz2
import gzip
import io
import json
import lzma
import random
import tarfile
import zipfile
from collections.abc import Iterable

from tests.engine.documents.office import epub, packed, pptx, shape
from tests.reliability.hostile_making import MIB, WORD, Maker, lying, members, page, pdf, shown, stream
from tests.reliability.hostile_packages import repeated

_WORDS = f"a {WORD} in the window"


# --- archives -----------------------------------------------------------------------------------------------


def _deep(levels: int, inner: bytes = b"x") -> bytes:
    raw = packed({"a.txt": inner})
    for _ in range(levels):
        raw = packed({"inner.zip": raw})
    return raw


def _wide(levels: int) -> bytes:
    """Archives in archives, sixteen in each: the old bomb, with text at the bottom."""
    raw = packed({f"{n}.txt": b"word " * 800_000 for n in range(4)})
    for _ in range(levels):
        raw = packed({f"{n}.zip": raw for n in range(16)})
    return raw


def _overlapping(times: int) -> bytes:
    """A directory that names one member again and again; the member shrinks as real text does."""
    chance = random.Random(9)
    text = "".join(chance.choice("abcdefgh ") for _ in range(3 * MIB)).encode()
    raw = packed({"a.txt": text})
    entry = raw[raw.index(b"PK\x01\x02") : raw.index(b"PK\x05\x06")]
    entries = entry * times
    start = raw.index(b"PK\x01\x02")
    end = bytearray(raw[raw.index(b"PK\x05\x06") :])
    end[8:12] = times.to_bytes(2, "little") * 2
    end[12:16] = len(entries).to_bytes(4, "little")
    return raw[:start] + entries + bytes(end)


def _locked() -> bytes:
    raw = bytearray(packed({"a.txt": "secret"}))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        raw[raw.index(mark) + at] |= 1
    return bytes(raw)


def _tar(*entries: tuple[tarfile.TarInfo, bytes], mode: str = "w") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode, format=tarfile.GNU_FORMAT) as archive:  # type: ignore[call-overload]
        for entry, raw in entries:
            archive.addfile(entry, io.BytesIO(raw))
    return out.getvalue()


def _member(
    name: str, raw: bytes = b"", *, kind: bytes = tarfile.REGTYPE, link: str = ""
) -> tuple[tarfile.TarInfo, bytes]:
    entry = tarfile.TarInfo(name)
    entry.size, entry.type, entry.linkname = len(raw), kind, link
    return entry, raw


def _claims(size: int, kind: bytes = tarfile.REGTYPE) -> bytes:
    """A member of a size that it does not have."""
    entry = tarfile.TarInfo("a.txt")
    entry.size, entry.type = size, kind
    return entry.tobuf() + bytes(4096)


def _links() -> list[tuple[tarfile.TarInfo, bytes]]:
    """Links round in a circle and out of the archive, a pipe and devices."""
    return [
        _member("a.txt", kind=tarfile.SYMTYPE, link="b.txt"), _member("b.txt", kind=tarfile.SYMTYPE, link="a.txt"),
        _member("c.txt", kind=tarfile.LNKTYPE, link="c.txt"), _member("d.txt", kind=tarfile.SYMTYPE, link="/etc/group"),
        _member("e.txt", kind=tarfile.LNKTYPE, link="../../../etc/passwd"), _member("f.txt", kind=tarfile.FIFOTYPE),
        _member("g.txt", kind=tarfile.CHRTYPE), _member("h.txt", kind=tarfile.BLKTYPE),
    ]  # fmt: skip


_ZEROS = bytes(64 * MIB)
ARCHIVES: dict[str, Maker] = {
    "nothing.zip": lambda: b"",
    "of nothing.zip": lambda: packed({}),
    "of pictures.zip": lambda: packed({"a.png": "x", "b.exe": "MZ"}),
    "of hidden files.zip": lambda: packed({"__MACOSX/a.txt": "x", ".b.txt": "x", "node_modules/c.md": "x"}),
    "half.zip": lambda: packed({"a.txt": random.Random(1).randbytes(9000)})[:4000],
    "noise.zip": lambda: b"PK\x03\x04" + random.Random(2).randbytes(9000),
    "locked.zip": _locked,
    "deep.zip": lambda: _deep(8),
    "very deep.zip": lambda: _deep(400),
    "wide and deep.zip": lambda: _wide(5),
    "overlapping.zip": lambda: _overlapping(5000),
    "bomb.zip": lambda: packed({"a.txt": b" " * (900 * MIB)}),
    "liar.zip": lambda: lying(packed({"a.txt": b" " * (48 * MIB)}), 24, 1000),
    "lying about its place.zip": lambda: lying(packed({"a.txt": "x"}), 42, 0x7FFFFFFF),
    "another sum.zip": lambda: lying(packed({"a.txt": "x"}), 16, 1),
    "many files.zip": lambda: packed({f"{n}.txt": b"" for n in range(60_000)}),
    "out of itself.zip": lambda: packed({"../../a.exe": "x", "/etc/passwd": "x", "c:\\a.sys": "x"}),
    "of bombs.zip": lambda: packed({"a.docx": packed({"word/document.xml": b" " * (90 * MIB)})}),
    "nothing.tar": lambda: b"",
    "zeros.tar": lambda: bytes(50_000),
    "words.tar": lambda: b"just words " * 900,
    "noise.tar": lambda: random.Random(3).randbytes(50_000),
    "half.tar": lambda: _tar(_member("a.exe", b"x" * 9000))[:700],
    "claims eight gigabytes.tar": lambda: _claims(8 << 30),
    "claims more than there is.tar": lambda: _claims(1 << 60),
    "a name without end.tar": lambda: _claims(1 << 33, tarfile.GNUTYPE_LONGNAME),
    "a long name.tar": lambda: _tar(_member("a" * (40 * MIB) + ".txt", b"")),
    "a head without end.tar": lambda: _claims(1 << 33, tarfile.XHDTYPE),
    "only links.tar": lambda: _tar(*_links()),
    "many members.tar": lambda: b"".join(tarfile.TarInfo(f"{n}.exe").tobuf() for n in range(60_000)) + bytes(1024),
    "deep.tar": lambda: _nested_tar(8),
    "bomb.tar.gz": lambda: _bomb("gz"),
    "bomb.tar.bz2": lambda: _bomb("bz2"),
    "bomb.tar.xz": lambda: _bomb("xz"),
    "half.tar.gz": lambda: gzip.compress(random.Random(4).randbytes(50_000))[:900],
    "half.tar.bz2": lambda: bz2.compress(random.Random(5).randbytes(50_000))[:900],
    "half.tar.xz": lambda: lzma.compress(random.Random(6).randbytes(50_000))[:900],
    "noise.tar.gz": lambda: b"\x1f\x8b\x08" + random.Random(7).randbytes(9000),
    "noise.tar.bz2": lambda: b"BZh9" + random.Random(8).randbytes(9000),
    "noise.tar.xz": lambda: b"\xfd7zXZ\x00" + random.Random(9).randbytes(9000),
    "packed again.tar.gz": lambda: gzip.compress(gzip.compress(_tar(_member("a.txt", b"x")))),
}  # fmt: skip


def _nested_tar(levels: int) -> bytes:
    raw = _tar(_member("a.txt", b"x"))
    for _ in range(levels):
        raw = _tar(_member("inner.tar", raw))
    return raw


def _bomb(way: str) -> bytes:
    """A member that nobody wants and that says it has three gigabytes: as many zeros as are packed in a few seconds."""
    entry = tarfile.TarInfo("a.bin")
    entry.size = 3 << 30
    out = io.BytesIO()
    with {"gz": gzip.open, "bz2": bz2.open, "xz": lzma.open}[way](out, "wb") as packer:
        packer.write(entry.tobuf())
        for _ in range(16 if way == "gz" else 6):
            packer.write(_ZEROS)
    return out.getvalue()


# --- mails --------------------------------------------------------------------------------------------------

_HEAD = b"From: ume@example.org\nSubject: an offer\n"


def _mixed(parts: Iterable[bytes]) -> bytes:
    body = b"".join(b"--x\n" + part + b"\n" for part in parts)
    return _HEAD + b'Content-Type: multipart/mixed; boundary="x"\n\n' + body + b"--x--\n"


def _attached(name: str, raw: bytes) -> bytes:
    return b'Content-Disposition: attachment; filename="' + name.encode() + b'"\n\n' + raw


def _deep_mail(levels: int) -> bytes:
    kind = b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n'
    return b"X: deep\n" + b"".join(kind % (n, n) for n in range(levels)) + b"\nthe end\n"


MAILS: dict[str, Maker] = {
    "nothing.eml": lambda: b"",
    "words.eml": lambda: b"\njust words\n",
    "noise.eml": lambda: random.Random(1).randbytes(9000),
    "zeros.eml": lambda: bytes(9000),
    "picture.eml": lambda: b"\x89PNG\r\n\x1a\n" + bytes(900),
    "no words.eml": lambda: b"X-Nothing: x\n\n\n",
    "deep.eml": lambda: _deep_mail(3000),
    "very deep.eml": lambda: _deep_mail(100_000),
    "mail in a mail in a mail.eml": lambda: b"Content-Type: message/rfc822\n\n" * 200 + b"X: y\n\nthe end\n",
    "a head without end.eml": lambda: b"X-" + b"a" * (100 * MIB) + b": b\n\n\n",
    "a file name without end.eml": lambda: _mixed([
        b"Content-Disposition: attachment" + b"".join(b";\n filename*%d=a" % n for n in range(400_000)) + b"\n\nx"
    ]),
    "nothing.mbox": lambda: b"",
    "words.mbox": lambda: b"just words\n" * 900,
    "noise.mbox": lambda: random.Random(2).randbytes(90_000),
    "one mail without end.mbox": lambda: b"From a\nSubject: x\n\n" + b"word \n" * (24 * MIB),
    "no words.mbox": lambda: b"From a\nX-Y: z\n\n\n" * 900,
    "picture.mbox": lambda: b"GIF89a" + bytes(900),
}  # fmt: skip

# --- notebooks, tables, RTF ---------------------------------------------------------------------------------


def _notebook(*cells: object) -> bytes:
    return json.dumps({"cells": cells}).encode()


NOTEBOOKS: dict[str, Maker] = {
    "nothing.ipynb": lambda: b"",
    "words.ipynb": lambda: b"just words",
    "a list.ipynb": lambda: b"[1, 2]",
    "half.ipynb": lambda: _notebook({"source": "x" * 900})[:-9],
    "deep.ipynb": lambda: b"[" * 2_000_000,
    "deep cells.ipynb": lambda: b'{"cells":' * 500_000,
    "no cells.ipynb": lambda: b"{}",
    "cells of nothing.ipynb": lambda: _notebook({}, {}, {}),
    "cells that are none.ipynb": lambda: _notebook(1, None, "x"),
    "cells of another kind.ipynb": lambda: b'{"cells": {"a": 1}}',
    "outputs that are none.ipynb": lambda: _notebook({"outputs": [1]}),
    "data that is none.ipynb": lambda: _notebook({"outputs": [{"data": 7}]}),
    "a number without end.ipynb": lambda: b'{"cells": [' + b"9" * 5_000_000 + b"]}",
    "half a character.ipynb": lambda: b'{"cells": [{"source": "\\ud800"}]}',
    "many names.ipynb": lambda: b"{" + b",".join(b'"%d":{}' % n for n in range(3_000_000)) + b"}",
    "too large.ipynb": lambda: b" " * (65 * MIB),
}
TABLES: dict[str, Maker] = {
    "nothing.csv": lambda: b"",
    "blank.csv": lambda: b",,,,\n" * 90_000,
    "binary.csv": lambda: random.Random(5).randbytes(90_000),
    "program.csv": lambda: b"\x7fELF" + bytes(900),
    "large.csv": lambda: b"word,word\n" * 2_200_000,
    "blank.tsv": lambda: b"\t\n" * 9000,
}
RICH: dict[str, Maker] = {
    "nothing.rtf": lambda: b"",
    "words.rtf": lambda: b"just words",
    "only a head.rtf": lambda: b"{\\rtf1",
    "no words.rtf": lambda: b"{\\rtf1{\\info{\\title x}}{\\pict 00}}",
    "a sign that is none.rtf": lambda: b"{\\rtf1 \\u9999999999 x}",
    "a skip of nothing.rtf": lambda: b"{\\rtf1 \\uc x}",
    "groups without end.rtf": lambda: b"{\\rtf1" + b"{" * 9_000_000,
    "ends without groups.rtf": lambda: b"{\\rtf1" + b"}" * 9_000_000,
    "fonts without end.rtf": lambda: b"{\\rtf1{\\fonttbl" + b"\\f1 " * 2_000_000 + b"}x}",
    "links without end.rtf": lambda: b"{\\rtf1 " + b"{\\field{\\*\\fldinst{HYPERLINK " * 400_000 + b"}",
    "a picture without end.rtf": lambda: b"{\\rtf1{\\pict\\bin99999999999999999999 x}}",
    "too large.rtf": lambda: b"{\\rtf1 " + b"word " * 5_000_000 + b"}",
}

# --- under another name -------------------------------------------------------------------------------------

_OTHERS: dict[str, Maker] = {
    "a picture": lambda: b"\x89PNG\r\n\x1a\n" + bytes(900),
    "a photograph": lambda: b"\xff\xd8\xff\xe0" + bytes(900),
    "a program": lambda: b"\x7fELF" + bytes(900),
    "a database": lambda: b"SQLite format 3\0" + bytes(900),
    "a model": lambda: b"GGUF" + bytes(900),
    "a 7-Zip archive": lambda: b"7z\xbc\xaf\x27\x1c" + bytes(900),
    "a RAR archive": lambda: b"Rar!\x1a\x07" + bytes(900),
    "a PDF": lambda: page(stream(shown(_WORDS))),
    "rich text": lambda: b"{\\rtf1 " + _WORDS.encode() + b"}",
}  # fmt: skip
_ENDINGS = ("docx", "pptx", "xlsx", "ods", "odt", "odp", "epub", "html", "md", "txt", "csv", "eml", "mbox", "ipynb",
            "py", "zip", "tar.gz", "rtf", "pdf")  # fmt: skip


def disguised() -> dict[str, Maker]:
    """Files that are something else than their names say, three kinds of them for each ending."""
    names = list(_OTHERS)
    found = {}
    for number, ending in enumerate(_ENDINGS):
        for step in range(3):
            name = names[(number + 3 * step) % len(names)]
            if (name, ending) not in (("a PDF", "pdf"), ("rich text", "rtf")):
                found[f"{name}.{ending}"] = _OTHERS[name]
    return found


HOLDERS: dict[str, Maker] = {**ARCHIVES, **MAILS, **NOTEBOOKS, **TABLES, **RICH, **disguised()}

# --- read in part, or in full though it looks like harm -----------------------------------------------------


def _many_pages(count: int) -> bytes:
    """The same words on every page."""
    kids = b" ".join(b"%d 0 R" % number for number in range(5, 5 + count))
    one = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/Contents 3 0 R/Resources<</Font<</F 4 0 R>>>>>>"
    return pdf(
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[" + kids + b"]/Count %d>>" % count,
        stream(shown(_WORDS)), b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>", *[one] * count,
    )  # fmt: skip


def _slow_pages(count: int) -> bytes:
    """The same page again and again, which takes a second to find that it shows a few words."""
    noise = b"".join(b"1 0 0 1 %d %d Tm (a)Tj " % (n % 997, n % 991) for n in range(900_000))
    kids = b"3 0 R " * count
    return page(
        stream(shown(_WORDS) + b"BT /F 9 Tf " + noise + b"ET"),
        pages=b"<</Type/Pages/Kids[" + kids + b"]/Count %d>>" % count,
    )


def _twice_named(times: int) -> bytes:
    """A book whose plan names the same two chapters again and again."""
    parts = members(epub({"a": f"<p>{_WORDS}</p>", "b": "<p>Nothing.</p>"}))
    entries = b'<itemref idref="a"/><itemref idref="b"/>'
    return packed({**parts, "OPS/book.opf": parts["OPS/book.opf"].replace(entries, entries * times)})


def _one_missing() -> bytes:
    parts = members(pptx([shape("Gone"), shape(_WORDS)]))
    return packed({name: raw for name, raw in parts.items() if name != "ppt/slides/slide2.xml"})


_GOOD = _WORDS.encode()
PARTLY: dict[str, tuple[Maker, str]] = {
    "one bomb in it.zip": (lambda: packed({"a.txt": _GOOD, "b.txt": b" " * (90 * MIB)}), "too large"),
    "one locked in it.zip": (lambda: packed({"a.txt": _GOOD, "b.zip": _locked()}), "password"),
    "one deep in it.zip": (lambda: packed({"a.txt": _GOOD, "b.zip": _deep(8)}), "too deep"),
    "one PDF in it that is none.zip": (lambda: packed({"a.txt": _GOOD, "b.pdf": b"x"}), "does not begin like one"),
    "a name twice.zip": (lambda: _name_twice(), ""),
    "out of itself and good.zip": (lambda: packed({"../../a.txt": _GOOD, "/etc/b.txt": _GOOD}), ""),
    "ten thousand files.zip": (lambda: packed({f"{n}.txt": _GOOD for n in range(10_000)}), "more than 5,000 files"),
    "links.tar": (lambda: _tar(*_links(), _member("z.txt", _GOOD)), ""),
    "one large in it.tar": (lambda: _tar(_member("a.txt", b" " * (30 * MIB)), _member("b.txt", _GOOD)), "too large"),
    "ten thousand parts.eml": (
        lambda: _mixed([b"\n" + _GOOD, *(_attached(f"{n}.txt", b"part %d" % n) for n in range(10_000))]),
        "more than 5,000 files",
    ),
    "a bomb attached.eml": (
        lambda: _mixed([b"\n" + _GOOD, _attached("a.docx", packed({"word/document.xml": " " * (9 * MIB)}))]),
        "too large",
    ),
    "a program attached.eml": (lambda: _mixed([b"\n" + _GOOD, _attached("a.pdf", b"\x7fELF")]), "a program"),
    "ten thousand mails.mbox": (
        lambda: b"".join(b"From a\nSubject: %d\n\n%b\n\n" % (n, _GOOD) for n in range(10_000)), "",
    ),
    "one mail that is none.mbox": (lambda: b"From a\n\nnothing\n\nFrom b\nX: y\n\n" + _GOOD + b"\n", "it has no head"),
    "outputs without end.ipynb": (
        lambda: _notebook({"source": _WORDS, "outputs": [{"text": "noise " * 5_000_000}]}), "",
    ),
    "a cell without end.csv": (lambda: b"a,b\n" + _GOOD + b',"' + b"word " * 400_000 + b'"\n', ""),
    "many columns.csv": (lambda: _GOOD + b",x" * 900_000 + b"\n", ""),
    "one slow page again and again.pdf": (lambda: _slow_pages(400), "only the beginning"),
    "ten thousand pages.pdf": (lambda: _many_pages(10_000), ""),
    "chapters round in a circle.epub": (lambda: _twice_named(10_000), ""),
    "a slide missing.pptx": (_one_missing, ""),
    "only quotes.csv": (lambda: _GOOD + b"," + b'"' * 3_000_001, ""),
    "repeated columns.ods": (lambda: repeated(1, 1 << 30), ""),
    "another code page.rtf": (lambda: b"{\\rtf1\\ansicpg99999 \\'ff " + _GOOD + b"}", ""),
    "a code cut short.eml": (lambda: _mixed([b"\n" + _GOOD, b"Content-Transfer-Encoding: base64\n\n" + b"A" * 5]), ""),
    "large.txt": (lambda: _GOOD + b"\n\n" + b"Nothing of it matters here. " * 100_000, ""),
}  # fmt: skip


def _name_twice() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", b"first")
        archive.writestr("b.txt", _GOOD)
    return out.getvalue().replace(b"b.txt", b"a.txt")
