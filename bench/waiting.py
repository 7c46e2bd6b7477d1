"""How a model's threads wait for each other and stand back for others: what else could have been chosen.

Every variant is the real model process, started with other values: of GNU's OpenMP, how often a thread looks whether
the others are there before it sleeps (`GOMP_SPINCOUNT`), and of the system, how far it stands back (nice). Writing
is measured with a thread for each core, quiet and beside a neighbour that fills one core, so that nothing gives way;
beside it, how late a program comes to its turn that wakes a hundred times a second, as a window does. Variants take
turns.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from bench.decode import ANSWER_TOKENS
from bench.ours import Ours, wanted
from bench.reference import missing, model_file
from bench.report import Row, publish, skip
from bench.threads import neighbour
from engine.privacy import broker
from engine.runtime import runtime

AS_IT_IS = "as it is"
VARIANTS: dict[str, tuple[dict[str, str], int]] = {
    AS_IT_IS: ({}, runtime.NICENESS),
    "threads never look, and sleep at once": ({"GOMP_SPINCOUNT": "0"}, runtime.NICENESS),
    "they look 1,000 times": ({"GOMP_SPINCOUNT": "1000"}, runtime.NICENESS),
    "they look 20,000 times": ({"GOMP_SPINCOUNT": "20000"}, runtime.NICENESS),
    "nice 0": ({}, 0),
    "nice 10": ({}, 10),
    "nice 19": ({}, 19),
}
WAKER = """
import sys, time
late, begins = [], time.monotonic()
print("here", flush=True)
while time.monotonic() - begins < float(sys.argv[1]):
    wanted = time.monotonic() + 0.01
    time.sleep(0.01)
    sum(range(20000))
    late.append(time.monotonic() - wanted)
late.sort()
print(1000 * late[int(0.99 * len(late))])
"""
WAKES_S = 3.0


class Found(NamedTuple):
    """Of one variant: tokens a second, quiet and beside a neighbour, and by how many milliseconds a waker is late."""

    quiet: float
    beside: float
    late_ms: float


@contextmanager
def started_with(more: dict[str, str], niceness: int) -> Iterator[None]:
    """While inside, our processes are started so."""
    environment, before = broker.environment, runtime.NICENESS

    def changed(private: str, **session: Any) -> dict[str, str]:
        return environment(private, **session) | more

    def put(how: Callable[..., dict[str, str]], number: int) -> None:
        for module, name, value in ((broker, "environment", how), (runtime, "NICENESS", number)):
            setattr(module, name, value)

    put(changed, niceness)
    try:
        yield
    finally:
        put(environment, before)


def late_ms(ours: Ours, threads: int) -> float:
    """How late a program is in 99 of 100 of its turns while answers are written; with 0 threads none are."""
    if threads:
        ours.start_anew()
        ours.ask([ours.words(8)], wanted(1, threads))
    with subprocess.Popen([sys.executable, "-c", WAKER, str(WAKES_S)], stdout=subprocess.PIPE, text=True) as waker:
        assert waker.stdout
        waker.stdout.readline()
        while threads and waker.poll() is None:
            ours.ask([ours.words(8)], wanted(4 * ANSWER_TOKENS, threads))
        return float(waker.stdout.readline())


def measure(ours: Ours, threads: int, rounds: int) -> list[Row]:
    """Every variant by turns."""
    found: dict[str, list[Found]] = {name: [] for name in VARIANTS}
    for _ in range(rounds):
        for name, (more, niceness) in VARIANTS.items():
            with started_with(more, niceness):
                quiet = ours.writing(threads, ANSWER_TOKENS)
                with neighbour():
                    beside = ours.writing(threads, ANSWER_TOKENS)
                found[name].append(Found(quiet, beside, late_ms(ours, threads)))
    rows = []
    for number, (what, unit) in enumerate(
        (("writing", "tokens/s"), ("writing beside a neighbour", "tokens/s"), ("a waking program is late", "ms"))
    ):
        middle = {name: statistics.median(one[number] for one in rounds) for name, rounds in found.items()}
        for name, figure in middle.items():
            rows.append(
                Row(
                    measure=f"{what}: {name}", ours=figure, reference=middle[AS_IT_IS],
                    ratio=figure / middle[AS_IT_IS], unit=unit,
                )
            )  # fmt: skip
    return rows


def main() -> int:
    """Measure; there is no bar: what was chosen is the reference."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=psutil.cpu_count(logical=False) or 1)
    asked = parser.parse_args()
    if why := missing():
        return skip("waiting", why)
    busy = psutil.getloadavg()[0]
    with tempfile.TemporaryDirectory() as private:
        ours = Ours(model_file(), Path(private))
        try:
            alone = late_ms(ours, 0)
            rows = measure(ours, asked.threads, asked.rounds)
        finally:
            ours.runtime.close()
    notes = (
        f"Medians of {asked.rounds} rounds, {asked.threads} threads; a waking program alone is {alone:.2f} ms late; "
        f"load average at the start {busy:.1f}."
    )
    return publish("waiting", rows, notes)


if __name__ == "__main__":
    sys.exit(main())
