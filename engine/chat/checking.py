"""Whether each sentence of an answer is supported by the passages it was written from, and by which sentence of them.

A sentence is compared with each of the passages by the share of its telling words that stand there too, those that few
sentences hold weighing most, and by closeness in meaning where an embedder is warm. A number or a name that stands in
no passage lowers what comes of it. This says what is backed, not what is true. Pure.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from engine.chat.claims import Claim, Told, claims, told_by
from engine.documents.documents import Closeness
from engine.documents.numerals import numbers
from engine.documents.words import fold, matter, stem
from engine.types import Checked, Source, Support

MOST_CHECKED = 400  # sentences of an answer; what follows has no marks
MOST_MEANT = 48  # of them, and twice as many of the passages, are compared by meaning: some seconds at most

FEWEST = 20  # sentences that words are weighed among: fewer tell nothing of how rare a word is


class Measure(NamedTuple):
    """From which rating on a sentence is supported, and from which partly."""

    supported: float
    partly: float


BY_WORDS, BY_BOTH = Measure(0.5, 0.3), Measure(0.5, 0.36)


def checked(text: str, sources: Sequence[Source], closeness: Closeness | None = None) -> tuple[Checked, ...]:
    """The sentences of an answer, each with how far `sources` support it.

    `closeness` has the cosines of texts to others; without it words alone decide. Raises what that raises.
    """
    said, told = list(islice(claims(text), MOST_CHECKED)), told_by(sources)
    passages = _Passages(sources, told)
    near: Sequence[Sequence[float]] = ()
    if closeness and said and told:
        near = closeness([one.text for one in said[:MOST_MEANT]], [one.spot.text for one in told[: 2 * MOST_MEANT]])
    return tuple(passages.judged(one, near[at] if at < len(near) else ()) for at, one in enumerate(said))


def supported(found: Sequence[Checked]) -> bool:
    """Whether any sentence of an answer is."""
    return any(one.support is Support.SUPPORTED for one in found)


# Its own affairs.


class _Passages:
    """What the passages say, by word and by number."""

    def __init__(self, sources: Sequence[Source], told: Sequence[Told]) -> None:
        self._told = told
        self._holding: dict[str | float, set[int]] = defaultdict(set)
        for at, one in enumerate(told):
            units: set[str | float] = {*one.words, *one.numbers}
            for unit in units:
                self._holding[unit].add(at)
        # A model is told where its passages stand, too, and may say so.
        places = " ".join(f"{source.path.name} {source.place.words}" for source in sources)
        text = " ".join([places, *(source.text for source in sources)])
        self._text, self._words = text, set(matter(text))
        self._numbers = {value for one in numbers(text) for value in one.values}

    def judged(self, claim: Claim, near: Sequence[float]) -> Checked:
        """One sentence, with its cosines to the first sentences of the passages."""
        alone, pairs = self._shares(claim)
        measure = BY_BOTH if near else BY_WORDS
        if near:
            cosines = [*near, *[0.0] * (len(alone) - len(near))]
            alone = [(share + cosine) / 2 for share, cosine in zip(alone, cosines, strict=True)]
            pairs = [
                (share + max(cosines[each] for each in self._pair(at))) / 2 for at, share in enumerate(pairs)
            ]  # fmt: skip
        unfound = tuple(sorted(self._unfound(claim)))
        level, source = 0, None
        if pairs:
            best = max(range(len(pairs)), key=pairs.__getitem__)
            pair = self._pair(best)
            source = self._told[max(pair, key=alone.__getitem__)].spot
            level = (pairs[best] >= measure.partly) + (pairs[best] >= measure.supported)
            there = frozenset().union(*(self._told[each].numbers for each in pair))
            if unfound:
                level -= 1
            elif not all(one.values & there for one in claim.numbers):
                level = min(level, 1)
        support = (Support.UNSUPPORTED, Support.PARTLY, Support.SUPPORTED)[max(level, 0)]
        return Checked(
            start=claim.start, end=claim.end, support=support, cited=claim.cited, unfound=unfound,
            source=None if support is Support.UNSUPPORTED else source,
        )  # fmt: skip

    def _pair(self, at: int) -> range:
        """A sentence and the one that follows it in its passage, since answers join what stands side by side."""
        follows = at + 1 < len(self._told) and self._told[at + 1].spot.number == self._told[at].spot.number
        return range(at, at + 1 + follows)

    def _shares(self, claim: Claim) -> tuple[list[float], list[float]]:
        """What share of the claim's words each sentence holds, and each pair.

        The fewer sentences hold a word, the more it weighs, as in BM25.
        """
        shares, pairs = [0.0] * len(self._told), [0.0] * len(self._told)
        whole, among = 0.0, max(FEWEST, len(self._told))
        units: list[frozenset[str | float]] = [frozenset({word}) for word in claim.words]
        units += [frozenset(one.values) for one in claim.numbers]
        for unit in units:
            holding = set().union(*(self._holding.get(form, ()) for form in unit))
            weight = math.log(1 + (among - len(holding) + 0.5) / (len(holding) + 0.5))
            whole += weight
            for at in holding:
                shares[at] += weight
                pairs[at] += weight
                if at and at - 1 not in holding and len(self._pair(at - 1)) == 2:
                    pairs[at - 1] += weight
        return [share / (whole or 1) for share in shares], [share / (whole or 1) for share in pairs]

    def _unfound(self, claim: Claim) -> Iterator[tuple[int, int]]:
        """Where numbers and names stand that are in no passage."""
        for number in claim.numbers:
            if not number.values & self._numbers:
                yield number.start, number.end
        for name in claim.names:
            there = name.word in self._text if name.word[0] >= "ァ" else stem(fold(name.word)) in self._words
            if not there:
                yield name.start, name.end
