"""The document viewer: opens a source at its page with the passage highlighted.

    Viewer.show_source(engine, jobs, notices, source, parent)

A document with pages is shown as a picture of the page; any other as its text. When the file
has moved or cannot be drawn, the text Hanare kept is shown, and the window says so.
"""

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from desktop.dialogs.viewer_window import ViewerWindow
from desktop.error_text import error_text
from desktop.jobs import Job, Jobs
from desktop.notices import Notices
from desktop.widgets import file_actions
from desktop.widgets.places import ocr_words, place_name
from desktop.words import tr
from engine.engine import Engine
from engine.errors import EngineError, FileMissing
from engine.types import Document, Hit, Page, PagePicture, Passage, Source


class Viewer(QObject):
    """One open viewer; it lives exactly as long as its window."""

    @classmethod
    def show_source(
        cls, engine: Engine, jobs: Jobs, notices: Notices, source: Source | Hit | Document, parent: QWidget | None
    ) -> "Viewer":
        """Open a window on a citation, a search result, or a document at its first page."""
        window = ViewerWindow(source.passage.path if isinstance(source, Hit) else source.path, parent)
        viewer = cls(window, engine, jobs, notices, source)
        window.show()
        return viewer

    def __init__(
        self, window: ViewerWindow, engine: Engine, jobs: Jobs, notices: Notices, source: Source | Hit | Document
    ) -> None:
        super().__init__(window)
        self.window = window
        self._engine, self._jobs, self._notices = engine, jobs, notices
        self._place = _place(source)
        self._page = self._place.page
        self._paged = False
        self._drawing: Job | None = None
        window.page_chosen.connect(self._open_page)
        window.picture_wanted.connect(self._draw)
        window.own_program_requested.connect(self._open_in_own_program)
        window.folder_requested.connect(self._show_in_folder)
        self._open()

    # Its own affairs.

    def _open(self) -> None:
        document = next((one for one in self._engine.documents.all() if one.id == self._place.document_id), None)
        self._pages = document.pages if document else self._page
        try:
            self._paged = self._engine.documents.page(self._place.document_id, self._page).paged
        except EngineError as error:
            self.window.show_paged(False)
            self.window.show_banner(error_text(error).sentence)
            return
        self.window.show_paged(self._paged, self._pages > 1)
        if not self._place.path.is_file():
            self._explain_missing()
        self._open_page(self._page)

    @Slot(int)
    def _open_page(self, number: int) -> None:
        try:
            page = self._engine.documents.page(self._place.document_id, number)
        except EngineError as error:
            self._notices.error(error)
            return
        self._page = number
        shown = self._place.place if number == self._place.page and self._place.place.kind else page.place
        called = ("" if page.paged else place_name(shown), ocr_words(page.confidence))
        self.window.show_page(number, self._pages, " · ".join(filter(None, called)))
        start, end = self._span(page)
        self.window.show_text(page.text, start, end)
        self.window.picture.forget()
        self._draw(self.window.picture.wanted_width)

    @Slot(int)
    def _draw(self, width: int) -> None:
        """Ask for the page's picture; one at a time, the newest wish wins."""
        if not self._paged:
            return
        if self._drawing:
            self._drawing.silence()
        start, end = (self._place.start, self._place.end) if self._page == self._place.page else (0, 0)
        self._drawing = self._jobs.start(
            lambda cancel: self._engine.documents.picture(
                self._place.document_id, self._page, cancel, width=width, start=start, end=end
            ),
            on_done=self._show_picture,
            on_error=self._explain,
            owner=self.window,
        )

    def _show_picture(self, picture: PagePicture) -> None:
        self.window.show_picture(picture)

    def _explain(self, error: Exception) -> None:
        """No picture: the words of the page are there all the same."""
        self.window.show_text_only()
        if isinstance(error, FileMissing):
            self._explain_missing()
        else:
            self.window.show_banner(
                tr("The page could not be drawn, so its text is shown. {why}", why=error_text(error).sentence)
            )

    def _explain_missing(self) -> None:
        self._paged = False
        self.window.show_file_missing()
        self.window.show_text_only()
        self.window.show_banner(
            tr("{name} is no longer where it was. This is the text Hanare kept of it.", name=self._place.path.name)
        )

    def _span(self, page: Page) -> tuple[int, int]:
        return (self._place.start, self._place.end) if page.number == self._place.page else (0, 0)

    @Slot()
    def _open_in_own_program(self) -> None:
        if not file_actions.open_in_own_program(self._place.path):
            self._notices.toast(tr("No program could be started for {name}.", name=self._place.path.name))

    @Slot()
    def _show_in_folder(self) -> None:
        if not file_actions.show_in_folder(self._place.path):
            self._notices.toast(tr("The folder of {name} could not be shown.", name=self._place.path.name))


def _place(source: Source | Hit | Document) -> Passage | Source:
    """Where to open: the passage of a hit, the source itself, or the top of a document."""
    if isinstance(source, Hit):
        return source.passage
    if isinstance(source, Document):
        return Source(number=1, document_id=source.id, path=source.path, page=1, start=0, end=0, text="")
    return source
