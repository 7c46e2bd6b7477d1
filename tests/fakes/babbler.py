"""A process that greets and then answers any request with hostile lines; the request's first text is the seed.

A path "flood" in a request gets the same page of text again and again, for as long as anybody listens.
"""

import json
import os
import sys

from engine import wire
from tests.reliability.hostile_frames import frames

FRAMES = 40  # enough that most rounds hold a line that is no message


def main() -> None:
    """Answer one request."""
    out = os.fdopen(os.dup(1), "wb", buffering=0)
    out.write(wire.line(wire.Hello(process="babbler")))
    for raw in sys.stdin.buffer:
        request = json.loads(raw)
        asked = os.path.basename(str(request.get("path") or (request.get("texts") or ["0"])[0]))
        while asked == "flood":
            out.write(wire.line(wire.PageRead(job=request["job"], number=1, text="x" * 1_000_000)))
        for line in frames(int(asked), FRAMES):
            out.write(line)


if __name__ == "__main__":
    main()
