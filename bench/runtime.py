"""What llama.cpp's own programs do, and what the same costs through the engine: reading, writing, many at once,
going on, long answers, Stop.

Everything is measured from outside, with a clock around `Runtime.generate`: template, tokenizing, sampling, pipes and
events are all in it. llama-bench decodes without sampling and without text. The two take turns and each starts a
process for each turn, because where its memory happens to lie makes a process some hundredths faster or slower for
as long as it lives; a ratio is the median over neighbouring turns.
"""

import argparse
import random
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from functools import partial
from pathlib import Path

import psutil

from bench.decode import decoding, pairs, reading
from bench.ours import Ours, Timed, wanted
from bench.reference import llama_bench, missing, model_file, server
from bench.report import Row, against, at_most, publish, skip
from bench.threads import neighbour
from engine.events import PromptRead, TextAdded
from engine.types import Role, Turn, Wanted

SHAPES = ("smollm2-135m", "qwen2.5-0.5b")
AS_FAST = 0.97
MANY_TOKENS = 64
LONG_TOKENS = 4000
LAST_TOKENS = 500
NEW_WORDS = 32
STOPS = 100
STOP_S = 0.2


class Figures:
    """The measures of one model with one number of threads."""

    def __init__(self, shape: str, private: Path, threads: int, rounds: int) -> None:
        """Loads nothing yet."""
        self._shape, self._threads, self._rounds = shape, threads, rounds
        self._path = model_file(shape)
        self._ours = Ours(self._path, private)
        self._luck = random.Random(4)

    def close(self) -> None:
        """End the model's process."""
        self._ours.runtime.close()

    def writing(self) -> Iterator[Row]:
        """One answer, tokens a second."""
        yield decoding(
            self._ours, self._path, self._threads, self._rounds, self._named("decode, 1 answer"), AS_FAST
        )  # fmt: skip

    def reading(self, tokens: int) -> Iterator[Row]:
        """A prompt of so many tokens, tokens a second."""
        named = self._named(f"prompt of {tokens}")
        yield reading(self._ours, self._path, self._threads, self._rounds, tokens, named, AS_FAST)

    def together(self, answers: int) -> Iterator[Row]:
        """So many answers at once, all their tokens a second."""
        asked = self._asking(MANY_TOKENS, 4096)
        words = 24
        prompt_tokens = self._ours.ask([self._ours.words(words)], self._asking(1, 4096)).written.speed.prompt_tokens

        def ours() -> float:
            self._ours.start_anew()
            self._ours.ask([self._ours.words(8)], self._asking(1, 4096))
            return self._ours.ask_all([self._ours.words(words) for _ in range(answers)], asked)

        def theirs() -> float:
            with server(self._path, self._threads, context_tokens=4096, slots=answers) as running:
                more = running.ask(self._ours.words(8).text, 1).prompt_tokens - 8  # a prompt has no template there
                prompts = [self._ours.words(prompt_tokens - more).text for _ in range(answers)]
                return running.ask_all(prompts, MANY_TOKENS)

        yield self._row(f"{answers} answers at once", ours, theirs, "tokens/s", 1.0)

    def second_turn(self) -> Iterator[Row]:
        """The second turn after 4,000 tokens: time to its first token, beside reading what is new at that depth."""
        asked = self._asking(1, 8192)
        new = depth = 0

        def ours() -> float:
            nonlocal new, depth
            first = self._ours.words(LONG_TOKENS)
            answer = self._ours.ask([first], asked).written
            turns = [first, Turn(role=Role.ASSISTANT, text=answer.text), self._ours.words(NEW_WORDS)]
            timed = self._ours.ask(turns, asked)
            new = timed.written.speed.prompt_tokens - timed.written.speed.reused_tokens
            depth = timed.written.speed.reused_tokens
            return timed.written.speed.first_token_s

        ours()
        rounds = max(3, self._rounds // 3)
        mine, other, ratio = pairs(
            rounds, ours, lambda: new / llama_bench(self._path, self._threads, prompt=new, depth=depth)
        )
        yield at_most(self._named("second turn, first token"), mine, other, "s", bar=1.15, ratio=ratio)

    def reopening(self) -> Iterator[Row]:
        """The next turn of a kept chat of 4,000 tokens in a new process, beside reading it there: to the first text."""
        asked = self._asking(8, 8192)
        said = [self._ours.words(LONG_TOKENS)]

        def first_text_s(chat_id: int) -> float:
            self._ours.start_anew()
            self._ours.ask([self._ours.words(8)], asked)  # the model is loaded: that is not what is measured
            return self._ours.ask(said, asked, chat_id=chat_id).pieces[0]

        answer = self._ours.ask(said, asked, chat_id=1).written
        said += [Turn(role=Role.ASSISTANT, text=answer.text), self._ours.words(NEW_WORDS)]
        mine, other, ratio = pairs(max(3, self._rounds // 3), lambda: first_text_s(1), lambda: first_text_s(0))
        yield at_most(self._named("reopening 4,000 tokens, first text"), mine, other, "s", bar=0.1, ratio=ratio)

    def long_answer(self) -> Iterator[Row]:
        """The last tokens of a long answer, beside as many at that depth."""

        def ours() -> float:
            moments = self._long().pieces
            return (moments[-1] - moments[int(len(moments) * (1 - LAST_TOKENS / LONG_TOKENS))]) / LAST_TOKENS

        def theirs() -> float:
            return 1 / llama_bench(
                self._path, self._threads, answer=LAST_TOKENS, depth=LONG_TOKENS - LAST_TOKENS
            )  # fmt: skip

        mine, other, ratio = pairs(max(2, self._rounds // 4), ours, theirs)
        yield at_most(self._named("a token, the last 500 of 4,000"), mine, other, "s", bar=1.05, ratio=ratio)

    def stops(self) -> Iterator[Row]:
        """Seconds from Stop to its end while reading and while writing; the next answer comes after each."""
        for what, event, words, tokens in (("reading", PromptRead, 3000, 1), ("writing", TextAdded, 8, 2000)):
            asked, short = self._asking(tokens, 4096), self._asking(1, 4096)
            self._ours.ask([self._ours.words(8)], short)
            found = []
            for _ in range(STOPS):
                found.append(self._ours.stopped([self._ours.words(words)], asked, event, self._luck.uniform(0.0, 0.1)))
                if not self._ours.ask([self._ours.words(4)], short).written.speed.tokens:
                    raise RuntimeError("the model did not answer after a Stop")
            found.sort()
            worst = found[int(0.99 * STOPS) - 1]
            yield Row(
                measure=self._named(f"stop while {what}, 99 of {STOPS}"), ours=worst, unit="s", bar=STOP_S,
                holds=worst <= STOP_S,
            )  # fmt: skip

    def _long(self) -> Timed:
        """An answer that did not end before its time; random weights end one now and then."""
        for _ in range(9):
            timed = self._ours.ask([self._ours.words(8)], self._asking(LONG_TOKENS, 8192))
            if timed.written.speed.tokens == LONG_TOKENS:
                return timed
        raise RuntimeError(f"no answer had {LONG_TOKENS} tokens")

    def _asking(self, tokens: int, context_tokens: int) -> Wanted:
        return wanted(tokens, self._threads, context_tokens=context_tokens)

    def _row(
        self, what: str, ours: Callable[[], float], theirs: Callable[[], float], unit: str, at_least: float
    ) -> Row:
        mine, other, ratio = pairs(self._rounds, ours, theirs)
        return against(self._named(what), mine, other, unit, at_least=at_least, ratio=ratio)

    def _named(self, what: str) -> str:
        return f"{self._shape}, {self._threads} thread{'s' * (self._threads > 1)}: {what}"


def measures(figures: Figures) -> dict[str, Callable[[], Iterator[Row]]]:
    """Each by the name that `--only` takes."""
    return {
        "decode": figures.writing,
        "prompt-512": partial(figures.reading, 512),
        "prompt-4096": partial(figures.reading, 4096),
        "together-4": partial(figures.together, 4),
        "together-8": partial(figures.together, 8),
        "second-turn": figures.second_turn,
        "reopening": figures.reopening,
        "long-answer": figures.long_answer,
        "stop": figures.stops,
    }


def main() -> int:
    """Run the comparison; 1 where a bar does not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, nargs="*", default=[psutil.cpu_count(logical=False) or 1])
    parser.add_argument("--shapes", nargs="*", default=list(SHAPES), choices=SHAPES)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--neighbour", action="store_true", help="beside a program that fills one core all the time")
    asked = parser.parse_args()
    if why := missing("llama-bench", "llama-server"):
        return skip("runtime", why)
    busy = psutil.getloadavg()[0]
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as private, neighbour() if asked.neighbour else nullcontext():
        for shape in asked.shapes:
            for threads in asked.threads:
                figures = Figures(shape, Path(private), threads, asked.rounds)
                try:
                    for name, measure in measures(figures).items():
                        if not asked.only or name in asked.only:
                            for row in measure():
                                rows.append(row)
                                print(row.measure, row.ours, row.reference, row.ratio, flush=True)
                finally:
                    figures.close()
    notes = f"Medians of up to {asked.rounds} turns each; load average at the start {busy:.1f}."
    if asked.neighbour:
        notes += " A neighbour filled one core meanwhile."
    return publish("runtime-neighbour" if asked.neighbour else "runtime", rows, notes)


if __name__ == "__main__":
    sys.exit(main())
