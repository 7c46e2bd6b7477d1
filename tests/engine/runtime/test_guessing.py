"""Guesses change no word: real models, which guess wherever they can, hold to what they would have written without."""

from pathlib import Path
from typing import Any

import pytest

from engine import wire
from engine.errors import DraftNotUsable
from engine.worker.model.draft import Draft
from engine.worker.model.generation import Generation
from engine.worker.model.guessing import Guessing
from tests.engine.runtime.conftest import CLOSE, FOX, SEA, Bench, Make, Off
from tests.fakes import tiny_gguf
from tests.fakes.eager_model import Eager

PROMPTS = ("Hello", FOX * 4, "1 2 3 4", "x", SEA * 5, "abc abc abc abc", FOX * 2, "b" * 70)


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A draft model of the same vocabulary and other weights."""
    return tiny_gguf.write(tmp_path_factory.mktemp("drafts") / "stranger.gguf", seed=9)


def eager(one: Bench, draft: Path | None = None, *, really: bool = False) -> Bench:
    """Have it guess wherever it can, or, `really`, where that pays."""
    one.model.draft = Draft(str(draft), one.model.vocabulary, one.flag) if draft else None
    one.scheduler._guessing = Guessing(one.model.draft)
    if not really:
        one.scheduler._guessing._worth = Eager(own_text=draft is None)
    return one


def ask(one: Bench, job: int, prompt: str, tokens: int = 40, **wanted: Any) -> Generation:
    """An answer of the likeliest tokens, picked by a chain that could also pick others."""
    figures = {"temperature": 1.0, "top_k": 1, "ignore_end": True, **wanted}
    answer = Generation(
        one.model, one.reports.append, wire.Generate(job=job, prompt=prompt, max_tokens=tokens, **figures)
    )
    one.answers[job] = answer
    one.scheduler.add(answer)
    return answer


@pytest.mark.parametrize("kind", ["llama", "cohere2"])
def test_answers_with_guesses_from_their_own_text_are_those_without(bench: Make, off: Off, kind: str) -> None:
    one = eager(bench(kind))
    for job, prompt in enumerate(PROMPTS):
        ask(one, job, prompt, 60)
        if job % 3 == 2:
            one.run()  # three together, so that some of a step guess and some do not
    one.run()
    assert off(one) < CLOSE
    assert all(one.done(job).tokens == 60 for job in range(len(PROMPTS)))
    assert sum(one.done(job).guessed for job in range(len(PROMPTS))) > 100
    assert sum(one.done(job).guessed_right for job in range(len(PROMPTS))) > 0


@pytest.mark.parametrize("kind", ["llama", "cohere2"])
def test_a_draft_model_that_is_the_model_itself_is_nearly_always_right(
    bench: Make, off: Off, files: dict[str, Path], kind: str
) -> None:
    one = eager(bench(kind), files[kind])
    for job, prompt in enumerate(PROMPTS[:4]):
        ask(one, job, prompt, 120)
        one.run()
        assert one.done(job).guessed_right > 0.9 * one.done(job).guessed > 60
    assert off(one) < CLOSE
    assert len(one.steps) < 4 * 120 / 3  # several words a step


def test_a_draft_model_follows_a_text_that_outgrows_what_it_reads(
    bench: Make, off: Off, files: dict[str, Path]
) -> None:
    one = eager(bench(), files["llama"])
    ask(one, 1, FOX * 20, 700)  # of 680 tokens, and it reads 256 and holds 1024
    one.run()
    assert one.done(1).tokens == 700
    assert one.done(1).guessed_right > 0
    assert off(one) < CLOSE


def test_a_draft_model_that_is_never_right_is_soon_left_alone(bench: Make, off: Off, stranger: Path) -> None:
    one = eager(bench(), stranger, really=True)
    for job, prompt in enumerate(PROMPTS[:3]):
        ask(one, job, prompt, 150)
        one.run()
    assert sum(one.done(job).guessed for job in range(3)) < 450 / 4
    assert off(one) < CLOSE


@pytest.mark.parametrize("tokens", [1, 2, 3, 5, 8, 9, 17])
def test_the_token_limit_falls_within_guesses(bench: Make, off: Off, files: dict[str, Path], tokens: int) -> None:
    one = eager(bench(), files["llama"])
    ask(one, 1, FOX, tokens)
    one.run()
    assert (one.done(1).tokens, one.done(1).end) == (tokens, "cut")
    assert off(one) < CLOSE


def test_the_end_of_the_context_falls_within_guesses(bench: Make, files: dict[str, Path]) -> None:
    one = eager(bench(context_tokens=256), files["llama"])
    answer = ask(one, 1, FOX, 500)
    one.run()
    assert len(answer.tokens) == 257
    assert one.done(1).end == "cut"


def test_the_models_own_end_falls_within_guesses(bench: Make, files: dict[str, Path]) -> None:
    plain = bench()
    written = ask(plain, 1, FOX, 30, guess_ahead=False)
    plain.run()
    start = written._prompt_tokens
    for place in range(1, 14):
        ending = written.tokens[start + place]
        before = written.tokens[start : start + place]
        one = eager(bench(), files["llama"])
        one.model.vocabulary._ends[ending] = True
        answer = ask(one, 1, FOX, 30, ignore_end=False)
        one.run()
        first = before.index(ending) if ending in before else place
        assert one.done(1).end == "end"
        assert answer.tokens == written.tokens[: start + first]
        assert answer.strand is not None
        assert answer.strand.held == answer.tokens  # and nothing of what was guessed after it


def test_a_stop_text_falls_within_guesses(bench: Make, files: dict[str, Path]) -> None:
    plain = bench()
    ask(plain, 1, FOX, 40, guess_ahead=False)
    plain.run()
    text = plain.text(1)
    one = eager(bench(), files["llama"])
    for job, place in enumerate(range(3, 30, 5)):
        stop = text[place : place + 3]
        ask(one, job, FOX, 40, stop=(stop,))
        one.run()
        assert one.text(job) == text[: text.index(stop)]
        assert one.done(job).end == "end"


def test_a_stop_in_a_step_with_guesses_leaves_the_words_of_the_others(bench: Make, off: Off) -> None:
    one = eager(bench())
    for job, prompt in ((1, "x"), (2, FOX * 2), (3, "b" * 70)):
        ask(one, job, prompt, 60)

    def stop(number: int) -> None:
        if one.model.batch.count > 6 and number > 10 and not one.ended(2):
            one.scheduler.stop(2)

    one.before_step = stop
    one.run()
    assert 2 in one.statuses  # it was aborted half-way
    assert one.done(2).end == "stopped"
    assert one.done(1).tokens == one.done(3).tokens == 60
    assert off(one) < CLOSE
    again = ask(one, 4, FOX * 2, 20)  # what the stopped one has read is as good as ever
    one.run()
    assert again._reused
    assert off(one) < CLOSE


def test_a_conversation_goes_on_from_what_was_guessed_right_and_from_nothing_else(
    bench: Make, off: Off, files: dict[str, Path]
) -> None:
    one = eager(bench(), files["llama"])
    first = ask(one, 1, FOX, 50)
    one.run()
    after = one.ask(2, " And then?", 24, after=first.tokens)
    one.run()
    assert after._reused == len(first.tokens) - 1
    assert off(one) < CLOSE


def test_guesses_make_no_conversation_at_rest_lose_its_place(bench: Make, off: Off) -> None:
    one = eager(bench(context_tokens=256))
    one.one(1, "x" * 100, 8)
    ask(one, 2, "abc" * 20, 80)
    one.run()
    assert one.done(2).tokens == 80
    assert off(one) < CLOSE


def test_probabilities_are_told_for_every_token_that_was_guessed_right(bench: Make, files: dict[str, Path]) -> None:
    one = eager(bench(), files["llama"])
    ask(one, 1, FOX, 40, likeliest=3)
    one.run()
    odds = [report for report in one.reports if isinstance(report, wire.Weighed)]
    assert len(odds) == 40
    assert all(each.log_probability == each.others[0][1] for each in odds)


@pytest.mark.parametrize(
    "wanted", [{"temperature": 0.0}, {"seed": 5}, {"guess_ahead": False}], ids=["temperature 0", "a seed", "wished off"]
)
def test_nothing_is_guessed_where_every_last_digit_counts_or_nobody_wants_it(
    bench: Make, files: dict[str, Path], wanted: dict[str, Any]
) -> None:
    one = eager(bench(), files["llama"])
    ask(one, 1, "abc abc abc abc", 60, **wanted)
    one.run()
    assert one.done(1).guessed == 0
    assert max(one.steps[1:]) == 1


def test_nothing_is_guessed_beside_an_answer_at_temperature_0(bench: Make) -> None:
    one = eager(bench())
    ask(one, 1, "abc abc abc abc", 60, temperature=0.0)
    ask(one, 2, "abc abc abc abc", 60)
    one.run()
    assert one.done(2).guessed == 0


def test_nothing_is_guessed_for_a_model_that_cannot_go_back(bench: Make, off: Off) -> None:
    one = eager(bench("mamba"))
    ask(one, 1, "abc abc abc abc", 40)
    one.run()
    assert one.done(1).guessed == 0
    assert off(one) < CLOSE


def test_a_draft_model_of_another_vocabulary_is_refused_with_the_reason(
    bench: Make, files: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = list(tiny_gguf.TOKENS)
    tokens[300], tokens[301] = tokens[301], tokens[300]
    monkeypatch.setattr(tiny_gguf, "TOKENS", tokens)
    other = tiny_gguf.write(tmp_path / "other.gguf")
    for path, why in ((other, "its token 300 is another"), (files["mamba"], "cannot go back")):
        with pytest.raises(DraftNotUsable, match=why):
            eager(bench(), path)
