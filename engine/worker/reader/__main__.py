"""Takes requests to read, to draw and to take in pictures, one after another, each within limits of its own."""

import base64
import sys
from pathlib import Path
from typing import Any

from engine import wire
from engine.errors import DocumentEmpty, DocumentTooLarge, FileMissing, PictureNotUsable, from_os_error
from engine.worker.desk import Desk, Handler
from engine.worker.reader import docx, html, markdown, pdf, text
from engine.worker.reader.apart import apart
from engine.worker.reader.file import File
from engine.worker.reader.limits import MOST_CHARACTERS, Allowance, limit_memory
from engine.worker.reader.picture import taken
from engine.worker.reader.sniff import check_beginning
from engine.worker.reader.tidy import tidy

READERS = {"pdf": pdf.read, "docx": docx.read, "html": html.read, "markdown": markdown.read, "text": text.read}
DRAWERS = {"pdf": pdf.draw}
EMPTY = {"pdf": "its pages are pictures or blank, and Hanare does not read pictures yet"}


def main() -> None:
    """Serve until the engine lets go."""
    desk = Desk("reader")
    limit_memory()

    def read(request: wire.Read) -> None:
        path = Path(request.path)
        try:
            _read(desk, request, path)
        except OSError as error:
            raise from_os_error(error, path) from error
        except MemoryError as error:
            raise DocumentTooLarge(
                path=str(path), why="reading it needs more memory than a document may take"
            ) from error

    def draw(request: wire.Draw) -> None:
        path = Path(request.path)
        Allowance()
        try:
            check_beginning(File(request.path, path), request.reader)
            png, width, height, boxes = DRAWERS[request.reader](
                File(request.path, path), request.page, request.width, request.start, request.end
            )
        except OSError as error:
            raise from_os_error(error, path) from error
        picture = base64.b64encode(png).decode("ascii")
        desk.report(wire.Drawn(job=request.job, png=picture, width=width, height=height, boxes=boxes))

    def take(request: wire.TakePicture) -> None:
        Allowance()
        try:
            kind, data, width, height, thumbnail = taken(base64.b64decode(request.data))
        except MemoryError as error:
            why = "reading it needs more memory than a picture may take"
            raise PictureNotUsable(picture="The picture", why=why) from error
        desk.report(
            wire.PictureTaken(
                job=request.job, kind_of_file=kind, data=base64.b64encode(data).decode("ascii"), width=width,
                height=height, thumbnail=base64.b64encode(thumbnail).decode("ascii"),
            )
        )  # fmt: skip

    work: dict[type[Any], Handler] = {wire.Read: read, wire.Draw: draw, wire.TakePicture: take}
    desk.serve({kind: apart(desk, each) for kind, each in work.items()}, copied=sys.platform == "linux")


def _read(desk: Desk, request: wire.Read, path: Path) -> None:
    if not path.exists():
        raise FileMissing(path=str(path))
    allowance = Allowance()
    file = File(request.path, path)
    check_beginning(file, request.reader)
    pages = letters = characters = 0
    for unit in READERS[request.reader](file):
        shown = tidy(unit.text)
        pages += 1
        letters += len(shown.strip())
        characters += len(shown)
        if characters > MOST_CHARACTERS:
            most = f"it has more than {MOST_CHARACTERS // 1_000_000} million characters"
            raise DocumentTooLarge(path=str(path), why=most)
        desk.report(wire.PageRead(job=request.job, number=pages, text=shown, places=unit.places))
        if shown.strip():
            allowance.earn()
    if not letters:
        raise DocumentEmpty(path=str(path), why=EMPTY.get(request.reader, "there are no words in it"))
    desk.report(wire.DocumentRead(job=request.job, pages=pages, paged=request.reader in DRAWERS))


if __name__ == "__main__":
    main()
