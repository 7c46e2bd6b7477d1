"""What part of a passage is shown, and where its marks fall; text from files stays plain text."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QLabel

from desktop.pages.documents.document_list import facts_words, reason_words
from desktop.widgets.file_actions import is_local
from desktop.widgets.markdown_marks import without_marks
from desktop.widgets.passage_text import PARAGRAPH, PassageLayout, Snippet, qt_offset, snippet
from engine.errors import DocumentDamaged
from engine.types import Document, DocumentState
from tests.desktop.documents.conftest import Page


def _marked(shown: Snippet) -> list[str]:
    return [shown.text[start:end] for start, end in shown.marks]


def test_a_snippet_stands_around_its_first_mark_and_ends_with_whole_words() -> None:
    text = "nothing of note here. " * 40 + "the deposit comes back " + "and more of the same. " * 40
    start = text.index("deposit")
    shown = snippet(text, [(start, start + 7)])
    assert _marked(shown) == ["deposit"]
    assert shown.text.startswith("… ")
    assert shown.text.endswith(" …")
    assert not shown.text.removesuffix(" …").endswith(" ")
    assert set(shown.text.strip("… ").split()) <= set(text.split())


def test_line_ends_and_runs_of_spaces_become_one_space_and_marks_move_along() -> None:
    shown = snippet("the\n  deposit \t is\nback \n", [(6, 13)])
    assert shown.text == "the deposit is back"
    assert _marked(shown) == ["deposit"]


def test_a_blank_line_leaves_a_wider_space_so_that_a_heading_does_not_run_into_its_text() -> None:
    shown = snippet("The deposit\n \n It is returned.", [(4, 11), (15, 17)])
    assert shown.text == f"The deposit{PARAGRAPH}It is returned."
    assert _marked(shown) == ["deposit", "It"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("# The deposit\n\nIt is **returned** in *full*.", "The deposit\n\nIt is returned in full."),
        ("### 敷金\n**返還**されます", "敷金\n返還されます"),
        ("* one\n- two\n  + three", "• one\n• two\n  • three"),
        ("> quoted\n> > twice", "quoted\ntwice"),
        ('see [the lease](https://example.org/a "title") and ![a plan](plan.png)', "see the lease and a plan"),
        ("run `a * b * c` and ``x ` y``", "run a * b * c and x ` y"),
        ("```python\nprint(**kw)\n```\nafter", "\nprint(**kw)\n\nafter"),
        ("a table\n|---|:--:|\n---\nend", "a table\n\n\nend"),
        ("~~gone~~ ***both*** __strong__ _em_", "gone both strong em"),
        ("2 * 3 * 4 and snake_case_name, C# and #5", "2 * 3 * 4 and snake_case_name, C# and #5"),
        ("cut **in the middle", "cut **in the middle"),
        ("", ""),
    ],
)
def test_the_signs_of_markdown_are_not_shown_and_what_only_looks_like_them_stays(text: str, words: str) -> None:
    assert without_marks(text)[0] == words


def test_what_is_marked_is_marked_in_the_words_that_are_left() -> None:
    text = "## The **deposit**\n* is [returned](x.html) in `full`"
    wanted = ["deposit", "returned", "full"]
    words, marks = without_marks(text, [(text.index(word), text.index(word) + len(word)) for word in wanted])
    assert words == "The deposit\n• is returned in full"
    assert [words[start:stop] for start, stop in marks] == wanted
    assert without_marks("# a", [(0, 1), (0, 3)]) == ("a", ((0, 1),))


def test_signs_without_end_are_taken_out_at_once() -> None:
    for text in ("`" * 2000, "*" * 2000, "[" * 2000, "- " * 1000, "_a" * 1000, "|--" * 700, "> " * 1000, "*a " * 700):
        assert len(without_marks(text)[0]) <= len(text)


def test_a_japanese_snippet_starts_after_a_full_stop() -> None:
    text = "これは長い前置きです。" * 20 + "敷金は返還されます。" + "続きがあります。" * 60
    start = text.index("敷金")
    shown = snippet(text, [(start, start + 2)])
    assert _marked(shown) == ["敷金"]
    assert shown.text.removeprefix("… ").startswith("これは")


def test_offsets_count_as_qt_does_where_characters_take_two_units() -> None:
    text = "🏠𠮷 deposit"
    assert qt_offset(text, text.index("deposit")) == 5


def test_a_long_passage_is_cut_to_its_lines(qapp: object) -> None:
    font = QFont()
    one = PassageLayout(Snippet("word", ()), font, 300, 3)
    many = PassageLayout(Snippet("word 🏠 " * 200, ((0, 4), (900, 904))), font, 300, 3)
    assert 2.5 * one.height < many.height < 3.5 * one.height


def test_a_reason_is_said_with_the_files_name_for_its_path() -> None:
    path = Path("/somewhere/deep/scan.pdf")
    error = DocumentDamaged(path=str(path), kind="pdf", why="it is a ZIP archive")
    document = Document(
        id=1, path=path, kind="pdf", state=DocumentState.FAILED, size_bytes=1, pages=0, passages=0, read_at="",
        reason_code=error.code, reason=str(error),
    )  # fmt: skip
    assert reason_words(document) == "scan.pdf could not be read as pdf: it is a ZIP archive."


def test_shares_and_devices_are_no_files_of_this_computer() -> None:
    for words in ("//host/share/x.pdf", r"\\host\share\x.pdf", r"\\?\C:\x.pdf", r"\\.\pipe\x", "x.pdf"):
        assert not is_local(Path(words)), words
    assert is_local(Path("/home/me/x.pdf"))


def test_a_name_with_markup_in_it_is_shown_as_it_is_written(page: Page, tmp_path: Path) -> None:
    odd = tmp_path / "<img src='x'> <b>deposit<b>.txt"
    odd.write_text("<img src='//evil.example/x.png'> The deposit & <b>more</b>.")
    page.add(odd)
    page.view.field.setText("deposit")
    page.view.ask.click()
    page.wait(lambda: bool(page.view.answer.cards))
    assert "<img src='//evil.example/x.png'>" in page.view.answer.cards[0].words.text()
    page.view.answer.cards[0].open.click()
    for label in [*page.window.findChildren(QLabel), *page.viewers[0].window.findChildren(QLabel)]:
        if "<" in label.text():
            assert label.textFormat() == Qt.TextFormat.PlainText


def test_a_document_that_was_read_in_part_says_what_is_missing() -> None:
    path = Path("/papers/all.zip")
    reason = str(DocumentDamaged(path=f"{path} › a.pdf", kind="PDF", why="it is broken"))
    document = Document(
        id=1, path=path, kind="zip", state=DocumentState.READ, size_bytes=1, pages=1, passages=2, read_at="",
        reason=reason,
    )  # fmt: skip
    assert facts_words(document).endswith("2 passages · all.zip › a.pdf could not be read as PDF: it is broken.")
