"""The smaller file, made by the program's own quantizer, and what that cost."""

import shutil
from pathlib import Path

from engine.engine import Cancel, Engine, Places, finish
from engine.quantizations import Recipe
from guide_model.checking import agreement

QUANTIZATION = "Q8_0"
SMALLEST = "Q4_0"  # what the stages of learning are kept in, for comparing: they need not be right
MOST_BYTES = 12_000_000


class TooLarge(Exception):
    """The file is larger than the program has room for."""

    def __init__(self, path: Path, size_bytes: int) -> None:
        super().__init__(f"{path.name} has {size_bytes:,} bytes; {MOST_BYTES:,} are the most.")


def shrink(source: Path, to: Path, folder: Path, quantization: str = QUANTIZATION) -> int:
    """Make `to` of `source`, with a data folder in `folder` that is thrown away; its size in bytes.

    Raises what `Quantizing.quantize` does, and `TooLarge`.
    """
    data = folder / "quantizing"
    shutil.rmtree(data, ignore_errors=True)
    to.unlink(missing_ok=True)
    places = Places(data)
    places.make()
    try:
        with Engine.open(places) as engine:
            model = finish(engine.models.add(source, Cancel()))
            finish(engine.quantizing.quantize(model.id, Recipe(quantization=quantization), Cancel(), to=to))
    finally:
        shutil.rmtree(data, ignore_errors=True)
    size_bytes = to.stat().st_size
    if size_bytes > MOST_BYTES:
        raise TooLarge(to, size_bytes)
    return size_bytes


def cost(source: Path, smaller: Path, questions: list[str]) -> dict[str, float]:
    """Both files' sizes, how often they give the same answer, and the perplexity of one's answers to each."""
    _, itself = agreement(source, source, questions)
    same, perplexity = agreement(source, smaller, questions)
    return {
        "bytes_before": source.stat().st_size, "bytes_after": smaller.stat().st_size, "same_answers": same,
        "perplexity_before": itself, "perplexity_after": perplexity, "questions": len(questions),
    }  # fmt: skip
