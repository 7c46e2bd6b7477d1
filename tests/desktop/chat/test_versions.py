"""Writing again, editing, and going between the versions: nothing written is ever lost."""

from PySide6.QtCore import Qt

from desktop.pages.chat.message_card import UserCard
from tests.desktop.chat.conftest import ChatPage


def user_card(page: ChatPage, at: int = 0) -> UserCard:
    card = page.cards[at]
    assert isinstance(card, UserCard)
    return card


def test_writing_again_keeps_both_versions(page: ChatPage) -> None:
    first = page.say("one two").message
    page.answer.buttons.change.click()
    page.until(lambda: not page.busy)
    second = page.answer
    assert second.message.id != first.id
    assert second.buttons.count.text() == "2/2"
    second.buttons.before.click()
    assert page.answer.message.id == first.id
    assert page.answer.buttons.count.text() == "1/2"
    page.answer.buttons.after.click()
    assert page.answer.message.id == second.message.id


def test_editing_a_message_makes_a_branch_and_leaves_the_old_one(page: ChatPage) -> None:
    page.say("first question")
    page.say("second question")
    card = user_card(page, 0)
    card.buttons.change.click()
    assert card.editor is not None
    assert card.editor.text == "first question"
    card.editor.write("another question")
    page.press(Qt.Key.Key_Return, card.editor.box)
    page.until(lambda: not page.busy and len(page.cards) == 2 and page.answer.body.text == "another question")
    assert user_card(page).buttons.count.text() == "2/2"
    user_card(page).buttons.before.click()
    assert [card.message.text for card in page.cards] == [
        "first question", "first question", "second question", "second question",
    ]  # fmt: skip


def test_cancelling_an_edit_changes_nothing(page: ChatPage) -> None:
    page.say("as it was")
    card = user_card(page)
    card.begin_edit()
    assert card.editor is not None
    card.editor.write("something else")
    card.end_edit()
    assert card.editor is None
    assert not card.bubble.isHidden()
    assert [message.text for message in page.kept] == ["as it was", "as it was"]


def test_nothing_can_be_changed_while_an_answer_is_written(page: ChatPage) -> None:
    page.say("before")
    page.begin("!slow")
    assert all(card.buttons.change.isHidden() for card in page.cards)
    page.view._regenerate_last()
    assert len(page.cards) == 4
