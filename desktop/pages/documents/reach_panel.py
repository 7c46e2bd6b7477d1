"""What is read for an answer: how far it is, and what was read in the end; and the offer to read everything."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from desktop.plain import PlainLabel
from desktop.theme import SPACE
from desktop.widgets.amounts import count_text, time_text
from desktop.widgets.progress_row import STEPS, progress_text
from desktop.words import told, tr
from engine.events import Progressed
from engine.types import Answer, Coverage, Fitting, ReadingCost, Unread

MOST_NAMED = 8  # documents that were not read, each on a line


class ReachPanel(QWidget):
    """Stands between the question and the answer; takes no room where there is nothing to tell."""

    all_requested = Signal()  # ask all documents

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bar = QProgressBar(textVisible=False)
        self.bar.setAccessibleName(tr("Reading your documents"))
        self.words = PlainLabel(wordWrap=True)
        self.words.setProperty("role", "small")
        self.hint = PlainLabel(tr("Only the best passages were read for this answer."))
        self.hint.setProperty("role", "small")
        self.all = QPushButton(tr("Read all documents…"))
        self.all.setProperty("role", "link")
        self.all.clicked.connect(self.all_requested)
        self._hint = QWidget()
        row = QHBoxLayout(self._hint)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE.s)
        row.addWidget(self.hint)
        row.addWidget(self.all)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE.xs)
        for part in (self.bar, self.words, self._hint):
            column.addWidget(part)
        self.clear()

    def clear(self) -> None:
        """Nothing to tell."""
        self.bar.hide()
        self._hint.hide()
        self._say("")

    def show_progress(self, event: Progressed) -> None:
        """Documents are read, or notes joined."""
        self.bar.setRange(0, STEPS)
        self.bar.setValue(min(STEPS, event.done * STEPS // max(1, event.total)))
        self.bar.show()
        joining = event.unit == "notes"
        words = tr("Joining the notes: {done} of {total}", done=count_text(event.done), total=count_text(event.total))
        now = f" · {event.now}" if event.now else ""
        self._say(words if joining else progress_text(event) + now)

    def show_fitting(self, fitting: Fitting) -> None:
        """Whether the document is given whole."""
        self._say(_fitting_words(fitting))

    def show_answer(self, answer: Answer) -> None:
        """What was read for it."""
        self.bar.hide()
        if answer.coverage is not None:
            self._say(coverage_words(answer.coverage))
        elif answer.fitting is not None:
            self.show_fitting(answer.fitting)

    def end(self) -> None:
        """There is no answer, or no end of it."""
        self.bar.hide()
        self.show()

    def offer_all(self) -> None:
        """The question looks as if it were to all documents."""
        self._hint.show()
        self.show()

    def _say(self, words: str) -> None:
        self.words.setText(words)
        self.words.setVisible(bool(words))
        self.setVisible(bool(words) or not self._hint.isHidden())


def cost_words(cost: ReadingCost) -> str:
    """What reading will take, before it begins."""
    facts = {
        "documents": count_text(cost.documents), "tokens": count_text(cost.tokens), "passes": count_text(cost.passes),
    }  # fmt: skip
    amount = tr("{documents} documents, about {tokens} tokens, in about {passes} passes.", **facts)
    time = (
        tr("How long it takes is not known yet: this model has not read anything here so far.")
        if cost.seconds is None
        else tr("It takes about {time} at the speed this model last had.", time=time_text(cost.seconds))
    )
    return f"{amount} {time}\n\n{tr('You can stop at any time; what was found till then stays.')}"


def coverage_words(coverage: Coverage) -> str:
    """What was read, and what was not and why, a line each."""
    facts = {
        "read": count_text(coverage.read), "total": count_text(coverage.documents),
        "passages": count_text(coverage.passages), "passes": count_text(coverage.passes),
    }  # fmt: skip
    lines = [tr("Read {read} of {total} files: {passages} passages in {passes} passes.", **facts)]
    lines += [tr("Not read: {why}", why=_why(one)) for one in coverage.unread[:MOST_NAMED]]
    lines += [tr("Not all of it read: {why}", why=_why(one)) for one in coverage.partly[:MOST_NAMED]]
    more = max(0, len(coverage.unread) - MOST_NAMED) + max(0, len(coverage.partly) - MOST_NAMED)
    if more:
        lines.append(tr("And {count} more that were not read, or not all of them.", count=count_text(more)))
    if coverage.cut:
        lines.append(tr("Notes that ended at their longest length: {count}", count=count_text(coverage.cut)))
    if coverage.left_out:
        lines.append(tr("Notes that had no room in the answer: {count}", count=count_text(coverage.left_out)))
    return "\n".join(lines)


def _why(one: Unread) -> str:
    """The reason, with the file's name before it where it does not name it itself."""
    why = told(one.why.replace(str(one.path), one.path.name))
    return why if one.path.name in why else f"{one.path.name} ({why})"


def _fitting_words(fitting: Fitting) -> str:
    tokens, room = count_text(fitting.tokens), count_text(fitting.room)
    if fitting.fits:
        return tr("From the whole document: {tokens} tokens, and {room} have room.", tokens=tokens, room=room)
    if fitting.about:
        return tr(
            "The document has about {tokens} tokens, and {room} have room. The answer is from its best passages.",
            tokens=tokens, room=room,
        )  # fmt: skip
    return tr(
        "The document has {tokens} tokens, and {room} have room. The answer is from its best passages.",
        tokens=tokens, room=room,
    )  # fmt: skip
