"""The engine's side of the reader: one process for many documents, a fresh one after any mishap.

Turns what the process reports into pages, and what kills it into a reason for the one document
it was reading. Any thread may ask; what several ask for at once is read by as many processes, side by side.
"""

import base64
import hashlib
import sys
import threading
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from engine import wire
from engine.errors import (
    DocumentDamaged,
    DocumentTooLarge,
    DocumentTooSlow,
    EngineError,
    PictureNotUsable,
    WorkerDied,
    WorkerSilent,
    rebuilt,
)
from engine.formats import DRAWN
from engine.operation import Cancel
from engine.runtime.process import Process
from engine.types import PagePicture, Picture, Place

MOST_CHARACTERS = 25_000_000  # a little more than the process's own limits
MOST_REPORTS = 25_000
MOST_PICTURE_BYTES = 20 * 1024**2  # of the file; in base64 it has to fit a line of the wire
# Between two pages. On Linux and macOS the process has a limit on what it computes, which ends a slow document however
# busy the computer is; there this one is for a wait for something that never comes. Elsewhere it is the only one.
SILENT_S = 30.0 if sys.platform == "win32" else 600.0
IN_PART = (
    "Of {path} only the beginning was read, up to page or part {pages}: reading it took over {seconds:.0f} seconds."
)
CPU_S = 20.0  # of computing, that a process gives every document at least


@dataclass(frozen=True, slots=True)
class Unit:
    """A page, or what else is opened as one: its text, and from which character on it is called by which place.

    `sender` is who sent the mail that it is of.
    `pictured`: it has hardly any text and shows a picture, which may be one of text.
    """

    text: str
    places: tuple[tuple[int, Place], ...] = ()
    sender: str = ""
    pictured: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """A document as text, page by page; `left_out` tells why files in it were not read.

    `in_part` where it was not read to its end, which is told there, too.
    """

    pages: tuple[Unit, ...]
    paged: bool
    left_out: tuple[str, ...] = ()
    in_part: bool = False


class Reader:
    """Reads and draws documents, and takes in pictures, in processes of its own, started when first needed."""

    def __init__(self, private: Path, module: str = "engine.worker.reader") -> None:
        self._private = private
        self._module = module
        self._idle: list[Process] = []
        self._closings = 0
        self._lock = threading.Lock()

    def read(self, path: Path, kind: str, cancel: Cancel) -> Text:
        """The text of one document. Raises the reason why there is none, or `Cancelled`.

        Of one that takes too long, the pages that were read by then, if there is a word on them.
        """
        pages: list[Unit] = []
        left_out: list[str] = []
        in_part = False
        try:
            with self._asking(wire.Read(path=str(path), reader=kind), path, kind, cancel) as asked:
                for report in _bounded(asked, path):
                    if isinstance(report, wire.PageRead):
                        pages.append(_unit(report.text, report.places, report.sender, report.pictured))
                    elif isinstance(report, wire.LeftOut):
                        left_out.append(str(rebuilt(report.code, report.facts)))
        except DocumentTooSlow as error:
            if not any(page.text.strip() for page in pages):
                raise
            in_part = True
            left_out.insert(0, IN_PART.format(path=path, pages=len(pages), seconds=error.seconds))
        return Text(tuple(pages), kind in DRAWN, tuple(left_out), in_part)

    def read_together(self, files: Sequence[tuple[Path, str]], cancel: Cancel) -> dict[Path, Text | EngineError]:
        """The texts of small documents of `formats.PLAIN` with their kinds, or why there is none.

        One that is missing here has to be read by itself. Raises `Cancelled`.
        """
        request = wire.ReadTogether(
            paths=tuple(str(path) for path, _ in files), readers=tuple(kind for _, kind in files)
        )  # fmt: skip
        found: dict[Path, Text | EngineError] = {}
        first = files[0]
        with suppress(EngineError, OSError), self._asking(request, *first, cancel) as reports:  # told one by one then
            for report in _bounded(reports, first[0]):
                if isinstance(report, wire.TextRead) and 0 <= report.which < len(files):
                    found[files[report.which][0]] = _text(report)
        return found

    def pictures(
        self, path: Path, kind: str, pages: Sequence[int], cancel: Cancel
    ) -> Generator[wire.PageSeen, None, None]:
        """These pages, one after another, as OCR sees them; none for one that shows no picture. Raises as `read`."""
        request = wire.ReadPictures(path=str(path), reader=kind, pages=tuple(pages))
        with self._asking(request, path, kind, cancel) as reports:
            for report in reports:
                if isinstance(report, wire.PageSeen):
                    yield report

    def draw(
        self, path: Path, kind: str, page: int, cancel: Cancel, *, width: int, start: int, end: int
    ) -> PagePicture:
        """A page as a picture, with the boxes of a span of its text."""
        request = wire.Draw(path=str(path), reader=kind, page=page, width=width, start=start, end=end)
        for report in self._ask(request, path, kind, cancel):
            if isinstance(report, wire.Drawn):
                with suppress(ValueError):  # what is no base64 is no picture
                    png = base64.b64decode(report.png, validate=True)
                    return PagePicture(png=png, width=report.width, height=report.height, boxes=report.boxes)
        raise DocumentDamaged(path=str(path), kind=kind, why="the page could not be drawn")

    def take_picture(self, raw: bytes, name: str, cancel: Cancel) -> Picture:
        """A picture made anew from the bytes of a file; `name` is how the person calls it.

        Raises `PictureNotUsable`, `Cancelled`.
        """
        called = f"“{name}”" if name else "The picture"
        if len(raw) > MOST_PICTURE_BYTES:
            why = f"its file has {len(raw) / 1024**2:.0f} MiB and the most is {MOST_PICTURE_BYTES // 1024**2} MiB"
            raise PictureNotUsable(picture=called, why=why)
        request = wire.TakePicture(data=base64.b64encode(raw).decode("ascii"))
        try:
            reports = self._ask(request, Path(name), "picture", cancel)
            found = next(report for report in reports if isinstance(report, wire.PictureTaken))
            data = base64.b64decode(found.data, validate=True)
            thumbnail = base64.b64decode(found.thumbnail, validate=True)
        except PictureNotUsable as error:
            raise PictureNotUsable(picture=called, why=error.why) from error
        except DocumentTooSlow as error:
            raise PictureNotUsable(picture=called, why="decoding it takes too long") from error
        except DocumentTooLarge as error:
            raise PictureNotUsable(picture=called, why="decoding it needs too much memory") from error
        except (DocumentDamaged, StopIteration, ValueError) as error:  # the process died of it, or told nonsense
            raise PictureNotUsable(picture=called, why="it is damaged") from error
        return Picture(
            digest=hashlib.sha256(data).hexdigest(), kind=found.kind_of_file, width=found.width, height=found.height,
            name=name, thumbnail=thumbnail, data=data,
        )  # fmt: skip

    def close(self) -> None:
        """Let the processes go; one that is reading goes when it has read."""
        with self._lock:
            idle, self._idle = self._idle, []
            self._closings += 1
        for process in idle:
            _end(process)

    # Its own affairs.

    def _ask(self, request: wire.Message, path: Path, kind: str, cancel: Cancel) -> list[wire.Message]:
        with self._asking(request, path, kind, cancel) as reports:
            return list(_bounded(reports, path))

    @contextmanager
    def _asking(self, request: wire.Message, path: Path, kind: str, cancel: Cancel) -> Iterator[Iterator[wire.Message]]:
        """The reports on a request. Whoever leaves before the last one leaves a process that is ended."""
        cancel.check()
        process, closings = self._taken()
        well = False
        try:
            asked = process.ask(request, cancel, silent_s=SILENT_S, stop_by_ending=True, job_to_blame=True)
            with closing(asked):
                yield asked
            well = True
        except WorkerSilent as error:
            raise DocumentTooSlow(path=str(path), seconds=SILENT_S) from error
        except WorkerDied as error:
            raise _reason(error, path, kind) from error
        except EngineError as error:
            well = not isinstance(error, DocumentTooLarge)  # memory that ran out may not come back
            raise
        finally:
            with self._lock:
                if well := well and closings == self._closings:
                    self._idle.append(process)
            if not well:
                _end(process)

    def _taken(self) -> tuple[Process, int]:
        """A process that nobody asks, and how often the reader had been closed by then."""
        with self._lock:
            process = self._idle.pop() if self._idle else None
            closings = self._closings
        if process is not None and not process.alive:
            _end(process)
            process = None
        return process or Process("reader", self._module, private=self._private), closings


def _end(process: Process) -> None:
    with suppress(OSError):
        process.end()
    process.close()


def _unit(text: str, places: Iterable[tuple[int, str, int, str]], sender: str, pictured: bool = False) -> Unit:
    named = ((at, Place(kind=kind, number=number, label=label)) for at, kind, number, label in places)
    return Unit(text, tuple(named), sender, pictured)


def _text(report: wire.TextRead) -> Text | EngineError:
    if not report.pages:
        return rebuilt(report.code, report.facts)
    left_out = tuple(str(rebuilt(code, facts)) for code, facts in report.left_out)
    return Text(tuple(_unit(*page) for page in report.pages), paged=False, left_out=left_out)


def _bounded(asked: Iterator[wire.Message], path: Path) -> Iterator[wire.Message]:
    """The reports, unless they hold more text than the process may ever send: then it is not to be trusted."""
    characters = 0
    for count, report in enumerate(asked, start=1):
        if isinstance(report, wire.PageRead):
            characters += _length(report.text, report.places, report.sender)
        elif isinstance(report, wire.TextRead):
            characters += sum(_length(*page) for page in report.pages)
        if characters > MOST_CHARACTERS or count > MOST_REPORTS:
            raise DocumentTooLarge(path=str(path), why="it holds more text than a document may have")
        yield report


def _length(text: str, places: Iterable[tuple[int, str, int, str]], sender: str) -> int:
    return len(text) + len(sender) + sum(len(label) for *_, label in places)


def _reason(error: WorkerDied, path: Path, kind: str) -> EngineError:
    """What the end of its process says about a document."""
    how = str(error.how)
    if "SIGXCPU" in how:
        return DocumentTooSlow(path=str(path), seconds=CPU_S)
    if "MemoryError" in how:
        return DocumentTooLarge(path=str(path), why="reading it needs more memory than a document may take")
    return DocumentDamaged(path=str(path), kind=kind, why=f"the program that reads it stopped ({how})")
