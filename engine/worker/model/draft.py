"""A second, small model of the same vocabulary that writes ahead; the large one then only checks what it wrote.

It guesses for one answer at a time and reads no more than the end of it, so that it costs little memory and is soon
ready. What it has read stays while the text goes on from there.
"""

import time
from collections.abc import Sequence
from typing import Any

import llama_cpp as lib

from engine.errors import DraftNotUsable, ModelNotUsable
from engine.worker.model.batch import Batch
from engine.worker.model.llama import Flag, complaints
from engine.worker.model.mapped import give_back
from engine.worker.model.vocabulary import Vocabulary, fitting
from engine.worker.model.weights import context_params, load_weights, make_context

CONTEXT_TOKENS = 1024  # engine/runtime/fit.py counts them
READ_TOKENS = 256  # of a text that is new to it, the last ones
NEW = 0.2  # what the latest guess counts against all before in what one takes


class Draft:
    """Loads in the constructor; `close` frees. One thread only."""

    def __init__(self, path: str, target: Vocabulary, flag: Flag) -> None:
        """Load `path` to guess for a model with the vocabulary `target`.

        Raises `ModelNotUsable` with llama.cpp's reason, `DraftNotUsable` where the two do not fit together,
        `Cancelled` where `flag` was raised meanwhile.
        """
        self._model: Any = None
        self._context: Any = None
        self._held: list[int] = []
        self._first = 0  # where in the text of the answer the tokens held begin
        self._threads = 1
        self._path = path
        self.each_s = 0.0  # what one guess takes, once all that stands before it is read; 0 before one was made
        try:
            self._model = load_weights(path, flag)
            give_back([path])
            self.vocabulary = Vocabulary(self._model)
            if why := fitting(self.vocabulary, target):
                raise DraftNotUsable(path=path, why=why)
            if lib.llama_model_is_recurrent(self._model) or lib.llama_model_is_hybrid(self._model):
                raise DraftNotUsable(path=path, why="its memory cannot go back to before a wrong guess")
            self._context = self._make_context(flag)
        except BaseException:
            self.close()
            raise
        self._known = min(self.vocabulary.size, target.size)
        self._memory = lib.llama_get_memory(self._context)
        self._batch = Batch(READ_TOKENS, 1, self.vocabulary.size)
        self._likeliest = lib.llama_sampler_init_greedy()

    def close(self) -> None:
        """Free everything."""
        if self._context:
            lib.llama_sampler_free(self._likeliest)
            lib.llama_free(self._context)
        if self._model:
            lib.llama_model_free(self._model)
        self._context = self._model = None

    def use_threads(self, threads: int) -> None:
        """From the next guess on."""
        if threads != self._threads:
            lib.llama_set_n_threads(self._context, threads, threads)
            self._threads = threads

    def guesses(self, tokens: Sequence[int], count: int) -> list[int]:
        """At most `count` tokens that may follow `tokens`; none where a Stop came, or a token it does not know."""
        new = self._unread(tokens)
        found: list[int] = []
        while len(found) < count and max(new) < self.vocabulary.size:
            started = time.perf_counter()
            if not self._read(new):
                return []
            token: int = lib.llama_sampler_sample(self._likeliest, self._context, -1)
            if len(new) == 1:
                took_s = time.perf_counter() - started
                self.each_s += NEW * (took_s - self.each_s) if self.each_s else took_s
            if token >= self._known:
                break
            found.append(token)
            new = [token]
        return found

    # Its own affairs.

    def _unread(self, tokens: Sequence[int]) -> list[int]:
        """What of the text is still to be read, once all that does not belong to it is forgotten. One at least."""
        common = 0
        if self._held:
            there = tokens[self._first : self._first + len(self._held)]
            if there == self._held:
                common = len(there)
            else:
                pairs = enumerate(zip(there, self._held, strict=False))
                common = next((at for at, (one, other) in pairs if one != other), len(there))
            common = min(common, len(tokens) - self._first - 1)
        unread = len(tokens) - self._first - common
        if common <= 0 or unread > READ_TOKENS or common + unread + READ_TOKENS > CONTEXT_TOKENS:
            self._forget()
            self._first = max(0, len(tokens) - READ_TOKENS)
            return list(tokens[self._first :])
        if common < len(self._held):
            lib.llama_memory_seq_rm(self._memory, 0, common, -1)
            del self._held[common:]
        return list(tokens[self._first + common :])

    def _read(self, tokens: list[int]) -> bool:
        """Read tokens that follow those held; False where a Stop came."""
        batch = self._batch
        batch.begin()
        batch.add(tokens, len(self._held), 0, pick_after=True)
        status = lib.llama_decode(self._context, batch.raw)
        if status == 0:
            self._held += tokens
            return True
        self._forget()
        if status != 2:
            raise ModelNotUsable(path=self._path, why=f"it could not go on ({complaints.why()}, code {status})")
        return False

    def _forget(self) -> None:
        lib.llama_memory_clear(self._memory, False)
        self._held = []

    def _make_context(self, flag: Flag) -> Any:
        params = context_params(flag)
        params.n_ctx = CONTEXT_TOKENS
        params.n_batch = params.n_ubatch = READ_TOKENS
        params.n_seq_max = params.n_outputs_max = 1
        return make_context(self._model, params, self._path)
