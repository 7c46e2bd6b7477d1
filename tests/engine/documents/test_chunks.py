"""Passages: whole sentences, exact places."""

import pytest

from engine.documents.chunks import PASSAGE_COST, passages, sentences

ENGLISH = "Dr. Smith paid 3.5 million, e.g. for ships. It was late! Was it? " * 40
JAPANESE = "離れは静かな部屋です。「本当ですか？」と彼は聞いた。雨が降る！\n" * 40
WALL = "x" * 5000
LIST = "# Title\n- one point without an end\n- another\n\n" * 60


@pytest.mark.parametrize("text", [ENGLISH, JAPANESE, WALL, LIST, "あ" * 3000, "\n\n  short  \n\n", " a\n" * 2000])
def test_passages_cover_every_letter_once_and_in_order(text: str) -> None:
    spans = passages(text)
    rest = text
    for start, end in reversed(spans):
        assert text[start:end] == text[start:end].strip() != ""
        assert end - start <= PASSAGE_COST
        rest = rest[:start] + rest[end:]
    assert rest.strip() == ""
    assert spans == sorted(spans)
    assert all(one[1] <= other[0] for one, other in zip(spans, spans[1:], strict=False))


def test_a_blank_page_has_no_passage() -> None:
    assert passages("") == passages(" \n\n\t ") == []


@pytest.mark.parametrize("text", [ENGLISH, JAPANESE])
def test_a_passage_ends_where_a_sentence_ends(text: str) -> None:
    assert all(text[end - 1] in ".!?。！？」" for _, end in passages(text))


def test_japanese_passages_fit_what_the_embedder_reads() -> None:
    assert max(end - start for start, end in passages(JAPANESE)) <= 256


def test_abbreviations_and_figures_end_no_sentence() -> None:
    text = "Dr. Smith paid 3.5 million, e.g. for ships. It was late."
    assert [text[a:b].strip() for a, b in sentences(text)] == [
        "Dr. Smith paid 3.5 million, e.g. for ships.",
        "It was late.",
    ]
