"""The guide in a real process: over documents it can write their sentences only, and the file that ships is well."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.engine import Cancel, Engine, Places, finish
from engine.errors import TextNotAccepted
from engine.events import Event, QuoteFound, TextAdded
from engine.places import RESOURCES
from engine.types import Message, MessageState, Model
from tests.fakes import tiny_gguf
from tests.fakes.asking import heard_out

SHIPPED = RESOURCES / "models" / "hanare-guide.gguf"
LEASE = "The deposit is 1,200 euro. It is returned within thirty days.\n\nPets are welcome here. Dogs pay nothing."
SENTENCES = ("The deposit is 1,200 euro.", "It is returned within thirty days.", "Pets are welcome here.",
             "Dogs pay nothing.")  # fmt: skip
QUESTION = "When is the deposit returned?"


def opened(folder: Path) -> Engine:
    """An engine with a lease to ask."""
    (folder / "lease.txt").write_text(LEASE, encoding="utf-8")
    engine = Engine.open(Places(folder / "data"))
    finish(engine.documents.add([folder / "lease.txt"], Cancel()))
    return engine


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """The guide is one that writes noise."""
    monkeypatch.setattr("engine.places.GUIDE", tiny_gguf.write(tmp_path / "guide.gguf", sampling={"temp": 0.0}))
    with opened(tmp_path) as engine:
        yield engine


def guide_of(engine: Engine) -> Model:
    """The guide."""
    return next(model for model in engine.models.all() if model.built_in)


def test_a_guide_that_writes_noise_answers_from_documents_in_their_sentences_only(engine: Engine) -> None:
    engine.change_settings(temperature=1.5, style="creative")
    events: list[Event] = []
    answer = heard_out(engine.chats.ask(QUESTION, Cancel(), guide_of(engine).id), events.append)
    assert (answer.verbatim, answer.built_in, answer.text) == (True, True, "")
    assert {quote.text for quote in answer.quotes} <= set(SENTENCES)
    assert answer.quotes
    assert [event.quote for event in events if isinstance(event, QuoteFound)] == list(answer.quotes)
    assert not any(isinstance(event, TextAdded) for event in events)


def test_in_a_chat_too_and_each_with_the_number_of_its_passage(engine: Engine) -> None:
    chat = engine.chats.new()
    answer: Message = finish(engine.chats.send(chat.id, QUESTION, Cancel(), guide_of(engine).id, with_documents=True))
    assert answer.text
    assert {line.removesuffix(" [1]") for line in answer.text.split("\n\n")} <= set(SENTENCES)
    assert all(line.endswith(" [1]") for line in answer.text.split("\n\n"))
    with pytest.raises(TextNotAccepted, match="whole sentences"):
        finish(engine.chats.go_on(answer.id, Cancel(), guide_of(engine).id))


def test_in_a_comparison_too(engine: Engine) -> None:
    comparison = finish(engine.comparisons.run(QUESTION, [guide_of(engine).id], Cancel(), with_documents=True))
    assert {line.removesuffix(" [1]") for line in comparison.trials[0].text.split("\n\n")} <= set(SENTENCES)


@pytest.mark.skipif(not SHIPPED.is_file(), reason="the guide has not been trained yet: make guide-model")
def test_the_guide_that_ships_answers_and_picks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.places.GUIDE", SHIPPED)
    with opened(tmp_path) as engine:
        guide, chat = guide_of(engine), engine.chats.new()
        assert guide.facts.sampling == {"temperature": 0.0}
        answer = finish(engine.chats.send(chat.id, "How do I add documents?", Cancel(), guide.id))
        assert answer.state is MessageState.COMPLETE
        assert "<|" not in answer.text
        assert "ocument" in answer.text
        again = finish(engine.chats.regenerate(answer.id, Cancel(), guide.id))
        assert again.text == answer.text
        assert finish(engine.chats.ask(QUESTION, Cancel(), guide.id)).quotes[0].text in SENTENCES
