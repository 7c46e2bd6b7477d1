"""How good a ranking is, by what should have been found: recall, reciprocal rank and discounted gain.

A ranking is a list of documents, best first, each once; the relevance of a document is a whole number, and one that
is not named or has none above 0 is not relevant. Pure. Definitions as in trec_eval.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean

Ranking = Sequence[int]
Relevance = Mapping[int, int]
DEPTH = 10  # how far reciprocal rank and gain look


def recall(ranking: Ranking, relevance: Relevance, depth: int) -> float:
    """The share of the relevant documents that are among the first `depth`."""
    wanted = {document for document, grade in relevance.items() if grade > 0}
    return len(wanted.intersection(ranking[:depth])) / len(wanted)


def reciprocal_rank(ranking: Ranking, relevance: Relevance, depth: int = DEPTH) -> float:
    """One by the place of the first relevant document; 0 where there is none among the first `depth`."""
    places = (place for place, document in enumerate(ranking[:depth], 1) if relevance.get(document, 0) > 0)
    return 1.0 / next(places, math.inf)


def ndcg(ranking: Ranking, relevance: Relevance, depth: int = DEPTH) -> float:
    """The normalized discounted cumulative gain of the first `depth`.

    A document gains its relevance by the logarithm to base 2 of its place plus 1; the sum is divided by the best
    possible one. Source: Järvelin and Kekäläinen, Cumulated gain-based evaluation of IR techniques, 2002.
    """
    best = sorted((grade for grade in relevance.values() if grade > 0), reverse=True)
    found = (max(0, relevance.get(document, 0)) for document in ranking)
    return _gain(found, depth) / _gain(best, depth)


def scores(rankings: Sequence[Ranking], relevances: Sequence[Relevance]) -> dict[str, float]:
    """The means over all questions, by the names of the columns. Each question has something relevant."""
    pairs = list(zip(rankings, relevances, strict=True))
    means = {f"recall at {depth}": fmean(recall(*pair, depth) for pair in pairs) for depth in (1, 5, 10)}
    means["MRR at 10"] = fmean(reciprocal_rank(*pair) for pair in pairs)
    means["nDCG at 10"] = fmean(ndcg(*pair) for pair in pairs)
    return means


# Its own affairs.


def _gain(grades: Iterable[int], depth: int) -> float:
    placed = zip(range(1, depth + 1), grades, strict=False)
    return sum(grade / math.log2(place + 1) for place, grade in placed)
