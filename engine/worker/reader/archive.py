"""Archives: the files in them that can be read, each at its path in there.

Formats: ZIP (APPNOTE 6.3.10) and TAR (POSIX.1-2017, pax), plain or packed by gzip, bzip2 or xz.
Nothing is unpacked to a disk.
"""

import lzma
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import PurePosixPath

from engine.errors import DocumentTooLarge, EngineError
from engine.formats import FORMATS, MIB, PlaceKind, is_passed_by, kind_of
from engine.worker.reader.file import File
from engine.worker.reader.package import BROKEN, MOST_PARTS, MOST_RATIO, unpacking
from engine.worker.reader.text import decode
from engine.worker.reader.unit import Place, Unit, clipped
from engine.worker.reader.within import Within

MOST_TAR_BYTES = 4 * 1024 * MIB  # unpacked: all of it passes by, wanted or not
_SMALL_BYTES = 4 * MIB
_UTF8 = 0x800  # in a member's flags: its name is UTF-8
_ENCRYPTED = 0x1
_BROKEN_TAR = (*BROKEN, tarfile.TarError, lzma.LZMAError, OSError)


def read_zip(file: File, within: Within) -> Iterator[Unit]:
    """The files of a ZIP archive, in its order."""
    with unpacking(file, FORMATS["zip"].called) as archive:
        for entry in archive.filelist:
            name = _name(entry)
            kind = _wanted(name)
            if entry.is_dir() or not kind:
                continue
            try:
                raw = _unpacked(File(f"{file.name} › {name}"), kind, archive, entry)
            except EngineError as error:
                within.left_out(error)
            else:
                yield from within.inner(file, name, raw, Place(0, PlaceKind.FILE, label=clipped(name)))


def read_tar(file: File, within: Within) -> Iterator[Unit]:
    """The files of a TAR archive, in its order. Links and devices are passed over."""
    passed = count = 0
    try:
        with file.open() as opened, tarfile.open(fileobj=opened, mode="r|*") as archive:
            for entry in archive:
                passed += entry.size
                count += 1
                if count > MOST_PARTS or passed > MOST_TAR_BYTES:
                    raise DocumentTooLarge(path=file.name, why="too much is packed in it")
                kind = _wanted(entry.name)
                if not entry.isreg() or not kind:
                    continue
                name = entry.name.removeprefix("./")
                if too_large := _too_large(File(f"{file.name} › {name}"), kind, entry.size, 0):
                    within.left_out(too_large)
                elif member := archive.extractfile(entry):
                    raw = member.read(entry.size)
                    yield from within.inner(file, name, raw, Place(0, PlaceKind.FILE, label=clipped(name)))
    except _BROKEN_TAR as error:
        raise file.damaged(FORMATS["tar"].called, "the archive is broken") from error


# Its own affairs.


def _unpacked(file: File, kind: str, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """One member. Raises `DocumentDamaged`, `DocumentTooLarge`: the others may be good."""
    called = FORMATS[kind].called
    if entry.flag_bits & _ENCRYPTED:
        raise file.damaged(called, "it has a password")
    if too_large := _too_large(file, kind, entry.file_size, entry.compress_size):
        raise too_large
    try:
        return archive.read(entry)
    except BROKEN as error:
        raise file.damaged(called, "the archive is broken") from error


def _wanted(name: str) -> str | None:
    """The kind of a member that is to be read."""
    path = PurePosixPath(name)
    passed_by = any(is_passed_by(part) for part in path.parts if part not in (".", ".."))
    return None if passed_by else kind_of(path)


def _name(entry: zipfile.ZipInfo) -> str:
    """The path as whoever packed it wrote it: without the mark for UTF-8 it may be in any encoding."""
    if entry.flag_bits & _UTF8:
        return entry.filename
    return decode(entry.filename.encode("cp437", "replace")) or entry.filename


def _too_large(file: File, kind: str, size: int, packed: int) -> DocumentTooLarge | None:
    """Why a member is not unpacked; `packed` is 0 where the archive is packed as a whole."""
    most = FORMATS[kind].most_bytes
    if size > most or (packed and size > _SMALL_BYTES and size / packed > MOST_RATIO):
        return DocumentTooLarge(path=file.name, why=f"its text would unpack to {size / MIB:.0f} MiB")
    return None
