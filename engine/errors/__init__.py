"""What can go wrong in a way the person can act on: one class per situation, with its facts (see `failing`).

One file for each part of the program; all errors are had from here. The desktop adds the advice
(`desktop/error_text.py`). Bugs stay ordinary ValueError and AssertionError, which nobody catches. An error crosses a
process border as its code and its facts, and is rebuilt by `rebuilt`.
"""

import errno
from contextlib import suppress
from pathlib import Path
from typing import Any

from engine.errors.answers import *
from engine.errors.documents import *
from engine.errors.documents import FileMissing, FileNotReadable
from engine.errors.failing import Cancelled as Cancelled
from engine.errors.failing import EngineError as EngineError
from engine.errors.hub import *
from engine.errors.models import *
from engine.errors.store import *
from engine.errors.store import DiskFull
from engine.errors.workers import *
from engine.errors.workers import WorkerDied

MOST_FACT = 4096  # characters of one fact that another process reports, as long as a path may be

KINDS: dict[str, type[EngineError]] = {kind.__name__: kind for kind in EngineError.__subclasses__()}


def rebuilt(code: str, facts: dict[str, Any]) -> EngineError:
    """The error a process reported; one that cannot be ours is shown as a worker that failed. Long facts are cut."""
    facts = {name: fact[:MOST_FACT] if isinstance(fact, str) else fact for name, fact in facts.items()}
    if code in KINDS:
        with suppress(KeyError, TypeError, ValueError, OverflowError):
            return KINDS[code](**facts)
    return WorkerDied(process="helper", how=f"{code[:80]} {facts.get('why', '')}".strip())


def from_os_error(error: OSError, path: Path) -> EngineError:
    """The typed error for what the operating system said about `path`."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(where=str(path))
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return FileMissing(path=str(path))
    return FileNotReadable(path=str(path), why=(error.strerror or str(error)).lower())
