"""A declared value on a page: its title, its help, the field for it, and the way back."""

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desktop.plain import PlainLabel
from desktop.theme import SPACE
from desktop.widgets.fields import ChoiceField, Field, FractionField, ModelField, NumberField, SwitchField, TextField
from desktop.words import later, tr

LEAST_MEANS = {
    "threads": later("Automatic"),
    "lock_after_minutes": later("Never"),
    "unload_after_minutes": later("Never"),
    "gpu_layers": later("All that fit"),
    "top_k": later("All"),
    "mirostat": later("Off"),
    "seed": later("Drawn"),
    "states_gib": later("Keep nothing"),
}


MODELS = ("meaning_model", "reranker", "checker")  # texts that are the number of a model


class SettingRow(QWidget):
    """One value of the engine's, by its declaration (`engine.declared.About`)."""

    chosen = Signal(str, object)  # its name, the value
    reset_requested = Signal(str)

    def __init__(self, name: str, about: Any, default: Any, back: str, *, narrow: bool = False) -> None:
        """`back` are the words of the way back, which `show_value` shows or hides. `narrow`: the field lies below."""
        super().__init__()
        self.field = make_field(name, about, default)
        self.reset = QPushButton(back)
        self.note = PlainLabel(wordWrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, SPACE.xs, 0, SPACE.xs)
        column.setSpacing(SPACE.xs)
        title = PlainLabel(tr(about.title))
        title.setProperty("role", "strong")
        help_ = PlainLabel(tr(about.help), wordWrap=True)
        help_.setProperty("role", "small")
        self.reset.setProperty("role", "link")
        self.reset.setAccessibleDescription(tr(about.title))
        self.reset.clicked.connect(lambda: self.reset_requested.emit(name))
        keep = self.reset.sizePolicy()
        keep.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(keep)
        self.field.setToolTip(tr(about.help))
        self.field.chosen.connect(lambda value: self.chosen.emit(name, value))
        head, words = QHBoxLayout(), QVBoxLayout()
        head.setSpacing(SPACE.s)
        words.setSpacing(2)
        words.addWidget(title)
        words.addWidget(help_)
        words.addWidget(self.note)
        self.note.setProperty("role", "small")
        self.note.hide()
        head.addLayout(words, 1)
        if isinstance(self.field, TextField):
            head.addWidget(self.reset, 0, Qt.AlignmentFlag.AlignTop)
            column.addLayout(head)
            column.addWidget(self.field)
        elif narrow:
            below = QHBoxLayout()
            below.addWidget(self.field, 1)
            below.addWidget(self.reset)
            column.addLayout(head)
            column.addLayout(below)
        else:
            head.addWidget(self.reset, 0, Qt.AlignmentFlag.AlignVCenter)
            head.addWidget(self.field, 0, Qt.AlignmentFlag.AlignVCenter)
            column.addLayout(head)

    def show_value(self, value: Any, *, changed: bool) -> None:
        """Show the value, and the way back where there is one to go."""
        self.field.show_value(value)
        self.reset.setVisible(changed)

    def show_note(self, words: str) -> None:
        """What has come of the value on this computer, below its help; "" for nothing."""
        self.note.setText(words)
        self.note.setVisible(bool(words))


def make_field(name: str, about: Any, default: Any) -> Field:
    """The field that fits the value's type."""
    title = tr(about.title)
    if name in MODELS:
        return ModelField(title)
    if about.choices:
        return ChoiceField(title, about.choices)
    if isinstance(default, bool):
        return SwitchField(title)
    if isinstance(default, int):
        least = LEAST_MEANS.get(name, "")
        return NumberField(title, int(about.least), int(about.most), tr(least) if least else "")
    if isinstance(default, float):
        return FractionField(title, about.least, about.most)
    return TextField(title)
