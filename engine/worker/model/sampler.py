"""Picks the next token: one chain of llama.cpp's samplers for each answer.

The order is llama.cpp's own (common/sampling.cpp), but for one step before it: where penalties are at work,
all but the tokens that could still come into question are dropped first. Penalties only lower, and at most
as many tokens as they remember, so the result is the same and the vocabulary is not searched at every token.

Where an answer has a form, a token is first picked as if it had none. Most fit, and cost nothing more. Where one does
not, another is drawn from what the figures left, by their probabilities, until one fits: that is the distribution of
the figures, given that the token fits. Where nothing that they left fits, they choose anew among all tokens that do.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import llama_cpp as lib

from engine import arrays as np
from engine.errors import FormNotUsable
from engine.sampling import Odds, Sampling, check
from engine.worker.model.forms.guide import Guide
from engine.worker.model.forms.token_table import Numbers
from engine.worker.model.vocabulary import Vocabulary

if TYPE_CHECKING:
    from numpy.typing import NDArray

DRAWN_SEED = 0xFFFFFFFF  # llama.cpp draws a seed of its own for this one
MOST_TRIED = 48  # tokens tried one by one before the form is asked about all at once
MIROSTAT_WINDOW = 100  # tokens from which version 1 reckons; llama.cpp's own choice
# Source: common/common.h, dry_sequence_breakers.
DRY_BREAKERS = (b"\n", b":", b'"', b"*")


class Sampler:
    """One answer's way of picking. Same settings, seed and logits: same tokens."""

    def __init__(self, settings: Sampling, vocabulary: Vocabulary, guide: Guide | None = None) -> None:
        """Temperature 0 always takes the likeliest. `seed` -1 draws one. `guide` says what fits the answer's form.

        Raises `TextNotAccepted`.
        """
        check(settings)
        self._settings, self._vocabulary, self._guide = settings, vocabulary, guide
        self._seed = settings.seed if settings.seed >= 0 else int.from_bytes(os.urandom(4), "little") % DRAWN_SEED
        if guide is not None:
            self._random = np.random.default_rng(self._seed)  # for what is drawn after a token that did not fit
            token_data = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])  # llama_token_data
            self._candidates = np.zeros(vocabulary.size, token_data)
        self._looks_back = 0  # how many of the last tokens the chain must know
        self._chain = lib.llama_sampler_chain_init(lib.llama_sampler_chain_default_params())
        try:
            self._add_weights()
            self._add_penalties()
            self._add_choice()
        except BaseException:
            self.close()
            raise

    def read(self, tokens: Sequence[int]) -> None:
        """What came before the answer: penalties reach back into it."""
        for token in tokens[max(0, len(tokens) - self._looks_back) :] if self._looks_back else ():
            lib.llama_sampler_accept(self._chain, token)

    def pick(self, context: Any, row: int = -1) -> int:
        """The next token by row `row` of the last decode; remembers it.

        Raises `FormNotUsable` where no token fits the answer's form.
        """
        guide = self._guide
        if guide is None:
            token: int = lib.llama_sampler_sample(self._chain, context, row)
            return token
        if guide.waits:
            token = lib.llama_sampler_sample(self._chain, context, row)
        else:
            token = self._fitting(guide, self._logits(context, row))
            lib.llama_sampler_accept(self._chain, token)
        guide.take(token)
        return token

    def take(self, token: int) -> None:
        """This token has come without being picked."""
        lib.llama_sampler_accept(self._chain, token)
        if self._guide is not None:
            self._guide.take(token)

    def odds(self, context: Any, token: int, row: int = -1) -> Odds:
        """How likely `token` was at `row`, with the likeliest of that place. Before the next decode only."""
        values = log_probabilities(context, row, self._vocabulary.size)
        count = min(self._settings.likeliest, values.size)
        best = np.argpartition(values, values.size - count)[values.size - count :]
        best = best[np.argsort(-values[best], kind="stable")]
        return Odds(
            text=self._shown(token), log_probability=finite(values[token]),
            others=tuple((self._shown(int(one)), finite(values[one])) for one in best),
        )  # fmt: skip

    def close(self) -> None:
        """Free the chain and what is in it."""
        if self._chain:
            lib.llama_sampler_free(self._chain)
            self._chain = None

    # An answer that has a form.

    def _fitting(self, guide: Guide, logits: NDArray[np.float32]) -> int:
        token, left = self._chosen(None, logits)
        if guide.allows(token):
            return token
        if (other := self._drawn(guide, left)) is not None:
            return other
        fitting = guide.allowed()
        if not fitting.size:
            why = "the model has no token with which the answer could go on"
            raise FormNotUsable(what="form", place="in the answer", why=why)
        return self._chosen(fitting, logits)[0]

    def _chosen(self, tokens: Numbers | None, logits: NDArray[np.float32]) -> tuple[int, NDArray[Any]]:
        """What the chain picks among `tokens`, None for all, and which candidates it picked from."""
        if tokens is None:
            rows = self._candidates
            rows["id"], rows["logit"] = np.arange(rows.size, dtype=np.int32), logits
        else:
            rows = self._candidates[: tokens.size]
            rows["id"], rows["logit"] = tokens, logits[tokens]
        first = ctypes.cast(rows.ctypes.data, lib.llama_token_data_p)
        array: Any = lib.llama_token_data_array(data=first, size=rows.size, selected=-1, sorted=False)
        lib.llama_sampler_apply(self._chain, ctypes.byref(array))
        start = ctypes.addressof(array.data.contents) - rows.ctypes.data  # a step may leave out the first ones
        left = rows[start // rows.itemsize :][: array.size]
        return int(left["id"][array.selected]), left

    def _drawn(self, guide: Guide, left: NDArray[Any]) -> int | None:
        """Another of these candidates, which fits; None where none does.

        The order of a draw without putting back is that of the log-probabilities with noise added (Gumbel; see
        Vieira, "Gumbel-max trick and weighted reservoir sampling", 2014), so the first that fits is the draw.
        """
        order = left["logit"].astype(np.float64)
        if self._settings.temperature > 0:
            order += self._random.gumbel(size=order.size)
        tokens = left["id"].copy()
        most = min(MOST_TRIED, order.size)
        first = np.argpartition(order, order.size - most)[order.size - most :]
        for at in first[np.argsort(-order[first], kind="stable")]:
            if guide.allows(int(tokens[at])):
                return int(tokens[at])
        if most == order.size:
            return None
        fits = np.zeros(self._vocabulary.size, np.bool_)
        fits[guide.allowed()] = True
        order[~fits[tokens]] = -np.inf
        best = int(np.argmax(order))
        return int(tokens[best]) if order[best] > -np.inf else None

    def _logits(self, context: Any, row: int) -> NDArray[np.float32]:
        """The row as llama.cpp has it; before the next decode only."""
        return _logits_of(context, row, self._vocabulary.size)

    # The chain, from its first step to its last.

    def _add_weights(self) -> None:
        by_token: dict[int, float] = {}
        for word, weight in self._settings.weights:
            for token in {*self._vocabulary.plain(word), *self._vocabulary.plain(f" {word}")}:
                if self._vocabulary.piece(token).strip():  # the space before a word is no part of it
                    by_token[token] = by_token.get(token, 0.0) + weight
        if by_token:
            table = (lib.llama_logit_bias * len(by_token))(
                *(lib.llama_logit_bias(token, weight) for token, weight in by_token.items())
            )
            self._add(lib.llama_sampler_init_logit_bias(self._vocabulary.size, len(by_token), table))

    def _add_penalties(self) -> None:
        wanted = self._settings
        repeats = wanted.repeat_tokens > 0 and (
            wanted.repeat_penalty != 1.0 or wanted.frequency_penalty != 0.0 or wanted.presence_penalty != 0.0
        )
        dry = wanted.dry_tokens > 0 and wanted.dry_multiplier > 0.0
        remembered = (wanted.repeat_tokens if repeats else 0) + (wanted.dry_tokens if dry else 0)
        most = 1 if wanted.temperature == 0 else 0 if wanted.mirostat else wanted.top_k
        if remembered and most:
            self._add(lib.llama_sampler_init_top_k(most + remembered))
        if repeats:
            self._add(
                lib.llama_sampler_init_penalties(
                    self._vocabulary.size, wanted.repeat_tokens, wanted.repeat_penalty, wanted.frequency_penalty,
                    wanted.presence_penalty,
                )
            )  # fmt: skip
        if dry:
            breakers = (ctypes.c_char_p * len(DRY_BREAKERS))(*DRY_BREAKERS)
            self._add(
                lib.llama_sampler_init_dry(
                    self._vocabulary.pointer, wanted.dry_multiplier, wanted.dry_base, wanted.dry_allowed,
                    wanted.dry_tokens, breakers, len(DRY_BREAKERS),
                )
            )  # fmt: skip
        self._looks_back = max(wanted.repeat_tokens if repeats else 0, wanted.dry_tokens if dry else 0)

    def _add_choice(self) -> None:
        wanted, seed = self._settings, self._seed
        if wanted.temperature == 0:
            self._add(lib.llama_sampler_init_greedy())
            return
        if wanted.mirostat:
            tau, eta = wanted.mirostat_tau, wanted.mirostat_eta
            self._add(lib.llama_sampler_init_temp(wanted.temperature))
            if wanted.mirostat == 1:
                size = self._vocabulary.size
                self._add(lib.llama_sampler_init_mirostat(size, seed, tau, eta, MIROSTAT_WINDOW))
            else:
                self._add(lib.llama_sampler_init_mirostat_v2(seed, tau, eta))
            return
        self._add(lib.llama_sampler_init_top_k(wanted.top_k))
        if wanted.typical_p < 1.0:
            self._add(lib.llama_sampler_init_typical(wanted.typical_p, 1))
        self._add(lib.llama_sampler_init_top_p(wanted.top_p, 1))
        self._add(lib.llama_sampler_init_min_p(wanted.min_p, 1))
        if wanted.xtc_probability > 0.0:
            self._add(lib.llama_sampler_init_xtc(wanted.xtc_probability, wanted.xtc_threshold, 1, seed))
        self._add(lib.llama_sampler_init_temp(wanted.temperature))
        self._add(lib.llama_sampler_init_dist(seed))

    def _add(self, sampler: Any) -> None:
        if not sampler:
            raise MemoryError
        lib.llama_sampler_chain_add(self._chain, sampler)

    def _shown(self, token: int) -> str:
        return self._vocabulary.spelled(token)


def log_probabilities(context: Any, row: int, size: int) -> NDArray[np.float64]:
    """Of each of the `size` tokens that could come after row `row`, in nats; before the next decode only."""
    values = _logits_of(context, row, size).astype(np.float64)
    values -= values.max()
    values -= np.log(np.exp(values).sum())
    return values


def _logits_of(context: Any, row: int, size: int) -> NDArray[np.float32]:
    return np.ctypeslib.as_array(lib.llama_get_logits_ith(context, row), shape=(size,))


def finite(value: float) -> float:
    """A token that cannot come has minus infinity, which JSON does not know."""
    return max(float(value), -1e9)
