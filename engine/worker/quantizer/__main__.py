"""Serve `PreviewSizes`, `Quantize`, `MeasureImportance` and `MeasureCost`, one job in a process."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine import wire
from engine.errors import ModelNotMade
from engine.worker.desk import Desk, made
from engine.worker.model import process_limits
from engine.worker.model.files import parts
from engine.worker.model.threads import Threads
from engine.worker.quantizer import making
from engine.worker.quantizer.beside import Beside
from engine.worker.quantizer.gate import Gate
from engine.worker.quantizer.matrix import Matrix
from engine.worker.quantizer.trial import head_bytes, tried


class QuantizerDesk:
    """Does what is asked for, and rests when it is told to."""

    def __init__(self) -> None:
        """Say nothing yet; `serve` greets."""
        self._desk = Desk("quantizer")
        self._gate, self._threads = Gate(), Threads()

    def serve(self) -> None:
        """Work until the engine lets go."""
        self._desk.serve(
            {
                wire.PreviewSizes: self._preview,
                wire.Quantize: self._quantize,
                wire.MeasureImportance: self._measure,
                wire.MeasureCost: self._measure_cost,
            },
            at_once={wire.Pause: lambda request: self._gate.set(resting=request.resting)},
            given=_given,
        )

    def _preview(self, request: wire.PreviewSizes) -> None:
        raw = [os.fsencode(part) for part in parts(request.path)]
        matrix = Matrix(importance={}) if request.weighed else None
        head = Beside(lambda: head_bytes(raw, matrix))  # the same for all of them
        for quantization in request.quantizations:
            try:
                plan = tried(raw[0], raw, request, quantization, matrix, head.result)
            except ModelNotMade as error:
                told = wire.SizePreviewed(
                    job=request.job, quantization=quantization, size_bytes=0, why=error.facts["why"]
                )
            else:
                told = wire.SizePreviewed(
                    job=request.job, quantization=quantization, size_bytes=plan.size_bytes,
                    needs_matrix=plan.needs_matrix, otherwise=plan.otherwise,
                )  # fmt: skip
            self._desk.report(told)
        self._desk.report(wire.SizesPreviewed(job=request.job))

    def _quantize(self, request: wire.Quantize) -> None:
        def moved(done: int, total: int) -> None:
            self._desk.report(wire.Moved(job=request.job, done=done, total=total))

        matrix = None
        if request.matrix:
            from engine.worker.quantizer.matrix_file import read  # takes a while, and most models are made without

            matrix = read(Path(request.matrix))
        hashing = Beside(lambda: making.hashed(Path(request.path))) if request.hashes else None
        size_bytes, unweighed = making.made(
            parts(request.path), Path(request.to), request, matrix, _threads(request.threads), self._gate, moved
        )
        sha256 = hashing.result() if hashing else ""
        self._desk.report(
            wire.Quantized(job=request.job, size_bytes=size_bytes, sha256=sha256, unweighed=unweighed)
        )  # fmt: skip

    def _measure(self, request: wire.MeasureImportance) -> None:
        from engine.worker.quantizer import importance

        loading, done = self._told(request.job)
        self._threads.choose(request.threads)
        chunks, tensors = importance.measured(
            request.path, Path(request.to), request.text, chunks=request.chunks, chunk_tokens=request.chunk_tokens,
            threads=self._threads, called=request.called, gate=self._gate, loading=loading, read=done,
        )  # fmt: skip
        self._desk.report(wire.ImportanceMeasured(job=request.job, chunks=chunks, tensors=tensors))

    def _measure_cost(self, request: wire.MeasureCost) -> None:
        from engine.worker.quantizer.cost import Weighing

        loading, done = self._told(request.job)
        self._threads.choose(request.threads)
        weighing = Weighing(
            request.against, request.path, request.text, chunks=request.chunks, chunk_tokens=request.chunk_tokens,
            threads=self._threads, gate=self._gate, loading=loading, read=done,
        )  # fmt: skip
        lost = weighing.apart(Path(request.to)) if request.to else weighing.together()
        small, large = lost.small, lost.large
        self._desk.report(wire.CostMeasured(
            job=request.job, chunks=lost.chunks, words=lost.words, perplexity=small.perplexity,
            large_perplexity=large.perplexity, divergence=lost.divergence, divergence_99=lost.divergence_99,
            same=lost.same, reading_per_s=small.reading_per_s, large_reading_per_s=large.reading_per_s,
            writing_per_s=small.writing_per_s, large_writing_per_s=large.writing_per_s,
        ))  # fmt: skip

    def _told(self, job: int) -> tuple[Callable[[float], None], Callable[[int, int], None]]:
        """Who tells how much of a model is loaded, and how much of a text is read."""

        def loading(fraction: float) -> None:
            self._desk.report(wire.Loading(job=job, fraction=fraction))

        def done(tokens: int, total: int) -> None:
            self._desk.report(wire.Reading(job=job, done=tokens, total=total))

        return loading, done


def _threads(wished: int) -> int:
    return wished or os.cpu_count() or 1


def _given(request: Any) -> tuple[str, ...]:
    """The files that the first request is about, and the folder that it writes in."""
    if not hasattr(request, "path"):
        return ()
    matrix = (request.matrix,) if isinstance(request, wire.Quantize) and request.matrix else ()
    other = parts(request.against) if isinstance(request, wire.MeasureCost) else ()
    to = getattr(request, "to", "")
    return (*parts(request.path), *other, *matrix, *(made(os.path.dirname(to)) if to else ()))


def main() -> None:
    """Run as `python -m engine.worker.quantizer`."""
    process_limits.be_expendable()
    os.environ.pop("LLAMA_CPP_LIB_PATH", None)
    QuantizerDesk().serve()


if __name__ == "__main__":
    main()
