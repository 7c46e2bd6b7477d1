"""The question for what opens a backup that has a key of its own: asked when it is locked, and while it is wrong."""

from collections.abc import Collection
from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desktop.error_text import error_text
from desktop.plain import PlainLabel
from desktop.theme import SPACE
from desktop.widgets.backup_words import moment_text
from desktop.widgets.key_fields import KeyFields, other_way_text
from desktop.words import told, tr
from engine.errors import EngineError, Locked, PassphraseWrong, RecoveryCodeWrong
from engine.kept import Backup
from engine.ways import Unlock, WayIn

WIDTH_PX = 560
WRONG = (PassphraseWrong, RecoveryCodeWrong)


class BackupKey:
    """What is offered to open one backup, from one try to the next."""

    def __init__(self, backup: Backup, parent: QWidget | None = None) -> None:
        self.backup = backup
        self.offered: Unlock | None = None  # None: it is to open by itself
        self._parent = parent
        self._locked: Locked | None = None

    def is_wanted(self, error: Exception) -> bool:
        """Whether the error says that this backup, and not the folder, is locked or was not opened with the offer."""
        return isinstance(error, (Locked, *WRONG)) and Path(error.store).parent == self.backup.path

    def asks(self, error: Exception) -> bool:
        """Ask, where it is wanted, after an error; whether something is `offered` now that can be tried."""
        return self.is_wanted(error) and self.ask(error)

    def ask(self, error: Exception) -> bool:
        """Ask after such an error; whether something is `offered` now that can be tried."""
        if isinstance(error, Locked):
            self._locked = error
        assert self._locked is not None, "nothing is offered before it is known to be locked"
        question = BackupKeyQuestion(self.backup, self._locked, self._parent)
        if isinstance(error, WRONG) and self.offered is not None:
            question.show_problem(error, self.offered.way)
        accepted = question.exec() == QDialog.DialogCode.Accepted
        self.offered = question.unlock if accepted else None
        question.deleteLater()
        return accepted


class BackupKeyQuestion(QDialog):
    """Accepted only with something in the field."""

    def __init__(self, backup: Backup, locked: Locked, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title = tr("The backup of {moment} is locked", moment=moment_text(backup.made_at))
        self.setWindowTitle(title)
        self.setFixedWidth(WIDTH_PX)
        self._ways: Collection[WayIn] = locked.ways
        self.fields = KeyFields()
        self.problem = _words("", "bad")
        self.problem.hide()
        self.other = QPushButton()
        self.other.setProperty("role", "link")
        self.other.setAutoDefault(False)
        self.cancel, self.go = QPushButton(tr("Cancel")), QPushButton(tr("Open the backup"))
        self.cancel.setAutoDefault(False)
        self.go.setProperty("role", "primary")
        self.go.setDefault(True)
        self._lay_out(title, tr("It did not open by itself: {why}.", why=told(locked.why)))
        for field in (self.fields.passphrase, self.fields.code):
            field.textChanged.connect(self._refresh)
        self.other.clicked.connect(self._show_other)
        self.cancel.clicked.connect(self.reject)
        self.go.clicked.connect(self.accept)
        self._show_way(WayIn.PASSPHRASE if WayIn.PASSPHRASE in self._ways else WayIn.RECOVERY)

    @property
    def unlock(self) -> Unlock:
        """What is offered now."""
        return Unlock(way=self._way, text=self.fields.field.text())

    def show_problem(self, error: EngineError, way: WayIn) -> None:
        """What was offered before does not open it."""
        problem = error_text(error)
        self.problem.setText(f"{problem.sentence}\n{problem.advice}")
        _as_tall_as_it_reads(self.problem)
        self.problem.show()
        self._show_way(way)

    # Its own affairs.

    def _lay_out(self, title: str, why: str) -> None:
        about = tr(
            "It was made on another computer, or before everything was erased, so it has a key of its own. Type the "
            "passphrase or the recovery code that belonged to it. It is used this once, and nothing is changed until "
            "it is right. What opens your data stays as it is."
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE.xl, SPACE.xl, SPACE.xl, SPACE.l)
        column.setSpacing(SPACE.m)
        for label in (_words(title, "heading"), _words(about, ""), _words(why, "faint")):
            column.addWidget(label)
            _as_tall_as_it_reads(label)
        column.addWidget(self.fields)
        column.addWidget(self.problem)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE.s)
        buttons.addWidget(self.other)
        buttons.addStretch(1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.go)
        column.addLayout(buttons)

    def _show_way(self, way: WayIn) -> None:
        self._way = way
        self.fields.show_way(way)
        another = WayIn.RECOVERY if way is WayIn.PASSPHRASE else WayIn.PASSPHRASE
        self.other.setText(other_way_text(way))
        self.other.setVisible(another in self._ways)
        self._refresh()
        self.fields.take_keyboard()

    @Slot()
    def _show_other(self) -> None:
        self._show_way(WayIn.RECOVERY if self._way is WayIn.PASSPHRASE else WayIn.PASSPHRASE)

    @Slot()
    def _refresh(self) -> None:
        self.go.setEnabled(bool(self.fields.field.text()))


def _words(text: str, role: str) -> PlainLabel:
    label = PlainLabel(text, wordWrap=True)
    label.setProperty("role", role)
    return label


def _as_tall_as_it_reads(label: PlainLabel) -> None:
    label.ensurePolished()
    label.setMinimumHeight(label.heightForWidth(WIDTH_PX - 2 * SPACE.xl))  # a dialog asks its words for one line
