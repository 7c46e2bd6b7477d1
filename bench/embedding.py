"""How fast texts become vectors, and what it costs: llama.cpp beside sentence-transformers, the same model, one thread.

    python -m bench.embedding [--passages N] [--rounds N]

Both run as the product runs them, in processes of their own behind their walls. Passages and questions are XQuAD's.
The two take turns, lot by lot, so that whatever else the computer does meets both. A second of the processor is
counted beside a second of the clock: on a busy computer it is the fairer of the two.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import psutil

from bench.collection import ENGLISH, JAPANESE, read
from bench.report import Row, against, publish, skip
from engine.documents.built_in import BuiltIn
from engine.documents.chunks import passages
from engine.documents.embedding import Embedder
from engine.documents.library_trial import SAME
from engine.operation import Cancel
from engine.places import Places

BATCH = 8  # as `Documents.embed` asks


class Measured:
    """One of the two, and what it took so far."""

    def __init__(self, embedder: Embedder, warming: Sequence[str]) -> None:
        self.embedder = embedder
        started = time.monotonic()
        embedder.vectors(warming, Cancel())
        self.start_s = time.monotonic() - started
        process = embedder._kept._process
        assert process is not None
        self._process = psutil.Process(process.pid)

    def lot(self, texts: Sequence[str], *, one_by_one: bool = False) -> tuple[float, float, np.ndarray]:
        """Seconds, processor seconds, vectors. Passages come sorted by length, as the product sorts them."""
        size = 1 if one_by_one else BATCH
        order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
        rows: dict[int, np.ndarray] = {}
        started, used = time.monotonic(), self._used()
        for first in range(0, len(order), size):
            some = order[first : first + size]
            found = self.embedder.vectors([texts[index] for index in some], Cancel(), question=one_by_one)
            rows.update(zip(some, found, strict=True))
        return time.monotonic() - started, self._used() - used, np.array([rows[index] for index in range(len(texts))])

    @property
    def resident_mib(self) -> float:
        """What of it lies in memory now."""
        return self._process.memory_info().rss / 2**20

    def _used(self) -> float:
        times = self._process.cpu_times()
        return times.user + times.system


def main() -> int:
    """Run it; 1 where a bar does not hold."""
    wanted = argparse.ArgumentParser()
    wanted.add_argument("--passages", type=int, default=64, help="in one lot")
    wanted.add_argument("--rounds", type=int, default=5)
    given = wanted.parse_args()
    if not ENGLISH.exists() or not JAPANESE.exists():
        return skip("embedding", f"{ENGLISH.name} or {JAPANESE.name} is not there")
    english = read(ENGLISH)
    texts = [text[start:end] for text in english.texts for start, end in passages(text)]
    asked = english.questions
    japanese = [text.replace("[SEP]", "") for text in read(JAPANESE).texts[: given.passages]]
    with tempfile.TemporaryDirectory() as folder:
        places = Places(Path(folder))
        built_in = BuiltIn(places.built_in, places.private)
        made = time.monotonic()
        built_in.load(Cancel())
        made_s = time.monotonic() - made
        ours = Measured(Embedder(places.private, built_in.load, loaded=built_in.loaded), texts[:1])
        theirs = Measured(Embedder(places.private), texts[:1])
        try:
            return publish("embedding", [*compared(ours, theirs, texts, asked, japanese, given),
                                         Row(measure="the file is made, once", ours=made_s, unit="s")])  # fmt: skip
        finally:
            ours.embedder.close()
            theirs.embedder.close()


def compared(
    ours: Measured, theirs: Measured, texts: list[str], asked: list[str], japanese: list[str], given: argparse.Namespace
) -> list[Row]:
    """The rows of the table."""
    rows = [
        against("ready after its start", ours.start_s, theirs.start_s, "s", at_least=1.0,
                ratio=theirs.start_s / ours.start_s),
    ]  # fmt: skip
    nearest = 1.0
    for name, source, one_by_one, count in (
        ("passages", texts, False, given.passages), ("questions", asked, True, given.passages),
    ):  # fmt: skip
        clock: list[tuple[float, float]] = []
        processor: list[tuple[float, float]] = []
        for round_ in range(given.rounds):
            lot = source[round_ * count : (round_ + 1) * count]
            a, b = ours.lot(lot, one_by_one=one_by_one), theirs.lot(lot, one_by_one=one_by_one)
            clock.append((a[0], b[0]))
            processor.append((a[1], b[1]))
            nearest = min(nearest, float((a[2] * b[2]).sum(axis=1).min()))
        for unit, took in (("a second", clock), ("a processor second", processor)):
            rows.append(
                Row(measure=f"{name} {unit}", ours=count / statistics.median(one for one, _ in took),
                    reference=count / statistics.median(other for _, other in took),
                    ratio=statistics.median(other / one for one, other in took if one), unit=name)
            )  # fmt: skip
    nearest = min(nearest, float((ours.lot(japanese)[2] * theirs.lot(japanese)[2]).sum(axis=1).min()))
    return [
        *rows,
        against("resident memory", ours.resident_mib, theirs.resident_mib, "MiB", at_least=1.0,
                ratio=theirs.resident_mib / ours.resident_mib),
        Row(measure="least cosine between the two", ours=nearest, unit="", bar=SAME, holds=nearest >= SAME),
    ]  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(main())
