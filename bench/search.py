"""How well a search finds what answers a question: ours beside other libraries, in the usual measures.

    python -m bench.search [COLLECTION …] [--questions N]

A collection is a JSON file in SQuAD's format or a folder of docs, queries and qrels, as `bench.collection` says;
without one, XQuAD's English and JSQuAD's Japanese paragraphs. Each document is written as a text file, added and
embedded through the engine's public face, and each question is searched for as a person would type it. The others of
`bench.peers` get the same texts whole and the same embedding model. Of everybody's first 20 results, the first 10
documents are judged.
"""

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import peers
from bench.collection import ENGLISH, JAPANESE, Collection, read
from bench.report import Row, against, publish, skip
from bench.scores import scores
from engine.documents import Documents
from engine.operation import Cancel, finish
from engine.places import Places
from engine.store.documents import DocumentRows
from engine.store.vault import Vault

MOST = 20  # results, as the program lists them
LEAST_JAPANESE = 0.95  # recall at 5; the built-in embedding model reads English only, so words must carry it
Scores = dict[str, float]


def main() -> int:
    """Run it; 1 where a bar does not hold."""
    wanted = argparse.ArgumentParser()
    wanted.add_argument("collections", nargs="*", type=Path, metavar="COLLECTION")
    wanted.add_argument("--questions", type=int, default=None, help="only so many of each, for a quick look")
    given = wanted.parse_args()
    paths = given.collections or [path for path in (ENGLISH, JAPANESE) if path.exists()]
    if not paths:
        return skip("search", f"{ENGLISH.name} and {JAPANESE.name} are not there")
    rows, notes = [], []
    for path in paths:
        collection = read(path).first(given.questions)
        ours, measured = measure_ours(collection)
        others, absent = measure_others(collection)
        rows += [*judged(collection.name, ours, others), *measured]
        notes += [table(collection, ours, others), *absent]
    return publish("search", rows, "\n".join(notes))


def measure_ours(collection: Collection) -> tuple[dict[str, Scores], list[Row]]:
    """The scores of both ways together and of each alone, and what they took."""
    name = collection.name
    with tempfile.TemporaryDirectory() as folder, Filled(Path(folder), collection.texts) as filled:
        began = time.monotonic()
        passages = finish(filled.documents.embed(Cancel())).passages
        per_s = passages / (time.monotonic() - began)
        rows = [
            Row(measure=f"{name}: files added", ours=filled.files_per_s, unit="files/s"),
            Row(measure=f"{name}: passages embedded, one thread", ours=per_s, unit="passages/s"),
        ]
        found = {}
        for by, called in (("both", "ours"), ("words", "ours, words alone"), ("meaning", "ours, meaning alone")):
            began = time.monotonic()
            rankings = [filled.ranking(question, by) for question in collection.questions]
            taken_ms = (time.monotonic() - began) / len(rankings) * 1000
            rows.append(Row(measure=f"{name}: {called}, a question", ours=taken_ms, unit="ms"))
            found[called] = scores(rankings, collection.answers)
    return found, rows


def measure_others(collection: Collection) -> tuple[dict[str, Scores], list[str]]:
    """The scores of the other libraries, and why some have none."""
    found, absent = {}, []
    for name in peers.NAMES:
        ranked = peers.rankings(name, collection.texts, collection.questions, MOST)
        if isinstance(ranked, str):
            absent.append(f"{name} {ranked}")
        else:
            found[name] = scores(ranked, collection.answers)
    return found, absent


def judged(name: str, ours: dict[str, Scores], others: dict[str, Scores]) -> list[Row]:
    """Each column against the best of the rest; first in all of them is asked for in English."""
    both, rest = ours["ours"], {**others, **{called: one for called, one in ours.items() if called != "ours"}}
    rows = []
    for column, share in both.items():
        best = max(rest, key=lambda called: rest[called][column])
        bar = 1.0 if name == ENGLISH.stem else None
        rows.append(compared(f"{name}: {column}, to {best}", share, rest[best][column], bar))
    if name == JAPANESE.stem:
        five = both["recall at 5"]
        rows.append(
            Row(
                measure=f"{name}: recall at 5",
                ours=five,
                unit="share",
                bar=LEAST_JAPANESE,
                holds=five >= LEAST_JAPANESE,
            )
        )
    return rows


def compared(measure: str, ours: float, reference: float, bar: float | None) -> Row:
    """A row with a bar or with none."""
    if bar is not None:
        return against(measure, ours, reference, "share", at_least=bar)
    return Row(
        measure=measure, ours=ours, reference=reference, ratio=ours / reference if reference else None, unit="share"
    )


def table(collection: Collection, ours: dict[str, Scores], others: dict[str, Scores]) -> str:
    """Everybody's scores, as a page shows them."""
    columns = list(ours["ours"])
    head = f"{collection.name}: {len(collection.texts)} documents, {len(collection.questions)} questions"
    lines = [f"\n| {head} | {' | '.join(columns)} |", "|---" * (len(columns) + 1) + "|"]
    for called, found in {**ours, **others}.items():
        lines.append(f"| {called} | {' | '.join(f'{found[column]:.3f}' for column in columns)} |")
    return "\n".join(lines)


class Filled:
    """A store with one text file a document, searched through the engine's own face."""

    def __init__(self, folder: Path, texts: list[str]) -> None:
        files = folder / "files"
        files.mkdir(parents=True)
        for number, text in enumerate(texts):
            (files / f"{number:06}.txt").write_text(text, encoding="utf-8")
        self._vault = Vault(folder / "hanare.db", bytes(32))
        self.documents = Documents(DocumentRows(self._vault), Places(folder))
        report = finish(self.documents.add([files], Cancel()))
        self.files_per_s = report.read / report.seconds

    def __enter__(self) -> "Filled":
        return self

    def __exit__(self, *_: object) -> None:
        self.documents.close()
        self._vault.close()

    def ranking(self, question: str, by: Any) -> list[int]:
        """The documents of the results in their order."""
        hits = finish(self.documents.search(question, Cancel(), limit=MOST, by=by, wait=True))
        found = (passage for hit in hits for passage in (hit.passage, *hit.also_in))
        return list(dict.fromkeys(int(passage.path.stem) for passage in found))


if __name__ == "__main__":
    raise SystemExit(main())
