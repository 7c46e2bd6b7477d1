"""The question in which form a smaller model is to be made: what each takes, when to take it, with which matrix."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QModelIndex, Qt, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QDialog, QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from desktop.pages.models.importance_choice import ImportanceChoice
from desktop.pages.models.recipe_fields import RecipeFields
from desktop.pages.models.sizes_model import SizesModel, advice_text
from desktop.plain import PlainLabel
from desktop.theme import SPACE, restyle
from desktop.widgets.amounts import size_text
from desktop.widgets.table import table_view
from desktop.widgets.tall_body import TallBody
from desktop.words import tr
from engine.quantizations import QUANTIZATIONS, RECOMMENDED, USUAL, MatrixUse, Recipe
from engine.types import Collection, Importance, Model, PreviewedSize

WIDTH_PX, TABLE_PX, ADVICE_LINES = 640, 200, 2


class SmallerDialog(QDialog):
    """Shows forms and sizes as they come. `recipe` and `importance` are what is chosen when it is accepted."""

    sizes_wanted = Signal(object, bool)  # Recipe, with an importance matrix

    def __init__(self, model: Model, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Make a smaller model"))
        self.setMinimumWidth(WIDTH_PX)
        self._sizes: tuple[PreviewedSize, ...] = ()
        self._forms = SizesModel(self)
        self._forms.now_bytes = model.facts.size_bytes
        heading = PlainLabel(tr("Make {name} smaller", name=model.name), wordWrap=True)
        heading.setProperty("role", "heading")
        words = tr(
            "A second model is made of it, whose weights are kept with fewer bits. It takes less memory, is quicker, "
            "and answers a little worse. This one, of {size}, stays as it is.", size=size_text(model.facts.size_bytes),
        )  # fmt: skip
        about = PlainLabel(words, wordWrap=True)
        about.setProperty("role", "faint")
        self.table = table_view(self._forms, tr("Forms and sizes"), 4)
        self.table.setFixedHeight(TABLE_PX)
        self.every = QCheckBox(tr("Show every form"))
        self.advice = PlainLabel(wordWrap=True)
        self.advice.setMinimumHeight(self.advice.fontMetrics().lineSpacing() * ADVICE_LINES)
        self.advice.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.matrix, self.fields = ImportanceChoice(), RecipeFields()
        self.more = QToolButton()
        self.more.setText(tr("More wishes"))
        self.more.setCheckable(True)
        self.more.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.fields.hide()
        self.problem = PlainLabel(wordWrap=True)
        self.problem.setProperty("role", "bad")
        self.problem.hide()
        self._body = TallBody(WIDTH_PX - 2 * SPACE.xl)
        for widget in (heading, about, self.table, self.every, self.advice, self.matrix, self.more, self.fields,
                       self.problem):  # fmt: skip
            self._body.column.addWidget(widget)
        self._body.column.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE.xl, SPACE.xl, SPACE.xl, SPACE.l)
        column.setSpacing(SPACE.l)
        column.addWidget(self._body, 1)
        column.addLayout(self._make_buttons())
        self.every.toggled.connect(self._show)
        self.table.selectionModel().currentRowChanged.connect(self._choose)
        self.matrix.chosen.connect(self._ask)
        self.fields.changed.connect(self._ask)
        self.more.toggled.connect(self._unfold)
        self._choose()

    @property
    def recipe(self) -> Recipe:
        """What is chosen; as it was last readable."""
        chosen = self._chosen()
        wishes = self.fields.recipe or Recipe()
        return replace(wishes, quantization=chosen.quantization if chosen else USUAL)

    @property
    def importance(self) -> Importance | None:
        """Where the matrix comes from; None for none."""
        return self.matrix.importance

    def offer_texts(self, collections: Sequence[Collection], *, documents: bool, chats: bool) -> None:
        """What there is to measure with."""
        self.matrix.offer(collections, documents=documents, chats=chats)

    def ask(self) -> None:
        """Want the sizes for what is chosen now."""
        self._ask()

    def show_sizes(self, sizes: Sequence[PreviewedSize]) -> None:
        """These are what the model would take."""
        self.problem.hide()
        self._sizes = tuple(sizes)
        self._show()

    def show_problem(self, words: str) -> None:
        """There are no sizes, and why."""
        self._sizes = ()
        self._show()
        self.problem.setText(words)
        self.problem.show()

    # Its own affairs.

    def _make_buttons(self) -> QHBoxLayout:
        cancel = QPushButton(tr("Cancel"))
        cancel.clicked.connect(self.reject)
        self.go = QPushButton(tr("Make it"))
        self.go.setProperty("role", "primary")
        self.go.setDefault(True)
        self.go.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE.s)
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(self.go)
        return buttons

    def _chosen(self) -> PreviewedSize | None:
        row = self.table.currentIndex().row()
        return self._forms.lines[row] if 0 <= row < len(self._forms.lines) else None

    @Slot()
    def _show(self) -> None:
        chosen = self._chosen()
        wanted = chosen.quantization if chosen else USUAL
        every = self.every.isChecked()
        self._forms.replace([one for one in self._sizes if every or one.quantization in RECOMMENDED])
        names = [one.quantization for one in self._forms.lines]
        row = names.index(wanted) if wanted in names else names.index(USUAL) if USUAL in names else 0
        self.table.setCurrentIndex(self._forms.index(row, 0) if names else QModelIndex())
        self._choose()

    @Slot()
    def _choose(self) -> None:
        chosen = self._chosen()
        if chosen is None:
            self.advice.setText(tr("Reckoning what each form takes…") if self.problem.isHidden() else "")
            self.go.setEnabled(False)
            return
        known = QUANTIZATIONS[chosen.quantization]
        lacks = (chosen.needs_matrix or known.matrix is MatrixUse.NEEDED) and self.importance is None
        words = advice_text(chosen)
        if lacks:
            words += " " + tr("Choose an importance matrix below first.")
        self.advice.setText(words)
        restyle(self.advice, "bad" if lacks or not chosen.size_bytes else "")
        self.go.setEnabled(bool(chosen.size_bytes) and not lacks and self.fields.recipe is not None)

    @Slot()
    def _ask(self) -> None:
        recipe = self.fields.recipe
        if recipe is None:
            self.show_problem(tr("Write tensors as pattern=form and layers as numbers, with commas between."))
            return
        self.problem.hide()
        self._choose()
        self.sizes_wanted.emit(recipe, self.importance is not None)

    @Slot(bool)
    def _unfold(self, shown: bool) -> None:
        self.fields.setVisible(shown)
        self._body.fit(shrink=True)
