"""How the Settings page looks: a form built from the settings' own declarations."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from desktop.plain import PlainLabel, tip
from desktop.theme import SPACE
from desktop.widgets.card import Card, hairline
from desktop.widgets.fields import Field, ModelField
from desktop.widgets.model_picker import model_text
from desktop.widgets.page_header import PageHeader
from desktop.widgets.row_paint import home_words
from desktop.widgets.setting_row import SettingRow
from desktop.words import later, tr
from engine.types import Model

WIDTH_PX = 720
# The engine declares the settings; the page only groups them. What is in no group comes last.
GROUPS: dict[str, tuple[str, ...]] = {
    later("Window"): ("theme", "language"),
    later("Answers"): ("system_prompt", "thinking", "guess_ahead", "answer_tokens", "when_full", "passages"),
    later("Sampling"): (
        "style",
        "temperature",
        "top_k",
        "top_p",
        "min_p",
        "typical_p",
        "repeat_penalty",
        "frequency_penalty",
        "presence_penalty",
        "repeat_tokens",
        "dry_multiplier",
        "dry_base",
        "dry_allowed",
        "dry_tokens",
        "xtc_probability",
        "xtc_threshold",
        "mirostat",
        "mirostat_tau",
        "mirostat_eta",
        "seed",
        "stop_texts",
        "word_weights",
    ),
    later("Loading models"): (
        "context_tokens",
        "key_cache",
        "value_cache",
        "unload_after_minutes",
        "flash_attention",
        "gpu_layers",
        "cards",
        "experts_on_processor",
    ),
    later("Search in documents"): (
        "only_supported",
        "checker",
        "meaning_model",
        "reranker",
        "ocr",
        "ocr_languages",
    ),
    later("Lock"): ("lock_after_minutes", "lock_after_sleep"),
    later("This computer"): ("threads", "quiet_on_battery", "states_gib"),
}
OTHERS = later("More")
FOLDED = {"Sampling": 2, "Loading models": 4}  # so many rows of a group are on show, the others when asked for


class SettingsView(QWidget):
    """Shows each setting's title, field and help, and a way back to its default."""

    value_chosen = Signal(str, object)
    reset_requested = Signal(str)
    folder_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.fields: dict[str, Field] = {}
        self.resets: dict[str, QPushButton] = {}
        self._rows: dict[str, SettingRow] = {}
        self.folds: dict[str, QPushButton] = {}
        self._defaults: dict[str, Any] = {}
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        self._scroll = QScrollArea(widgetResizable=True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside = QWidget()
        sides = QHBoxLayout(inside)
        sides.setContentsMargins(SPACE.xxl, SPACE.xl, SPACE.xxl, SPACE.xxl)
        column_holder = QWidget()
        column_holder.setMaximumWidth(WIDTH_PX)
        self._column = QVBoxLayout(column_holder)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(SPACE.l)
        self._column.addWidget(PageHeader(tr("Settings"), tr("Every change is kept at once.")))
        sides.addWidget(column_holder, 10)
        sides.addStretch(1)
        self._scroll.setWidget(inside)
        outer.addWidget(self._scroll)

    def came_on_show(self) -> None:
        """The page has come to the front: the arrows scroll, Tab goes to the first field."""
        self._scroll.setFocus(Qt.FocusReason.OtherFocusReason)

    def build(self, described: dict[str, Any], values: Any, defaults: Any) -> None:
        """Make the form: `described` is the engine's declaration, the others hold a value per name."""
        grouped = {name for names in GROUPS.values() for name in names}
        groups = {**GROUPS, OTHERS: tuple(name for name in described if name not in grouped)}
        for title, names in groups.items():
            here = [name for name in names if name in described]
            if not here:
                continue
            for name in here:
                self._defaults[name] = getattr(defaults, name)
            self._column.addWidget(self._make_card(title, here, described))
            for name in here:
                self.show_value(name, getattr(values, name))
        self._column.addWidget(self._make_place())
        self._column.addStretch(1)

    def show_value(self, name: str, value: Any) -> None:
        """Show the value a setting has now."""
        self.fields[name].show_value(value)
        self.resets[name].setVisible(value != self._defaults[name])

    def show_note(self, name: str, words: str) -> None:
        """Say below a setting what has come of it on this computer; "" for nothing."""
        self._rows[name].show_note(words)

    def offer_models(self, name: str, words: Sequence[str], models: Sequence[Model]) -> None:
        """What a setting that is a model may be: these words, or one of these models."""
        field = self.fields[name]
        if isinstance(field, ModelField):
            field.offer(words, [(str(model.id), model_text(model)) for model in models])

    def show_place(self, folder: Path) -> None:
        """Say where everything is kept."""
        self._place.setText(home_words(folder))
        self._place.setToolTip(tip(str(folder)))

    # Its own affairs.

    def _make_card(self, title: str, names: Sequence[str], described: dict[str, Any]) -> Card:
        """A group's card; of a long group only the first rows are on show until the others are asked for."""
        card, shown = Card(tr(title)), FOLDED.get(title, len(names))
        card.column.addWidget(self._make_rows(names[:shown], described))
        if names[shown:]:
            others, fold = self._make_rows(names[shown:], described, after_others=True), QPushButton()
            fold.setProperty("role", "link")
            fold.setCheckable(True)

            def show(all_: bool) -> None:
                others.setVisible(all_)
                fold.setText(tr("Show fewer") if all_ else tr("Show all {count} figures", count=len(names)))

            fold.toggled.connect(show)
            show(False)
            self.folds[title] = fold
            card.column.addWidget(others)
            card.column.addWidget(fold, 0, Qt.AlignmentFlag.AlignLeft)
        return card

    def _make_rows(self, names: Sequence[str], described: dict[str, Any], *, after_others: bool = False) -> QWidget:
        rows = QWidget()
        column = QVBoxLayout(rows)
        column.setContentsMargins(0, 0, 0, 0)
        for number, name in enumerate(names):
            if number or after_others:
                column.addWidget(hairline())
            column.addWidget(self._make_row(name, described[name]))
        return rows

    def _make_row(self, name: str, about: Any) -> QWidget:
        row = SettingRow(name, about, self._defaults[name], tr("Back to default"))
        row.chosen.connect(self.value_chosen)
        row.reset_requested.connect(self.reset_requested)
        self._rows[name], self.fields[name], self.resets[name] = row, row.field, row.reset
        return row

    def _make_place(self) -> Card:
        card = Card(tr("Where everything is kept"))
        self._place = PlainLabel(wordWrap=True)
        self._place.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        show = QPushButton(tr("Show the folder"))
        show.clicked.connect(self.folder_requested)
        about = PlainLabel(
            tr("One folder holds your chats, the index of your documents and the models Hanare fetched or made."),
            wordWrap=True,
        )
        about.setProperty("role", "small")
        for widget in (about, self._place):
            card.column.addWidget(widget)
        card.column.addWidget(show, 0, Qt.AlignmentFlag.AlignLeft)
        return card
