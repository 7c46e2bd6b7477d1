"""How much of the model's context the chat fills, and what is done when it is full."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from desktop.plain import tip
from desktop.theme import icon
from desktop.widgets.amounts import count_text
from desktop.widgets.guide_words import told_name
from desktop.words import later, tr
from engine.context import WhenFull
from engine.types import Message

NEARLY_FULL = 0.85
CHOICES: dict[WhenFull | None, str] = {
    None: later("As in the settings"),
    WhenFull.OLDEST: later("Leave out the oldest messages"),
    WhenFull.ENDS: later("Keep the first and the last"),
    WhenFull.SUMMARY: later("Put a summary in their place"),
    WhenFull.STOP: later("Stop and ask"),
}


class ContextGauge(QPushButton):
    """Emits `when_full_chosen` with a `WhenFull`, or None for what the settings say."""

    when_full_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "quiet")
        self.setAccessibleName(tr("Context"))
        menu = QMenu(self)
        menu.addSection(tr("When this chat is full"))
        group = QActionGroup(menu)
        self.choices: dict[WhenFull | None, QAction] = {}
        for choice, title in CHOICES.items():
            action = QAction(tr(title), menu, checkable=True)
            action.triggered.connect(lambda _=False, chosen=choice: self.when_full_chosen.emit(chosen))
            group.addAction(action)
            menu.addAction(action)
            self.choices[choice] = action
        self.setMenu(menu)
        self.show_context(None)
        self.show_chosen(None)

    def show_context(self, message: Message | None) -> None:
        """What prompt and answer of the last answer fill; nothing where there is none that was counted."""
        context = message.context if message is not None else None
        self.setVisible(context is not None)
        if message is None or context is None:
            return
        used = context.prompt_tokens + (message.speed.tokens if message.speed else 0)
        self.show_filled(used, context.context_tokens, message.model)

    def show_filled(self, used: int, context_tokens: int, model: str) -> None:
        """So many tokens are used of those that `model` holds, also while it reads and writes."""
        self.show()
        share = min(1.0, used / context_tokens)
        self.setText(tr("{percent} % of the context", percent=round(share * 100)))
        figures = tr(
            "{used} of {all} tokens are used, as {model} counts them.",
            used=count_text(used), all=count_text(context_tokens), model=told_name(model),
        )  # fmt: skip
        near = share >= NEARLY_FULL
        advice = tr("The context is nearly full. Click to choose what is done then.") if near else ""
        self.setToolTip(tip(f"{figures} {advice}".rstrip()))
        self.setAccessibleDescription(self.toolTip())
        self.setIcon(icon("warning" if near else "text", "warn" if near else "faint"))

    def show_chosen(self, chosen: WhenFull | None) -> None:
        """What this chat is set to."""
        self.choices[chosen].setChecked(True)
