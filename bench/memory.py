"""Memory of the model process and its start, beside llama-server with the same file, context and threads.

Both read the same prompt and write a few tokens, so that everything that is touched in use has been touched. Memory is
the process's own count (Linux, /proc): what is resident now, of which pages that it shares with others count in part
(PSS); the peak; and what is not backed by a file. The start runs from just before the process is made until the model
answers, less the time that llama.cpp itself took to load, which is the same for both.
"""

import re
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from bench.ours import Ours, wanted
from bench.reference import missing, model_file, server
from bench.report import Row, at_most, publish, skip
from engine import wire
from engine.loading import fields_of
from engine.operation import Cancel
from engine.runtime.process import Process

CONTEXT_TOKENS = 4096
PROMPT_TOKENS, ANSWER_TOKENS = 700, 16
STARTS = 5
MOST_MEMORY, MOST_START_S = 1.1, 0.6


class Memory(NamedTuple):
    """Of one process, in MiB."""

    proportional: float
    peak: float
    anonymous: float


def memory_of(pid: int) -> Memory:
    """What the kernel counts now."""
    rolled, status = (Path(f"/proc/{pid}/{name}").read_text() for name in ("smaps_rollup", "status"))

    def kib(name: str, text: str) -> float:
        found = re.search(rf"^{name}:\s+(\d+) kB", text, re.MULTILINE)
        assert found, name
        return int(found[1]) / 1024

    return Memory(kib("Pss", rolled), kib("VmHWM", status), kib("Anonymous", rolled))


def ours(path: Path, threads: int, private: Path) -> Memory:
    """The model process after one answer."""
    asking = Ours(path, private)
    try:
        asking.ask([asking.words(PROMPT_TOKENS)], wanted(ANSWER_TOKENS, threads, context_tokens=CONTEXT_TOKENS))
        (process,) = (seat.process for seat in asking.runtime._seats._seats.values())
        assert process
        return memory_of(process.pid)
    finally:
        asking.runtime.close()


def theirs(path: Path, threads: int) -> Memory:
    """llama-server after one answer."""
    with server(path, threads, context_tokens=CONTEXT_TOKENS) as running:
        running.ask("the " * PROMPT_TOKENS, ANSWER_TOKENS)
        return memory_of(running.process.pid)


def started_s(path: Path, threads: int, private: Path) -> float:
    """From the start of the process to the loaded model, less llama.cpp's own load."""
    began = time.perf_counter()
    with Process("model", "engine.worker.model", private=private) as process:
        options = fields_of(wanted(1, threads, context_tokens=CONTEXT_TOKENS))
        *_, loaded = process.ask(wire.Load(path=str(path), threads=threads, **options), Cancel())
        assert isinstance(loaded, wire.Loaded)
        return time.perf_counter() - began - loaded.seconds


def main() -> int:
    """Measure; the exit code."""
    if sys.platform != "linux":
        return skip("memory", "what a process takes is read as Linux tells it")
    if why := missing():
        return skip("memory", why)
    path, threads = model_file(), 1
    with tempfile.TemporaryDirectory() as folder:
        private = Path(folder, "private")
        starts = [started_s(path, threads, private) for _ in range(STARTS)]
        mine = ours(path, threads, private)
    start = statistics.median(starts)
    rows = [
        Row(
            measure="start to ready, beyond the load", ours=start, unit="s", bar=MOST_START_S,
            holds=start <= MOST_START_S,
        )
    ]  # fmt: skip
    notes = f"{path.name}, {CONTEXT_TOKENS} tokens of context, {threads} thread; starts: " + ", ".join(
        f"{each:.2f}" for each in starts
    )
    if why := missing("llama-server"):
        rows += [Row(measure=name, ours=figure, unit="MiB") for name, figure in mine._asdict().items()]
        return publish("memory", rows, f"{notes}. Memory is compared with nothing: {why}")
    other = theirs(path, threads)
    rows += [
        at_most("memory after an answer (PSS)", mine.proportional, other.proportional, "MiB", bar=MOST_MEMORY),
        at_most("peak of memory", mine.peak, other.peak, "MiB", bar=MOST_MEMORY),
        Row(measure="of it, not backed by a file", ours=mine.anonymous, reference=other.anonymous, unit="MiB"),
    ]
    return publish("memory", rows, notes)


if __name__ == "__main__":
    sys.exit(main())
