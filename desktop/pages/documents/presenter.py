"""What the documents page does but for answers: its wishes go to the engine, events come back to it."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Slot

from desktop.error_text import error_text
from desktop.jobs import Job, Jobs, Start
from desktop.notices import Notices
from desktop.pages.documents.asking import Asking
from desktop.pages.documents.collection_keeper import CollectionKeeper
from desktop.pages.documents.folder_keeper import FolderKeeper
from desktop.pages.documents.inspecting import Inspecting
from desktop.pages.documents.ocr_keeper import OcrKeeper
from desktop.pages.documents.outcome_words import report_words, search_words
from desktop.pages.documents.view import DocumentsView
from desktop.widgets import file_actions
from desktop.widgets.amounts import count_text
from desktop.words import told, tr
from engine.engine import Engine
from engine.errors import NotFound, TextNotAccepted
from engine.events import (
    DocumentSettled,
    Event,
    HitsFound,
    Progressed,
)
from engine.types import Document, Hit, IndexReport, Prepared, Preparing

GATHER_MS = 250  # many files settle each second: the list is read anew at most this often
AGAIN_MS, TRIES = 1000, 20  # the embedder needs some seconds after its first question
POWER_MS = 10_000
FIRST_LOOK_MS = 1500  # vectors left over from last time wait until the window is up


class DocumentsPresenter(QObject):
    """Lives exactly as long as its page."""

    def __init__(self, view: DocumentsView, engine: Engine, jobs: Jobs, notices: Notices) -> None:
        super().__init__(view)
        self._view, self._engine, self._jobs, self._notices = view, engine, jobs, notices
        self._inspecting = Inspecting(view, engine, jobs, notices)
        self._query = ""
        self._searching: Job | None = None
        self._adding: Job | None = None
        self._embedding: Job | None = None
        self._waiting: list[tuple[Start, bool]] = []  # to be done once the files in hand are read, quietly or not
        self._quiet = False  # nobody asked for what is being read now
        self._resting = False  # until there is power
        self._all_searched = False  # by meaning too
        self._done_besides = ""
        self._noted = ""  # of what was prepared last
        self._newest = False
        self._tries_left = 0
        self._chosen = engine.settings.meaning_model, engine.settings.reranker
        self._again = QTimer(self, singleShot=True, interval=AGAIN_MS)
        self._again.timeout.connect(self._search_again)
        self._gather = QTimer(self, singleShot=True, interval=GATHER_MS)
        self._gather.timeout.connect(self._show_documents)
        self._connect()
        self._show_documents()
        self._show_models()
        Asking(view, engine, jobs, notices)
        QTimer.singleShot(FIRST_LOOK_MS, self, self._embed)
        self._power = QTimer(self, interval=POWER_MS)
        self._power.timeout.connect(self._heed_power)
        self._power.start()
        FolderKeeper(
            view.documents.folders, engine, jobs, notices, self._read, partial(self._read, quiet=True),
            self._show_documents,
        )  # fmt: skip
        CollectionKeeper(view, engine, notices, self._show_documents)
        OcrKeeper(view.documents.ocr, engine, jobs, notices, lambda: self._adding is not None, self._embed)

    def _connect(self) -> None:
        view = self._view
        view.search_requested.connect(self._search)
        view.newest_chosen.connect(self._choose_order)
        view.collections.picked.connect(self._choose_collection)
        view.results.why_requested.connect(self._explain_results)
        view.add_requested.connect(self._add)
        view.samples_requested.connect(self._add_samples)
        view.stop_adding_requested.connect(self._stop_adding)
        view.remove_requested.connect(self._remove)
        view.restore_requested.connect(self._restore)
        view.erase_requested.connect(self._erase)
        view.retry_requested.connect(self._retry)
        view.look_again_requested.connect(self._look_again)
        view.own_program_requested.connect(self._open_in_own_program)
        view.folder_requested.connect(self._show_in_folder)
        self._jobs.changed.connect(self._on_changed)

    # Searching.

    @Slot(str)
    def _search(self, query: str) -> None:
        """Search for what is written now; a search for what was written before is dropped."""
        self._query = query
        self._tries_left = TRIES
        self._search_again()

    @Slot(bool)
    def _choose_order(self, newest: bool) -> None:
        self._newest = newest
        self._search(self._query)

    @Slot()
    def _choose_collection(self) -> None:
        self._show_documents()
        self._search(self._query)

    @Slot()
    def _explain_results(self) -> None:
        self._inspecting.show_search(self._view.collections.within(self._query), self._newest)

    @Slot()
    def _search_again(self) -> None:
        self._again.stop()
        if self._searching:
            self._searching.silence()
            self._searching = None
        self._all_searched = False
        if self._query:
            self._searching = self._jobs.start(
                partial(self._engine.documents.search, self._view.collections.within(self._query), newest=self._newest),
                on_event=self._on_hits,
                on_done=self._on_searched,
                on_error=self._on_not_searched,
                owner=self._view,
            )

    def _on_hits(self, event: Event) -> None:
        if isinstance(event, HitsFound):
            self._all_searched = event.complete
            self._done_besides = search_words(event)
            self._view.show_hits(self._query, event.hits, event.complete, self._done_besides)

    def _on_searched(self, hits: tuple[Hit, ...]) -> None:
        """Words alone while the embedder is still starting: then the search is made again shortly."""
        self._searching = None
        if not self._all_searched and self._tries_left:
            self._tries_left -= 1
            self._again.start()
            return
        self._view.show_hits(self._query, hits, complete=True, besides=self._done_besides)

    def _on_not_searched(self, error: Exception) -> None:
        """While one types, a value is often not yet one: a line says so, and no notice."""
        self._searching = None
        if isinstance(error, TextNotAccepted | NotFound):
            self._view.results.show_problem(error_text(error).sentence)
        else:
            self._notices.error(error)

    # Adding and removing.

    @Slot(object)
    def _add(self, paths: Sequence[Path]) -> None:
        self._read(lambda cancel: self._engine.documents.add(tuple(paths), cancel))

    def _read(self, operation: Start, *, quiet: bool = False) -> None:
        """Read, after what is being read now; `quiet` shows nothing where nothing has changed."""
        if self._adding:
            self._waiting.append((operation, quiet))
            return
        self._quiet = quiet
        if not quiet:
            self._pause_embedding()
            self._view.show_adding(None)
        self._adding = self._jobs.start(
            operation,
            on_event=self._on_adding,
            on_done=self._on_added,
            on_error=self._on_not_added,
            on_stopped=self._on_adding_ended,
            owner=self._view,
        )

    def _pause_embedding(self) -> None:
        """Reading comes first; meaning goes on afterwards."""
        if self._embedding:
            self._embedding.silence()
            self._embedding = None

    @Slot()
    def _add_samples(self) -> None:
        self._add([self._engine.places.samples])

    def _on_adding(self, event: Event) -> None:
        if isinstance(event, Progressed):
            if not self._quiet or event.done < event.total:
                self._pause_embedding()
                self._view.show_adding(event)
        elif isinstance(event, DocumentSettled):
            self._gather_soon()

    def _on_added(self, report: IndexReport) -> None:
        quiet = self._quiet
        self._on_adding_ended()
        if not quiet:
            self._notices.toast(report_words(report))

    def _on_not_added(self, error: Exception) -> None:
        self._on_adding_ended()
        self._notices.error(error)

    def _on_adding_ended(self) -> None:
        self._adding = None
        self._view.show_added()
        self._show_documents()
        if self._query:
            self._search(self._query)
        if self._waiting:
            operation, quiet = self._waiting.pop(0)
            self._read(operation, quiet=quiet)
        else:
            self._embed()

    @Slot()
    def _stop_adding(self) -> None:
        self._waiting.clear()
        if self._adding:
            self._adding.stop()

    @Slot(object)
    def _retry(self, documents: Sequence[Document]) -> None:
        self._add([document.path for document in documents])

    @Slot()
    def _look_again(self) -> None:
        """Read what is new or different in the folders, and the single files; not what lies in the trash."""
        documents = self._engine.documents
        if documents.folders.all() or documents.all():
            self._read(documents.look_again)

    # The trash.

    @Slot(object)
    def _remove(self, documents: Sequence[Document]) -> None:
        if not self._try(lambda: self._engine.documents.remove([document.id for document in documents])):
            return
        one = len(documents) == 1
        self._notices.toast(
            tr("{name} was moved to the trash. The file is untouched.", name=documents[0].path.name)
            if one
            else tr("{count} documents were moved to the trash. The files are untouched.",
                    count=count_text(len(documents))),
            tr("Undo"),
            partial(self._restore, documents),
        )  # fmt: skip

    @Slot(object)
    def _restore(self, documents: Sequence[Document]) -> None:
        if self._try(lambda: self._engine.documents.restore([document.id for document in documents])):
            self._embed()  # what was removed before all of it could be found by meaning

    @Slot(object)
    def _erase(self, documents: Sequence[Document]) -> None:
        """For good: not from the word index, nor from the store's log, can it be read again."""
        count = count_text(len(documents))
        sure = self._notices.ask(
            tr("Erase for good?"),
            tr("{count} documents will be erased from Hanare and cannot be brought back. The files are untouched. "
               "Backups keep the documents until they are replaced.", count=count) if len(documents) > 1 else
            tr("The document will be erased from Hanare and cannot be brought back. The file is untouched. "
               "Backups keep the document until they are replaced."),
            tr("Erase"), tr("Keep"), danger=True,
        )  # fmt: skip
        if sure:
            ids = tuple(document.id for document in documents)
            self._jobs.start(
                lambda cancel: self._engine.documents.erase(ids, cancel), on_error=self._notices.error, owner=self._view
            )

    def _try(self, act: Callable[[], None]) -> bool:
        """Do it and show what is there now; say what went wrong otherwise."""
        if not self._notices.attempt(act):
            return False
        self._show_documents()
        if self._query:
            self._search(self._query)
        return True

    # Meaning: vectors follow in the background.

    @Slot()
    def _embed(self) -> None:
        preparing = self._engine.documents.preparing()
        if self._adding or self._embedding or preparing.complete:
            return
        self._resting = self._engine.documents.rests
        if self._resting:
            self._view.show_resting()
            return
        self._view.show_meaning(preparing.prepared, preparing.passages, changing=preparing.changing)
        self._embedding = self._jobs.start(
            self._engine.documents.embed,
            on_event=partial(self._on_embedding, preparing),
            on_done=self._on_embedded,
            on_error=self._on_not_embedded,
            owner=self._view,
        )

    @Slot()
    def _heed_power(self) -> None:
        """Rest on battery and go on with power, as the settings want it."""
        if self._embedding and self._engine.documents.rests:
            self._pause_embedding()
            self._embed()  # which rests
        elif self._resting:
            self._embed()

    def _on_embedding(self, before: Preparing, event: Event) -> None:
        if isinstance(event, Progressed):
            done = before.prepared + event.done
            self._view.show_meaning(done, before.passages, changing=before.changing)

    def _on_embedded(self, prepared: Prepared) -> None:
        self._embedding = None
        if prepared.note and prepared.note != self._noted:
            self._notices.toast(told(prepared.note))
        self._noted = prepared.note
        self._view.show_meaning(1, 1)
        self._search(self._query)

    def _on_not_embedded(self, error: Exception) -> None:
        """Search by words goes on; the next start or the next file tries again."""
        self._embedding = None
        self._view.show_meaning(1, 1)
        self._notices.error(error)

    # Files.

    @Slot(object)
    def _open_in_own_program(self, path: Path) -> None:
        if not file_actions.open_in_own_program(path):
            self._notices.toast(tr("No program could be started for {name}.", name=path.name))

    @Slot(object)
    def _show_in_folder(self, path: Path) -> None:
        if not file_actions.show_in_folder(path):
            self._notices.toast(tr("The folder of {name} could not be shown.", name=path.name))

    # Keeping the page true.

    @Slot(str)
    def _on_changed(self, what: str) -> None:
        if what == "documents":
            self._gather_soon()
        elif what == "models":
            self._show_models()
        elif what == "settings":
            self._on_settings()

    def _on_settings(self) -> None:
        """Another model may have been chosen: it begins, and the one that was being prepared does not go on."""
        settings = self._engine.settings
        chosen = settings.meaning_model, settings.reranker
        if chosen == self._chosen:
            return
        another, self._chosen = chosen[0] != self._chosen[0], chosen
        if another:
            if self._embedding:
                self._embedding.silence()
                self._embedding = None
            self._view.show_meaning(1, 1)
            self._embed()
        if self._query:
            self._search(self._query)

    def _gather_soon(self) -> None:
        if not self._gather.isActive():
            self._gather.start()

    @Slot()
    def _show_documents(self) -> None:
        documents = self._engine.documents
        self._view.show_documents(
            documents.all(), documents.trash(), documents.folders.all(), documents.counts(), documents.in_step.unheard,
            documents.collections.all(),
        )  # fmt: skip

    def _show_models(self) -> None:
        self._view.show_models(self._engine.models.for_chat())
