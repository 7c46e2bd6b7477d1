"""The finished file, asked through llama.cpp: the likeliest token each time, one question after the other."""

import ctypes
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import llama_cpp as lib
import numpy as np
from numpy.typing import NDArray

from engine.chat.guide import LIKELIEST, said_by
from guide_model.spelling import prompt

MOST_TOKENS = 200  # of an answer
CONTEXT = 2048
LONGEST_TOKEN = 4096  # bytes; an answer is one


@lib.llama_log_callback
def _hear_nothing(level: int, text: bytes, data: object) -> None:
    pass


class NotLoaded(Exception):
    """llama.cpp does not take the file."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"llama.cpp does not load {path.name}.")


class Answering:
    """One model file, loaded; to be used in a `with`."""

    def __init__(self, path: Path, threads: int = 1) -> None:
        """Raises `NotLoaded`."""
        lib.llama_log_set(_hear_nothing, ctypes.c_void_p(0))
        lib.llama_backend_init()
        self._model = lib.llama_model_load_from_file(str(path).encode(), lib.llama_model_default_params())
        if not self._model:
            raise NotLoaded(path)
        params = lib.llama_context_default_params()
        params.n_ctx, params.n_batch, params.n_threads, params.n_threads_batch = CONTEXT, CONTEXT, threads, threads
        self._context = lib.llama_init_from_model(self._model, params)
        if not self._context:
            lib.llama_model_free(self._model)
            raise NotLoaded(path)
        self._vocab = lib.llama_model_get_vocab(self._model)
        self.size = int(lib.llama_vocab_n_tokens(self._vocab))

    def __enter__(self) -> "Answering":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        lib.llama_free(self._context)
        lib.llama_model_free(self._model)

    def tokens(self, text: str, *, special: bool = False) -> list[int]:
        """As llama.cpp cuts a text; with `special`, control tokens that it spells are taken for them."""
        raw = text.encode()
        room = len(raw) + 8
        found = (lib.llama_token * room)()
        count = lib.llama_tokenize(self._vocab, raw, len(raw), found, room, False, special)
        return list(found[:count])

    def text(self, tokens: Sequence[int]) -> str:
        """What tokens spell; control tokens are nothing."""
        return self._spelled(tokens, special=False).strip()

    def spelled(self, tokens: Sequence[int]) -> str:
        """What tokens spell, control tokens among them."""
        return self._spelled(tokens, special=True)

    def prompt(self, question: str) -> list[int]:
        """The tokens that ask a question, as the template has it and the program tells it."""
        return prompt(self.tokens(question))

    def answer(self, question: str) -> str:
        """What it writes to one question."""
        return self.text(self.written(self.prompt(question)))

    def said(self, question: str) -> tuple[str, ...]:
        """What the program says for it to one question: its answer, and others where it is not sure."""
        prompt = self.prompt(question)
        odds = _logarithms(self.begin(prompt))
        likeliest = [int(token) for token in odds.argsort()[::-1][:LIKELIEST]]
        return said_by([(self.text([token]), float(odds[token])) for token in likeliest]) or (self.text(likeliest[:1]),)

    def written(self, prompt: Sequence[int], most: int = MOST_TOKENS) -> list[int]:
        """The likeliest tokens after a prompt, up to the end of the answer, which is left out."""
        found: list[int] = []
        scores = self.begin(prompt)
        while len(found) < most:
            token = int(scores.argmax())
            if lib.llama_vocab_is_eog(self._vocab, token):
                break
            found.append(token)
            scores = self.go_on(token)
        return found

    def begin(self, prompt: Sequence[int]) -> NDArray[np.float32]:
        """Read a prompt afresh; the logits of what may come next."""
        return self._read(prompt, afresh=True)

    def go_on(self, token: int) -> NDArray[np.float32]:
        """Read one more token; the logits of what may come next."""
        return self._read([token])

    def likelihood(self, prompt: Sequence[int], continued: Sequence[Sequence[int]]) -> list[float]:
        """How likely each continuation is after a prompt: the mean of its tokens' logarithms."""
        rated = []
        memory = lib.llama_get_memory(self._context)
        first = _logarithms(self._read(prompt, afresh=True))
        for tokens in continued:
            lib.llama_memory_seq_rm(memory, 0, len(prompt), -1)
            told = [float(first[tokens[0]])]
            for rows, following in zip(self._read_all(tokens[:-1], len(prompt)), tokens[1:], strict=True):
                told.append(float(_logarithms(rows)[following]))
            rated.append(sum(told) / len(told))
        return rated

    def _spelled(self, tokens: Sequence[int], *, special: bool) -> str:
        raw = b""
        buffer = ctypes.create_string_buffer(LONGEST_TOKEN)
        for token in tokens:
            count = lib.llama_token_to_piece(self._vocab, token, buffer, len(buffer), 0, special)
            if count < 0:
                raise ValueError(f"token {token} has {-count} bytes")
            raw += buffer.raw[:count]
        return raw.decode("utf-8", "replace")

    def _read(self, tokens: Sequence[int], *, afresh: bool = False) -> NDArray[np.float32]:
        if afresh:
            lib.llama_memory_clear(lib.llama_get_memory(self._context), True)
        row = (lib.llama_token * len(tokens))(*tokens)
        if lib.llama_decode(self._context, lib.llama_batch_get_one(row, len(tokens))):
            raise ValueError(f"{len(tokens)} tokens have no room")
        return np.ctypeslib.as_array(lib.llama_get_logits_ith(self._context, -1), (self.size,)).copy()

    def _read_all(self, tokens: Sequence[int], begun: int) -> list[NDArray[np.float32]]:
        """The logits after each of the tokens, which stand at `begun` and after."""
        if not tokens:
            return []
        batch = lib.llama_batch_init(len(tokens), 0, 1)
        try:
            batch.n_tokens = len(tokens)
            for at, token in enumerate(tokens):
                batch.token[at], batch.pos[at] = token, begun + at
                batch.n_seq_id[at], batch.seq_id[at][0], batch.logits[at] = 1, 0, True
            if lib.llama_decode(self._context, batch):
                raise ValueError(f"{len(tokens)} tokens have no room")
            return [
                np.ctypeslib.as_array(lib.llama_get_logits_ith(self._context, at), (self.size,)).copy()
                for at in range(len(tokens))
            ]
        finally:
            lib.llama_batch_free(batch)


def _logarithms(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    shifted = scores - scores.max()
    return shifted - np.log(np.exp(shifted).sum())
