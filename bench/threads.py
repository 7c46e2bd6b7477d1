"""A neighbour comes and goes every ten seconds: our number of threads against every fixed one, and llama-bench's own.

The neighbour is a process that is kept on one core and takes all of it. Ours is asked for one answer after the other
meanwhile, by turns with the number left to it and with each fixed one; every token counts for the phase that it was
written or read in, so what it costs to notice a coming or a going is in the figures. llama-bench is run with
the number that it chooses itself, while the neighbour is at work.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psutil

from bench.ours import Ours, wanted
from bench.reference import VOCABULARIES, llama_bench, missing, model_file
from bench.report import Row, against, publish, skip
from engine.errors import Cancelled
from engine.events import Event, PromptRead, TextAdded
from engine.operation import Cancel

PHASE_S = 10.0
PHASES = ("quiet", "neighbour")
LONG_ANSWER, LONG_PROMPT, CONTEXT = 512, 800, 4096  # a token costs more the deeper it stands: none stands deep
BENCH_TOKENS = {"decode": {"answer": 32}, "prompt": {"prompt": 512}}
NEAR_BEST, TWICE = 0.9, 2.0
NEIGHBOUR = """
import os, sys, time
began, phase_s = map(float, sys.argv[1:])
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
print("here", flush=True)
while True:
    if phase_s and (time.monotonic() - began) // phase_s % 2 == 0:
        time.sleep(0.01)
"""


@contextmanager
def neighbour(*, began: float = 0.0, phase_s: float = 0.0) -> Iterator[None]:
    """Takes one core in every second phase from `began` on, or all the time where the phases have no length."""
    child = subprocess.Popen([sys.executable, "-c", NEIGHBOUR, str(began), str(phase_s)], stdout=subprocess.PIPE)
    try:
        assert child.stdout
        child.stdout.readline()
        yield
    finally:
        child.kill()
        child.communicate()


class Phases:
    """Counts what is done in each phase, evenly over the time that it took."""

    def __init__(self, began: float) -> None:
        self._began = self._at = began
        self.done = dict.fromkeys(PHASES, 0.0)

    def add(self, tokens: float, now: float) -> None:
        """So many tokens since the last time."""
        start, self._at = self._at, now
        at = start
        while at < now:
            number = int((at - self._began) // PHASE_S)
            end = min(now, self._began + (number + 1) * PHASE_S)
            if number < len(PHASES):
                self.done[PHASES[number]] += tokens * (end - at) / (now - start)
            at = max(end, at + 1e-6)


def cycle(ours: Ours, what: str, threads: int) -> dict[str, float]:
    """Tokens a second in each phase, with so many threads; 0 leaves the number to ours."""
    ours.start_anew()
    ours.ask([ours.words(8)], wanted(1, threads, context_tokens=CONTEXT))
    began = time.monotonic()
    with neighbour(began=began, phase_s=PHASE_S):
        counted = Phases(began)
        while time.monotonic() - began < PHASE_S * len(PHASES):
            if what == "decode":
                _write(ours, threads, counted, began)
            else:
                _read(ours, threads, counted, began)
    return {phase: tokens / PHASE_S for phase, tokens in counted.done.items()}


def _write(ours: Ours, threads: int, counted: Phases, began: float) -> None:
    """One answer. Text comes in pieces of several tokens: all answers have about as many characters to each."""
    pieces: list[tuple[int, float]] = []
    tokens = 0
    for event, now in _asked(ours, 8, LONG_ANSWER, threads, began):
        if isinstance(event, TextAdded):
            pieces.append((len(event.text), now))
        elif isinstance(event, int):
            tokens = event
    characters = sum(count for count, _ in pieces)
    for count, now in pieces:
        counted.add(tokens * count / characters, now)


def _read(ours: Ours, threads: int, counted: Phases, began: float) -> None:
    done: int | None = None  # what is reused is not read
    for event, now in _asked(ours, LONG_PROMPT, 1, threads, began):
        if isinstance(event, PromptRead):
            counted.add(event.done - (event.done if done is None else done), now)
            done = event.done


def _asked(ours: Ours, words: int, tokens: int, threads: int, began: float) -> Iterator[tuple[Event | int, float]]:
    """The events of one answer and their moments, and in the end its tokens; stopped when the phases are over."""
    cancel = Cancel()
    asked = wanted(tokens, threads, context_tokens=CONTEXT)
    operation = ours.runtime.generate(ours.model, [ours.words(words)], asked, cancel)
    try:
        while True:
            event = next(operation)
            now = time.monotonic()
            if now - began >= PHASE_S * len(PHASES):
                cancel.press()
            yield event, now
    except StopIteration as end:
        yield end.value.speed.tokens, time.monotonic()
    except Cancelled:
        return


def measure(path: Path, private: Path, rounds: int) -> list[Row]:
    """Every number by turns; for each phase ours against the best of the fixed."""
    most = psutil.cpu_count(logical=False) or 1
    ours, rows = Ours(path, private), []
    try:
        for what, size in BENCH_TOKENS.items():
            found: dict[int, list[dict[str, float]]] = {number: [] for number in range(most + 1)}
            theirs = []
            for _ in range(rounds):
                for number, cycles in found.items():
                    cycles.append(cycle(ours, what, number))
                ours.runtime.close()
                with neighbour():
                    theirs.append(llama_bench(path, 0, **size))
            rate = {
                number: {phase: sum(one[phase] for one in cycles) / rounds for phase in PHASES}
                for number, cycles in found.items()
            }
            for phase in PHASES:
                best = max((rate[number][phase], number) for number in range(1, most + 1))[1]
                named = f"{what}, {phase}: best fixed number ({best})"
                rows.append(against(named, rate[0][phase], rate[best][phase], "tokens/s", at_least=NEAR_BEST))
            named = f"{what}, neighbour: llama-bench's own number"
            rows.append(against(named, rate[0]["neighbour"], sum(theirs) / rounds, "tokens/s", at_least=TWICE))
    finally:
        ours.runtime.close()
    return rows


def main() -> int:
    """Run the comparison; 1 where a bar does not hold. About two and a half minutes a round on two cores."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--shapes", nargs="*", default=["smollm2-135m"], choices=list(VOCABULARIES))
    asked = parser.parse_args()
    if why := missing("llama-bench"):
        return skip("threads", why)
    busy = psutil.getloadavg()[0]
    with tempfile.TemporaryDirectory() as private:
        rows = [
            replace(row, measure=f"{shape}: {row.measure}")
            for shape in asked.shapes
            for row in measure(model_file(shape), Path(private), asked.rounds)
        ]
    return publish("threads", rows, f"Means of {asked.rounds} rounds; load average at the start {busy:.1f}.")


if __name__ == "__main__":
    sys.exit(main())
