"""One run over the passages that have no vectors yet, by the library that `library_choice.py` is for.

It begins with llama.cpp. Where that alone would take long, PyTorch is started on the side, so that nobody waits for it.
Once it is there it goes on if it is known to be faster; else both read the next batches, and the faster one goes on.
Whatever happens to PyTorch, llama.cpp goes on: the vectors are the same.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from engine.documents.embedding import Embedder
from engine.documents.library_choice import LibraryChoice, faster, other_vectors
from engine.documents.library_trial import BATCHES, Trial
from engine.documents.meaning import Floats
from engine.errors import EngineError, WorkerDied
from engine.operation import Cancel
from engine.settings import BUILT_IN_BY_LLAMA

WORTH_S = 60.0  # for llama.cpp alone: PyTorch takes ten to start, and reads at best two to three times as fast


class InBulk:
    """Makes the vectors of one run; one thread only."""

    def __init__(self, choice: LibraryChoice, llama: Embedder, clock: Callable[[], float] = time.monotonic) -> None:
        """`llama` is the built-in model run by llama.cpp."""
        self._choice, self._llama, self._torch, self._clock = choice, llama, choice.torch, clock
        self._trial = Trial()
        self._torch_ran = False
        self._batches, self._read, self._took_s = 0, 0, 0.0
        self.cut = 0  # texts so far that were longer than the model reads
        self.note = ""  # what went wrong: a sentence
        self._how = self._begun()

    def vectors(self, texts: Sequence[str], left: int, cancel: Cancel) -> Floats:
        """One unit vector a text, as rows, where `left` passages are still to come. Raises as `Embedder.vectors`."""
        return self._how(texts, left, cancel)

    # Its own affairs: what is done with the next batch.

    def _begun(self) -> Callable[[Sequence[str], int, Cancel], Floats]:
        choice, trial = self._choice, self._choice.trial
        if choice.fixed == BUILT_IN_BY_LLAMA or (not choice.fixed and trial is not None and not faster(trial)):
            return self._by_llama
        if why := choice.against_torch:
            self.note = why if choice.fixed else ""
            return self._by_llama
        if choice.fixed or (trial is not None and self._torch.warm):
            return self._by_torch
        return self._looking

    def _by_llama(self, texts: Sequence[str], left: int, cancel: Cancel) -> Floats:
        return self._by(self._llama, texts, cancel)

    def _looking(self, texts: Sequence[str], left: int, cancel: Cancel) -> Floats:
        """By llama.cpp, to see how long it would take."""
        began = self._clock()
        found = self._by(self._llama, texts, cancel)
        self._took_s += self._clock() - began
        self._read += len(texts)
        self._batches += 1
        if self._batches >= BATCHES:
            self._how = self._by_llama
            if left * self._took_s / self._read >= WORTH_S and not self._choice.against_torch:
                self._torch.warm_up(texts)
                self._how = self._until_warm
        return found

    def _until_warm(self, texts: Sequence[str], left: int, cancel: Cancel) -> Floats:
        """By llama.cpp while PyTorch starts."""
        if self._torch.warm:
            self._how = self._by_torch if self._choice.trial else self._by_both
            return self._how(texts, left, cancel)
        if self._torch.trouble:
            self._fall_back(self._choice.failed(self._torch.trouble))
        elif why := self._choice.short_of_memory():
            self._fall_back(why)
        return self._by(self._llama, texts, cancel)

    def _by_both(self, texts: Sequence[str], left: int, cancel: Cancel) -> Floats:
        """The same batch for both; what llama.cpp made of it is kept."""
        if why := self._choice.short_of_memory():
            self._fall_back(why)
            return self._by(self._llama, texts, cancel)
        torch_first = self._trial.torch_first
        torch = self._timed_torch(texts, cancel) if torch_first else None
        began = self._clock()
        by_llama = self._by(self._llama, texts, cancel)
        llama_s = self._clock() - began
        torch = torch if torch_first else self._timed_torch(texts, cancel)
        if torch is not None:
            self._trial.add(by_llama, torch[0], llama_s, torch[1])
            if self._trial.complete:
                self._decide()
        return by_llama

    def _timed_torch(self, texts: Sequence[str], cancel: Cancel) -> tuple[Floats, float] | None:
        """Vectors and seconds; None where PyTorch did not make it."""
        began = self._clock()
        try:
            return self._torch.vectors(texts, cancel), self._clock() - began
        except EngineError as error:
            self._fall_back(self._choice.failed(error))
            return None

    def _decide(self) -> None:
        result = self._choice.keep(self._trial)
        if faster(result):
            self._how = self._by_torch
            return
        self._torch.let_go()
        self._fall_back(other_vectors(result))

    def _by_torch(self, texts: Sequence[str], left: int, cancel: Cancel) -> Floats:
        if why := self._choice.short_of_memory():
            self._fall_back(why)
            return self._by(self._llama, texts, cancel)
        try:
            if self._torch_ran and not self._torch.warm:  # else it would be started again, and all would wait for it
                raise WorkerDied(process="embedder", how="between two batches")
            found = self._by(self._torch, texts, cancel)
        except EngineError as error:
            self._fall_back(self._choice.failed(error))
            return self._by(self._llama, texts, cancel)
        self._torch_ran = True
        return found

    def _by(self, embedder: Embedder, texts: Sequence[str], cancel: Cancel) -> Floats:
        """By this one, and what comes of it is kept."""
        cut_before = embedder.cut
        found = embedder.vectors(texts, cancel)
        self.cut += embedder.cut - cut_before
        return found

    def _fall_back(self, why: str) -> None:
        self.note, self._how = why, self._by_llama
