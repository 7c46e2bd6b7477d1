"""Takes requests to read, to draw and to take in pictures, one after another, each within limits of its own."""

import base64
import sys
import zlib
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from engine import wire
from engine.errors import (
    DocumentTooLarge,
    EngineError,
    FileMissing,
    PictureNotUsable,
    from_os_error,
)
from engine.privacy.seal import make_ready
from engine.worker.desk import Desk
from engine.worker.memory import limit_memory
from engine.worker.reader import pdf, picture_file
from engine.worker.reader.apart import Work, apart
from engine.worker.reader.file import File
from engine.worker.reader.limits import MOST_MEMORY_BYTES, Allowance
from engine.worker.reader.picture import taken
from engine.worker.reader.readers import ALL
from engine.worker.reader.shown import MOST_LEFT_OUT, shown
from engine.worker.reader.sniff import check_beginning
from engine.worker.reader.together import tell_together
from engine.worker.reader.within import Within

DRAWERS = {"pdf": pdf.draw, "picture": picture_file.draw}


def main() -> None:
    """Serve until the engine lets go."""
    desk = Desk("reader")
    limit_memory(MOST_MEMORY_BYTES)

    def read(request: wire.Read | wire.ReadPictures, files: Sequence[File]) -> None:
        path = Path(request.path)
        try:
            if not path.exists():
                raise FileMissing(path=str(path))
            if isinstance(request, wire.Read):
                _read(desk, request, files[0])
            else:
                _draw_for_ocr(desk, request, files[0])
        except OSError as error:
            raise from_os_error(error, path) from error
        except MemoryError as error:
            raise DocumentTooLarge(
                path=str(path), why="reading it needs more memory than a document may take"
            ) from error

    def draw(request: wire.Draw, files: Sequence[File]) -> None:
        Allowance()
        try:
            check_beginning(files[0], request.reader)
            png, width, height, boxes = DRAWERS[request.reader](
                files[0], request.page, request.width, request.start, request.end
            )
        except OSError as error:
            raise from_os_error(error, Path(request.path)) from error
        picture = base64.b64encode(png).decode("ascii")
        desk.report(wire.Drawn(job=request.job, png=picture, width=width, height=height, boxes=boxes))

    work: dict[type[Any], Work] = {
        wire.Read: read,
        wire.ReadTogether: partial(tell_together, desk),
        wire.ReadPictures: read,
        wire.Draw: draw,
        wire.TakePicture: partial(_take, desk),
    }
    make_ready("document")
    warm_ups = {"pdf": pdf.warm_up}
    desk.serve({kind: apart(desk, each, warm_ups) for kind, each in work.items()}, copied=sys.platform == "linux")


def _read(desk: Desk, request: wire.Read, file: File) -> None:
    allowance, pages = Allowance(), 0
    left_out: list[EngineError] = []
    within = Within(ALL, left_out.append)
    for pages, unit in enumerate(shown(within, file, request.reader, left_out), start=1):
        desk.report(
            wire.PageRead(
                job=request.job, number=pages, text=unit.text, places=unit.places, sender=unit.sender,
                pictured=unit.picture is not None,
            )
        )  # fmt: skip
        if unit.text.strip():
            allowance.earn()
    for error in left_out[:MOST_LEFT_OUT]:
        desk.report(wire.LeftOut(job=request.job, code=error.code, facts=error.facts))
    desk.report(wire.DocumentRead(job=request.job, pages=pages))


def _take(desk: Desk, request: wire.TakePicture, _: Sequence[File]) -> None:
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


def _draw_for_ocr(desk: Desk, request: wire.ReadPictures, file: File) -> None:
    """The pages that were asked for, in order; none for one that does not show its text as a picture now."""
    allowance, wanted = Allowance(), set(request.pages)
    within = Within(ALL, lambda _: None)
    for number, unit in enumerate(within.units(file, request.reader), start=1):
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
