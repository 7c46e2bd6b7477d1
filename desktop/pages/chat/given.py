"""What the model was given for one answer: tokens by kind, unfolded under the answer on request."""

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtWidgets import QToolButton, QVBoxLayout, QWidget

from desktop.plain import PlainLabel
from desktop.theme import icon
from desktop.widgets.amounts import count_text
from desktop.words import later, tr
from engine.context import Context, Part

ICON_PX = 16
ONE = {
    Part.SYSTEM: later("Instructions: {tokens} tokens"),
    Part.SUMMARY: later("Summary of earlier messages: {tokens} tokens"),
    Part.QUESTION: later("Your question: {tokens} tokens"),
    Part.BEGUN: later("The answer so far: {tokens} tokens"),
    Part.TEMPLATE: later("Chat template: {tokens} tokens"),
}
SEVERAL = {
    Part.TURN: later("Earlier messages ({count}): {tokens} tokens"),
    Part.PASSAGE: later("Passages of your documents ({count}): {tokens} tokens"),
}


class Given(QWidget):
    """The list that `toggle`, which stands among the figures of the answer, unfolds."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.toggle = QToolButton()
        self.toggle.setIcon(icon("info", "faint"))
        self.toggle.setIconSize(QSize(ICON_PX, ICON_PX))
        self.toggle.setAutoRaise(True)
        self.toggle.setCheckable(True)
        self.toggle.setToolTip(tr("What the model was given"))
        self.toggle.setAccessibleName(tr("What the model was given"))
        self.list = PlainLabel(wordWrap=True)
        self.list.setProperty("role", "small")
        self.list.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.list)
        self.toggle.toggled.connect(self._unfold)
        self.show_context(None)

    def show_context(self, context: Context | None) -> None:
        """List what entered; nothing where it was not counted, or no model was asked."""
        if context is not None and not context.read:
            context = None
        self.toggle.setVisible(context is not None)
        self.list.setText(given_text(context) if context is not None else "")
        self._unfold(self.toggle.isChecked())

    @Slot(bool)
    def _unfold(self, shown: bool) -> None:
        self.setVisible(shown and bool(self.list.text()))


def given_text(context: Context) -> str:
    """One line a kind, in the order in which they stand in the prompt, and the sum against the context."""
    lines = []
    for part in (Part.SYSTEM, Part.SUMMARY, Part.TURN, Part.PASSAGE, Part.QUESTION, Part.BEGUN, Part.TEMPLATE):
        count = sum(entry.part is part for entry in context.entries)
        if not count:
            continue
        tokens = count_text(context.tokens(part))
        if part in ONE:
            lines.append(tr(ONE[part], tokens=tokens))
        else:
            lines.append(tr(SEVERAL[part], count=count_text(count), tokens=tokens))
    whole = tr(
        "{used} of {all} tokens in all", used=count_text(context.prompt_tokens), all=count_text(context.context_tokens)
    )
    return "\n".join([*lines, whole])
