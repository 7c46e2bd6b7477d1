"""Chooses a model: a button with the model's name, its menu with every model here.

Loaded models come first; each line says quantization and size; test models and the built-in guide say that they are,
and beside the guide stands the way to a bigger model.
"""

from collections.abc import Collection, Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QToolButton, QWidget

from desktop.plain import caption, tip
from desktop.theme import icon
from desktop.widgets.amounts import size_text
from desktop.widgets.chip import Chip
from desktop.widgets.guide_words import ABOUT, bigger_link, shown_name, told_name
from desktop.words import tr
from engine.types import Model

NAME_CHARS = 48
SHORT_CHARS = 28
FORMER_CHARS = 18


def model_text(model: Model) -> str:
    """Name, quantization, size."""
    return " · ".join((_named(model, NAME_CHARS), size_text(model.facts.size_bytes)))


def short_text(model: Model) -> str:
    """Name and quantization, for a button that shares its row with others."""
    return _named(model, SHORT_CHARS)


def _named(model: Model, chars: int) -> str:
    if model.built_in:
        return shown_name(model)
    name = _cut(model.name, chars)
    known = not model.facts.quantization or model.facts.quantization.casefold() in name.casefold()
    return name if known else f"{name} · {model.facts.quantization}"


def _cut(name: str, chars: int) -> str:
    return name if len(name) <= chars else name[: chars - 1] + "…"


class ModelPicker(QWidget):
    """`model_id` is the choice; None while there is no model."""

    model_chosen = Signal(int)
    shown = Signal()  # which model is the choice was said anew, by whomever
    models_requested = Signal()  # "Open a model…": leads to the models page
    bigger_requested = Signal()  # than the guide: leads to where models are found

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model_id: int | None = None
        self._models: dict[int, Model] = {}
        self._former = ""
        self.button = QToolButton(popupMode=QToolButton.ToolButtonPopupMode.InstantPopup)
        self.button.setProperty("role", "picker")
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the arrow stands after the name
        self.button.setIcon(icon("chevron-down", "faint"))
        self.button.setAccessibleName(tr("Model"))
        self.button.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.chip = Chip(tr("Test model"), "warn")
        self.chip.setToolTip(tr("A tiny model with random weights. It shows that everything works, and writes noise."))
        self.former = Chip("", "warn")
        self.bigger, self._bigger_wanted = bigger_link(), True
        self.bigger.clicked.connect(self.bigger_requested)
        self._menu = QMenu(self.button)
        self.button.setMenu(self._menu)
        self._choices = QActionGroup(self)
        self._choices.triggered.connect(self._on_choice)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.button)
        row.addWidget(self.former)
        row.addWidget(self.chip)
        row.addWidget(self.bigger)
        self.show_models((), ())

    def show_models(self, models: Sequence[Model], loaded: Collection[int]) -> None:
        """Offer these; the choice stays where it can."""
        self._models = {model.id: model for model in models}
        self._menu.clear()
        for action in self._choices.actions():
            self._choices.removeAction(action)
            action.deleteLater()
        self._add_part(tr("Loaded"), [model for model in models if model.id in loaded])
        others = [model for model in models if model.id not in loaded]
        self._add_part(tr("On this computer"), others)
        if models:
            self._menu.addSeparator()
        self._menu.addAction(tr("Open a model…"), self.models_requested.emit)
        if self.model_id not in self._models:
            self.model_id = None
        self._show_choice()

    def choose(self, model_id: int | None, instead_of: str = "") -> None:
        """Set the choice without telling anybody; an id that is not offered means none.

        `instead_of` names the model that was wanted and is not to be had; the picker says so.
        """
        self.model_id = model_id if model_id in self._models else None
        self._former = instead_of
        self._show_choice()

    def offer_bigger(self, *, offered: bool) -> None:
        """Whether the way to a bigger model stands here; where the page shows it elsewhere, it need not."""
        self._bigger_wanted = offered
        self._show_bigger()

    @property
    def model(self) -> Model | None:
        """The model chosen."""
        return self._models.get(self.model_id) if self.model_id is not None else None

    @property
    def offered(self) -> tuple[int, ...]:
        """The ids to choose from."""
        return tuple(self._models)

    def _add_part(self, title: str, models: Sequence[Model]) -> None:
        if not models:
            return
        self._menu.addSection(title)
        for model in models:
            guide = tr(" — knows Hanare, quotes documents") if model.is_guide else ""
            kind = tr(" — test model") if model.is_test else guide
            action = self._menu.addAction(caption(model_text(model)) + kind)
            action.setCheckable(True)
            action.setData(model.id)
            self._choices.addAction(action)

    def _show_bigger(self) -> None:
        self.bigger.setVisible(self._bigger_wanted and self.model is not None and self.model.is_guide)

    def _show_choice(self) -> None:
        model = self.model
        self.button.setText(caption(short_text(model)) if model else tr("Pick a model"))
        self.button.setToolTip(tr(ABOUT) if model and model.is_guide else tip(model_text(model)) if model else "")
        self.chip.setVisible(model is not None and model.is_test)
        self._show_bigger()
        self.former.setVisible(model is not None and bool(self._former))
        if model and self._former:
            self.former.setText(tr("Instead of {name}", name=_cut(told_name(self._former), FORMER_CHARS)))
            words = tr(
                "{name} is not here any more, so {now} answers.", name=told_name(self._former), now=shown_name(model)
            )
            self.former.setToolTip(tip(words))
            self.button.setToolTip(tip(words))
        for action in self._choices.actions():
            action.setChecked(action.data() == self.model_id)
        self.shown.emit()

    @Slot(QAction)
    def _on_choice(self, action: QAction) -> None:
        self.model_id = action.data()
        self._former = ""
        self._show_choice()
        self.model_chosen.emit(action.data())
