"""What a form leaves no choice about is read at once, and everything that is chosen is chosen as without that.

A second model reads the same words alone, with a guide of its own: what it is given is what came, and what was picked
is the likeliest of what fits there.
"""

import json
from typing import Any

import llama_cpp
import numpy as np
import pytest

from engine import wire
from engine.forms import Form, FormKind
from engine.worker.model.forms.guide import LEAST_GIVEN, guided
from engine.worker.model.generation import Generation
from engine.worker.model.guessing import Guessing
from tests.engine.runtime.conftest import CLOSE, FOX, KINDS, SEA, Bench, Make
from tests.fakes.eager_model import Eager

PLUM, PEAR = "The plum tree by the harbour blooms in March.", "The pear tree by the harbour was felled last year."
JAPANESE = "敷金は、部屋を出てから三十日のうちに返されることになっている。" * 5
FORMS = {
    "two sentences": f'root ::= quote ("\\n" quote){{0,3}}\nquote ::= "{PLUM}" | "{PEAR}"',
    "characters of several bytes": f'root ::= "{JAPANESE}" [a-c]{{2,4}}',
    "one text": f'root ::= "{PLUM}{PEAR}"',
}


def grammar(source: str) -> Form:
    return Form(kind=FormKind.GRAMMAR, source=source)


def ask(one: Bench, job: int, prompt: str, form: Form, **wanted: Any) -> Generation:
    figures = {"temperature": 1.0, "top_k": 1, "max_tokens": 600, **wanted}
    request = wire.Generate(job=job, prompt=prompt, form=form.kind.value, form_source=form.source, **figures)
    answer = one.answers[job] = Generation(one.model, one.reports.append, request)
    one.scheduler.add(answer)
    return answer


def picked(answer: Generation, alone: Bench, form: Form) -> int:
    """How many of the answer's tokens were picked; all others must be what the form gives."""
    model, tokens = alone.model, answer.tokens
    guide = guided(form, model.token_table, model.vocabulary, None)
    llama_cpp.llama_memory_clear(llama_cpp.llama_get_memory(model.context), True)
    at, count = 0, 0
    reading = answer._prompt_tokens
    while at + reading < len(tokens):
        model.batch.begin()
        row = model.batch.add(tokens[at : at + reading], at, 0, pick_after=True)
        assert model.decode() == 0
        at += reading
        logits = np.ctypeslib.as_array(
            llama_cpp.llama_get_logits_ith(model.context, row), shape=(model.vocabulary.size,)
        )
        assert logits[tokens[at]] > logits[guide.allowed()].max() - CLOSE, at
        guide.take(tokens[at])
        given = guide.given()
        assert tokens[at + 1 : at + 1 + len(given)] == given[: len(tokens) - at - 1]
        for token in given:
            guide.take(token)
        count, reading = count + 1, 1 + len(given)
    return count


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("named", FORMS)
def test_what_must_come_is_read_at_once_and_the_rest_is_the_likeliest(bench: Make, kind: str, named: str) -> None:
    one, form = bench(kind), grammar(FORMS[named])
    for job, prompt in enumerate((FOX, SEA)):
        answer = ask(one, job, prompt, form)
        steps = len(one.steps)
        one.run()
        assert (one.done(job).end, one.done(job).verdict) == ("end", "valid")
        assert picked(answer, bench(kind), form) < one.done(job).tokens
        assert len(one.steps) - steps < one.done(job).tokens
        assert answer.strand is not None
        assert answer.tokens[: len(answer.strand.held)] == answer.strand.held


@pytest.mark.parametrize("kind", ["llama", "cohere2"])
def test_guesses_are_held_against_what_is_given(bench: Make, kind: str) -> None:
    one, form = bench(kind), grammar(FORMS["two sentences"])
    one.scheduler._guessing = Guessing(None)
    one.scheduler._guessing._worth = Eager()
    for job in range(3):  # the sentences stand in the prompt, so they are guessed from their second word on
        answer = ask(one, job, f"{job} {PLUM} {PEAR} {PLUM}\n", form)
        one.run()
        assert one.done(job).verdict == "valid"
        picked(answer, bench(kind), form)
        assert answer.strand is not None
        assert answer.tokens[: len(answer.strand.held)] == answer.strand.held
    assert sum(one.done(job).guessed for job in range(3)) > 0


def test_an_answer_may_be_cut_and_stopped_within_what_is_given(bench: Make) -> None:
    one, form = bench(), grammar(FORMS["one text"])
    ask(one, 1, FOX, form, max_tokens=9)
    one.run()
    assert (one.done(1).end, one.done(1).tokens, one.done(1).verdict) == ("cut", 9, "incomplete")
    assert PLUM.startswith(one.text(1))
    ask(one, 2, FOX, form, stop=("harbour",))
    one.run()
    assert one.text(2) == PLUM.partition("harbour")[0]
    assert (one.done(2).end, one.done(2).verdict) == ("end", "incomplete")


def test_several_answers_are_given_theirs_in_the_same_steps(bench: Make) -> None:
    one, form = bench(), grammar(FORMS["two sentences"])
    for job, prompt in enumerate((FOX, SEA, "Hello")):
        ask(one, job, prompt, form)
    one.run()
    for answer in one.answers.values():
        picked(answer, bench(), form)


def test_where_it_is_asked_how_likely_each_token_was_each_is_picked(bench: Make) -> None:
    one = bench()
    ask(one, 1, FOX, grammar(FORMS["one text"]), likeliest=2)
    one.run()
    weighed = [report for report in one.reports if isinstance(report, wire.Weighed)]
    assert len(weighed) == one.done(1).tokens
    assert one.text(1) == PLUM + PEAR


def test_little_is_left_to_the_model_and_so_is_what_follows_a_thought(bench: Make) -> None:
    model = bench().model
    short = json.dumps({"const": "x" * (LEAST_GIVEN - 4)})
    guide = guided(Form(kind=FormKind.SCHEMA, source=short), model.token_table, model.vocabulary, None)
    assert guide.given() == []
    guide = guided(grammar(f'root ::= "{PLUM}"'), model.token_table, model.vocabulary, None)
    given = b"".join(model.vocabulary.piece(token) for token in guide.given())
    assert PLUM.encode().startswith(given)
    assert len(given) < len(PLUM)  # the last token is the model's own
