"""The unlock screen: why the store did not open by itself, and a field for each way that is left.

It stands in the window's place, at the start and after a lock. It knows no engine: what is typed
goes out as `offered`, and what came of it comes back. It offers no new, empty store.
"""

from collections.abc import Collection
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desktop.error_text import ErrorText
from desktop.plain import PlainLabel
from desktop.theme import SPACE, icon, icon_pixmap
from desktop.widgets.card import Card
from desktop.widgets.key_fields import KeyFields, other_way_text
from desktop.widgets.row_paint import home_words
from desktop.words import tr
from engine.ways import Unlock, WayIn

WIDTH_PX = 520
ICON_PX = 36


class UnlockScreen(QWidget):
    """A window of its own, with one field at a time."""

    offered = Signal(object)  # an Unlock
    mend_requested = Signal()

    def __init__(self, ways: Collection[WayIn], why: str, data: Path, *, keychain_gone: bool = False) -> None:
        super().__init__()
        self._ways, self._keychain_gone, self._busy = ways, keychain_gone, False
        self.setWindowTitle("Hanare")
        self.setWindowIcon(icon("hanare", "accent"))
        self.setObjectName("unlock")
        self.why = _words(why, "")
        self.problem = _words("", "bad")
        self.fields = KeyFields()
        self.passphrase, self.code = self.fields.passphrase, self.fields.code
        self.unlock = QPushButton(tr("Unlock"))
        self.unlock.setProperty("role", "primary")
        self.other = _link()
        self.mend = QPushButton()
        self.mend.hide()
        self.keychain = _link()
        self.keychain.setText(tr("Ask the keychain again"))
        if set(ways) == {WayIn.KEYCHAIN}:
            self.keychain.setText(tr("Unlock with the keychain"))
            self.keychain.setProperty("role", "primary")
        self._lay_out(data)
        self._connect()
        typed = [way for way in (WayIn.PASSPHRASE, WayIn.RECOVERY) if way in ways]
        self.show_way(typed[0] if typed else WayIn.KEYCHAIN)

    def show_way(self, way: WayIn) -> None:
        """Offer the field of this way; the others stay within reach."""
        self.way = way
        typed = way is not WayIn.KEYCHAIN
        self.fields.setVisible(typed)
        self.unlock.setVisible(typed)
        self.fields.show_way(way)
        to_code = way is WayIn.PASSPHRASE
        self.other.setText(other_way_text(way))
        self.other.setVisible(typed and (WayIn.RECOVERY if to_code else WayIn.PASSPHRASE) in self._ways)
        self.keychain.setVisible(WayIn.KEYCHAIN in self._ways)
        self._refresh()
        self._take_keyboard()

    def offer_mending(self, text: str) -> None:
        """The store opened to nobody because it is damaged: offer to mend it."""
        self.mend.setText(text)
        self.mend.show()

    def show_busy(self, busy: bool) -> None:
        """While something is being tried, nothing else can be offered."""
        self._busy = busy
        self.unlock.setText(tr("Unlocking…") if busy else tr("Unlock"))
        self._refresh()

    def show_problem(self, problem: ErrorText) -> None:
        """What was offered does not open it; the field is ready for the next try."""
        self.show_busy(False)
        self.problem.setText(f"{problem.sentence}\n{problem.advice}")
        self.problem.setVisible(True)
        self._take_keyboard()

    def come_to_front(self) -> None:
        """Show the screen above other windows; a second start of Hanare asks for it."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    # Its own affairs.

    def _lay_out(self, data: Path) -> None:
        card = Card()
        card.setFixedWidth(WIDTH_PX)
        picture = PlainLabel()
        picture.setPixmap(icon_pixmap("lock", "accent", ICON_PX, self.devicePixelRatioF()))
        card.column.addWidget(picture)
        card.column.addWidget(_words(tr("Hanare is locked"), "title"))
        card.column.addWidget(self.why)
        card.column.addWidget(self.fields)
        card.column.addWidget(self.problem)
        card.column.addWidget(self.mend)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE.s)
        buttons.addWidget(self.other)
        buttons.addWidget(self.keychain)
        buttons.addStretch(1)
        buttons.addWidget(self.unlock)
        card.column.addLayout(buttons)
        if set(self._ways) == {WayIn.KEYCHAIN}:
            card.column.addWidget(
                _words(tr("The keychain is the weaker way: whoever uses your login can unlock this. "
                          "A passphrase, set on the Privacy page, keeps them out."), "warn")
            )  # fmt: skip
        card.column.addWidget(
            _words(tr("Everything you made is in {folder}, untouched and encrypted.", folder=home_words(data)), "small")
        )
        column = QVBoxLayout(self)
        column.addStretch(2)
        middle = QHBoxLayout()  # not an alignment, which would give words that wrap too little height
        middle.addStretch(1)
        middle.addWidget(card)
        middle.addStretch(1)
        column.addLayout(middle)
        column.addStretch(3)
        self.problem.hide()

    def _connect(self) -> None:
        for field in (self.passphrase, self.code):
            field.textChanged.connect(self._refresh)
            field.returnPressed.connect(self._offer)
        self.unlock.clicked.connect(self._offer)
        self.mend.clicked.connect(self.mend_requested)
        self.other.clicked.connect(self._show_other)
        self.keychain.clicked.connect(self._offer_keychain)
        QShortcut(QKeySequence("Ctrl+Q"), self, self.close)

    @Slot()
    def _refresh(self) -> None:
        self.unlock.setEnabled(not self._busy and bool(self.fields.field.text()))
        for widget in (self.fields, self.other, self.keychain, self.mend):
            widget.setEnabled(not self._busy)

    @Slot()
    def _offer(self) -> None:
        if not self._busy and self.fields.field.text():
            self._send(Unlock(way=self.way, text=self.fields.field.text(), renew_keychain=self._keychain_gone))

    @Slot()
    def _offer_keychain(self) -> None:
        self._send(Unlock(way=WayIn.KEYCHAIN))

    def _send(self, unlock: Unlock) -> None:
        self.problem.hide()
        self.show_busy(True)
        self.offered.emit(unlock)

    @Slot()
    def _show_other(self) -> None:
        self.problem.hide()
        self.show_way(WayIn.PASSPHRASE if self.way is WayIn.RECOVERY else WayIn.RECOVERY)

    def _take_keyboard(self) -> None:
        if self.way is WayIn.KEYCHAIN:
            self.keychain.setFocus()
        else:
            self.fields.take_keyboard()


def _words(text: str, role: str) -> PlainLabel:
    label = PlainLabel(text, wordWrap=True)
    label.setProperty("role", role)
    return label


def _link() -> QPushButton:
    button = QPushButton()
    button.setProperty("role", "link")
    return button
