"""The text of one page with the passage highlighted, as plain text that loads nothing."""

from PySide6.QtCore import QEvent
from PySide6.QtGui import QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QWidget

from desktop.theme import BODY_PX, body_font, colour
from desktop.widgets.passage_text import qt_offset
from desktop.words import tr
from engine.unseen import visible_at

TAB_EM = 10  # the columns of a table are apart by tabs; most cells are narrower


class PageText(QPlainTextEdit):
    """Read only; the passage is marked and in sight."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._passage = QTextCursor(self.document())
        self.setReadOnly(True)
        self.setAccessibleName(tr("Text of the page"))
        self.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.document().setDocumentMargin(24)
        self.setProperty("role", "bare")
        self.zoom_to(1.0)

    @property
    def highlighted(self) -> str:
        """The words of the passage."""
        return self._passage.selection().toPlainText()

    def show_text(self, text: str, start: int, end: int) -> None:
        """Show a page's text with `text[start:end]` highlighted and scrolled to."""
        text, (start, end) = visible_at(text, (start, max(start, end)))
        self.setPlainText(text)
        self._passage = QTextCursor(self.document())
        self._passage.setPosition(_place(text, start))
        self._passage.setPosition(_place(text, end), QTextCursor.MoveMode.KeepAnchor)
        self._mark()
        self.moveCursor(QTextCursor.MoveOperation.End)  # so that the passage then lands at the top
        here = QTextCursor(self.document())
        here.setPosition(_place(text, start))
        self.setTextCursor(here)
        self.ensureCursorVisible()

    def zoom_to(self, zoom: float) -> None:
        """1.0 is the window's own size of type."""
        pixels = round(BODY_PX * 1.08 * zoom)
        self.setFont(body_font(pixels))
        self.setTabStopDistance(TAB_EM * pixels)

    def changeEvent(self, event: QEvent) -> None:
        """Another theme marks in another colour."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._mark()

    def _mark(self) -> None:
        """Line by line: a mark across line ends would colour empty lines too."""
        look = QTextCharFormat()
        look.setBackground(colour("mark"))
        start, end = self._passage.selectionStart(), self._passage.selectionEnd()
        block, marks = self.document().findBlock(start), []
        while block.isValid() and block.position() < end:
            marked = QTextEdit.ExtraSelection()
            line = QTextCursor(block)
            line.setPosition(max(start, block.position()))
            line.setPosition(min(end, block.position() + block.length() - 1), QTextCursor.MoveMode.KeepAnchor)
            marked.format, marked.cursor = look, line
            marks.append(marked)
            block = block.next()
        self.setExtraSelections([one for one in marks if one.cursor.hasSelection()])


def _place(text: str, offset: int) -> int:
    """Qt counts a line end of two characters as one."""
    return qt_offset(text, offset) - text.count("\r\n", 0, offset)
