"""A JSON Schema or a grammar is written or pasted here; what is wrong with it is said while it is typed."""

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from desktop.plain import PlainLabel
from desktop.theme import SPACE
from desktop.words import tr
from engine.forms import Form, FormKind

WIDTH_PX, HEIGHT_PX = 640, 460
PAUSE_MS = 250  # after the last key


class FormEditor(QDialog):
    """Accepted with `form`. Emits `check_requested` when the person pauses."""

    check_requested = Signal(object)  # Form

    def __init__(self, form: Form, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind = form.kind
        schema = form.kind is FormKind.SCHEMA
        title = tr("JSON Schema for the answers") if schema else tr("Grammar for the answers")
        self.setWindowTitle(title)
        self.resize(WIDTH_PX, HEIGHT_PX)
        heading = PlainLabel(title, wordWrap=True)
        heading.setProperty("role", "heading")
        about = PlainLabel(
            tr("Paste or write a JSON Schema. The model can write only what fits it.") if schema else
            tr("Paste or write a grammar in GBNF, llama.cpp's notation. An answer is what the rule “root” allows."),
            wordWrap=True,
        )  # fmt: skip
        self.box = QPlainTextEdit(form.source)
        self.box.setAccessibleName(title)
        self.box.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.box.setPlaceholderText('{"type": "object", "properties": {}}' if schema else 'root ::= "yes" | "no"')
        self.box.setTabChangesFocus(True)
        self.told = PlainLabel(wordWrap=True)
        self.told.setAccessibleName(tr("Whether it can be used"))
        self.no, self.yes = QPushButton(tr("Cancel")), QPushButton(tr("Use it"))
        self.yes.setProperty("role", "primary")
        self.yes.setDefault(True)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.no)
        buttons.addWidget(self.yes)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE.xl, SPACE.l, SPACE.xl, SPACE.l)
        column.setSpacing(SPACE.m)
        for widget in (heading, about):
            column.addWidget(widget)
        column.addWidget(self.box, 1)
        column.addWidget(self.told)
        column.addLayout(buttons)
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(self._ask)
        self.box.textChanged.connect(self._on_typed)
        self.no.clicked.connect(self.reject)
        self.yes.clicked.connect(self.accept)
        self.yes.setEnabled(False)
        self.box.setFocus()
        self._pause.start()

    @property
    def form(self) -> Form:
        """What stands in the box."""
        return Form(kind=self._kind, source=self.box.toPlainText())

    def show_usable(self, form: Form, afterwards: tuple[str, ...]) -> None:
        """It can be used; `afterwards` are the places that only the finished answer is checked against."""
        if form != self.form:  # what was asked about is not what stands here now
            return
        words = tr("It can be used.")
        if afterwards:
            words += " " + tr("Checked in the finished answer only: {places}", places=", ".join(afterwards[:8]))
        self._tell(words, "good")
        self.yes.setEnabled(True)

    def show_problem(self, form: Form, sentence: str) -> None:
        """It cannot be used, and why."""
        if form == self.form:
            self._tell(sentence if form.source.strip() else "", "bad")

    def _tell(self, words: str, tone: str) -> None:
        self.told.setText(words)
        self.told.setProperty("role", tone)
        self.told.style().polish(self.told)

    @Slot()
    def _on_typed(self) -> None:
        self.yes.setEnabled(False)
        self._pause.start()

    @Slot()
    def _ask(self) -> None:
        self.check_requested.emit(self.form)
