"""Where a reader of bytes may be in a network, found out as it goes: each new state is worked out once.

A state is the set of all places that the bytes so far may have led to, and for each the places to come back to when
its rule ends. What is the same is shared, so a grammar that can be read in many ways costs little more than one that
can be read in one way only; llama.cpp's own reader keeps every way apart, and their number may double with each byte.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from engine import arrays as np
from engine.errors import FormNotUsable
from engine.forms.network import BYTE, CALL, END, NEVER, Network

if TYPE_CHECKING:
    from numpy.typing import NDArray

DEAD, UNKNOWN = 0, -1
MOST_STATES = 8_192  # kept at once; a row of the table has a kilobyte
MOST_PLACES = 20_000  # in one state
BOTTOM = 0  # the place to come back to when the root ends: none

Places = dict[int, frozenset[int]]  # a BYTE node, and the cells of where to come back to


class States:
    """States by number; 0 is the one from which nothing goes on. `table[state, byte]` is the next one, or UNKNOWN."""

    def __init__(self, network: Network) -> None:
        """The start is there."""
        self._network = network
        self.table: NDArray[np.int32] = np.empty((0, 256), np.int32)
        self._forget()
        self.start = self._closed({network.first: frozenset((BOTTOM,))}.items())

    def step(self, state: int, byte: int) -> int:
        """The state after one byte more. Raises `FormNotUsable` where there are too many ways to read it."""
        found = self.table.item(state, byte)
        if found == UNKNOWN:
            found = self._step(state, byte)
            self.table[state, byte] = found
        return found

    def after(self, state: int, text: bytes) -> int:
        """The state after these bytes."""
        for byte in text:
            state = self.step(state, byte)
            if not state:
                break
        return state

    def may_end(self, state: int) -> bool:
        """Whether what was read is complete."""
        return self._ends[state]

    def goes_on(self, state: int) -> bool:
        """Whether anything may follow."""
        return bool(self._places[state])

    def next_bytes(self, state: int) -> list[int]:
        """The bytes that may follow."""
        bits, found = self._bits(state), []
        while bits:
            lowest = bits & -bits
            found.append(lowest.bit_length() - 1)
            bits ^= lowest
        return found

    def only_way(self, state: int, most: int) -> bytes:
        """The bytes that must follow, whatever is chosen: up to where there is a choice, and at most so many."""
        found = bytearray()
        while len(found) < most and not self._ends[state]:
            bits = self._bits(state)
            if not bits or bits & bits - 1:
                break
            byte = bits.bit_length() - 1
            found.append(byte)
            state = self.step(state, byte)
        return bytes(found)

    def renewed(self, state: int) -> int:
        """The same state, by its new number where too many others were kept and are forgotten now."""
        if len(self._places) < MOST_STATES:
            return state
        places, ends = self._places[state], self._ends[state]
        self._forget(cells_too=False)
        self.start = self._closed({self._network.first: frozenset((BOTTOM,))}.items())
        return self._kept(places, ends)

    def _bits(self, state: int) -> int:
        """The bytes that may follow, one bit for each."""
        bits = 0
        for node in self._places[state]:
            bits |= self._network.bits[node]
        return bits

    def _forget(self, cells_too: bool = True) -> None:
        if cells_too:
            self._cells: dict[tuple[int, frozenset[int]], int] = {}
            self._cell_of: list[tuple[int, frozenset[int]]] = [(-1, frozenset())]
        self._places: list[Places] = []
        self._ends: list[bool] = []
        self._known: dict[tuple[frozenset[tuple[int, frozenset[int]]], bool], int] = {}
        self._closures: dict[frozenset[tuple[int, frozenset[int]]], int] = {}
        self.table = np.full((256, 256), UNKNOWN, np.int32)
        self._kept({}, ends=False)
        self.table[DEAD] = DEAD

    def _kept(self, places: Places, ends: bool) -> int:
        key = frozenset(places.items()), ends
        state = self._known.get(key)
        if state is None:
            state = self._known[key] = len(self._places)
            self._places.append(places)
            self._ends.append(ends)
            if state == len(self.table):
                self.table = np.concatenate([self.table, np.full_like(self.table, UNKNOWN)])
        return state

    def _step(self, state: int, byte: int) -> int:
        bits, then = self._network.bits, self._network.then
        moved: Places = {}
        for node, cells in self._places[state].items():
            if bits[node] >> byte & 1:
                after = then[node]
                moved[after] = moved[after] | cells if after in moved else cells
        if not moved:
            return DEAD
        key = frozenset(moved.items())
        found = self._closures.get(key)
        if found is None:
            found = self._closures[key] = self._closed(moved.items())
        return found

    def _closed(self, begun: Iterable[tuple[int, frozenset[int]]]) -> int:
        """The state of all places that can be got to from these without a byte."""
        network = self._network
        kinds, then, ways, shortest = network.kinds, network.then, network.ways, network.shortest
        seen: Places = {}
        todo = list(begun)
        ends, count = False, 0
        while todo:
            node, cells = todo.pop()
            known = seen.get(node)
            new = cells if known is None else cells - known
            if not new or shortest[node] >= NEVER:
                continue
            seen[node] = new if known is None else known | new
            kind = kinds[node]
            if kind == BYTE:
                continue
            count += len(new)
            if count > MOST_PLACES:
                raise FormNotUsable(what="form", place="in the answer", why="there are too many ways to read it")
            if kind == CALL:
                back = then[node]
                todo.append((ways[node][0], new if kinds[back] == END else frozenset((self._cell(back, new),))))
            elif kind == END:
                for cell in new:
                    if cell == BOTTOM:
                        ends = True
                    else:
                        todo.append(self._cell_of[cell])
            else:
                todo += [(way, new) for way in ways[node]]
        return self._kept({node: cells for node, cells in seen.items() if kinds[node] == BYTE}, ends)

    def _cell(self, node: int, below: frozenset[int]) -> int:
        key = node, below
        found = self._cells.get(key)
        if found is None:
            found = self._cells[key] = len(self._cell_of)
            self._cell_of.append(key)
        return found
