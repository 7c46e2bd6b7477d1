"""The card of what is kept of long chats: how much it is, and the way to be rid of it."""

from pytestqt.qtbot import QtBot

from desktop.pages.privacy.view import PrivacyView
from desktop.window import Window
from desktop.words import choose, told
from engine.engine import Engine
from engine.errors import StateNotUsable
from engine.places import RESOURCES
from engine.runtime.states import Belonging, Stretch


def keep(engine: Engine, chat: int, size: int) -> None:
    of = Belonging(chat=chat, model=1, file="a.gguf", size_bytes=1, mtime_ns=1, sha256="", context_tokens=512)
    assert engine.states.keep(of, Stretch(tokens=(1, 2, 3), size_bytes=size), [bytes(size)])


def test_with_nothing_kept_there_is_nothing_to_remove(page: PrivacyView) -> None:
    assert page.reopening.kept.text() == "Nothing is kept now."
    assert not page.reopening.remove.isVisibleTo(page)


def test_the_card_says_how_much_is_kept_and_removes_it(
    engine: Engine, page: PrivacyView, window: Window, qtbot: QtBot
) -> None:
    keep(engine, 1, 3 << 20)
    page.came_into_view.emit()
    assert page.reopening.kept.text() == "Of 1 chat, 3 MB"
    keep(engine, 2, 3 << 20)
    page.came_into_view.emit()
    assert page.reopening.kept.text() == "Of 2 chats, 6 MB"
    page.reopening.remove.click()
    qtbot.waitUntil(lambda: page.reopening.kept.text() == "Nothing is kept now.", timeout=20_000)
    assert not list(engine.places.states.iterdir())
    assert not page.reopening.remove.isVisibleTo(page)


def test_what_an_answer_says_of_it_is_told_in_the_windows_language() -> None:
    choose("ja", RESOURCES / "translations")
    try:
        for why in ("its file is damaged", "the model did not accept it"):
            assert not any(letter in told(str(StateNotUsable(why=why))) for letter in "abcdefgh")
    finally:
        choose("en", RESOURCES / "translations")
