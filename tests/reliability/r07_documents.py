"""A folder of hostile and damaged documents is read to its end: the good ones are indexed, the others have reasons.

The real engine adds one folder. A failure is a good document that is not found by its word, a hostile one that is
read or has no typed reason, a damaged copy that is neither read nor refused, more than `MOST_S` of computing or of
waiting for one file (so that it does not matter what else the computer has to do), or an engine that does not go on
afterwards.
"""

import tempfile
import time
from contextlib import suppress
from pathlib import Path

import psutil

from engine.engine import Cancel, Engine, Places, finish
from engine.errors import KINDS
from engine.events import Event, Progressed
from engine.types import Document, IndexReport
from tests.reliability import hostile_documents
from tests.reliability.hostile_documents import EXAMPLES, GOOD, REFUSED, WORD
from tests.reliability.row import Outcome, Size, Tally

MOST_S = 25.0
MUTANTS = {Size.CHANGE: 31, Size.NIGHT: 230}


def run(size: Size) -> Outcome:
    """One folder with all of them."""
    tally = Tally(unit="s for one file")
    with tempfile.TemporaryDirectory() as made, Engine.open(Places(Path(made) / "data")) as engine:
        folder = Path(made) / "papers"
        folder.mkdir()
        good = hostile_documents.good(folder)
        refused = hostile_documents.refused(folder, tuple(REFUSED) if size is Size.NIGHT else EXAMPLES)
        mutants = hostile_documents.mutants(folder, MUTANTS[size])
        report, seconds = added(engine, folder)
        for name, took in seconds.items():
            tally.saw(took)
            tally.check(took <= MOST_S, f"{name} took {took:.1f} s")
        failed = {document.path: document for document in report.failed}
        hits = finish(engine.documents.search(WORD, Cancel(), limit=1000, by="words"))
        found = {passage.path for hit in hits for passage in (hit.passage, *hit.also_in)}
        for path in good:
            tally.check(path in found, f"{path.name} was not indexed: {reason(failed.get(path))}")
        for path in refused:
            tally.check(typed(failed.get(path)), f"{path.name}: {reason(failed.get(path))}")
        read = {document.path for document in engine.documents.all()} - set(failed)
        for path in mutants:
            tally.check(path in read or typed(failed.get(path)), f"{path.name}: {reason(failed.get(path))}")
        tally.check(len(found) >= len(GOOD), "the engine went on searching")
    return tally.outcome


def added(engine: Engine, folder: Path) -> tuple[IndexReport, dict[str, float]]:
    """The report of adding the folder, and how long each file took: of computing or of waiting, what is more."""
    seconds: dict[str, float] = {}
    began, computed_before, name = time.monotonic(), computed(), ""
    work = engine.documents.add([folder], Cancel())
    while True:
        try:
            event: Event = next(work)
        except StopIteration as end:
            report: IndexReport = end.value
            return report, seconds
        if isinstance(event, Progressed):
            now, computed_now = time.monotonic(), computed()
            if name:
                computing = computed_now - computed_before
                seconds[name] = max(computing, now - began - computing)
            began, computed_before, name = now, computed_now, event.now


def computed() -> float:
    """The seconds that a processor has worked for this process and all that it ever started."""
    ours = psutil.Process()
    times = [ours.cpu_times()]
    for child in ours.children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            times.append(child.cpu_times())
    return sum(one.user + one.system + one.children_user + one.children_system for one in times)


def typed(document: Document | None) -> bool:
    """Whether a file was refused with a reason of ours."""
    return document is not None and document.reason_code in KINDS and "Error at" not in document.reason


def reason(document: Document | None) -> str:
    """What was said about a file."""
    return "read" if document is None else f"{document.reason_code}: {document.reason}"
