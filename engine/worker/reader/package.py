"""Documents that are a ZIP archive of XML: opened within limits, their parts parsed without reaching for anything.

What is unpacked has a limit, and what pretends to be small has too. Entities are how small files
grow, and reach for other files: the formats forbid them, and none is ever resolved.
"""

import errno
import posixpath
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from lxml import etree

from engine.errors import DocumentDamaged, DocumentTooLarge
from engine.worker.reader import xml_plain
from engine.worker.reader.file import File
from engine.worker.reader.steps import ReadAlone, Step, steps_of

MOST_XML_BYTES = 64 * 1024 * 1024
MOST_PLAIN_BYTES = 128 * 1024  # of a part that plain Python reads
MOST_PARTS = 20_000  # pictures and what belongs to them; a long book has some thousands
MOST_RATIO = 200  # real text shrinks 5 to 30 times
# What a directory that leads astray, or a part that is cut, can end in.
BROKEN = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, RuntimeError, KeyError, ValueError,
)  # fmt: skip
_SMALL_BYTES = 4 * 1024 * 1024


class Package:
    """The parts of one document; `called` is the kind of document in a sentence."""

    def __init__(self, file: File, called: str, archive: zipfile.ZipFile) -> None:
        self.file = file
        self._called = called
        self._archive = archive
        self.names = frozenset(archive.namelist())

    def part(self, name: str) -> bytes:
        """One part, unpacked. Raises `DocumentTooLarge`."""
        entry = self._archive.getinfo(name)
        check_ratio(self.file, entry)
        with self._archive.open(entry) as opened:
            return opened.read(MOST_XML_BYTES)

    def plain_steps(self, name: str) -> Iterator[Step]:
        """What is in one part, by plain Python. Raises `ReadAlone` where that does not do, and as `part`."""
        if self._archive.getinfo(name).file_size > MOST_PLAIN_BYTES:
            raise ReadAlone
        return xml_plain.steps(self.part(name))

    def steps(self, name: str) -> Iterator[Step]:
        """What is in one part."""
        return steps_of(self.xml(name))

    def stream(self, name: str) -> IO[bytes]:
        """One part, to be read piece by piece."""
        return self._archive.open(name)

    def check_all(self) -> None:
        """For a reader that unpacks by itself: raises `DocumentTooLarge` if any part would grow far too large."""
        for entry in self._archive.filelist:
            check_ratio(self.file, entry)

    def relations(self, name: str) -> dict[str, str]:
        """Where the relations of a part lead within the document, by their ids. Format: ECMA-376 part 2."""
        folder, _, own = name.rpartition("/")
        rels = f"{folder}/_rels/{own}.rels"
        if rels not in self.names:
            return {}
        found = {}
        for relation in self.xml(rels).iter("{*}Relationship"):
            target = relation.get("Target", "")
            inside = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
            if relation.get("TargetMode") != "External":
                found[relation.get("Id", "")] = posixpath.normpath(inside)
        return found

    def xml(self, name: str, *, may_declare: bool = False) -> "etree._Element":
        """The root of one part. `may_declare` for formats that name a document type; its entities stay unread."""
        raw = self.part(name)
        declares = self.damaged("it declares entities, which no document of its kind does")
        if not may_declare and b"<!DOCTYPE" in raw[:4096]:
            raise declares
        parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
        root = etree.fromstring(raw, parser)
        if not may_declare and getattr(root.getroottree().docinfo, "doctype", None):
            raise declares
        return root

    def damaged(self, why: str) -> DocumentDamaged:
        """The error that says what is wrong with it."""
        return DocumentDamaged(path=self.file.name, kind=self._called, why=why)


@contextmanager
def package(file: File, called: str) -> Iterator[Package]:
    """Open a document. Raises `DocumentDamaged`, `DocumentTooLarge`, also for what is found wrong while it is read."""
    try:
        with unpacking(file, called) as archive:
            yield Package(file, called, archive)
    except etree.XMLSyntaxError as error:
        raise file.damaged(called, "its text is broken") from error


@contextmanager
def unpacking(file: File, called: str) -> Iterator[zipfile.ZipFile]:
    """Open a ZIP archive. Raises as `package`."""
    try:
        with file.open() as opened, zipfile.ZipFile(opened) as archive:
            if len(archive.filelist) > MOST_PARTS:
                why = f"it has {len(archive.filelist):,} parts and the most is {MOST_PARTS:,}"
                raise DocumentTooLarge(path=file.name, why=why)
            yield archive
    except BROKEN as error:
        why = "it has a password" if "password" in str(error) else "the archive is broken"
        raise file.damaged(called, why) from error
    except OSError as error:
        if error.errno != errno.EINVAL:  # which is a place before the beginning, as a directory may name it
            raise
        raise file.damaged(called, "the archive is broken") from error


def check_ratio(file: File, entry: zipfile.ZipInfo) -> None:
    """Raises `DocumentTooLarge` for a part that would unpack to far more than it takes."""
    unpacked, packed = entry.file_size, max(entry.compress_size, 1)
    if unpacked > MOST_XML_BYTES or (unpacked > _SMALL_BYTES and unpacked / packed > MOST_RATIO):
        why = f"its text would unpack to {unpacked / 1024**2:.0f} MiB"
        raise DocumentTooLarge(path=file.name, why=why)
