"""What opens your data: every way that does, and the buttons that change them."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from desktop.plain import PlainLabel
from desktop.widgets.card import Card
from desktop.widgets.flow import Flow
from desktop.words import later, tr
from engine.ways import KeyWays, WayIn

WAYS = {
    WayIn.KEYCHAIN: later("The keychain of this computer ({keychain}), by itself when Hanare starts."),
    WayIn.FILE: later("A file on this computer, by itself: whoever can read your files can read your data."),
    WayIn.PASSPHRASE: later("Your passphrase."),
    WayIn.RECOVERY: later("Your recovery code."),
}


class KeysCard(Card):
    """Says it in words and emits what the person wishes; asks nothing itself."""

    passphrase_requested = Signal()
    removal_requested = Signal()
    code_requested = Signal()
    asking_requested = Signal()
    keychain_requested = Signal()
    lock_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("What opens your data"), parent)
        self.ways = PlainLabel(wordWrap=True)
        self.advice = PlainLabel(wordWrap=True)
        self.advice.setProperty("role", "warn")
        self.passphrase, self.remove, self.code, self.ask, self.keychain, self.lock = (QPushButton() for _ in range(6))
        self.ask.setText(tr("Ask at every start…"))
        self.keychain.setText(tr("Let the keychain open it"))
        self.remove.setText(tr("Remove the passphrase…"))
        self.lock.setText(tr("Lock now"))
        buttons = QWidget()
        row = Flow(buttons)
        for button, wish in (
            (self.passphrase, self.passphrase_requested),
            (self.remove, self.removal_requested),
            (self.code, self.code_requested),
            (self.ask, self.asking_requested),
            (self.keychain, self.keychain_requested),
            (self.lock, self.lock_requested),
        ):
            button.clicked.connect(wish)
            row.addWidget(button)
        for widget in (self.ways, self.advice, buttons):
            self.column.addWidget(widget)

    def show_ways(self, ways: KeyWays) -> None:
        """Every way there is, and what is missing."""
        lines = [tr(WAYS[way]).format(keychain=ways.keychain) for way in ways.ways]
        self.ways.setText("\n".join(f"•  {line}" for line in lines))
        protected, has_code = WayIn.PASSPHRASE in ways.ways, WayIn.RECOVERY in ways.ways
        self.passphrase.setText(tr("Change the passphrase…") if protected else tr("Set a passphrase…"))
        self.code.setText(tr("Make a new recovery code…") if has_code else tr("Make a recovery code…"))
        self.remove.setVisible(protected)
        self.ask.setVisible(WayIn.KEYCHAIN in ways.ways)
        self.keychain.setVisible(ways.asks)
        if WayIn.FILE in ways.ways:
            advice = tr("A passphrase takes the key out of the file, and lets you lock Hanare.")
        elif len(ways.ways) == 1:
            advice = tr("This is the only way in. If it is lost, everything is: make a recovery code.")
        else:
            advice = ""
        self.advice.setText(advice)
        self.advice.setVisible(bool(advice))

    def show_busy(self, busy: bool) -> None:
        """While one way is being changed, no other is."""
        for button in (self.passphrase, self.remove, self.code, self.ask, self.keychain, self.lock):
            button.setEnabled(not busy)
