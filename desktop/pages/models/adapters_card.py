"""The adapters of the model on show: each with its strength, and a menu of those that may be attached."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QMenu, QPushButton, QToolButton, QVBoxLayout, QWidget

from desktop.plain import PlainLabel, caption, tip
from desktop.theme import SPACE, icon
from desktop.widgets.card import Card
from desktop.words import tr
from engine.types import Adapter, Model
from engine.unseen import visible

LEAST, MOST, STEP = -2.0, 2.0, 0.1
ICON_PX = 16


class AdapterRow(QWidget):
    """One adapter that is attached."""

    strength_chosen = Signal(float)
    detach_requested = Signal()

    def __init__(self, adapter: Adapter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = PlainLabel(wordWrap=True)
        self.name.setToolTip(tip(str(adapter.path)))
        self.strength = QDoubleSpinBox()
        self.strength.setRange(LEAST, MOST)
        self.strength.setSingleStep(STEP)
        self.strength.setKeyboardTracking(False)  # a value counts when typing it has ended
        self.strength.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.strength.lineEdit().setTextMargins(SPACE.s, 0, 0, 0)
        self.strength.setValue(adapter.strength)
        self.strength.setAccessibleName(tr("Strength of {name}", name=visible(adapter.name)))
        self.strength.setToolTip(tr("1 is as it was trained, 0 is off, below 0 works against it."))
        self.detach = QToolButton()
        self.detach.setIcon(icon("trash", "faint"))
        self.detach.setIconSize(QSize(ICON_PX, ICON_PX))
        self.detach.setToolTip(tr("Take off this model"))
        self.detach.setAccessibleName(tr("Take {name} off this model", name=visible(adapter.name)))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE.m)
        row.addWidget(self.name, 1)
        row.addWidget(self.strength)
        row.addWidget(self.detach)
        self._adapter = adapter
        self._show_name(adapter.strength)
        self.strength.installEventFilter(self)
        self.strength.valueChanged.connect(self._settle)
        self.detach.clicked.connect(self.detach_requested)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The wheel scrolls the page; it must not change a strength that it happens to pass over."""
        if event.type() == QEvent.Type.Wheel:
            event.ignore()
            return True
        return False

    @Slot(float)
    def _settle(self, value: float) -> None:
        value = round(value, 2)
        self._show_name(value)
        self.strength_chosen.emit(value)

    def _show_name(self, strength: float) -> None:
        name = visible(self._adapter.name)
        if self._adapter.missing:
            name = tr("{name} (its file is missing)", name=name)
        elif not strength:
            name = tr("{name} (off)", name=name)
        self.name.setText(name)


class AdaptersCard(Card):
    """Shows those of one model; changing a strength is a wish like any other."""

    attach_requested = Signal(int)  # the adapter's id, as in those below
    detach_requested = Signal(int)
    strength_chosen = Signal(int, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Adapters"), parent,
            about=tr("A LoRA adapter is a small file that changes how a model answers. It works from the next answer "
                     "on; its strength can be changed without loading the model anew."),
        )  # fmt: skip
        self.rows: list[AdapterRow] = []
        self._list = QVBoxLayout()
        self._list.setSpacing(SPACE.s)
        self.attach = QPushButton(icon("plus"), tr("Attach an adapter"))
        self.menu = QMenu(self.attach)
        self.attach.setMenu(self.menu)
        self.none = PlainLabel(
            tr("No adapter for this kind of model is in the list. Open its GGUF file first."), wordWrap=True
        )
        self.none.setProperty("role", "small")
        self.column.addLayout(self._list)
        self.column.addWidget(self.attach, 0, Qt.AlignmentFlag.AlignLeft)
        self.column.addWidget(self.none)

    def show_adapters(self, model: Model, fitting: Sequence[Model]) -> None:
        """Show what is attached to `model`, and offer those of `fitting`."""
        for row in self.rows:
            self._list.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = [AdapterRow(adapter) for adapter in model.adapters]
        for row, adapter in zip(self.rows, model.adapters, strict=True):
            row.strength_chosen.connect(partial(self.strength_chosen.emit, adapter.id))
            row.detach_requested.connect(partial(self.detach_requested.emit, adapter.id))
            self._list.addWidget(row)
        self.menu.clear()
        for other in fitting:
            self.menu.addAction(caption(other.name), partial(self.attach_requested.emit, other.id))
        self.attach.setVisible(bool(fitting))
        self.none.setVisible(not fitting and not model.adapters)
