"""Several small documents of kinds that plain Python reads, read one after another in one copy of the reader.

What needs native code, or is large when it is read, is not told of: it is read again in a copy of its own, with a
document's own limits. So is all that this copy had not told of when it failed, took too long, or died.
"""

from collections.abc import Sequence

from engine import wire
from engine.errors import EngineError
from engine.formats import PLAIN
from engine.worker.desk import Desk
from engine.worker.reader.file import File
from engine.worker.reader.limits import Allowance
from engine.worker.reader.readers import HOLDERS, READERS
from engine.worker.reader.shown import MOST_LEFT_OUT, shown
from engine.worker.reader.within import ReadAlone, Within

TOGETHER_CPU_S = 3  # for all of them; one alone has more
MOST_CHARACTERS = 1_000_000  # of one document, so that it fits a line of the wire
_READERS = {kind: reader for kind, reader in READERS.items() if kind in PLAIN}
_HOLDERS = {kind: reader for kind, reader in HOLDERS.items() if kind in PLAIN}


def tell_together(desk: Desk, request: wire.ReadTogether, files: Sequence[File]) -> None:
    """Report what came of each of `files`."""
    Allowance(TOGETHER_CPU_S)
    pages = 0
    for which, (file, kind) in enumerate(zip(files, request.readers, strict=True)):
        if file.raw and (report := _read(request.job, which, file, kind)):
            desk.report(report)
            pages += len(report.pages)
    desk.report(wire.DocumentRead(job=request.job, pages=pages))


def _read(job: int, which: int, file: File, kind: str) -> wire.TextRead | None:
    """What came of one; None for one that is to be read alone."""
    left_out: list[EngineError] = []
    within = Within(_READERS, _HOLDERS, left_out.append)
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
