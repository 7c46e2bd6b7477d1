"""How long a search takes among ten thousand, a hundred thousand and a million passages of an encrypted store.

    python -m bench.scale [--sizes N …] [--questions N]

The stores are made once and kept below `bench/out/scale`: a million passages take a quarter of an hour, and may be
stopped and gone on with. Text and vectors are made after XQuAD's (see `synthetic`); the questions are XQuAD's own of
about ten words, with their real vectors, each asked once. A search is `Search.hits`, as the page of documents asks it,
from the typed question to the marked hits; only the question's own vector is there beforehand, what it takes is a row
apart. "Vectors" is the index alone: the nearest passages with their cosines, nothing read of them. Each size is
measured in a process of its own. What is added and erased is so in a copy of the store.
"""

import argparse
import json
import multiprocessing
import re
import resource
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import psutil

from bench.collection import ENGLISH, read
from bench.curve import draw
from bench.report import OUT, Row, publish, skip
from bench.stored import FOLDER, KEY, Library, document, exact, real_vectors, vector
from bench.synthetic import Cloud, Floats, Writer
from engine.documents import quotes
from engine.documents.built_in import BuiltIn
from engine.documents.embedders import Embedders
from engine.documents.embedding import NAME, Embedder
from engine.documents.meaning import MeaningIndex
from engine.documents.query import Asked, read_search
from engine.documents.reranking import Rerankers
from engine.documents.search import By, Search, Wish
from engine.errors import NotFound
from engine.operation import Cancel, finish
from engine.places import STORE, Places
from engine.settings import Settings
from engine.store.documents import DocumentRows, Settled
from engine.store.vault import Vault
from engine.types import Collection as Grouped
from engine.types import Hit, Model

SIZES = (10_000, 100_000, 1_000_000)
WORDS = range(9, 12)  # of a question of about ten
WARMING = 20  # questions asked before those that count
SHOWN = 20  # hits, as the page of documents asks for
BARS = {"vectors, p95": 30.0, "fused, p50": 50.0, "fused, p95": 100.0}  # ms, among a million
LEAST_RECALL = 0.97
BARRED_FROM = 1_000_000
NEAREST = 10
CHANGES, CHANGED_FROM = 10, 10**7  # documents added and erased, and their numbers
MIB = 2**20


@dataclass(frozen=True, slots=True)
class Found:
    """What one size came to: the milliseconds of each search, by its kind, and other figures with their units."""

    size: int
    times: dict[str, list[float]]
    recall: float
    others: dict[str, tuple[float, str]]

    def ms(self, kind: str, share: int) -> float:
        """The milliseconds within which so many of a hundred searches ended."""
        return float(np.percentile(self.times[kind], share))


class Known:
    """Stands for the embedder's process: the questions' vectors are known."""

    warm = True
    cut = 0

    def __init__(self, vectors: dict[str, Floats]) -> None:
        self._vectors = vectors

    def vectors(self, texts: Sequence[str], cancel: Cancel, *, question: bool = False) -> Floats:
        """One row a text."""
        return np.array([self._vectors[text] for text in texts])

    def of(self, text: str) -> Floats:
        """One question's vector."""
        return self._vectors[as_asked(text).words]


def main() -> int:
    """Run it; 1 where a bar does not hold."""
    wanted = argparse.ArgumentParser()
    wanted.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="passages")
    wanted.add_argument("--questions", type=int, default=200)
    given = wanted.parse_args()
    if not ENGLISH.exists():
        return skip("scale", f"{ENGLISH.name} is not there")
    apart(filled, given.sizes)
    found = [apart(measured, size, given.questions) for size in given.sizes]
    curves = {
        name: ([(one.size, one.ms(name, 50)) for one in found], [(one.size, one.ms(name, 95)) for one in found])
        for name in ("words", "meaning", "fused")
    }
    draw(OUT / "scale.svg", "A search, by the number of passages", curves)
    vector_ms = Row(measure="a question's vector, p50", ours=apart(embedding_ms), unit="ms")
    return publish("scale", [*(row for one in found for row in rows_of(one)), vector_ms])


def apart(work: Callable[..., Any], *values: object) -> Any:
    """What `work` returns, in a process in which nothing was done before."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, *values).result()


def rows_of(found: Found) -> list[Row]:
    """The rows of one size."""
    barred = found.size >= BARRED_FROM
    name = f"{found.size:,}"
    rows = []
    for kind in found.times:
        for share in (50, 95):
            measure, ms = f"{kind}, p{share}", found.ms(kind, share)
            bar = BARS.get(measure) if barred else None
            rows.append(
                Row(measure=f"{name}: {measure}", ours=ms, unit="ms", bar=bar, holds=None if bar is None else ms <= bar)
            )
    bar, holds = (LEAST_RECALL, found.recall >= LEAST_RECALL) if barred else (None, None)
    rows.append(Row(measure=f"{name}: recall at 10 of exact", ours=found.recall, unit="share", bar=bar, holds=holds))
    return rows + [Row(measure=f"{name}: {what}", ours=ours, unit=unit) for what, (ours, unit) in found.others.items()]


def asked_of() -> tuple[Writer, Cloud, list[str], Floats]:
    """What makes text and vectors, the questions of about ten words, and their vectors."""
    english = read(ENGLISH)
    groups = json.loads(ENGLISH.read_text(encoding="utf-8"))["data"]
    articles = ["\n\n".join(paragraph["context"] for paragraph in group["paragraphs"]) for group in groups]
    texts = english.questions
    real, asked = real_vectors(english.texts, texts)
    some = [at for at, text in enumerate(texts) if len(text.split()) in WORDS]
    return Writer(articles), Cloud(real), [texts[at].strip() for at in some], asked[some]


def filled(sizes: Sequence[int]) -> None:
    """Make what is lacking of the stores."""
    writer, cloud, _, asked = asked_of()
    for size in sizes:
        library = Library(size)
        library.fill(writer, cloud)
        exact(library, cloud, asked, NEAREST)
        library.close()


def measured(size: int, count: int) -> Found:
    """Everything about one size."""
    writer, cloud, texts, asked = asked_of()
    warming, questions = texts[:WARMING], texts[WARMING : WARMING + count]
    process = psutil.Process()
    before = process.memory_info().rss
    opened = time.perf_counter()
    library = Library(size)
    opened_s = time.perf_counter() - opened
    rows = library.rows
    spelt = [(form, vector) for text, vector in zip(texts, asked, strict=True) for form in (text, misspelt(text))]
    known = Known({as_asked(form).words: vector for form, vector in spelt})
    with tempfile.TemporaryDirectory() as folder:
        places = Places(Path(folder))
        embedders = Embedders(rows, places, Settings, no_model, lambda *_, **__: cast(Embedder, known))
        search = Search(rows, embedders, Rerankers(places.private, Settings, no_model))

        def ask(text: str, by: By = "both") -> tuple[Hit, ...]:
            return finish(search.hits(as_asked(text), Wish(SHOWN, by, wait=True, joined=True), Cancel()))

        first = time.perf_counter()
        ask(warming[0])
        first_s = time.perf_counter() - first
        for text in warming:
            ask(text)
        index = embedders.searched().index
        kinds: dict[str, Callable[[str], object]] = {
            "fused": ask,
            "fused, a letter wrong": lambda text: ask(misspelt(text)),
            "words": lambda text: ask(text, "words"),
            "meaning": lambda text: ask(text, "meaning"),
            "vectors": lambda text: index.search(known.of(text), NEAREST),
            "quotes, by words alone": lambda text: quotes.answer(text, ask(text, "words"), rows.passages, 5, None),
        }
        times = {kind: [timed_ms(work, text) for text in questions] for kind, work in kinds.items()}
        truth = exact(library, cloud, asked, NEAREST)[WARMING : WARMING + count]
        found = [{id_ for id_, _ in index.search(known.of(text), NEAREST)} for text in questions]
        recall = sum(len(one & set(real)) for one, real in zip(found, truth.tolist(), strict=True)) / truth.size
        resident = process.memory_info().rss
        others = {
            "opening the store": (opened_s, "s"),
            "first search, which reads the index": (first_s, "s"),
            "memory of the open store and index": ((resident - before) / MIB, "MiB"),
            "its peak": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - before / MIB, "MiB"),
            "size on disk": (library.vault.path.stat().st_size / MIB, "MiB"),
            "passages kept by words": (library.passages / max(library.took["words_s"], 1e-9), "passages/s"),
            "vectors kept": (library.passages / max(library.took["vectors_s"], 1e-9), "vectors/s"),
        }
        library.close()
        others |= changed(size, writer, cloud, Path(folder))
    return Found(size, times, recall, others)


def changed(size: int, writer: Writer, cloud: Cloud, folder: Path) -> dict[str, tuple[float, str]]:
    """What adding, removing and erasing a document of sixty passages takes, in a copy of the store."""
    shutil.copyfile(FOLDER / str(size) / STORE, folder / STORE)
    vault = Vault(folder / STORE, KEY)
    rows = DocumentRows(vault)
    index = MeaningIndex(rows.vectors, NAME)
    index.search(cloud.block(0)[0], NEAREST)
    last = rows.passages.count()
    took: dict[str, list[float]] = {"added": [], "removed": [], "erased": []}

    def add(one: Settled, vectors: Floats) -> None:
        rows.settle([one])
        ids = [id_ for id_, _ in rows.vectors.lacking(NAME, last, len(vectors))]
        made = {id_: vector(id_, row) for id_, row in zip(ids, vectors, strict=False)}
        kept = rows.vectors.keep(NAME, made)
        index.add(kept, [made[id_].bits for id_ in kept])

    for number in range(CHANGED_FROM, CHANGED_FROM + CHANGES):
        one = document(writer, number)
        took["added"].append(timed_ms(add, one, cloud.block(number)))
        ids = [found.id for found in rows.by_path([one.facts.path]).values()]
        took["removed"].append(timed_ms(lambda ids: index.forget(rows.remove(ids)), ids))
        took["erased"].append(timed_ms(rows.erase, ids))
    merged_ms = timed_ms(rows.passages.erase_words, lambda: None)
    vault.close()
    return {
        **{f"a document of sixty passages {what}, p50": (statistics.median(ms), "ms") for what, ms in took.items()},
        "erased words merged away, once after any number": (merged_ms / 1000, "s"),
    }


def embedding_ms() -> float:
    """The milliseconds of a question's own vector, by the embedding model that Hanare comes with."""
    texts = [text for text in read(ENGLISH).questions if len(text.split()) in WORDS][:50]
    with tempfile.TemporaryDirectory() as folder:
        places = Places(Path(folder))
        built_in = BuiltIn(places.built_in, places.private)
        embedder = Embedder(places.private, built_in.load, loaded=built_in.loaded)
        try:
            embedder.vectors(texts[:1], Cancel(), question=True)
            return statistics.median(
                timed_ms(lambda text: embedder.vectors((text,), Cancel(), question=True), text) for text in texts
            )
        finally:
            embedder.close()


def misspelt(text: str) -> str:
    """The text with two letters in the middle of its longest word swapped."""
    word = max(re.findall("[A-Za-z]+", text), key=len)
    middle = len(word) // 2
    return text.replace(word, word[: middle - 1] + word[middle] + word[middle - 1] + word[middle + 1 :])


def timed_ms(work: Callable[..., object], *values: object) -> float:
    """The milliseconds that `work` takes."""
    started = time.perf_counter()
    work(*values)
    return (time.perf_counter() - started) * 1000


def as_asked(text: str) -> Asked:
    """A question as the search takes it; there are no collections."""
    return read_search(text, no_collection)


def no_collection(name: str) -> Grouped:
    """None is there."""
    raise NotFound(what="collection", which=name)


def no_model(model_id: int) -> Model:
    """There is no library of models here."""
    raise NotFound(what="model", which=model_id)


if __name__ == "__main__":
    raise SystemExit(main())
