"""Why an answer says what it says: each passage's share, measured by leaving it out."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from engine.chat.prompt import compose, from_passages
from engine.chat.why import readings, shared
from engine.engine import Cancel, Engine, Operation, finish
from engine.errors import AnswerNotGoneOnWith, Cancelled, NoModel, TextNotAccepted
from engine.events import Event, Progressed, PromptRead
from engine.types import Answer, Message, Model, Role, Scored, Source, Turn, Why
from tests.fakes import tiny_gguf

AddModel = Callable[..., Model]
RENT = "The rent is due on the first day of each month."
CAT = "A cat sleeps most of the day."


def source(number: int, text: str) -> Source:
    return Source(
        number=number, document_id=number, path=Path(f"{number}.txt"), page=1, start=0, end=len(text), text=text
    )


def answered(*texts: str, text: str = RENT, question: str = "When is it due?") -> Answer:
    sources = tuple(source(number, one) for number, one in enumerate(texts, 1))
    return Answer(question=question, text=text, sources=sources, model="plum")


def test_the_passage_that_the_answer_repeats_has_the_share(engine: Engine, add_model: AddModel) -> None:
    why = finish(engine.chats.why(answered(CAT, RENT), Cancel(), add_model().id))
    cat, rent = why.shares
    assert rent.share > 0.9
    assert rent.gain > cat.gain
    assert sum(one.share for one in why.shares) == pytest.approx(1)
    assert why.tokens == len(RENT.split())
    assert why.gain >= rent.gain
    assert why.per_token(why.gain) == pytest.approx(why.gain / 0.6931 / why.tokens, rel=1e-3)
    assert why.depends
    assert why.tells


def test_passages_that_say_the_same_cover_for_each_other(engine: Engine, add_model: AddModel) -> None:
    why = finish(engine.chats.why(answered(RENT, RENT), Cancel(), add_model().id))
    assert [one.gain for one in why.shares] == [0, 0]
    assert [one.share for one in why.shares] == [0, 0]
    assert why.gain > 0
    assert (why.depends, why.tells) == (True, False)


def test_a_passage_that_hinders_has_no_share(engine: Engine) -> None:
    first, second = source(1, RENT), source(2, CAT)
    assert [(one.gain, one.share) for one in shared([(first, 3.0), (second, -1.0)])] == [(3.0, 1.0), (-1.0, 0.0)]
    assert [one.share for one in shared([(first, -3.0), (second, -1.0)])] == [0.0, 0.0]


def test_the_prompt_without_a_passage_is_the_prompt_less_that_passage() -> None:
    sources = answered(CAT, RENT, CAT + RENT).sources
    (whole,) = from_passages("", "When?", sources)
    asked = Message(id=0, chat_id=0, parent_id=None, role=Role.USER, text="When?")
    assert compose("", [asked], sources, 100_000).turns == (whole,)
    for left_out in sources:
        (turn,) = from_passages("", "When?", [one for one in sources if one is not left_out])
        gone = f"<passage>\n[{left_out.number}] ({left_out.path.name})\n{left_out.text}\n</passage>"
        assert whole.text.count(gone) == 1
        assert turn.text.replace("\n", "") == whole.text.replace(gone, "").replace("\n", "")
    (bare,) = from_passages("", "When?", ())
    assert RENT not in bare.text
    assert bare.text.startswith(whole.text[:200])


def test_it_tells_which_reading_it_is_at(engine: Engine, add_model: AddModel) -> None:
    answer, events = answered(CAT, RENT, CAT), list[Event]()
    work = engine.chats.why(answer, Cancel(), add_model().id)
    while True:
        try:
            events.append(next(work))
        except StopIteration as end:
            why: Why = end.value
            break
    told = [(event.done, event.total) for event in events if isinstance(event, Progressed)]
    assert told == [(number, readings(answer)) for number in range(5)]
    assert sum(isinstance(event, PromptRead) and event.done == 9 for event in events) == readings(answer) == 5
    assert [one.source.number for one in why.shares] == [1, 2, 3]


def test_what_only_limits_a_question_is_not_told_to_the_model(
    engine: Engine, add_model: AddModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, score = list[str](), engine.runtime.score

    def heard(model: Model, turns: Sequence[Turn], *rest: Any) -> Operation[Scored]:
        told.extend(turn.text for turn in turns if turn.role is Role.USER)
        return score(model, turns, *rest)

    monkeypatch.setattr(engine.runtime, "score", heard)
    finish(engine.chats.why(answered(RENT, question="file:rent When is it due?"), Cancel(), add_model().id))
    assert len(told) == 3
    assert all(text.endswith("Question: When is it due?") for text in told)


def test_a_stop_ends_it(engine: Engine, add_model: AddModel) -> None:
    cancel = Cancel()
    work = engine.chats.why(answered(CAT, RENT, question="!think and say"), cancel, add_model().id)
    with pytest.raises(Cancelled):  # noqa: PT012 - it is pressed in the middle
        for event in work:
            if isinstance(event, PromptRead):
                cancel.press()
    again = finish(engine.chats.why(answered(RENT), Cancel(), engine.models.all()[0].id))
    assert again.shares[0].share == 1


def test_an_answer_that_no_passage_makes_likelier_does_not_depend_on_them(engine: Engine, add_model: AddModel) -> None:
    why = finish(engine.chats.why(answered(CAT, CAT, text="Boilers hum."), Cancel(), add_model().id))
    assert (why.gain, why.depends, why.tells) == (0, False, False)


@pytest.mark.parametrize(
    "answer", [Answer(question="?", verbatim=True), answered(RENT, text=" "), Answer(question="?", text="words")]
)
def test_only_what_a_model_wrote_from_passages_is_measured(engine: Engine, add_model: AddModel, answer: Answer) -> None:
    with pytest.raises(TextNotAccepted):
        finish(engine.chats.why(answer, Cancel(), add_model().id))


def test_it_takes_a_model(engine: Engine) -> None:
    with pytest.raises(NoModel):
        finish(engine.chats.why(answered(RENT), Cancel(), None))


def test_a_model_that_cannot_be_given_an_answer_is_not_asked(engine: Engine, tmp_path: Path) -> None:
    path = tiny_gguf.write(tmp_path / "headed.gguf", template="{{ messages[0].content }}>>>all")
    model = finish(engine.models.add(path, Cancel()))
    with pytest.raises(AnswerNotGoneOnWith, match="headed"):
        finish(engine.chats.why(answered(RENT), Cancel(), model.id))
