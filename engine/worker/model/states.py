"""The state of a strand as bytes, out of llama.cpp's memory and back into it.

Two kinds. The state of a stretch of a strand stands for the tokens of that stretch; where a model's memory cannot be
divided, one stretch is all of it. A mark stands for the part of it that cannot go back by itself (what a recurrent
model remembers, or what lies in a sliding window), as it was after a number of tokens; the rest is in the memory
still, or comes from a whole state. Only `get_data` and `set_data` are used: llama.cpp's own reading of files ends the
process where a file is cut short.
"""

import ctypes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import llama_cpp as lib

WHOLE, PARTIAL = 0, lib.LLAMA_STATE_SEQ_FLAGS_PARTIAL_ONLY
Places = Sequence[tuple[int, int]]  # (tokens, bytes)


@dataclass(frozen=True, slots=True)
class Mark:
    """What the model remembered after the first `at` tokens."""

    at: int
    state: bytearray


@dataclass(frozen=True, slots=True)
class Stretch:
    """What was read of the tokens up to `end`, from the end of the stretch before on."""

    end: int
    state: bytearray


@dataclass(frozen=True, slots=True)
class Held:
    """The state of a chat, aside from the memory: its tokens, its stretches, and the marks with their places.

    The first `first` tokens stand in none of the stretches: they are kept elsewhere already.
    """

    tokens: tuple[int, ...]
    stretches: tuple[Stretch, ...]
    marks: tuple[Mark, ...] = ()
    first: int = 0

    @property
    def size_bytes(self) -> int:
        """Of the stretches and the marks."""
        return sum(map(len, self._parts))

    @property
    def _parts(self) -> list[bytearray]:
        return [*(stretch.state for stretch in self.stretches), *(mark.state for mark in self.marks)]

    def span(self, start: int, size: int) -> Iterator[memoryview]:
        """At most `size` bytes from `start` on, as if the stretches and the marks stood one behind the other."""
        for part in self._parts:
            if start < len(part) and size > 0:
                found = memoryview(part)[start : start + size]
                size -= len(found)
                yield found
            start = max(0, start - len(part))


class Arriving:
    """A state that comes in pieces, and is written where it belongs as it comes."""

    def __init__(self, tokens: Sequence[int], stretches: Places, marks: Places) -> None:
        """`stretches` are (where each ends, bytes), `marks` (tokens before it, bytes).

        Raises `ValueError` for sizes that cannot be, `MemoryError`.
        """
        if not (of_all(stretches, len(tokens)) and all(0 < at <= len(tokens) and size > 0 for at, size in marks)):
            raise ValueError(f"{len(tokens)} tokens with the stretches {stretches} and the marks {marks}")
        self.held = Held(
            tuple(tokens),
            tuple(Stretch(end, bytearray(size)) for end, size in stretches),
            tuple(Mark(at, bytearray(size)) for at, size in marks),
        )
        self._come = 0

    def add(self, data: bytes) -> None:
        """The next piece. What is too much is left out, and then `whole` is never true."""
        at = 0
        for part in self.held.span(self._come, len(data)):
            part[:] = memoryview(data)[at : at + len(part)]
            at += len(part)
        self._come += len(data)

    @property
    def whole(self) -> bool:
        """Whether all of it has come, and no more."""
        return self._come == self.held.size_bytes


def of_all(stretches: Places, tokens: int, first: int = 0) -> bool:
    """Whether they are of all `tokens` but the `first`, one behind the other."""
    ends = [first, *(end for end, _ in stretches)]
    rising = all(one < other for one, other in zip(ends, ends[1:], strict=False))
    return rising and ends[-1] == tokens and all(size > 0 for _, size in stretches)


def taken(context: Any, sequence: int, flags: int = WHOLE) -> bytearray:
    """The state of a sequence; empty where there is none, or llama.cpp cannot tell it. Raises `MemoryError`."""
    size: int = lib.llama_state_seq_get_size_ext(context, sequence, flags)
    state = bytearray(size)
    if size and lib.llama_state_seq_get_data_ext(context, _pointer(state), size, sequence, flags) != size:
        return bytearray()
    return state


def given(context: Any, state: bytearray, sequence: int, flags: int = WHOLE) -> bool:
    """Put a state into a sequence; where that cannot be, what the sequence then holds is of no use."""
    size = len(state)
    done: int = lib.llama_state_seq_set_data_ext(context, _pointer(state), size, sequence, flags) if size else 0
    return done == size > 0


def _pointer(state: bytearray) -> Any:
    return (ctypes.c_uint8 * len(state)).from_buffer(state)
