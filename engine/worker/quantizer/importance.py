"""Has a model read a text and measures which of its weights that uses.

The text is read as llama-imatrix reads it; see `reading`.
"""

from collections.abc import Callable
from pathlib import Path

from engine.errors import from_os_error
from engine.worker.model.threads import Threads
from engine.worker.quantizer.collector import Collector
from engine.worker.quantizer.gate import Gate
from engine.worker.quantizer.matrix_file import write
from engine.worker.quantizer.reading import Reader, cut


def measured(
    path: str,
    to: Path,
    text: str,
    *,
    chunks: int,
    chunk_tokens: int,
    threads: Threads,
    called: str,
    gate: Gate,
    loading: Callable[[float], None],
    read: Callable[[int, int], None],
) -> tuple[int, int]:
    """Write the importance matrix of `text` into `to`; of how many pieces, and for how many tensors.

    `read` hears of how many tokens are done, of how many. Raises `TextNotAccepted` for too short a text,
    `ModelNotUsable`, `DiskFull`, `FileNotReadable`.
    """
    collector = Collector()
    # Every token's outcome is asked for: else the last layer reads none.
    reader = Reader(path, chunk_tokens, threads, loading, hears=collector.callback)
    try:
        pieces = cut(reader.tokens(text), chunk_tokens, chunks)
        for done, piece in enumerate(pieces, start=1):
            gate.passed()
            collector.begin()
            reader.read(piece)
            collector.check()
            read(done * chunk_tokens, len(pieces) * chunk_tokens)
    finally:
        reader.close()
    try:
        write(to, collector.sums, len(pieces), chunk_tokens, called)
    except OSError as error:
        raise from_os_error(error, to) from error
    return len(pieces), len(collector.sums)
