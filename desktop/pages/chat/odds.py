"""How likely each token of an answer was to the model, and what was likeliest in its place.

Asked for by a setting, shown in a table that unfolds under the answer, and held in memory only.
"""

import math
from collections import OrderedDict
from collections.abc import Sequence

from PySide6.QtCore import QSize, Slot
from PySide6.QtWidgets import QToolButton, QVBoxLayout, QWidget

from desktop.theme import icon
from desktop.widgets.table import TableModel, table_view
from desktop.words import later, number_text, tr
from engine.sampling import Odds

ICON_PX, MOST_PX = 16, 260
MOST_ANSWERS = 32  # whose tokens are held, the last ones
_SHOWN = str.maketrans({" ": "·", "\n": "↵", "\t": "→"})  # what would not be seen in a cell


def percent_text(log_probability: float) -> str:
    """A probability from its natural logarithm."""
    share = 100 * math.exp(min(0.0, log_probability))
    return tr("{percent} %", percent=number_text(share, 1 if share >= 0.1 or not share else 3))


class OddsModel(TableModel[Odds]):
    """A line for each token."""

    titles = (later("Token"), later("Probability"), later("Likeliest in its place"))
    figures = (1,)

    def cells(self, line: Odds) -> Sequence[str]:
        """What stands in a line."""
        return token_text(line.text), percent_text(line.log_probability), others_text(line)

    def tooltip(self, line: Odds) -> str:
        """All that stood beside it: the cell may be too narrow."""
        return others_text(line)


def token_text(text: str) -> str:
    """A token with its spaces to be seen."""
    return text.translate(_SHOWN)


def others_text(line: Odds) -> str:
    """The likeliest tokens of one place with their probabilities."""
    return "   ".join(f"{token_text(text)} {percent_text(odds)}" for text, odds in line.others)


class TokenOdds(QWidget):
    """The table that `toggle`, which stands among the figures of the answer, unfolds."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.toggle = QToolButton()
        self.toggle.setIcon(icon("text", "faint"))
        self.toggle.setIconSize(QSize(ICON_PX, ICON_PX))
        self.toggle.setAutoRaise(True)
        self.toggle.setCheckable(True)
        self.toggle.setToolTip(tr("How likely each token was"))
        self.toggle.setAccessibleName(tr("How likely each token was"))
        self.model = OddsModel(self)
        self.table = table_view(self.model, tr("How likely each token was"), 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.table)
        self.toggle.toggled.connect(self._unfold)
        self.show_odds(())

    def show_odds(self, odds: Sequence[Odds]) -> None:
        """Show these; nothing where nobody asked for them."""
        self.model.replace(odds)
        lines, head = self.table.verticalHeader().defaultSectionSize() * len(odds), self.table.horizontalHeader()
        self.table.setFixedHeight(min(MOST_PX, head.sizeHint().height() + lines + 2 * self.table.frameWidth()))
        self.toggle.setVisible(bool(odds))
        self._unfold(self.toggle.isChecked())

    @Slot(bool)
    def _unfold(self, shown: bool) -> None:
        self.setVisible(shown and bool(self.model.lines))


class OddsHeld:
    """The odds of the last answers, by the ids of their messages."""

    def __init__(self) -> None:
        self._held: OrderedDict[int, list[Odds]] = OrderedDict()

    def add(self, message_id: int, odds: Odds) -> None:
        """One token more of an answer that is being written."""
        self._held.setdefault(message_id, []).append(odds)
        while len(self._held) > MOST_ANSWERS:
            self._held.popitem(last=False)

    def of(self, message_id: int) -> Sequence[Odds]:
        """Those of an answer; none where they were not asked for, or are gone."""
        return self._held.get(message_id, ())
