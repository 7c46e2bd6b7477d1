"""The search results: a list that keeps the person's place while better results arrive."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QFocusEvent, QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QListView,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop.pages.documents.hit_list import HIT, MORE, HitDelegate, HitList, More
from desktop.plain import PlainLabel
from desktop.theme import SPACE
from desktop.words import tr
from engine.types import Hit


class RowList(QListView):
    """A list of painted rows: Enter or a double click opens one, Up at the top leaves it."""

    opened = Signal(QModelIndex)
    left_upwards = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "rows")
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.doubleClicked.connect(self.opened)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens; Up from the first row goes back to where one came from."""
        at = self.currentIndex()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and at.isValid():
            self.opened.emit(at)
        elif event.key() == Qt.Key.Key_Up and at.row() <= 0:
            self.left_upwards.emit()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Rows are as tall as their words at this width need."""
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()

    def changeEvent(self, event: QEvent) -> None:
        """Another theme: paint anew."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self.scheduleDelayedItemsLayout()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The row where the keyboard is is also the one chosen: Qt alone makes it current and shows nothing."""
        super().focusInEvent(event)
        by_keyboard = event.reason() not in (Qt.FocusReason.MouseFocusReason, Qt.FocusReason.ActiveWindowFocusReason)
        if by_keyboard and not self.selectionModel().hasSelection() and self.model().rowCount():
            at = self.currentIndex()
            self.setCurrentIndex(at if at.isValid() else self.model().index(0, 0))
            self.selectionModel().select(self.currentIndex(), QItemSelectionModel.SelectionFlag.Select)

    def enter_from_above(self) -> None:
        """Take the keyboard; the first row is chosen if none is."""
        self.setFocus(Qt.FocusReason.TabFocusReason)


class ResultRows(RowList):
    """The results; Enter, a click, Right and Left on the row for a document's others show and hide them."""

    unfold_requested = Signal(object, bool)  # More; whether all are to be shown

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.clicked.connect(self._on_clicked)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """On any other row, as every list."""
        at = self.currentIndex()
        more: More | None = at.data(MORE) if at.isValid() else None
        if more and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.unfold_requested.emit(more, not more.shown)
        elif more and event.key() in (Qt.Key.Key_Right, Qt.Key.Key_Left):
            self.unfold_requested.emit(more, event.key() == Qt.Key.Key_Right)
        else:
            super().keyPressEvent(event)

    @Slot(QModelIndex)
    def _on_clicked(self, at: QModelIndex) -> None:
        more: More | None = at.data(MORE)
        if more:
            self.unfold_requested.emit(more, not more.shown)


class ResultPanel(QWidget):
    """Hits, how many they are, and what can be done with one."""

    opened = Signal(object)  # Hit
    own_program_requested = Signal(object)  # Path
    folder_requested = Signal(object)  # Path
    left_upwards = Signal()
    newest_chosen = Signal(bool)
    why_requested = Signal()
    document_chosen = Signal(object)  # Hit: the document in which it stands

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.summary = PlainLabel()
        self.summary.setProperty("role", "faint")
        self.summary.setWordWrap(True)
        self._query = ""
        self.order = QComboBox()
        self.order.setAccessibleName(tr("Order of the results"))
        self.order.addItem(tr("Best first"), False)
        self.order.addItem(tr("Newest first"), True)
        self.why = QPushButton(tr("Why these results"))
        self.why.setProperty("role", "link")
        self.why.setToolTip(tr("How each result was found, and why a file is not among them"))
        self.why.clicked.connect(self.why_requested)
        self.why.hide()
        self.model = HitList(self)
        self.list = ResultRows()
        self.list.setAccessibleName(tr("Results"))
        self.list.setModel(self.model)
        self.list.setItemDelegate(HitDelegate(self.list))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, SPACE.s, 0, 0)
        column.setSpacing(SPACE.xs)
        head = QHBoxLayout()
        head.addWidget(self.summary, 1)
        head.addWidget(self.why)
        head.addWidget(self.order)
        column.addLayout(head)
        column.addWidget(self.list, 1)
        self.list.opened.connect(self._on_opened)
        self.list.left_upwards.connect(self.left_upwards)
        self.list.selectionModel().currentChanged.connect(self._on_current)
        self.list.unfold_requested.connect(self._unfold)
        self.order.activated.connect(lambda: self.newest_chosen.emit(self.order.currentData()))
        self.list.customContextMenuRequested.connect(self._show_menu)

    # What the page may ask of it.

    def show_hits(self, query: str, hits: Sequence[Hit], complete: bool, besides: str = "") -> None:
        """List these; the chosen passage stays chosen and stays where it is on the screen."""
        kept = self._kept_place()
        self.model.replace(hits, kept[:1] if kept else (), fold=query != self._query)
        self._query = query
        self.why.show()
        self._restore_place(kept)
        self.summary.setText(" · ".join(filter(None, (_summary(query, len(hits), complete), besides))))

    def show_problem(self, why: str) -> None:
        """The search cannot be understood as it stands."""
        self.model.replace(())
        self.why.hide()
        self.summary.setText(why)

    def show_nothing(self) -> None:
        """No search."""
        self.model.replace(())
        self.why.hide()
        self.summary.setText(tr("Start typing: results appear as you write."))

    def menu_for(self, hit: Hit) -> QMenu:
        """What can be done with a hit."""
        menu = QMenu(self)
        path = hit.passage.path
        menu.addAction(tr("Open at passage"), lambda: self.opened.emit(hit))
        menu.addAction(tr("Open in its own program"), lambda: self.own_program_requested.emit(path))
        menu.addAction(tr("Show in folder"), lambda: self.folder_requested.emit(path))
        menu.addSeparator()
        menu.addAction(tr("Copy passage"), lambda: QGuiApplication.clipboard().setText(hit.passage.text))
        return menu

    # Its own affairs.

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+C copies the chosen passage."""
        at = self.list.currentIndex()
        if event.matches(QKeySequence.StandardKey.Copy) and at.isValid() and at.data(HIT):
            QGuiApplication.clipboard().setText(at.data(HIT).passage.text)
            return
        super().keyPressEvent(event)

    def _kept_place(self) -> tuple[int, int] | None:
        """The chosen passage, and how far down the list's window it is."""
        at = self.list.currentIndex()
        if not at.isValid() or not at.data(HIT):
            return None
        return at.data(HIT).passage.id, self.list.visualRect(at).top()

    def _restore_place(self, kept: tuple[int, int] | None) -> None:
        row = self.model.row_of(kept[0]) if kept else None
        if kept is None or row is None:
            self.list.scrollToTop()
            return
        self._choose(row, kept[1])

    def _choose(self, row: int, top: int) -> None:
        """Choose a row, and have it so far down the list's window."""
        at = self.model.index(row, 0)
        self.list.selectionModel().setCurrentIndex(at, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        bar = self.list.verticalScrollBar()
        bar.setValue(bar.value() + self.list.visualRect(at).top() - top)

    @Slot(QModelIndex)
    def _on_opened(self, at: QModelIndex) -> None:
        if at.data(HIT):  # a row for others is no result
            self.opened.emit(at.data(HIT))

    @Slot(QModelIndex)
    def _on_current(self, at: QModelIndex) -> None:
        if at.isValid() and at.data(HIT):
            self.document_chosen.emit(at.data(HIT))

    @Slot(object, bool)
    def _unfold(self, more: More, shown: bool) -> None:
        """Show or hide a document's other hits; the row stays chosen and where it is."""
        top = self.list.visualRect(self.list.currentIndex()).top()
        self.model.unfold(more.document_id, shown)
        row = self.model.row_of_more(more.document_id)
        if row is not None:
            self._choose(row, top)

    @Slot(QPoint)
    def _show_menu(self, where: QPoint) -> None:
        at = self.list.indexAt(where)
        if at.isValid() and at.data(HIT):
            menu = self.menu_for(at.data(HIT))
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(self.list.viewport().mapToGlobal(where))


def _summary(query: str, count: int, complete: bool) -> str:
    if not count:
        return tr("Nothing found for “{query}”.", query=query) if complete else tr("Searching…")
    found = tr("1 passage found") if count == 1 else tr("{count} passages found", count=count)
    return found if complete else tr("{found}, by words so far…", found=found)
