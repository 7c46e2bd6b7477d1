"""From words with boxes to a page's text, and back to boxes."""

import pytest

from engine.documents.page_words import NOTHING, Found, boxes, made_of


def word(text: str, confidence: float = 0.9, at: int = 0, line: int = 0, paragraph: int = 0) -> Found:
    return (text, confidence, at, line * 20, at + 90, line * 20 + 18, line, paragraph)


def test_words_lines_and_paragraphs_are_set_as_on_the_page() -> None:
    words = [word("One"), word("two", at=100), word("three", line=1), word("Four", line=2, paragraph=1)]
    assert made_of(words, 1000, 1000).text == "One two\nthree\n\nFour"


def test_japanese_has_no_spaces_between_words_but_beside_latin_ones() -> None:
    words = [word("賃貸"), word("契約"), word("2024"), word("年", line=1), word("한국"), word("어")]
    assert made_of(words, 1000, 1000).text == "賃貸契約 2024\n年\n한국 어"


def test_what_is_guessed_is_dropped_and_confidence_goes_by_length() -> None:
    page = made_of([word("long word", 1.0), word("x", 0.5), word("noise", 0.39)], 1000, 1000)
    assert page.text == "long word x"
    assert page.confidence == (9 * 1.0 + 1 * 0.5) / 10


def test_a_page_of_guesses_has_no_text() -> None:
    assert made_of([word("abc", 0.55), word("def", 0.71)], 1000, 1000) == NOTHING
    assert made_of([], 1000, 1000) == NOTHING


def test_a_span_has_a_box_for_each_stretch_of_a_line() -> None:
    page = made_of([word("One"), word("two", at=100), word("three", line=1)], 1000, 1000)
    first, second = boxes(page.kept, 0, len(page.text), 2000, 1000)
    assert first == pytest.approx((0, 0, 380, 18), abs=0.1)
    assert second == pytest.approx((0, 20, 180, 38), abs=0.1)
    start = page.text.index("two")
    assert len(boxes(page.kept, start, start + 3, 100, 100)) == 1
    assert boxes(page.kept, 0, 0, 100, 100) == ()


def test_words_far_apart_on_a_line_are_boxed_apart() -> None:
    page = made_of([word("Name"), word("Total", at=800)], 1000, 1000)
    assert len(boxes(page.kept, 0, len(page.text), 1000, 1000)) == 2
