"""How the document viewer looks: the page's picture or its text, and the controls around it.

Starts no work and holds no engine; `viewer.py` does.
"""

from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop import theme
from desktop.plain import PlainLabel
from desktop.widgets.amounts import count_text
from desktop.widgets.banner import Banner
from desktop.widgets.elided_label import ElidedLabel
from desktop.widgets.page_picture import STEP, PagePictureView
from desktop.widgets.page_text import PageText
from desktop.widgets.row_paint import home_words
from desktop.words import tr
from engine.types import PagePicture
from engine.unseen import visible

SPACE = theme.SPACE


class ViewerWindow(QDialog):
    """A window on one page of one document."""

    page_chosen = Signal(int)
    own_program_requested = Signal()
    folder_requested = Signal()
    picture_wanted = Signal(int)

    def __init__(self, path: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint)
        self.setWindowTitle(visible(path.name))
        self.picture = PagePictureView()
        self.text = PageText()
        self.banner = Banner(tone="warn", icon_name="warning")
        self.banner.hide()
        self._page, self._pages, self._text_zoom = 1, 1, 1.0
        self._build_head(path)
        self._build_controls()
        self._lay_out()
        self._connect()
        self._add_shortcuts()
        self.resize(self._good_size(parent))

    # What the viewer may ask of it.

    def show_paged(self, paged: bool, several: bool = False) -> None:
        """Whether the document has pages that are shown as pictures; else whether there are `several` texts to turn."""
        for part in (self._looks, self.fit):
            part.setVisible(paged)
        self._pager.setVisible(paged or several)
        self.stack.setCurrentWidget(self.picture if paged else self.text)
        (self.picture if paged else self.text).setFocus()

    def show_page(self, number: int, pages: int, place: str = "") -> None:
        """Say which page of how many is on show, and what else it is called: "slide 3"."""
        self._page, self._pages = number, max(pages, number)
        self.number.setText(str(number))
        self.of.setText(tr("of {pages}", pages=count_text(self._pages)))
        self.place.say(place)
        self.place.setVisible(bool(place))
        self.previous.setEnabled(number > 1)
        self.next.setEnabled(number < self._pages)

    def show_text(self, text: str, start: int, end: int) -> None:
        """Show the words of the page."""
        self.text.show_text(text, start, end)

    def show_picture(self, picture: PagePicture) -> None:
        """Show the page as it was printed."""
        self.picture.show_picture(picture)

    def show_text_only(self) -> None:
        """There is no picture of this page: show its words."""
        self._looks.setVisible(False)
        self.fit.setVisible(False)
        self.stack.setCurrentWidget(self.text)

    def show_banner(self, words: str) -> None:
        """Say what is amiss, above the page; nothing hides it."""
        self.banner.show_text(words, "warn")
        self.banner.setVisible(bool(words))

    def show_file_missing(self) -> None:
        """There is nothing to hand to another program."""
        self.own_program.setEnabled(False)

    # Its own affairs.

    def _build_head(self, path: Path) -> None:
        self.name = ElidedLabel(path.name, Qt.TextElideMode.ElideMiddle)
        self.name.setProperty("role", "heading")
        self.path = ElidedLabel(home_words(path), Qt.TextElideMode.ElideMiddle)
        self.path.setProperty("role", "faint")
        self.own_program = QPushButton(tr("Open in its own program"))
        self.own_program.setToolTip(tr("Open in its own program (Ctrl+O)"))
        self.folder = QPushButton(tr("Show in folder"))
        for button in (self.own_program, self.folder):
            button.setProperty("role", "quiet")
            button.setAutoDefault(False)

    def _build_controls(self) -> None:
        self.previous = self._tool("chevron-left", tr("Previous page"))
        self.next = self._tool("chevron-right", tr("Next page"))
        self.number = QLineEdit()
        self.number.setAccessibleName(tr("Page number"))
        self.number.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.number.setFixedWidth(56)
        self.of = PlainLabel()
        self.place = ElidedLabel("", Qt.TextElideMode.ElideMiddle)
        self.place.setProperty("role", "faint")
        self.smaller = self._tool("minus", tr("Smaller (Ctrl+−)"))
        self.larger = self._tool("plus", tr("Larger (Ctrl++)"))
        self.percent = PlainLabel("100 %")
        self.percent.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.percent.setMinimumWidth(self.percent.fontMetrics().horizontalAdvance("0000 %"))
        self.fit = QPushButton(tr("Fit width"))
        self.fit.setProperty("role", "quiet")
        self.fit.setAutoDefault(False)
        self.as_page = self._look(tr("Page"))
        self.as_text = self._look(tr("Text"))
        self.as_page.setChecked(True)

    def _lay_out(self) -> None:
        titles = QVBoxLayout(spacing=2)  # type: ignore[call-overload]
        titles.addWidget(self.name)
        titles.addWidget(self.path)
        head = QHBoxLayout()
        head.setContentsMargins(SPACE.l, SPACE.m, SPACE.l, SPACE.m)
        head.setSpacing(SPACE.s)
        head.addLayout(titles, 1)
        head.addWidget(self.own_program)
        head.addWidget(self.folder)
        self._pager = self._group(self.previous, self.number, self.of, self.next)
        self._looks = self._group(self.as_page, self.as_text)
        controls = QHBoxLayout()
        controls.setContentsMargins(SPACE.l, 0, SPACE.l, SPACE.m)
        controls.setSpacing(SPACE.m)
        controls.addWidget(self._pager)
        controls.addWidget(self.place, 4)
        controls.addStretch(1)
        controls.addWidget(self._looks)
        controls.addStretch(1)
        controls.addWidget(self._group(self.smaller, self.percent, self.larger))
        controls.addWidget(self.fit)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.picture)
        self.stack.addWidget(self.text)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(head)
        whole.addLayout(controls)
        whole.addWidget(self.banner)
        whole.addWidget(self.stack, 1)

    def _connect(self) -> None:
        self.previous.clicked.connect(lambda: self._turn(-1))
        self.next.clicked.connect(lambda: self._turn(1))
        self.number.editingFinished.connect(self._on_number)
        self.picture.page_turned.connect(self._turn)
        self.picture.width_wanted.connect(self.picture_wanted)
        self.picture.zoom_changed.connect(self._on_picture_zoom)
        self.smaller.clicked.connect(lambda: self._zoom_by(1 / STEP))
        self.larger.clicked.connect(lambda: self._zoom_by(STEP))
        self.fit.clicked.connect(self.picture.fit_width)
        self.as_page.clicked.connect(lambda: self._show_as(self.picture))
        self.as_text.clicked.connect(lambda: self._show_as(self.text))
        self.own_program.clicked.connect(self.own_program_requested)
        self.folder.clicked.connect(self.folder_requested)

    def _add_shortcuts(self) -> None:
        wishes = (
            (QKeySequence.StandardKey.ZoomIn, lambda: self._zoom_by(STEP)),
            (QKeySequence("Ctrl+="), lambda: self._zoom_by(STEP)),
            (QKeySequence.StandardKey.ZoomOut, lambda: self._zoom_by(1 / STEP)),
            (QKeySequence("Ctrl+0"), self.picture.fit_width),
            (QKeySequence("Ctrl+O"), self.own_program_requested.emit),
            (QKeySequence("Ctrl+PgDown"), lambda: self._turn(1)),
            (QKeySequence("Ctrl+PgUp"), lambda: self._turn(-1)),
        )
        for keys, wish in wishes:
            QShortcut(keys, self).activated.connect(wish)

    def _turn(self, by: int) -> None:
        wanted = self._page + by
        if 1 <= wanted <= self._pages:
            self.page_chosen.emit(wanted)

    def _on_number(self) -> None:
        words = self.number.text().strip()
        wanted = min(max(int(words), 1), self._pages) if words.isdecimal() else self._page
        self.number.setText(str(wanted))
        if wanted != self._page:
            self.page_chosen.emit(wanted)

    def _zoom_by(self, by: float) -> None:
        if self.stack.currentWidget() is self.picture:
            self.picture.zoom_to(self.picture.zoom * by)
            return
        self._text_zoom = min(max(self._text_zoom * by, 0.5), 4.0)
        self.text.zoom_to(self._text_zoom)
        self._show_zoom(self._text_zoom)

    def _on_picture_zoom(self, zoom: float) -> None:
        if self.stack.currentWidget() is self.picture:
            self._show_zoom(zoom)

    def _show_zoom(self, zoom: float) -> None:
        self.percent.setText(f"{round(zoom * 100)} %")

    def _show_as(self, look: QWidget) -> None:
        self.stack.setCurrentWidget(look)
        self.fit.setEnabled(look is self.picture)
        self._show_zoom(self.picture.zoom if look is self.picture else self._text_zoom)
        look.setFocus()

    def _good_size(self, parent: QWidget | None) -> QSize:
        room = self.screen().availableSize()
        wanted = QSize(980, 860)
        if parent is not None:
            wanted = wanted.boundedTo(parent.window().size() * 1.2).expandedTo(QSize(760, 600))
        return wanted.boundedTo(room * 0.92)

    @staticmethod
    def _tool(icon: str, words: str) -> QToolButton:
        button = QToolButton()
        button.setIcon(theme.icon(icon))
        button.setToolTip(words)
        button.setAccessibleName(words)
        return button

    def _look(self, words: str) -> QPushButton:
        button = QPushButton(words)
        button.setCheckable(True)
        button.setAutoDefault(False)
        button.setProperty("role", "quiet")
        if not hasattr(self, "_look_group"):
            self._look_group = QButtonGroup(self)
        self._look_group.addButton(button)
        return button

    @staticmethod
    def _group(*parts: QWidget) -> QWidget:
        group = QWidget()
        row = QHBoxLayout(group)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE.xs)
        for part in parts:
            row.addWidget(part)
        return group
