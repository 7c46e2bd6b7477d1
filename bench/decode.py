"""Tokens per second through the engine's public face, against llama.cpp's own llama-bench.

The same model file, the same threads, built from the same sources with the same flags, taking
turns in one run; the ratio is the median over neighbouring turns. Ours is measured from outside, with a clock around
`Runtime.generate`: template, tokenizing, sampling, pipes and events are all in it. llama-bench
decodes without sampling and without text. Both start at the same depth: ours has a template before the
text, and attention over each token before costs a little. Both start a process for each turn: where its memory
happens to lie makes a process some hundredths faster or slower for as long as it lives.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psutil

from bench.report import Row, against, publish, skip
from engine.events import PromptRead
from engine.operation import Cancel
from engine.runtime import Runtime
from engine.runtime.gguf import read_facts
from engine.types import Model, ModelOrigin, Role, Turn, Wanted, Written

HERE = Path(__file__).resolve().parent
SHARED = HERE.parent.parent / "shared"
TOOLS = HERE / "tools"
PROMPT_TOKENS, ANSWER_TOKENS = 512, 96
BAR = 0.95
QUANTIZE = """
import sys, llama_cpp as l
p = l.llama_model_quantize_default_params(); p.ftype = l.LLAMA_FTYPE_MOSTLY_Q4_K_M; p.nthread = 2
sys.exit(l.llama_model_quantize(sys.argv[1].encode(), sys.argv[2].encode(), p))
"""


def model_file() -> Path:
    """A model of SmolLM2-135M's shape with random weights, as Q4_K_M; made once."""
    path = TOOLS / "smollm2-135m-shape-q4_k_m.gguf"
    if not path.exists():
        with tempfile.TemporaryDirectory(dir=TOOLS) as folder:
            full, small = Path(folder, "full.gguf"), Path(folder, "small.gguf")
            vocab = str(SHARED / "data/vocab/ggml-vocab-gpt-2.gguf")
            make = [str(SHARED / "tools/make_model.py"), "--shape", "smollm2-135m", "--vocab", vocab, str(full)]
            for command in (make, ["-c", QUANTIZE, str(full), str(small)]):
                subprocess.run([sys.executable, *command], check=True, capture_output=True)
            small.rename(path)
    return path


class Ours:
    """The engine, asked as the chat page asks it."""

    def __init__(self, path: Path, private: Path, module: str = "engine.worker.model") -> None:
        """Loads at the first ask."""
        facts = read_facts(path)
        self._model = Model(
            id=1, name=path.stem, path=path, origin=ModelOrigin.DISK, facts=facts, added_at="2026-01-01T00:00:00Z"
        )
        self._private, self._module = private, module
        self.runtime = Runtime(private, module=module)
        self.written_at = self.read_at = 0  # tokens that stood before what was written, and read
        self._turn = 0
        self._words = PROMPT_TOKENS

    def ask(self, words: int, answer_tokens: int, threads: int) -> tuple[Written, float, float]:
        """The answer, the seconds until the prompt was read, the seconds from there to the end."""
        self._turn += 1  # a different first word each time, so that nothing read before is reused
        text = f"{self._turn:05d}" + " the" * words
        wanted = Wanted(context_tokens=1024, answer_tokens=answer_tokens, temperature=0.7, seed=1, threads=threads)
        operation = self.runtime.generate(self._model, [Turn(role=Role.USER, text=text)], wanted, Cancel())
        started = read_at = time.perf_counter()
        try:
            while True:
                if isinstance(next(operation), PromptRead):
                    read_at = time.perf_counter()
        except StopIteration as end:
            written: Written = end.value
            return written, read_at - started, time.perf_counter() - read_at

    def reading(self, threads: int) -> float:
        """Prompt tokens a second, from the call to the end of an answer of one token."""
        self._start_anew()
        for _ in range(10):
            written, _, _ = self.ask(self._words, 1, threads)  # warms up, as theirs does
            self.read_at = written.speed.reused_tokens
            read = written.speed.prompt_tokens - self.read_at
            if read == PROMPT_TOKENS:
                break
            self._words += PROMPT_TOKENS - read  # the template has tokens of its own
        _, reading_s, writing_s = self.ask(self._words, 1, threads)
        return PROMPT_TOKENS / (reading_s + writing_s)

    def writing(self, threads: int) -> float:
        """Tokens decoded a second, from the end of reading to the end of the answer."""
        self._start_anew()
        self.ask(8, 1, threads)  # warms up, as theirs does
        written, _, writing_s = self.ask(8, ANSWER_TOKENS, threads)
        self.written_at = written.speed.prompt_tokens
        return (written.speed.tokens - 1) / writing_s

    def _start_anew(self) -> None:
        """A new process loads the model at the next ask."""
        self.runtime.close()
        self.runtime = Runtime(self._private, module=self._module)


def theirs(path: Path, threads: int, *, prompt: int, answer: int, depth: int) -> float:
    """What llama-bench measures, in tokens a second; it warms up by itself."""
    options = {"-m": path, "-t": threads, "-p": prompt, "-n": answer, "-d": depth, "-r": 1, "-o": "json"}
    command = [str(TOOLS / "llama-bench"), *(str(part) for pair in options.items() for part in pair)]
    run = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(json.loads(run.stdout)[0]["avg_ts"])


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
            ours.writing(threads)  # warm, and the words that make the prompt as long as theirs
            ours.reading(threads)
            for what, mine, prompt, answer, depth in (
                ("decode", ours.writing, 0, ANSWER_TOKENS, ours.written_at),
                (f"prompt of {PROMPT_TOKENS}", ours.reading, PROMPT_TOKENS, 0, ours.read_at),
            ):
                reference = partial(theirs, path, threads, prompt=prompt, answer=answer, depth=depth)
                middle, other, ratio = pairs(rounds, partial(mine, threads), reference)
                rows.append(against(f"{what}, {named}", middle, other, "tokens/s", at_least=BAR, ratio=ratio))
    finally:
        ours.runtime.close()
    return rows


def main() -> int:
    """Run the comparison; 1 where a bar does not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    if not (TOOLS / "llama-bench").exists():
        return skip("decode", "llama-bench is not built; run `make bench-tools`")
    if not SHARED.exists():
        return skip("decode", "the script and the vocabulary that make its model are not beside the repository")
    with tempfile.TemporaryDirectory() as private:
        busy = psutil.getloadavg()[0]
        rows = measure(model_file(), Path(private), rounds)
    notes = f"Medians of {rounds} turns each, taken alternately in one run; load average at the start {busy:.1f}."
    return publish("decode", rows, notes)


if __name__ == "__main__":
    sys.exit(main())
