"""The window's language: English in the code, others from `resources/translations/LANG/`.

A page says `tr("New chat")`. Each JSON file in a language's folder is one object of
English sentence → translated sentence; a test asserts that no sentence is missing.
"""

import json
from pathlib import Path

from PySide6.QtCore import QLocale

_catalogue: dict[str, str] = {}


def choose(language: str, folder: Path) -> None:
    """Use `language` ("en", "ja", or "system" for the computer's) from here on."""
    if language == "system":
        language = "ja" if QLocale.system().language() == QLocale.Language.Japanese else "en"
    _catalogue.clear()
    for file in sorted((folder / language).glob("*.json")):
        _catalogue.update(json.loads(file.read_text(encoding="utf-8")))


def tr(sentence: str, **values: object) -> str:
    """The sentence in the window's language, with `{name}` filled from `values`."""
    text = _catalogue.get(sentence, sentence)
    return text.format(**values) if values else text


def later(sentence: str) -> str:
    """Mark a sentence in a table as screen text: `tr` translates it when it is shown."""
    return sentence
