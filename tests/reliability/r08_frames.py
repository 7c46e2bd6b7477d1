"""Whatever a process sends, the engine goes on: it is a message, or the process is ended with a reason.

A failure is an exception other than a typed one, from taking a line apart, from rebuilding the error it
reports, or from a reader, a drawing or an embedder whose process really sends such lines; and more
memory than `MOST_MIB` for all of it, a process that never stops sending included.
"""

import resource
import tempfile
from collections.abc import Callable
from pathlib import Path

from engine import wire
from engine.documents.embedding import Embedder
from engine.documents.reading import Reader
from engine.errors import EngineError, rebuilt
from engine.operation import Cancel, Cancelled
from tests.reliability.hostile_frames import frames
from tests.reliability.row import Outcome, Size, Tally

FRAMES = {Size.CHANGE: 5_000, Size.NIGHT: 100_000}
PROCESSES = {Size.CHANGE: 20, Size.NIGHT: 200}
MOST_MIB = 300  # the largest line is 32 MiB, as bytes, as text and as values; twice that may wait
MODULE = "tests.fakes.babbler"


def run(size: Size) -> Outcome:
    """Lines by themselves, then from real processes, then one that floods."""
    before = peak_mib()
    tally = Tally(unit="MiB more memory")
    for number, raw in enumerate(frames(8, FRAMES[size])):
        tally.check(taken(raw), f"line {number}: {raw[:100]!r}")
    with tempfile.TemporaryDirectory() as folder:
        private = Path(folder)
        for seed in range(PROCESSES[size]):
            tally.check(*goes_on(WAYS[seed % len(WAYS)], private / str(seed), str(seed)))
        well, what = goes_on(read, private, "flood")
        tally.check(well and "more text" in what, what)
    grown = peak_mib() - before
    tally.saw(grown)
    tally.check(grown < MOST_MIB, f"{grown:.0f} MiB more memory")
    return tally.outcome


def taken(raw: bytes) -> bool:
    """Whether a line is refused as it should be, or is a message that the engine can act on."""
    try:
        message = wire.message(raw, wire.REPORTS)
        wire.line(message)
        if isinstance(message, wire.Failed):
            return isinstance(rebuilt(message.code, message.facts), EngineError)
    except wire.WireError:
        return True
    except Exception:  # noqa: BLE001 - this is what must not happen
        return False
    return True


def goes_on(way: Callable[[Path, str], None], private: Path, seed: str) -> tuple[bool, str]:
    """Whether asking such a process ends in an answer or a typed reason, and which."""
    try:
        way(private, seed)
    except (EngineError, Cancelled) as error:
        return True, f"{type(error).__name__}: {error}"
    except Exception as error:  # noqa: BLE001 - this is what must not happen
        return False, f"{way.__name__} {seed}: {error!r}"
    return True, "answered"


def read(private: Path, seed: str) -> None:
    """Through the reader of documents."""
    reader = Reader(private, MODULE)
    try:
        reader.read(Path(seed), "text", Cancel())
    finally:
        reader.close()


def draw(private: Path, seed: str) -> None:
    """Through the drawing of a page."""
    reader = Reader(private, MODULE)
    try:
        reader.draw(Path(seed), "pdf", 1, Cancel(), width=100, start=0, end=0)
    finally:
        reader.close()


def embed(private: Path, seed: str) -> None:
    """Through the embedder."""
    embedder = Embedder(private, module=MODULE)
    try:
        embedder.vectors([seed], Cancel())
    finally:
        embedder.close()


WAYS = (read, draw, embed)


def peak_mib() -> float:
    """The most memory this process ever had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
