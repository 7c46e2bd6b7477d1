"""Which small model guesses ahead for this one: those of the same vocabulary are offered, and none."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from desktop.plain import PlainLabel, tip
from desktop.theme import SPACE
from desktop.widgets.amounts import size_text
from desktop.words import tr
from engine.loading import DRAFT
from engine.types import Model
from engine.unseen import visible


class DraftRow(QWidget):
    """Title, help and the choice."""

    chosen = Signal(object)  # the file of the draft model; None: none

    def __init__(self) -> None:
        super().__init__()
        self.combo = QComboBox()
        self.combo.setAccessibleName(tr(DRAFT.title))
        self.combo.setToolTip(tip(tr(DRAFT.help)))
        self.combo.installEventFilter(self)
        self._none_fits = PlainLabel(
            tr("No model here fits: it needs the same vocabulary and at most half the size."), wordWrap=True
        )
        self._none_fits.setProperty("role", "small")
        title, help_ = PlainLabel(tr(DRAFT.title)), PlainLabel(tr(DRAFT.help), wordWrap=True)
        title.setProperty("role", "strong")
        help_.setProperty("role", "small")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, SPACE.xs, 0, SPACE.xs)
        column.setSpacing(SPACE.xs)
        for widget in (title, help_, self.combo, self._none_fits):
            column.addWidget(widget)
        self.combo.currentIndexChanged.connect(lambda _: self.chosen.emit(self.combo.currentData() or None))

    def show_drafts(self, drafts: Sequence[Model], path: str) -> None:
        """Offer `drafts`; the one in the file `path` is chosen, "" for none."""
        with QSignalBlocker(self.combo):
            self.combo.clear()
            self.combo.addItem(tr("None"), "")
            for model in drafts:
                named = tr("{name} ({size})", name=model.name, size=size_text(model.facts.size_bytes))
                self.combo.addItem(visible(named), str(model.path))
            if path and self.combo.findData(path) < 0:
                self.combo.addItem(visible(tr("{name} (does not fit)", name=Path(path).name)), path)
            self.combo.setCurrentIndex(self.combo.findData(path))
        self.combo.setEnabled(self.combo.count() > 1)
        self._none_fits.setVisible(not drafts)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The wheel scrolls the page; it must not change what it happens to pass over."""
        if event.type() == QEvent.Type.Wheel:
            event.ignore()
            return True
        return False
