"""Pages that show text only as a picture: which there are, and reading them by OCR, one after another.

They are read after everything else, for one takes seconds. Each page is kept at once, so the work may be stopped,
or killed, and goes on where it was.
"""

import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from engine import wire
from engine.documents.cutting import page_kept
from engine.documents.embedders import Embedders
from engine.documents.ocr_install import install_command
from engine.documents.ocr_languages import languages_for
from engine.documents.page_words import Box, boxes
from engine.documents.reading import Reader, Unit
from engine.documents.tesseract import Tesseract
from engine.errors import (
    DocumentDamaged,
    DocumentEmpty,
    DocumentTooLarge,
    DocumentTooSlow,
    EngineError,
    FileMissing,
    FileNotReadable,
)
from engine.events import Changed, Progressed
from engine.operation import Cancel, Operation
from engine.settings import Settings
from engine.store.documents import DocumentRows
from engine.store.picture_pages import FAILED, READ, PicturesWaiting
from engine.types import Ocr, PicturesRead, Place

TELL_EVERY_S = 1.0  # that there are new words to be found
_OF_THE_PAGE = (DocumentDamaged, DocumentTooLarge, DocumentTooSlow)
_OF_THE_FILE = (FileMissing, FileNotReadable, DocumentEmpty)  # the next look at it says so


class PicturePages:
    """The pages of all documents that are pictures. One thread reads at a time; the rest is for any thread."""

    def __init__(self, rows: DocumentRows, private: Path, settings: Callable[[], Settings], meaning: Embedders) -> None:
        """`meaning` is told which passages are gone."""
        self._rows, self._private, self._settings, self._meaning = rows, private, settings, meaning
        self._found: Ocr | None = None

    @property
    def waiting(self) -> int:
        """How many pages nobody has tried to read yet."""
        return self._rows.pictures.count()

    @property
    def failed(self) -> int:
        """How many pages could not be read."""
        return self._rows.pictures.count(FAILED)

    def ocr(self, cancel: Cancel, *, again: bool = False) -> Ocr:
        """What this computer has for it; it is looked for once, and again where it was not there, or on request.

        Starts a process. Raises `WorkerDied`, `WorkerSilent`, `Cancelled`.
        """
        if again or self._found is None or not self._found.version:
            with closing(Tesseract(self._private)) as tesseract:
                self._found = tesseract.found(cancel)
        return self._found

    def languages(self, ocr: Ocr) -> str:
        """In which languages pages are read, as Tesseract takes them ("eng+jpn"); "" for none."""
        return languages_for(self._settings(), ocr.languages)

    @property
    def install_command(self) -> str:
        """What to type in a terminal to get Tesseract; "" where this system's packages are not known."""
        return install_command(self._settings())

    def can_read(self, cancel: Cancel) -> bool:
        """Whether pictures are read, by the settings and what there is on this computer. Raises as `ocr`."""
        return self._settings().ocr and bool(self.languages(self.ocr(cancel)))

    def try_again(self) -> None:
        """Pages that could not be read wait again."""
        self._rows.pictures.try_again()

    def boxes(self, document_id: int, page: int, start: int, end: int, width: int, height: int) -> tuple[Box, ...]:
        """Where text[start:end] of a page that OCR read stands on it, drawn so large; none for any other page."""
        kept = self._rows.pictures.words(document_id, page)
        return boxes(kept, start, end, width, height) if kept else ()

    def read(self, cancel: Cancel) -> Operation[PicturesRead]:
        """Read the pages that wait, and those read in other languages. Yields `Progressed` in pages, and `Changed`.

        A page that cannot be read is left out with its reason and not tried again by itself. Where OCR is switched off,
        or there is none, nothing is done. Raises `DiskFull`, `Cancelled`, `WorkerKeepsDying`, and `NotFound` or
        `DocumentDamaged` where Tesseract goes, or cannot use its own data.
        """
        if not self._settings().ocr or not (self.waiting or self._rows.pictures.count(READ)):
            return PicturesRead(waiting=self.waiting)
        ocr = self.ocr(cancel)
        languages = self.languages(ocr)
        if not languages:
            return PicturesRead(waiting=self.waiting, ocr=ocr)
        self._rows.pictures.renew(languages)
        waiting = self._rows.pictures.waiting()
        if not waiting:
            return PicturesRead(ocr=ocr)
        total = sum(len(one.pages) for one in waiting)
        with (
            closing(Reader(self._private)) as reader,
            closing(Tesseract(self._private)) as tesseract,
        ):
            run = _Run(self._rows, self._meaning, reader, tesseract, languages, cancel, total)
            for document in waiting:
                yield from run.document(document)
        if run.done:
            yield Changed(what="documents")
        return PicturesRead(words=run.words, blank=run.blank, failed=run.failed, ocr=ocr)


class _Run:
    """One run over all pages that wait."""

    def __init__(
        self, rows: DocumentRows, meaning: Embedders, reader: Reader, tesseract: Tesseract, languages: str,
        cancel: Cancel, total: int,
    ) -> None:  # fmt: skip
        self._rows, self._meaning, self._reader, self._tesseract = rows, meaning, reader, tesseract
        self._languages, self._cancel, self._total = languages, cancel, total
        self._started = self._told_at = time.monotonic()
        self.words = self.blank = self.failed = 0

    @property
    def done(self) -> int:
        """How many pages were tried."""
        return self.words + self.blank + self.failed

    def document(self, document: PicturesWaiting) -> Operation[None]:
        """Its pages, unless the file is no longer as it was read: then the next look reads it anew."""
        left = list(document.pages)
        while left and _is_as_it_was(document):
            try:
                seen = self._reader.pictures(document.path, document.kind, left, self._cancel)
                with closing(seen) as pages:
                    for page in pages:
                        yield self._progress(document)
                        self._cancel.check()
                        self._page(document, page)
                        left.remove(page.number)
                        if time.monotonic() - self._told_at > TELL_EVERY_S:
                            self._told_at = time.monotonic()
                            yield Changed(what="documents")
            except _OF_THE_FILE:
                return
            except _OF_THE_PAGE as error:  # the first that has not come
                self._fail(document, left.pop(0), error)
            else:
                why = DocumentDamaged(path=str(document.path), kind="a picture of text", why="it shows none any more")
                for number in left:
                    self._fail(document, number, why)
                return

    # Its own affairs.

    def _page(self, document: PicturesWaiting, seen: wire.PageSeen) -> None:
        try:
            found = self._tesseract.words(seen, self._languages, document.path, self._cancel)
        except (DocumentDamaged, DocumentTooSlow) as error:
            if error.path != str(document.path):  # it is about the data of a language
                raise
            self._fail(document, seen.number, error)
            return
        if not found.text:
            self._rows.pictures.blank(document.document_id, seen.number, self._languages)
            self.blank += 1
            return
        kind, number, label = seen.place
        kept = page_kept(Unit(found.text, ((0, Place(kind=kind, number=number, label=label)),)))
        gone = self._rows.pictures.keep(
            document.document_id, seen.number, kept, self._languages, found.confidence, found.kept
        )  # fmt: skip
        if gone:
            self._meaning.forget(gone)
        self.words += 1

    def _fail(self, document: PicturesWaiting, number: int, error: EngineError) -> None:
        self._rows.pictures.fail(document.document_id, [number], str(error))
        self.failed += 1

    def _progress(self, document: PicturesWaiting) -> Progressed:
        done, seconds = self.done, time.monotonic() - self._started
        per_s = done / seconds if done and seconds > 0 else 0.0
        left_s = (self._total - done) / per_s if per_s else None
        return Progressed(
            done=done, total=self._total, unit="pages", per_s=per_s, left_s=left_s, now=document.path.name
        )  # fmt: skip


def _is_as_it_was(document: PicturesWaiting) -> bool:
    try:
        status = document.path.stat()
    except OSError:
        return False
    return (status.st_size, status.st_mtime_ns) == (document.size_bytes, document.mtime_ns)
