"""Takes pictures of pages as grey points, reports their words, one picture after another."""

import base64
import os
import zlib

from engine import wire
from engine.errors import NotFound
from engine.worker.desk import Desk
from engine.worker.memory import limit_memory
from engine.worker.ocr.library import Library, found
from engine.worker.ocr.turning import upright_words

MOST_MEMORY_BYTES = 1536 * 1024 * 1024  # a large page in several languages takes some hundred MiB


def main() -> None:
    """Serve until the engine lets go."""
    os.environ["OMP_THREAD_LIMIT"] = "1"  # more threads gain little, and the computer is the person's
    desk = Desk("ocr")
    limit_memory(MOST_MEMORY_BYTES)
    library: Library | None = None

    def find(request: wire.FindOcr) -> None:
        nonlocal library
        library = library or found()
        version, languages = (library.version, library.languages) if library else ("", ())
        desk.report(wire.OcrFound(job=request.job, version=version, languages=languages))

    def recognize(request: wire.Recognize) -> None:
        nonlocal library
        library = library or found()
        grey = _points(request)
        if library is None:
            raise NotFound(what="program", which="Tesseract")
        words = upright_words(library, grey, request.width, request.height, request.dpi, request.languages)
        desk.report(wire.Recognized(job=request.job, words=words))

    desk.serve({wire.FindOcr: find, wire.Recognize: recognize})


def _points(request: wire.Recognize) -> bytes:
    """A byte for each point, no more. Raises `ValueError` for fewer, and for what is packed in no way of ours."""
    size = request.width * request.height
    try:
        points = zlib.decompressobj().decompress(base64.b64decode(request.grey, validate=True), size + 1)
    except zlib.error as error:
        raise ValueError("the picture is packed in another way") from error
    if len(points) != size:
        raise ValueError("a picture of another size")
    return points


if __name__ == "__main__":
    main()
