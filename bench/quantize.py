"""Making a model smaller, what matters in it and what it cost, beside llama-quantize, -imatrix and -perplexity.

The same model (a real shape and vocabulary, random weights, F16) by turns through ours, as a person has it done (a
walled process is started, the file is checked, hashed, synced and added to the library), and through llama.cpp's own
program, as many threads each and at the same low priority. Bytes are compared file by file, with and without an
importance matrix; the size that is announced beforehand with the size that comes; each entry of the matrix with
llama-imatrix's of the same text; perplexity, KL divergence and how often both models choose the same word with
llama-perplexity's.
"""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import gguf
import numpy as np

from bench.reference import SHARED, TOOLS, missing, whole_model_file
from bench.report import Row, at_most, publish, skip
from engine.engine import Cancel, Engine, Places, finish
from engine.quantizations import QUANTIZATIONS, Recipe
from engine.quantize.asking import NICENESS
from engine.types import CostText, Importance, Model, TextOf

NAME = "quantize"
SLOWER = 1.05
CLOSE = 1e-3
ROUNDS = 3
TIMED = ("Q4_K_M", "Q8_0")
COMPARED = ("Q8_0", "Q6_K", "Q4_K_M", "Q4_0", "Q3_K_M")
COMPARED_WITH_MATRIX = ("Q4_K_M", "IQ4_XS", "IQ3_XXS")
CHUNKS, CHUNK_TOKENS = 12, 512
JUDGED, JUDGED_CHUNKS = "Q4_K_M", 16  # large enough a loss that the six decimals that are printed tell it
SAME = 1e-3
MATRIX = "matrix.gguf"


def main() -> int:
    """Compare, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shape", default="qwen2.5-0.5b", help="of the model that is timed")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    given = parser.parse_args()
    if why := missing("llama-quantize", "llama-imatrix", "llama-perplexity"):
        return skip(NAME, why)
    source, small = whole_model_file(given.shape), whole_model_file()
    with tempfile.TemporaryDirectory(dir=TOOLS) as temporary, Engine.open(Places(Path(temporary) / "data")) as engine:
        folder = Path(temporary)
        rows = timed(engine, finish(engine.models.add(source, Cancel())), folder, given.rounds)
        model = finish(engine.models.add(small, Cancel()))
        rows += measured(engine, model, folder)
        rows += compared(engine, model, folder)
        rows += judged(engine, model, folder)
    notes = (
        f"Timed: {source.stem}, {os.cpu_count()} threads, by turns, median of {given.rounds} pairs. The rest: "
        f"{small.stem}; a matrix of {CHUNKS} pieces of {CHUNK_TOKENS} tokens, {JUDGED} judged with {JUDGED_CHUNKS}."
    )
    return publish(NAME, rows, notes)


def timed(engine: Engine, model: Model, folder: Path, rounds: int) -> list[Row]:
    """Seconds for a whole model, ours and llama-quantize's by turns."""
    rows = []
    for quantization in TIMED:
        pairs = []
        for number in range(rounds):
            ours, theirs = folder / "ours.gguf", folder / "theirs.gguf"
            began = time.perf_counter()
            made = finish(engine.quantizing.quantize(model.id, Recipe(quantization=quantization), Cancel(), to=ours))
            between = time.perf_counter()
            quantized(model.path, theirs, quantization)
            pairs.append((between - began, time.perf_counter() - between))
            print(f"  {quantization} {number + 1}: {pairs[-1][0]:.2f} s, {pairs[-1][1]:.2f} s", file=sys.stderr)
            engine.models.remove(made.id)
            ours.unlink()
            theirs.unlink()
        ratio = statistics.median(ours_s / theirs_s for ours_s, theirs_s in pairs)
        rows.append(at_most(
            f"making {quantization}", statistics.median(one for one, _ in pairs),
            statistics.median(one for _, one in pairs), "s", bar=SLOWER, ratio=ratio,
        ))  # fmt: skip
    return rows


def measured(engine: Engine, model: Model, folder: Path) -> list[Row]:
    """The matrix of the same text, ours and llama-imatrix's: time, and the largest difference of an entry."""
    text = folder / "text.txt"
    text.write_text(paragraphs(), encoding="utf-8")
    ours, theirs = folder / MATRIX, folder / "theirs-matrix.gguf"
    wish = Importance(text=TextOf.FILE, path=text, chunks=CHUNKS)
    began = time.perf_counter()
    chunks = finish(engine.quantizing.measure(model.id, wish, ours, Cancel()))
    between = time.perf_counter()
    run("llama-imatrix", "-m", model.path, "-f", text, "-o", theirs, "--chunks", CHUNKS, "-c", CHUNK_TOKENS,
        "-t", os.cpu_count(), "--no-ppl")  # fmt: skip
    took = time.perf_counter() - between
    a, b = entries(ours), entries(theirs)
    differ = max(float((abs(a[name] - b[name]) / np.maximum(abs(b[name]), 1e-12)).max()) for name in b if name in a)
    return [
        at_most("measuring importance", between - began, took, "s", bar=SLOWER),
        Row(measure="pieces of text", ours=chunks, unit="", reference=CHUNKS, holds=chunks == CHUNKS),
        Row(measure="tensors measured", ours=len(a), unit="", reference=len(b), holds=set(a) == set(b)),
        Row(measure="largest difference of an entry", ours=differ, unit="", bar=CLOSE, holds=differ <= CLOSE),
    ]


def compared(engine: Engine, model: Model, folder: Path) -> list[Row]:
    """How many files are the same byte for byte, and how far the announced size is off."""
    same, off = 0, 0.0
    wishes = [(one, False) for one in COMPARED] + [(one, True) for one in COMPARED_WITH_MATRIX]
    for quantization, weighed in wishes:
        previews = finish(engine.quantizing.preview(
            model.id, Cancel(), weighed=weighed, quantizations=[quantization]
        ))  # fmt: skip
        ours, theirs = folder / "ours.gguf", folder / "theirs.gguf"
        importance = Importance(path=folder / MATRIX) if weighed else None
        made = finish(engine.quantizing.quantize(
            model.id, Recipe(quantization=quantization), Cancel(), importance=importance, to=ours
        ))  # fmt: skip
        quantized(model.path, theirs, quantization, folder / MATRIX if weighed else None)
        size = ours.stat().st_size
        same += ours.read_bytes() == theirs.read_bytes()
        off = max(off, abs(previews[0].size_bytes - size) / size)
        print(f"  {quantization} {'with' if weighed else 'without'} a matrix: {size:,} bytes", file=sys.stderr)
        engine.models.remove(made.id)
        ours.unlink()
        theirs.unlink()
    sizes = finish(engine.quantizing.preview(model.id, Cancel()))
    told = sum(bool(one.size_bytes) or refused(model.path, one.quantization) for one in sizes)
    return [
        Row(measure="files the same byte for byte", ours=same, unit="", reference=len(wishes),
            holds=same == len(wishes)),
        Row(measure="announced size off by at most", ours=100 * off, unit="%", bar=1.0, holds=off <= 0.01),
        Row(measure="forms announced, or refused as there", ours=told, unit="", reference=len(QUANTIZATIONS),
            holds=told == len(QUANTIZATIONS)),
    ]  # fmt: skip


def judged(engine: Engine, model: Model, folder: Path) -> list[Row]:
    """What a smaller model lost with the same text, ours and llama-perplexity's: time, and every figure."""
    text, base = folder / "text.txt", folder / "expected.kld"
    small = finish(engine.quantizing.quantize(model.id, Recipe(quantization=JUDGED), Cancel()))
    wish = CostText(text=TextOf.FILE, path=text, chunks=JUDGED_CHUNKS)
    began = time.perf_counter()
    cost = finish(engine.measuring.measure(small.id, Cancel(), text=wish))
    between = time.perf_counter()
    common = ("-c", CHUNK_TOKENS, "--chunks", JUDGED_CHUNKS, "-t", os.cpu_count(), "--kl-divergence-base", base)
    said = run("llama-perplexity", "-m", model.path, "-f", text, *common)
    said += run("llama-perplexity", "-m", small.path, "--kl-divergence", *common)
    took = time.perf_counter() - between
    engine.models.remove(small.id)
    rows = [at_most("measuring the cost", between - began, took, "s", bar=SLOWER)]
    for measure, ours, title in (
        ("perplexity of the large one", cost.large.perplexity, r"Final estimate: PPL ="),
        ("perplexity of the small one", cost.small.perplexity, r"Mean PPL\(Q\) *:"),
        ("KL divergence", cost.divergence, r"Mean    KLD:"),
        ("KL divergence, 99th percentile", cost.divergence_99, r"99\.0%   KLD:"),
        ("same word, in 100", 100 * cost.same, r"Same top p:"),
    ):
        found = re.search(rf"{title} *([\d.]+)", said)
        assert found is not None, title
        theirs = float(found[1])
        off = abs(ours / theirs - 1)
        rows.append(Row(measure=measure, ours=ours, unit="", reference=theirs, ratio=ours / theirs, bar=SAME,
                        holds=off <= SAME))  # fmt: skip
    return rows


def refused(source: Path, quantization: str) -> bool:
    """Whether llama-quantize does not make this form of a model either."""
    command = [str(TOOLS / "llama-quantize"), "--dry-run", str(source), quantization]
    return subprocess.run(command, check=False, capture_output=True).returncode != 0


def quantized(source: Path, to: Path, quantization: str, matrix: Path | None = None) -> None:
    """What llama-quantize makes. It writes into the file what it was called with, so the matrix has its bare name."""
    more = ("--imatrix", matrix.name) if matrix else ()
    run("llama-quantize", *more, source, to, quantization, os.cpu_count(), cwd=matrix.parent if matrix else None)


def run(program: str, *arguments: object, cwd: Path | None = None) -> str:
    """What one of llama.cpp's programs says, run to its end as humbly as ours works."""
    low = ["nice", "-n", str(NICENESS)] if shutil.which("nice") else []
    command = [*low, str(TOOLS / program), *map(str, arguments)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=cwd)
    return done.stdout.decode("utf-8", "replace")


def entries(path: Path) -> dict[str, np.ndarray]:
    """What a matrix holds for each tensor: the means."""
    found = {tensor.name: np.array(tensor.data) for tensor in gguf.GGUFReader(path).tensors}
    sums = {name.removesuffix(".in_sum2"): values for name, values in found.items() if name.endswith(".in_sum2")}
    return {name: values / np.maximum(found[f"{name}.counts"], 1) for name, values in sums.items()}


def paragraphs() -> str:
    """The paragraphs of XQuAD, in English."""
    data = json.loads((SHARED / "data/xquad/xquad.en.json").read_text(encoding="utf-8"))["data"]
    return "\n".join(paragraph["context"] for article in data for paragraph in article["paragraphs"])


if __name__ == "__main__":
    sys.exit(main())
