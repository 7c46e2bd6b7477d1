"""What one step of decoding is given: tokens, where they stand, and whose they are.

A step that writes has one token for each answer and comes a hundred times a second, right after the model's
weights have emptied the processor's caches, so it touches as little as can be: no arrays, no new pointers.
"""

import ctypes
from collections.abc import Sequence
from typing import Any

import llama_cpp as lib


class Batch:
    """llama.cpp's batch, kept and filled anew for each step: `begin`, then `add` for each sequence, then `raw`."""

    def __init__(self, most: int, most_picks: int, vocabulary: int) -> None:
        """Room for `most` tokens below `vocabulary`; a token can be picked after at most `most_picks` of them."""
        self.most, self._most_picks, self._vocabulary = most, most_picks, vocabulary
        self._token, self._position = (lib.llama_token * most)(), (lib.llama_pos * most)()
        self._sequence, self._wanted = (lib.llama_seq_id * most)(), (ctypes.c_int8 * most)()
        self._ones = (ctypes.c_int32 * most)(*[1] * most)
        one = ctypes.POINTER(lib.llama_seq_id)
        size = ctypes.sizeof(lib.llama_seq_id)
        first = ctypes.addressof(self._sequence)
        self._whose = (one * most)(*(ctypes.cast(first + row * size, one) for row in range(most)))
        self.raw: Any = lib.llama_batch(
            n_tokens=0, token=self._token, embd=None, pos=self._position, n_seq_id=self._ones, seq_id=self._whose,
            logits=self._wanted,
        )  # fmt: skip
        self._picks: list[int] = []  # the rows after which a token can be picked
        self.count = 0

    @property
    def picks_left(self) -> int:
        """After how many more tokens one can be picked."""
        return self._most_picks - len(self._picks)

    def begin(self) -> None:
        """Empty it."""
        for row in self._picks:
            self._wanted[row] = 0
        self._picks.clear()
        self.count = 0

    def add(self, tokens: Sequence[int], at: int, sequence: int, *, pick_after: bool) -> int:
        """Add `tokens` of a sequence, the first of them at position `at`; the row of the last one.

        With `pick_after` a token can be picked after that row, which costs the step a little. Raises
        `ValueError` for what llama.cpp would end the process for.
        """
        first, last = self.count, self.count + len(tokens) - 1
        if not first <= last < self.most or len(self._picks) + pick_after > self._most_picks:
            raise ValueError(f"{len(tokens)} tokens and a pick, to {first} tokens and {len(self._picks)} picks")
        if first == last:
            lowest = highest = tokens[0]
            self._token[first], self._position[first], self._sequence[first] = lowest, at, sequence
        else:
            lowest, highest = min(tokens), max(tokens)
            self._token[first : last + 1] = list(tokens)
            self._position[first : last + 1] = list(range(at, at + len(tokens)))
            self._sequence[first : last + 1] = [sequence] * len(tokens)
        if lowest < 0 or highest >= self._vocabulary:
            raise ValueError("a token that the vocabulary does not have")
        if pick_after:
            self._wanted[last] = 1
            self._picks.append(last)
        self.raw.n_tokens = self.count = last + 1
        return last

    def add_each(self, tokens: Sequence[int], at: int, sequence: int) -> int:
        """Add `tokens` as `add` does, with a pick after each of them; the row of the first one."""
        first = self.count
        for number, token in enumerate(tokens):
            self.add((token,), at + number, sequence, pick_after=True)
        return first
