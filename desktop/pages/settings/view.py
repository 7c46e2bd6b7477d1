"""How the Settings page looks: a form built from the settings' own declarations."""

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from desktop.pages.settings.fields import ChoiceField, Field, FractionField, NumberField, SwitchField, TextField
from desktop.plain import PlainLabel, tip
from desktop.theme import SPACE
from desktop.widgets.card import Card, hairline
from desktop.widgets.page_header import PageHeader
from desktop.widgets.row_paint import home_words
from desktop.words import later, tr

WIDTH_PX = 720
# The engine declares the settings; the page only groups them. What is in no group comes last.
GROUPS: dict[str, tuple[str, ...]] = {
    later("Window"): ("theme", "language"),
    later("Answers"): ("system_prompt", "temperature", "answer_tokens", "context_tokens", "passages"),
    later("Lock"): ("lock_after_minutes", "lock_after_sleep"),
    later("This computer"): ("threads",),
}
OTHERS = later("More")
ZERO_MEANS = {"threads": later("Automatic"), "lock_after_minutes": later("Never")}


class SettingsView(QWidget):
    """Shows each setting's title, field and help, and a way back to its default."""

    value_chosen = Signal(str, object)
    reset_requested = Signal(str)
    folder_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.fields: dict[str, Field] = {}
        self.resets: dict[str, QPushButton] = {}
        self._defaults: dict[str, Any] = {}
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        scroll = QScrollArea(widgetResizable=True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
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
        scroll.setWidget(inside)
        outer.addWidget(scroll)

    def build(self, described: dict[str, Any], values: Any, defaults: Any) -> None:
        """Make the form: `described` is the engine's declaration, the others hold a value per name."""
        grouped = {name for names in GROUPS.values() for name in names}
        groups = {**GROUPS, OTHERS: tuple(name for name in described if name not in grouped)}
        for title, names in groups.items():
            here = [name for name in names if name in described]
            if not here:
                continue
            card = Card(tr(title))
            for number, name in enumerate(here):
                if number:
                    card.column.addWidget(hairline())
                self._defaults[name] = getattr(defaults, name)
                card.column.addWidget(self._make_row(name, described[name]))
                self.show_value(name, getattr(values, name))
            self._column.addWidget(card)
        self._column.addWidget(self._make_place())
        self._column.addStretch(1)

    def show_value(self, name: str, value: Any) -> None:
        """Show the value a setting has now."""
        self.fields[name].show_value(value)
        self.resets[name].setVisible(value != self._defaults[name])

    def show_place(self, folder: Path) -> None:
        """Say where everything is kept."""
        self._place.setText(home_words(folder))
        self._place.setToolTip(tip(str(folder)))

    # Its own affairs.

    def _make_row(self, name: str, about: Any) -> QWidget:
        row = QWidget()
        column = QVBoxLayout(row)
        column.setContentsMargins(0, SPACE.xs, 0, SPACE.xs)
        column.setSpacing(SPACE.xs)
        title, field = PlainLabel(tr(about.title)), _make_field(name, about, self._defaults[name])
        title.setProperty("role", "strong")
        help_ = PlainLabel(tr(about.help), wordWrap=True)
        help_.setProperty("role", "small")
        reset = QPushButton(tr("Back to default"))
        reset.setProperty("role", "link")
        reset.setAccessibleDescription(tr(about.title))
        reset.clicked.connect(lambda: self.reset_requested.emit(name))
        keep = reset.sizePolicy()
        keep.setRetainSizeWhenHidden(True)
        reset.setSizePolicy(keep)
        field.setToolTip(tr(about.help))
        field.chosen.connect(lambda value: self.value_chosen.emit(name, value))
        self.fields[name], self.resets[name] = field, reset
        head = QHBoxLayout()
        head.setSpacing(SPACE.s)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(title)
        words.addWidget(help_)
        head.addLayout(words, 1)
        if isinstance(field, TextField):
            head.addWidget(reset, 0, Qt.AlignmentFlag.AlignTop)
            column.addLayout(head)
            column.addWidget(field)
        else:
            head.addWidget(reset, 0, Qt.AlignmentFlag.AlignVCenter)
            head.addWidget(field, 0, Qt.AlignmentFlag.AlignVCenter)
            column.addLayout(head)
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


def _make_field(name: str, about: Any, default: Any) -> Field:
    """The field that fits the setting's type."""
    title = tr(about.title)
    if about.choices:
        return ChoiceField(title, about.choices)
    if isinstance(default, bool):
        return SwitchField(title)
    if isinstance(default, int):
        zero = ZERO_MEANS.get(name, "")
        return NumberField(title, int(about.least), int(about.most), tr(zero) if zero else "")
    if isinstance(default, float):
        return FractionField(title, about.least, about.most)
    return TextField(title)
