"""The figures of sampling: their limits, the styles, a maker's recommendation, and texts that end an answer."""

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import gguf
import pytest

from engine.errors import TextNotAccepted
from engine.sampling import FIGURES, STYLES, Figures, Sampling, check, recommended, stops_in, styled, weights_in
from engine.settings import Settings, changed
from engine.types import Wanted
from engine.wire import Generate
from engine.worker.model.stop_texts import StopTexts
from tests.fakes.tiny_gguf import tiny_model


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_out_of_its_limits_is_refused_by_name(name: str) -> None:
    about, default = FIGURES[name], getattr(Figures(), name)
    assert about.least is not None
    assert about.most is not None
    step = 1 if isinstance(default, int) else 0.001
    for value in (about.least, about.most):
        check(Sampling(**{name: type(default)(value)}))
    for value in (about.least - step, about.most + step):
        with pytest.raises(TextNotAccepted) as caught:
            check(Sampling(**{name: type(default)(value)}))
        assert caught.value.what == about.title


@pytest.mark.parametrize(
    "values",
    [
        {"stop": ("",)},
        {"stop": ("a" * 201,)},
        {"stop": ("a",) * 17},
        {"weights": (("", 1.0),)},
        {"weights": (("a", 101.0),)},
        {"weights": (("a", float("nan")),)},
        {"weights": (("a", 1.0),) * 201},
        {"likeliest": 21},
        {"likeliest": -1},
        {"temperature": float("nan")},
    ],
)
def test_lists_that_are_too_long_and_numbers_that_are_none_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(TextNotAccepted):
        check(Sampling(**values))


def test_what_is_wanted_and_what_crosses_have_the_same_figures_with_the_same_defaults() -> None:
    plain = Sampling()
    for value in (Wanted(), Generate()):
        assert {name: getattr(value, name) for name in FIGURES} == {name: getattr(plain, name) for name in FIGURES}


@pytest.mark.parametrize("style", STYLES)
def test_every_style_keeps_to_the_limits(style: str) -> None:
    check(Sampling(**styled(style, Settings(), {})))


def test_a_change_of_the_persons_goes_before_the_style_and_the_style_before_the_default() -> None:
    assert styled("precise", Settings(), {})["temperature"] == STYLES["precise"]["temperature"]
    assert styled("precise", Settings(), {})["mirostat"] == 0
    assert styled("precise", replace(Settings(), temperature=1.5), {})["temperature"] == 1.5
    assert styled("balanced", Settings(), {"temperature": 0.4})["temperature"] == Settings().temperature
    assert styled("model", Settings(), {"temperature": 0.4, "top_k": 20})["temperature"] == 0.4
    assert styled("model", Settings(), {"temperature": 0.4, "top_k": 20})["top_k"] == 20


def test_a_makers_recommendation_is_read_from_the_file(tmp_path: Path) -> None:
    path = tmp_path / "recommending.gguf"
    facts = tiny_model(path, sampling={"temp": 0.6, "top_k": 20, "min_p": 7.0, "xtc_probability": "much"}).facts
    assert facts.sampling == {"temperature": 0.6, "top_k": 20}  # what is out of its limits or no number counts for none
    assert tiny_model(tmp_path / "silent.gguf").facts.sampling == {}


def test_the_keys_of_a_recommendation_are_those_that_other_programs_write() -> None:
    keys = {value for name, value in vars(gguf.Keys.General).items() if name.startswith("SAMPLING_")}
    keys.remove("general.sampling.sequence")  # the order is ours
    values = {key: 0.5 if key.endswith("threshold") else 1 for key in keys}
    assert len(recommended(values)) == len(keys) == 11


def test_stop_texts_and_word_weights_are_read_from_their_settings() -> None:
    assert stops_in("User:\n\\n\\n\n") == ("User:", "\n\n")
    assert weights_in("sure: -5\n\n Haus : 2.5 \na:b: 1") == (("sure", -5.0), ("Haus", 2.5), ("a:b", 1.0))
    settings = changed(Settings(), stop_texts="END", word_weights="no: 1")
    assert (settings.stop_texts, settings.word_weights) == ("END", "no: 1")
    for bad in ({"word_weights": "no number"}, {"word_weights": "a: 1000"}, {"stop_texts": "x" * 300}):
        with pytest.raises(TextNotAccepted):
            changed(Settings(), **bad)


def test_a_stop_text_is_met_wherever_the_pieces_are_cut_and_never_shown_in_part() -> None:
    luck = random.Random(6)
    for _ in range(3000):
        stops = ["".join(luck.choices("ab", k=luck.randint(1, 4))) for _ in range(luck.randint(1, 3))]
        text = "".join(luck.choices("abc", k=luck.randint(0, 14)))
        by_letter, _ = shown_of(stops, text, lambda: 1)
        shown, met = shown_of(stops, text, lambda: luck.randint(1, 5))
        assert shown == by_letter
        assert met is any(stop in text for stop in stops)
        assert not any(stop in shown for stop in stops)
        assert text.startswith(shown)
        if not met:
            assert shown == text


def shown_of(stops: list[str], text: str, size: Callable[[], int]) -> tuple[str, bool]:
    """What is shown of a text that comes in pieces of these sizes, and whether a stop text was met."""
    matcher, shown = StopTexts(stops), ""
    while text and not matcher.met:
        cut = size()
        shown += matcher.add(text[:cut])
        text = text[cut:]
    return shown + matcher.rest(), matcher.met
