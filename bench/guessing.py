"""Tokens per second with guesses and without, by turns in one process.

A text that repeats itself is one that a model with random weights writes when it always takes the likeliest token: it
soon goes round in a circle. One that repeats nothing is what it writes at a high temperature. The draft model that is
never right has other random weights; it is at work in a process of its own, beside one that has none.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench.reference import SHARED, TOOLS, missing, model_file
from bench.report import Row, against, publish, skip
from engine import wire
from engine.operation import Cancel
from engine.runtime.process import Process

TOKENS = 256
NEVER_SLOWER, FASTER = 0.97, 1.0
PROMPT = "Once upon a time there was a fox. The fox lived in a wood."
REPEATING = {"temperature": 1.0, "top_k": 1}
NEW = {"temperature": 1.5, "top_k": 0, "top_p": 1.0, "min_p": 0.0}


def draft_file() -> Path:
    """A small model of the same vocabulary, with other random weights; made once."""
    path = TOOLS / "small-15m-shape-f16.gguf"
    if not path.exists():
        vocab = SHARED / "data/vocab/ggml-vocab-gpt-2.gguf"
        make = [SHARED / "tools/make_model.py", "--shape", "small-15m", "--seed", "5", "--vocab", vocab, path]
        subprocess.run([sys.executable, *map(str, make)], check=True, capture_output=True)
    return path


class Written:
    """A model in a process of its own, which writes `TOKENS` tokens at a time."""

    def __init__(self, private: Path, threads: int, draft: str = "") -> None:
        self.process = Process("model", "engine.worker.model", private=private)
        load = wire.Load(path=str(model_file()), context_tokens=2048, threads=threads, draft=draft)
        for _ in self.process.ask(load, Cancel(), silent_s=600):
            pass

    def rate(self, figures: dict[str, Any], *, guess_ahead: bool) -> wire.Done:
        """What writing once took."""
        request = wire.Generate(
            prompt=PROMPT, max_tokens=TOKENS, ignore_end=True, guess_ahead=guess_ahead, **figures
        )  # fmt: skip
        *_, done = self.process.ask(request, Cancel(), silent_s=600)
        assert isinstance(done, wire.Done)
        return done


def compared(named: str, ours: Written, plain: Written, figures: dict[str, Any], rounds: int, bar: float) -> Row:
    """With guesses and without, who goes first changing every time; the ratio is the median of neighbours."""
    with_: list[float] = []
    without: list[float] = []
    right = 0
    for turn in range(rounds + 1):
        for guessing in (True, False) if turn % 2 else (False, True):
            done = (ours if guessing else plain).rate(figures, guess_ahead=guessing)
            if turn:  # the first one warms up
                (with_ if guessing else without).append(done.tokens_per_s)
                right += done.guessed_right
    ratio = statistics.median(one / other for one, other in zip(with_, without, strict=True))
    named = f"{named} ({100 * right // (rounds * TOKENS)} % guessed right)"
    return against(
        named, statistics.median(with_), statistics.median(without), "tokens/s", at_least=bar, ratio=ratio
    )  # fmt: skip


def main() -> int:
    """Run the comparison; 1 where a bar does not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    if why := missing():
        return skip("guessing", why)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        plain = Written(Path(folder, "plain"), arguments.threads)
        drafted = Written(Path(folder, "drafted"), arguments.threads, str(draft_file()))
        for each in (plain, drafted):
            stack.callback(each.process.close)
        rows = [
            compared("text that repeats itself", plain, plain, REPEATING, arguments.rounds, FASTER),
            compared("text that repeats nothing", plain, plain, NEW, arguments.rounds, NEVER_SLOWER),
            compared("with a draft model that is never right", drafted, plain, NEW, arguments.rounds, NEVER_SLOWER),
        ]
    return publish("guessing", rows, f"Medians of {arguments.rounds} turns, {TOKENS} tokens each.")


if __name__ == "__main__":
    sys.exit(main())
