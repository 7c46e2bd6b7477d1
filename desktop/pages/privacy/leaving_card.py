"""What leaves this computer: the one action that uses the network, and how often it was taken."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from desktop.widgets.card import Card
from desktop.words import tr


class LeavingCard(Card):
    """Says it in words, and how many models have come that way."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("What leaves this computer"), parent)
        self.words = QLabel(
            tr("One action uses the network: downloading a model, when you ask for it. It sends the names of the "
               "repository and of the file, and an access token if you give one. What you write, your documents and "
               "the answers are never sent; there is no telemetry, no account and no update check."),
            wordWrap=True,
        )  # fmt: skip
        self.count = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self.count.setProperty("role", "faint")
        for label in (self.words, self.count):
            self.column.addWidget(label)

    def show_count(self, models: int) -> None:
        """How many of the models that are here now were downloaded."""
        if not models:
            self.count.setText(tr("None of the models here was downloaded by Hanare."))
        elif models == 1:
            self.count.setText(tr("1 of the models here was downloaded by Hanare."))
        else:
            self.count.setText(tr("{count} of the models here were downloaded by Hanare.", count=models))
