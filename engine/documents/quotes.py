"""Answering with the documents' own sentences, verbatim, each with its file and page.

A sentence counts by the share of the question's words it holds, rare ones weighing most, and by
its closeness in meaning where the embedder is warm. Where nothing matches there is no answer.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from engine.documents.chunks import bare, sentences
from engine.documents.headings import is_heading
from engine.documents.stems import stem
from engine.documents.words import Unit, holds, index_words, read_query
from engine.store.passages import PassageRows
from engine.types import Answer, Hit, Passage, Quote, Source, Spot

ToQuestion = Callable[[Sequence[str]], Sequence[float]]  # the cosines of texts to a question

# Below these a sentence is no answer. Found on 250 questions of XQuAD, whose answering sentence is
# among the first three quotes for 89 of 100, and on a dozen questions about things not in it.
LEAST_SHARE = 0.3  # of the weight of the question's words, where words are all there is
LEAST_RATING = 0.36  # half that share, half the cosine
LEAST_COSINE = 0.38
MOST_SENTENCES = 48  # that are compared by meaning: a second of work at most
# From this rating on a question counts as answered, where only such questions are to be; by words, from LEAST_SHARE on.
# Found with the even articles of XQuAD in a store: 3 of 100 questions that these answer come below it, and 95 of 100
# that they do not. With LEAST_COSINE it would be 0 and 75.
LEAST_ANSWERED = 0.4
MOST_QUOTES = 5
LOOKED_BEHIND = 300  # characters after a passage: what ends it may be a heading of what comes next
SHORTEST = 12  # characters; below are headings and stray lines


@dataclass(frozen=True, slots=True)
class _Sentence:
    among: int  # the place of its passage among those given
    start: int
    end: int
    text: str
    share: float  # of the weight of the question's words
    tells: bool  # has words of its own; a heading that only repeats the question has none
    heading: bool


def sentences_of(source: Source, *, headings: bool = True) -> Iterator[Source]:
    """The sentences of a passage that may be quoted, each as a place of its own under the passage's number."""
    for first, last in spans(source.text):
        if not headings and is_heading(source, first, last):
            continue
        yield replace(
            source, start=source.start + first, end=source.start + last, text=source.text[first:last],
        )  # fmt: skip


def spans(text: str) -> Iterator[tuple[int, int]]:
    """Where the sentences of a passage stand that are long enough to be quoted."""
    for first, last in sentences(text):
        span = bare(text, first, last)
        if span is not None and span[1] - span[0] >= SHORTEST:
            yield span


def answer(
    question: str,
    hits: Sequence[Hit],
    rows: PassageRows,
    count: int,
    closeness: ToQuestion | None,
) -> Answer:
    """The `count` best sentences of the passages found, as quotes with numbered sources.

    `closeness` gives the cosine of the question to each of some sentences; None while there is
    no embedder.
    """
    passages = [hit.passage for hit in hits]
    sources = [source_of(passage, number) for number, passage in enumerate(passages, start=1)]
    quotes = _quotes(sources, _rated(question, passages, rows, closeness), count)
    numbers = {old: new for new, old in enumerate(dict.fromkeys(quote.source.number for quote in quotes), start=1)}
    return Answer(
        question=question, verbatim=True,
        quotes=tuple(
            replace(quote, source=replace(quote.source, number=numbers[quote.source.number])) for quote in quotes
        ),
        sources=tuple(replace(sources[old - 1], number=new) for old, new in numbers.items()),
    )  # fmt: skip


def best(
    question: str, sources: Sequence[Source], rows: PassageRows, count: int, closeness: ToQuestion | None
) -> tuple[Quote, ...]:
    """The `count` best sentences of some passages, under the numbers that these have. Otherwise as `answer`."""
    return tuple(_quotes(sources, _rated(question, sources, rows, closeness), count))


def answered(question: str, spots: Sequence[Spot], rows: PassageRows, closeness: ToQuestion | None) -> bool:
    """Whether any sentence of `spots` answers, by the measure of quotes and, with meaning, a stricter one."""
    least = LEAST_ANSWERED if closeness else LEAST_SHARE
    return any(rating >= least for rating, _ in _rated(question, spots, rows, closeness))


# Its own affairs.


def _rated(
    question: str, spots: Sequence[Spot], rows: PassageRows, closeness: ToQuestion | None
) -> list[tuple[float, _Sentence]]:
    """The sentences that answer, the best first; headings only where nothing else does."""
    weights = _weights(question, rows)
    asked = _stems(index_words(question))
    found = [one for among, spot in enumerate(spots) for one in _sentences(among, spot, weights, asked, rows)]
    found.sort(key=lambda sentence: -sentence.share)  # stable: then by the passage's rank
    found = found[:MOST_SENTENCES]
    cosines: Sequence[float] = closeness([one.text for one in found]) if closeness and found else [0.0] * len(found)
    rated = [
        (_rating(one, cosine, bool(closeness)), one)
        for one, cosine in zip(found, cosines, strict=True)
        if _answers(one, cosine, bool(closeness))
    ]
    return sorted(rated, key=lambda item: (item[1].heading, -item[0]))


def _weights(question: str, rows: PassageRows) -> dict[Unit, float]:
    """How much each word of the question tells: the less, the more passages hold it."""
    query = read_query(question)
    units = [unit for unit in query.must + query.may if not unit.beginning or len(unit.words[0]) == 1]
    total = rows.count()
    spread = rows.spread(word for unit in units for word in unit.words)
    weights = {}
    for unit in units:
        among = min(spread[word] for word in unit.words)
        weights[unit] = math.log(1 + (total - among + 0.5) / (among + 0.5))
    return weights


def _stems(folded_words: str) -> set[str]:
    return {stem(word) for word in folded_words.split()}


def _sentences(
    among: int, spot: Spot, weights: dict[Unit, float], asked: set[str], rows: PassageRows
) -> list[_Sentence]:
    whole = sum(weights.values())
    behind = rows.text(spot, spot.end, spot.end + LOOKED_BEHIND) if isinstance(spot, Passage) else ""
    found = []
    for first, last in spans(spot.text):
        text = spot.text[first:last]
        words = index_words(text)
        held = sum(weight for unit, weight in weights.items() if holds(words, unit))
        share = held / whole if whole else 0.0
        tells = not _stems(words) <= asked
        heading = is_heading(spot, first, last, behind)
        found.append(_Sentence(among, spot.start + first, spot.start + last, text, share, tells, heading))
    return found


def _answers(sentence: _Sentence, cosine: float, with_meaning: bool) -> bool:
    if not with_meaning:
        return sentence.share >= LEAST_SHARE
    return cosine >= LEAST_COSINE or 0.5 * sentence.share + 0.5 * cosine >= LEAST_RATING


def _rating(sentence: _Sentence, cosine: float, with_meaning: bool) -> float:
    rating = 0.5 * sentence.share + 0.5 * cosine if with_meaning else sentence.share
    no_answer = sentence.text.endswith(("?", "？")) or not sentence.tells
    return rating / 2 if no_answer else rating


def _quotes(sources: Sequence[Source], rated: Sequence[tuple[float, _Sentence]], count: int) -> list[Quote]:
    quotes: list[Quote] = []
    texts: set[str] = set()
    for rating, one in rated:
        if one.text in texts or (one.heading and quotes):  # the same sentence in a copy of the file
            continue
        texts.add(one.text)
        spot = replace(sources[one.among], start=one.start, end=one.end, text=one.text)
        quotes.append(Quote(text=one.text, source=spot, score=rating))
        if len(quotes) == count:
            break
    return quotes


def source_of(passage: Passage, number: int) -> Source:
    """A passage as a numbered source."""
    return Source(
        number=number, document_id=passage.document_id, path=passage.path, page=passage.page,
        start=passage.start, end=passage.end, text=passage.text, paged=passage.paged, place=passage.place,
        confidence=passage.confidence,
    )  # fmt: skip
