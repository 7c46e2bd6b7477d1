"""How likely each token was: asked for in the settings, shown under the answer, nowhere kept."""

from desktop.pages.chat.odds import MOST_ANSWERS, OddsHeld, percent_text
from engine.sampling import Odds
from tests.desktop.chat.conftest import ChatPage


def rows(page: ChatPage) -> list[list[str]]:
    model = page.answer.odds.model
    return [[model.index(row, column).data() for column in range(3)] for row in range(model.rowCount())]


def test_without_the_setting_nothing_is_asked_and_nothing_shown(page: ChatPage) -> None:
    odds = page.say("one two").odds
    assert odds.toggle.isHidden()
    assert odds.isHidden()


def test_each_token_stands_in_a_table_with_what_was_likeliest_in_its_place(page: ChatPage) -> None:
    page.engine.change_settings(likeliest=2)
    odds = page.say("one two").odds
    assert not odds.toggle.isHidden()
    assert odds.isHidden()
    odds.toggle.click()
    assert not odds.isHidden()
    assert rows(page) == [
        ["one·", "90.5 %", "one· 90.5 %   other· 9.1 %"], ["two", "90.5 %", "two 90.5 %   other· 9.1 %"],
    ]  # fmt: skip
    assert odds.model.headerData(2, odds.table.horizontalHeader().orientation()) == "Likeliest in its place"


def test_it_is_there_again_when_the_chat_is_opened_again_and_an_answer_written_anew_has_its_own(page: ChatPage) -> None:
    page.engine.change_settings(likeliest=1)
    page.say("one two three")
    chat_id = page.engine.chats.all()[0].id
    page.view.new_requested.emit()
    page.view.chat_chosen.emit(chat_id)
    assert len(rows(page)) == 3
    page.engine.change_settings(likeliest=0)
    page.answer.buttons.change.click()
    page.until(lambda: not page.busy)
    assert rows(page) == []
    assert page.answer.odds.toggle.isHidden()
    page.answer.buttons.before.click()
    assert len(rows(page)) == 3


def test_an_answer_that_was_stopped_has_those_of_what_was_written(page: ChatPage) -> None:
    page.engine.change_settings(likeliest=1)
    page.begin("!slow it is")
    page.view.composer.button.click()
    page.until(lambda: not page.busy)
    assert 0 < len(rows(page)) <= page.kept[-1].text.count("tick") + 1


def test_those_of_the_last_answers_are_held() -> None:
    held = OddsHeld()
    for number in range(MOST_ANSWERS + 2):
        held.add(number, Odds(text="a", log_probability=0.0))
    assert [len(held.of(number)) for number in (0, 1, 2, MOST_ANSWERS + 1)] == [0, 0, 1, 1]


def test_a_very_unlikely_token_is_told_with_more_digits() -> None:
    assert percent_text(0.0) == "100.0 %"
    assert percent_text(-9.0) == "0.012 %"
    assert percent_text(-1e9) == "0.0 %"
