"""The state of a chat, taken out of one context and put into another, is what was read there; whoever read it."""

from collections.abc import Sequence

import pytest

from engine.worker.model.memory import Memory
from engine.worker.model.states import Arriving, Held, Mark, Stretch
from tests.engine.runtime.conftest import CLOSE, FOX, KINDS, SEA, START, Make, Off

CHAT = 7


def held_by(memory: Memory, kept: Sequence[int] = (), ends: Sequence[int] = ()) -> Held:
    """The state of the strand that was used last, as of a chat, but for what is kept already."""
    strand = max(memory._strands, key=lambda one: one.used)
    strand.chat = CHAT
    held = memory.hold(CHAT, kept, ends)
    assert held is not None
    return held


def crossed(held: Held, size: int = 1000) -> Held:
    """What arrives of a state that is sent in pieces."""
    stretches = [(stretch.end, len(stretch.state)) for stretch in held.stretches]
    arriving = Arriving(held.tokens, stretches, [(mark.at, len(mark.state)) for mark in held.marks])
    for start in range(0, held.size_bytes, size):
        assert not arriving.whole
        arriving.add(b"".join(held.span(start, size)))
    assert arriving.whole
    return arriving.held


def joined(kept: Held, more: Held) -> Held:
    """What is kept, with what is new of it behind what still holds."""
    before = tuple(stretch for stretch in kept.stretches if stretch.end <= more.first)
    assert (before[-1].end if before else 0) == more.first
    return Held(more.tokens, (*before, *more.stretches), more.marks)


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
    (whole,) = held.stretches
    for tokens, state in (
        (held.tokens, whole.state[:-1]),
        (held.tokens[:-1], whole.state),
        (held.tokens, bytearray(len(whole.state))),
    ):
        assert not two.model.memory.restore(Held(tokens, (Stretch(len(tokens), state),)), CHAT)
    assert not any(strand.held for strand in two.model.memory._strands)
    assert two.model.memory.restore(held, CHAT)


def test_a_long_state_is_kept_in_stretches_and_gone_on_from(bench: Make, off: Off) -> None:
    one, two = bench(), bench()
    first = one.ask(1, FOX * 40)
    one.run()
    held = crossed(held_by(one.model.memory))
    assert [stretch.end for stretch in held.stretches] == [512, 1024, len(held.tokens)]
    assert two.model.memory.restore(held, CHAT)
    two.ask(2, "And then?", after=first.tokens)
    two.run()
    assert two.done(2).reused_tokens == len(first.tokens) - 1
    assert off(two) < CLOSE


def test_only_what_is_new_of_a_state_is_copied(bench: Make, off: Off) -> None:
    one, two = bench(), bench()
    first = one.ask(1, FOX * 20)
    one.run()
    kept = held_by(one.model.memory)
    ends = [stretch.end for stretch in kept.stretches]
    assert ends == [512, len(kept.tokens)]
    one.ask(2, SEA * 12, after=first.tokens)
    one.run()
    more = held_by(one.model.memory, kept.tokens, ends)
    assert more.first == 512  # the last one had fewer tokens than a stretch may have
    assert two.model.memory.restore(joined(kept, more), CHAT)
    two.ask(3, "And then?", after=one.answers[2].tokens)
    two.run()
    assert two.done(3).reused_tokens == len(more.tokens)
    assert off(two) < CLOSE
    assert held_by(one.model.memory, more.tokens, [512, 1024]).stretches == ()


def test_what_was_kept_of_other_words_is_copied_anew(bench: Make) -> None:
    one = bench()
    one.one(1, FOX * 20)
    held = held_by(one.model.memory)
    other = (*held.tokens[:600], 5, *held.tokens[601:])
    for kept, first in ((other, 512), ((5, *other[1:]), 0), (held.tokens[:512], 512), (held.tokens[:511], 0)):
        ends = [512, len(kept)] if len(kept) > 512 else [len(kept)]
        assert held_by(one.model.memory, kept, ends).first == first


def test_a_beginning_of_a_state_is_of_use_by_itself(bench: Make, off: Off) -> None:
    """As much as was kept before the window had closed."""
    one, two = bench(), bench()
    one.one(1, FOX * 40)
    held = held_by(one.model.memory)
    assert two.model.memory.restore(Held(held.tokens[:1024], held.stretches[:2]), CHAT)
    two.one(2, FOX * 40)
    assert two.done(2).reused_tokens == 1024
    assert off(two) < CLOSE


def test_a_state_in_stretches_finds_its_way_where_every_strand_is_taken(bench: Make, off: Off) -> None:
    one, two = bench(), bench()
    one.one(1, FOX * 40)
    held = held_by(one.model.memory)
    for job in range(20):
        two.one(100 + job, chr(65 + job) * 30, 1)
    assert two.model.memory.restore(held, CHAT)
    two.one(2, FOX * 40)
    assert two.done(2).reused_tokens == two.done(2).prompt_tokens - 1
    assert off(two) < CLOSE


def test_where_a_stretch_does_not_fit_nothing_of_the_state_is_held(bench: Make) -> None:
    one, two = bench(), bench()
    one.one(1, FOX * 40)
    held = held_by(one.model.memory)
    last = held.stretches[-1]
    broken = Held(held.tokens, (*held.stretches[:-1], Stretch(last.end, last.state[:-1])))
    assert not two.model.memory.restore(broken, CHAT)
    assert not any(strand.held for strand in two.model.memory._strands)
    assert two.model.memory.restore(held, CHAT)


def test_pieces_that_are_too_many_or_too_few_make_no_state() -> None:
    for data in (b"wholemar", b"wholemarks"):
        arriving = Arriving((1, 2, 3), [(1, 2), (3, 3)], [(2, 4)])
        arriving.add(data)
        assert not arriving.whole
    arriving = Arriving((1, 2, 3), [(1, 2), (3, 3)], [(2, 4)])
    arriving.add(b"wholemark")
    stretches = (Stretch(1, bytearray(b"wh")), Stretch(3, bytearray(b"ole")))
    assert arriving.held == Held((1, 2, 3), stretches, (Mark(2, bytearray(b"mark")),))
    for stretches, marks in (
        ([(1, 5)], [(2, 4)]), ([(1, 0)], []), ([], []), ([(1, 5)], [(1, -1)]), ([(2, 5)], []), ([(1, 1), (1, 1)], []),
    ):  # fmt: skip
        with pytest.raises(ValueError, match="tokens with the stretches"):
            Arriving((1,), stretches, marks)
