"""The list of chats: by day, searched, renamed, deleted with a way back, and there after a restart."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from desktop.jobs import Jobs
from desktop.pages.chat.chat_list import ChatListModel, group_of
from engine.engine import Engine, Places
from engine.types import Chat, Message, MessageState, Role
from tests.desktop.chat.conftest import FAKE, ChatPage


@pytest.mark.parametrize(
    ("days", "heading"),
    [(0, "Today"), (1, "Yesterday"), (2, "Previous 7 days"), (7, "Previous 7 days"), (8, "Older"), (400, "Older")],
)
def test_a_chat_stands_under_the_heading_of_its_day(days: int, heading: str) -> None:
    today = date(2024, 5, 20)
    noon = datetime(2024, 5, 20, 12).astimezone() - timedelta(days=days)
    assert group_of(noon.astimezone(UTC).isoformat(), today) == heading


def test_the_search_finds_titles_whatever_their_case_and_width() -> None:
    chats = [
        Chat(id=number, title=title, created_at="", updated_at=datetime.now(UTC).isoformat())
        for number, title in enumerate(["Green tea", "ＧＲＥＥＮ house", "お茶の話"], start=1)
    ]
    model = ChatListModel()
    model.show_chats(chats)
    model.search("green")
    assert [model.index(row).data() for row in range(model.rowCount())] == ["Today", "Green tea", "ＧＲＥＥＮ house"]
    model.search("茶")
    assert model.rowCount() == 2
    model.search("coffee")
    assert model.rowCount() == 0


def test_the_first_message_gives_the_chat_its_title(page: ChatPage) -> None:
    page.say("about tea")
    assert page.titles == ["Today", "about tea"]
    assert page.view.title.words == "about tea"


def test_f2_renames_in_place(page: ChatPage) -> None:
    page.say("about tea")
    rows = page.view.panel.list
    page.press(Qt.Key.Key_F2, rows)
    editor = rows.viewport().findChild(QLineEdit)
    assert editor is not None
    editor.setText("  My   tea  ")
    page.qtbot.keyClick(editor, Qt.Key.Key_Return)
    page.until(lambda: page.titles == ["Today", "My tea"])
    assert page.view.title.words == "My tea"


def delete_by_key(page: ChatPage) -> None:
    page.qtbot.keyClick(page.view.panel.list, Qt.Key.Key_Delete, Qt.KeyboardModifier.ControlModifier)


def test_no_single_key_takes_a_chat_away(page: ChatPage) -> None:
    page.say("about tea")
    for key in range(Qt.Key.Key_Space, Qt.Key.Key_Z + 1):
        page.press(Qt.Key(key), page.view.panel.list)
    for key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_Return, Qt.Key.Key_Escape):
        page.press(key, page.view.panel.list)
    assert [chat.title for chat in page.engine.chats.all()] == ["about tea"]


def test_the_trash_shows_what_was_deleted_and_gives_it_back(page: ChatPage) -> None:
    panel = page.view.panel
    assert not panel.trash_button.isVisible()
    page.say("about tea")
    before = page.kept
    delete_by_key(page)
    assert panel.trash_button.text() == "Trash (1)"
    panel.trash_button.click()
    assert page.titles == ["Today", "about tea"]
    panel.list.setCurrentIndex(panel.model.index(1))
    assert not page.cards
    for key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
        page.qtbot.keyClick(panel.list, key, Qt.KeyboardModifier.ControlModifier)
    assert len(page.engine.chats.trash()) == 1
    panel.restore_requested.emit(page.engine.chats.trash()[0].id)
    assert not panel.in_trash
    assert page.titles == ["Today", "about tea"]
    assert page.kept == before


def test_the_trash_says_how_long_each_kind_of_chat_stays_in_it(page: ChatPage) -> None:
    kept, temporary = (
        "Chats are erased for good after 30 days in the trash.",
        "Temporary chats are gone when Hanare closes or is locked.",
    )
    panel = page.view.panel
    moment = datetime.now(UTC).isoformat()
    for numbers, told in (([1], kept), ([1, -1], f"{kept}\n{temporary}"), ([-1], temporary)):
        panel.show_trash([Chat(id=one, title="tea", created_at=moment, updated_at=moment) for one in numbers])
        panel.trash_button.setChecked(True)
        assert panel.about_trash.text() == told
        assert panel.about_trash.isVisible()


@pytest.mark.parametrize("sure", [True, False])
def test_the_trash_is_emptied_for_good_when_one_is_sure(
    page: ChatPage, monkeypatch: pytest.MonkeyPatch, sure: bool
) -> None:
    monkeypatch.setattr(page.notices, "ask", lambda *words, **options: sure)
    page.say("about tea")
    delete_by_key(page)
    page.view.panel.trash_button.click()
    page.view.panel.empty_button.click()
    if sure:
        page.until(lambda: page.engine.chats.trash() == ())
        page.until(lambda: not page.view.panel.in_trash)
        assert page.titles == []
    else:
        assert len(page.engine.chats.trash()) == 1


def test_delete_needs_no_question_because_it_can_be_undone(page: ChatPage) -> None:
    page.say("about tea")
    delete_by_key(page)
    assert page.titles == []
    assert not page.cards
    assert page.engine.chats.trash()[0].title == "about tea"
    assert page.notices.shown == ("“about tea” was moved to the trash.",)
    page.notices._shown[0].findChild(type(page.view.panel.new_button)).click()
    assert page.titles == ["Today", "about tea"]
    assert [card.message.text for card in page.cards] == ["about tea", "about tea"]


def test_a_chat_deleted_in_mid_answer_stops_its_answer(page: ChatPage) -> None:
    page.begin("!slow")
    delete_by_key(page)
    trashed = page.engine.chats.trash()[0]
    page.until(lambda: page.engine.chats.messages(trashed.id)[-1].state is MessageState.STOPPED)
    assert not page.busy
    page.say("another")
    assert page.titles == ["Today", "another"]


def test_the_draft_stays_with_its_chat(page: ChatPage) -> None:
    page.say("first")
    page.type("half a thought")
    page.view.start_new()
    assert page.view.composer.text == ""
    page.type("for the new one")
    page.view.panel.list.setCurrentIndex(page.view.panel.model.index(1))
    assert page.view.composer.text == "half a thought"
    page.view.start_new()
    assert page.view.composer.text == "for the new one"


def test_an_answer_goes_on_while_another_chat_is_on_show(page: ChatPage) -> None:
    page.begin("!slow")
    first = page.engine.chats.all()[0].id
    page.view.start_new()
    assert not page.busy
    assert not page.cards
    page.view.chat_chosen.emit(first)
    assert page.busy
    words = page.answer.body.text.count("tick")
    page.until(lambda: page.answer.body.text.count("tick") > words + 2)
    page.view._escape.activated.emit()
    page.until(lambda: not page.busy)
    assert page.answer.body.text == page.kept[-1].text


def test_a_restart_shows_the_same_chat(tmp_path: Path, page: ChatPage, jobs: Jobs, qtbot: QtBot) -> None:
    page.say("remember **this**")
    page.answer.buttons.change.click()
    page.until(lambda: not page.busy)
    figures = page.answer.figures.text()
    jobs.shut_down()
    page.close()
    page.engine.close()
    with Engine.open(Places(tmp_path / "data"), model_process=FAKE) as again:
        work = Jobs()
        later = ChatPage(again, work, qtbot)
        assert later.titles == ["Today", "remember **this**"]
        assert [card.message.text for card in later.cards] == ["remember **this**", "remember **this**"]
        assert later.answer.figures.text() == figures
        assert later.answer.buttons.count.text() == "2/2"
        work.shut_down()
        later.close()


def test_a_long_chat_is_built_from_its_end(page: ChatPage) -> None:
    messages = [
        Message(id=number, chat_id=1, parent_id=number - 1 or None, role=role, text=f"message {number}")
        for number, role in enumerate([Role.USER, Role.ASSISTANT] * 50, start=1)
    ]
    transcript = page.view.transcript
    transcript.show_messages(messages)
    page.until(lambda: [card.message.id for card in transcript.cards] == list(range(61, 101)))
    transcript.earlier_button.click()
    assert [card.message.id for card in transcript.cards] == list(range(21, 101))
    transcript.earlier_button.click()
    assert transcript.cards[0].message.id == 1
    assert transcript.earlier_button.isHidden()


def test_earlier_messages_come_in_above_without_moving_what_is_read(page: ChatPage) -> None:
    messages = [
        Message(id=number, chat_id=1, parent_id=number - 1 or None, role=role, text="words to read\n\n" * 30)
        for number, role in enumerate([Role.USER, Role.ASSISTANT] * 30, start=1)
    ]
    chat = Chat(id=1, title="long", created_at="", updated_at="")
    page.view.show_chat(chat, messages)
    transcript = page.view.transcript
    assert len(transcript.cards) < 40
    page.until(lambda: len(transcript.cards) == 40)
    bar = transcript.verticalScrollBar()
    assert bar.value() == bar.maximum() > 0
    bar.setValue(bar.maximum() // 2)
    read = transcript.cards[20]
    place = read.mapTo(transcript.viewport(), read.rect().topLeft()).y()
    transcript.earlier_button.click()
    page.until(lambda: len(transcript.cards) == 60)
    assert read.mapTo(transcript.viewport(), read.rect().topLeft()).y() == place


def test_a_temporary_chat_is_marked_and_never_kept(page: ChatPage) -> None:
    page.view.panel.temporary_button.click()
    assert page.view.temporary.isVisible()
    page.say("about tea")
    assert page.titles == ["Temporary", "about tea"]
    assert page.engine._store.chats.all() == ()
    page.view.start_new()
    assert not page.view.temporary.isVisible()
    page.say("kept")
    assert page.titles == ["Temporary", "about tea", "Today", "kept"]
    assert [chat.title for chat in page.engine._store.chats.all()] == ["kept"]
