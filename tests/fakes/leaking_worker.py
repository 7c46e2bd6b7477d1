"""A process that speaks the wire and wants to connect to every host it is given."""

import contextlib
import socket

from engine import wire
from engine.worker.desk import Desk


def embed(request: wire.Embed) -> None:
    """Begin as every connection by name begins."""
    for host in request.texts:
        with contextlib.suppress(PermissionError):
            socket.create_connection((host, 443))
    desk.report(wire.Embedded(job=request.job, vectors="", dimensions=0))


desk = Desk("model")
desk.serve({wire.Embed: embed})
