"""A question that needs the conversation: when it does, and what is looked for in its place."""

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.chat.follow_up import accepted, joined, leans
from engine.documents.words import telling
from engine.engine import Cancel, Engine, finish
from engine.events import Event, SearchedFor
from engine.types import Message, Model
from tests.engine.chat.test_chats import followed

AddModel = Callable[..., Model]


@pytest.mark.parametrize(
    "question",
    ["And when was it built?", "When did he move to Paris?", "Who designed them?", "What about Lyon?", "How much?",
     "それはいつ建てられましたか?",
     "では、誰が設計したのですか?", "その高さは?"],
)  # fmt: skip
def test_a_question_leans_on_what_was_said(question: str) -> None:
    assert leans(question)


@pytest.mark.parametrize(
    "question",
    ["When was the Luxor hotel built?", "Who won the Super Bowl in 2015?", "Where did Tesla spend his life?",
     "What is the NASUWT?", "And who owns the Luxor?", "東京タワーはいつ建てられましたか?",
     "通知期間は何か月ですか、解約の場合?"],
)  # fmt: skip
def test_a_question_with_words_of_its_own_stands_alone(question: str) -> None:
    assert not leans(question)


def test_words_that_carry_the_matter_are_found_in_both_languages() -> None:
    assert telling("When was the Luxor hotel built?") == ("luxor", "hotel", "built")
    assert telling("それは東京タワーですか?") == ("東京", "タワー")


def test_words_of_the_question_before_are_added_once() -> None:
    assert joined("when was it built?", ("luxor", "hotels", "build")) == "when was it built? luxor hotels build"
    assert joined("who owns the hotel?", ("luxor", "hotels")) == "who owns the hotel? luxor"
    assert joined("when?", ()) == "when?"


SAID = "Where is the Luxor hotel?\nIt stands in Las Vegas.\nAnd when was it built?"


@pytest.mark.parametrize(
    ("written", "used"),
    [("When was the Luxor hotel built?", "When was the Luxor hotel built?"),
     ('Question: "When was the Luxor built?"\n', "When was the Luxor built?"),
     ("When was the Eiffel tower painted green?", ""),  # words that nobody said
     ("When was the Luxor built?\nIt was built in 1993.", ""),  # more than a question
     ("", ""), ("\n \n", ""), ("???", ""), ("Luxor " * 60, "")],
)  # fmt: skip
def test_of_what_a_model_writes_only_a_question_of_words_that_were_said_is_used(written: str, used: str) -> None:
    assert accepted(written, SAID) == used


@pytest.fixture
def plums(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "plums.txt").write_text("Plum jam wants sour plums, picked in September.", encoding="utf-8")
    (tmp_path / "bees.txt").write_text("Honey is picked in August.", encoding="utf-8")
    finish(engine.documents.add([tmp_path / "plums.txt", tmp_path / "bees.txt"], Cancel()))


def _asked(engine: Engine, model: Model, chat_id: int, text: str) -> tuple[Message, list[str]]:
    searched: list[str] = []

    def hear(event: Event) -> None:
        if isinstance(event, SearchedFor):
            searched.append(event.text)

    return followed(engine.chats.send(chat_id, text, Cancel(), model.id, with_documents=True), hear), searched


def test_a_follow_up_is_searched_for_with_the_words_before_and_what_was_said_stays(
    engine: Engine, add_model: AddModel, plums: None
) -> None:
    """The fake model writes its prompt back, which is no question: the words of the question before are used."""
    model, chat = add_model(), engine.chats.new()
    first, searched = _asked(engine, model, chat.id, "Which plums does jam want?")
    assert searched == []
    assert first.context is not None
    assert first.context.searched_for == ""

    second, searched = _asked(engine, model, chat.id, "When are they picked?")
    assert len(searched) == 1
    assert searched[0].startswith("When are they picked? ")
    assert "plums" in searched[0]
    assert second.sources[0].path.name == "plums.txt"
    assert [message.text for message in engine.chats.messages(chat.id)][2] == "When are they picked?"
    kept = engine.chats.messages(chat.id)[-1]
    assert kept.context is not None
    assert kept.context.searched_for == searched[0]

    _, searched = _asked(engine, model, chat.id, "And by whom?")  # the words before are those that were searched for
    assert "plums" in searched[0]


def test_a_question_of_its_own_is_searched_for_as_it_is(engine: Engine, add_model: AddModel, plums: None) -> None:
    model, chat = add_model(), engine.chats.new()
    _asked(engine, model, chat.id, "Which plums does jam want?")
    answer, searched = _asked(engine, model, chat.id, "When is honey picked in August?")
    assert searched == []
    assert answer.sources[0].path.name == "bees.txt"
