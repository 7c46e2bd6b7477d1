"""The form of answers on the chat page: chosen at a button, checked while it is typed, and told above each answer."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from desktop.pages.chat.form_editor import FormEditor
from desktop.pages.chat.form_mark import set_out
from engine.forms import Form, FormKind, Verdict
from engine.types import Message, MessageState, Role
from tests.desktop.chat.conftest import ChatPage

GRAMMAR = 'root ::= "yes" | "no"'


def editor(page: ChatPage, kind: FormKind) -> FormEditor:
    """The editor that a choice opens."""
    page.view.form_button.choices[kind].trigger()
    found = page.view.findChildren(FormEditor)[-1]
    page.until(found.isVisible)
    return found


def test_a_form_is_chosen_before_a_chat_begins_and_stays_with_it(page: ChatPage) -> None:
    page.view.form_button.choices[FormKind.JSON].trigger()
    assert page.view.form_button.text() == "Answer form: JSON"
    page.say('{"a": 1}')
    chat = page.engine.chats.all()[0]
    assert chat.form == Form(kind=FormKind.JSON)
    page.view.new_requested.emit()
    assert page.view.form_button.form.kind is FormKind.TEXT
    page.view.chat_chosen.emit(chat.id)
    assert page.view.form_button.choices[FormKind.JSON].isChecked()
    page.view.form_button.choices[FormKind.TEXT].trigger()
    assert page.engine.chats.get(chat.id).form.kind is FormKind.TEXT


def test_the_editor_says_what_is_wrong_where_it_is_and_takes_nothing_that_is(page: ChatPage) -> None:
    dialog = editor(page, FormKind.GRAMMAR)
    dialog.box.setPlainText("root ::= nobody")
    page.until(lambda: "line 1, column 10" in dialog.told.text())
    assert not dialog.yes.isEnabled()
    dialog.box.setPlainText(GRAMMAR)
    page.until(dialog.yes.isEnabled)
    assert dialog.told.text() == "It can be used."
    dialog.yes.click()
    assert page.view.form_button.form == Form(kind=FormKind.GRAMMAR, source=GRAMMAR)


def test_the_editor_names_what_only_the_finished_answer_shows_and_escape_changes_nothing(page: ChatPage) -> None:
    dialog = editor(page, FormKind.SCHEMA)
    dialog.box.setPlainText('{"type": "array", "uniqueItems": true}')
    page.until(lambda: "#/uniqueItems" in dialog.told.text())
    page.press(Qt.Key.Key_Escape, dialog)
    assert page.view.form_button.form.kind is FormKind.TEXT
    assert page.view.form_button.choices[FormKind.TEXT].isChecked()


@pytest.mark.parametrize(
    ("verdict", "words"),
    [(Verdict.VALID, "Valid"), (Verdict.INVALID, "Not valid"), (Verdict.INCOMPLETE, "Incomplete")],
)
def test_an_answer_is_marked_and_its_json_set_out_and_copied_as_it_was_written(
    page: ChatPage, verdict: Verdict, words: str
) -> None:
    page.view.form_button.choices[FormKind.JSON].trigger()
    card = page.say(f'!judged:{verdict.value} {{"a":[1,2]}}')
    assert card.form_mark.verdict.text() == words
    assert not card.form_mark.isHidden()
    page.view._copy_last()
    assert QGuiApplication.clipboard().text() == card.message.text
    assert card.message.form is FormKind.JSON
    assert page.kept[-1].judged.verdict is verdict


def test_a_temporary_chat_has_its_form_in_memory(page: ChatPage) -> None:
    page.view.temporary_requested.emit()
    page.view.form_button.choices[FormKind.JSON].trigger()
    page.say("word")
    (chat,) = (chat for chat in page.engine.chats.all() if chat.id < 0)
    assert chat.form.kind is FormKind.JSON
    assert page.engine.chats.messages(chat.id)[-1].form is FormKind.JSON


def test_json_is_set_out_in_lines_and_what_is_none_stays_as_it_came() -> None:
    message = Message(id=1, chat_id=1, parent_id=None, role=Role.ASSISTANT, text='{"a":["`é"]}', form=FormKind.JSON)
    assert set_out(message) == '```json\n{\n  "a": [\n    "`é"\n  ]\n}\n```'
    assert set_out(replace(message, text='{"a":[```')) == '````json\n{"a":[```\n````'
    assert set_out(replace(message, text="[" * 100_000)).startswith("```json\n[[")
    assert set_out(replace(message, form=FormKind.TEXT)) == message.text


def test_plain_answers_have_no_mark(page: ChatPage) -> None:
    card = page.say("word")
    assert card.form_mark.isHidden()
    assert (card.message.role, card.message.state) == (Role.ASSISTANT, MessageState.COMPLETE)
