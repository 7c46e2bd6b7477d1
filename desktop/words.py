"""The window's language: English in the code, others from `resources/translations/LANG/`.

A page says `tr("New chat")`; figures are written as the language writes them, through
`number_text` and Qt's own fields alike. Each JSON file in a language's folder is one object of
English sentence → translated sentence; a test asserts that no sentence is missing.
"""

import json
import re
from pathlib import Path

from PySide6.QtCore import QLocale

LOCALES = {"en": "en_US", "ja": "ja_JP"}  # how each language writes its numbers
ENGINE = "engine"  # begins the files' names with what the engine says: sentences with facts, and reasons in them
REASONS = {"why", "how", "what", "kind", "place", "process", "thing", "one", "other"}  # facts that are themselves words
_FACT = re.compile(r"\{(\w+)[^}]*\}")
_AND = (re.compile(r"(?P<one>.+?) and (?P<other>.+)"), "{one}、{other}")
_catalogue: dict[str, str] = {}
_told: list[tuple[re.Pattern[str], str]] = []  # the engine's sentences with facts, the most particular first


def choose(language: str, folder: Path) -> None:
    """Use `language` ("en", "ja", or "system" for the computer's) from here on."""
    if language == "system":
        language = "ja" if QLocale.system().language() == QLocale.Language.Japanese else "en"
    QLocale.setDefault(QLocale(LOCALES[language]))
    _catalogue.clear()
    _told.clear()
    for file in sorted((folder / language).glob("*.json")):
        sentences: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
        _catalogue.update(sentences)
        if file.name.startswith(ENGINE):
            for sentence in sorted(sentences, key=lambda each: len(_FACT.sub("", each)), reverse=True):
                if "{" in sentence:
                    _told.append((pattern_of(sentence), sentences[sentence]))


def tr(sentence: str, **values: object) -> str:
    """The sentence in the window's language, with `{name}` filled from `values`."""
    text = _catalogue.get(sentence, sentence)
    return text.format(**values) if values else text


def told(text: str) -> str:
    """What the engine has said, its facts already filled in, in the window's language.

    Several sentences are told one by one. What no sentence of the catalogue fits stays as it is.
    """
    if not _catalogue or not text:
        return text
    sentences = [_told_one(part) for part in re.split(r"(?<=\.) (?=[A-Z0-9])", text)]
    if all(sentences):
        return "".join(sentence or "" for sentence in sentences)
    return _told_one(text) or text


def pattern_of(sentence: str) -> re.Pattern[str]:
    """What matches `sentence` with any facts in the places of its `{name}`s."""
    pieces = _FACT.split(sentence)
    return re.compile(
        "".join(f"(?P<{piece}>.+?)" if at % 2 else re.escape(piece) for at, piece in enumerate(pieces)), re.DOTALL
    )


def _told_one(text: str) -> str | None:
    if text in _catalogue:
        return _catalogue[text]
    for pattern, sentence in _told:
        if match := pattern.fullmatch(text):
            return _filled(sentence, match.groupdict())
    return None


def _filled(sentence: str, facts: dict[str, str]) -> str:
    told_facts = {name: _told_fact(name, value) for name, value in facts.items()}
    return _FACT.sub(lambda fact: told_facts[fact.group(1)], sentence)


def _told_fact(name: str, value: str) -> str:
    """A reason is told too, and a list of two things; a name or a path is not touched."""
    if name not in REASONS:
        return value
    both = _AND[0].fullmatch(value) if name == "what" else None
    return _filled(_AND[1], both.groupdict()) if both else _told_one(value) or value


def number_text(value: float, decimals: int = 0) -> str:
    """A number as the window's language writes it: "4,096", "0.36"."""
    return QLocale().toString(float(value), "f", decimals)


def later(sentence: str) -> str:
    """Mark a sentence in a table as screen text: `tr` translates it when it is shown."""
    return sentence
