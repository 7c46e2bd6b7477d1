"""What the walls cost a model: tokens per second in the process as it is, beside one without walls.

Both are the real model process with the same model file, taking turns in one run; the ratio is the median over
neighbouring turns. It needs a machine with nothing else to do: on a busy one the ratio says nothing.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psutil

from bench.decode import ANSWER_TOKENS, PROMPT_TOKENS, pairs
from bench.ours import Ours
from bench.reference import SHARED, TOOLS, model_file
from bench.report import Row, against, publish, skip

BAR = 0.97  # two medians of the same process differ by as much


def measure(path: Path, folder: Path, rounds: int, threads: int) -> list[Row]:
    """With walls and without by turns, writing and reading."""
    walled = Ours(path, folder / "walled")
    bare = Ours(path, folder / "bare", module="bench.unwalled_model")
    rows = []
    try:
        named: dict[str, Callable[[Ours], float]] = {
            f"{ANSWER_TOKENS} tokens written": lambda ours: ours.writing(threads, ANSWER_TOKENS),
            f"prompt of {PROMPT_TOKENS} read": lambda ours: ours.reading(threads, PROMPT_TOKENS),
        }
        for what, of in named.items():
            for ours in (walled, bare):
                of(ours)  # the words that make the prompt as long as is wanted
            mine, other, ratio = pairs(rounds, partial(of, walled), partial(of, bare))
            rows.append(against(what, mine, other, "tokens/s", at_least=BAR, ratio=ratio))
    finally:
        walled.runtime.close()
        bare.runtime.close()
    return rows


def main() -> int:
    """Run the comparison; 1 where a bar does not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--threads", type=int, default=psutil.cpu_count(logical=False) or 1)
    asked = parser.parse_args()
    TOOLS.mkdir(exist_ok=True)
    if not SHARED.exists():
        return skip("walls", "the script and the vocabulary that make its model are not beside the repository")
    busy = psutil.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        rows = measure(model_file(), Path(folder), asked.rounds, asked.threads)
    notes = f"Medians of {asked.rounds} turns each, {asked.threads} threads; load average at the start {busy:.1f}."
    return publish("walls", rows, notes)


if __name__ == "__main__":
    sys.exit(main())
