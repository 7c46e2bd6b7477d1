"""A passage as a card: a quote that answers, or a numbered source under a written answer."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desktop.plain import PlainLabel
from desktop.theme import SPACE, restyle
from desktop.widgets.elided_label import ElidedLabel
from desktop.widgets.markdown_marks import is_markdown, without_marks
from desktop.widgets.passage_text import snippet
from desktop.widgets.places import place_text
from desktop.words import tr
from engine.types import Quote, Source

SOURCE_CHARACTERS = 280


class PassageCard(QFrame):
    """Shows `words`, and the file and page they stand in; Open leads there."""

    source_requested = Signal(object)

    def __init__(self, source: Source, words: str, number: int | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.source = source
        self.setProperty("role", "card")
        self.words = PlainLabel(words)
        self.words.setWordWrap(True)
        self.words.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.words.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        place = place_text(source)
        self.place = ElidedLabel(place, Qt.TextElideMode.ElideMiddle)
        self.place.setProperty("role", "faint")
        self.open = QPushButton(tr("Open"))
        self.open.setProperty("role", "link")
        self.open.setAccessibleName(tr("Open {place}", place=place))
        self.open.clicked.connect(self._on_open)
        foot = QHBoxLayout()
        foot.setSpacing(SPACE.s)
        if number is not None:
            badge = PlainLabel(str(number))
            badge.setProperty("role", "chip")
            badge.setProperty("tone", "accent")
            foot.addWidget(badge)
        foot.addWidget(self.place, 1)
        foot.addWidget(self.open)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE.l, SPACE.m, SPACE.m, SPACE.m)
        column.setSpacing(SPACE.s)
        column.addWidget(self.words)
        column.addLayout(foot)
        if number is not None:  # a source stands under its number, a quote above its place
            column.removeItem(foot)
            column.insertLayout(0, foot)
            self.words.setProperty("role", "faint")

    @classmethod
    def of_quote(cls, quote: Quote) -> "PassageCard":
        """A sentence copied word for word."""
        card = cls(quote.source, quote.text.strip())
        card.place.setAccessibleName(tr("Quoted from {place}", place=place_text(quote.source)))
        return card

    @classmethod
    def of_source(cls, source: Source) -> "PassageCard":
        """A passage the answer was written from."""
        text = without_marks(source.text)[0] if is_markdown(source.path) else source.text
        return cls(source, snippet(text, most=SOURCE_CHARACTERS).text, source.number)

    def show_cited(self, cited: bool) -> None:
        """Whether it is the one just asked for."""
        self.setProperty("tone", "accent" if cited else "")
        restyle(self, "card")

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A double click opens it, as in the list of results."""
        event.accept()
        self._on_open()

    def _on_open(self) -> None:
        self.source_requested.emit(self.source)
