"""Which form the answers of a chat are to have: a button beside the gauge, with its choices."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from desktop.plain import tip
from desktop.theme import icon
from desktop.words import later, tr
from engine.forms import FREE, Form, FormKind

CHOICES: dict[FormKind, tuple[str, str]] = {
    FormKind.TEXT: (later("Text"), later("Answer form: text")),
    FormKind.JSON: (later("JSON object"), later("Answer form: JSON")),
    FormKind.SCHEMA: (later("JSON Schema…"), later("Answer form: JSON Schema")),
    FormKind.GRAMMAR: (later("Grammar…"), later("Answer form: grammar")),
}


class FormButton(QPushButton):
    """Emits `kind_chosen`; `form` is what it shows."""

    kind_chosen = Signal(object)  # FormKind

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "quiet")
        self.setIcon(icon("text", "faint"))
        self.setAccessibleName(tr("Answer form"))
        self.setToolTip(tip(tr(
            "Have the answers of this chat be JSON, fit a JSON Schema, or be what a grammar allows; they are checked."
        )))  # fmt: skip
        menu = QMenu(self)
        group = QActionGroup(menu)
        self.choices: dict[FormKind, QAction] = {}
        for kind, (title, _) in CHOICES.items():
            action = QAction(tr(title), menu, checkable=True)
            action.triggered.connect(lambda _=False, chosen=kind: self.kind_chosen.emit(chosen))
            group.addAction(action)
            menu.addAction(action)
            self.choices[kind] = action
        self.setMenu(menu)
        self.form = FREE
        self.show_form(FREE)

    def show_form(self, form: Form) -> None:
        """The form of this chat."""
        self.form = form
        self.choices[form.kind].setChecked(True)
        self.setText(tr(CHOICES[form.kind][1]) if form.kind is not FormKind.TEXT else tr("Answer form"))
        self.setAccessibleDescription(tr(CHOICES[form.kind][1]))
