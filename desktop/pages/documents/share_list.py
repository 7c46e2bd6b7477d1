"""What each passage has to do with an answer: a bar, its share, and the figure behind it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QProgressBar, QPushButton, QScrollArea, QVBoxLayout, QWidget

from desktop.plain import PlainLabel
from desktop.theme import SPACE
from desktop.widgets.elided_label import ElidedLabel
from desktop.widgets.places import place_text
from desktop.words import number_text, tr
from engine.types import Share, Why

BAR_PX = 140
DIGITS = 3  # of bits per token


class ShareList(QScrollArea):
    """A row for each passage, in the order in which the answer numbers them."""

    source_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.words: list[str] = []  # what each row says, for a screen reader

    def show_why(self, why: Why) -> None:
        """Show these."""
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, SPACE.s, 0)
        column.setSpacing(SPACE.m)
        grid = QGridLayout()
        grid.setHorizontalSpacing(SPACE.m)
        grid.setVerticalSpacing(SPACE.s)
        grid.setColumnStretch(1, 1)
        self.words = []
        for row, share in enumerate(why.shares):
            self._add(grid, row, share, why)
        column.addLayout(grid)
        told = PlainLabel(_summary(why), wordWrap=True)
        told.setProperty("role", "faint")
        column.addWidget(told)
        column.addStretch(1)
        self.setWidget(inner)

    def _add(self, grid: QGridLayout, row: int, share: Share, why: Why) -> None:
        number = PlainLabel(str(share.source.number))
        number.setProperty("role", "chip")
        number.setProperty("tone", "accent")
        place = ElidedLabel(place_text(share.source), Qt.TextElideMode.ElideMiddle)
        bar = QProgressBar(textVisible=False)
        bar.setRange(0, 1000)
        bar.setValue(round(share.share * 1000))
        bar.setFixedWidth(BAR_PX)
        percent = PlainLabel(tr("{percent} %", percent=number_text(100 * share.share, 0)))
        bits = PlainLabel(tr("{bits} bits per token", bits=signed(why.per_token(share.gain))))
        bits.setProperty("role", "small")
        bits.setToolTip(
            tr("By so much each token of the answer is less likely without this passage. 1 bit: half as likely.")
        )
        for label in (percent, bits):
            label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        opened = QPushButton(tr("Open"))
        opened.setProperty("role", "link")
        opened.setAutoDefault(False)
        words = f"{place.words}: {percent.text()}, {bits.text()}"
        bar.setAccessibleName(words)
        opened.setAccessibleName(tr("Open {place}", place=place.words))
        opened.clicked.connect(lambda: self.source_requested.emit(share.source))
        self.words.append(words)
        for at, widget in enumerate((number, place, bar, percent, bits, opened)):
            grid.addWidget(widget, row, at)


def signed(value: float) -> str:
    """ "+0.310": with its sign, so that what helps and what hinders are told apart."""
    return ("−" if value < 0 else "+") + number_text(abs(value), DIGITS)


def _summary(why: Why) -> str:
    bits = number_text(abs(why.per_token(why.gain)), DIGITS)
    told = [
        tr("Without any passage the answer is less likely by {bits} bits per token.", bits=bits)
        if why.gain >= 0
        else tr("Without any passage the answer is even likelier, by {bits} bits per token.", bits=bits)
    ]
    if not why.depends:
        told.append(tr("So the model would have written much the same without your documents."))
    if not why.tells:
        told.append(tr("No single passage makes much of a difference: the shares say little."))
    told.append(tr("Passages that say the same cover for each other, so that each has a small share."))
    return "\n".join(told)
