"""Looking into a search: how each result was found, what became of it in a prompt, and why a file is not among them."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from engine.documents import keyword
from engine.documents.embedders import Embedders
from engine.documents.nearness import Nearness
from engine.documents.query import Asked
from engine.documents.search import Search, Wish, meant
from engine.documents.standing import Searched, standing
from engine.errors import EngineError
from engine.events import Event, HitsFound
from engine.operation import Cancel, Operation, heard
from engine.store.documents import DocumentRows
from engine.types import Found, Given, Hit, Inspected, Source

MOST_RANKED = 1_000_000  # passages that hold words of a search


class Inspecting:
    """Looks into searches; changes nothing."""

    def __init__(self, rows: DocumentRows, embedders: Embedders, search: Search) -> None:
        self._rows, self._embedders, self._search = rows, embedders, search

    def look(self, text: str, asked: Asked, wish: Wish, cancel: Cancel, file: Path | None) -> Operation[Inspected]:
        """See `Documents.inspect`."""
        also: tuple[str, ...] = ()

        def hear(event: Event) -> Event:
            nonlocal also
            also = event.also if isinstance(event, HitsFound) else also
            return event

        hits = yield from heard(self._search.hits(asked, wish, cancel), hear)
        query, trouble = asked.query.with_words(also), ""
        passages = self._rows.passages
        chosen = asked.among(self._rows.files(), passages.senders) if asked.conditions or asked.lists else None
        by_words = keyword.search(passages, query, MOST_RANKED, chosen)
        try:
            nearness = self._nearness(asked, wish, cancel)
        except EngineError as error:  # as in the search itself, words alone are better than nothing
            nearness, trouble = None, str(error)
        searched = Searched(asked, query, hits, chosen, by_words, nearness)
        here = (yield from standing(self._rows, file, searched, cancel)) if file else None
        return Inspected(
            asked=text, found=_found(searched), also=also, by_meaning=nearness is not None,
            not_by_meaning=trouble, file=here,
        )  # fmt: skip

    # Its own affairs.

    def _nearness(self, asked: Asked, wish: Wish, cancel: Cancel) -> Nearness | None:
        searched = self._embedders.searched()
        if asked.lists or not meant(asked, searched, wish.by):
            return None
        (question,) = searched.embedder.vectors((asked.words,), cancel, question=True)
        return Nearness(self._rows, searched, question)


def with_given(inspected: Inspected, sources: Sequence[Source], count: int) -> Inspected:
    """With what became of each result where `sources` entered a prompt and `count` of the results were to."""
    entered = {(one.document_id, one.page, one.start) for one in sources}

    def given(hit: Hit) -> Given:
        if (hit.passage.document_id, hit.passage.page, hit.passage.start) in entered:
            return Given.GIVEN
        return Given.NO_ROOM if hit.rank <= count else Given.FURTHER

    return replace(inspected, found=tuple(replace(one, given=given(one.hit)) for one in inspected.found))


def _found(searched: Searched) -> tuple[Found, ...]:
    """The results with their figures."""
    hits, nearness = searched.hits, searched.nearness
    scores = dict(searched.by_words)
    cosines = nearness.cosines([hit.passage.id for hit in hits]) if nearness else {}
    return tuple(
        Found(hit=hit, word_score=scores.get(hit.passage.id), cosine=cosines.get(hit.passage.id)) for hit in hits
    )
