"""The question in which form a folder of safetensors is to become a model, or for which model an adapter is."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desktop.plain import PlainLabel
from desktop.theme import SPACE
from desktop.widgets.amounts import size_text
from desktop.words import told, tr
from engine.quantizations import CONVERTED_FORMS, QUANTIZATIONS
from engine.types import Checkpoint, Model
from engine.unseen import visible

WIDTH_PX, ADVICE_LINES = 560, 2


class ConvertDialog(QDialog):
    """`form`, `base_id`, `goes_on` and `deletes` are what is chosen when it is accepted."""

    def __init__(self, checkpoint: Checkpoint, bases: Sequence[Model], parent: QWidget | None = None) -> None:
        """`bases` are the models that an adapter could be for."""
        super().__init__(parent)
        self.setWindowTitle(tr("Convert a folder"))
        self.setFixedWidth(WIDTH_PX)
        self._adapter = checkpoint.adapter
        heading = PlainLabel(tr("Convert {name}", name=checkpoint.name), wordWrap=True)
        heading.setProperty("role", "heading")
        about = PlainLabel(self._about(checkpoint), wordWrap=True)
        about.setProperty("role", "faint")
        self.choice = QComboBox()
        title = tr("For which model it was trained") if self._adapter else tr("Form")
        label = PlainLabel(title)
        label.setBuddy(self.choice)
        self.choice.setAccessibleName(title)
        self.advice = PlainLabel(wordWrap=True)
        self.advice.setMinimumHeight(self.advice.fontMetrics().lineSpacing() * ADVICE_LINES)
        self.advice.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.smaller = QCheckBox(tr("Then choose a smaller form"))
        self.smaller.setVisible(not self._adapter)
        self.delete = QCheckBox(tr("Then delete what was downloaded for it"))
        self.delete.setVisible(checkpoint.fetched)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE.xl, SPACE.xl, SPACE.xl, SPACE.l)
        column.setSpacing(SPACE.s)
        for widget in (heading, about, label, self.choice, self.advice, self.smaller, self.delete):
            column.addWidget(widget)
        column.addSpacing(SPACE.s)
        column.addLayout(self._buttons())
        self._fill(bases)
        for widget in (label, self.choice):
            widget.setVisible(self.choice.count() > 0)
        self.choice.currentIndexChanged.connect(self._advise)
        self._advise()
        self.ensurePolished()
        self.resize(WIDTH_PX, column.totalHeightForWidth(WIDTH_PX))

    @property
    def form(self) -> str:
        """The form that is chosen; "" for that of the weights."""
        return "" if self._adapter else str(self.choice.currentData())

    @property
    def base_id(self) -> int | None:
        """The model that an adapter is for."""
        return self.choice.currentData() if self._adapter else None

    @property
    def goes_on(self) -> bool:
        """Whether a smaller one is to be made of it."""
        return not self._adapter and self.smaller.isChecked()

    @property
    def deletes(self) -> bool:
        """Whether the downloaded folder is deleted when the model is there."""
        return self.delete.isChecked()

    # Its own affairs.

    def _about(self, checkpoint: Checkpoint) -> str:
        size = size_text(checkpoint.size_bytes)
        if checkpoint.adapter:
            return tr(
                "A GGUF file is made of the adapter, whose weights take {size} now. It works only on the model that it "
                "was trained for. The folder stays as it is.", size=size,
            )  # fmt: skip
        return tr(
            "A GGUF file is made of the model, whose weights take {size} now. Before it is there, more than 500 texts "
            "are read with it and with its own tokenizer: it is refused where one is read otherwise.", size=size,
        ) + ("" if checkpoint.fetched else " " + tr("The folder stays as it is."))  # fmt: skip

    def _fill(self, bases: Sequence[Model]) -> None:
        if self._adapter:
            for model in bases:
                self.choice.addItem(visible(model.name), model.id)
            return
        self.choice.addItem(tr("As its weights are"), "")
        for form in CONVERTED_FORMS:
            self.choice.addItem(form, form)

    @Slot()
    def _advise(self) -> None:
        if self._adapter:
            nothing = tr("There is no model here that it could be for. Add that first.")
            self.advice.setText("" if self.choice.count() else nothing)
            self.go.setEnabled(self.choice.count() > 0)
        elif self.form:
            self.advice.setText(told(QUANTIZATIONS[self.form].advice))
        else:
            self.advice.setText(tr("Nothing is lost. The form to begin with."))

    def _buttons(self) -> QHBoxLayout:
        cancel = QPushButton(tr("Cancel"))
        cancel.clicked.connect(self.reject)
        self.go = QPushButton(tr("Convert"))
        self.go.setProperty("role", "primary")
        self.go.setDefault(True)
        self.go.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE.s)
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(self.go)
        return buttons
