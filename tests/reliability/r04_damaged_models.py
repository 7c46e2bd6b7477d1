"""Damaged, lying and disguised model files through the real model process: an answer or a typed error, app alive.

Every mutant of a real model is asked for an answer as a chat would ask it, with a text that holds every byte a
text can hold. A failure is an untyped exception, more than `MOST_S` for one file, or a well model that does not
answer within `AGAIN_S` after a process has died. Then pickles, ZIP archives and safetensors files are offered as
models: each must be refused with a typed reason when it is added and when it is loaded, and none may be executed.
"""

import dataclasses
import io
import json
import pickle
import random
import struct
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

from engine.engine import Cancel, Engine, Places, finish
from engine.errors import EngineError, ModelDamaged, WorkerDied
from engine.types import Model, Role, Turn, Wanted
from engine.worker.testmodels.making import SHAPES, write
from tests.fakes import tiny_gguf
from tests.fakes.gguf_mutants import Mutants
from tests.reliability.row import Outcome, Size, Tally

MUTANTS = {Size.CHANGE: 200, Size.NIGHT: 1000}
SEEDS = 12  # models that the mutants are made from
DISGUISED = 30
MOST_S, AGAIN_S = 5.0, 2.0
WIDE = "".join(map(chr, range(1, 0x100))) + "".join(map(chr, range(0x100, 0xD000, 0x340))) + "\U0001f3e1\U00100000"
WANTED = Wanted(context_tokens=2048, answer_tokens=4, temperature=0.8, seed=4, threads=1)


def run(size: Size) -> Outcome:
    """All in one engine."""
    tally = Tally("s for one file")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        with Engine.open(Places(folder / "data")) as engine:
            well = finish(engine.models.add(tiny_gguf.write(folder / "well.gguf"), Cancel()))
            tally.check(asked(engine, well) is None, "the well model does not answer at the beginning")
            for what, path in mutants(folder, MUTANTS[size]):
                tried(engine, dataclasses.replace(well, id=well.id + 1, path=path), what, well, tally)
                engine.runtime.unload(well.id + 1)
            offered(engine, folder, well, tally)
            wrong = asked(engine, well)
            tally.check(wrong is None, f"the well model does not answer at the end: {wrong}")
    return tally.outcome


def mutants(folder: Path, count: int) -> Iterator[tuple[str, Path]]:
    """Mutants of several models in turn."""
    rng, path = random.Random(4), folder / "mutant.gguf"
    write(SHAPES[1], folder / "test.gguf")
    origins = [folder / "test.gguf"]
    origins += [
        tiny_gguf.write(folder / f"{seed}.gguf", seed=seed, chatml_kind=3 + seed % 2) for seed in range(1, SEEDS)
    ]
    rows = [Mutants(origin.read_bytes(), rng) for origin in origins]
    for number in range(count):
        what, content = rows[number % SEEDS].next()
        path.unlink(missing_ok=True)
        path.write_bytes(content)
        yield f"mutant {number}, {what[:100]}", path


def tried(engine: Engine, mutant: Model, what: str, well: Model, tally: Tally) -> None:
    """Ask one mutant, and the well model after a death."""
    began = time.perf_counter()
    error = asked(engine, mutant)
    seconds = time.perf_counter() - began
    tally.saw(seconds)
    untyped = error is not None and not isinstance(error, EngineError)
    tally.check(not untyped and seconds <= MOST_S, f"{what}: {seconds:.1f} s {type(error).__name__} {error}"[:300])
    if isinstance(error, WorkerDied):
        engine.runtime.unload(well.id)  # a fresh process, as after any death
        began = time.perf_counter()
        again = asked(engine, well)
        seconds = time.perf_counter() - began
        tally.check(again is None and seconds <= AGAIN_S, f"after {what} ({error.how}): {seconds:.1f} s {again}"[:300])


def asked(engine: Engine, model: Model) -> Exception | None:
    """What came instead of an answer."""
    try:
        finish(engine.runtime.generate(model, [Turn(role=Role.USER, text=WIDE)], WANTED, Cancel()))
    except Exception as error:  # noqa: BLE001 - an untyped one is what this row looks for
        return error
    return None


class Bomb:
    """A pickle that writes a file when it is loaded."""

    def __init__(self, target: Path) -> None:
        self._target = target

    def __reduce__(self) -> tuple[object, tuple[str, str]]:
        return open, (str(self._target), "w")


def offered(engine: Engine, folder: Path, well: Model, tally: Tally) -> None:
    """Files of other kinds under a model's name."""
    bomb = folder / "executed"
    for number in range(DISGUISED):
        path = folder / f"disguised-{number}.gguf"
        path.write_bytes((pickled, zipped, tensors)[number % 3](bomb, number))
        for how in ("added", "loaded"):
            try:
                if how == "added":
                    finish(engine.models.add(path, Cancel()))
                else:
                    stranger = dataclasses.replace(well, id=well.id + 1, path=path)
                    finish(engine.runtime.generate(stranger, [Turn(role=Role.USER, text="a")], WANTED, Cancel()))
                tally.failed(f"file {number} was {how}")
            except ModelDamaged:
                tally.passed()
            except Exception as error:  # noqa: BLE001 - the row says which
                tally.failed(f"file {number}, {how}: {type(error).__name__}")
    tally.check(not bomb.exists(), "a pickle was executed")


def pickled(bomb: Path, number: int) -> bytes:
    """A pickle, in each protocol; some begin as a model does."""
    content = pickle.dumps(Bomb(bomb), protocol=number % (pickle.HIGHEST_PROTOCOL + 1))
    return b"GGUF" * (number % 2) + content


def zipped(bomb: Path, number: int) -> bytes:
    """An archive as PyTorch writes one, with the pickle inside."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps(Bomb(bomb)))
    return (b"GGUF\x03\0\0\0" if number % 2 else b"") + buffer.getvalue()


def tensors(bomb: Path, number: int) -> bytes:
    """A safetensors file."""
    header = json.dumps({"weight": {"dtype": "F32", "shape": [number], "data_offsets": [0, 4 * number]}}).encode()
    return (b"GGUF\x03\0\0\0" if number % 2 else b"") + struct.pack("<Q", len(header)) + header + b"\0" * 4 * number
