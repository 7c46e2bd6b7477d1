"""The state of a chat, taken out of one context and put into another, is what was read there; whoever read it."""

import pytest

from engine.worker.model.memory import Memory
from engine.worker.model.states import Arriving, Held, Mark
from tests.engine.runtime.conftest import CLOSE, FOX, KINDS, SEA, START, Make, Off

CHAT = 7


def held_by(memory: Memory) -> Held:
    """The state of the strand that was used last, as of a chat."""
    strand = max(memory._strands, key=lambda one: one.used)
    strand.chat = CHAT
    held = memory.hold(CHAT)
    assert held is not None
    return held


def crossed(held: Held, size: int = 1000) -> Held:
    """What arrives of a state that is sent in pieces."""
    marks = [(mark.at, len(mark.state)) for mark in held.marks]
    arriving = Arriving(held.tokens, held.size_bytes, marks)
    for start in range(0, held.size_bytes, size):
        assert not arriving.whole
        arriving.add(b"".join(held.span(start, size)))
    assert arriving.whole
    return arriving.held


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_read_in_one_context_is_gone_on_from_in_another(bench: Make, off: Off, kind: str) -> None:
    one, two = bench(kind), bench(kind)
    first = one.ask(1, FOX * 9)
    one.run()
    held = crossed(held_by(one.model.memory))
    assert held == held_by(one.model.memory)
    assert two.model.memory.restore(held, CHAT)
    two.ask(2, "And then?", after=first.tokens)
    two.run()
    assert two.done(2).reused_tokens == len(first.tokens) - 1
    assert off(two) < CLOSE


@pytest.mark.parametrize("kind", KINDS)
def test_another_try_in_another_context_reads_only_the_end_of_the_prompt(bench: Make, off: Off, kind: str) -> None:
    one, two = bench(kind), bench(kind)
    one.one(1, FOX * 9)
    assert two.model.memory.restore(held_by(one.model.memory), CHAT)
    for job in (2, 3):
        two.one(job, FOX * 9)
        assert two.done(job).reused_tokens >= two.done(job).prompt_tokens - 4
    assert off(two) < CLOSE


def test_what_rests_makes_room_for_a_state_and_what_is_at_work_does_not(bench: Make) -> None:
    one, narrow = bench(), bench(context_tokens=512)
    one.one(1, FOX * 9)
    held = held_by(one.model.memory)
    narrow.one(2, SEA * 10)
    assert narrow.model.memory.restore(held, CHAT)
    assert [len(strand.held) for strand in narrow.model.memory._strands if strand.held] == [len(held.tokens)]
    busy = bench(context_tokens=512)
    busy.ask(3, SEA * 10, 60)
    while not busy.text(3):
        busy.scheduler.step()
    assert not busy.model.memory.restore(held, CHAT)
    busy.run()
    assert busy.done(3).tokens == 60


@pytest.mark.parametrize("other", [kind for kind in KINDS if kind != "llama"])
def test_the_state_of_another_model_is_refused_and_nothing_is_lost(bench: Make, off: Off, other: str) -> None:
    one, two = bench("llama"), bench(other)
    one.one(1, FOX * 9)
    two.one(2, SEA * 3)
    assert not two.model.memory.restore(held_by(one.model.memory), CHAT)
    two.one(3, SEA * 3)
    assert two.done(3).reused_tokens >= START + len(SEA * 3) - 4
    assert off(two) < CLOSE


def test_a_state_that_is_cut_short_or_stands_for_other_tokens_is_refused(bench: Make) -> None:
    one, two = bench(), bench()
    one.one(1, FOX * 9)
    held = held_by(one.model.memory)
    assert not two.model.memory.restore(Held(held.tokens, held.whole[:-1]), CHAT)
    assert not two.model.memory.restore(Held(held.tokens[:-1], held.whole), CHAT)
    assert not two.model.memory.restore(Held(held.tokens, bytearray(len(held.whole))), CHAT)
    assert not any(strand.held for strand in two.model.memory._strands)
    assert two.model.memory.restore(held, CHAT)


def test_pieces_that_are_too_many_or_too_few_make_no_state() -> None:
    held = Held((1, 2, 3), bytearray(b"whole"), (Mark(2, bytearray(b"mark")),))
    for data in (b"wholemar", b"wholemarks"):
        arriving = Arriving(held.tokens, held.size_bytes, [(2, 4)])
        arriving.add(data)
        assert not arriving.whole
    for tokens, size, marks in (((1,), 5, [(2, 4)]), ((1,), 4, [(1, 4)]), ((1,), 0, []), ((1,), 5, [(1, -1)])):
        with pytest.raises(ValueError, match="a state of"):
            Arriving(tokens, size, marks)
