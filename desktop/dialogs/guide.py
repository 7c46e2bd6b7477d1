"""The short guide in a window of its own, on F1: its pages by group, a search, the page on show."""

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QSignalBlocker, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QKeySequence, QPixmap, QShortcut, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QListView,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop.dialogs.guide_pages import FIRST, GuidePage, Picture, matching, pieces, read_guide
from desktop.plain import PlainLabel, tip
from desktop.theme import DARK, SPACE, colours, theme
from desktop.widgets.link_dialog import LinkDialog
from desktop.widgets.prose import Prose
from desktop.widgets.row_paint import scaled
from desktop.widgets.search_field import SearchField
from desktop.words import tr

SIZE_PX = (980, 700)
LIST_PX, TEXT_PX, PICTURE_PX = 280, 600, 400
NAME = Qt.ItemDataRole.UserRole


class GuideWindow(QDialog):
    """Stays open beside the window. `show_page` brings a page to it."""

    shortcuts_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint)
        self.setWindowTitle(tr("Guide"))
        self.resize(*SIZE_PX)
        self._pages = read_guide()
        self._been: list[str] = []  # the pages before the one on show
        self.page = ""
        self.search = SearchField(tr("Search the guide"))
        self.list = QListView()
        self._rows = QStandardItemModel(self)
        self._scroll = QScrollArea(widgetResizable=True)
        self._text = QVBoxLayout()
        self.back = QPushButton(tr("Back"))
        self._lay_out()
        self._list(self._pages)
        self.search.searched.connect(self._search)
        self.search.left_downwards.connect(self._enter_list)
        self.list.selectionModel().currentChanged.connect(self._choose)
        self.back.clicked.connect(self.go_back)
        theme().changed.connect(self._show_again)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Back), self, self.go_back)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self, self.search.setFocus)
        self.search.setFocus()

    def show_page(self, name: str) -> None:
        """Show a page, the first one where there is none of that name."""
        known = {page.name: page for page in self._pages}
        page = known.get(name) or known[FIRST]
        if self.page and self.page != page.name:
            self._been.append(self.page)
        self._show(page)

    @Slot()
    def go_back(self) -> None:
        """Show the page that was on show before."""
        if self._been:
            name = self._been.pop()
            self._show(next(page for page in self._pages if page.name == name))

    # Its own affairs.

    @Slot()
    def _show_again(self) -> None:
        """In the colours of another theme."""
        self._search(self.search.text())
        self._show(next(page for page in self._pages if page.name == self.page))

    def _show(self, page: GuidePage) -> None:
        self.page = page.name
        while (item := self._text.takeAt(0)) is not None:
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        for piece in pieces(page):
            self._text.addWidget(self._picture(piece) if isinstance(piece, Picture) else self._prose(piece))
        self._text.addStretch(1)
        self._scroll.verticalScrollBar().setValue(0)
        self.back.setEnabled(bool(self._been))
        self._mark_current()

    def _prose(self, text: str) -> Prose:
        prose = Prose()
        prose.setMaximumWidth(TEXT_PX)
        prose.show_text(text)
        prose.link_chosen.connect(self._follow)
        return prose

    def _picture(self, picture: Picture) -> PlainLabel:
        """In the theme's colours where there is one, as wide as the text."""
        dark = picture.path.with_name(picture.path.name.replace("-light-", "-dark-"))
        shown = QPixmap(str(dark if colours() is DARK and dark.exists() else picture.path))
        label = PlainLabel()
        label.setAccessibleName(picture.words)
        label.setToolTip(tip(picture.words))
        if not shown.isNull():
            ratio = self.devicePixelRatioF()
            room = QSize(round(TEXT_PX * ratio), round(PICTURE_PX * ratio))
            fitted = shown.scaled(room, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
            fitted.setDevicePixelRatio(ratio)
            label.setPixmap(fitted)
        return label

    @Slot(str)
    def _follow(self, link: str) -> None:
        """A link to another page shows it; one that leads out is shown first."""
        name = link.removesuffix(".md")
        if any(page.name == name for page in self._pages):
            self.show_page(name)
        else:
            LinkDialog(link, self).open()

    @Slot(str)
    def _search(self, words: str) -> None:
        found = matching(self._pages, words)
        self._list(found)
        self._none.setVisible(not found)
        if words and found:
            self.show_page(found[0].name)
        else:
            self._mark_current()

    @Slot()
    def _enter_list(self) -> None:
        self.list.setFocus()

    def _list(self, pages: Sequence[GuidePage]) -> None:
        """Titles under their groups."""
        blocker = QSignalBlocker(self.list.selectionModel())  # no page is chosen by being listed
        self._rows.clear()
        group = ""
        for page in pages:
            if page.group != group and len(pages) == len(self._pages):
                group = page.group
                heading = QStandardItem(group)
                heading.setFlags(Qt.ItemFlag.NoItemFlags)
                heading.setFont(scaled(self.font(), 0.86, bold=True))
                heading.setForeground(QColor(colours().faint))
                self._rows.appendRow(heading)
            row = QStandardItem(page.title)
            row.setEditable(False)
            row.setData(page.name, NAME)
            row.setToolTip(tip(page.title))
            self._rows.appendRow(row)
        blocker.unblock()

    def _mark_current(self) -> None:
        """Have the list stand at the page on show."""
        rows = (self._rows.index(row, 0) for row in range(self._rows.rowCount()))
        index = next((row for row in rows if row.data(NAME) == self.page), QModelIndex())
        if index != self.list.currentIndex():
            self.list.setCurrentIndex(index)

    @Slot(QModelIndex)
    def _choose(self, index: QModelIndex) -> None:
        name = index.data(NAME)
        if name and name != self.page:
            self.show_page(name)

    def _lay_out(self) -> None:
        self.list.setModel(self._rows)
        self.list.setAccessibleName(tr("Pages of the guide"))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._none = PlainLabel(tr("No page has these words."), wordWrap=True)
        self._none.setProperty("role", "faint")
        self._none.hide()
        side = QVBoxLayout()
        side.setSpacing(SPACE.s)
        side.addWidget(self.search)
        side.addWidget(self._none)
        side.addWidget(self.list, 1)
        left = QWidget()
        left.setFixedWidth(LIST_PX)
        left.setLayout(side)
        side.setContentsMargins(0, 0, 0, 0)
        inside = QWidget()
        inside.setLayout(self._text)
        self._text.setContentsMargins(0, 0, SPACE.l, 0)
        self._text.setSpacing(SPACE.m)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidget(inside)
        self._scroll.setAccessibleName(tr("Page"))
        middle = QHBoxLayout()
        middle.setSpacing(SPACE.l)
        middle.addWidget(left)
        middle.addWidget(self._scroll, 1)
        keys = QPushButton(tr("Keyboard shortcuts"))
        keys.clicked.connect(self.shortcuts_requested)
        close = QPushButton(tr("Close"))
        close.clicked.connect(self.close)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE.s)
        buttons.addWidget(self.back)
        buttons.addStretch(1)
        buttons.addWidget(keys)
        buttons.addWidget(close)
        for button in (self.back, keys, close):
            button.setAutoDefault(False)  # Enter belongs to the search and the list
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE.xl, SPACE.l, SPACE.xl, SPACE.l)
        column.setSpacing(SPACE.l)
        column.addLayout(middle, 1)
        column.addLayout(buttons)
