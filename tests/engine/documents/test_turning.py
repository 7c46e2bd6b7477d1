"""Pages that lie on their side are read upright, and their words stand where they are on the page."""

import pytest

from engine.worker.ocr.table import Word
from engine.worker.ocr.turning import sureness, turned_back, upright_words

WIDE, HIGH = 3, 2
UPRIGHT = b"abcdef"
TURNED = {90: (b"daebfc", 2, 3), 180: (b"fedcba", 3, 2), 270: (b"cfbead", 2, 3)}
HEAD = "level\tpage\tblock\tparagraph\tline\tword\tleft\ttop\twidth\theight\tconf\ttext\n"


class Library:
    """Reads a word at "a" where the page is upright, and specks where it is not."""

    def __init__(self, degrees: int, upright: float = 96) -> None:
        self.degrees, self.upright, self.read = degrees, upright, 0

    def table(self, grey: bytes, width: int, height: int, dpi: int, languages: str) -> str:
        self.read += 1
        well = grey == UPRIGHT
        at = grey.index(b"a")
        row = (5, 1, 1, 1, 1, 1, at % width, at // width, 1, 1, self.upright if well else 30, "Plum" if well else "|~")
        return HEAD + "\t".join(map(str, row))

    def turned(self, grey: bytes, width: int, height: int, dpi: int) -> int:
        return self.degrees


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_turned_page_is_turned_back_and_its_words_are_boxed_as_it_lies(degrees: int) -> None:
    grey, width, height = TURNED[degrees]
    assert turned_back(grey, width, height, degrees) == (UPRIGHT, WIDE, HIGH)
    (word,) = upright_words(Library(degrees), grey, width, height, 300, "eng")  # type: ignore[arg-type]
    assert word.text == "Plum"
    assert grey[word.top * width + word.left] == ord("a")
    assert (word.right - word.left, word.bottom - word.top) == (1, 1)


def test_a_page_that_is_read_well_is_not_looked_at_twice() -> None:
    library = Library(180)
    assert upright_words(library, UPRIGHT, WIDE, HIGH, 300, "eng")[0].text == "Plum"  # type: ignore[arg-type]
    assert library.read == 1


@pytest.mark.parametrize("degrees", [0, 180])
def test_a_page_that_is_no_better_when_it_is_turned_stays_as_it_was(degrees: int) -> None:
    library = Library(degrees, upright=40)
    (word,) = upright_words(library, UPRIGHT, WIDE, HIGH, 300, "eng")  # type: ignore[arg-type]
    assert (word.text, word.left, word.top) == ("Plum", 0, 0)


def test_sureness_is_that_of_letters() -> None:
    assert sureness(()) == 0
    words = (Word("abc", 1.0, 0, 0, 1, 1, 0, 0), Word("d", 0.0, 0, 0, 1, 1, 0, 0))
    assert sureness(words) == 0.75
