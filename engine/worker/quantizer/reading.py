"""A loaded model that reads a text in pieces, as llama.cpp's own tools that measure have it.

One run of tokens, cut into pieces that each begin anew, the first token of each being the one that begins texts. What
is worth nothing is left out: the end that fills no piece.
"""

import ctypes
import os
import time
from collections.abc import Callable
from typing import Any

import llama_cpp as lib
import numpy as np
from numpy.typing import NDArray

from engine.errors import ModelNotUsable, TextNotAccepted
from engine.worker.model.llama import Flag, complaints
from engine.worker.model.threads import Threads
from engine.worker.model.vocabulary import Vocabulary, fitting
from engine.worker.model.weights import context_params, load_weights, make_context

LEAST_CHUNKS = 2  # as llama.cpp's tools have it; fifty and more are of use


class Reader:
    """`close` frees the model."""

    def __init__(
        self,
        path: str,
        chunk_tokens: int,
        threads: Threads,
        loading: Callable[[float], None],
        *,
        hears: Any = None,
        outcomes_from: int = 0,
    ) -> None:
        """`hears` is called by llama.cpp for each step of its reckoning (`cb_eval`).

        What the model makes of a piece is asked for from its token `outcomes_from` on. Raises `ModelNotUsable` with
        llama.cpp's reason.
        """
        self._flag, self._threads, self._path = Flag(), threads, path  # llama.cpp looks at the flag as long as it works
        self._chunk_tokens, self._outcomes_from = chunk_tokens, outcomes_from
        self._model: Any = load_weights(path, self._flag, loading)
        self._context: Any = None
        self._batch: Any = None
        try:
            self.vocabulary = Vocabulary(self._model)
            params = context_params(self._flag)
            params.n_ctx = params.n_batch = params.n_ubatch = chunk_tokens
            params.n_seq_max = 1
            if hears is not None:
                params.cb_eval = hears
            self._context = make_context(self._model, params, path)
            self._batch = lib.llama_batch_init(chunk_tokens, 0, 1)
        except BaseException:
            self.close()
            raise

    def tokens(self, text: str) -> list[int]:
        """The tokens of a text, and what begins one before them."""
        begin = [self.vocabulary.bos] if self.vocabulary.adds_bos else []
        return [*begin, *self.vocabulary.plain(text)]

    def read(self, tokens: list[int]) -> float:
        """Read one piece, anew; the seconds that it took. Raises `ModelNotUsable`."""
        if self.vocabulary.adds_bos:
            tokens = [self.vocabulary.bos, *tokens[1:]]
        lib.llama_memory_clear(lib.llama_get_memory(self._context), True)
        return self._step(tokens, 0)

    def goes_on(self, token: int, at: int) -> float:
        """Read one token more, as whoever writes does; the seconds that it took. Raises `ModelNotUsable`."""
        return self._step([token], at)

    def forget(self) -> None:
        """What was read: the next token is the first."""
        lib.llama_memory_clear(lib.llama_get_memory(self._context), True)

    def outcomes(self) -> NDArray[np.float32]:
        """What the model made of each token of the last piece from `outcomes_from` on: a number for each word it knows.

        These are logits, not yet probabilities; a row for each token, valid until more is read.
        """
        first, rows = self._outcomes_from, self._chunk_tokens - self._outcomes_from
        pointer = lib.llama_get_logits_ith(self._context, first)
        return np.ctypeslib.as_array(pointer, shape=(rows, self.vocabulary.size))

    def close(self) -> None:
        """Free everything."""
        if self._batch is not None:
            lib.llama_batch_free(self._batch)
        if self._context:
            lib.llama_free(self._context)
        if self._model:
            lib.llama_model_free(self._model)
        self._batch = self._context = self._model = None

    def _step(self, tokens: list[int], first: int) -> float:
        batch, count = self._batch, len(tokens)
        ctypes.memmove(batch.token, (lib.llama_token * count)(*tokens), 4 * count)
        batch.n_tokens = count
        for at in range(count):
            batch.pos[at], batch.n_seq_id[at], batch.seq_id[at][0] = first + at, 1, 0
            batch.logits[at] = first + at >= self._outcomes_from
        batch.logits[count - 1] = 1
        complaints.forget()
        reading = count > 1
        number, began = self._threads.next_step(reading=reading), time.perf_counter()
        lib.llama_set_n_threads(self._context, number, number)
        status = lib.llama_decode(self._context, batch)
        lib.llama_synchronize(self._context)
        seconds = time.perf_counter() - began
        self._threads.took(seconds, writing=int(not reading), reading=count if reading else 0)
        if status:
            raise ModelNotUsable(path=self._path, why=f"a step of it failed ({complaints.why()})")
        return seconds


def cut(tokens: list[int], chunk_tokens: int, most: int) -> list[list[int]]:
    """At most so many pieces of a text. Raises `TextNotAccepted` where there are too few to tell anything."""
    count = min(most, len(tokens) // chunk_tokens)
    if count < LEAST_CHUNKS:
        why = f"it has {len(tokens)} tokens, and {LEAST_CHUNKS * chunk_tokens} are the least that tells anything"
        raise TextNotAccepted(what="The text", value="of use", why=why)
    return [tokens[chunk * chunk_tokens : (chunk + 1) * chunk_tokens] for chunk in range(count)]


def differs(path: str, vocabulary: Vocabulary) -> bool:
    """Whether the model in a file has another vocabulary than this one; no weight of it is read.

    Raises `ModelNotUsable` with llama.cpp's reason.
    """
    params = lib.llama_model_default_params()
    params.vocab_only = True
    complaints.forget()
    model = lib.llama_model_load_from_file(os.fsencode(path), params)
    if not model:
        raise ModelNotUsable(path=path, why=complaints.why())
    try:
        other = Vocabulary(model)
        return other.size != vocabulary.size or bool(fitting(other, vocabulary))
    finally:
        lib.llama_model_free(model)
