"""Adding a folder through the engine's public face, in a process in which nothing else was done, and what it took."""

import json
import resource
import sys
import time
from pathlib import Path
from typing import NamedTuple

from engine.documents import Documents
from engine.operation import Cancel, finish
from engine.places import Places
from engine.store.documents import DocumentRows
from engine.store.vault import Vault

MIB = 2**20


class Added(NamedTuple):
    """Files, those that could not be read, seconds of a first and a second run, and peaks of memory in MiB."""

    files: int
    failed: int
    first_s: float
    again_s: float
    engine_mib: float
    reader_mib: float  # of the largest process that reads


def added(folder: Path, data: Path) -> Added:
    """Add `folder` to a new store in `data`, twice."""
    data.mkdir(parents=True)
    vault = Vault(data / "hanare.db", bytes(32))
    documents = Documents(DocumentRows(vault), Places(data))
    started = time.monotonic()
    first = finish(documents.add([folder], Cancel()))
    first_s = time.monotonic() - started
    started = time.monotonic()
    again = finish(documents.add([folder], Cancel()))
    again_s = time.monotonic() - started
    if again.unchanged != first.read:
        raise RuntimeError(f"{first.read} files were read, and {again.unchanged} known again")
    documents.close()
    vault.close()
    reader = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return Added(first.read, len(first.failed), first_s, again_s, peak_mib(), reader)


def peak_mib() -> float:
    """The most memory that this program has had; `getrusage` would count whoever started it, too."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))) / 1024


def say() -> None:
    """Add what the command line names, and write what it took to standard output."""
    print(json.dumps(added(Path(sys.argv[1]), Path(sys.argv[2]))))
