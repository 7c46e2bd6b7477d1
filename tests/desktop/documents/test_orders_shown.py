"""What documents that try to give orders look like: their words are shown, nothing in them is opened or fetched."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from desktop.pages.documents.answer_panel import AnswerPanel
from desktop.widgets.code_block import CodeBlock
from desktop.widgets.inert_document import InertDocument
from desktop.widgets.markdown import MarkdownView
from desktop.widgets.page_text import PageText
from desktop.widgets.sources import SourceRow
from engine.types import Answer, Quote, Source
from engine.unseen import visible
from tests.reliability.canaries import Canaries
from tests.reliability.orders import ORDERS, written


@pytest.fixture
def canaries(tmp_path: Path) -> Iterator[Canaries]:
    """A file and a server that the orders name."""
    with Canaries(tmp_path) as watching:
        yield watching


@pytest.fixture
def orders(canaries: Canaries) -> dict[str, str]:
    """The orders about them."""
    return written(str(canaries.file), f"http://127.0.0.1:{canaries.port}/")


@pytest.fixture(autouse=True)
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that a program was asked to open."""
    asked: list[str] = []

    def open_url(url: QUrl) -> bool:
        asked.append(url.toString())
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", open_url)
    return asked


def source(text: str) -> Source:
    return Source(number=1, document_id=1, path=Path("a.md"), page=1, start=0, end=len(text), text=text)


def test_an_answer_that_repeats_an_order_opens_and_fetches_nothing(
    canaries: Canaries, orders: dict[str, str], opened: list[str], qtbot: QtBot
) -> None:
    panel, links = AnswerPanel(), list[str]()
    streamed = MarkdownView()
    streamed.link_chosen.connect(links.append)
    for widget in (panel, streamed):
        qtbot.addWidget(widget)
        widget.resize(600, 500)
        widget.show()
    for name, text in orders.items():
        panel.show_question(name)
        panel.show_answer(Answer(question=name, model="m", text=f"It says [1]: {text}", sources=(source(text),)))
        streamed.show_text("")
        for at in range(0, len(text), 5):
            streamed.append(text[at : at + 5])
        streamed.settle()
        for widget in (panel, streamed):
            widget.grab()
            assert not any(_has_picture(inert) for inert in widget.findChildren(InertDocument)), name
        assert canaries.seen() == [], name
    assert (opened, links) == ([], [])


def _has_picture(document: InertDocument) -> bool:
    block = document.begin()
    while block.isValid():
        if any(span.format.isImageFormat() for span in block.textFormats()):
            return True
        block = block.next()
    return False


@pytest.mark.parametrize("name", ["shell", "bare call", "settings", "HTML", "script", "Hermes", "to be said ja"])
def test_the_words_of_an_order_are_seen_in_an_answer(name: str, qtbot: QtBot) -> None:
    view = MarkdownView()
    qtbot.addWidget(view)
    view.show_text(ORDERS[name])
    pieces = (piece.toPlainText() if not isinstance(piece, CodeBlock) else ORDERS[name] for piece in view.pieces)
    seen = "".join("".join(pieces).split())
    assert all(word in seen for word in ORDERS[name].replace("`", " ").replace("\\", " ").split() if word.isalnum())


def test_an_order_stands_in_quotes_cards_and_pages_as_it_was_written(
    canaries: Canaries, orders: dict[str, str], opened: list[str], qtbot: QtBot
) -> None:
    panel, row, page = AnswerPanel(), SourceRow(), PageText()
    for widget in (panel, row, page):
        qtbot.addWidget(widget)
        widget.show()
    for name, text in orders.items():
        spot = source(text)
        panel.show_answer(
            Answer(question=name, verbatim=True, quotes=(Quote(text=text, source=spot),), sources=(spot,))
        )
        row.show_sources([spot])
        page.show_text(text, 0, len(text))
        for widget in (panel, row, page):
            widget.grab()
        words = [label.text() for label in panel.findChildren(QLabel)]
        assert visible(text.strip()) in words, name
        assert page.toPlainText() == visible(text).replace("\u00a0", " "), name
        assert canaries.seen() == [], name
    assert opened == []
