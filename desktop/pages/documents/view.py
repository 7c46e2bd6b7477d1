"""How the documents page looks: one field to search or ask with, and below it what came of it.

Typing shows results, Enter asks, an empty field shows all documents. Files and folders may be
dropped anywhere. Holds no engine and starts no work.
"""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QBoxLayout,
    QCheckBox,
    QFileDialog,
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from desktop.pages.documents.answer_panel import AnswerPanel
from desktop.pages.documents.answerer import AnswererChoice, GuideLine
from desktop.pages.documents.collection_choice import CollectionChoice
from desktop.pages.documents.document_panel import DocumentPanel
from desktop.pages.documents.outcome_words import counts_words
from desktop.pages.documents.reach_choice import ReachChoice
from desktop.pages.documents.result_panel import ResultPanel
from desktop.plain import PlainLabel
from desktop.theme import SPACE
from desktop.widgets.amounts import count_text
from desktop.widgets.drop_target import DropTarget, dropped_paths
from desktop.widgets.empty_state import EmptyState
from desktop.widgets.page_header import PageHeader
from desktop.widgets.progress_row import ProgressRow
from desktop.widgets.search_field import SearchField
from desktop.words import tr
from engine.events import Progressed
from engine.types import Collection, Counts, Document, Folder, Hit, Model

WIDEST = 1120  # lines longer than this are hard to read
NARROW = 860  # pixels, below which what belongs to asking stands under the field


class DocumentsView(QWidget):
    """The documents page."""

    search_requested = Signal(str)
    newest_chosen = Signal(bool)  # results of the last changed files first, or the best
    ask_requested = Signal(
        str, object, bool, object, object
    )  # question, model's id or None, only quotes?, reach, among
    stop_ask_requested = Signal()
    ask_again_requested = Signal()
    anyway_requested = Signal()  # ask again with the model although it does not fit
    source_requested = Signal(object)  # Hit, Source or Document: show it in the viewer
    own_program_requested = Signal(object)  # Path
    folder_requested = Signal(object)  # Path
    add_requested = Signal(object)  # list of Path
    samples_requested = Signal()
    stop_adding_requested = Signal()
    remove_requested = Signal(object)  # tuple of Document
    restore_requested = Signal(object)  # tuple of Document, in the trash
    erase_requested = Signal(object)  # tuple of Document, in the trash
    retry_requested = Signal(object)  # tuple of Document
    look_again_requested = Signal()
    page_requested = Signal(str)
    bigger_requested = Signal()  # models to get in place of the guide

    RESULTS, ANSWER, DOCUMENTS = range(3)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._build_head()
        self.results = ResultPanel()
        self.answer = AnswerPanel()
        self.documents = DocumentPanel()
        self.adding = ProgressRow(tr("Reading your documents"))
        self.meaning = PlainLabel()
        self.meaning.setProperty("role", "small")
        self.meaning.setToolTip(
            tr("Passages that can also be found by what they mean. The others are found by their words until then.")
        )
        self.empty = EmptyState(
            "documents",
            tr("Search and ask your own files"),
            tr(
                "Add PDF, Word, Excel, PowerPoint, web, mail or text files. They are read on this computer, "
                "kept encrypted, and never leave it. You can also drop them here."
            ),
        )
        self._lay_out()
        self._drop_target = DropTarget(
            tr("Drop files or folders to add them"),
            lambda data: bool(dropped_paths(data)),
            lambda data: self.add_requested.emit(dropped_paths(data)),
            self,
        )
        self._connect()
        self.adding.hide()
        self.meaning.hide()
        self.results.show_nothing()
        self.show_tab(self.DOCUMENTS)

    # What the presenter may ask of this page.

    def show_documents(
        self, documents: Sequence[Document], trash: Sequence[Document], folders: Sequence[Folder], counts: Counts,
        unheard: Sequence[Path] = (), collections: Sequence[Collection] = (),
    ) -> None:  # fmt: skip
        """Show what has been added; with nothing added and nothing in the trash, how to begin.

        Of the folders in `unheard` the system tells nothing.
        """
        self.collections.show_collections(collections)
        only = self.collections.collection
        self.documents.show_documents(documents, folders, unheard, collections, only)
        self.reach.keep_to(documents)
        self.documents.show_trash(trash)
        self.tabs.setTabText(
            self.DOCUMENTS,
            tr("Documents ({count})", count=count_text(len(only.documents))) if only else
            tr("All documents ({count})", count=count_text(len(documents))),
        )  # fmt: skip
        self.header.subtitle.setText(counts_words(counts))
        anything = bool(documents or trash or folders) or not self.adding.isHidden()
        self._whole.setCurrentWidget(self._full if anything else self.empty)
        for part in (self.header.subtitle, self.add_files, self.add_folder):
            part.setVisible(anything)

    def show_hits(self, query: str, hits: Sequence[Hit], complete: bool, besides: str = "") -> None:
        """Show the results so far; `besides` says what else was done in the search."""
        self.results.show_hits(query, hits, complete, besides)

    def show_models(self, models: Sequence[Model]) -> None:
        """Offer these to write answers; no model, which answers with quotes, is always there."""
        self.model.show_models(models)
        self._offer_quotes()

    def show_adding(self, progress: Progressed | None) -> None:
        """Files are being read; None before the first is counted."""
        if self.adding.isHidden():
            self.adding.stop.setEnabled(True)
            self.adding.bar.setRange(0, 0)
            self.adding.detail.setText(tr("Counting files…"))
            self.adding.show()
        self._whole.setCurrentWidget(self._full)
        if progress and self.adding.stop.isEnabled():
            self.adding.show_progress(progress)

    def show_added(self) -> None:
        """No files are being read."""
        self.adding.hide()

    def show_meaning(self, done: int, total: int, *, changing: bool = False) -> None:
        """How many passages can be found by meaning; hidden once all can. `changing`: by the newly chosen model."""
        counted = {"done": count_text(done), "total": count_text(total)}
        self.meaning.setText(
            tr("Read by the newly chosen model: {done} of {total} passages. The one before is searched with until then",
               **counted) if changing else
            tr("Ready for search by meaning: {done} of {total} passages", **counted)
        )  # fmt: skip
        self.meaning.setVisible(0 <= done < total)

    def show_resting(self) -> None:
        """The search by meaning is not prepared on battery."""
        self.meaning.setText(tr("The search by meaning is prepared when there is power again"))
        self.meaning.show()

    def show_tab(self, tab: int) -> None:
        """Bring results, answer or documents to the front."""
        with QSignalBlocker(self.tabs):
            self.tabs.setCurrentIndex(tab)
        self.stack.setCurrentIndex(tab)

    def focus_search(self) -> None:
        """Ctrl+K: write in the field at once."""
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def came_on_show(self) -> None:
        """The page was chosen: typing searches."""
        if not self.documents.list.hasFocus():
            self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    # Qt asks.

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A narrow window puts the model below the field."""
        super().resizeEvent(event)
        narrow = self.width() < NARROW
        direction = QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        if self._head_row.direction() != direction:
            self._head_row.setDirection(direction)

    # Its own affairs.

    def _build_head(self) -> None:
        self.header = PageHeader(tr("Documents"))
        self.add_files = QPushButton(tr("Add files…"))
        self.add_folder = QPushButton(tr("Add folder…"))
        self.header.add(self.add_files)
        self.header.add(self.add_folder)
        self.field = SearchField(tr("Search as you type, or ask a question and press Enter"))
        self.field.setToolTip(
            tr(
                "Words, “exact phrases”, -word to leave out\n"
                "in:collection  file:name  folder:name  type:pdf\n"
                "from:sender  before:2024-05  after:2024-05-01"
            )
        )
        self.field.setAcceptDrops(False)
        self.setFocusProxy(self.field)
        self.model, self.guide = AnswererChoice(), GuideLine()
        self.quotes = QCheckBox(tr("Only quotes"))
        self.quotes.setToolTip(
            tr("The model chooses among the sentences of your documents, and can write nothing of its own")
        )
        self.reach = ReachChoice()
        self.ask = QPushButton(tr("Ask"))
        self.ask.setProperty("role", "primary")
        self.ask.setToolTip(tr("Ask your documents (Enter)"))
        self.ask.setEnabled(False)
        self.tabs = QTabBar()
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        for words in (tr("Results"), tr("Answer"), tr("All documents")):
            self.tabs.addTab(words)
        self.collections = CollectionChoice()

    def _lay_out(self) -> None:
        self._head_row = QHBoxLayout()
        self._head_row.setSpacing(SPACE.s)
        asking = QHBoxLayout()
        asking.setSpacing(SPACE.s)
        asking.addWidget(self.reach, 1)
        asking.addWidget(self.model, 1)
        asking.addWidget(self.quotes)
        asking.addWidget(self.ask)
        for part in (self.field, self.reach, self.model, self.ask):
            part.setProperty("tall", True)
        self._head_row.addWidget(self.field, 1)
        self._head_row.addLayout(asking)
        self.stack = QStackedWidget()
        for panel in (self.results, self.answer, self.documents):
            self.stack.addWidget(panel)
        self._full = QWidget()
        full = QVBoxLayout(self._full)
        full.setContentsMargins(0, 0, 0, 0)
        full.setSpacing(SPACE.m)
        full.addLayout(self._head_row)
        full.addWidget(self.guide)
        choices = QHBoxLayout()
        choices.addWidget(self.tabs, 1)
        choices.addWidget(self.collections)
        full.addLayout(choices)
        full.addWidget(self.stack, 1)
        full.addWidget(self.adding)
        full.addWidget(self.meaning)
        self._whole = QStackedWidget()
        self._whole.addWidget(self._full)
        self._whole.addWidget(self.empty)
        column = QWidget()
        column.setMaximumWidth(WIDEST)
        inner = QVBoxLayout(column)
        inner.setContentsMargins(SPACE.xxl, SPACE.xl, SPACE.xxl, SPACE.l)
        inner.setSpacing(SPACE.l)
        inner.addWidget(self.header)
        inner.addWidget(self._whole, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(column)

    def _connect(self) -> None:
        self.field.searched.connect(self._on_searched)
        self.field.textChanged.connect(lambda words: self.ask.setEnabled(bool(words.strip())))
        self.field.returnPressed.connect(self._on_ask)
        self.ask.clicked.connect(self._on_ask)
        self.model.activated.connect(self._offer_quotes)
        self.guide.bigger_requested.connect(self.bigger_requested)
        self.quotes.toggled.connect(self._offer_quotes)
        self.tabs.currentChanged.connect(self.show_tab)
        self.results.opened.connect(self.source_requested)
        self.results.newest_chosen.connect(self.newest_chosen)
        self.answer.source_requested.connect(self.source_requested)
        self.answer.stop_requested.connect(self.stop_ask_requested)
        self.answer.again_requested.connect(self.ask_again_requested)
        self.answer.anyway_requested.connect(self.anyway_requested)
        self.documents.opened.connect(self.source_requested)
        self.documents.all_requested.connect(lambda: self.collections.choose(None))
        for panel in (self.results, self.documents):
            panel.own_program_requested.connect(self.own_program_requested)
            panel.folder_requested.connect(self.folder_requested)
            panel.left_upwards.connect(self.focus_search)
            panel.document_chosen.connect(self.reach.offer)
        self.documents.remove_requested.connect(self.remove_requested)
        self.documents.restore_requested.connect(self.restore_requested)
        self.documents.erase_requested.connect(self.erase_requested)
        self.documents.retry_requested.connect(self.retry_requested)
        self.documents.look_again_requested.connect(self.look_again_requested)
        self.adding.stop_requested.connect(self._on_stop)
        self.add_files.clicked.connect(self._choose_files)
        self.add_folder.clicked.connect(self._choose_folder)
        self.empty.add_button(tr("Add folder…"), primary=True).clicked.connect(self._choose_folder)
        self.empty.add_button(tr("Add files…")).clicked.connect(self._choose_files)
        self.empty.add_button(tr("Try with our sample documents")).clicked.connect(self.samples_requested)
        for keys, wish in (
            (QKeySequence.StandardKey.Find, self.focus_search),
            (QKeySequence(Qt.Key.Key_F5), self.look_again_requested.emit),
        ):
            QShortcut(keys, self, wish)  # the whole window hears it while this page is on show
        escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
        escape.activated.connect(self.stop_ask_requested)
        escape.setEnabled(False)
        self.answer.working.connect(escape.setEnabled)
        self.field.left_downwards.connect(self._into_list)

    @Slot(str)
    def _on_searched(self, words: str) -> None:
        self.search_requested.emit(words)
        asked = self.stack.currentIndex() == self.ANSWER and words == self.answer.question.text()
        if words and not asked:  # what Enter asked stays in front
            self.show_tab(self.RESULTS)
        elif not words:
            self.results.show_nothing()
            self.show_tab(self.DOCUMENTS)

    @Slot()
    def _on_ask(self) -> None:
        question = self.field.text().strip()
        if question:
            self.show_tab(self.ANSWER)
            self.answer.show_question(question)
            verbatim = not self.model.writes or self.quotes.isChecked()
            self.ask_requested.emit(question, self.model.currentData(), verbatim, self.reach.reach, self.reach.among)

    @Slot()
    def _offer_quotes(self) -> None:
        """Without a model that writes it is quotes in any case, and nobody who could read everything."""
        self.quotes.setVisible(self.model.writes)
        self.guide.setVisible(self.model.is_guide)
        self.reach.allow_all(self.model.writes and not self.quotes.isChecked())

    @Slot()
    def _on_stop(self) -> None:
        self.adding.show_stopping()
        self.stop_adding_requested.emit()

    @Slot()
    def _into_list(self) -> None:
        """Down from the field goes into whatever list is on show."""
        panel = self.stack.currentWidget()
        if isinstance(panel, ResultPanel | DocumentPanel):
            panel.list.enter_from_above()

    @Slot()
    def _choose_files(self) -> None:
        dialog = QFileDialog(self, tr("Add files"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(self._on_chosen)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    @Slot()
    def _choose_folder(self) -> None:
        dialog = QFileDialog(self, tr("Add folder"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.filesSelected.connect(self._on_chosen)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    @Slot(list)
    def _on_chosen(self, names: list[str]) -> None:
        self.add_requested.emit([Path(name) for name in names])
