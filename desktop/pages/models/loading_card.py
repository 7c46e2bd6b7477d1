"""How a model is loaded: each option with the value it has here, folded away until one asks for it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from desktop.pages.models.draft_row import DraftRow
from desktop.plain import PlainLabel
from desktop.widgets.amounts import count_text
from desktop.widgets.card import Card, hairline
from desktop.widgets.setting_row import SettingRow
from desktop.words import tr
from engine.loading import OPTIONS, LoadOptions
from engine.types import Model


class LoadingCard(Card):
    """Says in one line how a model is loaded, and lets one change it. Every change is wished for at once."""

    option_chosen = Signal(str, object)  # the option, its value; None: as in the settings

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("How it is loaded"), parent, about=tr("A change holds from the next answer on."))
        self._told = PlainLabel(wordWrap=True)
        self.fold = QPushButton()
        self.fold.setProperty("role", "link")
        self.fold.setCheckable(True)
        self.rows: dict[str, SettingRow] = {}
        self._options = QWidget()
        column = QVBoxLayout(self._options)
        column.setContentsMargins(0, 0, 0, 0)
        plain = LoadOptions()
        for name, about in OPTIONS.items():
            row = SettingRow(name, about, getattr(plain, name), tr("As in the settings"), narrow=True)
            row.chosen.connect(self.option_chosen)
            row.reset_requested.connect(lambda name: self.option_chosen.emit(name, None))
            if self.rows:
                column.addWidget(hairline())
            column.addWidget(row)
            self.rows[name] = row
        self.draft = DraftRow()
        self.draft.chosen.connect(lambda path: self.option_chosen.emit("draft", path))
        column.addWidget(hairline())
        column.addWidget(self.draft)
        self.column.addWidget(self._told)
        self.column.addWidget(self._options)
        self.column.addWidget(self.fold, 0, Qt.AlignmentFlag.AlignLeft)
        self.fold.toggled.connect(self._unfold)
        self._unfold(False)

    def show_options(self, model: Model, options: LoadOptions, drafts: Sequence[Model] = ()) -> None:
        """Show how this model is loaded; `drafts` are the models that could guess ahead for it."""
        self.draft.show_drafts(drafts, options.draft)
        for name, row in self.rows.items():
            row.show_value(getattr(options, name), changed=name in model.loading)
        self._told.setText(_told(options))

    def _unfold(self, all_: bool) -> None:
        self._options.setVisible(all_)
        self._told.setVisible(not all_)
        self.fold.setText(tr("Show less") if all_ else tr("Change…"))


def _told(options: LoadOptions) -> str:
    """The options that matter to most, in one line."""
    told: list[Any] = [
        tr("{count} tokens of context", count=count_text(options.context_tokens)),
        tr("keys {keys}, values {values}", keys=options.key_cache, values=options.value_cache),
        tr("leaves after {minutes} min without use", minutes=options.unload_after_minutes)
        if options.unload_after_minutes
        else tr("stays until it is unloaded"),
    ]
    if options.draft:
        told.append(tr("{name} guesses ahead", name=Path(options.draft).stem))
    return " · ".join(told)
