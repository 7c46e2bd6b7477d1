"""The form of a chat's answers: chosen at the button, written in the editor, checked and kept by the engine."""

from functools import partial

from PySide6.QtCore import QObject, Slot

from desktop.error_text import error_text
from desktop.jobs import Jobs
from desktop.notices import Notices
from desktop.pages.chat.form_editor import FormEditor
from desktop.pages.chat.view import ChatView
from engine.engine import Engine
from engine.forms import FREE, Form, FormKind


class FormPresenter(QObject):
    """Lives exactly as long as its view."""

    def __init__(self, view: ChatView, engine: Engine, jobs: Jobs, notices: Notices) -> None:
        super().__init__(view)
        self._view, self._engine, self._jobs, self._notices = view, engine, jobs, notices
        self.editor: FormEditor | None = None
        view.form_button.kind_chosen.connect(self._choose)
        view.begun.connect(self._begin)

    @Slot(object)
    def _choose(self, kind: FormKind) -> None:
        now = self._view.form_button.form
        self._view.form_button.show_form(now)  # until another one is kept
        if kind in (FormKind.TEXT, FormKind.JSON):
            self._keep(Form(kind=kind))
            return
        self.editor = FormEditor(now if now.kind is kind else Form(kind=kind), self._view)
        self.editor.check_requested.connect(self._check)
        self.editor.accepted.connect(self._take)
        self.editor.finished.connect(self.editor.deleteLater)
        self.editor.open()

    @Slot(object)
    def _check(self, form: Form) -> None:
        editor = self.editor
        if editor is not None:
            self._jobs.start(
                partial(self._engine.chats.check_form, form),
                on_done=partial(editor.show_usable, form),
                on_error=lambda error: editor.show_problem(form, error_text(error).sentence),
                owner=editor,
            )

    @Slot()
    def _take(self) -> None:
        if self.editor is not None:
            self._keep(self.editor.form)

    @Slot(int)
    def _begin(self, chat_id: int) -> None:
        """A chat has begun whose form was chosen before it was there."""
        if self._view.form_button.form != FREE:
            self._engine.chats.set_form(chat_id, self._view.form_button.form)

    def _keep(self, form: Form) -> None:
        chat_id = self._view.chat_id
        if chat_id is None or self._notices.attempt(lambda: self._engine.chats.set_form(chat_id, form)):
            self._view.form_button.show_form(form)
