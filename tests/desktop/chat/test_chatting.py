"""Sending, streaming, stopping, and what is left when something goes wrong."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from desktop.pages.chat.message_card import AnswerCard, UserCard
from engine.engine import Cancel, finish
from engine.types import MessageState
from tests.desktop.chat.conftest import ChatPage
from tests.fakes import tiny_gguf


def test_enter_sends_and_the_answer_appears_with_its_figures(page: ChatPage) -> None:
    answer = page.say("hello from here")
    assert [type(card) for card in page.cards] == [UserCard, AnswerCard]
    assert answer.body.text == "hello from here"
    assert "100 tokens per second" in answer.figures.text()
    assert "first token after" in answer.figures.text()
    assert "3 tokens" in answer.figures.text()
    assert "parrot" in answer.figures.text() or "tiny" in answer.figures.text()
    assert [message.text for message in page.kept] == ["hello from here", "hello from here"]


def test_shift_and_enter_begins_a_new_line(page: ChatPage) -> None:
    page.type("one")
    page.qtbot.keyClick(page.view.composer.box, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert page.view.composer.text == "one\n"
    assert not page.cards


def test_the_composer_is_empty_once_the_message_is_kept(page: ChatPage) -> None:
    page.begin("!slow")
    assert page.view.composer.text == ""


def test_text_appears_while_it_is_written_and_escape_keeps_what_there_is(page: ChatPage) -> None:
    answer = page.begin("!slow")
    assert page.busy
    page.until(lambda: answer.body.text.count("tick") >= 3)
    page.view._escape.activated.emit()
    page.until(lambda: not page.busy)
    assert page.answer.message.state is MessageState.STOPPED
    assert page.answer.body.text.count("tick") >= 3
    assert page.answer.note.label.text() == "You stopped this answer. What was written is kept."
    assert page.kept[-1].text == page.answer.body.text


def test_the_stop_button_stops_while_the_prompt_is_being_read(page: ChatPage) -> None:
    page.type("!think")
    page.press(Qt.Key.Key_Return)
    page.until(lambda: len(page.cards) == 2 and page.answer.phase.text().startswith("Reading prompt"))
    page.qtbot.mouseClick(page.view.composer.button, Qt.MouseButton.LeftButton)
    page.until(lambda: not page.busy)
    assert page.answer.message.state is MessageState.STOPPED


def test_the_person_can_go_on_typing_while_an_answer_is_written(page: ChatPage) -> None:
    page.begin("!slow")
    page.type("the next question")
    page.press(Qt.Key.Key_Return)
    assert page.busy
    assert page.view.composer.text == "the next question"
    assert len(page.cards) == 2


def test_a_model_that_dies_is_explained_and_the_page_goes_on(page: ChatPage) -> None:
    answer = page.say("!die")
    assert answer.body.text.strip() == "dying"
    assert answer.message.state is MessageState.INTERRUPTED
    assert "stopped unexpectedly" in answer.note.label.text()
    assert "Try again" in answer.note.label.text()
    assert page.say("still there").body.text == "still there"


def test_a_prompt_that_is_too_long_is_kept_and_explained(page: ChatPage) -> None:
    answer = page.say("!long")
    assert answer.message.state is MessageState.FAILED
    assert "too long" in answer.note.label.text()
    assert page.kept[0].text == "!long"


def test_without_a_model_the_page_says_so_and_keeps_the_text(empty_page: ChatPage) -> None:
    asked: list[str] = []
    empty_page.view.page_requested.connect(asked.append)
    assert not empty_page.view.welcome.pick_button.isHidden()
    empty_page.view.welcome.pick_button.click()
    assert asked == ["models"]
    empty_page.window.activateWindow()
    empty_page.type("my careful words")
    empty_page.press(Qt.Key.Key_Return)
    assert empty_page.view.composer.text == "my careful words"
    assert empty_page.view.welcome.state.title.text() == "No model yet"
    assert empty_page.view.welcome.pick_button.hasFocus()
    assert empty_page.engine.chats.all() == ()


def test_a_model_removed_meanwhile_costs_no_word(page: ChatPage) -> None:
    page.engine.models.remove(page.view.picker.model_id)
    page.type("never lost")
    page.press(Qt.Key.Key_Return)
    page.until(lambda: not page.busy)
    assert not page.view.transcript.problem.isHidden()
    assert page.kept[0].text == "never lost"


def test_a_model_that_is_gone_is_replaced_and_the_picker_says_so(page: ChatPage, tmp_path: Path) -> None:
    page.say("hello")
    chat_id, picker = page.engine.chats.all()[0].id, page.view.picker
    finish(page.engine.models.add(tiny_gguf.write(tmp_path / "owl.gguf"), Cancel()))
    (tmp_path / "parrot.gguf").unlink()
    page.view.came_on_show()
    assert (picker.model.name, picker.former.text()) == ("owl", "Instead of parrot")
    page.view.start_new()
    page.view.chat_chosen.emit(chat_id)
    assert (picker.model.name, picker.former.text(), picker.former.isHidden()) == ("owl", "Instead of parrot", False)
    picker.choose(picker.model_id)
    assert picker.former.isHidden()


def test_test_models_are_made_from_the_empty_page_too(empty_page: ChatPage) -> None:
    empty_page.view.welcome.make_button.click()
    empty_page.until(lambda: len(empty_page.engine.models.for_chat()) == 2)
    empty_page.until(lambda: empty_page.view.picker.model is not None)
    assert not empty_page.view.banner.isHidden()


def test_the_empty_page_leads_to_the_documents(empty_page: ChatPage) -> None:
    asked: list[str] = []
    empty_page.view.page_requested.connect(asked.append)
    empty_page.view.welcome.documents_button.click()
    assert asked == ["documents"]


def test_a_suggestion_goes_to_the_composer_and_is_not_sent(page: ChatPage) -> None:
    button = page.view.welcome.suggestions.layout().itemAt(0).widget()
    button.click()
    assert page.view.composer.text == button.text()
    assert not page.cards


def test_copy_gives_the_markdown_as_it_was_written(page: ChatPage) -> None:
    answer = page.say("**bold** and `code`")
    answer.buttons.copy.click()
    assert QGuiApplication.clipboard().text() == "**bold** and `code`"


def test_a_short_chat_is_never_laid_out_taller_than_the_page(page: ChatPage) -> None:
    tallest = 0

    def look(_: int, maximum: int) -> None:
        nonlocal tallest
        tallest = max(tallest, maximum)

    page.view.transcript.verticalScrollBar().rangeChanged.connect(look)
    page.say("some words that need two lines on this page, or three, but surely not more " * 3)
    page.view.chat_chosen.emit(page.engine.chats.all()[0].id)
    assert tallest == 0


def test_the_view_follows_new_text_only_while_the_person_is_at_the_end(page: ChatPage) -> None:
    for _ in range(6):
        page.say("some words to fill the page with\n\n" * 8)
    bar = page.view.transcript.verticalScrollBar()
    page.until(lambda: bar.maximum() > 0 and bar.value() == bar.maximum())
    bar.setValue(0)
    answer = page.begin("!slow")
    bar.setValue(0)
    page.until(lambda: answer.body.text.count("tick") >= 20)
    assert bar.value() == 0
    page.view._escape.activated.emit()
    page.until(lambda: not page.busy)


def test_what_a_model_thinks_folds_into_a_line_with_its_duration_and_is_no_part_of_the_answer(page: ChatPage) -> None:
    answer = page.say("!muse at last")
    assert answer.body.text == "!muse at last"
    assert answer.thoughts.isVisible()
    assert answer.thoughts.fold.text() == "Thought for 1 s"
    assert not answer.thoughts.prose.isVisible()
    page.qtbot.mouseClick(answer.thoughts.fold, Qt.MouseButton.LeftButton)
    assert answer.thoughts.prose.isVisible()
    assert answer.thoughts.prose.toPlainText() == "hm hm"
    kept = page.kept[-1]
    assert (kept.text, kept.thoughts) == ("!muse at last", "hm hm")
    assert kept.thinking_s > 0


def test_an_answer_without_thoughts_has_no_line_for_them(page: ChatPage) -> None:
    assert not page.say("hello").thoughts.isVisible()


def test_a_thought_is_on_show_while_it_grows_and_kept_when_the_person_stops(page: ChatPage) -> None:
    page.type("!muse !slow")
    page.press(Qt.Key.Key_Return)
    page.until(lambda: len(page.cards) == 2 and page.answer.thoughts.fold.text() == "Thinking…")
    page.until(lambda: "tick" in page.answer.body.text)
    assert page.answer.thoughts.fold.text() == "Thought for 1 s"
    page.view._escape.activated.emit()
    page.until(lambda: not page.busy)
    assert page.kept[-1].thoughts == "hm hm"
