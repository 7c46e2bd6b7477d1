"""Conversations that rest are put aside: out of the context's cells, as bytes, and back into them when they go on.

What rests in the cells is not free. llama.cpp shares the cells out among its threads in one piece each, so where half
of them belong to a conversation that nobody asks, half of the threads have nothing to do: a token at the end of a chat
of 3,500 tokens takes half as long again where another chat rests beside it. A copy takes some hundredths of a second.
And what has to make room, cells or a strand of which a model has few, is not read again as long as its copy is there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import psutil

from engine.worker.model.states import Held

LEAST_TOKENS = 256  # what is shorter costs next to nothing where it is
LEAST_GAIN = 32  # tokens; fewer are read sooner than a state is put back
MOST_BYTES = 256 << 20  # of all together
SPARE = 4  # times as much memory must be free as one takes
_AT_ONCE = 256  # tokens compared in one go


@dataclass(frozen=True, slots=True, eq=False)
class Rested:
    """A strand's tokens and its state, whose chat it is, and the `places` to which it is to go back."""

    held: Held
    chat: int
    places: tuple[int, ...]


class Aside:
    """What of one context is put aside."""

    def __init__(self) -> None:
        """Nothing yet."""
        self._rested: list[Rested] = []  # the one put aside longest ago first
        self.most_bytes = 0  # that were ever put aside at a time

    def has_room(self, size_bytes: int) -> bool:
        """Whether a state of this size may be put aside."""
        return size_bytes <= MOST_BYTES and SPARE * size_bytes <= psutil.virtual_memory().available

    def put(self, rested: Rested) -> None:
        """Keep it; those put aside longest ago go where there is no room for all."""
        self._rested.append(rested)
        while sum(one.held.size_bytes for one in self._rested) > MOST_BYTES:
            del self._rested[0]
        self.most_bytes = max(self.most_bytes, sum(one.held.size_bytes for one in self._rested))

    def best(self, saved: Callable[[Held], int]) -> tuple[Rested | None, int]:
        """The one that saves most tokens of reading, as `saved` tells of each, and how many."""
        found = [(saved(one.held), one) for one in self._rested]
        most, best = max(found, key=lambda each: each[0], default=(0, None))
        return best, most

    def of_chat(self, chat: int) -> Rested | None:
        """What was last put aside of a chat."""
        return next((one for one in reversed(self._rested) if one.chat == chat), None)

    def remove(self, rested: Rested) -> None:
        """It is put aside no more."""
        self._rested.remove(rested)

    def forget_all(self) -> None:
        """Nothing is put aside any more."""
        self._rested.clear()


def common_length(first: Sequence[int], second: Sequence[int], most: int) -> int:
    """How many of their first `most` tokens are the same."""
    at = 0
    while at < most:
        end = min(at + _AT_ONCE, most)
        if list(first[at:end]) != list(second[at:end]):  # a tuple is never the same as a list
            return next(row for row in range(at, end) if first[row] != second[row])
        at = end
    return most
