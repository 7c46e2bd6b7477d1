"""Searching by meaning: the passages whose vectors point the way the question's does.

All sign bits lie in memory and are compared first (a bit a dimension), then those of the best with the question's
numbers; what is best now is ranked by the eight-bit numbers from the store. Vectors have length one, so the cosine is
what is compared. Each vector is kept with a scale of its own, which the cosine does not need.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

from engine import arrays as np
from engine.store.vectors import VectorRows

if TYPE_CHECKING:
    import numpy.typing as npt

Floats: TypeAlias = "npt.NDArray[np.float32]"
CANDIDATES = 1000  # the nearest by signs alone
READ = 400  # the nearest of these, by their signs and the question's numbers: their own numbers are read
_ROOM = 1024
_WORD = 64
_BLOCK = 1 << 13  # passages compared at a time: they stay in a core's own memory
_SAMPLED = 16  # of so many numbers one is looked at first
_AT_ONCE = 8192  # rows read from the store at a time


class MeaningIndex:
    """The sign bits of all passages of one embedder, in step with the store.

    Where all vectors of a model have much in common, their signs tell little: what they have in common, the
    embedder's `centre`, is taken away before the signs are.
    """

    def __init__(self, rows: VectorRows, embedder: str, centre: Floats | None = None) -> None:
        self._rows = rows
        self._embedder = embedder
        self._centre = centre
        self._lock = threading.Lock()
        self._loaded = False
        self._count = 0
        self._ids: npt.NDArray[np.int64] = np.empty(0, np.int64)
        self._lie: npt.NDArray[np.int64] = np.empty(0, np.int64)  # in which rows of the store, 0 where it is not known
        self._bits: npt.NDArray[np.uint64] = np.empty((0, 0), np.uint64)  # one column a passage

    @property
    def empty(self) -> bool:
        """Whether there is nothing to search."""
        with self._lock:
            self._load()
            return self._count == 0

    def add(self, ids: Sequence[int], bits: Sequence[bytes]) -> None:
        """Take in passages whose vectors are in the store, with their sign bits."""
        with self._lock:
            if self._loaded and ids:
                rows = np.frombuffer(b"".join(bits), np.uint64).reshape(len(ids), -1)
                self._append(np.asarray(ids, np.int64), np.zeros(len(ids), np.int64), rows)

    def forget(self, ids: Sequence[int]) -> None:
        """Passages that are gone from the store."""
        with self._lock:
            if not self._loaded or not ids:
                return
            stay = ~np.isin(self._ids[: self._count], np.asarray(ids, np.int64))
            self._ids, self._lie = self._ids[: self._count][stay], self._lie[: self._count][stay]
            self._bits = self._bits[:, : self._count][:, stay]
            self._count = len(self._ids)

    def reload(self) -> None:
        """Forget everything; the next search reads it from the store again."""
        with self._lock:
            self._loaded, self._count = False, 0
            self._ids = self._lie = np.empty(0, np.int64)
            self._bits = np.empty((0, 0), np.uint64)

    def search(
        self, question: Floats, limit: int, among: Sequence[int] | None = None, without: Sequence[int] = ()
    ) -> list[tuple[int, float]]:
        """The ids of the nearest passages with their cosines, best first: only `among` these, none of `without`."""
        cosines = self.cosines(question, *self._nearest(question, among, without))
        return sorted(cosines.items(), key=lambda item: -item[1])[:limit]

    def cosines(self, question: Floats, passages: Sequence[int], rows: Sequence[int] = ()) -> dict[int, float]:
        """How near these passages are, those of them that have a vector, whatever their signs say.

        `rows` as `VectorRows.numbers` takes them.
        """
        found = self._rows.numbers(self._embedder, passages, rows)
        if not found:
            return {}
        numbers = np.frombuffer(b"".join(raw for _, raw in found), np.int8).reshape(len(found), -1).astype(np.float32)
        cosines = numbers @ question / np.maximum(np.linalg.norm(numbers, axis=1), 1.0)
        return {id_: float(cosine) for (id_, _), cosine in zip(found, cosines, strict=True)}

    # Its own affairs.

    def _nearest(
        self, question: Floats, among: Sequence[int] | None, without: Sequence[int]
    ) -> tuple[list[int], list[int]]:
        """The passages whose numbers are worth reading, and the rows that these lie in."""
        with self._lock:
            self._load()
            if not self._count:
                return [], []
            ids, lie, bits = self._ids[: self._count], self._lie[: self._count], self._bits[:, : self._count]
        for some, wanted in ((among, True), (without or None, False)):
            if some is not None:
                stay = np.isin(ids, np.asarray(some, np.int64), invert=not wanted)
                ids, lie, bits = ids[stay], lie[stay], bits[:, stay]
        asked = signs(question[None, :], self._centre).view(np.uint64)[0]
        places = _least(_apart(bits, asked), CANDIDATES)
        if len(places) > READ:
            places = places[np.argsort(-_along(bits[:, places], question))[:READ]]
        rows = lie[places]
        return ids[places].tolist(), rows[rows > 0].tolist()

    # The lock is held.

    def _load(self) -> None:
        if self._loaded:
            return
        rows = self._rows.placed(self._embedder)
        while some := list(itertools.islice(rows, _AT_ONCE)):
            ids, raw, lie = zip(*some, strict=True)
            bits = np.frombuffer(b"".join(raw), np.uint64).reshape(len(some), -1)
            self._append(np.array(ids, np.int64), np.array(lie, np.int64), bits)
        self._loaded = True

    def _append(self, ids: npt.NDArray[np.int64], lie: npt.NDArray[np.int64], bits: npt.NDArray[np.uint64]) -> None:
        """Add rows at the end. What a running search looks at is never written to again."""
        count = self._count + len(ids)
        if count > len(self._ids):
            room = count + max(_ROOM, count // 4)
            wider_ids, wider_lie = np.empty(room, np.int64), np.empty(room, np.int64)
            wider_bits = np.empty((bits.shape[1], room), np.uint64)
            wider_ids[: self._count], wider_lie[: self._count] = self._ids[: self._count], self._lie[: self._count]
            if self._count:
                wider_bits[:, : self._count] = self._bits[:, : self._count]
            self._ids, self._lie, self._bits = wider_ids, wider_lie, wider_bits
        self._ids[self._count : count], self._lie[self._count : count] = ids, lie
        self._bits[:, self._count : count] = bits.T
        self._count = count


def _apart(bits: npt.NDArray[np.uint64], asked: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint16]:
    """In how many signs each passage differs from the question."""
    apart = np.empty(bits.shape[1], np.uint16)
    for first in range(0, len(apart), _BLOCK):
        differ = np.bitwise_count(bits[:, first : first + _BLOCK] ^ asked[:, None])
        differ.sum(axis=0, dtype=np.uint16, out=apart[first : first + _BLOCK])
    return apart


def _along(bits: npt.NDArray[np.uint64], question: Floats) -> Floats:
    """How far each passage goes the question's way, were each of its numbers 1 where its sign is plus, else 0.

    Tells more than the signs of both: a passage may well differ where the question has next to nothing.
    """
    plus = np.unpackbits(np.ascontiguousarray(bits.T).view(np.uint8), axis=1, count=len(question))
    found: Floats = plus.astype(np.float32) @ question
    return found


def _least(apart: npt.NDArray[np.uint16], count: int) -> npt.NDArray[np.int64]:
    """Where the `count` least numbers stand.

    One in sixteen of very many tells which of them need not be counted at all, and spares most of that.
    """
    if len(apart) > _SAMPLED * count:
        sampled = np.cumsum(np.bincount(apart[::_SAMPLED]))
        few = np.flatnonzero(apart <= int(np.searchsorted(sampled, 2 * count // _SAMPLED)))
        if len(few) >= count:
            return few[_counted(apart[few], count)]
    return _counted(apart, count)


def _counted(apart: npt.NDArray[np.uint16], count: int) -> npt.NDArray[np.int64]:
    """The same by counting all of them, which takes a third of what sorting them apart does."""
    upto = np.cumsum(np.bincount(apart))
    most = int(np.searchsorted(upto, count))  # the number that the last of them is
    if most >= len(upto):
        return np.arange(len(apart))
    less = np.flatnonzero(apart < most)
    return np.concatenate([less, np.flatnonzero(apart == most)[: count - len(less)]])


def signs(vectors: Floats, centre: Floats | None) -> npt.NDArray[np.uint8]:
    """The sign bits of vectors, row by row, filled up to whole words of 64."""
    positive = vectors > (0 if centre is None else centre)
    return np.packbits(np.pad(positive, ((0, 0), (0, -positive.shape[1] % _WORD))), axis=1)


def packed(vector: Floats, centre: Floats | None = None) -> tuple[bytes, bytes]:
    """A vector's sign bits and its numbers in eight bits, as the store keeps them."""
    scale = 127.0 / max(float(np.abs(vector).max()), 1e-9)
    return signs(vector[None, :], centre).tobytes(), np.rint(vector * scale).astype(np.int8).tobytes()
