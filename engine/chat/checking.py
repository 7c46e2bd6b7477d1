"""Whether each sentence of an answer is supported by the passages it was written from, and by which sentence of them.

A sentence is compared with each of the passages by the share of its telling words that stand there too, those that few
sentences hold weighing most, and by closeness in meaning where an embedder is warm. Where a model judges whether texts
follow from others, it is asked about those that come nearest. A number or a name that stands in no passage lowers what
comes of it. This says what is backed, not what is true. Pure.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from engine.chat.claims import Claim, Told, claims, told_by
from engine.documents.documents import Closeness
from engine.documents.entailment import Relate, Relation
from engine.documents.folding import fold
from engine.documents.numerals import numbers
from engine.documents.stems import stem
from engine.documents.words import matter
from engine.types import Checked, Refusal, Source, Support

MOST_CHECKED = 400  # sentences of an answer; what follows has no marks
MOST_MEANT = 48  # of them, and twice as many of the passages, are compared by meaning: some seconds at most
MOST_PREMISES = 3  # sentences, with the one that follows each, that a model judges a sentence by
LEAST_LIKELY = 0.5  # of the three things that one may be to another: from here on it is more than the others together

FEWEST = 20  # sentences that words are weighed among: fewer tell nothing of how rare a word is


class Measure(NamedTuple):
    """From which rating on a sentence is supported, and from which partly."""

    supported: float
    partly: float


BY_WORDS, BY_BOTH = Measure(0.5, 0.3), Measure(0.5, 0.36)


class _Rated(NamedTuple):
    """How near a sentence of an answer comes to each of the passages' sentences, and to each with what follows it."""

    alone: Sequence[float]
    pairs: Sequence[float]
    measure: Measure

    def nearest(self) -> list[int]:
        """The pairs that it may be judged by, the nearest first."""
        order = sorted(range(len(self.pairs)), key=lambda at: -self.pairs[at])[:MOST_PREMISES]
        return [at for at in order if self.pairs[at] > 0]


def checked(
    text: str, sources: Sequence[Source], closeness: Closeness | None = None, relate: Relate | None = None
) -> tuple[Checked, ...]:
    """The sentences of an answer, each with how far `sources` support it.

    `closeness` has the cosines of texts to others; without it words alone decide. `relate` says whether texts follow
    from others. Raises what these raise.
    """
    said, told = list(islice(claims(text), MOST_CHECKED)), told_by(sources)
    passages = _Passages(sources, told)
    near: Sequence[Sequence[float]] = ()
    if closeness and said and told:
        near = closeness([one.text for one in said[:MOST_MEANT]], [one.spot.text for one in told[: 2 * MOST_MEANT]])
    rated = [passages.rated(one, near[at] if at < len(near) else ()) for at, one in enumerate(said)]
    related = passages.related(said[:MOST_MEANT], rated, relate) if relate else {}
    return tuple(
        passages.judged(one, rating, related.get(at, {}))
        for at, (one, rating) in enumerate(zip(said, rated, strict=True))
    )


def refusal(found: Sequence[Checked]) -> Refusal | None:
    """Why an answer with these sentences is withheld, where only what the passages support is to be shown."""
    supported = any(one.support is Support.SUPPORTED for one in found)
    return None if supported else Refusal.UNSUPPORTED


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

    def rated(self, claim: Claim, near: Sequence[float]) -> _Rated:
        """One sentence, with its cosines to the first sentences of the passages."""
        alone, pairs = self._shares(claim)
        if near:
            cosines = [*near, *[0.0] * (len(alone) - len(near))]
            alone = [(share + cosine) / 2 for share, cosine in zip(alone, cosines, strict=True)]
            pairs = [
                (share + max(cosines[each] for each in self._pair(at))) / 2 for at, share in enumerate(pairs)
            ]  # fmt: skip
        return _Rated(alone, pairs, BY_BOTH if near else BY_WORDS)

    def related(self, said: Sequence[Claim], rated: Sequence[_Rated], relate: Relate) -> dict[int, dict[int, Relation]]:
        """What each of the sentences is to the pairs that come nearest to it, in one question to the model."""
        asked = [(at, each) for at in range(len(said)) for each in rated[at].nearest()]
        texts = [(" ".join(self._told[one].spot.text for one in self._pair(each)), said[at].text) for at, each in asked]
        found: dict[int, dict[int, Relation]] = defaultdict(dict)
        for (at, each), relation in zip(asked, relate(texts) if texts else (), strict=True):
            found[at][each] = relation
        return found

    def judged(self, claim: Claim, rating: _Rated, related: Mapping[int, Relation]) -> Checked:
        """One sentence, with what it is to the pairs that a model judged it by."""
        pairs, measure = rating.pairs, rating.measure
        unfound = tuple(sorted(self._unfound(claim)))
        level, source = 0, None
        if pairs:
            best = max(range(len(pairs)), key=pairs.__getitem__)
            level = (pairs[best] >= measure.partly) + (pairs[best] >= measure.supported)
            follows = _likeliest(related, "entailment")
            if follows is not None:
                best, level = follows, min(level + 1, 2)
            elif (other := _likeliest(related, "contradiction")) is not None and pairs[other] >= measure.partly:
                return self._contradicted(claim, self._sentence(other, rating), unfound)
            source = self._sentence(best, rating)
            there = frozenset().union(*(self._told[each].numbers for each in self._pair(best)))
            if unfound:
                level -= 1
            elif not all(one.values & there for one in claim.numbers):
                level = min(level, 1)
        support = (Support.UNSUPPORTED, Support.PARTLY, Support.SUPPORTED)[max(level, 0)]
        return Checked(
            start=claim.start, end=claim.end, support=support, cited=claim.cited, unfound=unfound,
            source=None if support is Support.UNSUPPORTED else source,
        )  # fmt: skip

    @staticmethod
    def _contradicted(claim: Claim, by: Source, unfound: tuple[tuple[int, int], ...]) -> Checked:
        return Checked(
            start=claim.start, end=claim.end, support=Support.UNSUPPORTED, cited=claim.cited, unfound=unfound,
            against=by,
        )  # fmt: skip

    def _sentence(self, at: int, rating: _Rated) -> Source:
        """Of a pair the sentence that comes nearer."""
        return self._told[max(self._pair(at), key=rating.alone.__getitem__)].spot

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


def _likeliest(related: Mapping[int, Relation], what: str) -> int | None:
    """The pair to which a sentence is this with the highest probability; None where it is likelier to be another."""
    best = max(related, key=lambda at: getattr(related[at], what), default=None)
    return best if best is not None and getattr(related[best], what) > LEAST_LIKELY else None
