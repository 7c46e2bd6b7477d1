"""One search: by words and, side by side with it, by meaning when the embedder is there; and the list a person sees.

How the list is made of what was found stands in `arrange`.
"""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Literal

from engine.documents import keyword
from engine.documents.arrange import BEHIND, distinct, newest_first, numbered
from engine.documents.embedders import Embedders, Searched
from engine.documents.fuse import Scored, fuse
from engine.documents.meaning import Floats
from engine.documents.near_words import near_words
from engine.documents.query import Asked
from engine.documents.reranking import MOST, Reranker, Rerankers
from engine.documents.spread import Spread
from engine.documents.words import Query, marks, mostly_cjk
from engine.errors import EngineError
from engine.events import HitsFound
from engine.operation import Cancel, Operation
from engine.store.documents import DocumentRows
from engine.types import Hit, Passage

By = Literal["both", "words", "meaning"]
DEPTH = 100  # passages each way of searching brings
LEAST_COSINE = 0.2  # below, neighbours have nothing to do with the question; found with MiniLM, others are scaled to it


@dataclass(frozen=True, slots=True)
class Wish:
    """How many results, found in which way; whether meaning is waited for, newest come first, and neighbours join."""

    limit: int
    by: By = "both"
    wait: bool = False
    newest: bool = False
    joined: bool = False


class _Seen:
    """What one search has read and marked for its first list, and need not for its second."""

    def __init__(self) -> None:
        self.passages: dict[int, Passage] = {}
        self._marks: dict[str, tuple[tuple[int, int], ...]] = {}

    def marked(self, text: str, query: Query) -> tuple[tuple[int, int], ...]:
        """The spans of `text` that match the search's one query."""
        if text not in self._marks:
            self._marks[text] = marks(text, query)
        return self._marks[text]


class Search:
    """Searches documents; the ways of searching are `keyword` and `meaning`."""

    def __init__(self, rows: DocumentRows, embedders: Embedders, rerankers: Rerankers) -> None:
        self._rows = rows
        self._embedders = embedders
        self._rerankers = rerankers
        self._beside = ThreadPoolExecutor(2, "searching by meaning")

    def close(self) -> None:
        """Let the threads go; a search that is under way ends first."""
        self._beside.shutdown(cancel_futures=True)

    def hits(self, asked: Asked, wish: Wish, cancel: Cancel) -> Operation[tuple[Hit, ...]]:
        """See `Documents.search`."""
        reranker, limit = self._rerankers.chosen(), wish.limit
        if reranker is None or asked.lists or wish.newest:
            return (yield from self._found(asked, wish, cancel))
        finding = self._found(asked, replace(wish, limit=max(limit, MOST)), cancel)
        last = HitsFound(hits=(), complete=False)
        while True:
            try:
                event = next(finding)
            except StopIteration as end:
                found: tuple[Hit, ...] = end.value
                break
            if isinstance(event, HitsFound):
                last = event
                yield replace(event, hits=event.hits[:limit], complete=False)
        if not last.complete or (not wish.wait and not reranker.warm):
            reranker.warm_up()
            return found[:limit]
        return (yield from self._reordered(reranker, asked.words, replace(last, hits=found), limit, cancel))

    # Its own affairs.

    def _reordered(
        self, reranker: Reranker, text: str, last: HitsFound, limit: int, cancel: Cancel
    ) -> Operation[tuple[Hit, ...]]:
        """The best hits in the reranking model's order, the others after them; as they were where it fails."""
        began, found, first, why = time.monotonic(), last.hits, last.hits[:MOST], ""
        try:
            scores = reranker.scores(text, [hit.passage.text for hit in first], cancel)
            order = sorted(range(len(first)), key=lambda place: -scores[place])
            best = [
                replace(first[place], score=scores[place], reordered_rank=rank) for rank, place in enumerate(order, 1)
            ]
            found = numbered([*best, *found[MOST:]])
        except EngineError as error:
            why = str(error)
        found = found[:limit]
        taken_s = 0.0 if why else time.monotonic() - began
        yield replace(last, hits=found, reordered_s=taken_s, not_reordered=why)
        return found

    def _found(self, asked: Asked, wish: Wish, cancel: Cancel) -> Operation[tuple[Hit, ...]]:
        """By words and by meaning."""
        by = wish.by
        query, searched, passages = asked.query, self._embedders.searched(), self._rows.passages
        chosen = asked.among(self._rows.files(), passages.senders) if asked.conditions or asked.lists else None
        if asked.lists and chosen is not None:
            listed = passages.firsts(chosen, keyword.without(passages, query), wish.limit)
            found = self._hits(
                [(id_, 1.0 / place) for place, id_ in enumerate(listed, 1)], [], [], query, wish, _Seen()
            )
            yield HitsFound(hits=found, complete=True)
            return found
        seen = _Seen()
        means = meant(asked, searched, by)
        beside = None
        if means and (by == "meaning" or wish.wait or searched.embedder.warm):
            among, never = None if chosen is None else passages.of(chosen), keyword.without(passages, query)
            beside = self._beside.submit(_nearest, searched, asked.words, among, never, cancel)
        also: tuple[str, ...] = ()
        by_words: Scored = []
        if by != "meaning":
            spread = Spread(passages)
            also = near_words(passages, query, spread)
            query = query.with_words(also)
            by_words = keyword.search(passages, query, DEPTH, chosen, spread)
        cancel.check()
        found = self._hits(by_words, by_words, [], query, wish, seen)
        if not means:
            yield HitsFound(hits=found, complete=True, also=also)
            return found
        if by == "both":
            yield HitsFound(hits=found, complete=False, also=also)
        if beside is None:
            searched.embedder.warm_up()
            return found
        try:
            vector, near = beside.result()
        except EngineError:
            if by == "meaning":
                raise
            return found  # words alone are better than nothing
        scores = near
        if by == "both":
            besides = searched.index.cosines(
                vector, sorted({id_ for id_, _ in by_words}.difference(id_ for id_, _ in near))
            )
            scores = fuse(by_words, near, {id_: searched.known.scaled(cosine) for id_, cosine in besides.items()})
        found = self._hits(scores, by_words, near, query, wish, seen)
        yield HitsFound(hits=found, complete=True, also=also)
        return found

    def _hits(
        self,
        scores: Scored,
        by_words: Scored,
        by_meaning: Scored,
        query: Query,
        wish: Wish,
        seen: _Seen,
    ) -> tuple[Hit, ...]:
        word_ranks = {id_: rank for rank, (id_, _) in enumerate(by_words, start=1)}
        meaning_ranks = {id_: rank for rank, (id_, _) in enumerate(by_meaning, start=1)}
        found = (
            Hit(
                rank=rank, score=score, passage=passage, word_rank=word_ranks.get(passage.id),
                meaning_rank=meaning_ranks.get(passage.id),
            )
            for rank, (score, passage) in enumerate(self._read(scores, wish.limit + BEHIND, seen), start=1)
        )  # fmt: skip
        listed = distinct(found, wish.limit, self._rows.passages.text if wish.joined else None)
        ordered = numbered(newest_first(listed) if wish.newest else listed)
        return tuple(replace(hit, marks=seen.marked(hit.passage.text, query)) for hit in ordered)

    def _read(self, scores: Scored, at_once: int, seen: _Seen) -> Iterator[tuple[float, Passage]]:
        """What was found, with its score, those that are still there; read from the store only as it is asked for."""
        passages = seen.passages
        for first in range(0, len(scores), at_once):
            some = scores[first : first + at_once]
            passages |= self._rows.passages.get([id_ for id_, _ in some if id_ not in passages])
            yield from ((score, passages[id_]) for id_, score in some if id_ in passages)


def meant(asked: Asked, searched: Searched, by: By) -> bool:
    """Whether meaning is searched, too."""
    # What stands in quotes must stand in the passage: meaning cannot promise that.
    # A model that reads English only halves, on Japanese questions, what words find at first place.
    reads = searched.known.reads_japanese or not mostly_cjk(asked.words)
    meant = by == "meaning" or (by == "both" and not asked.query.must and reads)
    return meant and bool(asked.words.strip()) and not searched.index.empty


def _nearest(
    searched: Searched, text: str, among: Sequence[int] | None, without: Sequence[int], cancel: Cancel
) -> tuple[Floats, Scored]:
    """The question's vector, and the passages nearest to it with their cosines."""
    (vector,) = searched.embedder.vectors((text,), cancel, question=True)
    nearest = searched.index.search(vector, DEPTH, among, without)
    scaled = [(id_, searched.known.scaled(cosine)) for id_, cosine in nearest]
    return vector, [(id_, cosine) for id_, cosine in scaled if cosine >= LEAST_COSINE]
