"""The window: the rail of pages, the page on show, the status bar, the keys.

A page is built when it is first shown. Its view may offer what the window knows how to use:
the signals `page_requested(str)` (open another page by its name), `source_requested(object)`
(open the viewer on a source, a hit or a document), `chat_requested(int)` (chat with that
model), `bigger_requested()` (show the models to get), `parting_requested(object)` (close, then do that)
and `lock_requested()`; the widget `writing_place`, which no notice covers; the methods `start_new()` and
`start_with(model_id)` on the chat page, `focus_search()` on the documents page, `recommend()` on the models page,
`came_on_show()`, and, around a lock, `kept_state()` and `take_up(state)`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import QByteArray, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QMainWindow,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop.dialogs.shortcuts import Shortcut, ShortcutsDialog, key_text
from desktop.jobs import Jobs
from desktop.notices import Notices
from desktop.remember import Remembered
from desktop.theme import SPACE, icon
from desktop.upkeep import Upkeep
from desktop.widgets.banner import Banner
from desktop.widgets.parting import Parting
from desktop.widgets.status_bar import StatusBar
from desktop.words import later, tr
from engine.engine import Engine
from engine.types import Document, Hit, Source

# A page's package is imported when the page is first shown: the window is there sooner.


def _chat(engine: Engine, jobs: Jobs, notices: Notices) -> QWidget:
    from desktop.pages.chat.presenter import ChatPresenter
    from desktop.pages.chat.view import ChatView

    view = ChatView()
    ChatPresenter(view, engine, jobs, notices)
    return view


def _documents(engine: Engine, jobs: Jobs, notices: Notices) -> QWidget:
    from desktop.pages.documents.presenter import DocumentsPresenter
    from desktop.pages.documents.view import DocumentsView

    view = DocumentsView()
    DocumentsPresenter(view, engine, jobs, notices)
    return view


def _compare(engine: Engine, jobs: Jobs, notices: Notices) -> QWidget:
    from desktop.pages.compare.presenter import ComparePresenter
    from desktop.pages.compare.view import CompareView

    view = CompareView()
    ComparePresenter(view, engine, jobs, notices)
    return view


def _models(engine: Engine, jobs: Jobs, notices: Notices) -> QWidget:
    from desktop.pages.models.presenter import ModelsPresenter
    from desktop.pages.models.view import ModelsView

    view = ModelsView()
    ModelsPresenter(view, engine, jobs, notices)
    return view


def _privacy(engine: Engine, jobs: Jobs, notices: Notices) -> QWidget:
    from desktop.pages.privacy.presenter import PrivacyPresenter
    from desktop.pages.privacy.view import PrivacyView

    view = PrivacyView()
    PrivacyPresenter(view, engine, jobs, notices)
    return view


def _settings(engine: Engine, jobs: Jobs, notices: Notices) -> QWidget:
    from desktop.pages.settings.presenter import SettingsPresenter
    from desktop.pages.settings.view import SettingsView

    view = SettingsView()
    SettingsPresenter(view, engine, jobs, notices)
    return view


@dataclass(frozen=True, slots=True)
class Page:
    """One entry of the rail. `make` builds the view with its presenter."""

    title: str
    icon: str
    make: Callable[[Engine, Jobs, Notices], QWidget]


PAGES: dict[str, Page] = {
    "chat": Page(later("Chat"), "chat", _chat),
    "documents": Page(later("Documents"), "documents", _documents),
    "compare": Page(later("Compare"), "compare", _compare),
    "models": Page(later("Models"), "models", _models),
    "privacy": Page(later("Privacy"), "privacy", _privacy),
    "settings": Page(later("Settings"), "settings", _settings),
}
MEASURED_EVERY_MS = 30_000
FOLDERS_MS = 5000  # the window and its first page come first
FIRST_BELOW = "privacy"  # from here on the rail's entries stand at its foot
RAIL_PX = 98
ICON_PX = 24
LEAST = QSize(880, 600)
FIRST = QSize(1180, 760)


class Window(QMainWindow):
    """Hanare's one window. `lock_requested` asks whoever made it to close the store and take it away."""

    lock_requested = Signal()

    def __init__(self, engine: Engine, jobs: Jobs, remembered: Remembered) -> None:
        super().__init__()
        self.setWindowTitle("Hanare")
        self.setWindowIcon(icon("hanare", "accent"))
        self.setMinimumSize(LEAST)
        self._engine, self._jobs, self._remembered = engine, jobs, remembered
        self.notices = Notices(self)
        self.notices.told.connect(engine.journal.note)
        self._built: dict[str, QWidget] = {}
        self.page = ""
        self._pages = QStackedWidget()
        self._pages.setObjectName("pages")
        self._rail = QButtonGroup(self)
        self.status = StatusBar(jobs)
        self.status.show_key_place(engine.key_kept_in)
        self.status.explain_requested.connect(self.notices.explain)
        self.status.walls_requested.connect(self._show_walls)
        self._measuring = QTimer(self, interval=MEASURED_EVERY_MS)
        self._measuring.timeout.connect(self.measure)
        self._measuring.start()
        QTimer.singleShot(0, self, self.measure)  # the first picture comes before it
        jobs.began.connect(self.measure)
        jobs.ended.connect(self.measure)
        self.lasting = Banner(icon_name="warning")
        self._lay_out()
        self._upkeep = Upkeep(engine, jobs, self.notices, self.lasting, self)
        self._parted = False
        QTimer.singleShot(FOLDERS_MS, self, self._keep_in_step)
        self.shortcuts = self._make_shortcuts()
        if remembered.geometry == QByteArray() or not self.restoreGeometry(remembered.geometry):
            self.resize(FIRST)
        self.show_page(remembered.page if remembered.page in PAGES else "chat")

    def show_page(self, name: str) -> None:
        """Bring a page to the front, building it if this is its first time."""
        self._build(name)
        self.page = name
        self._pages.setCurrentWidget(self._built[name])
        self._rail.button(list(PAGES).index(name)).setChecked(True)
        self.notices.stand_above(getattr(self._built[name], "writing_place", None))
        _offer(self._built[name], "came_on_show")

    def _build(self, name: str) -> None:
        if name not in self._built:
            page = PAGES[name].make(self._engine, self._jobs, self.notices)
            page.setAccessibleName(tr(PAGES[name].title))
            for wish, answer in (
                ("page_requested", self.show_page),
                ("source_requested", self._show_source),
                ("chat_requested", self._chat_with),
                ("comparison_requested", partial(self._on_page, "compare", "begin_with")),
                ("bigger_requested", partial(self._on_page, "models", "recommend")),
                ("parting_requested", self.part),
                ("lock_requested", self.lock_requested),
            ):
                if hasattr(page, wish):
                    getattr(page, wish).connect(answer)
            self._built[name] = page
            self._pages.addWidget(page)

    @Slot()
    def _keep_in_step(self) -> None:
        """The documents page keeps added folders in step, also where nobody looks at it."""
        if not self._parted and self._engine.documents.folders.all():
            self._build("documents")

    def built(self, name: str) -> QWidget | None:
        """The page's view if it has been shown yet."""
        return self._built.get(name)

    def measure(self, _: object = None) -> None:
        """Try every way out of this program now, and let the badge say what came of it."""
        self.status.show_walls(self._engine.walls())

    @property
    def parted(self) -> bool:
        """Whether everything is closed for good: there is nothing left to lock."""
        return self._parted

    def kept_state(self) -> dict[str, Any]:
        """What would be lost with the window: the page on show, and what its pages say of themselves. JSON knows it."""
        views = {name: view.kept_state() for name, view in self._built.items() if hasattr(view, "kept_state")}
        return {"page": self.page, "views": views}

    def take_up(self, state: dict[str, Any]) -> None:
        """Go on where a former window was taken away."""
        for name, of_view in state["views"].items():
            self.show_page(name)
            _offer(self._built[name], "take_up", of_view)
        self.show_page(state["page"])

    def come_to_front(self) -> None:
        """Show the window above the others; a second start of Hanare asks for it."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the button that has the keyboard, as it does in every dialog; Qt knows only the space bar."""
        focused = self.focusWidget()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and isinstance(focused, QAbstractButton):
            focused.click()
            return
        super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self._parted:  # where all was erased, nothing of ours is to be written again
            self._remembered.keep(self.saveGeometry(), self.page)
        super().closeEvent(event)

    def part(self, parting: Parting) -> None:
        """Close everything, do what needs the folder to itself, and end."""
        from desktop.dialogs.parting import PartingDialog

        self._parted = True
        self._measuring.stop()
        self.hide()
        for view in self._built.values():
            view.deleteLater()
        self._built.clear()
        self._jobs.shut_down()
        self._engine.close()
        jobs = Jobs(self)
        PartingDialog(parting, jobs).exec()
        jobs.shut_down()
        QApplication.quit()

    # Its own affairs.

    def _lay_out(self) -> None:
        rail = QFrame()
        rail.setObjectName("rail")
        rail.setFixedWidth(RAIL_PX)
        column = QVBoxLayout(rail)
        column.setContentsMargins(SPACE.s, SPACE.m, SPACE.s, SPACE.m)
        column.setSpacing(SPACE.xs)
        for number, (name, page) in enumerate(PAGES.items()):
            button = QToolButton()
            button.setCheckable(True)
            button.setProperty("role", "rail")
            button.setText(tr(page.title))
            button.setIcon(icon(page.icon, "faint"))
            button.setIconSize(QSize(ICON_PX, ICON_PX))
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
            button.setFixedWidth(RAIL_PX - 2 * SPACE.s)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            button.setToolTip(f"{tr(page.title)}  ({key_text(f'Ctrl+{number + 1}')})")
            button.clicked.connect(partial(self.show_page, name))
            self._rail.addButton(button, number)
            if name == FIRST_BELOW:
                column.addStretch(1)
            column.addWidget(button)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(rail)
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addWidget(self.lasting)
        right.addWidget(self._pages, 1)
        middle.addLayout(right, 1)
        whole = QWidget()
        below = QVBoxLayout(whole)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(0)
        below.addLayout(middle, 1)
        below.addWidget(self.status)
        self.setCentralWidget(whole)

    def _make_shortcuts(self) -> tuple[Shortcut, ...]:
        keys: list[tuple[str, str, Callable[[], object]]] = [
            (f"Ctrl+{number}", page.title, partial(self.show_page, name))
            for number, (name, page) in enumerate(PAGES.items(), start=1)
        ]
        keys += [
            ("Ctrl+N", later("New chat"), partial(self._on_page, "chat", "start_new")),
            ("Ctrl+K", later("Search documents"), partial(self._on_page, "documents", "focus_search")),
            ("Ctrl+,", later("Settings"), partial(self.show_page, "settings")),
            ("Ctrl+Shift+L", later("Lock"), self.lock_requested.emit),
            ("F1", later("Guide"), self._show_guide),
            ("Ctrl+/", later("Keyboard shortcuts"), self._show_shortcuts),
            ("Ctrl+Q", later("Quit"), self.close),
        ]
        for key, _, do in keys:
            QShortcut(QKeySequence(key), self, do)
        return tuple(Shortcut(key_text(key), tr(title)) for key, title, _ in keys)

    def _on_page(self, name: str, what: str, *values: object) -> None:
        self.show_page(name)
        _offer(self._built[name], what, *values)

    def _show_source(self, source: Source | Hit | Document) -> None:
        from desktop.dialogs.viewer import Viewer  # like a page: imported when it is first needed

        Viewer.show_source(self._engine, self._jobs, self.notices, source, self)

    @Slot()
    def _show_guide(self) -> None:
        """Open it at what the page on show is about, or bring it to the front."""
        from desktop.dialogs.guide import GuideWindow
        from desktop.dialogs.guide_pages import ABOUT

        guide = self.findChild(GuideWindow)
        if guide is None:
            guide = GuideWindow(self)
            guide.shortcuts_requested.connect(self._show_shortcuts)
        guide.show_page(ABOUT[self.page])
        guide.show()
        guide.raise_()
        guide.activateWindow()

    def _chat_with(self, model_id: int) -> None:
        self._on_page("chat", "start_with", model_id)

    def _show_walls(self) -> None:
        self.measure()
        self._on_page("privacy", "show_walls")

    def _show_shortcuts(self) -> None:
        ShortcutsDialog(self.shortcuts, self).exec()


def _offer(view: QWidget, what: str, *values: object) -> None:
    """Call what a page may or may not offer."""
    method = getattr(view, what, None)
    if method is not None:
        method(*values)
