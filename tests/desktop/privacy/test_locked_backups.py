"""A backup with a key of its own in the list: the window asks for its words, as often as they are wrong."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.pages.privacy.backups_card import BackupsCard
from desktop.pages.privacy.view import PrivacyView
from desktop.theme import RESOURCES
from desktop.widgets.backup_key import BackupKeyQuestion
from desktop.window import Window
from desktop.words import choose
from engine.engine import Cancel, Engine, Places, finish
from engine.kept import BackupKind

THEIRS = "seven quiet geese"
Answer = Callable[[BackupKeyQuestion], None]


class Person:
    """Answers one question after the other, and remembers what each said."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.answers: list[Answer] = []
        self.read: list[str] = []
        self.codes: list[str] = []
        self._timer = QTimer(interval=20)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def types(self, text: str, *, code: bool = False) -> None:
        """Next, type it into the field that has the keyboard and press Enter."""

        def answer(question: BackupKeyQuestion) -> None:
            if code:
                question.other.click()
            assert question.fields.currentWidget() is (question.fields.code if code else question.fields.passphrase)
            self.qtbot.keyClicks(question.fields.field, text)
            self.qtbot.keyClick(question.fields.field, Qt.Key.Key_Return)

        self.answers.append(answer)

    def cancels(self) -> None:
        """Next, press Escape."""
        self.answers.append(lambda question: self.qtbot.keyClick(question, Qt.Key.Key_Escape))

    def stop(self) -> None:
        self._timer.stop()

    def _look(self) -> None:
        for widget in QApplication.topLevelWidgets():
            if isinstance(widget, BackupKeyQuestion) and widget.isVisible():
                self.read.append(f"{widget.windowTitle()}\n{widget.problem.text()}")
                self.answers.pop(0)(widget)


@pytest.fixture
def person(qtbot: QtBot) -> Iterator[Person]:
    made = Person(qtbot)
    yield made
    made.stop()


@pytest.fixture
def told(window: Window, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the window said in the end; it is told yes where it asks whether to restore."""
    said: list[str] = []
    monkeypatch.setattr(window.notices, "ask", lambda *_, **__: True)
    monkeypatch.setattr(window.notices, "explain", lambda title, text: said.append(text))
    return said


@pytest.fixture
def code(engine: Engine, tmp_path: Path) -> str:
    """Here is a chat; a backup of another folder lies among those of this one. Its recovery code."""
    engine.chats.rename(engine.chats.new().id, "Quince")
    with Engine.open(Places(tmp_path / "there")) as there:
        finish(there.keys.set_passphrase(THEIRS, Cancel()))
        made = there.keys.new_recovery_code()
        there.keys.keep_recovery_code(made)
        there.chats.rename(there.chats.new().id, "Plum")
        backup = finish(there.backups.make(Cancel()))
    shutil.copytree(backup.path, engine.places.backups / backup.name)
    return made


@pytest.fixture
def card(code: str, window: Window) -> BackupsCard:
    window.show_page("privacy")
    view = window.built("privacy")
    assert isinstance(view, PrivacyView)
    return view.backups


def titles(engine: Engine) -> list[str]:
    return [chat.title for chat in engine.chats.all()]


def test_it_is_asked_for_and_asked_again_until_it_is_right(
    card: BackupsCard, engine: Engine, person: Person, told: list[str], qtbot: QtBot
) -> None:
    person.types("seven quite geese")
    person.types(THEIRS)
    card.restore.click()
    qtbot.waitUntil(lambda: bool(told), timeout=20_000)
    assert "Now: chats: 1" in told[0]
    assert titles(engine) == ["Plum"]
    first, second = person.read
    assert "The backup of" in first
    assert "not the passphrase" not in first
    assert "not the passphrase" in second
    assert card.restore.isEnabled()


def test_the_recovery_code_opens_it_too(
    card: BackupsCard, engine: Engine, person: Person, told: list[str], code: str, qtbot: QtBot
) -> None:
    person.types("nothing of the kind", code=True)
    person.answers.append(lambda question: (qtbot.keyClicks(question.fields.code, code), question.go.click())[1])
    card.restore.click()
    qtbot.waitUntil(lambda: bool(told), timeout=20_000)
    assert titles(engine) == ["Plum"]


def test_who_cancels_finds_everything_as_it_was(
    card: BackupsCard, engine: Engine, person: Person, told: list[str], window: Window, qtbot: QtBot
) -> None:
    person.types("seven quite geese")
    person.cancels()
    card.restore.click()
    qtbot.waitUntil(lambda: len(person.read) == 2 and card.restore.isEnabled(), timeout=20_000)
    assert titles(engine) == ["Quince"]
    assert [backup.kind for backup in engine.backups.all()] == [BackupKind.ASKED]
    assert not told
    assert window.notices.shown == ()


def test_another_error_is_told_as_before(
    card: BackupsCard, engine: Engine, person: Person, window: Window, told: list[str], qtbot: QtBot
) -> None:
    backup = engine.backups.all()[0]
    (backup.path / "hanare.db").write_bytes(bytes(8192))
    person.types(THEIRS)
    card.restore.click()
    qtbot.waitUntil(lambda: bool(window.notices.shown), timeout=20_000)
    assert titles(engine) == ["Quince"]
    assert card.restore.isEnabled()


@pytest.mark.parametrize("language", ["en", "ja"])
def test_all_its_words_have_room(
    card: BackupsCard, engine: Engine, person: Person, language: str, told: list[str], qtbot: QtBot
) -> None:
    choose(language, RESOURCES / "translations")
    short: list[str] = []

    def measure(question: BackupKeyQuestion) -> None:
        for label in question.findChildren(type(question.problem)):
            if label.isVisible() and label.height() < label.heightForWidth(label.width()):
                short.append(label.text())
        question.reject()

    person.types("seven quite geese")
    person.answers.append(measure)
    card.restore.click()
    qtbot.waitUntil(lambda: len(person.read) == 2 and card.restore.isEnabled(), timeout=20_000)
    assert short == []
