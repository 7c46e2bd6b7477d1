"""Tesseract's table of words, also one that means badly."""

from engine.worker.ocr.table import MOST_WORDS, words_in

HEAD = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext"


def row(*cells: object) -> str:
    return "\t".join(map(str, cells))


def test_words_have_their_boxes_lines_and_paragraphs() -> None:
    table = "\n".join(
        [
            HEAD,
            row(4, 1, 1, 1, 1, 0, 10, 10, 80, 20, -1, ""),
            row(5, 1, 1, 1, 1, 1, 10, 10, 30, 20, 96.5, "Plum"),
            row(5, 1, 1, 1, 2, 1, 10, 40, 30, 20, 90, "jam"),
            row(5, 1, 1, 2, 1, 1, 10, 70, 30, 20, 80, "Boil"),
            row(5, 1, 2, 1, 1, 1, 10, 90, 30, 20, 95, " "),
            "",
        ]
    )
    words = words_in(table, 100, 100)
    assert [word.text for word in words] == ["Plum", "jam", "Boil"]
    assert words[0][1:] == (0.965, 10, 10, 40, 30, 0, 0)
    assert [(word.line, word.paragraph) for word in words] == [(0, 0), (1, 0), (2, 1)]


def test_boxes_and_confidences_stay_within_what_they_may_be() -> None:
    table = "\n".join(
        [HEAD, row(5, 1, 1, 1, 1, 1, -9, 50, 900, 900, 1e9, "a"), row(5, 1, 1, 1, 1, 2, 500, 500, 1, 1, -7, "b")]
    )
    one, other = words_in(table, 100, 80)
    assert one[1:6] == (1.0, 0, 50, 100, 80)
    assert other[1:6] == (0.0, 100, 80, 100, 80)


def test_rows_that_are_none_are_passed_over_and_there_is_an_end() -> None:
    table = "\n".join(
        [HEAD, "5\t1", row(5, 1, 1, 1, 1, 1, "x", 0, 1, 1, 90, "a"), row(5, *[1] * 5, 1, 1, 1, 1, "nan?", "a")]
    )
    assert words_in(table, 10, 10) == ()
    many = "\n".join([HEAD, *[row(5, 1, 1, 1, 1, 1, 0, 0, 1, 1, 90, "a")] * (MOST_WORDS + 5)])
    assert len(words_in(many, 10, 10)) == MOST_WORDS
