"""Answers that have a form, written with guesses: each token is the likeliest of those that fit, as without.

A second model reads the same words alone, with a guide of its own, and is asked what fits and what is likeliest there.
"""

import json
from pathlib import Path
from typing import Any

import llama_cpp
import numpy as np
import pytest

from engine import wire
from engine.forms import Form, FormKind
from engine.worker.model.draft import Draft
from engine.worker.model.forms.guide import guided
from engine.worker.model.generation import Generation
from engine.worker.model.guessing import Guessing
from tests.engine.runtime.conftest import CLOSE, FOX, SEA, Bench, Make, Off
from tests.fakes.eager_model import Eager

PROMPTS = ("Hello", FOX * 2, "1 2 3 4")
SCHEMA = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {"colour": {"enum": ["red", "green"]}, "sure": {"type": "boolean"}},
        "required": ["colour", "sure"],
    },
    "minItems": 4,
    "maxItems": 6,
}
FORMS = {
    "words": Form(kind=FormKind.GRAMMAR, source='root ::= ("fox " | "sea "){6,9}'),
    "letters": Form(kind=FormKind.GRAMMAR, source="root ::= [a-z ]{40,60}"),
    "schema": Form(kind=FormKind.SCHEMA, source=json.dumps(SCHEMA)),
    "json": Form(kind=FormKind.JSON),
}


def eager(one: Bench, draft: Path | None) -> Bench:
    """Have it guess wherever it can."""
    one.model.draft = Draft(str(draft), one.model.vocabulary, one.flag) if draft else None
    one.scheduler._guessing = Guessing(one.model.draft)
    one.scheduler._guessing._worth = Eager(own_text=draft is None)
    return one


def ask(one: Bench, job: int, prompt: str, form: Form, **wanted: Any) -> Generation:
    figures = {"temperature": 1.0, "top_k": 1, "max_tokens": 300, **wanted}
    request = wire.Generate(job=job, prompt=prompt, form=form.kind.value, form_source=form.source, **figures)
    answer = Generation(one.model, one.reports.append, request)
    one.answers[job] = answer
    one.scheduler.add(answer)
    return answer


def must_be_the_likeliest_that_fit(one: Bench, alone: Bench, forms: dict[int, Form]) -> None:
    """Every token of the answers, for a model that reads them all alone."""
    model = alone.model
    for job, answer in one.answers.items():
        guide = guided(forms[job], model.token_table, model.vocabulary, None)
        llama_cpp.llama_memory_clear(llama_cpp.llama_get_memory(model.context), True)
        at, tokens, prompt = 0, answer.tokens, answer._prompt_tokens
        while at < len(tokens) - 1:
            count = prompt if at == 0 else 1
            model.batch.begin()
            row = model.batch.add(tokens[at : at + count], at, 0, pick_after=True)
            assert model.decode() == 0
            at += count
            logits = np.ctypeslib.as_array(
                llama_cpp.llama_get_logits_ith(model.context, row), shape=(model.vocabulary.size,)
            )
            assert guide.allows(tokens[at]), (job, at)
            assert logits[tokens[at]] > logits[guide.allowed()].max() - CLOSE, (job, at)
            guide.take(tokens[at])
        assert answer.strand is not None
        assert tokens[: len(answer.strand.held)] == answer.strand.held  # nothing of a wrong guess


@pytest.mark.parametrize("kind", ["llama", "cohere2"])
@pytest.mark.parametrize("drafted", [False, True], ids=["its own text", "a draft model"])
@pytest.mark.parametrize("named", FORMS)
def test_an_answer_with_a_form_is_the_same_with_guesses(
    bench: Make, files: dict[str, Path], kind: str, drafted: bool, named: str
) -> None:
    one = eager(bench(kind), files[kind] if drafted else None)
    for job, prompt in enumerate(PROMPTS):
        ask(one, job, prompt, FORMS[named])
        one.run()
    must_be_the_likeliest_that_fit(one, bench(kind), dict.fromkeys(one.answers, FORMS[named]))
    done = [one.done(job) for job in one.answers]
    assert sum(each.guessed for each in done) > 0
    assert {(each.end, each.verdict) for each in done} <= {("end", "valid"), ("cut", "incomplete")}
    if named in ("words", "schema"):
        assert any(each.verdict == "valid" for each in done)
        assert drafted or sum(each.guessed_right for each in done) > 10


def test_answers_of_several_forms_share_their_steps_with_guesses(bench: Make) -> None:
    one = eager(bench(), None)
    forms = dict(enumerate(FORMS.values()))
    for job, form in forms.items():
        ask(one, job, SEA, form)
    one.run()
    must_be_the_likeliest_that_fit(one, bench(), forms)
    assert sum(one.done(job).guessed_right for job in forms) > 10


@pytest.mark.parametrize("times", [4, 5, 6, 9])
def test_a_form_is_complete_within_guesses_and_the_chat_goes_on_from_its_end(bench: Make, off: Off, times: int) -> None:
    one = eager(bench(), None)
    answer = ask(one, 1, FOX, Form(kind=FormKind.GRAMMAR, source=f'root ::= "ab"{{{times}}}'))
    one.run()
    assert one.text(1) == "ab" * times
    assert (one.done(1).end, one.done(1).verdict) == ("end", "valid")
    assert one.done(1).guessed > one.done(1).guessed_right > 0  # some were beyond the end
    after = one.ask(2, " And then?", 24, after=answer.tokens)
    one.run()
    assert after._reused
    del one.answers[1]  # no token of that is the likeliest
    assert off(one) < CLOSE


def test_nothing_is_guessed_for_a_form_with_a_seed_or_at_temperature_0(bench: Make, files: dict[str, Path]) -> None:
    wishes: tuple[dict[str, Any], ...] = ({"seed": 5}, {"temperature": 0.0}, {"guess_ahead": False})
    for wanted in wishes:
        one = eager(bench(), files["llama"])
        ask(one, 1, FOX, FORMS["schema"], **wanted)
        one.run()
        assert (one.done(1).guessed, one.done(1).verdict) == (0, "valid")
