"""What leaves this computer: what uses the network, and the ledger of every connection."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QPushButton, QWidget

from desktop.pages.privacy.ledger_model import ERRAND, LedgerModel
from desktop.plain import PlainLabel
from desktop.theme import SPACE, icon
from desktop.widgets.amounts import count_text, size_text
from desktop.widgets.card import Card
from desktop.widgets.table import table_view
from desktop.words import tr
from engine.network import Connection, Totals

TABLE_PX = 190


class LeavingCard(Card):
    """Says it in words, sums the ledger up and shows its lines."""

    save_requested = Signal(object)  # the Path chosen

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("What leaves this computer"), parent)
        self.words = PlainLabel(
            tr("The network is used to find and download models, and only when you ask for it. Sent are the words that "
               "you search for, the names of the repository and of the file, and an access token if you give one. What "
               "you write in chats, your documents and the answers are never sent; there is no telemetry, no account "
               "and no update check."),
            wordWrap=True,
        )  # fmt: skip
        self.totals = PlainLabel(wordWrap=True)
        self.totals.setProperty("role", "strong")
        self.save = QPushButton(icon("download"), tr("Save the list…"))
        self.save.clicked.connect(self._ask_where)
        self._lines = LedgerModel(self)
        self.table = table_view(self._lines, tr("Every connection"), ERRAND)
        self.table.setMinimumHeight(TABLE_PX)
        head = QHBoxLayout()
        head.setSpacing(SPACE.m)
        head.addWidget(self.totals, 1)
        head.addWidget(self.save, 0, Qt.AlignmentFlag.AlignTop)
        self.column.addWidget(self.words)
        self.column.addLayout(head)
        self.column.addWidget(self.table)

    def show_ledger(self, lines: Sequence[Connection], totals: Totals) -> None:
        """Show every connection and what they come to."""
        self._lines.replace(lines)
        self.table.setVisible(bool(lines))
        self.save.setVisible(bool(lines))
        self.totals.setText(_totals_words(totals) if lines else tr("Hanare has made no connection yet."))

    # Its own affairs.

    def _ask_where(self) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self, tr("Save the list of connections"), "hanare-connections.csv", tr("Table (*.csv);;JSON (*.json)")
        )
        if name:
            self.save_requested.emit(Path(name))


def _totals_words(totals: Totals) -> str:
    made = totals.connections
    parts = [
        tr("1 connection") if made == 1 else tr("{count} connections", count=count_text(made)),
        tr("to 1 host") if totals.hosts == 1 else tr("to {count} hosts", count=count_text(totals.hosts)),
        tr("{size} sent", size=size_text(totals.sent_bytes)),
        tr("{size} received", size=size_text(totals.received_bytes)),
    ]
    if totals.blocked:
        many = tr("{count} attempts refused", count=count_text(totals.blocked))
        parts.append(tr("1 attempt refused") if totals.blocked == 1 else many)
    return " · ".join(parts)
