"""A banner under an answer: a remark on it, or what went wrong with it and the button that helps."""

import math

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QWidget

from desktop.error_text import ErrorText
from desktop.widgets.banner import Banner
from desktop.words import tr


class ProblemBanner(Banner):
    """Shows either; the buttons belong to problems alone."""

    again_requested = Signal()
    anyway_requested = Signal()  # load the model although it does not fit
    shorter_requested = Signal()  # leave out the oldest messages
    more_requested = Signal()  # go on with an answer that was cut
    withheld_requested = Signal()  # show what was written although the documents do not support it

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(icon_name="info", parent=parent)
        self.again = self.add_button(tr("Try again"))
        self.anyway = self.add_button(tr("Load anyway"))
        self.shorter = self.add_button(tr("Leave out the oldest"))
        self.more = self.add_button(tr("Continue"))
        self.withheld = self.add_button(tr("Show what was written"))
        self.shorter.clicked.connect(self.shorter_requested)
        self.more.clicked.connect(self.more_requested)
        self.withheld.clicked.connect(self.withheld_requested)
        self.again.clicked.connect(self.again_requested)
        self.anyway.clicked.connect(self.anyway_requested)
        self._waiting = QTimer(self, singleShot=True)
        self._waiting.setTimerType(Qt.TimerType.PreciseTimer)  # the usual one may come a twentieth too early
        self._waiting.timeout.connect(lambda: self.again.setEnabled(True))
        self._offer("", 0.0)

    def show_remark(self, words: str, tone: str = "", remedy: str = "") -> None:
        """Say something; nothing hides the banner. `remedy` names the one button it may have."""
        self.show_text(words, tone)
        self.setVisible(bool(words))
        self._offer(remedy, 0.0)

    def show_problem(self, problem: ErrorText) -> None:
        """Say what went wrong, with the button that may help."""
        self.show_text(f"{problem.title}\n{problem.sentence} {problem.advice}", "bad")
        self.show()
        self._offer(problem.remedy, problem.wait_s)

    def _offer(self, remedy: str, wait_s: float) -> None:
        self.anyway.setVisible(remedy == "anyway")
        self.shorter.setVisible(remedy == "shorter")
        self.more.setVisible(remedy == "more")
        self.withheld.setVisible(remedy == "withheld")
        self.again.setVisible(remedy == "again")
        self.again.setEnabled(wait_s <= 0)
        self._waiting.stop()
        if wait_s > 0:
            self._waiting.start(math.ceil(wait_s * 1000) + 1)
