"""Every way of picking the next token, in the real process: the same again for the same seed, and what it promises."""

import math
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.errors import TextNotAccepted
from engine.events import TextAdded, TokenWeighed
from engine.operation import Cancel
from engine.runtime import Runtime
from engine.types import MessageState, Model, Role, Turn, Wanted, Written
from tests.fakes.asking import heard_out
from tests.fakes.tiny_gguf import tiny_model

TWO_LETTERS = (("a", 12.0), ("b", 12.0))  # noise repeats itself where hardly any other letter can come
WAYS = {
    "typical": {"typical_p": 0.5},
    "penalties": {"repeat_penalty": 1.3, "frequency_penalty": 0.5, "presence_penalty": 0.5},
    "DRY": {"dry_multiplier": 2.0, "weights": TWO_LETTERS},
    "XTC": {"xtc_probability": 0.5, "xtc_threshold": 0.01},
    "mirostat 1": {"mirostat": 1, "mirostat_tau": 3.0},
    "mirostat 2": {"mirostat": 2, "mirostat_tau": 3.0},
    "weights": {"weights": (("e", 4.0),)},
    "all tokens": {"top_k": 0, "top_p": 1.0, "min_p": 0.0},
}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return tiny_model(tmp_path_factory.mktemp("models") / "tiny.gguf")


@pytest.fixture
def runtime(tmp_path: Path) -> Iterator[Runtime]:
    runtime = Runtime(tmp_path / "private")
    yield runtime
    runtime.close()


def ask(runtime: Runtime, model: Model, events: list[object] | None = None, **wanted: object) -> Written:
    figures = {"answer_tokens": 60, "temperature": 1.0, "seed": 7, **wanted}
    work = runtime.generate(model, [Turn(role=Role.USER, text="abc abc abc")], Wanted(**figures), Cancel())
    return heard_out(work, (lambda event: None) if events is None else events.append)


@pytest.mark.parametrize("way", WAYS)
def test_the_same_seed_and_figures_write_the_same_text_and_the_figures_matter(
    runtime: Runtime, model: Model, way: str
) -> None:
    once, again = (ask(runtime, model, **WAYS[way]).text for _ in range(2))
    assert once == again
    assert once != ask(runtime, model).text
    assert once != ask(runtime, model, **WAYS[way], seed=8).text


def test_penalties_keep_even_the_likeliest_from_coming_again_and_again(runtime: Runtime, model: Model) -> None:
    strong = {"temperature": 0.0, "frequency_penalty": 2.0, "presence_penalty": 2.0, "repeat_penalty": 2.0}
    plain, varied = ask(runtime, model, temperature=0.0).text, ask(runtime, model, **strong).text
    assert len(set(varied)) > len(set(plain))


def test_dry_keeps_long_stretches_from_coming_again(runtime: Runtime, model: Model) -> None:
    plain = ask(runtime, model, weights=TWO_LETTERS).text
    dry = ask(runtime, model, weights=TWO_LETTERS, dry_multiplier=5.0, dry_base=4.0).text
    assert set(plain) == {"a", "b"}
    assert longest_repeat(dry) < longest_repeat(plain)


def longest_repeat(text: str) -> int:
    """The length of the longest stretch that comes twice."""
    return max(
        size for size in range(len(text)) for at in range(len(text) - size) if text[at : at + size] in text[at + 1 :]
    )


def test_leaving_tokens_out_before_penalties_changes_no_answer(runtime: Runtime, model: Model) -> None:
    """Without a top-k nothing is left out; a top-p of 0 then takes the likeliest, as a top-k of 1 does."""
    for penalty in (0.3, 0.8, 1.5, 2.0):
        same = {"frequency_penalty": penalty, "repeat_tokens": 32, "answer_tokens": 120}
        assert ask(runtime, model, **same, top_k=1).text == ask(runtime, model, **same, top_k=0, top_p=0.0).text


def test_a_word_can_be_asked_for_and_be_forbidden_and_weights_of_one_word_add_up(
    runtime: Runtime, model: Model
) -> None:
    assert set(ask(runtime, model, weights=(("Q", 100.0),)).text) == {"Q"}
    assert ask(runtime, model, weights=(("Q", 100.0), ("Q", -100.0))).text == ask(runtime, model).text


def test_an_answer_ends_before_a_stop_text_that_several_tokens_spell(runtime: Runtime, model: Model) -> None:
    text = ask(runtime, model).text
    for at in range(5, len(text) - 4, 7):
        stop = text[at : at + 3]
        events: list[object] = []
        written = ask(runtime, model, events, stop=(stop,))
        assert written.text == text[: text.index(stop)]
        assert written.state is MessageState.COMPLETE
        assert "".join(event.text for event in events if isinstance(event, TextAdded)) == written.text


def test_a_stop_text_that_only_begins_is_shown_in_the_end(runtime: Runtime, model: Model) -> None:
    text = ask(runtime, model).text
    assert ask(runtime, model, stop=(text[-2:] + "never",)).text == text


def test_probabilities_and_runners_up_are_told_for_every_token(runtime: Runtime, model: Model) -> None:
    events: list[object] = []
    written = ask(runtime, model, events, likeliest=5, temperature=0.0)
    odds = [event.odds for event in events if isinstance(event, TokenWeighed)]
    assert len(odds) == written.speed.tokens
    for one in odds:
        assert len(one.others) == 5
        values = [value for _, value in one.others]
        assert values == sorted(values, reverse=True)
        assert one.log_probability == values[0]  # at temperature 0 the likeliest is taken
        assert 0.0 < sum(map(math.exp, values)) <= 1.0 + 1e-9
    assert not any(isinstance(event, TokenWeighed) for event in _events(runtime, model))


def _events(runtime: Runtime, model: Model) -> list[object]:
    events: list[object] = []
    ask(runtime, model, events)
    return events


def test_a_figure_out_of_its_limits_is_refused_before_anything_is_loaded(tmp_path: Path, model: Model) -> None:
    with pytest.raises(TextNotAccepted, match="Temperature cannot be 9"):
        ask(Runtime(tmp_path / "unused"), model, temperature=9.0)
