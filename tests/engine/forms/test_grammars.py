"""Grammars: what they mean, where they are wrong, and that no grammar takes long or much."""

import random
from contextlib import suppress

import pytest

from engine.errors import FormNotUsable
from engine.forms import Form, FormKind, check, gbnf
from engine.forms.network import compiled
from engine.worker.model.forms.states import MOST_STATES, States

JSON = r"""
root   ::= object
value  ::= object | array | string | number | "true" | "false" | "null"
object ::= "{" ws ( string ":" ws value ("," ws string ":" ws value)* )? "}"   # a comment
array  ::= "[" ws ( value ("," ws value)* )? "]"
string ::= "\"" ( [^"\\\x7F\x00-\x1F] | "\\" (["\\bfnrt] | "u" [0-9a-fA-F]{4}) )* "\""
number ::= "-"? ("0" | [1-9] [0-9]{0,15}) ("." [0-9]+)? ([eE] [-+]? [0-9]{1,3})?
ws     ::= | " " | "\n" [ \t]{0,20}
"""
DOUBLING = "".join(f"r{at} ::= r{at + 1} r{at + 1}\n" for at in range(60)) + 'r60 ::= "x"'
BRANCHING = "".join(f"r{at} ::= r{at + 1} | r{at + 1}\n" for at in range(60)) + 'r60 ::= "x"'
REFUSED = {
    "nothing at all": (" \n", "there is nothing in it", "the whole"),
    "only a comment": ("# root", "no rule “root”", "line 1"),
    "no root": ('a ::= "b"', "no rule “root”", "line 1"),
    "an unknown rule": ("root ::= a\n\n", "no rule “a”", "line 1, column 10"),
    "a rule twice": ('root ::= "a"\nroot ::= "b"', "already", "line 2, column 1"),
    "an open text": ('root ::= "a', "never closed", "line 1, column 10"),
    "an open set": ("root ::= [a", "never closed", "line 1, column 10"),
    "an empty set": ("root ::= []", "empty", "line 1, column 10"),
    "an open bracket": ("root ::= (a", "bracket is missing", "line 1"),
    "nothing to repeat": ("root ::= *", "could repeat", "line 1, column 10"),
    "an unknown escape": (r'root ::= "\q"', "no such escape", "line 1"),
    "half a pair": (r'root ::= "\uD800"', "no such character", "line 1"),
    "a token": ("root ::= <think>", "tokens are not supported", "line 1"),
    "a range backwards": ("root ::= [z-a]", "ends before it begins", "line 1"),
    "repeated too often": ('root ::= "a"{1,100000000}', "more than 2,000 times", "line 1"),
    "repeated backwards": ('root ::= "a"{3,2}', "less than the least", "line 1"),
    "left recursion": ('root ::= root "a" | "b"', "begins with itself", "rule root"),
    "hidden left recursion": ('root ::= a root "x" | "y"\na ::= b\nb ::= "c" |', "begins with itself", "rule"),
    "left recursion in a circle": ('root ::= a\na ::= b "x"\nb ::= a | "y"', "begins with itself", "rule"),
    "an endless rule": ('root ::= "a" root', "comes to an end", "rule root"),
    "a doubling bomb": (f"root ::= r0\n{DOUBLING}", "the shortest answer", "rule root"),
    "brackets without end": (f"root ::= {'(' * 10_000}", "brackets in brackets", "line 1"),
    "ten megabytes": (f'root ::= "{"a" * 10_000_000}"', "the most is 65,536", "its length"),
    "too many copies": (f"root ::= {' '.join(['[a-z]{1,2000}'] * 60)}", "too large", "rule root"),
    "no grammar": ("Please write a poem.", "“::=” is missing", "line 1, column 8"),
    "zeros": ("root ::= \0", "does not fit here", "line 1"),
}  # fmt: skip
ALLOWED = {
    "a branching bomb": (f"root ::= r0\n{BRANCHING}", "x"),
    "nested repetition": ('root ::= (("a"*)*)*', "aaa"),
    "repetition of what may be nothing": ('root ::= x* "!"\nx ::= "a"* | "b"?', "aab!"),
    "two ways at every letter": ('root ::= "a" root "b" | "a" root "c" | "d"', "a" * 400 + "d" + "bc" * 200),
    "the same in a hundred ways": (f"root ::= ({' | '.join(['[a-z]'] * 100)})+", "abc" * 100),
}


def states_of(text: str) -> States:
    return States(compiled(gbnf.read(text), "grammar"))


def fits(states: States, text: str) -> bool:
    state = states.after(states.start, text.encode())
    return bool(state) and states.may_end(state)


@pytest.mark.parametrize("text", ["{}", '{"a": [1, -2.5e3, {"x":null}]}', '{"あ": "\\n𝄞", "b":\n  true}'])
def test_what_the_grammar_says_fits_and_each_beginning_of_it_leads_on(text: str) -> None:
    states = states_of(JSON)
    assert fits(states, text)
    for cut in range(len(text)):
        state = states.after(states.start, text[:cut].encode())
        assert states.goes_on(state)
        assert not states.may_end(state)


@pytest.mark.parametrize("text", ["[1]", '{"a":01}', '{"a":1,}', '{"a" : 1}', '{"a":"\n"}', '{"a":1}}', ""])
def test_what_the_grammar_does_not_say_does_not_fit(text: str) -> None:
    assert not fits(states_of(JSON), text)


def test_characters_are_taken_whole_and_bytes_that_are_none_are_refused() -> None:
    states = states_of("root ::= [^a-zé€]")
    for text in ("A", "è", "ぁ", "𝄞", "\U0010ffff"):
        assert fits(states, text)
    for text in ("a", "é", "€"):
        assert not fits(states, text)
    for raw in (b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\x80"):
        assert not states.after(states.start, raw)


@pytest.mark.parametrize("name", REFUSED)
def test_a_grammar_that_cannot_guide_is_refused_with_the_place(name: str) -> None:
    text, why, place = REFUSED[name]
    with pytest.raises(FormNotUsable) as refused:
        check(Form(kind=FormKind.GRAMMAR, source=text))
    assert why in refused.value.why
    assert refused.value.place.startswith(place)


@pytest.mark.parametrize("name", ALLOWED)
def test_a_grammar_that_can_be_read_in_very_many_ways_is_read_all_the_same(name: str) -> None:
    text, answer = ALLOWED[name]
    assert fits(states_of(text), answer)


def test_a_grammar_read_and_written_and_read_again_is_the_same() -> None:
    once = gbnf.read(JSON)
    again = gbnf.read(gbnf.written(once))
    assert gbnf.read(gbnf.written(again)) == again
    for text in ('{"a": [1, 2]}', '{"a":1,}', '{"\\u00e9": -0.5E-7}'):
        first, second = (fits(States(compiled(rules, "grammar")), text) for rules in (once, again))
        assert first == second


def test_states_that_were_forgotten_are_found_again() -> None:
    states = states_of('root ::= "<" root ">" | [0-9]')
    state = states.after(states.start, b"<" * (MOST_STATES + 10))
    renewed = states.renewed(state)
    assert renewed != state
    assert fits(states, "<<1>>")
    assert states.may_end(states.after(renewed, b"1" + b">" * (MOST_STATES + 10)))


def test_noise_never_does_more_than_be_refused() -> None:
    draw = random.Random(1)
    signs = [
        "root ::= ",
        '"a"',
        "[",
        "]",
        "(",
        ")",
        "{",
        "}",
        "1",
        ",",
        "|",
        "*",
        "?",
        "\n",
        "x",
        "::=",
        "\\",
        "^",
        "-",
    ]
    for _ in range(500):
        source = "root ::= " + "".join(draw.choice(signs) for _ in range(draw.randint(1, 20)))
        with suppress(FormNotUsable):
            check(Form(kind=FormKind.GRAMMAR, source=source))
