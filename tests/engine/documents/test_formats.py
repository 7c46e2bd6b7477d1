"""Each format of the table: what is read of it, where its passages stand, and that every span is the text it names."""

import io
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.documents import Documents
from engine.formats import FORMATS, kind_of
from engine.types import Hit, IndexReport
from tests.engine.documents.office import cells, epub, odf, packed, pptx, shape, xlsx

Add = Callable[..., IndexReport]
Search = Callable[[str], tuple[Hit, ...]]
EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "documents"


@pytest.fixture
def found(folder: Path, add: Add, search: Search, documents: Documents) -> Callable[..., tuple[str, str]]:
    """Reads a file and finds one passage in it: the place, and the passage, which is the text at its span."""

    def find(name: str, raw: bytes, query: str) -> tuple[str, str]:
        if not documents.all():
            (folder / name).write_bytes(raw)
            report = add(folder / name)
            assert (report.read, report.failed) == (1, ())
        (hit,) = search(query)
        page = documents.page(hit.passage.document_id, hit.passage.page)
        assert page.text[hit.passage.start : hit.passage.end] == hit.passage.text
        return hit.passage.place.words, hit.passage.text

    return find


Found = Callable[..., tuple[str, str]]


def text_of(documents: Documents, number: int = 1) -> str:
    return documents.page(documents.all()[0].id, number).text


# --- slides ------------------------------------------------------------------------------------------------


TABLE = (
    "<p:graphicFrame><a:tbl><a:tr><a:tc><a:p><a:r><a:t>left</a:t></a:r></a:p></a:tc><a:tc><a:p><a:r><a:t>right</a:t>"
    "</a:r></a:p></a:tc></a:tr></a:tbl></p:graphicFrame>"
)
SLIDES = [
    shape("開会", "ctrTitle") + shape("12", "sldNum"),
    shape("Costs", "title") + shape("Heating\n暖房の費用") + TABLE
    + f"<mc:AlternateContent><mc:Fallback>{shape('twice')}</mc:Fallback></mc:AlternateContent>",
]  # fmt: skip


def test_slides_are_read_in_their_order_with_their_notes(found: Found, documents: Documents) -> None:
    raw = pptx(SLIDES, {2: "Say that the needle is dear."})
    assert found("talk.pptx", raw, "needle")[0] == "slide 2: Costs"
    assert found("talk.pptx", raw, "開会") == ("slide 1: 開会", "開会")
    assert text_of(documents, 2) == "Costs\n\nHeating\n暖房の費用\n\nleft\tright\n\nSay that the needle is dear."


def test_slides_of_opendocument_are_read_with_their_notes(found: Found, documents: Documents) -> None:
    page = (
        '<draw:page><draw:frame presentation:class="title"><draw:text-box><text:p>費用</text:p></draw:text-box>'
        "</draw:frame>"
        "<draw:frame><draw:text-box><text:list><text:list-item><text:p>heating</text:p></text:list-item></text:list>"
        "</draw:text-box></draw:frame><presentation:notes><draw:frame><draw:text-box><text:p>the needle</text:p>"
        "</draw:text-box></draw:frame></presentation:notes></draw:page>"
    )
    raw = odf("presentation", f"<draw:page/>{page}")
    assert found("talk.odp", raw, "needle")[0] == "slide 2: 費用"
    assert text_of(documents, 2) == "費用\n\n• heating\n\nthe needle"


# --- tables ------------------------------------------------------------------------------------------------


def test_a_sheet_is_read_row_by_row_and_a_passage_knows_its_cells(found: Found, documents: Documents) -> None:
    rows = [cells(3, {"B": "品名", "C": "Price"})] + [cells(n, {"B": f"梅{n}", "C": n * 100.0}) for n in range(5, 60)]
    raw = xlsx({"価格": "".join(rows), "Empty": "", "Other": cells(1, {"A": "the needle", "B": 0.25})})
    assert found("prices.xlsx", raw, "品名")[0] == "sheet 価格, B3:C23"
    assert found("prices.xlsx", raw, '"梅59"')[0] == "sheet 価格, B44:C59"
    assert found("prices.xlsx", raw, "needle") == ("sheet Other, A1:B1", "the needle\t0.25")
    assert text_of(documents).startswith("品名\tPrice\n梅5\t500\n")


def test_an_old_excel_file_and_an_opendocument_sheet_are_read_too(folder: Path, add: Add, search: Search) -> None:
    shutil.copy(EXAMPLES / "prices.xls", folder)
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    rows = f"<table:table-row>{cell.format('thimble')}{cell.format('梅')}</table:table-row>"
    (folder / "a.ods").write_bytes(odf("spreadsheet", f'<table:table table:name="価格">{rows}</table:table>'))
    assert add(folder).failed == ()
    assert [hit.passage.place.words for hit in search("needle")] == ["sheet 価格, A1:B2"]
    assert [hit.passage.place.words for hit in search("thimble")] == ["sheet 価格, A1:B1"]


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("a.csv", '品名,Price,Note\n梅,300,"the needle,\nand more"\n'.encode("cp932")),
        ("b.csv", "品名;Price;Note\n梅;3,5;the needle, and more\n".encode("utf-8-sig")),
        ("c.tsv", "品名\tPrice\tNote\n梅\t300\tthe needle, and more\n".encode("utf-16")),
    ],
)
def test_rows_of_values_are_read_whatever_sets_them_apart(
    found: Found, documents: Documents, name: str, raw: bytes
) -> None:
    place, passage = found(name, raw, "needle")
    assert place == "cells A1:C2"
    assert passage.startswith("品名\tPrice\tNote\n梅\t3")
    assert passage.endswith("\tthe needle, and more")


# --- texts -------------------------------------------------------------------------------------------------


def test_an_opendocument_text_is_read_in_order_with_its_headings(found: Found, documents: Documents) -> None:
    inner = "<text:note-citation>1</text:note-citation><text:note-body><text:p>a note</text:p></text:note-body>"
    note = f"<text:note>{inner}</text:note>"
    body = (
        "<text:tracked-changes><text:p>deleted</text:p></text:tracked-changes>"
        '<text:h text:outline-level="1">The house</text:h><text:p>One<text:span> two</text:span>'
        f'<text:s text:c="2"/>three{note}.</text:p>'
        "\n<text:h text:outline-level=\"2\">暖房</text:h><text:p>the needle<text:tab/>here</text:p>"
        "<table:table><table:table-row><table:table-cell><text:p>left</text:p></table:table-cell>"
        "<table:table-cell><text:p>right</text:p></table:table-cell></table:table-row></table:table>"
    )  # fmt: skip
    assert found("a.odt", odf("text", body), "needle")[0] == "The house › 暖房"
    expected = "The house\n\nOne two  three.\n\n暖房\n\nthe needle\there\n\nleft\tright\n\na note"
    assert text_of(documents) == expected


CHAPTERS = {
    "b.xhtml": "<h1>はじめに</h1><p>梅の話。</p>",
    "a.xhtml": "<p>the pin</p><h2>Inner</h2><p>the needle</p>",
    "cover.xhtml": "<img src='x.png'/>",
    "c.xhtml": "<p>the thimble</p>",
}
POINT = "<navPoint><navLabel><text>{}</text></navLabel><content src='text/{}'/></navPoint>"


def test_a_book_is_read_in_the_order_of_its_spine_and_names_its_chapters(found: Found, documents: Documents) -> None:
    raw = epub(CHAPTERS, POINT.format("Second", "a.xhtml#top") + POINT.format("Third", "c.xhtml"))
    assert found("a.epub", raw, "梅")[0] == "chapter 1: はじめに"
    assert found("a.epub", raw, "pin")[0] == "chapter 2: Second"
    assert found("a.epub", raw, "needle")[0] == "chapter 2: Inner"
    assert found("a.epub", raw, "thimble")[0] == "chapter 3: Third"
    assert documents.all()[0].pages == 3


def test_rich_text_is_read_with_its_japanese(found: Found) -> None:
    escaped = rb"{\rtf1\ansi\ansicpg932{\fonttbl{\f0 Arial;}}\f0 the needle\par \'94\'7e\par " + "離れ".encode("cp932")
    assert found("a.rtf", escaped + rb"\par \u26757?}", "needle")[1] == "the needle\n梅\n離れ\n梅"


def test_signs_beyond_the_first_plane_are_read_in_rich_text(found: Found) -> None:
    assert found("a.rtf", rb"{\rtf1 the needle \u-10179?\u-8640? here}", "needle")[1] == "the needle 🙀 here"


def test_a_chapter_that_a_book_names_again_and_again_is_read_once(found: Found, documents: Documents) -> None:
    raw = epub({"a": "<p>the needle</p>", "b": "<p>the pin</p>"})
    entries = b'<itemref idref="a"/><itemref idref="b"/>'
    with zipfile.ZipFile(io.BytesIO(raw)) as book:
        members = {name: book.read(name).replace(entries, entries * 9) for name in book.namelist()}
    assert found("a.epub", packed(members), "needle")[0] == "chapter 1"
    assert documents.all()[0].pages == 2


# --- notebooks, code and other text --------------------------------------------------------------------------


def test_a_notebook_is_read_cell_by_cell_with_what_came_of_them(found: Found, documents: Documents) -> None:
    outputs = [{"output_type": "stream", "text": ["the needle\n"]}, {"data": {"text/plain": "42", "image/png": "AAAA"}}]
    notebook = {
        "cells": [
            {"cell_type": "markdown", "source": ["# 梅\n", "text"]},
            {"cell_type": "code", "source": "", "outputs": []},
            {"cell_type": "code", "source": "print('x')", "outputs": outputs},
        ]
    }
    assert found("a.ipynb", json.dumps(notebook).encode(), "needle")[0] == "cell 3"
    assert text_of(documents) == "# 梅\ntext\n\nprint('x')\n\nthe needle\n\n42"


@pytest.mark.parametrize("name", ["a.py", "Makefile", "b.TOML", "README", "c.json", "d.log", "e.tex", "f.h"])
def test_code_and_other_text_is_known_by_its_name(found: Found, name: str) -> None:
    assert found(name, "# 離れ\nneedle = 1\n".encode("euc_jp"), "needle") == ("", "# 離れ\nneedle = 1")


def test_text_with_escapes_is_read_as_japanese(found: Found) -> None:
    assert found("a.txt", "離れの手引き①\nthe needle".encode("iso2022_jp_2004"), "needle")[1].startswith(
        "離れの手引き①"
    )


def test_text_of_windows_is_read_with_its_quotes_and_dashes(found: Found) -> None:
    text = "The “needle” – and the café’s – costs 5 €…"
    assert found("a.txt", text.encode("cp1252"), "needle")[1] == text


def test_a_page_that_says_latin_1_means_windows(found: Found) -> None:
    raw = '<meta charset="iso-8859-1"><p>The “needle” costs 5 €'.encode("cp1252")
    assert found("a.html", raw, "needle")[1] == "The “needle” costs 5 €"


def test_what_is_no_character_is_kept_as_a_space(found: Found) -> None:
    assert found("a.txt", "the needle\ufdd0here\U0001ffffit is".encode(), "needle")[1] == "the needle here it is"


def test_no_two_formats_claim_a_name() -> None:
    endings = [ending for known in FORMATS.values() for ending in (*known.endings, *known.names)]
    assert len(endings) == len(set(endings))
    assert all(kind_of(Path(f"a{known.endings[0]}")) == kind for kind, known in FORMATS.items())
    assert kind_of(Path("a.tar.gz")) == kind_of(Path("B.TAR")) == "tar"
    assert kind_of(Path("a.gz")) is None


def test_a_zip_archive_is_no_office_file(folder: Path, add: Add) -> None:
    for name in ("a.pptx", "a.xlsx", "a.odt", "a.odp", "a.epub", "a.docx"):
        (folder / name).write_bytes(packed({"a.txt": "text"}))
    report = add(folder)
    assert report.read == 0
    assert {one.reason_code for one in report.failed} == {"DocumentDamaged"}
    assert len(report.failed) == 6


# --- what does harm ------------------------------------------------------------------------------------------

FAR = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
LOCKED_BOOK = {
    "META-INF/encryption.xml": '<encryption><EncryptedData><EncryptionMethod Algorithm="http://ns.adobe.com/adept/x"/>'
    "</EncryptedData></encryption>"
}


def astray() -> bytes:
    """A book whose directory says that it begins further on than it does."""
    raw = bytearray(epub(CHAPTERS))
    end = raw.rindex(b"PK\x05\x06") + 16
    raw[end : end + 4] = (int.from_bytes(raw[end : end + 4], "little") + 9000).to_bytes(4, "little")
    return bytes(raw)


HARM: list[tuple[str, Callable[[], bytes], str, str]] = [
    ("far.xlsx", lambda: xlsx({"a": cells(1, {"A": "x"}) + FAR}), "DocumentTooLarge", "1,048,576 rows"),
    ("further.xlsx", lambda: xlsx({"a": FAR.replace("XFD1048576", "ZZZZ4294967295")}), "DocumentTooLarge", "columns"),
    ("bomb.xlsx", lambda: xlsx({"a": " " * 70_000_000}), "DocumentTooLarge", "would unpack to"),
    ("cut.xlsx", lambda: xlsx({"a": cells(1, {"A": "x"})})[:300], "DocumentDamaged", "broken"),
    ("words.xlsx", lambda: b"just words", "DocumentDamaged", "does not begin like one"),
    ("old.xls", lambda: bytes.fromhex("d0cf11e0a1b11ae1") + bytes(999), "DocumentDamaged", "broken"),
    ("entities.pptx", lambda: packed({"ppt/presentation.xml": '<!DOCTYPE a [<!ENTITY b "c">]><a/>'}), "DocumentDamaged",
     "declares entities"),
    ("cut.pptx", lambda: pptx(["<p:sp"]), "DocumentDamaged", "its text is broken"),
    ("locked.odt", lambda: odf("text", "", "<manifest:encryption-data/>"), "DocumentDamaged", "password"),
    ("deep.odt", lambda: odf("text", "<text:section>" * 5000), "DocumentDamaged", "broken"),
    ("locked.epub", lambda: epub(CHAPTERS, more=LOCKED_BOOK), "DocumentDamaged", "DRM"),
    ("astray.epub", astray, "DocumentDamaged", "archive is broken"),
    ("none.epub", lambda: packed({"META-INF/container.xml": "<a/>"}), "DocumentDamaged", "without a book"),
    ("words.rtf", lambda: b"just words", "DocumentDamaged", "does not begin like one"),
    ("a skip of nothing.rtf", lambda: b"{\\rtf1 \\uc x}", "DocumentDamaged", "broken"),
    ("list.ipynb", lambda: b"[1, 2]", "DocumentDamaged", "broken"),
    ("deep.ipynb", lambda: b"[" * 100_000, "DocumentDamaged", "nested too deeply"),
    ("program.py", lambda: b"\x7fELF" + bytes(99), "DocumentDamaged", "a program"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "make", "code", "why"), HARM, ids=[row[0] for row in HARM])
def test_a_file_that_does_harm_is_refused_with_its_reason(
    folder: Path, add: Add, name: str, make: Callable[[], bytes], code: str, why: str
) -> None:
    (folder / name).write_bytes(make())
    (failed,) = add(folder / name).failed
    assert failed.reason_code == code
    assert why in failed.reason
