"""The sample documents are what their sources make them, whoever made them last."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pypdfium2
import pytest

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "resources" / "samples"


def said(path: Path) -> list[str]:
    """What a sample says, page by page, without what differs between versions of a compressor."""
    if path.suffix == ".pdf":
        with pypdfium2.PdfDocument(path) as pdf:
            return [page.get_textpage().get_text_bounded() for page in pdf]
    if path.suffix == ".docx":
        with zipfile.ZipFile(path) as archive:
            return [archive.read(name).decode() for name in sorted(archive.namelist())]
    return [path.read_text(encoding="utf-8")]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The samples as the script makes them now."""
    folder = tmp_path_factory.mktemp("samples")
    subprocess.run([sys.executable, ROOT / "packaging" / "make_samples.py", folder], check=True)
    return folder


@pytest.mark.parametrize(
    "name", ["small-models-handbook.pdf", "離れの手引き.pdf", "choosing-a-model.docx", "quantization.html"]
)
def test_a_sample_is_what_its_source_says(made: Path, name: str) -> None:
    assert said(made / name) == said(SAMPLES / name)


def test_there_is_a_sample_of_every_kind_that_is_read_in_both_languages() -> None:
    names = {path.name for path in SAMPLES.iterdir()}
    assert {Path(name).suffix for name in names} == {".pdf", ".docx", ".html", ".md", ".txt"}
    assert {Path(name).suffix for name in names if not name.isascii()} == {".pdf", ".md"}
