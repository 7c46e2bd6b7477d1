"""A real model goes on from the very words of an answer, and of a thought: as if it had never been cut."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.operation import Cancel
from engine.runtime import Runtime
from engine.types import MessageState, Model, Role, Turn, Wanted, Written
from engine.worker.model.replies.choosing import reply_parser
from tests.fakes.tiny_gguf import CHATML, tiny_model

LETTERS = tuple((letter, 30.0) for letter in "abcdefgh")  # tokens that are read again as they were written
HALF, WHOLE = 20, 40
THINKS = CHATML.replace("<|im_start|>assistant\n", "<|im_start|>assistant\n<think>\n")


@pytest.fixture
def runtime(tmp_path: Path) -> Iterator[Runtime]:
    runtime = Runtime(tmp_path / "private")
    yield runtime
    runtime.close()


def ask(runtime: Runtime, model: Model, tokens: int, begun: str = "", begun_thoughts: str = "") -> Written:
    wanted = Wanted(
        answer_tokens=tokens, temperature=0.0, repeat_penalty=1.3, weights=LETTERS, threads=1, context_tokens=1024,
        begun=begun, begun_thoughts=begun_thoughts,
    )  # fmt: skip
    work = runtime.generate(model, [Turn(role=Role.USER, text="Hello there")], wanted, Cancel())
    try:
        while True:
            next(work)
    except StopIteration as end:
        written: Written = end.value
        return written


def test_an_answer_goes_on_as_if_it_had_never_been_cut(runtime: Runtime, tmp_path: Path) -> None:
    model = tiny_model(tmp_path / "tiny.gguf")
    whole, half = ask(runtime, model, WHOLE), ask(runtime, model, HALF)
    assert half.state is MessageState.CUT
    rest = ask(runtime, model, WHOLE - HALF, begun=half.text)
    assert half.text + rest.text == whole.text
    assert len({*whole.text}) > 2
    assert rest.speed.reused_tokens > 0


def test_a_thought_goes_on_too_and_an_answer_after_its_thought(runtime: Runtime, tmp_path: Path) -> None:
    model = tiny_model(tmp_path / "thinks.gguf", template=THINKS)
    whole, half = ask(runtime, model, WHOLE), ask(runtime, model, HALF)
    assert (half.text, len(half.thoughts)) == ("", HALF)
    rest = ask(runtime, model, WHOLE - HALF, begun_thoughts=half.thoughts)
    assert half.thoughts + rest.thoughts == whole.thoughts
    answer = ask(runtime, model, HALF, begun="a", begun_thoughts=half.thoughts)
    assert answer.thoughts == ""
    assert len(answer.text) == HALF


@pytest.mark.parametrize(
    ("template", "end", "thoughts", "text", "spelled"),
    [
        ("<think> </think>", "assistant\n", "why", "so", "<think>\nwhy\n</think>\n\nso"),
        ("<think> </think>", "<think>\n", "why", "so", "why\n</think>\n\nso"),
        ("<think> </think>", "<think>\n", "why", "", "why"),
        ("<think> </think>", "<think>\n\n</think>\n\n", "", "so", "so"),
        ("", "assistant\n", "", "so", "so"),
        ("<|channel|>", "<|start|>assistant", "why", "so",
         "<|channel|>analysis<|message|>why<|end|><|start|>assistant<|channel|>final<|message|>so"),
        ("<|channel|>", "<|start|>assistant", "why", "", "<|channel|>analysis<|message|>why"),
    ],
)  # fmt: skip
def test_each_family_is_told_the_beginning_in_its_own_spelling_and_read_on_from_there(
    template: str, end: str, thoughts: str, text: str, spelled: str
) -> None:
    parser = reply_parser(template, end, calls=False)
    assert "".join(part for part, _ in parser.begin(thoughts, text)) == spelled
    more = [*parser.add(" more"), *parser.finish()]
    assert [(piece.kind, piece.raw) for piece in more if piece.kind in ("text", "thought")] == [
        ("text" if text else "thought", " more")
    ]


@pytest.mark.parametrize("template", ["to=self<|message|>", ">>>all"])
def test_where_the_spelling_is_not_kept_it_is_refused(template: str) -> None:
    with pytest.raises(ValueError, match="not kept"):
        reply_parser(template, "", calls=False).begin("", "so")
