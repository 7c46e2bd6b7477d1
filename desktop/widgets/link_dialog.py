"""Asks before a link in a text is opened: shows the whole address, and copies it by default.

A link in an answer may carry words of a document out to its host, so nothing is opened, fetched
or resolved before the person has seen where it leads. Only http and https can be opened.
"""

from PySide6.QtCore import QUrl, QUrlQuery, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from desktop.plain import PlainLabel
from desktop.widgets.row_paint import scaled
from desktop.words import tr
from engine.unseen import visible

OPENABLE = ("http", "https")


def can_open(address: str) -> bool:
    """Whether the address is one that a browser may be asked to show."""
    url = QUrl(address, QUrl.ParsingMode.StrictMode)
    return url.isValid() and url.scheme().lower() in OPENABLE and bool(url.host())


def host_text(address: str) -> str:
    """The host as browsers ask for it, in ASCII, and beside it how it is written where that differs.

    Letters of other scripts may look like others: аpple.com with a Cyrillic а is xn--pple-43d.com.
    """
    url = QUrl(address)
    asked, written = url.host(QUrl.ComponentFormattingOption.FullyEncoded), url.host()
    return asked if asked == written else f"{asked}  ({visible(written)})"


def carried(address: str) -> str:
    """What the address tells its host beyond the page's name, decoded, one part a line; empty for nothing."""
    url, decoded = QUrl(address), QUrl.ComponentFormattingOption.FullyDecoded
    parts = [f"{name} = {value}" for name, value in QUrlQuery(url).queryItems(decoded)]
    if url.path(decoded) != url.path(QUrl.ComponentFormattingOption.FullyEncoded):
        parts.insert(0, url.path(decoded))
    if url.userInfo():
        parts.insert(0, url.userInfo() + "@")
    return visible("\n".join([*parts, *filter(None, [url.fragment(decoded)])]))


class LinkDialog(QDialog):
    """One address, with Copy as the answer to Enter."""

    def __init__(self, address: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.address = address
        self.setWindowTitle(tr("Link in the text"))
        web = can_open(address)
        kinds = tr("This link leads out of Hanare, to this host:"), tr("Hanare does not open links of this kind.")
        self.told = PlainLabel(kinds[0] if web else kinds[1], wordWrap=True)
        self.host = PlainLabel(host_text(address) if web else "", wordWrap=True)
        self.host.setFont(scaled(self.font(), 1.15, bold=True))
        self.host.setVisible(web)
        self.shown = self._box(visible(address), tr("Address"), lines=4)
        words = carried(address) if web else ""
        self.carries = PlainLabel(tr("It takes these words there:"), wordWrap=True)
        self.carried = self._box(words, tr("Words that go with the link"), lines=3)
        for widget in (self.carries, self.carried):
            widget.setVisible(bool(words))
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
        for widget in (self.told, self.host, self.shown, self.carries, self.carried):
            column.addWidget(widget)
        column.addWidget(buttons)
        self.setMinimumWidth(460)
        self.copy_button.setFocus()
        buttons.accepted.connect(self._copy)
        buttons.rejected.connect(self.reject)
        self.open_button.clicked.connect(self._open)

    def _box(self, text: str, name: str, lines: int) -> QPlainTextEdit:
        box = QPlainTextEdit(text, readOnly=True)
        box.setAccessibleName(name)
        box.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        box.setFixedHeight(self.fontMetrics().lineSpacing() * (lines + 1))
        return box

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.address)
        self.accept()

    @Slot()
    def _open(self) -> None:
        QDesktopServices.openUrl(QUrl(self.address, QUrl.ParsingMode.StrictMode))
        self.accept()
