"""Tables that are only read: a line for each thing, cells under titles."""

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QHeaderView, QTableView

from desktop.plain import tip
from desktop.words import tr
from engine.unseen import visible

Index = QModelIndex | QPersistentModelIndex
Line = TypeVar("Line")
_NONE = QModelIndex()


class TableModel(QAbstractTableModel, Generic[Line]):
    """Shows lines. Which columns there are, and what stands in them, its kinds say."""

    titles: Sequence[str] = ()
    figures: Sequence[int] = ()  # the columns that are numbers

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.lines: tuple[Line, ...] = ()

    def replace(self, lines: Sequence[Line]) -> None:
        """Show these instead."""
        self.beginResetModel()
        self.lines = tuple(lines)
        self.endResetModel()

    def cells(self, line: Line) -> Sequence[str]:
        """What stands in a line, column by column."""
        raise NotImplementedError

    def tooltip(self, line: Line) -> str:
        """What is told of a line under the pointer."""
        raise NotImplementedError

    def named(self, line: Line) -> list[str]:
        """The cells of a line, each behind its title."""
        return [f"{tr(title)}: {cell}" for title, cell in zip(self.titles, self.cells(line), strict=True)]

    def rowCount(self, parent: Index = _NONE) -> int:
        """Qt's question."""
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: Index = _NONE) -> int:
        """Qt's question."""
        return 0 if parent.isValid() else len(self.titles)

    def headerData(self, section: int, side: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Qt's question."""
        if side == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return tr(self.titles[section])
        if side == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole:
            return self._side(section)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Qt's question."""
        line = self.lines[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return visible(self.cells(line)[index.column()])
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip(self.tooltip(line))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._side(index.column())
        return None

    def _side(self, column: int) -> int:
        side = Qt.AlignmentFlag.AlignRight if column in self.figures else Qt.AlignmentFlag.AlignLeft
        return int(side | Qt.AlignmentFlag.AlignVCenter)


def table_view(model: QAbstractTableModel, name: str, stretched: int) -> QTableView:
    """A table of `model`, a row at a time; `name` is what a screen reader calls it, one column takes the room left."""
    table = QTableView()
    table.setModel(model)
    table.setAccessibleName(name)
    table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QTableView.SelectionMode.SingleSelection)
    table.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
    table.setTabKeyNavigation(False)
    table.setWordWrap(False)
    table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
    table.setShowGrid(False)
    for header in (table.horizontalHeader(), table.verticalHeader()):
        header.setAccessibleName(tr("Headings of the table"))
    table.verticalHeader().hide()
    table.horizontalHeader().setHighlightSections(False)
    table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    table.horizontalHeader().setSectionResizeMode(stretched, QHeaderView.ResizeMode.Stretch)
    return table
