"""F1 opens the guide at what the page on show is about; it is searched, read and left by the keyboard alone."""

import re

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QShortcut
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from desktop.dialogs.guide import NAME, GuideWindow
from desktop.dialogs.guide_pages import ABOUT, FIRST, FOLDER, Picture, matching, pieces, read_guide
from desktop.theme import theme
from desktop.widgets.link_dialog import LinkDialog
from desktop.widgets.prose import Prose
from desktop.window import PAGES, Window

LANGUAGES = ("en", "ja")


@pytest.fixture
def guide(qtbot: QtBot) -> GuideWindow:
    theme().choose("light")
    window = GuideWindow()
    qtbot.addWidget(window)
    window.show_page(FIRST)
    window.show()
    return window


def listed(guide: GuideWindow) -> list[str]:
    rows = [guide._rows.index(row, 0) for row in range(guide._rows.rowCount())]
    return [row.data(NAME) for row in rows if row.data(NAME)]


def words(guide: GuideWindow) -> str:
    return "\n".join(prose.toPlainText() for prose in guide.findChildren(Prose) if prose.isVisible())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_of_the_folder_is_in_the_guide_and_its_pictures_are_there(language: str) -> None:
    pages = read_guide(language)
    assert {page.name for page in pages} == {path.stem for path in (FOLDER / language).glob("*.md")} - {"index"}
    assert all(page.text.startswith("# ") and page.group for page in pages)
    pictures = [piece for page in pages for piece in pieces(page) if isinstance(piece, Picture)]
    assert len(pictures) >= 10
    assert [picture for picture in pictures if not picture.path.is_file() or not picture.words] == []


def test_every_page_of_the_window_has_a_page_of_the_guide() -> None:
    assert set(ABOUT) == set(PAGES)
    assert {FIRST, *ABOUT.values()} <= {page.name for page in read_guide("en")}


def test_a_line_that_ends_in_a_japanese_sentence_leaves_no_gap() -> None:
    for page in read_guide("ja"):
        assert not re.search(r"[ぁ-ん]\n[ぁ-ん]", page.text), page.name


def test_pages_are_found_by_all_words_and_those_with_them_in_the_title_come_first() -> None:
    pages = read_guide("en")
    assert matching(pages, "") == pages
    found = matching(pages, "Recovery CODE")
    assert found[0].name == "your-key-and-the-recovery-code"
    assert len(found) > 1
    assert all("recovery" in page.text.casefold() for page in found)
    assert matching(pages, "xylophone") == ()
    assert matching(read_guide("ja"), "ﾓﾃﾞﾙ")[0].title.count("モデル") == 1


def test_f1_opens_it_at_the_page_on_show_and_again_brings_the_same_window(window: Window, qtbot: QtBot) -> None:
    (key,) = [key for key in window.findChildren(QShortcut) if key.key().toString() == "F1"]
    window.show_page("privacy")
    key.activated.emit()
    (guide,) = window.findChildren(GuideWindow)
    assert guide.page == "what-stays-private"
    window.show_page("compare")
    key.activated.emit()
    assert window.findChildren(GuideWindow) == [guide]
    assert guide.page == "comparing-models"
    guide.go_back()
    assert guide.page == "what-stays-private"


def test_typing_finds_a_page_and_the_arrows_go_on_from_there(guide: GuideWindow, qtbot: QtBot) -> None:
    assert guide.search.hasFocus()
    qtbot.keyClicks(guide.search, "citation")
    qtbot.waitUntil(lambda: guide.page == "citations")
    qtbot.waitUntil(lambda: "A citation is a number in brackets" in words(guide))
    qtbot.keyClick(guide.search, Qt.Key.Key_Down)
    assert guide.list.hasFocus()
    qtbot.keyClick(guide.list, Qt.Key.Key_Down)
    assert guide.page == listed(guide)[1]
    guide.search.setText("xylophone")
    qtbot.waitUntil(lambda: listed(guide) == [])
    assert guide._none.isVisible()
    guide.search.clear()
    qtbot.waitUntil(lambda: len(listed(guide)) == len(read_guide()))


def test_a_link_to_a_page_shows_it_and_back_returns(guide: GuideWindow) -> None:
    guide.show_page("citations")
    guide.findChildren(Prose)[-1].link_chosen.emit("checked-answers.md")
    assert guide.page == "checked-answers"
    assert guide.back.isEnabled()
    guide.back.click()
    assert guide.page == "citations"
    guide.findChildren(Prose)[-1].link_chosen.emit("https://example.org/")
    assert guide.findChildren(LinkDialog)[0].address == "https://example.org/"


def test_it_shows_pictures_in_the_colours_of_the_theme(guide: GuideWindow, qtbot: QtBot) -> None:
    def shown() -> list[int]:
        labels = [label for label in guide.findChildren(QLabel) if label.isVisible() and not label.pixmap().isNull()]
        return [label.pixmap().toImage().pixelColor(5, 5).lightness() for label in labels]

    guide.show_page("choosing-a-model")
    qtbot.waitUntil(lambda: len(shown()) == 1)
    (light,) = shown()
    theme().choose("dark")
    qtbot.waitUntil(lambda: len(shown()) == 1)
    (dark,) = shown()
    assert guide.page == "choosing-a-model"
    theme().choose("light")
    assert dark < 128 < light
