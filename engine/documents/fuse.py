"""Making one ranking of two: by the words a passage holds and by how near its meaning is.

Both scores are made shares of their best, and a passage has the mean of its two shares (a convex combination, as in
Bruch, Gai and Ingber, An analysis of fusion functions for hybrid retrieval, 2022). Unlike places in two lists, shares
tell a passage that is far ahead from one that is barely first.
"""

from collections.abc import Mapping, Sequence

Scored = Sequence[tuple[int, float]]


def fuse(by_words: Scored, by_meaning: Scored, besides: Mapping[int, float]) -> list[tuple[int, float]]:
    """Ids with their scores, best first; the first by words is never below the third place.

    `by_words` has bm25, `by_meaning` cosines, both best first; `besides` has the cosines of what words alone found.
    """
    most = by_words[0][1] if by_words else 1.0
    nearest = by_meaning[0][1] if by_meaning else 1.0
    scores = {id_: score / most / 2 for id_, score in by_words}
    for id_, cosine in (*by_meaning, *besides.items()):
        scores[id_] = scores.get(id_, 0.0) + cosine / nearest / 2
    fused = sorted(scores.items(), key=lambda item: -item[1])
    if by_words:
        first = next(index for index, (id_, _) in enumerate(fused) if id_ == by_words[0][0])
        if first > 2:
            fused.insert(2, (by_words[0][0], fused[2][1]))
            del fused[first + 1]
    return fused
