"""What is left out of a folder: rules as in .gitignore, a size, and how many files that concerns, as it is written.

Holds no engine: asks to count and to keep, and is told what came of it.
"""

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QPushButton, QSpinBox, QVBoxLayout, QWidget

from desktop.plain import PlainLabel
from desktop.theme import SPACE
from desktop.widgets.amounts import count_text
from desktop.widgets.row_paint import home_words
from desktop.words import tr
from engine.types import Folder, LeftOut
from engine.unseen import visible

COUNT_MS = 300  # after the last key
MIB = 1024**2


class RulesDialog(QDialog):
    """The rules of one folder."""

    count_requested = Signal(str, int)  # the rules; the most bytes, 0 for as any file
    keep_requested = Signal(str, int)

    def __init__(self, folder: Folder, rules: str, hanares: str, parent: QWidget) -> None:
        """`rules` are those of now, `hanares` those that come with Hanare."""
        super().__init__(parent)
        self.setWindowTitle(visible(tr("Rules for {folder}", folder=folder.path.name)))
        self.rules = QPlainTextEdit(rules)
        self.rules.setAccessibleName(tr("Files and folders that are left out"))
        self.rules.setTabChangesFocus(True)
        self.most = QSpinBox()
        self.most.setRange(0, 1024)
        self.most.setSuffix(tr(" MiB"))
        self.most.setSpecialValueText(tr("as large as any"))
        self.most.setValue(folder.most_bytes // MIB)
        self.most.setAccessibleName(tr("Largest file that is read"))
        self.counted = PlainLabel(wordWrap=True)
        self.counted.setProperty("role", "small")
        self.back = QPushButton(tr("Hanare's own rules"))
        self.back.setProperty("role", "link")
        self.back.clicked.connect(lambda: self.rules.setPlainText(hanares))
        self.cancel, self.keep = QPushButton(tr("Cancel")), QPushButton(tr("Save"))
        self.keep.setProperty("role", "primary")
        self._lay_out(folder)
        self._soon = QTimer(self, singleShot=True, interval=COUNT_MS)
        self._soon.timeout.connect(self._count)
        self.rules.textChanged.connect(self._changed)
        self.most.valueChanged.connect(self._changed)
        self.cancel.clicked.connect(self.reject)
        self.keep.clicked.connect(lambda: self.keep_requested.emit(*self.chosen))
        self._changed()

    @property
    def chosen(self) -> tuple[str, int]:
        """The rules, and the most bytes of a file."""
        return self.rules.toPlainText(), self.most.value() * MIB

    def show_counting(self, files: int) -> None:
        """So many files were looked at."""
        self.counted.setText(tr("Counting… {count} files", count=count_text(files)))

    def show_counted(self, left_out: LeftOut) -> None:
        """What these rules would leave out."""
        words = tr(
            "These rules leave out {count} of {all} files that Hanare could read.",
            count=count_text(left_out.by_rules), all=count_text(left_out.files),
        )  # fmt: skip
        if left_out.too_large:
            words += " " + tr("{count} more are too large.", count=count_text(left_out.too_large))
        self.counted.setText(words)
        self.keep.setEnabled(True)

    def show_problem(self, words: str) -> None:
        """These rules cannot be kept."""
        self.counted.setText(words)
        self.keep.setEnabled(False)

    # Its own affairs.

    def _lay_out(self, folder: Folder) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE.xl, SPACE.xl, SPACE.xl, SPACE.l)
        column.setSpacing(SPACE.m)
        heading = PlainLabel(home_words(folder.path), wordWrap=True)
        heading.setProperty("role", "heading")
        about = PlainLabel(
            tr("One rule a line, as in a .gitignore file: “drafts/” is a folder, “*.html” a kind of file, “/notes.txt” "
               "one file at the top, and “!” before a rule lets in again."), wordWrap=True,
        )  # fmt: skip
        size = QHBoxLayout()
        size.setSpacing(SPACE.s)
        size.addWidget(PlainLabel(tr("Largest file that is read")))
        size.addWidget(self.most)
        size.addStretch(1)
        size.addWidget(self.back)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE.s)
        buttons.addStretch(1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.keep)
        for part in (heading, about, self.rules):
            column.addWidget(part)
        column.addLayout(size)
        column.addWidget(self.counted)
        column.addLayout(buttons)
        self.resize(560, 480)

    @Slot()
    def _changed(self) -> None:
        self._soon.start()

    @Slot()
    def _count(self) -> None:
        self.count_requested.emit(*self.chosen)
