"""Takes texts, reports vectors, one request after another."""

import os
import tempfile
import threading

from engine import wire
from engine.errors import Cancelled
from engine.worker.desk import Desk
from engine.worker.embedder.model import DIMENSIONS, EmbeddingModel


def main() -> None:
    """Serve until the engine lets go."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["TRANSFORMERS_OFFLINE"] = "1"
    tempfile.tempdir = os.environ["TORCHINDUCTOR_CACHE_DIR"] = os.getcwd()  # named: else torch looks for one by writing
    desk = Desk("embedder")
    model = EmbeddingModel()
    stopped: set[int] = set()
    lock = threading.Lock()

    def stop(request: wire.Stop) -> None:
        with lock:
            stopped.add(request.job)

    def embed(request: wire.Embed) -> None:
        with lock:
            if request.job in stopped:  # stopped while it waited
                raise Cancelled
        vectors, cut = model.vectors(request.texts)
        desk.report(wire.Embedded(job=request.job, vectors=vectors, dimensions=DIMENSIONS, cut=cut))

    desk.serve({wire.Embed: embed}, at_once={wire.Stop: stop})


if __name__ == "__main__":
    main()
