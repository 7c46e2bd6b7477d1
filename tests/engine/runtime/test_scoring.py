"""How likely an answer is that is there already: the same as the model said while it wrote it.

The last bits differ with how many tokens are read at once, so sums are compared to a thousandth of a nat a token.
"""

import pytest

from engine import wire
from engine.errors import PromptTooLong
from engine.worker.model.generation import Generation
from engine.worker.model.scoring import Scoring
from tests.engine.runtime.conftest import FOX, KINDS, SEA, Bench, Make, Off

A_TOKEN = 1e-3  # nats
LONG = FOX * 8
TEXT = "The rent is due on the first day of each month, and the deposit is 1,200 euro."


def asked(prompt: str) -> tuple[dict[str, str], ...]:
    return ({"role": "user", "content": prompt},)


def write(one: Bench, job: int, prompt: str, tokens: int) -> Generation:
    """An answer of the likeliest tokens, each of which is weighed."""
    request = wire.Generate(
        job=job, messages=asked(prompt), max_tokens=tokens, temperature=0.0, ignore_end=True, likeliest=1
    )
    generation = Generation(one.model, one.reports.append, request)
    one.answers[job] = generation
    one.scheduler.add(generation)
    return generation


def score(one: Bench, job: int, prompt: str, text: str) -> Scoring:
    scoring = Scoring(one.model, one.reports.append, wire.Score(job=job, messages=asked(prompt), text=text))
    one.scheduler.add(scoring)
    return scoring


def scored(one: Bench, job: int) -> wire.Scored:
    (found,) = [report for report in one.reports if isinstance(report, wire.Scored) and report.job == job]
    return found


def score_tokens(one: Bench, job: int, prompt: str, answer: list[int]) -> Scoring:
    """As `score`, with the very tokens: a text may be cut into others than it was written in."""
    scoring = Scoring(one.model, one.reports.append, wire.Score(job=job, messages=asked(prompt), text="x"))
    scoring._answer = answer
    scoring.tokens = [*scoring.may_be_held, *answer[:-1]]
    one.scheduler.add(scoring)
    return scoring


@pytest.mark.parametrize("kind", KINDS)
def test_the_score_of_an_answer_is_the_sum_of_what_was_told_while_it_was_written(bench: Make, kind: str) -> None:
    one = bench(kind)
    written = write(one, 1, FOX, 60)
    one.run()
    told = [report.log_probability for report in one.reports if isinstance(report, wire.Weighed)]
    answer = written.tokens[written._prompt_tokens :]
    assert len(told) == len(answer) == 60
    score_tokens(one, 2, FOX, answer)
    one.run()
    assert scored(one, 2).tokens == 60
    assert scored(one, 2).log_probability == pytest.approx(sum(told), abs=60 * A_TOKEN)
    assert scored(one, 2).prompt_tokens == written._prompt_tokens


@pytest.mark.parametrize("kind", KINDS)
def test_weighed_a_few_at_a_time_it_is_what_it_is_weighed_at_once(bench: Make, kind: str) -> None:
    few, many = bench(kind), bench(kind)
    few.model.batch._most_picks = 2
    many.model.batch._most_picks = 17
    for one in (few, many):
        score(one, 1, LONG, TEXT)
        one.run()
    tokens = scored(few, 1).tokens
    assert tokens == scored(many, 1).tokens == few.model.vocabulary.count(TEXT) > 17
    assert len(few.steps) > len(many.steps) >= tokens // 17
    assert scored(few, 1).log_probability == pytest.approx(scored(many, 1).log_probability, abs=tokens * A_TOKEN)
    assert scored(few, 1).log_probability < 0


def test_what_is_likely_scores_above_what_is_not(bench: Make) -> None:
    one = bench()
    written = write(one, 1, FOX, 24)
    one.run()
    answer = written.tokens[written._prompt_tokens :]
    score_tokens(one, 2, FOX, answer)
    score_tokens(one, 3, FOX, answer[::-1])
    score_tokens(one, 4, SEA * 4, answer)
    one.run()
    assert scored(one, 2).log_probability > scored(one, 3).log_probability
    assert scored(one, 2).log_probability > scored(one, 4).log_probability


def test_a_prompt_that_was_just_read_is_not_read_again(bench: Make) -> None:
    one = bench()
    score(one, 1, LONG, TEXT)
    one.run()
    score(one, 2, LONG, "Another answer.")
    score(one, 3, f"{LONG} And then?", TEXT)
    one.run()
    assert scored(one, 1).reused_tokens == 0
    assert scored(one, 2).reused_tokens == scored(one, 2).prompt_tokens - 1  # the last one is read to see what follows
    assert 0 < scored(one, 3).reused_tokens < scored(one, 3).prompt_tokens


def test_answers_beside_it_are_written_as_ever(bench: Make, off: Off) -> None:
    one = bench()
    one.ask(1, FOX, 40)
    score(one, 2, LONG, TEXT)
    one.ask(3, SEA, 40)
    score(one, 4, SEA, TEXT)
    one.run()
    alone = bench()
    score(alone, 2, LONG, TEXT)
    alone.run()
    assert one.done(1).tokens == one.done(3).tokens == 40
    assert off(one) < 0.02
    tokens = scored(alone, 2).tokens
    assert scored(one, 2).log_probability == pytest.approx(scored(alone, 2).log_probability, abs=tokens * A_TOKEN)


def test_one_that_has_to_make_room_begins_again_and_counts_nothing_twice(bench: Make) -> None:
    one = bench()
    one.ask(1, FOX, 60)
    one.scheduler.step()
    scoring = score(one, 2, SEA, TEXT)
    while not scoring._weighed:
        one.scheduler.step()
    assert scoring._weighed < len(scoring._answer)
    one.scheduler._make_room()  # as where there are no cells for the next step
    assert scoring.strand is None
    one.run()
    alone = bench()
    score(alone, 2, SEA, TEXT)
    alone.run()
    tokens = scored(alone, 2).tokens
    assert scored(one, 2).tokens == tokens
    assert scored(one, 2).log_probability == pytest.approx(scored(alone, 2).log_probability, abs=tokens * A_TOKEN)
    assert one.done(1).tokens == 60


def test_a_stop_ends_it_and_it_says_no_more(bench: Make) -> None:
    one = bench()
    one.ask(1, FOX, 30)
    score(one, 2, LONG * 4, TEXT)
    one.scheduler.step()
    one.scheduler.stop(2)
    one.run()
    said = [report for report in one.reports if report.job == 2 and not isinstance(report, wire.Reading)]
    assert [(report.code,) for report in said if isinstance(report, wire.Failed)] == [("Cancelled",)]
    assert len(said) == 1
    assert one.done(1).tokens == 30


def test_it_says_how_far_it_has_read(bench: Make) -> None:
    one = bench()
    score(one, 1, LONG, TEXT)
    one.run()
    read = [report for report in one.reports if isinstance(report, wire.Reading)]
    assert [report.done for report in read] == sorted(report.done for report in read)
    assert read[-1].done == read[-1].total


def test_thoughts_before_it_count_too(bench: Make) -> None:
    one = bench()
    one.scheduler.add(
        Scoring(one.model, one.reports.append, wire.Score(job=1, messages=asked(FOX), text=TEXT, thoughts="Hm, hm."))
    )
    score(one, 2, FOX, TEXT)
    one.run()
    assert scored(one, 1).tokens >= scored(one, 2).tokens


def test_an_answer_that_is_empty_scores_nothing(bench: Make) -> None:
    one = bench()
    score(one, 1, FOX, "")
    one.run()
    assert (scored(one, 1).tokens, scored(one, 1).log_probability) == (0, 0.0)


def test_what_has_no_room_is_refused(bench: Make) -> None:
    with pytest.raises(PromptTooLong):
        score(bench(context_tokens=256), 1, LONG * 9, TEXT)
