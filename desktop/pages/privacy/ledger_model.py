"""The network ledger as a table: a line for each connection, the newest first."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QDateTime, QLocale, QModelIndex, QObject, QPersistentModelIndex, Qt

from desktop.plain import tip
from desktop.theme import colour
from desktop.widgets.amounts import size_text
from desktop.widgets.wall_words import kind_words
from desktop.words import later, tr
from engine.network import Connection, Outcome
from engine.unseen import visible

Index = QModelIndex | QPersistentModelIndex
_NONE = QModelIndex()
TITLES = (
    later("When"), later("To"), later("What for"), later("Sent"), later("Received"), later("By"), later("How it ended"),
)  # fmt: skip
ERRAND = 2
FIGURES = (3, 4)  # the columns that are numbers
OUTCOMES = {
    Outcome.OPEN: later("still open"),
    Outcome.CLOSED: later("in order"),
    Outcome.FAILED: later("never came about"),
    Outcome.BROKEN: later("broke off"),
    Outcome.CUT: later("cut off with its process"),
    Outcome.BLOCKED: later("refused here"),
}
HTTPS = 443  # the port that goes without saying


class LedgerModel(QAbstractTableModel):
    """Shows `Connection`s."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lines: tuple[Connection, ...] = ()

    def replace(self, lines: Sequence[Connection]) -> None:
        """Show these instead."""
        self.beginResetModel()
        self._lines = tuple(lines)
        self.endResetModel()

    def rowCount(self, parent: Index = _NONE) -> int:
        """Qt's question."""
        return 0 if parent.isValid() else len(self._lines)

    def columnCount(self, parent: Index = _NONE) -> int:
        """Qt's question."""
        return 0 if parent.isValid() else len(TITLES)

    def headerData(self, section: int, side: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Qt's question."""
        if side == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return tr(TITLES[section])
        if side == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole:
            return int(_side(section) | Qt.AlignmentFlag.AlignVCenter)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Qt's question."""
        line = self._lines[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return visible(_cells(line)[index.column()])
        if role == Qt.ItemDataRole.ToolTipRole:
            cells = [f"{tr(title)}: {cell}" for title, cell in zip(TITLES, _cells(line), strict=True)]
            return tip("\n".join([*cells, line.what] if line.what else cells))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(_side(index.column()) | Qt.AlignmentFlag.AlignVCenter)
        if role == Qt.ItemDataRole.ForegroundRole and line.outcome is Outcome.BLOCKED:
            return colour("warn")
        return None


def _cells(line: Connection) -> tuple[str, ...]:
    errand = line.what.rsplit("/", 1)[-1] if line.why else tr("nothing you asked for")
    host = line.host or tr("not said ({channel})", channel=line.channel)
    if line.port not in (0, HTTPS):
        host = f"{host}:{line.port}"
    return (
        moment_text(line.began_at), host, errand, size_text(line.sent_bytes), size_text(line.received_bytes),
        kind_words(line.process), tr(OUTCOMES[line.outcome]),
    )  # fmt: skip


def moment_text(moment: str) -> str:
    """A moment of the store as this computer's clock and language write it."""
    seconds = round(datetime.fromisoformat(moment).timestamp())
    return QLocale().toString(QDateTime.fromSecsSinceEpoch(seconds), QLocale.FormatType.ShortFormat)


def _side(column: int) -> Qt.AlignmentFlag:
    return Qt.AlignmentFlag.AlignRight if column in FIGURES else Qt.AlignmentFlag.AlignLeft
