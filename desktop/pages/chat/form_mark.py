"""What came of an answer that was to have a form: a mark above it, and its JSON set out in lines."""

import json
import re

from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.plain import PlainLabel
from desktop.theme import SPACE
from desktop.widgets.chip import Chip
from desktop.words import later, told, tr
from engine.forms import FormKind, Verdict
from engine.types import Message, MessageState
from engine.unseen import visible

WORDS = {
    Verdict.VALID: (later("Valid"), "accent"),
    Verdict.INVALID: (later("Not valid"), "bad"),
    Verdict.INCOMPLETE: (later("Incomplete"), "warn"),
    Verdict.UNCHECKED: (later("Not checked"), "warn"),
}


class FormMark(QWidget):
    """Hidden where there is nothing to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.verdict = Chip("")
        self.reason = PlainLabel(wordWrap=True)
        self.reason.setProperty("role", "small")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE.s)
        row.addWidget(self.verdict)
        row.addWidget(self.reason, 1)

    def show_message(self, message: Message) -> None:
        """The mark of this message."""
        judged = message.judged
        self.setVisible(judged.verdict in WORDS)
        if judged.verdict not in WORDS:
            return
        word, tone = WORDS[judged.verdict]
        reason = told(judged.problem)
        if judged.place:
            reason = tr("{problem} at {place}", problem=reason, place=judged.place)
        self.verdict.setText(tr(word))
        self.verdict.setProperty("tone", tone)
        self.verdict.style().polish(self.verdict)
        self.reason.setText(visible(reason))


def set_out(message: Message) -> str:
    """The text of an answer as it is shown: one with a form as a block of code, JSON in lines."""
    if message.form is FormKind.TEXT or not message.text or message.state is MessageState.WRITING:
        return message.text
    text, language = message.text, ""
    if message.form is not FormKind.GRAMMAR:
        language = "json"
        try:
            text = json.dumps(json.loads(text), ensure_ascii=False, indent=2)
        except (ValueError, RecursionError):  # cut, or more than Python likes: as it came
            text = message.text
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence}{language}\n{text}\n{fence}"
