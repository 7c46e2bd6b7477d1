"""Pages that show text only as a picture: which they are, and what becomes of them with OCR and without."""

import tarfile
import zipfile
from collections.abc import Callable
from email.message import EmailMessage
from functools import partial
from pathlib import Path

import pytest

from engine.documents import Documents, picture_pages, tesseract
from engine.documents.tesseract import Tesseract
from engine.errors import Cancelled
from engine.events import Progressed
from engine.operation import Cancel, finish
from engine.settings import Settings, changed
from engine.store import Store
from engine.types import Document, DocumentState, Hit, IndexReport, PicturesRead
from engine.worker.reader.within import MOST_PICTURES
from tests.fakes import scans
from tests.fakes.ocr_worker import BLACK, DARK, LIGHT

Add = Callable[..., IndexReport]
Search = Callable[[str], tuple[Hit, ...]]
OWN = "This page has quite enough text of its own to be read."


@pytest.fixture(autouse=True)
def fake(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, "tests.fakes.ocr_worker")


def use(monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    monkeypatch.setattr(picture_pages, "Tesseract", partial(Tesseract, module=module))


def read(documents: Documents) -> PicturesRead:
    return finish(documents.pictures.read(Cancel()))


def only(documents: Documents) -> Document:
    (document,) = documents.all()
    return document


def test_a_scan_is_listed_with_the_number_of_its_pages_that_are_pictures(
    documents: Documents, add: Add, folder: Path
) -> None:
    scans.pdf(folder / "scan.pdf", [scans.page(["Plum jam"]), OWN, scans.page(["Boil"])])
    assert not add(folder).failed
    document = only(documents)
    assert (document.state, document.pages, document.pictures, document.by_ocr) == (DocumentState.READ, 3, 2, 0)
    assert documents.pictures.waiting == 2


def test_a_page_with_a_small_picture_or_text_beside_a_large_one_is_no_picture(
    documents: Documents, add: Add, folder: Path
) -> None:
    small = scans.page().resize((200, 100))
    scans.pdf(folder / "letter.pdf", [OWN, small])
    add(folder)
    assert only(documents).pictures == 0


def test_what_ocr_reads_is_found_and_marked_with_its_confidence(
    documents: Documents, add: Add, search: Search, folder: Path
) -> None:
    scans.pdf(folder / "scan.pdf", [OWN, scans.page(["Plum jam"])])
    add(folder)
    assert read(documents).words == 1
    (hit,) = search("plum")
    assert (hit.passage.text, hit.passage.page) == ("Plum jam\nBoil gently.", 2)
    assert hit.passage.place.words == "page 2"
    assert hit.passage.confidence == pytest.approx(0.915, abs=0.01)
    (own,) = search("enough")
    assert own.passage.confidence is None
    document = only(documents)
    assert (document.pictures, document.by_ocr, document.passages) == (0, 1, 2)
    assert documents.page(document.id, 2).confidence == hit.passage.confidence
    (source,) = finish(documents.sources("plum", Cancel(), 1))
    assert source.confidence == hit.passage.confidence


def test_the_words_of_a_passage_are_boxed_on_the_drawn_page(
    documents: Documents, add: Add, search: Search, folder: Path
) -> None:
    scans.pdf(folder / "scan.pdf", [scans.page(["Plum jam"])])
    add(folder)
    read(documents)
    passage = search("gently")[0].passage
    start = passage.text.index("Boil")
    shown = finish(documents.picture(passage.document_id, 1, Cancel(), 500, start, start + len("Boil gently.")))
    (box,) = shown.boxes
    assert box == pytest.approx((0.6 * 500, 0.1 * shown.height, 500 - 4, 0.2 * shown.height), abs=3)
    assert finish(documents.picture(passage.document_id, 1, Cancel(), 500, 0, 0)).boxes == ()


def test_a_page_that_kills_tesseract_has_a_reason_and_the_others_are_read(
    documents: Documents, add: Add, folder: Path
) -> None:
    scans.pdf(folder / "scan.pdf", [scans.page(), scans.page(corner=BLACK), scans.page()])
    add(folder)
    done = read(documents)
    assert (done.words, done.failed) == (2, 1)
    document = only(documents)
    assert (document.pictures, document.by_ocr) == (1, 2)
    assert "Tesseract stopped" in document.ocr_failed
    assert read(documents).done == 0  # not tried again by itself
    documents.pictures.try_again()
    assert (documents.pictures.waiting, read(documents).failed) == (1, 1)


def test_a_page_that_takes_too_long_has_a_reason(
    documents: Documents, add: Add, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tesseract, "PAGE_S", 1.0)
    scans.pdf(folder / "scan.pdf", [scans.page(corner=DARK), scans.page()])
    add(folder)
    done = read(documents)
    assert (done.words, done.failed) == (1, 1)
    assert "was ended after 1 seconds" in only(documents).ocr_failed


def test_a_page_without_words_keeps_what_it_had(documents: Documents, add: Add, search: Search, folder: Path) -> None:
    path = folder / "scan.pdf"
    scans.pdf(path, [scans.page(corner=LIGHT)])
    add(folder)
    assert read(documents).blank == 1
    document = only(documents)
    assert (document.pictures, document.by_ocr, documents.pictures.waiting) == (0, 0, 0)
    assert documents.page(document.id, 1).confidence is None


def test_without_tesseract_the_pages_wait(
    documents: Documents, add: Add, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, "tests.fakes.no_ocr_worker")
    scans.pdf(folder / "scan.pdf", [scans.page()])
    add(folder)
    done = read(documents)
    assert (done.waiting, done.ocr.version) == (1, "")
    use(monkeypatch, "tests.fakes.ocr_worker")  # it was installed meanwhile
    assert read(documents).words == 1


def test_pictures_in_a_folder_are_documents_where_they_can_be_read(
    documents: Documents, add: Add, search: Search, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, "tests.fakes.no_ocr_worker")
    scans.page().save(folder / "receipt.png")
    (folder / "notes.txt").write_text("Sugar", encoding="utf-8")
    add(folder)
    assert [one.path.name for one in documents.all()] == ["notes.txt"]
    add(folder / "receipt.png")  # somebody wants this one
    assert [one.path.name for one in documents.all()] == ["notes.txt", "receipt.png"]
    use(monkeypatch, "tests.fakes.ocr_worker")
    scans.page().save(folder / "second.jpeg")
    add(folder)
    assert read(documents).words == 2
    (hit,) = search("plum")  # the fake reads the same of both
    assert {hit.passage.path.name, hit.also_in[0].path.name} == {"receipt.png", "second.jpeg"}


def test_each_page_of_a_tiff_is_read(documents: Documents, add: Add, search: Search, folder: Path) -> None:
    scans.page().save(folder / "fax.tiff", save_all=True, append_images=[scans.page(), scans.page(corner=LIGHT)])
    add(folder)
    assert (only(documents).pages, read(documents).words) == (3, 2)
    (hit,) = search("plum")  # the fake reads the same of both
    assert {hit.passage.page, hit.also_in[0].page} == {1, 2}
    shown = finish(documents.picture(only(documents).id, 2, Cancel(), 300))
    assert (shown.width, shown.height) == (300, 211)


def test_a_scan_in_an_archive_is_read_and_called_by_its_place(
    documents: Documents, add: Add, search: Search, folder: Path, tmp_path: Path
) -> None:
    scan, small = scans.pdf(folder / "scan.pdf", [OWN, scans.page()]), tmp_path / "small.png"
    scans.page().resize((200, 100)).save(small)
    with zipfile.ZipFile(folder / "all.zip", "w") as archive:
        archive.write(scan, "letters/scan.pdf")
        archive.write(small, "logo.png")
        archive.writestr("broken.png", b"none at all")
    scan.unlink()
    assert not add(folder).failed
    assert read(documents).words == 1
    assert search("plum")[0].passage.place.words == "letters/scan.pdf › 2"
    assert "broken.png" in only(documents).reason
    assert "logo.png" not in only(documents).reason


def test_pictures_in_archives_and_mails_are_read_and_called_by_their_places(
    documents: Documents, add: Add, search: Search, folder: Path, tmp_path: Path
) -> None:
    receipt, fax = tmp_path / "receipt.png", tmp_path / "fax.tiff"
    scans.page().save(receipt)
    scans.page(corner=LIGHT).save(fax, save_all=True, append_images=[scans.page()])
    message = EmailMessage()
    message["From"], message["Subject"] = "ume@example.org", "Scans"
    message.set_content("Attached is what I promised to send to you.")
    message.add_attachment(fax.read_bytes(), maintype="image", subtype="tiff", filename="fax.tiff")
    (folder / "offer.eml").write_bytes(message.as_bytes())
    with tarfile.open(folder / "all.tar.gz", "w:gz") as archive:
        archive.add(receipt, "bills/receipt.png")
    assert not add(folder).failed
    assert (read(documents).words, documents.pictures.waiting) == (2, 0)
    (hit,) = search("plum")  # the fake reads the same of both
    places = {one.path.name: one.place.words for one in (hit.passage, *hit.also_in)}
    assert places == {"all.tar.gz": "bills/receipt.png", "offer.eml": "message 1: Scans › fax.tiff › 2"}


def test_many_pictures_in_an_archive_leave_room_for_its_other_files(
    documents: Documents, add: Add, search: Search, folder: Path, tmp_path: Path
) -> None:
    picture = tmp_path / "photo.png"
    scans.page().resize((500, 500)).save(picture)
    with zipfile.ZipFile(folder / "all.zip", "w") as archive:
        for number in range(MOST_PICTURES + 2):
            archive.write(picture, f"{number}.png")
        archive.writestr("notes.txt", "Sugar and plums")
    assert not add(folder).failed
    document = only(documents)
    assert document.pictures == MOST_PICTURES
    assert "pictures lie in one document" in document.reason
    assert search("sugar")


def test_switched_off_nothing_is_read(store: Store, folder: Path, documents: Documents, add: Add) -> None:
    scans.pdf(folder / "scan.pdf", [scans.page()])
    scans.page().save(folder / "receipt.png")
    off = changed(Settings(), ocr=False)
    documents._settings = documents.pictures._settings = lambda: off
    add(folder)
    assert [one.path.name for one in documents.all()] == ["scan.pdf"]
    assert (read(documents).waiting, documents.pictures.waiting) == (1, 1)


def test_in_other_languages_pages_are_read_again(documents: Documents, add: Add, search: Search, folder: Path) -> None:
    scans.pdf(folder / "scan.pdf", [scans.page(), scans.page(corner=LIGHT)])
    add(folder)
    read(documents)
    assert read(documents).done == 0
    documents.pictures._settings = lambda: changed(Settings(), ocr_languages="jpn+eng")
    done = read(documents)
    assert (done.words, done.blank, len(search("plum"))) == (1, 1, 1)
    assert read(documents).done == 0


def test_after_a_stop_it_goes_on_where_it_was(documents: Documents, add: Add, folder: Path) -> None:
    scans.pdf(folder / "scan.pdf", [scans.page(), scans.page(), scans.page()])
    add(folder)
    cancel = Cancel()
    work = documents.pictures.read(cancel)
    while not (isinstance(event := next(work), Progressed) and event.done == 1):
        pass
    cancel.press()
    with pytest.raises(Cancelled):
        finish(work)
    assert documents.pictures.waiting == 2
    assert read(documents).words == 2


def test_a_file_that_changed_is_left_to_the_next_look(documents: Documents, add: Add, folder: Path) -> None:
    path = scans.pdf(folder / "scan.pdf", [scans.page()])
    add(folder)
    scans.pdf(path, [OWN, OWN, scans.page()])
    assert read(documents).words == 0
    finish(documents.look_again(Cancel()))
    assert (read(documents).words, only(documents).by_ocr) == (1, 1)


def test_reading_a_scan_anew_forgets_what_ocr_read(
    documents: Documents, add: Add, search: Search, folder: Path
) -> None:
    path = scans.pdf(folder / "scan.pdf", [scans.page()])
    add(folder)
    read(documents)
    scans.pdf(path, [OWN])
    add(folder)
    assert (search("plum"), only(documents).by_ocr, documents.pictures.waiting) == ((), 0, 0)


@pytest.mark.parametrize(
    ("name", "raw", "why"),
    [
        ("a.png", b"\x89PNG\r\n\x1a\nnothing", "picture"),
        ("b.jpg", b"MZ\x90", "a program"),
        ("c.bmp", b"x", "Hanare knows"),
    ],
)
def test_a_picture_that_is_none_is_listed_with_its_reason(
    documents: Documents, add: Add, folder: Path, name: str, raw: bytes, why: str
) -> None:
    (folder / name).write_bytes(raw)
    (failed,) = add(folder / name).failed
    assert (failed.reason_code, why in failed.reason) == ("DocumentDamaged", True)
