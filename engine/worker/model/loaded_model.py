"""A model in memory with its context: what it holds, and one safe step of decoding.

llama.cpp ends the process for values it did not expect (a batch over its size, a token it does
not know). Everything is checked here first.
"""

import re
import time
from collections.abc import Callable, Sequence
from typing import Any

import llama_cpp as lib
import numpy as np

from engine.errors import Cancelled, ModelNotUsable
from engine.worker.model.batch import SEQUENCE, SEQUENCES, Batch
from engine.worker.model.llama import Flag, complaints
from engine.worker.model.template import ChatTemplate
from engine.worker.model.vocabulary import Vocabulary

BATCH_TOKENS = 512
STEP_TOKENS = 64  # a prompt is read in steps of a multiple of this; odd or small ones cost up to a third more
REPORT_STEP = 0.01
_PART = re.compile(r"(.*)-\d{5}-of-(00\d{3})\.gguf", re.DOTALL)


def parts(path: str) -> tuple[str, ...]:
    """The files that llama.cpp opens for `path`: the file, or all files of a model that comes in several."""
    found = _PART.fullmatch(path)
    if not found:
        return (path,)
    return tuple(f"{found[1]}-{number:05d}-of-{found[2]}.gguf" for number in range(1, int(found[2]) + 1))


class LoadedModel:
    """Loads in the constructor; `close` frees. One thread only."""

    def __init__(
        self, path: str, context_tokens: int, threads: int, flag: Flag, loading: Callable[[float], None]
    ) -> None:
        """Load `path` with room for `context_tokens`, at most what the model was trained on.

        `loading` hears the fraction read so far. Raises `ModelNotUsable` with llama.cpp's reason,
        `Cancelled` where `flag` was raised meanwhile.
        """
        started = time.perf_counter()
        self._flag = flag
        self._model: Any = None
        self.context: Any = None
        complaints.forget()
        try:
            self._model = self._load(path, loading)
            self.vocabulary = Vocabulary(self._model)
            self.context = self._make_context(path, context_tokens, threads)
        except BaseException:
            self.close()
            raise
        self.context_tokens = min(int(lib.llama_n_ctx(self.context)), self._most_context(context_tokens))
        self._memory = lib.llama_get_memory(self.context)
        self._batch = Batch(BATCH_TOKENS)
        self.step_tokens = STEP_TOKENS  # how many tokens one step of reading takes by now
        self.held: list[int] = []  # the tokens whose state the context holds
        self._threads = threads
        source = lib.llama_model_chat_template(self._model, None)
        self.template = ChatTemplate(
            source.decode("utf-8", "replace") if source else None,
            bos=self.vocabulary.spelled(self.vocabulary.bos),
            eos=self.vocabulary.spelled(self.vocabulary.eos),
            has_special=self.vocabulary.has_special,
        )
        self.load_s = time.perf_counter() - started

    def close(self) -> None:
        """Free everything."""
        if self.context:
            self._batch.close()
            lib.llama_free(self.context)
        if self._model:
            lib.llama_model_free(self._model)
        self.context = self._model = None

    def use_threads(self, threads: int) -> None:
        """From the next decode on."""
        if threads != self._threads:
            lib.llama_set_n_threads(self.context, threads, threads)
            self._threads = threads

    def keep_common(self, tokens: Sequence[int]) -> int:
        """Forget what does not begin `tokens`; how many of them need not be read again.

        The last one is always read, so that there is something to pick from. A memory that
        cannot forget its end (recurrent models) is cleared.
        """
        most = min(len(self.held), len(tokens) - 1)
        differ = np.nonzero(np.asarray(self.held[:most]) != np.asarray(tokens[:most]))[0]
        common = int(differ[0]) if len(differ) else most
        if common < len(self.held):
            if common and lib.llama_memory_seq_rm(self._memory, SEQUENCE, common, -1):
                del self.held[common:]
            else:
                self.forget()
        return len(self.held)

    def forget(self) -> None:
        """Empty the context."""
        lib.llama_memory_clear(self._memory, True)
        self.held.clear()

    def read(self, tokens: Sequence[int], *, pick_after: bool = True) -> bool:
        """Decode the next tokens; False where the flag stopped it half-way.

        At most `BATCH_TOKENS` that fit the context. With `pick_after` a token can be picked next.
        """
        count, at = len(tokens), len(self.held)
        if not 0 < count <= BATCH_TOKENS or at + count > self.context_tokens:
            raise ValueError(f"{count} tokens at {at} of {self.context_tokens}")
        if min(tokens) < 0 or max(tokens) >= self.vocabulary.size:
            raise ValueError("a token that the vocabulary does not have")
        status = lib.llama_decode(self.context, self._batch.filled(tokens, at, pick_after=pick_after))
        if status == 0:
            self.held += tokens
            return True
        self._find_held(tokens)
        if status == 2:
            return False
        raise ModelNotUsable(path="the model", why=f"it could not go on writing ({complaints.why()}, code {status})")

    def _find_held(self, tokens: Sequence[int]) -> None:
        """After a stop: the steps that were finished stay, half of one is forgotten."""
        end: int = lib.llama_memory_seq_pos_max(self._memory, SEQUENCE) + 1
        self.held = [*self.held, *tokens][:end]
        if not lib.llama_memory_seq_rm(self._memory, SEQUENCE, end, -1):
            self.forget()

    def _most_context(self, context_tokens: int) -> int:
        trained: int = lib.llama_model_n_ctx_train(self._model)
        return max(1, min(context_tokens, trained) if trained > 0 else context_tokens)

    def _load(self, path: str, loading: Callable[[float], None]) -> Any:
        reported = -1.0

        def hear(fraction: float, data: object) -> bool:
            nonlocal reported
            if fraction - reported >= REPORT_STEP or fraction == 1.0 != reported:
                reported = fraction
                loading(fraction)
            return not self._flag.raised

        params = lib.llama_model_default_params()
        callback = lib.llama_progress_callback(hear)
        params.progress_callback = callback
        model = lib.llama_model_load_from_file(path.encode("utf-8", "surrogateescape"), params)
        if not model:
            if self._flag.raised:
                raise Cancelled
            raise ModelNotUsable(path=path, why=complaints.why())
        return model

    def _make_context(self, path: str, context_tokens: int, threads: int) -> Any:
        params = lib.llama_context_default_params()
        params.n_ctx = self._most_context(context_tokens)
        params.n_batch = params.n_ubatch = BATCH_TOKENS
        params.n_seq_max = params.n_outputs_max = SEQUENCES
        params.kv_unified = True
        params.flash_attn_type = lib.LLAMA_FLASH_ATTN_TYPE_AUTO
        params.n_threads = params.n_threads_batch = threads
        params.no_perf = True
        params.abort_callback = self._flag.callback
        params.abort_callback_data = self._flag.data
        context = lib.llama_init_from_model(self._model, params)
        if not context:
            raise ModelNotUsable(path=path, why=complaints.why())
        return context
