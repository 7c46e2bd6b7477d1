"""An embedding, reranking or entailment model in memory: several texts a step, one row of numbers for each.

Two traps. A model without a causal order reads a text in one piece, so what a step may hold is settled when the
context is made. And attention is worked out between all tokens of a step, those of other texts as well: steps much
longer than the texts waste what they save.
"""

import ctypes
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import llama_cpp as lib
import numpy as np
from numpy.typing import NDArray

from engine.errors import Cancelled, ModelNotUsable
from engine.worker.model.batch import Batch
from engine.worker.model.llama import Flag, complaints
from engine.worker.model.threads import Threads
from engine.worker.model.vocabulary import Vocabulary
from engine.worker.model.weights import context_params, load_weights, make_context

LONGEST = 512  # tokens of one text: a passage has about 600 characters
TOGETHER = 256  # tokens of several texts in one step
SEQUENCES = 64
MOST_DIMENSIONS = 1 << 16
MOST_LABELS = 64
_DONE, _STOPPED = 0, 2  # what llama_decode and llama_encode return


class Encoder:
    """Loads in the constructor; `close` frees. One thread only."""

    def __init__(self, path: str, longest: int, threads: int, flag: Flag, loading: Callable[[float], None]) -> None:
        """Load `path` for texts of at most `longest` tokens (0: as long as is useful here).

        `loading` hears the fraction read so far. Raises `ModelNotUsable`, `Cancelled` where `flag` was raised.
        """
        started = time.perf_counter()
        self._flag = flag
        self._model: Any = None
        self._context: Any = None
        try:
            self._model = load_weights(path, flag, loading)
            trained = lib.llama_model_n_ctx_train(self._model)
            self.longest = min(longest or LONGEST, LONGEST, trained if trained > 0 else LONGEST)
            self.labels = self._labels()
            self._context = self._make_context(path, threads)
            pooling = lib.llama_pooling_type(self._context)
            if pooling == lib.LLAMA_POOLING_TYPE_NONE:
                raise ModelNotUsable(path=path, why="it does not say how many vectors become one")
            self.ranks = pooling == lib.LLAMA_POOLING_TYPE_RANK
            self._width = (
                lib.llama_model_n_cls_out(self._model) if self.ranks else lib.llama_model_n_embd_out(self._model)
            )
            if not 0 < self._width <= MOST_DIMENSIONS:
                raise ModelNotUsable(path=path, why=f"its vectors would have {self._width} numbers")
        except BaseException:
            self.close()
            raise
        self.dimensions = 0 if self.ranks else self._width
        self.vocabulary = Vocabulary(self._model)
        self._step = lib.llama_encode if lib.llama_model_has_encoder(self._model) else lib.llama_decode
        self._memory = lib.llama_get_memory(self._context)  # false for a model that keeps nothing between steps
        self._batch = Batch(self._room, SEQUENCES, self.vocabulary.size)
        self.load_s = time.perf_counter() - started

    def close(self) -> None:
        """Free everything."""
        if self._context:
            lib.llama_free(self._context)
        if self._model:
            lib.llama_model_free(self._model)
        self._context = self._model = None

    def says(self, key: str) -> str:
        """An entry of the file's header as text, "" where there is none."""
        room = ctypes.create_string_buffer(512)
        length = lib.llama_model_meta_val_str(self._model, key.encode(), room, len(room))
        return room.value.decode("utf-8", "replace") if length > 0 else ""

    def template(self, name: str) -> str:
        """A template of the file, "" where there is none of that name."""
        source = lib.llama_model_chat_template(self._model, name.encode())
        return source.decode("utf-8", "replace") if source else ""

    def run(
        self, rows: Sequence[Sequence[int]], threads: Threads, read: Callable[[int, int], None]
    ) -> NDArray[np.float32]:
        """One row of numbers for each of `rows` of tokens, in their order; as they come, not of length one.

        `read` hears how many of all tokens are done. Raises `Cancelled`, `ModelNotUsable`.
        """
        found = np.zeros((len(rows), self._width), np.float32)
        total, done = sum(map(len, rows)), 0
        for together in self._steps(rows):
            self._batch.begin()
            for sequence, index in enumerate(together):
                self._batch.add(rows[index], 0, sequence, pick_after=True)
            self._do(threads)
            for sequence, index in enumerate(together):
                pointer = lib.llama_get_embeddings_seq(self._context, sequence)
                if not pointer:
                    raise ModelNotUsable(path="the model", why="it made no vector of a text")
                found[index] = np.ctypeslib.as_array(pointer, (self._width,))
            done += self._batch.count
            read(done, total)
        if not np.isfinite(found).all():
            raise ModelNotUsable(path="the model", why="it made something else than numbers of a text")
        return found

    # Its own affairs.

    def _labels(self) -> tuple[str, ...]:
        """What a text may be, by the model's own words; none for a model that gives texts one number or a vector."""
        count = lib.llama_model_n_cls_out(self._model)
        names = [lib.llama_model_cls_label(self._model, at) for at in range(count)] if 1 < count <= MOST_LABELS else []
        return tuple(name.decode("utf-8", "replace") for name in names) if names and all(names) else ()

    @property
    def _room(self) -> int:
        return max(self.longest, TOGETHER)

    def _steps(self, rows: Sequence[Sequence[int]]) -> Iterator[list[int]]:
        """The indices of `rows`, in lots for one step each; texts of about the same length come together."""
        lot: list[int] = []
        size = 0
        for index in sorted(range(len(rows)), key=lambda index: len(rows[index])):
            length = len(rows[index])
            if lot and (size + length > TOGETHER or len(lot) == SEQUENCES):
                yield lot
                lot, size = [], 0
            lot.append(index)
            size += length
        if lot:
            yield lot

    def _do(self, threads: Threads) -> None:
        number = threads.next_step(reading=True)
        lib.llama_set_n_threads(self._context, number, number)
        if self._memory:
            lib.llama_memory_clear(self._memory, False)
        began = time.perf_counter()
        status = self._step(self._context, self._batch.raw)
        if status == _STOPPED or self._flag.raised:
            raise Cancelled
        if status != _DONE:
            raise ModelNotUsable(path="the model", why=f"a step of it failed ({complaints.why()})")
        lib.llama_synchronize(self._context)
        threads.took(time.perf_counter() - began, writing=0, reading=self._batch.count)

    def _make_context(self, path: str, threads: int) -> Any:
        params = context_params(self._flag)
        params.n_ctx = params.n_batch = params.n_ubatch = self._room
        params.n_seq_max = SEQUENCES
        params.kv_unified = True
        params.embeddings = True
        if self.labels:  # a file made from a classifier need not say how its vectors become one
            params.pooling_type = lib.LLAMA_POOLING_TYPE_RANK
        params.n_threads = params.n_threads_batch = threads
        return make_context(self._model, params, path)
