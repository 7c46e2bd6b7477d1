"""One search: by words at once, by meaning when the embedder is there, and the list a person sees.

Passages that touch a better one on the same page are left out: the better one leads there.
"""

from collections.abc import Sequence
from typing import Literal

from engine.documents import keyword
from engine.documents.embedding import Embedder
from engine.documents.fuse import fuse
from engine.documents.meaning import MeaningIndex
from engine.documents.words import Query, marks, mostly_cjk, read_query
from engine.errors import EngineError
from engine.events import HitsFound
from engine.operation import Cancel, Operation
from engine.store.documents import DocumentRows
from engine.types import Hit, Passage

By = Literal["both", "words", "meaning"]
DEPTH = 100  # passages each way of searching brings
NEAR = 3  # characters between passages that touch
LEAST_COSINE = 0.2  # below, MiniLM's neighbours have nothing to do with the question


class Search:
    """Searches documents; the ways of searching are `keyword` and `meaning`."""

    def __init__(self, rows: DocumentRows, embedder: Embedder, meaning: MeaningIndex) -> None:
        self._rows = rows
        self._embedder = embedder
        self._meaning = meaning

    def hits(self, text: str, cancel: Cancel, limit: int, by: By, wait: bool) -> Operation[tuple[Hit, ...]]:
        """See `Documents.search`."""
        query = read_query(text)
        by_words = keyword.search(self._rows.passages, query, DEPTH) if by != "meaning" else []
        cancel.check()
        # What stands in quotes must stand in the passage: meaning cannot promise that.
        # The embedded model reads English; on Japanese questions it halves what words find at first place.
        meant = by == "meaning" or (by == "both" and not query.must and not mostly_cjk(text))
        meant = meant and bool(text.strip()) and not self._meaning.empty
        found = self._hits([(id_, 1.0 / rank) for rank, id_ in enumerate(by_words, 1)], by_words, [], query, limit)
        if not meant:
            yield HitsFound(hits=found, complete=True)
            return found
        if by == "both":
            yield HitsFound(hits=found, complete=False)
            if not wait and not self._embedder.warm:
                self._embedder.warm_up()
                return found
        try:
            near = self._near(text, cancel)
        except EngineError:
            if by == "meaning":
                raise
            return found  # words alone are better than nothing
        by_meaning = [id_ for id_, _ in near]
        scores = fuse(by_words, by_meaning) if by == "both" else near
        found = self._hits(scores, by_words, by_meaning, query, limit)
        yield HitsFound(hits=found, complete=True)
        return found

    def near(self, text: str, cancel: Cancel) -> dict[int, float]:
        """The cosines of the passages nearest in meaning."""
        return dict(self._near(text, cancel))

    # Its own affairs.

    def _near(self, text: str, cancel: Cancel) -> list[tuple[int, float]]:
        vector = self._embedder.vectors((text,), cancel)[0]
        return [(id_, cosine) for id_, cosine in self._meaning.search(vector, DEPTH) if cosine >= LEAST_COSINE]

    def _hits(
        self,
        scores: Sequence[tuple[int, float]],
        by_words: Sequence[int],
        by_meaning: Sequence[int],
        query: Query,
        limit: int,
    ) -> tuple[Hit, ...]:
        word_ranks = {id_: rank for rank, id_ in enumerate(by_words, start=1)}
        meaning_ranks = {id_: rank for rank, id_ in enumerate(by_meaning, start=1)}
        ids = [id_ for id_, _ in scores]
        passages = self._rows.passages.get(ids)
        hits: list[Hit] = []
        for id_, score in scores:
            passage = passages.get(id_)
            if passage is None or any(_touch(passage, hit.passage) for hit in hits):
                continue
            hits.append(
                Hit(
                    rank=len(hits) + 1,
                    score=score,
                    passage=passage,
                    marks=marks(passage.text, query),
                    word_rank=word_ranks.get(id_),
                    meaning_rank=meaning_ranks.get(id_),
                )
            )
            if len(hits) == limit:
                break
        return tuple(hits)


def _touch(one: Passage, other: Passage) -> bool:
    """Whether two passages of one page overlap or follow each other."""
    same = one.document_id == other.document_id and one.page == other.page
    return same and one.start - other.end <= NEAR and other.start - one.end <= NEAR
