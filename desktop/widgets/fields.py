"""One field of a form, by the type of the value and its limits."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QPlainTextEdit,
    QSlider,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from desktop.theme import SPACE
from desktop.words import later, tr

TEXT_PX = 96
FIELD_PX = 220
SLIDER_STEPS = 20  # steps of a slider per whole number
CHOICES = {
    "system": later("As the computer"),
    "light": later("Light"),
    "dark": later("Dark"),
    "model": later("As the maker recommends"),
    "oldest": later("Leave out the oldest messages"),
    "ends": later("Keep the first and the last"),
    "summary": later("Put a summary in their place"),
    "stop": later("Stop and ask"),
    "auto": later("Automatic"),
    "on": later("On"),
    "off": later("Off"),
    "precise": later("Precise"),
    "balanced": later("Balanced"),
    "creative": later("Creative"),
    "built-in": later("Built-in, the faster library"),
    "llama.cpp": later("Built-in, run by llama.cpp"),
    "sentence-transformers": later("Built-in, run by PyTorch"),
    "none": later("None"),
    "en": "English",
    "ja": "日本語",
}
Value = bool | int | float | str


class Field(QWidget):
    """Emits `chosen` when the person settles on a value; filling it says nothing."""

    chosen = Signal(object)

    def show_value(self, value: Value) -> None:
        """Show `value` without saying that it was chosen."""
        raise NotImplementedError

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The wheel scrolls the page; it must not change what it happens to pass over."""
        if event.type() == QEvent.Type.Wheel:
            event.ignore()
            return True
        return False

    def _fill(self, *widgets: QWidget) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE.m)
        for widget in widgets:
            widget.installEventFilter(self)
            widget.setMinimumWidth((FIELD_PX - SPACE.m * (len(widgets) - 1)) // len(widgets))
            row.addWidget(widget)
        row.addStretch(1)


class ChoiceField(Field):
    """One of a few words."""

    def __init__(self, name: str, choices: tuple[str, ...]) -> None:
        super().__init__()
        self.combo = QComboBox()
        for choice in choices:
            self.combo.addItem(tr(CHOICES.get(choice, choice)), choice)
        self.combo.setAccessibleName(name)
        self._fill(self.combo)
        self.combo.currentIndexChanged.connect(lambda _: self.chosen.emit(self.combo.currentData()))

    def show_value(self, value: Value) -> None:
        with QSignalBlocker(self.combo):
            self.combo.setCurrentIndex(self.combo.findData(value))


class ModelField(ChoiceField):
    """A model of the library by its number, or one of a few words; what is offered changes with the library."""

    def __init__(self, name: str) -> None:
        super().__init__(name, ())
        self.combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._value: Value = ""

    def offer(self, words: Sequence[str], models: Sequence[tuple[str, str]]) -> None:
        """Offer these words, and these models as (number, name)."""
        with QSignalBlocker(self.combo):
            self.combo.clear()
            for word in words:
                self.combo.addItem(tr(CHOICES[word]), word)
            for number, shown in models:
                self.combo.addItem(shown, number)
        self.show_value(self._value)

    def show_value(self, value: Value) -> None:
        """Show the model also where it is not offered any more."""
        self._value = value
        with QSignalBlocker(self.combo):
            if value and self.combo.findData(value) < 0:
                self.combo.addItem(tr("Model {number}, which is not here", number=value), value)
        super().show_value(value)


class NumberField(Field):
    """A whole number; `least_means` is shown for the least where that is no amount, as 0 for "let Hanare choose"."""

    def __init__(self, name: str, least: int, most: int, least_means: str = "") -> None:
        super().__init__()
        self.spin = QSpinBox()
        _inset(self.spin)
        self.spin.setRange(least, most)
        self.spin.setSingleStep(max(1, least) if most > 1000 else 1)
        self.spin.setSpecialValueText(least_means)
        self.spin.setGroupSeparatorShown(True)
        self.spin.setAccessibleName(name)
        self._fill(self.spin)
        self.spin.valueChanged.connect(self.chosen.emit)

    def show_value(self, value: Value) -> None:
        with QSignalBlocker(self.spin):
            self.spin.setValue(int(value))


class FractionField(Field):
    """A fraction with a slider and its figure."""

    def __init__(self, name: str, least: float, most: float) -> None:
        super().__init__()
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(round(least * SLIDER_STEPS), round(most * SLIDER_STEPS))
        self.slider.setAccessibleName(name)
        self.spin = QDoubleSpinBox()
        _inset(self.spin)
        self.spin.setRange(least, most)
        self.spin.setSingleStep(1 / SLIDER_STEPS)
        self.spin.setAccessibleName(name)
        self._fill(self.slider, self.spin)
        self.slider.valueChanged.connect(lambda steps: self.spin.setValue(steps / SLIDER_STEPS))
        self.spin.valueChanged.connect(self._settle)

    def show_value(self, value: Value) -> None:
        with QSignalBlocker(self.spin):
            self.spin.setValue(float(value))
        self._move_slider()

    def _settle(self, value: float) -> None:
        self._move_slider()
        self.chosen.emit(round(value, 4))

    def _move_slider(self) -> None:
        with QSignalBlocker(self.slider):
            self.slider.setValue(round(self.spin.value() * SLIDER_STEPS))


class SwitchField(Field):
    """Yes or no."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.box = QCheckBox(tr("On"))
        self.box.setAccessibleName(name)
        self._fill(self.box)
        self.box.toggled.connect(self.chosen.emit)

    def show_value(self, value: Value) -> None:
        with QSignalBlocker(self.box):
            self.box.setChecked(bool(value))


class TextField(Field):
    """Some lines of text, chosen when the keyboard leaves the field."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.edit = QPlainTextEdit()
        self.edit.setTabChangesFocus(True)
        self.edit.setFixedHeight(TEXT_PX)
        self.edit.setAccessibleName(name)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.edit)
        self.edit.installEventFilter(self)
        self._shown = ""

    def show_value(self, value: Value) -> None:
        self._shown = str(value)
        self.edit.setPlainText(self._shown)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt's wish."""
        text = self.edit.toPlainText()
        if event.type() == QEvent.Type.FocusOut and text != self._shown:
            self._shown = text
            self.chosen.emit(text)
        return False


def _inset(spin: QAbstractSpinBox) -> None:
    """Style sheets cannot inset a spin box's figure. A value counts when typing it has ended."""
    spin.setKeyboardTracking(False)
    spin.lineEdit().setTextMargins(SPACE.s, 0, 0, 0)
