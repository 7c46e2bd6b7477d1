"""Who writes the answer to a question about documents: nobody, the built-in guide, or a model."""

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from desktop.plain import PlainLabel
from desktop.theme import SPACE
from desktop.widgets.guide_words import ABOUT, bigger_link, shown_name
from desktop.widgets.model_picker import model_text
from desktop.words import tr
from engine.types import Model

LEAST_CHARS = 14


class AnswererChoice(QComboBox):
    """Its data are the models' ids; None for no model. Until a person chooses, the best that is here is chosen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chosen = False
        self._guides: frozenset[int] = frozenset()
        self.setAccessibleName(tr("Who writes the answer"))
        self.setToolTip(tr("Who writes the answer"))
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(LEAST_CHARS)
        self.activated.connect(self._on_choice)
        self.show_models(())

    def show_models(self, models: Sequence[Model]) -> None:
        """Offer these; no model, which answers with quotes, is always there."""
        kept = self.currentData()
        models = [model for model in models if not model.is_stage]
        self._guides = frozenset(model.id for model in models if model.built_in)
        with QSignalBlocker(self):
            self.clear()
            self.addItem(tr("No model: quotes"), None)
            for model in models:
                if model.built_in:
                    self.addItem(shown_name(model), model.id)
                    self.setItemData(self.count() - 1, tr(ABOUT), Qt.ItemDataRole.ToolTipRole)
                    continue
                test = tr(" — test model") if model.is_test else ""
                self.addItem(model_text(model) + test, model.id)
            best = sorted((model for model in models if not model.is_test), key=lambda model: model.built_in)
            row = self.findData(kept if self._chosen else best[0].id if best else None)
            self.setCurrentIndex(max(row, 0))

    @property
    def is_guide(self) -> bool:
        """Whether the built-in guide is to answer, which only quotes."""
        return self.currentData() in self._guides

    @property
    def writes(self) -> bool:
        """Whether what is chosen can write in its own words."""
        return self.currentData() is not None and not self.is_guide

    def _on_choice(self) -> None:
        self._chosen = True


class GuideLine(QWidget):
    """What the guide can do with documents, and the way to a model that can do more."""

    bigger_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = PlainLabel(
            tr("The built-in guide quotes the sentences that fit best. A bigger model can also write.")
        )
        self.words.setProperty("role", "small")
        self.bigger = bigger_link()
        self.bigger.clicked.connect(self.bigger_requested)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE.s)
        row.addWidget(self.words)
        row.addWidget(self.bigger)
        row.addStretch(1)
