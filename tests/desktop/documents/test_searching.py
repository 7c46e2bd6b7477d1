"""Searching as one types: marked results that stay where they are, by mouse and by keyboard."""

import os
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from desktop.pages.documents.hit_list import HIT, also_words, found_words, place_words
from engine.types import Hit, Passage
from tests.desktop.documents.conftest import Page


def _hits(count: int) -> list[Hit]:
    text = "The deposit is returned within thirty days. " * 6
    return [
        Hit(
            rank=number,
            score=1 / number,
            marks=((4, 11),),
            word_rank=number,
            group=number,
            passage=Passage(
                id=number,
                document_id=number,
                path=Path("/papers/a.pdf"),
                page=number,
                start=0,
                end=len(text),
                text=text,
            ),
        )
        for number in range(1, count + 1)
    ]


def chosen_rows(page: Page) -> list[int]:
    """What the eye sees to be chosen, which Qt tells from where the keyboard is."""
    return [at.row() for at in page.view.results.list.selectionModel().selectedIndexes()]


def test_results_appear_while_one_types_with_the_match_marked(page: Page, folder: Path) -> None:
    page.add(folder)
    page.search("deposit")
    best = page.hits[0]
    assert page.view.results.isVisible()
    assert best.passage.path.name == "Tenancy agreement.pdf"
    assert best.passage.page == 3
    assert best.passage.paged
    assert [best.passage.text[start:end].lower() for start, end in best.marks] == ["deposit"]
    assert found_words(best).startswith("found by words 1st")


def test_japanese_is_found_by_its_characters(page: Page, folder: Path) -> None:
    page.add(folder)
    page.view.field.setText("敷金")
    page.wait(lambda: bool(page.hits) and page.hits[0].passage.path.name == "メモ.txt")
    start, end = page.hits[0].marks[0]
    assert page.hits[0].passage.text[start:end] == "敷金"


def test_a_passage_of_a_markdown_file_is_listed_in_plain_words_and_stays_as_it_is(page: Page, tmp_path: Path) -> None:
    text = "# The lease\n\n* The **deposit** is returned.\n"
    for name in ("lease.md", "lease.txt"):
        (tmp_path / name).write_text(text.replace("lease", name))  # the same text twice would be one result
        page.add(tmp_path / name)
    page.search("deposit")
    rows = page.view.results.list.model()
    said = {
        hit.passage.path.suffix: rows.data(rows.index(row, 0), Qt.ItemDataRole.AccessibleTextRole)
        for row, hit in enumerate(page.hits)
    }
    assert said[".md"].endswith("• The deposit is returned.")
    assert said[".txt"].endswith("* The **deposit** is returned.")
    for hit in page.hits:
        assert "* The **deposit** is returned." in hit.passage.text
        assert [hit.passage.text[start:end] for start, end in hit.marks] == ["deposit"]


def test_an_emptied_field_shows_all_documents_again(page: Page, folder: Path) -> None:
    page.add(folder)
    page.search("deposit")
    page.qtbot.keyClick(page.view.field, Qt.Key.Key_Escape)
    page.wait(lambda: page.view.documents.isVisible())
    assert page.hits == ()


def test_what_is_nowhere_is_said_to_be_nowhere(page: Page, folder: Path) -> None:
    page.add(folder)
    page.search('"zeppelin"')
    assert page.view.results.summary.text() == 'Nothing found for “"zeppelin"”.'


def test_better_results_do_not_move_the_passage_one_has_chosen(page: Page) -> None:
    panel = page.view.results
    page.view.show_tab(page.view.RESULTS)
    hits = _hits(20)
    page.view.show_hits("deposit", hits, complete=False)
    panel.list.setCurrentIndex(panel.model.index(9, 0))
    panel.list.verticalScrollBar().setValue(panel.list.verticalScrollBar().value() + 37)
    before = panel.list.visualRect(panel.list.currentIndex()).top()
    fused = [*hits[12:], *hits[:12]]
    page.view.show_hits("deposit", [replace(hit, rank=rank) for rank, hit in enumerate(fused, 1)], complete=True)
    assert panel.list.currentIndex().row() == 17
    assert panel.list.visualRect(panel.list.currentIndex()).top() == before


def test_from_typing_to_the_open_passage_no_mouse_is_needed(page: Page, folder: Path) -> None:
    page.add(folder)
    page.search("deposit")
    page.qtbot.keyClick(page.view.field, Qt.Key.Key_Down)
    panel = page.view.results
    assert chosen_rows(page) == [0]
    page.qtbot.keyClick(panel.list, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert "The deposit is 1,200 euro." in QGuiApplication.clipboard().text()
    page.qtbot.keyClick(panel.list, Qt.Key.Key_Return)
    assert len(page.viewers) == 1
    window = page.viewers[0].window
    page.wait(lambda: bool(window.picture.boxes))
    page.qtbot.keyClick(window, Qt.Key.Key_Escape)
    page.wait(lambda: not page.viewers)
    page.window.activateWindow()
    page.qtbot.keyClick(panel.list, Qt.Key.Key_Up)
    page.wait(lambda: page.view.field.hasFocus())


def test_the_arrows_walk_the_results_and_the_chosen_one_is_seen(page: Page) -> None:
    page.view.show_tab(page.view.RESULTS)
    page.view.show_hits("deposit", _hits(20), complete=True)
    page.view._whole.setCurrentWidget(page.view._full)
    page.window.activateWindow()
    page.view.results.list.setFocus(Qt.FocusReason.TabFocusReason)
    assert chosen_rows(page) == [0]
    for _ in range(2):
        page.qtbot.keyClick(page.view.results.list, Qt.Key.Key_Down)
    assert chosen_rows(page) == [2]
    page.qtbot.keyClick(page.view.results.list, Qt.Key.Key_Up)
    assert chosen_rows(page) == [1]


def test_a_result_offers_what_can_be_done_with_it(page: Page, folder: Path, opened_urls: list[str]) -> None:
    page.add(folder)
    page.search("deposit")
    menu = page.view.results.menu_for(page.hits[0])
    actions = {action.text(): action for action in menu.actions() if action.text()}
    assert list(actions) == ["Open at passage", "Open in its own program", "Show in folder", "Copy passage"]
    actions["Open in its own program"].trigger()
    actions["Show in folder"].trigger()
    assert opened_urls == [f"file://{folder}/Tenancy agreement.pdf", f"file://{folder}"]
    menu.deleteLater()


def test_a_killed_embedder_leaves_the_words(page: Page, folder: Path) -> None:
    page.add(folder)
    page.search("deposit")
    for embedder in page.engine.documents._embedders._embedders.values():
        embedder._kept._process.end()
    page.search("boiler")
    assert page.hits[0].passage.path.name == "heating.html"
    assert page.window.isVisible()


def test_a_result_says_how_it_was_found_and_who_put_it_where_it_is() -> None:
    (hit,) = _hits(1)
    assert found_words(hit) == "found by words 1st"
    assert found_words(replace(hit, meaning_rank=3)) == "found by words 1st, by meaning 3rd"
    assert found_words(replace(hit, word_rank=None, meaning_rank=2)) == "found by meaning 2nd"
    assert found_words(replace(hit, reordered_rank=4)) == "found by words 1st · put 4th by the reordering model"
    assert found_words(replace(hit, word_rank=None)) == ""


def test_places_in_a_ranking_read_as_people_say_them() -> None:
    assert [place_words(number) for number in (1, 2, 3, 4, 11, 12, 13, 21, 112)] == [
        "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "112th",
    ]  # fmt: skip


def test_a_date_that_is_none_is_said_quietly_and_forgotten_with_the_next_key(page: Page, folder: Path) -> None:
    page.add(folder)
    page.search("deposit before:20x")
    assert page.view.results.summary.text().startswith("before: cannot be “20x”: write a year, a month or a day")
    assert page.hits == ()
    page.search("deposit type:pdf")
    assert [hit.passage.path.name for hit in page.hits] == ["Tenancy agreement.pdf"]


def test_what_was_searched_as_well_is_said_above_the_results(page: Page, folder: Path) -> None:
    page.add(folder)
    page.search("depositt")
    assert page.hits[0].passage.path.name == "Tenancy agreement.pdf"
    assert "Also searched: deposit" in page.view.results.summary.text()


def test_a_document_shows_its_best_result_and_the_others_on_request_by_keyboard_alone(page: Page) -> None:
    hits = [replace(hit, group=1 if hit.rank != 2 else 2) for hit in _hits(5)]
    hits = [replace(hit, passage=replace(hit.passage, document_id=hit.group)) for hit in hits]
    panel = page.view.results
    page.view.show_tab(page.view.RESULTS)
    page.view._whole.setCurrentWidget(page.view._full)
    page.view.show_hits("deposit", hits, complete=False)

    def listed() -> list[object]:
        rows = [panel.model.index(row, 0) for row in range(panel.model.rowCount())]
        return [at.data(HIT).rank if at.data(HIT) else at.data() for at in rows]

    assert listed() == [1, "3 more in this document", 2]
    page.window.activateWindow()
    panel.list.setFocus(Qt.FocusReason.TabFocusReason)
    page.qtbot.keyClick(panel.list, Qt.Key.Key_Down)
    page.qtbot.keyClick(panel.list, Qt.Key.Key_Return)
    shown = [1, "Show only the best in this document", 3, 4, 5, 2]
    assert listed() == shown
    assert chosen_rows(page) == [1]
    page.view.show_hits("deposit", hits, complete=True)
    assert listed() == shown  # better results hide nothing again
    panel.list.setCurrentIndex(panel.model.index(1, 0))
    page.qtbot.keyClick(panel.list, Qt.Key.Key_Left)
    assert listed() == [1, "3 more in this document", 2]
    page.qtbot.keyClick(panel.list, Qt.Key.Key_Right)
    assert listed() == shown
    page.view.show_hits("deposits", hits, complete=True)
    assert listed() == [1, "3 more in this document", 2]


def test_a_chosen_passage_that_is_no_longer_its_documents_best_stays_in_sight(page: Page) -> None:
    hits = [replace(hit, group=1, passage=replace(hit.passage, document_id=1)) for hit in _hits(3)]
    panel = page.view.results
    page.view.show_hits("deposit", hits, complete=False)
    panel.list.setCurrentIndex(panel.model.index(0, 0))
    page.view.show_hits("deposit", [hits[1], hits[0], hits[2]], complete=True)
    assert panel.list.currentIndex().data(HIT).passage.id == 1


def test_a_click_shows_the_others_and_opens_nothing(page: Page) -> None:
    hits = [replace(hit, group=1, passage=replace(hit.passage, document_id=1)) for hit in _hits(3)]
    panel = page.view.results
    page.view.show_tab(page.view.RESULTS)
    page.view._whole.setCurrentWidget(page.view._full)
    page.view.show_hits("deposit", hits, complete=True)
    where = panel.list.visualRect(panel.model.index(1, 0)).center()
    page.qtbot.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert panel.model.rowCount() == 4
    panel.list.opened.emit(panel.model.index(1, 0))
    assert page.viewers == []


def test_the_newest_come_first_on_request_and_copies_are_told(page: Page, tmp_path: Path) -> None:
    for name, text, moment in (("a", "a plum tree", 1), ("b", "A plum tree.", 2), ("c", "plum " * 5, 3)):
        (tmp_path / f"{name}.txt").write_text(text)
        os.utime(tmp_path / f"{name}.txt", (moment, moment))
        page.add(tmp_path / f"{name}.txt")
    page.search("plum")
    order = page.view.results.order
    order.setCurrentIndex(1)
    order.activated.emit(1)
    page.wait(lambda: [hit.passage.path.stem for hit in page.hits] == ["c", "b"])
    assert also_words(page.hits[1]) == "also in a.txt"
    page.wait(lambda: not page.jobs.busy)
