"""Whether a file is what its name says, from its first bytes and its size."""

import stat

from engine.errors import DocumentDamaged, DocumentEmpty, DocumentTooLarge, FileNotReadable
from engine.formats import FORMATS, MIB
from engine.worker.reader.file import File

# Source: the formats' own specifications; each is fixed at the beginning of the file.
_BEGINNINGS: tuple[tuple[bytes, str, frozenset[str]], ...] = (
    (b"%PDF-", "a PDF", frozenset({"pdf"})),
    (b"PK\x03\x04", "a ZIP archive", frozenset({"docx", "pptx", "sheet", "odt", "odp", "epub", "zip"})),
    (b"PK\x05\x06", "an empty ZIP archive", frozenset()),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an older Office file, or one with a password", frozenset({"sheet"})),
    (b"\x89PNG", "a PNG picture", frozenset({"picture"})),
    (b"\xff\xd8\xff", "a JPEG picture", frozenset({"picture"})),
    (b"GIF8", "a GIF picture", frozenset()),
    (b"\x1f\x8b", "a gzip archive", frozenset({"tar"})),
    (b"BZh", "a bzip2 archive", frozenset({"tar"})),
    (b"\xfd7zXZ\x00", "an xz archive", frozenset({"tar"})),
    (b"7z\xbc\xaf", "a 7-Zip archive", frozenset()),
    (b"Rar!", "a RAR archive", frozenset()),
    (b"\x7fELF", "a program", frozenset()),
    (b"MZ\x90", "a program", frozenset()),
    (b"SQLite format 3", "a database", frozenset()),
    (b"GGUF", "a model", frozenset()),
    (b"{\\rtf", "RTF", frozenset({"rtf"})),
)
_BEGUN = frozenset().union(*(kinds for _, _, kinds in _BEGINNINGS)) - {"tar", "picture"}  # some have no beginning
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
    called, most = FORMATS[kind].called, FORMATS[kind].most_bytes
    if size > most:
        raise DocumentTooLarge(path=file.name, why=f"it has {size / MIB:.0f} MiB and the most is {most // MIB} MiB")
    if kind == "pdf" and b"%PDF-" in head[:_PDF_WITHIN]:
        return
    for beginning, name, kinds in _BEGINNINGS:
        if head.startswith(beginning):
            if kind in kinds:
                return
            raise DocumentDamaged(path=file.name, kind=called, why=f"it is {name}")
    if kind in _BEGUN:
        why = "it does not begin like one" if any(head) else "it holds nothing but zeros"
        raise DocumentDamaged(path=file.name, kind=called, why=why)
