"""Whether a file is what its name says, from its first bytes and its size."""

import stat

from engine.errors import DocumentDamaged, DocumentEmpty, DocumentTooLarge, FileNotReadable
from engine.formats import FORMATS, MIB
from engine.worker.reader.file import File

# Source: the formats' own specifications; each is fixed at the beginning of the file.
_BEGINNINGS = (
    (b"%PDF-", "a PDF", "pdf"),
    (b"PK\x03\x04", "a ZIP archive", "docx"),
    (b"PK\x05\x06", "an empty ZIP archive", ""),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an older Office file, or one with a password", ""),
    (b"\x89PNG", "a PNG picture", ""),
    (b"\xff\xd8\xff", "a JPEG picture", ""),
    (b"GIF8", "a GIF picture", ""),
    (b"\x1f\x8b", "a gzip archive", ""),
    (b"7z\xbc\xaf", "a 7-Zip archive", ""),
    (b"Rar!", "a RAR archive", ""),
    (b"\x7fELF", "a program", ""),
    (b"MZ\x90", "a program", ""),
    (b"SQLite format 3", "a database", ""),
    (b"GGUF", "a model", ""),
    (b"{\\rtf", "RTF", ""),
)
_PDF_WITHIN = 1024  # readers of PDF accept this much before the header


def check_beginning(file: File, kind: str) -> None:
    """Raises `DocumentEmpty`, `DocumentTooLarge` or `DocumentDamaged` before a reader sees the file."""
    if file.path and not stat.S_ISREG(file.path.stat().st_mode):  # opening a pipe waits for ever
        raise FileNotReadable(path=file.name, why="it is no ordinary file")
    size = file.size_bytes
    head = b""
    if size:  # some files of the system say that they are empty, and reading them waits for ever
        with file.open() as opened:
            head = opened.read(4096)
    if not head:
        raise DocumentEmpty(path=file.name, why="the file is empty")
    called, _, most = FORMATS[kind]
    if size > most:
        raise DocumentTooLarge(path=file.name, why=f"it has {size / MIB:.0f} MiB and the most is {most // MIB} MiB")
    if kind == "pdf" and b"%PDF-" in head[:_PDF_WITHIN]:
        return
    for beginning, name, is_kind in _BEGINNINGS:
        if head.startswith(beginning):
            if kind == is_kind:
                return
            raise DocumentDamaged(path=file.name, kind=called, why=f"it is {name}")
    if kind in ("pdf", "docx"):
        why = "it does not begin like one" if any(head) else "it holds nothing but zeros"
        raise DocumentDamaged(path=file.name, kind=called, why=why)
