"""Models that suit this computer: a row for each, with the one button that fetches it."""

from collections.abc import Collection

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from desktop.pages.models.download import DownloadWish
from desktop.pages.models.find_words import BEST, PURPOSES, VERDICTS, languages_text, meaning_words, recommended_words
from desktop.plain import PlainLabel, tip
from desktop.theme import SPACE, icon
from desktop.widgets.card import Card
from desktop.widgets.chip import Chip
from desktop.widgets.flow import Flow
from desktop.words import tr
from engine.types import Purpose, Recommendations, Recommended, Verdict
from engine.unseen import visible


class RecommendedRow(Card):
    """One model: what it is good at, whether it fits, and its button."""

    download_requested = Signal(object)  # a DownloadWish

    def __init__(self, one: Recommended, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.one = one
        name = PlainLabel(one.model.name)
        name.setProperty("role", "strong")
        head = QWidget()
        chips = Flow(head, SPACE.s)
        chips.addWidget(name)
        words, tone = VERDICTS[one.outlook.verdict]
        for chip in [Chip(tr(words), tone), *(Chip(tr(BEST[purpose]), "accent") for purpose in one.best_for)]:
            chip.setToolTip(tip(meaning_words(one.outlook)))
            chips.addWidget(chip)
        strengths = PlainLabel(tr(one.model.strengths), wordWrap=True)
        self.facts = PlainLabel(recommended_words(one), wordWrap=True)
        self.facts.setProperty("role", "small")
        languages = PlainLabel(languages_text(one.model.languages), wordWrap=True)
        languages.setProperty("role", "small")
        column = QVBoxLayout()
        column.setSpacing(SPACE.xs)
        for widget in (head, strengths, self.facts, languages):
            column.addWidget(widget)
        self.go = QPushButton(icon("download", "on_accent" if one.best_for else "text"), tr("Download"))
        if one.best_for:
            self.go.setProperty("role", "primary")
        self.go.setAccessibleDescription(visible(one.model.name))
        self.go.setToolTip(tip(f"{one.model.repository}\n{one.file.name}"))
        self.go.clicked.connect(self._ask)
        self.show_queued(queued=False)
        row = QHBoxLayout()
        row.setSpacing(SPACE.l)
        row.addLayout(column, 1)
        row.addWidget(self.go, 0, Qt.AlignmentFlag.AlignVCenter)
        self.column.addLayout(row)

    def show_queued(self, *, queued: bool) -> None:
        """Whether it is among the downloads now."""
        self.go.setEnabled(not queued and not self.one.here)
        self.go.setText(tr("Here already") if self.one.here else tr("In the downloads") if queued else tr("Download"))

    def _ask(self) -> None:
        self.download_requested.emit(DownloadWish(self.one.model.repository, self.one.file.name))


class RecommendedList(QScrollArea):
    """All of them, or those for one purpose."""

    download_requested = Signal(object)  # a DownloadWish
    refresh_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: list[RecommendedRow] = []
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # what is in it takes the keyboard, and is scrolled to
        sheet = QWidget()
        self._column = QVBoxLayout(sheet)
        self._column.setContentsMargins(0, 0, SPACE.m, 0)
        self._column.setSpacing(SPACE.m)
        heading = PlainLabel(tr("Recommended for this computer"))
        heading.setProperty("role", "heading")
        self.refresh = QPushButton(icon("refresh"), tr("Look up exact sizes"))
        self.refresh.setProperty("role", "quiet")
        self.refresh.setToolTip(
            tr("Asks the hub for the files of every model of this list. Nothing asks it by itself.")
        )
        self.refresh.clicked.connect(self.refresh_requested)
        self.about = PlainLabel("", wordWrap=True)
        self.about.setProperty("role", "faint")
        words = QVBoxLayout()
        words.setSpacing(SPACE.xs)
        words.addWidget(heading)
        words.addWidget(self.about)
        head = QHBoxLayout()
        head.addLayout(words, 1)
        head.addWidget(self.refresh, 0, Qt.AlignmentFlag.AlignTop)
        self._column.addLayout(head)
        self._column.addWidget(self._make_purposes())
        self._column.addStretch(1)
        self.setWidget(sheet)

    def show_queued(self, repositories: Collection[str]) -> None:
        """From which repositories something is among the downloads."""
        for row in self.rows:
            row.show_queued(queued=row.one.model.repository in repositories)

    def show_recommended(self, found: Recommendations) -> None:
        """List these; where the keyboard was on a row, it is on the row of the same model again."""
        focused = next((row.one.model.name for row in self.rows if row.go.hasFocus()), "")
        for row in self.rows:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = [self._row(one) for one in (*found.models, *found.too_big)]
        for at, row in enumerate(self.rows):
            self._column.insertWidget(self._column.count() - 1, row)
            if row.one.model.name == focused:
                row.go.setFocus(Qt.FocusReason.OtherFocusReason)
            QWidget.setTabOrder(self.rows[at - 1].go if at else self._last_purpose, row.go)
        self.about.setText(_about(found))
        self._sift()

    def choose(self, purpose: Purpose) -> None:
        """Show those for a purpose."""
        self.purposes.button(1 + list(Purpose).index(purpose)).setChecked(True)

    # Its own affairs.

    def _make_purposes(self) -> QWidget:
        self.purposes = QButtonGroup(self)
        strip = QWidget()
        line = Flow(strip, SPACE.xs)
        for number, words in enumerate([tr("All"), *(tr(PURPOSES[purpose]) for purpose in Purpose)]):
            button = QPushButton(words)
            button.setCheckable(True)
            button.setProperty("role", "quiet")
            button.setChecked(number == 0)
            self.purposes.addButton(button, number)
            line.addWidget(button)
            self._last_purpose = button
        self.purposes.idToggled.connect(self._sift)
        return strip

    def _row(self, one: Recommended) -> RecommendedRow:
        row = RecommendedRow(one)
        row.download_requested.connect(self.download_requested)
        return row

    def _sift(self) -> None:
        """Show the rows for the purpose that is chosen; what is too big only there, not among all."""
        chosen = self.purposes.checkedId()
        purpose = list(Purpose)[chosen - 1] if chosen > 0 else None
        for row in self.rows:
            if purpose is None:
                row.setVisible(row.one.outlook.verdict is not Verdict.TOO_BIG)
            else:
                row.setVisible(purpose in row.one.model.purposes)


def _about(found: Recommendations) -> str:
    words = [tr("Memory and speed are estimates, without a graphics card.")]
    if found.measured:
        words.append(tr("Speeds follow from answers that were written on this computer."))
    if not found.models:
        words.insert(0, tr("None of the models of this list fits into this computer's memory."))
    return " ".join(words) if found.models or not found.too_big else words[0]
