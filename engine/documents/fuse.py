"""Making one ranking of two.

Reciprocal rank fusion (Cormack, Clarke and Büttcher, 2009) with a small constant: with the usual
60 a passage in the middle of both lists buries the one exact match.
"""

from collections.abc import Sequence

SMALL = 3.0


def fuse(by_words: Sequence[int], by_meaning: Sequence[int]) -> list[tuple[int, float]]:
    """Ids with their scores, best first; the first by words is never below the third place."""
    scores: dict[int, float] = {}
    for ranking in (by_words, by_meaning):
        for rank, id_ in enumerate(ranking, start=1):
            scores[id_] = scores.get(id_, 0.0) + 1.0 / (SMALL + rank)
    fused = sorted(scores.items(), key=lambda item: -item[1])
    if by_words:
        first = next(index for index, (id_, _) in enumerate(fused) if id_ == by_words[0])
        if first > 2:
            fused.insert(2, (by_words[0], fused[2][1]))
            del fused[first + 1]
    return fused
