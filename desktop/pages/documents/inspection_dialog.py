"""Why these results, why this answer: how each was found, what the answer leans on, and why a file is not there.

Holds no engine: asks to measure and to look for a file, and is told what came of it.
"""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QModelIndex, QStringListModel, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QCompleter,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QPushButton,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from desktop.pages.documents.found_table import GIVEN, NAME, REORDERED, FoundTable
from desktop.pages.documents.share_list import ShareList
from desktop.pages.documents.standing_words import particulars, verdict
from desktop.plain import PlainLabel
from desktop.theme import SPACE
from desktop.widgets.elided_label import ElidedLabel
from desktop.widgets.progress_row import STEPS, ProgressRow
from desktop.widgets.row_paint import home_words
from desktop.widgets.table import table_view
from desktop.words import tr
from engine.types import Answer, Document, FileStanding, Inspected, Why
from engine.unseen import visible


class InspectionDialog(QDialog):
    """One search, and the answer that was made from it where there is one."""

    measure_requested = Signal()
    stop_requested = Signal()
    file_requested = Signal(object)  # Path
    name_requested = Signal(str)  # what was written, which is no whole path of a document
    stop_file_requested = Signal()
    source_requested = Signal(object)  # Hit or Source

    def __init__(
        self, asked: str, answer: Answer | None, documents: Sequence[Document], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        title = tr("Why this answer") if answer else tr("Why these results")
        self.setWindowTitle(title)
        self._fitting: tuple[Path, ...] = ()
        self._paths = {visible(home_words(document.path)): document.path for document in documents}
        self.heading = PlainLabel(title)
        self.heading.setProperty("role", "heading")
        self.asked = ElidedLabel(asked)
        self.asked.setProperty("role", "faint")
        self.tabs = QTabBar()
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.stack = QStackedWidget()
        self.table = FoundTable(self)
        if answer is not None and answer.model and answer.text.strip() and answer.sources:
            self._add_tab(tr("What the answer leans on"), self._shares_page(len(answer.sources)))
        self._add_tab(tr("What was found"), self._found_page(answer))
        self._add_tab(tr("A file that is missing"), self._file_page())
        self.tabs.currentChanged.connect(self.stack.setCurrentIndex)
        self._lay_out()

    # What the presenter may ask of it.

    def show_found(self, inspected: Inspected) -> None:
        """How the results were found."""
        self.table.replace(inspected.found)
        self.found.setVisible(bool(inspected.found))
        self.found.setColumnHidden(REORDERED, not any(one.hit.reordered_rank for one in inspected.found))
        self.found_words.setText(_found_words(inspected))

    def show_file(self, file: FileStanding) -> None:
        """Where the file stands that was asked for."""
        self.looking.hide()
        self.name.say(file.path.name)
        self.verdict.setText(verdict(file))
        self.particulars.setText("\n".join(particulars(file)))

    def show_fitting(self, paths: Sequence[Path]) -> None:
        """Several files have that name: the person chooses; with none, what to do."""
        if not paths:
            self.show_not_looked(
                tr("No file of that name is among your documents or in the folders that Hanare keeps in step. "
                   "Choose the file.")
            )  # fmt: skip
            return
        self.looking.hide()
        self._clear_file(tr("Several files have that name. Choose the one that you mean."))
        self._fitting = tuple(paths)
        self.fitting_names.setStringList([visible(home_words(path)) for path in paths])
        self.fitting.setCurrentIndex(self.fitting_names.index(0))
        self.fitting.show()
        self.fitting.setFocus()

    def show_looking(self, name: str) -> None:
        """A file is being looked for, which can be stopped."""
        self._clear_file("")
        self.looking.title.setText(tr("Looking for {file}…", file=name))
        self.looking.stop.setEnabled(True)
        self.looking.bar.setRange(0, 0)
        self.looking.detail.setText("")
        self.looking.show()

    def show_not_looked(self, words: str) -> None:
        """It was stopped, or went wrong."""
        self.looking.hide()
        self._clear_file(words)
        self.file.setFocus()

    def show_measuring(self, done: float, total: int, words: str) -> None:
        """So many of the readings are done, one perhaps in part."""
        self.measure.hide()
        self.progress.stop.setEnabled(True)
        self.progress.show()
        self.progress.bar.setRange(0, STEPS)
        self.progress.bar.setValue(round(STEPS * done / max(total, 1)))
        self.progress.detail.setText(words)

    def show_shares(self, why: Why) -> None:
        """What the answer leans on."""
        self.progress.hide()
        self.shares.show_why(why)
        self.shares.show()

    def show_not_measured(self, words: str) -> None:
        """It was stopped, or cannot be measured."""
        self.progress.hide()
        self.measure.show()
        self.measure.setFocus()
        self.trouble.setText(words)
        self.trouble.setVisible(bool(words))

    # Its own affairs.

    def _clear_file(self, words: str) -> None:
        self.name.say("")
        self.verdict.setText(words)
        self.particulars.setText("")

    def _add_tab(self, words: str, page: QWidget) -> None:
        self.tabs.addTab(words)
        self.stack.addWidget(page)

    def _shares_page(self, passages: int) -> QWidget:
        self.about = PlainLabel(
            tr(
                "How much of this answer comes from which passage can be measured: the model reads it again with all "
                "passages, without each of them, and without any. That is {times} readings; it writes nothing.",
                times=passages + 2,
            ),
            wordWrap=True,
        )
        self.measure = QPushButton(tr("Measure"))
        self.measure.setProperty("role", "primary")
        self.measure.setAutoDefault(False)
        self.measure.clicked.connect(self._on_measure)
        self.progress = ProgressRow(tr("Reading the answer"))
        self.progress.stop.setAutoDefault(False)
        self.progress.hide()
        self.progress.stop_requested.connect(self._on_stop)
        self.trouble = PlainLabel(wordWrap=True)
        self.trouble.setProperty("role", "warn")
        self.trouble.hide()
        self.shares = ShareList()
        self.shares.hide()
        self.shares.source_requested.connect(self.source_requested)
        page, column = _page()
        column.addWidget(self.about)
        column.addWidget(self.measure, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.progress)
        column.addWidget(self.trouble)
        column.addWidget(self.shares, 100)
        column.addStretch(1)
        return page

    def _found_page(self, answer: Answer | None) -> QWidget:
        self.found = table_view(self.table, tr("How each result was found"), NAME)
        self.found.setColumnHidden(GIVEN, answer is None or answer.verbatim or not answer.model)
        self.found.activated.connect(self._on_opened)
        self.found_words = PlainLabel(tr("Searching…"), wordWrap=True)
        self.found_words.setProperty("role", "faint")
        page, column = _page()
        column.addWidget(self.found_words)
        column.addWidget(self.found, 100)
        column.addStretch(1)
        return page

    def _file_page(self) -> QWidget:
        self.file = QLineEdit()
        self.file.setPlaceholderText(tr("Name of a document, or a path"))
        self.file.setAccessibleName(tr("The file that you expected"))
        completer = QCompleter(QStringListModel(sorted(self._paths), self), self)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.activated.connect(self._on_file)
        self.file.setCompleter(completer)
        self.file.returnPressed.connect(self._on_file)
        self.choose = QPushButton(tr("Choose a file…"))
        self.choose.setAutoDefault(False)
        self.choose.clicked.connect(self._choose_file)
        self.looking = ProgressRow(tr("Looking for a file"))
        self.looking.stop.setAutoDefault(False)
        self.looking.hide()
        self.looking.stop_requested.connect(self._on_stop_looking)
        self.name = ElidedLabel("", Qt.TextElideMode.ElideMiddle)
        self.name.setProperty("role", "strong")
        self.verdict, self.particulars = PlainLabel(wordWrap=True), PlainLabel(wordWrap=True)
        for label in (self.verdict, self.particulars):
            label.setMinimumWidth(1)  # a name without a gap in it makes no window wider
        self.particulars.setProperty("role", "faint")
        self.fitting, self.fitting_names = QListView(), QStringListModel(self)
        self.fitting.setModel(self.fitting_names)
        self.fitting.setAccessibleName(tr("Files of that name"))
        self.fitting.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.fitting.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.fitting.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.fitting.hide()
        self.fitting.activated.connect(self._on_fitting)
        row = QHBoxLayout()
        row.setSpacing(SPACE.s)
        row.addWidget(self.file, 1)
        row.addWidget(self.choose)
        page, column = _page()
        column.addWidget(PlainLabel(tr("Which file did you expect?")))
        column.addLayout(row)
        column.addWidget(self.looking)
        column.addWidget(self.name)
        column.addWidget(self.verdict)
        column.addWidget(self.particulars)
        column.addWidget(self.fitting, 100)
        column.addStretch(1)
        return page

    def _lay_out(self) -> None:
        close = QPushButton(tr("Close"))
        close.setAutoDefault(False)
        close.clicked.connect(self.close)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE.xl, SPACE.xl, SPACE.xl, SPACE.l)
        column.setSpacing(SPACE.m)
        column.addWidget(self.heading)
        column.addWidget(self.asked)
        column.addWidget(self.tabs)
        column.addWidget(self.stack, 1)
        column.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)
        self.resize(820, 520)

    @Slot()
    def _on_measure(self) -> None:
        self.trouble.hide()
        self.measure_requested.emit()

    @Slot()
    def _on_stop(self) -> None:
        self.progress.show_stopping()
        self.stop_requested.emit()

    @Slot()
    def _on_stop_looking(self) -> None:
        self.looking.show_stopping()
        self.stop_file_requested.emit()

    @Slot(QModelIndex)
    def _on_opened(self, at: QModelIndex) -> None:
        self.source_requested.emit(self.table.lines[at.row()].hit)

    @Slot()
    def _on_file(self) -> None:
        words = self.file.text().strip()
        self.fitting.hide()
        if words in self._paths:
            self.file_requested.emit(self._paths[words])
        elif words:
            self.name_requested.emit(words)

    @Slot(QModelIndex)
    def _on_fitting(self, at: QModelIndex) -> None:
        self.file_requested.emit(self._fitting[at.row()])

    @Slot()
    def _choose_file(self) -> None:
        dialog = QFileDialog(self, tr("Choose a file"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self._on_chosen)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    @Slot(str)
    def _on_chosen(self, name: str) -> None:
        self.file.setText(visible(home_words(Path(name))))
        self.fitting.hide()
        self.file_requested.emit(Path(name))


def _page() -> tuple[QWidget, QVBoxLayout]:
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(0, SPACE.s, 0, 0)
    column.setSpacing(SPACE.m)
    return page, column


def _found_words(inspected: Inspected) -> str:
    told = [] if inspected.found else [tr("Nothing was found.")]
    if inspected.also:
        told.append(tr("Also searched: {words}", words=", ".join(inspected.also)))
    if inspected.not_by_meaning:
        told.append(tr("Meaning could not be searched."))
    elif not inspected.by_meaning:
        told.append(tr("Meaning was not searched."))
    if inspected.found:
        told.append(tr("Beside each place: how well the words fit (bm25), and how near it is in meaning (cosine)."))
    return "\n".join(told)
