"""What rests is put aside where an answer has the model to itself, and goes on as if it had never left."""

import pytest

from engine.worker.model import aside
from engine.worker.model.aside import Aside, Rested
from engine.worker.model.generation import MARK_TOKENS
from engine.worker.model.states import Held, Mark, Stretch
from tests.engine.runtime.conftest import CLOSE, FOX, SEA, START, Bench, Make, Off

LONG, OTHER = FOX * 12, SEA * 16


def cells(one: Bench) -> int:
    """How many tokens the context holds."""
    return sum(len(strand.held) for strand in one.model.memory._strands)


def test_conversations_by_turns_have_the_cells_to_themselves_and_are_not_read_again(bench: Make, off: Off) -> None:
    one = bench()
    first = one.ask(1, LONG)
    one.run()
    second = one.ask(2, OTHER)
    one.run()
    assert cells(one) <= len(second.tokens)  # but for one that both begin with
    for job, before in ((3, first), (4, second), (5, first), (6, second)):
        one.ask(job, "And then?", after=before.tokens)
        one.run()
        assert one.done(job).reused_tokens >= len(before.tokens) - 1
        assert cells(one) == len(one.answers[job].strand.held)
    assert off(one) < CLOSE


def test_more_conversations_than_the_context_has_cells_for_are_not_read_again(bench: Make, off: Off) -> None:
    one = bench(context_tokens=1024)
    for job in range(1, 13):
        one.one(job, str(job % 4) + LONG)
    done = [one.done(job) for job in range(5, 13)]
    assert [each.reused_tokens for each in done] == [each.prompt_tokens - 1 for each in done]
    assert set(one.statuses) == {0}
    assert off(one) < CLOSE


def test_nothing_is_put_aside_while_others_are_at_work(bench: Make, off: Off) -> None:
    both = bench()
    both.one(1, LONG)
    both.ask(2, OTHER, 60)
    while not both.text(2):
        both.scheduler.step()
    both.ask(3, FOX * 12 + "why?", 60)  # this one is called back, beside the one at work
    both.run()
    assert both.done(3).reused_tokens == START + len(LONG)
    assert off(both) < CLOSE


def test_a_seed_finds_nothing_and_leaves_what_was_read(bench: Make, off: Off) -> None:
    one = bench()
    one.one(1, LONG)
    one.ask(2, LONG, seed=7)
    one.run()
    assert one.done(2).reused_tokens == 0
    one.one(3, LONG)
    assert one.done(3).reused_tokens == one.done(3).prompt_tokens - 1


def test_a_chat_that_was_put_aside_can_be_kept(bench: Make) -> None:
    one = bench()
    first = one.ask(1, LONG)
    one.run()
    memory = one.model.memory
    max(memory._strands, key=lambda strand: strand.used).chat = 7
    kept = memory.hold(7)
    one.one(2, OTHER)
    aside = memory.hold(7)
    assert kept is not None
    assert aside is not None
    assert (aside.tokens, aside.size_bytes) == (kept.tokens, kept.size_bytes)
    assert list(kept.tokens) == first.tokens[: len(kept.tokens)]
    nothing_new = memory.hold(7, kept.tokens, [len(kept.tokens)])
    assert nothing_new is not None
    assert nothing_new.stretches == ()


def test_without_memory_for_it_what_rests_stays_where_it_is(bench: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aside, "MOST_BYTES", 1000)
    one = bench()
    one.one(1, LONG)
    one.one(2, OTHER)
    assert cells(one) > len(LONG) + len(OTHER)
    one.one(3, LONG)
    assert one.done(3).reused_tokens == one.done(3).prompt_tokens - 1


def test_what_was_put_aside_longest_ago_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aside, "MOST_BYTES", 100)
    aside_ = Aside()
    for chat in (1, 2, 3):
        aside_.put(Rested(Held((chat,) * 9, (Stretch(9, bytearray(30)),), (Mark(5, bytearray(10)),)), chat, ()))
    assert [bool(aside_.of_chat(chat)) for chat in (1, 2, 3)] == [False, True, True]
    assert aside_.most_bytes == 80
    best, saved = aside_.best(lambda held: held.tokens[0])
    assert best is aside_.of_chat(3)
    assert saved == 3
    aside_.forget_all()
    assert aside_.best(lambda held: 1) == (None, 0)
    assert not aside_.has_room(101)


@pytest.mark.parametrize("kind", ["mamba", "lfm2"])
def test_more_conversations_than_a_recurrent_model_has_room_for_are_not_read_again(
    bench: Make, off: Off, kind: str
) -> None:
    one = bench(kind)
    chats = [one.ask(job, str(job) + LONG) for job in range(2 * len(one.model.memory._strands))]
    one.run()
    for job, chat in enumerate(chats):
        one.ask(100 + job, "And then?", after=chat.tokens)
        one.run()
        assert one.done(100 + job).reused_tokens == len(chat.tokens) - 1
    assert off(one) < CLOSE


@pytest.mark.parametrize("kind", ["mamba", "lfm2"])
def test_another_try_in_a_conversation_that_was_put_aside_goes_on_from_its_mark(
    bench: Make, off: Off, kind: str
) -> None:
    one = bench(kind)
    for job in range(2 * len(one.model.memory._strands)):
        one.one(job, str(job) + LONG)
    one.one(100, "0" + LONG)
    assert one.done(100).reused_tokens == one.done(100).prompt_tokens - MARK_TOKENS
    assert off(one) < CLOSE


def test_what_looks_through_a_window_stays_where_it_can_be_cut_and_is_put_aside_for_room(bench: Make, off: Off) -> None:
    one = bench("cohere2", context_tokens=1024)
    chats = [one.ask(job, str(job) + LONG) for job in range(2)]
    one.run()
    assert cells(one) > len(LONG) * 2
    chats += [one.ask(2, "2" + LONG)]
    one.run()
    for job, chat in enumerate(chats):
        one.ask(100 + job, "And then?", after=chat.tokens)
        one.run()
        assert one.done(100 + job).reused_tokens == len(chat.tokens) - 1
    one.one(200, "2" + LONG)
    assert one.done(200).reused_tokens >= one.done(200).prompt_tokens - MARK_TOKENS
    assert off(one) < CLOSE
