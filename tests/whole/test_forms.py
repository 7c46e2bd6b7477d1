"""Answers that are to have a form, from the real process: what comes has the form, or is told not to have it."""

import json
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import llama_cpp as lib
import numpy as np
import pytest
from jsonschema import Draft202012Validator

from engine.errors import FormNotUsable
from engine.events import TextAdded, ThoughtAdded
from engine.forms import FREE, Form, FormKind, Verdict, network_of
from engine.operation import Cancel
from engine.runtime import Runtime
from engine.types import MessageState, Model, Role, Turn, Wanted, Written
from engine.worker.model.forms.states import States
from engine.worker.model.forms.token_table import TokenTable
from engine.worker.model.vocabulary import Vocabulary
from tests.fakes.asking import heard_out
from tests.fakes.random_schemas import random_schema
from tests.fakes.tiny_gguf import CHATML, tiny_model

PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string", "maxLength": 8}, "age": {"type": "integer", "minimum": 0, "maximum": 9}},
    "required": ["name", "age"],
}
WAYS: dict[str, dict[str, Any]] = {
    "greedy": {"temperature": 0.0},
    "hot": {"temperature": 2.0, "top_k": 0, "top_p": 1.0, "min_p": 0.0},
    "penalties": {"repeat_penalty": 1.5, "frequency_penalty": 0.5, "dry_multiplier": 1.0},
    "greedy with penalties": {"temperature": 0.0, "repeat_penalty": 2.0},
    "XTC": {"xtc_probability": 1.0, "xtc_threshold": 0.01},
    "typical": {"typical_p": 0.3},
    "mirostat 1": {"mirostat": 1},
    "mirostat 2": {"mirostat": 2},
    "only what does not fit": {"weights": (("Q", 100.0),), "top_k": 1},
}
THINKS = CHATML.replace("<|im_start|>assistant\n{% endif", "<|im_start|>assistant\n<think>\n{% endif")
GRAMMARS = (
    'root ::= "yes" | "no" [!.]{1,3}',
    'root ::= [^a-m]{2,5} ("é" | "€")+',
    'root ::= "a" root "b" | "a" root "c" | [0-9]',
    'root ::= item{3}\nitem ::= [A-Z] | "\'" [^\']* "\'"',
)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return tiny_model(tmp_path_factory.mktemp("models") / "tiny.gguf")


@pytest.fixture
def runtime(tmp_path: Path) -> Iterator[Runtime]:
    with closing(Runtime(tmp_path / "private")) as runtime:
        yield runtime


def schema_form(schema: Any) -> Form:
    return Form(kind=FormKind.SCHEMA, source=json.dumps(schema))


def grammar_form(source: str) -> Form:
    return Form(kind=FormKind.GRAMMAR, source=source)


def ask(runtime: Runtime, model: Model, form: Form, events: list[object] | None = None, **wanted: Any) -> Written:
    figures = {"answer_tokens": 150, "temperature": 1.0, "seed": 7, **wanted}
    work = runtime.generate(model, [Turn(role=Role.USER, text="abc")], Wanted(form=form, **figures), Cancel())
    return heard_out(work, (lambda event: None) if events is None else events.append)


def test_answers_to_two_hundred_schemas_fit_them_or_are_told_to_be_cut(runtime: Runtime, model: Model) -> None:
    valid = 0
    for seed in range(200):
        schema = random_schema(seed)
        Draft202012Validator.check_schema(schema)
        written = ask(runtime, model, schema_form(schema), seed=seed, answer_tokens=120)
        if written.state is MessageState.CUT:
            assert written.judged.verdict is Verdict.INCOMPLETE, seed
            continue
        assert written.state is MessageState.COMPLETE
        assert written.judged.verdict is Verdict.VALID, (seed, written)
        assert Draft202012Validator(schema).is_valid(json.loads(written.text)), (seed, written.text)
        valid += 1
    assert valid > 60


@pytest.mark.parametrize("way", WAYS)
def test_every_way_of_picking_keeps_to_the_form_and_the_same_seed_writes_the_same(
    runtime: Runtime, model: Model, way: str
) -> None:
    once, again = (ask(runtime, model, schema_form(PERSON), **WAYS[way]) for _ in range(2))
    assert once.judged.verdict is Verdict.VALID, once
    assert once.text == again.text


def test_a_form_that_allows_everything_changes_no_answer(runtime: Runtime, model: Model) -> None:
    """A refused token must leave no trace: neither in what penalties remember nor in what a seed draws."""
    for figures in ({}, {"repeat_penalty": 1.5}, {"temperature": 0.0}, {"mirostat": 2}):
        free = ask(runtime, model, FREE, **figures).text
        if "\ufffd" not in free and "\0" not in free:
            assert ask(runtime, model, grammar_form("root ::= .*"), **figures).text == free


def test_any_json_object_is_one(runtime: Runtime, model: Model) -> None:
    for seed in range(5):
        written = ask(runtime, model, Form(kind=FormKind.JSON), seed=seed, answer_tokens=400)
        if written.judged.verdict is Verdict.VALID:
            assert isinstance(json.loads(written.text), dict)
        else:
            assert (written.state, written.judged.verdict) == (MessageState.CUT, Verdict.INCOMPLETE)


def test_an_answer_ends_where_nothing_may_follow_and_not_before(runtime: Runtime, model: Model) -> None:
    for seed in range(10):
        written = ask(runtime, model, grammar_form('root ::= "yes" | "no" [!.]{1,3}'), seed=seed)
        assert written.text.rstrip("!.") in ("yes", "no")
        assert written.judged.verdict is Verdict.VALID


def test_a_cut_answer_is_incomplete_and_a_stop_text_that_comes_too_early_makes_one(
    runtime: Runtime, model: Model
) -> None:
    cut = ask(runtime, model, schema_form(PERSON), answer_tokens=5)
    assert (cut.state, cut.judged.verdict) == (MessageState.CUT, Verdict.INCOMPLETE)
    number = ask(runtime, model, schema_form({"type": "integer", "minimum": 10**9}), answer_tokens=10)
    assert number.state is MessageState.CUT or number.judged.verdict is Verdict.VALID
    stopped = ask(runtime, model, schema_form(PERSON), stop=(":",))
    assert ":" not in stopped.text
    assert stopped.judged.verdict is Verdict.INCOMPLETE


def test_what_the_grammar_could_not_promise_is_found_in_the_answer(runtime: Runtime, model: Model) -> None:
    twice = {"type": "array", "items": {"const": 1}, "minItems": 2, "maxItems": 2, "uniqueItems": True}
    judged = ask(runtime, model, schema_form({"type": "object", "properties": {"a": twice}, "required": ["a"]})).judged
    assert judged.verdict is Verdict.INVALID
    assert judged.place == "/a"
    assert judged.problem == "two of its items are the same"
    never = ask(runtime, model, schema_form({"type": "string", "format": "date", "pattern": "^2026-02-3[01]$"})).judged
    assert never.verdict is Verdict.INVALID


def test_checking_an_answer_has_an_end(runtime: Runtime, model: Model) -> None:
    """The pattern takes a validator that goes back and forth longer than anybody waits."""
    hostile = {"type": "string", "minLength": 60, "allOf": [{"pattern": "^a{60}b$"}, {"pattern": "^(a+)+$"}]}
    judged = ask(runtime, model, schema_form(hostile)).judged
    assert judged.verdict in (Verdict.UNCHECKED, Verdict.INVALID)
    assert ask(runtime, model, schema_form(PERSON)).judged.verdict is Verdict.VALID


def test_a_model_that_thinks_first_thinks_as_it_likes(runtime: Runtime, tmp_path: Path) -> None:
    thinker = tiny_model(tmp_path / "thinker.gguf", id=2, template=THINKS)
    events: list[object] = []
    cut = ask(runtime, thinker, schema_form(PERSON), events, answer_tokens=40)
    assert cut.thoughts
    assert cut.text == ""
    assert cut.judged.verdict is Verdict.INCOMPLETE
    assert any(isinstance(event, ThoughtAdded) for event in events)
    assert not any(isinstance(event, TextAdded) for event in events)


def test_several_answers_at_once_keep_to_their_own_forms(runtime: Runtime, model: Model) -> None:
    forms = [schema_form(PERSON), grammar_form(GRAMMARS[0]), FREE, schema_form({"type": "boolean"})]
    with ThreadPoolExecutor(len(forms)) as pool:
        found = list(pool.map(lambda form: ask(runtime, model, form, seed=-1), forms))
    assert [one.judged.verdict for one in found] == [Verdict.VALID, Verdict.VALID, Verdict.NONE, Verdict.VALID]
    assert found[3].text in ("true", "false")


def test_a_form_that_cannot_be_used_is_refused_before_a_model_is_loaded(tmp_path: Path, model: Model) -> None:
    with pytest.raises(FormNotUsable, match="there is no rule “x”"):
        ask(Runtime(tmp_path / "unused"), model, grammar_form("root ::= x"))


# What may come next, against every token by itself and against llama.cpp's own reader of grammars.


@pytest.fixture(scope="module")
def vocabulary(model: Model) -> Iterator[Vocabulary]:
    params = lib.llama_model_default_params()
    params.vocab_only = True
    loaded = lib.llama_model_load_from_file(str(model.path).encode(), params)
    yield Vocabulary(loaded)
    lib.llama_model_free(loaded)


@pytest.mark.parametrize("source", GRAMMARS)
def test_the_tokens_allowed_are_those_that_llama_cpp_allows_one_by_one(vocabulary: Vocabulary, source: str) -> None:
    table, states = TokenTable(vocabulary), States(network_of(grammar_form(source)))
    draw = random.Random(source)
    for _ in range(6):
        theirs = lib.llama_sampler_init_grammar(vocabulary.pointer, source.encode(), b"root")
        assert bool(theirs)
        state = states.start
        for _ in range(12):
            ours = set(table.allowed(states, state).tolist())
            alone = {token for token in range(vocabulary.size) if fits(states, state, vocabulary.piece(token))}
            alone -= set(table.ends.tolist())
            assert ours == alone
            by_llama = allowed_by_llama(theirs, vocabulary)
            assert states.may_end(state) == bool(by_llama & set(table.ends.tolist()))
            # theirs takes more: control tokens by their names, and bytes that can no longer become a character
            assert ours <= by_llama
            assert not any(vocabulary.piece(token).isascii() for token in by_llama - ours if vocabulary.piece(token))
            if not ours:
                break
            token = draw.choice(sorted(ours))
            state = states.after(state, vocabulary.piece(token))
            lib.llama_sampler_accept(theirs, token)
        lib.llama_sampler_free(theirs)


@pytest.mark.parametrize("source", [*GRAMMARS, 'root ::= ("the plum tree " | "the plum " | "a pear ") {3} [^x]*'])
def test_tokens_found_one_by_one_are_those_found_all_at_once(
    vocabulary: Vocabulary, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    table, draw = TokenTable(vocabulary), random.Random(source)
    for few in (0, 1, 3, 64, 10**6):
        monkeypatch.setattr("engine.worker.model.forms.token_table.FEW", few)
        states = States(network_of(grammar_form(source)))
        state = states.start
        for _ in range(12):
            found = table.allowed(states, state).tolist()
            assert len(set(found)) == len(found)
            assert set(found) == set(table._all_at_once(states, state).tolist())
            if not found:
                break
            state = states.after(state, vocabulary.piece(draw.choice(sorted(found))))


def test_the_only_way_ends_where_there_is_a_choice_or_the_answer_may_end() -> None:
    states = States(network_of(grammar_form('root ::= "abc" ("de" | "fg") "hij" "k"? "é"')))
    assert states.only_way(states.start, 99) == b"abc"
    assert states.only_way(states.after(states.start, b"abcd"), 99) == b"ehij"
    assert states.only_way(states.after(states.start, b"abcd"), 2) == b"eh"
    assert states.only_way(states.after(states.start, b"abcdehijk"), 99) == "é".encode()
    assert states.only_way(states.after(states.start, "abcdehijé".encode()), 99) == b""
    states = States(network_of(grammar_form('root ::= "ab" "cd"?')))
    assert states.only_way(states.start, 99) == b"ab"


def fits(states: States, state: int, piece: bytes) -> bool:
    return bool(piece) and states.after(state, piece) != 0


def allowed_by_llama(sampler: Any, vocabulary: Vocabulary) -> set[int]:
    rows = (lib.llama_token_data * vocabulary.size)(
        *(lib.llama_token_data(at, 1.0, 0.0) for at in range(vocabulary.size))
    )
    array = lib.llama_token_data_array(data=rows, size=vocabulary.size, selected=-1, sorted=False)
    lib.llama_sampler_apply(sampler, array)
    return {rows[at].id for at in range(vocabulary.size) if np.isfinite(rows[at].logit)}


def test_an_answer_that_is_gone_on_with_keeps_its_form_from_where_it_was_cut(runtime: Runtime, model: Model) -> None:
    begun = '{"name": "abc'
    form = Form(kind=FormKind.SCHEMA, source=json.dumps(PERSON))
    wanted = Wanted(form=form, answer_tokens=150, temperature=1.0, begun=begun)
    work = runtime.generate(model, [Turn(role=Role.USER, text="abc")], wanted, Cancel())
    try:
        while True:
            next(work)
    except StopIteration as end:
        rest = end.value
    Draft202012Validator(PERSON).validate(json.loads(begun + rest.text))
    assert rest.judged.verdict is Verdict.VALID
