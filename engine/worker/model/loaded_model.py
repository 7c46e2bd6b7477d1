"""A model in memory with its context: loading it, and what is to be known about it."""

import time
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import llama_cpp as lib

from engine.errors import ModelNotUsable
from engine.loading import CACHES, LoadOptions
from engine.worker.model import graphics
from engine.worker.model.adapters import Adapters
from engine.worker.model.batch import Batch
from engine.worker.model.draft import Draft
from engine.worker.model.files import parts
from engine.worker.model.forms.token_table import TokenTable
from engine.worker.model.llama import Flag
from engine.worker.model.mapped import give_back
from engine.worker.model.memory import Memory
from engine.worker.model.pace import BATCH_TOKENS
from engine.worker.model.process_limits import forget_peak
from engine.worker.model.template import ChatTemplate
from engine.worker.model.vocabulary import Vocabulary
from engine.worker.model.weights import context_params, load_weights, make_context
from engine.worker.model.worth import MOST_GUESSES

if TYPE_CHECKING:
    from engine.worker.model.sight import Sight

MOST_AT_WORK = 8  # answers written at once
STRANDS = 16  # conversations whose tokens are held, those at rest among them
RECURRENT_STRANDS = 4  # each of these costs memory, used or not
FLASH = {
    "auto": lib.LLAMA_FLASH_ATTN_TYPE_AUTO, "on": lib.LLAMA_FLASH_ATTN_TYPE_ENABLED,
    "off": lib.LLAMA_FLASH_ATTN_TYPE_DISABLED,
}  # fmt: skip


class LoadedModel:
    """Loads in the constructor; `close` frees. One thread only.

    `placed` tells what of it the graphics cards have. Where they cannot take it, the processor takes all of it.
    """

    def __init__(
        self,
        path: str,
        options: LoadOptions,
        flag: Flag,
        loading: Callable[[float], None],
        adapters: Sequence[str] = (),
        eyes: "Callable[[Any], Sight] | None" = None,
        placed: graphics.Placed = graphics.NOWHERE,
    ) -> None:
        """Load `path` and its `adapters` as `options` say, with room for at most the context that it was trained on.

        `loading` hears the fraction read so far. `eyes` let the loaded model see. Raises `ModelNotUsable`
        with llama.cpp's reason, `DraftNotUsable` where the model that is to guess ahead does not fit,
        `Cancelled` where `flag` was raised meanwhile.
        """
        started = time.perf_counter()
        self._model: Any = None
        self.sight: Sight | None = None
        self.context: Any = None
        self.draft: Draft | None = None
        self.placed = placed
        try:
            self._load(path, options, flag, loading, adapters, eyes)
        except ModelNotUsable as error:
            if not placed.layers:
                raise
            self.placed = graphics.Placed(card=placed.card, why=error.facts["why"])
            self._load(path, options, flag, loading, adapters, eyes)
        self.context_tokens = min(int(lib.llama_n_ctx(self.context)), self._most_context(options.context_tokens))
        self.memory = Memory(
            self.context, self._strands, window=self.window, recurrent=self.recurrent,
            positions=self.sight.positions if self.sight else len,
        )  # fmt: skip
        self.batch = Batch(int(lib.llama_n_batch(self.context)), self.most_at_work + MOST_GUESSES, self.vocabulary.size)
        self.threads = 1
        source = lib.llama_model_chat_template(self._model, None)
        self.template = ChatTemplate(
            source.decode("utf-8", "replace") if source else None,
            bos=self.vocabulary.spelled(self.vocabulary.bos),
            eos=self.vocabulary.spelled(self.vocabulary.eos),
            has_special=self.vocabulary.has_special,
        )
        self.vocabulary.reserve(self.template.source)
        self.load_s = time.perf_counter() - started

    def _load(
        self,
        path: str,
        options: LoadOptions,
        flag: Flag,
        loading: Callable[[float], None],
        adapters: Sequence[str],
        eyes: "Callable[[Any], Sight] | None",
    ) -> None:
        try:
            self._model = load_weights(path, flag, loading, self.placed)
            give_back(parts(path))
            self._adapters = Adapters(self._model, adapters)  # before the context, whose graph has to hold them
            self.vocabulary = Vocabulary(self._model)
            self.recurrent = bool(lib.llama_model_is_recurrent(self._model) or lib.llama_model_is_hybrid(self._model))
            self.window: int = lib.llama_model_n_swa(self._model)  # how many tokens attention looks back, 0 for all
            self._strands = RECURRENT_STRANDS if self.recurrent else STRANDS
            self.most_at_work = min(MOST_AT_WORK, self._strands)
            self.sight = eyes(self._model) if eyes else None
            self.context = self._make_context(path, options, flag)
            if options.draft and not self.recurrent:
                self.draft = Draft(options.draft, self.vocabulary, flag)
            forget_peak()
        except BaseException:
            self.close()
            raise

    @cached_property
    def token_table(self) -> TokenTable:
        """All its tokens by their bytes; made when an answer is first to have a form."""
        return TokenTable(self.vocabulary)

    def close(self) -> None:
        """Free everything."""
        if self.draft is not None:
            self.draft.close()
            self.draft = None
        if self.context:
            lib.llama_free(self.context)
        if self.sight:
            self.sight.close()
        if self._model:
            lib.llama_model_free(self._model)
        self.context = self._model = self.sight = None

    def use_threads(self, threads: int) -> None:
        """From the next decode on."""
        if threads != self.threads:
            lib.llama_set_n_threads(self.context, threads, threads)
            self.threads = threads

    def use_strengths(self, strengths: Sequence[float]) -> None:
        """How strongly the adapters work from the next decode on; nobody is at work now.

        What was read with other strengths holds no more, and is forgotten.
        """
        if self._adapters.use(self.context, strengths):
            self.memory.forget_all()

    def works_with(self, strengths: Sequence[float]) -> bool:
        """Whether what is held was read with adapters that work so strongly."""
        return self._adapters.work(strengths)

    def decode(self) -> int:
        """One step over what the batch holds; 0 when done, else what llama.cpp returns.

        1: there is no room for it, and nothing has changed. 2: the flag stopped it half-way. Below 0: it failed.
        """
        status: int = lib.llama_decode(self.context, self.batch.raw)
        return status

    def _most_context(self, context_tokens: int) -> int:
        trained: int = lib.llama_model_n_ctx_train(self._model)
        return max(1, min(context_tokens, trained) if trained > 0 else context_tokens)

    def _make_context(self, path: str, options: LoadOptions, flag: Flag) -> Any:
        params = context_params(flag)
        params.n_ctx = self._most_context(options.context_tokens)
        params.n_batch = params.n_ubatch = self.sight.batch_tokens if self.sight else BATCH_TOKENS
        params.n_seq_max = self._strands
        params.n_outputs_max = self._strands + MOST_GUESSES  # llama.cpp wants an output for each strand
        params.kv_unified = True
        params.flash_attn_type = FLASH[options.flash_attention]
        params.type_k, params.type_v = CACHES[options.key_cache].number, CACHES[options.value_cache].number
        return make_context(self._model, params, path)
