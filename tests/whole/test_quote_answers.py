"""Quotes that a model chooses, from the real process: whatever it would like to write, only sentences come."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.chat import quoting
from engine.documents.quotes import MOST_QUOTES
from engine.engine import Cancel, Engine, Places
from engine.events import Event, QuoteFound, TextAdded
from engine.forms import network_of
from engine.operation import finish
from engine.types import MessageState, Model, Source
from tests.fakes.asking import heard_out
from tests.fakes.tiny_gguf import write
from tests.reliability.hostile_passages import HOSTILE

QUESTIONS = 24


def source(text: str, number: int = 1) -> Source:
    return Source(number=number, document_id=1, path=Path("a.txt"), page=1, start=0, end=len(text), text=text)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    folder = tmp_path
    (folder / "papers").mkdir()
    for number, text in enumerate(HOSTILE):
        (folder / "papers" / f"{number}.txt").write_text(text, encoding="utf-8", newline="")
    with Engine.open(Places(folder / "data")) as engine:
        finish(engine.documents.add([folder / "papers"], Cancel()))
        yield engine


@pytest.fixture
def model(engine: Engine, tmp_path: Path) -> Model:
    return finish(engine.models.add(write(tmp_path / "noise.gguf"), Cancel()))


def test_every_passage_makes_a_form_that_can_be_kept_to() -> None:
    for text in (
        *HOSTILE,
        "",
        "short",
        "x" * 500,
        "\0 a zero in the middle of a sentence \0.",
        "NONE",
        "\\" * 40 + ".",
    ):
        network_of(quoting.form_of([source(text)]))
    rng = random.Random(5)
    for _ in range(200):
        text = "".join(
            chr(rng.choice((rng.randrange(1, 128), rng.randrange(1, 0xD800), 46, 32, 10))) for _ in range(90)
        )
        network_of(quoting.form_of([source(text)]))


def test_a_model_that_writes_noise_can_only_quote(engine: Engine, model: Model) -> None:
    engine.change_settings(answer_tokens=900, temperature=1.5)
    quotes = 0
    for number in range(QUESTIONS):
        events: list[Event] = []
        question = random.Random(number).choice(("deposit", "敷金はいつ返される", "sentence twice", "stop and wrote"))
        work = engine.chats.ask(question, Cancel(), model.id, verbatim=True)
        answer = heard_out(work, events.append)
        assert answer.verbatim
        assert answer.model
        assert not answer.text
        assert not answer.changed
        assert not any(isinstance(event, TextAdded) for event in events)
        assert [event.quote for event in events if isinstance(event, QuoteFound)] == list(answer.quotes)
        assert (
            answer.quotes or answer.state is not MessageState.COMPLETE or answer.speed.tokens <= len(quoting.NONE) + 1
        )
        assert len({quote.text for quote in answer.quotes}) == len(answer.quotes) <= MOST_QUOTES
        for quote in answer.quotes:
            spot = quote.source
            page = engine.documents.page(spot.document_id, spot.page).text
            assert page[spot.start : spot.end] == quote.text == spot.text
            assert spot.number in {one.number for one in answer.sources}
        quotes += len(answer.quotes)
    assert quotes > QUESTIONS / 2


def test_a_sentence_that_has_changed_is_not_quoted(
    engine: Engine, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The document is read again between finding and quoting."""
    monkeypatch.setattr(engine.documents, "stored", lambda spot: spot.text.upper())
    answer = finish(engine.chats.ask("deposit", Cancel(), model.id, verbatim=True))
    assert answer.quotes == ()
    assert answer.changed > 0
