"""Guesses in the real process, behind its walls: the same words, what is told of them, and what is refused."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import DraftNotUsable, FileMissing
from engine.runtime import Runtime
from engine.runtime.drafts import can_guess_for
from engine.runtime.fit import fit
from engine.types import Wanted
from tests.fakes import tiny_gguf
from tests.fakes.asking import ask
from tests.fakes.tiny_gguf import tiny_model

THINKING = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n<think>\n{% endif %}"
)
LIKELIEST = {"temperature": 1.0, "top_k": 1, "answer_tokens": 80}


@pytest.fixture
def runtime(tmp_path: Path) -> Iterator[Runtime]:
    runtime = Runtime(tmp_path / "private", module="tests.fakes.eager_model")
    yield runtime
    runtime.close()


def test_an_answer_says_how_much_of_it_was_guessed_right(runtime: Runtime, tmp_path: Path) -> None:
    model = tiny_model(tmp_path / "tiny.gguf")
    draft = tiny_model(tmp_path / "draft.gguf", id=2)
    plain = ask(runtime, model, "Hello", wanted=Wanted(**LIKELIEST, guess_ahead=False))
    guessed = ask(runtime, model, "Hello", wanted=Wanted(**LIKELIEST, draft=str(draft.path)))
    assert guessed.text == plain.text
    assert plain.speed.guessed == plain.speed.guessed_right == 0
    assert 40 < guessed.speed.guessed_right <= guessed.speed.guessed
    assert guessed.speed.tokens == plain.speed.tokens == 80
    assert guessed.speed.speed_up > 0


def test_thoughts_are_told_apart_where_words_are_guessed(runtime: Runtime, tmp_path: Path) -> None:
    model = tiny_model(tmp_path / "tiny.gguf", template=THINKING)
    told = [
        ask(runtime, model, "Hello", wanted=Wanted(**LIKELIEST, guess_ahead=guesses, stop=("</think>",), thinking=True))
        for guesses in (False, True)
    ]
    assert told[0].thoughts
    assert told[0].thoughts == told[1].thoughts


def test_a_draft_model_that_does_not_fit_is_refused_with_the_reason(
    runtime: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = tiny_model(tmp_path / "tiny.gguf")
    tokens = list(tiny_gguf.TOKENS)
    tokens[300], tokens[301] = tokens[301], tokens[300]
    monkeypatch.setattr(tiny_gguf, "TOKENS", tokens)
    other = tiny_model(tmp_path / "other.gguf", id=2)
    with pytest.raises(DraftNotUsable, match="its token 300 is another"):
        ask(runtime, model, "Hello", wanted=Wanted(**LIKELIEST, draft=str(other.path)))
    with pytest.raises(FileMissing):
        ask(runtime, model, "Hello", wanted=Wanted(**LIKELIEST, draft=str(tmp_path / "gone.gguf")))
    assert not can_guess_for(other.facts, model.facts)
    assert ask(runtime, model, "Hello", wanted=Wanted(**LIKELIEST)).text


def test_a_draft_model_counts_in_the_memory_that_is_needed(tmp_path: Path) -> None:
    model, draft = tiny_model(tmp_path / "tiny.gguf"), tiny_model(tmp_path / "draft.gguf", id=2)
    alone, both = fit(model.facts, Wanted()), fit(model.facts, Wanted(draft=str(draft.path)))
    assert both.draft_bytes > draft.facts.tensor_bytes
    assert both.need_bytes == alone.need_bytes + both.draft_bytes


def test_only_small_models_of_the_same_vocabulary_are_offered(tmp_path: Path) -> None:
    model = tiny_model(tmp_path / "tiny.gguf")
    same = tiny_model(tmp_path / "same.gguf", id=2, seed=3)
    large = tiny_model(tmp_path / "large.gguf", id=3, architecture="cohere2")
    assert same.facts.vocabulary_mark == model.facts.vocabulary_mark == large.facts.vocabulary_mark
    assert not can_guess_for(same.facts, model.facts)  # it is no smaller
    assert can_guess_for(same.facts, replace(large.facts, tensor_bytes=2 * same.facts.tensor_bytes))
