"""The hub's access token on the Models page: kept when somebody ticks it, offered wherever one is asked for."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop.pages.models.download import DownloadDialog
from desktop.pages.models.token_dialog import TokenDialog
from desktop.pages.models.token_field import TokenField
from desktop.theme import theme
from engine.engine import Cancel, Engine, Places, finish
from tests.desktop.models.conftest import Page
from tests.fakes.gguf_bytes import model_bytes
from tests.fakes.hub import FakeHub
from tests.fakes.hub_api import Card
from tests.fakes.keychains import Finder, InMemory

REPOSITORY, FILE = "someone/model", "model.gguf"
KEY = Qt.Key


@pytest.fixture
def chain() -> InMemory:
    """A keychain."""
    return InMemory()


@pytest.fixture
def page(tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, chain: InMemory) -> Iterator[Page]:
    """An open, empty Models page on a computer with a keychain, and a model that takes a token."""
    theme().choose("light")
    with FakeHub() as hub:
        hub.put(REPOSITORY, FILE, model_bytes(), gated=True, token="hf_secret")
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        with Engine.open(Places(tmp_path / "data"), find=Finder(chain=chain)) as engine:
            chain.kept.clear()  # the store's key
            made = Page(engine, hub, tmp_path, qtbot)
            settle(made)
            yield made
            chain.failing = None
            made.close()


def settle(page: Page) -> None:
    page.wait(lambda: not page.jobs.busy)


def keep(page: Page) -> None:
    finish(page.engine.hub_token.keep("hf_secret", Cancel()))
    page.jobs.changed.emit("token")


def fill(page: Page, dialog: DownloadDialog, token: str = "", *, ticked: bool = False) -> None:
    dialog.repository.setText(REPOSITORY)
    dialog.file.setText(FILE)
    dialog.token.edit.setText(token)
    if ticked:
        dialog.token.box.click()
    page.view.download_requested.emit(dialog.wish)


def dialog_of(page: Page) -> DownloadDialog:
    dialog = DownloadDialog(page.view)
    dialog.token.show_kept(page.view.token_kept)
    dialog.token.forget_requested.connect(page.view.token_forget_requested)
    return dialog


def refused(page: Page) -> None:
    """A download that was refused for want of a token, part of which has arrived before."""
    page.engine.downloads.add(REPOSITORY, FILE, token="hf_wrong")
    page.engine.downloads._tokens.clear()
    page.engine.downloads.reload()
    page.jobs.changed.emit("downloads")


def test_a_token_is_kept_only_if_the_box_is_ticked_which_it_is_not_by_itself(page: Page, chain: InMemory) -> None:
    dialog = dialog_of(page)
    assert not dialog.token.box.isChecked()
    assert not dialog.token.box.isEnabled()  # there is nothing to keep yet
    fill(page, dialog, "hf_secret")
    page.wait(lambda: page.names == ["model"] and not page.jobs.busy)
    assert chain.kept == {}
    assert not page.view.token_kept


def test_a_ticked_token_is_kept_and_the_download_goes_on_with_it(page: Page, chain: InMemory) -> None:
    fill(page, dialog_of(page), "hf_secret", ticked=True)
    page.wait(lambda: page.names == ["model"] and not page.jobs.busy)
    assert len(chain.kept) == 1
    assert page.view.token_kept
    assert finish(page.engine.hub_token.read(Cancel())) == "hf_secret"
    assert "The keychain keeps the access token." in page.notices.shown


def test_an_empty_field_stands_for_the_kept_one_and_says_so(page: Page) -> None:
    keep(page)
    dialog = dialog_of(page)
    assert dialog.token.edit.placeholderText() == "The kept token is used"
    fill(page, dialog)
    page.wait(lambda: page.names == ["model"] and not page.jobs.busy)


def test_a_token_that_is_typed_goes_before_the_kept_one(page: Page) -> None:
    keep(page)
    dialog = dialog_of(page)
    dialog.token.edit.setText("hf_other")
    assert dialog.token.forget.isHidden()
    assert (dialog.wish.token, dialog.wish.kept_token, dialog.wish.keep_token) == ("hf_other", False, False)


def test_one_button_forgets_it_while_the_dialog_is_open(page: Page, chain: InMemory) -> None:
    keep(page)
    dialog = dialog_of(page)
    dialog.show()
    dialog.token.forget.setFocus()
    page.qtbot.keyClick(dialog.token.forget, KEY.Key_Space)
    page.wait(lambda: not page.view.token_kept and not page.jobs.busy)
    assert chain.kept == {}
    assert dialog.token.edit.placeholderText() == "hf_…"
    assert not dialog.token.forget.isVisible()
    assert dialog.token.box.isVisible()
    assert not dialog.wish.kept_token
    assert dialog.isVisible()
    assert page.notices.shown == ("The access token is forgotten.",)
    dialog.close()


def test_the_keyboard_reaches_the_box_and_the_button(page: Page) -> None:
    field = TokenField("hf_…", "Access token")
    page.qtbot.addWidget(field)
    field.show()
    field.edit.setFocus()
    page.qtbot.keyClicks(field.edit, "hf_secret")
    page.qtbot.keyClick(field.edit, KEY.Key_Tab)
    page.qtbot.keyClick(field.box, KEY.Key_Space)
    assert field.keep
    field.clear()
    assert not field.keep
    field.show_kept(True)
    assert field.uses_kept
    assert field.forget.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_a_keychain_that_refuses_is_told_and_the_download_goes_on_without_it(page: Page, chain: InMemory) -> None:
    chain.failing = RuntimeError("locked")
    fill(page, dialog_of(page), "hf_secret", ticked=True)
    page.wait(lambda: page.names == ["model"] and not page.jobs.busy)
    assert not page.view.token_kept
    assert any("chain refused" in words for words in page.notices.shown)


def test_a_slow_keychain_keeps_nobody_waiting_in_the_window(page: Page, chain: InMemory) -> None:
    chain.hangs = threading.Event()
    fill(page, dialog_of(page), "hf_secret", ticked=True)
    page.wait(lambda: page.names == ["model"])  # the window goes on, and the download too
    assert page.jobs.busy
    chain.hangs.set()
    page.wait(lambda: page.view.token_kept and not page.jobs.busy)


def test_one_that_was_begun_with_a_token_goes_on_without_a_question(page: Page) -> None:
    keep(page)
    refused(page)
    page.view.downloads.resume_requested.emit(page.engine.downloads.all()[0].id)
    page.wait(lambda: page.names == ["model"] and not page.jobs.busy)
    assert page.view.findChild(TokenDialog) is None


def test_one_whose_keychain_refused_asks_and_goes_on_with_the_kept_one_or_another(page: Page, chain: InMemory) -> None:
    keep(page)
    refused(page)
    number = page.engine.downloads.all()[0].id
    chain.failing = RuntimeError("locked")
    page.view.downloads.resume_requested.emit(number)
    page.wait(lambda: page.engine.downloads.get(number).error is not None and not page.jobs.busy)
    chain.failing = None
    page.view.downloads.resume_requested.emit(number)
    dialog = page.view.findChild(TokenDialog)
    assert dialog.token.uses_kept
    dialog.accept()
    page.wait(lambda: page.names == ["model"] and not page.jobs.busy)


def test_the_question_on_resuming_keeps_a_ticked_token(page: Page) -> None:
    refused(page)
    page.view.downloads.resume_requested.emit(page.engine.downloads.all()[0].id)
    dialog = page.view.findChild(TokenDialog)
    assert not dialog.token.uses_kept
    dialog.token.edit.setText("hf_secret")
    dialog.token.box.click()
    dialog.accept()
    page.wait(lambda: page.names == ["model"] and not page.jobs.busy)
    assert page.view.token_kept


def test_the_panel_of_a_repository_offers_the_kept_one(page: Page) -> None:
    page.hub.cards[REPOSITORY] = Card(gated="manual")
    keep(page)
    page.view.finder.repository_requested.emit(REPOSITORY)
    settle(page)
    panel = page.view.finder.repository
    assert panel.token.edit.placeholderText() == "The kept token is used"
    assert panel.token.edit.accessibleName() == "Access token (only if the model asks for one)"
    panel.go.click()
    page.wait(lambda: page.names == ["model"] and not page.jobs.busy)


def test_a_repository_without_a_gate_is_not_asked_with_the_kept_one(page: Page) -> None:
    page.hub.cards["someone/open"] = Card()
    page.hub.put("someone/open", "open.gguf", model_bytes())
    keep(page)
    page.view.finder.repository_requested.emit("someone/open")
    settle(page)
    page.view.finder.repository.go.click()
    page.wait(lambda: page.names == ["open"] and not page.jobs.busy)
    assert [request for request in page.hub.requests if "authorization" in request.headers] == []


def test_a_private_repository_opens_and_is_fetched_with_the_kept_token_and_others_without(page: Page) -> None:
    keep(page)
    page.hub.cards[REPOSITORY] = Card(private=True)
    page.hub.cards["someone/open"] = Card()
    page.view.finder.repository_requested.emit("someone/open")
    settle(page)
    assert not any("authorization" in request.headers for request in page.hub.requests)
    finder = page.view.finder
    finder.field.setText(REPOSITORY)
    page.qtbot.keyClick(finder.field, KEY.Key_Return)
    page.wait(lambda: page.view.finder.repository.name.words == REPOSITORY and not page.jobs.busy)
    assert finder.repository.token.edit.placeholderText() == "The kept token is used"
    finder.repository.go.click()
    page.wait(lambda: page.names == ["model"] and not page.jobs.busy)


def test_a_private_repository_stays_shut_where_no_token_is_kept(page: Page) -> None:
    page.hub.cards[REPOSITORY] = Card(private=True)
    page.view.finder.repository_requested.emit(REPOSITORY)
    settle(page)
    assert "is private and takes a token" in page.notices.shown[0]
