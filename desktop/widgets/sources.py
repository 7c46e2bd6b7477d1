"""The numbered sources of an answer: a row of small buttons, and a card with the passage.

The card shows file, place and passage of one source and offers to open it at its place.
"""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from desktop.plain import PlainLabel, caption, tip
from desktop.widgets.flow import Flow
from desktop.widgets.places import place_text, short_place
from desktop.words import tr
from engine.types import Source
from engine.unseen import visible

CARD_PX = 420
NAME_CHARS = 34


class SourceRow(QWidget):
    """One button for each source; a click opens its card above the button."""

    source_requested = Signal(object)  # Source: show it in the viewer

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sources: tuple[Source, ...] = ()
        self.buttons: list[QPushButton] = []
        self.card: SourceCard | None = None
        self._flow = Flow(self, gap_px=6)

    def show_sources(self, sources: Sequence[Source]) -> None:
        """Show these instead of what was there."""
        for button in self.buttons:
            self._flow.removeWidget(button)
            button.deleteLater()
        self.sources, self.buttons = tuple(sources), []
        for source in self.sources:
            name = visible(source.path.name)
            short = name if len(name) <= NAME_CHARS else name[: NAME_CHARS - 8] + "…" + name[-7:]
            button = QPushButton(caption(f"{source.number}  {short}{short_place(source)}"))
            button.setProperty("compact", "true")
            button.setCursor(Qt.CursorShape.PointingHandCursor)
            button.setToolTip(tip(str(source.path)))
            button.setAccessibleName(tr("Source {number}: {place}", number=source.number, place=place_text(source)))
            button.setProperty("source", source.number)
            button.clicked.connect(self._on_button)
            self._flow.addWidget(button)
            self.buttons.append(button)
        self.updateGeometry()

    @Slot(int)
    def show_card(self, number: int) -> None:
        """Open the card of source `number`; nothing happens for a number that is not here."""
        for source, button in zip(self.sources, self.buttons, strict=True):
            if source.number == number:
                self.card = SourceCard(source, self)
                self.card.source_requested.connect(self.source_requested)
                self.card.show_at(button)

    @Slot()
    def _on_button(self) -> None:
        self.show_card(self.sender().property("source"))


class SourceCard(QFrame):
    """A passage with where it stands. Closes by itself on a click elsewhere or Esc."""

    source_requested = Signal(object)

    def __init__(self, source: Source, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setProperty("role", "card")
        self._source = source
        place = PlainLabel(f"[{source.number}]  {place_text(source)}", wordWrap=True)
        place.setProperty("role", "subtitle")
        self.passage = PlainLabel(source.text, wordWrap=True)
        self.passage.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.passage.setAlignment(Qt.AlignmentFlag.AlignTop)
        scroll = QScrollArea(widgetResizable=True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setProperty("role", "bare")
        scroll.setWidget(self.passage)
        self.open_button = QPushButton(tr("Open at this page") if source.paged else tr("Open at this passage"))
        self.open_button.setProperty("role", "primary")
        copy = QPushButton(tr("Copy"))
        copy.clicked.connect(self._copy)
        self.open_button.clicked.connect(self._open)
        row = QHBoxLayout()
        row.addStretch()
        row.addWidget(copy)
        row.addWidget(self.open_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 12)
        column.setSpacing(10)
        column.addWidget(place)
        column.addWidget(scroll)
        column.addLayout(row)
        lines = min(12, 2 + len(source.text) // 48)
        scroll.setFixedHeight(lines * self.fontMetrics().lineSpacing() + 8)
        self.setFixedWidth(CARD_PX)

    def show_at(self, anchor: QWidget) -> None:
        """Show above `anchor`, or below where there is no room, within the screen."""
        self.adjustSize()
        corner = anchor.mapToGlobal(QPoint(0, 0))
        screen = anchor.screen().availableGeometry()
        top = corner.y() - self.height() - 6
        if top < screen.top():
            top = corner.y() + anchor.height() + 6
        left = max(screen.left() + 8, min(corner.x(), screen.right() - self.width() - 8))
        self.move(left, top)
        self.show()
        self.open_button.setFocus()

    @Slot()
    def _open(self) -> None:
        self.source_requested.emit(self._source)
        self.close()

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._source.text)
        self.close()
