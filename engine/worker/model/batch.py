"""What one step of decoding is given: tokens and where they stand.

A step that writes has one token and comes a hundred times a second, right after the model's weights have
emptied the processor's caches, so it touches as little as can be: no arrays, no new pointers.
"""

from collections.abc import Sequence
from typing import Any

import llama_cpp as lib
import numpy as np

SEQUENCES = 1  # conversations held at once; the context's tokens are one pool for all of them
SEQUENCE = 0


class Batch:
    """llama.cpp's batch, kept and filled anew for each step."""

    def __init__(self, most: int) -> None:
        """Room for `most` tokens."""
        self._raw = lib.llama_batch_init(most, 0, SEQUENCES)
        self._token, self._position, self._wanted = self._raw.token, self._raw.pos, self._raw.logits
        self._tokens = np.ctypeslib.as_array(self._token, shape=(most,))
        self._positions = np.ctypeslib.as_array(self._position, shape=(most,))
        self._last = 0  # the row that asks for something to pick from
        for row in range(most):
            self._wanted[row] = 0
            self._raw.n_seq_id[row] = 1
            self._raw.seq_id[row][0] = SEQUENCE

    def filled(self, tokens: Sequence[int], at: int, *, pick_after: bool) -> Any:
        """The batch with `tokens`, the first of them at position `at`; good until it is filled again.

        With `pick_after` a token can be picked after the last one, which costs the step a little.
        """
        count = len(tokens)
        if count == 1:
            self._token[0], self._position[0] = tokens[0], at
        else:
            self._tokens[:count] = tokens
            self._positions[:count] = np.arange(at, at + count)
        self._wanted[self._last] = 0
        self._last = count - 1
        self._wanted[self._last] = pick_after
        self._raw.n_tokens = count
        return self._raw

    def close(self) -> None:
        """Free it."""
        lib.llama_batch_free(self._raw)
