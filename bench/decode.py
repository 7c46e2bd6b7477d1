"""Tokens per second through the engine's public face, against llama.cpp's own llama-bench.

The same model file, the same threads, built from the same sources with the same flags, taking
turns in one run; the ratio is the median over neighbouring turns. Ours is measured from outside, with a clock around
`Runtime.generate`: template, tokenizing, sampling, pipes and events are all in it. llama-bench
decodes without sampling and without text. Both start at the same depth: ours has a template before the
text, and attention over each token before costs a little. Both start a process for each turn: where its memory
happens to lie makes a process some hundredths faster or slower for as long as it lives.
"""

import argparse
import statistics
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psutil

from bench.ours import Ours
from bench.reference import llama_bench, missing, model_file
from bench.report import Row, against, publish, skip

PROMPT_TOKENS, ANSWER_TOKENS = 512, 96
BAR = 0.97


def pairs(rounds: int, ours: Callable[[], float], theirs: Callable[[], float]) -> tuple[float, float, float]:
    """Medians of ours, of theirs, and of the ratio of the two that ran next to each other.

    Who goes first changes every time. On a machine with other work, neighbours in time share
    the same weather, and their ratio is steadier than either figure.
    """
    found: list[tuple[float, float]] = []
    for turn in range(rounds):
        if turn % 2:
            reference = theirs()
            found.append((ours(), reference))
        else:
            found.append((ours(), theirs()))
    ratio = statistics.median(mine / reference for mine, reference in found)
    return statistics.median(mine for mine, _ in found), statistics.median(other for _, other in found), ratio


def measure(path: Path, private: Path, rounds: int) -> list[Row]:
    """Ours and theirs by turns, for each number of threads."""
    rows = []
    ours = Ours(path, private)
    try:
        for threads in (1, 2):
            named = f"{threads} thread" + "s" * (threads > 1)
            rows.append(decoding(ours, path, threads, rounds, f"decode, {named}", BAR))
            rows.append(reading(ours, path, threads, rounds, PROMPT_TOKENS, f"prompt of {PROMPT_TOKENS}, {named}", BAR))
    finally:
        ours.runtime.close()
    return rows


def decoding(ours: Ours, path: Path, threads: int, rounds: int, named: str, bar: float) -> Row:
    """One answer, tokens written a second."""
    ours.writing(threads, ANSWER_TOKENS)  # tells how much stands before
    theirs = partial(llama_bench, path, threads, answer=ANSWER_TOKENS, depth=ours.written_at)
    middle, other, ratio = pairs(rounds, partial(ours.writing, threads, ANSWER_TOKENS), theirs)
    return against(named, middle, other, "tokens/s", at_least=bar, ratio=ratio)


def reading(ours: Ours, path: Path, threads: int, rounds: int, tokens: int, named: str, bar: float) -> Row:
    """One prompt, tokens read a second."""
    ours.reading(threads, tokens)  # tells how much stands before
    theirs = partial(llama_bench, path, threads, prompt=tokens, depth=ours.read_at)
    middle, other, ratio = pairs(rounds, partial(ours.reading, threads, tokens), theirs)
    return against(named, middle, other, "tokens/s", at_least=bar, ratio=ratio)


def main() -> int:
    """Run the comparison; 1 where a bar does not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    if why := missing("llama-bench"):
        return skip("decode", why)
    with tempfile.TemporaryDirectory() as private:
        busy = psutil.getloadavg()[0]
        rows = measure(model_file(), Path(private), rounds)
    notes = f"Medians of {rounds} turns each, taken alternately in one run; load average at the start {busy:.1f}."
    return publish("decode", rows, notes)


if __name__ == "__main__":
    sys.exit(main())
