"""What each process can do, tried now: the card behind the badge in the status bar."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QHeaderView, QPushButton, QTreeView, QWidget

from desktop.pages.privacy.walls_model import WallsModel
from desktop.plain import PlainLabel
from desktop.theme import SPACE, icon, restyle
from desktop.widgets.card import Card
from desktop.widgets.wall_words import badge_words, half_words, unheard_words
from desktop.words import tr
from engine.walls import Walls

MOST_PX = 330


class WallsCard(Card):
    """A tree of processes and ways out, which half of the walls holds, and "Measure again"."""

    measure_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("What every process can do"), parent,
            about=tr("Every way out of every process of Hanare that runs now has been tried. Nothing here is a "
                     "setting: it is what the operating system answered."),
        )  # fmt: skip
        self.verdict = PlainLabel(wordWrap=True)
        self.verdict.setProperty("role", "strong")
        self.half = PlainLabel(wordWrap=True)
        self.half.setProperty("role", "small")
        self.environment = PlainLabel(wordWrap=True)
        self.environment.hide()
        self._rows = WallsModel(self)
        self.tree = QTreeView()
        self.tree.setModel(self._rows)
        self.tree.setAccessibleName(tr("What every process can do"))
        self.tree.header().setAccessibleName(tr("Headings of the table"))
        self.tree.setUniformRowHeights(True)
        self.tree.expanded.connect(self._fit_tree)
        self.tree.collapsed.connect(self._fit_tree)
        self.tree.setEditTriggers(QTreeView.EditTrigger.NoEditTriggers)
        self.tree.setTabKeyNavigation(False)
        self.tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.tree.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.tree.header().setStretchLastSection(False)
        self.again = QPushButton(icon("refresh"), tr("Measure again"))
        self.again.clicked.connect(self.measure_requested)
        self.setFocusProxy(self.again)
        head = QHBoxLayout()
        head.setSpacing(SPACE.m)
        head.addWidget(self.verdict, 1)
        head.addWidget(self.again, 0, Qt.AlignmentFlag.AlignTop)
        self.column.addLayout(head)
        self.column.addWidget(self.half)
        self.column.addWidget(self.environment)
        self.column.addWidget(self.tree)

    def show_walls(self, walls: Sequence[Walls]) -> None:
        """Show what was just measured; what was unfolded stays so."""
        unfolded = {
            self._rows.walls[row].pid
            for row in range(self._rows.rowCount())
            if self.tree.isExpanded(self._rows.index(row, 0))
        }
        self._rows.replace(walls)
        for row, each in enumerate(walls):
            if each.pid in unfolded:
                self.tree.expand(self._rows.index(row, 0))
        words, tone = badge_words(walls)
        self.verdict.setText(words)
        restyle(self.verdict, tone or "good")
        halves = [half_words(walls[0]), unheard_words(walls)] if walls else []
        self.half.setText(" ".join(filter(None, halves)))
        self._fit_tree()

    def show_environment(self, taken: Sequence[str], held: Sequence[str]) -> None:
        """Which variables were taken out of the environment at the start, and which had worked already."""
        if held:
            words = tr(
                "Foreign code may be in this window: it was put there before Hanare began, by {names}. Start Hanare "
                "without it.", names=", ".join(held),
            )  # fmt: skip
        else:
            words = tr(
                "Taken out of the environment at the start, because it could load foreign code or show what Hanare "
                "does: {names}", names=", ".join(taken),
            )  # fmt: skip
        self.environment.setText(words)
        restyle(self.environment, "warn" if held else "small")
        self.environment.setVisible(bool(taken))

    # Its own affairs.

    def _fit_tree(self) -> None:
        """As tall as its rows, up to where it scrolls."""
        rows, index = 0, self._rows.index(0, 0)
        while index.isValid():
            rows, index = rows + 1, self.tree.indexBelow(index)
        row_px = self.tree.rowHeight(self._rows.index(0, 0)) or self.tree.fontMetrics().height() + 2 * SPACE.s
        height = self.tree.header().sizeHint().height() + rows * row_px + SPACE.s
        self.tree.setFixedHeight(min(MOST_PX, height))
