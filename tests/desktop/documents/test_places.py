"""What a place in a document is called in the window, in both languages."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop import words
from desktop.widgets.places import SENTENCES, place_name, place_text, short_place
from engine.types import PLACE_WORDS, Place, Source

TRANSLATIONS = Path(__file__).parents[3] / "resources" / "translations"


@pytest.fixture
def japanese() -> Iterator[None]:
    words.choose("ja", TRANSLATIONS)
    yield
    words.choose("en", TRANSLATIONS)


def source(place: Place) -> Source:
    return Source(number=1, document_id=1, path=Path("/a/talk.pptx"), page=1, start=0, end=1, text="x", place=place)


def test_every_kind_of_place_is_called_on_screen_as_in_the_terminal() -> None:
    assert SENTENCES == PLACE_WORDS
    for kind in PLACE_WORDS:
        place = Place(kind=kind, number=3, label="Costs")
        assert place_name(place) == place.words


def test_a_place_stands_behind_its_file() -> None:
    assert place_text(source(Place(kind="slide", number=3, label="Costs"))) == "talk.pptx, slide 3: Costs"
    assert place_text(source(Place())) == "talk.pptx"
    long = Place(kind="section", label="A long heading › and another")
    assert short_place(source(long)) == ", A long heading › and an…"


@pytest.mark.usefixtures("japanese")
def test_a_place_is_called_in_japanese_too() -> None:
    assert place_text(source(Place(kind="slide", number=3, label="費用"))) == "talk.pptx、スライド 3: 費用"
    assert place_text(source(Place(kind="sheet", label="価格, A1:D20"))) == "talk.pptx、シート 価格, A1:D20"
    assert place_text(source(Place(kind="message", number=12, label="件名"))) == "talk.pptx、メール 12: 件名"


def test_a_label_shows_what_is_hidden_in_it() -> None:
    assert "\u202e" not in place_name(Place(kind="section", label="a\u202eb"))
