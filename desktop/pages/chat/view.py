"""How the chat page looks: chats at the left, the conversation, the composer. It starts no work."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from desktop.error_text import ErrorText
from desktop.pages.chat.chat_panel import ChatPanel
from desktop.pages.chat.context_gauge import ContextGauge
from desktop.pages.chat.form_button import FormButton
from desktop.pages.chat.message_card import AnswerCard
from desktop.pages.chat.transcript import COLUMN_PX, Transcript
from desktop.pages.chat.welcome import Welcome
from desktop.theme import SPACE
from desktop.widgets.banner import Banner
from desktop.widgets.card import hairline
from desktop.widgets.composer import Composer
from desktop.widgets.drop_target import DropTarget
from desktop.widgets.elided_label import ElidedLabel
from desktop.widgets.link_dialog import LinkDialog
from desktop.widgets.model_picker import ModelPicker
from desktop.words import tr
from engine.context import WhenFull
from engine.forms import FREE
from engine.types import Chat, Message, Model, Picture, Role


class ChatView(QWidget):
    """The page. `page_requested` asks the window for another one."""

    came_into_view = Signal()
    begun = Signal(int)  # the chat that was only on show until now
    new_requested = Signal()
    temporary_requested = Signal()
    chat_chosen = Signal(int)
    rename_requested = Signal(int, str)
    delete_requested = Signal(int)
    restore_requested = Signal(int)
    erase_requested = Signal(object)
    send_requested = Signal(str)
    stop_requested = Signal()
    model_chosen = Signal(int)
    test_models_requested = Signal()
    regenerate_requested = Signal(int)
    anyway_requested = Signal(int)  # the answer to write again although its model does not fit
    shorter_requested = Signal(int)  # the answer to write again without the oldest messages
    when_full_chosen = Signal(object)  # WhenFull, or None: as in the settings
    more_requested = Signal(int)  # the answer to go on with
    think_chosen = Signal(int, bool)  # in which chat, and whether models think first
    edit_requested = Signal(int, str)
    step_requested = Signal(int, int)
    source_requested = Signal(object)  # Source: show it in the viewer
    page_requested = Signal(str)
    bigger_requested = Signal()  # models to get in place of the guide

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chat: Chat | None = None
        self._drafts: dict[int | None, str] = {}
        self._unsent: dict[int | None, tuple[Picture, ...]] = {}  # pictures
        self.panel = ChatPanel()
        self.title = ElidedLabel()
        self.title.setProperty("role", "heading")
        self.picker = ModelPicker()
        self.documents = QCheckBox(tr("Use my documents"))
        self.banner = Banner(
            tr("Only test models are here. They show that everything works, but they write noise."), tone="warn"
        )
        self.get_model = self.banner.add_button(tr("Get a real model"))  # before it is laid out: Tab goes by age
        self.temporary = Banner(
            tr("This chat is temporary: it is in memory only, in no backup, and gone when Hanare closes."),
            icon_name="clock",
        )
        self.transcript = Transcript()
        self.welcome = Welcome()
        self.middle = QStackedWidget()
        self.middle.addWidget(self.welcome)
        self.middle.addWidget(self.transcript)
        self.composer = Composer(tr("Ask anything"), tr("Send"))
        self.composer.setMaximumWidth(COLUMN_PX)
        self.gauge = ContextGauge()
        self.composer.add_button(self.gauge)
        self.form_button = FormButton()
        self.composer.add_button(self.form_button)
        self.composer.allow_pictures()
        self.think = QCheckBox(tr("Think first"))
        self.think.setToolTip(
            tr("The model thinks before it answers, which is often better and takes longer. It holds for this chat.")
        )
        self.think.hide()
        self.composer.add_button(self.think)
        self._thinks = False  # what the settings say
        self.writing_place = self.composer
        self._lay_out()
        self._drop_target = DropTarget(
            tr("Drop pictures to attach them"), self.composer.takes, self.composer.take, self
        )
        self._connect()
        self._make_keys()
        self.banner.hide()
        self.show_documents_usable(False)
        self.show_chat(None, ())
        self._show_bigger()

    # What the window may ask of this page.

    def came_on_show(self) -> None:
        """The page has come to the front."""
        self.came_into_view.emit()
        self.composer.box.setFocus()

    def start_new(self) -> None:
        """Begin a new chat."""
        self.new_requested.emit()

    def start_with(self, model_id: int) -> None:
        """Begin a new chat with this model."""
        self.new_requested.emit()
        self.picker.choose(model_id)

    def kept_state(self) -> dict[str, Any]:
        """Which chat is on show, and the texts that were not sent yet."""
        on_show = self._chat.id if self._chat else None
        drafts = self._drafts | {on_show: self.composer.text}
        lasting = [[chat_id, text] for chat_id, text in drafts.items() if text and (chat_id or 0) >= 0]
        return {"chat": on_show if (on_show or 0) >= 0 else None, "drafts": lasting}  # a temporary chat ends here

    def take_up(self, state: dict[str, Any]) -> None:
        """Show that chat again, with those texts."""
        if state["chat"] is None:
            self.new_requested.emit()
        else:
            self.chat_chosen.emit(state["chat"])
        self._drafts = dict(state["drafts"])
        self.composer.write(self._drafts.pop(state["chat"], ""))

    # What the presenter may ask of it.

    def show_chats(self, chats: Sequence[Chat]) -> None:
        """The list at the left."""
        self.panel.show_chats(chats)
        mine = next((chat for chat in chats if self._chat is not None and chat.id == self._chat.id), None)
        if mine is not None:
            self._chat = mine
            self._show_title()

    def show_trash(self, chats: Sequence[Chat]) -> None:
        """What lies in the trash behind the list."""
        self.panel.show_trash(chats)

    def show_chat(self, chat: Chat | None, messages: Sequence[Message]) -> None:
        """Show a chat; None is one that has not begun. The text in the composer stays with its chat."""
        before, now = (each.id if each else None for each in (self._chat, chat))
        if before != now:
            self._drafts[before], self._unsent[before] = self.composer.text, self.composer.pictures
            self.composer.write(self._drafts.pop(now, ""))
            self.composer.show_pictures(self._unsent.pop(now, ()))
        self._chat = chat
        self._show_title()
        self.panel.select(now)
        self.transcript.show_messages(messages)
        read = (message for message in reversed(messages) if message.context is not None and message.context.read)
        self.show_context(next(read, None))
        self.show_when_full(chat.when_full if chat else None)
        self.form_button.show_form(chat.form if chat else FREE)
        if before != now or now is not None:
            self._show_thinking()
        self.middle.setCurrentWidget(self.transcript if messages else self.welcome)

    def show_context(self, message: Message | None) -> None:
        """What the last answer filled of the context, and where the model's view of the chat begins."""
        self.gauge.show_context(message)
        self.transcript.show_cut(message.context if message is not None else None)

    def show_when_full(self, chosen: WhenFull | None) -> None:
        """What is done when this chat is full."""
        self.gauge.show_chosen(chosen)

    def show_thinking_default(self, thinks: bool) -> None:
        """What the settings say of thinking; it holds where the chat says nothing else."""
        changed, self._thinks = thinks != self._thinks, thinks
        if changed:
            self._show_thinking()

    def begin(self, chat: Chat) -> None:
        """The chat that had not begun has begun; everything on show belongs to it now."""
        self._chat = chat
        if self.think.isChecked() != self._thinks:
            self.think_chosen.emit(chat.id, self.think.isChecked())
        self._show_title()
        self.panel.select(chat.id)
        self.begun.emit(chat.id)

    def show_models(self, models: Sequence[Model], loaded: Collection[int]) -> None:
        """Offer these models."""
        self.picker.show_models(models, loaded)
        self.banner.setVisible(bool(models) and all(model.is_test for model in models))  # they write noise

    def show_documents_usable(self, usable: bool) -> None:
        """Whether there are documents to draw on."""
        self.documents.setEnabled(usable)
        if not usable:
            with QSignalBlocker(self.documents):
                self.documents.setChecked(False)
        self.documents.setToolTip(
            tr("The answer draws on passages of your documents and cites them.")
            if usable
            else tr("Add documents on the Documents page first.")
        )

    def show_busy(self, busy: bool) -> None:
        """An answer is being written in the chat on show."""
        self.composer.show_busy(busy)
        self.transcript.freeze(busy)
        self._escape.setEnabled(busy)

    def show_kept(self, message: Message) -> None:
        """A message was kept in the chat on show."""
        if message.role is Role.USER and message.text == self.composer.text.strip():
            self.composer.write("")
            self.composer.show_pictures(())
        self.middle.setCurrentWidget(self.transcript)
        self.transcript.add(message)
        if message.role is Role.USER:
            self.transcript.follow()

    def add_picture(self, chat_id: int | None, picture: Picture) -> None:
        """One more picture is to be sent in a chat, which may be another one than that on show."""
        on_show = self._chat.id if self._chat else None
        if chat_id == on_show:
            self.composer.show_pictures([*self.composer.pictures, picture])
        else:
            self._unsent[chat_id] = (*self._unsent.get(chat_id, ()), picture)

    @property
    def chat_id(self) -> int | None:
        """The chat on show; None for one that has not begun."""
        return self._chat.id if self._chat else None

    def show_problem(self, problem: ErrorText | None) -> None:
        """What went wrong, in the conversation. The text stays in the composer."""
        if problem is not None:
            self.middle.setCurrentWidget(self.transcript)
        self.transcript.show_problem(problem)

    def show_no_model(self, problem: ErrorText) -> None:
        """There is nothing to send it to. Where the ways to a model are on show, the keyboard goes to the first."""
        if self.middle.currentWidget() is self.welcome and not self.welcome.pick_button.isHidden():
            self.welcome.pick_button.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.show_problem(problem)

    def answer(self, message_id: int | None) -> AnswerCard | None:
        """The card of an answer, where it is on show."""
        return self.transcript.answer(message_id)

    # Its own affairs.

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(SPACE.xl, SPACE.m, SPACE.xl, SPACE.m)
        top.setSpacing(SPACE.l)
        top.addWidget(self.title, 1)
        top.addWidget(self.documents)
        top.addWidget(self.picker)
        bottom = QHBoxLayout()
        bottom.setContentsMargins(SPACE.xl, SPACE.s, SPACE.xl, SPACE.l)
        bottom.addStretch(1)
        bottom.addWidget(self.composer, 1000)
        bottom.addStretch(1)
        warning = QHBoxLayout()
        warning.setContentsMargins(SPACE.xl, SPACE.s, SPACE.xl, 0)
        warning.addWidget(self.banner)
        warning.addWidget(self.temporary)
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        right.addLayout(top)
        right.addWidget(hairline())
        right.addLayout(warning)
        right.addWidget(self.middle, 1)
        right.addLayout(bottom)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.panel)
        row.addWidget(hairline(upright=True))
        row.addLayout(right, 1)

    def _connect(self) -> None:
        self.panel.new_requested.connect(self.new_requested)
        self.panel.temporary_requested.connect(self.temporary_requested)
        self.panel.chat_chosen.connect(self.chat_chosen)
        self.panel.rename_requested.connect(self.rename_requested)
        self.panel.delete_requested.connect(self.delete_requested)
        self.panel.restore_requested.connect(self.restore_requested)
        self.panel.erase_requested.connect(self.erase_requested)
        self.composer.send_requested.connect(self.send_requested)
        self.composer.stop_requested.connect(self.stop_requested)
        self.picker.model_chosen.connect(self.model_chosen)
        self.picker.models_requested.connect(self._ask_for_models)
        self.welcome.models_requested.connect(self._ask_for_models)
        self.welcome.test_models_requested.connect(self.test_models_requested)
        self.welcome.documents_requested.connect(self._ask_for_documents)
        self.welcome.suggestion_chosen.connect(self._take_suggestion)
        self.get_model.clicked.connect(self._ask_for_models)
        self.transcript.edit_requested.connect(self.edit_requested)
        self.transcript.regenerate_requested.connect(self.regenerate_requested)
        self.transcript.anyway_requested.connect(self.anyway_requested)
        self.transcript.shorter_requested.connect(self.shorter_requested)
        self.transcript.more_requested.connect(self.more_requested)
        self.gauge.when_full_chosen.connect(self.when_full_chosen)
        self.think.clicked.connect(self._choose_thinking)
        self.middle.currentChanged.connect(self._show_bigger)
        self.picker.shown.connect(self._show_who_answers)
        self.picker.bigger_requested.connect(self.bigger_requested)
        self.welcome.bigger_requested.connect(self.bigger_requested)
        self.transcript.step_requested.connect(self.step_requested)
        self.transcript.source_requested.connect(self.source_requested)
        self.transcript.link_chosen.connect(self._show_link)

    def _make_keys(self) -> None:
        """The whole window hears them while this page is on show."""
        self._escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self, self.stop_requested.emit)
        QShortcut(QKeySequence("Ctrl+F"), self, self.panel.search.setFocus)
        QShortcut(QKeySequence("Ctrl+L"), self, self.picker.button.showMenu)
        QShortcut(QKeySequence("Ctrl+Shift+A"), self, self.composer.attach_requested.emit)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Paste), self, self.composer.paste)
        QShortcut(QKeySequence("Ctrl+R"), self, self._regenerate_last)
        QShortcut(QKeySequence("Ctrl+Shift+C"), self, self._copy_last)
        QShortcut(QKeySequence(Qt.Key.Key_F2), self, self.panel.rename_chosen)

    def _show_title(self) -> None:
        self.title.say(self._chat.title if self._chat else tr("New chat"))
        self.temporary.setVisible(self._chat is not None and self._chat.id < 0)

    def _show_thinking(self) -> None:
        chosen = self._chat.thinking if self._chat is not None else None
        self.think.setChecked(self._thinks if chosen is None else chosen)

    @Slot()
    def _show_who_answers(self) -> None:
        """The switch is there for models that know it; another one would not heed it. The guide is asked of Hanare."""
        model = self.picker.model
        self.think.setVisible(model is not None and model.facts.may_think)
        guide = model is not None and model.built_in
        self.welcome.show_models(bool(self.picker.offered), guide=guide)
        self.composer.box.setPlaceholderText(tr("Ask about Hanare") if guide else tr("Ask anything"))

    @Slot()
    def _show_bigger(self) -> None:
        """The way to a bigger model stands once on the page."""
        self.picker.offer_bigger(offered=self.middle.currentWidget() is self.transcript)

    @Slot(bool)
    def _choose_thinking(self, thinking: bool) -> None:
        if self._chat is not None:
            self._chat = replace(self._chat, thinking=thinking)
            self.think_chosen.emit(self._chat.id, thinking)

    def _last_answer(self) -> AnswerCard | None:
        cards = self.transcript.cards
        return next((card for card in reversed(cards) if isinstance(card, AnswerCard)), None)

    @Slot()
    def _ask_for_models(self) -> None:
        self.page_requested.emit("models")

    @Slot()
    def _ask_for_documents(self) -> None:
        self.page_requested.emit("documents")

    @Slot(str)
    def _take_suggestion(self, text: str) -> None:
        self.composer.write(text)
        self.composer.box.setFocus()

    @Slot()
    def _regenerate_last(self) -> None:
        card = self._last_answer()
        if card is not None and not self._escape.isEnabled():
            self.regenerate_requested.emit(card.message.id)

    @Slot()
    def _copy_last(self) -> None:
        card = self._last_answer()
        if card is not None:
            QGuiApplication.clipboard().setText(card.message.text)

    @Slot(str)
    def _show_link(self, address: str) -> None:
        LinkDialog(address, self).open()
