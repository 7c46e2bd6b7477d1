"""From paths to searchable passages: find, skip what is unchanged, read, cut, keep.

A changed file's old passages stay searchable until the transaction that replaces them. What was
kept before a Stop stays kept. A file that cannot be read is listed with its reason and the rest
goes on.
"""

import hashlib
import os
import stat
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from engine.documents.chunks import passages
from engine.documents.embedders import Embedders
from engine.documents.reading import Reader, Text, Unit
from engine.documents.walk import Found, is_text, walk
from engine.documents.words import index_words
from engine.errors import (
    DiskFull,
    DocumentTooLarge,
    EngineError,
    FileMissing,
    FileNotReadable,
    StoreUnreadable,
    from_os_error,
)
from engine.events import Changed, DocumentSettled, Progressed
from engine.formats import MOST_BYTES, kind_of
from engine.operation import Cancel, Operation
from engine.store.documents import DocumentRows, FileFacts, KnownFile, PageKept, Settled, Stretch
from engine.types import Document, DocumentState, IndexReport, Place

KEEP_EVERY_S = 0.5  # documents are committed together, at most this long after they were read
KEEP_EVERY_CHARACTERS = 4_000_000
_BLOCK = 1024 * 1024
# The file may be as good as it was; what was read of it stays until it can be read again.
_PASSING = (FileMissing, FileNotReadable)


class Ingest:
    """One run of adding files and folders."""

    def __init__(
        self, rows: DocumentRows, reader: Reader, meaning: Embedders, cancel: Cancel, *, from_trash: bool
    ) -> None:
        """`meaning` is told what is gone and what is back. `from_trash` takes what is found out of the trash."""
        self._rows = rows
        self._reader = reader
        self._meaning = meaning
        self._cancel = cancel
        self._from_trash = from_trash
        self._waiting: list[Settled] = []
        self._characters = 0
        self._kept_at = time.monotonic()
        self._back: dict[Path, int] = {}  # unchanged ones from the trash: their ids
        self._read = self._unchanged = self._restored = 0
        self._failed: list[Document] = []

    def run(self, paths: Sequence[Path]) -> Operation[IndexReport]:
        """See `Documents.add`."""
        started = time.monotonic()
        chosen = [Path(os.path.abspath(path.expanduser())) for path in paths]
        yield Progressed(done=0, total=0, unit="files")
        found = list(walk(chosen, self._cancel))
        known = self._rows.known()
        for folder in chosen:
            if folder.is_dir() and is_text(folder):
                self._rows.add_root(folder)
        removed = self._remove_vanished(chosen, {one.path for one in found}, known)
        if removed:
            yield Changed(what="documents")
        try:
            for done, one in enumerate(found):
                self._cancel.check()
                yield _progress(done, len(found), started, one.path)
                self._one(one, known.get(one.path))
                if self._due():
                    yield from self._keep()
        finally:
            kept = self._store()  # also after Stop, or when the window went away
        yield from self._tell(kept)
        yield _progress(len(found), len(found), started, None)
        seconds = time.monotonic() - started
        return IndexReport(
            read=self._read, restored=self._restored, unchanged=self._unchanged, removed=removed,
            failed=tuple(self._failed), seconds=seconds,
        )  # fmt: skip

    # Its own affairs.

    def _one(self, found: Found, known: KnownFile | None) -> None:
        if known is not None and known.in_trash and not self._from_trash:
            return
        if found.error is not None:
            self._fail(found, found.error, known)
            return
        try:
            facts = self._facts(found, known)
            if facts is None:
                self._pass_over(found.path, known)
                return
            text = self._reader.read(found.path, found.kind, self._cancel)
        except OSError as error:
            self._fail(found, from_os_error(error, found.path), known)
        except (DiskFull, StoreUnreadable):
            raise
        except EngineError as error:
            self._fail(found, error, known)
        else:
            self._read += 1
            self._waiting.append(cut(facts, text))
            self._characters += sum(len(page.text) for page in text.pages)

    def _pass_over(self, path: Path, known: KnownFile | None) -> None:
        if known is not None and known.in_trash:
            self._back[path] = known.id
            self._restored += 1
        else:
            self._unchanged += 1

    def _facts(self, found: Found, known: KnownFile | None) -> FileFacts | None:
        """The file as it is now; None when it holds what was read of it."""
        status = found.path.stat()
        if not stat.S_ISREG(status.st_mode):  # a pipe or a device may never end
            raise FileNotReadable(path=str(found.path), why="it is no ordinary file")
        if status.st_size > MOST_BYTES:
            why = f"it has {status.st_size / 1024**2:.0f} MiB and the most is {MOST_BYTES // 1024**2} MiB"
            raise DocumentTooLarge(path=str(found.path), why=why)
        facts = FileFacts(path=found.path, kind=found.kind, size_bytes=status.st_size, mtime_ns=status.st_mtime_ns)
        readable = known is not None and known.state is DocumentState.READ
        if known is not None and readable and (known.size_bytes, known.mtime_ns) == (facts.size_bytes, facts.mtime_ns):
            return None
        facts = replace(facts, sha256=self._sha256(found.path, status.st_size))
        if known is not None and readable and known.sha256 == facts.sha256:
            self._rows.unchanged(known.id, facts)
            return None
        return facts

    def _sha256(self, path: Path, size_bytes: int) -> str:
        """Of no more than the size it says it has: some files of the system hold nothing and never end."""
        running = hashlib.sha256()
        with path.open("rb") as file:
            while size_bytes > 0 and (block := file.read(min(_BLOCK, size_bytes))):
                self._cancel.check()
                running.update(block)
                size_bytes -= len(block)
        return running.hexdigest()

    def _fail(self, found: Found, error: EngineError, known: KnownFile | None) -> None:
        kind = found.kind or kind_of(found.path) or ""
        facts = FileFacts(path=found.path, kind=kind, size_bytes=_size(found.path), mtime_ns=0)
        passing = isinstance(error, _PASSING)
        if found.kind and not (passing and known is not None and known.state is DocumentState.READ):
            self._waiting.append(Settled(facts=facts, error=error))
            return
        self._failed.append(_not_kept(facts, error))

    def _due(self) -> bool:
        late = time.monotonic() - self._kept_at > KEEP_EVERY_S
        return bool(self._waiting or self._back) and (late or self._characters > KEEP_EVERY_CHARACTERS)

    def _keep(self) -> Operation[None]:
        yield from self._tell(self._store())

    def _store(self) -> list[Document]:
        """Commit what waits; the documents as they are now."""
        waiting, self._waiting, self._characters = self._waiting, [], 0
        back, self._back = self._back, {}
        self._kept_at = time.monotonic()
        if waiting:
            self._meaning.forget(self._rows.settle(waiting))
        if back:
            self._rows.restore(list(back.values()))
            self._meaning.reload()
        kept = list(self._rows.by_path([*(one.facts.path for one in waiting), *back]).values())
        self._failed += [document for document in kept if document.state is DocumentState.FAILED]
        return kept

    def _tell(self, kept: Sequence[Document]) -> Operation[None]:
        for document in kept:
            yield DocumentSettled(document=document)
        if kept:
            yield Changed(what="documents")

    def _remove_vanished(self, chosen: Sequence[Path], found: set[Path], known: dict[Path, KnownFile]) -> int:
        """Forget the files that are gone from folders that are still there.

        A folder with nothing in it any more is taken for a drive that is not connected.
        """
        gone = []
        for folder in chosen:
            if not folder.is_dir() or not any(path.is_relative_to(folder) for path in found):
                continue
            gone += [
                file.id
                for path, file in known.items()
                if path not in found and not file.in_trash and path.is_relative_to(folder) and not os.path.lexists(path)
            ]
        if gone:
            self._meaning.forget(self._rows.erase(gone))
        return len(gone)


def cut(facts: FileFacts, text: Text) -> Settled:
    """A document's pages with their passages, ready to keep."""
    pages = tuple(PageKept(text=page.text, stretches=tuple(_stretches(page))) for page in text.pages)
    return Settled(facts=facts, paged=text.paged, pages=pages, left_out=" ".join(text.left_out))


def _stretches(page: Unit) -> Iterator[Stretch]:
    """The passages of a page; none crosses from one place into another."""
    starts = [at for at, _ in page.places]
    borders = [(0, Place()), *page.places]
    for (first, place), last in zip(borders, [*starts, len(page.text)], strict=True):
        for start, end in passages(page.text[first:last]):
            start, end = first + start, first + end
            yield Stretch(start=start, end=end, words=index_words(page.text[start:end]), place=place)


def _not_kept(facts: FileFacts, error: EngineError) -> Document:
    """A line of the report for something that is not among the documents."""
    return Document(
        id=0, path=facts.path, kind=facts.kind or "folder", state=DocumentState.FAILED, size_bytes=facts.size_bytes,
        pages=0, passages=0, read_at="", reason_code=error.code, reason=str(error),
    )  # fmt: skip


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _progress(done: int, total: int, started: float, path: Path | None) -> Progressed:
    seconds = time.monotonic() - started
    per_s = done / seconds if done and seconds > 0 else 0.0
    left_s = (total - done) / per_s if per_s else None
    return Progressed(done=done, total=total, unit="files", per_s=per_s, left_s=left_s, now=path.name if path else "")
