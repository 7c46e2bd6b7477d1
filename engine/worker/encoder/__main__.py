"""Holds one embedding, reranking or entailment model; takes texts, reports vectors, scores or what is likely."""

import base64
import hashlib
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine import wire
from engine.errors import Cancelled, ModelNotUsable, from_os_error
from engine.worker.desk import Desk
from engine.worker.encoder.encoder import Encoder
from engine.worker.encoder.texts import Texts
from engine.worker.model import process_limits
from engine.worker.model.files import parts
from engine.worker.model.llama import Flag
from engine.worker.model.threads import Threads

NONE_YET = "none is loaded yet"


class EncoderDesk:
    """Holds the model and the flag that stops the job at work."""

    def __init__(self) -> None:
        """Say nothing yet; `serve` greets."""
        self._desk = Desk("encoder")
        self._flag = Flag()
        self._encoder: Encoder | None = None
        self._texts: Texts | None = None
        self._threads = Threads()
        self._stopping = threading.Lock()
        self._working = 0  # the job at work
        self._stopped: set[int] = set()  # while they waited

    def serve(self) -> None:
        """Work until the engine lets go."""
        self._desk.serve(
            {
                wire.Load: self._load,
                wire.Embed: self._embed,
                wire.Rerank: self._rerank,
                wire.Classify: self._classify,
            },
            at_once={wire.Stop: self._stop},
            given=lambda request: parts(request.path) if isinstance(request, wire.Load) else (),
        )

    def _load(self, request: wire.Load) -> None:
        def loading(fraction: float) -> None:
            self._desk.report(wire.Loading(job=request.job, fraction=fraction))

        with self._at_work(request.job):
            if self._encoder is not None:
                self._encoder.close()
                self._encoder = self._texts = None
            process_limits.limit_data(request.need_bytes)
            sha256 = self._hashed(request.path)
            self._threads.choose(request.threads, battery=request.battery)
            encoder = Encoder(request.path, request.context_tokens, max(1, request.threads), self._flag, loading)
            self._encoder, self._texts = encoder, Texts(encoder, Path(request.path).stem)
        self._desk.report(
            wire.Loaded(
                job=request.job, context_tokens=encoder.longest, threads=request.threads, seconds=encoder.load_s,
                dimensions=encoder.dimensions, sha256=sha256, reads_japanese=self._texts.reads_japanese(),
            )
        )  # fmt: skip

    def _embed(self, request: wire.Embed) -> None:
        if self._encoder is None or self._texts is None or self._encoder.ranks:
            raise ModelNotUsable(
                path="a model", why="it rates texts and makes no vectors" if self._encoder else NONE_YET
            )
        with self._at_work(request.job):
            rows, cut = self._texts.embeddable(request.texts, question=request.question)
            vectors = self._run(request.job, rows)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        raw = (vectors / np.maximum(lengths, 1e-12)).astype("<f4").tobytes()
        self._desk.report(
            wire.Embedded(
                job=request.job, vectors=base64.b64encode(raw).decode("ascii"), dimensions=self._encoder.dimensions,
                cut=cut,
            )
        )  # fmt: skip

    def _rerank(self, request: wire.Rerank) -> None:
        if self._encoder is None or self._texts is None or not self._encoder.ranks:
            raise ModelNotUsable(
                path="a model", why="it makes vectors and rates nothing" if self._encoder else NONE_YET
            )
        with self._at_work(request.job):
            rows, cut = self._texts.rankable(request.question, request.texts)
            scores = self._run(request.job, rows)[:, 0]
        self._desk.report(wire.Reranked(job=request.job, scores=tuple(map(float, scores)), cut=cut))

    def _classify(self, request: wire.Classify) -> None:
        if self._encoder is None or self._texts is None or not self._encoder.labels:
            raise ModelNotUsable(path="a model", why="it has no labels" if self._encoder else NONE_YET)
        with self._at_work(request.job):
            rows, cut = self._texts.paired(request.pairs)
            logits = self._run(request.job, rows)
        likely = np.exp(logits - logits.max(axis=1, keepdims=True))
        likely /= likely.sum(axis=1, keepdims=True)
        found = tuple(tuple(map(float, row)) for row in likely)
        self._desk.report(wire.Classified(job=request.job, labels=self._encoder.labels, rows=found, cut=cut))

    def _run(self, job: int, rows: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        assert self._encoder is not None

        def read(done: int, total: int) -> None:
            self._desk.report(wire.Reading(job=job, done=done, total=total))

        return self._encoder.run(rows, self._threads, read)

    @contextmanager
    def _at_work(self, job: int) -> Iterator[None]:
        """While inside, a Stop of `job` raises the flag. Raises `Cancelled` where it was stopped before."""
        with self._stopping:
            if job in self._stopped:
                self._stopped.discard(job)
                raise Cancelled
            self._flag.lower()
            self._working = job
        try:
            yield
        finally:
            with self._stopping:
                self._working = 0

    def _hashed(self, path: str) -> str:
        """The SHA-256 of the model's files, one after the other. It also brings them into memory for what follows."""
        whole = hashlib.sha256()
        for part in parts(path):
            try:
                with open(part, "rb", buffering=0) as file:
                    while block := file.read(1 << 20):
                        whole.update(block)
                        if self._flag.raised:
                            raise Cancelled
            except OSError as error:
                raise from_os_error(error, Path(part)) from error
        return whole.hexdigest()

    # On the pipe's own thread, while the above is at work.

    def _stop(self, request: wire.Stop) -> None:
        with self._stopping:
            if request.job == self._working:
                self._flag.raise_it()
            else:
                self._stopped.add(request.job)


def main() -> None:
    """Run as `python -m engine.worker.encoder`."""
    process_limits.be_expendable()
    os.environ.pop("LLAMA_CPP_LIB_PATH", None)
    EncoderDesk().serve()


if __name__ == "__main__":
    main()
