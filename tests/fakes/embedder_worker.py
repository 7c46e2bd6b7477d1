"""An embedder without torch: the real wire, vectors made by hashing groups of three characters.

`Embedder(private, module="tests.fakes.embedder_worker")` starts it. Texts that share letters
are near each other, which is all a test of the window needs.
"""

import base64
import zlib

import numpy as np

from engine import wire
from engine.worker.desk import Desk

DIMENSIONS = 384


def vector(text: str) -> np.ndarray:
    """A unit vector."""
    counts = np.zeros(DIMENSIONS, np.float32)
    words = f"  {text.lower()}  "
    for place in range(len(words) - 2):
        counts[zlib.crc32(words[place : place + 3].encode()) % DIMENSIONS] += 1
    length = float(np.linalg.norm(counts))
    return counts / length if length else counts


def main() -> None:
    """Serve until the engine lets go."""
    desk = Desk("embedder")

    def embed(request: wire.Embed) -> None:
        rows = np.array([vector(text) for text in request.texts], "<f4").reshape(len(request.texts), DIMENSIONS)
        text = base64.b64encode(rows.tobytes()).decode("ascii")
        desk.report(wire.Embedded(job=request.job, vectors=text, dimensions=DIMENSIONS))

    desk.serve({wire.Embed: embed}, at_once={wire.Stop: lambda _: None})


if __name__ == "__main__":
    main()
