"""The index of sign bits: what it finds among more passages than it reads numbers of."""

from collections.abc import Iterator, Sequence
from typing import cast

import numpy as np
import pytest

from engine.documents.meaning import CANDIDATES, READ, MeaningIndex, _least, packed
from engine.store.vectors import VectorRows

COUNT = 3 * CANDIDATES
SIZE = 100  # dimensions: no whole number of words


class InMemory:
    """Stands for the rows of vectors: 1, 2, 3 and so on are the passages. Notes how many numbers were read."""

    def __init__(self, vectors: np.ndarray) -> None:
        self._rows = dict(enumerate(map(packed, vectors), start=1))
        self.read = 0

    def placed(self, _: str) -> Iterator[tuple[int, bytes, int]]:
        """All sign bits."""
        return ((id_, bits, id_) for id_, (bits, _) in self._rows.items())

    def numbers(self, _: str, ids: Sequence[int], rows: Sequence[int]) -> list[tuple[int, bytes]]:
        """Some numbers."""
        assert set(rows) <= set(ids)  # those that were added since lie anywhere
        self.read += len(ids)
        return [(id_, self._rows[id_][1]) for id_ in ids]


@pytest.fixture
def vectors() -> np.ndarray:
    """Vectors, a third of them around the first one."""
    made = np.random.default_rng(1).standard_normal((COUNT, SIZE)).astype(np.float32)
    made[: COUNT // 3] += 1.5 * made[0]
    found: np.ndarray = made / np.linalg.norm(made, axis=1, keepdims=True)
    return found


def test_the_nearest_are_found_though_few_numbers_are_read(vectors: np.ndarray) -> None:
    rows = InMemory(vectors)
    index = MeaningIndex(cast(VectorRows, rows), "any")
    truth = np.argsort(-(vectors @ vectors[0]))[:10] + 1
    found = index.search(vectors[0], 10)
    assert found[0] == (1, pytest.approx(1.0, abs=0.01))
    assert len({id_ for id_, _ in found} & set(truth.tolist())) >= 9
    assert [cosine for _, cosine in found] == sorted((cosine for _, cosine in found), reverse=True)
    assert rows.read == READ


def test_what_is_forgotten_or_left_out_is_not_found_and_what_is_added_is(vectors: np.ndarray) -> None:
    index = MeaningIndex(cast(VectorRows, InMemory(vectors)), "any")
    first, second, third = (id_ for id_, _ in index.search(vectors[0], 3))
    assert first == 1
    assert index.search(vectors[0], 1, among=range(2, COUNT))[0][0] == second
    assert index.search(vectors[0], 1, without=[first, second])[0][0] == third
    index.forget([first, second])
    assert index.search(vectors[0], 1)[0][0] == third
    index.add([first], [packed(vectors[0])[0]])
    assert index.search(vectors[0], 1)[0][0] == first


def test_all_that_there_are_are_found_where_there_are_few(vectors: np.ndarray) -> None:
    index = MeaningIndex(cast(VectorRows, InMemory(vectors[:5])), "any")
    assert sorted(id_ for id_, _ in index.search(vectors[0], 10)) == [1, 2, 3, 4, 5]
    index.forget([1, 2, 3, 4, 5])
    assert index.empty
    assert index.search(vectors[0], 10) == []


@pytest.mark.parametrize("spread", [1, 3, 40, 300])
@pytest.mark.parametrize("count", [1, 7, 100, 2000])
def test_the_least_of_many_numbers_are_those_that_sorting_finds(spread: int, count: int) -> None:
    numbers = np.random.default_rng(spread).normal(400, spread, 40_000).clip(0, 768).astype(np.uint16)
    numbers[::16] = 700  # what is looked at first tells nothing about the others
    for looked_at in (numbers, np.roll(numbers, 1), numbers[:50]):
        found = _least(looked_at, count)
        assert len(set(found.tolist())) == len(found) == min(count, len(looked_at))
        assert sorted(looked_at[found].tolist()) == sorted(looked_at.tolist())[:count]
