"""Asks before a link in a text is opened: shows the whole address, and copies it by default.

A link in an answer may carry words of a document out to its host, so nothing is opened, fetched
or resolved before the person has seen where it leads. Only http and https can be opened.
"""

from PySide6.QtCore import Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from desktop.words import tr

OPENABLE = ("http", "https")


def can_open(address: str) -> bool:
    """Whether the address is one that a browser may be asked to show."""
    url = QUrl(address, QUrl.ParsingMode.StrictMode)
    return url.isValid() and url.scheme().lower() in OPENABLE and bool(url.host())


class LinkDialog(QDialog):
    """One address, with Copy as the answer to Enter."""

    def __init__(self, address: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.address = address
        self.setWindowTitle(tr("Link in the text"))
        host = QUrl(address).host()
        if can_open(address):
            told = tr("This link leads out of Hanare, to {host}:", host=host)
        else:
            told = tr("Hanare does not open links of this kind. This is its address:")
        self.told = QLabel(told, textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self.shown = QPlainTextEdit(address, readOnly=True)
        self.shown.setAccessibleName(tr("Address"))
        self.shown.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        self.shown.setFixedHeight(self.fontMetrics().lineSpacing() * 5)
        self.copy_button = QPushButton(tr("Copy address"), default=True)
        self.copy_button.setProperty("role", "primary")
        self.open_button = QPushButton(tr("Open in browser"), autoDefault=False)
        self.open_button.setEnabled(can_open(address))
        self.open_button.setVisible(can_open(address))
        buttons = QDialogButtonBox()
        buttons.addButton(self.copy_button, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(self.open_button, QDialogButtonBox.ButtonRole.ActionRole)
        self.cancel_button = buttons.addButton(tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        self.cancel_button.setAutoDefault(False)
        column = QVBoxLayout(self)
        column.setSpacing(12)
        column.setContentsMargins(20, 20, 20, 16)
        column.addWidget(self.told)
        column.addWidget(self.shown)
        column.addWidget(buttons)
        self.setMinimumWidth(460)
        self.copy_button.setFocus()
        buttons.accepted.connect(self._copy)
        buttons.rejected.connect(self.reject)
        self.open_button.clicked.connect(self._open)

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.address)
        self.accept()

    @Slot()
    def _open(self) -> None:
        QDesktopServices.openUrl(QUrl(self.address, QUrl.ParsingMode.StrictMode))
        self.accept()
