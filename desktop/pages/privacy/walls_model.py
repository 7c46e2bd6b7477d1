"""The processes and, below each, every way out of it that was tried."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from desktop.theme import colour
from desktop.widgets.wall_words import channel_words, kind_words, open_ways, reach_words, state_words
from desktop.words import later, tr
from engine.walls import Channel, Walls

Index = QModelIndex | QPersistentModelIndex
_NONE = QModelIndex()
_PROCESS = 0  # the inner number of a process's row; a way out carries its process's row + 1
TITLES = (later("Process, and the ways out of it"), later("What came of trying"))


class WallsModel(QAbstractItemModel):
    """Two columns; two levels."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._walls: tuple[Walls, ...] = ()

    @property
    def walls(self) -> tuple[Walls, ...]:
        """What is shown."""
        return self._walls

    def replace(self, walls: Sequence[Walls]) -> None:
        """Show these instead."""
        self.beginResetModel()
        self._walls = tuple(walls)
        self.endResetModel()

    def index(self, row: int, column: int, parent: Index = _NONE) -> QModelIndex:
        """Qt's question."""
        if not self.hasIndex(row, column, parent):
            return QModelIndex()
        return self.createIndex(row, column, parent.row() + 1 if parent.isValid() else _PROCESS)

    def parent(self, index: Index = _NONE) -> Any:  # Qt has two methods of this name; this is the one with an index
        """Qt's question."""
        if not index.isValid() or index.internalId() == _PROCESS:
            return QModelIndex()
        return self.createIndex(int(index.internalId()) - 1, 0, _PROCESS)

    def rowCount(self, parent: Index = _NONE) -> int:
        """Qt's question."""
        if not parent.isValid():
            return len(self._walls)
        if parent.internalId() != _PROCESS or parent.column():
            return 0
        return len(self._walls[parent.row()].channels)

    def columnCount(self, parent: Index = _NONE) -> int:
        """Qt's question."""
        return len(TITLES)

    def headerData(self, section: int, side: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Qt's question."""
        if side == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return tr(TITLES[section])
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Qt's question."""
        if index.internalId() == _PROCESS:
            return self._of_process(self._walls[index.row()], index.column(), role)
        walls = self._walls[int(index.internalId()) - 1]
        return self._of_channel(walls.channels[index.row()], index.column(), role)

    # Its own affairs.

    @staticmethod
    def _of_process(walls: Walls, column: int, role: int) -> Any:
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            if column:
                return state_words(walls)
            text = tr("{process} (ended)") if walls.ended else tr("{process} ({number})")
            return text.format(process=kind_words(walls.kind), number=walls.pid)
        if role == Qt.ItemDataRole.ForegroundRole and column and walls.channels:
            return colour("bad" if open_ways(walls) else "good")
        return None

    @staticmethod
    def _of_channel(way: Channel, column: int, role: int) -> Any:
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return reach_words(way) if column else channel_words(way.name)
        if role == Qt.ItemDataRole.ForegroundRole:
            return colour("bad") if column and not way.holds else colour("faint")
        return None
