"""Where in a document a passage stands: its page, or the headings above it, in the document's own words."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.documents import Documents
from engine.formats import PlaceKind
from engine.types import PLACE_WORDS, Hit, IndexReport, Passage, Place
from engine.wire import REPORTS, PageRead, WireError, line, message
from tests.engine.documents.paper import paragraph, write_docx, write_pdf

Add = Callable[..., IndexReport]
Search = Callable[[str], tuple[Hit, ...]]
HEADED = '<w:pPr><w:pStyle w:val="{}"/></w:pPr>'
LONG = "Nothing of it matters here. " * 30


def places(hits: tuple[Hit, ...]) -> list[str]:
    return [hit.passage.place.words for hit in hits]


def test_a_page_of_a_pdf_is_its_place(folder: Path, add: Add, search: Search) -> None:
    write_pdf(folder / "a.pdf", [["first"], ["the needle"]])
    add(folder)
    assert places(search("needle")) == ["page 2"]


def test_what_was_kept_before_places_were_is_placed_by_its_page() -> None:
    old = Passage(id=1, document_id=1, path=Path("a.pdf"), page=4, start=0, end=1, text="x", paged=True)
    assert old.place == Place(kind="page", number=4)


MARKDOWN = f"""# Rent of the *house*

{LONG}

```
# no heading of ours
```

Deposit and [fees](x.html)
---

the needle {LONG}

### Keys ###

the pin {LONG}

# 鍵の返し方

{"鍵を返します。" * 60}

the thimble
"""


def test_a_passage_of_markdown_knows_the_headings_above_it(folder: Path, add: Add, search: Search) -> None:
    (folder / "a.md").write_text(MARKDOWN)
    add(folder)
    assert places(search("needle")) == ["Rent of the house › Deposit and fees"]
    assert places(search("pin")) == ["Rent of the house › Deposit and fees › Keys"]
    assert places(search("thimble")) == ["鍵の返し方"]


def test_a_passage_of_html_knows_the_headings_above_it(folder: Path, add: Add, search: Search) -> None:
    html = (
        f"<title>House</title><h1> The <b>house</b></h1><p>{LONG}<h2></h2><h2>Heating</h2><p>the needle {LONG}"
        f"<h1>鍵</h1><p>the pin {LONG}"
    )
    (folder / "a.html").write_text(html)
    add(folder)
    assert places(search("needle")) == ["The house › Heating"]
    assert places(search("pin")) == ["鍵"]


def test_a_passage_of_a_word_file_knows_the_headings_above_it_whatever_their_styles_are_called(
    folder: Path, add: Add, search: Search
) -> None:
    styles = (
        '<w:style w:styleId="berschrift1"><w:name w:val="heading 1"/></w:style>'
        '<w:style w:styleId="2"><w:name w:val="Heading 2"/></w:style><w:style w:styleId="Normal"/>'
    )
    body = (
        paragraph("The house", HEADED.format("berschrift1")) + paragraph(LONG)
        + paragraph("Heating", HEADED.format("2")) + paragraph("the needle " + LONG)
        + paragraph("鍵", '<w:pPr><w:outlineLvl w:val="0"/></w:pPr>') + paragraph("the pin " + LONG)
    )  # fmt: skip
    write_docx(folder / "a.docx", body, styles=styles)
    add(folder)
    assert places(search("needle")) == ["The house › Heating"]
    assert places(search("pin")) == ["鍵"]


def test_headings_are_known_in_every_part_of_a_long_text(
    folder: Path, add: Add, search: Search, documents: Documents
) -> None:
    text = "# Head\n\n" + "".join(f"## Part {number}\n\n{LONG * 6}\n\nword{number}\n\n" for number in range(40))
    (folder / "a.md").write_text(text)
    add(folder)
    assert documents.all()[0].pages > 3
    for number in range(0, 40, 7):
        (hit,) = search(f"word{number}")
        assert hit.passage.place.label == f"Head › Part {number}"
        page = documents.page(hit.passage.document_id, hit.passage.page)
        assert page.text[hit.passage.start : hit.passage.end] == hit.passage.text
        assert page.place.kind == "section"


def test_headings_with_nothing_between_them_begin_one_place(
    folder: Path, add: Add, search: Search, documents: Documents
) -> None:
    (folder / "a.md").write_text("before\n\n# One\n\n## Two\n\nthe needle\n\n## Three\n\nthe pin\n")
    add(folder)
    assert documents.counts().passages == 3
    (hit,) = search("needle")
    assert (hit.passage.text, hit.passage.place.words) == ("# One\n\n## Two\n\nthe needle", "One › Two")
    assert search("before")[0].passage.place == Place()


def test_every_kind_of_place_has_words() -> None:
    assert set(PLACE_WORDS) == set(PlaceKind)


NO_PLACES = [(9, "page", 1, ""), (0, "moon", 1, ""), (0, "page", -1, ""), (0, "page", 1, "\ud800")]


@pytest.mark.parametrize("place", NO_PLACES)
def test_a_place_that_is_none_is_not_taken_from_a_reader(place: tuple[int, str, int, str]) -> None:
    good = line(PageRead(number=1, text="word", places=((0, "page", 1, ""),)))
    bad = good.replace(b'[0,"page",1,""]', json.dumps(place).encode())
    assert bad != good
    message(good, REPORTS)
    with pytest.raises(WireError):
        message(bad, REPORTS)
