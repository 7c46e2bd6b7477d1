"""A chat that outgrows the model's context: what is left out is chosen, counted, kept and said."""

from collections.abc import Callable

import pytest

from engine.chat.prompt import compose, pieces
from engine.chat.replying import CONTEXT_FULL
from engine.context import Context, Part, WhenFull
from engine.engine import Cancel, Engine, Operation, finish
from engine.errors import ContextFull
from engine.events import ModelLoading, SummaryBegun, TextAdded
from engine.runtime.measures import Costs, Frame, Measures, in_lots
from engine.types import Message, MessageState, Model, Role, Turn, Wanted

AddModel = Callable[..., Model]
WORDS = "word " * 100


@pytest.fixture
def small(engine: Engine) -> Engine:
    """An engine whose models hold 512 tokens, 64 of them kept for the answer; the fake's token is a word."""
    engine.change_settings(context_tokens=512, answer_tokens=64, system_prompt="Be kind")
    return engine


def context_of(message: Message) -> Context:
    assert message.context is not None
    return message.context


def summed(context: Context) -> int:
    return sum(entry.tokens for entry in context.entries)


def test_what_entered_an_answer_is_kept_with_it_and_adds_up(engine: Engine, add_model: AddModel) -> None:
    engine.change_settings(system_prompt="Be kind")
    model, chat = add_model(), engine.chats.new()
    first = finish(engine.chats.send(chat.id, "one two three", Cancel(), model.id))
    finish(engine.chats.send(chat.id, "four five", Cancel(), model.id))

    question, kept = engine.chats.messages(chat.id)[-2:]
    context = context_of(kept)
    assert [(entry.part, entry.tokens, entry.of) for entry in context.entries] == [
        (Part.SYSTEM, 2, 0), (Part.TURN, 3, first.parent_id), (Part.TURN, 3, first.id), (Part.QUESTION, 2, question.id),
        (Part.TEMPLATE, 0, 0),
    ]  # fmt: skip
    assert kept.speed is not None
    assert summed(context) == context.prompt_tokens == kept.speed.prompt_tokens == 10
    assert (context.left_out, context.cut_from, context.cut_to) == (0, 0, 0)


@pytest.mark.parametrize("when_full", [None, WhenFull.OLDEST, WhenFull.ENDS])
def test_a_chat_goes_on_beyond_its_context_and_the_mark_moves_only_now_and_then(
    small: Engine, add_model: AddModel, when_full: WhenFull | None
) -> None:
    model, chat = add_model(), small.chats.new()
    if when_full:
        small.chats.set_when_full(chat.id, when_full)
    answers = [finish(small.chats.send(chat.id, "word " * 12, Cancel(), model.id)) for _ in range(45)]

    contexts = [context_of(answer) for answer in answers]
    marks = [context.cut_to for context in contexts if context.left_out]
    assert marks == sorted(marks)
    assert 2 <= len(set(marks)) <= len(marks) / 4
    ids = [message.id for message in small.chats.messages(chat.id)]
    for answer, context in zip(answers, contexts, strict=True):
        assert context.prompt_tokens <= 512 - 64
        assert summed(context) == context.prompt_tokens
        if context.left_out:
            assert ids.index(context.cut_to) - ids.index(context.cut_from) == context.left_out
            assert ids.index(context.cut_from) == (2 if when_full is WhenFull.ENDS else 0)
            assert str(context.left_out) in answer.note
        assert [entry.part for entry in context.entries].count(Part.SYSTEM) == 1


def test_what_was_left_out_survives_a_restart_with_how_it_was_chosen(small: Engine, add_model: AddModel) -> None:
    model, chat = add_model(), small.chats.new()
    small.chats.set_when_full(chat.id, WhenFull.ENDS)
    answers = [finish(small.chats.send(chat.id, "word " * 60, Cancel(), model.id)) for _ in range(6)]
    assert context_of(answers[-1]).left_out
    assert small.chats.messages(chat.id)[-1] == answers[-1]
    assert small.chats.get(chat.id).when_full is WhenFull.ENDS
    small.chats.set_when_full(chat.id, None)
    assert small.chats.get(chat.id).when_full is None


def test_where_nothing_may_be_left_out_no_answer_is_written_and_the_chat_can_go_on_otherwise(
    small: Engine, add_model: AddModel
) -> None:
    small.change_settings(when_full="stop")
    model, chat = add_model(), small.chats.new()
    for _ in range(3):
        finish(small.chats.send(chat.id, WORDS, Cancel(), model.id))

    with pytest.raises(ContextFull) as caught:
        finish(small.chats.send(chat.id, WORDS, Cancel(), model.id))

    failed = small.chats.messages(chat.id)[-1]
    assert (failed.state, failed.text, failed.note) == (MessageState.FAILED, "", str(caught.value))
    assert caught.value.tokens > caught.value.room == 512 - 64
    small.chats.set_when_full(chat.id, WhenFull.OLDEST)
    again = finish(small.chats.regenerate(failed.id, Cancel(), model.id))
    assert again.state is MessageState.CUT  # the fake echoes a hundred words, and 64 are its most
    assert context_of(again).left_out


def test_a_summary_stands_for_what_is_gone_and_is_used_again_until_the_mark_moves(
    small: Engine, add_model: AddModel
) -> None:
    model, chat = add_model(), small.chats.new(temporary=True)
    small.chats.set_when_full(chat.id, WhenFull.SUMMARY)
    summaries, begun, heard = [], [], []
    for number in range(30):
        work = small.chats.send(chat.id, f"turn{number} " + "word " * 11, Cancel(), model.id)
        answer, events = run(work)
        begun.append([event for event in events if isinstance(event, SummaryBegun)])
        heard.append("".join(event.text for event in events if isinstance(event, TextAdded)))
        assert answer.text.startswith(("turn", "What was said"))
        context = context_of(answer)
        summaries.append((context.cut_to, context.summary))
        assert context.prompt_tokens <= 512 - 64
        assert bool(context.summary) == bool(context.left_out) == (Part.SUMMARY in {e.part for e in context.entries})
        if context.summary:
            assert answer.note.startswith("A summary by the model stands for the oldest")

    made = [number for number, events in enumerate(begun) if events]
    assert 2 <= len(made) <= 8
    assert len(set(summaries)) - 1 == len(made)
    assert not any("Sum up" in text for text in heard)


def test_a_summary_that_cannot_be_written_leaves_the_oldest_out_and_says_so(small: Engine, add_model: AddModel) -> None:
    model, chat = add_model(), small.chats.new()
    small.chats.set_when_full(chat.id, WhenFull.SUMMARY)
    texts = ["!nosum again", *["word " * 20] * 12]
    answers = [finish(small.chats.send(chat.id, text, Cancel(), model.id)) for text in texts]
    cut = next(answer for answer in answers if context_of(answer).left_out)
    assert context_of(cut).summary == ""
    assert cut.note.endswith("were left out. They could not be summarised.")
    assert cut.state is MessageState.COMPLETE


def test_a_stop_while_the_summary_is_written_stops_the_answer(small: Engine, add_model: AddModel) -> None:
    model, chat, cancel = add_model(), small.chats.new(), Cancel()
    small.chats.set_when_full(chat.id, WhenFull.SUMMARY)
    for _ in range(3):
        finish(small.chats.send(chat.id, WORDS, Cancel(), model.id))
    work = small.chats.send(chat.id, WORDS, cancel, model.id)
    while not isinstance(next(work), SummaryBegun):
        pass
    cancel.press()
    answer, _ = run(work)
    assert (answer.state, answer.text) == (MessageState.STOPPED, "")


def test_an_answer_that_fills_the_context_says_so(engine: Engine, add_model: AddModel) -> None:
    engine.change_settings(context_tokens=512, answer_tokens=256, system_prompt="")
    model, chat = add_model(), engine.chats.new()
    full = finish(engine.chats.send(chat.id, "word " * 300, Cancel(), model.id))
    assert (full.state, full.note) == (MessageState.CUT, CONTEXT_FULL)
    short = finish(engine.chats.send(engine.chats.new().id, "word " * 20, Cancel(), model.id))
    assert (short.state, short.note) == (MessageState.COMPLETE, "")


def run(work: Operation[Message]) -> tuple[Message, list[object]]:
    """Do the work; what came of it and what it told."""
    events: list[object] = []
    while True:
        try:
            events.append(next(work))
        except StopIteration as end:
            return end.value, events


# What texts cost.


def test_a_text_is_counted_once_for_a_model(engine: Engine, add_model: AddModel) -> None:
    one, other = add_model("one"), add_model("other")
    turns = [Turn(role=Role.USER, text="a b c"), Turn(role=Role.ASSISTANT, text="d e")]
    costs = finish(engine.runtime.measure(one, turns, Wanted(), Cancel()))
    assert [costs.text(turn) for turn in turns] == [3, 2]
    engine.runtime.unload(one.id)

    work = engine.runtime.measure(one, turns, Wanted(), Cancel())
    with pytest.raises(StopIteration) as end:
        next(work)
    assert end.value.value == costs
    assert engine.runtime.loaded() == ()
    assert isinstance(next(engine.runtime.measure(other, turns, Wanted(), Cancel())), ModelLoading)


def test_only_what_is_new_is_asked_for_and_who_speaks_matters() -> None:
    measures, file = Measures(), ("/m", 1, 1)
    said, answered = Turn(role=Role.USER, text="x"), Turn(role=Role.ASSISTANT, text="x")
    assert measures.unknown(file, [said, said, answered]) == (said, answered)
    measures.keep(file, [said], [7], Frame(4, 2))
    assert measures.unknown(file, [said, answered]) == (answered,)
    assert measures.unknown(("/m", 1, 2), [said]) == (said,)
    costs = measures.costs(file, [said])
    assert (costs.text(said), costs.whole(said), costs.frame.fixed_tokens) == (7, 11, 2)


def test_many_texts_are_asked_for_in_lots() -> None:
    turns = [Turn(role=Role.USER, text="x" * length) for length in (10, 2_000_000, 600_000, 600_000, 5)]
    lots = in_lots(turns)
    assert [turn for lot in lots for turn in lot] == turns
    assert [len(lot) for lot in lots] == [1, 1, 1, 2]
    assert in_lots([]) == []


def test_every_text_of_a_prompt_is_among_those_that_are_counted() -> None:
    said = [
        Message(id=n, chat_id=1, parent_id=None, role=Role.ASSISTANT if n % 2 else Role.USER, text=f"text {n}")
        for n in range(5)
    ]
    counted = {turn: 1000 + at for at, turn in enumerate(pieces("Be kind.", said, []))}
    prompt = compose("Be kind.", said, [], 100_000, Costs(tokens=counted, frame=Frame(0, 0)))
    assert {entry.tokens for entry in prompt.entries} == set(counted.values())
