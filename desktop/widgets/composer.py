"""Where the person writes: grows with the text, Enter sends, Shift+Enter begins a new line; pictures above the text."""

from collections.abc import Sequence

from PySide6.QtCore import QMimeData, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QFrame, QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from desktop.plain import PlainLabel
from desktop.theme import SPACE, colour, icon
from desktop.widgets.picture_data import holds_pictures, picture_bytes, picture_paths
from desktop.widgets.picture_tile import PictureRow
from desktop.words import tr
from engine.types import Picture

MOST_LINES = 9
RADIUS_PX = 14


class Composer(QFrame):
    """Emits `send_requested` with the trimmed text and keeps it until it is written over."""

    send_requested = Signal(str)
    stop_requested = Signal()
    attach_requested = Signal()
    pictures_dropped = Signal(object)  # list[Path]
    picture_pasted = Signal(object)  # bytes
    picture_opened = Signal(object)  # Picture

    def __init__(self, placeholder: str, send_text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._busy = False
        self._pictures: tuple[Picture, ...] = ()
        self._send_text = send_text
        self.box = _Box(self)
        self.box.setPlaceholderText(placeholder)
        self.box.setAccessibleName(placeholder)
        self.picture_row = PictureRow(removable=True)
        self.picture_row.removed.connect(self._take_away)
        self.picture_row.opened.connect(self.picture_opened)
        self.hint = PlainLabel(tr("Enter sends, Shift+Enter begins a new line"))
        self.hint.setProperty("role", "small")
        self.button = QPushButton()
        self.button.setProperty("role", "primary")
        self._row = QHBoxLayout()
        self._row.setContentsMargins(SPACE.xs, 0, 0, 0)
        self._row.addWidget(self.hint, 1)
        self._row.addWidget(self.button)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE.m, SPACE.s, SPACE.s, SPACE.s)
        column.setSpacing(SPACE.xs)
        column.addWidget(self.picture_row)
        column.addWidget(self.box)
        column.addLayout(self._row)
        self.button.clicked.connect(self._on_button)
        self.box.entered.connect(self._send)
        self.box.focus_changed.connect(self.update)
        self.box.textChanged.connect(self._show_button)
        self.show_busy(False)

    @property
    def text(self) -> str:
        """What stands in the box."""
        return self.box.toPlainText()

    def write(self, text: str) -> None:
        """Put `text` in the box, the cursor after it."""
        self.box.setPlainText(text)
        self.box.moveCursor(self.box.textCursor().MoveOperation.End)

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """What is to be shown with the text."""
        return self._pictures

    def show_pictures(self, pictures: Sequence[Picture]) -> None:
        """These are to be shown with the text."""
        self._pictures = tuple(pictures)
        self.picture_row.show_pictures(self._pictures)
        self._show_button()

    def allow_pictures(self) -> None:
        """Offer to attach pictures, and take those that are pasted or dropped."""
        attach = QPushButton(icon("picture"), "")
        attach.setProperty("role", "quiet")
        attach.setAccessibleName(tr("Attach pictures"))
        attach.setToolTip(tr("Attach pictures (Ctrl+Shift+A); pasting and dropping them works too"))
        attach.clicked.connect(self.attach_requested)
        self.attach = attach
        self.add_button(attach)
        self.box.takes_pictures = True
        self.box.dropped.connect(self.pictures_dropped)
        self.box.pasted.connect(self.picture_pasted)

    def takes(self, data: QMimeData) -> bool:
        """Whether there are pictures in what is held over or pasted, and they may be attached."""
        return self.box.takes_pictures and holds_pictures(data)

    def take(self, data: QMimeData) -> None:
        """Have the pictures in `data` attached, as if they had been dropped on the box."""
        self.box.insertFromMimeData(data)
        self.box.setFocus()

    @Slot()
    def paste(self) -> None:
        """Put what is on the clipboard here, wherever the keyboard was."""
        self.box.setFocus()
        self.box.paste()

    def add_button(self, button: QAbstractButton) -> None:
        """One more button, before Send."""
        self._row.insertWidget(1, button)

    def show_busy(self, busy: bool) -> None:
        """While an answer is being written the button is Stop; typing goes on."""
        self._busy = busy
        self.button.setText(tr("Stop") if busy else self._send_text)
        self.button.setIcon(icon("stop" if busy else "send", "on_accent"))
        self.button.setToolTip(tr("Stop the answer (Esc)") if busy else tr("{action} (Enter)", action=self._send_text))
        self._show_button()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        focused = self.box.hasFocus()
        width = 2.0 if focused else 1.0
        painter.setPen(QPen(colour("accent" if focused else "edge"), width))
        painter.setBrush(colour("panel"))
        inset = width / 2
        painter.drawRoundedRect(self.rect().toRectF().adjusted(inset, inset, -inset, -inset), RADIUS_PX, RADIUS_PX)

    @Slot()
    def _on_button(self) -> None:
        if self._busy:
            self.stop_requested.emit()
        else:
            self._send()

    @Slot()
    def _send(self) -> None:
        text = self.text.strip()
        if not self._busy and (text or self._pictures):
            self.send_requested.emit(text)

    @Slot()
    def _show_button(self) -> None:
        self.button.setEnabled(self._busy or bool(self.text.strip() or self._pictures))

    @Slot(object)
    def _take_away(self, picture: Picture) -> None:
        self.show_pictures([one for one in self._pictures if one is not picture])
        self.box.setFocus()


class _Box(QPlainTextEdit):
    """The text itself, one to `MOST_LINES` lines tall."""

    entered = Signal()
    focus_changed = Signal()
    dropped = Signal(object)
    pasted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.takes_pictures = False
        self.setProperty("role", "bare")
        self.setTabChangesFocus(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._fit)
        self.textChanged.connect(self._soon.start)
        self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and plain:
            self.entered.emit()
            return
        super().keyPressEvent(event)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return (self.takes_pictures and holds_pictures(source)) or super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        if not (self.takes_pictures and holds_pictures(source)):
            super().insertFromMimeData(source)
        elif paths := picture_paths(source):
            self.dropped.emit(paths)
        else:
            self.pasted.emit(picture_bytes(source))

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focus_changed.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.focus_changed.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._lines() <= MOST_LINES:
            self.verticalScrollBar().setValue(0)  # all of it has room; growing came after the scrolling
        self._soon.start()

    def _lines(self) -> int:
        return max(1, round(self.document().documentLayout().documentSize().height()))

    @Slot()
    def _fit(self) -> None:
        lines = self._lines()
        shown = min(lines, MOST_LINES)
        full = lines > MOST_LINES
        policy = Qt.ScrollBarPolicy.ScrollBarAsNeeded if full else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self.setVerticalScrollBarPolicy(policy)
        self.setFixedHeight(round(shown * self.fontMetrics().lineSpacing() + 2 * self.document().documentMargin() + 4))
