"""Fenced code: its language, the code in a fixed-width font that scrolls sideways, and Copy."""

from PySide6.QtCore import QSize, Qt, QTimer, Slot
from PySide6.QtGui import QColor, QGuiApplication, QPainter, QPaintEvent, QPen, QTextCursor, QWheelEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from desktop.plain import PlainLabel
from desktop.theme import RADIUS, colours, mono_font
from desktop.words import tr
from engine.unseen import visible

COPIED_MS = 1500  # how long the button says that it copied


class CodeBlock(QFrame):
    """One fenced block. `show_code` may be called again and again while it is being written."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.language = PlainLabel()
        self.language.setProperty("role", "faint")
        self.copy_button = QPushButton(tr("Copy"))
        self.copy_button.setProperty("role", "quiet")
        self.copy_button.setAccessibleName(tr("Copy code"))
        self.copy_button.clicked.connect(self._copy)
        self._verbatim = ""
        self._code = _Code()
        self._back = QTimer(self, singleShot=True, interval=COPIED_MS)
        self._back.timeout.connect(self._ask_again)
        head = QHBoxLayout()
        head.setContentsMargins(12, 4, 4, 0)
        head.addWidget(self.language)
        head.addStretch()
        head.addWidget(self.copy_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._code)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def code(self) -> str:
        """The code as it was written, hidden characters and all."""
        return self._verbatim

    def show_code(self, code: str, language: str) -> None:
        """Show `code`; what is only longer than before is appended."""
        self.language.setText(language or tr("code"))
        self._verbatim = code
        self._code.show_code(visible(code))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(colours().line), 1))
        painter.setBrush(QColor(colours().code))
        painter.drawRoundedRect(self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.code)
        self.copy_button.setText(tr("Copied"))
        self._back.start()

    @Slot()
    def _ask_again(self) -> None:
        self.copy_button.setText(tr("Copy"))


class _Code(QPlainTextEdit):
    """The code itself: read only, never wrapped, as tall as its lines."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "bare")
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.viewport().setAutoFillBackground(False)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setAccessibleName(tr("Code"))
        self.document().setDocumentMargin(11)
        self._use_font()
        self.horizontalScrollBar().rangeChanged.connect(self._fit)

    def show_code(self, code: str) -> None:
        shown = self.toPlainText()
        if code == shown:
            return
        if code.startswith(shown):
            cursor = QTextCursor(self.document())
            cursor.movePosition(QTextCursor.MoveOperation.End)
            cursor.insertText(code[len(shown) :])
        else:
            self.setPlainText(code)
        self._fit()

    def sizeHint(self) -> QSize:
        return QSize(320, self.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(80, 1)

    def wheelEvent(self, event: QWheelEvent) -> None:
        sideways = abs(event.angleDelta().x()) > abs(event.angleDelta().y())
        if sideways or event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            super().wheelEvent(event)
        else:
            event.ignore()  # the page scrolls

    def _use_font(self) -> None:
        self.setFont(mono_font())
        self.setTabStopDistance(self.fontMetrics().horizontalAdvance(" ") * 4)
        self._fit()

    @Slot()
    def _fit(self) -> None:
        bar = self.horizontalScrollBar()
        height = self.blockCount() * self.fontMetrics().lineSpacing() + 2 * self.document().documentMargin() + 2
        if bar.maximum() > bar.minimum():
            height += bar.sizeHint().height()
        self.setFixedHeight(int(height))
