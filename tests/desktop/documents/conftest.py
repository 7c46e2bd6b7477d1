"""The documents page on the real engine, with real small files; only torch and llama.cpp are left out."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

import engine.documents.documents as engine_documents
from desktop.dialogs.viewer import Viewer
from desktop.jobs import Jobs
from desktop.notices import Notices
from desktop.pages.documents.presenter import DocumentsPresenter
from desktop.pages.documents.view import DocumentsView
from desktop.theme import theme
from engine.documents.embedding import Embedder
from engine.engine import Engine, Places

WAIT_MS = 60_000  # a busy machine; nothing is measured


class Page:
    """The page in a window of its own, and everything behind it."""

    def __init__(self, engine: Engine, qtbot: QtBot) -> None:
        self.engine, self.qtbot = engine, qtbot
        self.window = QMainWindow()
        self.view = DocumentsView()
        self.window.setCentralWidget(self.view)
        self.window.resize(1000, 760)
        self.jobs = Jobs(self.window)
        self.notices = Notices(self.window)
        self.presenter = DocumentsPresenter(self.view, engine, self.jobs, self.notices)
        self.viewers: list[Viewer] = []
        self.view.source_requested.connect(self._show_source)
        self.window.show()

    def wait(self, true: object) -> None:
        """Until `true()` is."""
        self.qtbot.waitUntil(true, timeout=WAIT_MS)

    def add(self, *paths: Path) -> None:
        """Add as the buttons do, and wait until all is read and can be found by meaning too."""
        self.view.add_requested.emit(list(paths))
        self.wait_until_added()

    def wait_until_added(self) -> None:
        """Nothing is being read and every passage has its vector."""
        self.wait(lambda: self.view.adding.isHidden() and not self.jobs.busy)

    def type(self, words: str) -> None:
        """Write in the field, key by key."""
        self.qtbot.keyClicks(self.view.field, words)

    def search(self, words: str) -> None:
        """Write in the field and wait for all results."""
        self.view.field.clear()
        self.type(words)
        self.wait(
            lambda: self.presenter._query == words and not self.jobs.busy and not self.presenter._again.isActive()
        )

    def ask(self, question: str) -> None:
        """Write a question in the field and press Enter."""
        self.view.field.clear()
        self.type(question)
        self.qtbot.keyClick(self.view.field, Qt.Key.Key_Return)

    def wait_for_answer(self) -> None:
        """An answer, or no more of it, is on show and nothing works any more."""
        self.wait(lambda: self.view.answer.stop.isHidden() and not self.jobs.busy)

    @property
    def hits(self) -> tuple:
        """The results on show."""
        return self.view.results.model.hits

    def close(self) -> None:
        """As the app closes."""
        for viewer in self.viewers:
            viewer.window.close()
        self.jobs.shut_down()
        self.window.close()
        self.window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)  # before the engine goes

    def _show_source(self, source: object) -> None:
        viewer = Viewer.show_source(self.engine, self.jobs, self.notices, source, self.window)
        viewer.destroyed.connect(partial(self.viewers.remove, viewer))
        self.viewers.append(viewer)


@pytest.fixture
def opened_urls(qapp: object) -> Iterator[list[str]]:
    """What would have been handed to other programs."""

    class Opener(QObject):
        urls: list[str] = []

        @Slot(QUrl)
        def open(self, url: QUrl) -> None:
            self.urls.append(url.toString())

    opener = Opener()
    opener.urls = []
    QDesktopServices.setUrlHandler("file", opener, "open")
    yield opener.urls
    QDesktopServices.unsetUrlHandler("file")


@pytest.fixture
def page(tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    """An open, empty documents page."""
    monkeypatch.setattr(engine_documents, "Embedder", partial(Embedder, module="tests.fakes.embedder_worker"))
    theme().choose("light")
    with Engine.open(Places(tmp_path / "data"), model_process="tests.fakes.model_worker") as engine:
        made = Page(engine, qtbot)
        yield made
        made.close()


def make_pdf(path: Path, *pages: str) -> Path:
    """A PDF with these pages of text."""
    canvas = Canvas(str(path), pagesize=A4)
    for text in pages:
        for number, line in enumerate(text.split("\n")):
            canvas.drawString(72, 760 - 18 * number, line)
        canvas.showPage()
    canvas.save()
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a paged document, a note in Japanese, a web page, and a PDF that is none."""
    folder = tmp_path / "papers"
    folder.mkdir()
    make_pdf(
        folder / "Tenancy agreement.pdf",
        "This agreement is between the landlord and the tenant.",
        "The rent is due on the first day of each month.",
        "The deposit is 1,200 euro.\nIt is returned within thirty days after the end of the tenancy.",
    )
    (folder / "メモ.txt").write_text("敷金は家賃の二か月分です。契約の終わりに返還されます。", encoding="utf-8")
    (folder / "heating.html").write_text(
        "<html><body><h1>Heating</h1><p>The boiler is serviced every autumn. "
        "<img src='//evil.example/share/x.png'></p></body></html>",
        encoding="utf-8",
    )
    (folder / "scan.pdf").write_bytes(b"PK\x03\x04 this is a ZIP archive and no PDF at all")
    return folder
