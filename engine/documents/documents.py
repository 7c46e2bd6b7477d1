"""The documents of one person: adding, searching, quoting, showing.

Words are searchable as soon as a file is read; meaning follows when `embed` has run. Everything
slow is an operation; the processes that read and embed start when first needed.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from engine.documents import quotes
from engine.documents.by_name import named
from engine.documents.collections import Collections
from engine.documents.embedders import Embedders, Searched
from engine.documents.embedding import Embedder
from engine.documents.entailment import Entailers, Relate
from engine.documents.folders import Folders
from engine.documents.gone import is_gone
from engine.documents.in_bulk import InBulk
from engine.documents.in_step import InStep
from engine.documents.ingest import Ingest
from engine.documents.inspecting import Inspecting, with_given
from engine.documents.library_model import FindModel
from engine.documents.picture_pages import PicturePages
from engine.documents.preparing import alone, prepare
from engine.documents.query import Asked, just_words, read_question, read_search
from engine.documents.quotes import MOST_QUOTES, ToQuestion
from engine.documents.rare_words import rare_words
from engine.documents.reading import Reader
from engine.documents.reranking import Rerankers
from engine.documents.search import By, Search, Wish
from engine.documents.words import mostly_cjk
from engine.errors import NotFound, TextNotAccepted
from engine.events import Changed, Progressed
from engine.formats import DRAWN
from engine.operation import Cancel, Operation
from engine.places import Places
from engine.runtime.battery import Battery
from engine.settings import Settings
from engine.store.documents import DocumentRows
from engine.store.passages import Among
from engine.types import (
    Answer,
    Counts,
    Document,
    Hit,
    IndexReport,
    Inspected,
    Library,
    Model,
    Page,
    PagePicture,
    Prepared,
    Preparing,
    Quote,
    Source,
)

PASSAGES_ASKED = 24  # the hits whose sentences a quote is chosen from


Closeness = Callable[[Sequence[str], Sequence[str]], list[list[float]]]  # cosines, a row for each of the first texts


def _no_library(model_id: int) -> Model:
    raise NotFound(what="model", which=model_id)


class Documents:
    """Everything about documents. One for the program; every method from any thread."""

    def __init__(
        self,
        rows: DocumentRows,
        places: Places,
        settings: Callable[[], Settings] = Settings,
        find_model: FindModel = _no_library,
    ) -> None:
        """`settings` are those of the moment; `find_model` has the library's models by their numbers."""
        self._rows, self._settings = rows, settings
        self._battery = Battery()
        self._reader = Reader(places.private)
        self._drawer = Reader(places.private)
        self._embedders = Embedders(rows, places, settings, find_model, Embedder)
        self.folders = Folders(rows, self._embedders.forget, self._embedders.reload)
        self.in_step = InStep(self.folders)
        self.collections = Collections(rows)
        self.pictures = PicturePages(rows, places.private, settings, self._embedders)
        self._rerankers = Rerankers(places.private, settings, find_model)
        self._entailers = Entailers(places.private, settings, find_model)
        self._search = Search(rows, self._embedders, self._rerankers)
        self._inspecting = Inspecting(rows, self._embedders, self._search)

    def add(self, paths: Sequence[Path], cancel: Cancel) -> Operation[IndexReport]:
        """Read files and folders into the store; what is here unchanged is passed over.

        What lies in the trash is taken out of it. Yields `Progressed` in files, `DocumentSettled` for
        each file once it is kept, and `Changed`. What was kept before a Stop stays. Raises `DiskFull`,
        `Cancelled`.
        """
        report = yield from self._ingest(cancel).run(paths)
        self.in_step.renew()
        return report

    def look_again(self, cancel: Cancel, paths: Sequence[Path] | None = None) -> Operation[IndexReport]:
        """Read what is new or changed in the folders that are kept in step, and the single files.

        `paths` (files or folders in them, gone ones too) restrict it. What the person removed stays away, what is
        gone goes to the trash, and a folder that is not there keeps all it has. What could not be read is tried
        again once it has changed. Otherwise as `add`.
        """
        if paths is None:
            self.in_step.renew()
        return (yield from self._ingest(cancel, by_hand=False).run(self.folders.to_look_at(paths)))

    def embed(self, cancel: Cancel) -> Operation[Prepared]:
        """Make the vectors that the chosen model lacks, batch by batch; the same text is read once.

        With another model than before, that one is searched with until all are made. Yields `Progressed` in
        passages and `Changed`. Every batch is kept, so it may be stopped and begun again at any time. Raises
        `EmbedderNotUsable`, `ModelNotUsable`, `ModelDamaged`, `FileMissing`, `WorkerDied`, `DiskFull`, `Cancelled`.
        """
        if self._embedders.preparing().complete:
            return Prepared(passages=0)
        chosen = self._embedders.chosen(cancel)
        if chosen.known.model_id:
            cut_before = chosen.embedder.cut
            done = yield from prepare(self._rows.vectors, chosen, alone(chosen.embedder), cancel)
            prepared = Prepared(passages=done, cut=chosen.embedder.cut - cut_before)
        else:
            by = InBulk(self._embedders.library, chosen.embedder)
            done = yield from prepare(self._rows.vectors, chosen, by.vectors, cancel)
            prepared = Prepared(passages=done, cut=by.cut, note=by.note)
        self._embedders.take_over(chosen, cancel)
        if done:
            yield Changed(what="documents")
        return prepared

    @property
    def rests(self) -> bool:
        """Whether preparing the search by meaning waits for power, as the settings want it on battery."""
        return self._settings().quiet_on_battery and self._battery.in_use()

    def library(self) -> Library | None:
        """Which of two libraries reads many passages with the built-in model, and why; None with another model."""
        return self._embedders.library.standing()

    def preparing(self) -> Preparing:
        """How far the chosen model has read the documents."""
        return self._embedders.preparing()

    def all(self) -> tuple[Document, ...]:
        """Every document, by path; those that could not be read with their reason."""
        return self._rows.all()

    def trash(self) -> tuple[Document, ...]:
        """The removed documents, the last removed first."""
        return self._rows.trash()

    def roots(self) -> tuple[Path, ...]:
        """The folders the person added."""
        return tuple(folder.path for folder in self.folders.all())

    def counts(self) -> Counts:
        """How much there is."""
        return self._rows.counts()

    def remove(self, document_ids: Sequence[int]) -> None:
        """Put documents in the trash; nothing finds them there. Their files are not touched."""
        self._embedders.forget(self._rows.remove(document_ids))

    def restore(self, document_ids: Sequence[int]) -> None:
        """Take documents out of the trash as they were when they were removed.

        One whose file is gone stays until it is removed again or its file is back.
        """
        held = {one.id for one in self.trash() if one.id in document_ids and is_gone(one.path)}
        self._rows.restore(document_ids, held)
        self._embedders.reload()

    def erase(self, document_ids: Sequence[int], cancel: Cancel) -> Operation[int]:
        """Erase documents for good, those that are still there; how many that were. Their files are not touched.

        Yields Changed("documents"). Raises `DiskFull`, `StoreTooNew`, `Cancelled`; what was erased till then
        stays erased.
        """
        there = {document.id for document in (*self.all(), *self.trash())}
        there.intersection_update(document_ids)
        for document_id in sorted(there):
            cancel.check()
            self._embedders.forget(self._rows.erase([document_id]))
        self._rows.passages.erase_words(cancel.check)
        yield Changed(what="documents")
        return len(there)

    def forget_vectors(self) -> None:
        """Read the vectors anew when they are next needed: the store holds others now."""
        self._embedders.reload()

    def page(self, document_id: int, number: int) -> Page:
        """One page's text. Raises `NotFound`."""
        return self._rows.page(document_id, number)

    def stored(self, spot: Source) -> str:
        """What stands at that place now; "" where there is none."""
        try:
            return self.page(spot.document_id, spot.page).text[spot.start : spot.end]
        except NotFound:
            return ""

    def search(
        self, query: str, cancel: Cancel, limit: int = 20, by: By = "both", wait: bool = False, newest: bool = False
    ) -> Operation[tuple[Hit, ...]]:
        """The passages that match, best first; `query` is written in the language of `engine.documents.query`.

        `newest` puts those of the last changed files first. Passages side by side are one.
        Yields `HitsFound` as soon as words are searched, then with meaning (`complete`). While
        the embedder is not warm, words alone are returned and it starts warming up; `wait`
        waits for it. "meaning" alone always waits, and raises `EmbedderNotUsable`. Raises `TextNotAccepted`
        for a kind of documents or a date that is none, `NotFound` for a collection.
        """
        asked = read_search(query, self.collections.find)
        return (yield from self._search.hits(asked, Wish(limit, by, wait, newest, joined=True), cancel))

    def asked(self, question: str) -> Asked:
        """A question, and what it is asked of where it says so. Raises as `search`."""
        return read_question(question, self.collections.find)

    def inspect(
        self, text: str, cancel: Cancel, *, question: bool, answer: Answer | None = None, file: Path | None = None,
        limit: int = 20, newest: bool = False,
    ) -> Operation[Inspected]:  # fmt: skip
        """Look into a search as `search` makes it, or into that for a `question`.

        Where a model wrote an `answer` to it, what became of each result in its prompt is told, too. Of a `file` it is
        told where it stands, or why it is not found.
        Waits for the search by meaning. Yields HitsFound, and Progressed in passages where they are compared one by
        one for the file. Raises as `search`.
        """
        asked = self.asked(text) if question else read_search(text, self.collections.find)
        wish = Wish(limit, wait=True, newest=newest, joined=not question)
        inspected = yield from self._inspecting.look(text, asked, wish, cancel, file)
        if answer is None or answer.verbatim or not answer.model:
            return inspected
        return with_given(inspected, answer.sources, self._settings().passages)

    def named(self, words: str, cancel: Cancel) -> Operation[tuple[Path, ...]]:
        """The files whose names hold `words`, sorted: documents, those in the trash, and what lies in added folders.

        Where any has just that name, with or without its ending, only such. A whole path is that file, there or not.
        Yields `Progressed` in files; its `total` is 0. Raises `Cancelled`.
        """
        return named(self._rows, words, cancel)

    def sources(
        self, question: str | Asked, cancel: Cancel, count: int, wait: bool = False
    ) -> Operation[tuple[Source, ...]]:
        """The `count` best passages for an answer, numbered from 1; a text is taken word by word."""
        asked = just_words(question) if isinstance(question, str) else question
        hits = yield from self._search.hits(asked, Wish(count, wait=wait), cancel)
        return tuple(quotes.source_of(hit.passage, number) for number, hit in enumerate(hits, start=1))

    def whole(self, document_id: int) -> tuple[Source, ...]:
        """All passages of a document in their order, numbered from 1; none where it is gone or was not read."""
        passages = self._rows.passages
        found = passages.get(passages.of(Among([document_id]))).values()
        ordered = sorted(found, key=lambda passage: (passage.page, passage.start))
        return tuple(quotes.source_of(passage, number) for number, passage in enumerate(ordered, start=1))

    def looked_through(self, asked: Asked) -> tuple[Document, ...]:
        """The documents that a question is asked of: all where it names none. Raises `TextNotAccepted` for mails."""
        if not asked.conditions:
            return self.all()
        if any(one.operator == "from" for one in asked.conditions):
            raise TextNotAccepted(what="from:", value="used here", why="documents are read whole, not mail by mail")
        among = asked.among(self._rows.files(), self._rows.passages.senders)
        named = set(among.documents)
        return tuple(document for document in self.all() if document.id in named)

    def letters(self, document_ids: Sequence[int]) -> int:
        """How many characters the passages of these documents have."""
        return self._rows.passages.letters(document_ids)

    def rare_words(self, text: str, most: int) -> tuple[str, ...]:
        """At most `most` words of `text`: those that the fewest passages hold."""
        return rare_words(self._rows.passages, text, most)

    def quotes(self, question: str | Asked, cancel: Cancel, wait: bool = False) -> Operation[Answer]:
        """The sentences that best answer, verbatim; none where nothing matches. Raises as `search`."""
        asked = self.asked(question) if isinstance(question, str) else question
        hits = yield from self._search.hits(asked, Wish(PASSAGES_ASKED, wait=wait), cancel)
        closeness = self._to(asked.words, cancel)
        answer = quotes.answer(asked.words, hits, self._rows.passages, MOST_QUOTES, closeness)
        there = self._there(answer.quotes)
        numbers = {quote.source.number for quote in there}
        sources = tuple(source for source in answer.sources if source.number in numbers)
        return replace(answer, quotes=there, changed=len(answer.quotes) - len(there), sources=sources)

    def best(self, question: str, sources: Sequence[Source], cancel: Cancel) -> Operation[tuple[Quote, ...]]:
        """The sentences of `sources` that best answer, verbatim; none where none does. Yields `Progressed`."""
        yield Progressed(done=0, total=len(sources), unit="passages")
        closeness = self._to(question, cancel)
        return self._there(quotes.best(question, sources, self._rows.passages, MOST_QUOTES, closeness))

    def answered(self, question: str, sources: Sequence[Source], cancel: Cancel) -> Operation[bool]:
        """Whether any sentence of `sources` answers. Yields `Progressed`."""
        yield Progressed(done=0, total=len(sources), unit="passages")
        return quotes.answered(question, sources, self._rows.passages, self._to(question, cancel))

    def closeness(self, sample: str, cancel: Cancel) -> Closeness | None:
        """What says how close texts are in meaning to others, a row for each of the first.

        None while no embedder is warm that reads the language of `sample`. Calling it takes a second for a hundred
        texts and raises as `embed`.
        """
        searched = self._reading(sample)
        if searched is None:
            return None

        def near(texts: Sequence[str], others: Sequence[str]) -> list[list[float]]:
            vectors = searched.embedder.vectors([*texts, *others], cancel)
            rows: list[list[float]] = (vectors[: len(texts)] @ vectors[len(texts) :].T).tolist()
            return [[searched.known.scaled(cosine) for cosine in row] for row in rows]

        return near

    def relate(self, cancel: Cancel) -> Relate | None:
        """What says of pairs of texts what the second is to the first; None while no model for it is chosen.

        Calling it may load the model, takes a second for a hundred pairs and raises as `Entailer.relations`.
        """
        entailer = self._entailers.chosen()
        return None if entailer is None else lambda pairs: entailer.relations(pairs, cancel)

    def picture(
        self, document_id: int, page: int, cancel: Cancel, width: int = 900, start: int = 0, end: int = 0
    ) -> Operation[PagePicture]:
        """A page as it looks, `width` pixels wide, with the boxes of the span text[start:end].

        Raises `NotFound` for a kind of document that has no look of its own.
        """
        document = self._rows.get(document_id)
        if document.kind not in DRAWN:
            raise NotFound(what="picture of a page in", which=str(document.path))
        yield Progressed(done=0, total=1, unit="pages")
        drawn = self._drawer.draw(document.path, document.kind, page, cancel, width=width, start=start, end=end)
        read = self.pictures.boxes(document_id, page, start, end, drawn.width, drawn.height)
        return replace(drawn, boxes=read) if read else drawn

    def check_meaning(self, cancel: Cancel) -> tuple[str, int]:
        """What is searched with, and how long its vectors are: it is asked for one. Raises as `embed`."""
        searched = self._embedders.searched()
        vectors = searched.embedder.vectors(("離れ",), cancel)
        return searched.known.name, int(vectors.shape[1])

    def close(self) -> None:
        """Let the processes go, and watch no more."""
        self.in_step.close()
        self._reader.close()
        self._drawer.close()
        self._embedders.close()
        self._rerankers.close()
        self._entailers.close()
        self._search.close()

    # Its own affairs.

    def _there(self, found: Sequence[Quote]) -> tuple[Quote, ...]:
        """Those that are as they were when they were found."""
        return tuple(quote for quote in found if self.stored(quote.source) == quote.text)

    def _to(self, question: str, cancel: Cancel) -> ToQuestion | None:
        """What says how close sentences are to a question; None while no embedder is warm that reads it."""
        searched = self._reading(question)
        if searched is None:
            return None

        def closeness(texts: Sequence[str]) -> list[float]:
            (asked,) = searched.embedder.vectors((question,), cancel, question=True)
            cosines = searched.embedder.vectors(texts, cancel) @ asked
            return [searched.known.scaled(float(cosine)) for cosine in cosines]

        return closeness

    def _reading(self, text: str) -> Searched | None:
        """What makes vectors of texts in the language of `text` at once; None where nothing does."""
        searched = self._embedders.searched()
        reads = searched.known.reads_japanese or not mostly_cjk(text)
        return searched if searched.embedder.warm and not searched.index.empty and reads else None

    def _ingest(self, cancel: Cancel, *, by_hand: bool = True) -> Ingest:
        reads = self.pictures.can_read
        return Ingest(self._rows, self._reader, self._embedders, reads, cancel, by_hand=by_hand)
