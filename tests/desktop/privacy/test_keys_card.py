"""The card of the keys: what it says, and that a passphrase and a recovery code come about by keyboard and button."""

import re
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pypdfium2
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt, QTimer
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QMainWindow
from pytestqt.qtbot import QtBot

from desktop.jobs import Jobs
from desktop.notices import Notices, Question
from desktop.pages.privacy.keys_card import KeysCard
from desktop.pages.privacy.keys_presenter import KeysPresenter
from desktop.widgets.code_to_keep import CodeToKeepDialog
from desktop.widgets.new_passphrase import NewPassphraseDialog
from engine.engine import Cancel, Engine, Places, finish
from engine.errors import RecoveryCodeWrong
from engine.ways import KeyWays, Unlock, WayIn
from tests.fakes.keychains import Finder, InMemory

PASSPHRASE = "seven quiet geese"


class Seat:
    """The card in a window of its own, and what a person does to it."""

    def __init__(self, engine: Engine, jobs: Jobs, qtbot: QtBot) -> None:
        self.engine, self.qtbot = engine, qtbot
        self.window = QMainWindow()
        self.card = KeysCard()
        self.window.setCentralWidget(self.card)
        self.notices = Notices(self.window)
        KeysPresenter(self.card, engine, jobs, self.notices)
        self.window.show()

    def in_dialog(self, kind: type[QDialog], act: Callable[[QDialog], None]) -> None:
        """Do this in the dialog that opens next."""

        def look() -> None:
            dialog = QApplication.activeModalWidget()
            if isinstance(dialog, kind):
                timer.stop()
                act(dialog)

        timer = QTimer(self.window, interval=10)
        timer.timeout.connect(look)
        timer.start()

    def set_passphrase(self, text: str = PASSPHRASE) -> None:
        """Type it twice and press Enter."""

        def type_it(dialog: QDialog) -> None:
            assert isinstance(dialog, NewPassphraseDialog)
            assert not dialog.keep.isEnabled()
            self.qtbot.keyClicks(dialog.first, text)
            assert not dialog.keep.isEnabled()
            self.qtbot.keyClicks(dialog.again, text)
            self.qtbot.keyClick(dialog.again, Qt.Key.Key_Return)

        self.in_dialog(NewPassphraseDialog, type_it)
        self.card.passphrase.click()
        self.qtbot.waitUntil(lambda: self.card.passphrase.isEnabled() and bool(self.notices.shown), timeout=20_000)


@pytest.fixture
def seat(engine: Engine, jobs: Jobs, qtbot: QtBot) -> Iterator[Seat]:
    """The card on a store whose key lies in a file."""
    made = Seat(engine, jobs, qtbot)
    yield made
    jobs.shut_down()
    made.window.close()
    made.window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def test_it_says_plainly_that_the_key_lies_in_a_file_and_offers_a_passphrase(seat: Seat) -> None:
    assert "whoever can read your files" in seat.card.ways.text()
    assert "takes the key out of the file" in seat.card.advice.text()
    assert seat.card.passphrase.text() == "Set a passphrase…"
    assert not seat.card.remove.isVisible()


def test_a_passphrase_typed_twice_opens_the_store_and_a_recovery_code_is_offered(seat: Seat) -> None:
    seat.set_passphrase()
    assert seat.engine.keys.ways.ways == (WayIn.PASSPHRASE,)
    assert seat.card.ways.text() == "•  Your passphrase."
    assert "only way in" in seat.card.advice.text()
    assert "recovery code" in seat.notices.shown[-1]
    assert seat.card.passphrase.text() == "Change the passphrase…"
    places = seat.engine.places
    seat.engine.close()
    Engine.open(places, unlock=Unlock(way=WayIn.PASSPHRASE, text=PASSPHRASE)).close()


def test_a_code_counts_once_the_person_has_kept_it(seat: Seat, tmp_path: Path) -> None:
    shown: list[str] = []

    def refuse(dialog: QDialog) -> None:
        assert isinstance(dialog, CodeToKeepDialog)
        shown.append(dialog.code.text().replace("\n", ""))
        dialog.cancel.click()

    def keep(dialog: QDialog) -> None:
        assert isinstance(dialog, CodeToKeepDialog)
        shown.append(dialog.code.text().replace("\n", ""))
        dialog.keep.click()

    seat.in_dialog(CodeToKeepDialog, refuse)
    seat.card.code.click()
    assert WayIn.RECOVERY not in seat.engine.keys.ways.ways
    seat.in_dialog(CodeToKeepDialog, keep)
    seat.card.code.click()
    assert WayIn.RECOVERY in seat.engine.keys.ways.ways
    assert seat.card.code.text() == "Make a new recovery code…"
    places = seat.engine.places
    seat.engine.close()
    with pytest.raises(RecoveryCodeWrong):
        Engine.open(places, unlock=Unlock(way=WayIn.RECOVERY, text=shown[0]))
    Engine.open(places, unlock=Unlock(way=WayIn.RECOVERY, text=shown[1])).close()


def test_a_code_is_saved_where_the_person_says_for_this_user_only(
    seat: Seat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = tmp_path / "code.txt"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(chosen), ""))
    shown: list[str] = []

    def save(dialog: QDialog) -> None:
        assert isinstance(dialog, CodeToKeepDialog)
        shown.append(dialog.code.text().replace("\n", ""))
        dialog.save.click()
        dialog.keep.click()

    seat.in_dialog(CodeToKeepDialog, save)
    seat.card.code.click()
    assert chosen.read_text(encoding="utf-8").splitlines()[1] == shown[0]
    assert stat.S_IMODE(chosen.stat().st_mode) == 0o600


def test_a_code_saved_as_a_pdf_is_on_one_page_and_handed_to_a_program_that_prints(
    seat: Seat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = tmp_path / "code.pdf"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(chosen), ""))
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    shown: list[str] = []

    def save(dialog: QDialog) -> None:
        assert isinstance(dialog, CodeToKeepDialog)
        shown.extend(dialog.lines)
        assert not dialog.print.isVisible()
        assert "reaches no printer" in dialog.saved.text()
        dialog.save.click()
        dialog.print.click()
        dialog.keep.click()

    seat.in_dialog(CodeToKeepDialog, save)
    seat.card.code.click()
    assert opened == [str(chosen)]
    assert stat.S_IMODE(chosen.stat().st_mode) == 0o600
    document = pypdfium2.PdfDocument(chosen)
    try:
        assert len(document) == 1
        text = document[0].get_textpage().get_text_bounded()
    finally:
        document.close()
    letters = re.sub(r"[^0-9A-Z]", "", text)  # a hyphen at a line's end is read as something else
    assert re.sub(r"[^0-9A-Z]", "", "".join(shown)) in letters
    assert "Recovery code of Hanare" in text


@pytest.fixture
def ring() -> InMemory:
    """A keychain in memory."""
    return InMemory()


@pytest.fixture
def by_keychain(tmp_path: Path, ring: InMemory, jobs: Jobs, qtbot: QtBot) -> Iterator[Seat]:
    """The card on a store that the keychain opens."""
    with Engine.open(Places(tmp_path / "by keychain"), find=Finder(ring=ring)) as engine:
        made = Seat(engine, jobs, qtbot)
        yield made
        jobs.shut_down()
        made.window.close()
        made.window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def test_asking_at_every_start_needs_the_other_ways_first_and_can_be_taken_back(
    by_keychain: Seat, ring: InMemory
) -> None:
    seat, card = by_keychain, by_keychain.card
    assert card.ask.isVisible()
    assert not card.keychain.isVisible()
    card.ask.click()
    seat.qtbot.waitUntil(lambda: bool(seat.notices.shown), timeout=20_000)
    assert "there is no passphrase" in seat.notices.shown[-1]
    finish(seat.engine.keys.set_passphrase(PASSPHRASE, Cancel()))
    seat.engine.keys.keep_recovery_code(seat.engine.keys.new_recovery_code())

    def agree(dialog: QDialog) -> None:
        assert isinstance(dialog, Question)
        dialog.yes.click()

    seat.in_dialog(Question, agree)
    card.ask.click()
    seat.qtbot.waitUntil(lambda: card.keychain.isVisible() and card.keychain.isEnabled(), timeout=20_000)
    assert seat.engine.keys.ways.asks
    assert not ring.kept
    assert not card.ask.isVisible()
    card.keychain.click()
    seat.qtbot.waitUntil(lambda: card.ask.isVisible() and card.ask.isEnabled(), timeout=20_000)
    assert seat.engine.key_kept_in == "keychain"


def test_a_keychain_that_refuses_leaves_everything_as_it_is_and_says_so(by_keychain: Seat, ring: InMemory) -> None:
    seat = by_keychain
    finish(seat.engine.keys.set_passphrase(PASSPHRASE, Cancel()))
    seat.engine.keys.keep_recovery_code(seat.engine.keys.new_recovery_code())
    finish(seat.engine.ask_at_every_start(Cancel()))
    ring.failing = OSError("locked")
    seat.card.keychain.click()
    seat.qtbot.waitUntil(lambda: bool(seat.notices.shown), timeout=20_000)
    assert "ring refused" in seat.notices.shown[-1]
    assert seat.card.keychain.isEnabled()
    assert seat.engine.keys.ways.asks


@pytest.mark.parametrize("yes", [True, False])
def test_the_passphrase_is_removed_only_where_the_person_means_it(seat: Seat, yes: bool) -> None:
    finish(seat.engine.keys.set_passphrase(PASSPHRASE, Cancel()))

    def answer(dialog: QDialog) -> None:
        assert isinstance(dialog, Question)
        (dialog.yes if yes else dialog.no).click()

    seat.in_dialog(Question, answer)
    seat.card.remove.click()
    assert seat.engine.key_kept_in == ("file" if yes else "passphrase")


def test_a_keychain_that_is_the_only_way_is_called_so(qtbot: QtBot) -> None:
    card = KeysCard()
    qtbot.addWidget(card)
    card.show_ways(KeyWays(ways=(WayIn.KEYCHAIN,), opened_by=WayIn.KEYCHAIN, keychain="KDE Wallet"))
    assert "KDE Wallet" in card.ways.text()
    assert "only way in" in card.advice.text()
    with qtbot.waitSignal(card.lock_requested):
        card.lock.click()
