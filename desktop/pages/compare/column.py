"""One model's column: which model, what it wrote, what it cost, and what went wrong."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QCheckBox, QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from desktop.error_text import ErrorText
from desktop.plain import PlainLabel
from desktop.theme import SPACE, restyle
from desktop.widgets.amounts import count_text, size_text
from desktop.widgets.card import hairline
from desktop.widgets.figures import rate_text, seconds_text
from desktop.widgets.following_scroll import FollowingScroll
from desktop.widgets.markdown import MarkdownView
from desktop.widgets.model_picker import ModelPicker
from desktop.widgets.problem_banner import ProblemBanner
from desktop.widgets.thoughts import Thoughts
from desktop.words import later, told, tr
from engine.types import MessageState, Speed, Trial

NONE = "–"
FIGURES = {  # the name of each figure, and whether less is better; None where neither is
    "first_token_s": (later("First token"), True),
    "tokens_per_s": (later("Tokens per second"), False),
    "tokens": (later("Tokens"), None),
    "peak_bytes": (later("Peak memory"), True),
}
STATE_NOTES = {
    MessageState.STOPPED: later("You stopped this answer."),
    MessageState.CUT: later("Cut at the length limit."),
}


def figure_text(name: str, speed: Speed) -> str:
    """One figure of an answer as it is shown; a dash where there is none."""
    value = getattr(speed, name)
    if not value:
        return NONE
    match name:
        case "first_token_s":
            return seconds_text(value)
        case "tokens_per_s":
            return rate_text(value)
        case "peak_bytes":
            return size_text(value)
    return count_text(value)


def better(name: str, left: Speed | None, right: Speed | None) -> int | None:
    """Which of two columns has the better figure: 0, 1, or None for a tie or where it cannot be told."""
    less = FIGURES[name][1]
    if left is None or right is None or less is None:
        return None
    one, other = getattr(left, name), getattr(right, name)
    if not one or not other or figure_text(name, left) == figure_text(name, right):
        return None
    return 0 if (one < other) == less else 1


class Column(QFrame):
    """Shows one trial, from an empty sheet to the finished answer."""

    source_chosen = Signal(int)
    link_chosen = Signal(str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setAccessibleName(name)
        self.speed: Speed | None = None
        self.picker = ModelPicker()
        self.picker.button.setAccessibleName(tr("Model of {column}", column=name))
        self.plain = QCheckBox(tr("Without its adapters"))
        self.plain.setToolTip(tr("So the same model can be compared with and without them."))
        self.figures = {key: PlainLabel(NONE) for key in FIGURES}
        self.phase = PlainLabel(wordWrap=True)
        self.phase.setProperty("role", "faint")
        self.thoughts = Thoughts()
        self.body = MarkdownView()
        self.note = ProblemBanner()
        inside = QWidget()
        text = QVBoxLayout(inside)
        text.setContentsMargins(SPACE.l, SPACE.m, SPACE.l, SPACE.l)
        text.setSpacing(SPACE.s)
        for widget in (self.thoughts, self.phase, self.body, self.note):
            text.addWidget(widget)
        text.addStretch(1)
        self.roll = FollowingScroll()
        self.roll.setWidget(inside)
        head = QVBoxLayout()
        head.setContentsMargins(SPACE.s, SPACE.s, SPACE.l, SPACE.s)
        head.setSpacing(SPACE.xs)
        choice = QHBoxLayout()
        choice.setSpacing(SPACE.m)
        choice.addWidget(self.picker)
        choice.addWidget(self.plain)
        choice.addStretch(1)
        head.addLayout(choice)
        head.addLayout(self._figure_row())
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(hairline())
        column.addWidget(self.roll, 1)
        self.picker.model_chosen.connect(self.show_choice)
        self.body.source_chosen.connect(self.source_chosen)
        self.body.link_chosen.connect(self.link_chosen)
        self.show_choice()
        self.clear()

    @property
    def without_adapters(self) -> bool:
        """Whether the model is to answer as if no adapter were attached to it."""
        return not self.plain.isHidden() and self.plain.isChecked()

    @Slot()
    def show_choice(self) -> None:
        """Another model may be chosen, or its adapters may be others."""
        model = self.picker.model
        self.plain.setVisible(model is not None and any(adapter.strength for adapter in model.adapters))

    def freeze(self, frozen: bool) -> None:
        """While a comparison runs nothing is chosen."""
        self.picker.setEnabled(not frozen)
        self.plain.setEnabled(not frozen)

    def clear(self) -> None:
        """An empty sheet."""
        self.speed = None
        self.thoughts.clear()
        self.body.show_text("")
        self.body.hide()
        self.note.hide()
        self.show_phase(tr("The answer appears here."))
        for name, label in self.figures.items():
            label.setText(NONE)
            self.mark(name, False)

    def show_phase(self, text: str) -> None:
        """What is happening while there is nothing to read yet."""
        self.phase.setText(text)
        self.phase.setVisible(bool(text))

    def add_thought(self, text: str) -> None:
        """More of what is thought before the answer."""
        self.phase.hide()
        self.thoughts.add(text)

    def add_text(self, text: str) -> None:
        """More of the answer."""
        self.thoughts.end()
        self.phase.hide()
        if self.body.isHidden():
            self.body.show()
        self.body.append(text)

    def show_end(self, speed: Speed | None, note: str) -> None:
        """The column is finished while the other may still be at work."""
        self.phase.hide()
        self.thoughts.end()
        self.body.settle()
        self.show_speed(speed)
        self._say(told(note), bad=False)
        self.roll.rest()

    def settle(self) -> None:
        """Nothing more will come."""
        self.thoughts.end()
        self.body.settle()
        if self.body.isHidden() and self.note.isHidden():
            self.show_phase(tr("The answer appears here."))
        else:
            self.phase.hide()

    def show_trial(self, trial: Trial) -> None:
        """The finished answer."""
        self.phase.hide()
        self.thoughts.show_thoughts(trial.thoughts, trial.thinking_s, growing=False)
        if trial.text != self.body.text:
            self.body.show_text(trial.text, self.body.numbers)
        self.body.settle()
        self.body.setVisible(bool(trial.text))
        self.show_speed(trial.speed)
        words = " ".join(part for part in (tr(STATE_NOTES.get(trial.state, "")), told(trial.note)) if part)
        self._say(words, bad=trial.state in (MessageState.FAILED, MessageState.INTERRUPTED))
        self.roll.rest()

    def show_problem(self, problem: ErrorText) -> None:
        """Why there is no answer, or no more of it, with the button that may help."""
        self.note.show_problem(problem)

    def show_speed(self, speed: Speed | None) -> None:
        """The figures."""
        self.speed = speed
        for name, label in self.figures.items():
            label.setText(figure_text(name, speed) if speed else NONE)

    def mark(self, name: str, best: bool) -> None:
        """Set one figure apart as the better of the two."""
        label = self.figures[name]
        label.setToolTip(tr("The better of the two") if best else "")
        title = tr(FIGURES[name][0])
        told = tr("{title}: {value}, the better of the two") if best else tr("{title}: {value}")
        label.setAccessibleName(told.format(title=title, value=label.text()))
        restyle(label, "good" if best else "")

    # Its own affairs.

    def _figure_row(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setContentsMargins(SPACE.s, 0, 0, 0)
        grid.setHorizontalSpacing(SPACE.l)
        grid.setVerticalSpacing(0)
        for at, (name, label) in enumerate(self.figures.items()):
            title = PlainLabel(tr(FIGURES[name][0]))
            title.setProperty("role", "small")
            grid.addWidget(title, 0, at)
            grid.addWidget(label, 1, at)
            grid.setColumnStretch(at, 1)
        return grid

    def _say(self, words: str, *, bad: bool) -> None:
        self.note.show_remark(words, "bad" if bad else "")
