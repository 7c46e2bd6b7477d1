"""What the documents page does: its wishes go to the engine, events come back to it."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Slot

from desktop.error_text import error_text
from desktop.jobs import Job, Jobs, Start
from desktop.notices import Notices
from desktop.pages.documents.outcome_words import report_words, search_words
from desktop.pages.documents.view import DocumentsView
from desktop.widgets import file_actions
from desktop.widgets.amounts import count_text
from desktop.widgets.memory_ways import loading_text, may_load_anyway, problem_text
from desktop.words import tr
from engine.engine import Engine
from engine.errors import TextNotAccepted
from engine.events import (
    DocumentSettled,
    Event,
    HitsFound,
    ModelLoading,
    PassagesFound,
    Progressed,
    PromptRead,
    QuoteFound,
    TextAdded,
    ThoughtAdded,
)
from engine.types import Answer, Document, Hit, IndexReport, Prepared, Preparing

GATHER_MS = 250  # many files settle each second: the list is read anew at most this often
AGAIN_MS, TRIES = 1000, 20  # the embedder needs some seconds after its first question
FIRST_LOOK_MS = 1500  # vectors left over from last time wait until the window is up


class DocumentsPresenter(QObject):
    """Lives exactly as long as its page."""

    def __init__(self, view: DocumentsView, engine: Engine, jobs: Jobs, notices: Notices) -> None:
        super().__init__(view)
        self._view, self._engine, self._jobs, self._notices = view, engine, jobs, notices
        self._query = ""
        self._searching: Job | None = None
        self._asking: Job | None = None
        self._asked: tuple[str, int | None, bool] = ("", None, True)  # the question, the model, in quotes alone
        self._adding: Job | None = None
        self._embedding: Job | None = None
        self._waiting: list[Start] = []  # to be done once the files in hand are read
        self._all_searched = False  # by meaning too
        self._done_besides = ""
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
        QTimer.singleShot(FIRST_LOOK_MS, self, self._embed)

    def _connect(self) -> None:
        view = self._view
        view.search_requested.connect(self._search)
        view.newest_chosen.connect(self._choose_order)
        view.ask_requested.connect(self._ask)
        view.stop_ask_requested.connect(self._stop_asking)
        view.ask_again_requested.connect(self._ask_again)
        view.anyway_requested.connect(self._load_anyway)
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
    def _search_again(self) -> None:
        self._again.stop()
        if self._searching:
            self._searching.silence()
            self._searching = None
        self._all_searched = False
        if self._query:
            self._searching = self._jobs.start(
                partial(self._engine.documents.search, self._query, newest=self._newest),
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
        if isinstance(error, TextNotAccepted):
            self._view.results.show_problem(error_text(error).sentence)
        else:
            self._notices.error(error)

    # Asking.

    @Slot(str, object, bool)
    def _ask(self, question: str, model_id: int | None, verbatim: bool) -> None:
        if self._asking:
            self._asking.silence()
        self._asked = question, model_id, verbatim
        self._asking = self._jobs.start(
            lambda cancel: self._engine.chats.ask(question, cancel, model_id, verbatim=verbatim),
            on_event=self._on_answering,
            on_done=self._on_answer,
            on_error=self._on_no_answer,
            on_stopped=self._view.answer.show_stopped,
            owner=self._view,
        )

    def _on_answering(self, event: Event) -> None:
        panel = self._view.answer
        match event:
            case PassagesFound(sources=sources) if not self._asked[2]:
                panel.show_sources(sources)
            case QuoteFound(quote=quote):
                panel.add_quote(quote)
            case ModelLoading():
                panel.show_status(loading_text(event))
            case PromptRead(done=done, total=total) if done < total:
                panel.show_status(tr("Reading the passages… {percent} %", percent=round(100 * done / max(total, 1))))
            case ThoughtAdded(text=text):
                panel.add_thought(text)
            case TextAdded(text=text):
                panel.add_text(text)

    def _on_answer(self, answer: Answer) -> None:
        self._asking = None
        self._view.answer.show_answer(answer)

    def _on_no_answer(self, error: Exception) -> None:
        self._asking = None
        self._view.answer.show_problem(problem_text(error, self._engine.models.ways_down))

    @Slot()
    def _ask_again(self) -> None:
        self._view.answer.show_question(self._asked[0])
        self._ask(*self._asked)

    @Slot()
    def _load_anyway(self) -> None:
        model_id = self._asked[1]
        model = next((one for one in self._engine.models.for_chat() if one.id == model_id), None)
        if model is not None and may_load_anyway(self._notices, model.name):
            self._engine.runtime.load_anyway(model.id)
            self._ask_again()

    @Slot()
    def _stop_asking(self) -> None:
        if self._asking:
            self._asking.stop()

    # Adding and removing.

    @Slot(object)
    def _add(self, paths: Sequence[Path]) -> None:
        self._read(lambda cancel: self._engine.documents.add(tuple(paths), cancel))

    def _read(self, operation: Start) -> None:
        """Read, after what is being read now."""
        if self._adding:
            self._waiting.append(operation)
            return
        if self._embedding:  # reading comes first; meaning goes on afterwards
            self._embedding.silence()
            self._embedding = None
        self._view.show_adding(None)
        self._adding = self._jobs.start(
            operation,
            on_event=self._on_adding,
            on_done=self._on_added,
            on_error=self._on_not_added,
            on_stopped=self._on_adding_ended,
            owner=self._view,
        )

    @Slot()
    def _add_samples(self) -> None:
        self._add([self._engine.places.samples])

    def _on_adding(self, event: Event) -> None:
        if isinstance(event, Progressed):
            self._view.show_adding(event)
        elif isinstance(event, DocumentSettled):
            self._gather_soon()

    def _on_added(self, report: IndexReport) -> None:
        self._on_adding_ended()
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
            self._read(self._waiting.pop(0))
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
        if documents.roots() or documents.all():
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
        self._view.show_meaning(preparing.prepared, preparing.passages, changing=preparing.changing)
        self._embedding = self._jobs.start(
            self._engine.documents.embed,
            on_event=partial(self._on_embedding, preparing),
            on_done=self._on_embedded,
            on_error=self._on_not_embedded,
            owner=self._view,
        )

    def _on_embedding(self, before: Preparing, event: Event) -> None:
        if isinstance(event, Progressed):
            done = before.prepared + event.done
            self._view.show_meaning(done, before.passages, changing=before.changing)

    def _on_embedded(self, _: Prepared) -> None:
        self._embedding = None
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
        self._view.show_documents(documents.all(), documents.trash(), documents.roots(), documents.counts())

    def _show_models(self) -> None:
        self._view.show_models(self._engine.models.for_chat())
