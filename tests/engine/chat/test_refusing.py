"""Answer only when the documents support it: enforced before a model is asked, and after it has written."""

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.engine import Cancel, Engine, finish
from engine.errors import EmbedderNotUsable
from engine.events import Event, PromptRead, TextAdded, TextHeld
from engine.forms import Form, FormKind
from engine.types import Answer, Model, Refusal, Support
from tests.fakes.asking import heard_out

AddModel = Callable[..., Model]


@pytest.fixture
def asked(engine: Engine, add_model: AddModel, tmp_path: Path) -> Callable[..., tuple[Answer, list[Event]]]:
    """Asks a lease; the model writes back what it was told, in which the passages stand."""
    (tmp_path / "lease.txt").write_text(
        "The deposit is 1,200 euro. It is returned within thirty days after the end of the tenancy.", encoding="utf-8"
    )
    finish(engine.documents.add([tmp_path / "lease.txt"], Cancel()))
    model = add_model()

    def ask(question: str, **wishes: object) -> tuple[Answer, list[Event]]:
        events: list[Event] = []
        work = engine.chats.ask(question, Cancel(), model.id, **wishes)  # type: ignore[arg-type]
        return heard_out(work, events.append), events

    return ask


def of(events: list[Event], kind: type) -> int:
    return sum(isinstance(event, kind) for event in events)


def test_an_answer_has_its_sentences_marked(asked: Callable[..., tuple[Answer, list[Event]]]) -> None:
    answer, events = asked("When is the deposit returned? It is 77 euro.")
    marks = {answer.text[one.start : one.end]: one for one in answer.checked}
    stated = next(one for text, one in marks.items() if text.startswith("It is returned within thirty days"))
    assert stated.support is Support.SUPPORTED
    wrong = next(one for text, one in marks.items() if "77" in text)
    assert wrong.support is not Support.SUPPORTED
    assert [answer.text[start:end] for start, end in wrong.unfound] == ["77"]
    assert of(events, TextAdded)
    assert (answer.refused, answer.withheld) == (None, "")


def test_no_model_is_asked_where_the_passages_do_not_answer(
    engine: Engine, asked: Callable[..., tuple[Answer, list[Event]]]
) -> None:
    question = "Which deposit of minerals does the tallest penguin colony of Antarctica defend?"
    answer, events = asked(question)
    assert answer.text
    engine.change_settings(only_supported=True)
    for wishes in ({}, {"verbatim": True}, {"form": Form(kind=FormKind.JSON)}):
        answer, events = asked(question, **wishes)
        assert (answer.refused, answer.text, answer.withheld, answer.quotes) == (Refusal.WEAK, "", "", ())
        assert answer.sources
        assert not of(events, PromptRead)


def test_nothing_is_shown_before_it_is_checked(
    engine: Engine, asked: Callable[..., tuple[Answer, list[Event]]]
) -> None:
    engine.change_settings(only_supported=True)
    answer, events = asked("When is the deposit returned?")
    assert answer.refused is None
    assert "thirty days" in answer.text
    assert of(events, TextHeld)
    assert not of(events, TextAdded)


def test_an_answer_of_which_no_sentence_is_supported_is_withheld(
    engine: Engine, asked: Callable[..., tuple[Answer, list[Event]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The model is given the passages and writes of something else."""
    engine.change_settings(only_supported=True)
    monkeypatch.setattr("engine.chat.asking.cited", lambda *_: ("Penguins eat krill. Krill is small.", ""))
    answer, events = asked("When is the deposit returned?")
    assert (answer.refused, answer.text) == (Refusal.UNSUPPORTED, "")
    assert answer.withheld == "Penguins eat krill. Krill is small."
    assert [one.support for one in answer.checked] == [Support.UNSUPPORTED] * 2
    assert not of(events, TextAdded)


def test_an_embedder_that_fails_costs_the_meaning_and_not_the_answer(
    engine: Engine, asked: Callable[..., tuple[Answer, list[Event]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(texts: object, others: object) -> list[list[float]]:
        raise EmbedderNotUsable(why="it is told to")

    monkeypatch.setattr(engine.documents, "closeness", lambda sample, cancel: fails)
    answer, _ = asked("When is the deposit returned?")
    assert any(one.source for one in answer.checked)
