"""Pages that are pictures, on the documents page: offered to be read, read, and marked."""

from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from desktop.dialogs.viewer import Viewer
from desktop.pages.documents import ocr_keeper
from desktop.widgets.places import ocr_words, place_text
from engine.documents import picture_pages
from engine.documents.tesseract import Tesseract
from engine.engine import Cancel, finish
from engine.types import Source
from tests.desktop.documents.conftest import Page
from tests.fakes import scans
from tests.fakes.ocr_worker import BLACK


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr_keeper, "FIRST_MS", 1)
    monkeypatch.setattr(ocr_keeper, "DUE_MS", 20)
    monkeypatch.setattr(picture_pages.PicturePages, "install_command", "sudo apt install tesseract-ocr")


def use(monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    monkeypatch.setattr(picture_pages, "Tesseract", partial(Tesseract, module=module))


def test_without_tesseract_the_page_says_what_it_takes_and_reads_once_it_is_there(
    page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, "tests.fakes.no_ocr_worker")
    row = page.view.documents.ocr
    assert row.isHidden()
    page.add(scans.pdf(tmp_path / "scan.pdf", [scans.page(), scans.page()]))
    page.wait(lambda: row.isVisible() and not page.jobs.busy)
    said = row.banner.label.text()
    assert "2 pages show text only as pictures" in said
    assert "sudo apt install tesseract-ocr" in said
    assert row.progress.isHidden()
    use(monkeypatch, "tests.fakes.ocr_worker")
    row.read.click()
    page.wait(lambda: row.isHidden() and not page.jobs.busy)
    (document,) = page.engine.documents.all()
    assert document.by_ocr == 2
    model = page.view.documents.model
    page.wait(lambda: "2 pages read by OCR" in model.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole))


def test_with_tesseract_a_scan_is_read_by_itself_and_its_results_say_so(
    page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, "tests.fakes.ocr_worker")
    page.add(scans.pdf(tmp_path / "scan.pdf", [scans.page()]))
    page.wait(lambda: page.engine.documents.pictures.waiting == 0 and not page.jobs.busy)
    (hit,) = finish(page.engine.documents.search("plum", Cancel(), by="words"))
    viewer = Viewer.show_source(page.engine, page.jobs, page.notices, hit, page.window)
    page.wait(lambda: bool(viewer.window.picture.boxes))
    assert viewer.window.place.text() == "read by OCR, 91 %"
    viewer.window.close()


def test_what_could_not_be_read_is_said_and_may_be_tried_again(
    page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, "tests.fakes.ocr_worker")
    row = page.view.documents.ocr
    page.add(scans.pdf(tmp_path / "scan.pdf", [scans.page(corner=BLACK)]))
    page.wait(lambda: row.isVisible() and not page.jobs.busy)
    assert row.banner.label.text() == "1 page could not be read by OCR."
    row.read.click()
    page.wait(lambda: row.isVisible() and not page.jobs.busy)
    assert page.engine.documents.pictures.failed == 1


def test_switched_off_there_is_nothing_to_say(page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, "tests.fakes.no_ocr_worker")
    page.add(scans.pdf(tmp_path / "scan.pdf", [scans.page()]))
    row = page.view.documents.ocr
    page.wait(row.isVisible)
    page.engine.change_settings(ocr=False)
    page.jobs.changed.emit("settings")
    page.wait(row.isHidden)


def test_a_place_says_that_ocr_read_it() -> None:
    source = Source(
        number=1, document_id=1, path=Path("/a/scan.pdf"), page=3, start=0, end=1, text="a", paged=True,
        confidence=0.874,
    )  # fmt: skip
    assert place_text(source) == "scan.pdf, page 3 · read by OCR, 87 %"
    assert ocr_words(None) == ""
