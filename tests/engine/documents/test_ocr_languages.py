"""Which languages a picture of text is read in, and what is typed to get Tesseract."""

import pytest

from engine.documents import ocr_install
from engine.documents.ocr_install import install_command
from engine.documents.ocr_languages import languages_for
from engine.errors import TextNotAccepted
from engine.settings import Settings, changed

HERE = ("deu", "eng", "jpn")


@pytest.mark.parametrize(
    ("system", "language", "wanted", "languages"),
    [
        ("ja_JP.UTF-8", "system", "automatic", "jpn+eng"),
        ("ja_JP.UTF-8", "en", "automatic", "eng"),
        ("en_US.UTF-8", "ja", "automatic", "jpn+eng"),
        ("de", "system", "automatic", "deu+eng"),
        ("C.UTF-8", "system", "automatic", "eng"),
        ("zh_TW", "system", "automatic", "eng"),
        ("", "system", "automatic", "eng"),
        ("ja_JP", "system", "deu + jpn", "deu+jpn"),
        ("ja_JP", "system", "fra+jpn", "jpn"),
        ("ja_JP", "system", "fra", ""),
    ],
)
def test_the_languages_are_the_chosen_ones_or_the_windows_and_english(
    monkeypatch: pytest.MonkeyPatch, system: str, language: str, wanted: str, languages: str
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", system)
    assert languages_for(changed(Settings(), language=language, ocr_languages=wanted), HERE) == languages


def test_where_neither_is_here_the_first_one_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")
    assert languages_for(Settings(), ("deu", "fra")) == "deu"
    assert languages_for(Settings(), ()) == ""


@pytest.mark.parametrize("text", ["", "eng+", "../eng", "eng jpn", "+".join(["eng"] * 9)])
def test_what_names_no_languages_is_refused(text: str) -> None:
    with pytest.raises(TextNotAccepted):
        changed(Settings(), ocr_languages=text)


@pytest.mark.parametrize(
    ("system", "language", "command"),
    [
        ("debian", "ja", "sudo apt install tesseract-ocr tesseract-ocr-jpn"),
        ("debian", "en", "sudo apt install tesseract-ocr"),
        ("arch", "ja", "sudo pacman -S tesseract tesseract-data-eng tesseract-data-jpn"),
        ("darwin", "ja", "brew install tesseract tesseract-lang"),
        ("win32", "ja", "winget install UB-Mannheim.TesseractOCR"),
        ("", "ja", ""),
    ],
)
def test_the_command_is_the_systems_own(
    monkeypatch: pytest.MonkeyPatch, system: str, language: str, command: str
) -> None:
    monkeypatch.setattr(ocr_install, "_system", lambda: system)
    assert install_command(changed(Settings(), language=language)) == command
