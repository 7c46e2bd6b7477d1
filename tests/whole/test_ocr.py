"""The true Tesseract, where it is installed, on text that was drawn as a picture."""

import base64
import glob
import os
import zlib
from collections.abc import Callable
from difflib import SequenceMatcher
from pathlib import Path

import pytest
from PIL import Image

from engine import wire
from engine.engine import Cancel, Engine, finish
from engine.runtime.process import Process
from engine.types import Ocr
from tests.fakes import scans

ENGLISH = (
    "The tenant may end this agreement with three months' notice,",
    "given in writing. The deposit of 2,400 euros is returned",
    "within thirty days after the keys were handed back.",
)
JAPANESE = (
    "借主は三か月前に書面で通知することにより、",
    "この契約を終了することができます。",
    "敷金は鍵の返却後三十日以内に返します。",
)
OSD = (next(iter(glob.glob("/usr/share/tesseract-ocr/*/tessdata")), "/usr/share/tessdata"), "osd.traineddata")
FONTS = ("NotoSansCJK-Regular.ttc", "NotoSerifCJK-Regular.ttc", "NotoSerifCJK-Bold.ttc", "ipag.ttf")


@pytest.fixture
def ocr(engine: Engine) -> Ocr:
    found = engine.documents.pictures.ocr(Cancel())
    if not found.version:
        pytest.skip("Tesseract is not installed")
    return found


@pytest.fixture
def read(engine: Engine, ocr: Ocr, tmp_path: Path) -> Callable[..., str]:
    def read(lines: tuple[str, ...], languages: str, font: str = "") -> str:
        if not set(languages.split("+")) <= set(ocr.languages):
            pytest.skip(f"Tesseract has no data for {languages}")
        engine.change_settings(ocr_languages=languages)
        scans.pdf(tmp_path / "scan.pdf", [scans.page(lines, font=font)])
        finish(engine.documents.add([tmp_path / "scan.pdf"], Cancel()))
        assert finish(engine.documents.pictures.read(Cancel())).words == 1
        (document,) = engine.documents.all()
        page = engine.documents.page(document.id, 1)
        assert page.confidence is not None
        assert page.confidence > 0.8
        return page.text

    return read


def right(found: str, true: tuple[str, ...]) -> float:
    """How much of the true text, without spaces, is in what was found."""
    wanted, here = ("".join(text.split()) for text in ("".join(true), found))
    return sum(block.size for block in SequenceMatcher(None, wanted, here, autojunk=False).get_matching_blocks()) / len(
        wanted
    )


def test_english_is_read_and_its_words_are_where_they_stand(engine: Engine, read: Callable[..., str]) -> None:
    text = read(ENGLISH, "eng")
    assert right(text, ENGLISH) > 0.98
    (document,) = engine.documents.all()
    start = text.index("deposit")
    shown = finish(engine.documents.picture(document.id, 1, Cancel(), scans.WIDE, start, start + len("deposit")))
    (box,) = shown.boxes
    second_line = scans.MARGIN + 60
    assert second_line - 10 < box[1] < box[3] < second_line + 60
    assert finish(engine.documents.search("deposit", Cancel(), by="words"))[0].passage.confidence


def test_japanese_is_read(read: Callable[..., str]) -> None:
    from PIL import ImageFont

    for font in FONTS:
        try:
            ImageFont.truetype(font)
        except OSError:
            continue
        assert right(read(JAPANESE, "jpn+eng", font), JAPANESE) > 0.95
        return
    pytest.skip("there is no Japanese font")


@pytest.mark.parametrize("turned", ["ROTATE_90", "ROTATE_180", "ROTATE_270"])
def test_a_page_on_its_side_is_read_and_its_words_are_where_they_stand(
    engine: Engine, ocr: Ocr, tmp_path: Path, turned: str
) -> None:
    if not os.path.isfile(os.path.join(*OSD)):
        pytest.skip("Tesseract's data on how pages lie is not installed")
    engine.change_settings(ocr_languages="eng")
    picture = scans.page(ENGLISH).transpose(Image.Transpose[turned])
    picture.save(tmp_path / "side.png", dpi=(300, 300))
    finish(engine.documents.add([tmp_path / "side.png"], Cancel()))
    assert finish(engine.documents.pictures.read(Cancel())).words == 1
    (document,) = engine.documents.all()
    text = engine.documents.page(document.id, 1).text
    assert right(text, ENGLISH) > 0.97
    start = text.index("deposit")
    shown = finish(engine.documents.picture(document.id, 1, Cancel(), picture.width, start, start + len("deposit")))
    (box,) = shown.boxes
    mask = Image.new("L", (scans.WIDE, scans.HIGH), 0)
    mask.paste(255, (0, scans.MARGIN + 50, scans.WIDE, scans.MARGIN + 120))  # the second line
    left, top, right_, bottom = mask.transpose(Image.Transpose[turned]).getbbox() or (0, 0, 0, 0)
    assert left - 10 < box[0] < box[2] < right_ + 10
    assert top - 10 < box[1] < box[3] < bottom + 10


def test_its_process_has_no_way_out_and_starts_nothing(engine: Engine, ocr: Ocr) -> None:
    with Process("ocr", "engine.worker.ocr", private=engine.places.private) as process:
        reports = list(process.ask(wire.FindOcr(), Cancel()))
        (walls,) = process.walls
    assert any(isinstance(report, wire.OcrFound) and report.version == ocr.version for report in reports)
    assert walls.kind == "ocr"
    assert walls.holds or not walls.walls


def test_data_of_a_language_that_is_broken_is_told(engine: Engine, ocr: Ocr, tmp_path: Path) -> None:
    from engine.documents.tesseract import Tesseract
    from engine.errors import DocumentDamaged

    tesseract = Tesseract(engine.places.private)
    seen = wire.PageSeen(number=1, width=1, height=1, dpi=300, grey=base64.b64encode(zlib.compress(b"\xff")).decode())
    with pytest.raises(DocumentDamaged, match="language data of Tesseract"):
        tesseract.words(seen, "nosuch", tmp_path, Cancel())
    tesseract.close()
