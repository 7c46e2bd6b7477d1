"""The engine's side of OCR: a process that has Tesseract, started when there is a picture of text to read.

Turns what kills the process, or keeps it busy for too long, into a reason for the one page it was reading.
"""

from contextlib import suppress
from pathlib import Path

from engine import wire
from engine.documents.page_words import PageWords, made_of
from engine.errors import DocumentDamaged, DocumentTooSlow, WorkerDied, WorkerSilent
from engine.operation import Cancel
from engine.runtime.process import Process
from engine.types import Ocr

PAGE_S = 120.0  # for one page; most take a few seconds
NICENESS = 15  # below the search by meaning: this may go on for hours


class Tesseract:
    """Reads pages, one after another, on one thread."""

    def __init__(self, private: Path, module: str = "engine.worker.ocr") -> None:
        self._private = private
        self._module = module
        self._process: Process | None = None

    def found(self, cancel: Cancel) -> Ocr:
        """What there is on this computer. Raises `WorkerDied`, `WorkerSilent`, `Cancelled`."""
        found = Ocr()
        for report in self._started().ask(wire.FindOcr(), cancel, silent_s=PAGE_S, stop_by_ending=True):
            if isinstance(report, wire.OcrFound):
                found = Ocr(version=report.version, languages=report.languages)
        return found

    def words(self, seen: wire.PageSeen, languages: str, path: Path, cancel: Cancel) -> PageWords:
        """The text of a page of the document at `path`.

        Raises `DocumentDamaged` where Tesseract dies of it, `DocumentTooSlow`, `Cancelled`.
        """
        request = wire.Recognize(
            width=seen.width, height=seen.height, dpi=seen.dpi, grey=seen.grey, languages=languages
        )  # fmt: skip
        try:
            for report in self._started().ask(request, cancel, silent_s=PAGE_S, stop_by_ending=True, job_to_blame=True):
                if isinstance(report, wire.Recognized):
                    return made_of(report.words, seen.width, seen.height)
        except WorkerSilent as error:
            raise DocumentTooSlow(path=str(path), seconds=PAGE_S) from error
        except WorkerDied as error:
            why = f"Tesseract stopped ({error.how})"
            raise DocumentDamaged(path=str(path), kind="a picture of text", why=why) from error
        raise DocumentDamaged(path=str(path), kind="a picture of text", why="Tesseract said nothing")

    def close(self) -> None:
        """Let the process go."""
        process, self._process = self._process, None
        if process is not None:
            with suppress(OSError):
                process.end()
            process.close()

    # Its own affairs.

    def _started(self) -> Process:
        if self._process is None or not self._process.alive:
            self.close()
            self._process = Process("ocr", self._module, private=self._private, niceness=NICENESS)
        return self._process
