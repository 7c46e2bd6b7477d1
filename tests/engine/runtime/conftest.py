"""A model at work in this process, step by step: the real llama.cpp on tiny models of every kind.

It adds up in another order where a token is not alone in its batch or stands elsewhere in the context, which differs
in the last bits of a logit, and the likeliest two tokens come that close sooner or later. So texts are not compared,
but each token of an answer is looked up in what a model that reads the same words all alone finds there: it must be
the likeliest but for `CLOSE`.

Beside it the runtime whose processes are the fake one, for tests of what stands around a model.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import llama_cpp
import numpy as np
import pytest

from engine import wire
from engine.loading import LoadOptions
from engine.runtime import Runtime
from engine.types import Model
from engine.worker.model.generation import Generation
from engine.worker.model.llama import Flag
from engine.worker.model.loaded_model import LoadedModel
from engine.worker.model.scheduler import Scheduler
from engine.worker.model.threads import Threads
from tests.fakes import tiny_gguf
from tests.fakes.asking import FAKE
from tests.fakes.tiny_gguf import tiny_model

KINDS = ("llama", "cohere2", "mamba")  # attention to everything, through a window, and a recurrent model
ALL_KINDS = (*KINDS, "lfm2")  # and one that is both
CLOSE = 0.02  # in logits, which reach from about -10 to 10 here
START = 2  # tokens that begin every text of this vocabulary
FOX, SEA = "Once upon a time there was a fox. ", "A letter to the sea, in ink. "


class Bench:
    """A model at work, and what its answers have reported."""

    def __init__(self, kind: str, path: Path, context_tokens: int = 2048) -> None:
        self.kind = kind
        self.flag, threads = Flag(), Threads()
        threads.choose(1)
        self.model = LoadedModel(
            str(path), LoadOptions(context_tokens=context_tokens), self.flag, lambda fraction: None
        )
        self.scheduler = Scheduler(self.model, threads, self.flag)
        self.answers: dict[int, Generation] = {}
        self.reports: list[wire.Message] = []
        self.steps: list[int] = []  # how many tokens each had
        self.statuses: list[int] = []  # and how each ended
        self.before_step: Callable[[int], None] = lambda number: None
        self.decode = self.model.decode
        self.model.decode = self._counted  # type: ignore[method-assign]

    def _counted(self) -> int:
        self.before_step(len(self.steps))
        self.steps.append(self.model.batch.count)
        self.statuses.append(self.decode())
        return self.statuses[-1]

    def ask(
        self, job: int, prompt: str, tokens: int = 24, *, after: Sequence[int] = (), seed: int = -1,
        temperature: float | None = None,
    ) -> Generation:  # fmt: skip
        """Have an answer written to `prompt`, which stands after some tokens; with a `seed` not of the likeliest."""
        if temperature is None:
            temperature = 0.0 if seed < 0 else 2.0
        request = wire.Generate(
            job=job, prompt=prompt, max_tokens=tokens, temperature=temperature, seed=seed, ignore_end=True
        )
        generation = Generation(self.model, self.reports.append, request)
        generation.tokens[:0] = after
        generation._prompt_tokens += len(after)
        self.answers[job] = generation
        self.scheduler.add(generation)
        return generation

    def run(self) -> None:
        while self.scheduler.step():
            pass

    def one(self, job: int, prompt: str, tokens: int = 24) -> None:
        """Write an answer that has the model to itself from its first step to its last."""
        self.ask(job, prompt, tokens)
        self.run()

    def text(self, job: int) -> str:
        return "".join(one.text for one in self.reports if isinstance(one, wire.Token) and one.job == job)

    def ended(self, job: int) -> bool:
        return any(isinstance(one, wire.Done) and one.job == job for one in self.reports)

    def done(self, job: int) -> wire.Done:
        (found,) = [one for one in self.reports if isinstance(one, wire.Done) and one.job == job]
        return found


@pytest.fixture
def runtime(tmp_path: Path) -> Iterator[Runtime]:
    """Its processes are the fake one."""
    runtime = Runtime(tmp_path / "private", module=FAKE)
    yield runtime
    runtime.close()


@pytest.fixture
def model(tmp_path: Path) -> Model:
    return tiny_model(tmp_path / "tiny.gguf")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("models")
    return {kind: tiny_gguf.write(folder / f"{kind}.gguf", architecture=kind) for kind in ALL_KINDS}


@pytest.fixture
def bench(files: dict[str, Path]) -> Iterator[Callable[..., Bench]]:
    """Makes a bench that has read nothing yet."""
    made: list[Bench] = []

    def make(kind: str = "llama", context_tokens: int = 2048) -> Bench:
        made.append(Bench(kind, files[kind], context_tokens))
        return made[-1]

    yield make
    for each in made:
        each.scheduler.abandon()
        each.model.close()


Make = Callable[..., Bench]
Off = Callable[[Bench], float]


@pytest.fixture
def off(bench: Make) -> Off:
    """By how much at most a token of the answers falls short of the likeliest, for a model that reads it alone."""

    def worst(asked: Bench) -> float:
        most = 0.0
        model = bench(asked.kind).model
        for answer in asked.answers.values():
            llama_cpp.llama_memory_clear(llama_cpp.llama_get_memory(model.context), True)
            at, tokens, prompt = 0, answer.tokens, answer._prompt_tokens
            while at < len(tokens) - 1:
                count = min(prompt - at, 512) if at < prompt else 1
                model.batch.begin()
                row = model.batch.add(tokens[at : at + count], at, 0, pick_after=True)
                assert model.decode() == 0
                at += count
                if prompt <= at < len(tokens):  # one that was stopped may have written nothing
                    logits = np.ctypeslib.as_array(
                        llama_cpp.llama_get_logits_ith(model.context, row), shape=(model.vocabulary.size,)
                    )
                    most = max(most, float(logits.max() - logits[tokens[at]]))
        return most

    return worst
