"""Documents that are meant to do harm, or were damaged on their way, and good ones to lie between them.

`write(folder, size)` writes them all: those that must each be refused with a reason, those of which something is read,
damaged copies of good ones, which may be read or refused, and those that must be read. All that are read hold the word
"lantern".
"""

import io
import os
import random
import socket
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from reportlab.pdfgen.canvas import Canvas

from tests.reliability.hostile_holders import HOLDERS, PARTLY
from tests.reliability.hostile_making import MIB, WORD, Maker, archive, deep_pages, members, page, pdf, shown, stream
from tests.reliability.hostile_packages import MORE, PACKAGES, attacks
from tests.reliability.row import Size

MUTANTS = {Size.CHANGE: 31, Size.NIGHT: 230}
ITSELF = b"/Resources<</XObject<</X 4 0 R>>>>"

_WORDS: dict[str, Maker] = {
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
    "deep states.pdf": lambda: page(stream(b"q " * 3_000_000)),
    "reference to itself.pdf": lambda: pdf(b"1 0 R"),
    "negative length.pdf": lambda: page(b"<</Length -5>>stream\nx\nendstream"),
    "huge page.pdf": lambda: page(stream(b""), extra=b"/UserUnit 1e30"),
    "bad table.pdf": lambda: page(stream(b""))[:-40] + b"startxref\n99999999999999999999\n%%EOF",
    "locked.pdf": lambda: _locked_pdf(),
    "table round in a circle.pdf": lambda: page(stream(b"")).replace(b"/Root", b"/Prev 15/Root")[:-22] + b"15\n%%EOF",
    "contents of contents.pdf": lambda: page(b"[4 0 R 4 0 R]"),
    "half.pdf": lambda: page(stream(random.Random(5).randbytes(9000)))[:4000],
    "font of itself.pdf": lambda: page(stream(b"")).replace(b"<</Type/Font", b"<</Type/Font/DescendantFonts[5 0 R]"),
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
REFUSED: dict[str, Maker] = {**_WORDS, **attacks(), **MORE, **HOLDERS}
EXAMPLES = (
    "noise.pdf", "loop of pages.pdf", "a hundred million pages.pdf", "flate bomb.pdf", "chain of filters.pdf",
    "deep arrays.pdf", "bad table.pdf", "locked.pdf", "deep.html", "binary.html", "large.md", "program.md", "noise.txt",
    "controls.txt", "half of utf-16.txt", "zeros.txt",
    "late laughs.docx", "utf-16 laughs.docx", "file from outside.docx", "bomb.docx", "liar about its size.docx",
    "deep.docx", "half a character.docx", "many parts.docx", "up and out.docx", "laughs.pptx", "locked.pptx",
    "missing slides.pptx", "laughs.xlsx", "far apart.xlsx", "repeated rows and columns.ods", "laughs.odt", "deep.odp",
    "laughs.epub", "plan of itself.epub", "locked by its shop.epub",
    "locked.zip", "deep.zip", "overlapping.zip", "liar.zip", "claims eight gigabytes.tar", "only links.tar",
    "noise.tar.xz", "a name without end.tar", "words.eml", "deep.eml", "one mail without end.mbox", "deep.ipynb",
    "outputs that are none.ipynb", "a number without end.ipynb", "blank.csv", "a skip of nothing.rtf",
    "a sign that is none.rtf", "a picture without end.rtf", "a picture.pdf", "rich text.eml", "a photograph.html",
)  # fmt: skip
GIGABYTES = {
    "a gigabyte.txt": b"word ", "a gigabyte.pdf": b"", "a gigabyte with a head.pdf": b"%PDF-1.7\n",
    "a gigabyte.zip": b"PK\x03\x04", "a gigabyte.mbox": b"From a\nSubject: x\n\n", "a gigabyte.tar": b"x",
    "a gigabyte.tar.gz": b"\x1f\x8b\x08",
}  # fmt: skip
LINKS = {
    "zeros without end.txt": "/dev/zero", "round.txt": "round.txt", "kernel.txt": "/proc/kmsg", "gone.txt": "nowhere",
    "nothing at all.txt": "/dev/null", "full.txt": "/dev/full", "itself.txt": "/proc/self/mem", "secrets.txt":
    "/proc/self/environ", "one.txt": "other.txt", "other.txt": "one.txt",
}  # fmt: skip
PARTLY_EXAMPLES = (
    "one bomb in it.zip", "one locked in it.zip", "one deep in it.zip", "links.tar", "a program attached.eml",
    "one mail that is none.mbox", "outputs without end.ipynb", "chapters round in a circle.epub",
    "a slide missing.pptx",
)  # fmt: skip

JAPANESE = "山の上の小さな家には、古いランプがあります。"
GOOD: dict[str, Maker] = {
    "good.pdf": lambda: page(stream(shown(f"a {WORD} in the window"))),
    "good unpacked.pdf": lambda: page(stream(shown(f"a {WORD} in the window"), times=0)),
    "good stored.docx": lambda: archive(members(PACKAGES["docx"][0]()), zipfile.ZIP_STORED),
    "good.html": lambda: f"<title>a page</title><p>a {WORD} in the window".encode(),
    "good declared.html": lambda: f'<meta charset="shift_jis"><p>{WORD} {JAPANESE}'.encode("cp932"),
    "good.md": lambda: f"# a {WORD}\n\nin the window".encode(),
    "good.txt": lambda: f"a {WORD} in the window".encode(),
    "good with a nul.txt": lambda: f"a {WORD} in the window ".encode() * 90 + b"\0",
    "good.rtf": lambda: f"{{\\rtf1 a {WORD}}}".encode(),
    "good.csv": lambda: f"a,{WORD}\n".encode(),
    "good.py": lambda: f"print('{WORD}')".encode(),
    "good.eml": lambda: f"Subject: a {WORD}\n\nin the window\n".encode(),
    "good.mbox": lambda: f"From a\nSubject: a {WORD}\n\nin the window\n".encode(),
    "good.ipynb": lambda: f'{{"cells": [{{"source": "a {WORD}"}}]}}'.encode(),
    "good.zip": lambda: archive({"papers/a.txt": f"a {WORD}"}),
    **{f"good.{ending}": make for ending, (make, _) in PACKAGES.items()},
}
for coding, mark in (
    ("utf-8", "\ufeff"), ("utf-8", ""), ("utf-16-le", "\ufeff"), ("utf-16-be", "\ufeff"), ("utf-16-le", ""),
    ("utf-16-be", ""), ("utf-32-le", "\ufeff"), ("utf-32-be", "\ufeff"), ("utf-32-le", ""), ("utf-32-be", ""),
    ("cp932", ""), ("euc_jp", ""),
):  # fmt: skip
    told = f"{mark}{WORD} {JAPANESE * 5}".encode(coding)
    GOOD[f"good {coding}{' with a mark' if mark else ''}.txt"] = partial(bytes, told)


class Written(NamedTuple):
    """What must be read, must be refused, must be read in part with what is told of the rest, and may be either."""

    good: list[Path]
    refused: list[Path]
    partly: dict[Path, str]
    mutants: list[Path]


def write(folder: Path, size: Size) -> Written:
    """Write all of them, over night many more."""
    folder.mkdir()
    night = size is Size.NIGHT
    hostile = refused(folder, tuple(REFUSED) if night else EXAMPLES)
    return Written(
        good=good(folder),
        refused=hostile + gigabytes(folder, tuple(GIGABYTES) if night else ("a gigabyte.txt",)),
        partly=partly(folder, tuple(PARTLY) if night else PARTLY_EXAMPLES),
        mutants=mutants(folder, MUTANTS[size]),
    )


def good(folder: Path) -> list[Path]:
    """Write the good ones."""
    return [_written(folder / name, make()) for name, make in GOOD.items()]


def refused(folder: Path, names: tuple[str, ...] = tuple(REFUSED)) -> list[Path]:
    """Write those that must be refused; special files beside them where the system has them."""
    return [*(_written(folder / name, REFUSED[name]()) for name in names), *_special(folder)]


def gigabytes(folder: Path, names: tuple[str, ...] = tuple(GIGABYTES)) -> list[Path]:
    """Write files of a gigabyte that take no room, which must be refused, too."""
    paths = [_written(folder / name, GIGABYTES[name]) for name in names]
    for path in paths:
        os.truncate(path, 1 << 30)
    return paths


def partly(folder: Path, names: tuple[str, ...] = tuple(PARTLY)) -> dict[Path, str]:
    """Write those of which something is read, each with what is told of the rest, "" where nothing is amiss."""
    return {_written(folder / name, PARTLY[name][0]()): PARTLY[name][1] for name in names}


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
    """Links, pipes, sockets and devices where the system has them."""
    if not hasattr(os, "mkfifo"):
        return
    for name, to in LINKS.items():
        (folder / name).symlink_to(to)
        yield folder / name
    os.mkfifo(folder / "pipe.txt")
    yield folder / "pipe.txt"
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(folder / "s.txt"))
    yield folder / "s.txt"


def _locked_pdf() -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, encrypt="a password")
    canvas.drawString(50, 500, WORD)
    canvas.save()
    return out.getvalue()


def _written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path
