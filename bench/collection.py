"""Collections to measure a search with: documents, questions, and which documents answer which question.

Two forms are read. A JSON file in the format of SQuAD: each paragraph is a document, and answers its questions.
Or a folder, as TREC's collections come:

    docs       a folder of text files, whose names without the ending are their numbers; or a file docs.tsv
    queries    a file of lines "number<tab>question", with any ending; docs.tsv has lines "number<tab>text"
    qrels      a file of lines "question 0 document relevance", as trec_eval reads

Everything is UTF-8. Questions that nothing answers are left out.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from bench.scores import Relevance

DATA = Path(__file__).resolve().parents[1] / ".." / "shared" / "data"
ENGLISH = DATA / "xquad" / "xquad.en.json"
JAPANESE = DATA / "jsquad" / "valid-v1.3.json"


@dataclass(frozen=True, slots=True)
class Collection:
    """Documents by their places in `texts`; `answers` has, for each question, how relevant which are."""

    name: str
    texts: list[str]
    questions: list[str]
    answers: list[Relevance]

    def first(self, count: int) -> "Collection":
        """The same documents with the first questions alone."""
        return Collection(self.name, self.texts, self.questions[:count], self.answers[:count])

    @property
    def numbered(self) -> list[tuple[int, str]]:
        """Each question with the place of the document that answers it best."""
        pairs = zip(self.answers, self.questions, strict=True)
        return [(max(answer, key=lambda place: answer[place]), question) for answer, question in pairs]


def read(path: Path) -> Collection:
    """What lies at `path`. Raises `ValueError` for what has neither form, `OSError`."""
    try:
        return _trec(path) if path.is_dir() else _squad(path)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} is no collection: {error!r}") from error


# Its own affairs.


def _squad(path: Path) -> Collection:
    """The same text is one document, however often it stands there."""
    places: dict[str, int] = {}
    questions: list[str] = []
    answers: list[Relevance] = []
    for group in json.loads(path.read_text(encoding="utf-8"))["data"]:
        for paragraph in group["paragraphs"]:
            place = places.setdefault(paragraph["context"], len(places))
            asked = [one["question"] for one in paragraph["qas"] if not one.get("is_impossible")]
            questions += asked
            answers += [{place: 1}] * len(asked)
    return Collection(path.stem, list(places), questions, answers)


def _trec(folder: Path) -> Collection:
    docs = _named(folder, "docs")
    texts = {file.stem: file.read_text(encoding="utf-8") for file in _files(docs)} if docs.is_dir() else _lines(docs)
    places = {number: place for place, number in enumerate(texts)}
    relevance: dict[str, dict[int, int]] = {}
    for line in _named(folder, "qrels").read_text(encoding="utf-8").splitlines():
        if line.strip():
            question, _, document, grade = line.split()
            if int(grade) > 0:
                relevance.setdefault(question, {})[places[document]] = int(grade)
    asked = {number: text for number, text in _lines(_named(folder, "queries")).items() if number in relevance}
    return Collection(folder.name, list(texts.values()), list(asked.values()), [relevance[one] for one in asked])


def _named(folder: Path, stem: str) -> Path:
    found = [path for path in folder.iterdir() if path.stem == stem]
    if len(found) != 1:
        raise ValueError(f"{folder} has {len(found)} of {stem}, not one")
    return found[0]


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _lines(path: Path) -> dict[str, str]:
    lines = (line.partition("\t") for line in path.read_text(encoding="utf-8").splitlines() if line.strip())
    return {number.strip(): text.strip() for number, _, text in lines}
