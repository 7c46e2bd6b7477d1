"""The small buttons under a message, and whether they are on show."""

from PySide6.QtCore import QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from desktop.plain import PlainLabel
from desktop.theme import icon
from desktop.words import tr
from engine.types import Message, Role

ICON_PX = 16
COPIED_MS = 1500


class MessageActions(QWidget):
    """Copy, Edit or Regenerate, and the way through the versions ‹ 2/3 ›."""

    edit_requested = Signal()
    regenerate_requested = Signal()
    step_requested = Signal(int)  # -1 the version before, 1 the one after

    def __init__(self, role: Role, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._message: Message | None = None
        self._frozen = False
        self._near = False
        self.before = _button("chevron-left", tr("Version before"))
        self.count = PlainLabel()
        self.count.setProperty("role", "small")
        self.after = _button("chevron-right", tr("Version after"))
        self.copy = _button("copy", tr("Copy"))
        self.change = (
            _button("edit", tr("Edit and send again"))
            if role is Role.USER
            else _button("refresh", tr("Write it again (Ctrl+R)"))
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        for widget in (self.before, self.count, self.after, self.copy, self.change):
            policy = widget.sizePolicy()
            policy.setRetainSizeWhenHidden(widget in (self.copy, self.change))
            widget.setSizePolicy(policy)
            row.addWidget(widget)
        self._back = QTimer(self, singleShot=True, interval=COPIED_MS)
        self._back.timeout.connect(self._forget_copied)
        self.before.clicked.connect(self._step_back)
        self.after.clicked.connect(self._step_on)
        self.copy.clicked.connect(self._copy)
        self.change.clicked.connect(self.edit_requested if role is Role.USER else self.regenerate_requested)

    def show_message(self, message: Message) -> None:
        """The buttons that this message has."""
        self._message = message
        self.count.setText(f"{message.version}/{message.versions}")
        self.count.setAccessibleName(tr("Version {number} of {count}", number=message.version, count=message.versions))
        self._show()

    def show_near(self, near: bool) -> None:
        """Whether pointer or keyboard is at the message."""
        self._near = near
        self._show()

    def freeze(self, frozen: bool) -> None:
        """While an answer is being written only Copy is left."""
        self._frozen = frozen
        self._show()

    # Its own affairs.

    def _show(self) -> None:
        message = self._message
        if message is None:
            return
        several = message.versions > 1
        for widget in (self.before, self.count, self.after):
            widget.setVisible(several)
        self.before.setEnabled(message.version > 1 and not self._frozen)
        self.after.setEnabled(message.version < message.versions and not self._frozen)
        self.copy.setVisible(self._near and bool(message.text))
        self.change.setVisible(self._near and not self._frozen)

    @Slot()
    def _step_back(self) -> None:
        self.step_requested.emit(-1)

    @Slot()
    def _step_on(self) -> None:
        self.step_requested.emit(1)

    @Slot()
    def _copy(self) -> None:
        if self._message is not None:
            QGuiApplication.clipboard().setText(self._message.text)
            self.copy.setIcon(icon("check", "good"))
            self._back.start()

    @Slot()
    def _forget_copied(self) -> None:
        self.copy.setIcon(icon("copy", "faint"))


def _button(picture: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setIcon(icon(picture, "faint"))
    button.setIconSize(QSize(ICON_PX, ICON_PX))
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return button
