"""Has a model read a text and measures which of its weights that uses.

The text is read as llama-imatrix reads it: one run of tokens, cut into pieces that each begin anew, the first token of
each being the one that begins texts. What is worth nothing is left out: the end that fills no piece.
"""

import ctypes
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import llama_cpp as lib

from engine.errors import ModelNotUsable, TextNotAccepted, from_os_error
from engine.worker.model.llama import Flag, complaints
from engine.worker.model.threads import Threads
from engine.worker.model.vocabulary import Vocabulary
from engine.worker.model.weights import context_params, load_weights, make_context
from engine.worker.quantizer.collector import Collector
from engine.worker.quantizer.gate import Gate
from engine.worker.quantizer.matrix_file import write

LEAST_CHUNKS = 2  # as llama-imatrix has it; fifty and more are of use


class Reader:
    """A loaded model that reads pieces of a text. `close` frees it."""

    def __init__(self, path: str, chunk_tokens: int, threads: Threads, loading: Callable[[float], None]) -> None:
        """Raises `ModelNotUsable` with llama.cpp's reason."""
        flag, self._threads = Flag(), threads
        self._chunk_tokens = chunk_tokens
        self.collector = Collector()
        self._model: Any = load_weights(path, flag, loading)
        self._context: Any = None
        self._batch: Any = None
        try:
            self.vocabulary = Vocabulary(self._model)
            params = context_params(flag)
            params.n_ctx = params.n_batch = params.n_ubatch = chunk_tokens
            params.n_seq_max = 1
            params.cb_eval = self.collector.callback
            self._context = make_context(self._model, params, path)
            self._batch = self._filled(lib.llama_batch_init(chunk_tokens, 0, 1))
        except BaseException:
            self.close()
            raise

    def tokens(self, text: str) -> list[int]:
        """The tokens of a text, and what begins one before them."""
        begin = [self.vocabulary.bos] if self.vocabulary.adds_bos else []
        return [*begin, *self.vocabulary.plain(text)]

    def read(self, tokens: list[int]) -> None:
        """Read one piece, anew. Raises `ModelNotUsable`."""
        if self.vocabulary.adds_bos:
            tokens = [self.vocabulary.bos, *tokens[1:]]
        lib.llama_memory_clear(lib.llama_get_memory(self._context), True)
        ctypes.memmove(self._batch.token, (lib.llama_token * len(tokens))(*tokens), 4 * len(tokens))
        self.collector.begin()
        complaints.forget()
        number, began = self._threads.next_step(reading=True), time.perf_counter()
        lib.llama_set_n_threads(self._context, number, number)
        status = lib.llama_decode(self._context, self._batch)
        lib.llama_synchronize(self._context)
        self._threads.took(time.perf_counter() - began, writing=0, reading=len(tokens))
        self.collector.check()
        if status:
            raise ModelNotUsable(path="the model", why=f"a step of it failed ({complaints.why()})")

    def close(self) -> None:
        """Free everything."""
        if self._batch is not None:
            lib.llama_batch_free(self._batch)
        if self._context:
            lib.llama_free(self._context)
        if self._model:
            lib.llama_model_free(self._model)
        self._batch = self._context = self._model = None

    def _filled(self, batch: Any) -> Any:
        """All that is the same for every piece. Every token's outcome is asked for: else the last layer reads none."""
        batch.n_tokens = self._chunk_tokens
        for at in range(self._chunk_tokens):
            batch.pos[at], batch.n_seq_id[at], batch.seq_id[at][0], batch.logits[at] = at, 1, 0, 1
        return batch


def measured(
    path: str,
    to: Path,
    text: str,
    *,
    chunks: int,
    chunk_tokens: int,
    threads: Threads,
    called: str,
    gate: Gate,
    loading: Callable[[float], None],
    read: Callable[[int, int], None],
) -> tuple[int, int]:
    """Write the importance matrix of `text` into `to`; of how many pieces, and for how many tensors.

    `read` hears of how many tokens are done, of how many. Raises `TextNotAccepted` for too short a text,
    `ModelNotUsable`, `DiskFull`, `FileNotReadable`.
    """
    reader = Reader(path, chunk_tokens, threads, loading)
    try:
        tokens = reader.tokens(text)
        count = min(chunks, len(tokens) // chunk_tokens)
        if count < LEAST_CHUNKS:
            least = LEAST_CHUNKS * chunk_tokens
            why = f"it has {len(tokens)} tokens, and {least} are the least that tells anything"
            raise TextNotAccepted(what="The text", value="of use", why=why)
        for chunk in range(count):
            gate.passed()
            reader.read(tokens[chunk * chunk_tokens : (chunk + 1) * chunk_tokens])
            read((chunk + 1) * chunk_tokens, count * chunk_tokens)
        sums = reader.collector.sums
    finally:
        reader.close()
    try:
        write(to, sums, count, chunk_tokens, called)
    except OSError as error:
        raise from_os_error(error, to) from error
    return count, len(sums)
