"""What an answer leans on, from the real process: an answer written from passages, then read without them."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import wire
from engine.engine import Cancel, Engine, Places
from engine.errors import Cancelled
from engine.events import PromptRead
from engine.operation import finish
from engine.runtime.process import Process
from engine.types import Answer, Model
from tests.fakes.tiny_gguf import write
from tests.whole.test_odd_requests import ROLES, TEXTS, WHOLE, ended

SENTENCES = (
    "The rent is due on the first day of each month.",
    "The deposit is returned within thirty days.",
    "The boiler is serviced every autumn.",
)
REQUESTS = 200


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    folder = tmp_path / "papers"
    folder.mkdir()
    for number, sentence in enumerate(SENTENCES):
        (folder / f"{number}.txt").write_text(sentence, encoding="utf-8")
    with Engine.open(Places(tmp_path / "data")) as engine:
        finish(engine.documents.add([folder], Cancel()))
        engine.change_settings(answer_tokens=24)
        yield engine


@pytest.fixture
def model(engine: Engine, tmp_path: Path) -> Model:
    return finish(engine.models.add(write(tmp_path / "noise.gguf"), Cancel()))


def test_an_answer_that_was_written_is_weighed_without_each_passage(engine: Engine, model: Model) -> None:
    answer: Answer = finish(engine.chats.ask("rent deposit boiler", Cancel(), model.id))
    assert len(answer.sources) == 3
    why = finish(engine.chats.why(answer, Cancel(), model.id))
    assert [one.source for one in why.shares] == list(answer.sources)
    assert why.tokens > 0
    assert len({one.gain for one in why.shares}) == 3
    assert sum(one.share for one in why.shares) in (0, pytest.approx(1))


def test_the_same_is_measured_twice(engine: Engine, model: Model) -> None:
    """What is held of the prompts before makes a difference in the last bits alone: the cache has 16 of them."""
    answer = finish(engine.chats.ask("rent deposit boiler", Cancel(), model.id))
    first, second = (finish(engine.chats.why(answer, Cancel(), model.id)) for _ in range(2))
    for one, other in zip(first.shares, second.shares, strict=True):
        assert one.gain == pytest.approx(other.gain, abs=5e-3 * first.tokens)


def test_it_is_stopped_in_the_middle_and_the_model_goes_on(engine: Engine, model: Model) -> None:
    answer, cancel = finish(engine.chats.ask("rent deposit boiler", Cancel(), model.id)), Cancel()
    with pytest.raises(Cancelled):  # noqa: PT012 - it is pressed in the middle
        for event in engine.chats.why(answer, cancel, model.id):
            if isinstance(event, PromptRead):
                cancel.press()
    assert finish(engine.chats.why(answer, Cancel(), model.id)).tokens > 0


def test_no_odd_text_to_be_weighed_ends_the_process(tmp_path: Path) -> None:
    path, luck, seen = str(write(tmp_path / "tiny.gguf")), random.Random(19), set[str]()
    with Process("model", "engine.worker.model", private=tmp_path / "private") as process:
        assert ended(process, wire.Load(path=path, context_tokens=512, threads=1)) == "Loaded"
        for number in range(REQUESTS):
            turns = tuple(
                {"role": luck.choice(ROLES), "content": luck.choice(TEXTS)} for _ in range(luck.choice((0, 1, 1, 2)))
            )
            request = wire.Score(
                messages=turns, text=luck.choice(TEXTS), thoughts=luck.choice(("", "", *TEXTS)),
                strengths=(float(luck.choice(WHOLE)),) * luck.choice((0, 0, 1)), thinking=luck.random() < 0.5,
            )  # fmt: skip
            how = ended(process, request)
            assert not how.startswith("Worker"), (number, how, request, process.last_words)
            seen.add(how)
        assert {"Scored", "PromptTooLong"} <= seen
        assert ended(process, wire.Generate(prompt="Hello", max_tokens=4)) == "Done"
