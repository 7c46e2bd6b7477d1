"""Has llama.cpp write a model in another form, and sees to it that what is there in the end is whole.

The file is as llama-quantize writes it, byte by byte. Whoever asks gives it its name only when it is on the disk.
"""

import contextlib
import ctypes
import hashlib
import os
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import llama_cpp as lib

from engine.errors import MatrixNeeded, MatrixNotUsable, ModelNotMade, NotEnoughRoom, from_os_error
from engine.quantizations import Recipe
from engine.worker.model.llama import complaints
from engine.worker.quantizer.beside import Beside
from engine.worker.quantizer.gate import Gate
from engine.worker.quantizer.matrix import Matrix
from engine.worker.quantizer.parameters import Parameters
from engine.worker.quantizer.trial import Plan, head_bytes, reason, tried

ROOM_LEFT_BYTES = 64 << 20  # on the disk beside the new file: other programs write too
LOOK_S = 0.25
WAITING_BYTES = 64 << 20  # written and not yet on the disk: more is sent there while the work goes on
MB = 1_000_000
_WRITE_FAILED = "iostream error"  # all that is told of a write that the system refused
_MORE_BYTES = 1 << 20

Moved = Callable[[int, int], None]


def made(
    parts: Sequence[str], to: Path, recipe: Recipe, matrix: Matrix | None, threads: int, gate: Gate, moved: Moved
) -> tuple[int, int]:
    """Write the model in `parts` into `to` by the recipe; its size in bytes, and how many tensors the matrix lacks.

    `moved` hears how many of the file's bytes are written, of how many. Raises `ModelNotMade` with llama.cpp's reason,
    `MatrixNeeded`, `NotEnoughRoom` before anything is written, `DiskFull`, `FileNotReadable`.
    """
    raw = [os.fsencode(part) for part in parts]
    head = Beside(lambda: head_bytes(raw, matrix))
    plan = tried(raw[0], raw, recipe, recipe.quantization, matrix, head.result)
    _check(parts[0], to, recipe, matrix, plan)
    parameters = Parameters(recipe, recipe.quantization, threads=threads, matrix=matrix)
    complaints.forget()
    before, complaints.overheard = complaints.overheard, lambda text: gate.passed()
    try:
        with _watched(to, plan.size_bytes, moved):
            status = lib.llama_model_quantize(raw[0], os.fsencode(to), ctypes.byref(parameters.raw))
    finally:
        complaints.overheard = before
    if status:
        _fail(parts[0], to)
    _sync(to)
    if recipe.pruned:
        _check_loads(to)
    lacking = {one.name for one in plan.tensors if one.becomes != one.form} - set(matrix.importance) if matrix else ()
    return to.stat().st_size, len(lacking)


def hashed(path: Path) -> str:
    """The SHA-256 of a file. Raises `FileMissing`, `FileNotReadable`."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise from_os_error(error, path) from error


def _check(path: str, to: Path, recipe: Recipe, matrix: Matrix | None, plan: Plan) -> None:
    if plan.loses_again and not recipe.again:
        raise ModelNotMade(path=path, why="its weights are quantized already, and would lose a second time")
    if plan.needs_matrix and matrix is None:
        raise MatrixNeeded(quantization=recipe.quantization)
    if matrix is not None and not recipe.pruned:  # without layers the others are called otherwise
        _check_matrix(matrix, plan)
    free = shutil.disk_usage(to.parent).free
    if free < plan.size_bytes + ROOM_LEFT_BYTES:
        need_mb = (plan.size_bytes + ROOM_LEFT_BYTES) / MB
        raise NotEnoughRoom(where=str(to.parent), need_mb=need_mb, free_mb=free / MB)


def _check_matrix(matrix: Matrix, plan: Plan) -> None:
    sizes = {one.name: one.inputs for one in plan.tensors}
    if not any(sizes.get(name) == values.size for name, values in matrix.importance.items()) or any(
        sizes.get(name, values.size) != values.size for name, values in matrix.importance.items()
    ):
        raise MatrixNotUsable(path=matrix.file, why="it was measured with another model")


def _fail(path: str, to: Path) -> None:
    why = reason()
    if _WRITE_FAILED in why:  # the system tells the reason to whoever tries again
        try:
            with to.open("ab") as file:
                file.write(bytes(_MORE_BYTES))
        except OSError as error:
            raise from_os_error(error, to.parent) from error
    raise ModelNotMade(path=path, why=why)


def _send(path: Path) -> None:
    """Have what is written so far go to the disk. Nothing depends on it: the whole file is waited for at its end."""
    if hasattr(os, "fdatasync"):
        with contextlib.suppress(OSError), path.open("rb") as file:
            os.fdatasync(file.fileno())


def _sync(path: Path) -> None:
    try:
        with path.open("rb") as file:
            os.fsync(file.fileno())
    except OSError as error:
        raise from_os_error(error, path) from error


def _check_loads(path: Path) -> None:
    """Raise `ModelNotMade` where llama.cpp would not take the new model; no weight is read for it."""
    params = lib.llama_model_default_params()
    params.no_alloc, params.load_mode = True, 0
    complaints.forget()
    model = lib.llama_model_load_from_file(os.fsencode(path), params)
    if not model:
        raise ModelNotMade(path=str(path), why=f"without those layers llama.cpp does not load it: {complaints.why()}")
    lib.llama_model_free(model)


@contextmanager
def _watched(path: Path, total: int, moved: Moved) -> Iterator[None]:
    """While inside, tell now and then how much of the file there is."""
    over = threading.Event()

    def look() -> None:
        told, sent = -1, 0
        while not over.wait(LOOK_S):
            try:
                size = min(path.stat().st_size, total)
            except OSError:  # it is not there yet
                continue
            if size != told:
                told = size
                moved(size, total)
            if size - sent > WAITING_BYTES:
                sent = size
                _send(path)

    thread = threading.Thread(target=look, name="progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
