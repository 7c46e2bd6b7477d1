"""A folder of hostile and damaged documents is read to its end: the good ones are indexed, the others have reasons.

The real engine adds one folder. A failure is a good document that is not found by its word, a hostile one that is
read or has no typed reason, one that can be read in part and is not, or of which what is missing is not told, a damaged
copy that is neither read nor refused, more than `MOST_S` of computing or of waiting for one file (so that it does not
matter what else the computer has to do), a process with more than `MOST_MIB` of memory, or an engine that does not go
on afterwards.
"""

import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import psutil

from engine.engine import Cancel, Engine, Places, finish
from engine.errors import KINDS
from engine.events import Event, Progressed
from engine.types import Document, IndexReport
from tests.reliability import hostile_documents
from tests.reliability.hostile_documents import EXAMPLES, GIGABYTES, GOOD, PARTLY_EXAMPLES, REFUSED
from tests.reliability.hostile_holders import PARTLY
from tests.reliability.hostile_making import WORD
from tests.reliability.row import Outcome, Size, Tally

MOST_S = 25.0
MOST_MIB = 800  # of a process that reads: it has some 100 before the first document
LEAST_REFUSED = {Size.CHANGE: 60, Size.NIGHT: 300}
MUTANTS = {Size.CHANGE: 31, Size.NIGHT: 230}


def run(size: Size) -> Outcome:
    """One folder with all of them."""
    tally, night = Tally(unit="s for one file"), size is Size.NIGHT
    with tempfile.TemporaryDirectory() as made, Engine.open(Places(Path(made) / "data")) as engine:
        folder = Path(made) / "papers"
        folder.mkdir()
        good = hostile_documents.good(folder)
        refused = hostile_documents.refused(folder, tuple(REFUSED) if night else EXAMPLES)
        refused += hostile_documents.gigabytes(folder, tuple(GIGABYTES) if night else ("a gigabyte.txt",))
        partly = hostile_documents.partly(folder, tuple(PARTLY) if night else PARTLY_EXAMPLES)
        mutants = hostile_documents.mutants(folder, MUTANTS[size])
        tally.check(len(refused) >= LEAST_REFUSED[size], f"only {len(refused)} hostile documents were tried")
        with Memory() as memory:
            report, seconds = added(engine, folder)
        tally.check(memory.most_mib <= MOST_MIB, f"a process had {memory.most_mib:.0f} MiB")
        for name, took in seconds.items():
            tally.saw(took)
            tally.check(took <= MOST_S, f"{name} took {took:.1f} s")
        failed = {document.path: document for document in report.failed}
        there = {document.path: document for document in engine.documents.all()}
        found = {path for path in (*good, *partly) if finds(engine, path)}
        for path in good:
            tally.check(path in found, f"{path.name} was not indexed: {reason(failed.get(path))}")
        for path in refused:
            tally.check(typed(failed.get(path)), f"{path.name}: {reason(failed.get(path))}")
        for path, told in partly.items():
            tally.check(path in found and path not in failed, f"{path.name}: {reason(failed.get(path))}")
            said = there[path].reason if path in there else ""
            tally.check(told in said if told else not said, f"{path.name}: {said!r} is said of it")
        for path in mutants:
            known = path in there and path not in failed
            tally.check(known or typed(failed.get(path)), f"{path.name}: {reason(failed.get(path))}")
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


class Memory:
    """While inside, what the processes that this one started take at most; the system keeps each one's highest."""

    LOOKS_EVERY_S = 0.02

    def __init__(self) -> None:
        self.most_mib = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> "Memory":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        ours = psutil.Process()
        while not self._over.wait(self.LOOKS_EVERY_S):
            for child in ours.children(recursive=True):
                self.most_mib = max(self.most_mib, _highest_mib(child.pid))


def _highest_mib(pid: int) -> float:
    """The most that a process ever had in memory (proc(5), VmHWM); 0 where it has ended or the system does not tell."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return 0.0


def computed() -> float:
    """The seconds that a processor has worked for this process and all that it ever started."""
    ours = psutil.Process()
    times = [ours.cpu_times()]
    for child in ours.children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            times.append(child.cpu_times())
    return sum(one.user + one.system + one.children_user + one.children_system for one in times)


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
