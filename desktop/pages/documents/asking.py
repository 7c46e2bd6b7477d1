"""Questions on the documents page: from what was asked to the answer on show."""

from PySide6.QtCore import QObject, Slot

from desktop.jobs import Job, Jobs
from desktop.notices import Notices
from desktop.pages.documents.inspecting import Inspecting
from desktop.pages.documents.view import DocumentsView
from desktop.widgets.memory_ways import loading_text, may_load_anyway, problem_text
from desktop.words import tr
from engine.engine import Engine
from engine.events import (
    Event,
    ModelLoading,
    PassagesFound,
    PromptRead,
    QuoteFound,
    TextAdded,
    TextHeld,
    ThoughtAdded,
)
from engine.types import Answer


class Asking(QObject):
    """Lives exactly as long as its page."""

    def __init__(self, view: DocumentsView, engine: Engine, jobs: Jobs, notices: Notices) -> None:
        super().__init__(view)
        self._view, self._engine, self._jobs, self._notices = view, engine, jobs, notices
        self._inspecting = Inspecting(view, engine, jobs, notices)
        self._asking: Job | None = None
        self._asked: tuple[str, int | None, bool] = ("", None, True)  # the question, the model, in quotes alone
        view.ask_requested.connect(self._ask)
        view.stop_ask_requested.connect(self._stop_asking)
        view.ask_again_requested.connect(self._ask_again)
        view.anyway_requested.connect(self._load_anyway)
        view.answer.why_requested.connect(self._explain)

    @Slot(str, object, bool)
    def _ask(self, question: str, model_id: int | None, verbatim: bool) -> None:
        if self._asking:
            self._asking.silence()
        self._asked = question, model_id, verbatim
        asked = self._view.collections.within(question)
        self._asking = self._jobs.start(
            lambda cancel: self._engine.chats.ask(asked, cancel, model_id, verbatim=verbatim),
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
            case TextHeld():
                panel.thoughts.end()
                panel.show_status(tr("Writing… The answer is shown once it has been checked."))

    def _on_answer(self, answer: Answer) -> None:
        self._asking = None
        self._view.answer.show_answer(answer)

    def _on_no_answer(self, error: Exception) -> None:
        self._asking = None
        self._view.answer.show_problem(problem_text(error, self._engine.models.ways_down))

    @Slot(object)
    def _explain(self, answer: Answer) -> None:
        self._inspecting.show_answer(answer, self._asked[1])

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
