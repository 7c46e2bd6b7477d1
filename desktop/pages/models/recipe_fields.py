"""What may be wished beyond a form: single tensors otherwise, the two ends, layers left out. Folded away at first."""

import re

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QLineEdit, QVBoxLayout, QWidget

from desktop.plain import PlainLabel
from desktop.theme import SPACE
from desktop.words import tr
from engine.quantizations import TENSOR_FORMS, Recipe

_OVERRIDE = re.compile(r"\s*(?P<pattern>[^\s=]+)\s*=\s*(?P<form>\w+)\s*")


class RecipeFields(QWidget):
    """`recipe` is what is wished now, without its quantization; None where what is written cannot be read."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tensors, self.pruned = QLineEdit(), QLineEdit()
        self.tensors.setPlaceholderText("attn_v=q8_0, ffn_down=q6_k")
        self.pruned.setPlaceholderText("20, 21")
        self.output, self.embedding = self._forms(), self._forms()
        self.again = QCheckBox(tr("Also weights that are quantized already; they lose a second time"))
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(SPACE.m)
        grid.setVerticalSpacing(SPACE.s)
        grid.setColumnStretch(1, 1)
        for row, (title, field) in enumerate((
            (tr("Tensors otherwise (pattern=form)"), self.tensors), (tr("The tensor that makes words"), self.output),
            (tr("The tensor that looks words up"), self.embedding), (tr("Layers to leave out"), self.pruned),
        )):  # fmt: skip
            label = PlainLabel(title)
            label.setBuddy(field)
            field.setAccessibleName(title)
            grid.addWidget(label, row, 0)
            grid.addWidget(field, row, 1)
        self.warning = PlainLabel(
            tr("A model without these layers loads and answers, and mostly worse: it was not trained to do without "
               "them. Compare both before you rely on it."),
            wordWrap=True,
        )  # fmt: skip
        self.warning.setProperty("role", "bad")
        self.warning.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE.s)
        column.addLayout(grid)
        for widget in (self.warning, self.again):
            column.addWidget(widget)
        for edit in (self.tensors, self.pruned):
            edit.editingFinished.connect(self._settle)
        for combo in (self.output, self.embedding):
            combo.activated.connect(self._settle)
        self.again.toggled.connect(self._settle)
        self._settled = self.recipe

    @property
    def recipe(self) -> Recipe | None:
        """What is wished; None where it is not written as it has to be."""
        tensors = [_OVERRIDE.fullmatch(part) for part in self.tensors.text().split(",") if part.strip()]
        layers = [part.strip() for part in self.pruned.text().split(",") if part.strip()]
        if not all(tensors) or not all(part.isascii() and part.isdecimal() and len(part) < 6 for part in layers):
            return None
        return Recipe(
            tensors=tuple((found["pattern"], found["form"].lower()) for found in tensors if found),
            output=self.output.currentData(), embedding=self.embedding.currentData(),
            pruned=tuple(sorted({int(layer) for layer in layers})), again=self.again.isChecked(),
        )  # fmt: skip

    # Its own affairs.

    def _forms(self) -> QComboBox:
        combo = QComboBox()
        combo.addItem(tr("As the form has it"), "")
        for form in TENSOR_FORMS:
            combo.addItem(form, form)
        return combo

    def _settle(self) -> None:
        self.warning.setVisible(bool(self.pruned.text().strip()))
        if self.recipe != self._settled:
            self._settled = self.recipe
            self.changed.emit()
