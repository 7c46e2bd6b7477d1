"""How the results of a search were found, as a table: a line for each result, best first."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QHeaderView, QTableView

from desktop.pages.documents.hit_list import place_words
from desktop.plain import tip
from desktop.widgets.places import place_name
from desktop.words import later, number_text, tr
from engine.types import Found, Given
from engine.unseen import visible

Index = QModelIndex | QPersistentModelIndex
_NONE = QModelIndex()
NAME, REORDERED, GIVEN = 1, 4, 5
TITLES = (
    later("Place"), later("File"), later("By words"), later("By meaning"), later("Reordered"), later("In the answer"),
)  # fmt: skip
OUTCOMES = {
    Given.GIVEN: later("read by the model"),
    Given.NO_ROOM: later("no room"),
    Given.FURTHER: later("too far down"),
}


class FoundTable(QAbstractTableModel):
    """Shows `Found`s."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._found: tuple[Found, ...] = ()

    @property
    def found(self) -> tuple[Found, ...]:
        """All lines."""
        return self._found

    def replace(self, found: Sequence[Found]) -> None:
        """Show these instead."""
        self.beginResetModel()
        self._found = tuple(found)
        self.endResetModel()

    def rowCount(self, parent: Index = _NONE) -> int:
        """Qt's question."""
        return 0 if parent.isValid() else len(self._found)

    def columnCount(self, parent: Index = _NONE) -> int:
        """Qt's question."""
        return 0 if parent.isValid() else len(TITLES)

    def headerData(self, section: int, side: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Qt's question."""
        if side == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return tr(TITLES[section])
        if side == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Qt's question."""
        found = self._found[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return visible(_cells(found)[index.column()])
        if role == Qt.ItemDataRole.ToolTipRole:
            cells = [f"{tr(title)}: {cell}" for title, cell in zip(TITLES, _cells(found), strict=True) if cell]
            return tip("\n".join([*cells, "", found.hit.passage.text[:400]]))
        return None


def found_view(model: FoundTable) -> QTableView:
    """A table that shows it, a row at a time."""
    table = QTableView()
    table.setModel(model)
    table.setAccessibleName(tr("How each result was found"))
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
    table.horizontalHeader().setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
    return table


def _cells(found: Found) -> tuple[str, ...]:
    hit = found.hit
    place = place_name(hit.passage.place)
    name = hit.passage.path.name
    return (
        number_text(hit.rank),
        tr("{file}, {place}", file=name, place=place) if place else name,
        _ranked(hit.word_rank, found.word_score, 1),
        _ranked(hit.meaning_rank, found.cosine, 2),
        place_words(hit.reordered_rank) if hit.reordered_rank else "",
        tr(OUTCOMES[found.given]) if found.given else "",
    )


def _ranked(rank: int | None, score: float | None, digits: int) -> str:
    """ "3rd · 0.52"; the figure alone where it was not found in this way."""
    parts = [place_words(rank) if rank else "–", number_text(score, digits) if score is not None else ""]
    return " · ".join(filter(None, parts))
