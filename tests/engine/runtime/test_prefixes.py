"""What a model has read is not read again, whoever read it, and never taken for what it is not."""

import pytest

from engine.worker.model.generation import MARK_TOKENS as MARKED
from tests.engine.runtime.conftest import CLOSE, FOX, KINDS, SEA, START, Make, Off


@pytest.mark.parametrize("kind", KINDS)
def test_a_prompt_that_goes_on_an_answer_reads_only_what_is_new(bench: Make, off: Off, kind: str) -> None:
    one = bench(kind)
    first = one.ask(1, FOX * 9)
    one.run()
    one.ask(2, "And then?", after=first.tokens)
    one.run()
    assert one.done(2).reused_tokens == len(first.tokens) - 1
    assert off(one) < CLOSE


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_prompt_again_is_gone_back_to_where_the_model_can(bench: Make, off: Off, kind: str) -> None:
    one = bench(kind)
    for job in (1, 2):
        one.one(job, FOX * 9)
    done = one.done(2)
    assert done.reused_tokens == done.prompt_tokens - (MARKED if kind == "mamba" else 1)
    assert off(one) < CLOSE


@pytest.mark.parametrize("kind", KINDS)
def test_an_edited_prompt_reads_from_the_edit_on(bench: Make, off: Off, kind: str) -> None:
    one = bench(kind)
    one.one(1, FOX * 6 + SEA * 3)
    one.one(2, FOX * 6 + "But " + SEA)
    assert one.done(2).reused_tokens == (0 if kind == "mamba" else START + len(FOX * 6))
    assert off(one) < CLOSE


@pytest.mark.parametrize("kind", KINDS)
def test_a_beginning_that_conversations_share_is_read_once_and_both_are_kept(bench: Make, off: Off, kind: str) -> None:
    one = bench(kind)
    first, second = FOX * 9 + SEA * 12, FOX * 9 + "Or " + SEA * 2
    for job, prompt in enumerate((first, second, first, second + "!")):
        one.one(job, prompt)
    reused = [one.done(job).reused_tokens for job in (1, 2, 3)]
    whole = [START + len(FOX * 9), START + len(first) - 1, START + len(second)]
    marked = [0, START + len(first) - MARKED, START + len(second) - MARKED]
    assert reused == (marked if kind == "mamba" else whole)
    assert off(one) < CLOSE


def test_a_beginning_is_lent_by_an_answer_that_is_still_written(bench: Make, off: Off) -> None:
    both = bench()
    both.ask(1, FOX * 9 + SEA, 60)
    while not both.text(1):
        both.scheduler.step()
    both.ask(2, FOX * 9 + "why?", 60)
    both.run()
    assert both.done(2).reused_tokens == START + len(FOX * 9)
    assert off(both) < CLOSE


def test_a_window_that_others_have_written_over_is_read_again(bench: Make, off: Off) -> None:
    one = bench("cohere2", context_tokens=512)
    one.one(1, FOX * 11)
    for job in (2, 3, 4):
        one.one(job, str(job) * 100, 30)
    one.one(5, FOX * 8 + "But then", 30)  # what stands before the cut has long left the window
    one.one(6, FOX * 11 + "And", 30)
    assert off(one) < CLOSE


def test_more_conversations_than_are_kept_forget_the_one_unused_for_longest(bench: Make) -> None:
    one = bench()
    letters = "abcdefghijklmnopqr"
    for job, letter in enumerate(letters):
        one.one(job, letter * 40, 1)
        one.one(100 + job, "a" * 40, 1)
    assert one.done(117).reused_tokens == START + 39
    one.one(200, "b" * 40, 1)
    assert one.done(200).reused_tokens == START
