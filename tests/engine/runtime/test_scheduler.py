"""Several answers of one model at once: nobody's words change, nobody waits for a long prompt, all find room."""

import random

import pytest

from engine import wire
from engine.errors import ModelNotUsable
from engine.worker.model.pace import Pace
from tests.engine.runtime.conftest import CLOSE, FOX, KINDS, SEA, START, Make, Off

PROMPTS = ("Hello", FOX * 9, "1 2 3 4", "x", SEA * 20, "why?", FOX * 2, "b" * 70)


@pytest.mark.parametrize("kind", KINDS)
def test_answers_written_together_are_those_written_alone(bench: Make, off: Off, kind: str) -> None:
    together = bench(kind)
    for job, prompt in enumerate(PROMPTS):
        together.ask(job, prompt, 40)
    together.run()
    assert together.steps.count(together.model.most_at_work) > 20  # as many as there may be, in one step
    assert off(together) < CLOSE
    for job in range(len(PROMPTS)):
        assert together.done(job).end == "cut"
        assert together.done(job).tokens == 40


@pytest.mark.parametrize("kind", KINDS)
def test_answers_that_come_and_go_are_those_written_alone(bench: Make, off: Off, kind: str) -> None:
    busy = bench(kind)
    luck = random.Random(3)
    asked = [(job, luck.choice(PROMPTS), luck.choice((1, 5, 24))) for job in range(40)]
    for job, prompt, tokens in asked:
        busy.ask(job, prompt, tokens)
        for _ in range(luck.randrange(9)):
            busy.scheduler.step()
    busy.run()
    assert off(busy) < CLOSE
    for job, _, tokens in asked:
        assert busy.done(job).tokens == tokens


def test_an_answer_that_was_written_wrong_would_be_noticed(bench: Make, off: Off) -> None:
    one = bench()
    one.one(1, FOX)
    one.answers[1].tokens[5] += 1  # it stands before what was written, so that is not what follows from it
    assert off(one) > 10 * CLOSE


def test_a_long_prompt_holds_nobody_up(bench: Make, off: Off) -> None:
    both = bench()
    first = both.ask(1, "Hello", 200)
    both.scheduler.step()
    pace = both.scheduler._pace = Pace()
    pace.took(0.064, 0, 64)  # a computer that reads a token in 1 ms
    pace.took(0.01, 1, 0)  # and writes one in 10
    pace.took = lambda *step: None  # type: ignore[method-assign]
    written = len(first.tokens)
    both.ask(2, SEA * 50, 1)
    begun = len(both.steps)
    while not both.ended(2):
        both.scheduler.step()
        written += 1
        assert len(first.tokens) == written  # a token in every step, whatever else is in it
    reading = both.steps[begun:]
    assert max(reading) == 64
    assert len(reading) == -(-(START + len(SEA * 50)) // 63)
    both.run()
    assert off(both) < CLOSE


def test_two_long_prompts_are_read_by_turns(bench: Make) -> None:
    both = bench()
    for job in (1, 2):
        both.ask(job, str(job) + FOX * 20, 1)
    both.run()
    readers = [one.job for one in both.reports if isinstance(one, wire.Reading) and 0 < one.done < one.total]
    assert {1, 2} == set(readers[:2])


def test_a_short_step_is_kept_to_beside_words_and_a_long_one_without() -> None:
    pace = Pace()
    for _ in range(20):
        pace.took(64 * 0.002, 0, 64)
    assert pace.room(0, [900]) == 192
    assert pace.room(0, [900], depth=2000) == 256  # short ones cost more the more there is to attend to
    assert pace.room(0, [900], fixed=True) == 512  # whose number of threads stays loses nothing by a long one
    pace.took(0.02, 3, 0)
    assert pace.room(3, [900]) == 40 - 3  # of the 40 in the 80 ms that writing leaves of a tenth of a second
    pace.took(0.2, 3, 0)
    assert pace.room(3, [900]) == 8  # a slow computer still gets on
    for _ in range(60):
        pace.took(64 * 0.0001, 0, 64)
    pace.took(0.02, 3, 0)
    assert pace.room(3, [900]) == 512 - 3


def test_what_is_left_of_short_prompts_is_read_whole_beside_words() -> None:
    pace = Pace()
    pace.took(0.1, 3, 0)
    pace.took(0.2 + 64 * 0.01, 0, 64)
    assert pace.room(3, [30]) == 30  # by the tenth of a second alone it would be 8
    assert pace.room(3, [20, 20, 30]) == 40  # as many as end within three quarters of a second
    assert pace.room(3, [900, 20]) == 8


def test_reading_beside_words_is_not_judged_before_it_is_known_what_words_take() -> None:
    pace = Pace()
    pace.took(64 * 0.01, 0, 64)
    pace.took(0.2, 1, 8)  # most of it for the word
    assert pace.room(1, [60]) == 60


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("at", [1, 9])
def test_a_stop_of_one_leaves_the_words_of_the_others(bench: Make, off: Off, kind: str, at: int) -> None:
    several = bench(kind)
    for job in (1, 2, 3):
        several.ask(job, PROMPTS[job])

    def stop(number: int) -> None:
        if number == at:
            several.scheduler.stop(2)  # as from the pipe's thread, with the step about to be done

    several.before_step = stop
    several.run()
    assert several.done(2).end == "stopped"
    assert several.done(2).tokens < 24
    for job in (1, 3):
        assert several.done(job).tokens == 24
    assert off(several) < CLOSE


def test_a_stop_aborts_the_step_and_the_others_repeat_it(bench: Make) -> None:
    several = bench()
    for job in (1, 2):
        several.ask(job, "Hello")
    several.scheduler.step()
    written = len(several.answers[2].tokens)
    several.before_step = lambda number: several.scheduler.stop(1) if number == 1 else None
    several.scheduler.step()
    assert several.statuses == [0, 2]
    assert len(several.answers[2].tokens) == written
    several.scheduler.step()
    assert several.done(1).end == "stopped"
    assert several.statuses == [0, 2, 0]
    assert len(several.answers[2].tokens) == written + 1


def test_a_stop_waits_for_the_step_where_the_others_would_lose_all_they_have_read(bench: Make) -> None:
    several = bench("mamba")
    for job in (1, 2):
        several.ask(job, "Hello")
    several.before_step = lambda number: several.scheduler.stop(1) if number == 1 else None
    several.run()
    assert 2 not in several.statuses
    assert several.done(1).end == "stopped"
    several.ask(3, "Hello")
    several.before_step = lambda number: several.scheduler.stop(3)  # it is alone: nobody else has anything to lose
    several.run()
    assert 2 in several.statuses


@pytest.mark.parametrize("kind", KINDS)
def test_what_an_aborted_step_half_did_is_not_taken_for_done(bench: Make, off: Off, kind: str) -> None:
    one = bench(kind)
    one.ask(1, FOX * 9, 40)
    one.before_step = lambda number: one.scheduler.stop(1) if number == 10 else None
    one.run()
    assert one.statuses[-1] == 2
    one.ask(2, " and", after=one.answers[1].tokens[:-1])
    one.run()
    assert one.done(2).reused_tokens == (0 if kind == "mamba" else len(one.answers[1].tokens) - 1)
    assert off(one) < CLOSE


def test_a_stop_that_comes_before_its_request_counts(bench: Make) -> None:
    one = bench()
    one.scheduler.stop(7)
    one.one(6, "Hello", 2)
    one.one(7, "Hello")
    assert one.done(6).tokens == 2
    assert one.done(7).end == "stopped"
    assert one.text(7) == ""


# Room.


def test_who_finds_no_room_waits_and_each_writes_what_it_writes_alone(bench: Make, off: Off) -> None:
    tight = bench(context_tokens=512)
    for job, prompt in enumerate((FOX * 5, SEA * 6, "Hello", "b" * 150)):
        tight.ask(job, prompt, 140)
    most = 0
    while tight.scheduler.step():
        most = max(most, len(tight.scheduler._working))
    assert 1 < most < 4
    for job in range(4):
        assert tight.done(job).tokens == 140
    assert off(tight) < CLOSE


@pytest.mark.parametrize("kind", ["llama", "cohere2"])
def test_the_oldest_gets_all_of_the_context_and_the_youngest_goes_on_afterwards(
    bench: Make, off: Off, kind: str
) -> None:
    tight = bench(kind, context_tokens=512)
    for job, prompt in enumerate(("Hello", FOX, SEA)):
        tight.ask(job, prompt, 460)
    waited = 0
    while tight.scheduler.step():
        waited += any(tight.text(one.job) for one in tight.scheduler._waiting)
    assert waited
    assert [one.job for one in tight.reports if isinstance(one, wire.Done)] == [0, 1, 2]
    for job in range(3):
        assert tight.done(job).tokens == 460
    assert off(tight) < CLOSE


def test_what_rests_gives_way_to_what_is_written(bench: Make, off: Off) -> None:
    tight = bench(context_tokens=512)
    for job in range(3):
        tight.one(job, str(job) * 150, 1)
    tight.one(9, FOX, 400)
    assert off(tight) < CLOSE
    for job in (12, 11, 10):
        tight.one(job, str(job - 10) * 150, 1)
        assert tight.done(job).reused_tokens == START


def test_who_waits_shows_that_it_lives(bench: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.worker.model.scheduler.SIGN_S", 0.0)
    tight = bench(context_tokens=512)
    tight.ask(1, "a" * 400, 50)
    tight.ask(2, "b" * 400, 1)
    for _ in range(20):
        tight.scheduler.step()
    assert sum(isinstance(one, wire.Reading) and one.job == 2 for one in tight.reports) > 5
    tight.scheduler.stop(2)
    tight.run()
    assert tight.done(2).end == "stopped"
    assert tight.done(1).tokens == 50


def test_a_step_that_fails_ends_all_that_had_a_part_in_it_and_the_next_answer_is_right(bench: Make, off: Off) -> None:
    one = bench()
    one.ask(1, "Hello")
    one.ask(2, FOX)
    one.scheduler.step()
    decode, one.decode = one.decode, lambda: -3
    with pytest.raises(ModelNotUsable, match="code -3"):
        one.scheduler.step()
    assert sorted(one.scheduler.abandon()) == [1, 2]
    one.decode = decode
    one.one(3, "Hello")
    assert off(one) < CLOSE


@pytest.mark.parametrize("temperature", [2.0, 0.0])
def test_an_answer_with_a_seed_has_the_model_to_itself_and_is_the_same_each_time(
    bench: Make, temperature: float
) -> None:
    one = bench()
    for job in (1, 2, 3, 4):
        if job % 2:
            one.ask(job, "Hello", 60, seed=7, temperature=temperature)
        else:
            one.ask(job, FOX * 20, 60)
        one.scheduler.step()
    while one.scheduler.step():
        at_work = [each.job for each in one.scheduler._working]
        assert at_work in ([1], [2], [3], [4], [])
    assert one.text(1) == one.text(3) != ""
    assert one.done(3).reused_tokens == 0


def test_an_answer_with_a_seed_is_written_with_one_number_of_threads(bench: Make) -> None:
    """Past 256 cells the last digits depend on how many there are."""
    one, told = bench(), []
    next_step = one.scheduler._threads.next_step

    def heard(*, reading: bool, steady: bool) -> int:
        told.append(steady)
        return next_step(reading=reading, steady=steady)

    one.scheduler._threads.next_step = heard  # type: ignore[method-assign]
    one.one(1, "Hello", 4)
    assert told
    assert not any(told)
    told.clear()
    one.ask(2, FOX, 4, seed=7)
    one.run()
    assert told
    assert all(told)
