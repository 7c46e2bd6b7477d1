"""Which files are read, and by which reader: the one table of formats, and the kinds of places in them.

The reader's process has the other half, from kind to reader. A folder or an archive is searched for
these names only; a file added by name must be one of them.
"""

import re
from enum import StrEnum
from pathlib import PurePath
from typing import NamedTuple

MIB = 1024**2
MOST_BYTES = 1024 * MIB  # of any kind
# Folders that nobody means when they add the folder they lie in, or an archive.
PASSED_BY = frozenset(
    {"node_modules", "__pycache__", "venv", "site-packages", "$RECYCLE.BIN", "System Volume Information", "__MACOSX"}
)


class Format(NamedTuple):
    """A kind of document: what it is called in a sentence, how its files' names end, and how large one may be.

    `names` are files known by their whole name.
    """

    called: str
    endings: tuple[str, ...]
    most_bytes: int = 20 * MIB
    names: tuple[str, ...] = ()


_CODE = re.findall(
    r"\S+",
    """ada adb ads asm awk bas bash bat c cc cfg clj cljs cmake cmd coffee conf cpp cs csh css cxx d dart diff el elm
    env erl ex exs f f90 fish for fs fsx gd glsl go gradle graphql groovy h hh hlsl hpp hrl hs hxx ini ipp java jl js
    json json5 jsonl jsx kt kts less lisp lua m make mjs mk ml mli mm nim nix nu pas patch php pl pm po pod pp pro
    properties proto ps1 psm1 py pyi pyw pyx qml r rb rkt rs s sass scala scm scss sh sol sql st sv svelte swift tcl tex
    tf thrift toml ts tsx v vb vhd vhdl vim vue wgsl xml xsd xsl xslt yaml yml zig zsh""",
)
_CODE_NAMES = (
    "makefile", "dockerfile", "containerfile", "rakefile", "gemfile", "vagrantfile", "jenkinsfile", "justfile",
)  # fmt: skip

FORMATS: dict[str, Format] = {
    "pdf": Format("PDF", (".pdf",), MOST_BYTES),
    "docx": Format("a Word document", (".docx", ".docm", ".dotx"), 256 * MIB),
    "pptx": Format("a PowerPoint presentation", (".pptx", ".pptm", ".ppsx"), 512 * MIB),
    "sheet": Format("a spreadsheet", (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"), 128 * MIB),
    "csv": Format("a table", (".csv", ".tsv", ".tab")),
    "odt": Format("an OpenDocument text", (".odt", ".ott"), 256 * MIB),
    "odp": Format("an OpenDocument presentation", (".odp", ".otp"), 512 * MIB),
    "epub": Format("an e-book", (".epub",), 512 * MIB),
    "rtf": Format("RTF", (".rtf",)),
    "html": Format("HTML", (".html", ".htm", ".xhtml")),
    "markdown": Format("Markdown", (".md", ".markdown")),
    "mail": Format("a mail", (".eml",), 128 * MIB),
    "mbox": Format("a mailbox", (".mbox", ".mbx"), MOST_BYTES),
    "picture": Format("a picture", (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".bmp"), 128 * MIB),
    "notebook": Format("a notebook", (".ipynb",), 64 * MIB),
    "text": Format("text", (".txt", ".text", ".log", ".rst", ".adoc", ".org", ".srt", ".vtt"),
                   names=("readme", "license", "licence", "copying", "changelog", "authors", "notice")),
    "code": Format("source code", tuple(f".{ending}" for ending in _CODE), names=_CODE_NAMES),
    "zip": Format("a ZIP archive", (".zip",), MOST_BYTES),
    "tar": Format("a TAR archive", (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz"), MOST_BYTES),
}  # fmt: skip
# Kinds that plain Python reads, some only where they are simple: no parser in another language sees their bytes then.
PLAIN = frozenset({"text", "code", "markdown", "csv", "notebook", "mail", "html", "docx"})
DRAWN = frozenset({"pdf", "picture"})  # kinds whose pages can be shown as they look
BY_OCR = frozenset({"picture"})  # kinds whose words only OCR reads
MOST_OCR_PIXELS = 12_000_000  # of a page as OCR sees it: A4 with 300 points to an inch has nine million
LEAST_OCR_PIXELS = 250_000  # of a picture that may be one of text, where it need not be: a logo has fewer
_ENDINGS = {ending: kind for kind, known in FORMATS.items() for ending in known.endings}
_NAMES = {name: kind for kind, known in FORMATS.items() for name in known.names}


class PlaceKind(StrEnum):
    """What a person calls a place in a document: "slide 3", "sheet Prices, A1:D40", "Costs › Heating"."""

    PAGE = "page"
    SLIDE = "slide"
    SHEET = "sheet"  # its label is the sheet's name and the cells
    CELLS = "cells"  # of a table without sheets
    CHAPTER = "chapter"
    MESSAGE = "message"
    CELL = "cell"  # of a notebook
    SECTION = "section"  # below a heading; its label is the path of headings
    FILE = "file"  # in an archive; its label is the file's path in there, and the place in that file


def kind_of(path: PurePath) -> str | None:
    """The kind of reader for a file of this name; None where there is none."""
    return kind_of_name(path.name)


def kind_of_name(name: str) -> str | None:
    """The same for the name alone, without the folder."""
    lower = name.lower()
    if known := _NAMES.get(lower):
        return known
    at = lower.rfind(".")
    if not 0 < at < len(lower) - 1:
        return None
    two = "".join(f".{part}" for part in lower.lstrip(".").split(".")[1:][-2:])
    return _ENDINGS.get(two) or _ENDINGS.get(lower[at:])


def is_passed_by(name: str) -> bool:
    """Whether a file or folder of this name is none that a person means: hidden, of a program, or left over."""
    return name in PASSED_BY or name.startswith((".", "~$"))
