"""A folder of hostile and damaged documents is read to its end: the good ones are indexed, the others have reasons.

The real engine adds one folder. A failure is a good document that is not found by its word, a hostile one that is
read or has no typed reason, one that can be read in part and is not, or of which what is missing is not told, a damaged
copy that is neither read nor refused, more than `MOST_S` of computing for one file, or as much of waiting in which
nothing of ours computes (so that it does not matter what else the computer has to do), a process of ours with more than
`MOST_MIB` of memory, or an engine that does not go on afterwards.
"""

import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import engine.documents.documents as engine_documents
from engine.engine import Cancel, Engine, Places, finish
from engine.errors import KINDS
from engine.events import Event, Progressed
from engine.types import Document, IndexReport
from tests.reliability import hostile_documents
from tests.reliability.hostile_documents import GOOD, Written
from tests.reliability.hostile_making import WORD
from tests.reliability.processes import Watch, WatchedReader
from tests.reliability.row import Outcome, Size, Tally

MOST_S = 25.0
MOST_MIB = 640  # of a process: one that reads has some 50 before the first document, and 512 more for each
LEAST_REFUSED = {Size.CHANGE: 60, Size.NIGHT: 300}


def run(size: Size) -> Outcome:
    """One folder with all of them."""
    tally, watch = Tally(unit="s for one file"), Watch()
    engine_documents.Reader = partial(WatchedReader, watch)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made) / "papers"
        written = written_elsewhere(folder, size)
        tally.check(len(written.refused) >= LEAST_REFUSED[size], f"only {len(written.refused)} hostile documents")
        with Engine.open(Places(Path(made) / "data")) as engine:
            with watch:
                report, seconds = added(engine, folder, watch)
            check_cost(tally, watch, seconds)
            check_outcome(tally, engine, written, report)
    return tally.outcome


def written_elsewhere(folder: Path, size: Size) -> Written:
    """The documents, written by a process of their own: making bombs takes memory that is not the engine's."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(hostile_documents.write, folder, size).result()


def added(engine: Engine, folder: Path, watch: Watch) -> tuple[IndexReport, dict[str, float]]:
    """The report of adding the folder, and how long each file took: of computing or of waiting, what is more.

    Files are read ahead, so what the engine computes in the turn of one may be for another.
    """
    seconds: dict[str, float] = {}
    name, computed, waited = "", time.thread_time(), watch.waited_s
    work = engine.documents.add([folder], Cancel())
    while True:
        try:
            event: Event = next(work)
        except StopIteration as end:
            report: IndexReport = end.value
            return report, seconds
        if isinstance(event, Progressed):
            if name:
                computing = time.thread_time() - computed + watch.reading.get(name, 0.0)
                seconds[name] = max(computing, watch.waited_s - waited)
            name, computed, waited = event.now, time.thread_time(), watch.waited_s


def check_cost(tally: Tally, watch: Watch, seconds: dict[str, float]) -> None:
    """What each process and each file took."""
    for peak, name in watch.peaks_mib.values():
        tally.check(peak <= MOST_MIB, f"a process had {peak:.0f} MiB while reading {name or 'nothing'}")
    for name, took in seconds.items():
        tally.saw(took)
        tally.check(took <= MOST_S, f"{name} took {took:.1f} s")


def check_outcome(tally: Tally, engine: Engine, written: Written, report: IndexReport) -> None:
    """What came of each file."""
    failed = {document.path: document for document in report.failed}
    there = {document.path: document for document in engine.documents.all()}
    found = {path for path in (*written.good, *written.partly) if finds(engine, path)}
    for path in written.good:
        tally.check(path in found, f"{path.name} was not indexed: {reason(failed.get(path))}")
    for path in written.refused:
        tally.check(typed(failed.get(path)), f"{path.name}: {reason(failed.get(path))}")
    for path, told in written.partly.items():
        tally.check(path in found and path not in failed, f"{path.name}: {reason(failed.get(path))}")
        said = there[path].reason if path in there else ""
        tally.check(told in said if told else not said, f"{path.name}: {said!r} is said of it")
    for path in written.mutants:
        known = path in there and path not in failed
        tally.check(known or typed(failed.get(path)), f"{path.name}: {reason(failed.get(path))}")
    tally.check(len(found) >= len(GOOD), "the engine went on searching")


def finds(engine: Engine, path: Path) -> bool:
    """Whether a document is found by the word that it holds."""
    hits = finish(engine.documents.search(f'{WORD} file:"{path.name}"', Cancel(), by="words"))
    return any(passage.path == path for hit in hits for passage in (hit.passage, *hit.also_in))


def typed(document: Document | None) -> bool:
    """Whether a file was refused with a reason of ours."""
    return document is not None and document.reason_code in KINDS and "Error at" not in document.reason


def reason(document: Document | None) -> str:
    """What was said about a file."""
    return "read" if document is None else f"{document.reason_code}: {document.reason}"
