"""Everything that speaks up: notices in the corner, questions, explanations.

The only place that shows messages. A notice never takes the keyboard away from what the
person is writing, nor covers it; a question does, because it waits for an answer.
"""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QCloseEvent
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop.error_text import error_text
from desktop.plain import PlainLabel, caption
from desktop.theme import SPACE, icon, icon_pixmap
from desktop.words import tr
from engine.errors import Cancelled, EngineError
from engine.unseen import visible

SHOWN_MS = 5000
WITH_ACTION_MS = 9000  # long enough to read it and reach for Undo
MOST_AT_ONCE = 3
WIDTH = 440
ICON_PX = 20


class Notice(QFrame):
    """One notice in the corner. `tone` is "" or "bad"; closes by itself after `shown_ms` unless that is 0.

    While the mouse or the keyboard is on it, it stays.
    """

    closed = Signal(QWidget)

    def __init__(self, parent: QWidget, text: str, *, title: str = "", tone: str = "", shown_ms: int = 0) -> None:
        super().__init__(parent)
        self.setProperty("role", "notice")
        self.setProperty("tone", tone)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.text = text
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE.l, SPACE.m, SPACE.s, SPACE.m)
        row.setSpacing(SPACE.m)
        if tone:
            picture = PlainLabel()
            picture.setPixmap(icon_pixmap("warning", tone, ICON_PX, self.devicePixelRatioF()))
            row.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(SPACE.xs)
        if title:
            heading = PlainLabel(title, wordWrap=True)
            heading.setProperty("role", "heading")
            words.addWidget(heading)
        for part in text.split("\n"):
            words.addWidget(PlainLabel(part, wordWrap=True))
        row.addLayout(words, 1)
        self._row = row
        close = QToolButton()
        close.setToolTip(tr("Close"))
        close.setAccessibleName(tr("Close"))
        close.setIcon(icon("close", "faint"))
        close.clicked.connect(self.close)
        row.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        self._leave = QTimer(self, interval=shown_ms)
        self._leave.timeout.connect(self._close_unless_used)
        if shown_ms:
            self._leave.start()

    def height_for(self, width: int) -> int:
        """How tall it must be to show all its text at `width`."""
        self.ensurePolished()
        return max(self._row.totalHeightForWidth(width), self._row.totalMinimumSize().height())

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        self.closed.emit(self)

    def _close_unless_used(self) -> None:
        focused = QApplication.focusWidget()
        if not self.underMouse() and not (focused and self.isAncestorOf(focused)):
            self.close()

    def add_action(self, text: str, on_action: Callable[[], None]) -> None:
        """A button beside the text; pressing it also closes the notice."""
        button = QPushButton(caption(text))
        button.setProperty("role", "link")
        button.clicked.connect(self.close)
        button.clicked.connect(lambda: on_action())
        self._row.insertWidget(self._row.count() - 1, button, 0, Qt.AlignmentFlag.AlignVCenter)


class Notices(QObject):
    """Speaks up within one window."""

    told = Signal(object)  # an error that was shown, for whoever keeps count

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = parent
        self._shown: list[Notice] = []
        self._above: QWidget | None = None
        parent.installEventFilter(self)

    def toast(self, text: str, action: str | None = None, on_action: Callable[[], None] | None = None) -> None:
        """Say `text` for some seconds, with one thing to do about it ("Undo")."""
        notice = Notice(self._window, text, shown_ms=WITH_ACTION_MS if action else SHOWN_MS)
        if action and on_action:
            notice.add_action(action, on_action)
        self._show(notice, text)

    def error(self, error: Exception) -> None:
        """Say what went wrong and what can be done; stays until closed. `Cancelled` is never shown."""
        if isinstance(error, Cancelled):
            return
        self.told.emit(error)
        words = error_text(error)
        text = f"{words.sentence}\n{words.advice}"
        for notice in self._shown:
            if notice.text == text:  # the same trouble twice is one notice
                return
        self._show(Notice(self._window, text, title=words.title, tone="bad"), f"{words.title}. {text}")

    def attempt(self, act: Callable[[], object]) -> bool:
        """Do something that is quickly done; whether it went well, and a notice of what went wrong otherwise."""
        try:
            act()
        except EngineError as error:
            self.error(error)
            return False
        return True

    def ask(self, title: str, text: str, yes: str, no: str, *, danger: bool = False) -> bool:
        """Ask and wait. Escape and closing mean `no`; with `danger` the Enter key does too."""
        return Question(self._window, title, text, yes, no, danger=danger).exec() == QDialog.DialogCode.Accepted

    def explain(self, title: str, text: str) -> None:
        """Tell something at length, until the person closes it."""
        Question(self._window, title, text, tr("Close")).exec()

    @property
    def shown(self) -> tuple[str, ...]:
        """The texts of the notices on show, oldest first."""
        return tuple(notice.text for notice in self._shown)

    def stand_above(self, widget: QWidget | None) -> None:
        """Leave this part of the window free, at whose foot the person writes; None where there is no such part."""
        if self._above is not None:
            self._above.removeEventFilter(self)
        self._above = widget
        if widget is not None:
            widget.installEventFilter(self)
        self._place()

    # Its own affairs.

    def _show(self, notice: Notice, spoken: str) -> None:
        while len(self._shown) >= MOST_AT_ONCE:
            self._shown[0].close()
        self._shown.append(notice)
        notice.closed.connect(self._forget)
        notice.setAccessibleName(visible(spoken))
        notice.show()
        self._place()
        QAccessible.updateAccessibility(QAccessibleEvent(notice, QAccessible.Event.Alert))

    def _forget(self, notice: Notice) -> None:
        if notice in self._shown:
            self._shown.remove(notice)
            self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move):  # of the window, or of what is left free
            self._place()
        return False

    def _place(self) -> None:
        """Stack the notices in the lower right corner, the newest lowest."""
        width = min(WIDTH, self._window.width() - 2 * SPACE.xl)
        bottom = self._window.height() - SPACE.xxl - SPACE.l
        if self._above is not None:
            bottom = self._above.mapTo(self._window, QPoint(0, -SPACE.s)).y()
        for notice in reversed(self._shown):
            height = notice.height_for(width)
            notice.setGeometry(self._window.width() - width - SPACE.xl, bottom - height, width, height)
            notice.raise_()
            bottom -= height + SPACE.s


class Question(QDialog):
    """A short question with two answers, or an explanation with one."""

    def __init__(self, parent: QWidget, title: str, text: str, yes: str, no: str = "", *, danger: bool = False) -> None:
        super().__init__(parent)
        self.setWindowTitle(visible(title))
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE.xl, SPACE.xl, SPACE.xl, SPACE.l)
        column.setSpacing(SPACE.m)
        heading = PlainLabel(title, wordWrap=True)
        heading.setProperty("role", "heading")
        body = PlainLabel(text, wordWrap=True)
        body.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        body.setMinimumWidth(400)
        column.addWidget(heading)
        column.addWidget(body)
        column.addSpacing(SPACE.s)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE.s)
        buttons.addStretch(1)
        self.no = QPushButton(caption(no))
        self.yes = QPushButton(caption(yes))
        self.yes.setProperty("role", "danger" if danger else "primary")
        if no:
            self.no.clicked.connect(self.reject)
            buttons.addWidget(self.no)
        self.yes.clicked.connect(self.accept)
        buttons.addWidget(self.yes)
        chosen = self.no if danger and no else self.yes
        chosen.setDefault(True)
        chosen.setFocus()
        column.addLayout(buttons)
