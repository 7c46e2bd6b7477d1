"""Takes requests to read, to draw and to take in pictures, one after another, each within limits of its own."""

import base64
import sys
import zlib
from pathlib import Path
from typing import Any

from engine import wire
from engine.errors import (
    DocumentEmpty,
    DocumentTooLarge,
    EngineError,
    FileMissing,
    PictureNotUsable,
    from_os_error,
)
from engine.worker.desk import Desk, Handler
from engine.worker.memory import limit_memory
from engine.worker.reader import (
    archive,
    delimited,
    docx,
    epub,
    html,
    mail,
    markdown,
    notebook,
    odf,
    pdf,
    picture_file,
    pptx,
    rtf,
    sheet,
    text,
)
from engine.worker.reader.apart import apart
from engine.worker.reader.file import File
from engine.worker.reader.limits import MOST_CHARACTERS, MOST_MEMORY_BYTES, MOST_PAGES, Allowance
from engine.worker.reader.picture import taken
from engine.worker.reader.sniff import check_beginning
from engine.worker.reader.tidy import tidy
from engine.worker.reader.within import HolderReader, Reader, Within

READERS: dict[str, Reader] = {
    "pdf": pdf.read,
    "docx": docx.read,
    "pptx": pptx.read,
    "sheet": sheet.read,
    "csv": delimited.read,
    "odt": odf.read_text,
    "odp": odf.read_slides,
    "epub": epub.read,
    "rtf": rtf.read,
    "html": html.read,
    "markdown": markdown.read,
    "picture": picture_file.read,
    "notebook": notebook.read,
    "text": text.read,
    "code": text.read,
}
HOLDERS: dict[str, HolderReader] = {
    "mail": mail.read_mail,
    "mbox": mail.read_mailbox,
    "zip": archive.read_zip,
    "tar": archive.read_tar,
}
DRAWERS = {"pdf": pdf.draw, "picture": picture_file.draw}
MOST_LEFT_OUT = 20  # files in a document that are told to be left out
EMPTY = {"pdf": "its pages are blank"}


def main() -> None:
    """Serve until the engine lets go."""
    desk = Desk("reader")
    limit_memory(MOST_MEMORY_BYTES)

    def read(request: wire.Read | wire.ReadPictures) -> None:
        path = Path(request.path)
        try:
            if not path.exists():
                raise FileMissing(path=str(path))
            if isinstance(request, wire.Read):
                _read(desk, request, path)
            else:
                _draw_for_ocr(desk, request, path)
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

    work: dict[type[Any], Handler] = {wire.Read: read, wire.ReadPictures: read, wire.Draw: draw, wire.TakePicture: take}
    desk.serve({kind: apart(desk, each) for kind, each in work.items()}, copied=sys.platform == "linux")


def _read(desk: Desk, request: wire.Read, path: Path) -> None:
    allowance = Allowance()
    left_out: list[EngineError] = []
    within = Within(READERS, HOLDERS, left_out.append)
    pages = letters = characters = pictures = 0
    for unit in within.units(File(request.path, path), request.reader):
        shown = tidy(unit.text)
        pages += 1
        letters += len(shown.strip())
        characters += len(shown)
        if characters > MOST_CHARACTERS:
            most = f"it has more than {MOST_CHARACTERS // 1_000_000} million characters"
            raise DocumentTooLarge(path=str(path), why=most)
        if pages > MOST_PAGES:
            raise DocumentTooLarge(path=str(path), why=f"it has more than {MOST_PAGES:,} parts")
        pictured = unit.picture is not None
        pictures += pictured
        desk.report(
            wire.PageRead(
                job=request.job, number=pages, text=shown, places=unit.places, sender=unit.sender, pictured=pictured
            )
        )  # fmt: skip
        if shown.strip():
            allowance.earn()
    if not letters and not pictures:
        raise (
            left_out[0]
            if left_out
            else DocumentEmpty(path=str(path), why=EMPTY.get(request.reader, "there are no words in it"))
        )
    for error in left_out[:MOST_LEFT_OUT]:
        desk.report(wire.LeftOut(job=request.job, code=error.code, facts=error.facts))
    desk.report(wire.DocumentRead(job=request.job, pages=pages))


def _draw_for_ocr(desk: Desk, request: wire.ReadPictures, path: Path) -> None:
    """The pages that were asked for, in order; none for one that does not show its text as a picture now."""
    allowance, wanted = Allowance(), set(request.pages)
    within = Within(READERS, HOLDERS, lambda _: None)
    for number, unit in enumerate(within.units(File(request.path, path), request.reader), start=1):
        if unit.text.strip():
            allowance.earn()
        if number in wanted and unit.picture is not None:
            allowance.earn_for_picture()
            seen = unit.picture()
            packed = base64.b64encode(zlib.compress(seen.points, 1)).decode("ascii")
            desk.report(
                wire.PageSeen(
                    job=request.job, number=number, width=seen.width, height=seen.height, dpi=seen.dpi, grey=packed,
                    place=unit.places[0][1:] if unit.places else ("", 0, ""),
                )
            )  # fmt: skip
        if number >= max(wanted, default=0):
            break
    desk.report(wire.DocumentRead(job=request.job, pages=len(wanted)))


if __name__ == "__main__":
    main()
