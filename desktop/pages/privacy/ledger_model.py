"""The network ledger as a table: a line for each connection, the newest first."""

from datetime import datetime
from typing import Any

from PySide6.QtCore import QDateTime, QLocale, Qt

from desktop.theme import colour
from desktop.widgets.amounts import size_text
from desktop.widgets.table import Index, TableModel
from desktop.widgets.wall_words import kind_words
from desktop.words import later, tr
from engine.network import Connection, Outcome

TITLES = (
    later("When"), later("To"), later("What for"), later("Sent"), later("Received"), later("By"), later("How it ended"),
)  # fmt: skip
ERRAND = 2
OUTCOMES = {
    Outcome.OPEN: later("still open"),
    Outcome.CLOSED: later("in order"),
    Outcome.FAILED: later("never came about"),
    Outcome.BROKEN: later("broke off"),
    Outcome.CUT: later("cut off with its process"),
    Outcome.BLOCKED: later("refused here"),
}
ERRANDS = {"search": later("Search: {what}"), "catalogue": later("Sizes: {what}")}  # those that fetched no file
HTTPS = 443  # the port that goes without saying


class LedgerModel(TableModel[Connection]):
    """Shows `Connection`s."""

    titles = TITLES
    figures = (3, 4)

    def cells(self, line: Connection) -> tuple[str, ...]:
        """What stands in a line, column by column."""
        errand = line.what.rsplit("/", 1)[-1] if line.why else tr("nothing you asked for")
        if line.why in ERRANDS:
            errand = tr(ERRANDS[line.why], what=line.what)
        host = line.host or tr("not said ({channel})", channel=line.channel)
        if line.port not in (0, HTTPS):
            host = f"{host}:{line.port}"
        return (
            moment_text(line.began_at), host, errand, size_text(line.sent_bytes), size_text(line.received_bytes),
            kind_words(line.process), tr(OUTCOMES[line.outcome]),
        )  # fmt: skip

    def tooltip(self, line: Connection) -> str:
        """All of it, and what was fetched."""
        return "\n".join([*self.named(line), line.what] if line.what else self.named(line))

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Qt's question."""
        if role == Qt.ItemDataRole.ForegroundRole and self.lines[index.row()].outcome is Outcome.BLOCKED:
            return colour("warn")
        return super().data(index, role)


def moment_text(moment: str) -> str:
    """A moment of the store as this computer's clock and language write it."""
    seconds = round(datetime.fromisoformat(moment).timestamp())
    return QLocale().toString(QDateTime.fromSecsSinceEpoch(seconds), QLocale.FormatType.ShortFormat)
