"""Finding a model: what is recommended here, a search of the hub, and the other ways to come by one.

It is what an empty Models page shows, and what "Find a model…" leads to. Nothing is asked of the hub before Enter.
"""

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QAction, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop.pages.models.hub_list import FOUND, HubDelegate, HubList
from desktop.pages.models.recommended_list import RecommendedList
from desktop.pages.models.repository_panel import RepositoryPanel
from desktop.plain import PlainLabel
from desktop.theme import SPACE, icon
from desktop.widgets.amounts import count_text
from desktop.widgets.empty_state import EmptyState
from desktop.widgets.flow import Flow
from desktop.words import later, tr
from engine.types import HubFound, HubKind, HubModel, HubRepository, HubSort, Recommendations

LIST_LEAST_PX, PANEL_LEAST_PX = 230, 340
KINDS = {HubKind.GGUF: later("GGUF files"), HubKind.SAFETENSORS: later("Safetensors to convert")}
SORTS = {
    HubSort.DOWNLOADS: later("Most downloaded"), HubSort.LIKES: later("Most liked"), HubSort.NEWEST: later("Newest")
}  # fmt: skip
RECOMMENDED, RESULTS = range(2)


class FindPanel(QWidget):
    """Wishes of every kind; what comes of them is shown with `show_…`."""

    search_requested = Signal(str, object, object)  # words, a HubKind, a HubSort
    repository_requested = Signal(str)
    download_requested = Signal(object)  # a DownloadWish
    refresh_requested = Signal()
    shown = Signal()
    back_requested = Signal()
    open_requested = Signal()
    by_name_requested = Signal()
    elsewhere_requested = Signal()  # look for models that other programs have
    test_models_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE.s)
        column.addLayout(self._make_search())
        hint = PlainLabel(
            tr("Enter asks huggingface.co, which then sees your internet address and what you typed. Nothing is asked "
               "before."),
            wordWrap=True,
        )  # fmt: skip
        hint.setProperty("role", "small")
        column.addWidget(hint)
        self.recommended = RecommendedList()
        self.recommended.download_requested.connect(self.download_requested)
        self.recommended.refresh_requested.connect(self.refresh_requested)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.recommended)
        self._pages.addWidget(self._make_results())
        column.addWidget(self._pages, 1)
        column.addWidget(self._make_ways())

    # What the presenter may ask of it.

    def show_recommended(self, found: Recommendations) -> None:
        """What suits this computer."""
        self.recommended.show_recommended(found)

    def show_results(self, found: HubFound) -> None:
        """What a search found, in place of what is recommended."""
        self._results.replace(found.models)
        words = tr("{count} found", count=count_text(len(found.models)))
        if found.left_out:
            words = f"{words} · " + tr("{count} more cannot be converted here", count=count_text(found.left_out))
        self.count.setText(words if found.models or found.left_out else "")
        self._about.hide()
        self._hint.setVisible(bool(found.models))
        self.list.setVisible(bool(found.models))
        self._nothing.setVisible(not found.models)
        self._pages.setCurrentIndex(RESULTS)
        if found.models:
            self.list.setCurrentIndex(self._results.index(0))
            self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_repository(self, found: HubRepository) -> None:
        """What was asked about one of the results."""
        self._hint.hide()
        self.repository.show_repository(found)
        self._about.show()

    def show_making(self, making: bool) -> None:
        """Whether the test models are being made now."""
        self.make.setEnabled(not making)
        self.make.setText(tr("Making the test models…") if making else tr("Make test models"))

    def search_for(self, words: str, kind: HubKind) -> None:
        """As if these words had been typed."""
        self.field.setText(words)
        self.kind.setCurrentIndex(self.kind.findData(kind.value))
        self._search()

    def recommend(self) -> None:
        """What is recommended, in place of what a search found."""
        self._pages.setCurrentIndex(RECOMMENDED)

    def begin(self) -> None:
        """The keyboard is where one begins."""
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def showEvent(self, event: QShowEvent) -> None:
        """It has come to the front."""
        super().showEvent(event)
        self.shown.emit()

    # Its own affairs.

    def _make_search(self) -> QHBoxLayout:
        self.back = QPushButton(icon("chevron-left"), tr("Your models"))
        self.back.setProperty("role", "quiet")
        self.back.clicked.connect(self.back_requested)
        self.back.hide()
        self.field = QLineEdit()
        self.field.setProperty("role", "search")
        self.field.setPlaceholderText(tr("Search the Hugging Face hub"))
        self.field.setAccessibleName(tr("Search the Hugging Face hub"))
        self.field.addAction(QAction(icon("search", "faint"), "", self), QLineEdit.ActionPosition.LeadingPosition)
        self.field.returnPressed.connect(self._search)
        self.kind, self.sort = QComboBox(), QComboBox()
        self.kind.setAccessibleName(tr("What to look for"))
        self.sort.setAccessibleName(tr("What comes first"))
        for kind, words in KINDS.items():
            self.kind.addItem(tr(words), kind.value)
        for sort, words in SORTS.items():
            self.sort.addItem(tr(words), sort.value)
        self.go = QPushButton(tr("Search"))
        self.go.clicked.connect(self._search)
        row = QHBoxLayout()
        row.setSpacing(SPACE.s)
        row.addWidget(self.back)
        row.addWidget(self.field, 1)
        for widget in (self.kind, self.sort, self.go):
            row.addWidget(widget)
        return row

    def _make_results(self) -> QWidget:
        self._results = HubList(self)
        self.list = QListView()
        self.list.setModel(self._results)
        self.list.setItemDelegate(HubDelegate(self.list))
        self.list.setAccessibleName(tr("What the hub has"))
        self.list.setMinimumWidth(LIST_LEAST_PX)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.clicked.connect(self._open)
        self.list.activated.connect(self._open)
        self.repository = RepositoryPanel()
        self._about = QScrollArea()
        self._about.setWidgetResizable(True)
        self._about.setFrameShape(QFrame.Shape.NoFrame)
        self._about.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._about.setMinimumWidth(PANEL_LEAST_PX)
        self._about.setWidget(self.repository)
        self._about.hide()
        self.repository.download_requested.connect(self.download_requested)
        self.repository.gguf_requested.connect(lambda words: self.search_for(words, HubKind.GGUF))
        self._hint = EmptyState(
            "models",
            tr("Choose one"),
            tr("A click, or Enter, asks the hub what a model is and which of its files fit."),
        )
        self._nothing = EmptyState(
            "search", tr("Nothing found"), tr("The hub has no such model. Fewer words find more.")
        )
        self._nothing.hide()
        self.count = PlainLabel("")
        self.count.setProperty("role", "faint")
        leave = QPushButton(icon("chevron-left"), tr("Recommended"))
        leave.setProperty("role", "quiet")
        leave.clicked.connect(self.recommend)
        head = QHBoxLayout()
        head.addWidget(leave)
        head.addWidget(self.count, 1)
        row = QHBoxLayout()
        row.setSpacing(SPACE.l)
        for widget, stretch in ((self.list, 1), (self._hint, 2), (self._nothing, 2), (self._about, 2)):
            row.addWidget(widget, stretch)
        sheet = QWidget()
        column = QVBoxLayout(sheet)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE.s)
        column.addLayout(head)
        column.addLayout(row, 1)
        return sheet

    def _make_ways(self) -> QWidget:
        """The other ways to come by a model."""
        self.ways = QWidget()
        row = Flow(self.ways, SPACE.s)
        self.open = QPushButton(icon("plus"), tr("Open a GGUF file…"))
        self.open.setToolTip(tr("It is used where it lies, never copied. You can also drop files here."))
        self.open.clicked.connect(self.open_requested)
        self.by_name = QPushButton(icon("download"), tr("Download…"))
        self.by_name.setToolTip(tr("By the name of a repository and a file, or a link"))
        self.by_name.clicked.connect(self.by_name_requested)
        self.elsewhere = QPushButton(icon("search"), tr("Models on this computer…"))
        self.elsewhere.clicked.connect(self.elsewhere_requested)
        self.make = QPushButton(tr("Make test models"))
        self.make.setToolTip(tr("Tiny models that show how everything works, but write noise"))
        self.make.clicked.connect(self.test_models_requested)
        for button in (self.open, self.by_name, self.elsewhere, self.make):
            row.addWidget(button)
        return self.ways

    def _search(self) -> None:
        words = self.field.text().strip()
        if words:
            kind, sort = HubKind(self.kind.currentData()), HubSort(self.sort.currentData())
            self.search_requested.emit(words, kind, sort)
        else:
            self.recommend()

    def _open(self, index: QModelIndex) -> None:
        if index.isValid():
            model: HubModel = index.data(FOUND)
            self.repository_requested.emit(model.repository)

    @property
    def found(self) -> Sequence[HubModel]:
        """The results that are listed."""
        return self._results.models
