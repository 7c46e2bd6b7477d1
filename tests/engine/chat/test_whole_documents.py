"""A question about one document: all of it where it fits, its best passages where it does not, and the numbers."""

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.engine import Cancel, Engine, finish
from engine.errors import TextNotAccepted
from engine.events import DocumentMeasured, Event
from engine.types import Document, Model, Reach
from tests.engine.chat.test_reading_all import FILLER, fill, heard

AddModel = Callable[..., Model]


@pytest.fixture
def papers(engine: Engine, tmp_path: Path) -> tuple[Document, ...]:
    fill(engine, tmp_path / "papers", files=3)
    return engine.documents.all()


def test_all_of_a_document_that_fits_is_given_in_order(
    engine: Engine, add_model: AddModel, papers: tuple[Document, ...]
) -> None:
    events: list[Event] = []
    document = papers[1]
    work = engine.chats.ask("!note marks", Cancel(), add_model().id, reach=Reach.DOCUMENT, among=(document.id,))
    answer = heard(work, events.append)
    assert answer.sources == engine.documents.whole(document.id)
    assert [source.number for source in answer.sources] == [1, 2, 3, 4]
    assert [(source.page, source.start) for source in answer.sources] == sorted(
        (source.page, source.start) for source in answer.sources
    )
    assert [mark for mark in answer.text.split() if mark.startswith("mark")] == ["mark4", "mark5", "mark6", "mark7"]
    (measured,) = [event for event in events if isinstance(event, DocumentMeasured)]
    assert measured.fitting == answer.fitting
    assert measured.fitting.fits
    words = sum(len(source.text.split()) for source in answer.sources)
    assert measured.fitting.tokens > words  # a word is a token of the fake's, and there is a task around them


def test_a_document_that_does_not_fit_is_told_with_the_numbers_and_asked_for_its_best_passages(
    engine: Engine, add_model: AddModel, papers: tuple[Document, ...]
) -> None:
    engine.change_settings(context_tokens=512, answer_tokens=128, system_prompt="")
    model, document = add_model(), papers[2]
    answer = finish(engine.chats.ask("mark9 harbour?", Cancel(), model.id, reach=Reach.DOCUMENT, among=(document.id,)))
    assert answer.fitting is not None
    assert not answer.fitting.fits
    assert answer.fitting.room == 512 - 128
    assert {source.document_id for source in answer.sources} == {document.id}
    assert "mark9" in answer.sources[0].text


def test_one_that_is_far_too_long_is_not_counted_but_estimated(
    engine: Engine, add_model: AddModel, tmp_path: Path
) -> None:
    engine.change_settings(context_tokens=512)
    path = tmp_path / "long.txt"
    path.write_text("\n\n".join([FILLER] * 20), encoding="utf-8")
    finish(engine.documents.add([path], Cancel()))
    answer = finish(engine.chats.ask("file:long harbour?", Cancel(), add_model().id, reach=Reach.DOCUMENT))
    assert answer.fitting is not None
    assert answer.fitting.about
    assert not answer.fitting.fits


def test_the_question_may_name_the_document_and_must_mean_one(
    engine: Engine, add_model: AddModel, papers: tuple[Document, ...]
) -> None:
    model = add_model()
    answer = finish(engine.chats.ask('file:"paper 02" !note', Cancel(), model.id, reach=Reach.DOCUMENT))
    assert {source.path for source in answer.sources} == {papers[2].path}
    for question in ("file:paper !note", "file:nothing !note", "!note"):
        with pytest.raises(TextNotAccepted):
            finish(engine.chats.ask(question, Cancel(), model.id, reach=Reach.DOCUMENT))
    with pytest.raises(TextNotAccepted):
        finish(engine.chats.ask('file:"paper 02"', Cancel(), model.id, reach=Reach.DOCUMENT))  # nothing is asked


def test_without_a_model_the_quotes_are_of_that_document(engine: Engine, papers: tuple[Document, ...]) -> None:
    document = papers[0]
    answer = finish(engine.chats.ask("quiet harbour", Cancel(), None, reach=Reach.DOCUMENT, among=(document.id,)))
    assert answer.quotes
    assert {quote.source.document_id for quote in answer.quotes} == {document.id}


@pytest.mark.parametrize(
    "question",
    ["List all suppliers", "Summarise everything on heating", "give me every invoice number",
     "How many letters are there?", "Which of my documents mention Lyon?", "仕入先の一覧",
     "暖房についてすべて教えて", "契約書を要約して"],
)  # fmt: skip
def test_questions_to_everything_are_told_by_their_words(engine: Engine, question: str) -> None:
    assert engine.chats.looks_wide(question)


@pytest.mark.parametrize(
    "question", ["When is the deposit returned?", "Who built all-weather roads?", "敷金はいつ返りますか?"]
)
def test_others_are_not(engine: Engine, question: str) -> None:
    assert not engine.chats.looks_wide(question)
