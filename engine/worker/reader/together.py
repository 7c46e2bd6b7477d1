"""Several small documents of kinds that plain Python reads, read one after another in one copy of the reader.

What needs native code, or is large when it is read, is not told of: it is read again in a copy of its own, with a
document's own limits. So is all that this copy had not told of when it failed, took too long, or died.
"""

from collections.abc import Sequence

from engine import wire
from engine.errors import EngineError
from engine.worker.desk import Desk
from engine.worker.reader.file import File
from engine.worker.reader.limits import Allowance
from engine.worker.reader.readers import PLAIN_ONLY
from engine.worker.reader.shown import MOST_LEFT_OUT, shown
from engine.worker.reader.steps import ReadAlone
from engine.worker.reader.within import Within

TOGETHER_CPU_S = 3  # for all of them; one alone has more
TOLD_AT_ONCE = 32_000  # characters; what was read, and not told of when the copy dies, is read again
MOST_CHARACTERS = 1_000_000  # of one document, so that it fits a line of the wire


def tell_together(desk: Desk, request: wire.ReadTogether, files: Sequence[File]) -> None:
    """Report what came of each of `files`."""
    Allowance(TOGETHER_CPU_S)
    pages = characters = 0
    read: list[wire.Message] = []
    for which, (file, kind) in enumerate(zip(files, request.readers, strict=True)):
        if file.raw and (report := _read(request.job, which, file, kind)):
            read.append(report)
            pages += len(report.pages)
            characters += sum(len(page[0]) for page in report.pages)
        if characters > TOLD_AT_ONCE:
            desk.report(*read)
            read, characters = [], 0
    desk.report(*read, wire.DocumentRead(job=request.job, pages=pages))


def _read(job: int, which: int, file: File, kind: str) -> wire.TextRead | None:
    """What came of one; None for one that is to be read alone."""
    left_out: list[EngineError] = []
    within = Within(PLAIN_ONLY, left_out.append)
    try:
        units = list(shown(within, file, kind, left_out))
    except ReadAlone:
        return None
    except EngineError as error:
        return wire.TextRead(job=job, which=which, code=error.code, facts=error.facts)
    if any(unit.picture is not None for unit in units) or sum(len(unit.text) for unit in units) > MOST_CHARACTERS:
        return None
    pages = tuple((unit.text, unit.places, unit.sender) for unit in units)
    told = tuple((error.code, error.facts) for error in left_out[:MOST_LEFT_OUT])
    return wire.TextRead(job=job, which=which, pages=pages, left_out=told)
