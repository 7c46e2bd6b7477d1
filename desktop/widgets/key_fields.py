"""The two fields for what somebody opens a key with: a passphrase, hidden, or a recovery code, shown; one at a time."""

from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QLineEdit, QStackedWidget, QWidget

from desktop.words import tr
from engine.ways import WayIn


class KeyFields(QStackedWidget):
    """Shows the field of one way."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.passphrase = _field(tr("Passphrase"), QLineEdit.EchoMode.Password)
        self.code = _field(tr("Recovery code"), QLineEdit.EchoMode.Normal)
        self.code.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.code.setPlaceholderText("XXXX-XXXX-XXXX-XXXX-XXXX-XXXX-XXXX-XXXX-XXXX")
        self.addWidget(self.passphrase)
        self.addWidget(self.code)

    def show_way(self, way: WayIn) -> None:
        """Show the field of this way."""
        self.setCurrentWidget(self.code if way is WayIn.RECOVERY else self.passphrase)

    @property
    def field(self) -> QLineEdit:
        """The one that is shown."""
        return self.code if self.currentWidget() is self.code else self.passphrase

    def take_keyboard(self) -> None:
        """Be ready for the next try, in place of what stands there."""
        self.field.setFocus()
        self.field.selectAll()


def other_way_text(way: WayIn) -> str:
    """What the button says that leads from the field of this way to the other one."""
    return tr("Use the recovery code") if way is WayIn.PASSPHRASE else tr("Use the passphrase")


def _field(name: str, echo: QLineEdit.EchoMode) -> QLineEdit:
    field = QLineEdit(echoMode=echo)
    field.setAccessibleName(name)
    field.setPlaceholderText(name)
    return field
