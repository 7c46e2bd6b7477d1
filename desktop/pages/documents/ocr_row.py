"""Above the documents: pages that show text only as pictures, how to have them read, and how far that is."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.pages.documents.document_list import pictures_words
from desktop.widgets.amounts import count_text
from desktop.widgets.banner import Banner
from desktop.widgets.progress_row import ProgressRow
from desktop.words import tr
from engine.events import Progressed


class OcrRow(QWidget):
    """Hidden while there is nothing to say."""

    read_requested = Signal()
    stop_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.banner = Banner(icon_name="info")
        self.banner.label.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )  # the command is there to be copied
        self.read = self.banner.add_button(tr("Read by OCR"))
        self.read.clicked.connect(self.read_requested)
        self.progress = ProgressRow(tr("Reading pictures of text"))
        self.progress.stop_requested.connect(self._on_stop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.banner)
        column.addWidget(self.progress)
        self.show_nothing()

    def show_nothing(self) -> None:
        """No page waits."""
        self.hide()

    def show_progress(self, progress: Progressed) -> None:
        """Pages are being read."""
        self.banner.hide()
        if self.progress.isHidden() or self.isHidden():
            self.progress.stop.setEnabled(True)
            self.progress.show()
        self.show()
        if self.progress.stop.isEnabled():
            self.progress.show_progress(progress)

    def show_missing(self, pages: int, command: str) -> None:
        """There is no Tesseract; `command` installs it, "" where nobody knows."""
        self._say(
            tr("{pages}. Tesseract, a free program, can read them on this computer once it is installed: {command}",
               pages=pictures_words(pages), command=command) if command else
            tr("{pages}. Tesseract, a free program, can read them on this computer once it is installed.",
               pages=pictures_words(pages))
        )  # fmt: skip

    def show_no_language(self, pages: int) -> None:
        """Tesseract is there without the data of a language that is wanted."""
        self._say(
            tr("{pages}. Tesseract is installed, but without data for the languages in the settings.",
               pages=pictures_words(pages))
        )  # fmt: skip

    def show_waiting(self, pages: int) -> None:
        """They can be read when the person wants it."""
        self._say(tr("{pages}.", pages=pictures_words(pages)))

    def show_failed(self, pages: int) -> None:
        """These could not be read."""
        one = pages == 1
        self._say(
            tr("1 page could not be read by OCR.") if one
            else tr("{count} pages could not be read by OCR.", count=count_text(pages))
        )  # fmt: skip

    # Its own affairs.

    def _say(self, words: str) -> None:
        self.banner.label.setText(words)
        self.progress.hide()
        self.banner.show()
        self.show()

    def _on_stop(self) -> None:
        self.progress.show_stopping()
        self.stop_requested.emit()
