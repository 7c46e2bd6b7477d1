"""Making the vectors that a model lacks. The same text is read once: its vector serves wherever the text stands."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence

from engine.documents.embedders import Searched
from engine.documents.embedding import Embedder
from engine.documents.meaning import Floats, packed
from engine.events import Progressed
from engine.operation import Cancel, Operation
from engine.store.vectors import Vector, VectorRows

POOL = 64  # passages looked at together; their texts are sorted by length: equal lengths are embedded fastest
BATCH = 8  # embedded and kept together; a question waits for one batch at most
Make = Callable[[Sequence[str], int, Cancel], Floats]  # texts, how many passages are still to come; unit vectors


def alone(embedder: Embedder) -> Make:
    """The one process of a model makes all."""
    return lambda texts, left, cancel: embedder.vectors(texts, cancel)


def prepare(rows: VectorRows, chosen: Searched, make: Make, cancel: Cancel) -> Operation[int]:
    """Make what is lacking, batch by batch; of how many passages that was. Yields and raises as `Documents.embed`."""
    name, started, after, done = chosen.known.name, time.monotonic(), 0, 0
    total = rows.count_lacking(name)
    while pool := rows.lacking(name, after, POOL):
        after = pool[-1][0]
        standing: dict[str, list[int]] = {}
        for id_, text in pool:
            standing.setdefault(text, []).append(id_)
        made = {text: vector for text in standing if (vector := rows.made_of(name, _digest(text)))}
        lacking = sorted((text for text in standing if text not in made), key=len)
        _keep(rows, chosen, standing, made)
        done += sum(len(standing[text]) for text in made)
        for first in range(0, len(lacking), BATCH):
            yield _progress(done, max(total, done), started)
            cancel.check()
            batch = lacking[first : first + BATCH]
            _keep(rows, chosen, standing, _packed(chosen, batch, make(batch, max(0, total - done), cancel)))
            done += sum(len(standing[text]) for text in batch)
        yield _progress(done, max(total, done), started)
        cancel.check()
    return done


# Its own affairs.


def _packed(chosen: Searched, texts: Sequence[str], vectors: Floats) -> dict[str, Vector]:
    return {
        text: Vector(*packed(vector, chosen.centre), _digest(text)) for text, vector in zip(texts, vectors, strict=True)
    }


def _keep(rows: VectorRows, chosen: Searched, standing: dict[str, list[int]], made: dict[str, Vector]) -> None:
    """Keep the vectors of some texts for every passage that they stand in, those that are still there."""
    wanted = {id_: vector for text, vector in made.items() for id_ in standing[text]}
    if wanted:
        kept = rows.keep(chosen.known.name, wanted)
        chosen.index.add(kept, [wanted[id_].bits for id_ in kept])


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _progress(done: int, total: int, started: float) -> Progressed:
    per_s = done / max(time.monotonic() - started, 1e-9) if done else 0.0
    left_s = (total - done) / per_s if per_s else None
    return Progressed(done=done, total=total, unit="passages", per_s=per_s, left_s=left_s)
