"""All tokens of a vocabulary in the order of their bytes, so that a form is asked about all of them at once.

A state is followed along a column of first bytes, then along the second bytes of what is left, and so on: a look at
each byte of what may come, by numpy, in place of a look at each token of the vocabulary. Where few bytes may come, as
within words that are given, the tokens that begin with them stand together, and are found by halving.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, TypeAlias

from engine import arrays as np
from engine.worker.model.forms.states import DEAD, UNKNOWN, States
from engine.worker.model.vocabulary import Vocabulary

if TYPE_CHECKING:
    from numpy.typing import NDArray

WIDTH = 48  # bytes of a token in the table; the few longer ones are looked at one by one
FEW = 64  # beginnings of tokens that are followed one by one; more are sooner followed all at once

Numbers: TypeAlias = "NDArray[np.int32]"


class TokenTable:
    """The text tokens of one vocabulary; made once, for as long as the model is loaded."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        """Looks at every token, which takes some tenths of a second for a large vocabulary."""
        pieces = [vocabulary.piece(token) for token in range(vocabulary.size)]
        self.ends = np.array([token for token in range(vocabulary.size) if vocabulary.is_end(token)], np.int32)
        not_text = {int(token) for token in self.ends}
        tokens = [token for token, piece in enumerate(pieces) if piece and token not in not_text]
        short = sorted((token for token in tokens if len(pieces[token]) <= WIDTH), key=pieces.__getitem__)
        self._long = [(token, pieces[token]) for token in tokens if len(pieces[token]) > WIDTH]
        self._tokens = np.array(short, np.int32)
        self._lengths = np.array([len(pieces[token]) for token in short], np.int32)
        rows = b"".join(pieces[token].ljust(WIDTH, b"\0") for token in short)
        self._columns = np.frombuffer(rows, np.uint8).reshape(-1, WIDTH).T.copy()
        self._begins = np.searchsorted(self._columns[0], np.arange(257))
        self._bytes = [column.data for column in self._columns]  # a single one of them is read sooner so

    def allowed(self, states: States, state: int) -> Numbers:
        """The tokens that may follow in `state`, the ends of an answer not among them."""
        found = self._one_by_one(states, state)
        if found is None:
            found = self._all_at_once(states, state)
        fitting = [token for token, piece in self._long if states.after(state, piece)]
        return np.concatenate([found, np.array(fitting, np.int32)]) if fitting else found

    def _one_by_one(self, states: States, state: int) -> Numbers | None:
        """The tokens of the table; None where there are more than `FEW` beginnings of some."""
        found: list[int] = []
        todo = [(state, 0, len(self._tokens), 0)]  # a state, and the rows that begin with the bytes which led to it
        left = FEW
        while todo:
            at, first, end, depth = todo.pop()
            while first < end and self._lengths.item(first) == depth:  # a beginning stands before what begins with it
                found.append(self._tokens.item(first))
                first += 1
            if first == end:
                continue
            following = states.next_bytes(at)
            left -= len(following)
            if left < 0:
                return None
            column = self._bytes[depth]
            for byte in following:
                low = bisect_left(column, byte, first, end)
                high = bisect_right(column, byte, low, end)
                if low < high:
                    todo.append((states.step(at, byte), low, high, depth + 1))
        return np.array(found, np.int32)

    def _all_at_once(self, states: States, state: int) -> Numbers:
        rows, at = self._first(states, state)
        found: list[Numbers] = []
        for depth in range(1, WIDTH + 1):
            whole = self._lengths[rows] == depth
            found.append(self._tokens[rows[whole]])
            rows, at = rows[~whole], at[~whole]
            if not rows.size:
                break
            rows, at = _followed(states, rows, at, self._columns[depth][rows])
        return np.concatenate(found)

    def _first(self, states: States, state: int) -> tuple[NDArray[np.int64], Numbers]:
        """The rows whose first byte fits, and the state after it."""
        spans = []
        for byte in states.next_bytes(state):
            first, end = self._begins[byte], self._begins[byte + 1]
            if first < end:
                after = states.step(state, byte)
                spans.append((np.arange(first, end), np.full(end - first, after, np.int32)))
        if not spans:
            return np.empty(0, np.int64), np.empty(0, np.int32)
        return np.concatenate([rows for rows, _ in spans]), np.concatenate([at for _, at in spans])


def _followed(
    states: States, rows: NDArray[np.int64], at: Numbers, column: NDArray[np.uint8]
) -> tuple[NDArray[np.int64], Numbers]:
    """Those of the rows that fit one byte further, and the state after it."""
    keys = at.astype(np.int64) * 256 + column
    after = states.table.ravel()[keys]
    unknown = after == UNKNOWN
    if unknown.any():
        lacking = keys[unknown]
        begins = np.flatnonzero(np.diff(lacking, prepend=-1))  # in the order of the tokens the same stand together
        for key in np.unique(lacking[begins]):
            states.step(int(key) >> 8, int(key) & 255)
        after = states.table.ravel()[keys]
    lives = after != DEAD
    return rows[lives], after[lives]
