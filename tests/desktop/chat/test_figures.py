"""What an answer cost, in words, in both languages."""

from collections.abc import Iterator

import pytest

from desktop.widgets.figures import threads_text
from desktop.words import choose
from engine.cli.wording import cost, filled
from engine.context import Context, Entry, Part
from engine.types import Speed
from tests.desktop.shell.test_translations import JAPANESE


@pytest.fixture(autouse=True)
def english_afterwards() -> Iterator[None]:
    yield
    choose("en", JAPANESE.parent)


@pytest.mark.parametrize(
    ("speed", "english", "japanese"),
    [
        (Speed(threads=1), "1 thread", "1 スレッド"),
        (Speed(threads=4, reading_threads=4), "4 threads", "4 スレッド"),
        (
            Speed(threads=1, reading_threads=2, threads_why="busy"),
            "2 threads to read, 1 to write (other programs were at work)",
            "読み取り 2 スレッド、書き出し 1 スレッド（ほかのプログラムが動いていたため）",
        ),
        (Speed(threads=4, threads_why="battery"), "4 threads (on battery)", "4 スレッド（バッテリー駆動のため）"),
        (
            Speed(threads=2, threads_why="seed"),
            "2 threads (always as many with a seed)",
            "2 スレッド（シード指定のため常に同じ数）",
        ),
        (Speed(threads=4, threads_why="a reason of a later program"), "4 threads", "4 スレッド"),
    ],
)
def test_the_threads_of_an_answer_are_told_with_the_reason(speed: Speed, english: str, japanese: str) -> None:
    choose("en", JAPANESE.parent)
    assert threads_text(speed) == english
    choose("ja", JAPANESE.parent)
    assert threads_text(speed) == japanese


def test_the_terminal_tells_them_too() -> None:
    assert cost(Speed(threads=2, threads_why="busy")).endswith(", 2 threads (other programs were at work)")
    assert cost(Speed(threads=2, reading_threads=4)).endswith(", 4 threads to read and 2 to write")
    assert "thread" not in cost(Speed())


def test_the_terminal_tells_how_much_was_read_and_what_fills_the_context() -> None:
    assert ", 32 of 4,100 prompt tokens read, " in cost(Speed(prompt_tokens=4100, reused_tokens=4068))
    assert "prompt" not in cost(Speed())
    entries = (
        Entry(part=Part.SYSTEM, tokens=7), Entry(part=Part.TURN, tokens=1000, of=1),
        Entry(part=Part.TURN, tokens=60, of=2), Entry(part=Part.QUESTION, tokens=20, of=3),
        Entry(part=Part.TEMPLATE, tokens=0),
    )  # fmt: skip
    context = Context(context_tokens=4096, prompt_tokens=1087, entries=entries)
    assert filled(context, Speed(tokens=100)) == (
        "context: 1,187 of 4,096 tokens filled (instructions 7, earlier messages 1,060, question 20)"
    )
