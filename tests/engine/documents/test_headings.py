"""Which lines are headings, and which only look like one."""

from pathlib import Path

import pytest

from engine.documents.headings import is_heading
from engine.types import Place, Spot

SENTENCE = "A model takes as much memory as its file."


def heading(text: str, line: str, label: str = "") -> bool:
    spot = Spot(
        document_id=1, path=Path("a.md"), page=1, start=0, end=len(text), text=text,
        place=Place(kind="section", label=label),
    )  # fmt: skip
    first = text.index(line)
    return is_heading(spot, first, first + len(line))


@pytest.mark.parametrize(
    "line", ["How much memory a model takes", "# How much memory", "2.1 How much memory", "モデルが使うメモリ"]
)
def test_a_line_alone_above_a_sentence_is_a_heading(line: str) -> None:
    assert heading(f"{line}\n\n{SENTENCE}", line)
    assert heading(f"What was before.\n\n{line}\n\nモデルはファイルと同じ大きさのメモリを使う。", line)


@pytest.mark.parametrize("number", ["4. ", "4) ", "2.1 ", "12.3. "])
def test_the_number_before_a_heading_may_stand_apart_from_it(number: str) -> None:
    assert heading(f"{number}Asking your own documents\n\n{SENTENCE}", "Asking your own documents")
    assert heading(f"What was before.\n\n{number}Asking your own documents\n\n{SENTENCE}", "Asking your own documents")
    assert not heading(f"It was in {number}Asking your own documents\n\n{SENTENCE}", "Asking your own documents")


def test_what_a_place_is_called_by_is_a_heading_whatever_follows() -> None:
    assert heading("Costs in 2024\n\nHeating 300 euro", "Costs in 2024", "Flat › Costs in 2024")


@pytest.mark.parametrize(
    "text",
    [
        SENTENCE,
        "- a point of a list",
        "Deposit: 1,200 euro",
        "The deposit is returned,",
        "Heating 300 euro",
        "A line\nthat goes on",
    ],
)
def test_sentences_points_of_lists_and_rows_are_none(text: str) -> None:
    assert not heading(f"{text}\n\n{SENTENCE}", text)


def test_a_line_below_which_no_sentence_stands_is_none() -> None:
    assert not heading("Main street\n\nVienna", "Main street")
    assert not heading("It ends with no heading", "It ends with no heading")
