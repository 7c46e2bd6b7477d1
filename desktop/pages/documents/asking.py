"""Questions on the documents page: from what was asked to the answer on show."""

from typing import NamedTuple

from PySide6.QtCore import QObject, Slot

from desktop.jobs import Job, Jobs
from desktop.notices import Notices
from desktop.pages.documents.inspecting import Inspecting
from desktop.pages.documents.reach_panel import cost_words
from desktop.pages.documents.view import DocumentsView
from desktop.widgets.memory_ways import loading_text, may_load_anyway, problem_text
from desktop.words import tr
from engine.engine import Engine
from engine.events import (
    CheckerFailed,
    DocumentMeasured,
    Event,
    ModelLoading,
    NotesTaken,
    PassagesFound,
    Progressed,
    PromptRead,
    QuoteFound,
    TextAdded,
    TextHeld,
    ThoughtAdded,
)
from engine.types import Answer, Reach, ReadingCost


class Asked(NamedTuple):
    """A question as it was put."""

    question: str = ""
    model_id: int | None = None
    verbatim: bool = True
    reach: Reach = Reach.PASSAGES
    among: tuple[int, ...] | None = None


class Asking(QObject):
    """Lives exactly as long as its page."""

    def __init__(self, view: DocumentsView, engine: Engine, jobs: Jobs, notices: Notices) -> None:
        super().__init__(view)
        self._view, self._engine, self._jobs, self._notices = view, engine, jobs, notices
        self._inspecting = Inspecting(view, engine, jobs, notices)
        self._asking: Job | None = None
        self._asked = Asked()
        view.ask_requested.connect(self._ask)
        view.stop_ask_requested.connect(self._stop_asking)
        view.ask_again_requested.connect(self._ask_again)
        view.anyway_requested.connect(self._load_anyway)
        view.answer.why_requested.connect(self._explain)
        view.answer.reach.all_requested.connect(self._ask_all)

    @Slot(str, object, bool, object, object)
    def _ask(
        self, question: str, model_id: int | None, verbatim: bool, reach: Reach, among: tuple[int, ...] | None
    ) -> None:
        if self._asking:
            self._asking.silence()
        self._asked = Asked(question, model_id, verbatim, reach, among)
        limited = self._view.collections.within(question)
        if reach is Reach.ALL:
            self._asking = self._jobs.start(
                lambda cancel: self._engine.chats.reading_cost(limited, cancel, model_id, among),
                on_done=self._confirm,
                on_error=self._on_no_answer,
                on_stopped=self._on_stopped,
                owner=self._view,
            )
        else:
            self._begin()

    def _confirm(self, cost: ReadingCost) -> None:
        """Reading everything takes long: the person hears how long, and wants it or not."""
        self._asking, asked = None, self._asked
        title = tr("Have all documents read?")
        sure = self._notices.ask(title, cost_words(cost), tr("Read"), tr("Cancel"))
        if asked is not self._asked:  # another question was asked meanwhile
            return
        if sure:
            self._begin()
        else:
            self._view.answer.show_stopped()

    def _begin(self) -> None:
        asked, limited = self._asked, self._view.collections.within(self._asked.question)
        self._asking = self._jobs.start(
            lambda cancel: self._engine.chats.ask(
                limited, cancel, asked.model_id, verbatim=asked.verbatim, reach=asked.reach, among=asked.among
            ),
            on_event=self._on_answering,
            on_done=self._on_answer,
            on_error=self._on_no_answer,
            on_stopped=self._on_stopped,
            owner=self._view,
            title=tr("Reading your documents for a question") if asked.reach is Reach.ALL else "",
        )

    def _on_answering(self, event: Event) -> None:
        panel = self._view.answer
        match event:
            case PassagesFound(sources=sources) if not self._asked.verbatim:
                panel.show_sources(sources)
            case CheckerFailed(error=error):
                self._notices.error(error)
            case DocumentMeasured(fitting=fitting):
                panel.reach.show_fitting(fitting)
            case Progressed(unit="passages"):
                panel.show_status(tr("Comparing with your documents…"))
            case Progressed():
                panel.show_status(tr("Reading your documents…"))
                panel.reach.show_progress(event)
            case NotesTaken(text=text, sources=sources):
                panel.show_notes(text, sources)
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
            case TextHeld():
                panel.thoughts.end()
                panel.show_status(tr("Writing… The answer is shown once it has been checked."))

    def _on_answer(self, answer: Answer) -> None:
        self._asking = None
        self._view.answer.show_answer(answer)
        wide = self._asked.reach is Reach.PASSAGES and self._engine.chats.looks_wide(self._asked.question)
        if wide and answer.model and not answer.verbatim:
            self._view.answer.reach.offer_all()

    def _on_no_answer(self, error: Exception) -> None:
        self._asking = None
        self._view.answer.show_problem(problem_text(error, self._engine.models.ways_down))

    @Slot(object)
    def _explain(self, answer: Answer) -> None:
        self._inspecting.show_answer(answer, self._asked.model_id)

    def _on_stopped(self) -> None:
        self._asking = None
        self._view.answer.show_stopped()

    @Slot()
    def _ask_again(self) -> None:
        self._view.answer.show_question(self._asked.question)
        self._ask(*self._asked)

    @Slot()
    def _ask_all(self) -> None:
        """The same question, of all documents."""
        self._view.reach.choose(Reach.ALL)
        self._asked = self._asked._replace(reach=Reach.ALL, among=None)
        self._ask_again()

    @Slot()
    def _load_anyway(self) -> None:
        model_id = self._asked.model_id
        model = next((one for one in self._engine.models.for_chat() if one.id == model_id), None)
        if model is not None and may_load_anyway(self._notices, model.name):
            self._engine.runtime.load_anyway(model.id)
            self._ask_again()

    @Slot()
    def _stop_asking(self) -> None:
        if self._asking:
            self._asking.stop()
