"""The field for the hub's access token, with the question whether the keychain is to keep it."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QPushButton, QWidget

from desktop.plain import tip
from desktop.theme import SPACE
from desktop.words import tr


class TokenField(QWidget):
    """Takes a token and never shows it. Where one is kept, an empty field stands for that one."""

    forget_requested = Signal()

    def __init__(self, example: str, name: str, parent: QWidget | None = None) -> None:
        """`example` stands in the empty field while none is kept, `name` is for who cannot see it."""
        super().__init__(parent)
        self._example, self._kept = example, False
        self.edit = QLineEdit()
        self.edit.setEchoMode(QLineEdit.EchoMode.Password)
        self.edit.setAccessibleName(name)
        self.edit.textChanged.connect(self._show)
        self.box = QCheckBox(tr("Keep it in the keychain"))
        self.box.setToolTip(tip(tr("The keychain of this computer keeps it, and it need not be given again.")))
        self.forget = QPushButton(tr("Forget it"))
        self.forget.setToolTip(tip(tr("The keychain forgets the token, and it is used no more.")))
        self.forget.setAutoDefault(False)
        self.forget.clicked.connect(self.forget_requested)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE.m)
        row.addWidget(self.edit, 1)
        row.addWidget(self.box)
        row.addWidget(self.forget)
        self.setFocusProxy(self.edit)
        self._show()

    @property
    def text(self) -> str:
        """The token that is filled in now; "" for none."""
        return self.edit.text().strip()

    @property
    def keep(self) -> bool:
        """Whether the keychain is to keep what is filled in."""
        return bool(self.text) and self.box.isChecked()

    @property
    def uses_kept(self) -> bool:
        """Whether the kept token is to be used."""
        return self._kept and not self.text

    def show_kept(self, kept: bool) -> None:
        """Whether one is kept."""
        self._kept = kept
        self._show()

    def clear(self) -> None:
        """Nothing is filled in any more, nor to be kept."""
        self.edit.clear()
        self.box.setChecked(False)

    # Its own affairs.

    @Slot()
    def _show(self) -> None:
        self.edit.setPlaceholderText(tr("The kept token is used") if self._kept else self._example)
        had_focus = self.forget.hasFocus()
        self.forget.setVisible(self.uses_kept)
        self.box.setVisible(not self.uses_kept)
        self.box.setEnabled(bool(self.text))
        if had_focus and not self.uses_kept:
            self.edit.setFocus()
