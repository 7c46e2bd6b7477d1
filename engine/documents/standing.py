"""Where one file stands in a search: its place in the list, or what kept it away."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from engine.documents import keyword
from engine.documents.nearness import Nearness
from engine.documents.not_added import why_not_added
from engine.documents.query import Asked, Condition
from engine.documents.search import LEAST_COSINE
from engine.documents.stems import stem
from engine.documents.words import Query, Unit, holds, index_words, mostly_cjk
from engine.operation import Cancel, Operation
from engine.store.documents import DocumentRows
from engine.store.passages import Among
from engine.types import Document, DocumentState, FileStanding, Hit, Passage, Standing


@dataclass(frozen=True, slots=True)
class Searched:
    """A search that was made: all passages by their words, and how meaning is compared, where it is."""

    asked: Asked
    query: Query
    hits: Sequence[Hit]
    chosen: Among | None  # what is looked through, None for all
    by_words: Sequence[tuple[int, float]]
    nearness: Nearness | None


def standing(rows: DocumentRows, path: Path, searched: Searched, cancel: Cancel) -> Operation[FileStanding]:
    """Where the file `path` stands. Yields Progressed in passages."""
    document = rows.by_path([path]).get(path)
    if document is None:
        why, of = why_not_added(path, rows.folders)
        return FileStanding(path=path, standing=Standing.NOT_ADDED, why=why, of=of)
    if away := _away(rows, document, searched.asked):
        return away
    passages = _looked_through(rows, document, searched.chosen)
    if not passages:
        return _filtered(path, searched.asked.of_senders)
    never = set(keyword.without(rows.passages, searched.query))
    word_rank = next((rank for rank, (id_, _) in enumerate(searched.by_words, 1) if id_ in passages), None)
    nearness = searched.nearness
    cosines = nearness.cosines(list(passages)) if nearness else {}
    allowed = {id_: cosine for id_, cosine in cosines.items() if id_ not in never}
    nearest = max(allowed, key=lambda id_: allowed[id_], default=None)
    here = FileStanding(
        path=path, standing=Standing.NOT_FOUND, word_rank=word_rank, by_words=len(searched.by_words),
        passages=len(passages), unprepared=len(passages) - len(cosines) if nearness else 0,
    )  # fmt: skip
    if nearness and nearest is not None:
        cosine = allowed[nearest]
        rank, by_meaning = yield from nearness.place(cosine, searched.chosen, never, cancel)
        here = replace(
            here, cosine=cosine, near=cosine >= LEAST_COSINE, meaning_rank=rank, by_meaning=by_meaning
        )  # fmt: skip
    best = passages.get(searched.by_words[word_rank - 1][0] if word_rank else nearest or 0)
    held, lacked = _words_in(searched.query, best)
    here = replace(here, best=best, holds=held, lacks=lacked)
    listed = _listed(here, document.id, searched.hits)
    return listed or _missed(here, searched, passages, never)


# Its own affairs.


def _looked_through(rows: DocumentRows, document: Document, chosen: Among | None) -> dict[int, Passage]:
    """The passages of a document, where it is a mailbox those of the mails that are looked through."""
    here = Among([document.id]) if chosen is None else replace(chosen, documents=[document.id])
    return rows.passages.get(rows.passages.of(here))


def _away(rows: DocumentRows, document: Document, asked: Asked) -> FileStanding | None:
    """What keeps a document out of the search altogether."""
    path, kept = document.path, next((one for one in rows.files() if one.id == document.id), None)
    if document.deleted_at is not None or kept is None:
        return FileStanding(path=path, standing=Standing.IN_TRASH)
    if document.state is DocumentState.FAILED:
        return FileStanding(path=path, standing=Standing.NOT_READ, why=document.reason)
    if not document.passages:
        return FileStanding(path=path, standing=Standing.EMPTY)
    if left_out := asked.left_out_by(kept):
        return _filtered(path, left_out)
    return None


def _filtered(path: Path, conditions: Iterable[Condition]) -> FileStanding:
    return FileStanding(path=path, standing=Standing.FILTERED, why=" ".join(one.written for one in conditions))


def _listed(here: FileStanding, document_id: int, hits: Sequence[Hit]) -> FileStanding | None:
    """Where a document is in the list, by itself or under another that says the same; None where it is not."""
    for hit in hits:
        if hit.passage.document_id == document_id:
            return replace(here, standing=Standing.LISTED, rank=hit.rank)
    for hit in hits:
        if any(other.document_id == document_id for other in hit.also_in):
            return replace(here, standing=Standing.SAME, rank=hit.rank, of=hit.passage.path)
    return None


def _missed(
    here: FileStanding, searched: Searched, passages: Mapping[int, Passage], never: Collection[int]
) -> FileStanding:
    """Why a document that is looked through is not in the list."""
    query = searched.query
    texts = {id_: index_words(one.text) for id_, one in passages.items()}
    fitting = [id_ for id_, words in texts.items() if all(holds(words, unit) for unit in query.must)]
    if not fitting:
        nowhere = [unit for unit in query.must if not any(holds(words, unit) for words in texts.values())]
        return replace(here, standing=Standing.NO_PHRASE, why=_spelt((nowhere or list(query.must))[0]))
    if all(id_ in never for id_ in fitting):
        return replace(here, standing=Standing.FORBIDDEN, why=" ".join(f"-{_spelt(unit)}" for unit in query.never))
    found = here.word_rank or here.near or searched.asked.lists
    return replace(here, standing=Standing.BELOW if found else Standing.NOT_FOUND)


def _words_in(query: Query, passage: Passage | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The words of a search that a passage holds, and those that it lacks."""
    words = index_words(passage.text) if passage else ""
    asked = dict(_looked_for(query))
    held = tuple(word for word, units in asked.items() if any(holds(words, unit) for unit in units))
    return held, tuple(word for word in asked if word not in held)


def _looked_for(query: Query) -> Iterator[tuple[str, tuple[Unit, ...]]]:
    """Each word or phrase of a search, and what in a text counts as it."""
    for unit in query.must:
        yield _spelt(unit), (unit,)
    for word in query.words:
        yield word, (Unit((word,)), Unit((stem(word),)))
    runs = {_spelt(unit): unit for unit in query.may if mostly_cjk(unit.words[0])}
    for run, unit in runs.items():
        if not any(other != run and other in run for other in runs):  # else its pieces say more
            yield run, (unit,)


def _spelt(unit: Unit) -> str:
    """The words of a unit as one writes them: pairs of characters run into one another."""
    first, *others = unit.words
    return first + "".join(word[-1] if mostly_cjk(word) else f" {word}" for word in others)
