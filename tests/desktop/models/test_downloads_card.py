"""The queue of downloads on the Models page: fetched, paused, resumed, given up, put in order, by keys alone too."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop.pages.models.download import DownloadWish
from desktop.pages.models.download_row import DownloadRow, note_words, state_words
from desktop.pages.models.downloads_card import together_words
from desktop.pages.models.token_dialog import TokenDialog
from engine.errors import HubUnreachable, NoRoomForDownload
from engine.types import Download, DownloadNote, DownloadState, ModelOrigin
from tests.desktop.models.conftest import Page
from tests.fakes.gguf_bytes import Row, model_bytes, weighed

LARGE = weighed(model_bytes(rows=[Row("token_embd.weight", (1024, 5 * 1024))]))  # 20 MiB
REPOSITORY = "someone/model"


def wish(page: Page, file: str = "model.gguf", token: str = "") -> None:
    """As the dialog does."""
    page.view.download_requested.emit(DownloadWish(REPOSITORY, file, token))


def rows(page: Page) -> list[DownloadRow]:
    """What the card shows."""
    return list(page.view.downloads.rows.values())


def under_way(page: Page, file: str = "model.gguf") -> DownloadRow:
    """A download of which some has arrived and nothing more comes."""
    page.hub.put(REPOSITORY, file, LARGE)
    page.hub.stall_after = 6 << 20
    wish(page, file)
    page.wait(lambda: bool(rows(page)) and rows(page)[-1].bar.value() > 100)
    return rows(page)[-1]


def go_on(page: Page) -> None:
    """The hub sends again."""
    page.hub.stall_after = None
    page.hub.go_on.set()


def when_asked(act: Callable[[], None]) -> None:
    """Answer the question that is going to stand there."""

    def answer() -> None:
        if QApplication.activeModalWidget() is None:
            QTimer.singleShot(20, answer)
        else:
            act()

    QTimer.singleShot(0, answer)


def test_a_model_is_downloaded_with_progress_and_listed(page: Page) -> None:
    page.hub.put(REPOSITORY, "deep/model-Q8_0.gguf", LARGE)
    shown: list[str] = []
    page.jobs.moved.connect(lambda job, event: shown.append(job.title))
    wish(page, "deep/model-Q8_0.gguf")
    page.wait(lambda: bool(rows(page)))
    assert rows(page)[0].title.words == "deep/model-Q8_0.gguf"
    page.wait(lambda: page.names == ["model-Q8_0"])
    assert set(shown) == {"Downloading deep/model-Q8_0.gguf"}
    page.wait(lambda: not page.view.downloads.isVisible())
    assert page.listed[0].origin is ModelOrigin.HUB
    assert "model-Q8_0 is here." in page.notices.shown


def test_one_is_paused_and_resumed_by_its_button(page: Page) -> None:
    row = under_way(page)
    assert row.go.text() == "Pause"
    row.go.click()
    page.wait(lambda: row.go.text() == "Resume" and not page.jobs.busy)
    assert row.detail.text().startswith("Paused · ")
    assert page.notices.shown == ()
    assert page.view.downloads.isVisible()
    go_on(page)
    row.go.click()
    page.wait(lambda: page.names == ["model"])
    assert page.listed[0].path.read_bytes() == LARGE


def test_stop_in_the_status_bar_pauses_all(page: Page) -> None:
    under_way(page)
    for job in list(page.jobs._running):
        job.stop()
    page.wait(lambda: not page.jobs.busy)
    assert [row.go.text() for row in rows(page)] == ["Resume"]


def test_after_a_restart_it_waits_until_the_person_says_so(page: Page) -> None:
    page.engine.downloads.add(REPOSITORY, "model.gguf")
    page.engine.downloads.reload()
    page.jobs.changed.emit("downloads")
    assert [row.go.text() for row in rows(page)] == ["Resume"]
    assert not page.jobs.busy
    assert page.hub.requests == []


def test_giving_one_up_is_asked_and_leaves_nothing(page: Page) -> None:
    row = under_way(page)
    when_asked(lambda: QApplication.activeModalWidget().no.click())
    row.cancel.click()
    assert rows(page) == [row]
    when_asked(lambda: QApplication.activeModalWidget().yes.click())
    row.cancel.click()
    page.wait(lambda: not rows(page) and not page.jobs.busy)
    assert list(page.engine.places.models.iterdir()) == []
    assert page.notices.shown == ()


def test_the_order_is_changed_by_buttons_and_all_are_paused_and_resumed_at_once(page: Page) -> None:
    for name in "abc":
        page.engine.downloads.add(REPOSITORY, f"{name}.gguf")
    page.engine.downloads.reload()
    page.jobs.changed.emit("downloads")
    card = page.view.downloads
    assert [row.up.isEnabled() for row in rows(page)] == [False, True, True]
    assert [row.down.isEnabled() for row in rows(page)] == [True, True, False]
    rows(page)[2].up.click()
    assert [row.title.words for row in rows(page)] == ["a.gguf", "c.gguf", "b.gguf"]
    assert card.all.text() == "Resume all"
    for name in "abc":
        page.hub.put(REPOSITORY, f"{name}.gguf", LARGE)
    page.hub.stall_after = 1 << 20
    card.all.click()
    page.wait(lambda: card.all.text() == "Pause all")
    card.all.click()
    page.wait(lambda: card.all.text() == "Resume all" and not page.jobs.busy)


def test_a_row_is_worked_by_the_keyboard_alone(page: Page) -> None:
    row = under_way(page)
    page.window.activateWindow()
    row.go.setFocus()
    QTest.keyClick(row.go, Qt.Key.Key_Space)
    page.wait(lambda: row.go.text() == "Resume" and not page.jobs.busy)
    assert row.go.hasFocus()
    QTest.keyClick(row.go, Qt.Key.Key_Tab)
    assert row.cancel.hasFocus()
    assert row.cancel.accessibleName() == "Give this download up"
    assert row.cancel.accessibleDescription() == "model.gguf"


def test_a_file_the_hub_does_not_have_is_told(page: Page) -> None:
    page.hub.put(REPOSITORY, "other.gguf", model_bytes())
    wish(page)
    page.wait(lambda: len(page.notices.shown) == 1)
    assert "has no model.gguf in someone/model" in page.notices.shown[0]
    page.wait(lambda: not page.view.downloads.isVisible())


def test_a_name_that_cannot_be_is_told_and_nothing_asked(page: Page) -> None:
    wish(page, "model.bin")
    page.wait(lambda: len(page.notices.shown) == 1)
    assert page.hub.requests == []
    assert rows(page) == []


def test_one_that_needs_its_token_again_asks_for_it(page: Page) -> None:
    page.hub.put(REPOSITORY, "model.gguf", LARGE, token="hf_secret")
    page.engine.downloads.add(REPOSITORY, "model.gguf", token="hf_secret")
    page.engine.downloads._tokens.clear()
    page.engine.downloads.reload()
    page.jobs.changed.emit("downloads")

    def answer() -> None:
        dialog = page.view.findChild(TokenDialog)
        dialog.token.edit.setText("hf_secret")
        dialog.accept()

    when_asked(answer)
    rows(page)[0].go.click()
    page.wait(lambda: page.names == ["model"])


def download(**facts: object) -> Download:
    """One in a state of its own."""
    known = {"id": 1, "repository": REPOSITORY, "file": "m.gguf", "done_bytes": 1 << 20, "total_bytes": 4 << 20}
    return Download(**known | facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"state": DownloadState.RUNNING, "per_s": 1 << 20, "left_s": 3.0, "connections": 4},
         "1 MB of 4 MB · 1 MB per second · 3 s left · over 4 connections"),
        ({"state": DownloadState.WAITING}, "Waiting for its turn · 1 MB of 4 MB"),
        ({"state": DownloadState.PAUSED, "total_bytes": 0}, "Paused · 1 MB"),
        ({"state": DownloadState.FAILED, "error": HubUnreachable(host="hub", why="the connection broke off")},
         "hub could not be reached: the connection broke off."),
    ],
)  # fmt: skip
def test_a_row_says_how_its_download_stands(facts: dict[str, object], words: str) -> None:
    assert state_words(download(**facts)) == words


def test_a_row_says_what_is_odd_and_what_to_do() -> None:
    running = {"state": DownloadState.RUNNING}
    assert note_words(download(**running)) == ""
    assert "begins anew" in note_words(download(note=DownloadNote.RANGES, **running))
    assert "asked again in 30 s" in note_words(download(note=DownloadNote.WAITS, note_number=30, **running))
    assert "2 MB of" in note_words(download(note=DownloadNote.DAMAGED, note_number=2, **running))
    full = NoRoomForDownload(file="m.gguf", need_bytes=5, where="/", why="4 bytes can be given to it")
    assert "Make room on the disk" in note_words(download(state=DownloadState.FAILED, error=full))


def test_the_time_that_all_take_together_is_told_where_there_are_several() -> None:
    one = download(state=DownloadState.RUNNING, per_s=1 << 20)
    assert together_words([one]) == ""
    waiting = download(state=DownloadState.WAITING)
    assert together_words([one, waiting]) == "1 MB per second · 6 s left"
    assert together_words([one, download(state=DownloadState.WAITING, total_bytes=0)]) == "1 MB per second"


def test_the_branch_that_was_wished_is_the_one_that_is_asked_for(page: Page) -> None:
    page.hub.put(REPOSITORY, "model.gguf", LARGE)
    page.view.download_requested.emit(DownloadWish(REPOSITORY, "model.gguf", revision="v2"))
    page.wait(lambda: page.names == ["model"] and not page.jobs.busy)
    asked = [request.path for request in page.hub.requests if not request.path.startswith("/storage/")]
    assert any(path == f"/{REPOSITORY}/resolve/v2/model.gguf" for path in asked)
    assert any(path.startswith(f"/api/models/{REPOSITORY}/tree/v2") for path in asked)
    assert not any("/main" in path for path in asked)
