"""The context on the chat page: how full it is, where the model's view begins, what an answer was given."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from desktop.pages.chat.context_gauge import NEARLY_FULL
from desktop.pages.chat.given import given_lines
from desktop.pages.chat.message_card import UserCard
from engine.context import Context, Entry, Part, WhenFull
from engine.types import Message, MessageState, Role, Source, Speed
from tests.desktop.chat.conftest import ChatPage


@pytest.fixture
def small(page: ChatPage) -> ChatPage:
    """A page whose models hold 512 tokens, 64 of them kept for the answer; a word is one."""
    page.engine.change_settings(context_tokens=512, answer_tokens=64, system_prompt="Be kind")
    return page


def choose(page: ChatPage, when_full: WhenFull | None) -> None:
    """Click a line of the gauge's menu."""
    page.view.gauge.choices[when_full].trigger()


def marks(page: ChatPage) -> list[UserCard]:
    """The messages that have the mark above them."""
    return [card for card in page.cards if isinstance(card, UserCard) and not card.mark.isHidden()]


def test_the_gauge_tells_what_the_last_answer_filled_and_warns_near_the_end(small: ChatPage) -> None:
    assert small.view.gauge.isHidden()
    small.say("word " * 30)
    assert small.view.gauge.text() == "12 % of the context"  # 2 + 30 read, 30 written, of 512
    assert "62 of 512 tokens" in small.view.gauge.toolTip()
    assert "nearly full" not in small.view.gauge.toolTip()
    while int(small.view.gauge.text().split()[0]) < NEARLY_FULL * 100:
        small.say("word " * 45)
    assert "nearly full" in small.view.gauge.toolTip()
    small.view.new_requested.emit()
    assert small.view.gauge.isHidden()


def test_what_the_model_was_given_unfolds_under_the_answer(small: ChatPage) -> None:
    small.say("one two three")
    given = small.say("four five").given
    assert not given.toggle.isHidden()
    assert given.isHidden()
    given.toggle.click()
    assert given.list.text().split("\n") == [
        "Instructions: 2 tokens", "Earlier messages (2): 6 tokens", "    “one two three”: 3", "    “one two three”: 3",
        "Your question: 2 tokens", "Chat template: 0 tokens", "10 of 512 tokens in all",
        "All of it was read for this answer.",
    ]  # fmt: skip
    assert not given.isHidden()


def test_of_very_many_things_the_last_are_listed_and_what_was_held_before_is_told() -> None:
    spots = [
        Source(number=number, document_id=1, path=Path("/a/tea.pdf"), page=number, start=0, end=3, text="tea")
        for number in (1, 2)
    ]
    entries = [Entry(part=Part.TURN, tokens=10, of=number) for number in range(1, 31)]
    entries += [Entry(part=Part.PASSAGE, tokens=5, of=spot.number) for spot in spots]
    message = Message(
        id=40, chat_id=1, parent_id=39, role=Role.ASSISTANT, text="", sources=tuple(spots),
        context=Context(context_tokens=4096, prompt_tokens=310, entries=tuple(entries)),
        speed=Speed(prompt_tokens=310, reused_tokens=280),
    )  # fmt: skip
    lines = list(given_lines(message, lambda id_: "" if id_ == 30 else f"line {id_}\n" * 40))
    assert lines[0] == "Earlier messages (30): 300 tokens"
    assert lines[1] == "    the first 6: 60"
    assert lines[2].startswith("    “line 7 line 7")
    assert lines[2].endswith("…”: 10")
    assert lines[25] == "    a message that is not on show: 10"
    assert lines[26:29] == [
        "Passages of your documents (2): 10 tokens", "    [1] tea.pdf: 5", "    [2] tea.pdf: 5",
    ]  # fmt: skip
    assert lines[-1] == "30 of them were read for this answer; the others were held from before."


def test_a_mark_stands_where_the_models_view_begins_and_is_there_again_on_return(small: ChatPage) -> None:
    for _ in range(6):
        small.say("word " * 45)
    (marked,) = marks(small)
    kept = small.kept[-1]
    assert kept.context is not None
    assert marked.message.id == kept.context.cut_to
    above = [card for card in small.cards if card.message.id < marked.message.id]
    assert f"({len(above)} messages)" in marked.mark.words.text()

    chat_id = small.engine.chats.all()[0].id
    small.view.new_requested.emit()
    assert marks(small) == []
    small.view.chat_chosen.emit(chat_id)
    (again,) = marks(small)
    assert again.message.id == marked.message.id


def test_a_summary_is_shown_on_request_at_the_mark(small: ChatPage) -> None:
    small.say("word " * 30)
    choose(small, WhenFull.SUMMARY)
    for _ in range(10):
        small.say("word " * 30)
        if marks(small):
            break
    (marked,) = marks(small)
    assert "own summary" in marked.mark.words.text()
    assert marked.mark.summary.isHidden()
    marked.mark.toggle.click()
    kept = small.kept[-1].context
    assert kept is not None
    assert kept.summary
    assert marked.mark.summary.text() == kept.summary
    assert not marked.mark.summary.isHidden()


def test_a_full_chat_stops_where_the_person_wants_it_and_one_click_goes_on(small: ChatPage) -> None:
    small.say("word " * 45)
    choose(small, WhenFull.STOP)
    assert small.engine.chats.all()[0].when_full is WhenFull.STOP
    for _ in range(10):
        if small.say("word " * 45).message.state is MessageState.FAILED:
            break
    failed = small.answer
    assert "longer than the model's context" in failed.note.label.text()
    assert not failed.note.shorter.isHidden()
    assert failed.note.again.isHidden()

    failed.note.shorter.click()
    small.until(lambda: not small.busy and small.answer.message.state is MessageState.COMPLETE)

    assert marks(small)
    assert small.view.gauge.choices[WhenFull.OLDEST].isChecked()
    assert small.engine.chats.all()[0].when_full is WhenFull.OLDEST


def test_an_answer_that_was_cut_offers_to_go_on(small: ChatPage) -> None:
    cut = small.say("word " * 100)
    assert cut.message.state is MessageState.CUT
    assert not cut.note.more.isHidden()
    small.type("half a thought")
    cut.note.more.click()
    small.until(lambda: not small.busy and small.answer.message.state is MessageState.COMPLETE)
    assert len(small.cards) == 2
    assert small.answer.body.text == small.kept[-1].text == "word " * 99 + "word"
    assert small.view.composer.text == "half a thought"
    assert small.answer.note.more.isHidden()
    small.answer.given.toggle.click()
    assert "The answer so far: 64 tokens" in small.answer.given.list.text()
    small.answer.buttons.before.click()
    assert small.answer.body.text == "word " * 64


def test_the_choice_belongs_to_its_chat(small: ChatPage) -> None:
    small.say("one")
    first = small.engine.chats.all()[0].id
    choose(small, WhenFull.ENDS)
    small.view.new_requested.emit()
    assert small.view.gauge.choices[None].isChecked()
    small.say("two")
    assert small.view.gauge.choices[None].isChecked()
    small.view.chat_chosen.emit(first)
    assert small.view.gauge.choices[WhenFull.ENDS].isChecked()


def test_the_gauge_moves_while_an_answer_is_written(small: ChatPage) -> None:
    small.begin("!slow it is")
    gauge = small.view.gauge

    def filled() -> int:
        return int(gauge.toolTip().split()[0])

    small.until(lambda: not gauge.isHidden() and filled() > 5)  # 2 + 3 read, and some words
    at = filled()
    small.until(lambda: filled() > at)
    small.view.new_requested.emit()
    assert gauge.isHidden()
    small.view.chat_chosen.emit(small.engine.chats.all()[0].id)
    assert filled() > at
    small.press(Qt.Key.Key_Escape)
    small.until(lambda: not small.busy)
    kept = small.kept[-1]
    assert kept.context
    assert kept.speed
    assert filled() == kept.context.prompt_tokens + kept.speed.tokens
